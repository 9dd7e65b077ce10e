//! Rows about the policy: whom it names and how many of them, which images it is for, its exceptions, its trust root.

use toolkit_lab::{ReferrersFault, RegistryFault};

use super::case::Case;
use super::row::{Row, fail, open, row};
use super::signer::Signer;
use super::world::{CYCLONEDX, SIGNATURE, Says};
use crate::stage::image_as;

const USER: &str = "a user with a number above 0";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = combinations();
    rows.extend(exceptions());
    rows.extend(scope());
    rows
}

fn combinations() -> Vec<Row> {
    let signed = |code, expected, found| fail("signatures", code, expected, found);
    vec![
        row("either of two may sign, and the second has", |case| {
            case.policy("signatures: release", "signatures: {anyOf: [release, vault]}");
            case.instead(SIGNATURE, &Signer::key("vault.pem"), Says::Signature);
        }),
        row("either of two others may sign", |case| {
            case.policy("signatures: release", "signatures: {anyOf: [alice, vault]}");
        })
        .denied([signed("identity.mismatch", "alice is alice@example.com of {email}; vault is key {vault}", "not alice: issuer: expected `{email}`, found `{github}`; not vault: kind of signer: expected `key {vault}`")]),
        row("both of two must sign, and both have", |case| {
            case.policy("signatures: release", "signatures: {allOf: [release, alice]}");
            alice_too(case);
        }),
        row("both of two must sign, and one has", |case| {
            case.policy("signatures: release", "signatures: {allOf: [release, alice]}");
        })
        .denied([signed("identity.mismatch", "release", "not alice: issuer")]),
        row("two of three must sign, and two have", |case| {
            two_of_three(case);
            alice_too(case);
        }),
        row("two of three must sign, and one has", two_of_three)
            .denied([signed("identity.mismatch", "at least 2 of", "not alice: issuer")]),
        row("two of three must sign, and one has twice", |case| {
            two_of_three(case);
            case.with("again", &Signer::release().on("v1"), Says::Signature);
        })
        .denied([signed("identity.mismatch", "at least 2 of", "not vault: kind of signer")]),
        row("two of three must sign, and one has under two names", |case| {
            case.policy(
                "signatures: release",
                "signatures: {atLeast: {n: 2, of: [release, build, alice]}}",
            );
        })
        .denied([signed("identity.mismatch", "at least 2 of", "not alice: issuer")]),
        row("the person's issuer is another one", |case| {
            case.policy("signatures: release", "signatures: alice");
            case.policy(r#"issuer: "{email}"}"#, r#"issuer: "https://accounts.example.com"}"#);
            alice_instead(case);
        })
        .denied([signed("identity.mismatch", "alice is alice@example.com of https://accounts.example.com", "issuer: expected `https://accounts.example.com`, found `{email}`")]),
        row("the person's address is another one", |case| {
            case.policy("signatures: release", "signatures: alice");
            case.policy("address: alice@example.com", "address: Alice@example.com");
            alice_instead(case);
        })
        .denied([signed("identity.mismatch", "alice is Alice@example.com", "identity: expected `Alice@example.com`, found `alice@example.com`")]),
        row("the key is the signer's", |case| {
            case.policy("signatures: release", "signatures: vault");
            case.instead(SIGNATURE, &Signer::key("vault.pem").on("v1"), Says::Signature);
        }),
        row("the key is another one", |case| {
            case.policy("signatures: release", "signatures: vault");
            case.policy("file: vault.pub", "file: stranger.pub");
            case.instead(SIGNATURE, &Signer::key("vault.pem"), Says::Signature);
        })
        .denied([signed("evidence.refused.key-mismatch", "vault is key ", "found `{vault}`")]),
        row("the workflow's issuer is GitHub's own", |case| {
            case.policy(r#"ref: "refs/tags/v*", issuer: "{github}"}"#, r#"ref: "refs/tags/v*"}"#);
        })
        .denied(["signatures", "attestations.cyclonedx", "attestations.spdx"].map(|check| {
            fail(check, "identity.mismatch", "by release", "issuer: expected `https://token.actions.githubusercontent.com`, found `{github}`")
        })),
        row("the repository is named in capitals", |case| {
            case.policy("{kind: github, repository: acme/widget, workflow", "{kind: github, repository: Acme/widget, workflow");
        })
        .denied(["signatures", "attestations.cyclonedx", "attestations.spdx"].map(|check| {
            fail(check, "identity.mismatch", "by release", "source repository: expected `Acme/widget`, found `acme/widget`")
        })),
        row("any identity of the issuer below an address may sign", |case| {
            case.policy(
                "  alice: {kind: email",
                "  any: {kind: fulcio, issuer: \"{github}\", san: \"https://github.com/acme/*/.github/workflows/*\"}\n  alice: {kind: email",
            );
            case.policy("signatures: release", "signatures: any");
        })
        .denied([signed("identity.mismatch", "signature by any", "identity: expected `https://github.com/acme/*/.github/workflows/*`, found `https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0`")]),
        row("any identity of the issuer at any depth below an address may sign", |case| {
            case.policy(
                "  alice: {kind: email",
                "  any: {kind: fulcio, issuer: \"{github}\", san: \"https://github.com/acme/**\"}\n  alice: {kind: email",
            );
            case.policy("signatures: release", "signatures: any");
        }),
    ]
}

fn two_of_three(case: &mut Case<'_>) {
    case.policy(
        "signatures: release",
        "signatures: {atLeast: {n: 2, of: [release, alice, vault]}}",
    );
}

fn alice_too(case: &mut Case<'_>) {
    case.with(
        "alice",
        &Signer::person("alice@example.com"),
        Says::Signature,
    );
}

fn alice_instead(case: &mut Case<'_>) {
    case.instead(
        SIGNATURE,
        &Signer::person("alice@example.com"),
        Says::Signature,
    );
}

fn exceptions() -> Vec<Row> {
    let root = || fail("image.user", "image.user-root", USER, "user `root`");
    vec![
        row("an exception covers the user `root`", |case| {
            case.user(Some("root"));
            except(case, "image.user", "{name}", "{next month}");
        })
        .exceptions(&[("E1", "applied")]),
        row(
            "an exception for this digest covers the user `root`",
            |case| {
                case.user(Some("root"));
                except(case, "image.user", "{name}@{digest}", "{next month}");
            },
        )
        .exceptions(&[("E1", "applied")]),
        row("an exception is for another digest", |case| {
            case.user(Some("root"));
            except(case, "image.user", "{name}@{signed}", "{next month}");
        })
        .denied([root()])
        .exceptions(&[("E1", "other-image")]),
        row("an exception is for another image", |case| {
            case.user(Some("root"));
            except(case, "image.user", "{host}/acme/legacy", "{next month}");
        })
        .denied([root()])
        .exceptions(&[("E1", "other-image")]),
        row("an exception is over", |case| {
            case.user(Some("root"));
            except(case, "image.user", "{name}", "{yesterday}");
        })
        .denied([root()])
        .exceptions(&[("E1", "expired")]),
        row("an exception is for another check", |case| {
            case.user(Some("root"));
            except(case, "reference.digest", "{name}", "{next month}");
        })
        .denied([root()])
        .exceptions(&[("E1", "unused")]),
        row("an exception is not needed", |case| {
            except(case, "image.user", "{name}", "{next month}");
        })
        .exceptions(&[("E1", "unused")]),
        row("an exception covers a missing document", |case| {
            case.without(CYCLONEDX);
            except(case, "attestations.cyclonedx", "{name}", "{next month}");
        })
        .exceptions(&[("E1", "applied")]),
        row(
            "an exception does not cover a document that is another image's",
            |case| {
                case.without(CYCLONEDX);
                let other = image_as("arm64", Some("1000"));
                let bundle = case.world.sign(
                    &case.world.stage,
                    &other,
                    &Signer::release(),
                    Says::Contents(CYCLONEDX),
                );
                case.beside(CYCLONEDX, bundle);
                except(case, "attestations.cyclonedx", "{name}", "{next month}");
            },
        )
        .denied([fail(
            "attestations.cyclonedx",
            "evidence.refused.subject-mismatch",
            "by release",
            "expected `{digest}`",
        )])
        .exceptions(&[("E1", "unused")]),
        row("an exception covers a document by somebody else", |case| {
            let alice = Signer::person("alice@example.com");
            case.instead(CYCLONEDX, &alice, Says::Contents(CYCLONEDX));
            except(case, "attestations.cyclonedx", "{name}", "{next month}");
        })
        .exceptions(&[("E1", "applied")]),
        row("an exception covers a name without a digest", |case| {
            case.typed("{name}:1");
            except(case, "reference.digest", "{name}", "{next month}");
        })
        .exceptions(&[("E1", "applied")]),
        row("an exception covers another registry", |case| {
            case.policy(
                r#"registries: ["{host}"]"#,
                r#"registries: ["registry.example"]"#,
            );
            except(case, "reference.registry", "{name}", "{next month}");
        })
        .exceptions(&[("E1", "applied")]),
        row(
            "an exception does not cover a document that cannot be looked for",
            |case| {
                case.fault(RegistryFault::Referrers(ReferrersFault::Status(403)));
                except(case, "attestations.cyclonedx", "{name}", "{next month}");
            },
        )
        .undecided(
            [
                "signatures",
                "attestations.cyclonedx",
                "attestations.spdx",
                "provenance",
            ]
            .map(|check| {
                open(
                    check,
                    "evidence.unreachable",
                    " by ",
                    "the list of referrers did not answer",
                )
            }),
        )
        .exceptions(&[("E1", "unused")]),
        row("an exception for a signature", |case| {
            except(case, "signatures", "{name}", "{next month}");
        })
        .stops(2, ["signatures"]),
        row("an exception of two years", |case| {
            except(case, "image.user", "{name}", "{in two years}");
        })
        .stops(2, ["{in two years}"]),
    ]
}

fn except(case: &mut Case<'_>, check: &str, image: &str, expires: &str) {
    case.policy_end(&format!(
        "exceptions:\n- {{id: E1, checks: [{check}], images: [\"{image}\"], owner: ops, reason: known, expires: {expires}}}\n"
    ));
}

fn scope() -> Vec<Row> {
    const IMAGES: &str = r#"images: ["{host}/acme/**"]"#;
    vec![
        row("no rule is for the image", |case| {
            case.policy(IMAGES, r#"images: ["{host}/other/**"]"#);
        })
        .denied([fail("match", "match.none", "a rule that matches the image", "no rule matches `{name}`")]),
        row("no rule is for the image, and the policy allows that", |case| {
            case.policy(IMAGES, r#"images: ["{host}/other/**"]"#);
            case.policy("noMatch: deny", "noMatch: allow");
        }),
        row("no rule is for a local image, and the policy allows that", |case| {
            case.layout();
            case.policy("noMatch: deny", "noMatch: allow");
        }),
        row("the rule is for images one level higher", |case| {
            case.policy(IMAGES, r#"images: ["{host}/*"]"#);
        })
        .denied([fail("match", "match.none", "a rule that matches the image", "no rule matches `{name}`")]),
        row("the rule is for this digest", |case| {
            case.policy(IMAGES, r#"images: ["{host}/acme/**@{digest}"]"#);
        }),
        row("the rule is for another digest", |case| {
            case.policy(IMAGES, r#"images: ["{host}/acme/**@sha256:0000000000000000000000000000000000000000000000000000000000000000"]"#);
        })
        .denied([fail("match", "match.none", "a rule that matches the image", "no rule matches `{name}`")]),
        row("a second rule asks for more", |case| {
            case.policy("noMatch: deny", "- id: reviewed\n  require: {signatures: alice}\nnoMatch: deny");
        })
        .denied([fail("signatures", "identity.mismatch", "signature by alice", "not alice: issuer")]),
        row("the registry is not allowed", |case| {
            case.policy(r#"registries: ["{host}"]"#, r#"registries: ["registry.example"]"#);
        })
        .denied([fail("reference.registry", "reference.registry-not-allowed", "registry `registry.example`", "registry `{host}`")]),
        row("the policy does not ask for a digest in the name", |case| {
            case.policy(", digestRequired: true", "");
            case.typed("{name}:1");
        }),
        row("the policy has a key that is none", |case| {
            case.policy("signatures: release", "signature: release");
        })
        .stops(2, ["signature"]),
        row("the policy names somebody it does not know", |case| {
            case.policy("signatures: release", "signatures: relase");
        })
        .stops(2, ["relase"]),
        row("the key's file is not there", |case| {
            case.policy("file: vault.pub", "file: gone.pub");
        })
        .stops(2, ["gone.pub"]),
        row("the trust root is another lab's", |case| {
            case.policy("file: root.json", "file: other.json");
        })
        .denied(unknown_log()),
        row("the command line's trust root is another lab's", |case| {
            case.flag(&["--trusted-root", "other.json"]);
        })
        .denied(unknown_log()),
        row("the trust root is public Sigstore's", |case| {
            case.policy("{root: {file: root.json}}", "{root: public}");
        })
        .denied(unknown_log()),
        row("the trust root is not there", |case| {
            case.policy("file: root.json", "file: gone.json");
        })
        .stops(18, ["gone.json"]),
        row("the trust root is no trust root", |case| {
            case.policy("file: root.json", "file: config-v1.json");
        })
        .stops(18, ["config-v1.json"]),
    ]
}

fn unknown_log() -> [super::row::Open; 4] {
    [
        "signatures",
        "attestations.cyclonedx",
        "attestations.spdx",
        "provenance",
    ]
    .map(|check| {
        fail(
            check,
            "evidence.refused.log-unknown",
            "is GitHub acme/widget",
            "that does not verify",
        )
    })
}
