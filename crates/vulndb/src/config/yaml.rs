//! Reads YAML that a person wrote.
//!
//! The input is YAML 1.2, restricted: one document, mappings, sequences and scalars. What makes a YAML file
//! mean more than it shows is refused: anchors and aliases (§6.9.2, §7.1), tags (§6.9.1), merge keys, duplicate
//! keys (§3.2.1.3), and the plain words `yes`, `no`, `on`, `off`, which are booleans to YAML 1.1 readers and strings to
//! YAML 1.2 readers. It does not know a single key.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::fault::{Fault, Faults};
use super::node::{Entry, Node, Span, Value};

/// Largest file that is read, in bytes. Real policies and ignore files are below 50 kB; the same bound as cosign's for policies.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting; the grammar of policies needs seven levels, every `anyOf` adds two.
pub(super) const MAX_DEPTH: usize = 32;
/// Largest number of nodes; a megabyte of `[` would otherwise be as many.
pub(super) const MAX_NODES: usize = 50_000;

/// Parses the text; faults of structure are collected, a fault of syntax ends the reading.
pub fn parse(text: &str) -> (Option<Node>, Faults) {
    if text.len() > MAX_BYTES {
        let fault = Fault::TooLarge {
            limit: MAX_BYTES,
            found: text.len(),
        };
        return (None, vec![(Span::default(), fault)]);
    }
    let mut builder = Builder {
        places: Places::new(text),
        stack: Vec::new(),
        root: None,
        faults: Vec::new(),
        nodes: 0,
        documents: 0,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let proceed = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let at = builder.places.byte(error.marker().index());
                builder.faults.push((
                    Span::new(at, 1),
                    Fault::Syntax {
                        format: "YAML",
                        detail: error.info().to_owned(),
                    },
                ));
                return (None, builder.faults);
            }
        };
        if !proceed {
            return (None, builder.faults);
        }
    }
    if builder.root.is_none() && builder.faults.is_empty() {
        builder.faults.push((Span::default(), Fault::Empty));
    }
    (builder.root, builder.faults)
}

/// Turns the parser's positions, counted in characters, into byte offsets.
struct Places<'a> {
    text: &'a str,
    /// Byte offset of every character; empty where the text is ASCII and both counts agree.
    offsets: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let offsets = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self { text, offsets }
    }

    fn byte(&self, character: usize) -> usize {
        if self.offsets.is_empty() {
            character.min(self.text.len())
        } else {
            self.offsets
                .get(character)
                .copied()
                .unwrap_or(self.text.len())
        }
    }

    /// Yields the place of an event, cut at the end of its first line and never empty before the end of the text.
    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.byte(span.start.index());
        let end = self.byte(span.end.index()).max(start);
        let whole = self.text.get(start..end).unwrap_or_default();
        let line = whole.split('\n').next().unwrap_or_default().trim_end();
        let least = self
            .text
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        Span::new(start, line.len().max(least))
    }
}

/// A collection whose end has not been read yet.
enum Open {
    Sequence {
        span: Span,
        items: Vec<Node>,
    },
    Mapping {
        span: Span,
        entries: Vec<Entry>,
        seen: BTreeMap<String, Span>,
        key: Option<Key>,
    },
}

/// The key of a mapping that waits for its value.
enum Key {
    Named(String, Span),
    /// A key that was reported; its value is read and dropped.
    Refused,
}

struct Builder<'a> {
    places: Places<'a>,
    stack: Vec<Open>,
    root: Option<Node>,
    faults: Faults,
    nodes: usize,
    documents: usize,
}

impl Builder<'_> {
    /// Takes one event; `false` ends the reading.
    fn event(&mut self, event: Event<'_>, span: saphyr_parser::Span) -> bool {
        let span = self.places.span(span);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => true,
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.faults.push((span, Fault::SecondDocument));
                }
                self.documents == 1
            }
            Event::Alias(_) => {
                self.faults.push((span, Fault::Alias));
                self.add(Node {
                    span,
                    value: Value::Scalar {
                        text: "*".to_owned(),
                        plain: false,
                    },
                })
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.decorations(span, anchor, tag.is_some());
                let plain = style == ScalarStyle::Plain;
                if plain && is_ambiguous(&text) {
                    self.faults.push((
                        span,
                        Fault::AmbiguousWord {
                            found: text.to_string(),
                        },
                    ));
                }
                self.add(Node {
                    span,
                    value: Value::Scalar {
                        text: text.into_owned(),
                        plain,
                    },
                })
            }
            Event::SequenceStart(anchor, tag) => {
                self.decorations(span, anchor, tag.is_some());
                self.open(
                    span,
                    Open::Sequence {
                        span,
                        items: Vec::new(),
                    },
                )
            }
            Event::MappingStart(anchor, tag) => {
                self.decorations(span, anchor, tag.is_some());
                self.open(
                    span,
                    Open::Mapping {
                        span,
                        entries: Vec::new(),
                        seen: BTreeMap::new(),
                        key: None,
                    },
                )
            }
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(Open::Sequence { span, items }) => self.place(Node {
                    span,
                    value: Value::Sequence(items),
                }),
                Some(Open::Mapping { span, entries, .. }) => self.place(Node {
                    span,
                    value: Value::Mapping(entries),
                }),
                None => true,
            },
        }
    }

    fn decorations(&mut self, span: Span, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.faults.push((span, Fault::Anchor));
        }
        if tagged {
            self.faults.push((span, Fault::Tag));
        }
    }

    fn count(&mut self, span: Span) -> bool {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.faults
                .push((span, Fault::TooManyNodes { limit: MAX_NODES }));
        }
        self.nodes <= MAX_NODES
    }

    fn open(&mut self, span: Span, open: Open) -> bool {
        if self.stack.len() >= MAX_DEPTH {
            self.faults
                .push((span, Fault::TooDeep { limit: MAX_DEPTH }));
            return false;
        }
        self.stack.push(open);
        self.count(span)
    }

    fn add(&mut self, node: Node) -> bool {
        let span = node.span;
        self.place(node) && self.count(span)
    }

    /// Puts a finished node into the collection that is open, as key, value or item.
    fn place(&mut self, node: Node) -> bool {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping {
                entries, seen, key, ..
            }) => match key.take() {
                Some(Key::Named(name, key_span)) => entries.push(Entry {
                    key: name,
                    key_span,
                    value: node,
                }),
                Some(Key::Refused) => {}
                None => {
                    let place = node.span;
                    let (next, fault) = match node.value {
                        Value::Scalar { text, plain: true } if text == "<<" => {
                            (Key::Refused, Some(Fault::MergeKey))
                        }
                        Value::Scalar { text, .. } => match seen.get(&text) {
                            Some(first) => {
                                let line = self
                                    .places
                                    .text
                                    .get(..first.offset)
                                    .unwrap_or_default()
                                    .matches('\n')
                                    .count()
                                    + 1;
                                (
                                    Key::Refused,
                                    Some(Fault::DuplicateKey {
                                        key: text,
                                        first_line: line,
                                    }),
                                )
                            }
                            None => {
                                seen.insert(text.clone(), place);
                                (Key::Named(text, place), None)
                            }
                        },
                        Value::Sequence(_) | Value::Mapping(_) => {
                            (Key::Refused, Some(Fault::ComplexKey))
                        }
                    };
                    *key = Some(next);
                    self.faults.extend(fault.map(|fault| (place, fault)));
                }
            },
        }
        true
    }
}

/// Tells whether YAML 1.1 reads the plain word as a boolean where YAML 1.2 reads text (YAML 1.1 types, `bool`).
fn is_ambiguous(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "yes" | "no" | "on" | "off"
    )
}
