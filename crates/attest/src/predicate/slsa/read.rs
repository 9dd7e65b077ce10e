//! Reads provenance, and says what each of its fields is worth beside the signer's certificate. It judges nothing.

use serde::Serialize;
use serde_json::Value;

use super::write::BUILD_TYPE_GITLAB_CI;
use crate::predicate::SLSA_PROVENANCE_V1;
use crate::{CertificateFacts, Error, Result, SanKind, Statement, Subject};

/// Provenance as a policy reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// `runDetails.builder.id`.
    pub builder_id: String,
    /// `buildDefinition.buildType`.
    pub build_type: String,
    /// The git entry of `buildDefinition.resolvedDependencies`: the only one, or the only one of the repository that
    /// `externalParameters.workflow` names. `None` where there is none or no telling which.
    pub source: Option<Source>,
    /// `externalParameters.workflow` as `REPOSITORY/PATH@REF`, where it is there; in our type for GitLab CI, `configSource`.
    pub workflow: Option<String>,
    /// `internalParameters.github.event_name`, or `externalParameters.event_name`; `internalParameters.gitlab.pipeline_source`.
    pub event_name: Option<String>,
    /// `internalParameters.github.runner_environment`, or `gitlab`'s.
    pub runner_environment: Option<String>,
    /// `internalParameters.github.repository_id`, `internalParameters.gitlab.project_id`.
    pub repository_id: Option<String>,
    /// `internalParameters.github.repository_owner_id`, `internalParameters.gitlab.namespace_id`.
    pub repository_owner_id: Option<String>,
    /// `runDetails.metadata.invocationId`.
    pub invocation_id: Option<String>,
}

/// A git source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The repository's URL, without `git+` and ref.
    pub repository: String,
    /// The full ref.
    pub reference: Option<String>,
    /// The commit (`gitCommit`, else `sha1`).
    pub commit: Option<String>,
}

/// What a field of provenance is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The certificate says the same: the platform vouches for it.
    Certified,
    /// The certificate says otherwise.
    Contradicted {
        /// What it says.
        certificate: String,
    },
    /// The certificate has no counterpart: the word of the signer and builder.
    Claimed,
    /// Found out by the program that wrote it: digests, its own version.
    Observed,
}

/// A field with its worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Marked {
    /// Where it stands in the predicate.
    pub field: &'static str,
    /// Its value.
    pub value: String,
    /// What it is worth.
    pub standing: Standing,
}

impl Provenance {
    /// Reads a statement of type [`SLSA_PROVENANCE_V1`]. Nothing is verified here.
    ///
    /// # Errors
    /// [`Error::StatementMalformed`], naming the field: another predicate type, no builder id, no build type.
    pub fn read(statement: &Statement) -> Result<Self> {
        let malformed = |reason: String| Error::StatementMalformed { reason };
        if statement.predicate_type() != SLSA_PROVENANCE_V1 {
            let found = statement.predicate_type();
            return Err(malformed(format!(
                "`predicateType`: expected `{SLSA_PROVENANCE_V1}`, found `{found}`"
            )));
        }
        let predicate = statement.predicate();
        // Unset and empty are the same (SLSA 1.2, "Parsing rules").
        let text = |pointer: &str| {
            let value = predicate.pointer(pointer)?.as_str()?;
            (!value.is_empty()).then(|| value.to_owned())
        };
        let needed = |pointer: &str| {
            text(pointer).ok_or_else(|| malformed(format!("`{pointer}` is absent or no string")))
        };
        let part = |name: &str| {
            text(&format!(
                "/buildDefinition/externalParameters/workflow/{name}"
            ))
        };
        let workflow_repository = part("repository");
        let workflow = match (&workflow_repository, part("path"), part("ref")) {
            (Some(repository), Some(path), Some(reference)) => {
                Some(format!("{repository}/{path}@{reference}"))
            }
            _ => None,
        };
        let builder_id = needed("/runDetails/builder/id")?;
        let build_type = needed("/buildDefinition/buildType")?;
        let is_gitlab = build_type == BUILD_TYPE_GITLAB_CI;
        let workflow = if is_gitlab {
            text("/buildDefinition/externalParameters/configSource")
        } else {
            workflow
        };
        // The same fact under each system's own name.
        let platform = |github: &str, gitlab: &str| {
            let (system, name) = if is_gitlab {
                ("gitlab", gitlab)
            } else {
                ("github", github)
            };
            text(&format!(
                "/buildDefinition/internalParameters/{system}/{name}"
            ))
        };
        Ok(Self {
            builder_id,
            build_type,
            source: source(predicate, workflow_repository.as_deref()),
            workflow,
            event_name: platform("event_name", "pipeline_source")
                .or_else(|| text("/buildDefinition/externalParameters/event_name")),
            runner_environment: platform("runner_environment", "runner_environment"),
            repository_id: platform("repository_id", "project_id"),
            repository_owner_id: platform("repository_owner_id", "namespace_id"),
            invocation_id: text("/runDetails/metadata/invocationId"),
        })
    }

    /// Compares each field with its counterpart in the signer's certificate; `None` for a key: then all are claims.
    #[must_use]
    pub fn marks(&self, certificate: Option<&CertificateFacts>) -> Vec<Marked> {
        let mut marks = Vec::new();
        let mut mark = |field, value: Option<&String>, counterpart: Option<&String>| {
            let Some(value) = value else { return };
            let standing = compare(value, counterpart.map(String::as_str));
            marks.push(Marked {
                field,
                value: value.clone(),
                standing,
            });
        };
        let facts = certificate;
        let signer = facts.and_then(|facts| self.signing_workflow(facts));
        mark("builder.id", Some(&self.builder_id), signer);
        mark("buildType", Some(&self.build_type), None);
        let source = self.source.as_ref();
        mark(
            "source.repository",
            source.map(|source| &source.repository),
            facts.and_then(|facts| facts.source_repository_uri.as_ref()),
        );
        mark(
            "source.ref",
            source.and_then(|source| source.reference.as_ref()),
            facts.and_then(|facts| facts.source_ref.as_ref()),
        );
        mark(
            "source.commit",
            source.and_then(|source| source.commit.as_ref()),
            facts.and_then(|facts| facts.source_digest.as_ref()),
        );
        mark(
            "workflow",
            self.workflow.as_ref(),
            facts.and_then(|facts| facts.build_config_uri.as_ref()),
        );
        mark(
            "event_name",
            self.event_name.as_ref(),
            facts.and_then(|facts| facts.build_trigger.as_ref()),
        );
        mark(
            "runner_environment",
            self.runner_environment.as_ref(),
            facts.and_then(|facts| facts.runner_environment.as_ref()),
        );
        mark(
            "repository_id",
            self.repository_id.as_ref(),
            facts.and_then(|facts| facts.source_repository_id.as_ref()),
        );
        mark(
            "repository_owner_id",
            self.repository_owner_id.as_ref(),
            facts.and_then(|facts| facts.source_owner_id.as_ref()),
        );
        // Other builders number their runs (slsa-github-generator: `RUN-ATTEMPT`); only a URL has a counterpart.
        let is_url = self
            .invocation_id
            .as_ref()
            .is_some_and(|id| id.starts_with("https://"));
        let run = facts
            .and_then(|facts| facts.run_invocation_uri.as_ref())
            .filter(|_| is_url);
        mark("invocationId", self.invocation_id.as_ref(), run);
        marks
    }

    /// Returns what the certificate says of `builder.id`: extension `.9`, or in certificates from before it the alternative name. Both
    /// are the workflow that asked for the certificate, a called one where there is one (Fulcio `docs/oid-info.md`).
    fn signing_workflow<'a>(&self, facts: &'a CertificateFacts) -> Option<&'a String> {
        // A builder id of our own, or another platform's, names no workflow and has no counterpart.
        if !self.builder_id.contains(WORKFLOWS) {
            return None;
        }
        let name = Some(&facts.san).filter(|_| facts.san_kind == SanKind::Uri);
        facts.build_signer_uri.as_ref().or(name)
    }
}

/// Stands in every GitHub workflow's URI.
const WORKFLOWS: &str = "/.github/workflows/";

fn compare(value: &str, counterpart: Option<&str>) -> Standing {
    match counterpart {
        Some(counterpart) if counterpart == value => Standing::Certified,
        Some(counterpart) => Standing::Contradicted {
            certificate: counterpart.to_owned(),
        },
        None => Standing::Claimed,
    }
}

/// Lists what this program itself found out about the subjects: their digests.
#[must_use]
pub fn observed(statement: &Statement) -> Vec<Marked> {
    let digests = statement.subjects().iter().filter_map(Subject::digest);
    digests
        .map(|digest| Marked {
            field: "subject",
            value: digest.to_string(),
            standing: Standing::Observed,
        })
        .collect()
}

fn source(predicate: &Value, workflow_repository: Option<&str>) -> Option<Source> {
    let list = predicate
        .pointer("/buildDefinition/resolvedDependencies")?
        .as_array()?;
    let sources: Vec<Source> = list.iter().filter_map(dependency).collect();
    match sources.as_slice() {
        [only] => Some(only.clone()),
        several => {
            let mut own = several
                .iter()
                .filter(|source| Some(source.repository.as_str()) == workflow_repository);
            match (own.next(), own.next()) {
                (Some(source), None) => Some(source.clone()),
                _ => None,
            }
        }
    }
}

/// Reads a dependency that is a git repository.
fn dependency(entry: &Value) -> Option<Source> {
    let uri = entry.get("uri")?.as_str()?.strip_prefix("git+")?;
    let (repository, reference) = match uri.find("@refs/") {
        Some(at) => (uri.get(..at)?, uri.get(at + 1..).map(str::to_owned)),
        None => match uri.rsplit_once('@') {
            // An `@` before the path is a user's.
            Some((repository, reference)) if !reference.contains('/') => {
                (repository, Some(reference.to_owned()))
            }
            _ => (uri, None),
        },
    };
    let digest = |name: &str| entry.get("digest")?.get(name)?.as_str().map(str::to_owned);
    Some(Source {
        // The same repository with and without the suffix; certificates have none.
        repository: repository
            .strip_suffix(".git")
            .unwrap_or(repository)
            .to_owned(),
        reference,
        commit: digest("gitCommit").or_else(|| digest("sha1")),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use toolkit_oci::Digest;

    use super::*;
    use crate::predicate::slsa::write::tests::{job, pipeline, written};
    use crate::predicate::slsa::{BUILDER_GITHUB_SELF_HOSTED, BuildFacts};

    fn certificate() -> CertificateFacts {
        let time = Timestamp::UNIX_EPOCH;
        let workflow = "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1";
        let mut facts = CertificateFacts::new(workflow, SanKind::Uri, "https://i", [time, time]);
        facts.build_signer_uri = Some(workflow.into());
        facts.build_config_uri = Some(workflow.into());
        facts.source_repository_uri = Some("https://github.com/acme/widget".into());
        facts.source_ref = Some("refs/tags/v1".into());
        facts.source_digest = Some("c0ffee".into());
        facts.source_repository_id = Some("1001".into());
        facts.source_owner_id = Some("2002".into());
        facts.runner_environment = Some("github-hosted".into());
        facts.build_trigger = Some("push".into());
        facts.run_invocation_uri =
            Some("https://github.com/acme/widget/actions/runs/42/attempts/1".into());
        facts
    }

    #[test]
    fn everything_that_the_certificate_has_is_certified() {
        let provenance = Provenance::read(&written(BuildFacts::GithubActions(job()))).unwrap();
        for mark in provenance.marks(Some(&certificate())) {
            let expected = if mark.field == "buildType" {
                Standing::Claimed
            } else {
                Standing::Certified
            };
            assert_eq!(mark.standing, expected, "{}", mark.field);
        }
        assert!(
            provenance
                .marks(None)
                .iter()
                .all(|mark| mark.standing == Standing::Claimed)
        );
        assert_eq!(provenance.marks(None).len(), 11);
        let mut other = certificate();
        other.source_ref = Some("refs/heads/main".into());
        other.source_digest = None;
        let marks = provenance.marks(Some(&other));
        let of = |field| {
            &marks
                .iter()
                .find(|mark| mark.field == field)
                .unwrap()
                .standing
        };
        assert_eq!(
            of("source.ref"),
            &Standing::Contradicted {
                certificate: "refs/heads/main".into()
            }
        );
        assert_eq!(of("source.commit"), &Standing::Claimed);
    }

    #[test]
    fn a_gitlab_certificate_certifies_a_gitlab_job() {
        let time = Timestamp::UNIX_EPOCH;
        let config = "https://gitlab.com/acme/widget//.gitlab-ci.yml@refs/tags/v1";
        let mut facts = CertificateFacts::new(config, SanKind::Uri, "https://i", [time, time]);
        // As Fulcio's templates for GitLab write them (`config/identity/config.yaml`).
        facts.build_signer_uri = Some(config.into());
        facts.build_config_uri = Some(config.into());
        facts.source_repository_uri = Some("https://gitlab.com/acme/widget".into());
        facts.source_ref = Some("refs/tags/v1".into());
        facts.source_digest = Some("c0ffee".into());
        facts.source_repository_id = Some("1001".into());
        facts.source_owner_id = Some("2002".into());
        facts.runner_environment = Some("gitlab-hosted".into());
        facts.build_trigger = Some("push".into());
        facts.run_invocation_uri = Some("https://gitlab.com/acme/widget/-/jobs/42".into());
        let provenance = Provenance::read(&written(BuildFacts::GitlabCi(pipeline()))).unwrap();
        let marks = provenance.marks(Some(&facts));
        assert_eq!(marks.len(), 11);
        for mark in &marks {
            let expected = match mark.field {
                "buildType" | "builder.id" => Standing::Claimed,
                _ => Standing::Certified,
            };
            assert_eq!(mark.standing, expected, "{}", mark.field);
        }
        facts.source_repository_id = Some("1".into());
        let marks = provenance.marks(Some(&facts));
        let contradicted = Standing::Contradicted {
            certificate: "1".into(),
        };
        assert!(marks.iter().any(|mark| mark.standing == contradicted));
    }

    #[test]
    fn a_builder_is_the_workflow_that_signed() {
        let standing = |builder: &str, signer: Option<&str>, san: &str| {
            let mut provenance =
                Provenance::read(&written(BuildFacts::GithubActions(job()))).unwrap();
            provenance.builder_id = builder.to_owned();
            let mut facts = certificate();
            facts.build_signer_uri = signer.map(str::to_owned);
            facts.san = san.to_owned();
            provenance.marks(Some(&facts))[0].standing.clone()
        };
        let generator = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.0.0";
        // slsa-github-generator's delegators sign for the workflow that called them and write that one's name, which no extension holds.
        let delegator = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_generic_slsa3.yml@refs/tags/v2.1.0";
        let called = "https://github.com/acme/builder/.github/workflows/build.yml@refs/tags/v2.1.0";
        let own = "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1";
        let contradicted = |certificate: &str| Standing::Contradicted {
            certificate: certificate.to_owned(),
        };
        for (builder, signer, san, expected) in [
            (generator, Some(generator), generator, Standing::Certified),
            // Before extension .9 only the name says it.
            (generator, None, generator, Standing::Certified),
            (generator, None, own, contradicted(own)),
            (generator, Some(own), generator, contradicted(own)),
            (called, Some(delegator), delegator, contradicted(delegator)),
        ] {
            assert_eq!(
                standing(builder, signer, san),
                expected,
                "{builder} {signer:?}"
            );
        }
    }

    #[test]
    fn a_builder_that_names_no_workflow_is_a_claim() {
        let mut facts = job();
        facts.runner_environment = "self-hosted".into();
        let own = Provenance::read(&written(BuildFacts::GithubActions(facts))).unwrap();
        assert_eq!(own.builder_id, BUILDER_GITHUB_SELF_HOSTED);
        assert_eq!(
            own.marks(Some(&certificate()))[0].standing,
            Standing::Claimed
        );
    }

    #[test]
    fn ambiguous_sources_are_none() {
        let read = |dependencies: Value| {
            let predicate = json!({
                "buildDefinition": {
                    "buildType": "t",
                    "externalParameters": {"workflow": {"repository": "https://h/a"}},
                    "resolvedDependencies": dependencies,
                },
                "runDetails": {"builder": {"id": "b"}},
            });
            let statement = Statement::new(
                vec![Subject::new("", &Digest::sha256(b"x"))],
                SLSA_PROVENANCE_V1,
                predicate,
            );
            Provenance::read(&statement.unwrap())
                .unwrap()
                .source
                .map(|source| source.repository)
        };
        let entry = |uri: &str| json!({"uri": uri, "digest": {"sha1": "00"}});
        for (list, expected) in [
            (
                json!([entry("pkg:docker/x"), entry("git+https://h/b@refs/tags/v1")]),
                Some("https://h/b"),
            ),
            (
                json!([entry("git+https://h/b@v1"), entry("git+https://h/a@v1")]),
                Some("https://h/a"),
            ),
            (
                json!([entry("git+https://h/a@v1"), entry("git+https://h/a@v2")]),
                None,
            ),
            (
                json!([entry("git+https://h/b"), entry("git+https://h/c")]),
                None,
            ),
            (json!([]), None),
        ] {
            assert_eq!(read(list.clone()).as_deref(), expected, "{list}");
        }
    }

    #[test]
    fn unreadable_provenance_names_the_field() {
        let statement = |kind: &str, predicate| {
            Statement::new(
                vec![Subject::new("", &Digest::sha256(b"x"))],
                kind,
                predicate,
            )
            .unwrap()
        };
        for (statement, reason) in [
            (
                statement("t", json!({})),
                "`predicateType`: expected `https://slsa.dev/provenance/v1`, found `t`",
            ),
            (
                statement(SLSA_PROVENANCE_V1, json!({})),
                "`/runDetails/builder/id` is absent or no string",
            ),
            (
                statement(
                    SLSA_PROVENANCE_V1,
                    json!({"runDetails": {"builder": {"id": "b"}}}),
                ),
                "`/buildDefinition/buildType` is absent or no string",
            ),
        ] {
            assert_eq!(
                Provenance::read(&statement),
                Err(Error::StatementMalformed {
                    reason: reason.into()
                })
            );
        }
    }
}
