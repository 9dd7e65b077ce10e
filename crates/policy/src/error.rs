//! The faults of a policy file, each with its place, its code, what is allowed there, and a guess.
//!
//! What any file that a person writes can have is [`config::Fault`]; [`Diagnostic`] is without a renderer: whoever prints chooses how it looks.

use strum::VariantArray;
use toolkit_vulndb::config::{self, Explain, guessed, list};
use toolkit_vulndb::select::{PurlGlobFault, RangeFault};

/// What is wrong at one place of a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::EnumDiscriminants)]
#[strum_discriminants(name(Kind), vis(), derive(strum::VariantArray))]
#[non_exhaustive]
pub enum Fault {
    /// A fault that any file can have.
    #[error(transparent)]
    Config(#[from] config::Fault),
    /// A version of the grammar that this program does not know.
    #[error("policy version `{found}` is not known, expected `1`")]
    UnknownVersion {
        /// The version of the file.
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
    /// A pattern over alternative names that does not say whose they are.
    #[error("the pattern `{found}` leaves open whose identity it is")]
    San {
        /// The pattern.
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
    /// A length of time in another form than a number and `h` or `d`.
    #[error("`{found}` is no length of time")]
    Duration {
        /// The text.
        found: String,
    },
    /// An entry of `deny` that says nothing of the vulnerability itself.
    #[error("an entry of `deny` needs one of `severity`, `epss`, `kev`")]
    NoCriterion,
    /// `grace` where no fix is asked for.
    #[error("`grace` counts from a fix, and the entry does not ask for one")]
    GraceWithoutFix,
    /// A pattern over package URLs that cannot be used.
    #[error(transparent)]
    PackagePattern(PurlGlobFault),
    /// A range of versions that cannot be used.
    #[error(transparent)]
    Versions(RangeFault),
    /// A range of versions of packages of several types.
    #[error("`versions` need the order of one type of packages, `{purl}` names none")]
    RangeWithoutType {
        /// The pattern.
        purl: String,
    },
    /// A licence that the SPDX list does not have.
    #[error("`{found}` is no licence of the SPDX list")]
    Licence {
        /// The text.
        found: String,
        /// The identifier that was probably meant.
        guess: Option<String>,
    },
    /// A pattern over licences that restricts nothing.
    #[error("the pattern `{found}` matches every licence")]
    EveryLicence {
        /// The pattern.
        found: String,
    },
    /// A key that judges an SBOM in a rule that demands none.
    #[error("`{key}` judges the SBOM, and the rule's `attestations` demand none")]
    NoSbom {
        /// The key.
        key: &'static str,
    },
    /// An exception from a check of contents that does not say for which vulnerabilities or packages.
    #[error("an exception from `{check}` needs {}", list_or(keys))]
    NoScope {
        /// The check.
        check: String,
        /// The keys that would say it.
        keys: &'static [&'static str],
    },
    /// A scope that none of the exception's checks has.
    #[error("none of the exception's checks is about `{key}`")]
    ScopeUnused {
        /// The key.
        key: &'static str,
    },
    /// An id of a vulnerability with characters that ids do not have.
    #[error("`{found}` is no id of a vulnerability")]
    VulnerabilityId {
        /// The text.
        found: String,
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
    pub fn code(&self) -> String {
        match self {
            Self::Config(fault) => of_config(fault.code()),
            _ => Kind::from(self).code().to_owned(),
        }
    }

    /// Lists the codes of all faults.
    pub fn codes() -> impl Iterator<Item = String> {
        let own = Kind::VARIANTS.iter().filter(|kind| **kind != Kind::Config);
        config::Fault::codes()
            .map(of_config)
            .chain(own.map(|kind| kind.code().to_owned()))
    }

    /// Says what to write instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Config(config::Fault::Empty) => "a policy begins with `version: 1`".to_owned(),
            Self::Config(config::Fault::SecondDocument) => "one file holds one policy".to_owned(),
            Self::Config(config::Fault::TooLong { .. }) => "an exception ends within a year".to_owned(),
            Self::Config(fault) => return fault.help(),
            Self::DuplicateId { first_line, .. } => format!("it is first used on line {first_line}"),
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
            Self::MatchesEverything { .. } => "name at least a host (`ghcr.io`), or the scheme and host of a URL".to_owned(),
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
            Self::San { .. } => "write out the host of a URI (and the owner on a public forge) or the domain of an address, as `https://ci.example/acme/*` or `*@example.com`".to_owned(),
            Self::Duration { .. } => "write 1 to 9999 and `h` or `d`, as `5d` or `12h`".to_owned(),
            Self::GraceWithoutFix => "add `fix: available`".to_owned(),
            Self::PackagePattern(fault) => return fault.help(),
            Self::Versions(fault) => return fault.help(),
            Self::RangeWithoutType { .. } => "name the type, as `pkg:npm/…`".to_owned(),
            Self::Licence { guess: Some(guess), .. } => format!("did you mean `{guess}`?"),
            Self::Licence { guess: None, .. } => {
                "write an identifier as `MIT`, one with its exception, `LicenseRef-…`, or a glob as `GPL-*`; each by itself".to_owned()
            }
            Self::EveryLicence { .. } => "name a part of the identifier".to_owned(),
            Self::NoSbom { .. } => "add `{type: cyclonedx, by: …}` or `{type: spdx, by: …}` to `attestations`".to_owned(),
            Self::NoScope { keys, .. } => format!("add {}", list_or(keys)),
            Self::ScopeUnused { .. } => "remove it, or name a check that is about it".to_owned(),
            Self::VulnerabilityId { .. } => "write one id of the advisory, as `CVE-2024-3094`; other ids of it count too".to_owned(),
            Self::KeyUnusable { .. } => "a P-256 public key in PEM form is needed".to_owned(),
            _ => return None,
        };
        Some(text)
    }
}

/// Names a fault that any file can have as one of a policy. What lasts too long in a policy is an exception.
fn of_config(code: &str) -> String {
    match code {
        "too-long" => "policy.exception-too-long".to_owned(),
        code => format!("policy.{code}"),
    }
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Config => "policy.file",
            Self::UnknownVersion => "policy.unknown-version",
            Self::UnknownIdentity => "policy.unknown-identity",
            Self::SameIdentity => "policy.same-identity",
            Self::DuplicateId => "policy.duplicate-id",
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
            Self::San => "policy.san",
            Self::DemandsNothing => "policy.demands-nothing",
            Self::NotExceptable => "policy.not-exceptable",
            Self::Duration => "policy.duration",
            Self::NoCriterion => "policy.no-criterion",
            Self::GraceWithoutFix => "policy.grace-without-fix",
            Self::PackagePattern => "policy.package-pattern",
            Self::Versions => "policy.versions",
            Self::RangeWithoutType => "policy.versions-without-type",
            Self::Licence => "policy.licence",
            Self::EveryLicence => "policy.every-licence",
            Self::NoSbom => "policy.no-sbom",
            Self::NoScope => "policy.exception-without-scope",
            Self::ScopeUnused => "policy.exception-scope-unused",
            Self::VulnerabilityId => "policy.vulnerability-id",
            Self::KeyMissing => "policy.key-missing",
            Self::KeyUnusable => "policy.key-unusable",
        }
    }
}

/// One fault of one policy file: its place, message, code and help.
pub type Diagnostic = config::Diagnostic<Fault>;

impl Explain for Fault {
    fn code(&self) -> Option<String> {
        Some(self.code())
    }

    fn help(&self) -> Option<String> {
        self.help()
    }
}

fn list_or(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(" or ")
}
