//! Verdicts on what is in an image: one image with a signed SBOM, what a database says of it, a policy, and one fact changed in each row.
//!
//! Signatures are a lab's; the policy takes nothing that did not verify. The first row of [`findings`] changes nothing and passes, so each other
//! row tells what its one fact does.

mod case;
mod databases;
mod exceptions;
mod findings;
mod lists;
mod sboms;
mod vex;

use toolkit_policy::{CheckResult, Outcome, Verdict};

use case::Case;

/// A changed fact and how the question ends.
struct Row {
    fact: &'static str,
    change: fn(&mut Case),
    verdict: &'static str,
    open: Expected,
    excepted: Expected,
}

/// `check outcome code`, without the code where it is named as the check; and a part of what was found or of its items.
type Expected = &'static [(&'static str, &'static str)];

/// Makes a row that ends in a yes.
fn row(fact: &'static str, change: fn(&mut Case)) -> Row {
    Row {
        fact,
        change,
        verdict: "allow",
        open: &[],
        excepted: &[],
    }
}

impl Row {
    fn denied(self, open: Expected) -> Self {
        let verdict = "deny";
        Self {
            verdict,
            open,
            ..self
        }
    }

    fn undecided(self, open: Expected) -> Self {
        let verdict = "undecided";
        Self {
            verdict,
            open,
            ..self
        }
    }

    fn excepted(self, excepted: Expected) -> Self {
        Self { excepted, ..self }
    }
}

fn assert_rows(rows: Vec<Row>) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let mut case = Case::new();
            (row.change)(&mut case);
            let reason = compared(row, &case.judged()).err()?;
            Some(format!("{}\n{reason}", row.fact))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} rows ended otherwise:\n\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n\n")
    );
}

fn compared(row: &Row, verdict: &Verdict) -> Result<(), String> {
    let results = &verdict.report().results;
    let not_passed = |excepted: bool| {
        results.iter().filter(move |result| {
            result.outcome != Outcome::Pass && result.excepted_by.is_some() == excepted
        })
    };
    let told: Vec<String> = not_passed(false)
        .chain(not_passed(true))
        .map(described)
        .collect();
    if verdict.as_str() != row.verdict {
        return Err(format!(
            "expected {}, found {}: {told:#?}",
            row.verdict,
            verdict.as_str()
        ));
    }
    for (expected, excepted) in [(row.open, false), (row.excepted, true)] {
        let found: Vec<&CheckResult> = not_passed(excepted).collect();
        if found.len() != expected.len() {
            return Err(format!("expected {expected:?}, found {told:#?}"));
        }
        for ((name, part), result) in expected.iter().zip(found) {
            let mut parts = name.split(' ');
            let (check, outcome) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let code = parts.next().unwrap_or(check);
            let text = described(result);
            if !text.starts_with(&format!("{check} {outcome} {code}: ")) || !text.contains(part) {
                return Err(format!("expected {name}: … {part} …, found {text}"));
            }
        }
    }
    Ok(())
}

fn described(result: &CheckResult) -> String {
    let items = serde_json::to_string(&result.items).expect("JSON");
    format!(
        "{} {} {}: {} {items}",
        result.check, result.outcome, result.code, result.found
    )
}
