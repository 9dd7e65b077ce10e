//! What the results do not show, as notifications of the run.

use super::super::scanned::Scanned;
use super::super::unsaid::{Kind, unsaid};
use super::model::{DescriptorRef, Notice, Notification, Text};
use super::write::MAX_RESULTS;

/// Is said where there are more results than are read.
const CUT: &str = "results-cut";

/// Describes all kinds, with what code scanning wants of each.
pub(super) fn kinds() -> Vec<Notice> {
    let cut = notice(
        CUT,
        "There are more results than one run may hold.",
        "Code scanning reads no more results of one run, so only the worst are here.",
        "Narrow the scan, such as with `--severity` or `--only-fixed`, or read `-o json`, which has all.",
    );
    let described = Kind::ALL.into_iter().map(|kind| {
        let (short, full, help) = words(kind);
        notice(kind.name(), short, full, help)
    });
    std::iter::once(cut).chain(described).collect()
}

fn notice(id: &'static str, short: &'static str, full: &'static str, help: &'static str) -> Notice {
    Notice {
        id,
        short_description: Text::of(short),
        full_description: Text::of(full),
        help: Text::of(help),
    }
}

/// Returns a short and a full description, and what to do.
fn words(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Demo => (
            "The database is for trials.",
            "The database was built with `--demo` and knows of a few packages only, so that nothing is found says nothing.",
            "Build or pull a database of your own: `toolkit db build`, `toolkit db update`.",
        ),
        Kind::AsOf => (
            "An earlier day is spoken of.",
            "Records that were published after the day that was asked about are left out, so what is known today is not all here.",
            "Leave out `--as-of` for what is known today.",
        ),
        Kind::LeftOut => (
            "Some findings are not shown.",
            "Flags of the scan leave some findings out of what is shown.",
            "Leave out `--severity`, `--only-fixed` and the like, or read how many there are in `-o json`.",
        ),
        Kind::NotAsked => (
            "The database says nothing of some packages.",
            "The database has no feed of the ecosystem or the release of some packages, so nothing is known of them.",
            "Build a database with a feed that covers them, or judge them by other means.",
        ),
        Kind::Ended => (
            "A release is past its end of life.",
            "A distribution's release gets no fixes any more, so that its feed is silent about a package says nothing.",
            "Move to a release that is maintained; `--exit-on-eol N` ends a scan with a code of its own.",
        ),
        Kind::Undetermined => (
            "Some versions could not be ordered.",
            "Some versions cannot be ordered by the rules of their ecosystem, so nobody can tell whether they are affected.",
            "`toolkit scan TARGET --why ID,PURL` tells which version and which range it is about.",
        ),
        Kind::NotRead => (
            "Some files could not be read.",
            "Some files that name packages could not be read, so the packages that they name are missing.",
            "The notice names the file and what is wrong with it; mend or remove it and scan again.",
        ),
    }
}

/// Tells what this run does not show; `found` is how many results there were.
pub(super) fn notifications(scanned: &Scanned<'_>, found: usize) -> Vec<Notification> {
    let one = |id: &'static str, text: String| Notification {
        descriptor: DescriptorRef { id },
        level: "warning",
        message: Text { text },
    };
    let cut = (found > MAX_RESULTS).then(|| {
        let text = format!("Of {found} results the {MAX_RESULTS} worst are here.");
        one(CUT, text)
    });
    let unsaid = unsaid(scanned);
    let told = unsaid
        .into_iter()
        .map(|(kind, text)| one(kind.name(), text));
    cut.into_iter().chain(told).collect()
}
