//! `vulnerabilities`, `packages`, `licences`, and the exceptions from them.

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
    Case {
        name: "packages without deny and allow",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: spdx, by: release}]
    packages: {}
    licences: {unknown: deny}
"#,
        rendered: r#"policy.demands-nothing

  × `packages` demands nothing
    ╭─[policy.yaml:9:5]
  8 │     attestations: [{type: spdx, by: release}]
  9 │     packages: {}
    ·     ────────
 10 │     licences: {unknown: deny}
    ╰────
policy.demands-nothing

  × `licences` demands nothing
    ╭─[policy.yaml:10:5]
  9 │     packages: {}
 10 │     licences: {unknown: deny}
    ·     ────────
    ╰────
"#,
    },
    Case {
        name: "patterns over packages that are none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: spdx, by: release}]
    packages:
      deny:
      - {purl: event-stream}
      - {purl: "pkg:nmp/event-stream"}
      - {purl: "pkg:npm/event-stream@3.3.6"}
      - {purl: "pkg:deb/debian/bash?arch=amd64"}
      - {purl: "pkg:*/*"}
      - {purl: "pkg:npm/[ab]"}
      - {versions: ">=1"}
"#,
        rendered: r#"policy.package-pattern

  × `event-stream` is no package URL
    ╭─[policy.yaml:11:16]
 10 │       deny:
 11 │       - {purl: event-stream}
    ·                ────────────
 12 │       - {purl: "pkg:nmp/event-stream"}
    ╰────
  help: write it as `pkg:deb/debian/openssl` or `pkg:npm/@acme/*`
policy.package-pattern

  × `nmp` is no type of package URLs
    ╭─[policy.yaml:12:21]
 11 │       - {purl: event-stream}
 12 │       - {purl: "pkg:nmp/event-stream"}
    ·                     ───
 13 │       - {purl: "pkg:npm/event-stream@3.3.6"}
    ╰────
  help: did you mean `npm`?
policy.package-pattern

  × the pattern carries the version `3.3.6`
    ╭─[policy.yaml:13:37]
 12 │       - {purl: "pkg:nmp/event-stream"}
 13 │       - {purl: "pkg:npm/event-stream@3.3.6"}
    ·                                     ──────
 14 │       - {purl: "pkg:deb/debian/bash?arch=amd64"}
    ╰────
  help: leave the version out and restrict it with `versions`
policy.package-pattern

  × the pattern carries `?arch=amd64`
    ╭─[policy.yaml:14:36]
 13 │       - {purl: "pkg:npm/event-stream@3.3.6"}
 14 │       - {purl: "pkg:deb/debian/bash?arch=amd64"}
    ·                                    ───────────
 15 │       - {purl: "pkg:*/*"}
    ╰────
  help: a pattern is over type, namespace and name
policy.package-pattern

  × the pattern `pkg:*/*` matches everything
    ╭─[policy.yaml:15:17]
 14 │       - {purl: "pkg:deb/debian/bash?arch=amd64"}
 15 │       - {purl: "pkg:*/*"}
    ·                 ───────
 16 │       - {purl: "pkg:npm/[ab]"}
    ╰────
  help: name a type, or a part of the name
policy.package-pattern

  × `[` has no meaning in a pattern
    ╭─[policy.yaml:16:25]
 15 │       - {purl: "pkg:*/*"}
 16 │       - {purl: "pkg:npm/[ab]"}
    ·                         ─
 17 │       - {versions: ">=1"}
    ╰────
  help: a pattern knows `*` (within a part) and `**` (across parts), and nothing else
policy.missing-key

  × a package needs the key `purl`
    ╭─[policy.yaml:17:9]
 16 │       - {purl: "pkg:npm/[ab]"}
 17 │       - {versions: ">=1"}
    ·         ─
    ╰────
"#,
    },
    Case {
        name: "ranges of versions that are none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: spdx, by: release}]
    packages:
      allow:
      - {purl: "pkg:npm/a", versions: "^1.2.0"}
      - {purl: "pkg:npm/b", versions: ">=1 <"}
      - {purl: "pkg:npm/c", versions: ">=2 <1"}
      - {purl: "pkg:npm/d", versions: ">=1 || "}
      - {purl: "pkg:*/e", versions: ">=1"}
      - {purl: "pkg:generic/f", versions: ">=1"}
"#,
        rendered: r#"policy.versions

  × `^1.2.0` begins with none of `>=`, `<=`, `>`, `<`, `=`
    ╭─[policy.yaml:11:40]
 10 │       allow:
 11 │       - {purl: "pkg:npm/a", versions: "^1.2.0"}
    ·                                        ──────
 12 │       - {purl: "pkg:npm/b", versions: ">=1 <"}
    ╰────
  help: write it as `>=1.2.0 <1.4.5 || =2.0.0`
policy.versions

  × the version behind `<` is missing
    ╭─[policy.yaml:12:44]
 11 │       - {purl: "pkg:npm/a", versions: "^1.2.0"}
 12 │       - {purl: "pkg:npm/b", versions: ">=1 <"}
    ·                                            ─
 13 │       - {purl: "pkg:npm/c", versions: ">=2 <1"}
    ╰────
  help: write the version directly behind it
policy.versions

  × no version satisfies `>=2 <1`
    ╭─[policy.yaml:13:40]
 12 │       - {purl: "pkg:npm/b", versions: ">=1 <"}
 13 │       - {purl: "pkg:npm/c", versions: ">=2 <1"}
    ·                                        ──────
 14 │       - {purl: "pkg:npm/d", versions: ">=1 || "}
    ╰────
  help: bounds side by side hold together; separate alternatives by `||`
policy.versions

  × a bound is missing
    ╭─[policy.yaml:14:46]
 13 │       - {purl: "pkg:npm/c", versions: ">=2 <1"}
 14 │       - {purl: "pkg:npm/d", versions: ">=1 || "}
    ·                                              ─
 15 │       - {purl: "pkg:*/e", versions: ">=1"}
    ╰────
  help: write it as `>=1.2.0 <1.4.5 || =2.0.0`
policy.versions-without-type

  × `versions` need the order of one type of packages, `pkg:*/e` names none
    ╭─[policy.yaml:15:37]
 14 │       - {purl: "pkg:npm/d", versions: ">=1 || "}
 15 │       - {purl: "pkg:*/e", versions: ">=1"}
    ·                                     ─────
 16 │       - {purl: "pkg:generic/f", versions: ">=1"}
    ╰────
  help: name the type, as `pkg:npm/…`
policy.versions

  × versions of type `generic` have no order
    ╭─[policy.yaml:16:44]
 15 │       - {purl: "pkg:*/e", versions: ">=1"}
 16 │       - {purl: "pkg:generic/f", versions: ">=1"}
    ·                                            ───
    ╰────
"#,
    },
    Case {
        name: "licences that are none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require:
    attestations: [{type: spdx, by: release}]
    licences:
      deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
      allow: [MIT, MIT]
      unknown: allow
"#,
        rendered: r#"policy.licence

  × `GPL-2.0` is no licence of the SPDX list
    ╭─[policy.yaml:10:14]
  9 │     licences:
 10 │       deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
    ·              ───────
 11 │       allow: [MIT, MIT]
    ╰────
  help: did you mean `GPL-2.0-only`?
policy.licence

  × `mit` is no licence of the SPDX list
    ╭─[policy.yaml:10:23]
  9 │     licences:
 10 │       deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
    ·                       ───
 11 │       allow: [MIT, MIT]
    ╰────
  help: did you mean `MIT`?
policy.licence

  × `XYZ-*` is no licence of the SPDX list
    ╭─[policy.yaml:10:28]
  9 │     licences:
 10 │       deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
    ·                            ───────
 11 │       allow: [MIT, MIT]
    ╰────
  help: write an identifier as `MIT`, one with its exception, `LicenseRef-…`, or a glob as
        `GPL-*`; each by itself
policy.every-licence

  × the pattern `*` matches every licence
    ╭─[policy.yaml:10:37]
  9 │     licences:
 10 │       deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
    ·                                     ───
 11 │       allow: [MIT, MIT]
    ╰────
  help: name a part of the identifier
policy.licence

  × `MIT OR ISC` is no licence of the SPDX list
    ╭─[policy.yaml:10:42]
  9 │     licences:
 10 │       deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
    ·                                          ────────────
 11 │       allow: [MIT, MIT]
    ╰────
  help: write an identifier as `MIT`, one with its exception, `LicenseRef-…`, or a glob as
        `GPL-*`; each by itself
policy.licence

  × `GPL-2.0-only WITH Classpath` is no licence of the SPDX list
    ╭─[policy.yaml:10:56]
  9 │     licences:
 10 │       deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
    ·                                                        ───────────────────────────
 11 │       allow: [MIT, MIT]
    ╰────
  help: write an identifier as `MIT`, one with its exception, `LicenseRef-…`, or a glob as
        `GPL-*`; each by itself
policy.repeated-item

  × `MIT` stands twice in `allow`
    ╭─[policy.yaml:11:20]
 10 │       deny: [GPL-2.0, mit, "XYZ-*", "*", "MIT OR ISC", GPL-2.0-only WITH Classpath]
 11 │       allow: [MIT, MIT]
    ·                    ───
 12 │       unknown: allow
    ╰────
policy.unknown-value

  × unknown answer `allow`
    ╭─[policy.yaml:12:16]
 11 │       allow: [MIT, MIT]
 12 │       unknown: allow
    ·                ─────
    ╰────
  help: allowed: `deny`, `undecided`, `ignore`
"#,
    },
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
