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
];

/// Stands for the checks of attestations, whose names end in the type.
pub(super) const ATTESTATIONS: &str = "attestations.TYPE";
