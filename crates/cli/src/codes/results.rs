//! Why a check ended as it did: the entries for [`toolkit_policy::Code`].

use super::Entry;

/// Holds an entry for every code; those of refused and unreadable evidence, which end in a reason, under [`REFUSED`] and [`UNREADABLE`].
pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "ok",
        "The check passed: what it asks for was proved.",
        "",
        "",
    ),
    Entry::new(
        "match.none",
        "No rule of the policy matches the image, and `noMatch: deny` holds.",
        "The image is in another registry or repository than `match.images` of any rule says; or it is local and has no name, so that only rules without `match.images` apply.",
        "Add a rule for the image, or correct the pattern. Patterns are compared with `registry/repository`, written out: `alpine` is `docker.io/library/alpine`.",
    ),
    Entry::new(
        "match.none-allowed",
        "No rule of the policy matches the image, and `noMatch: allow` lets it pass. Nothing about it was checked.",
        "",
        "Write `noMatch: deny` if images that no rule knows should not pass.",
    ),
    Entry::new(
        "reference.local",
        "A rule asks about the image's name, and an image on disk has none.",
        "The target is an `oci-dir:`.",
        "Push it to a registry and name it there; `toolkit promote` judges a local source under its destination's name.",
    ),
    Entry::new(
        "reference.registry-not-allowed",
        "The image is in a registry that the rule does not list.",
        "A mirror or a developer's registry was named.",
        "Take the image from a registry that the policy allows, or add this one to `reference.registries`.",
    ),
    Entry::new(
        "reference.digest-not-typed",
        "The rule demands a reference with a digest, and only a tag was typed. A tag may name another image tomorrow.",
        "",
        "Write `IMAGE@sha256:…`; the report shows the digest that was judged.",
    ),
    Entry::new(
        "signature.missing",
        "Every source of evidence answered, and the image has no signature.",
        "It was never signed, was copied without its evidence, or another digest was signed (an index, and one of its platforms is asked for).",
        "Sign it with `toolkit sign`, or copy it with `toolkit promote`, which takes the evidence along.",
    ),
    Entry::new(
        "attestation.missing",
        "Every source of evidence answered, and there is no attestation of this type.",
        "It was never made, was made for another digest or platform, or under another type. A bill of materials must be there for every platform.",
        "`toolkit tree` shows what is there. Attach it with `toolkit attest --type TYPE --predicate FILE`, or `toolkit attest provenance`.",
    ),
    Entry::new(
        "identity.mismatch",
        "The signature or attestation is there and valid, and somebody else made it.",
        "Another workflow, branch, tag or key signed; the issuer differs; or the policy names the signer differently from the certificate.",
        "The report shows who signed and which part differs. Have it signed by those who are named, or name the signer if you trust it.",
    ),
    Entry::new(
        REFUSED,
        "The evidence that the rule needs is there and does not verify. The word at the end is the reason.",
        "Tampering, evidence of another image, or a trust root that does not know the signer's instance.",
        "See the reason. Do not use the image before it is clear.",
    ),
    Entry::new(
        UNREADABLE,
        "A bundle is there that could not be read, so it may be what the rule needs: neither yes nor no was proved. The word at the end is the reason.",
        "A newer format, an empty or cut bundle, or one over a limit. Anybody who may write to the repository can put one there.",
        "See the reason. `toolkit tree` shows the bundle; remove it if it does not belong there.",
    ),
    Entry::new(
        "evidence.unreachable",
        "A place where evidence may be stored did not answer, so that nothing can be said of what it holds.",
        "Network, authentication, rate limit or time-out of the registry.",
        "Try again, log in with `docker login`, or look at `-v`, which shows each source and its answer.",
    ),
    Entry::new(
        "evidence.unsupported",
        "Evidence is there in a form that is not read, and may be what is needed: a tag of cosign before version 3 (`.sig`, `.att`), or SLSA provenance before version 1.",
        "The image was signed with cosign 2, or with `--new-bundle-format=false`; or its builder states provenance 0.2.",
        "Sign it again with `toolkit sign` or cosign 3, which write bundles; have the builder state provenance v1.",
    ),
    Entry::new(
        "provenance.field-missing",
        "The provenance lacks a field that the rule compares, or cannot be read as SLSA provenance v1.",
        "A builder that does not state its source, or a predicate of an older version.",
        "Have the builder state it, or leave the demand out of the policy.",
    ),
    Entry::new(
        "provenance.contradicted",
        "The provenance says something else than the certificate of its signer. The certificate's facts were checked by the authority, the provenance's were only written down.",
        "A forged or copied provenance, or a build that describes another run.",
        "Do not use the image. Build it again and attest it in the workflow that builds it.",
    ),
    Entry::new(
        "provenance.builder-not-allowed",
        "The image was built by a builder that the rule does not list.",
        "Another workflow file or ref; a build on a developer's machine.",
        "Build it where the policy allows, or add the builder to `provenance.builders`. GitHub's is `https://github.com/OWNER/REPO/.github/workflows/FILE@REF`.",
    ),
    Entry::new(
        "provenance.source-not-allowed",
        "The image was built from another repository than `provenance.source.repository`.",
        "A fork, or a renamed repository.",
        "Build it from the repository that the policy names, or change the policy.",
    ),
    Entry::new(
        "provenance.ref-not-allowed",
        "The image was built from a branch or tag that the rule does not list.",
        "A build of a feature branch is to be released.",
        "Build it from a ref that matches `provenance.source.refs`, written in full as `refs/tags/v1`.",
    ),
    Entry::new(
        "image.user-absent",
        "The image names no user, so it runs as root.",
        "The Dockerfile has no `USER`.",
        "Set `USER` to a number above 0.",
    ),
    Entry::new(
        "image.user-root",
        "The image runs as root: its user is `root` or 0, in any spelling and with any group.",
        "",
        "Set `USER` to a number above 0.",
    ),
    Entry::new(
        "image.user-out-of-range",
        "The user is a number that no kernel has; some runtimes wrapped such numbers around to root (CVE-2024-40635).",
        "",
        "Set `USER` to a number from 1 to 2147483647.",
    ),
    Entry::new(
        "image.user-named",
        "The user is a name, and which number it has is decided by a file inside the image: it may be 0.",
        "",
        "Use the user's number: `USER 1000` instead of `USER app`.",
    ),
    Entry::new(
        "image.config-unavailable",
        "The image's configuration could not be fetched or read, so that its user is not known.",
        "Network or authentication of the registry, or a manifest that is no image.",
        "Try again; nothing was proved.",
    ),
    Entry::new(
        "image.no-platform",
        "The index has no platform that could be run, so there is nothing that could be checked.",
        "An index that holds only evidence, or is empty.",
        "Name the image itself.",
    ),
    Entry::new(
        "image.layers-unavailable",
        "The layers of the image could not be fetched, or a file in them that lists packages could not be read, so that its packages are not known.",
        "Network or authentication of the registry; a package database that is damaged or over a limit.",
        "Try again, or repair the file that the report names; nothing was proved.",
    ),
    Entry::new(
        "sbom.unreadable",
        "The attestation verifies, and what it holds is no SBOM that can be read.",
        "Another format than CycloneDX or SPDX 2 in JSON, or a document over the limit.",
        "Attest the SBOM anew in one of these formats.",
    ),
    Entry::new(
        "sbom.matchesImage",
        "A package lies in the image and is not in the SBOM.",
        "The SBOM was made of another build, of the sources, or by a tool that does not look where the package is.",
        "Make the SBOM of the image itself and attest that, or write an exception that names the packages.",
    ),
    Entry::new(
        "vulnerabilities.database",
        "The database of known vulnerabilities is absent, refused, older than the policy allows, signed by nobody whom the policy names, for trials only, or lacks scores that an entry asks for.",
        "No `toolkit db build` or `toolkit db update` lately; a machine that never had a database.",
        "Do what the report's next step says. What an old database knows still denies.",
    ),
    Entry::new(
        "vulnerabilities.malicious",
        "A package is known to have been made to do harm.",
        "A name that looks like another package's; an account that was taken over.",
        "Do not run the image, find out how the package came in, and replace what it could read.",
    ),
    Entry::new(
        "vulnerabilities.denied",
        "A package has a known vulnerability that the policy denies.",
        "An advisory newer than the image; an update that was not taken.",
        "Update to the version that the report names, or write an exception with a reason and an end.",
    ),
    Entry::new(
        "vulnerabilities.severityUnknown",
        "Nobody states how severe a finding is that the policy would deny if it were severe.",
        "An advisory that is new, or of a feed that rates nothing.",
        "Find out how severe it is, then update or write an exception. `unknownSeverity` in the policy decides what it means.",
    ),
    Entry::new(
        "vulnerabilities.undetermined",
        "The version of a package cannot be compared with those that an advisory names, so it may be affected.",
        "A version of one's own, or one that its ecosystem cannot order.",
        "Find out whether the package is affected, then replace it or write an exception. `undetermined` in the policy decides what it means.",
    ),
    Entry::new(
        "vulnerabilities.uncovered",
        "The database has no feed that speaks of a package: its silence proves nothing.",
        "A distribution or language that the database was built without.",
        "Use a database with that feed, or write an exception. `uncovered` in the policy decides what it means.",
    ),
    Entry::new(
        "vulnerabilities.endOfLife",
        "The release of the distribution gets no fixes any more, so the silence of its feed proves nothing.",
        "A base image that was not renewed.",
        "Build the image on a newer release. `endOfLife` in the policy decides what it means.",
    ),
    Entry::new(
        "packages.denied",
        "A package is one of those that the policy denies, or its version cannot be compared with the range that is denied.",
        "",
        "Remove or replace the package, or write an exception with a reason and an end.",
    ),
    Entry::new(
        "packages.notAllowed",
        "A package is none of those that the policy allows.",
        "A new dependency.",
        "Remove the package, or allow it in the policy.",
    ),
    Entry::new(
        "licences.denied",
        "A package cannot be had without a licence that the policy denies: of `OR` one good side is enough, of `AND` every side must be good.",
        "",
        "Replace the package, or write an exception with a reason and an end.",
    ),
    Entry::new(
        "licences.notAllowed",
        "A package cannot be had under the licences that the policy allows.",
        "",
        "Replace the package, or allow its licence in the policy.",
    ),
    Entry::new(
        "licences.unknown",
        "A package declares no licence, or one in words that SPDX has no name for.",
        "Free text, `NOASSERTION`, or a copyright file in an old form.",
        "Have the package declare its licence, or write an exception. `licences.unknown` in the policy decides what it means.",
    ),
];

/// Stands for the codes of evidence that does not verify.
pub(super) const REFUSED: &str = "evidence.refused.REASON";
/// Stands for the codes of evidence that could not be read.
pub(super) const UNREADABLE: &str = "evidence.unreadable.REASON";

/// Codes of checks that fail or stay undecided, as the policy says or as far as versions can be compared.
pub(super) const BY_POLICY: [&str; 7] = [
    "vulnerabilities.severityUnknown",
    "vulnerabilities.undetermined",
    "vulnerabilities.uncovered",
    "vulnerabilities.endOfLife",
    "packages.denied",
    "packages.notAllowed",
    "licences.unknown",
];
