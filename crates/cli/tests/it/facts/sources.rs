//! Rows about the places where evidence is: which of them answer, and how.

use toolkit_lab::{BlobFault, ReferrersFault, RegistryFault};

use super::row::{Open, Row, fail, open, row};
use super::world::{PROVENANCE, SIGNATURE};

const CHECKS: [&str; 4] = [
    "signatures",
    "attestations.cyclonedx",
    "attestations.spdx",
    "provenance",
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = api();
    rows.extend(fallback());
    rows.extend(older());
    rows.extend(blobs());
    rows
}

fn unreachable(found: &'static str) -> [Open; 4] {
    CHECKS.map(|check| open(check, "evidence.unreachable", " by ", found))
}

fn missing() -> [Open; 4] {
    CHECKS.map(|check| {
        let code = match check {
            "signatures" => "signature.missing",
            _ => "attestation.missing",
        };
        fail(check, code, " by ", "no ")
    })
}

fn api() -> Vec<Row> {
    vec![
        row("the list of referrers answers 401", |case| {
            referrers(case, ReferrersFault::Status(401))
        })
        .undecided(unreachable("the list of referrers did not answer")),
        row("the list of referrers answers 403", |case| {
            referrers(case, ReferrersFault::Status(403))
        })
        .undecided(unreachable("the list of referrers did not answer")),
        row("the list of referrers answers 429", |case| {
            referrers(case, ReferrersFault::RateLimited)
        })
        .undecided(unreachable("the list of referrers did not answer")),
        row("the list of referrers answers 500", |case| {
            referrers(case, ReferrersFault::Status(500))
        })
        .undecided(unreachable("the list of referrers did not answer")),
        row("the list of referrers is cut", |case| {
            referrers(case, ReferrersFault::Cut)
        })
        .undecided(unreachable("the list of referrers did not answer")),
        row("the list of referrers is not there", |case| {
            referrers(case, ReferrersFault::Status(404))
        })
        .denied(missing()),
        row("the list of referrers answers 501", |case| {
            referrers(case, ReferrersFault::Status(501))
        })
        .denied(missing()),
        row("the list of referrers is a web page", |case| {
            referrers(case, ReferrersFault::Html)
        })
        .denied(missing()),
        row("the list of referrers is empty", |case| {
            referrers(case, ReferrersFault::Empty)
        })
        .denied(missing()),
        row("the list of referrers comes in pages", |case| {
            referrers(case, ReferrersFault::Pages(1))
        }),
        row(
            "the list of referrers gives every entry another type",
            |case| {
                referrers(
                    case,
                    ReferrersFault::ArtifactType("application/vnd.example".to_owned()),
                );
            },
        ),
        row("the registry answers nothing but 503", |case| {
            case.fault(RegistryFault::Status(503))
        })
        .stops(3, ["503"]),
        row("the registry hangs up", |case| {
            case.fault(RegistryFault::HangUp);
        })
        .stops(3, ["{host}"]),
        row(
            "the registry gives manifests without their digest",
            |case| {
                case.fault(RegistryFault::ManifestWithoutDigest);
            },
        ),
        row("the registry gives manifests with another digest", |case| {
            case.fault(RegistryFault::ManifestWrongDigest);
        }),
        row(
            "the registry gives manifests with another digest, and the name is a tag",
            |case| {
                case.typed("{name}:1");
                case.fault(RegistryFault::ManifestWrongDigest);
            },
        )
        .stops(17, ["{digest}"]),
        row("the registry wants credentials", |case| {
            case.fault(RegistryFault::Unauthorized)
        })
        .stops(3, ["refused the credentials"]),
    ]
}

fn fallback() -> Vec<Row> {
    vec![
        row("the evidence is under the fallback tag", |case| {
            case.without_api();
            // The host is the one of the registry that the image is in.
        }),
        row(
            "the list of referrers answers 429, and the fallback tag has the list",
            |case| {
                referrers(case, ReferrersFault::RateLimited);
                case.late(|placed| placed.list_in_fallback_tag());
            },
        ),
        row(
            "the list of referrers answers 500, and the fallback tag has the list",
            |case| {
                referrers(case, ReferrersFault::Status(500));
                case.late(|placed| placed.list_in_fallback_tag());
            },
        ),
        row(
            "the list of referrers is empty, and the fallback tag has the list",
            |case| {
                referrers(case, ReferrersFault::Empty);
                case.late(|placed| placed.list_in_fallback_tag());
            },
        ),
    ]
}

fn older() -> Vec<Row> {
    vec![
        row("the only signature is one of an older tool", |case| {
            case.without(SIGNATURE);
            case.late(|placed| placed.legacy(".sig"));
        })
        .undecided([open(
            "signatures",
            "evidence.unsupported",
            "signature by release",
            "the legacy tag `.sig` exists and is not read",
        )]),
        row("a signature of an older tool more", |case| {
            case.late(|placed| placed.legacy(".sig"));
        }),
        row(
            "the provenance is missing, and there are attestations of an older tool",
            |case| {
                case.without(PROVENANCE);
                case.late(|placed| placed.legacy(".att"));
            },
        )
        .undecided([open(
            "provenance",
            "evidence.unsupported",
            "provenance by build",
            "the legacy tag `.att` exists and is not read",
        )]),
        row(
            "the provenance is missing, and there is a signature of an older tool",
            |case| {
                case.without(PROVENANCE);
                case.late(|placed| placed.legacy(".sig"));
            },
        )
        .denied([fail(
            "provenance",
            "attestation.missing",
            "provenance by build",
            "no provenance",
        )]),
        row(
            "the signature is missing, and there are attestations of an older tool",
            |case| {
                case.without(SIGNATURE);
                case.late(|placed| placed.legacy(".att"));
            },
        )
        .denied([fail(
            "signatures",
            "signature.missing",
            "signature by release",
            "no signature",
        )]),
        row(
            "the signature is missing, and there is a document without one",
            |case| {
                case.without(SIGNATURE);
                case.late(|placed| placed.legacy(".sbom"));
            },
        )
        .denied([fail(
            "signatures",
            "signature.missing",
            "signature by release",
            "no signature",
        )]),
    ]
}

fn blobs() -> Vec<Row> {
    vec![
        // The first blob is the configuration of the image.
        row("the bundles have other bytes than their digests", |case| {
            case.fault_after(1, RegistryFault::Blob(BlobFault::WrongBytes));
        })
        .undecided(unreachable("could not be read")),
        row("the bundles are shorter than announced", |case| {
            case.fault_after(1, RegistryFault::Blob(BlobFault::TooShort));
        })
        .undecided(unreachable("could not be read")),
    ]
}

fn referrers(case: &mut super::case::Case<'_>, fault: ReferrersFault) {
    case.fault(RegistryFault::Referrers(fault));
}
