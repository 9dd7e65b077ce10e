//! Reads TOML 1.1 that a person wrote into the same tree as YAML. Numbers, dates, `true` and `false` are plain scalars, strings quoted ones.

use ::toml::de::{DeTable, DeValue};

use super::fault::{Fault, Faults};
use super::node::{Entry, Node, Span, Value};

/// Largest file that is read, in bytes, as for YAML.
const MAX_BYTES: usize = 1 << 20;

/// Parses the text; all faults of syntax that the parser finds are collected.
pub fn parse(text: &str) -> (Option<Node>, Faults) {
    if text.len() > MAX_BYTES {
        let fault = Fault::TooLarge {
            limit: MAX_BYTES,
            found: text.len(),
        };
        return (None, vec![(Span::default(), fault)]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let faults: Faults = errors
        .into_iter()
        .map(|error| {
            let at = error.span().unwrap_or(0..0);
            let fault = Fault::Syntax {
                format: "TOML",
                detail: error.message().to_owned(),
            };
            (span(text, at), fault)
        })
        .collect();
    if !faults.is_empty() {
        return (None, faults);
    }
    let at = span(text, table.span());
    let root = mapping(text, table.into_inner(), at);
    (Some(root), faults)
}

fn mapping(text: &str, table: DeTable<'_>, at: Span) -> Node {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            key_span: span(text, key.span()),
            key: key.into_inner().into_owned(),
            value: {
                let at = span(text, value.span());
                node(text, value.into_inner(), at)
            },
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    Node {
        span: at,
        value: Value::Mapping(entries),
    }
}

/// The parser bounds how deeply values are nested.
fn node(text: &str, value: DeValue<'_>, at: Span) -> Node {
    let scalar = |text: String, plain: bool| Node {
        span: at,
        value: Value::Scalar { text, plain },
    };
    match value {
        DeValue::String(value) => scalar(value.into_owned(), false),
        DeValue::Integer(value) => scalar(value.as_str().to_owned(), true),
        DeValue::Float(value) => scalar(value.as_str().to_owned(), true),
        DeValue::Boolean(value) => scalar(value.to_string(), true),
        DeValue::Datetime(value) => scalar(value.to_string(), true),
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| {
                let at = span(text, item.span());
                node(text, item.into_inner(), at)
            });
            Node {
                span: at,
                value: Value::Sequence(items.collect()),
            }
        }
        DeValue::Table(table) => mapping(text, table, at),
    }
}

/// Yields a place, cut at the end of its first line.
fn span(text: &str, at: std::ops::Range<usize>) -> Span {
    let whole = text.get(at.clone()).unwrap_or_default();
    let line = whole.split('\n').next().unwrap_or_default().trim_end();
    Span::new(at.start.min(text.len()), line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_become_nodes_with_places() {
        let text = "a = 2024-01-02\n[[b]]\nc = \"x\"\n[[b]]\nc = true\n";
        let (root, faults) = parse(text);
        assert!(faults.is_empty(), "{faults:?}");
        let Some(Node {
            value: Value::Mapping(entries),
            ..
        }) = root
        else {
            panic!("no mapping")
        };
        let [a, b] = &entries[..] else {
            panic!("{entries:?}")
        };
        assert_eq!((a.key.as_str(), a.key_span), ("a", Span::new(0, 1)));
        assert!(
            matches!(&a.value.value, Value::Scalar { text, plain: true } if text == "2024-01-02")
        );
        let Value::Sequence(items) = &b.value.value else {
            panic!("{b:?}")
        };
        let Value::Mapping(first) = &items[0].value else {
            panic!("{items:?}")
        };
        assert_eq!(items.len(), 2);
        assert_eq!(
            text.get(first[0].value.span.offset..)
                .map(|rest| &rest[..3]),
            Some("\"x\"")
        );
    }

    #[test]
    fn faults_of_syntax_have_places() {
        let (root, faults) = parse("a = 1\nb = \n");
        assert!(root.is_none());
        assert!(
            matches!(&faults[..], [(at, Fault::Syntax { format: "TOML", .. })] if at.offset >= 6),
            "{faults:?}"
        );
        assert!(matches!(
            parse("a = 1\na = 2\n").1[..],
            [(_, Fault::Syntax { .. })]
        ));
        let large = format!("# {}", "x".repeat(1 << 20));
        assert!(matches!(parse(&large).1[..], [(_, Fault::TooLarge { .. })]));
    }
}
