//! Patterns of `match.images`.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "image with tag",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  match: {images: ["alpine:3.20"]}
  require: {signatures: release}
"#,
        rendered: r#"policy.image-tag

  × the image pattern `alpine:3.20` has the tag `3.20`
   ╭─[policy.yaml:7:20]
 6 │ - id: r
 7 │   match: {images: ["alpine:3.20"]}
   ·                    ─────────────
 8 │   require: {signatures: release}
   ╰────
  help: tags move; name the repository, and `@sha256:…` for one image
"#,
    },
    Case {
        name: "image with a short digest",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  match: {images: ["alpine@sha256:abc"]}
  require: {signatures: release}
"#,
        rendered: r#"policy.image-digest

  × the image pattern ends in `sha256:abc`, which is no digest
   ╭─[policy.yaml:7:20]
 6 │ - id: r
 7 │   match: {images: ["alpine@sha256:abc"]}
   ·                    ───────────────────
 8 │   require: {signatures: release}
   ╰────
  help: write `@sha256:` and 64 hexadecimal digits
"#,
    },
    Case {
        name: "image with scheme",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  match: {images: ["docker://alpine"]}
  require: {signatures: release}
"#,
        rendered: r#"policy.image-scheme

  × the image pattern `docker://alpine` has a scheme
   ╭─[policy.yaml:7:20]
 6 │ - id: r
 7 │   match: {images: ["docker://alpine"]}
   ·                    ─────────────────
 8 │   require: {signatures: release}
   ╰────
  help: write `registry/repository`
"#,
    },
    Case {
        name: "image in upper case",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  match: {images: [registry.example/Acme/app]}
  require: {signatures: release}
"#,
        rendered: r#"policy.image-name

  × no image has a name like `registry.example/Acme/app`
   ╭─[policy.yaml:7:20]
 6 │ - id: r
 7 │   match: {images: [registry.example/Acme/app]}
   ·                    ─────────────────────────
 8 │   require: {signatures: release}
   ╰────
  help: names are lower-case, in parts separated by `/`
"#,
    },
    Case {
        name: "image in another dialect",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  match: {images: ["acme/{app,web}"]}
  require: {signatures: release}
"#,
        rendered: r#"policy.pattern-character

  × `{` has no meaning in the pattern `acme/{app,web}`
   ╭─[policy.yaml:7:20]
 6 │ - id: r
 7 │   match: {images: ["acme/{app,web}"]}
   ·                    ────────────────
 8 │   require: {signatures: release}
   ╰────
  help: a pattern knows `*` (within a part) and `**` (across parts), and nothing else
"#,
    },
    Case {
        name: "image pattern of three stars",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  match: {images: ["acme/***"]}
  require: {signatures: release}
"#,
        rendered: r#"policy.pattern-character

  × `***` has no meaning in the pattern `acme/***`
   ╭─[policy.yaml:7:20]
 6 │ - id: r
 7 │   match: {images: ["acme/***"]}
   ·                    ──────────
 8 │   require: {signatures: release}
   ╰────
  help: a pattern knows `*` (within a part) and `**` (across parts), and nothing else
"#,
    },
    Case {
        name: "no images",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  match: {images: []}
  require: {signatures: release}
"#,
        rendered: r#"policy.empty-value

  × `images` must not be empty
   ╭─[policy.yaml:7:11]
 6 │ - id: r
 7 │   match: {images: []}
   ·           ──────
 8 │   require: {signatures: release}
   ╰────
"#,
    },
];
