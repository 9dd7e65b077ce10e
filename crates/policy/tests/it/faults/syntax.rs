//! What is no YAML, or YAML that a policy must not use.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "empty file",
        text: r#""#,
        rendered: r#"policy.empty

  × the file is empty
   ╭─[policy.yaml:1:1]
   ╰────
  help: a policy begins with `version: 1`
"#,
    },
    Case {
        name: "no yaml",
        text: r#"version: 1
name: [p
"#,
        rendered: r#"policy.syntax

  × not valid YAML: while parsing a flow sequence, expected ',' or ']'
   ╭─[policy.yaml:3:1]
 2 │ name: [p
   ╰────
"#,
    },
    Case {
        name: "tab as indentation",
        text: r#"version: 1
trust:
	root: public
"#,
        rendered: r#"policy.syntax

  × not valid YAML: tabs disallowed within this context (block indentation)
   ╭─[policy.yaml:3:2]
 2 │ trust:
 3 │     root: public
   ·     ─
   ╰────
"#,
    },
    Case {
        name: "a list instead of a mapping",
        text: r#"- version: 1
"#,
        rendered: r#"policy.wrong-kind

  × the policy must be a mapping, found a list
   ╭─[policy.yaml:1:1]
 1 │ - version: 1
   · ─
   ╰────
"#,
    },
    Case {
        name: "second document",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
---
version: 1
"#,
        rendered: r#"policy.second-document

  × a second document begins here
   ╭─[policy.yaml:8:1]
 7 │   require: {signatures: release}
 8 │ ---
   · ───
 9 │ version: 1
   ╰────
  help: one file holds one policy
"#,
    },
    Case {
        name: "anchor and alias",
        text: r#"version: 1
name: p
identities:
  a: &x {kind: github, repository: acme/widget}
  b: *x
rules:
- {id: r, require: {signatures: a}}
"#,
        rendered: r#"policy.anchor

  × anchors are not allowed
   ╭─[policy.yaml:4:6]
 3 │ identities:
 4 │   a: &x {kind: github, repository: acme/widget}
   ·      ────
 5 │   b: *x
   ╰────
  help: write the value out where it is used
policy.alias

  × aliases are not allowed
   ╭─[policy.yaml:5:6]
 4 │   a: &x {kind: github, repository: acme/widget}
 5 │   b: *x
   ·      ──
 6 │ rules:
   ╰────
  help: write the value out where it is used
"#,
    },
    Case {
        name: "merge key",
        text: r#"version: 1
name: p
identities:
  release:
    <<: {kind: github}
    kind: github
    repository: acme/widget
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.merge-key

  × merge keys are not allowed
   ╭─[policy.yaml:5:5]
 4 │   release:
 5 │     <<: {kind: github}
   ·     ──
 6 │     kind: github
   ╰────
  help: write the value out where it is used
"#,
    },
    Case {
        name: "tag",
        text: r#"version: 1
name: p
trust: !include {root: public}
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.tag

  × tags are not allowed
   ╭─[policy.yaml:3:8]
 2 │ name: p
 3 │ trust: !include {root: public}
   ·        ──────────
 4 │ identities:
   ╰────
  help: remove the tag
"#,
    },
    Case {
        name: "duplicate key",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
name: q
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.duplicate-key

  × `name` is given twice
   ╭─[policy.yaml:5:1]
 4 │   release: {kind: github, repository: acme/widget}
 5 │ name: q
   · ────
 6 │ rules:
   ╰────
  help: it is first given on line 2
"#,
    },
    Case {
        name: "key that is no word",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
? [a, b]
: 1
"#,
        rendered: r#"policy.complex-key

  × a key must be a word
   ╭─[policy.yaml:8:3]
 7 │   require: {signatures: release}
 8 │ ? [a, b]
   ·   ─
 9 │ : 1
   ╰────
"#,
    },
    Case {
        name: "bare yes",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {reference: {digestRequired: yes}}
"#,
        rendered: r#"policy.ambiguous-word

  × bare `yes` is a boolean to some readers of YAML and text to others
   ╭─[policy.yaml:7:41]
 6 │ - id: r
 7 │   require: {reference: {digestRequired: yes}}
   ·                                         ───
   ╰────
  help: write `true` or `false`, or quote it: "yes"
"#,
    },
    Case {
        name: "bare off",
        text: r#"version: 1
name: off
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.ambiguous-word

  × bare `off` is a boolean to some readers of YAML and text to others
   ╭─[policy.yaml:2:7]
 1 │ version: 1
 2 │ name: off
   ·       ───
 3 │ identities:
   ╰────
  help: write `true` or `false`, or quote it: "off"
"#,
    },
    Case {
        name: "characters of several bytes before a fault",
        text: r#"version: 1
name: p # größer
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
größe: 1
"#,
        rendered: r#"policy.unknown-key

  × unknown key `größe` in the policy
   ╭─[policy.yaml:8:1]
 7 │   require: {signatures: release}
 8 │ größe: 1
   · ─────
   ╰────
  help: allowed: `version`, `name`, `trust`, `identities`, `rules`, `exceptions`, `noMatch`
"#,
    },
];
