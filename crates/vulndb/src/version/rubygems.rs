//! RubyGems' `Gem::Version`: numbers and words, trailing zeros do not count, a word makes a prerelease.
//!
//! A missing segment compares as zero, so a run of zeros orders by what follows it: before the end where that is a word, behind it where that is
//! a number.

use super::key::{Builder, Key, is_number, split_while};

const WORD: u8 = 1;
const ZEROS_THEN_WORD: u8 = 2;
const END: u8 = 3;
const ZEROS_THEN_NUMBER: u8 = 4;
const NUMBER: u8 = 5;

/// Returns the key, or what the grammar wants.
pub(super) fn key(version: &str) -> Result<Key, &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if !version.starts_with(|c: char| c.is_ascii_digit()) || !version.chars().all(allowed) {
        return Err("a number, then letters, digits, dots and hyphens");
    }
    let text = version.replace('-', ".pre.");
    let mut segments = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (segment, behind) = match rest.bytes().next() {
            Some(b'0'..=b'9') => split_while(rest, |byte| byte.is_ascii_digit()),
            Some(b'.') => ("", rest.strip_prefix('.').unwrap_or("")),
            _ => split_while(rest, |byte| byte.is_ascii_alphabetic()),
        };
        if !segment.is_empty() {
            segments.push(segment);
        }
        rest = behind;
    }
    let first_word = segments
        .iter()
        .position(|segment| !is_number(segment))
        .unwrap_or(segments.len());
    let words = segments.split_off(first_word);
    let mut key = Builder::default();
    let canonical: Vec<&str> = without_trailing_zeros(&segments)
        .iter()
        .chain(without_trailing_zeros(&words))
        .copied()
        .collect();
    let mut zeros = 0;
    for segment in canonical {
        let number = is_number(segment);
        if number && is_zero(segment) {
            zeros += 1;
            continue;
        }
        if zeros > 0 {
            match number {
                true => key.tag(ZEROS_THEN_NUMBER).inverted_length(zeros),
                false => key.tag(ZEROS_THEN_WORD).length(zeros),
            };
            zeros = 0;
        }
        match number {
            true => key.tag(NUMBER).number(segment),
            false => key.tag(WORD).text(segment),
        };
    }
    key.tag(END);
    Ok(key.finish())
}

fn is_zero(segment: &str) -> bool {
    segment.bytes().all(|byte| byte == b'0')
}

fn without_trailing_zeros<'a, 'b>(segments: &'a [&'b str]) -> &'a [&'b str] {
    let end = segments
        .iter()
        .rposition(|segment| !is_zero(segment))
        .map_or(0, |last| last + 1);
    segments.get(..end).unwrap_or(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_gem_version() {
        let rising = [
            "0", "0.0.1", "1.a", "1.a.0.b", "1.a.1", "1.b", "1.0.rc1", "1", "1.0.1", "1.1.0.a",
            "1.1", "1.9", "1.10",
        ];
        for pair in rising.windows(2).filter(|pair| pair[1] != "1.a.0.b") {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert!(key("1.a.0.b") < key("1.a"));
        assert_eq!(key("1.0.0"), key("1"));
        assert_eq!(key("1.0.a.0"), key("1.a"));
        assert_eq!(key("1-2"), key("1.pre.2"));
        assert!(key("a").is_err() && key("1_0").is_err());
    }
}
