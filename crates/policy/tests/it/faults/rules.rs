//! `rules`, and the requirements that are no evidence: `reference`, `image`.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "rule without id and require",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- match: {images: [alpine]}
"#,
        rendered: r#"policy.missing-key

  × a rule needs the key `id`
   ╭─[policy.yaml:6:3]
 5 │ rules:
 6 │ - match: {images: [alpine]}
   ·   ─
   ╰────
policy.missing-key

  × a rule needs the key `require`
   ╭─[policy.yaml:6:3]
 5 │ rules:
 6 │ - match: {images: [alpine]}
   ·   ─
   ╰────
"#,
    },
    Case {
        name: "rule id twice",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- {id: r, require: {signatures: release}}
- {id: r, require: {signatures: release}}
"#,
        rendered: r#"policy.duplicate-id

  × the id `r` is given twice
   ╭─[policy.yaml:7:8]
 6 │ - {id: r, require: {signatures: release}}
 7 │ - {id: r, require: {signatures: release}}
   ·        ─
   ╰────
  help: it is first used on line 6
"#,
    },
    Case {
        name: "rule that demands nothing",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {}
"#,
        rendered: r#"policy.demands-nothing

  × `require` demands nothing
   ╭─[policy.yaml:7:3]
 6 │ - id: r
 7 │   require: {}
   ·   ───────
   ╰────
"#,
    },
    Case {
        name: "require without value",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: 
"#,
        rendered: r#"policy.wrong-kind

  × `require` must be a mapping, found nothing
   ╭─[policy.yaml:7:3]
 6 │ - id: r
 7 │   require:
   ·   ───────
   ╰────
"#,
    },
    Case {
        name: "unknown requirement",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signature: release}
"#,
        rendered: r#"policy.unknown-key

  × unknown key `signature` in `require`
   ╭─[policy.yaml:7:13]
 6 │ - id: r
 7 │   require: {signature: release}
   ·             ─────────
   ╰────
  help: did you mean `signatures`? allowed: `reference`, `signatures`, `attestations`,
        `provenance`, `image`, `vulnerabilities`, `packages`, `licences`
"#,
    },
    Case {
        name: "reference that demands nothing",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {reference: {digestRequired: false}}
"#,
        rendered: r#"policy.demands-nothing

  × `reference` demands nothing
   ╭─[policy.yaml:7:13]
 6 │ - id: r
 7 │   require: {reference: {digestRequired: false}}
   ·             ─────────
   ╰────
"#,
    },
    Case {
        name: "boolean in quotes",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {reference: {digestRequired: "true"}}
"#,
        rendered: r#"policy.wrong-kind

  × `digestRequired` must be `true` or `false`, found `true`
   ╭─[policy.yaml:7:41]
 6 │ - id: r
 7 │   require: {reference: {digestRequired: "true"}}
   ·                                         ──────
   ╰────
"#,
    },
    Case {
        name: "registry with a path",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {reference: {registries: [registry.example/acme]}}
"#,
        rendered: r#"policy.registry

  × `registry.example/acme` is no registry host
   ╭─[policy.yaml:7:38]
 6 │ - id: r
 7 │   require: {reference: {registries: [registry.example/acme]}}
   ·                                      ─────────────────────
   ╰────
  help: write the host alone, as `registry.example` or `localhost:5000`
"#,
    },
    Case {
        name: "unknown user",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {image: {user: nonroot}}
"#,
        rendered: r#"policy.unknown-value

  × unknown user `nonroot`
   ╭─[policy.yaml:7:27]
 6 │ - id: r
 7 │   require: {image: {user: nonroot}}
   ·                           ───────
   ╰────
  help: did you mean `nonRoot`? allowed: `nonRoot`
"#,
    },
    Case {
        name: "unknown image requirement",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {image: {ports: [80]}}
"#,
        rendered: r#"policy.missing-key

  × `image` needs the key `user`
   ╭─[policy.yaml:7:13]
 6 │ - id: r
 7 │   require: {image: {ports: [80]}}
   ·             ─────
   ╰────
policy.unknown-key

  × unknown key `ports` in `image`
   ╭─[policy.yaml:7:21]
 6 │ - id: r
 7 │   require: {image: {ports: [80]}}
   ·                     ─────
   ╰────
  help: allowed: `user`
"#,
    },
];
