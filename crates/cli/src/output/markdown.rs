//! A verdict as GitHub-flavoured Markdown, for the summary of a job.

use toolkit_policy::Outcome;

use super::text::named;
use super::verdict::{Judgement, word};
use crate::ci::markdown as escape;

/// Renders a verdict; no foreign text in it is markup.
pub(crate) fn verdict(judgement: &Judgement) -> String {
    let mut text = format!(
        "## {}: {}\n\n",
        word(judgement.verdict),
        escape(&named(judgement))
    );
    if let Some(policy) = &judgement.policy {
        text.push_str(&format!(
            "Policy {} ({}), ",
            escape(&policy.name),
            escape(&policy.file)
        ));
    }
    text.push_str(&format!(
        "trust root: {}. {}.\n\n| check | result | expected | found | next step |\n|---|---|---|---|---|\n",
        escape(&judgement.trust_root),
        judgement.tally()
    ));
    for outcome in [Outcome::Fail, Outcome::Undecided, Outcome::Pass] {
        for result in judgement
            .results
            .iter()
            .filter(|result| result.outcome == outcome)
        {
            let platform = result
                .platform
                .as_ref()
                .map(|platform| format!(" on {platform}"))
                .unwrap_or_default();
            let state = match &result.excepted_by {
                Some(exception) => format!("excepted by {exception}"),
                None => outcome.to_string(),
            };
            let cells = [
                format!("{}{platform}", result.check),
                state,
                result.expected.clone(),
                result.found.clone(),
                result.next.clone().unwrap_or_default(),
            ];
            text.push_str(&format!(
                "| {} |\n",
                cells.map(|cell| escape(&cell)).join(" | ")
            ));
        }
    }
    text.push('\n');
    text
}
