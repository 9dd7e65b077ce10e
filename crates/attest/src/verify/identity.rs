//! Step 4: who signed, compared with who may.

use super::Verified;
use crate::{Identity, Refusal, Step};

impl Verified {
    /// Demands that the signer is this identity.
    ///
    /// # Errors
    /// A refusal with [`IdentityMismatch`](crate::ReasonCode::IdentityMismatch), `IssuerMismatch` or `KeyMismatch` and both
    /// values.
    pub fn require_identity(&self, identity: &Identity) -> Result<(), Refusal> {
        identity.check(&self.signer).map_err(|mismatch| {
            let refusal = Refusal::new(Step::Identity, mismatch.code())
                .expected(&mismatch.expected)
                .found(&mismatch.found);
            let field = mismatch.field;
            if mismatch.matches_a_part_only {
                refusal.detail(format_args!(
                    "{field}; the expression matches a part of it, and has to match the whole"
                ))
            } else {
                refusal.detail(field)
            }
        })
    }
}
