//! One signed image, and one fact changed in each row: image, evidence, policy, sources or clock. The table says what the binary
//! answers: the code, every check that does not pass with its reason, and what was expected and found.
//!
//! The image is signed once; a row gets a repository of its own with copies of that evidence, and changes one thing. Whoever fails
//! nothing here is told apart by the first row, which changes nothing and passes.

mod case;
mod clock;
mod evidence;
mod flags;
mod image;
mod platforms;
mod policy;
mod provenance;
mod row;
mod signer;
mod sources;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::Case;
use row::Row;
use world::World;

/// Rows that run at the same time; those with a fault mostly wait.
const THREADS: usize = 4;

#[test]
fn each_change_of_one_fact_changes_the_verdict_as_the_table_says() {
    let rows: Vec<Row> = [
        image::rows(),
        evidence::rows(),
        provenance::rows(),
        policy::rows(),
        sources::rows(),
        platforms::rows(),
        clock::rows(),
        flags::rows(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let facts: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.fact).collect();
    assert_eq!(facts.len(), rows.len(), "each row has a fact of its own");
    assert!(rows.len() >= 40, "{} rows", rows.len());
    let world = World::new();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((number, row)) = take(&rows, &next) {
                    if let Err(reason) = check(&world, number, row) {
                        wrong
                            .lock()
                            .expect("a list")
                            .push(format!("{}\n{reason}", row.fact));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("a list");
    assert!(
        wrong.is_empty(),
        "{} of {} rows ended otherwise:\n\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n\n")
    );
}

fn take<'a>(rows: &'a [Row], next: &AtomicUsize) -> Option<(usize, &'a Row)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    rows.get(number).map(|row| (number, row))
}

/// Changes the fact, asks the binary, and compares; a failed preparation is told as a wrong row, so that the others still run.
fn check(world: &World, number: usize, row: &Row) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut case = Case::new(world, number);
        (row.change)(&mut case);
        let asked = case.ask();
        row.ends.check(&asked)
    }));
    outcome.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!(
            "it could not be prepared: {}",
            text.unwrap_or_default()
        ))
    })
}
