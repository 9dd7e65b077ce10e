//! Foreign text made safe for a terminal: control characters, direction marks and invisible characters are shown as escapes.
//!
//! Names of files and packages, annotations and a registry's messages are attackers' bytes; shown raw they could move the cursor, hide a
//! line or reorder it. Newlines and tabs stay. It does not escape for any file format.

use std::borrow::Cow;
use std::fmt::Write;

/// Replaces every character that a terminal would obey rather than show by its `\u{…}` escape.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_active(character) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "{}", character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Finds the first character that a terminal would obey or hide, with its line from 1; a byte order mark at the start is none, nor is
/// the carriage return of a line's end.
pub(crate) fn active_character(text: &str) -> Option<(usize, char)> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    text.split('\n').enumerate().find_map(|(index, line)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.chars()
            .find(|character| is_active(*character))
            .map(|character| (index + 1, character))
    })
}

/// Says whether a terminal obeys or hides the character: C0 and C1 controls, and the marks of Unicode's UAX #9 and its zero-width set.
fn is_active(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{00AD}'
        | '\u{061C}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_active_character_is_found() {
        assert_eq!(active_character("\u{feff}a\r\nb\tc"), None);
        assert_eq!(
            active_character("a\nb\u{202e}c\u{1b}"),
            Some((2, '\u{202e}'))
        );
        assert_eq!(active_character("a\rb"), Some((1, '\r')));
    }

    #[test]
    fn only_active_characters_are_escaped() {
        for (raw, expected) in [
            ("plain, ünïcode\n\tand lines", "plain, ünïcode\n\tand lines"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{1b}]52;c;Zm9v\u{7}", "\\u{1b}]52;c;Zm9v\\u{7}"),
            ("over\rwrite", "over\\u{d}write"),
            ("c1\u{9b}31m", "c1\\u{9b}31m"),
            ("bidi\u{202e}txt", "bidi\\u{202e}txt"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
        ] {
            assert_eq!(printable(raw), expected);
        }
    }
}
