//! Finds the entry of a code, guesses what a misspelt one was to be, and renders entries and page as Markdown.

use toolkit_attest::ReasonCode;
use toolkit_policy::Code;

use super::{Entry, checks, faults, reasons, results};
use crate::exit::Exit;

/// Renders what is known of a code: an exit code's number, or a word that a report prints.
pub(crate) fn entry(code: &str) -> Option<String> {
    if let Some(exit) = code.parse().ok().and_then(Exit::from_code) {
        return Some(exit.entry());
    }
    for (family, prefix) in FAMILIES {
        let Some(last) = code.strip_prefix(prefix).filter(|last| !last.is_empty()) else {
            continue;
        };
        if code == family {
            break;
        }
        let family = find(family)?.render(Kind::of(family));
        let is_reason = family_of_reasons(prefix);
        return match (is_reason, find_in(reasons::ENTRIES, last)) {
            (true, Some(reason)) => Some(format!("{family}\n{}", reason.render(Kind::Reason))),
            (true, None) => None,
            (false, _) => Some(family),
        };
    }
    // A check of contents and how it ends share a name.
    let named = KINDS.into_iter().flat_map(|(kind, entries)| {
        let entries = entries.iter().filter(|entry| entry.code == code);
        entries.map(move |entry| entry.render(kind))
    });
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| named.join("\n"))
}

/// Finds the code that was probably meant.
pub(crate) fn guess(code: &str) -> Option<&'static str> {
    nearest(&code.to_lowercase(), all().map(|known| known.code))
}

/// Finds the word that was probably meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(known, word), known))
        .filter(|(alike, _)| *alike >= SIMILAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Renders the page of all codes but the exit codes.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# Reason codes\n\nEvery code that a report of `toolkit` prints beside a check, a refused bundle or a fault of a policy file. `toolkit explain CODE` prints\none entry, `toolkit explain` the lists. The numbers a command ends with are in [exit-codes.md](exit-codes.md).\n",
    );
    for (kind, entries) in KINDS {
        page.push_str(&format!("\n# {}\n\n{}\n", kind.title(), kind.about()));
        for entry in entries {
            page.push('\n');
            page.push_str(&entry.render(kind));
        }
    }
    page
}

/// Lists the codes by kind, each on its line with the beginning of its meaning.
pub(crate) fn list() -> String {
    let mut list = String::new();
    for (kind, entries) in KINDS {
        list.push_str(&format!("\n{}\n\n", kind.title()));
        for entry in entries {
            list.push_str(&format!(
                "  {:<34} {}\n",
                entry.code,
                entry.first_sentence()
            ));
        }
    }
    list
}

/// Is how alike (Jaro-Winkler) a word must be to a code to be taken for it; clap uses 0.7 for whole words, these share beginnings.
const SIMILAR: f64 = 0.85;

/// Lists the codes that end in a word of their own, with what they begin with.
const FAMILIES: [(&str, &str); 3] = [
    (results::REFUSED, "evidence.refused."),
    (results::UNREADABLE, "evidence.unreadable."),
    (checks::ATTESTATIONS, "attestations."),
];

fn family_of_reasons(prefix: &str) -> bool {
    prefix.starts_with("evidence.")
}

/// Lists all entries by kind, in the order of the page.
const KINDS: [(Kind, &[Entry]); 4] = [
    (Kind::Check, checks::ENTRIES),
    (Kind::Result, results::ENTRIES),
    (Kind::Reason, reasons::ENTRIES),
    (Kind::Fault, faults::ENTRIES),
];

fn all() -> impl Iterator<Item = &'static Entry> {
    KINDS.into_iter().flat_map(|(_, entries)| entries)
}

fn find(code: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.code == code)
}

fn find_in(entries: &'static [Entry], code: &str) -> Option<&'static Entry> {
    entries.iter().find(|entry| entry.code == code)
}

/// Says what an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Check,
    Result,
    Reason,
    Fault,
}

impl Kind {
    fn of(code: &str) -> Self {
        KINDS
            .into_iter()
            .find(|(_, entries)| entries.iter().any(|entry| entry.code == code))
            .map_or(Self::Reason, |(kind, _)| kind)
    }

    fn title(self) -> &'static str {
        match self {
            Self::Check => "Checks",
            Self::Result => "How a check ended",
            Self::Reason => "Why a bundle was refused",
            Self::Fault => "Faults of a policy file",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Check => "What a line of a report asks.",
            Self::Result => "The code in brackets behind a check, and `code` in the JSON.",
            Self::Reason => {
                "The word with which a refusal begins, in `verify`, `tree` and behind `evidence.refused.` and `evidence.unreadable.`."
            }
            Self::Fault => {
                "The code above a fault. All faults of a file are shown in one run, which ends with 2."
            }
        }
    }
}

impl Entry {
    fn render(&self, kind: Kind) -> String {
        let mut text = format!("## `{}`\n\n{}\n", self.code, self.meaning);
        let remedy = match kind {
            Kind::Check => "Results",
            _ => "What to do",
        };
        for (title, part) in [("Usual causes", self.causes), (remedy, self.remedy)] {
            if !part.is_empty() {
                text.push_str(&format!("\n{title}: {part}\n"));
            }
        }
        if let Some(exits) = self.exits(kind) {
            text.push_str(&format!("\nExit code: {exits}\n"));
        }
        text
    }

    fn exits(&self, kind: Kind) -> Option<String> {
        match kind {
            // A check has a result, and the result a code.
            Kind::Check => None,
            Kind::Fault => Some("2.".to_owned()),
            Kind::Reason => {
                let reason = ReasonCode::all()
                    .iter()
                    .find(|reason| reason.as_str() == self.code)?;
                Some(format!(
                    "{}. With a policy 1 where a rule needs the evidence, or 3 where it could not be read.",
                    reason.number()
                ))
            }
            Kind::Result => Some(match (self.code, self.number()) {
                ("ok" | "match.none-allowed", _) => "0, where every check ends so.".to_owned(),
                (results::REFUSED, _) => "1 with a policy, else that of the reason.".to_owned(),
                (results::UNREADABLE, _) => "3 with a policy, else that of the reason.".to_owned(),
                ("image.user-named", _) | (_, Some(3)) => "3: the question is open.".to_owned(),
                (_, Some(4)) => "4: the question is open, for want of a database; 3 where another one is open too.".to_owned(),
                (code, _) if results::BY_POLICY.contains(&code) => {
                    "1, or 3 where the policy or the comparison of versions leaves it undecided.".to_owned()
                }
                (_, Some(number)) => format!("1 with a policy, else {number}."),
                (_, None) => "1.".to_owned(),
            }),
        }
    }

    fn number(&self) -> Option<u8> {
        Code::all()
            .find(|code| code.name() == self.code)
            .and_then(Code::number)
    }

    fn first_sentence(&self) -> &'static str {
        self.meaning
            .split_once(". ")
            .map_or(self.meaning.trim_end_matches('.'), |(first, _)| first)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use toolkit_policy::{CheckId, Fault};

    use super::*;

    /// The codes are those of the libraries' enums: a new variant without an entry fails here, and so does an entry of a code that is gone.
    #[test]
    fn every_code_that_can_be_printed_is_explained() {
        let prints: [(Kind, BTreeSet<String>); 4] = [
            (
                Kind::Check,
                CheckId::all("TYPE")
                    .map(|check| check.to_string())
                    .collect(),
            ),
            (
                Kind::Result,
                Code::all()
                    .map(|code| match code {
                        Code::EvidenceRefused(_) => results::REFUSED.to_owned(),
                        Code::EvidenceUnreadable(_) => results::UNREADABLE.to_owned(),
                        other => other.name(),
                    })
                    .collect(),
            ),
            (
                Kind::Reason,
                ReasonCode::all()
                    .iter()
                    .map(|reason| reason.as_str().to_owned())
                    .collect(),
            ),
            (Kind::Fault, Fault::codes().collect()),
        ];
        for ((kind, entries), (expected_kind, printed)) in KINDS.into_iter().zip(prints) {
            assert_eq!(kind, expected_kind);
            let explained: BTreeSet<String> =
                entries.iter().map(|entry| entry.code.to_owned()).collect();
            assert_eq!(explained, printed, "{kind:?}");
            assert_eq!(explained.len(), entries.len(), "{kind:?}: one stands twice");
        }
        for code in Code::all()
            .map(Code::name)
            .chain(CheckId::all("https://example.com/t/v1").map(|check| check.to_string()))
        {
            assert!(
                entry(&code).is_some_and(|text| text.starts_with("## `")),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_with_a_reason_explains_both() {
        let text = entry("evidence.refused.sct-invalid").expect("an entry");
        assert!(
            text.contains("## `evidence.refused.REASON`") && text.contains("## `sct-invalid`"),
            "{text}"
        );
        assert_eq!(entry("evidence.refused.nonsense"), None);
        assert_eq!(entry("evidence.refused."), None);
        assert_eq!(entry("nonsense"), None);
        assert!(entry("evidence.refused.REASON").is_some());
    }

    #[test]
    fn exit_codes_are_those_of_the_libraries() {
        for (code, expected) in [
            (
                "identity.mismatch",
                "Exit code: 1 with a policy, else 12.\n",
            ),
            (
                "evidence.unreachable",
                "Exit code: 3: the question is open.\n",
            ),
            ("image.user-root", "Exit code: 1.\n"),
            ("policy.unknown-key", "Exit code: 2.\n"),
            ("time-in-future", "Exit code: 16. "),
        ] {
            let text = entry(code).expect("an entry");
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_misspelt_code_is_guessed() {
        for (typed, expected) in [
            ("identity.mismatsch", Some("identity.mismatch")),
            ("signature-missing", Some("signature.missing")),
            ("Image.User", Some("image.user")),
            ("no_certificate", Some("no-certificate")),
            ("9", None),
            ("weather", None),
        ] {
            assert_eq!(guess(typed), expected, "{typed}");
        }
    }
}
