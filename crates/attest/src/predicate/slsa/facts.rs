//! What a caller knows of a build: values only, gathered from a CI system's variables or a checkout by somebody else.

use jiff::Timestamp;

/// What the caller knows of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildFacts {
    /// A job of GitHub Actions.
    GithubActions(GithubActions),
    /// A job of GitLab CI.
    GitlabCi(GitlabCi),
    /// A job of a CI system whose variables are not known here: what any machine shows.
    UnknownCi(Local),
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

/// A job of GitLab CI, by its predefined variables and its ID token.
///
/// The names and values are those of GitLab's "Predefined CI/CD variables reference" and "ID token payload"; which of them Fulcio
/// certifies is fixed by its `config/identity/config.yaml`, entry `gitlab-pipeline`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitlabCi {
    /// `CI_PROJECT_URL`.
    pub project_url: String,
    /// `CI_PROJECT_ID`.
    pub project_id: String,
    /// `CI_PROJECT_NAMESPACE_ID`.
    pub namespace_id: Option<String>,
    /// The full ref: `refs/tags/` and `CI_COMMIT_TAG`, else `refs/heads/` and `CI_COMMIT_REF_NAME`.
    pub reference: String,
    /// `CI_COMMIT_SHA`.
    pub sha: String,
    /// The token's claim `ci_config_ref_uri`, or `CI_CONFIG_REF_URI` (since GitLab 18.11): `HOST/GROUP/PROJECT//FILE@REF`.
    pub config_ref_uri: Option<String>,
    /// `CI_JOB_NAME`.
    pub job_name: String,
    /// `CI_JOB_URL`.
    pub job_url: String,
    /// `CI_PIPELINE_SOURCE`, what started the pipeline.
    pub pipeline_source: String,
    /// `CI_PIPELINE_URL`.
    pub pipeline_url: Option<String>,
    /// `CI_RUNNER_ID`.
    pub runner_id: Option<String>,
    /// The token's claim `runner_environment`, `gitlab-hosted` or `self-hosted`; no variable has it.
    pub runner_environment: Option<String>,
    /// `CI_COMMIT_REF_PROTECTED`.
    pub ref_protected: Option<bool>,
}

/// A machine by itself: what was built, and the checkout around it.
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

/// Returns an address without user and password; a statement is public. Anything that is no URL stays as it is.
pub(super) fn public(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
            // Refused only for URLs without host, which have neither.
            let _ = url.set_password(None);
            let _ = url.set_username("");
            url.into()
        }
        _ => address.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
