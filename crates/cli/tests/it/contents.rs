//! One image with a signed SBOM, a database, a policy about its contents, and one fact changed in each row. The table says what the binary
//! answers: the code, and every check that does not pass with its reason and what was found.
//!
//! The first row changes nothing and passes, so each other row tells what its one fact does.

mod case;
mod rows;

use std::panic::{AssertUnwindSafe, catch_unwind};

use case::{Case, World};

/// A changed fact and how the question ends.
struct Row {
    fact: &'static str,
    change: fn(&mut Case),
    code: i32,
    /// `check outcome code`, and a part of what was found.
    open: &'static [(&'static str, &'static str)],
    /// The same of results that an exception covers.
    excepted: &'static [(&'static str, &'static str)],
}

#[test]
fn each_change_of_what_is_in_an_image_changes_the_verdict_as_the_table_says() {
    let world = World::new();
    let rows = rows::rows();
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut case = Case::new();
            (row.change)(&mut case);
            check(&case.ask(&world, number), row)
        }));
        let reason = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(reason)) => reason,
            Err(panic) => panic
                .downcast_ref::<String>()
                .cloned()
                .unwrap_or_else(|| "it could not be prepared".to_owned()),
        };
        wrong.push(format!("{}\n{reason}", row.fact));
    }
    assert!(
        wrong.is_empty(),
        "{} of {} rows ended otherwise:\n\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n\n")
    );
}

fn check(asked: &case::Asked, row: &Row) -> Result<(), String> {
    let all = || format!("stdout: {}\nstderr: {}", asked.run.stdout, asked.run.stderr);
    if asked.run.code != row.code {
        return Err(format!(
            "code: expected {}, found {}\n{}",
            row.code,
            asked.run.code,
            all()
        ));
    }
    let results: Vec<&serde_json::Value> = asked.answer["results"]
        .as_array()
        .ok_or_else(|| format!("no results\n{}", all()))?
        .iter()
        .collect();
    for (expected, excepted) in [(row.open, false), (row.excepted, true)] {
        let found: Vec<(String, String)> = results
            .iter()
            .filter(|result| {
                result["outcome"] != "pass" && result["exceptedBy"].is_null() != excepted
            })
            .map(|result| {
                let text = |key: &str| result[key].as_str().unwrap_or_default();
                let name = format!("{} {} {}", text("check"), text("outcome"), text("code"));
                let items = result["items"].to_string();
                (name, format!("{} {items}", text("found")))
            })
            .collect();
        let names = |list: &[(String, String)]| -> Vec<String> {
            list.iter().map(|(name, _)| name.clone()).collect()
        };
        let wanted: Vec<String> = expected
            .iter()
            .map(|(name, _)| {
                let mut parts = name.split(' ');
                let (check, outcome) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
                // Codes of contents are named as their checks.
                format!("{check} {outcome} {}", parts.next().unwrap_or(check))
            })
            .collect();
        if names(&found) != wanted {
            return Err(format!(
                "checks: expected {wanted:?}, found {found:?}\n{}",
                all()
            ));
        }
        for ((_, part), (name, text)) in expected.iter().zip(&found) {
            if !text.contains(part) {
                return Err(format!("{name}: expected a part `{part}`, found `{text}`"));
            }
        }
    }
    Ok(())
}
