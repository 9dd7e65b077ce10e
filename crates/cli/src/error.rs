//! Everything that can stop a command, as one type with both sides of each fault.
//!
//! Which code an error ends with is `exit`'s decision, how it looks is `report`'s.

use std::io;
use std::path::PathBuf;

/// Names why a command stopped before its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// `explain` was asked about something that is no code.
    #[error("unknown code `{code}`")]
    UnknownCode {
        /// The word as typed.
        code: String,
    },
    /// The target is in a registry, and the network is not to be used.
    #[error("`{target}` is in a registry, and the network is not to be used")]
    Offline {
        /// The target as typed.
        target: String,
    },
    /// Something is to be signed, and the network is not to be used.
    #[error("signing asks a log and a time-stamp authority, and the network is not to be used")]
    OfflineSigning,
    /// Feeds are to be fetched, and the network is not to be used.
    #[error("feeds are fetched from their publishers, and the network is not to be used")]
    OfflineFetch,
    /// A limit is no `NAME=VALUE`.
    #[error("`{found}` is no limit: expected `NAME=VALUE` with a whole number above 0")]
    Limit {
        /// The text as typed.
        found: String,
    },
    /// Two documents would be written to one place.
    #[error("two outputs go to {place}")]
    SameOutput {
        /// The file, or `stdout`.
        place: String,
    },
    /// The variable for the time of documents is no time.
    #[error(
        "`{}` is no time: expected seconds since 1970 as a whole number, found `{found}`",
        crate::env::SOURCE_DATE_EPOCH
    )]
    SourceDate {
        /// Its value.
        found: String,
    },
    /// A file of the user's could not be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file as named by the user.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the user's is longer than is read.
    #[error("`{}` is longer than the {limit} bytes that are read", path.display())]
    TooLong {
        /// The file as named by the user.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// `--why` names packages by something that names none.
    #[error("`{found}` names no package")]
    Selector {
        /// The text as typed.
        found: String,
        /// What is wrong with it.
        source: toolkit_vulndb::matching::SelectorError,
    },
    /// `--as-of` is a day to come.
    #[error("{found} is to come: today is {today}")]
    Future {
        /// The day as typed.
        found: jiff::civil::Date,
        /// Today.
        today: jiff::civil::Date,
    },
    /// The trust root's file could not be read.
    #[error("the trust root is missing")]
    TrustRootFile {
        /// What happened to its file.
        source: Box<Self>,
    },
    /// The staging instance was asked for without its trust root.
    #[error("the trust root of the staging instance is not carried by this program")]
    NoStagingRoot,
    /// A key file holds something else.
    #[error("`{}` is not the key that is needed", path.display())]
    KeyFile {
        /// The file as named by the user.
        path: PathBuf,
        /// What is in it.
        source: toolkit_attest::Error,
    },
    /// Nobody is named whose signature would do.
    #[error("whose signature is wanted? expected a key, or an identity and its issuer, found {}", if given.is_empty() { "neither".to_owned() } else { given.join(", ") })]
    WhoMissing {
        /// The flags that were given.
        given: Vec<&'static str>,
    },
    /// Flags stand together, or alone, that must not.
    #[error("expected {expected}, found {found}")]
    Flags {
        /// What goes together.
        expected: &'static str,
        /// What was given.
        found: &'static str,
    },
    /// A key and a token are given for one signature.
    #[error("two signers: expected a key or an identity token, found both")]
    TwoSigners,
    /// Predicates and types are no pairs.
    #[error("predicates and types come in pairs: found {predicates} predicates and {types} types")]
    Pairs {
        /// How many predicates.
        predicates: usize,
        /// How many types.
        types: usize,
    },
    /// A predicate type is neither a name nor a URI.
    #[error("unknown predicate type `{found}`: expected a URI, or one of {}", known.join(", "))]
    PredicateType {
        /// The type as typed.
        found: String,
        /// The names that are known.
        known: Vec<&'static str>,
    },
    /// A file is to be signed or verified without a bundle's name.
    #[error("`{target}` is a file: its bundle needs a file too")]
    BundleMissing {
        /// The target as typed.
        target: String,
    },
    /// A bundle file is named for an image, whose attestations are stored beside it.
    #[error("the attestations of an image are stored beside it, not in a bundle file")]
    BundleForImage,
    /// One bundle file is named for several targets.
    #[error("one bundle file for {targets} signatures")]
    BundleForSeveral {
        /// How many signatures.
        targets: usize,
    },
    /// A new bundle could not be stored beside its image; it is on disk.
    #[error("the signature was made and could not be stored beside the image; its bundle is `{}`", kept.display())]
    NotStored {
        /// The file with the bundle.
        kept: PathBuf,
        /// What the image's place said.
        source: toolkit_attest::Error,
    },
    /// More than one signer is named.
    #[error("whose signature is wanted? expected one key, or one identity and one issuer, found {}", given.join(", "))]
    WhoTwice {
        /// The flags that were given.
        given: Vec<&'static str>,
    },
    /// A policy and flags that it replaces are both given.
    #[error("a policy says whose signature is wanted; found also {}", given.join(", "))]
    PolicyAndFlags {
        /// The flags that were given.
        given: Vec<&'static str>,
    },
    /// The policy file has faults.
    #[error("`{}` is no valid policy: {} {}", path.display(), faults.len(), if faults.len() == 1 { "fault" } else { "faults" })]
    Policy {
        /// The file as named by the user.
        path: PathBuf,
        /// All of its faults.
        faults: Vec<toolkit_policy::Diagnostic>,
    },
    /// The policy file looks other than it is.
    #[error("`{}` line {line} holds the control or invisible character {}", path.display(), character.escape_unicode())]
    PolicyCharacter {
        /// The file as named by the user.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character.
        character: char,
    },
    /// Ignore files have faults.
    #[error("the ignore files have {} {}", faults.len(), if faults.len() == 1 { "fault" } else { "faults" })]
    IgnoreFiles {
        /// All of their faults, file by file.
        faults: Vec<toolkit_vulndb::ignore::Diagnostic>,
    },
    /// A VEX document cannot be read.
    #[error("`{}` is no VEX document that can be read", path.display())]
    Vex {
        /// The file as named by the user.
        path: PathBuf,
        /// What is wrong with it.
        source: toolkit_vulndb::feed::Error,
    },
    /// A VEX document would break a rule of its format.
    #[error("the document is not written")]
    VexWrite {
        /// The rule.
        source: toolkit_vulndb::vex::WriteError,
    },
    /// A statement needs more flags.
    #[error("a statement needs {}", missing.join(", "))]
    VexFlags {
        /// The flags that are missing.
        missing: Vec<&'static str>,
    },
    /// An earlier result breaks our format.
    #[error("`{}` is no result of a scan", path.display())]
    Baseline {
        /// The file as named by the user.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A variable that the CI system always sets is missing, so the build's facts are not known.
    #[error(
        "the build's facts are incomplete: expected `{variable}` in the environment of {system}, found nothing"
    )]
    BuildFact {
        /// The CI system.
        system: &'static str,
        /// The variable.
        variable: &'static str,
    },
    /// A variable of the CI system has not the form of what it stands for.
    #[error("`{variable}` of {system} must be {expected}, found `{found}`")]
    BuildFactForm {
        /// The CI system.
        system: &'static str,
        /// The variable.
        variable: &'static str,
        /// What it stands for.
        expected: &'static str,
        /// What it is set to.
        found: String,
    },
    /// A variable of the CI system and the job's token do not say the same.
    #[error("`{variable}` of {system} is `{found}`, and the identity token says `{claimed}`")]
    BuildFactContradicted {
        /// The CI system.
        system: &'static str,
        /// The variable.
        variable: &'static str,
        /// What it is set to.
        found: String,
        /// What the token says.
        claimed: String,
    },
    /// A predicate is no JSON object.
    #[error("`{}` is no predicate: expected a JSON object, found {found}", path.display())]
    PredicateFile {
        /// The file as named by the user.
        path: PathBuf,
        /// What the parser says, or what it is.
        found: String,
    },
    /// A bill of materials is not of the format that its type names.
    #[error("`{}` is no {expected} document: found {found}", path.display())]
    PredicateFormat {
        /// The file as named by the user.
        path: PathBuf,
        /// The format that the type names.
        expected: &'static str,
        /// The format of the document.
        found: &'static str,
    },
    /// A predicate has not the shape of its type.
    #[error("`{}` is no predicate of its type", path.display())]
    PredicateShape {
        /// The file as named by the user.
        path: PathBuf,
        /// What it lacks.
        source: toolkit_attest::predicate::ShapeFault,
    },
    /// The type of image signatures was given for a predicate: whatever it says would count as a signature.
    #[error("`{found}` is the type of image signatures, not of attestations")]
    SignatureAsPredicate {
        /// The type.
        found: &'static str,
    },
    /// An attestation cannot be assigned to a manifest.
    #[error(transparent)]
    Subject(#[from] toolkit_gate::SubjectError),
    /// A policy judges images, and the target is a file.
    #[error("a policy judges images, and `{target}` is a file")]
    PolicyForFile {
        /// The target as typed.
        target: String,
    },
    /// The verdict was reached, and the promotion was not finished.
    #[error(
        "the policy allows the image, and its promotion was not finished{}",
        tag_after(source)
    )]
    NotPromoted {
        /// What stopped it.
        source: Box<Self>,
    },
    /// The answer was given, and the CI system could not be told.
    #[error("the answer above holds, and this job's summary and outputs lack it")]
    Untold {
        /// What stopped it.
        source: Box<Self>,
    },
    /// A journey through evidence ended early.
    #[error(transparent)]
    Gate(#[from] toolkit_gate::Error),
    /// Signing or reading trust material failed.
    #[error(transparent)]
    Attest(#[from] toolkit_attest::Error),
    /// A bundle was refused.
    #[error(transparent)]
    Refused(#[from] toolkit_attest::Refusal),
    /// An image could not be read or written.
    #[error(transparent)]
    Oci(#[from] toolkit_oci::Error),
    /// A document could not be made or read.
    #[error(transparent)]
    Sbom(#[from] toolkit_sbom::Error),
    /// The lab did not start.
    #[cfg(feature = "lab")]
    #[error(transparent)]
    Lab(#[from] crate::commands::LabError),
    /// `toolkit.yaml` has faults.
    #[error("`{}` is not valid: {}", path.display(), faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Project {
        /// The file.
        path: PathBuf,
        /// All of its faults.
        faults: Vec<crate::settings::ProjectFault>,
    },
    /// A hook of git's could not be installed or do its work.
    #[error(transparent)]
    Hook(#[from] crate::commands::HookError),
    /// Feeds, or a file of one, could not be fetched.
    #[error(transparent)]
    Fetch(#[from] toolkit_gate::FetchError),
    /// Some feeds were not fetched, or not whole; why was told of each.
    #[error("{failed} of {asked} feeds {} not fetched whole", if *failed == 1 { "was" } else { "were" })]
    NotFetched {
        /// How many were not.
        failed: usize,
        /// How many were asked for.
        asked: usize,
        /// The gravest of the reasons.
        exit: crate::exit::Exit,
    },
    /// The vulnerability database cannot be used.
    #[error(transparent)]
    Database(#[from] crate::settings::DatabaseError),
    /// There is no identity token.
    #[error(transparent)]
    Token(#[from] crate::ci::TokenError),
    /// A value for a CI system could be mistaken for several.
    #[error("output `{name}` is not set: its value contains the delimiter that ends it")]
    OutputDelimiter {
        /// The output's name.
        name: String,
    },
    /// The standard output could not take what was written.
    #[error("failed to write to the standard output")]
    Stdout {
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// The file as named by the user.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Says what is known of the destination's tag after an interrupted promotion.
fn tag_after(source: &Error) -> &'static str {
    match source {
        Error::Gate(toolkit_gate::Error::TagUncertain { .. }) => "",
        _ => "; the tag at the destination is as it was",
    }
}

/// Is the result of everything that can stop a command.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;
