//! Who signed a piece of evidence, compared with whom a rule names, in three values.
//!
//! A name is satisfied by a verified bundle of that identity. Where there is none, it is refuted only if every source
//! of evidence answered and everything in them could be read; otherwise it is undecided.

use std::collections::BTreeSet;

use toolkit_attest::{Identity, ReasonCode, Refusal, Verified, predicate};
use toolkit_oci::Digest;

use crate::evaluate::Context;
use crate::evidence::GapKind;
use crate::model::{AttestationType, Who};
use crate::verdict::{CheckResult, Code, Outcome};

/// Which evidence is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    Signature,
    Attestation(&'a AttestationType),
    Provenance,
    Vex,
}

impl Wanted<'_> {
    fn matches(self, predicate_type: &str) -> bool {
        match self {
            Self::Signature => predicate_type == predicate::IMAGE_SIGNATURE,
            Self::Attestation(kind) => kind.matches(predicate_type),
            Self::Provenance => predicate_type == predicate::SLSA_PROVENANCE_V1,
            Self::Vex => predicate::is_openvex(predicate_type),
        }
    }

    fn noun(self) -> String {
        match self {
            Self::Signature => "signature".to_owned(),
            Self::Attestation(kind) => format!("attestation of type `{}`", kind.written),
            Self::Provenance => "provenance".to_owned(),
            Self::Vex => "VEX".to_owned(),
        }
    }
}

/// The answer to who signed.
pub(super) struct Answer<'a> {
    pub(super) outcome: Outcome,
    pub(super) code: Code,
    pub(super) found: String,
    pub(super) next: Option<String>,
    /// The bundles that satisfy a name.
    pub(super) used: Vec<&'a Verified>,
}

impl CheckResult {
    /// Ends the result as the question who signed was answered.
    pub(super) fn answered(self, answer: Answer<'_>) -> Self {
        let evidence = answer
            .used
            .iter()
            .map(|verified| verified.bundle().clone())
            .collect();
        Self {
            evidence,
            ..self.ended(
                answer.outcome,
                answer.code,
                &answer.found,
                answer.next.as_deref(),
            )
        }
    }
}

/// Lists the verified evidence of the wanted kind for one manifest or index.
pub(super) fn candidates<'a>(
    context: &Context<'a>,
    subject: &Digest,
    wanted: Wanted<'_>,
) -> Vec<&'a Verified> {
    let matching = context.evidence.attestations.iter().filter(|verified| {
        verified.artifact() == subject
            && verified
                .statement()
                .is_some_and(|statement| wanted.matches(statement.predicate_type()))
    });
    matching.collect()
}

/// Tells whether the bundle was signed by one of the names.
pub(super) fn is_by(context: &Context<'_>, who: &Who, verified: &Verified) -> bool {
    who.names()
        .into_iter()
        .any(|name| is_by_name(context, name, verified))
}

pub(super) fn is_by_name(context: &Context<'_>, name: &str, verified: &Verified) -> bool {
    context
        .identity(name)
        .is_some_and(|identity| identity.check(verified.signer()).is_ok())
}

/// Tells whether those whom the rule names signed, by one of the attestations each.
pub(super) fn is_satisfied(context: &Context<'_>, who: &Who, attestations: &[&Verified]) -> bool {
    satisfied(who, &|name| signers(context, name, attestations))
}

/// Asks whether those whom the rule names signed one of the candidates.
pub(super) fn ask<'a>(
    context: &Context<'a>,
    who: &Who,
    subject: &Digest,
    wanted: Wanted<'_>,
    candidates: &[&'a Verified],
) -> Answer<'a> {
    if !satisfied(who, &|name| signers(context, name, candidates)) {
        return absent(context, who, subject, wanted, candidates);
    }
    let used: Vec<&Verified> = candidates
        .iter()
        .copied()
        .filter(|verified| is_by(context, who, verified))
        .collect();
    let found = used
        .iter()
        .map(|verified| describe(verified))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>();
    let found = format!("{} by {}", wanted.noun(), found.join(", "));
    Answer {
        outcome: Outcome::Pass,
        code: Code::Ok,
        found,
        next: None,
        used,
    }
}

/// Describes whom the rule names, with what each identity demands.
pub(super) fn expected(context: &Context<'_>, who: &Who, wanted: Wanted<'_>) -> String {
    format!("{} by {}", wanted.noun(), named(context, who))
}

/// Names those whom the rule names, with what each identity demands.
pub(super) fn named(context: &Context<'_>, who: &Who) -> String {
    let names: BTreeSet<&str> = who.names().into_iter().collect();
    let identities: Vec<String> = names
        .into_iter()
        .filter_map(|name| {
            context
                .identity(name)
                .map(|identity| format!("{name} is {identity}"))
        })
        .collect();
    format!("{who}; {}", identities.join("; "))
}

/// Names a verified signer for messages.
pub(super) fn describe(verified: &Verified) -> String {
    match verified.signer() {
        toolkit_attest::Signer::Certificate(facts) => {
            format!("`{}` of {}", facts.san, facts.issuer)
        }
        toolkit_attest::Signer::Key { hint, .. } => format!("key {hint}"),
    }
}

fn signers(context: &Context<'_>, name: &str, candidates: &[&Verified]) -> BTreeSet<String> {
    let by_name = candidates
        .iter()
        .filter(|verified| is_by_name(context, name, verified));
    by_name.map(|verified| verified.signer().name()).collect()
}

/// Tells whether the combination is satisfied; `signers` yields the signers that satisfy a name.
pub(super) fn satisfied(who: &Who, signers: &dyn Fn(&str) -> BTreeSet<String>) -> bool {
    match who {
        Who::Name(name) => !signers(name).is_empty(),
        Who::AnyOf(of) => of.iter().any(|who| satisfied(who, signers)),
        Who::AllOf(of) => of.iter().all(|who| satisfied(who, signers)),
        Who::AtLeast { n, of } => {
            let passed = of.iter().filter(|who| satisfied(who, signers));
            let sets: Vec<BTreeSet<String>> = passed
                .map(|who| who.names().into_iter().flat_map(signers).collect())
                .collect();
            different(&sets) >= *n
        }
    }
}

/// Counts how many of the sets can each be given a signer of its own: two names of one signer are not two people.
/// Maximum bipartite matching by augmenting paths.
fn different(sets: &[BTreeSet<String>]) -> usize {
    fn place<'a>(
        at: usize,
        sets: &'a [BTreeSet<String>],
        taken: &mut std::collections::BTreeMap<&'a str, usize>,
        tried: &mut BTreeSet<&'a str>,
    ) -> bool {
        for signer in sets.get(at).into_iter().flatten() {
            if !tried.insert(signer) {
                continue;
            }
            let free = match taken.get(signer.as_str()).copied() {
                None => true,
                Some(other) => place(other, sets, taken, tried),
            };
            if free {
                taken.insert(signer, at);
                return true;
            }
        }
        false
    }
    let mut taken = std::collections::BTreeMap::new();
    (0..sets.len())
        .filter(|at| place(*at, sets, &mut taken, &mut BTreeSet::new()))
        .count()
}

/// Evidence that was not seen and may be of those who are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unseen {
    pub(super) code: Code,
    pub(super) found: String,
    pub(super) next: &'static str,
}

/// Lists where evidence of the wanted kind for one manifest or index may be that was not seen, the gravest first.
pub(super) fn unseen(context: &Context<'_>, subject: &Digest, wanted: Wanted<'_>) -> Vec<Unseen> {
    let gaps = context.evidence.gaps.iter();
    let gaps = gaps.filter(|gap| gap.subject == *subject);
    let (mut unseen, mut legacy) = (Vec::new(), Vec::new());
    for gap in gaps {
        let is_signature = matches!(wanted, Wanted::Signature);
        let tag = match &gap.kind {
            GapKind::Unreachable { source, reason } => {
                unseen.push(Unseen {
                    code: Code::EvidenceUnreachable,
                    found: format!("{source} did not answer: {reason}"),
                    next: "try again when it answers; nothing was proved",
                });
                continue;
            }
            GapKind::Unreadable { what, reason } => {
                unseen.push(Unseen {
                    code: Code::EvidenceUnreachable,
                    found: format!("{what} could not be read: {reason}"),
                    next: "remove it, or make it readable",
                });
                continue;
            }
            GapKind::LegacySignature if is_signature => ".sig",
            GapKind::LegacyAttestation if !is_signature => ".att",
            GapKind::LegacySignature | GapKind::LegacyAttestation => continue,
        };
        legacy.push(Unseen {
            code: Code::EvidenceUnsupported,
            found: format!("the legacy tag `{tag}` exists and is not read"),
            next: "sign it again in the bundle format",
        });
    }
    let unreadable = refused(context, subject, wanted)
        .filter(|refusal| is_unreadable(refusal.code))
        .map(|refusal| Unseen {
            code: Code::EvidenceUnreadable(refusal.code),
            found: format!("a bundle could not be read: {refusal}"),
            next: "remove it, or replace it by one that can be read",
        });
    unseen.extend(legacy);
    unseen.extend(unreadable);
    unseen
}

/// Lists why bundles of one manifest or index were refused that say to be of the wanted kind, or do not say.
fn refused<'a>(
    context: &Context<'a>,
    subject: &Digest,
    wanted: Wanted<'_>,
) -> impl Iterator<Item = &'a Refusal> {
    let refused = context.evidence.refused.iter().filter(move |refused| {
        refused.subject == *subject
            && refused
                .claimed_type
                .as_deref()
                .is_none_or(|claimed| wanted.matches(claimed))
    });
    refused.map(|refused| &refused.refusal)
}

/// Says what it means that nobody who is named signed.
fn absent<'a>(
    context: &Context<'_>,
    who: &Who,
    subject: &Digest,
    wanted: Wanted<'_>,
    candidates: &[&'a Verified],
) -> Answer<'a> {
    let noun = wanted.noun();
    let answer = |outcome, code, found: String, next: &str| Answer {
        outcome,
        code,
        found,
        next: Some(next.to_owned()),
        used: Vec::new(),
    };
    if let Some(unseen) = unseen(context, subject, wanted).into_iter().next() {
        let found = format!("no {noun} by them; {}", unseen.found);
        return answer(Outcome::Undecided, unseen.code, found, unseen.next);
    }
    let worst = refused(context, subject, wanted).next();
    if let Some(refusal) = worst {
        let found = format!("a {noun} that does not verify: {refusal}");
        return answer(
            Outcome::Fail,
            Code::EvidenceRefused(refusal.code),
            found,
            if refusal.code == ReasonCode::TimeInFuture {
                "check the clock of the machine that judges: it is behind the time that the evidence proves"
            } else {
                "do not use the image; make the evidence anew from the source"
            },
        );
    }
    if !candidates.is_empty() {
        let others: BTreeSet<String> = candidates
            .iter()
            .map(|verified| stranger(context, who, verified))
            .collect();
        let found = format!(
            "{noun} by {}",
            others.into_iter().collect::<Vec<_>>().join("; ")
        );
        return answer(
            Outcome::Fail,
            Code::IdentityMismatch,
            found,
            "have it signed by those whom the policy names, or name the signer there",
        );
    }
    let (code, next) = match wanted {
        Wanted::Signature => (
            Code::SignatureMissing,
            "sign the image, or copy it together with its signatures",
        ),
        Wanted::Attestation(_) | Wanted::Provenance | Wanted::Vex => (
            Code::AttestationMissing,
            "attest it, or copy the image together with its attestations",
        ),
    };
    answer(Outcome::Fail, code, format!("no {noun}"), next)
}

/// Describes a signer, and why it is none of the named ones.
fn stranger(context: &Context<'_>, who: &Who, verified: &Verified) -> String {
    let names: BTreeSet<&str> = who.names().into_iter().collect();
    let reasons: Vec<String> = names
        .into_iter()
        .filter_map(|name| {
            let mismatch = context
                .identity(name)
                .map(|identity: &Identity| identity.check(verified.signer()))?
                .err()?;
            Some(format!("not {name}: {mismatch}"))
        })
        .collect();
    if reasons.is_empty() {
        describe(verified)
    } else {
        format!("{} ({})", describe(verified), reasons.join("; "))
    }
}

/// Tells whether a refusal means that the bundle was not understood, so that it may be anything.
fn is_unreadable(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::LimitExceeded
            | ReasonCode::BundleEmpty
            | ReasonCode::BundleMalformed
            | ReasonCode::BundleUnsupported
            | ReasonCode::PayloadTypeUnsupported
            | ReasonCode::StatementMalformed
            | ReasonCode::KeyUnsupported
            | ReasonCode::LogEntryUnsupported
            | ReasonCode::TrustRootInvalid
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(signers: &[&str]) -> BTreeSet<String> {
        signers.iter().map(|signer| (*signer).to_owned()).collect()
    }

    #[test]
    fn counts_different_signers() {
        for (sets, expected) in [
            (vec![], 0),
            (vec![set(&["x"])], 1),
            (vec![set(&["x"]), set(&["x"])], 1),
            (vec![set(&["x"]), set(&["x", "y"])], 2),
            (vec![set(&["x", "y"]), set(&["x"])], 2),
            (
                vec![set(&["x", "y"]), set(&["x", "y"]), set(&["x", "y"])],
                2,
            ),
            (vec![set(&["x", "y"]), set(&["y", "z"]), set(&["x"])], 3),
        ] {
            assert_eq!(different(&sets), expected, "{sets:?}");
        }
    }

    #[test]
    fn combinations() {
        let name = |name: &str| Who::Name(name.to_owned());
        let signers = |name: &str| match name {
            "alice" | "alias" => set(&["alice@example.com"]),
            "bob" => set(&["bob@example.com"]),
            _ => set(&[]),
        };
        let at_least = |n, of| Who::AtLeast { n, of };
        for (who, expected) in [
            (name("alice"), true),
            (name("carol"), false),
            (Who::AnyOf(vec![name("carol"), name("alice")]), true),
            (Who::AnyOf(vec![name("carol"), name("dave")]), false),
            (Who::AllOf(vec![name("alice"), name("bob")]), true),
            (Who::AllOf(vec![name("alice"), name("carol")]), false),
            (
                at_least(2, vec![name("alice"), name("bob"), name("carol")]),
                true,
            ),
            (at_least(2, vec![name("alice"), name("carol")]), false),
            (at_least(2, vec![name("alice"), name("alias")]), false),
            (
                at_least(2, vec![name("alice"), name("alias"), name("bob")]),
                true,
            ),
            (
                at_least(3, vec![name("alice"), name("bob"), name("carol")]),
                false,
            ),
            (
                Who::AllOf(vec![
                    name("bob"),
                    Who::AnyOf(vec![name("carol"), name("alice")]),
                ]),
                true,
            ),
            (
                at_least(
                    2,
                    vec![Who::AnyOf(vec![name("alice"), name("bob")]), name("alice")],
                ),
                true,
            ),
            (
                at_least(
                    2,
                    vec![
                        Who::AnyOf(vec![name("alice"), name("carol")]),
                        name("alice"),
                    ],
                ),
                false,
            ),
        ] {
            assert_eq!(satisfied(&who, &signers), expected, "{who}");
        }
    }
}
