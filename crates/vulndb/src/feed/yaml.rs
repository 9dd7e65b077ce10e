//! YAML as advisories need it: one document of mappings, lists and scalars, every scalar as text. Aliases are refused, depth and number of nodes bounded.

use saphyr_parser::{Event, Parser};

use super::error::Error;

/// Nodes of one document; the largest of Wolfi's of 2025 has 30,000.
const MAX_NODES: usize = 4_000_000;
/// Collections within collections; Wolfi's have six.
const MAX_DEPTH: usize = 32;

/// A node.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A scalar as written, without quotes.
    Scalar(String),
    /// A sequence.
    List(Vec<Self>),
    /// A mapping in its order; of a key that comes twice the first is found.
    Map(Vec<(String, Self)>),
}

impl Node {
    /// Returns the value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns a scalar's text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the items of a sequence; none for anything else.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

enum Open {
    List(Vec<Node>),
    Map(Vec<(String, Node)>, Option<String>),
}

/// Reads one document.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    let mut stack: Vec<Open> = Vec::new();
    let (mut root, mut nodes, mut documents) = (None, 0_usize, 0_usize);
    let mut line = 1;
    let refuse = |line: usize, reason: &str| Error::Yaml {
        line,
        reason: reason.to_owned(),
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Error::Yaml {
            line: error.marker().line(),
            reason: error.info().to_owned(),
        })?;
        line = span.start.line();
        let node = match event {
            Event::Scalar(text, ..) => Node::Scalar(text.into_owned()),
            Event::SequenceStart(..) => {
                stack.push(Open::List(Vec::new()));
                if stack.len() > MAX_DEPTH {
                    return Err(refuse(line, "nested too deeply"));
                }
                continue;
            }
            Event::MappingStart(..) => {
                stack.push(Open::Map(Vec::new(), None));
                if stack.len() > MAX_DEPTH {
                    return Err(refuse(line, "nested too deeply"));
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(Open::List(items)) => Node::List(items),
                Some(Open::Map(entries, _)) => Node::Map(entries),
                None => return Err(refuse(line, "an end without a start")),
            },
            Event::Alias(_) => return Err(refuse(line, "aliases are not read")),
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(refuse(line, "more than one document"));
                }
                continue;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
        };
        nodes += 1;
        if nodes > MAX_NODES {
            return Err(Error::TooMany {
                what: "nodes",
                limit: MAX_NODES,
            });
        }
        match stack.last_mut() {
            None => root = Some(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Map(entries, key)) => match (key.take(), node) {
                (Some(name), node) => entries.push((name, node)),
                (None, Node::Scalar(name)) => *key = Some(name),
                (None, _) => return Err(refuse(line, "a key that is no scalar")),
            },
        }
    }
    root.ok_or_else(|| refuse(line, "empty"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_nodes() {
        let node = parse("a: 1\nb:\n  - \"2\"\n  - {c: d}\n").expect("a document");
        assert_eq!(node.get("a").and_then(Node::text), Some("1"));
        let items = node.get("b").map(Node::items).unwrap_or_default();
        assert_eq!(
            (items[0].text(), items[1].get("c").and_then(Node::text)),
            (Some("2"), Some("d"))
        );
        assert_eq!((items[0].items().len(), items[0].get("x")), (0, None));
    }

    #[test]
    fn what_is_not_read_is_refused() {
        for text in [
            "",
            "a: &x 1\nb: *x\n",
            "a: 1\n---\nb: 2\n",
            "[a]: 1\n",
            "a: [",
            &"[".repeat(40),
        ] {
            assert!(matches!(parse(text), Err(Error::Yaml { .. })), "{text}");
        }
    }
}
