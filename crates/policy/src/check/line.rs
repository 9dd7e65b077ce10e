//! One identity on one line, `kind=github,repository=acme/db,ref=refs/heads/main`: the identities of the policy file for a command line.
//!
//! Keys, values and faults are the policy's. A value holds no comma; no file that the line names is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use miette::NamedSource;
use toolkit_attest::Identity;

use toolkit_vulndb::config::{self, Entry, Faults, Node, Span, Value};

use super::Walk;
use super::identity::identity;
use crate::error::Diagnostic;
use crate::model::Kind;

/// An identity as it was typed on one line.
#[derive(Debug, Clone)]
pub struct IdentityLine {
    source: Arc<NamedSource<Arc<str>>>,
    kind: Kind,
}

impl IdentityLine {
    /// Parses a line; `name` is what messages call it.
    ///
    /// # Errors
    /// All faults of the line, in the order of their places.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let source = Arc::new(NamedSource::new(name, Arc::<str>::from(text)));
        let (node, faults) = node(text);
        // No identity has a date.
        let mut walk = Walk::new(text, Date::ZERO, faults);
        let kind = identity(&mut walk, &node, node.span, "on the line");
        match (kind, walk.into_faults()) {
            (Some(kind), faults) if faults.is_empty() => Ok(Self { source, kind }),
            (_, mut faults) => {
                faults.sort_by_key(|(span, _)| *span);
                Err(faults
                    .into_iter()
                    .map(|(span, fault)| Diagnostic::new(Arc::clone(&source), span, fault))
                    .collect())
            }
        }
    }

    /// Returns the file that the line names, for a key.
    #[must_use]
    pub fn key_file(&self) -> Option<&str> {
        match &self.kind {
            Kind::Key { file } => Some(file),
            Kind::Github { .. } | Kind::Email { .. } | Kind::Fulcio { .. } => None,
        }
    }

    /// Makes the identity; `key` holds the bytes of its file, for a key.
    ///
    /// # Errors
    /// The fault of an absent or unusable key.
    pub fn identity(&self, key: Option<Vec<u8>>) -> Result<Identity, Diagnostic> {
        let mut files = BTreeMap::new();
        if let (Some(file), Some(bytes)) = (self.key_file(), key) {
            files.insert(file.to_owned(), bytes);
        }
        self.kind.identity(&files).map_err(|fault| {
            let span = Span::new(0, self.source.inner().len());
            Diagnostic::new(Arc::clone(&self.source), span, fault)
        })
    }
}

/// Makes the mapping that the line stands for.
fn node(text: &str) -> (Node, Faults<config::Fault>) {
    let whole = Span::new(0, text.len().max(1));
    let (mut entries, mut faults) = (Vec::<Entry>::new(), Faults::new());
    let mut start = 0;
    for part in text.split(',') {
        let span = Span::new(start, part.len().max(1));
        match part.split_once('=') {
            None => faults.push((
                span,
                config::Fault::Syntax {
                    format: "identity",
                    detail: "expected `key=value`, several behind commas".to_owned(),
                },
            )),
            Some((key, _)) if entries.iter().any(|entry| entry.key == key) => faults.push((
                span,
                config::Fault::DuplicateKey {
                    key: key.to_owned(),
                    first_line: 1,
                },
            )),
            Some((key, value)) => entries.push(Entry {
                key: key.to_owned(),
                key_span: Span::new(start, key.len().max(1)),
                value: Node {
                    span: Span::new(start + key.len() + 1, value.len().max(1)),
                    value: Value::Scalar {
                        text: value.to_owned(),
                        plain: true,
                    },
                },
            }),
        }
        start += part.len() + 1;
    }
    let node = Node {
        span: whole,
        value: Value::Mapping(entries),
    };
    (node, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identities_of_the_policy_stand_on_one_line() {
        for (line, expected) in [
            (
                "kind=github,repository=acme/db,workflow=.github/workflows/db.yml,ref=refs/heads/main",
                "GitHub acme/db, workflow .github/workflows/db.yml, ref refs/heads/main",
            ),
            (
                "kind=email,address=a@example.com,issuer=https://accounts.example.com",
                "a@example.com of https://accounts.example.com",
            ),
            (
                "kind=fulcio,issuer=https://issuer.example,san=https://ci.example/acme/*",
                "https://ci.example/acme/* of https://issuer.example",
            ),
        ] {
            let parsed = IdentityLine::parse("x", line).expect(line);
            assert_eq!(
                parsed.identity(None).expect(line).to_string(),
                expected,
                "{line}"
            );
        }
        let key = IdentityLine::parse("x", "kind=key,file=db.pub").expect("a key");
        assert_eq!(key.key_file(), Some("db.pub"));
        assert!(key.identity(None).is_err(), "the file was not there");
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let faults = |line: &str| -> Vec<(String, usize)> {
            let found = IdentityLine::parse("x", line).expect_err(line);
            found
                .iter()
                .map(|one| (one.fault().to_string(), one.span().offset))
                .collect()
        };
        assert_eq!(
            faults("kind=github,repo=acme/db"),
            [
                (
                    "identity `on the line` needs the key `repository`".to_owned(),
                    0
                ),
                (
                    "unknown key `repo` in identity `on the line`".to_owned(),
                    12
                ),
            ]
        );
        assert_eq!(
            faults("kind=gihub")[0].0,
            "unknown kind of identity `gihub`"
        );
        assert_eq!(faults("kind=key,kind=key,file=x")[0].1, 9);
        for line in ["", "kind", "kind=email,address=a", "kind=key,file="] {
            assert!(IdentityLine::parse("x", line).is_err(), "{line}");
        }
    }
}
