//! A machine that is no CI, or a CI system that is not known: what was built, and the checkout around it.

use toolkit_attest::predicate::slsa::Local;

use super::git;

/// Gathers the facts; a run has no id of its own here.
pub(super) fn build_facts(target: &str) -> Local {
    Local {
        target: target.to_owned(),
        source: git::checkout(),
        invocation_id: None,
    }
}
