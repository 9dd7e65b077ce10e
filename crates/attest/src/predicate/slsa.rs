//! SLSA provenance 1.x: written from facts that the caller gathered, read for what a policy asks.
//!
//! It never claims a level: a statement written inside the build job cannot know one, and the reader grants it.
//!
//! Specification: SLSA 1.2 "Build: Provenance" (`https://slsa.dev/provenance/v1`); GitHub's build type
//! `https://actions.github.io/buildtypes/workflow/v1`, used exactly for the events it defines and for no other.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::SLSA_PROVENANCE_V1;
use crate::{CertificateFacts, Error, Result, Statement, Subject};

/// GitHub's build type, for the events it defines.
pub const BUILD_TYPE_GITHUB_WORKFLOW: &str = "https://actions.github.io/buildtypes/workflow/v1";
/// Our build type for GitHub Actions' other events.
pub const BUILD_TYPE_GITHUB_ACTIONS: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/buildtypes/github-actions/v1"
);
/// Our build type for a machine that is no CI.
pub const BUILD_TYPE_LOCAL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/buildtypes/local/v1");

/// Our builder id for GitHub Actions where no token says which workflow the job belongs to.
pub const BUILDER_GITHUB_JOB: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/builders/github-actions-job/v1"
);
/// Our builder id for GitHub Actions on a runner that the repository's owner controls.
pub const BUILDER_GITHUB_SELF_HOSTED: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/builders/github-actions-self-hosted/v1"
);
/// Our builder id for a machine that is no CI.
pub const BUILDER_LOCAL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/builders/local/v1");

/// The events that GitHub's build type defines.
const WORKFLOW_EVENTS: [&str; 4] = ["create", "push", "release", "workflow_dispatch"];

/// What the caller knows of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildFacts {
    /// A job of GitHub Actions.
    GithubActions(GithubActions),
    /// A machine that is no CI.
    Local(Local),
}

/// A job of GitHub Actions, by its environment variables and token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubActions {
    /// `GITHUB_SERVER_URL`, `https://github.com` as a rule.
    pub server_url: String,
    /// `GITHUB_REPOSITORY`, `OWNER/REPO`.
    pub repository: String,
    /// `GITHUB_REPOSITORY_ID`.
    pub repository_id: String,
    /// `GITHUB_REPOSITORY_OWNER_ID`.
    pub repository_owner_id: String,
    /// `GITHUB_REF`.
    pub reference: String,
    /// `GITHUB_SHA`.
    pub sha: String,
    /// `GITHUB_EVENT_NAME`.
    pub event_name: String,
    /// `GITHUB_WORKFLOW_REF`, `OWNER/REPO/.github/workflows/F.yml@REF`.
    pub workflow_ref: String,
    /// The token's claim `job_workflow_ref`; no variable has it.
    pub job_workflow_ref: Option<String>,
    /// `RUNNER_ENVIRONMENT`, `github-hosted` or `self-hosted`.
    pub runner_environment: String,
    /// `GITHUB_RUN_ID`.
    pub run_id: String,
    /// `GITHUB_RUN_ATTEMPT`.
    pub run_attempt: String,
}

/// A machine that is no CI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// What was built, as the caller names it.
    pub target: String,
    /// The checkout it was built from, where it is one.
    pub source: Option<GitCheckout>,
    /// An id of this run, unique, where the caller has one.
    pub invocation_id: Option<String>,
}

/// A git checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitCheckout {
    /// The remote's URL as configured; credentials in it are left out.
    pub remote: Option<String>,
    /// The full ref, where HEAD is on one.
    pub reference: Option<String>,
    /// The commit of HEAD, hexadecimal.
    pub commit: String,
    /// Files differ from the commit.
    pub dirty: bool,
}

/// When the build ran, as far as the caller knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuildTimes {
    /// Its start.
    pub started: Option<Timestamp>,
    /// Its end.
    pub finished: Option<Timestamp>,
}

/// Writes the provenance of these subjects.
///
/// `tool_version` is the version of the program that observed and wrote it.
///
/// # Errors
/// [`Error::NoSubject`].
pub fn write(
    subjects: Vec<Subject>,
    facts: &BuildFacts,
    times: BuildTimes,
    tool_version: &str,
) -> Result<Statement> {
    // All maps in alphabetical order, so that the bytes do not depend on how the map orders its keys.
    let (definition, builder, invocation) = match facts {
        BuildFacts::GithubActions(facts) => github(facts),
        BuildFacts::Local(facts) => local(facts),
    };
    let mut metadata = Map::new();
    if let Some(time) = times.finished {
        metadata.insert("finishedOn".into(), time.to_string().into());
    }
    if let Some(invocation) = invocation {
        metadata.insert("invocationId".into(), invocation.into());
    }
    if let Some(time) = times.started {
        metadata.insert("startedOn".into(), time.to_string().into());
    }
    let predicate = json!({
        "buildDefinition": definition,
        "runDetails": {
            "builder": {"id": builder, "version": {"toolkit": tool_version}},
            "metadata": metadata,
        },
    });
    Statement::new(subjects, SLSA_PROVENANCE_V1, predicate)
}

fn github(facts: &GithubActions) -> (Value, String, Option<String>) {
    let GithubActions {
        server_url,
        repository,
        reference,
        sha,
        event_name,
        ..
    } = facts;
    let server = server_url.trim_end_matches('/');
    let repository_url = format!("{server}/{repository}");
    let (path, workflow_ref) = split_workflow(facts);
    let known = WORKFLOW_EVENTS.contains(&event_name.as_str());
    let workflow = json!({"path": path, "ref": workflow_ref, "repository": repository_url});
    let external = if known {
        json!({"workflow": workflow})
    } else {
        json!({"event_name": event_name, "workflow": workflow})
    };
    let definition = json!({
        "buildType": if known { BUILD_TYPE_GITHUB_WORKFLOW } else { BUILD_TYPE_GITHUB_ACTIONS },
        "externalParameters": external,
        "internalParameters": {
            "github": {
                "event_name": event_name,
                "repository_id": facts.repository_id,
                "repository_owner_id": facts.repository_owner_id,
                "runner_environment": facts.runner_environment,
            },
        },
        "resolvedDependencies": [{
            "digest": {"gitCommit": sha},
            "uri": format!("git+{repository_url}@{reference}"),
        }],
    });
    let builder = match &facts.job_workflow_ref {
        _ if facts.runner_environment != "github-hosted" => BUILDER_GITHUB_SELF_HOSTED.to_owned(),
        Some(job) => format!("{server}/{job}"),
        None => BUILDER_GITHUB_JOB.to_owned(),
    };
    let invocation = format!(
        "{repository_url}/actions/runs/{}/attempts/{}",
        facts.run_id, facts.run_attempt
    );
    (definition, builder, Some(invocation))
}

/// Splits the workflow's ref; path and ref may both contain `@`, the file name has no `/` (so that `@refs/` begins the ref).
fn split_workflow(facts: &GithubActions) -> (&str, &str) {
    let own = facts
        .workflow_ref
        .strip_prefix(facts.repository.as_str())
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(&facts.workflow_ref);
    if let Some(at) = own.find("@refs/") {
        return (
            own.get(..at).unwrap_or(own),
            own.get(at + 1..).unwrap_or_default(),
        );
    }
    own.rsplit_once('@')
        .unwrap_or((own, facts.reference.as_str()))
}

fn local(facts: &Local) -> (Value, String, Option<String>) {
    let mut dependencies = Vec::new();
    let mut dirty = Value::Null;
    if let Some(checkout) = &facts.source {
        let mut entry = Map::new();
        entry.insert("digest".into(), json!({"gitCommit": checkout.commit}));
        if let Some(uri) = checkout.remote.as_deref().and_then(git_uri) {
            let uri = match &checkout.reference {
                Some(reference) => format!("{uri}@{reference}"),
                None => uri,
            };
            entry.insert("uri".into(), uri.into());
        }
        dependencies.push(Value::Object(entry));
        dirty = checkout.dirty.into();
    }
    let mut definition = Map::new();
    definition.insert("buildType".into(), BUILD_TYPE_LOCAL.into());
    definition.insert("externalParameters".into(), json!({"target": facts.target}));
    if !dirty.is_null() {
        definition.insert("internalParameters".into(), json!({"dirty": dirty}));
    }
    if !dependencies.is_empty() {
        definition.insert("resolvedDependencies".into(), Value::Array(dependencies));
    }
    (
        Value::Object(definition),
        BUILDER_LOCAL.to_owned(),
        facts.invocation_id.clone(),
    )
}

/// Makes a dependency URI of a git remote: `git+` and the URL without user and password; the short ssh form
/// `user@host:path` becomes a URL. `None` for anything else, a path on this machine among them.
#[must_use]
pub fn git_uri(remote: &str) -> Option<String> {
    let remote = remote.trim();
    if let Ok(mut url) = url::Url::parse(remote)
        && matches!(url.scheme(), "https" | "http" | "ssh" | "git")
        && url.has_host()
    {
        // Refused only for URLs without host.
        let _ = url.set_password(None);
        let _ = url.set_username("");
        url.set_query(None);
        url.set_fragment(None);
        return Some(format!("git+{}", url.as_str().trim_end_matches('/')));
    }
    let (host, path) = remote.split_once(':')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let plain =
        !host.is_empty() && !host.contains('/') && !path.starts_with("//") && !path.is_empty();
    // One letter is a drive.
    (plain && host.len() > 1).then(|| {
        format!(
            "git+ssh://{host}/{}",
            path.trim_start_matches('/').trim_end_matches('/')
        )
    })
}

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
    /// `externalParameters.workflow` as `REPOSITORY/PATH@REF`, where it is there.
    pub workflow: Option<String>,
    /// `internalParameters.github.event_name`, or `externalParameters.event_name`.
    pub event_name: Option<String>,
    /// `internalParameters.github.runner_environment`.
    pub runner_environment: Option<String>,
    /// `internalParameters.github.repository_id`.
    pub repository_id: Option<String>,
    /// `internalParameters.github.repository_owner_id`.
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
        let github = |name: &str| {
            text(&format!(
                "/buildDefinition/internalParameters/github/{name}"
            ))
        };
        Ok(Self {
            builder_id: needed("/runDetails/builder/id")?,
            build_type: needed("/buildDefinition/buildType")?,
            source: source(predicate, workflow_repository.as_deref()),
            workflow,
            event_name: github("event_name")
                .or_else(|| text("/buildDefinition/externalParameters/event_name")),
            runner_environment: github("runner_environment"),
            repository_id: github("repository_id"),
            repository_owner_id: github("repository_owner_id"),
            invocation_id: text("/runDetails/metadata/invocationId"),
        })
    }

    /// Compares each field with its counterpart in the signer's certificate; `None` for a key: then all are claims.
    #[must_use]
    pub fn marks(&self, certificate: Option<&CertificateFacts>) -> Vec<Marked> {
        let mut marks = Vec::new();
        let mut mark = |field, value: Option<&String>, counterpart: Option<&String>| {
            let Some(value) = value else { return };
            let standing = match counterpart {
                Some(counterpart) if counterpart == value => Standing::Certified,
                Some(counterpart) => Standing::Contradicted {
                    certificate: counterpart.clone(),
                },
                None => Standing::Claimed,
            };
            marks.push(Marked {
                field,
                value: value.clone(),
                standing,
            });
        };
        let facts = certificate;
        // A builder id of our own, or another platform's, names no workflow and has no counterpart.
        let names_workflow = self.builder_id.contains("/.github/workflows/");
        let signer = facts
            .and_then(|facts| facts.build_signer_uri.as_ref())
            .filter(|_| names_workflow);
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
    use toolkit_oci::Digest;

    use super::*;
    use crate::SanKind;

    fn job() -> GithubActions {
        GithubActions {
            server_url: "https://github.com".into(),
            repository: "acme/widget".into(),
            repository_id: "1001".into(),
            repository_owner_id: "2002".into(),
            reference: "refs/tags/v1".into(),
            sha: "c0ffee".into(),
            event_name: "push".into(),
            workflow_ref: "acme/widget/.github/workflows/release.yml@refs/tags/v1".into(),
            job_workflow_ref: Some("acme/widget/.github/workflows/release.yml@refs/tags/v1".into()),
            runner_environment: "github-hosted".into(),
            run_id: "42".into(),
            run_attempt: "1".into(),
        }
    }

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

    fn written(facts: BuildFacts) -> Statement {
        write(
            vec![Subject::new(
                "registry.example/acme/widget",
                &Digest::sha256(b"x"),
            )],
            &facts,
            BuildTimes::default(),
            "1.2.3",
        )
        .unwrap()
    }

    #[test]
    fn a_github_job_has_githubs_form() {
        let statement = written(BuildFacts::GithubActions(job()));
        let expected = json!({
            "buildDefinition": {
                "buildType": "https://actions.github.io/buildtypes/workflow/v1",
                "externalParameters": {"workflow": {
                    "path": ".github/workflows/release.yml", "ref": "refs/tags/v1", "repository": "https://github.com/acme/widget"}},
                "internalParameters": {"github": {
                    "event_name": "push", "repository_id": "1001", "repository_owner_id": "2002", "runner_environment": "github-hosted"}},
                "resolvedDependencies": [{
                    "digest": {"gitCommit": "c0ffee"}, "uri": "git+https://github.com/acme/widget@refs/tags/v1"}],
            },
            "runDetails": {
                "builder": {
                    "id": "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1", "version": {"toolkit": "1.2.3"}},
                "metadata": {"invocationId": "https://github.com/acme/widget/actions/runs/42/attempts/1"},
            },
        });
        assert_eq!(statement.predicate(), &expected);
        assert!(
            !String::from_utf8_lossy(statement.payload())
                .to_lowercase()
                .contains("level")
        );
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
    fn modes_have_ids_of_their_own() {
        let with = |change: fn(&mut GithubActions)| {
            let mut facts = job();
            change(&mut facts);
            Provenance::read(&written(BuildFacts::GithubActions(facts))).unwrap()
        };
        let pull = with(|facts| facts.event_name = "pull_request".into());
        assert_eq!(
            (pull.build_type.as_str(), pull.event_name.as_deref()),
            (BUILD_TYPE_GITHUB_ACTIONS, Some("pull_request"))
        );
        assert_eq!(
            with(|facts| facts.job_workflow_ref = None).builder_id,
            BUILDER_GITHUB_JOB
        );
        let own = with(|facts| facts.runner_environment = "self-hosted".into());
        assert_eq!(own.builder_id, BUILDER_GITHUB_SELF_HOSTED);
        // It names no workflow, so the certificate cannot contradict it.
        assert_eq!(
            own.marks(Some(&certificate()))[0].standing,
            Standing::Claimed
        );
        let odd = with(|facts| {
            facts.workflow_ref = "acme/widget/.github/workflows/a@b.yml@refs/heads/x@y".into()
        });
        assert_eq!(
            odd.workflow.as_deref(),
            Some("https://github.com/acme/widget/.github/workflows/a@b.yml@refs/heads/x@y")
        );
        assert_eq!(
            BUILDER_LOCAL,
            "https://github.com/toolkit-rs/toolkit/builders/local/v1"
        );
    }

    #[test]
    fn a_local_build_says_what_it_knows() {
        let checkout = GitCheckout {
            remote: Some("https://user:secret@git.example/acme/widget.git".into()),
            reference: Some("refs/heads/main".into()),
            commit: "c0ffee".into(),
            dirty: true,
        };
        let facts = Local {
            target: "oci-dir:image".into(),
            source: Some(checkout),
            invocation_id: None,
        };
        let statement = written(BuildFacts::Local(facts));
        assert!(!String::from_utf8_lossy(statement.payload()).contains("secret"));
        let provenance = Provenance::read(&statement).unwrap();
        assert_eq!(
            (
                provenance.builder_id.as_str(),
                provenance.build_type.as_str()
            ),
            (BUILDER_LOCAL, BUILD_TYPE_LOCAL)
        );
        let source = Source {
            repository: "https://git.example/acme/widget".into(),
            reference: Some("refs/heads/main".into()),
            commit: Some("c0ffee".into()),
        };
        assert_eq!(provenance.source, Some(source));
        let bare = Local {
            target: "x".into(),
            source: None,
            invocation_id: Some("7".into()),
        };
        let provenance = Provenance::read(&written(BuildFacts::Local(bare))).unwrap();
        assert_eq!(
            (provenance.source, provenance.invocation_id.as_deref()),
            (None, Some("7"))
        );
    }

    #[test]
    fn remotes() {
        for (remote, uri) in [
            (
                "https://github.com/acme/widget.git",
                Some("git+https://github.com/acme/widget.git"),
            ),
            (
                "https://token@github.com/acme/widget/?x=secret",
                Some("git+https://github.com/acme/widget"),
            ),
            (
                "git@github.com:acme/widget.git",
                Some("git+ssh://github.com/acme/widget.git"),
            ),
            (
                "ssh://git@github.com:22/acme/widget",
                Some("git+ssh://github.com:22/acme/widget"),
            ),
            ("/srv/git/widget", None),
            ("../widget", None),
            ("C:\\widget", None),
            ("", None),
        ] {
            assert_eq!(git_uri(remote).as_deref(), uri, "{remote}");
        }
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
