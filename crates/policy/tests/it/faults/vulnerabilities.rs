//! `vulnerabilities`, and the SBOM that rules about contents need.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "vulnerabilities without database and deny, with a key that is none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: cyclonedx, by: release}]
    vulnerabilities: {denny: [{severity: critical}]}
"#,
        rendered: r#"policy.missing-key

  × `vulnerabilities` needs the key `database`
   ╭─[policy.yaml:9:5]
 8 │     attestations: [{type: cyclonedx, by: release}]
 9 │     vulnerabilities: {denny: [{severity: critical}]}
   ·     ───────────────
   ╰────
policy.missing-key

  × `vulnerabilities` needs the key `deny`
   ╭─[policy.yaml:9:5]
 8 │     attestations: [{type: cyclonedx, by: release}]
 9 │     vulnerabilities: {denny: [{severity: critical}]}
   ·     ───────────────
   ╰────
policy.unknown-key

  × unknown key `denny` in `vulnerabilities`
   ╭─[policy.yaml:9:23]
 8 │     attestations: [{type: cyclonedx, by: release}]
 9 │     vulnerabilities: {denny: [{severity: critical}]}
   ·                       ─────
   ╰────
  help: did you mean `deny`? allowed: `database`, `deny`, `unknownSeverity`, `undetermined`,
        `uncovered`, `endOfLife`, `vex`
"#,
    },
    Case {
        name: "database without an age, by somebody unknown",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: cyclonedx, by: release}]
    vulnerabilities: {database: {by: relase, maxage: 5d}, deny: [{severity: critical}]}
"#,
        rendered: r#"policy.missing-key

  × `database` needs the key `maxAge`
   ╭─[policy.yaml:9:23]
 8 │     attestations: [{type: cyclonedx, by: release}]
 9 │     vulnerabilities: {database: {by: relase, maxage: 5d}, deny: [{severity: critical}]}
   ·                       ────────
   ╰────
policy.unknown-identity

  × unknown identity `relase`
   ╭─[policy.yaml:9:38]
 8 │     attestations: [{type: cyclonedx, by: release}]
 9 │     vulnerabilities: {database: {by: relase, maxage: 5d}, deny: [{severity: critical}]}
   ·                                      ──────
   ╰────
  help: did you mean `release`? allowed: `release`
policy.unknown-key

  × unknown key `maxage` in `database`
   ╭─[policy.yaml:9:46]
 8 │     attestations: [{type: cyclonedx, by: release}]
 9 │     vulnerabilities: {database: {by: relase, maxage: 5d}, deny: [{severity: critical}]}
   ·                                              ──────
   ╰────
  help: did you mean `maxAge`? allowed: `maxAge`, `by`
"#,
    },
    Case {
        name: "ages that are none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: cyclonedx, by: release}]
    vulnerabilities:
      database: {maxAge: 5}
      deny:
      - {severity: high, fix: available, grace: 0d}
      - {severity: high, fix: available, grace: 1.5d}
      - {severity: high, fix: available, grace: 10000h}
"#,
        rendered: r#"policy.duration

  × `5` is no length of time
    ╭─[policy.yaml:10:26]
  9 │     vulnerabilities:
 10 │       database: {maxAge: 5}
    ·                          ─
 11 │       deny:
    ╰────
  help: write 1 to 9999 and `h` or `d`, as `5d` or `12h`
policy.duration

  × `0d` is no length of time
    ╭─[policy.yaml:12:49]
 11 │       deny:
 12 │       - {severity: high, fix: available, grace: 0d}
    ·                                                 ──
 13 │       - {severity: high, fix: available, grace: 1.5d}
    ╰────
  help: write 1 to 9999 and `h` or `d`, as `5d` or `12h`
policy.duration

  × `1.5d` is no length of time
    ╭─[policy.yaml:13:49]
 12 │       - {severity: high, fix: available, grace: 0d}
 13 │       - {severity: high, fix: available, grace: 1.5d}
    ·                                                 ────
 14 │       - {severity: high, fix: available, grace: 10000h}
    ╰────
  help: write 1 to 9999 and `h` or `d`, as `5d` or `12h`
policy.duration

  × `10000h` is no length of time
    ╭─[policy.yaml:14:49]
 13 │       - {severity: high, fix: available, grace: 1.5d}
 14 │       - {severity: high, fix: available, grace: 10000h}
    ·                                                 ──────
    ╰────
  help: write 1 to 9999 and `h` or `d`, as `5d` or `12h`
"#,
    },
    Case {
        name: "entries that say nothing of the vulnerability, or of no fix",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: cyclonedx, by: release}]
    vulnerabilities:
      database: {maxAge: 5d}
      deny:
      - {fix: available}
      - {packages: ["pkg:npm/x"]}
      - {severity: high, grace: 14d}
      - {severity: high, fix: none, grace: 14d}
"#,
        rendered: r#"policy.no-criterion

  × an entry of `deny` needs one of `severity`, `epss`, `kev`
    ╭─[policy.yaml:12:9]
 11 │       deny:
 12 │       - {fix: available}
    ·         ─
 13 │       - {packages: ["pkg:npm/x"]}
    ╰────
policy.no-criterion

  × an entry of `deny` needs one of `severity`, `epss`, `kev`
    ╭─[policy.yaml:13:9]
 12 │       - {fix: available}
 13 │       - {packages: ["pkg:npm/x"]}
    ·         ─
 14 │       - {severity: high, grace: 14d}
    ╰────
policy.grace-without-fix

  × `grace` counts from a fix, and the entry does not ask for one
    ╭─[policy.yaml:14:26]
 13 │       - {packages: ["pkg:npm/x"]}
 14 │       - {severity: high, grace: 14d}
    ·                          ─────
 15 │       - {severity: high, fix: none, grace: 14d}
    ╰────
  help: add `fix: available`
policy.grace-without-fix

  × `grace` counts from a fix, and the entry does not ask for one
    ╭─[policy.yaml:15:37]
 14 │       - {severity: high, grace: 14d}
 15 │       - {severity: high, fix: none, grace: 14d}
    ·                                     ─────
    ╰────
  help: add `fix: available`
"#,
    },
    Case {
        name: "entries with words and numbers that are none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: cyclonedx, by: release}]
    vulnerabilities:
      database: {maxAge: 5d}
      deny:
      - {severity: critcal}
      - {severity: unknown}
      - {epss: 1.5}
      - {epss: "0.5"}
      - {kev: false}
      - {severity: high, fix: availabel}
      - {severity: high, severty: high}
"#,
        rendered: r#"policy.unknown-value

  × unknown severity `critcal`
    ╭─[policy.yaml:12:20]
 11 │       deny:
 12 │       - {severity: critcal}
    ·                    ───────
 13 │       - {severity: unknown}
    ╰────
  help: did you mean `critical`? allowed: `negligible`, `low`, `medium`, `high`, `critical`
policy.unknown-value

  × unknown severity `unknown`
    ╭─[policy.yaml:13:20]
 12 │       - {severity: critcal}
 13 │       - {severity: unknown}
    ·                    ───────
 14 │       - {epss: 1.5}
    ╰────
  help: allowed: `negligible`, `low`, `medium`, `high`, `critical`
policy.wrong-kind

  × `epss` must be a number from 0 to 1, found `1.5`
    ╭─[policy.yaml:14:16]
 13 │       - {severity: unknown}
 14 │       - {epss: 1.5}
    ·                ───
 15 │       - {epss: "0.5"}
    ╰────
policy.wrong-kind

  × `epss` must be a number from 0 to 1, found `0.5`
    ╭─[policy.yaml:15:16]
 14 │       - {epss: 1.5}
 15 │       - {epss: "0.5"}
    ·                ─────
 16 │       - {kev: false}
    ╰────
policy.unknown-value

  × unknown value of `kev` `false`
    ╭─[policy.yaml:16:15]
 15 │       - {epss: "0.5"}
 16 │       - {kev: false}
    ·               ─────
 17 │       - {severity: high, fix: availabel}
    ╰────
  help: allowed: `true`
policy.unknown-value

  × unknown state of a fix `availabel`
    ╭─[policy.yaml:17:31]
 16 │       - {kev: false}
 17 │       - {severity: high, fix: availabel}
    ·                               ─────────
 18 │       - {severity: high, severty: high}
    ╰────
  help: did you mean `available`? allowed: `available`, `none`
policy.unknown-key

  × unknown key `severty` in an entry of `deny`
    ╭─[policy.yaml:18:26]
 17 │       - {severity: high, fix: availabel}
 18 │       - {severity: high, severty: high}
    ·                          ───────
    ╰────
  help: did you mean `severity`? allowed: `severity`, `epss`, `kev`, `fix`, `grace`, `packages`
"#,
    },
    Case {
        name: "no entry",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: cyclonedx, by: release}]
    vulnerabilities: {database: {maxAge: 5d}, deny: []}
"#,
        rendered: r#"policy.empty-value

  × `deny` must not be empty
   ╭─[policy.yaml:9:47]
 8 │     attestations: [{type: cyclonedx, by: release}]
 9 │     vulnerabilities: {database: {maxAge: 5d}, deny: []}
   ·                                               ────
   ╰────
"#,
    },
    Case {
        name: "answers that are none, and VEX by nobody",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: cyclonedx, by: release}]
    vulnerabilities:
      database: {maxAge: 5d}
      deny: [{severity: critical}]
      unknownSeverity: fail
      undetermined: ignored
      uncovered: pass
      endOfLife: off
      vex: {}
"#,
        rendered: r#"policy.unknown-value

  × unknown answer `fail`
    ╭─[policy.yaml:12:24]
 11 │       deny: [{severity: critical}]
 12 │       unknownSeverity: fail
    ·                        ────
 13 │       undetermined: ignored
    ╰────
  help: allowed: `deny`, `undecided`, `ignore`
policy.unknown-value

  × unknown answer `ignored`
    ╭─[policy.yaml:13:21]
 12 │       unknownSeverity: fail
 13 │       undetermined: ignored
    ·                     ───────
 14 │       uncovered: pass
    ╰────
  help: did you mean `ignore`? allowed: `deny`, `undecided`, `ignore`
policy.unknown-value

  × unknown answer `pass`
    ╭─[policy.yaml:14:18]
 13 │       undetermined: ignored
 14 │       uncovered: pass
    ·                  ────
 15 │       endOfLife: off
    ╰────
  help: allowed: `deny`, `undecided`, `ignore`
policy.ambiguous-word

  × bare `off` is a boolean to some readers of YAML and text to others
    ╭─[policy.yaml:15:18]
 14 │       uncovered: pass
 15 │       endOfLife: off
    ·                  ───
 16 │       vex: {}
    ╰────
  help: write `true` or `false`, or quote it: "off"
policy.missing-key

  × `vex` needs the key `by`
    ╭─[policy.yaml:16:7]
 15 │       endOfLife: off
 16 │       vex: {}
    ·       ───
    ╰────
"#,
    },
    Case {
        name: "contents without an SBOM",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: slsaprovenance1, by: release}]
    vulnerabilities: {database: {maxAge: 5d}, deny: [{severity: critical}]}
    packages: {deny: [{purl: "pkg:npm/event-stream"}]}
    licences: {deny: [AGPL-3.0-only]}
"#,
        rendered: r#"policy.no-sbom

  × `vulnerabilities` judges the SBOM, and the rule's `attestations` demand none
    ╭─[policy.yaml:9:5]
  8 │     attestations: [{type: slsaprovenance1, by: release}]
  9 │     vulnerabilities: {database: {maxAge: 5d}, deny: [{severity: critical}]}
    ·     ───────────────
 10 │     packages: {deny: [{purl: "pkg:npm/event-stream"}]}
    ╰────
  help: add `{type: cyclonedx, by: …}` or `{type: spdx, by: …}` to `attestations`
policy.no-sbom

  × `packages` judges the SBOM, and the rule's `attestations` demand none
    ╭─[policy.yaml:10:5]
  9 │     vulnerabilities: {database: {maxAge: 5d}, deny: [{severity: critical}]}
 10 │     packages: {deny: [{purl: "pkg:npm/event-stream"}]}
    ·     ────────
 11 │     licences: {deny: [AGPL-3.0-only]}
    ╰────
  help: add `{type: cyclonedx, by: …}` or `{type: spdx, by: …}` to `attestations`
policy.no-sbom

  × `licences` judges the SBOM, and the rule's `attestations` demand none
    ╭─[policy.yaml:11:5]
 10 │     packages: {deny: [{purl: "pkg:npm/event-stream"}]}
 11 │     licences: {deny: [AGPL-3.0-only]}
    ·     ────────
    ╰────
  help: add `{type: cyclonedx, by: …}` or `{type: spdx, by: …}` to `attestations`
"#,
    },
];
