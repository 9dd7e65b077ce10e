//! A verdict as every output shows it: who was asked about what, each check, and the code that follows.

use std::path::Path;

use serde::Serialize;
use toolkit_oci::Digest;
use toolkit_policy::{
    CheckResult, Code, ExceptionReport, Outcome, PlatformName, Refused, Report, UnusedEvidence,
    Verdict,
};

use crate::exit::Exit;

/// Holds one verdict with everything that led to it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Judgement {
    /// The target as typed.
    pub(crate) target: String,
    /// The digest that was judged.
    pub(crate) digest: Digest,
    /// The answer.
    #[serde(serialize_with = "name_of")]
    pub(crate) verdict: Outcome,
    /// The number to end with.
    #[serde(serialize_with = "number_of")]
    pub(crate) exit_code: Exit,
    /// The policy, where there is one.
    pub(crate) policy: Option<PolicyName>,
    /// Where the trust root came from, and its age.
    pub(crate) trust_root: String,
    /// The platforms below the digest.
    pub(crate) platforms: Vec<PlatformName>,
    /// Every check.
    pub(crate) results: Vec<CheckResult>,
    /// What became of the policy's exceptions.
    pub(crate) exceptions: Vec<ExceptionReport>,
    /// Evidence that no check used.
    pub(crate) unused_evidence: Vec<UnusedEvidence>,
}

/// Names a policy.
#[derive(Debug, Serialize)]
pub(crate) struct PolicyName {
    /// Its own name.
    pub(crate) name: String,
    /// Its file.
    pub(crate) file: String,
}

impl Judgement {
    /// Takes a policy's verdict: 0, 1, 3, or 4 where nothing but the database of vulnerabilities keeps it from being decided.
    pub(crate) fn of_policy(
        target: &str,
        file: &Path,
        trust_root: String,
        verdict: &Verdict,
    ) -> Self {
        let report = verdict.report().clone();
        let exit_code = match verdict.outcome() {
            Outcome::Pass => Exit::Yes,
            Outcome::Fail => Exit::No,
            Outcome::Undecided => undecided(verdict.report()),
        };
        Self {
            target: target.to_owned(),
            digest: report.digest,
            verdict: verdict.outcome(),
            exit_code,
            policy: Some(PolicyName {
                name: report.policy,
                file: file.display().to_string(),
            }),
            trust_root,
            platforms: report.platforms,
            results: report.results,
            exceptions: report.exceptions,
            unused_evidence: report.unused_evidence,
        }
    }

    /// Takes the results of a judgement without a policy, and the evidence that was refused: the gravest reason is the code.
    pub(crate) fn of_results(
        target: &str,
        digest: Digest,
        trust_root: String,
        results: Vec<CheckResult>,
        refused: &[Refused],
    ) -> Self {
        let open = results
            .iter()
            .filter(|result| result.outcome != Outcome::Pass);
        // A reason without a number of its own is a plain no.
        let reasons = open.map(|result| {
            result
                .code
                .number()
                .and_then(Exit::from_code)
                .unwrap_or(Exit::No)
        });
        let exit_code = Exit::gravest(reasons);
        let verdict = match exit_code {
            Exit::Yes if results.is_empty() => Outcome::Undecided,
            Exit::Yes => Outcome::Pass,
            Exit::Unreachable => Outcome::Undecided,
            _ => Outcome::Fail,
        };
        let exit_code = if verdict == Outcome::Undecided {
            Exit::Unreachable
        } else {
            exit_code
        };
        Self {
            target: target.to_owned(),
            digest,
            verdict,
            exit_code,
            policy: None,
            trust_root,
            platforms: Vec::new(),
            results,
            exceptions: Vec::new(),
            unused_evidence: refused.iter().map(UnusedEvidence::from).collect(),
        }
    }

    /// Counts the checks that ended so and are not excepted, or passed.
    pub(crate) fn count(&self, outcome: Outcome) -> usize {
        let counted = |result: &&CheckResult| match outcome {
            Outcome::Pass => result.outcome == Outcome::Pass || result.excepted_by.is_some(),
            other => result.outcome == other && result.excepted_by.is_none(),
        };
        self.results.iter().filter(counted).count()
    }

    /// Returns the code of the first check that stands against the target, as the report lists them.
    pub(crate) fn first_open_code(&self) -> Option<Code> {
        let of = |outcome| {
            self.results
                .iter()
                .find(|result| result.outcome == outcome && result.excepted_by.is_none())
        };
        of(Outcome::Fail)
            .or_else(|| of(Outcome::Undecided))
            .map(|result| result.code)
    }

    /// Says in one line how many checks ended how.
    pub(crate) fn tally(&self) -> String {
        let (failed, undecided, passed) = (
            self.count(Outcome::Fail),
            self.count(Outcome::Undecided),
            self.count(Outcome::Pass),
        );
        format!("{failed} failed, {undecided} undecided, {passed} passed")
    }
}

/// Of several reasons that nothing is decided, one that is not the database's comes first.
fn undecided(report: &Report) -> Exit {
    let database = Some(Exit::Database.code());
    if report.open().all(|result| result.code.number() == database) {
        Exit::Database
    } else {
        Exit::Unreachable
    }
}

/// Says the verdict in the word that opens a report.
pub(crate) fn word(verdict: Outcome) -> &'static str {
    match verdict {
        Outcome::Pass => "PASS",
        Outcome::Fail => "FAIL",
        Outcome::Undecided => "UNDECIDED",
    }
}

/// Says the verdict in the word that programs read.
pub(crate) fn verdict_name(verdict: Outcome) -> &'static str {
    match verdict {
        Outcome::Pass => "allow",
        Outcome::Fail => "deny",
        Outcome::Undecided => "undecided",
    }
}

fn name_of<S: serde::Serializer>(verdict: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict_name(*verdict))
}

fn number_of<S: serde::Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(exit.code())
}
