//! `packages` and `licences`.

use super::Case;

pub(super) const CASES: &[Case] = &[
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
];
