//! Judges evidence without a policy: is there a signature, or are there attestations of some types, by one identity.
//!
//! The reasons are numbered by the contract's table of exit codes. That something is missing, or is there only by others, is said only when
//! every source answered; otherwise the result is undecided. Evidence that nobody asked for does not count, whatever is wrong with it.

use std::collections::BTreeSet;

use toolkit_attest::{
    Bundle, Content, Identity, Limits, PublicKey, ReasonCode, Refusal, Signer, Verified, predicate,
};
use toolkit_oci::Digest;
use toolkit_policy::{CheckId, CheckResult, Code, Evidence, GapKind, Outcome, Refused};

use crate::Trust;

/// Says what must be there for a yes.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Who must have signed.
    pub identity: Identity,
    /// Predicate types that must be there, as URIs; none asks for the signature.
    pub types: Vec<String>,
}

impl Wanted {
    /// Lists the keys that bundles without a certificate are verified with.
    #[must_use]
    pub fn keys(&self) -> Vec<PublicKey> {
        match &self.identity {
            Identity::Key(key) => vec![key.clone()],
            _ => Vec::new(),
        }
    }
}

/// Says what one identity's evidence proves about an image.
///
/// An image signature and most attestations are looked for on the digest that was resolved; a bill of materials on every platform; another
/// attestation that the resolved digest lacks may be on every platform instead.
#[must_use]
pub fn judge(evidence: &Evidence, wanted: &Wanted) -> Vec<CheckResult> {
    let root = (&evidence.digest, None);
    if wanted.types.is_empty() {
        return vec![look(evidence, wanted, predicate::IMAGE_SIGNATURE, root)];
    }
    let platforms: Vec<_> = evidence
        .platforms
        .iter()
        .map(|platform| {
            // A single image is no platform of something.
            let is_part = platform.digest != evidence.digest;
            (&platform.digest, is_part.then(|| platform.name()))
        })
        .collect();
    let mut results = Vec::new();
    for predicate_type in &wanted.types {
        let each = || {
            platforms
                .iter()
                .cloned()
                .map(|place| look(evidence, wanted, predicate_type, place))
                .collect::<Vec<_>>()
        };
        if predicate::is_sbom(predicate_type) && !platforms.is_empty() {
            results.extend(each());
            continue;
        }
        let whole = look(evidence, wanted, predicate_type, root.clone());
        let parts = if whole.outcome == Outcome::Pass {
            Vec::new()
        } else {
            each()
        };
        if !parts.is_empty() && parts.iter().all(|part| part.outcome == Outcome::Pass) {
            results.extend(parts);
        } else {
            results.push(whole);
        }
    }
    results
}

/// Says what a bundle proves about a file.
///
/// A file's signature is a message signature; an attestation of a wanted type is a statement that names the file.
#[must_use]
pub fn judge_file(
    bundle: &[u8],
    file: &Digest,
    wanted: &Wanted,
    trust: &Trust<'_>,
) -> Vec<CheckResult> {
    let types = if wanted.types.is_empty() {
        vec![None]
    } else {
        wanted.types.iter().map(Some).collect()
    };
    let verified = Bundle::from_bytes(bundle.to_vec(), &Limits::default())
        .and_then(|bundle| crate::collect::verified(&bundle, file, trust));
    let check = |predicate_type: Option<&String>| {
        let outline = Outline::new(wanted, predicate_type.map(String::as_str), file, None);
        let verified = match &verified {
            Ok(verified) => verified,
            Err(refusal) => return outline.refused(&[refusal], Vec::new()),
        };
        match (predicate_type, verified.statement()) {
            (None, None) if verified.content() == Content::MessageSignature => {}
            (Some(wanted), Some(statement)) if statement.predicate_type() == wanted => {}
            (_, statement) => {
                let found = statement.map_or_else(
                    || "a message signature".to_owned(),
                    |one| format!("an attestation of type {}", one.predicate_type()),
                );
                return outline.missing(found);
            }
        }
        match wanted.identity.check(verified.signer()) {
            Ok(()) => outline.passed(&[verified]),
            Err(mismatch) => outline.by_others(vec![mismatch.to_string()]),
        }
    };
    types.into_iter().map(check).collect()
}

fn look(
    evidence: &Evidence,
    wanted: &Wanted,
    predicate_type: &str,
    place: (&Digest, Option<String>),
) -> CheckResult {
    let (subject, platform) = place;
    let is_signature = predicate_type == predicate::IMAGE_SIGNATURE;
    let outline = Outline::new(
        wanted,
        (!is_signature).then_some(predicate_type),
        subject,
        platform,
    );
    let fits = |verified: &&Verified| {
        verified.artifact() == subject
            && verified
                .statement()
                .is_some_and(|statement| statement.predicate_type() == predicate_type)
    };
    let candidates: Vec<&Verified> = evidence.attestations.iter().filter(fits).collect();
    let mut others = Vec::new();
    let mut good = Vec::new();
    for candidate in candidates {
        match wanted.identity.check(candidate.signer()) {
            Ok(()) => good.push(candidate),
            Err(mismatch) => others.push(format!("by {}: {mismatch}", name(candidate.signer()))),
        }
    }
    if !good.is_empty() {
        return outline.passed(&good);
    }
    let claims = |refused: &&Refused| {
        refused.subject == *subject
            && refused
                .claimed_type
                .as_deref()
                .is_none_or(|claimed| claimed == predicate_type)
    };
    let refused: Vec<&Refusal> = evidence
        .refused
        .iter()
        .filter(claims)
        .map(|refused| &refused.refusal)
        .collect();
    let open: Vec<(Code, String)> = evidence
        .gaps
        .iter()
        .filter(|gap| gap.subject == *subject)
        .filter_map(|gap| open(&gap.kind, is_signature))
        .collect();
    if let Some((code, _)) = open.first() {
        let mut found: Vec<String> = open.iter().map(|(_, text)| text.clone()).collect();
        found.extend(others);
        found.extend(refused.iter().map(|refusal| format!("refused: {refusal}")));
        return outline.undecided(*code, &found);
    }
    let gravest = refused
        .iter()
        .map(|refusal| gravity(refusal.code.number()))
        .min();
    match gravest {
        Some(grave) if others.is_empty() || grave < gravity(OTHER_SIGNER) => {
            outline.refused(&refused, others)
        }
        None if others.is_empty() => outline.missing("none".to_owned()),
        _ => {
            others.extend(refused.iter().map(|refusal| format!("refused: {refusal}")));
            outline.by_others(others)
        }
    }
}

/// Says why a gap leaves the question open; a gap that could not hold what is wanted does not.
fn open(kind: &GapKind, is_signature: bool) -> Option<(Code, String)> {
    match kind {
        GapKind::Unreachable { source, reason } => Some((
            Code::EvidenceUnreachable,
            format!("{source} did not answer: {reason}"),
        )),
        GapKind::Unreadable { what, reason } => Some((
            Code::EvidenceUnreachable,
            format!("{what} could not be read: {reason}"),
        )),
        GapKind::LegacySignature if is_signature => Some((
            Code::EvidenceUnsupported,
            "a signature under the legacy tag `.sig`, which is not read".to_owned(),
        )),
        GapKind::LegacyAttestation if !is_signature => Some((
            Code::EvidenceUnsupported,
            "attestations under the legacy tag `.att`, which are not read".to_owned(),
        )),
        GapKind::LegacySignature | GapKind::LegacyAttestation => None,
    }
}

/// Names a verified signer for messages.
fn name(signer: &Signer) -> String {
    match signer {
        Signer::Certificate(facts) => format!("`{}` of {}", facts.san, facts.issuer),
        Signer::Key { hint, .. } => format!("key {hint}"),
    }
}

/// Holds what is the same however a check ends.
struct Outline {
    check: CheckId,
    noun: String,
    expected: String,
    subject: Digest,
    platform: Option<String>,
}

impl Outline {
    fn new(
        wanted: &Wanted,
        predicate_type: Option<&str>,
        subject: &Digest,
        platform: Option<String>,
    ) -> Self {
        let (check, noun) = match predicate_type {
            None => (CheckId::Signatures, "signature".to_owned()),
            Some(uri) => {
                let short = predicate::short_names()
                    .find(|name| predicate::type_uri(name) == Some(uri))
                    .unwrap_or(uri);
                (
                    CheckId::Attestations(short.to_owned()),
                    format!("{short} attestation"),
                )
            }
        };
        Self {
            expected: format!("{noun} by {}", wanted.identity),
            check,
            noun,
            subject: subject.clone(),
            platform,
        }
    }

    fn result(
        self,
        outcome: Outcome,
        code: Code,
        found: String,
        next: Option<&str>,
        evidence: Vec<Digest>,
    ) -> CheckResult {
        CheckResult {
            rule: None,
            check: self.check,
            outcome,
            code,
            expected: self.expected,
            found,
            next: next.map(str::to_owned),
            at: None,
            subject: self.subject,
            platform: self.platform,
            evidence,
            standing: None,
            excepted_by: None,
            items: Vec::new(),
            noted: Vec::new(),
        }
    }

    fn passed(self, good: &[&Verified]) -> CheckResult {
        let signers: BTreeSet<String> = good
            .iter()
            .map(|verified| name(verified.signer()))
            .collect();
        let found = format!(
            "{} by {}",
            self.noun,
            signers.into_iter().collect::<Vec<_>>().join(", ")
        );
        let evidence = good
            .iter()
            .map(|verified| verified.bundle().clone())
            .collect();
        self.result(Outcome::Pass, Code::Ok, found, None, evidence)
    }

    fn undecided(self, code: Code, found: &[String]) -> CheckResult {
        let next = match code {
            Code::EvidenceUnsupported => "sign it again in the bundle format",
            _ => "try again when it answers; nothing was proved",
        };
        self.result(
            Outcome::Undecided,
            code,
            found.join("; "),
            Some(next),
            Vec::new(),
        )
    }

    /// The gravest refusal gives the code; all are listed, each text once, and then who else signed.
    fn refused(self, refusals: &[&Refusal], others: Vec<String>) -> CheckResult {
        let gravest = refusals
            .iter()
            .map(|refusal| refusal.code)
            .min_by_key(|code| gravity(code.number()));
        let Some(code) = gravest else {
            return self.missing("none".to_owned());
        };
        let mut found: Vec<String> = Vec::new();
        for text in refusals
            .iter()
            .map(|refusal| refusal.to_string())
            .chain(others)
        {
            if !found.contains(&text) {
                found.push(text);
            }
        }
        let found = found.join("; ");
        let next = match code {
            ReasonCode::TimeInFuture => {
                "check this machine's clock: it is behind the time that the evidence proves"
            }
            ReasonCode::KeyMismatch => {
                "have it signed with the wanted key, or give the key that signed"
            }
            ReasonCode::NoCertificate => {
                "a key signed it: verify with that key instead of an identity"
            }
            ReasonCode::LogUnknown => {
                "name the trust root of the Sigstore that signed it; where it should be this one, do not use it"
            }
            ReasonCode::DigestMismatch | ReasonCode::SubjectMismatch => {
                "check that the bundle is the one of this artifact; where it should be, do not use it"
            }
            _ => "do not use it; make the evidence anew from the source",
        };
        self.result(
            Outcome::Fail,
            Code::EvidenceRefused(code),
            found,
            Some(next),
            Vec::new(),
        )
    }

    fn by_others(self, others: Vec<String>) -> CheckResult {
        let next = "have it signed by the wanted identity, or name the identity that signed";
        self.result(
            Outcome::Fail,
            Code::IdentityMismatch,
            others.join("; "),
            Some(next),
            Vec::new(),
        )
    }

    fn missing(self, found: String) -> CheckResult {
        let (code, next) = match self.check {
            CheckId::Signatures => (
                Code::SignatureMissing,
                "sign it, or copy it together with its signatures",
            ),
            _ => (
                Code::AttestationMissing,
                "attest it, or copy it together with its attestations",
            ),
        };
        self.result(Outcome::Fail, code, found, Some(next), Vec::new())
    }
}

/// Is the contract's number for a signature by somebody else.
const OTHER_SIGNER: u8 = 12;

/// Orders reasons as the contract does: limits, then 15 to 18, then the rest by number.
fn gravity(number: u8) -> u8 {
    match number {
        6 => 0,
        15..=18 => number - 14,
        other => other.saturating_add(10),
    }
}

#[cfg(test)]
mod tests {
    use toolkit_attest::{Pattern, Step};
    use toolkit_policy::{ConfigEvidence, DigestTyped, Gap, PlatformEvidence, ReferenceFacts};

    use super::*;

    fn wanted(types: &[&str]) -> Wanted {
        let identity = Identity::Certificate {
            san: Pattern::exact("a@example.com"),
            issuer: Pattern::exact("https://issuer.example"),
        };
        Wanted {
            identity,
            types: types.iter().map(|uri| (*uri).to_owned()).collect(),
        }
    }

    fn evidence(platforms: &[&str]) -> Evidence {
        let platform = |name: &&str| PlatformEvidence {
            digest: Digest::sha256(name.as_bytes()),
            platform: None,
            config: ConfigEvidence::Read { user: None },
        };
        Evidence {
            reference: ReferenceFacts {
                name: None,
                typed: DigestTyped::No,
            },
            digest: Digest::sha256(b"index"),
            platforms: platforms.iter().map(platform).collect(),
            attestations: Vec::new(),
            refused: Vec::new(),
            gaps: Vec::new(),
            contents: Vec::new(),
            database: toolkit_policy::DatabaseEvidence::NotAsked,
        }
    }

    fn refused(claimed: Option<&str>, code: ReasonCode) -> Refused {
        let refusal = Refusal::new(Step::Engine, code);
        Refused {
            subject: Digest::sha256(b"index"),
            bundle: None,
            claimed_type: claimed.map(str::to_owned),
            refusal,
        }
    }

    fn one(evidence: &Evidence, types: &[&str]) -> (Outcome, Option<u8>) {
        let results = judge(evidence, &wanted(types));
        assert_eq!(results.len(), 1, "{results:?}");
        (results[0].outcome, results[0].code.number())
    }

    #[test]
    fn what_is_absent_is_missing_only_when_every_source_answered() {
        let mut seen = evidence(&[]);
        assert_eq!(one(&seen, &[]), (Outcome::Fail, Some(10)));
        assert_eq!(
            one(&seen, &[predicate::SLSA_PROVENANCE_V1]),
            (Outcome::Fail, Some(14))
        );
        seen.gaps.push(Gap {
            subject: Digest::sha256(b"elsewhere"),
            kind: GapKind::LegacySignature,
        });
        assert_eq!(one(&seen, &[]), (Outcome::Fail, Some(10)));
        seen.gaps.push(Gap {
            subject: seen.digest.clone(),
            kind: GapKind::LegacySignature,
        });
        assert_eq!(one(&seen, &[]), (Outcome::Undecided, Some(3)));
        assert_eq!(
            one(&seen, &[predicate::SLSA_PROVENANCE_V1]),
            (Outcome::Fail, Some(14))
        );
        let kind = GapKind::Unreachable {
            source: "the fallback tag".to_owned(),
            reason: "503".to_owned(),
        };
        seen.gaps.push(Gap {
            subject: seen.digest.clone(),
            kind,
        });
        assert_eq!(
            one(&seen, &[predicate::SLSA_PROVENANCE_V1]),
            (Outcome::Undecided, Some(3))
        );
    }

    #[test]
    fn only_what_was_asked_for_is_held_against_the_image() {
        let mut seen = evidence(&[]);
        seen.refused
            .push(refused(Some(predicate::SPDX), ReasonCode::SignatureInvalid));
        assert_eq!(one(&seen, &[]), (Outcome::Fail, Some(10)));
        seen.refused.push(refused(
            Some(predicate::IMAGE_SIGNATURE),
            ReasonCode::NoCertificate,
        ));
        assert_eq!(one(&seen, &[]), (Outcome::Fail, Some(13)));
        seen.refused
            .push(refused(None, ReasonCode::LogProofInvalid));
        assert_eq!(one(&seen, &[]), (Outcome::Fail, Some(16)));
        seen.refused.push(refused(None, ReasonCode::LimitExceeded));
        assert_eq!(one(&seen, &[]), (Outcome::Fail, Some(6)));
    }

    #[test]
    fn a_bill_of_materials_is_wanted_for_every_platform() {
        let seen = evidence(&["amd64", "arm64"]);
        let results = judge(&seen, &wanted(&[predicate::CYCLONEDX]));
        assert_eq!(
            results
                .iter()
                .map(|result| result.subject.clone())
                .collect::<Vec<_>>(),
            [Digest::sha256(b"amd64"), Digest::sha256(b"arm64")]
        );
        assert!(
            results
                .iter()
                .all(|result| result.outcome == Outcome::Fail && result.code.number() == Some(14)),
            "{results:?}"
        );
        assert_eq!(results[0].check.to_string(), "attestations.cyclonedx");
        assert_eq!(
            results[1].platform,
            Some(Digest::sha256(b"arm64").to_string())
        );
        for versioned in [
            "https://cyclonedx.org/bom/v1.6",
            "https://spdx.dev/Document/v2.3",
        ] {
            let results = judge(&seen, &wanted(&[versioned]));
            assert_eq!(results.len(), 2, "{versioned}");
        }
        let single = evidence(&["index"]);
        let results = judge(&single, &wanted(&[predicate::CYCLONEDX]));
        assert_eq!((results.len(), &results[0].platform), (1, &None));
        assert_eq!(
            one(&seen, &["https://example.com/review/v1"]),
            (Outcome::Fail, Some(14))
        );
    }
}
