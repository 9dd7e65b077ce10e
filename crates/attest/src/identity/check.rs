//! Comparison of an identity with a verified signer.
//!
//! Specification: Fulcio `docs/oid-info.md` for what each extension holds; GitHub's claim `job_workflow_ref`
//! (`OWNER/REPO/.github/workflows/F.yml@REF`) for the shape of its alternative names.

use std::fmt;

use serde::Serialize;

use super::Pattern;
use crate::{CertificateFacts, PublicKey, ReasonCode, SanKind, Signer};

/// The issuer of GitHub Actions' identity tokens on github.com.
pub const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

/// An accepted signer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity {
    /// A GitHub Actions workflow. Absent fields match any; all present ones must match.
    Github {
        /// `OWNER/REPO`, compared with the path of extension `.12`.
        repository: Pattern,
        /// The workflow that signed. A path that begins with `.github/` is one of the same repository, and its own ref must
        /// then match `reference` as well; a called workflow of another repository is `OWNER/REPO/.github/workflows/F.yml`.
        workflow: Option<Pattern>,
        /// The source ref, compared with extension `.14`.
        reference: Option<Pattern>,
        /// The issuer, [`GITHUB_ISSUER`] unless it is an Enterprise server's.
        issuer: String,
    },
    /// A person by e-mail address.
    Email {
        /// The address; letter case counts.
        address: String,
        /// The issuer that vouched for it.
        issuer: String,
    },
    /// Any identity of an issuer whose whole alternative name matches.
    Fulcio {
        /// The issuer.
        issuer: String,
        /// The alternative name, a URI or an e-mail address.
        san: Pattern,
    },
    /// The holder of a key.
    Key(PublicKey),
    /// Alternative name and issuer, each exact or by regular expression: cosign's `--certificate-identity[-regexp]`
    /// and `--certificate-oidc-issuer[-regexp]`.
    Certificate {
        /// The alternative name.
        san: Pattern,
        /// The issuer.
        issuer: Pattern,
    },
}

/// The part of a signer that did not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Field {
    /// A certificate was wanted and a key signed, or the other way round.
    SignerKind,
    /// The OIDC issuer.
    Issuer,
    /// The kind of the alternative name.
    SanKind,
    /// The alternative name.
    San,
    /// Extension `.12`.
    SourceRepository,
    /// The workflow in the alternative name.
    Workflow,
    /// The ref in the alternative name.
    WorkflowRef,
    /// Extension `.14`.
    SourceRef,
    /// The key.
    Key,
}

impl Field {
    /// Returns the field's name for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignerKind => "kind of signer",
            Self::Issuer => "issuer",
            Self::SanKind => "kind of identity",
            Self::San => "identity",
            Self::SourceRepository => "source repository",
            Self::Workflow => "workflow",
            Self::WorkflowRef => "ref of the workflow",
            Self::SourceRef => "source ref",
            Self::Key => "key",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a signer is not the stated identity: the first field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityMismatch {
    /// The field.
    pub field: Field,
    /// What the identity states.
    pub expected: String,
    /// What the signer has, `none` where it has nothing.
    pub found: String,
    /// The regular expression would match a part of the value, as tools that do not anchor it would read it.
    pub matches_a_part_only: bool,
}

impl IdentityMismatch {
    /// Returns the reason code: another issuer, another key or another identity.
    #[must_use]
    pub fn code(&self) -> ReasonCode {
        match self.field {
            Field::Issuer => ReasonCode::IssuerMismatch,
            Field::Key => ReasonCode::KeyMismatch,
            _ => ReasonCode::IdentityMismatch,
        }
    }
}

impl fmt::Display for IdentityMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected `{}`, found `{}`",
            self.field, self.expected, self.found
        )?;
        if self.matches_a_part_only {
            f.write_str(" (the expression matches a part of it; here it has to match the whole)")?;
        }
        Ok(())
    }
}

impl std::error::Error for IdentityMismatch {}

impl Identity {
    /// Compares the identity with a verified signer.
    ///
    /// # Errors
    /// The first field that differs, with both values.
    pub fn check(&self, signer: &Signer) -> Result<(), IdentityMismatch> {
        match (self, signer) {
            (Self::Key(key), Signer::Key { hint, spki_sha256 }) => {
                if *spki_sha256 == key.spki_sha256() {
                    Ok(())
                } else {
                    Err(mismatch(Field::Key, key.hint(), hint))
                }
            }
            (Self::Key(key), Signer::Certificate(facts)) => Err(mismatch(
                Field::SignerKind,
                format!("key {}", key.hint()),
                format!("certificate of {}", facts.san),
            )),
            (_, Signer::Key { hint, .. }) => Err(mismatch(
                Field::SignerKind,
                "certificate",
                format!("key {hint}"),
            )),
            (
                Self::Github {
                    repository,
                    workflow,
                    reference,
                    issuer,
                },
                Signer::Certificate(facts),
            ) => {
                exact(Field::Issuer, issuer, &facts.issuer)?;
                github(repository, workflow.as_ref(), reference.as_ref(), facts)
            }
            (Self::Email { address, issuer }, Signer::Certificate(facts)) => {
                exact(Field::Issuer, issuer, &facts.issuer)?;
                if facts.san_kind != SanKind::Email {
                    return Err(mismatch(Field::SanKind, SanKind::Email, facts.san_kind));
                }
                exact(Field::San, address, &facts.san)
            }
            (Self::Fulcio { issuer, san }, Signer::Certificate(facts)) => {
                exact(Field::Issuer, issuer, &facts.issuer)?;
                supported(facts)?;
                pattern(Field::San, san, &facts.san)
            }
            (Self::Certificate { san, issuer }, Signer::Certificate(facts)) => {
                pattern(Field::Issuer, issuer, &facts.issuer)?;
                supported(facts)?;
                pattern(Field::San, san, &facts.san)
            }
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Github {
                repository,
                workflow,
                reference,
                ..
            } => {
                write!(f, "GitHub {repository}")?;
                if let Some(workflow) = workflow {
                    write!(f, ", workflow {workflow}")?;
                }
                match reference {
                    Some(reference) => write!(f, ", ref {reference}"),
                    None => Ok(()),
                }
            }
            Self::Email { address, issuer } => write!(f, "{address} of {issuer}"),
            Self::Fulcio { issuer, san } => write!(f, "{san} of {issuer}"),
            Self::Key(key) => write!(f, "key {}", key.hint()),
            Self::Certificate { san, issuer } => write!(f, "{san} of {issuer}"),
        }
    }
}

fn github(
    repository: &Pattern,
    workflow: Option<&Pattern>,
    reference: Option<&Pattern>,
    facts: &CertificateFacts,
) -> Result<(), IdentityMismatch> {
    let Some((host, source)) = facts.source_repository_uri.as_deref().and_then(split_host) else {
        let found = facts.source_repository_uri.as_deref().unwrap_or("none");
        return Err(mismatch(Field::SourceRepository, repository, found));
    };
    pattern(Field::SourceRepository, repository, source)?;
    if let Some(reference) = reference {
        match &facts.source_ref {
            Some(found) => pattern(Field::SourceRef, reference, found)?,
            None => return Err(mismatch(Field::SourceRef, reference, "none")),
        }
    }
    let Some(workflow) = workflow else {
        return Ok(());
    };
    if facts.san_kind != SanKind::Uri {
        return Err(mismatch(Field::SanKind, SanKind::Uri, facts.san_kind));
    }
    let parts = split_host(&facts.san)
        .filter(|(san_host, _)| *san_host == host)
        .and_then(|(_, path)| split_reference(path, facts.source_ref.as_deref()));
    let Some((path, workflow_ref)) = parts else {
        return Err(mismatch(Field::Workflow, workflow, &facts.san));
    };
    if !workflow.as_str().starts_with(".github/") {
        return pattern(Field::Workflow, workflow, path);
    }
    let Some(own) = path
        .strip_prefix(source)
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return Err(mismatch(
            Field::Workflow,
            format!("{source}/{workflow}"),
            path,
        ));
    };
    pattern(Field::Workflow, workflow, own)?;
    match reference {
        Some(reference) => pattern(Field::WorkflowRef, reference, workflow_ref),
        None => Ok(()),
    }
}

/// Splits `https://HOST/PATH` into host and path.
fn split_host(url: &str) -> Option<(&str, &str)> {
    url.strip_prefix("https://")?.split_once('/')
}

/// Splits `OWNER/REPO/.github/workflows/F.yml@REF`.
///
/// A file name and a ref may both contain `@`, so the first is no separator by itself. A workflow file lies directly in its folder and its
/// name has no `/`: the first `@refs/` therefore begins the ref. Otherwise the known source ref does, else the last `@` (a called workflow pinned
/// by commit).
fn split_reference<'a>(path: &'a str, source_ref: Option<&str>) -> Option<(&'a str, &'a str)> {
    if let Some(at) = path.find("@refs/") {
        return Some((path.get(..at)?, path.get(at + 1..)?));
    }
    if let Some(source_ref) = source_ref
        && let Some(file) = path
            .strip_suffix(source_ref)
            .and_then(|rest| rest.strip_suffix('@'))
    {
        return Some((file, path.get(file.len() + 1..)?));
    }
    path.rsplit_once('@')
}

fn supported(facts: &CertificateFacts) -> Result<(), IdentityMismatch> {
    match facts.san_kind {
        SanKind::Email | SanKind::Uri => Ok(()),
        SanKind::Unsupported => Err(mismatch(Field::SanKind, "e-mail or URI", facts.san_kind)),
    }
}

fn exact(field: Field, expected: &str, found: &str) -> Result<(), IdentityMismatch> {
    if expected == found {
        Ok(())
    } else {
        Err(mismatch(field, expected, or_none(found)))
    }
}

fn pattern(field: Field, expected: &Pattern, found: &str) -> Result<(), IdentityMismatch> {
    if expected.matches(found) {
        return Ok(());
    }
    let mut mismatch = mismatch(field, expected, or_none(found));
    mismatch.matches_a_part_only = expected.matches_a_part_only(found);
    Err(mismatch)
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn mismatch(
    field: Field,
    expected: impl fmt::Display,
    found: impl fmt::Display,
) -> IdentityMismatch {
    IdentityMismatch {
        field,
        expected: expected.to_string(),
        found: found.to_string(),
        matches_a_part_only: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(san: &str, kind: SanKind) -> CertificateFacts {
        let time = jiff::Timestamp::UNIX_EPOCH;
        CertificateFacts::new(san, kind, GITHUB_ISSUER, [time, time])
    }

    fn release(san: &str, reference: &str) -> Signer {
        let mut facts = facts(san, SanKind::Uri);
        facts.source_repository_uri = Some("https://github.com/acme/widget".into());
        facts.source_ref = Some(reference.into());
        Signer::Certificate(Box::new(facts))
    }

    fn github(workflow: Option<&str>, reference: Option<&str>) -> Identity {
        Identity::Github {
            repository: Pattern::glob("acme/widget").unwrap(),
            workflow: workflow.map(|text| Pattern::glob(text).unwrap()),
            reference: reference.map(|text| Pattern::glob(text).unwrap()),
            issuer: GITHUB_ISSUER.into(),
        }
    }

    const RELEASE: &str =
        "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1";
    const CALLED: &str =
        "https://github.com/acme/shared/.github/workflows/build.yml@refs/heads/main";

    #[test]
    fn github_workflows() {
        let bare = Some(".github/workflows/release.yml");
        let tags = Some("refs/tags/v*");
        let called = Some("acme/shared/.github/workflows/build.yml");
        type Row<'a> = (Identity, Signer, Option<(Field, &'a str, &'a str)>);
        let table: [Row<'_>; 11] = [
            (github(None, None), release(RELEASE, "refs/tags/v1"), None),
            (github(bare, tags), release(RELEASE, "refs/tags/v1"), None),
            (
                github(bare, tags),
                release(RELEASE, "refs/heads/main"),
                Some((Field::SourceRef, "refs/tags/v*", "refs/heads/main")),
            ),
            // The workflow file comes from a branch although the source is the tag.
            (
                github(bare, tags),
                release(
                    "https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/evil",
                    "refs/tags/v1",
                ),
                Some((Field::WorkflowRef, "refs/tags/v*", "refs/heads/evil")),
            ),
            (
                github(bare, None),
                release(CALLED, "refs/tags/v1"),
                Some((
                    Field::Workflow,
                    "acme/widget/.github/workflows/release.yml",
                    "acme/shared/.github/workflows/build.yml",
                )),
            ),
            (github(called, tags), release(CALLED, "refs/tags/v1"), None),
            (
                github(called, None),
                release(RELEASE, "refs/tags/v1"),
                Some((
                    Field::Workflow,
                    "acme/shared/.github/workflows/build.yml",
                    "acme/widget/.github/workflows/release.yml",
                )),
            ),
            // Another repository whose name begins the same.
            (
                github(bare, None),
                release(
                    "https://github.com/acme/widget-evil/.github/workflows/release.yml@refs/tags/v1",
                    "refs/tags/v1",
                ),
                Some((
                    Field::Workflow,
                    "acme/widget/.github/workflows/release.yml",
                    "acme/widget-evil/.github/workflows/release.yml",
                )),
            ),
            // A file name with an `@`, and a ref with one.
            (
                github(bare, None),
                release(
                    "https://github.com/acme/widget/.github/workflows/release.yml@x.yml@refs/tags/v1",
                    "refs/tags/v1",
                ),
                Some((
                    Field::Workflow,
                    ".github/workflows/release.yml",
                    ".github/workflows/release.yml@x.yml",
                )),
            ),
            (
                github(bare, tags),
                release(
                    "https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/x@refs/tags/v1",
                    "refs/tags/v1",
                ),
                Some((
                    Field::WorkflowRef,
                    "refs/tags/v*",
                    "refs/heads/x@refs/tags/v1",
                )),
            ),
            // Another host.
            (
                github(bare, None),
                release(
                    "https://evil.example/acme/widget/.github/workflows/release.yml@refs/tags/v1",
                    "refs/tags/v1",
                ),
                Some((
                    Field::Workflow,
                    ".github/workflows/release.yml",
                    "https://evil.example/acme/widget/.github/workflows/release.yml@refs/tags/v1",
                )),
            ),
        ];
        for (identity, signer, expected) in table {
            let found = identity.check(&signer).err();
            let found = found
                .as_ref()
                .map(|error| (error.field, error.expected.as_str(), error.found.as_str()));
            assert_eq!(found, expected, "{identity} {}", signer.name());
        }
    }

    #[test]
    fn only_the_deprecated_extension_is_not_enough() {
        let signer = Signer::Certificate(Box::new(facts(RELEASE, SanKind::Uri)));
        let error = github(None, None).check(&signer).unwrap_err();
        assert_eq!(
            error.to_string(),
            "source repository: expected `acme/widget`, found `none`"
        );
    }

    #[test]
    fn people_keys_and_expressions() {
        let mail = Signer::Certificate(Box::new(facts("a@example.com", SanKind::Email)));
        let uri = Signer::Certificate(Box::new(facts("a@example.com", SanKind::Uri)));
        let other = Signer::Certificate(Box::new(facts("", SanKind::Unsupported)));
        let key = Signer::Key {
            hint: "h".into(),
            spki_sha256: "00".into(),
        };
        let email = |address: &str, issuer: &str| Identity::Email {
            address: address.into(),
            issuer: issuer.into(),
        };
        let flags = |san: Pattern| Identity::Certificate {
            san,
            issuer: Pattern::exact(GITHUB_ISSUER),
        };
        let regex = |text: &str| Pattern::regex(text).unwrap();
        for (identity, signer, expected, code) in [
            (
                email("a@example.com", GITHUB_ISSUER),
                &mail,
                "",
                ReasonCode::IdentityMismatch,
            ),
            (
                email("A@example.com", GITHUB_ISSUER),
                &mail,
                "identity: expected `A@example.com`, found `a@example.com`",
                ReasonCode::IdentityMismatch,
            ),
            (
                email("a@example.com", "https://x"),
                &mail,
                "issuer: expected `https://x`, found `https://token.actions.githubusercontent.com`",
                ReasonCode::IssuerMismatch,
            ),
            (
                email("a@example.com", GITHUB_ISSUER),
                &uri,
                "kind of identity: expected `e-mail`, found `URI`",
                ReasonCode::IdentityMismatch,
            ),
            (
                flags(regex(".*")),
                &other,
                "kind of identity: expected `e-mail or URI`, found `unsupported kind`",
                ReasonCode::IdentityMismatch,
            ),
            (
                flags(regex(".*@example[.]com")),
                &mail,
                "",
                ReasonCode::IdentityMismatch,
            ),
            (
                flags(regex("@example")),
                &mail,
                "identity: expected `@example`, found `a@example.com` (the expression matches a part of it; here it has to match the whole)",
                ReasonCode::IdentityMismatch,
            ),
            (
                flags(regex("x")).clone(),
                &key,
                "kind of signer: expected `certificate`, found `key h`",
                ReasonCode::IdentityMismatch,
            ),
        ] {
            match identity.check(signer) {
                Ok(()) => assert_eq!(expected, "", "{identity}"),
                Err(error) => {
                    assert_eq!((error.to_string().as_str(), error.code()), (expected, code))
                }
            }
        }
    }
}
