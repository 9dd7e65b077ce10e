//! Colour for the words that say how something ended. Colour only repeats what a word says: without it nothing is lost.
//!
//! Text is made harmless before it is painted, never after: the escapes of colours would be made harmless too.

use std::fmt::Write;

use clap::builder::styling::{AnsiColor, Style};

/// Says what a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Yes, proved.
    Good,
    /// No.
    Bad,
    /// Not known, or worth a look.
    Open,
    /// A heading.
    Head,
    /// Beside the point.
    Faint,
}

impl Mood {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Open => AnsiColor::Yellow.on_default(),
            Self::Head => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
        }
    }
}

/// Paints or leaves plain, as the stream can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    color: bool,
}

impl Paint {
    /// Paints where the stream shows colour.
    pub(crate) fn new(color: bool) -> Self {
        Self { color }
    }

    /// Paints a word.
    pub(crate) fn word(self, mood: Mood, word: &str) -> String {
        let mut text = String::with_capacity(word.len() + 16);
        self.push(&mut text, mood, word);
        text
    }

    /// Paints the words that lines begin with, spaces before them aside; foreign text never begins a line.
    pub(crate) fn leading(self, text: &str, words: &[(&str, Mood)]) -> String {
        if !self.color {
            return text.to_owned();
        }
        let mut painted = String::with_capacity(text.len() + 256);
        for line in text.split_inclusive('\n') {
            let rest = line.trim_start_matches(' ');
            let found = words.iter().find_map(|(word, mood)| {
                let tail = rest.strip_prefix(word)?;
                tail.starts_with([' ', ':', '\n'])
                    .then_some((*word, *mood, tail))
            });
            match found {
                None => painted.push_str(line),
                Some((word, mood, tail)) => {
                    painted.extend(std::iter::repeat_n(' ', line.len() - rest.len()));
                    self.push(&mut painted, mood, word);
                    painted.push_str(tail);
                }
            }
        }
        painted
    }

    /// Paints the first line as a heading.
    pub(crate) fn heading(self, text: &str) -> String {
        match text.split_once('\n') {
            Some((head, rest)) if self.color => format!("{}\n{rest}", self.word(Mood::Head, head)),
            _ => text.to_owned(),
        }
    }

    fn push(self, text: &mut String, mood: Mood, word: &str) {
        if self.color {
            let style = mood.style();
            // Writing to a String cannot fail.
            let _ = write!(text, "{style}{word}{style:#}");
        } else {
            text.push_str(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_at_the_beginning_are_painted() {
        let words = [("FAIL", Mood::Bad), ("ok", Mood::Good)];
        let text = "FAIL x FAIL\n  ok  y\nokay\n  FAILURE\nFAIL: 1\n";
        assert_eq!(Paint::new(false).leading(text, &words), text);
        assert_eq!(
            Paint::new(true).leading(text, &words),
            "\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m x FAIL\n  \u{1b}[32mok\u{1b}[0m  y\nokay\n  FAILURE\n\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m: 1\n"
        );
    }

    #[test]
    fn a_heading_is_one_line() {
        assert_eq!(
            Paint::new(true).heading("a b\nc\n"),
            "\u{1b}[1ma b\u{1b}[0m\nc\n"
        );
        assert_eq!(Paint::new(false).heading("a b\nc\n"), "a b\nc\n");
        assert_eq!(Paint::new(true).heading("none"), "none");
    }
}
