//! `attestations` and `provenance`.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "unknown attestation type",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {attestations: [{type: cyclondx, by: release}]}
"#,
        rendered: r#"policy.attestation-type

  × unknown attestation type `cyclondx`
   ╭─[policy.yaml:7:35]
 6 │ - id: r
 7 │   require: {attestations: [{type: cyclondx, by: release}]}
   ·                                   ────────
   ╰────
  help: did you mean `cyclonedx`? allowed: `custom`, `cyclonedx`, `link`, `openvex`,
        `slsaprovenance`, `slsaprovenance02`, `slsaprovenance1`, `spdx`, `spdxjson`, `vuln`, or a
        URI
"#,
    },
    Case {
        name: "image signature as attestation",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {attestations: [{type: "https://sigstore.dev/cosign/sign/v1", by: release}]}
"#,
        rendered: r#"policy.attestation-elsewhere

  × `https://sigstore.dev/cosign/sign/v1` is asked for by `signatures`, not by `attestations`
   ╭─[policy.yaml:7:35]
 6 │ - id: r
 7 │   require: {attestations: [{type: "https://sigstore.dev/cosign/sign/v1", by: release}]}
   ·                                   ─────────────────────────────────────
   ╰────
  help: use `signatures`
"#,
    },
    Case {
        name: "attestation without by",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {attestations: [{type: spdx}]}
"#,
        rendered: r#"policy.missing-key

  × an attestation needs the key `by`
   ╭─[policy.yaml:7:28]
 6 │ - id: r
 7 │   require: {attestations: [{type: spdx}]}
   ·                            ─
   ╰────
"#,
    },
    Case {
        name: "provenance without by",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {provenance: {builders: ["https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v*"]}}
"#,
        rendered: r#"policy.missing-key

  × `provenance` needs the key `by`
   ╭─[policy.yaml:7:13]
 6 │ - id: r
 7 │   require: {provenance: {builders: ["https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v*"]}}
   ·             ──────────
   ╰────
"#,
    },
    Case {
        name: "builder without scheme",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {provenance: {by: release, builders: [github.com/acme/widget]}}
"#,
        rendered: r#"policy.uri

  × `github.com/acme/widget` is no URI
   ╭─[policy.yaml:7:50]
 6 │ - id: r
 7 │   require: {provenance: {by: release, builders: [github.com/acme/widget]}}
   ·                                                  ──────────────────────
   ╰────
  help: write it in full, as `https://github.com/acme/widget`
"#,
    },
    Case {
        name: "builder of any host",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {provenance: {by: release, builders: ["https://*/acme/**"]}}
"#,
        rendered: r#"policy.uri

  × `https://*/acme/**` is no URI
   ╭─[policy.yaml:7:50]
 6 │ - id: r
 7 │   require: {provenance: {by: release, builders: ["https://*/acme/**"]}}
   ·                                                  ───────────────────
   ╰────
  help: write it in full, as `https://github.com/acme/widget`
"#,
    },
    Case {
        name: "source with short refs",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {provenance: {by: release, source: {repository: "https://github.com/acme/widget", refs: [v1]}}}
"#,
        rendered: r#"policy.git-ref

  × `v1` is no full git ref
   ╭─[policy.yaml:7:101]
 6 │ - id: r
 7 │   require: {provenance: {by: release, source: {repository: "https://github.com/acme/widget", refs: [v1]}}}
   ·                                                                                                     ──
   ╰────
  help: write it in full, as `refs/tags/v*` or `refs/heads/main`
"#,
    },
    Case {
        name: "source without repository",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {provenance: {by: release, source: {refs: ["refs/tags/v*"]}}}
"#,
        rendered: r#"policy.missing-key

  × `source` needs the key `repository`
   ╭─[policy.yaml:7:39]
 6 │ - id: r
 7 │   require: {provenance: {by: release, source: {refs: ["refs/tags/v*"]}}}
   ·                                       ──────
   ╰────
"#,
    },
];
