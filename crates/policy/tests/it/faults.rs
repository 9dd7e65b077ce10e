//! Every fault of a policy file, as a person sees it.

mod evidence;
mod exceptions;
mod identities;
mod images;
mod packages;
mod rules;
mod scopes;
mod syntax;
mod top;
mod vulnerabilities;
mod who;

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
    let families = [
        syntax::CASES,
        top::CASES,
        identities::CASES,
        who::CASES,
        rules::CASES,
        evidence::CASES,
        images::CASES,
        exceptions::CASES,
        vulnerabilities::CASES,
        packages::CASES,
        scopes::CASES,
    ];
    let mut wrong = Vec::new();
    for case in families.into_iter().flatten() {
        let faults = check("policy.yaml", case.text, now())
            .err()
            .unwrap_or_else(|| panic!("accepted: {}", case.name));
        let rendered = render(&faults);
        if rendered != case.rendered {
            wrong.push(format!("@@@ {}\n{rendered}", case.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases are rendered otherwise:\n{}",
        wrong.len(),
        wrong.join("")
    );
}
