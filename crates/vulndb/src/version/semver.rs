//! Semantic Versioning 2.0.0 §11, in three flavours.
//!
//! Tolerated beyond the specification, as the ecosystems' own tools do: a leading `v`, missing minor and patch, leading zeros, numbers of any
//! size. What follows a third numeric part counts as build metadata.

use super::key::{Builder, Key, is_number, split_while};

/// Tells how strictly a version is read and whether build metadata orders.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// npm, Cargo and others: tolerant, build metadata ignored.
    Tolerant,
    /// Dart's pub: tolerant, build metadata ordered behind the bare version.
    BuildOrdered,
    /// Elixir's Hex: the specification to the letter.
    Strict,
}

const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;

/// Returns the key, or what the grammar wants.
pub(super) fn key(version: &str, flavour: Flavour) -> Result<Key, &'static str> {
    let text = match flavour {
        Flavour::Strict => version,
        _ => version.trim_start_matches(['v', 'V', '=', ' ']),
    };
    let (front, build) = match text.split_once('+') {
        Some((front, build)) => (front, Some(build)),
        None => (text, None),
    };
    let (core, prerelease) = match front.split_once('-') {
        Some((core, prerelease)) => (core, Some(prerelease)),
        None => (front, None),
    };
    let mut key = Builder::default();
    let mut parts = core.split('.');
    for position in 0..3 {
        match parts.next() {
            Some(part) if is_number(part) => key.number(part),
            None if position > 0 && flavour != Flavour::Strict => key.number("0"),
            _ => return Err("three numbers separated by dots"),
        };
    }
    let surplus = parts.next().is_some();
    if flavour == Flavour::Strict {
        if surplus || core.split('.').any(has_leading_zero) {
            return Err("three numbers separated by dots");
        }
        if prerelease
            .is_some_and(|text| !are_identifiers(text) || text.split('.').any(has_leading_zero))
            || build.is_some_and(|text| !are_identifiers(text))
        {
            return Err("identifiers of ASCII letters, digits and hyphens");
        }
    }
    match prerelease {
        // Behind a fourth part even a hyphen is build metadata.
        Some(prerelease) if !surplus => {
            key.tag(PRERELEASE);
            identifiers(&mut key, prerelease);
        }
        _ => {
            key.tag(RELEASE);
        }
    }
    if flavour == Flavour::BuildOrdered {
        match build {
            None => {
                key.tag(0);
            }
            Some(build) => {
                key.tag(1);
                identifiers(&mut key, build);
            }
        }
    }
    Ok(key.finish())
}

/// Tells whether `text` is a number with a zero before it, which the specification has no place for (§2, §9).
fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && is_number(text)
}

/// Tells whether `text` is identifiers with dots between (§9, §10).
fn are_identifiers(text: &str) -> bool {
    text.split('.').all(|one| {
        !one.is_empty()
            && one
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// Adds dot-separated identifiers: numbers before words, and fewer before more (§11.4).
fn identifiers(key: &mut Builder, identifiers: &str) {
    for identifier in identifiers.split('.') {
        if is_number(identifier) {
            key.tag(1).number(identifier);
        } else {
            key.tag(2).text(identifier);
        }
    }
    key.tag(0);
}

/// Splits `1.21rc2` into `1.21` and `rc2`.
pub(super) fn split_core(version: &str) -> (&str, &str) {
    split_while(version, |byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_specification_holds() {
        let rising = [
            "1.0.0-0",
            "1.0.0-1",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2",
            "1.10",
        ];
        for pair in rising.windows(2) {
            assert!(
                key(pair[0], Flavour::Tolerant) < key(pair[1], Flavour::Tolerant),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn strict_refuses_what_tolerant_reads() {
        for version in [
            "1",
            "1.2",
            "v1.2.3",
            "1.2.3.4",
            "01.2.3",
            "1.2.3-01",
            "1.2.3-",
            "1.2.3-a..b",
            "1.2.3-a_b",
            "1.2.3+",
            "1.2.3+a+b",
        ] {
            assert!(key(version, Flavour::Tolerant).is_ok(), "{version}");
            assert!(key(version, Flavour::Strict).is_err(), "{version}");
        }
        for version in ["", "x", "1.x", "1..2", "-1"] {
            assert!(key(version, Flavour::Tolerant).is_err(), "{version}");
        }
    }
}
