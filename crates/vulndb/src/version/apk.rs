//! Alpine's apk-tools: `digits{.digits}[letter]{_suffix[number]}[~hash][-rN]` (apk-package(5), "Package version").
//!
//! Behind an equal start, a pre-release suffix orders first, then what is not a version, then the end, then a revision, a suffix number, a post-release
//! suffix, a letter and a further number. A number with a leading zero, other than the first, orders as a fraction (`1.06` before `1.1`).

use super::key::{Builder, Key, is_number, split_while};

const PRE_SUFFIX: u8 = 1;
const INVALID: u8 = 2;
const END: u8 = 3;
const REVISION: u8 = 4;
const HASH: u8 = 5;
const SUFFIX_NUMBER: u8 = 6;
const POST_SUFFIX: u8 = 7;
const LETTER: u8 = 8;
const DIGITS: u8 = 9;

const PRE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
const POST: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

/// The stages of a version, in the order in which they may follow each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Digits,
    Letter,
    Suffix,
    Hash,
    Revision,
}

/// Tells whether the grammar has the text; the order has a place for any.
pub(super) fn is_version(text: &str) -> bool {
    walk(text).1
}

/// Returns the key; every text has one, what is not a version orders as such.
pub(super) fn key(version: &str) -> Key {
    walk(version).0
}

fn walk(version: &str) -> (Key, bool) {
    let mut valid = true;
    let mut key = Builder::default();
    let (first, mut rest) = split_while(version, |byte| byte.is_ascii_digit());
    key.number(first);
    let mut stage = Stage::Digits;
    loop {
        let Some(head) = rest.bytes().next() else {
            key.tag(END);
            break;
        };
        let tail = rest.get(1..).unwrap_or("");
        match head {
            b'.' if stage <= Stage::Letter
                && !tail.starts_with(|c: char| c.is_ascii_alphabetic()) =>
            {
                rest = digits(&mut key, tail);
                stage = Stage::Digits;
            }
            b'a'..=b'z' if stage == Stage::Digits => {
                key.tag(LETTER).tag(head);
                rest = tail;
                stage = Stage::Letter;
            }
            b'0'..=b'9' if stage == Stage::Letter => {
                rest = digits(&mut key, rest);
                stage = Stage::Digits;
            }
            b'_' if stage <= Stage::Suffix && suffix(tail).is_some() => {
                // Just matched: the fallback is unreachable.
                let (tag, rank, behind) = suffix(tail).unwrap_or((INVALID, 0, ""));
                let (number, behind) = split_while(behind, |byte| byte.is_ascii_digit());
                key.tag(tag).tag(rank);
                if is_number(number) {
                    key.tag(SUFFIX_NUMBER).number(number);
                }
                rest = behind;
                stage = Stage::Suffix;
            }
            b'~' if stage <= Stage::Suffix => {
                let (hash, behind) = split_while(tail, |byte| byte.is_ascii_hexdigit());
                key.tag(HASH).text(hash);
                rest = behind;
                stage = Stage::Hash;
            }
            b'-' if stage < Stage::Revision && revision(tail).is_some() => {
                let (number, behind) = revision(tail).unwrap_or(("", ""));
                key.tag(REVISION).number(number);
                rest = behind;
                stage = Stage::Revision;
            }
            _ => {
                valid = false;
                key.tag(INVALID);
                // apk holds equal whatever follows a revision; elsewhere the text decides, so that the order is total.
                if stage < Stage::Revision {
                    key.text(rest);
                }
                break;
            }
        }
    }
    (key.finish(), valid && is_number(first))
}

/// Adds a number behind a dot or a letter: zeros before it make it a fraction, more of them a smaller one.
fn digits<'a>(key: &mut Builder, text: &'a str) -> &'a str {
    let (number, rest) = split_while(text, |byte| byte.is_ascii_digit());
    key.tag(DIGITS);
    let zeros = number.len() - number.trim_start_matches('0').len();
    if zeros == 0 {
        key.tag(1).number(number);
    } else {
        key.tag(0).inverted_length(zeros).number(number);
    }
    rest
}

/// Returns the tag, the rank and what follows a known suffix.
fn suffix(text: &str) -> Option<(u8, u8, &str)> {
    let known = |tag: u8, words: &[&str]| {
        let ranks = 0_u8..;
        ranks
            .zip(words)
            .find_map(|(rank, word)| text.strip_prefix(word).map(|rest| (tag, rank, rest)))
    };
    let (tag, rank, rest) = known(PRE_SUFFIX, &PRE).or_else(|| known(POST_SUFFIX, &POST))?;
    (!rest.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((tag, rank, rest))
}

/// Returns the digits behind `r` and what follows them.
fn revision(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = split_while(text.strip_prefix('r')?, |byte| byte.is_ascii_digit());
    (!rest.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_apk() {
        let rising = [
            "0.9", "1_alpha", "1_alpha1", "1_beta", "1_pre2", "1_rc1", "1", "1-r0", "1-r1",
            "1_git1", "1_p", "1_p1", "1a", "1b", "1.00", "1.0", "1.06", "1.1", "1.10", "2",
        ];
        for pair in rising.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert_eq!(key("1-r"), key("1-r0"));
        for text in [
            "1.0-r0",
            "1.2.3b_rc1_p2-r10",
            "1_git20240101",
            "3.0~a1b2-r1",
        ] {
            assert!(is_version(text), "{text}");
        }
        // As published in secdb.
        for text in ["0.8.21.r2", "4.10-1-r1", "2021-03-27-r5", "10.0.11-0", ""] {
            assert!(!is_version(text), "{text}");
        }
    }
}
