//! The identities that a policy names, and the combinations of them that its rules ask for.

use std::collections::BTreeMap;

use toolkit_vulndb::config::{At, Map, Node, Span, Value};
use toolkit_vulndb::select::guess;

use super::{Walk, pattern};
use crate::error::Fault;
use crate::model::{Definition, Kind, Who};

#[derive(Clone, Copy)]
enum Word {
    Github,
    Email,
    Fulcio,
    Key,
}

const KINDS: [(&str, Word); 4] = [
    ("github", Word::Github),
    ("email", Word::Email),
    ("fulcio", Word::Fulcio),
    ("key", Word::Key),
];

pub(super) fn identities(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
) -> Option<BTreeMap<String, Definition>> {
    let map = walk.open_map(node, at, "`identities`")?;
    let mut identities: BTreeMap<String, Definition> = BTreeMap::new();
    let mut complete = true;
    for entry in map.entries() {
        let named = walk.is_name(&entry.key, entry.key_span, "an identity");
        let Some(kind) = identity(walk, &entry.value, entry.key_span, &entry.key) else {
            complete = false;
            continue;
        };
        if let Some((other, _)) = identities
            .iter()
            .find(|(_, definition)| definition.kind == kind)
        {
            let fault = Fault::SameIdentity {
                name: entry.key.clone(),
                other: other.clone(),
            };
            walk.fault(entry.key_span, fault);
        }
        complete &= named;
        identities.insert(
            entry.key.clone(),
            Definition {
                span: entry.value.span,
                kind,
            },
        );
    }
    complete.then_some(identities)
}

pub(super) fn identity(walk: &mut Walk<'_>, node: &Node, at: Span, name: &str) -> Option<Kind> {
    let place = format!("identity `{name}`");
    let open = walk.open_map(node, at, &place)?;
    let kind = open.required(walk, "kind")?;
    let kind = walk.word(kind, "`kind`", "kind of identity", &KINDS)?;
    let allowed: &'static [&'static str] = match kind {
        Word::Github => &["kind", "repository", "workflow", "ref", "issuer"],
        Word::Email => &["kind", "address", "issuer"],
        Word::Fulcio => &["kind", "issuer", "san"],
        Word::Key => &["kind", "file"],
    };
    let map = walk.map(node, at, &place, allowed)?;
    match kind {
        Word::Github => {
            let repository = map
                .required(walk, "repository")
                .and_then(|node| repository(walk, node));
            let workflow = optional(&map, "workflow", |node| workflow(walk, node));
            let git_ref = optional(&map, "ref", |node| {
                pattern::git_ref(walk, node, "`ref`").map(|glob| glob.value)
            });
            let issuer = optional(&map, "issuer", |node| issuer(walk, node));
            Some(Kind::Github {
                repository: repository?,
                workflow: workflow?,
                git_ref: git_ref?,
                issuer: issuer?,
            })
        }
        Word::Email => {
            let address = map
                .required(walk, "address")
                .and_then(|node| address(walk, node));
            let issuer = map
                .required(walk, "issuer")
                .and_then(|node| issuer(walk, node));
            Some(Kind::Email {
                address: address?,
                issuer: issuer?,
            })
        }
        Word::Fulcio => {
            let issuer = map
                .required(walk, "issuer")
                .and_then(|node| issuer(walk, node));
            let san = map
                .required(walk, "san")
                .and_then(|node| pattern::san(walk, node, "`san`"));
            Some(Kind::Fulcio {
                issuer: issuer?,
                san: san?.value,
            })
        }
        Word::Key => {
            let file = map
                .required(walk, "file")
                .and_then(|node| walk.text(node, "`file`"));
            Some(Kind::Key { file: file?.value })
        }
    }
}

/// Reads a key that may be absent: `None` is a fault, `Some(None)` an absent key.
fn optional<T>(
    map: &Map<'_>,
    key: &str,
    read: impl FnOnce(&Node) -> Option<T>,
) -> Option<Option<T>> {
    match map.get(key) {
        Some(node) => read(node).map(Some),
        None => Some(None),
    }
}

/// A repository is a name, not a pattern: an owner that anybody can register must not match.
fn repository(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "`repository`")?;
    if is_repository(&text.value) {
        return Some(text.value);
    }
    walk.fault(text.span, Fault::Repository { found: text.value });
    None
}

fn is_repository(text: &str) -> bool {
    text.split('/').count() == 2 && text.split('/').all(is_part)
}

/// GitHub's owners and repositories: letters, digits, `-`, `_`, `.`.
fn is_part(part: &str) -> bool {
    let characters = part
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    !part.is_empty() && characters && !part.bytes().all(|byte| byte == b'.')
}

/// `.github/workflows/F.yml`, or the same behind `OWNER/NAME/`.
fn workflow(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "`workflow`")?;
    if text.value.contains('@') {
        walk.fault(text.span, Fault::WorkflowRef { found: text.value });
        return None;
    }
    let parts: Vec<&str> = text.value.split('/').collect();
    let file = match parts.as_slice() {
        [".github", "workflows", file] => Some(*file),
        [owner, name, ".github", "workflows", file] if is_part(owner) && is_part(name) => {
            Some(*file)
        }
        _ => None,
    };
    let valid = file.is_some_and(|file| {
        (file.ends_with(".yml") || file.ends_with(".yaml")) && !file.contains(['*', '?'])
    });
    if valid {
        return Some(text.value);
    }
    walk.fault(text.span, Fault::Workflow { found: text.value });
    None
}

fn address(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "`address`")?;
    let valid = text.value.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !text.value.contains(['*', '?', ' ', '/'])
    });
    if valid {
        return Some(text.value);
    }
    walk.fault(text.span, Fault::Address { found: text.value });
    None
}

fn issuer(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "`issuer`")?;
    let host = text
        .value
        .strip_prefix("https://")
        .or_else(|| text.value.strip_prefix("http://"));
    let fault = match host {
        _ if text.value.contains('*') => Fault::IssuerPattern { found: text.value },
        Some(host)
            if !host.is_empty()
                && !host.starts_with('/')
                && !host.contains(char::is_whitespace) =>
        {
            return Some(text.value);
        }
        _ => Fault::Issuer { found: text.value },
    };
    walk.fault(text.span, fault);
    None
}

/// Reads who must have signed; every name must be an identity of the file.
pub(super) fn who(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
    place: &str,
    known: &[String],
) -> Option<At<Who>> {
    let value = match &node.value {
        Value::Scalar { .. } => Who::Name(name(walk, node, place, known)?),
        Value::Mapping(_) => combination(walk, node, at, place, known)?,
        Value::Sequence(_) => {
            walk.wrong_kind(
                node,
                at,
                place,
                "a name or one of `anyOf`, `allOf`, `atLeast`",
            );
            return None;
        }
    };
    Some(At {
        span: if matches!(value, Who::Name(_)) {
            node.span
        } else {
            at
        },
        value,
    })
}

fn name(walk: &mut Walk<'_>, node: &Node, place: &str, known: &[String]) -> Option<String> {
    let text = walk.text(node, place)?;
    if known.contains(&text.value) {
        return Some(text.value);
    }
    let guess = guess(&text.value, known.iter().map(String::as_str)).map(str::to_owned);
    walk.fault(
        text.span,
        Fault::UnknownIdentity {
            name: text.value,
            known: known.to_vec(),
            guess,
        },
    );
    None
}

fn combination(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
    place: &str,
    known: &[String],
) -> Option<Who> {
    let map = walk.map(node, at, place, &["anyOf", "allOf", "atLeast"])?;
    let [entry] = map.entries() else {
        let found = map.entries().len();
        walk.fault(map.span(), Fault::WhoKeys { found });
        return None;
    };
    match entry.key.as_str() {
        "anyOf" => members(walk, &entry.value, entry.key_span, "`anyOf`", known).map(Who::AnyOf),
        "allOf" => members(walk, &entry.value, entry.key_span, "`allOf`", known).map(Who::AllOf),
        "atLeast" => {
            let map = walk.map(&entry.value, entry.key_span, "`atLeast`", &["n", "of"])?;
            let number = map.required(walk, "n");
            let n = number.and_then(|node| walk.number(node, "`n`"));
            let of = map
                .required(walk, "of")
                .and_then(|node| members(walk, node, map.span_of("of"), "`of`", known))?;
            let n = n?;
            match usize::try_from(n) {
                Ok(n) if (1..=of.len()).contains(&n) => Some(Who::AtLeast { n, of }),
                _ => {
                    walk.fault(
                        number.map_or(entry.key_span, |node| node.span),
                        Fault::AtLeast {
                            found: n,
                            of: of.len(),
                        },
                    );
                    None
                }
            }
        }
        // `Walk::map` has reported the unknown key.
        _ => None,
    }
}

fn members(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
    place: &str,
    known: &[String],
) -> Option<Vec<Who>> {
    walk.repeated(node, place);
    walk.list(node, at, place, |walk, node| {
        who(walk, node, node.span, place, known).map(|who| who.value)
    })
}
