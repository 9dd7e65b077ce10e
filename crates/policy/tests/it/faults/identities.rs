//! `identities`: who a rule may name.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "unknown kind of identity",
        text: r#"version: 1
name: p
identities:
  release: {kind: gihub, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.unknown-value

  × unknown kind of identity `gihub`
   ╭─[policy.yaml:4:19]
 3 │ identities:
 4 │   release: {kind: gihub, repository: acme/widget}
   ·                   ─────
 5 │ rules:
   ╰────
  help: did you mean `github`? allowed: `github`, `email`, `fulcio`, `key`
"#,
    },
    Case {
        name: "identity without kind",
        text: r#"version: 1
name: p
identities:
  release: {repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.missing-key

  × identity `release` needs the key `kind`
   ╭─[policy.yaml:4:3]
 3 │ identities:
 4 │   release: {repository: acme/widget}
   ·   ───────
 5 │ rules:
   ╰────
"#,
    },
    Case {
        name: "key of another kind of identity",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget, address: a@example.com}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.unknown-key

  × unknown key `address` in identity `release`
   ╭─[policy.yaml:4:52]
 3 │ identities:
 4 │   release: {kind: github, repository: acme/widget, address: a@example.com}
   ·                                                    ───────
 5 │ rules:
   ╰────
  help: allowed: `kind`, `repository`, `workflow`, `ref`, `issuer`
"#,
    },
    Case {
        name: "identity without repository",
        text: r#"version: 1
name: p
identities:
  release: {kind: github}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.missing-key

  × identity `release` needs the key `repository`
   ╭─[policy.yaml:4:3]
 3 │ identities:
 4 │   release: {kind: github}
   ·   ───────
 5 │ rules:
   ╰────
"#,
    },
    Case {
        name: "repository with host",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: "https://github.com/acme/widget"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.repository

  × `https://github.com/acme/widget` is no `OWNER/NAME`
   ╭─[policy.yaml:4:39]
 3 │ identities:
 4 │   release: {kind: github, repository: "https://github.com/acme/widget"}
   ·                                       ────────────────────────────────
 5 │ rules:
   ╰────
  help: write it as `acme/widget`, without the host
"#,
    },
    Case {
        name: "repository as a pattern",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: "acme/*"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.repository

  × `acme/*` is no `OWNER/NAME`
   ╭─[policy.yaml:4:39]
 3 │ identities:
 4 │   release: {kind: github, repository: "acme/*"}
   ·                                       ────────
 5 │ rules:
   ╰────
  help: write it as `acme/widget`, without the host
"#,
    },
    Case {
        name: "workflow with ref",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget, workflow: .github/workflows/release.yml@refs/tags/v1}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.workflow-ref

  × `.github/workflows/release.yml@refs/tags/v1` carries a ref
   ╭─[policy.yaml:4:62]
 3 │ identities:
 4 │   release: {kind: github, repository: acme/widget, workflow: .github/workflows/release.yml@refs/tags/v1}
   ·                                                              ──────────────────────────────────────────
 5 │ rules:
   ╰────
  help: leave out `@…` and restrict the ref with `ref`
"#,
    },
    Case {
        name: "workflow outside its folder",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget, workflow: release.yml}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.workflow

  × `release.yml` is no workflow file
   ╭─[policy.yaml:4:62]
 3 │ identities:
 4 │   release: {kind: github, repository: acme/widget, workflow: release.yml}
   ·                                                              ───────────
 5 │ rules:
   ╰────
  help: write `.github/workflows/FILE.yml`, or `OWNER/NAME/.github/workflows/FILE.yml` for a
        called workflow
"#,
    },
    Case {
        name: "short ref",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget, ref: main}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.git-ref

  × `main` is no full git ref
   ╭─[policy.yaml:4:57]
 3 │ identities:
 4 │   release: {kind: github, repository: acme/widget, ref: main}
   ·                                                         ────
 5 │ rules:
   ╰────
  help: write it in full, as `refs/tags/v*` or `refs/heads/main`
"#,
    },
    Case {
        name: "email without issuer",
        text: r#"version: 1
name: p
identities:
  release: {kind: email, address: alice@example.com}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.missing-key

  × identity `release` needs the key `issuer`
   ╭─[policy.yaml:4:3]
 3 │ identities:
 4 │   release: {kind: email, address: alice@example.com}
   ·   ───────
 5 │ rules:
   ╰────
"#,
    },
    Case {
        name: "no e-mail address",
        text: r#"version: 1
name: p
identities:
  release: {kind: email, address: alice, issuer: "https://accounts.example.com"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.address

  × `alice` is no e-mail address
   ╭─[policy.yaml:4:35]
 3 │ identities:
 4 │   release: {kind: email, address: alice, issuer: "https://accounts.example.com"}
   ·                                   ─────
 5 │ rules:
   ╰────
"#,
    },
    Case {
        name: "address as a pattern",
        text: r#"version: 1
name: p
identities:
  release: {kind: email, address: "*@example.com", issuer: "https://accounts.example.com"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.address

  × `*@example.com` is no e-mail address
   ╭─[policy.yaml:4:35]
 3 │ identities:
 4 │   release: {kind: email, address: "*@example.com", issuer: "https://accounts.example.com"}
   ·                                   ───────────────
 5 │ rules:
   ╰────
"#,
    },
    Case {
        name: "issuer without scheme",
        text: r#"version: 1
name: p
identities:
  release: {kind: email, address: alice@example.com, issuer: accounts.example.com}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.issuer

  × the issuer `accounts.example.com` is no URL
   ╭─[policy.yaml:4:62]
 3 │ identities:
 4 │   release: {kind: email, address: alice@example.com, issuer: accounts.example.com}
   ·                                                              ────────────────────
 5 │ rules:
   ╰────
  help: write the URL of the identity provider, as `https://accounts.example.com`
"#,
    },
    Case {
        name: "issuer as a pattern",
        text: r#"version: 1
name: p
identities:
  release: {kind: fulcio, issuer: "https://*.example.com", san: "https://ci.example/acme/x"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.issuer-pattern

  × the issuer `https://*.example.com` is a pattern
   ╭─[policy.yaml:4:35]
 3 │ identities:
 4 │   release: {kind: fulcio, issuer: "https://*.example.com", san: "https://ci.example/acme/x"}
   ·                                   ───────────────────────
 5 │ rules:
   ╰────
  help: name the one issuer that is trusted
"#,
    },
    Case {
        name: "san that matches everything",
        text: r#"version: 1
name: p
identities:
  release: {kind: fulcio, issuer: "https://issuer.example", san: "**"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.matches-everything

  × the pattern `**` matches everything
   ╭─[policy.yaml:4:66]
 3 │ identities:
 4 │   release: {kind: fulcio, issuer: "https://issuer.example", san: "**"}
   ·                                                                  ────
 5 │ rules:
   ╰────
  help: name at least a host (`ghcr.io`), or the scheme and host of a URL
"#,
    },
    Case {
        name: "san of whoever likes",
        text: r#"version: 1
name: p
identities:
  release: {kind: fulcio, issuer: "https://issuer.example", san: "*@*"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.san

  × the pattern `*@*` leaves open whose identity it is
   ╭─[policy.yaml:4:66]
 3 │ identities:
 4 │   release: {kind: fulcio, issuer: "https://issuer.example", san: "*@*"}
   ·                                                                  ─────
 5 │ rules:
   ╰────
  help: write out the host of a URI (and the owner on a public forge) or the domain of an address,
        as `https://ci.example/acme/*` or `*@example.com`
"#,
    },
    Case {
        name: "san in another dialect",
        text: r#"version: 1
name: p
identities:
  release: {kind: fulcio, issuer: "https://issuer.example", san: "https://ci.example/[a-z]+"}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.pattern-character

  × `[` has no meaning in the pattern `https://ci.example/[a-z]+`
   ╭─[policy.yaml:4:66]
 3 │ identities:
 4 │   release: {kind: fulcio, issuer: "https://issuer.example", san: "https://ci.example/[a-z]+"}
   ·                                                                  ───────────────────────────
 5 │ rules:
   ╰────
  help: a pattern knows `*` (within a part) and `**` (across parts), and nothing else
"#,
    },
    Case {
        name: "key without file",
        text: r#"version: 1
name: p
identities:
  release: {kind: key}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.missing-key

  × identity `release` needs the key `file`
   ╭─[policy.yaml:4:3]
 3 │ identities:
 4 │   release: {kind: key}
   ·   ───────
 5 │ rules:
   ╰────
"#,
    },
    Case {
        name: "identity that is no mapping",
        text: r#"version: 1
name: p
identities:
  release: acme/widget
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.wrong-kind

  × identity `release` must be a mapping, found `acme/widget`
   ╭─[policy.yaml:4:12]
 3 │ identities:
 4 │   release: acme/widget
   ·            ───────────
 5 │ rules:
   ╰────
"#,
    },
    Case {
        name: "bad identity name",
        text: r#"version: 1
name: p
identities:
  release: {kind: key, file: a.pub}
  "re lease": {kind: key, file: b.pub}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.bad-name

  × `re lease` is no name for an identity
   ╭─[policy.yaml:5:3]
 4 │   release: {kind: key, file: a.pub}
 5 │   "re lease": {kind: key, file: b.pub}
   ·   ──────────
 6 │ rules:
   ╰────
  help: use letters, digits, `.`, `_` and `-`, at most 64 of them
"#,
    },
    Case {
        name: "same identity twice",
        text: r#"version: 1
name: p
identities:
  release: {kind: key, file: a.pub}
  second: {kind: key, file: a.pub}
rules:
- id: r
  require: {signatures: release}
"#,
        rendered: r#"policy.same-identity

  × identity `second` is the same as `release`
   ╭─[policy.yaml:5:3]
 4 │   release: {kind: key, file: a.pub}
 5 │   second: {kind: key, file: a.pub}
   ·   ──────
 6 │ rules:
   ╰────
  help: use `release`, one signature would count twice
"#,
    },
];
