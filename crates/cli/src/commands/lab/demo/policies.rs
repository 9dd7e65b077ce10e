//! The policy files of the demonstration, as a user would write them for these registries and signers.

use jiff::civil::Date;

use super::super::folder::TRUSTED_ROOT;
use super::advisories::{FINDING, PACKAGE};
use crate::args::EMAIL;

/// The policy of the first push: nothing is signed yet, so it asks where the image goes and who it runs as.
pub(super) const PUSH: &str = "push.yaml";
/// The policy that the finished image meets.
pub(super) const RELEASE: &str = "policy.yaml";
/// The same policy for another repository's workflow.
pub(super) const OTHER: &str = "other.yaml";

/// A policy about what is in the image.
pub(super) const CONTENTS: &str = "contents.yaml";
/// The same policy with an exception.
pub(super) const EXCEPTED: &str = "excepted.yaml";

/// Whose workflow builds the image.
pub(super) const REPOSITORY: &str = "acme/widget";
/// Whose workflow does not.
pub(super) const OTHER_REPOSITORY: &str = "acme/gadget";

/// What the policies are written for.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    /// The registry under whose name the push is judged.
    pub(super) pushed_from: &'a str,
    /// Both registries.
    pub(super) registries: [&'a str; 2],
    /// The issuer of e-mail tokens.
    pub(super) issuer: &'a str,
    /// The issuer of workflow tokens.
    pub(super) github_issuer: &'a str,
    /// Whether the image may be asked not to run as root.
    pub(super) non_root: bool,
}

impl Setting<'_> {
    /// Writes the policy of the first push.
    pub(super) fn push(&self) -> String {
        let registry = self.pushed_from;
        format!(
            "version: 1
name: demo-push
rules:
- id: pushed
  require:
    reference: {{registries: [\"{registry}\"]}}
{}noMatch: deny
",
            self.user()
        )
    }

    /// Writes the policy that the finished image meets.
    pub(super) fn release(&self) -> String {
        let Self {
            registries: [first, second],
            issuer,
            github_issuer,
            ..
        } = self;
        format!(
            "version: 1
name: demo-release
trust: {{root: {{file: {TRUSTED_ROOT}}}}}
identities:
  alice:   {{kind: email, address: {EMAIL}, issuer: \"{issuer}\"}}
  release: {{kind: github, repository: {REPOSITORY}, workflow: .github/workflows/release.yml, ref: \"refs/tags/v*\", issuer: \"{github_issuer}\"}}
rules:
- id: released
  match: {{images: [\"{first}/acme/**\", \"{second}/acme/**\"]}}
  require:
    reference: {{registries: [\"{first}\", \"{second}\"], digestRequired: true}}
    signatures: alice
    attestations: [{{type: cyclonedx, by: alice}}, {{type: spdx, by: alice}}]
    provenance:
      by: release
      builders: [\"https://github.com/{REPOSITORY}/.github/workflows/release.yml@refs/tags/v*\"]
      source: {{repository: \"https://github.com/{REPOSITORY}\", refs: [\"refs/tags/v*\"]}}
{}noMatch: deny
",
            self.user()
        )
    }

    /// Writes the policy for the other repository.
    pub(super) fn other(&self) -> String {
        self.release().replace(REPOSITORY, OTHER_REPOSITORY)
    }

    /// Writes the policy about what is in the image. The advisories inside the program are of one day and grow old.
    pub(super) fn contents(&self) -> String {
        let Self { issuer, .. } = self;
        format!(
            "version: 1
name: demo-contents
trust: {{root: {{file: {TRUSTED_ROOT}}}}}
identities:
  alice: {{kind: email, address: {EMAIL}, issuer: \"{issuer}\"}}
rules:
- id: contents
  require:
    attestations: [{{type: cyclonedx, by: alice}}]
    vulnerabilities:
      database: {{maxAge: 9999d}}
      deny: [{{severity: critical}}, {{severity: high, fix: available, grace: 14d, packages: [\"pkg:deb/**\"]}}]
noMatch: deny
"
        )
    }

    /// Writes the same policy with an exception, which ends in a month.
    pub(super) fn excepted(&self, ends: Date) -> String {
        let Self {
            registries: [first, _],
            ..
        } = self;
        format!(
            "{}exceptions:
- id: E1
  checks: [vulnerabilities.denied]
  images: [\"{first}/acme/**\"]
  vulnerabilities: [{FINDING}]
  packages: [\"pkg:deb/debian/{PACKAGE}\"]
  owner: {EMAIL}
  reason: the shell of {PACKAGE} reads no foreign scripts in this image
  expires: {ends}
",
            self.contents()
        )
    }

    fn user(&self) -> &'static str {
        if self.non_root {
            "    image: {user: nonRoot}\n"
        } else {
            ""
        }
    }
}
