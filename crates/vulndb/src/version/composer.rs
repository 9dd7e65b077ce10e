//! Composer: the order of PHP's `version_compare`.
//!
//! Words order as unknown < dev < alpha < beta < RC < nothing < a number < patch level, each known by how it starts, as in PHP. As there, `1.0` comes
//! before `1.0.0`: Composer itself compares normalised versions, and both its lock file and its advisories carry the tag as it was written.

use super::key::{Builder, Key, is_number, split_while};

const UNKNOWN: u8 = 1;
const DEV: u8 = 2;
const ALPHA: u8 = 3;
const BETA: u8 = 4;
const RELEASE_CANDIDATE: u8 = 5;
const END: u8 = 6;
const NUMBER: u8 = 7;
const PATCH: u8 = 8;

/// Words by how they start, the first that fits; case counts.
const WORDS: [(&str, u8); 9] = [
    ("dev", DEV),
    ("alpha", ALPHA),
    ("a", ALPHA),
    ("beta", BETA),
    ("b", BETA),
    ("RC", RELEASE_CANDIDATE),
    ("rc", RELEASE_CANDIDATE),
    ("pl", PATCH),
    ("p", PATCH),
];

/// Returns the key; every text has one.
pub(super) fn key(version: &str) -> Key {
    let text = version.trim_start_matches(['v', 'V']);
    let mut key = Builder::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (part, behind) = if first.is_ascii_digit() {
            split_while(rest, |byte| byte.is_ascii_digit())
        } else if matches!(first, '.' | '-' | '_' | '+') {
            ("", rest.strip_prefix(first).unwrap_or(""))
        } else {
            rest.split_at(
                rest.find(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '+'))
                    .unwrap_or(rest.len()),
            )
        };
        // `#` stands for any number in `version_compare`; no total order can, so it adds nothing.
        if is_number(part) {
            key.tag(NUMBER).number(part);
        } else if !part.is_empty() && part != "#" {
            key.tag(
                WORDS
                    .iter()
                    .find(|(start, _)| part.starts_with(start))
                    .map_or(UNKNOWN, |(_, tag)| *tag),
            );
        }
        rest = behind;
    }
    key.tag(END);
    key.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_composer() {
        let rising = [
            "dev-main",
            "1.0-foo",
            "1.0-dev",
            "1.0a1",
            "1.0-beta.2",
            "1.0RC1",
            "1.0",
            "1.0.0-beta",
            "1.0.0",
            "1.0.1",
            "1.0pl1",
            "1.2",
            "1.10",
        ];
        for pair in rising.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for (left, right) in [
            ("v1.0", "1.0"),
            ("1.0.0-b2.1", "1.0.0-beta.2.1"),
            ("1.0p1", "1.0-patch1"),
            ("1.0-BETA", "1.0-ALPHA"),
        ] {
            assert_eq!(key(left), key(right), "{left} {right}");
        }
    }
}
