//! `provenance`: who says how the image was built, from which source, and whether the certificate agrees.
//!
//! SLSA provenance v1 (`https://slsa.dev/provenance/v1`), read by `toolkit-attest`. Every field that the certificate of
//! its signer states as well is compared with it (extensions `.9`, `.11` to `.15`, `.17`, `.18`, `.20`, `.21`): one that
//! contradicts fails, whatever the rule asks for. One without counterpart is the word of that signer and builder, and
//! shown as `claimed`.

use toolkit_attest::predicate::slsa::{Marked, Provenance, Standing as Mark};
use toolkit_attest::{Pattern, Signer, Statement, Verified, predicate};

use super::who::{Answer, Wanted, ask, candidates, describe, expected, is_by};
use crate::evaluate::Context;
use crate::model::{ProvenanceRule, Rule, Who};
use crate::verdict::{CheckId, CheckResult, Code, Outcome, Standing};
use toolkit_vulndb::config::{At, Span};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.provenance else {
        return;
    };
    let subject = &context.evidence.digest;
    let all = candidates(context, subject, Wanted::Provenance);
    let by = &demand.value.by;
    let answer = ask(context, by, subject, Wanted::Provenance, &all);
    let signed = answer.outcome == Outcome::Pass;
    let answer = older(context, by, &answer).unwrap_or(answer);
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

/// Says that those whom the rule names stated provenance in a version that is not judged: it is there and not read, so the question is open.
fn older<'a>(context: &Context<'a>, by: &Who, answer: &Answer<'a>) -> Option<Answer<'a>> {
    // Refused, unreachable or unreadable evidence is the graver news.
    if !matches!(
        answer.code,
        Code::AttestationMissing | Code::IdentityMismatch
    ) {
        return None;
    }
    let subject = &context.evidence.digest;
    let old: Vec<&Verified> = context
        .evidence
        .attestations
        .iter()
        .filter(|verified| {
            verified.artifact() == subject
                && verified.statement().is_some_and(|statement| {
                    statement.predicate_type() == predicate::SLSA_PROVENANCE_V0_2
                })
        })
        .collect();
    let stated = ask(context, by, subject, Wanted::Provenance, &old);
    (stated.outcome == Outcome::Pass).then(|| Answer {
        outcome: Outcome::Undecided,
        code: Code::EvidenceUnsupported,
        found: format!(
            "{} of type `{}`, and only `{}` is judged",
            stated.found,
            predicate::SLSA_PROVENANCE_V0_2,
            predicate::SLSA_PROVENANCE_V1
        ),
        next: Some("have the builder state SLSA provenance v1".to_owned()),
        used: Vec::new(),
    })
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
    span: Span,
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
    let provenance = match Provenance::read(statement) {
        Ok(provenance) => provenance,
        Err(error) => {
            return vec![Field {
                check: CheckId::ProvenanceCertificate,
                span: demand.span,
                code: Code::ProvenanceFieldMissing,
                expected: "provenance that can be read".to_owned(),
                found: error.to_string(),
                standing: None,
            }];
        }
    };
    let marks = provenance.marks(signer.certificate());
    let mut fields = vec![agreement(demand, &marks, signer)];
    if let Some(builders) = &demand.value.builders {
        let expected = format!("builder {}", or(&builders.value));
        let asked = Asked {
            name: "builder",
            field: "builder.id",
            patterns: &builders.value,
            otherwise: Code::BuilderNotAllowed,
        };
        fields.push(asked.judge(CheckId::ProvenanceBuilder, builders.span, expected, &marks));
    }
    if let Some(repository) = &demand.value.repository {
        let expected = format!("source `{}`", repository.value);
        let patterns = std::slice::from_ref(&repository.value);
        let asked = Asked {
            name: "source",
            field: "source.repository",
            patterns,
            otherwise: Code::SourceNotAllowed,
        };
        fields.push(asked.judge(CheckId::ProvenanceSource, repository.span, expected, &marks));
    }
    if let Some(refs) = &demand.value.refs {
        let expected = format!("source ref {}", or(&refs.value));
        let asked = Asked {
            name: "source ref",
            field: "source.ref",
            patterns: &refs.value,
            otherwise: Code::RefNotAllowed,
        };
        fields.push(asked.judge(CheckId::ProvenanceRef, refs.span, expected, &marks));
    }
    fields
}

fn or(patterns: &[Pattern]) -> String {
    patterns
        .iter()
        .map(|pattern| format!("`{pattern}`"))
        .collect::<Vec<_>>()
        .join(" or ")
}

/// What a rule asks of one field.
struct Asked<'a> {
    /// The field's name for people.
    name: &'static str,
    /// Its name among the marks.
    field: &'static str,
    patterns: &'a [Pattern],
    /// Why it fails where no pattern matches.
    otherwise: Code,
}

impl Asked<'_> {
    fn judge(&self, check: CheckId, span: Span, expected: String, marks: &[Marked]) -> Field {
        let name = self.name;
        let Some(mark) = marks.iter().find(|mark| mark.field == self.field) else {
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
        let allowed = self
            .patterns
            .iter()
            .any(|pattern| pattern.matches(&mark.value));
        let standing = standing(&mark.standing);
        let code = match standing {
            // What the certificate denies is no fact that a pattern could allow.
            Standing::Contradicted => Code::ProvenanceContradicted,
            _ if allowed => Code::Ok,
            _ => self.otherwise,
        };
        Field {
            check,
            span,
            code,
            expected,
            found: format!("{name} `{}` ({standing})", mark.value),
            standing: Some(standing),
        }
    }
}

/// Judges whether anything in the provenance contradicts the certificate.
fn agreement(demand: &At<ProvenanceRule>, marks: &[Marked], signer: &Signer) -> Field {
    let field = |code, expected: String, found: String, standing| Field {
        check: CheckId::ProvenanceCertificate,
        span: demand.span,
        code,
        expected,
        found,
        standing: Some(standing),
    };
    let agrees = "nothing that contradicts the certificate".to_owned();
    if signer.certificate().is_none() {
        return field(
            Code::Ok,
            agrees,
            "signed with a key: every field is claimed".to_owned(),
            Standing::Claimed,
        );
    }
    let contradicted = marks.iter().find_map(|mark| match &mark.standing {
        Mark::Contradicted { certificate } => Some((mark, certificate)),
        _ => None,
    });
    if let Some((mark, certificate)) = contradicted {
        let expected = format!("{} `{certificate}`, as the certificate says", mark.field);
        let found = format!("{} `{}` in the provenance", mark.field, mark.value);
        return field(
            Code::ProvenanceContradicted,
            expected,
            found,
            Standing::Contradicted,
        );
    }
    let named = |wanted: Standing| {
        let names: Vec<&str> = marks
            .iter()
            .filter(|mark| standing(&mark.standing) == wanted)
            .map(|mark| mark.field)
            .collect();
        (!names.is_empty()).then(|| format!("{wanted}: {}", names.join(", ")))
    };
    let (certified, claimed) = (named(Standing::Certified), named(Standing::Claimed));
    let overall = if claimed.is_none() && certified.is_some() {
        Standing::Certified
    } else {
        Standing::Claimed
    };
    let found = [certified, claimed]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ");
    field(Code::Ok, agrees, found, overall)
}

fn standing(mark: &Mark) -> Standing {
    match mark {
        Mark::Certified => Standing::Certified,
        Mark::Contradicted { .. } => Standing::Contradicted,
        // What a program observed about itself is its own word here.
        Mark::Claimed | Mark::Observed => Standing::Claimed,
    }
}
