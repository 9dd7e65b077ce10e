//! Maven: the version order of the POM reference ("Version Order Specification"), which `ComparableVersion` implements.
//!
//! A version is a list of tokens, each behind a dot, a hyphen or a change between digits and letters (which counts as a hyphen). Nulls (`0`, nothing,
//! `final`, `ga`, `release`) before a hyphen or the end are dropped, and the shorter list is padded with nulls. So a run of zeros orders by what
//! follows it: before the end where that orders before nothing, behind it elsewhere. The specification is not transitive there (`2.9` < `2.9-1` <
//! `2.9.0.RC1` < `2.9.0`, which equals `2.9`); a total order has to give up one of the three, and this one gives up `2.9-1` < `2.9.0.RC1`.

use super::key::{Builder, Key, is_number, split_while};

const DOT_QUALIFIER: u8 = 1;
const HYPHEN_QUALIFIER: u8 = 2;
const ZEROS_THEN_QUALIFIER: u8 = 3;
const END: u8 = 4;
const DOT_LATE_QUALIFIER: u8 = 5;
const HYPHEN_LATE_QUALIFIER: u8 = 6;
const HYPHEN_NUMBER: u8 = 7;
const ZEROS_THEN_LATE_QUALIFIER: u8 = 8;
const ZEROS_THEN_NUMBER: u8 = 9;
const DOT_NUMBER: u8 = 10;

/// Qualifiers before the release, in order.
const EARLY: [&[&str]; 5] = [
    &["alpha"],
    &["beta"],
    &["milestone"],
    &["rc", "cr"],
    &["snapshot"],
];
const NULL: [&str; 4] = ["", "final", "ga", "release"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Dot,
    Hyphen,
}

#[derive(Clone, Copy)]
struct Token<'a> {
    separator: Separator,
    text: &'a str,
}

impl Token<'_> {
    fn is_null(&self) -> bool {
        NULL.contains(&self.text) || self.text.bytes().all(|byte| byte == b'0')
    }
}

/// Returns the key; every text has one.
pub(super) fn key(version: &str) -> Key {
    let text = version.to_lowercase();
    let tokens = trim(&tokens(&text));
    let mut key = Builder::default();
    let mut zeros = 0;
    for token in tokens {
        if token.is_null() && token.separator == Separator::Dot {
            zeros += 1;
            continue;
        }
        let early = (0_u8..)
            .zip(EARLY)
            .find_map(|(rank, words)| words.contains(&token.text).then_some(rank));
        let number = is_number(token.text);
        if zeros > 0 {
            match early {
                Some(_) => key.tag(ZEROS_THEN_QUALIFIER).length(zeros),
                None if number => key.tag(ZEROS_THEN_NUMBER).inverted_length(zeros),
                None => key.tag(ZEROS_THEN_LATE_QUALIFIER).length(zeros),
            };
            zeros = 0;
        }
        match (early, number, token.separator) {
            (Some(rank), _, Separator::Dot) => key.tag(DOT_QUALIFIER).tag(rank),
            (Some(rank), _, Separator::Hyphen) => key.tag(HYPHEN_QUALIFIER).tag(rank),
            (None, true, Separator::Dot) => key.tag(DOT_NUMBER).number(token.text),
            (None, true, Separator::Hyphen) => key.tag(HYPHEN_NUMBER).number(token.text),
            (None, false, separator) => {
                key.tag(if separator == Separator::Dot {
                    DOT_LATE_QUALIFIER
                } else {
                    HYPHEN_LATE_QUALIFIER
                });
                // `sp` is the first of the late ones, all others follow by their letters.
                if token.text == "sp" {
                    key.tag(0)
                } else {
                    key.tag(1).text(token.text)
                }
            }
        };
    }
    key.tag(END);
    key.finish()
}

/// Splits at dots, hyphens and changes between digits and others. `a`, `b` and `m` before a digit are alpha, beta and milestone.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut separator = Separator::Dot;
    let mut rest = text;
    loop {
        let (part, behind) = if rest.starts_with(|c: char| c.is_ascii_digit()) {
            split_while(rest, |byte| byte.is_ascii_digit())
        } else {
            rest.split_at(
                rest.find(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'))
                    .unwrap_or(rest.len()),
            )
        };
        let before_digit = behind.starts_with(|c: char| c.is_ascii_digit());
        let part = match part {
            "" => "0",
            "a" if before_digit => "alpha",
            "b" if before_digit => "beta",
            "m" if before_digit => "milestone",
            other => other,
        };
        tokens.push(Token {
            separator,
            text: part,
        });
        (separator, rest) = match behind.chars().next() {
            None => break,
            Some('.') => (Separator::Dot, behind.strip_prefix('.').unwrap_or("")),
            Some('-' | '_') => (
                Separator::Hyphen,
                behind.strip_prefix(['-', '_']).unwrap_or(""),
            ),
            Some(_) => (Separator::Hyphen, behind),
        };
        if rest.is_empty() {
            tokens.push(Token {
                separator,
                text: "0",
            });
            break;
        }
    }
    tokens
}

/// Drops the nulls that stand before a hyphen or the end.
fn trim<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept: Vec<Token<'a>> = Vec::new();
    for token in tokens {
        if token.separator == Separator::Hyphen {
            while kept.last().is_some_and(Token::is_null) {
                kept.pop();
            }
        }
        kept.push(*token);
    }
    while kept.last().is_some_and(Token::is_null) {
        kept.pop();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_reference_holds() {
        let rising = [
            "1-alpha-1-snapshot",
            "1-alpha-1",
            "1-alpha-2",
            "1-alpha-10",
            "1-beta",
            "1-m1",
            "1-rc",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-abc",
            "1-1",
            "1.0.1",
            "1.1",
            "1.10",
        ];
        for pair in rising.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for (left, right) in [
            ("1", "1.0.0"),
            ("1", "1.0-ga"),
            ("1-1.foo-bar1baz-.1", "1-1.foo-bar-1-baz-0.1"),
            ("1a1", "1-alpha-1"),
            ("1-rc1", "1-cr1"),
            ("1-", "1"),
        ] {
            assert_eq!(key(left), key(right), "{left} {right}");
        }
    }
}
