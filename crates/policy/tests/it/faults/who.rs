//! Who a check asks for: a name or a combination of names.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "unknown identity",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: relase}
"#,
        rendered: r#"policy.unknown-identity

  × unknown identity `relase`
   ╭─[policy.yaml:7:25]
 6 │ - id: r
 7 │   require: {signatures: relase}
   ·                         ──────
   ╰────
  help: did you mean `release`? allowed: `release`
"#,
    },
    Case {
        name: "unknown identity, none defined",
        text: r#"version: 1
name: p
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.unknown-identity

  × unknown identity `release`
   ╭─[policy.yaml:5:25]
 4 │ - id: r
 5 │   require: {signatures: release}
   ·                         ───────
   ╰────
  help: define it under `identities`
"#,
    },
    Case {
        name: "two combinations in one",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: {anyOf: [release], allOf: [release]}}
"#,
        rendered: r#"policy.who-keys

  × a combination of identities has exactly one key, found 2
   ╭─[policy.yaml:7:13]
 6 │ - id: r
 7 │   require: {signatures: {anyOf: [release], allOf: [release]}}
   ·             ──────────
   ╰────
  help: write a name, or one of `anyOf`, `allOf`, `atLeast`
"#,
    },
    Case {
        name: "unknown combination",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: {oneOf: [release]}}
"#,
        rendered: r#"policy.unknown-key

  × unknown key `oneOf` in `signatures`
   ╭─[policy.yaml:7:26]
 6 │ - id: r
 7 │   require: {signatures: {oneOf: [release]}}
   ·                          ─────
   ╰────
  help: allowed: `anyOf`, `allOf`, `atLeast`
"#,
    },
    Case {
        name: "identities as a list",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: [release]}
"#,
        rendered: r#"policy.wrong-kind

  × `signatures` must be a name or one of `anyOf`, `allOf`, `atLeast`, found a list
   ╭─[policy.yaml:7:25]
 6 │ - id: r
 7 │   require: {signatures: [release]}
   ·                         ─
   ╰────
"#,
    },
    Case {
        name: "empty combination",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: {anyOf: []}}
"#,
        rendered: r#"policy.empty-value

  × `anyOf` must not be empty
   ╭─[policy.yaml:7:26]
 6 │ - id: r
 7 │   require: {signatures: {anyOf: []}}
   ·                          ─────
   ╰────
"#,
    },
    Case {
        name: "identity twice",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: {allOf: [release, release]}}
"#,
        rendered: r#"policy.repeated-item

  × `release` stands twice in `allOf`
   ╭─[policy.yaml:7:43]
 6 │ - id: r
 7 │   require: {signatures: {allOf: [release, release]}}
   ·                                           ───────
   ╰────
"#,
    },
    Case {
        name: "atLeast of none",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: {atLeast: {n: 0, of: [release]}}}
"#,
        rendered: r#"policy.at-least

  × `n` must be between 1 and 1, the length of `of`, found 0
   ╭─[policy.yaml:7:39]
 6 │ - id: r
 7 │   require: {signatures: {atLeast: {n: 0, of: [release]}}}
   ·                                       ─
   ╰────
"#,
    },
    Case {
        name: "atLeast of more than there are",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: {atLeast: {n: 2, of: [release]}}}
"#,
        rendered: r#"policy.at-least

  × `n` must be between 1 and 1, the length of `of`, found 2
   ╭─[policy.yaml:7:39]
 6 │ - id: r
 7 │   require: {signatures: {atLeast: {n: 2, of: [release]}}}
   ·                                       ─
   ╰────
"#,
    },
    Case {
        name: "atLeast of a word",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: {atLeast: {n: two, of: [release]}}}
"#,
        rendered: r#"policy.wrong-kind

  × `n` must be a whole number, found `two`
   ╭─[policy.yaml:7:39]
 6 │ - id: r
 7 │   require: {signatures: {atLeast: {n: two, of: [release]}}}
   ·                                       ───
   ╰────
"#,
    },
];
