//! Patterns: exact text, globs over `/`-separated parts, and regular expressions. All are anchored at both ends.
//!
//! | glob | matches |
//! |---|---|
//! | `*` | any number of characters but `/` |
//! | `**` | any number of characters |
//! | `**/` at the start of a part | any number of whole parts, also none |
//! | `/**` at the end | at least one character below |
//!
//! Everything else stands for itself; letter case counts.

use std::fmt;

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
    Glob(Vec<Token>),
    Regex {
        anchored: regex::Regex,
        loose: regex::Regex,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `*`
    InPart,
    /// `**`
    Any,
    /// `**` after the last `/`
    Below,
    /// `**/` at the start of a part
    Parts,
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
        let bad = |reason: &str| Error::Pattern {
            pattern: text.to_owned(),
            reason: reason.to_owned(),
        };
        check_length(text)?;
        if text.contains("***") {
            return Err(bad("`***` has no meaning"));
        }
        let mut tokens = Vec::new();
        let mut rest = text.chars().peekable();
        let mut part_starts = true;
        while let Some(char) = rest.next() {
            if char != '*' {
                tokens.push(Token::Char(char));
                part_starts = char == '/';
                continue;
            }
            if rest.next_if_eq(&'*').is_none() {
                tokens.push(Token::InPart);
                part_starts = false;
            } else if part_starts && rest.next_if_eq(&'/').is_some() {
                tokens.push(Token::Parts);
            } else if part_starts && rest.peek().is_none() && !tokens.is_empty() {
                tokens.push(Token::Below);
            } else {
                tokens.push(Token::Any);
                part_starts = false;
            }
        }
        Ok(Self {
            text: text.to_owned(),
            kind: Kind::Glob(tokens),
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
            Kind::Glob(tokens) => glob_matches(tokens, text),
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
            Kind::Glob(tokens) => tokens.iter().all(|token| matches!(token, Token::Char(_))),
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

/// Runs all readings of the glob side by side, so that no pattern needs more than tokens × characters steps.
fn glob_matches(tokens: &[Token], text: &str) -> bool {
    // One flag for each place between tokens; `inside` marks a `Below` or `Parts` that has eaten something.
    let places = tokens.len() + 1;
    let mut at = vec![false; places];
    let mut inside = vec![false; places];
    set(&mut at, 0);
    skip_empty(tokens, &mut at);
    for char in text.chars() {
        let mut next_at = vec![false; places];
        let mut next_inside = vec![false; places];
        for (place, token) in tokens.iter().enumerate() {
            let here = get(&at, place);
            let eating = here || get(&inside, place);
            match token {
                Token::Char(wanted) if here && *wanted == char => set(&mut next_at, place + 1),
                Token::InPart if here && char != '/' => set(&mut next_at, place),
                Token::Any if here => set(&mut next_at, place),
                Token::Below if eating => {
                    set(&mut next_inside, place);
                    set(&mut next_at, place + 1);
                }
                Token::Parts if eating => {
                    if char == '/' {
                        set(&mut next_at, place + 1);
                    }
                    set(&mut next_inside, place);
                }
                _ => {}
            }
        }
        skip_empty(tokens, &mut next_at);
        at = next_at;
        inside = next_inside;
    }
    get(&at, tokens.len())
}

/// Steps over tokens that may match nothing.
fn skip_empty(tokens: &[Token], at: &mut [bool]) {
    for (place, token) in tokens.iter().enumerate() {
        if get(at, place) && matches!(token, Token::InPart | Token::Any | Token::Parts) {
            set(at, place + 1);
        }
    }
}

fn get(flags: &[bool], place: usize) -> bool {
    flags.get(place).copied().unwrap_or(false)
}

fn set(flags: &mut [bool], place: usize) {
    if let Some(flag) = flags.get_mut(place) {
        *flag = true;
    }
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
    fn globs() {
        for (pattern, yes, no) in [
            (
                "acme/widget",
                &["acme/widget"][..],
                &["acme/widget2", "xacme/widget", "Acme/widget", "acme"][..],
            ),
            (
                "acme/*",
                &["acme/widget", "acme/"],
                &["acme/a/b", "acme", "xacme/a"],
            ),
            (
                "acme/**",
                &["acme/widget", "acme/a/b"],
                &["acme", "acme/", "acmex/a"],
            ),
            ("**", &["", "a", "a/b"], &[]),
            (
                "**/release.yml",
                &["release.yml", "a/release.yml", "a/b/release.yml"],
                &["xrelease.yml", "a/xrelease.yml"],
            ),
            (
                "a/**/b",
                &["a/b", "a/x/b", "a/x/y/b"],
                &["ab", "a/xb", "a/b/c"],
            ),
            (
                "refs/tags/v*",
                &["refs/tags/v1", "refs/tags/v"],
                &["refs/tags/v1/x", "refs/heads/v1", "refs/tags/1"],
            ),
            ("v**x", &["vx", "va/bx"], &["v", "xvx"]),
            ("*.*.*", &["1.2.3", ".."], &["1.2", "1/2.3.4"]),
            ("a?[b]{c}", &["a?[b]{c}"], &["ab", "axbc"]),
        ] {
            let glob = Pattern::glob(pattern).unwrap();
            for text in yes {
                assert!(glob.matches(text), "{pattern} should match {text}");
            }
            for text in no {
                assert!(!glob.matches(text), "{pattern} should not match {text}");
            }
        }
    }

    #[test]
    fn no_glob_takes_long() {
        let glob = Pattern::glob(&"*a".repeat(2000)).unwrap();
        assert!(!glob.matches(&"a".repeat(3000).replace("aaa", "aab")));
    }

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
