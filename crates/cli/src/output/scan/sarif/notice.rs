//! What the results do not show: silence about it would be an all-clear.

use toolkit_vulndb::matching::Level;

use super::super::scanned::Scanned;
use super::model::{DescriptorRef, Notice, Notification, Text};
use super::write::MAX_RESULTS;

/// Is a kind of notice, with what code scanning wants of each.
struct Kind {
    id: &'static str,
    short: &'static str,
    full: &'static str,
    help: &'static str,
}

const CUT: Kind = Kind {
    id: "results-cut",
    short: "There are more results than one run may hold.",
    full: "Code scanning reads no more results of one run, so only the worst are here.",
    help: "Narrow the scan, such as with `--severity` or `--only-fixed`, or read `-o json`, which has all.",
};
const GAP: Kind = Kind {
    id: "not-asked",
    short: "The database says nothing of some packages.",
    full: "The database has no feed of the ecosystem or the release of some packages, so nothing is known of them.",
    help: "Build a database with a feed that covers them, or judge them by other means.",
};
const OPEN: Kind = Kind {
    id: "undetermined",
    short: "Some versions could not be ordered.",
    full: "Some versions cannot be ordered by the rules of their ecosystem, so nobody can tell whether they are affected.",
    help: "`toolkit scan TARGET --why ID,PURL` tells which version and which range it is about.",
};
const UNREAD: Kind = Kind {
    id: "not-read",
    short: "Some files could not be read.",
    full: "Some files that name packages could not be read, so the packages that they name are missing.",
    help: "The notice names the file and what is wrong with it; mend or remove it and scan again.",
};

/// Describes all kinds.
pub(super) fn kinds() -> Vec<Notice> {
    let kinds = [CUT, GAP, OPEN, UNREAD].into_iter();
    kinds
        .map(|kind| Notice {
            id: kind.id,
            short_description: Text::of(kind.short),
            full_description: Text::of(kind.full),
            help: Text::of(kind.help),
        })
        .collect()
}

/// Tells what this run does not show; `found` is how many results there were.
pub(super) fn notifications(scanned: &Scanned<'_>, found: usize) -> Vec<Notification> {
    let one = |kind: Kind, text: String| Notification {
        descriptor: DescriptorRef { id: kind.id },
        level: "warning",
        message: Text { text },
    };
    let mut all = Vec::new();
    if found > MAX_RESULTS {
        all.push(one(
            CUT,
            format!("Of {found} results the {MAX_RESULTS} worst are here."),
        ));
    }
    let parts = &scanned.found.coverage.parts;
    for part in parts.iter().filter(|part| part.level == Level::None) {
        all.push(one(
            GAP,
            format!(
                "Nothing is known of {} packages ({}); that is no all-clear.",
                part.packages, part.name
            ),
        ));
    }
    for open in &scanned.found.undetermined {
        all.push(one(
            OPEN,
            format!("{} of {}: {}.", open.id, open.subject.package, open.reason),
        ));
    }
    for file in scanned.unreadable {
        all.push(one(UNREAD, format!("{file}; what it holds is not known.")));
    }
    all
}
