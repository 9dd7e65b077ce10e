//! Patterns: exact text, [globs](toolkit_oci::Glob) and regular expressions. All are anchored at both ends.

use std::fmt;

use toolkit_oci::Glob;

use crate::{Error, Result};

/// An anchored pattern.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Exact,
    Glob(Glob),
    Regex {
        anchored: regex::Regex,
        loose: regex::Regex,
    },
}

/// Longest pattern in bytes; identities and image names are far shorter, and matching costs pattern × text.
const LONGEST: usize = 4096;

/// Largest compiled regular expression in bytes: enough for alternatives over hundreds of names.
const REGEX_SIZE: usize = 1 << 20;

impl Pattern {
    /// Makes a pattern that matches this text only.
    #[must_use]
    pub fn exact(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::Exact,
        }
    }

    /// Parses a glob.
    ///
    /// # Errors
    /// [`Error::Pattern`] for an empty or overlong one, and for `***`.
    pub fn glob(text: &str) -> Result<Self> {
        let glob = Glob::parse(text).map_err(|error| Error::Pattern {
            pattern: text.chars().take(64).collect(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            text: text.to_owned(),
            kind: Kind::Glob(glob),
        })
    }

    /// Parses a regular expression, which then has to match the whole text.
    ///
    /// # Errors
    /// [`Error::Pattern`] for an empty, overlong, faulty or too large one.
    pub fn regex(text: &str) -> Result<Self> {
        check_length(text)?;
        let compile = |text: &str| {
            regex::RegexBuilder::new(text)
                .size_limit(REGEX_SIZE)
                .build()
                .map_err(|error| Error::Pattern {
                    pattern: text.to_owned(),
                    reason: error
                        .to_string()
                        .lines()
                        .last()
                        .unwrap_or_default()
                        .trim()
                        .trim_start_matches("error: ")
                        .to_owned(),
                })
        };
        // First alone: a text such as `a)|(?:b` is only valid inside a group, and would lose its anchors there.
        let loose = compile(text)?;
        let anchored = compile(&format!(r"\A(?:{text})\z"))?;
        Ok(Self {
            text: text.to_owned(),
            kind: Kind::Regex { anchored, loose },
        })
    }

    /// Tells whether the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Exact => self.text == text,
            Kind::Glob(glob) => glob.matches(text),
            Kind::Regex { anchored, .. } => anchored.is_match(text),
        }
    }

    /// Tells whether only a part of the text matches: the regular expression would match it without anchors, as other
    /// tools read it. Good for an explanation, never for a decision.
    #[must_use]
    pub fn matches_a_part_only(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Regex { anchored, loose } => !anchored.is_match(text) && loose.is_match(text),
            Kind::Exact | Kind::Glob(_) => false,
        }
    }

    /// Returns the pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether there is exactly one text that matches.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        match &self.kind {
            Kind::Exact => true,
            Kind::Glob(glob) => glob.is_exact(),
            Kind::Regex { .. } => false,
        }
    }
}

fn check_length(text: &str) -> Result<()> {
    let reason = if text.is_empty() {
        "it is empty"
    } else if text.len() > LONGEST {
        "it is longer than 4096 bytes"
    } else {
        return Ok(());
    };
    Err(Error::Pattern {
        pattern: text.chars().take(64).collect(),
        reason: reason.to_owned(),
    })
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Exact => "exact",
            Kind::Glob(_) => "glob",
            Kind::Regex { .. } => "regex",
        };
        write!(f, "Pattern({kind} {:?})", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && std::mem::discriminant(&self.kind) == std::mem::discriminant(&other.kind)
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_are_anchored() {
        let regex = Pattern::regex("https://ci/.*|b").unwrap();
        for (text, whole, part) in [
            ("https://ci/x", true, false),
            ("b", true, false),
            ("xb", false, true),
            ("https://evil/?https://ci/x", false, true),
            ("https://ci/x\nb", false, true),
            ("c", false, false),
        ] {
            assert_eq!(
                (regex.matches(text), regex.matches_a_part_only(text)),
                (whole, part),
                "{text}"
            );
        }
        assert!(!Pattern::regex("(?m)^b$").unwrap().matches("a\nb"));
    }

    #[test]
    fn bad_patterns() {
        for (result, reason) in [
            (Pattern::glob(""), "it is empty"),
            (Pattern::regex(""), "it is empty"),
            (Pattern::glob("a/***"), "`***` has no meaning"),
            (
                Pattern::glob(&"a".repeat(5000)),
                "it is longer than 4096 bytes",
            ),
            (Pattern::regex("a)|(?:b"), "unopened group"),
            (Pattern::regex("(?x)a #"), "unclosed group"),
        ] {
            let Err(Error::Pattern { reason: found, .. }) = result else {
                panic!("accepted: {reason}")
            };
            assert_eq!(found, reason);
        }
    }
}
