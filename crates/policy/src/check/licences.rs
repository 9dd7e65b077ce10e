//! `licences`: identifiers of the SPDX licence list, with an exception or as globs.

use toolkit_attest::Pattern;
use toolkit_sbom::license::{Dialect, License};
use toolkit_vulndb::config::{At, Node, Span};
use toolkit_vulndb::select::guess;

use super::Walk;
use super::vulnerabilities::act;
use crate::error::Fault;
use crate::model::{Act, LicencePattern, LicenceRule};

pub(super) fn licences(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<At<LicenceRule>> {
    let map = walk.map(node, at, "`licences`", &["deny", "allow", "unknown"])?;
    if !map.has("deny") && !map.has("allow") {
        let place = "`licences`".to_owned();
        walk.fault(at, Fault::DemandsNothing { place });
    }
    let mut list = |key: &'static str| match map.get(key) {
        Some(node) => {
            let (span, place) = (map.span_of(key), format!("`{key}`"));
            walk.repeated(node, &place);
            let patterns = walk.list(node, span, &place, licence);
            patterns.map(|value| Some(At { span, value }))
        }
        None => Some(None),
    };
    let (deny, allow) = (list("deny"), list("allow"));
    let unknown = act(walk, &map, "unknown", Act::Undecided);
    let value = LicenceRule {
        deny: deny?,
        allow: allow?,
        unknown: unknown?,
    };
    Some(At { span: at, value })
}

fn licence(walk: &mut Walk<'_>, node: &Node) -> Option<LicencePattern> {
    let text = walk.text(node, "a licence")?;
    match parse(&text.value) {
        Ok(pattern) => Some(pattern),
        Err(fault) => {
            walk.fault(text.span, fault);
            None
        }
    }
}

fn parse(text: &str) -> Result<LicencePattern, Fault> {
    let pattern = |id: &str, with: Option<&str>| {
        let id = Pattern::glob(id).map_err(|error| Fault::Pattern {
            found: text.to_owned(),
            detail: error.to_string(),
        })?;
        Ok(LicencePattern {
            id,
            with: with.map(str::to_owned),
            written: text.to_owned(),
        })
    };
    if text.contains('*') {
        return if text.bytes().all(|byte| byte == b'*') {
            Err(Fault::EveryLicence {
                found: text.to_owned(),
            })
        } else {
            let glob = pattern(text, None)?;
            let lists = spdx::identifiers::LICENSES
                .iter()
                .any(|license| glob.id.matches(license.name));
            if lists || text.starts_with("LicenseRef-") {
                Ok(glob)
            } else {
                Err(unknown(text))
            }
        };
    }
    if is_reference(text) {
        return pattern(text, None);
    }
    match listed(text) {
        Some((id, with)) => pattern(id, with),
        None => Err(unknown(text)),
    }
}

/// Splits an identifier of the list from its exception; none where one of them is not listed. Packages are compared by today's spelling: a
/// deprecated or misspelt identifier would match none.
fn listed(text: &str) -> Option<(&str, Option<&str>)> {
    let (id, with) = match text.split_once(" WITH ") {
        Some((id, with)) => (id, Some(with)),
        None => (text, None),
    };
    let is_license = spdx::identifiers::LICENSES
        .iter()
        .any(|license| license.name == id && !matches!(id, "NOASSERTION" | "NONE"));
    let is_exception = with.is_none_or(|with| {
        spdx::identifiers::EXCEPTIONS
            .iter()
            .any(|exception| exception.name == with)
    });
    let is_current = spelling(text).as_deref() == Some(text);
    (is_license && is_exception && is_current).then_some((id, with))
}

/// SPDX 2.3 clause 10.1: letters, digits, `-` and `.`.
fn is_reference(text: &str) -> bool {
    text.strip_prefix("LicenseRef-").is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    })
}

fn spelling(text: &str) -> Option<String> {
    let license = License::parse(text, Dialect::Spdx)?;
    license.expression().map(str::to_owned)
}

fn unknown(text: &str) -> Fault {
    let known = spdx::identifiers::LICENSES
        .iter()
        .map(|license| license.name)
        .filter(|name| listed(name).is_some());
    let guess = spelling(text)
        .filter(|spelling| listed(spelling).is_some())
        .or_else(|| guess(text, known).map(str::to_owned));
    Fault::Licence {
        found: text.to_owned(),
        guess,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_named_as_the_list_names_them() {
        for text in [
            "MIT",
            "AGPL-3.0-only",
            "GPL-*",
            "LicenseRef-acme.1",
            "LicenseRef-*",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for (text, guess) in [
            ("mit", Some("MIT")),
            ("GPL-2.0", Some("GPL-2.0-only")),
            ("GPL-2.0+", Some("GPL-2.0-or-later")),
            ("Apache2.0", Some("Apache-2.0")),
            ("MIT OR Apache-2.0", None),
            ("GPL-2.0-only WITH Classpath", None),
            ("NOASSERTION", None),
            ("XYZ-*", None),
            ("LicenseRef-", None),
            ("Apache-2.0+", Some("Apache-2.0")),
        ] {
            let expected = Fault::Licence {
                found: text.to_owned(),
                guess: guess.map(str::to_owned),
            };
            assert_eq!(parse(text), Err(expected), "{text}");
        }
        assert!(matches!(parse("**"), Err(Fault::EveryLicence { .. })));
    }
}
