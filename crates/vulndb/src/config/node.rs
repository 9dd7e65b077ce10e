//! The tree that a file is read into: values with their places.

use std::fmt;

use miette::SourceSpan;

/// A place in the text of a file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Byte offset of the first character.
    pub offset: usize,
    /// Length in bytes, never reaching over the end of a line.
    pub len: usize,
}

impl Span {
    /// Names a place.
    #[must_use]
    pub fn new(offset: usize, len: usize) -> Self {
        Self { offset, len }
    }
}

impl From<Span> for SourceSpan {
    fn from(span: Span) -> Self {
        Self::new(span.offset.into(), span.len)
    }
}

/// One value of the file with its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Value {
    /// A value without parts.
    Scalar {
        /// Its text, without quotes.
        text: String,
        /// Whether it stands without quotes, and so may mean something other than text.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with values, in the order of the file.
    Mapping(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its place.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Names the kind of the value as a message calls it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => "nothing",
            Value::Scalar { .. } => "a value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// Tells whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Mapping(_))
    }

    /// Tells whether the value is absent: `key:` or `key: ~` or `key: null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The place.
    pub span: Span,
    /// The value.
    pub value: T,
}

impl At<String> {
    /// Yields the place of a part of the text; the whole place where quotes hide how the text is written.
    #[must_use]
    pub fn part(&self, at: &std::ops::Range<usize>) -> Span {
        let quotes = match self.span.len.checked_sub(self.value.len()) {
            Some(0) => 0,
            Some(2) => 1,
            _ => return self.span,
        };
        Span::new(self.span.offset + quotes + at.start, at.len())
    }
}

/// Line and column of a place in a file, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// Finds line and column of a place.
    #[must_use]
    pub fn of(text: &str, span: Span) -> Self {
        let before = text.get(..span.offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Self { line, column }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_columns_in_characters() {
        let text = "a: 1\nå: b";
        let at = text.find('b').expect("there is a b");
        assert_eq!(
            Position::of(text, Span::new(at, 1)),
            Position { line: 2, column: 4 }
        );
    }
}
