//! What is known of the build that runs now: the CI system's variables, or the checkout around the working directory.
//!
//! Only an allow-list of variables is read, so that no secret of a job can end up in a statement.

use toolkit_attest::IdentityToken;
use toolkit_attest::predicate::slsa::{BuildFacts, GithubActions, Local};

use super::git;
use crate::env;
use crate::error::{Error, Result};

/// Gathers the facts; `token`, where there is one, says which workflow the job belongs to.
///
/// # Errors
/// [`Error::BuildFact`] where a variable that GitHub always sets is missing.
pub(crate) fn build_facts(target: &str, token: Option<&IdentityToken>) -> Result<BuildFacts> {
    if env::text(env::GITHUB_ACTIONS).as_deref() == Some("true") {
        return github_facts(token).map(BuildFacts::GithubActions);
    }
    Ok(BuildFacts::Local(Local {
        target: target.to_owned(),
        source: git::checkout(),
        invocation_id: None,
    }))
}

fn github_facts(token: Option<&IdentityToken>) -> Result<GithubActions> {
    let fact = |variable: &'static str| env::text(variable).ok_or(Error::BuildFact { variable });
    Ok(GithubActions {
        server_url: fact(env::GITHUB_SERVER_URL)?,
        repository: fact(env::GITHUB_REPOSITORY)?,
        repository_id: fact(env::GITHUB_REPOSITORY_ID)?,
        repository_owner_id: fact(env::GITHUB_REPOSITORY_OWNER_ID)?,
        reference: fact(env::GITHUB_REF)?,
        sha: fact(env::GITHUB_SHA)?,
        event_name: fact(env::GITHUB_EVENT_NAME)?,
        workflow_ref: fact(env::GITHUB_WORKFLOW_REF)?,
        job_workflow_ref: token
            .and_then(|token| token.claim("job_workflow_ref"))
            .map(str::to_owned),
        runner_environment: fact(env::RUNNER_ENVIRONMENT)?,
        run_id: fact(env::GITHUB_RUN_ID)?,
        run_attempt: fact(env::GITHUB_RUN_ATTEMPT)?,
    })
}
