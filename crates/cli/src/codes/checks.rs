//! What each check of a report asks: the entries for [`toolkit_policy::CheckId`]. How a check ended is a code of its own, in `results`.

use super::Entry;

/// Holds an entry for every check; those of attestations under [`ATTESTATIONS`].
pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "match",
        "Asks whether any rule of the policy matches the image.",
        "",
        "Ends with `match.none` or `match.none-allowed` where none does; `noMatch` in the policy decides between them.",
    ),
    Entry::new(
        "reference.registry",
        "Asks whether the image is in one of the registries of `reference.registries`.",
        "",
        "Ends with `reference.registry-not-allowed`, or `reference.local` for an image that is in no registry.",
    ),
    Entry::new(
        "reference.digest",
        "Asks whether the image was named with its digest, as `reference.digestRequired` demands.",
        "",
        "Ends with `reference.digest-not-typed`, or `reference.local` for an image that is in no registry.",
    ),
    Entry::new(
        "signatures",
        "Asks whether those whom `signatures` or the flags name have signed the image. An attestation is no signature.",
        "",
        "Ends with `signature.missing`, `identity.mismatch` or a code that begins with `evidence.`.",
    ),
    Entry::new(
        ATTESTATIONS,
        "Asks whether an attestation of this type by those whom the rule or the flags name is there; a bill of materials for every platform.",
        "",
        "Ends with `attestation.missing`, `identity.mismatch` or a code that begins with `evidence.`.",
    ),
    Entry::new(
        "provenance",
        "Asks whether SLSA provenance, signed by `provenance.by`, is there.",
        "",
        "Ends with `attestation.missing`, `identity.mismatch` or a code that begins with `evidence.`.",
    ),
    Entry::new(
        "provenance.certificate",
        "Asks whether the provenance says the same as the certificate of its signer, wherever both speak of a fact.",
        "",
        "Ends with `provenance.contradicted`, or `provenance.field-missing` where it cannot be read.",
    ),
    Entry::new(
        "provenance.builder",
        "Asks whether `builder.id` is one of `provenance.builders`.",
        "",
        "Ends with `provenance.builder-not-allowed` or `provenance.field-missing`.",
    ),
    Entry::new(
        "provenance.source",
        "Asks whether the image was built from `provenance.source.repository`.",
        "",
        "Ends with `provenance.source-not-allowed` or `provenance.field-missing`.",
    ),
    Entry::new(
        "provenance.ref",
        "Asks whether the image was built from one of the refs of `provenance.source.refs`.",
        "",
        "Ends with `provenance.ref-not-allowed` or `provenance.field-missing`.",
    ),
    Entry::new(
        "image.user",
        "Asks of every platform whether its configuration names a user that is surely not root.",
        "",
        "Ends with `image.user-absent`, `image.user-root`, `image.user-out-of-range`, `image.user-named`, `image.config-unavailable` or `image.no-platform`.",
    ),
    Entry::new(
        "vulnerabilities.database",
        "Asks whether the database of known vulnerabilities may be used: not older than `database.maxAge`, signed by `database.by`, not one for trials, and with all that the entries of `deny` ask for.",
        "",
        "Ends with a code of the same name where it may not, which is undecided.",
    ),
    Entry::new(
        "vulnerabilities.malicious",
        "Asks whether a package of the image was made to do harm. No entry, VEX or exception changes the answer.",
        "",
        "Ends with a code of the same name.",
    ),
    Entry::new(
        "vulnerabilities.denied",
        "Asks whether a finding in a package of the image is one of `vulnerabilities.deny`, in the SBOMs that are judged and in the layers.",
        "",
        "Ends with a code of the same name.",
    ),
    Entry::new(
        "vulnerabilities.severityUnknown",
        "Asks whether a finding would be one of `vulnerabilities.deny` if somebody had stated how severe it is.",
        "",
        "Ends with a code of the same name, as `unknownSeverity` says.",
    ),
    Entry::new(
        "vulnerabilities.undetermined",
        "Asks whether every version could be compared with those that the advisories name.",
        "",
        "Ends with a code of the same name, as `undetermined` says.",
    ),
    Entry::new(
        "vulnerabilities.uncovered",
        "Asks whether the database has a feed for every package.",
        "",
        "Ends with a code of the same name, as `uncovered` says.",
    ),
    Entry::new(
        "vulnerabilities.endOfLife",
        "Asks whether the distribution's release still gets fixes.",
        "",
        "Ends with a code of the same name, as `endOfLife` says.",
    ),
    Entry::new(
        "packages.denied",
        "Asks whether a package of the image is one of `packages.deny`.",
        "",
        "Ends with a code of the same name.",
    ),
    Entry::new(
        "packages.notAllowed",
        "Asks whether every package of the image is one of `packages.allow`.",
        "",
        "Ends with a code of the same name.",
    ),
    Entry::new(
        "licences.denied",
        "Asks whether a package cannot be had without a licence of `licences.deny`.",
        "",
        "Ends with a code of the same name.",
    ),
    Entry::new(
        "licences.notAllowed",
        "Asks whether every package can be had under licences of `licences.allow`.",
        "",
        "Ends with a code of the same name.",
    ),
    Entry::new(
        "licences.unknown",
        "Asks whether every package declares a licence that SPDX has a name for.",
        "",
        "Ends with a code of the same name, as `licences.unknown` says.",
    ),
    Entry::new(
        "sbom.matchesImage",
        "Asks whether every package that lies in the image is in the SBOM that is judged: type, namespace, name and version. It runs beside `vulnerabilities`, `packages` and `licences` and has no key.",
        "",
        "Ends with a code of the same name, `sbom.unreadable`, `image.layers-unavailable`, `image.no-platform`, or as the attestation with the SBOM does.",
    ),
];

/// Stands for the checks of attestations, whose names end in the type.
pub(super) const ATTESTATIONS: &str = "attestations.TYPE";
