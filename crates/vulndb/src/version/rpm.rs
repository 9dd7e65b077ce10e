//! RPM: epoch, version and release, each compared by rpm's segment rules (rpm manual, "Version comparison").
//!
//! Separators only separate; `~` orders before the end and `^` behind it, but before any further segment; a number is newer than a word. A version
//! without a release orders before all that have one.

use super::key::{Builder, Key, split_while};

const TILDE: u8 = 1;
const END: u8 = 2;
const CARET: u8 = 3;
const WORD: u8 = 4;
const NUMBER: u8 = 5;

/// Returns the key; every text has one.
pub(super) fn key(version: &str) -> Key {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (version, release) = match rest.split_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    let mut key = Builder::default();
    segments(&mut key, epoch);
    segments(&mut key, version);
    match release {
        None => {
            key.tag(0);
        }
        Some(release) => {
            key.tag(1);
            segments(&mut key, release);
        }
    }
    key.finish()
}

fn segments(key: &mut Builder, text: &str) {
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        match first {
            b'~' | b'^' => {
                key.tag(if first == b'~' { TILDE } else { CARET });
                rest = rest.strip_prefix(['~', '^']).unwrap_or("");
            }
            b'0'..=b'9' => {
                let (digits, behind) = split_while(rest, |byte| byte.is_ascii_digit());
                key.tag(NUMBER).number(digits);
                rest = behind;
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                let (word, behind) = split_while(rest, |byte| byte.is_ascii_alphabetic());
                key.tag(WORD).text(word);
                rest = behind;
            }
            _ => {
                let mut characters = rest.chars();
                characters.next();
                rest = characters.as_str();
            }
        }
    }
    key.tag(END);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_rpm() {
        let rising = [
            "1.0~rc1",
            "1.0~rc1^git1",
            "1.0",
            "1.0-1",
            "1.0^git1",
            "1.0^git1~a",
            "1.0a",
            "1.0.1",
            "1.10",
            "2",
            "1:0",
        ];
        for pair in rising.windows(2).filter(|pair| pair[1] != "1.0^git1~a") {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert!(key("1.0^git1~a") < key("1.0^git1"));
        assert_eq!(key("0:1.05"), key("1_5"));
        assert!(key("1-1.el8") < key("1-1.el8_5") && key("1") < key("1-0"));
    }
}
