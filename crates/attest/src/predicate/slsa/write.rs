//! Writes provenance. It reads no environment and no clock, and claims nothing that it was not handed.

use serde_json::{Map, Value, json};

use super::facts::{BuildFacts, BuildTimes, GithubActions, GitlabCi, Local, git_uri, public};
use crate::predicate::SLSA_PROVENANCE_V1;
use crate::{Result, Statement, Subject};

/// GitHub's build type, for the events it defines.
pub const BUILD_TYPE_GITHUB_WORKFLOW: &str = "https://actions.github.io/buildtypes/workflow/v1";
/// Our build type for GitHub Actions' other events.
pub const BUILD_TYPE_GITHUB_ACTIONS: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/buildtypes/github-actions/v1"
);
/// Our build type for GitLab CI.
pub const BUILD_TYPE_GITLAB_CI: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/buildtypes/gitlab-ci/v1");
/// Our build type for a CI system that is not known here.
pub const BUILD_TYPE_UNKNOWN_CI: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/buildtypes/unknown-ci/v1");
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
/// Our builder id for GitLab CI where no token says who runs the machine.
pub const BUILDER_GITLAB_JOB: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/builders/gitlab-ci-job/v1");
/// Our builder id for GitLab CI on a machine that GitLab runs.
pub const BUILDER_GITLAB_HOSTED: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/builders/gitlab-ci-hosted/v1"
);
/// Our builder id for GitLab CI on a machine that somebody else runs.
pub const BUILDER_GITLAB_SELF_HOSTED: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/builders/gitlab-ci-self-hosted/v1"
);
/// Our builder id for a CI system that is not known here.
pub const BUILDER_UNKNOWN_CI: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/builders/unknown-ci/v1");
/// Our builder id for a machine that is no CI.
pub const BUILDER_LOCAL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/builders/local/v1");

/// The events that GitHub's build type defines.
const WORKFLOW_EVENTS: [&str; 4] = ["create", "push", "release", "workflow_dispatch"];

/// Writes the provenance of these subjects.
///
/// `tool_version` is the version of the program that observed and wrote it.
///
/// # Errors
/// [`crate::Error::NoSubject`].
pub fn write(
    subjects: Vec<Subject>,
    facts: &BuildFacts,
    times: BuildTimes,
    tool_version: &str,
) -> Result<Statement> {
    // All maps in alphabetical order, so that the bytes do not depend on how the map orders its keys.
    let (definition, builder, invocation) = match facts {
        BuildFacts::GithubActions(facts) => github(facts),
        BuildFacts::GitlabCi(facts) => gitlab(facts),
        BuildFacts::UnknownCi(facts) => machine(facts, BUILD_TYPE_UNKNOWN_CI, BUILDER_UNKNOWN_CI),
        BuildFacts::Local(facts) => machine(facts, BUILD_TYPE_LOCAL, BUILDER_LOCAL),
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
    let server = public(server_url);
    let server = server.trim_end_matches('/');
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

fn gitlab(facts: &GitlabCi) -> (Value, String, Option<String>) {
    let project = public(&facts.project_url);
    let project = project.trim_end_matches('/');
    let mut external = Map::new();
    if let Some(config) = &facts.config_ref_uri {
        external.insert(
            "configSource".into(),
            public(&format!("https://{config}")).into(),
        );
    }
    external.insert("entryPoint".into(), facts.job_name.as_str().into());
    external.insert("source".into(), project.into());
    let mut internal = Map::new();
    let pipeline_url = facts.pipeline_url.as_deref().map(public);
    let known = [
        ("namespace_id", facts.namespace_id.as_ref()),
        ("pipeline_source", Some(&facts.pipeline_source)),
        ("pipeline_url", pipeline_url.as_ref()),
        ("project_id", Some(&facts.project_id)),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            internal.insert(name.into(), value.as_str().into());
        }
    }
    if let Some(protected) = facts.ref_protected {
        internal.insert("ref_protected".into(), protected.into());
    }
    let runner = [
        ("runner_environment", facts.runner_environment.as_ref()),
        ("runner_id", facts.runner_id.as_ref()),
    ];
    for (name, value) in runner {
        if let Some(value) = value {
            internal.insert(name.into(), value.as_str().into());
        }
    }
    let definition = json!({
        "buildType": BUILD_TYPE_GITLAB_CI,
        "externalParameters": external,
        "internalParameters": {"gitlab": internal},
        "resolvedDependencies": [{
            "digest": {"gitCommit": facts.sha},
            "uri": format!("git+{project}@{}", facts.reference),
        }],
    });
    let builder = match facts.runner_environment.as_deref() {
        Some("gitlab-hosted") => BUILDER_GITLAB_HOSTED,
        Some(_) => BUILDER_GITLAB_SELF_HOSTED,
        None => BUILDER_GITLAB_JOB,
    };
    (definition, builder.to_owned(), Some(public(&facts.job_url)))
}

/// Writes what any machine shows, CI or not.
fn machine(facts: &Local, build_type: &str, builder: &str) -> (Value, String, Option<String>) {
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
    definition.insert("buildType".into(), build_type.into());
    definition.insert("externalParameters".into(), json!({"target": facts.target}));
    if !dirty.is_null() {
        definition.insert("internalParameters".into(), json!({"dirty": dirty}));
    }
    if !dependencies.is_empty() {
        definition.insert("resolvedDependencies".into(), Value::Array(dependencies));
    }
    (
        Value::Object(definition),
        builder.to_owned(),
        facts.invocation_id.clone(),
    )
}

#[cfg(test)]
pub(super) mod tests {
    use toolkit_oci::Digest;

    use super::*;
    use crate::predicate::slsa::{GitCheckout, Provenance, Source};

    pub(in crate::predicate::slsa) fn job() -> GithubActions {
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

    pub(in crate::predicate::slsa) fn written(facts: BuildFacts) -> Statement {
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

    pub(in crate::predicate::slsa) fn pipeline() -> GitlabCi {
        GitlabCi {
            project_url: "https://gitlab.com/acme/widget".into(),
            project_id: "1001".into(),
            namespace_id: Some("2002".into()),
            reference: "refs/tags/v1".into(),
            sha: "c0ffee".into(),
            config_ref_uri: Some("gitlab.com/acme/widget//.gitlab-ci.yml@refs/tags/v1".into()),
            job_name: "release".into(),
            job_url: "https://gitlab.com/acme/widget/-/jobs/42".into(),
            pipeline_source: "push".into(),
            pipeline_url: Some("https://gitlab.com/acme/widget/-/pipelines/7".into()),
            runner_id: Some("5".into()),
            runner_environment: Some("gitlab-hosted".into()),
            ref_protected: Some(true),
        }
    }

    #[test]
    fn a_gitlab_job_has_a_form_of_ours() {
        let statement = written(BuildFacts::GitlabCi(pipeline()));
        let expected = json!({
            "buildDefinition": {
                "buildType": "https://github.com/toolkit-rs/toolkit/buildtypes/gitlab-ci/v1",
                "externalParameters": {
                    "configSource": "https://gitlab.com/acme/widget//.gitlab-ci.yml@refs/tags/v1",
                    "entryPoint": "release", "source": "https://gitlab.com/acme/widget"},
                "internalParameters": {"gitlab": {
                    "namespace_id": "2002", "pipeline_source": "push",
                    "pipeline_url": "https://gitlab.com/acme/widget/-/pipelines/7", "project_id": "1001",
                    "ref_protected": true, "runner_environment": "gitlab-hosted", "runner_id": "5"}},
                "resolvedDependencies": [{
                    "digest": {"gitCommit": "c0ffee"}, "uri": "git+https://gitlab.com/acme/widget@refs/tags/v1"}],
            },
            "runDetails": {
                "builder": {
                    "id": "https://github.com/toolkit-rs/toolkit/builders/gitlab-ci-hosted/v1", "version": {"toolkit": "1.2.3"}},
                "metadata": {"invocationId": "https://gitlab.com/acme/widget/-/jobs/42"},
            },
        });
        assert_eq!(statement.predicate(), &expected);
        for (environment, builder) in [
            (Some("self-hosted"), BUILDER_GITLAB_SELF_HOSTED),
            (Some("something new"), BUILDER_GITLAB_SELF_HOSTED),
            (None, BUILDER_GITLAB_JOB),
        ] {
            let facts = GitlabCi {
                runner_environment: environment.map(str::to_owned),
                ..pipeline()
            };
            let read = Provenance::read(&written(BuildFacts::GitlabCi(facts))).unwrap();
            assert_eq!(read.builder_id, builder);
        }
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
        let provenance = Provenance::read(&written(BuildFacts::Local(bare.clone()))).unwrap();
        assert_eq!(
            (provenance.source, provenance.invocation_id.as_deref()),
            (None, Some("7"))
        );
        // A CI system that is not known is not said to be none.
        let provenance = Provenance::read(&written(BuildFacts::UnknownCi(bare))).unwrap();
        assert_eq!(
            (
                provenance.builder_id.as_str(),
                provenance.build_type.as_str()
            ),
            (BUILDER_UNKNOWN_CI, BUILD_TYPE_UNKNOWN_CI)
        );
    }
}
