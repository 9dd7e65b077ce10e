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
