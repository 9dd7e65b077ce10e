//! The policy as it is once nothing is wrong with it.
//!
//! A [`Policy`] is made only by [`crate::check()`]. It names files (keys, a trust root) that it does not read:
//! [`Policy::key_files`] lists them, and [`Policy::load_keys`] takes their bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use miette::NamedSource;
use toolkit_attest::{GITHUB_ISSUER, Identity, Pattern, PublicKey, predicate};
use toolkit_oci::Digest;
use toolkit_vulndb::config::{At, Position, Span};
use toolkit_vulndb::select::PurlGlob;

use crate::error::{Diagnostic, Fault};
use crate::verdict::PolicyPlace;

mod contents;

pub(crate) use contents::{
    Act, DatabaseRule, DenyEntry, Duration, FixRule, LicencePattern, LicenceRule, PackagePattern,
    PackageRule, Probability, VulnerabilityRule,
};

/// A valid policy whose key files have not been read yet.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) source: Arc<NamedSource<Arc<str>>>,
    pub(crate) name: String,
    pub(crate) trust: Trust,
    pub(crate) identities: BTreeMap<String, Definition>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) no_match: NoMatch,
}

/// Where the trust root of a policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The public Sigstore instance.
    Public,
    /// A trusted root in a file, named relative to the policy file.
    File(String),
}

/// A file that holds the public key of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// The identity.
    pub identity: String,
    /// The file, named relative to the policy file.
    pub file: String,
}

/// An identity as the policy defines it.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Github {
        repository: String,
        workflow: Option<String>,
        git_ref: Option<Pattern>,
        issuer: Option<String>,
    },
    Email {
        address: String,
        issuer: String,
    },
    Fulcio {
        issuer: String,
        san: Pattern,
    },
    Key {
        file: String,
    },
}

impl Kind {
    /// Makes the identity that signers are compared with.
    pub(crate) fn identity(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<Identity, Fault> {
        Ok(match self {
            Self::Github {
                repository,
                workflow,
                git_ref,
                issuer,
            } => Identity::Github {
                repository: Pattern::exact(repository),
                workflow: workflow.as_ref().map(Pattern::exact),
                reference: git_ref.clone(),
                issuer: issuer.clone().unwrap_or_else(|| GITHUB_ISSUER.to_owned()),
            },
            Self::Email { address, issuer } => Identity::Email {
                address: address.clone(),
                issuer: issuer.clone(),
            },
            Self::Fulcio { issuer, san } => Identity::Fulcio {
                issuer: issuer.clone(),
                san: san.clone(),
            },
            Self::Key { file } => {
                let bytes = files
                    .get(file)
                    .ok_or_else(|| Fault::KeyMissing { file: file.clone() })?;
                let unusable = |detail: String| Fault::KeyUnusable {
                    file: file.clone(),
                    detail,
                };
                let pem = str::from_utf8(bytes).map_err(|error| unusable(error.to_string()))?;
                Identity::Key(
                    PublicKey::from_pem(pem).map_err(|error| unusable(error.to_string()))?,
                )
            }
        })
    }
}

/// Who must have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The identity of that name.
    Name(String),
    /// At least one of them.
    AnyOf(Vec<Self>),
    /// Every one of them.
    AllOf(Vec<Self>),
    /// At least `n` of them, with different signers.
    AtLeast {
        /// How many.
        n: usize,
        /// Of whom.
        of: Vec<Self>,
    },
}

impl Who {
    /// Lists the names in it, in the order of the file.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Name(name) => vec![name],
            Self::AnyOf(of) | Self::AllOf(of) | Self::AtLeast { of, .. } => {
                of.iter().flat_map(Self::names).collect()
            }
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (head, of) = match self {
            Self::Name(name) => return f.write_str(name),
            Self::AnyOf(of) => ("any of".to_owned(), of),
            Self::AllOf(of) => ("all of".to_owned(), of),
            Self::AtLeast { n, of } => (format!("at least {n} of"), of),
        };
        let parts: Vec<String> = of.iter().map(ToString::to_string).collect();
        write!(f, "{head} ({})", parts.join(", "))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: String,
    /// Absent: every image, those without a name too.
    pub(crate) images: Option<Vec<ImagePattern>>,
    pub(crate) require: Require,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Require {
    pub(crate) reference: ReferenceRule,
    pub(crate) signatures: Option<At<Who>>,
    pub(crate) attestations: Vec<At<AttestationRule>>,
    pub(crate) provenance: Option<At<ProvenanceRule>>,
    pub(crate) user: Option<At<UserRule>>,
    pub(crate) vulnerabilities: Option<At<VulnerabilityRule>>,
    pub(crate) packages: Option<At<PackageRule>>,
    pub(crate) licences: Option<At<LicenceRule>>,
}

impl Require {
    /// Returns the place of the first demand on the contents of the image, where there is one: packages are then looked at.
    pub(crate) fn contents(&self) -> Option<Span> {
        let places = [
            self.vulnerabilities.as_ref().map(|demand| demand.span),
            self.packages.as_ref().map(|demand| demand.span),
            self.licences.as_ref().map(|demand| demand.span),
        ];
        places.into_iter().flatten().min()
    }

    /// Lists the demands for the bill of materials that is judged: `cyclonedx`, else `spdx`.
    pub(crate) fn bills(&self) -> Vec<&At<AttestationRule>> {
        let of = |family: &Family| {
            let demands = self.attestations.iter();
            demands
                .filter(|demand| demand.value.kind.sbom().as_ref() == Some(family))
                .collect::<Vec<_>>()
        };
        let cyclonedx = of(&Family::Cyclonedx);
        if cyclonedx.is_empty() {
            of(&Family::Spdx)
        } else {
            cyclonedx
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ReferenceRule {
    pub(crate) registries: Option<At<Vec<Pattern>>>,
    pub(crate) digest_required: Option<At<()>>,
}

#[derive(Debug, Clone)]
pub(crate) struct AttestationRule {
    pub(crate) kind: AttestationType,
    pub(crate) by: Who,
}

#[derive(Debug, Clone)]
pub(crate) struct ProvenanceRule {
    pub(crate) by: Who,
    pub(crate) builders: Option<At<Vec<Pattern>>>,
    pub(crate) repository: Option<At<Pattern>>,
    pub(crate) refs: Option<At<Vec<Pattern>>>,
}

/// What is demanded of the user an image runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserRule {
    NonRoot,
}

/// What happens to an image that no rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoMatch {
    Deny,
    Allow,
}

#[derive(Debug, Clone)]
pub(crate) struct Exception {
    pub(crate) id: String,
    pub(crate) span: Span,
    pub(crate) checks: Vec<String>,
    pub(crate) images: Vec<ImagePattern>,
    /// Any id of the vulnerability.
    pub(crate) vulnerabilities: Option<Vec<String>>,
    pub(crate) packages: Option<Vec<PurlGlob>>,
    pub(crate) owner: String,
    pub(crate) reason: String,
    pub(crate) expires: Date,
}

/// A pattern over `registry/repository`, with the digest that it demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePattern {
    pub(crate) name: Pattern,
    pub(crate) digest: Option<Digest>,
    pub(crate) written: String,
}

impl ImagePattern {
    /// Tells whether an image of that name is meant, and one of those digests where the pattern has one.
    #[must_use]
    pub fn matches(&self, name: &str, digests: &[&Digest]) -> bool {
        self.name.matches(name)
            && self
                .digest
                .as_ref()
                .is_none_or(|wanted| digests.contains(&wanted))
    }
}

/// A kind of attestation, by short name or predicate type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttestationType {
    /// As the policy writes it; the second half of the check's name.
    pub(crate) written: String,
    pub(crate) family: Family,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Family {
    Cyclonedx,
    Spdx,
    /// Exactly this predicate type.
    Exact(String),
}

impl AttestationType {
    /// Tells whether a predicate type is of this kind. SBOM families take the versioned forms that other tools write
    /// (`https://spdx.dev/Document/v2.3`, `https://cyclonedx.org/bom/v1.6`) and CycloneDX's old `…/schema`.
    pub(crate) fn matches(&self, predicate_type: &str) -> bool {
        match &self.family {
            Family::Cyclonedx => predicate::is_cyclonedx(predicate_type),
            Family::Spdx => predicate::is_spdx(predicate_type),
            Family::Exact(uri) => predicate_type == uri,
        }
    }

    /// Tells whether it is an SBOM, which every platform of an image needs for itself.
    pub(crate) fn is_sbom(&self) -> bool {
        self.sbom().is_some()
    }

    /// Returns the family of SBOMs that it is of.
    pub(crate) fn sbom(&self) -> Option<Family> {
        match &self.family {
            Family::Cyclonedx | Family::Spdx => Some(self.family.clone()),
            Family::Exact(uri) if predicate::is_cyclonedx(uri) => Some(Family::Cyclonedx),
            Family::Exact(uri) if predicate::is_spdx(uri) => Some(Family::Spdx),
            Family::Exact(_) => None,
        }
    }
}

/// A policy whose keys have been read: what [`crate::evaluate()`] judges by.
#[derive(Debug, Clone)]
pub struct LoadedPolicy {
    pub(crate) policy: Policy,
    pub(crate) identities: BTreeMap<String, Identity>,
}

impl LoadedPolicy {
    /// Yields the policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Lists the keys that its identities name, which are needed to verify bundles without a certificate.
    #[must_use]
    pub fn keys(&self) -> Vec<PublicKey> {
        let keys = self
            .identities
            .values()
            .filter_map(|identity| match identity {
                Identity::Key(key) => Some(key.clone()),
                _ => None,
            });
        keys.collect()
    }
}

impl Policy {
    /// Yields the name of the policy.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether a rule asks for known vulnerabilities, so that a database is needed.
    #[must_use]
    pub fn asks_for_vulnerabilities(&self) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.require.vulnerabilities.is_some())
    }

    /// Yields where its trust root comes from.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Lists the key files that [`Self::load_keys`] needs, in the order of the identities' names.
    #[must_use]
    pub fn key_files(&self) -> Vec<KeyFile> {
        let files =
            self.identities
                .iter()
                .filter_map(|(identity, definition)| match &definition.kind {
                    Kind::Key { file } => Some(KeyFile {
                        identity: identity.clone(),
                        file: file.clone(),
                    }),
                    Kind::Github { .. } | Kind::Email { .. } | Kind::Fulcio { .. } => None,
                });
        files.collect()
    }

    /// Takes the contents of the files that [`Self::key_files`] lists, by their names there.
    ///
    /// # Errors
    /// [`Fault::KeyMissing`] and [`Fault::KeyUnusable`], one for each file.
    pub fn load_keys(
        self,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<LoadedPolicy, Vec<Diagnostic>> {
        let mut identities = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, definition) in &self.identities {
            match definition.kind.identity(files) {
                Ok(identity) => {
                    identities.insert(name.clone(), identity);
                }
                Err(fault) => faults.push(self.diagnostic(definition.span, fault)),
            }
        }
        if faults.is_empty() {
            Ok(LoadedPolicy {
                policy: self,
                identities,
            })
        } else {
            Err(faults)
        }
    }

    pub(crate) fn place(&self, span: Span) -> PolicyPlace {
        let Position { line, column } = Position::of(self.source.inner(), span);
        PolicyPlace { span, line, column }
    }

    fn diagnostic(&self, span: Span, fault: Fault) -> Diagnostic {
        Diagnostic::new(Arc::clone(&self.source), span, fault)
    }
}
