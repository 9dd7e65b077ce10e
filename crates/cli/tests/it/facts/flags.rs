//! Rows about the same image asked for without a policy: the reason is the code.

use toolkit_lab::{ReferrersFault, RegistryFault};

use super::case::Case;
use super::row::{Row, fail, open, row};
use super::signer::Signer;
use super::world::{CYCLONEDX, SIGNATURE, SPDX, Says};
use crate::stage::image_as;

const SAN: &str = "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = identities();
    rows.extend(evidence());
    rows
}

fn identities() -> Vec<Row> {
    let other = |found| fail("signatures", "identity.mismatch", "signature by ", found);
    vec![
        row("asked by flags", release),
        row("asked by flags for another identity", |case| {
            case.by(&[
                "--certificate-identity",
                "mallory@example.com",
                "--certificate-oidc-issuer",
                "{github}",
            ]);
        })
        .ends_with(
            12,
            [other(
                "identity: expected `mallory@example.com`, found `https://github.com/acme/widget/",
            )],
        ),
        row("asked by flags for another issuer", |case| {
            case.by(&[
                "--certificate-identity",
                SAN,
                "--certificate-oidc-issuer",
                "{email}",
            ]);
        })
        .ends_with(12, [other("issuer: expected `{email}`, found `{github}`")]),
        row("asked by flags for an expression that matches", |case| {
            case.by(&[
                "--certificate-identity-regexp",
                "https://github\\.com/acme/widget/.*",
                "--certificate-oidc-issuer",
                "{github}",
            ]);
        }),
        row(
            "asked by flags for an expression that matches a part",
            |case| {
                case.by(&[
                    "--certificate-identity-regexp",
                    "github\\.com/acme/widget",
                    "--certificate-oidc-issuer",
                    "{github}",
                ]);
            },
        )
        .ends_with(12, [other("the expression matches a part of it")]),
        row("asked by flags for a key, and a workflow signed", |case| {
            case.by(&["--key", "vault.pub"]);
        })
        .ends_with(12, [other("expected `key {vault}`")]),
        row("asked by flags for a key, and it signed", |case| {
            case.by(&["--key", "vault.pub"]);
            case.instead(SIGNATURE, &Signer::key("vault.pem"), Says::Signature);
        }),
        row("asked by flags for a key, and another one signed", |case| {
            case.by(&["--key", "stranger.pub"]);
            case.instead(SIGNATURE, &Signer::key("vault.pem"), Says::Signature);
        })
        .ends_with(
            12,
            [fail(
                "signatures",
                "evidence.refused.key-mismatch",
                "signature by ",
                "found `{vault}`",
            )],
        ),
        row("asked by flags for an identity, and a key signed", |case| {
            release(case);
            case.instead(SIGNATURE, &Signer::key("vault.pem"), Says::Signature);
        })
        .ends_with(
            13,
            [fail(
                "signatures",
                "evidence.refused.no-certificate",
                "signature by ",
                "expected `a certificate`, found `key {vault}`",
            )],
        ),
        row("asked by flags without an issuer", |case| {
            case.by(&["--certificate-identity", SAN]);
        })
        .stops(2, ["issuer"]),
        row("asked by flags and a policy", |case| {
            case.flag(&[
                "--certificate-identity",
                SAN,
                "--certificate-oidc-issuer",
                "{github}",
            ]);
        })
        .stops(2, ["policy"]),
        row("asked by flags, and the user is `root`", |case| {
            case.user(Some("root"));
            release(case);
        }),
    ]
}

fn evidence() -> Vec<Row> {
    vec![
        row("asked by flags for a document", |case| {
            release(case);
            case.flag(&["--type", "cyclonedx", "--type", "spdx"]);
        }),
        row(
            "asked by flags for a document, and the signature is missing",
            |case| {
                release(case);
                case.flag(&["--type", "cyclonedx"]);
                case.without(SIGNATURE);
            },
        ),
        row("asked by flags for a document that is missing", |case| {
            release(case);
            case.flag(&["--type", "cyclonedx", "--type", "spdx"]);
            case.without(SPDX);
        })
        .ends_with(
            14,
            [fail(
                "attestations.spdx",
                "attestation.missing",
                "spdx attestation by ",
                "none",
            )],
        ),
        row(
            "asked by flags for a document that is another image's",
            |case| {
                release(case);
                case.flag(&["--type", "cyclonedx"]);
                case.without(CYCLONEDX);
                let other = image_as("arm64", Some("1000"));
                let bundle = case.world.sign(
                    &case.world.stage,
                    &other,
                    &Signer::release(),
                    Says::Contents(CYCLONEDX),
                );
                case.beside(CYCLONEDX, bundle);
            },
        )
        .ends_with(
            17,
            [fail(
                "attestations.cyclonedx",
                "evidence.refused.subject-mismatch",
                "cyclonedx attestation by ",
                "expected `{digest}`",
            )],
        ),
        row("asked by flags for a type that is not there", |case| {
            release(case);
            case.flag(&["--type", "vuln"]);
        })
        .ends_with(
            14,
            [fail(
                "attestations.vuln",
                "attestation.missing",
                "vuln attestation by ",
                "none",
            )],
        ),
        row("asked by flags, and the signature is missing", |case| {
            release(case);
            case.without(SIGNATURE);
        })
        .ends_with(
            10,
            [fail(
                "signatures",
                "signature.missing",
                "signature by ",
                "none",
            )],
        ),
        row("asked by flags, and a stranger signed too", |case| {
            release(case);
            case.with(
                "more",
                &Signer::person("mallory@example.com"),
                Says::Signature,
            );
        }),
        row(
            "asked by flags, and a garbage bundle is there too",
            |case| {
                release(case);
                case.late(|placed| placed.garbage(b"{", None));
            },
        ),
        row(
            "asked by flags, and there is only a garbage bundle",
            |case| {
                release(case);
                case.without(SIGNATURE);
                case.late(|placed| placed.garbage(b"{", None));
            },
        )
        .ends_with(
            15,
            [fail(
                "signatures",
                "evidence.refused.bundle-malformed",
                "signature by ",
                "bundle-malformed",
            )],
        ),
        row(
            "asked by flags, and the trust root is another lab's",
            |case| {
                release(case);
                case.flag(&["--trusted-root", "other.json"]);
            },
        )
        .ends_with(
            16,
            [fail(
                "signatures",
                "evidence.refused.log-unknown",
                "signature by ",
                "log-unknown",
            )],
        ),
        row("asked by flags, and the trust root is not there", |case| {
            release(case);
            case.flag(&["--trusted-root", "gone.json"]);
        })
        .stops(18, ["gone.json"]),
        row("asked by flags, and it will be signed in an hour", |case| {
            release(case);
            let bundle = case.world.moved.future.clone();
            case.without(SIGNATURE);
            case.beside(SIGNATURE, bundle);
        })
        .ends_with(
            16,
            [fail(
                "signatures",
                "evidence.refused.time-in-future",
                "signature by ",
                "expected `not after ",
            )],
        ),
        row(
            "asked by flags, and the list of referrers answers 401",
            |case| {
                release(case);
                case.fault(RegistryFault::Referrers(ReferrersFault::Status(401)));
            },
        )
        .ends_with(
            3,
            [open(
                "signatures",
                "evidence.unreachable",
                "signature by ",
                "the list of referrers did not answer",
            )],
        ),
        row(
            "asked by flags, and the list of referrers is not there",
            |case| {
                release(case);
                case.fault(RegistryFault::Referrers(ReferrersFault::Status(404)));
            },
        )
        .ends_with(
            10,
            [fail(
                "signatures",
                "signature.missing",
                "signature by ",
                "none",
            )],
        ),
        row(
            "asked by flags, and the only signature is one of an older tool",
            |case| {
                release(case);
                case.without(SIGNATURE);
                case.late(|placed| placed.legacy(".sig"));
            },
        )
        .ends_with(
            3,
            [open(
                "signatures",
                "evidence.unsupported",
                "signature by ",
                "legacy tag `.sig`",
            )],
        ),
        row("asked by flags offline", |case| {
            release(case);
            case.flag(&["--offline"]);
        })
        .stops(3, ["{name}"]),
        row(
            "asked by flags offline, and the image is in a layout",
            |case| {
                release(case);
                case.layout();
                case.flag(&["--offline"]);
            },
        ),
    ]
}

fn release(case: &mut Case<'_>) {
    case.by(&[
        "--certificate-identity",
        SAN,
        "--certificate-oidc-issuer",
        "{github}",
    ]);
}
