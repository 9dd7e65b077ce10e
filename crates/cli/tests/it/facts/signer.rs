//! Who makes a piece of evidence: a workflow, a person, or the holder of a key; and what the job around it says of the build.

use std::process::Command;

use toolkit_lab::GithubClaims;

use crate::stage::Stage;

/// The repository whose workflow releases the image.
pub(super) const REPOSITORY: &str = "acme/widget";
/// The tag that it was released from.
pub(super) const RELEASED: &str = "refs/tags/v1.0.0";

/// A P-256 key made for this test; the policy names it `vault`.
pub(super) const VAULT: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsuG0+Ne1NmrQRjef
XJ7q84Cr7QVMpsnpZmu+G44IM+ShRANCAARZKeUSL/ORBKUSh8T0IRJXsGIvVvz0
BhVF5wmddiWzXpP48lurZvkjRdicF4s7UDVERqIoNd5T4fALdTq+8RBq
-----END PRIVATE KEY-----
";
/// The public half.
pub(super) const VAULT_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWSnlEi/zkQSlEofE9CESV7BiL1b8
9AYVRecJnXYls16T+PJbq2b5I0XYnBeLO1A1REaiKDXeU+HwC3U6vvEQag==
-----END PUBLIC KEY-----
";
/// Another key made for this test, which no policy names.
pub(super) const STRANGER: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFuIXeu1xSmO2z/n6
uCTZitJPT6yBPkyvZeEWtSl5zNShRANCAARviaL64bDbqJI/jK5mQju3gexOMyOP
RbwdU/+VTfvz9oJ1LVT0pdN8BjHNVMHrzgaz/VtW6MHhI7+PjGeDkL3h
-----END PRIVATE KEY-----
";
/// Its public half.
pub(super) const STRANGER_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEb4mi+uGw26iSP4yuZkI7t4HsTjMj
j0W8HVP/lU378/aCdS1U9KXTfAYxzVTB684Gs/1bVujB4SO/j4xng5C94Q==
-----END PUBLIC KEY-----
";

/// Signs as somebody, on one of the logs, in a job or without one.
#[derive(Clone)]
pub(super) struct Signer {
    who: Who,
    job: Option<GithubClaims>,
    pub(super) rekor: &'static str,
}

#[derive(Clone)]
enum Who {
    Workflow(Box<GithubClaims>),
    Person(&'static str),
    Key(&'static str),
}

impl Signer {
    /// Is the workflow that releases the image.
    pub(super) fn release() -> Self {
        Self::workflow(|_| {})
    }

    /// Is a workflow that differs from the release's: its token and its job say the same.
    pub(super) fn workflow(change: impl FnOnce(&mut GithubClaims)) -> Self {
        let mut claims = GithubClaims::new(REPOSITORY);
        claims.reference = RELEASED.to_owned();
        change(&mut claims);
        Self {
            job: Some(claims.clone()),
            who: Who::Workflow(Box::new(claims)),
            rekor: "v2",
        }
    }

    /// Is a person with an e-mail address.
    pub(super) fn person(address: &'static str) -> Self {
        Self {
            who: Who::Person(address),
            job: None,
            rekor: "v2",
        }
    }

    /// Is the holder of the key in this file.
    pub(super) fn key(file: &'static str) -> Self {
        Self {
            who: Who::Key(file),
            job: None,
            rekor: "v2",
        }
    }

    /// Uses this log.
    pub(super) fn on(mut self, rekor: &'static str) -> Self {
        self.rekor = rekor;
        self
    }

    /// Lets the job say something else than the token.
    pub(super) fn in_job(mut self, change: impl FnOnce(&mut GithubClaims)) -> Self {
        let mut job = Self::release().job;
        if let Some(job) = &mut job {
            change(job);
        }
        self.job = job;
        self
    }

    /// Takes the job away: a machine that is no CI.
    pub(super) fn without_job(mut self) -> Self {
        self.job = None;
        self
    }

    /// Gives a command what it signs with.
    pub(super) fn equip(&self, command: &mut Command, stage: &Stage) {
        match &self.who {
            Who::Workflow(claims) => {
                command.env(
                    "SIGSTORE_ID_TOKEN",
                    stage.lab.github_token(claims.as_ref().clone()),
                );
            }
            Who::Person(address) => {
                command.env("SIGSTORE_ID_TOKEN", stage.lab.email_token(address));
            }
            Who::Key(file) => {
                command.args(["--key", file]);
            }
        }
        if let Some(job) = &self.job {
            command.envs(environment(job));
        }
    }
}

/// What GitHub Actions sets for a job.
fn environment(job: &GithubClaims) -> Vec<(&'static str, String)> {
    let workflow = format!(
        "{}/.github/workflows/{}@{}",
        job.repository, job.workflow_file, job.reference
    );
    vec![
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
        ("GITHUB_REPOSITORY", job.repository.clone()),
        ("GITHUB_REPOSITORY_ID", job.repository_id.clone()),
        (
            "GITHUB_REPOSITORY_OWNER_ID",
            job.repository_owner_id.clone(),
        ),
        ("GITHUB_REF", job.reference.clone()),
        ("GITHUB_SHA", job.sha.clone()),
        ("GITHUB_EVENT_NAME", job.event_name.clone()),
        ("GITHUB_WORKFLOW_REF", workflow),
        ("GITHUB_RUN_ID", job.run_id.clone()),
        ("GITHUB_RUN_ATTEMPT", job.run_attempt.clone()),
        ("RUNNER_ENVIRONMENT", job.runner_environment.clone()),
    ]
}
