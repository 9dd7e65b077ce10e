//! Exceptions from checks of contents.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "exceptions from contents without a scope",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [vulnerabilities.denied], images: [alpine], owner: ops, reason: later, expires: 2027-01-31}
- {id: E2, checks: [vulnerabilities.uncovered, licences.unknown], images: [alpine], vulnerabilities: [CVE-2024-1], owner: ops, reason: later, expires: 2027-01-31}
- {id: E3, checks: [image.user], images: [alpine], vulnerabilities: [CVE-2024-1], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
"#,
        rendered: r#"policy.exception-without-scope

  × an exception from `vulnerabilities.denied` needs `vulnerabilities` or `packages`
    ╭─[policy.yaml:9:12]
  8 │ exceptions:
  9 │ - {id: E1, checks: [vulnerabilities.denied], images: [alpine], owner: ops, reason: later, expires: 2027-01-31}
    ·            ──────
 10 │ - {id: E2, checks: [vulnerabilities.uncovered, licences.unknown], images: [alpine], vulnerabilities: [CVE-2024-1], owner: ops, reason: later, expires: 2027-01-31}
    ╰────
  help: add `vulnerabilities` or `packages`
policy.exception-without-scope

  × an exception from `vulnerabilities.uncovered` needs `packages`
    ╭─[policy.yaml:10:12]
  9 │ - {id: E1, checks: [vulnerabilities.denied], images: [alpine], owner: ops, reason: later, expires: 2027-01-31}
 10 │ - {id: E2, checks: [vulnerabilities.uncovered, licences.unknown], images: [alpine], vulnerabilities: [CVE-2024-1], owner: ops, reason: later, expires: 2027-01-31}
    ·            ──────
 11 │ - {id: E3, checks: [image.user], images: [alpine], vulnerabilities: [CVE-2024-1], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
    ╰────
  help: add `packages`
policy.exception-without-scope

  × an exception from `licences.unknown` needs `packages`
    ╭─[policy.yaml:10:12]
  9 │ - {id: E1, checks: [vulnerabilities.denied], images: [alpine], owner: ops, reason: later, expires: 2027-01-31}
 10 │ - {id: E2, checks: [vulnerabilities.uncovered, licences.unknown], images: [alpine], vulnerabilities: [CVE-2024-1], owner: ops, reason: later, expires: 2027-01-31}
    ·            ──────
 11 │ - {id: E3, checks: [image.user], images: [alpine], vulnerabilities: [CVE-2024-1], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
    ╰────
  help: add `packages`
policy.exception-scope-unused

  × none of the exception's checks is about `vulnerabilities`
    ╭─[policy.yaml:10:85]
  9 │ - {id: E1, checks: [vulnerabilities.denied], images: [alpine], owner: ops, reason: later, expires: 2027-01-31}
 10 │ - {id: E2, checks: [vulnerabilities.uncovered, licences.unknown], images: [alpine], vulnerabilities: [CVE-2024-1], owner: ops, reason: later, expires: 2027-01-31}
    ·                                                                                     ───────────────
 11 │ - {id: E3, checks: [image.user], images: [alpine], vulnerabilities: [CVE-2024-1], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
    ╰────
  help: remove it, or name a check that is about it
policy.exception-scope-unused

  × none of the exception's checks is about `vulnerabilities`
    ╭─[policy.yaml:11:52]
 10 │ - {id: E2, checks: [vulnerabilities.uncovered, licences.unknown], images: [alpine], vulnerabilities: [CVE-2024-1], owner: ops, reason: later, expires: 2027-01-31}
 11 │ - {id: E3, checks: [image.user], images: [alpine], vulnerabilities: [CVE-2024-1], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
    ·                                                    ───────────────
    ╰────
  help: remove it, or name a check that is about it
policy.exception-scope-unused

  × none of the exception's checks is about `packages`
    ╭─[policy.yaml:11:83]
 10 │ - {id: E2, checks: [vulnerabilities.uncovered, licences.unknown], images: [alpine], vulnerabilities: [CVE-2024-1], owner: ops, reason: later, expires: 2027-01-31}
 11 │ - {id: E3, checks: [image.user], images: [alpine], vulnerabilities: [CVE-2024-1], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
    ·                                                                                   ────────
    ╰────
  help: remove it, or name a check that is about it
"#,
    },
    Case {
        name: "exceptions with scopes that are none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [vulnerabilities.denied], images: [alpine], vulnerabilities: ["CVE-2024-*", CVE-1, CVE-1], packages: ["pkg:npm/x@1"], owner: ops, reason: later, expires: 2027-01-31}
"#,
        rendered: r#"policy.vulnerability-id

  × `CVE-2024-*` is no id of a vulnerability
   ╭─[policy.yaml:9:82]
 8 │ exceptions:
 9 │ - {id: E1, checks: [vulnerabilities.denied], images: [alpine], vulnerabilities: ["CVE-2024-*", CVE-1, CVE-1], packages: ["pkg:npm/x@1"], owner: ops, reason: later, expires: 2027-01-31}
   ·                                                                                  ────────────
   ╰────
  help: write one id of the advisory, as `CVE-2024-3094`; other ids of it count too
policy.repeated-item

  × `CVE-1` stands twice in `vulnerabilities`
   ╭─[policy.yaml:9:103]
 8 │ exceptions:
 9 │ - {id: E1, checks: [vulnerabilities.denied], images: [alpine], vulnerabilities: ["CVE-2024-*", CVE-1, CVE-1], packages: ["pkg:npm/x@1"], owner: ops, reason: later, expires: 2027-01-31}
   ·                                                                                                       ─────
   ╰────
policy.package-pattern

  × the pattern carries the version `1`
   ╭─[policy.yaml:9:132]
 8 │ exceptions:
 9 │ - {id: E1, checks: [vulnerabilities.denied], images: [alpine], vulnerabilities: ["CVE-2024-*", CVE-1, CVE-1], packages: ["pkg:npm/x@1"], owner: ops, reason: later, expires: 2027-01-31}
   ·                                                                                                                                    ──
   ╰────
  help: leave the version out and restrict it with `versions`
"#,
    },
    Case {
        name: "exceptions from what always fails",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [vulnerabilities.malicious, vulnerabilities.database, vulnerabilities.denyed], images: [alpine], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
"#,
        rendered: r#"policy.not-exceptable

  × `vulnerabilities.malicious` cannot be excepted
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: [vulnerabilities.malicious, vulnerabilities.database, vulnerabilities.denyed], images: [alpine], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
   ·                     ─────────────────────────
   ╰────
  help: an exception may name: `reference.registry`, `reference.digest`, `image.user`,
        `vulnerabilities.denied`, `vulnerabilities.severityUnknown`,
        `vulnerabilities.undetermined`, `vulnerabilities.uncovered`, `vulnerabilities.endOfLife`,
        `packages.denied`, `packages.notAllowed`, `licences.denied`, `licences.notAllowed`,
        `licences.unknown`, `sbom.matchesImage`, `attestations.TYPE`
policy.not-exceptable

  × `vulnerabilities.database` cannot be excepted
   ╭─[policy.yaml:9:48]
 8 │ exceptions:
 9 │ - {id: E1, checks: [vulnerabilities.malicious, vulnerabilities.database, vulnerabilities.denyed], images: [alpine], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
   ·                                                ────────────────────────
   ╰────
  help: an exception may name: `reference.registry`, `reference.digest`, `image.user`,
        `vulnerabilities.denied`, `vulnerabilities.severityUnknown`,
        `vulnerabilities.undetermined`, `vulnerabilities.uncovered`, `vulnerabilities.endOfLife`,
        `packages.denied`, `packages.notAllowed`, `licences.denied`, `licences.notAllowed`,
        `licences.unknown`, `sbom.matchesImage`, `attestations.TYPE`
policy.unknown-value

  × unknown check `vulnerabilities.denyed`
   ╭─[policy.yaml:9:74]
 8 │ exceptions:
 9 │ - {id: E1, checks: [vulnerabilities.malicious, vulnerabilities.database, vulnerabilities.denyed], images: [alpine], packages: ["pkg:npm/x"], owner: ops, reason: later, expires: 2027-01-31}
   ·                                                                          ──────────────────────
   ╰────
  help: did you mean `vulnerabilities.denied`? allowed: `reference.registry`, `reference.digest`,
        `image.user`, `vulnerabilities.denied`, `vulnerabilities.severityUnknown`,
        `vulnerabilities.undetermined`, `vulnerabilities.uncovered`, `vulnerabilities.endOfLife`,
        `packages.denied`, `packages.notAllowed`, `licences.denied`, `licences.notAllowed`,
        `licences.unknown`, `sbom.matchesImage`, `attestations.TYPE`
"#,
    },
];
