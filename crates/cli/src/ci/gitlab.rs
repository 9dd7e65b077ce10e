//! GitLab CI: what its predefined variables and its ID token say of the job.
//!
//! Documented by GitLab under "Predefined CI/CD variables reference" and "OpenID Connect (OIDC) Authentication Using ID Tokens". A job gets
//! its token in a variable of its own choice (`id_tokens`), by convention `SIGSTORE_ID_TOKEN`; there is no endpoint to ask, and neither a
//! summary nor outputs of a step.

use toolkit_attest::IdentityToken;
use toolkit_attest::predicate::slsa::GitlabCi;

use super::facts::{agreed, commit, fact};
use crate::env;
use crate::error::Result;

/// Gathers the facts. Where variable and token know the same, the token wins: its issuer vouches for it.
///
/// # Errors
/// [`Error::BuildFact`](crate::error::Error::BuildFact) where a variable that GitLab always sets is missing.
pub(super) fn build_facts(token: Option<&IdentityToken>) -> Result<GitlabCi> {
    const SYSTEM: &str = "GitLab CI";
    let fact = |variable| fact(SYSTEM, variable);
    let claim = |name| token.and_then(|token| token.claim(name)).map(str::to_owned);
    let reference = match env::text(env::CI_COMMIT_TAG) {
        Some(tag) => format!("refs/tags/{tag}"),
        None => format!("refs/heads/{}", fact(env::CI_COMMIT_REF_NAME)?),
    };
    let sha = commit(SYSTEM, env::CI_COMMIT_SHA)?;
    let claimed = token.and_then(|token| token.claim("sha"));
    agreed(SYSTEM, env::CI_COMMIT_SHA, &sha, claimed)?;
    Ok(GitlabCi {
        project_url: fact(env::CI_PROJECT_URL)?,
        project_id: fact(env::CI_PROJECT_ID)?,
        namespace_id: env::text(env::CI_PROJECT_NAMESPACE_ID),
        reference,
        sha,
        config_ref_uri: claim("ci_config_ref_uri").or_else(|| env::text(env::CI_CONFIG_REF_URI)),
        job_name: fact(env::CI_JOB_NAME)?,
        job_url: fact(env::CI_JOB_URL)?,
        pipeline_source: fact(env::CI_PIPELINE_SOURCE)?,
        pipeline_url: env::text(env::CI_PIPELINE_URL),
        runner_id: env::text(env::CI_RUNNER_ID),
        runner_environment: claim("runner_environment"),
        ref_protected: env::text(env::CI_COMMIT_REF_PROTECTED).map(|value| value == "true"),
    })
}
