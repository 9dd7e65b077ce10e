//! The byte key of a version and the pieces that schemes build it from.
//!
//! Every piece is prefix-free, so that the order of two keys is decided at the first piece that differs.

/// Orders a version within its scheme by plain comparison of bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Box<[u8]>);

impl Key {
    /// Returns the bytes, as they are stored in a database.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Builds a key piece by piece.
#[derive(Default)]
pub(super) struct Builder(Vec<u8>);

impl Builder {
    /// Adds a tag that tells kinds of pieces apart; lower tags order first.
    pub(super) fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.push(tag);
        self
    }

    /// Adds a natural number of any size: its count of significant digits, then the digits. `digits` holds ASCII digits only.
    pub(super) fn number(&mut self, digits: &str) -> &mut Self {
        let significant = digits.trim_start_matches('0');
        self.length(significant.len());
        self.0.extend_from_slice(significant.as_bytes());
        self
    }

    /// Adds a count, greater ones ordering later. Versions are at most 512 bytes long, so two bytes hold any count of their parts.
    pub(super) fn length(&mut self, length: usize) -> &mut Self {
        self.0
            .extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        self
    }

    /// Adds a count, greater ones ordering first.
    pub(super) fn inverted_length(&mut self, length: usize) -> &mut Self {
        self.0
            .extend_from_slice(&(!u16::try_from(length).unwrap_or(u16::MAX)).to_be_bytes());
        self
    }

    /// Adds text in byte order, a prefix before what it starts. NUL ends it, so a NUL within is written as the lowest other byte.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend(text.bytes().map(|byte| byte.max(1)));
        self.0.push(0);
        self
    }

    /// Ends the key.
    pub(super) fn finish(self) -> Key {
        Key(self.0.into_boxed_slice())
    }
}

/// Tells whether `text` is one or more ASCII digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Splits `text` behind its longest start of bytes for which `belongs` holds. `belongs` must hold for ASCII bytes only.
pub(super) fn split_while(text: &str, belongs: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !belongs(byte))
        .unwrap_or(text.len());
    // ASCII bytes were passed, so `end` is a boundary; the fallback is unreachable.
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> Key {
        let mut key = Builder::default();
        key.number(digits);
        key.finish()
    }

    #[test]
    fn numbers_order_by_value_at_any_size() {
        let rising = [
            "0",
            "1",
            "9",
            "10",
            "99",
            "100",
            "18446744073709551616",
            "99999999999999999999999999999",
        ];
        for pair in rising.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("007"), number("7"));
        assert_eq!(number(""), number("0"));
    }

    #[test]
    fn text_orders_a_prefix_first() {
        let text = |value: &str| {
            let mut key = Builder::default();
            key.text(value).tag(9);
            key.finish()
        };
        assert!(text("") < text("a") && text("a") < text("aa") && text("aa") < text("b"));
    }

    #[test]
    fn splits_where_the_class_ends() {
        assert_eq!(split_while("12ab", |b| b.is_ascii_digit()), ("12", "ab"));
        assert_eq!(split_while("é1", |b| b.is_ascii_digit()), ("", "é1"));
        assert_eq!(split_while("", |b| b.is_ascii_digit()), ("", ""));
    }
}
