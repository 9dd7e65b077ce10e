//! Python: PEP 440, and for what came before it the order that setuptools gave legacy versions.
//!
//! Grammar and normalisation follow PEP 440 "Appendix B"; the order is that of "Summary of permitted suffixes and relative ordering". A text outside the
//! grammar is a legacy version and orders before every other, as in packaging 21.

use super::key::{Builder, Key, is_number, split_while};

const LEGACY: u8 = 0;
const MODERN: u8 = 1;

/// Returns the key; every text has one.
pub(super) fn key(version: &str) -> Key {
    let text = version.to_ascii_lowercase();
    Parts::parse(&text).map_or_else(|| legacy(&text), |parts| parts.key())
}

/// The parts of a version in the grammar; numbers as their digits.
struct Parts<'a> {
    epoch: &'a str,
    release: Vec<&'a str>,
    pre: Option<(u8, &'a str)>,
    post: Option<&'a str>,
    dev: Option<&'a str>,
    local: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, local) = match text.split_once('+') {
            Some((text, local)) => (text, Some(local)),
            None => (text, None),
        };
        if local.is_some_and(|local| {
            local
                .split(['.', '-', '_'])
                .any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_alphanumeric()))
        }) {
            return None;
        }
        let (epoch, text) = text.split_once('!').unwrap_or(("0", text));
        if !is_number(epoch) {
            return None;
        }
        let (mut release, mut rest) = (Vec::new(), text);
        loop {
            let (number, behind) = split_while(rest, |byte| byte.is_ascii_digit());
            if number.is_empty() {
                return None;
            }
            release.push(number);
            rest = behind;
            match behind.strip_prefix('.') {
                Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
                _ => break,
            }
        }
        let mut pre = None;
        const PRE: [(&str, u8); 8] = [
            ("alpha", 1),
            ("a", 1),
            ("beta", 2),
            ("b", 2),
            ("preview", 3),
            ("pre", 3),
            ("rc", 3),
            ("c", 3),
        ];
        for (word, rank) in PRE {
            if let Some((number, behind)) = suffix(rest, word) {
                (pre, rest) = (Some((rank, number)), behind);
                break;
            }
        }
        let mut post = None;
        let implicit = rest
            .strip_prefix('-')
            .map(|behind| split_while(behind, |byte| byte.is_ascii_digit()))
            .filter(|(number, _)| !number.is_empty());
        if let Some((number, behind)) = implicit {
            (post, rest) = (Some(number), behind);
        } else {
            for word in ["post", "rev", "r"] {
                if let Some((number, behind)) = suffix(rest, word) {
                    (post, rest) = (Some(number), behind);
                    break;
                }
            }
        }
        let mut dev = None;
        if let Some((number, behind)) = suffix(rest, "dev") {
            (dev, rest) = (Some(number), behind);
        }
        rest.is_empty().then_some(Self {
            epoch,
            release,
            pre,
            post,
            dev,
            local,
        })
    }

    fn key(&self) -> Key {
        let mut key = Builder::default();
        key.tag(MODERN).number(self.epoch);
        let end = self
            .release
            .iter()
            .rposition(|number| number.bytes().any(|byte| byte != b'0'))
            .map_or(0, |last| last + 1);
        for number in self.release.iter().take(end) {
            key.tag(1).number(number);
        }
        key.tag(0);
        match (self.pre, self.post, self.dev) {
            // A development release of the release itself comes before its pre-releases.
            (None, None, Some(_)) => key.tag(0),
            (None, _, _) => key.tag(4),
            (Some((rank, number)), _, _) => key.tag(rank).number(number),
        };
        match self.post {
            None => key.tag(0),
            Some(number) => key.tag(1).number(number),
        };
        match self.dev {
            Some(number) => key.tag(0).number(number),
            None => key.tag(1),
        };
        match self.local {
            None => {
                key.tag(0);
            }
            Some(local) => {
                key.tag(1);
                for part in local.split(['.', '-', '_']) {
                    match is_number(part) {
                        true => key.tag(2).number(part),
                        false => key.tag(1).text(part),
                    };
                }
                key.tag(0);
            }
        }
        key.finish()
    }
}

/// Reads `[.-_]word[.-_]digits`, all separators and the digits optional.
fn suffix<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let behind = text
        .strip_prefix(['.', '-', '_'])
        .unwrap_or(text)
        .strip_prefix(word)?;
    let (number, rest) = split_while(
        behind.strip_prefix(['.', '-', '_']).unwrap_or(behind),
        |byte| byte.is_ascii_digit(),
    );
    if number.is_empty() {
        Some(("", behind))
    } else {
        Some((number, rest))
    }
}

/// Orders a version outside the grammar as setuptools did: words behind a star, numbers as eight digits, `final` where a release would end.
fn legacy(text: &str) -> Key {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = text;
    let mut add = |part: &str| {
        let part = match part {
            "" | "." => return,
            "pre" | "preview" | "rc" => "c",
            "-" => "final-",
            "dev" => "@",
            other => other,
        };
        let part = if is_number(part) {
            format!("{part:0>8}")
        } else {
            format!("*{part}")
        };
        if part.starts_with('*') {
            if part.as_str() < "*final" {
                while parts.last().is_some_and(|last| last == "*final-") {
                    parts.pop();
                }
            }
            while parts.last().is_some_and(|last| last == "00000000") {
                parts.pop();
            }
        }
        parts.push(part);
    };
    while let Some(first) = rest.chars().next() {
        let (part, behind) = match first {
            '0'..='9' => split_while(rest, |byte| byte.is_ascii_digit()),
            'a'..='z' => split_while(rest, |byte| byte.is_ascii_lowercase()),
            _ => rest.split_at(first.len_utf8()),
        };
        add(part);
        rest = behind;
    }
    add("final");
    let mut key = Builder::default();
    key.tag(LEGACY);
    for part in &parts {
        key.text(part);
    }
    key.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_pep_holds() {
        let rising = [
            "rubbish",
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1!0.1",
        ];
        for pair in rising.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn spellings_of_one_version_are_equal() {
        for (left, right) in [
            ("1.0", "1"),
            ("v1.0-Alpha_1", "1.0a1"),
            ("1.0-1", "1.0.post1"),
            ("1.0.c.1", "1.0rc1"),
            ("1.0+ubuntu-1", "1.0+ubuntu.1"),
            ("1.0.rev2", "1.0post2"),
            ("1.0dev", "1.0.dev0"),
        ] {
            assert_eq!(key(left), key(right), "{left} {right}");
        }
    }
}
