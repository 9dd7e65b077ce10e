//! Which foreign texts may stand in a typed field, and how the rest is shown to people.

use std::fmt::Write as _;

/// Returns the text where it is a web address by the strictest of the readers: RFC 3986 `http` or `https` in ASCII, with
/// valid percent-encoding and a plain host.
pub(super) fn web_address(text: &str) -> Option<&str> {
    let text = text.trim();
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let host_ok = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let port_ok = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
    let tail_ok = tail
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b))
        && tail.matches('#').count() <= 1
        && tail.split('%').skip(1).all(|after| {
            after
                .get(..2)
                .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
        });
    (host_ok && port_ok && tail_ok && text.len() <= MAX_ADDRESS).then_some(text)
}

/// Returns the text where it is a plain e-mail address (the dot-atom form of RFC 5322 section 3.4.1, in ASCII).
pub(super) fn email_address(text: &str) -> Option<&str> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let atom = |part: &str, extra: &[u8]| {
        let ok = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
        };
        part.split('.').all(ok)
    };
    (atom(local, b"!#$&'*+-/=?^_`{|}~") && atom(domain, b"-") && text.len() <= MAX_ADDRESS)
        .then_some(text)
}

/// Writes control characters and those that turn the direction of text as `\u{…}`, so that a name cannot steer a terminal.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let steers = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if steers {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Longest address that is written as one: RFC 9110 section 4.1 recommends support for 8 000 octets.
const MAX_ADDRESS: usize = 8000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sound_addresses_pass() {
        for (text, ok) in [
            ("https://example.org", true),
            ("http://example.org:8080/a%20b?c=d#e", true),
            ("https://example.org/a%2", false),
            ("https://example.org/a%zz", false),
            ("https://example.org/#a#b", false),
            ("https://exa mple.org", false),
            ("https://", false),
            ("https://[::1]/", false),
            ("ftp://example.org", false),
            ("javascript:alert(1)", false),
            ("https://é.org", false),
            ("https://example.org/\"", false),
            ("https://example.org:/", false),
        ] {
            assert_eq!(web_address(text).is_some(), ok, "{text}");
        }
        for (text, ok) in [
            ("a.b+c@example.org", true),
            ("a@b@example.org", false),
            ("@example.org", false),
            ("a@", false),
            ("a b@example.org", false),
            ("a..b@example.org", false),
            ("a\n@example.org", false),
        ] {
            assert_eq!(email_address(text).is_some(), ok, "{text}");
        }
    }

    #[test]
    fn steering_characters_are_spelled_out() {
        assert_eq!(
            visible("a\u{1b}[31m\nb\u{202e}é"),
            "a\\u{1b}[31m\\u{a}b\\u{202e}é"
        );
    }
}
