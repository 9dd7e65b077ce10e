//! `signatures`: the digest that was resolved carries an image signature by whom the rule names.
//!
//! A signature of an index covers the platforms that the index lists by digest. An image signature is a statement of
//! predicate type `https://sigstore.dev/cosign/sign/v1`; an attestation never counts as one.

use super::who::{Wanted, ask, candidates, expected};
use crate::evaluate::Context;
use crate::model::Rule;
use crate::verdict::{CheckId, CheckResult};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.signatures else {
        return;
    };
    let subject = &context.evidence.digest;
    let candidates = candidates(context, subject, Wanted::Signature);
    let answer = ask(
        context,
        &demand.value,
        subject,
        Wanted::Signature,
        &candidates,
    );
    let expected = expected(context, &demand.value, Wanted::Signature);
    results.push(
        context
            .result(rule, CheckId::Signatures, demand.span, expected)
            .answered(answer),
    );
}
