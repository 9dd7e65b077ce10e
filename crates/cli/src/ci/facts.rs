//! Which CI system runs the command, and what it says of the build.
//!
//! Only an allow-list of variables is read, so that no secret of a job can end up in a statement.

use toolkit_attest::IdentityToken;
use toolkit_attest::predicate::slsa::BuildFacts;

use super::{github, gitlab, local};
use crate::env;
use crate::error::{Error, Result};

/// Names where the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    GithubActions,
    GitlabCi,
    /// `CI` is set, and nothing that is known here.
    Unknown,
    None,
}

impl System {
    /// Tells the system by the variable that it documents for this purpose.
    pub(super) fn detect() -> Self {
        Self::of(&env::text)
    }

    fn of(variable: &dyn Fn(&'static str) -> Option<String>) -> Self {
        let is_true = |name| variable(name).as_deref() == Some("true");
        if is_true(env::GITHUB_ACTIONS) {
            Self::GithubActions
        } else if is_true(env::GITLAB_CI) {
            Self::GitlabCi
        } else if variable(env::CI).is_some_and(|value| value != "false" && value != "0") {
            Self::Unknown
        } else {
            Self::None
        }
    }
}

/// Gathers the facts; `token`, where there is one, says which workflow or pipeline the job belongs to.
///
/// # Errors
/// [`Error::BuildFact`] where a variable that the system always sets is missing, [`Error::BuildFactContradicted`] where the token says otherwise.
pub(crate) fn build_facts(target: &str, token: Option<&IdentityToken>) -> Result<BuildFacts> {
    Ok(match System::detect() {
        System::GithubActions => BuildFacts::GithubActions(github::build_facts(token)?),
        System::GitlabCi => BuildFacts::GitlabCi(gitlab::build_facts(token)?),
        System::Unknown => BuildFacts::UnknownCi(local::build_facts(target)),
        System::None => BuildFacts::Local(local::build_facts(target)),
    })
}

/// Reads a variable that `system` always sets.
pub(super) fn fact(system: &'static str, variable: &'static str) -> Result<String> {
    env::text(variable).ok_or(Error::BuildFact { system, variable })
}

/// Reads a variable that holds a commit: hexadecimal, of SHA-1 or SHA-256 (gitglossary(7), "object identifier").
pub(super) fn commit(system: &'static str, variable: &'static str) -> Result<String> {
    let found = fact(system, variable)?;
    let is_commit =
        matches!(found.len(), 40 | 64) && found.bytes().all(|byte| byte.is_ascii_hexdigit());
    formed(
        system,
        variable,
        found,
        is_commit,
        "the full id of a commit",
    )
}

/// Reads a variable that holds a full ref.
pub(super) fn full_ref(system: &'static str, variable: &'static str) -> Result<String> {
    let found = fact(system, variable)?;
    let is_ref = found.len() > "refs/".len() && found.starts_with("refs/");
    formed(
        system,
        variable,
        found,
        is_ref,
        "a ref that begins with `refs/`",
    )
}

/// Refuses a fact that the job's own token contradicts: whoever verifies would hold the token's, which the certificate repeats.
pub(super) fn agreed(
    system: &'static str,
    variable: &'static str,
    found: &str,
    claimed: Option<&str>,
) -> Result<()> {
    match claimed {
        Some(claimed) if claimed != found => Err(Error::BuildFactContradicted {
            system,
            variable,
            found: found.to_owned(),
            claimed: claimed.to_owned(),
        }),
        _ => Ok(()),
    }
}

fn formed(
    system: &'static str,
    variable: &'static str,
    found: String,
    is_formed: bool,
    expected: &'static str,
) -> Result<String> {
    if is_formed {
        return Ok(found);
    }
    Err(Error::BuildFactForm {
        system,
        variable,
        expected,
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ci_is_told_from_none() {
        type Variables = &'static [(&'static str, &'static str)];
        let cases: &[(Variables, System)] = &[
            (&[], System::None),
            (&[("CI", "false")], System::None),
            (&[("CI", "0")], System::None),
            (&[("CI", "true")], System::Unknown),
            (&[("CI", "woodpecker")], System::Unknown),
            (
                &[("CI", "true"), ("GITHUB_ACTIONS", "true")],
                System::GithubActions,
            ),
            (&[("CI", "true"), ("GITLAB_CI", "true")], System::GitlabCi),
            (&[("CI", "true"), ("GITLAB_CI", "")], System::Unknown),
        ];
        for (variables, expected) in cases {
            let variable = |wanted: &'static str| {
                let found = variables.iter().find(|(name, _)| *name == wanted);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(System::of(&variable), *expected, "{variables:?}");
        }
    }
}
