//! Exceptions: what they cover, and until when.

use toolkit_attest::ReasonCode;
use toolkit_oci::Digest;
use toolkit_policy::{ConfigEvidence, ExceptionState, evaluate};

use super::{CERTIFIED, Change, evidence, policy, refused, rule};
use crate::data::{folder, real};

#[test]
fn exceptions_cover_what_they_name_until_they_end() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, CERTIFIED);
    let root: Change = |e| e.platforms[0].config = ConfigEvidence::Read { user: None };
    let user = rule("image: {user: nonRoot}");
    let sbom = rule("attestations: [{type: cyclonedx, by: ci}]");
    let pinned = format!("\"registry.example/acme/app@{}\"", real.subject);
    let other = format!("\"registry.example/acme/app@{}\"", Digest::sha256(b"other"));
    for (rules, change, check, image, now, expected, state) in [
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/*",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &user,
            root,
            "image.user",
            pinned.as_str(),
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &user,
            root,
            "image.user",
            other.as_str(),
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::OtherImage,
        ),
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/web",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::OtherImage,
        ),
        (
            &user,
            root,
            "reference.digest",
            "registry.example/acme/*",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::Unused,
        ),
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/*",
            "2027-01-31T23:59:59Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/*",
            "2027-02-01T00:00:00Z",
            "deny",
            ExceptionState::Expired,
        ),
        (
            &user,
            |_| {},
            "image.user",
            "registry.example/acme/*",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Unused,
        ),
        (
            &user,
            |e| e.reference.name = None,
            "image.user",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::OtherImage,
        ),
        (
            &user,
            |e| {
                e.platforms[0].config = ConfigEvidence::Read {
                    user: Some("nginx".into()),
                }
            },
            "image.user",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        // What was not looked at may be worse than what is excepted.
        (
            &user,
            |e| {
                e.platforms[0].config = ConfigEvidence::Unavailable {
                    reason: "503".into(),
                }
            },
            "image.user",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "undecided",
            ExceptionState::Unused,
        ),
        (
            &sbom,
            |_| {},
            "attestations.cyclonedx",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &sbom,
            |_| {},
            "attestations.spdx",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::Unused,
        ),
        (
            &sbom,
            |e| {
                e.refused.push(refused(
                    e,
                    ReasonCode::SignatureInvalid,
                    Some("https://cyclonedx.org/bom"),
                ))
            },
            "attestations.cyclonedx",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::Unused,
        ),
    ]
        as [(&String, Change, &str, &str, &str, &str, ExceptionState); 14]
    {
        let exception = format!(
            "exceptions:\n- {{id: E1, checks: [{check}], images: [{image}], owner: ops, reason: rebuilt in January, expires: 2027-01-31}}\n"
        );
        let policy = policy(&format!("{rules}{exception}"));
        let mut evidence = evidence(&real);
        change(&mut evidence);
        let verdict = evaluate(&policy, &evidence, now.parse().expect("a time"));
        let report = verdict.report();
        assert_eq!(
            (verdict.as_str(), report.exceptions[0].state),
            (expected, state),
            "{check} {image} {now}"
        );
        let covered = report
            .results
            .iter()
            .filter(|result| result.excepted_by.as_deref() == Some("E1"))
            .count();
        assert_eq!(
            covered > 0,
            state == ExceptionState::Applied,
            "{check} {image} {now}"
        );
    }
}
