//! Policy, evidence and clock in, verdict out. The same values give the same verdict.

use std::collections::BTreeSet;

use jiff::Timestamp;
use toolkit_attest::Identity;
use toolkit_oci::{Digest, Reference};

use crate::evidence::{Contents, Evidence, PlatformEvidence};
use crate::exception;
use crate::model::{LoadedPolicy, NoMatch, Rule};
use crate::rules::{
    attestations, contents, image, licences, packages, provenance, reference, sbom, signatures,
    vulnerabilities,
};
use crate::verdict::{
    CheckId, CheckResult, Code, Outcome, PlatformName, Report, UnusedEvidence, Verdict,
};
use toolkit_vulndb::config::Span;

/// Judges one image: all rules that match apply, and deny beats undecided beats allow.
pub fn evaluate(policy: &LoadedPolicy, evidence: &Evidence, now: Timestamp) -> Verdict {
    let context = Context {
        policy,
        evidence,
        now,
    };
    let rules: Vec<&Rule> = policy
        .policy
        .rules
        .iter()
        .filter(|rule| context.applies(rule))
        .collect();
    let mut results = Vec::new();
    for rule in &rules {
        reference::judge(&context, rule, &mut results);
        signatures::judge(&context, rule, &mut results);
        attestations::judge(&context, rule, &mut results);
        provenance::judge(&context, rule, &mut results);
        image::judge(&context, rule, &mut results);
        sbom::judge(&context, rule, &mut results);
        vulnerabilities::judge(&context, rule, &mut results);
        packages::judge(&context, rule, &mut results);
        licences::judge(&context, rule, &mut results);
    }
    if rules.is_empty() {
        results.push(context.unmatched());
    }
    let exceptions = exception::apply(&policy.policy, evidence, now, &mut results);
    let worst = results
        .iter()
        .filter(|result| result.excepted_by.is_none())
        .map(|result| result.outcome)
        .max();
    let report = Report {
        policy: policy.policy.name.clone(),
        image: evidence.reference.name.as_ref().map(Reference::name),
        digest: evidence.digest.clone(),
        platforms: evidence
            .platforms
            .iter()
            .map(|platform| PlatformName {
                digest: platform.digest.clone(),
                platform: platform.name(),
            })
            .collect(),
        judged_at: now,
        rules: rules.iter().map(|rule| rule.id.clone()).collect(),
        unused_evidence: unused(evidence, &results),
        results,
        exceptions,
    };
    match worst {
        Some(Outcome::Fail) => Verdict::Deny(report),
        Some(Outcome::Undecided) => Verdict::Undecided(report),
        Some(Outcome::Pass) | None => Verdict::Allow(report),
    }
}

/// What of an image's contents the rules that match it ask for. Reading it costs a pass over the layers, so it is asked first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Whether the packages in the layers of every platform are asked for.
    pub layers: bool,
    /// The attestations whose SBOM is judged, by platform and digest of the bundle.
    pub bills: BTreeSet<(Digest, Digest)>,
    /// Whether known vulnerabilities are asked for.
    pub database: bool,
}

impl Needs {
    /// Tells what is needed to judge an image, of which everything but its contents is collected.
    #[must_use]
    pub fn of(policy: &LoadedPolicy, evidence: &Evidence, now: Timestamp) -> Self {
        let context = Context {
            policy,
            evidence,
            now,
        };
        let mut needs = Self::default();
        let rules = policy.policy.rules.iter();
        for rule in rules.filter(|rule| context.applies(rule)) {
            if rule.require.contents().is_none() {
                continue;
            }
            needs.layers = true;
            needs.database |= rule.require.vulnerabilities.is_some();
            for platform in &evidence.platforms {
                let judged = contents::judged(&context, rule, &platform.digest);
                needs.bills.extend(
                    judged
                        .iter()
                        .map(|verified| (platform.digest.clone(), verified.bundle().clone())),
                );
            }
        }
        needs
    }
}

/// What the rules judge by.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) policy: &'a LoadedPolicy,
    pub(crate) evidence: &'a Evidence,
    pub(crate) now: Timestamp,
}

impl<'a> Context<'a> {
    pub(crate) fn identity(&self, name: &str) -> Option<&'a Identity> {
        self.policy.identities.get(name)
    }

    /// Begins the result of a check on the digest that was resolved; it fails until it is said to have ended otherwise.
    pub(crate) fn result(
        &self,
        rule: &Rule,
        check: CheckId,
        span: Span,
        expected: String,
    ) -> CheckResult {
        CheckResult {
            rule: Some(rule.id.clone()),
            check,
            outcome: Outcome::Fail,
            code: Code::NoRule,
            expected,
            found: String::new(),
            next: None,
            at: Some(self.policy.policy.place(span)),
            subject: self.evidence.digest.clone(),
            platform: None,
            evidence: Vec::new(),
            standing: None,
            excepted_by: None,
            items: Vec::new(),
            noted: Vec::new(),
        }
    }

    /// Yields what is in a platform, where it was looked at.
    pub(crate) fn contents(&self, platform: &Digest) -> Option<&'a Contents> {
        self.evidence
            .contents
            .iter()
            .find(|contents| contents.platform == *platform)
    }

    fn applies(&self, rule: &Rule) -> bool {
        let Some(patterns) = &rule.images else {
            return true;
        };
        let Some(name) = self.evidence.reference.name.as_ref().map(Reference::name) else {
            return false;
        };
        // `ghcr.io:443/a` is `ghcr.io/a` by another name; written so, an image must not slip past the rules for it.
        let names = [without_default_port(&name), Some(name)];
        names.iter().flatten().any(|name| {
            patterns
                .iter()
                .any(|pattern| pattern.matches(name, &[&self.evidence.digest]))
        })
    }

    fn unmatched(&self) -> CheckResult {
        let (outcome, code, next) = match self.policy.policy.no_match {
            NoMatch::Deny => (
                Outcome::Fail,
                Code::NoRule,
                Some("write a rule that matches the image".to_owned()),
            ),
            NoMatch::Allow => (Outcome::Pass, Code::NoRuleAllowed, None),
        };
        let found = match &self.evidence.reference.name {
            Some(name) => format!("no rule matches `{}`", name.name()),
            None => "no rule matches a local image".to_owned(),
        };
        CheckResult {
            rule: None,
            check: CheckId::Match,
            outcome,
            code,
            expected: "a rule that matches the image".to_owned(),
            found,
            next,
            at: None,
            subject: self.evidence.digest.clone(),
            platform: None,
            evidence: Vec::new(),
            standing: None,
            excepted_by: None,
            items: Vec::new(),
            noted: Vec::new(),
        }
    }
}

/// Drops the port of HTTPS from a name; `None` where it has another or none.
fn without_default_port(name: &str) -> Option<String> {
    let (registry, repository) = name.split_once('/')?;
    Some(format!("{}/{repository}", registry.strip_suffix(":443")?))
}

impl CheckResult {
    /// Makes it a result about one of the platforms.
    pub(crate) fn for_platform(
        mut self,
        context: &Context<'_>,
        platform: &PlatformEvidence,
    ) -> Self {
        self.subject = platform.digest.clone();
        if platform.digest != context.evidence.digest || context.evidence.platforms.len() > 1 {
            self.platform = Some(platform.name());
        }
        self
    }

    pub(crate) fn ended(
        mut self,
        outcome: Outcome,
        code: Code,
        found: &str,
        next: Option<&str>,
    ) -> Self {
        self.outcome = outcome;
        self.code = code;
        self.found = found.to_owned();
        self.next = next.map(str::to_owned);
        self
    }
}

/// Lists the evidence that no result rests on.
fn unused(evidence: &Evidence, results: &[CheckResult]) -> Vec<UnusedEvidence> {
    let used: BTreeSet<_> = results.iter().flat_map(|result| &result.evidence).collect();
    let verified = evidence
        .attestations
        .iter()
        .filter(|verified| !used.contains(verified.bundle()))
        .map(|verified| UnusedEvidence {
            subject: verified.artifact().clone(),
            bundle: Some(verified.bundle().clone()),
            predicate_type: verified
                .statement()
                .map(|statement| statement.predicate_type().to_owned()),
            signer: Some(verified.signer().name()),
            refusal: None,
        });
    let refused = evidence.refused.iter().map(UnusedEvidence::from);
    verified.chain(refused).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evidence::{DigestTyped, ReferenceFacts};

    #[test]
    fn the_port_of_https_does_not_hide_an_image_from_its_rules() {
        let text = r#"version: 1
name: p
rules:
- id: r
  match: {images: ["ghcr.io/acme/**"]}
  require: {reference: {registries: ["ghcr.io"]}}
noMatch: allow
"#;
        let now = Timestamp::UNIX_EPOCH;
        let policy = crate::check("policy.yaml", text, now).expect("a policy");
        let policy = policy.load_keys(&BTreeMap::new()).expect("no keys");
        for (name, expected) in [
            ("ghcr.io/acme/app", Outcome::Pass),
            // Its rule applies; that the registry is written otherwise is then its fault.
            ("ghcr.io:443/acme/app", Outcome::Fail),
            ("GHCR.io:443/acme/app", Outcome::Fail),
            // Another registry, which no rule matches.
            ("ghcr.io:444/acme/app", Outcome::Pass),
        ] {
            let evidence = Evidence {
                reference: ReferenceFacts {
                    name: Some(Reference::parse(name).expect("a reference")),
                    typed: DigestTyped::No,
                },
                digest: Digest::sha256(b"image"),
                platforms: Vec::new(),
                attestations: Vec::new(),
                refused: Vec::new(),
                gaps: Vec::new(),
                contents: Vec::new(),
                database: crate::DatabaseEvidence::NotAsked,
            };
            assert_eq!(
                evaluate(&policy, &evidence, now).outcome(),
                expected,
                "{name}"
            );
        }
    }
}
