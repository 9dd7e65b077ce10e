//! Globs over names whose parts are separated by `/`: repositories, paths in layers, package URLs, workflow files. Anchored at both ends.
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

/// Longest glob in bytes; names are far shorter, and matching costs glob × text.
const LONGEST: usize = 4096;

/// A glob.
#[derive(Clone)]
pub struct Glob {
    text: String,
    tokens: Vec<Token>,
}

/// Tells why a text is no glob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GlobError {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is too long.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// Bytes allowed.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
    /// It has three stars in a row.
    #[error("`***` has no meaning")]
    ThreeStars {
        /// Where the first of them stands, in bytes.
        at: usize,
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

impl Glob {
    /// Parses a glob.
    ///
    /// # Errors
    /// [`GlobError`] for an empty or overlong one, and for `***`.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        if text.is_empty() {
            return Err(GlobError::Empty);
        }
        if text.len() > LONGEST {
            return Err(GlobError::TooLong {
                limit: LONGEST,
                found: text.len(),
            });
        }
        if let Some(at) = text.find("***") {
            return Err(GlobError::ThreeStars { at });
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
            tokens,
        })
    }

    /// Tells whether the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        glob_matches(&self.tokens, text)
    }

    /// Returns the glob as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether there is exactly one text that matches.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.tokens
            .iter()
            .all(|token| matches!(token, Token::Char(_)))
    }
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

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Glob {}

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
            let glob = Glob::parse(pattern).unwrap();
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
        let glob = Glob::parse(&"*a".repeat(2000)).unwrap();
        assert!(!glob.matches(&"a".repeat(3000).replace("aaa", "aab")));
    }

    #[test]
    fn what_is_no_glob() {
        for (text, expected) in [
            ("", GlobError::Empty),
            ("a/***", GlobError::ThreeStars { at: 2 }),
            (
                &*"a".repeat(5000),
                GlobError::TooLong {
                    limit: 4096,
                    found: 5000,
                },
            ),
        ] {
            assert_eq!(Glob::parse(text), Err(expected));
        }
    }
}
