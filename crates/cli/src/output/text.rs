//! A verdict for people: the verdict first and last, then what failed with expected, found and the next step, then what passed.

use std::collections::BTreeSet;
use std::fmt::Write;

use toolkit_policy::{CheckResult, ExceptionState, Item, Outcome};

use super::paint::{Mood, Paint};
use super::printable;
use super::verdict::{Judgement, word};

/// Findings or packages of one check that are listed; more do not fit a screen.
const ITEMS: usize = 10;

/// Renders a verdict. Foreign text in it is made harmless.
pub(crate) fn verdict(judgement: &Judgement, paint: Paint) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = render(&mut text, judgement);
    paint.leading(&printable(&text), &WORDS)
}

/// Lists the words that begin the lines of a verdict.
const WORDS: [(&str, Mood); 7] = [
    ("PASS", Mood::Good),
    ("FAIL", Mood::Bad),
    ("UNDECIDED", Mood::Open),
    ("ok", Mood::Good),
    ("undecided", Mood::Open),
    ("warning", Mood::Open),
    ("not used", Mood::Faint),
];

fn render(text: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let head = format!("{} {}", word(judgement.verdict), named(judgement));
    writeln!(text, "{head}")?;
    if let Some(policy) = &judgement.policy {
        writeln!(text, "policy: {} ({})", policy.name, policy.file)?;
    }
    writeln!(text, "trust root: {}\n", judgement.trust_root)?;
    let mut told = Told::default();
    for outcome in [Outcome::Fail, Outcome::Undecided] {
        let open = judgement
            .results
            .iter()
            .filter(|result| result.outcome == outcome && result.excepted_by.is_none());
        for result in open {
            open_result(text, result, judgement, &mut told)?;
        }
    }
    for result in judgement
        .results
        .iter()
        .filter(|result| result.outcome == Outcome::Pass || result.excepted_by.is_some())
    {
        let state = match &result.excepted_by {
            Some(exception) => format!("excepted by {exception}: {}", told.found(&result.found)),
            None => told.found(&result.found),
        };
        writeln!(
            text,
            "  ok         {}{}: {state}",
            result.check,
            place(result, judgement)
        )?;
    }
    for exception in &judgement.exceptions {
        let (head, state) = match exception.state {
            ExceptionState::Expired => ("warning  ", "has expired and covers nothing".to_owned()),
            ExceptionState::Unused => ("warning  ", "is not needed any more".to_owned()),
            ExceptionState::Applied => ("exception", format!("applies: {}", exception.reason)),
            ExceptionState::OtherImage => continue,
        };
        let told = format!(
            "exception {} of {} (until {}) {state}",
            exception.id, exception.owner, exception.expires
        );
        writeln!(text, "  {head}  {}", line(&told))?;
    }
    for unused in &judgement.unused_evidence {
        let kind = unused
            .predicate_type
            .as_deref()
            .unwrap_or("of unknown type");
        let why = match (&unused.refusal, &unused.signer) {
            (Some(refusal), _) => format!("refused: {refusal}"),
            (None, Some(signer)) => format!("by {signer}"),
            (None, None) => "not verified".to_owned(),
        };
        writeln!(text, "  not used   {}", line(&format!("{kind}, {why}")))?;
    }
    if let Some(code) = judgement.first_open_code() {
        writeln!(
            text,
            "\n`toolkit explain {code}` tells more of the code in brackets"
        )?;
    }
    writeln!(
        text,
        "\n{}: {}; exit code {}",
        word(judgement.verdict),
        judgement.tally(),
        judgement.exit_code.code()
    )
}

/// Remembers what a report has said, so that it says it once: who an identity is, and who signed.
#[derive(Default)]
struct Told {
    identities: BTreeSet<String>,
    signer: Option<String>,
}

impl Told {
    /// Leaves out of `NAME is WHO` in a list what stands above already.
    fn expected(&mut self, text: &str) -> String {
        let text = line(text);
        let mut parts = text.split("; ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |kept, part| {
            if part.contains(" is ") && !self.identities.insert(part.to_owned()) {
                kept
            } else {
                format!("{kept}; {part}")
            }
        })
    }

    /// Leaves out a signer behind a fact where it is the one that was named last.
    fn found(&mut self, text: &str) -> String {
        let text = line(text);
        match text.rsplit_once(", signed by ") {
            Some((fact, signer)) if self.signer.as_deref() == Some(signer) => fact.to_owned(),
            Some((_, signer)) => {
                self.signer = Some(signer.to_owned());
                text
            }
            None => text,
        }
    }
}

fn open_result(
    text: &mut String,
    result: &CheckResult,
    judgement: &Judgement,
    told: &mut Told,
) -> std::fmt::Result {
    let state = if result.outcome == Outcome::Fail {
        "FAIL      "
    } else {
        "undecided "
    };
    writeln!(
        text,
        "  {state} {}{} [{}]",
        result.check,
        place(result, judgement),
        result.code
    )?;
    if let (Some(at), Some(policy)) = (&result.at, &judgement.policy) {
        let rule = result
            .rule
            .as_ref()
            .map(|rule| format!(", rule {rule}"))
            .unwrap_or_default();
        writeln!(
            text,
            "             at        {}:{}:{}{rule}",
            policy.file, at.line, at.column
        )?;
    }
    writeln!(
        text,
        "             expected  {}",
        told.expected(&result.expected)
    )?;
    items(text, "found", &result.items, &told.found(&result.found))?;
    if !result.noted.is_empty() {
        items(text, "noted", &result.noted, "")?;
    }
    if let Some(next) = &result.next {
        writeln!(text, "             next      {}", line(next))?;
    }
    Ok(())
}

/// Lists items on lines of their own; without items the text stands for itself.
fn items(text: &mut String, head: &str, items: &[Item], otherwise: &str) -> std::fmt::Result {
    if items.is_empty() {
        return writeln!(text, "             {head}     {}", line(otherwise));
    }
    for (at, item) in items.iter().take(ITEMS).enumerate() {
        let head = if at == 0 { head } else { "     " };
        writeln!(text, "             {head}     {}", line(&item.to_string()))?;
    }
    match items.len().saturating_sub(ITEMS) {
        0 => Ok(()),
        more => writeln!(
            text,
            "                       and {more} more; all with `-o json`"
        ),
    }
}

/// Says where a check looked: the platform, and the bundle where the same check looked at several.
fn place(result: &CheckResult, judgement: &Judgement) -> String {
    let mut place = String::new();
    if let Some(platform) = &result.platform {
        place.push_str(&format!(" on {platform}"));
    }
    let is_twin = |other: &CheckResult| {
        (&other.rule, &other.check, &other.platform)
            == (&result.rule, &result.check, &result.platform)
            && other.evidence != result.evidence
    };
    if judgement.results.iter().any(is_twin) {
        for bundle in &result.evidence {
            let text = bundle.to_string();
            // As many digits as git and docker show of a digest.
            let short = text.get(.."sha256:".len() + 12).unwrap_or(&text);
            place.push_str(&format!(" in {short}"));
        }
    }
    place
}

/// Keeps foreign text on its own line: a name with a newline must not look like a check of its own.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// Names what was judged, with its digest once.
pub(crate) fn named(judgement: &Judgement) -> String {
    let digest = judgement.digest.to_string();
    let target = line(&judgement.target);
    if target.contains(&digest) {
        target
    } else {
        format!("{target} ({digest})")
    }
}

#[cfg(test)]
mod tests {
    use toolkit_oci::Digest;
    use toolkit_policy::UnusedEvidence;

    use super::*;

    #[test]
    fn what_was_told_is_not_told_again() {
        let mut told = Told::default();
        for (text, shown) in [
            (
                "signature by any of (a, b); a is x; b is y",
                "signature by any of (a, b); a is x; b is y",
            ),
            ("provenance by a; a is x", "provenance by a"),
            ("provenance by c; c is z", "provenance by c; c is z"),
            ("a user; with a number", "a user; with a number"),
            ("a user; with a number", "a user; with a number"),
        ] {
            assert_eq!(told.expected(text), shown);
        }
        for (text, shown) in [
            (
                "builder `b`, signed by `s` of i",
                "builder `b`, signed by `s` of i",
            ),
            ("source `r`, signed by `s` of i", "source `r`"),
            (
                "source `r`, signed by `t` of i",
                "source `r`, signed by `t` of i",
            ),
            ("ref `f`, signed by `s` of i", "ref `f`, signed by `s` of i"),
            ("no signature", "no signature"),
            ("no signature", "no signature"),
        ] {
            assert_eq!(told.found(text), shown);
        }
    }

    /// Anybody may attach a bundle whose type is a whole report; in a CI log a line may even be a command to the runner.
    #[test]
    fn evidence_that_nobody_uses_stays_on_its_own_line() {
        let digest = Digest::sha256(b"image");
        let forged = "t\n  ok         signatures: by root\n\nPASS: 0 failed\r::set-output name=verdict::allow";
        let unused = UnusedEvidence {
            subject: digest.clone(),
            bundle: None,
            predicate_type: Some(forged.to_owned()),
            signer: None,
            refusal: Some(forged.to_owned()),
        };
        let mut judgement = Judgement::of_results(
            "registry.example/a",
            digest,
            "root".to_owned(),
            Vec::new(),
            &[],
        );
        let before = verdict(&judgement, Paint::new(false)).lines().count();
        judgement.unused_evidence = vec![
            unused.clone(),
            UnusedEvidence {
                refusal: None,
                signer: Some(forged.to_owned()),
                ..unused
            },
        ];
        let text = verdict(&judgement, Paint::new(false));
        assert_eq!(text.lines().count(), before + 2, "{text}");
        let forged: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("by root"))
            .collect();
        assert!(
            forged
                .iter()
                .all(|line| line.starts_with("  not used   t ")),
            "{text}"
        );
        assert!(!text.contains('\r') && !text.contains("\\u{d}"), "{text}");
    }
}
