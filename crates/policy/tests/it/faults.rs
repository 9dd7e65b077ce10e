//! Every fault of a policy file, as a person sees it.

use jiff::Timestamp;
use miette::{GraphicalReportHandler, GraphicalTheme};
use toolkit_policy::{Diagnostic, check};

/// The clock of the tests: exceptions may last until 2027-11-24.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a time")
}

pub(crate) fn render(faults: &[Diagnostic]) -> String {
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    let mut text = String::new();
    for fault in faults {
        handler
            .render_report(&mut text, fault)
            .expect("a report renders");
    }
    // Ends of lines are padded by the renderer.
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

struct Case {
    name: &'static str,
    text: &'static str,
    rendered: &'static str,
}

#[test]
fn every_fault_says_what_to_write() {
    for case in CASES {
        let faults = check("policy.yaml", case.text, now())
            .err()
            .unwrap_or_else(|| panic!("accepted: {}", case.name));
        let rendered = render(&faults);
        assert_eq!(rendered, case.rendered, "{}:\n{rendered}", case.name);
    }
}

const CASES: &[Case] = &[
    Case {
        name: "empty file",
        text: r#""#,
        rendered: r#"policy.empty

  × the policy file is empty
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
  require: {vulnerabilities: {fail: high}}
"#,
        rendered: r#"policy.unknown-key

  × unknown key `vulnerabilities` in `require`
   ╭─[policy.yaml:7:13]
 6 │ - id: r
 7 │   require: {vulnerabilities: {fail: high}}
   ·             ───────────────
   ╰────
  help: allowed: `reference`, `signatures`, `attestations`, `provenance`, `image`
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
  help: name at least a scheme and a host
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
        `provenance`, `image`
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
    Case {
        name: "exception without owner, reason and end",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine]}
"#,
        rendered: r#"policy.missing-key

  × an exception needs the key `owner`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine]}
   ·   ─
   ╰────
policy.missing-key

  × an exception needs the key `reason`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine]}
   ·   ─
   ╰────
policy.missing-key

  × an exception needs the key `expires`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine]}
   ·   ─
   ╰────
"#,
    },
    Case {
        name: "exception without end",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy}
"#,
        rendered: r#"policy.missing-key

  × an exception needs the key `expires`
   ╭─[policy.yaml:9:3]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy}
   ·   ─
   ╰────
"#,
    },
    Case {
        name: "exception from signatures",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [signatures], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.not-exceptable

  × `signatures` cannot be excepted
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: [signatures], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ──────────
   ╰────
  help: an exception may name: `reference.registry`, `reference.digest`, `image.user`,
        `attestations.TYPE`
"#,
    },
    Case {
        name: "exception from a part of provenance",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [provenance.builder], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.not-exceptable

  × `provenance.builder` cannot be excepted
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: [provenance.builder], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ──────────────────
   ╰────
  help: an exception may name: `reference.registry`, `reference.digest`, `image.user`,
        `attestations.TYPE`
"#,
    },
    Case {
        name: "exception from an unknown check",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.usr], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.unknown-value

  × unknown check `image.usr`
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.usr], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ─────────
   ╰────
  help: did you mean `image.user`? allowed: `reference.registry`, `reference.digest`,
        `image.user`, `attestations.TYPE`
"#,
    },
    Case {
        name: "exception from everything",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: ["*"], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.unknown-value

  × unknown check `*`
   ╭─[policy.yaml:9:21]
 8 │ exceptions:
 9 │ - {id: E1, checks: ["*"], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
   ·                     ───
   ╰────
  help: allowed: `reference.registry`, `reference.digest`, `image.user`, `attestations.TYPE`
"#,
    },
    Case {
        name: "exception without reason",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: "", expires: 2027-01-31}
"#,
        rendered: r#"policy.empty-value

  × `reason` must not be empty
   ╭─[policy.yaml:9:72]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: "", expires: 2027-01-31}
   ·                                                                        ──
   ╰────
"#,
    },
    Case {
        name: "exception with another date format",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 31.01.2027}
"#,
        rendered: r#"policy.bad-date

  × `31.01.2027` is no date
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 31.01.2027}
   ·                                                                                         ──────────
   ╰────
  help: write it as `2027-01-31`
"#,
    },
    Case {
        name: "exception with a date that does not exist",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-02-30}
"#,
        rendered: r#"policy.bad-date

  × `2027-02-30` is no date
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-02-30}
   ·                                                                                         ──────────
   ╰────
  help: write it as `2027-01-31`
"#,
    },
    Case {
        name: "exception that never ends",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 9999-12-31}
"#,
        rendered: r#"policy.exception-too-long

  × the exception ends on 9999-12-31, later than 2027-11-24
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 9999-12-31}
   ·                                                                                         ──────────
   ╰────
  help: an exception ends within a year
"#,
    },
    Case {
        name: "exception of more than a year",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-11-25}
"#,
        rendered: r#"policy.exception-too-long

  × the exception ends on 2027-11-25, later than 2027-11-24
   ╭─[policy.yaml:9:89]
 8 │ exceptions:
 9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-11-25}
   ·                                                                                         ──────────
   ╰────
  help: an exception ends within a year
"#,
    },
    Case {
        name: "exception id twice",
        text: r#"version: 1
name: p
identities:
  release: {kind: github, repository: acme/widget}
rules:
- id: r
  require: {signatures: release}
exceptions:
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
- {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
"#,
        rendered: r#"policy.duplicate-id

  × the id `E1` is given twice
    ╭─[policy.yaml:10:8]
  9 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
 10 │ - {id: E1, checks: [image.user], images: [alpine], owner: ops, reason: legacy, expires: 2027-01-31}
    ·        ──
    ╰────
  help: it is first used on line 9
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
