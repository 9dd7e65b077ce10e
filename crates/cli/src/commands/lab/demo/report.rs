//! How the demonstration looks: each command as typed, its result indented, and whether it ended as expected.

use super::scene::Scene;
use super::witness::Unexpected;
use crate::error::Result;
use crate::output::Stdout;

/// Lines of a result that are shown where all went well; what fails is shown whole.
const LINES: usize = 24;
/// Digits of a digest that are shown, as docker does.
const DIGITS: usize = 12;

/// How much of a result is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// Digests are cut, and what is long loses its middle.
    Short,
    /// As `Short`, and the checks that pass are only counted.
    WithoutPasses,
}

/// Prints the demonstration on stdout.
#[derive(Debug)]
pub(super) struct Report {
    color: bool,
    steps: usize,
}

impl Report {
    /// Prepares to print this many steps, coloured or not.
    pub(super) fn new(color: bool, steps: usize) -> Self {
        Self { color, steps }
    }

    /// Prints what stands where, as the lines that a user would type first.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`], as all of these.
    pub(super) fn opening(&self, scene: &Scene) -> Result<()> {
        let variables: Vec<String> = scene
            .session()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut text = String::from(
            "A private Sigstore and two registries run on loopback; they and their folder end with this demonstration.\n\n",
        );
        for line in [
            format!("cd {}", scene.folder.path().display()),
            format!("export {}", variables.join(" ")),
            format!("IMAGE={}", scene.first),
            format!("COPY={}", scene.second),
        ] {
            text.push_str(&self.command(&line));
        }
        Stdout::print(&text)
    }

    /// Prints a step's number and what it is about.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn title(&self, number: usize, title: &str) -> Result<()> {
        let text = format!("{number}/{} {title}", self.steps);
        Stdout::print(&format!("\n{}\n", self.styled("1", &text)))
    }

    /// Prints a file that the next command reads.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn file(&self, name: &str, text: &str) -> Result<()> {
        let shown = self.command(&format!("cat {name}"));
        Stdout::print(&format!("{shown}{}", indented(text, usize::MAX)))
    }

    /// Prints a command as it is typed.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn typed(&self, line: &str) -> Result<()> {
        Stdout::print(&self.command(line))
    }

    /// Prints what happens behind the commands' backs.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn aside(&self, text: &str) -> Result<()> {
        Stdout::print(&format!("  # {text}\n"))
    }

    /// Prints a result.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn result(&self, text: &str, extent: Extent) -> Result<()> {
        Stdout::print(&match extent {
            Extent::Whole => indented(text, usize::MAX),
            Extent::Short => indented(&shortened(text), LINES),
            Extent::WithoutPasses => indented(&shortened(&without_passes(text)), LINES),
        })
    }

    /// Prints why a step holds.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn held(&self, why: &str) -> Result<()> {
        let mark = self.styled("32", "as expected");
        Stdout::print(&format!("  {mark}: {why}\n"))
    }

    /// Prints why a step does not hold.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn failed(&self, unexpected: &Unexpected) -> Result<()> {
        let mark = self.styled("31", "NOT as expected");
        Stdout::print(&format!(
            "  {mark}: expected {}, found {}\n",
            unexpected.expected, unexpected.found
        ))
    }

    /// Prints the line that counts what held.
    ///
    /// # Errors
    /// [`crate::error::Error::Stdout`].
    pub(super) fn closing(&self, held: usize) -> Result<()> {
        let steps = self.steps;
        let style = if held == steps { "32" } else { "31" };
        let text = format!("{held} of {steps} steps ended as expected");
        Stdout::print(&format!("\n{}\n", self.styled(style, &text)))
    }

    fn command(&self, line: &str) -> String {
        format!("  $ {}\n", self.styled("36", line))
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Indents a text, without the blank lines at its ends; a long one loses what is before its last line.
fn indented(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.trim_matches('\n').lines().collect();
    let indent = |line: &&str| format!("    {line}").trim_end().to_owned() + "\n";
    if lines.len() <= most {
        return lines.iter().map(indent).collect();
    }
    let mut shown: String = lines
        .iter()
        .take(most.saturating_sub(2))
        .map(indent)
        .collect();
    let left_out = lines.len() - most.saturating_sub(1);
    shown.push_str(&format!("    … {left_out} more lines\n"));
    shown.extend(lines.last().map(indent));
    shown
}

/// Puts their number in the place of the lines of checks that pass.
fn without_passes(text: &str) -> String {
    let passes = |line: &str| line.starts_with("  ok ");
    let count = text.lines().filter(|line| passes(line)).count();
    let mut kept = String::with_capacity(text.len());
    let mut told = false;
    for line in text.lines() {
        if !passes(line) {
            kept.push_str(line);
            kept.push('\n');
        } else if !told {
            told = true;
            kept.push_str(&format!("  ok         {count} checks pass\n"));
        }
    }
    kept
}

/// Cuts every SHA-256 digest to its first digits.
fn shortened(text: &str) -> String {
    const NAME: &str = "sha256:";
    const LENGTH: usize = 64;
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find(NAME) {
        let (before, found) = rest.split_at(place + NAME.len());
        let digits = found.bytes().take_while(u8::is_ascii_hexdigit).count();
        // The digits are ASCII, so every cut among them is between characters.
        let (digest, after) = found.split_at(digits);
        short.push_str(before);
        if digits == LENGTH {
            short.push_str(&digest[..DIGITS]);
            short.push('…');
        } else {
            short.push_str(digest);
        }
        rest = after;
    }
    short.push_str(rest);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_cut_and_nothing_else() {
        let digest = "0123456789abcdef".repeat(4);
        for (text, expected) in [
            (
                format!("a sha256:{digest} b sha256:{digest}"),
                "a sha256:0123456789ab… b sha256:0123456789ab…".to_owned(),
            ),
            (format!("sha256:{digest}0"), format!("sha256:{digest}0")),
            ("sha256:é".to_owned(), "sha256:é".to_owned()),
            (digest.clone(), digest.clone()),
        ] {
            assert_eq!(shortened(&text), expected, "{text}");
        }
    }

    #[test]
    fn long_results_lose_their_middle() {
        assert_eq!(
            indented("\na\n\nb\nc\nd\n\n", 4),
            "    a\n\n    … 2 more lines\n    d\n"
        );
        assert_eq!(indented("a\nb\n", 2), "    a\n    b\n");
        assert_eq!(indented("", 2), "");
    }

    #[test]
    fn passes_are_counted() {
        assert_eq!(
            without_passes("head\n  ok  a\n  FAIL b\n  ok  c\n"),
            "head\n  ok         2 checks pass\n  FAIL b\n"
        );
        assert_eq!(without_passes("okay\n"), "okay\n");
    }
}
