//! `exceptions`.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "exception without owner, reason and end",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine]}
"#,
        rendered: r#"policy.missing-key

  × an exception needs the key `owner`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine]}
   ·   ─
   ╰────
policy.missing-key

  × an exception needs the key `reason`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine]}
   ·   ─
   ╰────
policy.missing-key

  × an exception needs the key `expires`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine]}
   ·   ─
   ╰────
"#,
    },
    Case {
        name: "exception without end",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy}
"#,
        rendered: r#"policy.missing-key

  × an exception needs the key `expires`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy}
   ·   ─
   ╰────
"#,
    },
    Case {
        name: "exception from signatures",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [signatures], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.not-exceptable

  × `signatures` cannot be excepted
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: [signatures], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ──────────
   ╰────
  help: an exception may name: `reference.registry`, `reference.digest`, `image.user`,
        `vulnerabilities.denied`, `vulnerabilities.severityUnknown`,
        `vulnerabilities.undetermined`, `vulnerabilities.uncovered`, `vulnerabilities.endOfLife`,
        `packages.denied`, `packages.notAllowed`, `licences.denied`, `licences.notAllowed`,
        `licences.unknown`, `sbom.matchesImage`, `attestations.TYPE`
"#,
    },
    Case {
        name: "exception from a part of provenance",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [provenance.builder], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.not-exceptable

  × `provenance.builder` cannot be excepted
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: [provenance.builder], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ──────────────────
   ╰────
  help: an exception may name: `reference.registry`, `reference.digest`, `image.user`,
        `vulnerabilities.denied`, `vulnerabilities.severityUnknown`,
        `vulnerabilities.undetermined`, `vulnerabilities.uncovered`, `vulnerabilities.endOfLife`,
        `packages.denied`, `packages.notAllowed`, `licences.denied`, `licences.notAllowed`,
        `licences.unknown`, `sbom.matchesImage`, `attestations.TYPE`
"#,
    },
    Case {
        name: "exception from an unknown check",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.usr], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.unknown-value

  × unknown check `image.usr`
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.usr], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ─────────
   ╰────
  help: did you mean `image.user`? allowed: `reference.registry`, `reference.digest`,
        `image.user`, `vulnerabilities.denied`, `vulnerabilities.severityUnknown`,
        `vulnerabilities.undetermined`, `vulnerabilities.uncovered`, `vulnerabilities.endOfLife`,
        `packages.denied`, `packages.notAllowed`, `licences.denied`, `licences.notAllowed`,
        `licences.unknown`, `sbom.matchesImage`, `attestations.TYPE`
"#,
    },
    Case {
        name: "exception from everything",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: ["*"], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.unknown-value

  × unknown check `*`
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: ["*"], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ───
   ╰────
  help: allowed: `reference.registry`, `reference.digest`, `image.user`, `vulnerabilities.denied`,
        `vulnerabilities.severityUnknown`, `vulnerabilities.undetermined`,
        `vulnerabilities.uncovered`, `vulnerabilities.endOfLife`, `packages.denied`,
        `packages.notAllowed`, `licences.denied`, `licences.notAllowed`, `licences.unknown`,
        `sbom.matchesImage`, `attestations.TYPE`
"#,
    },
    Case {
        name: "exception without reason",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: "", expires: 2027-01-31}
"#,
        rendered: r#"policy.empty-value

  × `reason` must not be empty
   ╭─[policy.yaml:9:72]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: "", expires: 2027-01-31}
   ·                                                                        ──
   ╰────
"#,
    },
    Case {
        name: "exception with another date format",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 31.01.2027}
"#,
        rendered: r#"policy.bad-date

  × `31.01.2027` is no date
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 31.01.2027}
   ·                                                                                         ──────────
   ╰────
  help: write it as `2027-01-31`
"#,
    },
    Case {
        name: "exception with a date that does not exist",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-02-30}
"#,
        rendered: r#"policy.bad-date

  × `2027-02-30` is no date
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-02-30}
   ·                                                                                         ──────────
   ╰────
  help: write it as `2027-01-31`
"#,
    },
    Case {
        name: "exception that never ends",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 9999-12-31}
"#,
        rendered: r#"policy.exception-too-long

  × the exception ends on 9999-12-31, later than 2027-11-24
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 9999-12-31}
   ·                                                                                         ──────────
   ╰────
  help: an exception ends within a year
"#,
    },
    Case {
        name: "exception of more than a year",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-11-25}
"#,
        rendered: r#"policy.exception-too-long

  × the exception ends on 2027-11-25, later than 2027-11-24
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-11-25}
   ·                                                                                         ──────────
   ╰────
  help: an exception ends within a year
"#,
    },
    Case {
        name: "exception id twice",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.duplicate-id

  × the id `E1` is given twice
    ╭─[policy.yaml:10:8]
  9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
 10 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
    ·        ──
    ╰────
  help: it is first used on line 9
"#,
    },
];
