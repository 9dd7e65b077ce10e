//! Verdicts on evidence that the public Sigstore instance signed: one fact changed a row.

mod exceptions;
mod facts;
mod requirements;

use std::collections::BTreeMap;

use toolkit_attest::{ReasonCode, Refusal, Step};
use toolkit_oci::{Digest, Platform, Reference};
use toolkit_policy::{
    ConfigEvidence, DatabaseEvidence, DigestTyped, Evidence, Gap, GapKind, PlatformEvidence,
    ReferenceFacts, Refused, Verdict, check,
};

use crate::data::Real;
use crate::faults::{now, render};

const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
/// GitHub's own attestation of an artifact: every field has its counterpart in the certificate.
const CERTIFIED: &str = "gh-cli/custom-issuer.sigstore.json";
/// Signed by a called workflow; its builder is GitHub's runner, which no certificate names.
const CLAIMED: &str = "gh-cli/reusable-workflow-attestation.sigstore.json";
/// Its `builder.id` is another workflow than the one that signed.
const DELEGATED: &str = "slsa-verifier/gha_delegator/v2.1.0/binary-linux-amd64-push-v14.build.slsa";
/// Provenance in the form before 1.0.
const OLDER: &str = "slsa-verifier/internal-gha/bundle/valid-v0.3.intoto.sigstore";
/// An attestation by a person.
const PERSON: &str = "cosign/oci-attestation.sigstore.json";

const IDENTITIES: &str = r#"version: 1
name: p
identities:
  ci: {kind: github, repository: too-legit/attest, workflow: .github/workflows/integration.yml, ref: refs/heads/main, issuer: "https://token.actions.githubusercontent.com/hammer-time"}
  other: {kind: github, repository: acme/widget}
  called: {kind: github, repository: malancas/attest-demo, workflow: github/artifact-attestations-workflows/.github/workflows/attest.yml}
  delegated: {kind: github, repository: slsa-framework/example-package}
  cody: {kind: email, address: cody@soyland.com, issuer: "https://github.com/login/oauth"}
"#;

fn policy(rest: &str) -> toolkit_policy::LoadedPolicy {
    let text = format!("{IDENTITIES}{rest}");
    let policy = check("policy.yaml", &text, now())
        .unwrap_or_else(|faults| panic!("{text}\n{}", render(&faults)));
    policy
        .load_keys(&BTreeMap::new())
        .expect("no keys are named")
}

/// A rule for every image with these requirements.
fn rule(require: &str) -> String {
    format!("rules:\n- id: r\n  require: {{{require}}}\n")
}

fn provenance() -> String {
    rule(concat!(
        r#"provenance: {by: ci, builders: ["https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main"], "#,
        r#"source: {repository: "https://github.com/too-legit/attest", refs: ["refs/heads/main"]}}"#
    ))
}

fn platform(digest: &Digest, name: &str, user: &str) -> PlatformEvidence {
    PlatformEvidence {
        digest: digest.clone(),
        platform: Some(Platform::parse(name).expect("a platform")),
        config: ConfigEvidence::Read {
            user: Some(user.to_owned()),
        },
    }
}

fn evidence(real: &Real) -> Evidence {
    Evidence {
        reference: ReferenceFacts {
            name: Some(Reference::parse("registry.example/acme/app:1").expect("a reference")),
            typed: DigestTyped::Yes,
        },
        digest: real.subject.clone(),
        platforms: vec![platform(&real.subject, "linux/amd64", "1000")],
        attestations: vec![real.verified.clone()],
        refused: Vec::new(),
        gaps: Vec::new(),
        contents: Vec::new(),
        database: DatabaseEvidence::NotAsked,
    }
}

fn refused(evidence: &Evidence, code: ReasonCode, claimed: Option<&str>) -> Refused {
    Refused {
        subject: evidence.digest.clone(),
        bundle: None,
        claimed_type: claimed.map(str::to_owned),
        refusal: Refusal::new(Step::Engine, code),
    }
}

fn gap(subject: &Digest, kind: GapKind) -> Gap {
    Gap {
        subject: subject.clone(),
        kind,
    }
}

fn unreachable() -> GapKind {
    GapKind::Unreachable {
        source: "the list of referrers".into(),
        reason: "503".into(),
    }
}

/// Verdict and the codes of everything that stands against the image, with the platform.
fn summary(verdict: &Verdict) -> (&'static str, Vec<String>) {
    let open = verdict.report().open().map(|result| {
        let platform = result
            .platform
            .as_ref()
            .map(|platform| format!(" {platform}"))
            .unwrap_or_default();
        format!("{} {}{platform}", result.check, result.code)
    });
    (verdict.as_str(), open.collect())
}

type Change = fn(&mut Evidence);
