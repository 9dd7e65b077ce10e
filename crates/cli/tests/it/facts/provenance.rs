//! Rows about provenance: whose word it is, what it says, and whether the certificate agrees.

use super::row::{Row, fail, row};
use super::signer::{RELEASED, Signer};
use super::world::{PROVENANCE, Says};

const BUILDER: &str =
    "builder `https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v*`";
const SOURCE: &str = "source `https://github.com/acme/widget`";
const REF: &str = "source ref `refs/tags/v*`";

pub(super) fn rows() -> Vec<Row> {
    let contradicted = |found| {
        fail(
            "provenance.certificate",
            "provenance.contradicted",
            "",
            found,
        )
    };
    vec![
        row("the provenance is missing", |case| case.without(PROVENANCE)).denied([fail(
            "provenance",
            "attestation.missing",
            "provenance by build; build is GitHub acme/widget",
            "no provenance",
        )]),
        row("the provenance is a person's word", |case| {
            let signer = Signer::person("alice@example.com").in_job(|_| {});
            case.instead(PROVENANCE, &signer, Says::Provenance);
        })
        .denied([fail(
            "provenance",
            "identity.mismatch",
            "provenance by build",
            "`alice@example.com` of {email} (not build: issuer: expected `{github}`, found `{email}`)",
        )]),
        row("the provenance is another repository's", |case| {
            let signer = Signer::workflow(|claims| claims.repository = "evil/widget".to_owned());
            case.instead(PROVENANCE, &signer, Says::Provenance);
        })
        .denied([fail(
            "provenance",
            "identity.mismatch",
            "provenance by build",
            "source repository: expected `acme/widget`, found `evil/widget`",
        )]),
        row("the build ran on another ref", |case| {
            let signer = Signer::workflow(|claims| claims.reference = "refs/heads/main".to_owned());
            case.instead(PROVENANCE, &signer, Says::Provenance);
        })
        .denied([
            fail("provenance.builder", "provenance.builder-not-allowed", BUILDER, "builder `https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main` (certified)"),
            fail("provenance.ref", "provenance.ref-not-allowed", REF, "source ref `refs/heads/main` (certified)"),
        ]),
        row("the build ran in another workflow", |case| {
            let signer = Signer::workflow(|claims| claims.workflow_file = "nightly.yml".to_owned());
            case.instead(PROVENANCE, &signer, Says::Provenance);
        })
        .denied([fail(
            "provenance.builder",
            "provenance.builder-not-allowed",
            BUILDER,
            "builder `https://github.com/acme/widget/.github/workflows/nightly.yml@refs/tags/v1.0.0` (certified)",
        )]),
        row("the build ran on a machine of the owner's", |case| {
            let signer = Signer::workflow(|claims| claims.runner_environment = "self-hosted".to_owned());
            case.instead(PROVENANCE, &signer, Says::Provenance);
        })
        .denied([fail(
            "provenance.builder",
            "provenance.builder-not-allowed",
            BUILDER,
            "/builders/github-actions-self-hosted/v1` (claimed)",
        )]),
        row("the build ran on no CI", |case| {
            let signer = Signer::release().without_job();
            case.instead(PROVENANCE, &signer, Says::Provenance);
        })
        .denied([
            fail("provenance.builder", "provenance.builder-not-allowed", BUILDER, "/builders/local/v1` (claimed)"),
            fail("provenance.source", "provenance.field-missing", SOURCE, "no source in the provenance"),
            fail("provenance.ref", "provenance.field-missing", REF, "no source ref in the provenance"),
        ]),
        row("the provenance names another commit than the certificate", |case| {
            let says = Says::Forged("0000000000000000000000000000000000000001", RELEASED);
            case.instead(PROVENANCE, &Signer::release(), says);
        })
        .denied([contradicted("source.commit `0000000000000000000000000000000000000001`")]),
        row("the provenance names another allowed ref than the certificate", |case| {
            let sha = "b9d71e86eeaf925dc66a0442191b42009e8bc701";
            case.instead(PROVENANCE, &Signer::release(), Says::Forged(sha, "refs/tags/v2.0.0"));
        })
        .denied([
            contradicted("refs/tags/v2.0.0"),
            fail("provenance.ref", "provenance.contradicted", REF, "source ref `refs/tags/v2.0.0` (contradicted)"),
        ]),
        row("the provenance names another machine than the certificate", |case| {
            let signer = Signer::workflow(|claims| claims.runner_environment = "self-hosted".to_owned()).in_job(|_| {});
            case.instead(PROVENANCE, &signer, Says::Provenance);
        })
        .denied([contradicted("runner_environment `github-hosted`")]),
        row("a provenance more that contradicts its certificate", |case| {
            let says = Says::Forged("0000000000000000000000000000000000000001", RELEASED);
            case.with("more", &Signer::release(), says);
        })
        .denied([contradicted("source.commit `0000000000000000000000000000000000000001`")]),
        row("a provenance more of another ref", |case| {
            let signer = Signer::workflow(|claims| claims.reference = "refs/heads/main".to_owned());
            case.with("more", &signer, Says::Provenance);
        }),
        row("a stranger's provenance more", |case| {
            let signer = Signer::person("mallory@example.com").in_job(|_| {});
            case.with("more", &signer, Says::Provenance);
        })
        .unused(&["mallory@example.com"]),
        row("the policy wants another builder", |case| {
            case.policy(
                r#"builders: ["https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v*"]"#,
                r#"builders: ["https://github.com/acme/builder/.github/workflows/build.yml@refs/tags/v*"]"#,
            );
        })
        .denied([fail(
            "provenance.builder",
            "provenance.builder-not-allowed",
            "builder `https://github.com/acme/builder/.github/workflows/build.yml@refs/tags/v*`",
            "builder `https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0` (certified)",
        )]),
        row("the policy wants another source", |case| {
            case.policy(r#"repository: "https://github.com/acme/widget""#, r#"repository: "https://github.com/acme/gadget""#);
        })
        .denied([fail(
            "provenance.source",
            "provenance.source-not-allowed",
            "source `https://github.com/acme/gadget`",
            "source `https://github.com/acme/widget` (certified)",
        )]),
        row("the policy wants another source ref", |case| {
            case.policy(r#"refs: ["refs/tags/v*"]"#, r#"refs: ["refs/heads/release/*"]"#);
        })
        .denied([fail(
            "provenance.ref",
            "provenance.ref-not-allowed",
            "source ref `refs/heads/release/*`",
            "source ref `refs/tags/v1.0.0` (certified)",
        )]),
    ]
}
