//! What can be wrong with a file that a person wrote, whatever it is for: its syntax, kinds of values, keys, words, dates.

use jiff::civil::Date;
use strum::VariantArray;

use super::node::Span;

/// What is wrong at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::EnumDiscriminants)]
#[strum_discriminants(name(Reason), vis(), derive(strum::VariantArray))]
#[non_exhaustive]
pub enum Fault {
    /// The file is larger than is read.
    #[error("the file has {found} bytes, at most {limit} are read")]
    TooLarge {
        /// Largest size in bytes.
        limit: usize,
        /// Size of the file in bytes.
        found: usize,
    },
    /// Collections are nested too deeply.
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// Deepest nesting that is read.
        limit: usize,
    },
    /// The file has too many values.
    #[error("more than {limit} values")]
    TooManyNodes {
        /// Largest number of values.
        limit: usize,
    },
    /// The text breaks the syntax of its format; nothing after this place was read.
    #[error("not valid {format}: {detail}")]
    Syntax {
        /// The format.
        format: &'static str,
        /// What the parser says.
        detail: String,
    },
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// A second YAML document begins.
    #[error("a second document begins here")]
    SecondDocument,
    /// An anchor (`&name`).
    #[error("anchors are not allowed")]
    Anchor,
    /// An alias (`*name`).
    #[error("aliases are not allowed")]
    Alias,
    /// A tag (`!name`).
    #[error("tags are not allowed")]
    Tag,
    /// A merge key (`<<`).
    #[error("merge keys are not allowed")]
    MergeKey,
    /// A key that stands twice in one mapping.
    #[error("`{key}` is given twice")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Line of its first use.
        first_line: usize,
    },
    /// A key that is a list or a mapping.
    #[error("a key must be a word")]
    ComplexKey,
    /// A bare word that readers of YAML understand differently.
    #[error("bare `{found}` is a boolean to some readers of YAML and text to others")]
    AmbiguousWord {
        /// The word.
        found: String,
    },
    /// A value of another kind than the key takes.
    #[error("{place} must be {expected}, found {found}")]
    WrongKind {
        /// The key, or what the value stands for.
        place: String,
        /// What is expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// A key that the grammar does not have here.
    #[error("unknown key `{key}` in {place}")]
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands.
        place: String,
        /// The keys that may stand there.
        allowed: &'static [&'static str],
        /// The allowed key that looks most like it.
        guess: Option<&'static str>,
    },
    /// A required key is absent.
    #[error("{place} needs the key `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// Where it is needed.
        place: String,
    },
    /// A value, list or mapping with nothing in it.
    #[error("{place} must not be empty")]
    EmptyValue {
        /// The key, or what the value stands for.
        place: String,
    },
    /// A word out of a closed set was expected.
    #[error("unknown {what} `{found}`")]
    UnknownValue {
        /// What the word names.
        what: &'static str,
        /// The word.
        found: String,
        /// The words that are allowed.
        allowed: Vec<String>,
        /// The allowed word that looks most like it.
        guess: Option<String>,
    },
    /// A name with characters that names do not have.
    #[error("`{found}` is no name for {what}")]
    BadName {
        /// What is named.
        what: &'static str,
        /// The name.
        found: String,
    },
    /// A list that says the same thing twice.
    #[error("`{item}` stands twice in {place}")]
    RepeatedItem {
        /// The item.
        item: String,
        /// The list.
        place: String,
    },
    /// A date in another form than `YYYY-MM-DD`, or one that does not exist.
    #[error("`{found}` is no date")]
    BadDate {
        /// The text.
        found: String,
    },
    /// Something that has to end lasts too long.
    #[error("{place} ends on {found}, later than {latest}")]
    TooLong {
        /// What ends.
        place: String,
        /// Its end.
        found: Date,
        /// The latest end that is allowed today.
        latest: Date,
    },
}

/// Faults with their places.
pub type Faults<F = Fault> = Vec<(Span, F)>;

/// Is implemented by what a [`Diagnostic`](super::Diagnostic) can tell.
pub trait Explain: std::error::Error {
    /// Yields the stable code of the fault, for tests, editors and documentation, where its kind of file has codes.
    fn code(&self) -> Option<String>;

    /// Says what to write instead, where that can be said.
    fn help(&self) -> Option<String>;
}

impl Fault {
    /// Yields the stable code of the fault, without the name of the kind of file.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Reason::from(self).code()
    }

    /// Lists the codes of all faults.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        Reason::VARIANTS.iter().map(|kind| kind.code())
    }

    /// Says what to write instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::BadName { .. } => {
                "use letters, digits, `.`, `_` and `-`, at most 64 of them".to_owned()
            }
            Self::Anchor | Self::Alias | Self::MergeKey => {
                "write the value out where it is used".to_owned()
            }
            Self::Tag => "remove the tag".to_owned(),
            Self::DuplicateKey { first_line, .. } => {
                format!("it is first given on line {first_line}")
            }
            Self::AmbiguousWord { found } => {
                format!("write `true` or `false`, or quote it: \"{found}\"")
            }
            Self::UnknownKey { allowed, guess, .. } => guessed(guess.as_deref(), allowed),
            Self::UnknownValue { allowed, guess, .. } => guessed(guess.as_deref(), allowed),
            Self::BadDate { .. } => "write it as `2027-01-31`".to_owned(),
            Self::TooLong { .. } => "it ends within a year".to_owned(),
            _ => return None,
        };
        Some(text)
    }
}

impl Reason {
    fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
            Self::TooManyNodes => "too-many-values",
            Self::Syntax => "syntax",
            Self::Empty => "empty",
            Self::SecondDocument => "second-document",
            Self::Anchor => "anchor",
            Self::Alias => "alias",
            Self::Tag => "tag",
            Self::MergeKey => "merge-key",
            Self::DuplicateKey => "duplicate-key",
            Self::ComplexKey => "complex-key",
            Self::AmbiguousWord => "ambiguous-word",
            Self::WrongKind => "wrong-kind",
            Self::UnknownKey => "unknown-key",
            Self::MissingKey => "missing-key",
            Self::EmptyValue => "empty-value",
            Self::UnknownValue => "unknown-value",
            Self::BadName => "bad-name",
            Self::RepeatedItem => "repeated-item",
            Self::BadDate => "bad-date",
            Self::TooLong => "too-long",
        }
    }
}

/// Lists words as a message shows them.
pub fn list<T: AsRef<str>>(words: &[T]) -> String {
    words
        .iter()
        .map(|word| format!("`{}`", word.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Names the word that was probably meant, and all that are allowed.
pub fn guessed<T: AsRef<str>>(guess: Option<&str>, allowed: &[T]) -> String {
    match guess {
        Some(guess) => format!("did you mean `{guess}`? allowed: {}", list(allowed)),
        None => format!("allowed: {}", list(allowed)),
    }
}
