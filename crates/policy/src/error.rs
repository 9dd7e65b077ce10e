//! The faults of a policy file, each with its place, its code, what is allowed there, and a guess.
//!
//! [`Diagnostic`] implements [`miette::Diagnostic`] without a renderer: whoever prints chooses how it looks.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use miette::{LabeledSpan, NamedSource, SourceCode, SourceSpan};
use strum::VariantArray;

/// A place in the text of the policy file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Byte offset of the first character.
    pub offset: usize,
    /// Length in bytes, never reaching over the end of a line.
    pub len: usize,
}

impl Span {
    pub(crate) fn new(offset: usize, len: usize) -> Self {
        Self { offset, len }
    }
}

impl From<Span> for SourceSpan {
    fn from(span: Span) -> Self {
        Self::new(span.offset.into(), span.len)
    }
}

/// What is wrong at one place of a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::EnumDiscriminants)]
#[strum_discriminants(name(Kind), vis(), derive(strum::VariantArray))]
#[non_exhaustive]
pub enum Fault {
    /// The file is larger than a policy may be.
    #[error("the policy file has {found} bytes, at most {limit} are read")]
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
    /// The text is no YAML; nothing after this place was read.
    #[error("not valid YAML: {detail}")]
    Syntax {
        /// What the parser says.
        detail: String,
    },
    /// The file holds nothing.
    #[error("the policy file is empty")]
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
    /// A version of the grammar that this program does not know.
    #[error("policy version `{found}` is not known, expected `1`")]
    UnknownVersion {
        /// The version of the file.
        found: String,
    },
    /// A name with characters that names do not have.
    #[error("`{found}` is no name for {what}")]
    BadName {
        /// What is named.
        what: &'static str,
        /// The name.
        found: String,
    },
    /// An identity that the file does not define.
    #[error("unknown identity `{name}`")]
    UnknownIdentity {
        /// The name.
        name: String,
        /// The identities of the file.
        known: Vec<String>,
        /// The identity whose name looks most like it.
        guess: Option<String>,
    },
    /// An identity that says the same as another one.
    #[error("identity `{name}` is the same as `{other}`")]
    SameIdentity {
        /// The name.
        name: String,
        /// The other name.
        other: String,
    },
    /// An id that two entries of a list share.
    #[error("the id `{id}` is given twice")]
    DuplicateId {
        /// The id.
        id: String,
        /// Line of its first use.
        first_line: usize,
    },
    /// A list that says the same thing twice.
    #[error("`{item}` stands twice in {place}")]
    RepeatedItem {
        /// The item.
        item: String,
        /// The list.
        place: String,
    },
    /// A combination of identities with no key, or with several.
    #[error("a combination of identities has exactly one key, found {found}")]
    WhoKeys {
        /// Number of keys found.
        found: usize,
    },
    /// `atLeast` with a number that its list cannot mean.
    #[error("`n` must be between 1 and {of}, the length of `of`, found {found}")]
    AtLeast {
        /// The number.
        found: u64,
        /// Length of the list.
        of: usize,
    },
    /// A GitHub repository in another form than `OWNER/NAME`.
    #[error("`{found}` is no `OWNER/NAME`")]
    Repository {
        /// The text.
        found: String,
    },
    /// A workflow in another form than a path below `.github/workflows/`.
    #[error("`{found}` is no workflow file")]
    Workflow {
        /// The text.
        found: String,
    },
    /// A workflow with a ref behind it.
    #[error("`{found}` carries a ref")]
    WorkflowRef {
        /// The text.
        found: String,
    },
    /// A git ref that is not complete.
    #[error("`{found}` is no full git ref")]
    GitRef {
        /// The text.
        found: String,
    },
    /// An e-mail address without its form.
    #[error("`{found}` is no e-mail address")]
    Address {
        /// The text.
        found: String,
    },
    /// An issuer that is no URL.
    #[error("the issuer `{found}` is no URL")]
    Issuer {
        /// The text.
        found: String,
    },
    /// An issuer with a wildcard.
    #[error("the issuer `{found}` is a pattern")]
    IssuerPattern {
        /// The text.
        found: String,
    },
    /// A pattern that restricts nothing.
    #[error("the pattern `{found}` matches everything")]
    MatchesEverything {
        /// The pattern.
        found: String,
    },
    /// A pattern with characters that mean something in other dialects.
    #[error("`{character}` has no meaning in the pattern `{found}`")]
    PatternCharacter {
        /// The pattern.
        found: String,
        /// The character or sequence.
        character: String,
    },
    /// A pattern that cannot be used for another reason.
    #[error("the pattern `{found}` cannot be used: {detail}")]
    Pattern {
        /// The pattern.
        found: String,
        /// Why.
        detail: String,
    },
    /// An image pattern with a scheme.
    #[error("the image pattern `{found}` has a scheme")]
    ImageScheme {
        /// The pattern.
        found: String,
    },
    /// An image pattern with a tag.
    #[error("the image pattern `{found}` has the tag `{tag}`")]
    ImageTag {
        /// The pattern.
        found: String,
        /// The tag.
        tag: String,
    },
    /// An image pattern whose digest is not complete.
    #[error("the image pattern ends in `{found}`, which is no digest")]
    ImageDigest {
        /// The text behind `@`.
        found: String,
    },
    /// An image pattern that no image can match.
    #[error("no image has a name like `{found}`")]
    ImageName {
        /// The pattern.
        found: String,
    },
    /// A registry with a path.
    #[error("`{found}` is no registry host")]
    Registry {
        /// The text.
        found: String,
    },
    /// A predicate type that is neither a known name nor a URI.
    #[error("unknown attestation type `{found}`")]
    AttestationType {
        /// The text.
        found: String,
        /// The short names.
        allowed: Vec<String>,
        /// The short name that looks most like it.
        guess: Option<String>,
    },
    /// A type that `attestations` must not ask for.
    #[error("`{found}` is asked for by `{instead}`, not by `attestations`")]
    AttestationElsewhere {
        /// The type.
        found: String,
        /// The key that asks for it.
        instead: &'static str,
    },
    /// A builder or a repository that is no URI.
    #[error("`{found}` is no URI")]
    Uri {
        /// The text.
        found: String,
    },
    /// A rule or a part of it that demands nothing.
    #[error("{place} demands nothing")]
    DemandsNothing {
        /// The part.
        place: String,
    },
    /// An exception from a check of trust.
    #[error("`{check}` cannot be excepted")]
    NotExceptable {
        /// The check.
        check: String,
        /// The checks that can be.
        allowed: Vec<String>,
    },
    /// A date in another form than `YYYY-MM-DD`, or one that does not exist.
    #[error("`{found}` is no date")]
    BadDate {
        /// The text.
        found: String,
    },
    /// An exception that lasts too long.
    #[error("the exception ends on {found}, later than {latest}")]
    TooLong {
        /// Its end.
        found: Date,
        /// The latest end that is allowed today.
        latest: Date,
    },
    /// The file of a key identity was not handed over.
    #[error("the key file `{file}` is missing")]
    KeyMissing {
        /// The file as the policy names it.
        file: String,
    },
    /// The file of a key identity holds no key that can verify.
    #[error("the key file `{file}` cannot be used: {detail}")]
    KeyUnusable {
        /// The file as the policy names it.
        file: String,
        /// Why.
        detail: String,
    },
}

impl Fault {
    /// Yields the stable code of the fault, for tests, editors and documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Kind::from(self).code()
    }

    /// Lists the codes of all faults.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        Kind::VARIANTS.iter().map(|kind| kind.code())
    }

    /// Says what to write instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::BadName { .. } => "use letters, digits, `.`, `_` and `-`, at most 64 of them".to_owned(),
            Self::Empty => "a policy begins with `version: 1`".to_owned(),
            Self::SecondDocument => "one file holds one policy".to_owned(),
            Self::Anchor | Self::Alias | Self::MergeKey => "write the value out where it is used".to_owned(),
            Self::Tag => "remove the tag".to_owned(),
            Self::DuplicateKey { first_line, .. } => format!("it is first given on line {first_line}"),
            Self::DuplicateId { first_line, .. } => format!("it is first used on line {first_line}"),
            Self::AmbiguousWord { found } => format!("write `true` or `false`, or quote it: \"{found}\""),
            Self::UnknownKey { allowed, guess, .. } => guessed(guess.as_deref(), allowed),
            Self::UnknownValue { allowed, guess, .. } => guessed(guess.as_deref(), allowed),
            Self::UnknownIdentity { known, .. } if known.is_empty() => "define it under `identities`".to_owned(),
            Self::UnknownIdentity { known, guess, .. } => guessed(guess.as_deref(), known),
            Self::AttestationType { allowed, guess, .. } => format!("{}, or a URI", guessed(guess.as_deref(), allowed)),
            Self::NotExceptable { allowed, .. } => format!("an exception may name: {}", list(allowed)),
            Self::SameIdentity { other, .. } => format!("use `{other}`, one signature would count twice"),
            Self::WhoKeys { .. } => "write a name, or one of `anyOf`, `allOf`, `atLeast`".to_owned(),
            Self::Repository { .. } => "write it as `acme/widget`, without the host".to_owned(),
            Self::Workflow { .. } => {
                "write `.github/workflows/FILE.yml`, or `OWNER/NAME/.github/workflows/FILE.yml` for a called workflow".to_owned()
            }
            Self::WorkflowRef { .. } => "leave out `@…` and restrict the ref with `ref`".to_owned(),
            Self::GitRef { .. } => "write it in full, as `refs/tags/v*` or `refs/heads/main`".to_owned(),
            Self::Issuer { .. } => "write the URL of the identity provider, as `https://accounts.example.com`".to_owned(),
            Self::IssuerPattern { .. } => "name the one issuer that is trusted".to_owned(),
            Self::MatchesEverything { .. } => "name at least a scheme and a host".to_owned(),
            Self::PatternCharacter { .. } => {
                "a pattern knows `*` (within a part) and `**` (across parts), and nothing else".to_owned()
            }
            Self::ImageScheme { .. } => "write `registry/repository`".to_owned(),
            Self::ImageTag { .. } => "tags move; name the repository, and `@sha256:…` for one image".to_owned(),
            Self::ImageDigest { .. } => "write `@sha256:` and 64 hexadecimal digits".to_owned(),
            Self::ImageName { .. } => "names are lower-case, in parts separated by `/`".to_owned(),
            Self::Registry { .. } => "write the host alone, as `registry.example` or `localhost:5000`".to_owned(),
            Self::AttestationElsewhere { instead, .. } => format!("use `{instead}`"),
            Self::Uri { .. } => "write it in full, as `https://github.com/acme/widget`".to_owned(),
            Self::BadDate { .. } => "write it as `2027-01-31`".to_owned(),
            Self::TooLong { .. } => "an exception ends within a year".to_owned(),
            Self::KeyUnusable { .. } => "a P-256 public key in PEM form is needed".to_owned(),
            _ => return None,
        };
        Some(text)
    }
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "policy.too-large",
            Self::TooDeep => "policy.too-deep",
            Self::TooManyNodes => "policy.too-many-values",
            Self::Syntax => "policy.syntax",
            Self::Empty => "policy.empty",
            Self::SecondDocument => "policy.second-document",
            Self::Anchor => "policy.anchor",
            Self::Alias => "policy.alias",
            Self::Tag => "policy.tag",
            Self::MergeKey => "policy.merge-key",
            Self::DuplicateKey => "policy.duplicate-key",
            Self::ComplexKey => "policy.complex-key",
            Self::AmbiguousWord => "policy.ambiguous-word",
            Self::WrongKind => "policy.wrong-kind",
            Self::UnknownKey => "policy.unknown-key",
            Self::MissingKey => "policy.missing-key",
            Self::EmptyValue => "policy.empty-value",
            Self::UnknownValue => "policy.unknown-value",
            Self::UnknownVersion => "policy.unknown-version",
            Self::BadName => "policy.bad-name",
            Self::UnknownIdentity => "policy.unknown-identity",
            Self::SameIdentity => "policy.same-identity",
            Self::DuplicateId => "policy.duplicate-id",
            Self::RepeatedItem => "policy.repeated-item",
            Self::WhoKeys => "policy.who-keys",
            Self::AtLeast => "policy.at-least",
            Self::Repository => "policy.repository",
            Self::Workflow => "policy.workflow",
            Self::WorkflowRef => "policy.workflow-ref",
            Self::GitRef => "policy.git-ref",
            Self::Address => "policy.address",
            Self::Issuer => "policy.issuer",
            Self::IssuerPattern => "policy.issuer-pattern",
            Self::MatchesEverything => "policy.matches-everything",
            Self::PatternCharacter => "policy.pattern-character",
            Self::Pattern => "policy.pattern",
            Self::ImageScheme => "policy.image-scheme",
            Self::ImageTag => "policy.image-tag",
            Self::ImageDigest => "policy.image-digest",
            Self::ImageName => "policy.image-name",
            Self::Registry => "policy.registry",
            Self::AttestationType => "policy.attestation-type",
            Self::AttestationElsewhere => "policy.attestation-elsewhere",
            Self::Uri => "policy.uri",
            Self::DemandsNothing => "policy.demands-nothing",
            Self::NotExceptable => "policy.not-exceptable",
            Self::BadDate => "policy.bad-date",
            Self::TooLong => "policy.exception-too-long",
            Self::KeyMissing => "policy.key-missing",
            Self::KeyUnusable => "policy.key-unusable",
        }
    }
}

/// One fault of one policy file: its place, message, code and help.
#[derive(Clone)]
pub struct Diagnostic {
    source: Arc<NamedSource<Arc<str>>>,
    span: Span,
    fault: Fault,
}

impl Diagnostic {
    pub(crate) fn new(source: Arc<NamedSource<Arc<str>>>, span: Span, fault: Fault) -> Self {
        Self {
            source,
            span,
            fault,
        }
    }

    /// Yields what is wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Yields the place, in bytes.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Yields the name of the file, as it was handed over.
    #[must_use]
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// Yields line and column, both from 1, the column in characters.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::of(self.source.inner(), self.span)
    }
}

/// Line and column of a place in the policy file, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    pub(crate) fn of(text: &str, span: Span) -> Self {
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

impl PartialEq for Diagnostic {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.fault == other.fault && self.file() == other.file()
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diagnostic")
            .field("file", &self.file())
            .field("span", &self.span)
            .field("fault", &self.fault)
            .finish()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.fault.code()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let text: Box<dyn fmt::Display> = Box::new(self.fault.help()?);
        Some(text)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::underline(self.span))))
    }
}

/// Finds the candidate that was probably meant: the nearest by edit distance, if no more than a third of it differs.
pub(crate) fn guess<'a>(
    found: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = found.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn list<T: AsRef<str>>(words: &[T]) -> String {
    words
        .iter()
        .map(|word| format!("`{}`", word.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn guessed<T: AsRef<str>>(guess: Option<&str>, allowed: &[T]) -> String {
    match guess {
        Some(guess) => format!("did you mean `{guess}`? allowed: {}", list(allowed)),
        None => format!("allowed: {}", list(allowed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_only_what_is_near() {
        let keys = ["signatures", "attestations", "provenance", "image"];
        for (found, expected) in [
            ("signature", Some("signatures")),
            ("Signatures", Some("signatures")),
            ("atestations", Some("attestations")),
            ("provenence", Some("provenance")),
            ("imgae", Some("image")),
            ("vulnerabilities", None),
            ("x", None),
        ] {
            assert_eq!(guess(found, keys), expected, "{found}");
        }
    }

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
