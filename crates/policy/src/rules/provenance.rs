//! `provenance`: who says how the image was built, from which source, and whether the certificate agrees.
//!
//! SLSA provenance v1 (`https://slsa.dev/provenance/v1`). Every field that the certificate of its signer states as well
//! is compared with it: one that contradicts fails, whatever the rule asks for. One without counterpart is the word of
//! that signer and builder, and shown as `claimed`.
//!
//! | field | certificate extension |
//! |---|---|
//! | `runDetails.builder.id`, where it is a workflow | `.9` build signer URI |
//! | git entry of `resolvedDependencies`: repository, ref, commit | `.12`, `.14`, `.13` |
//! | `externalParameters.workflow`: repository, path, ref | `.18` build config URI |
//! | `runDetails.metadata.invocationId`, where it is a URL | `.21` run invocation URI |

use serde_json::Value;
use toolkit_attest::{CertificateFacts, Signer, Statement, Verified};

use super::who::{Wanted, ask, candidates, describe, expected, is_by};
use crate::evaluate::Context;
use crate::model::{At, ProvenanceRule, Rule};
use crate::verdict::{CheckId, CheckResult, Code, Outcome, Standing};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.provenance else {
        return;
    };
    let subject = &context.evidence.digest;
    let all = candidates(context, subject, Wanted::Provenance);
    let by = &demand.value.by;
    let answer = ask(context, by, subject, Wanted::Provenance, &all);
    let signed = answer.outcome == Outcome::Pass;
    let expected = expected(context, by, Wanted::Provenance);
    results.push(
        context
            .result(rule, CheckId::Provenance, demand.span, expected)
            .answered(answer),
    );
    if !signed {
        return;
    }
    // Only what the named signers say counts; others can attach what they like.
    let judged: Vec<Judged<'_>> = all
        .into_iter()
        .filter(|verified| is_by(context, by, verified))
        .filter_map(|verified| Some((verified, verified.statement()?)))
        .map(|(verified, statement)| Judged {
            verified,
            fields: fields(demand, statement, verified.signer()),
        })
        .collect();
    // One provenance that holds is enough for whoever signed it; where none holds, the nearest one is shown.
    let holding: Vec<&Verified> = judged
        .iter()
        .filter(|judged| judged.holds())
        .map(|judged| judged.verified)
        .collect();
    let enough = ask(context, by, subject, Wanted::Provenance, &holding).outcome == Outcome::Pass;
    let nearest = judged
        .iter()
        .map(Judged::faults)
        .filter(|faults| *faults > 0)
        .min();
    for judged in &judged {
        let shown = if enough {
            judged.holds()
        } else {
            Some(judged.faults()) == nearest
        };
        for field in &judged.fields {
            // A signer who contradicts its own certificate is not believed elsewhere either.
            if shown || field.code == Code::ProvenanceContradicted {
                results.push(field.result(context, rule, judged.verified));
            }
        }
    }
}

/// One statement with the results of its fields.
struct Judged<'a> {
    verified: &'a Verified,
    fields: Vec<Field>,
}

impl Judged<'_> {
    fn faults(&self) -> usize {
        self.fields
            .iter()
            .filter(|field| field.code != Code::Ok)
            .count()
    }

    fn holds(&self) -> bool {
        self.faults() == 0
    }
}

/// The result of one field.
#[derive(Debug, PartialEq)]
struct Field {
    check: CheckId,
    span: crate::error::Span,
    code: Code,
    expected: String,
    found: String,
    standing: Option<Standing>,
}

impl Field {
    fn result(&self, context: &Context<'_>, rule: &Rule, verified: &Verified) -> CheckResult {
        let outcome = if self.code == Code::Ok {
            Outcome::Pass
        } else {
            Outcome::Fail
        };
        let next = match self.code {
            Code::Ok => None,
            Code::ProvenanceContradicted => {
                Some("do not use the image: its provenance and its certificate disagree")
            }
            Code::ProvenanceFieldMissing => Some("have the builder state it"),
            _ => Some(
                "build the image where the policy allows it, or allow this place in the policy",
            ),
        };
        let found = format!("{}, signed by {}", self.found, describe(verified));
        let mut result = context
            .result(rule, self.check.clone(), self.span, self.expected.clone())
            .ended(outcome, self.code, &found, next);
        result.standing = self.standing;
        result.evidence = vec![verified.bundle().clone()];
        result
    }
}

/// Judges every field of one statement.
fn fields(demand: &At<ProvenanceRule>, statement: &Statement, signer: &Signer) -> Vec<Field> {
    let certificate = signer.certificate();
    let facts = Facts::read(statement.predicate(), certificate);
    let mut fields = vec![agreement(demand, &facts, certificate)];
    if let Some(builders) = &demand.value.builders {
        let allowed = |id: &str| builders.value.iter().any(|pattern| pattern.matches(id));
        let expected = format!("builder {}", or(&builders.value));
        let standing =
            certificate.and_then(|certificate| builder_standing(facts.builder?, certificate));
        fields.push(compared(
            CheckId::ProvenanceBuilder,
            builders.span,
            expected,
            ("builder", facts.builder),
            allowed,
            Code::BuilderNotAllowed,
            standing,
        ));
    }
    if let Some(repository) = &demand.value.repository {
        let allowed = |found: &str| repository.value.matches(found);
        let expected = format!("source `{}`", repository.value);
        let standing = standing(
            facts.repository,
            certificate.and_then(|facts| facts.source_repository_uri.as_deref()),
        );
        fields.push(compared(
            CheckId::ProvenanceSource,
            repository.span,
            expected,
            ("source", facts.repository),
            allowed,
            Code::SourceNotAllowed,
            standing,
        ));
    }
    if let Some(refs) = &demand.value.refs {
        let allowed = |found: &str| refs.value.iter().any(|pattern| pattern.matches(found));
        let expected = format!("source ref {}", or(&refs.value));
        let standing = standing(
            facts.git_ref,
            certificate.and_then(|facts| facts.source_ref.as_deref()),
        );
        fields.push(compared(
            CheckId::ProvenanceRef,
            refs.span,
            expected,
            ("source ref", facts.git_ref),
            allowed,
            Code::RefNotAllowed,
            standing,
        ));
    }
    fields
}

fn or(patterns: &[toolkit_attest::Pattern]) -> String {
    patterns
        .iter()
        .map(|pattern| format!("`{pattern}`"))
        .collect::<Vec<_>>()
        .join(" or ")
}

/// Judges one field by the patterns of the rule.
fn compared(
    check: CheckId,
    span: crate::error::Span,
    expected: String,
    (name, found): (&str, Option<&str>),
    allowed: impl Fn(&str) -> bool,
    otherwise: Code,
    standing: Option<Standing>,
) -> Field {
    let Some(found) = found else {
        let found = format!("no {name} in the provenance");
        return Field {
            check,
            span,
            code: Code::ProvenanceFieldMissing,
            expected,
            found,
            standing: None,
        };
    };
    let code = if allowed(found) { Code::Ok } else { otherwise };
    let standing = standing.unwrap_or(Standing::Claimed);
    Field {
        check,
        span,
        code,
        expected,
        found: format!("{name} `{found}` ({standing})"),
        standing: Some(standing),
    }
}

/// Judges whether anything in the provenance contradicts the certificate.
fn agreement(
    demand: &At<ProvenanceRule>,
    facts: &Facts<'_>,
    certificate: Option<&CertificateFacts>,
) -> Field {
    let field = |code, expected: &str, found: String, standing| Field {
        check: CheckId::ProvenanceCertificate,
        span: demand.span,
        code,
        expected: expected.to_owned(),
        found,
        standing: Some(standing),
    };
    let agrees = "nothing that contradicts the certificate";
    let Some(certificate) = certificate else {
        return field(
            Code::Ok,
            agrees,
            "signed with a key: every field is claimed".to_owned(),
            Standing::Claimed,
        );
    };
    let (mut certified, mut claimed) = (Vec::new(), Vec::new());
    for (name, found, counterpart) in facts.counterparts(certificate) {
        let Some(found) = found else { continue };
        match counterpart {
            Some(counterpart) if counterpart == found => certified.push(name),
            Some(counterpart) => {
                let found = format!("{name} `{found}` in the provenance");
                return field(
                    Code::ProvenanceContradicted,
                    &format!("{name} `{counterpart}`, as the certificate says"),
                    found,
                    Standing::Contradicted,
                );
            }
            None => claimed.push(name),
        }
    }
    let mut parts = Vec::new();
    if !certified.is_empty() {
        parts.push(format!("certified: {}", certified.join(", ")));
    }
    if !claimed.is_empty() {
        parts.push(format!("claimed: {}", claimed.join(", ")));
    }
    let standing = if claimed.is_empty() && !certified.is_empty() {
        Standing::Certified
    } else {
        Standing::Claimed
    };
    field(
        Code::Ok,
        agrees,
        if parts.is_empty() {
            "no field to compare".to_owned()
        } else {
            parts.join("; ")
        },
        standing,
    )
}

/// Compares a field with its counterpart; `None` where either is absent.
fn standing(found: Option<&str>, counterpart: Option<&str>) -> Option<Standing> {
    Some(if found? == counterpart? {
        Standing::Certified
    } else {
        Standing::Contradicted
    })
}

fn builder_standing(builder: &str, certificate: &CertificateFacts) -> Option<Standing> {
    standing(Some(builder), build_signer(builder, certificate))
}

/// Yields the certificate's counterpart of a builder: only a builder that is a workflow has one.
fn build_signer<'a>(builder: &str, certificate: &'a CertificateFacts) -> Option<&'a str> {
    let is_workflow = builder
        .split_once('@')
        .is_some_and(|(path, _)| path.contains("/.github/workflows/"));
    if is_workflow {
        certificate.build_signer_uri.as_deref()
    } else {
        None
    }
}

/// What a provenance predicate says, as far as a certificate or a rule can be compared with it.
#[derive(Debug, Default, PartialEq)]
struct Facts<'a> {
    builder: Option<&'a str>,
    /// `https://HOST/OWNER/NAME` of the git entry.
    repository: Option<&'a str>,
    git_ref: Option<&'a str>,
    commit: Option<&'a str>,
    /// Repository, path and ref of the workflow, put together as extension `.18` is.
    workflow: Option<String>,
    invocation: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Reads a predicate; what has another shape than the specification's is absent.
    fn read(predicate: &'a Value, certificate: Option<&CertificateFacts>) -> Self {
        let text = |pointer: &str| {
            predicate
                .pointer(pointer)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let workflow = |key: &str| {
            text(&format!(
                "/buildDefinition/externalParameters/workflow/{key}"
            ))
        };
        let entries = predicate
            .pointer("/buildDefinition/resolvedDependencies")
            .and_then(Value::as_array);
        let git: Vec<Git<'_>> = entries
            .into_iter()
            .flatten()
            .filter_map(Git::read)
            .collect();
        let source = Git::source(
            &git,
            workflow("repository"),
            certificate.and_then(|facts| facts.source_repository_uri.as_deref()),
        );
        let assembled = match (workflow("repository"), workflow("path"), workflow("ref")) {
            (Some(repository), Some(path), Some(git_ref)) => {
                Some(format!("{repository}/{path}@{git_ref}"))
            }
            _ => None,
        };
        Self {
            builder: text("/runDetails/builder/id"),
            repository: source.map(|git| git.repository),
            git_ref: source.and_then(|git| git.git_ref),
            commit: source.and_then(|git| git.commit),
            workflow: assembled,
            invocation: text("/runDetails/metadata/invocationId"),
        }
    }

    /// Pairs every field with what the certificate says of it.
    fn counterparts<'s>(
        &'s self,
        certificate: &'s CertificateFacts,
    ) -> [(&'static str, Option<&'s str>, Option<&'s str>); 6] {
        let builder = self
            .builder
            .and_then(|builder| build_signer(builder, certificate));
        // An invocation that is no URL (slsa-github-generator: `RUN-ATTEMPT`) has no counterpart.
        let is_url = self
            .invocation
            .is_some_and(|text| text.starts_with("https://"));
        let invocation = if is_url {
            certificate.run_invocation_uri.as_deref()
        } else {
            None
        };
        [
            ("builder", self.builder, builder),
            (
                "source",
                self.repository,
                certificate.source_repository_uri.as_deref(),
            ),
            (
                "source ref",
                self.git_ref,
                certificate.source_ref.as_deref(),
            ),
            (
                "source commit",
                self.commit,
                certificate.source_digest.as_deref(),
            ),
            (
                "workflow",
                self.workflow.as_deref(),
                certificate.build_config_uri.as_deref(),
            ),
            ("invocation", self.invocation, invocation),
        ]
    }
}

/// A git entry of `resolvedDependencies`: `git+https://HOST/OWNER/NAME@REF` with a commit.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Git<'a> {
    repository: &'a str,
    git_ref: Option<&'a str>,
    commit: Option<&'a str>,
}

impl<'a> Git<'a> {
    fn read(entry: &'a Value) -> Option<Self> {
        let uri = entry
            .get("uri")
            .and_then(Value::as_str)?
            .strip_prefix("git+")?;
        // A host may carry a user (`git@`) and a ref may carry `@`: the ref begins at the first `@refs/`, else at the first
        // `@` behind the host.
        let host_end = uri.find("://").map_or(0, |at| at + 3);
        let path = uri
            .get(host_end..)?
            .find('/')
            .map_or(uri.len(), |at| host_end + at);
        let at = uri.find("@refs/").or_else(|| {
            uri.get(path..)
                .and_then(|rest| rest.find('@'))
                .map(|at| path + at)
        });
        let (repository, git_ref) = match at {
            Some(at) => (uri.get(..at)?, uri.get(at + 1..)),
            None => (uri, None),
        };
        let commit = ["gitCommit", "sha1"].into_iter().find_map(|name| {
            entry
                .pointer(&format!("/digest/{name}"))
                .and_then(Value::as_str)
        });
        Some(Self {
            repository: repository.strip_suffix(".git").unwrap_or(repository),
            git_ref,
            commit,
        })
    }

    /// Chooses the entry that is the source: the workflow's repository, else the certificate's, else the only one.
    /// Several that neither points at are none: a rule must not be satisfied by whichever comes first.
    fn source(entries: &[Self], workflow: Option<&str>, certified: Option<&str>) -> Option<Self> {
        let of = |repository: Option<&str>| {
            entries
                .iter()
                .find(|git| Some(git.repository) == repository)
                .copied()
        };
        of(workflow).or_else(|| of(certified)).or(match entries {
            [only] => Some(*only),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn git_entries() {
        let read = |uri: &str| {
            Git::read(&json!({ "uri": uri, "digest": { "gitCommit": "aa" } }))
                .map(|git| (git.repository.to_owned(), git.git_ref.map(str::to_owned)))
        };
        for (uri, expected) in [
            (
                "git+https://github.com/acme/widget@refs/tags/v1",
                Some(("https://github.com/acme/widget", Some("refs/tags/v1"))),
            ),
            (
                "git+https://github.com/acme/widget.git@refs/heads/a@b",
                Some(("https://github.com/acme/widget", Some("refs/heads/a@b"))),
            ),
            (
                "git+https://github.com/acme/widget",
                Some(("https://github.com/acme/widget", None)),
            ),
            (
                "git+https://github.com/acme/widget@v1",
                Some(("https://github.com/acme/widget", Some("v1"))),
            ),
            (
                "git+ssh://git@host.example/acme/widget@refs/tags/v1",
                Some(("ssh://git@host.example/acme/widget", Some("refs/tags/v1"))),
            ),
            (
                "git+ssh://git@host.example/acme/widget",
                Some(("ssh://git@host.example/acme/widget", None)),
            ),
            ("pkg:docker/alpine@3.20", None),
        ] {
            let expected = expected
                .map(|(repository, git_ref)| (repository.to_owned(), git_ref.map(str::to_owned)));
            assert_eq!(read(uri), expected, "{uri}");
        }
    }

    #[test]
    fn several_git_entries_need_a_pointer() {
        let git = |repository| Git {
            repository,
            git_ref: None,
            commit: None,
        };
        let entries = [git("https://h/a"), git("https://h/b")];
        assert_eq!(Git::source(&entries, None, None), None);
        assert_eq!(
            Git::source(&entries, Some("https://h/b"), None),
            Some(entries[1])
        );
        assert_eq!(
            Git::source(&entries, None, Some("https://h/a")),
            Some(entries[0])
        );
        assert_eq!(
            Git::source(&entries, Some("https://h/x"), Some("https://h/y")),
            None
        );
        assert_eq!(
            Git::source(&entries[..1], Some("https://h/x"), None),
            Some(entries[0])
        );
    }
}
