//! The steps that every part of the walk is made of: a mapping with its allowed keys, a list, a text, a word.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::fault::{Fault, Faults};
use super::node::{At, Entry, Node, Position, Span, Value};
use crate::select::guess;

/// Longest name that a file gives to something.
const NAME_MAX: usize = 64;

/// Collects the faults while the parts are walked.
pub struct Walk<'t, F> {
    text: &'t str,
    today: Date,
    /// Places that the reading of the text has reported: what the walk thinks of them is only a consequence.
    reported: BTreeSet<Span>,
    faults: Faults<F>,
}

/// A mapping whose keys are all known.
pub struct Map<'n> {
    /// What a message calls it.
    place: String,
    /// Where a missing key is shown.
    span: Span,
    entries: &'n [Entry],
}

impl<'t, F: From<Fault>> Walk<'t, F> {
    /// Begins a walk over a file of this text, whose reading gave these faults; `today` bounds how long something may last.
    pub fn new(text: &'t str, today: Date, faults: Faults) -> Self {
        let reported = faults.iter().map(|(span, _)| *span).collect();
        let faults = faults
            .into_iter()
            .map(|(span, fault)| (span, fault.into()))
            .collect();
        Self {
            text,
            today,
            reported,
            faults,
        }
    }

    /// Yields the day that was handed down.
    pub fn today(&self) -> Date {
        self.today
    }

    /// Yields all faults.
    pub fn into_faults(self) -> Faults<F> {
        self.faults
    }

    /// Reports a fault.
    pub fn fault(&mut self, span: Span, fault: impl Into<F>) {
        if !self.reported.contains(&span) {
            self.faults.push((span, fault.into()));
        }
    }

    /// Narrows the place of a text to a part of it; the whole where the file writes the text otherwise, with escapes.
    pub fn inside(&self, span: Span, text: &str, part: std::ops::Range<usize>) -> Span {
        let written = self
            .text
            .get(span.offset..span.offset.saturating_add(span.len))
            .unwrap_or_default();
        match written.find(text) {
            Some(at) if !part.is_empty() && part.end <= text.len() => {
                Span::new(span.offset + at + part.start, part.len())
            }
            _ => span,
        }
    }

    /// Yields the line of a place, from 1.
    pub fn line(&self, span: Span) -> usize {
        Position::of(self.text, span).line
    }

    /// Yields line and column of a place.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        Position::of(self.text, span)
    }

    /// Takes a mapping and reports every key that is not allowed; `at` is the key that holds it.
    pub fn map<'n>(
        &mut self,
        node: &'n Node,
        at: Span,
        place: &str,
        allowed: &'static [&'static str],
    ) -> Option<Map<'n>> {
        let map = self.open_map(node, at, place)?;
        for entry in map.entries {
            if !allowed.contains(&entry.key.as_str()) {
                let guess = guess(&entry.key, allowed.iter().copied());
                let guess = allowed.iter().copied().find(|key| Some(*key) == guess);
                self.fault(
                    entry.key_span,
                    Fault::UnknownKey {
                        key: entry.key.clone(),
                        place: place.to_owned(),
                        allowed,
                        guess,
                    },
                );
            }
        }
        Some(map)
    }

    /// Takes a mapping whose keys are names.
    pub fn open_map<'n>(&mut self, node: &'n Node, at: Span, place: &str) -> Option<Map<'n>> {
        match &node.value {
            Value::Mapping(entries) => Some(Map {
                place: place.to_owned(),
                span: at,
                entries,
            }),
            Value::Scalar { .. } | Value::Sequence(_) => {
                self.wrong_kind(node, at, place, "a mapping");
                None
            }
        }
    }

    /// Takes a list that is not empty; each item is read by `item`.
    pub fn list<T>(
        &mut self,
        node: &Node,
        at: Span,
        place: &str,
        mut item: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Sequence(items) = &node.value else {
            self.wrong_kind(node, at, place, "a list");
            return None;
        };
        if items.is_empty() {
            self.fault(
                at,
                Fault::EmptyValue {
                    place: place.to_owned(),
                },
            );
            return None;
        }
        let read: Vec<Option<T>> = items.iter().map(|node| item(self, node)).collect();
        read.into_iter().collect()
    }

    /// Reports texts that stand twice in a list.
    pub fn repeated(&mut self, node: &Node, place: &str) {
        let Value::Sequence(items) = &node.value else {
            return;
        };
        let mut seen = BTreeMap::new();
        for item in items {
            if let Value::Scalar { text, .. } = &item.value
                && seen.insert(text, ()).is_some()
            {
                self.fault(
                    item.span,
                    Fault::RepeatedItem {
                        item: text.clone(),
                        place: place.to_owned(),
                    },
                );
            }
        }
    }

    /// Takes a text that is not empty.
    pub fn text(&mut self, node: &Node, place: &str) -> Option<At<String>> {
        match &node.value {
            Value::Scalar { text, plain }
                if *plain && matches!(text.as_str(), "true" | "false") =>
            {
                let found = format!("`{text}`");
                self.fault(
                    node.span,
                    Fault::WrongKind {
                        place: place.to_owned(),
                        expected: "text",
                        found,
                    },
                );
                None
            }
            Value::Scalar { text, .. } if node.is_null() || text.trim().is_empty() => {
                self.fault(
                    node.span,
                    Fault::EmptyValue {
                        place: place.to_owned(),
                    },
                );
                None
            }
            Value::Scalar { text, .. } => Some(At {
                span: node.span,
                value: text.clone(),
            }),
            Value::Sequence(_) | Value::Mapping(_) => {
                self.wrong_kind(node, node.span, place, "text");
                None
            }
        }
    }

    /// Takes a name: letters, digits, `.`, `_` and `-`.
    pub fn name(&mut self, node: &Node, what: &'static str) -> Option<String> {
        let text = self.text(node, &format!("the name of {what}"))?;
        self.is_name(&text.value, text.span, what)
            .then_some(text.value)
    }

    /// Tells whether a text is a name, and reports one that is not.
    pub fn is_name(&mut self, text: &str, span: Span, what: &'static str) -> bool {
        let valid = !text.is_empty()
            && text.len() <= NAME_MAX
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if !valid {
            self.fault(
                span,
                Fault::BadName {
                    what,
                    found: text.to_owned(),
                },
            );
        }
        valid
    }

    /// Takes one word of a closed set.
    pub fn word<T: Clone>(
        &mut self,
        node: &Node,
        place: &str,
        what: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let found = self.text(node, place)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == found.value) {
            return Some(meaning.clone());
        }
        let guess = guess(&found.value, words.iter().map(|(word, _)| *word)).map(str::to_owned);
        let allowed = words.iter().map(|(word, _)| (*word).to_owned()).collect();
        self.fault(
            found.span,
            Fault::UnknownValue {
                what,
                found: found.value,
                allowed,
                guess,
            },
        );
        None
    }

    /// Takes a bare `true` or `false`.
    pub fn boolean(&mut self, node: &Node, place: &str) -> Option<bool> {
        match &node.value {
            Value::Scalar { text, plain: true } if text == "true" => Some(true),
            Value::Scalar { text, plain: true } if text == "false" => Some(false),
            _ => {
                self.wrong_kind(node, node.span, place, "`true` or `false`");
                None
            }
        }
    }

    /// Takes a whole number that is not negative.
    pub fn number(&mut self, node: &Node, place: &str) -> Option<u64> {
        match &node.value {
            Value::Scalar { text, plain: true }
                if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() =>
            {
                // More digits than a u64 holds is more than any list has items.
                Some(text.parse().unwrap_or(u64::MAX))
            }
            _ => {
                self.wrong_kind(node, node.span, place, "a whole number");
                None
            }
        }
    }

    /// Takes the last day on which something holds, `YYYY-MM-DD` and at most a year away; the day itself still counts.
    pub fn expires(&mut self, node: &Node, place: &str) -> Option<Date> {
        let text = self.text(node, "`expires`")?;
        let shape = text.value.len() == 10
            && text.value.bytes().enumerate().all(|(at, byte)| {
                if matches!(at, 4 | 7) {
                    byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            });
        let date = if shape {
            text.value.parse::<Date>().ok()
        } else {
            None
        };
        let Some(date) = date else {
            self.fault(text.span, Fault::BadDate { found: text.value });
            return None;
        };
        // A date of the calendar's last year has no later one to be compared with.
        let latest = self.today.checked_add(1.year()).unwrap_or(Date::MAX);
        if date > latest {
            let fault = Fault::TooLong {
                place: place.to_owned(),
                found: date,
                latest,
            };
            self.fault(text.span, fault);
            return None;
        }
        Some(date)
    }

    /// Reports that a value is of another kind than its key takes.
    pub fn wrong_kind(&mut self, node: &Node, at: Span, place: &str, expected: &'static str) {
        let found = match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => format!("`{text}`"),
            _ => node.kind().to_owned(),
        };
        let span = if node.is_null() { at } else { node.span };
        self.fault(
            span,
            Fault::WrongKind {
                place: place.to_owned(),
                expected,
                found,
            },
        );
    }
}

impl<'n> Map<'n> {
    /// Yields the value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// Yields the value of a key, or reports that it is missing.
    pub fn required<F: From<Fault>>(
        &self,
        walk: &mut Walk<'_, F>,
        key: &'static str,
    ) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() {
            walk.fault(
                self.span,
                Fault::MissingKey {
                    key,
                    place: self.place.clone(),
                },
            );
        }
        node
    }

    /// Yields the place of a key, or of the mapping where it is absent.
    #[must_use]
    pub fn span_of(&self, key: &str) -> Span {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map_or(self.span, |entry| entry.key_span)
    }

    /// Yields keys and values in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &'n [Entry] {
        self.entries
    }

    /// Tells whether a key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Yields the place where a missing key is shown.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }
}

/// Lists the keys of a mapping; nothing for another kind of node.
#[must_use]
pub fn keys(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Mapping(entries) => entries.iter().map(|entry| entry.key.clone()).collect(),
        Value::Scalar { .. } | Value::Sequence(_) => Vec::new(),
    }
}
