//! The answer: allow, deny or undecided, each with the result of every check.
//!
//! Undecided is an answer and no error: some evidence could not be fetched or read, so neither yes nor no was proved.
//! All values serialize; their names are stable.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use strum::IntoEnumIterator;
use toolkit_attest::ReasonCode;
use toolkit_oci::Digest;
use toolkit_vulndb::config::Span;

use crate::evidence::Refused;
use crate::item::Item;

/// The answer of a policy about one image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
#[must_use = "an image is used only when the verdict allows it"]
pub enum Verdict {
    /// Every check passed, or is covered by an exception.
    Allow(Report),
    /// At least one check failed.
    Deny(Report),
    /// No check failed, and at least one could not be decided.
    Undecided(Report),
}

impl Verdict {
    /// Yields the report that every answer carries.
    #[must_use]
    pub fn report(&self) -> &Report {
        match self {
            Self::Allow(report) | Self::Deny(report) | Self::Undecided(report) => report,
        }
    }

    /// Yields the outcome of the whole: pass, fail or undecided.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Allow(_) => Outcome::Pass,
            Self::Deny(_) => Outcome::Fail,
            Self::Undecided(_) => Outcome::Undecided,
        }
    }

    /// Yields the stable name: `allow`, `deny` or `undecided`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Allow(_) => "allow",
            Self::Deny(_) => "deny",
            Self::Undecided(_) => "undecided",
        }
    }
}

/// Everything that was decided about one image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Name of the policy.
    pub policy: String,
    /// `registry/repository` under which the image was judged; absent for a local image.
    pub image: Option<String>,
    /// Digest of the manifest or index that was judged.
    pub digest: Digest,
    /// The platforms below it.
    pub platforms: Vec<PlatformName>,
    /// The clock of the policy.
    #[serde(serialize_with = "as_text")]
    pub judged_at: Timestamp,
    /// Ids of the rules that match the image.
    pub rules: Vec<String>,
    /// The result of every check, in the order of the policy.
    pub results: Vec<CheckResult>,
    /// Every exception of the policy and what became of it.
    pub exceptions: Vec<ExceptionReport>,
    /// Evidence that no check used: verified but not asked for, or refused.
    pub unused_evidence: Vec<UnusedEvidence>,
}

impl Report {
    /// Lists the results that stand against the image: not passed and not excepted.
    pub fn open(&self) -> impl Iterator<Item = &CheckResult> {
        self.results
            .iter()
            .filter(|result| result.outcome != Outcome::Pass && result.excepted_by.is_none())
    }
}

/// One platform of the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformName {
    /// Digest of its manifest.
    pub digest: Digest,
    /// Its name, as `linux/arm64/v8`.
    pub platform: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Proved.
    Pass,
    /// What would prove or refute it could not be fetched or read.
    Undecided,
    /// Refuted, or the required thing is absent.
    Fail,
}

impl Outcome {
    /// Yields the stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Undecided => "undecided",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The result of one check of one rule, for one platform where the check looks at each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckResult {
    /// Id of the rule; absent for the check that any rule matches.
    pub rule: Option<String>,
    /// The check.
    pub check: CheckId,
    /// How it ended.
    pub outcome: Outcome,
    /// Why.
    pub code: Code,
    /// What the policy expects.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What to do next; nothing for a pass.
    pub next: Option<String>,
    /// The place of the policy that demands it.
    pub at: Option<PolicyPlace>,
    /// Digest of the manifest or index that the check looked at.
    pub subject: Digest,
    /// The platform, where the check looked at one of several.
    pub platform: Option<String>,
    /// Digests of the bundles that decided it.
    pub evidence: Vec<Digest>,
    /// How far a field of the provenance is backed by the certificate.
    pub standing: Option<Standing>,
    /// Id of the exception that covers it.
    pub excepted_by: Option<String>,
    /// The findings, packages or licences that it ended so for, where the check is about the image's contents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What does not count and should be known: within grace, taken away by VEX, listed and not in the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub noted: Vec<Item>,
}

/// A place in the policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PolicyPlace {
    /// Byte offset and length.
    #[serde(skip)]
    pub span: Span,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// How far a field of a provenance statement is backed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The certificate says the same.
    Certified,
    /// The certificate has no counterpart: the word of signer and builder.
    Claimed,
    /// The certificate says something else.
    Contradicted,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certified => "certified",
            Self::Claimed => "claimed",
            Self::Contradicted => "contradicted",
        })
    }
}

/// The name of a check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
#[non_exhaustive]
pub enum CheckId {
    /// At least one rule matches the image.
    Match,
    /// The registry is one of `reference.registries`.
    ReferenceRegistry,
    /// The reference was typed with a digest.
    ReferenceDigest,
    /// The image is signed by `signatures`.
    Signatures,
    /// An attestation of that type exists, by whom the rule names.
    #[strum(disabled)]
    Attestations(String),
    /// Provenance exists, by whom the rule names.
    Provenance,
    /// Provenance does not contradict its certificate.
    ProvenanceCertificate,
    /// `builder.id` is one of `builders`.
    ProvenanceBuilder,
    /// The source repository is `source.repository`.
    ProvenanceSource,
    /// The source ref is one of `source.refs`.
    ProvenanceRef,
    /// The image does not run as root.
    ImageUser,
    /// The database of vulnerabilities may be used.
    VulnerabilitiesDatabase,
    /// No package is malicious.
    VulnerabilitiesMalicious,
    /// No finding is one of `vulnerabilities.deny`.
    VulnerabilitiesDenied,
    /// No finding whose severity nobody states might be one.
    VulnerabilitiesSeverityUnknown,
    /// Every version could be compared.
    VulnerabilitiesUndetermined,
    /// The database speaks of every package.
    VulnerabilitiesUncovered,
    /// The distribution's release still gets fixes.
    VulnerabilitiesEndOfLife,
    /// No package is one of `packages.deny`.
    PackagesDenied,
    /// Every package is one of `packages.allow`.
    PackagesNotAllowed,
    /// No package needs a licence of `licences.deny`.
    LicencesDenied,
    /// Every package can be had under `licences.allow`.
    LicencesNotAllowed,
    /// Every package declares a licence.
    LicencesUnknown,
    /// The SBOM lists what is in the image.
    SbomMatchesImage,
}

impl CheckId {
    /// Lists every check; the ones about attestations by the type that is given.
    pub fn all(attestation_type: &str) -> impl Iterator<Item = Self> {
        Self::iter().chain([Self::Attestations(attestation_type.to_owned())])
    }

    /// Finds the check of a name, as [`fmt::Display`] writes it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.strip_prefix("attestations.") {
            Some("") => None,
            Some(kind) => Some(Self::Attestations(kind.to_owned())),
            None => Self::iter().find(|check| check.to_string() == name),
        }
    }

    /// Tells what an exception may take from the check, and how it says so. No check of trust is excepted, a malicious package always fails, and
    /// without a database nothing is known.
    pub(crate) fn exceptable(&self) -> Exceptable {
        match self {
            Self::Match
            | Self::Signatures
            | Self::Provenance
            | Self::ProvenanceCertificate
            | Self::ProvenanceBuilder
            | Self::ProvenanceSource
            | Self::ProvenanceRef
            | Self::VulnerabilitiesDatabase
            | Self::VulnerabilitiesMalicious => Exceptable::No,
            Self::ReferenceRegistry
            | Self::ReferenceDigest
            | Self::Attestations(_)
            | Self::ImageUser => Exceptable::Whole,
            Self::VulnerabilitiesDenied
            | Self::VulnerabilitiesSeverityUnknown
            | Self::VulnerabilitiesUndetermined => Exceptable::Findings,
            Self::VulnerabilitiesUncovered
            | Self::VulnerabilitiesEndOfLife
            | Self::PackagesDenied
            | Self::PackagesNotAllowed
            | Self::LicencesDenied
            | Self::LicencesNotAllowed
            | Self::LicencesUnknown
            | Self::SbomMatchesImage => Exceptable::Packages,
        }
    }

    /// Lists the names of the checks that an exception may name, beside `attestations.TYPE`.
    pub(crate) fn exceptable_names() -> impl Iterator<Item = String> {
        Self::iter()
            .filter(|check| check.exceptable() != Exceptable::No)
            .map(|check| check.to_string())
    }
}

/// What an exception may take from a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exceptable {
    /// Nothing.
    No,
    /// The whole result.
    Whole,
    /// The vulnerabilities or packages that it names.
    Findings,
    /// The packages that it names.
    Packages,
}

impl Exceptable {
    /// Yields the keys by which an exception says what it is for; one of them is needed, where there are any.
    pub(crate) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::No | Self::Whole => &[],
            Self::Findings => &["vulnerabilities", "packages"],
            Self::Packages => &["packages"],
        }
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Match => "match",
            Self::ReferenceRegistry => "reference.registry",
            Self::ReferenceDigest => "reference.digest",
            Self::Signatures => "signatures",
            Self::Attestations(kind) => return write!(f, "attestations.{kind}"),
            Self::Provenance => "provenance",
            Self::ProvenanceCertificate => "provenance.certificate",
            Self::ProvenanceBuilder => "provenance.builder",
            Self::ProvenanceSource => "provenance.source",
            Self::ProvenanceRef => "provenance.ref",
            Self::ImageUser => "image.user",
            Self::VulnerabilitiesDatabase => "vulnerabilities.database",
            Self::VulnerabilitiesMalicious => "vulnerabilities.malicious",
            Self::VulnerabilitiesDenied => "vulnerabilities.denied",
            Self::VulnerabilitiesSeverityUnknown => "vulnerabilities.severityUnknown",
            Self::VulnerabilitiesUndetermined => "vulnerabilities.undetermined",
            Self::VulnerabilitiesUncovered => "vulnerabilities.uncovered",
            Self::VulnerabilitiesEndOfLife => "vulnerabilities.endOfLife",
            Self::PackagesDenied => "packages.denied",
            Self::PackagesNotAllowed => "packages.notAllowed",
            Self::LicencesDenied => "licences.denied",
            Self::LicencesNotAllowed => "licences.notAllowed",
            Self::LicencesUnknown => "licences.unknown",
            Self::SbomMatchesImage => "sbom.matchesImage",
        })
    }
}

impl Serialize for CheckId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a check ended as it did: a closed set with stable names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
#[non_exhaustive]
pub enum Code {
    /// It passed.
    Ok,
    /// No rule matches the image, and `noMatch` denies.
    NoRule,
    /// No rule matches the image, and `noMatch` allows.
    NoRuleAllowed,
    /// A local image has no name that could be checked.
    ReferenceLocal,
    /// The registry is none of the allowed ones.
    RegistryNotAllowed,
    /// The reference was typed without a digest.
    DigestNotTyped,
    /// The image has no signature.
    SignatureMissing,
    /// There is no attestation of the type by those named.
    AttestationMissing,
    /// The evidence is there, by somebody else.
    IdentityMismatch,
    /// The evidence is there and does not verify.
    #[strum(disabled)]
    EvidenceRefused(ReasonCode),
    /// Evidence is there that could not be read.
    #[strum(disabled)]
    EvidenceUnreadable(ReasonCode),
    /// A place where evidence may be did not answer.
    EvidenceUnreachable,
    /// Evidence is there in a form that is not read.
    EvidenceUnsupported,
    /// The provenance lacks a field that the rule compares.
    ProvenanceFieldMissing,
    /// The provenance says something else than its certificate.
    ProvenanceContradicted,
    /// `builder.id` is none of the allowed ones.
    BuilderNotAllowed,
    /// The source repository is another one.
    SourceNotAllowed,
    /// The source ref is none of the allowed ones.
    RefNotAllowed,
    /// The image names no user, so it runs as root.
    UserAbsent,
    /// The image runs as root.
    UserRoot,
    /// The user is a number that no kernel has.
    UserOutOfRange,
    /// The user is a name; the image decides which number it is.
    UserNamed,
    /// The image's configuration could not be fetched or read.
    ConfigUnavailable,
    /// There is no platform that could be checked.
    NoPlatform,
    /// The layers of the image could not be fetched, or a file in them could not be read.
    LayersUnavailable,
    /// The SBOM is signed and cannot be read.
    SbomUnreadable,
    /// The database of vulnerabilities is absent, refused, too old, or lacks what the rule asks for.
    VulnerabilitiesDatabase,
    /// A package was made to do harm.
    VulnerabilitiesMalicious,
    /// A finding is one that the policy denies.
    VulnerabilitiesDenied,
    /// Nobody states the severity of a finding that might be denied.
    VulnerabilitiesSeverityUnknown,
    /// A version could not be compared with an advisory's.
    VulnerabilitiesUndetermined,
    /// No feed of the database speaks of a package.
    VulnerabilitiesUncovered,
    /// The distribution's release gets no fixes any more.
    VulnerabilitiesEndOfLife,
    /// A package is denied.
    PackagesDenied,
    /// A package is none of the allowed ones.
    PackagesNotAllowed,
    /// A package needs a licence that is denied.
    LicencesDenied,
    /// A package needs a licence that is none of the allowed ones.
    LicencesNotAllowed,
    /// A package declares no licence, or one in words of its own.
    LicencesUnknown,
    /// A package is in the image and not in the SBOM.
    SbomMatchesImage,
}

impl Code {
    /// Lists every code; those of refused and unreadable evidence once for each reason.
    pub fn all() -> impl Iterator<Item = Self> {
        let reasons = ReasonCode::all().iter().copied();
        Self::iter()
            .chain(reasons.clone().map(Self::EvidenceRefused))
            .chain(reasons.map(Self::EvidenceUnreadable))
    }

    /// Yields the stable name.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Self::Ok => "ok",
            Self::NoRule => "match.none",
            Self::NoRuleAllowed => "match.none-allowed",
            Self::ReferenceLocal => "reference.local",
            Self::RegistryNotAllowed => "reference.registry-not-allowed",
            Self::DigestNotTyped => "reference.digest-not-typed",
            Self::SignatureMissing => "signature.missing",
            Self::AttestationMissing => "attestation.missing",
            Self::IdentityMismatch => "identity.mismatch",
            Self::EvidenceRefused(reason) => return format!("evidence.refused.{reason}"),
            Self::EvidenceUnreadable(reason) => return format!("evidence.unreadable.{reason}"),
            Self::EvidenceUnreachable => "evidence.unreachable",
            Self::EvidenceUnsupported => "evidence.unsupported",
            Self::ProvenanceFieldMissing => "provenance.field-missing",
            Self::ProvenanceContradicted => "provenance.contradicted",
            Self::BuilderNotAllowed => "provenance.builder-not-allowed",
            Self::SourceNotAllowed => "provenance.source-not-allowed",
            Self::RefNotAllowed => "provenance.ref-not-allowed",
            Self::UserAbsent => "image.user-absent",
            Self::UserRoot => "image.user-root",
            Self::UserOutOfRange => "image.user-out-of-range",
            Self::UserNamed => "image.user-named",
            Self::ConfigUnavailable => "image.config-unavailable",
            Self::NoPlatform => "image.no-platform",
            Self::LayersUnavailable => "image.layers-unavailable",
            Self::SbomUnreadable => "sbom.unreadable",
            Self::VulnerabilitiesDatabase => "vulnerabilities.database",
            Self::VulnerabilitiesMalicious => "vulnerabilities.malicious",
            Self::VulnerabilitiesDenied => "vulnerabilities.denied",
            Self::VulnerabilitiesSeverityUnknown => "vulnerabilities.severityUnknown",
            Self::VulnerabilitiesUndetermined => "vulnerabilities.undetermined",
            Self::VulnerabilitiesUncovered => "vulnerabilities.uncovered",
            Self::VulnerabilitiesEndOfLife => "vulnerabilities.endOfLife",
            Self::PackagesDenied => "packages.denied",
            Self::PackagesNotAllowed => "packages.notAllowed",
            Self::LicencesDenied => "licences.denied",
            Self::LicencesNotAllowed => "licences.notAllowed",
            Self::LicencesUnknown => "licences.unknown",
            Self::SbomMatchesImage => "sbom.matchesImage",
        };
        name.to_owned()
    }

    /// Yields the number of the reason, as the contract's table of exit codes has it, where it has one.
    #[must_use]
    pub fn number(self) -> Option<u8> {
        match self {
            Self::SignatureMissing => Some(10),
            Self::IdentityMismatch => Some(12),
            Self::AttestationMissing => Some(14),
            Self::EvidenceRefused(reason) | Self::EvidenceUnreadable(reason) => {
                Some(reason.number())
            }
            Self::EvidenceUnreachable
            | Self::EvidenceUnsupported
            | Self::ConfigUnavailable
            | Self::LayersUnavailable
            | Self::SbomUnreadable => Some(3),
            Self::VulnerabilitiesDatabase => Some(4),
            _ => None,
        }
    }

    /// Tells whether an exception may cover a check that ended so. Trust is never excepted, nor is evidence that was
    /// not looked at: what it says might be worse than what is excepted.
    pub(crate) fn is_exceptable(self) -> bool {
        matches!(
            self,
            Self::ReferenceLocal
                | Self::RegistryNotAllowed
                | Self::DigestNotTyped
                | Self::AttestationMissing
                | Self::UserAbsent
                | Self::UserRoot
                | Self::UserOutOfRange
                | Self::UserNamed
                | Self::VulnerabilitiesDenied
                | Self::VulnerabilitiesSeverityUnknown
                | Self::VulnerabilitiesUndetermined
                | Self::VulnerabilitiesUncovered
                | Self::VulnerabilitiesEndOfLife
                | Self::PackagesDenied
                | Self::PackagesNotAllowed
                | Self::LicencesDenied
                | Self::LicencesNotAllowed
                | Self::LicencesUnknown
                | Self::SbomMatchesImage
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One exception of the policy and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionReport {
    /// Its id.
    pub id: String,
    /// What became of it.
    pub state: ExceptionState,
    /// Who answers for it.
    pub owner: String,
    /// Why it is there.
    pub reason: String,
    /// Its last day.
    #[serde(serialize_with = "as_text")]
    pub expires: Date,
    /// Its place in the policy.
    pub at: PolicyPlace,
}

/// What became of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionState {
    /// It covers at least one check.
    Applied,
    /// It names the image, and no check needs it.
    Unused,
    /// Its last day is over; it covers nothing.
    Expired,
    /// It names other images.
    OtherImage,
}

/// Evidence that no check used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnusedEvidence {
    /// The manifest or index that it speaks of, or is attached to.
    pub subject: Digest,
    /// Digest of the bundle.
    pub bundle: Option<Digest>,
    /// Its predicate type; only a claim where the bundle was refused.
    pub predicate_type: Option<String>,
    /// Who signed it, where it verified.
    pub signer: Option<String>,
    /// Why it was refused.
    pub refusal: Option<String>,
}

impl From<&Refused> for UnusedEvidence {
    fn from(refused: &Refused) -> Self {
        Self {
            subject: refused.subject.clone(),
            bundle: refused.bundle.clone(),
            predicate_type: refused.claimed_type.clone(),
            signer: None,
            refusal: Some(refused.refusal.to_string()),
        }
    }
}

fn as_text<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
