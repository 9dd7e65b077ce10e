//! Keys of the outermost mapping.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "unknown key at the top",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
excpetions: []
"#,
        rendered: r#"policy.unknown-key

  × unknown key `excpetions` in the policy
   ╭─[policy.yaml:8:1]
 7 │   require: {signatures: release}
 8 │ excpetions: []
   · ──────────
   ╰────
  help: did you mean `exceptions`? allowed: `version`, `name`, `trust`, `identities`, `rules`,
        `exceptions`, `noMatch`
"#,
    },
    Case {
        name: "key of later work",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {baseImage: {allow: [alpine]}}
"#,
        rendered: r#"policy.unknown-key

  × unknown key `baseImage` in `require`
   ╭─[policy.yaml:7:13]
 6 │ - id: r
 7 │   require: {baseImage: {allow: [alpine]}}
   ·             ─────────
   ╰────
  help: allowed: `reference`, `signatures`, `attestations`, `provenance`, `image`,
        `vulnerabilities`, `packages`, `licences`
"#,
    },
    Case {
        name: "missing keys at the top",
        text: r#"name: p
"#,
        rendered: r#"policy.missing-key

  × the policy needs the key `version`
   ╭─[policy.yaml:1:1]
 1 │ name: p
   · ─
   ╰────
policy.missing-key

  × the policy needs the key `rules`
   ╭─[policy.yaml:1:1]
 1 │ name: p
   · ─
   ╰────
"#,
    },
    Case {
        name: "unknown version",
        text: r#"version: 2
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.unknown-version

  × policy version `2` is not known, expected `1`
   ╭─[policy.yaml:1:10]
 1 │ version: 2
   ·          ─
 2 │ name: p
   ╰────
"#,
    },
    Case {
        name: "version in quotes of another kind",
        text: r#"version: "1.0"
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.unknown-version

  × policy version `1.0` is not known, expected `1`
   ╭─[policy.yaml:1:10]
 1 │ version: "1.0"
   ·          ─────
 2 │ name: p
   ╰────
"#,
    },
    Case {
        name: "bad name",
        text: r#"version: 1
name: acme release
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.bad-name

  × `acme release` is no name for a policy
   ╭─[policy.yaml:2:7]
 1 │ version: 1
 2 │ name: acme release
   ·       ────────────
 3 │ identities:
   ╰────
  help: use letters, digits, `.`, `_` and `-`, at most 64 of them
"#,
    },
    Case {
        name: "unknown trust root",
        text: r#"version: 1
name: p
trust: {root: pubic}
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.unknown-value

  × unknown trust root `pubic`
   ╭─[policy.yaml:3:15]
 2 │ name: p
 3 │ trust: {root: pubic}
   ·               ─────
 4 │ identities:
   ╰────
  help: did you mean `public`? allowed: `public`
"#,
    },
    Case {
        name: "trust root as text",
        text: r#"version: 1
name: p
trust: public
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.wrong-kind

  × `trust` must be a mapping, found `public`
   ╭─[policy.yaml:3:8]
 2 │ name: p
 3 │ trust: public
   ·        ──────
 4 │ identities:
   ╰────
"#,
    },
    Case {
        name: "trust root file without name",
        text: r#"version: 1
name: p
trust: {root: {file: }}
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.empty-value

  × `file` must not be empty
   ╭─[policy.yaml:3:20]
 2 │ name: p
 3 │ trust: {root: {file: }}
   ·                    ─
 4 │ identities:
   ╰────
"#,
    },
    Case {
        name: "unknown noMatch",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
noMatch: warn
"#,
        rendered: r#"policy.unknown-value

  × unknown answer `warn`
   ╭─[policy.yaml:8:10]
 7 │   require: {signatures: release}
 8 │ noMatch: warn
   ·          ────
   ╰────
  help: allowed: `deny`, `allow`
"#,
    },
    Case {
        name: "no rules",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules: []
"#,
        rendered: r#"policy.empty-value

  × `rules` must not be empty
   ╭─[policy.yaml:5:8]
 4 │   release: {kind: github, repository: acme/widget}
 5 │ rules: []
   ·        ─
   ╰────
"#,
    },
    Case {
        name: "rules as a mapping",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules: {id: r}
"#,
        rendered: r#"policy.wrong-kind

  × `rules` must be a list, found a mapping
   ╭─[policy.yaml:5:8]
 4 │   release: {kind: github, repository: acme/widget}
 5 │ rules: {id: r}
   ·        ─
   ╰────
"#,
    },
];
