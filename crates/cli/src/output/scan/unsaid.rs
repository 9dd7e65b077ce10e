//! What findings do not show: silence about it would be an all-clear. SARIF tells it as notifications, CycloneDX as properties.

use toolkit_vulndb::matching::Level;

use super::scanned::Scanned;

/// Is a kind of what is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The database is for trials.
    Demo,
    /// An earlier day is spoken of.
    AsOf,
    /// The user did not want to see some findings.
    LeftOut,
    /// No feed covers some packages.
    NotAsked,
    /// A release gets no fixes any more.
    Ended,
    /// Some versions cannot be ordered.
    Undetermined,
    /// Some files could not be read.
    NotRead,
}

impl Kind {
    /// All, in the order in which they are told.
    pub(super) const ALL: [Self; 7] = [
        Self::Demo,
        Self::AsOf,
        Self::LeftOut,
        Self::NotAsked,
        Self::Ended,
        Self::Undetermined,
        Self::NotRead,
    ];

    /// Returns its name in documents.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo-database",
            Self::AsOf => "as-of",
            Self::LeftOut => "left-out",
            Self::NotAsked => "not-asked",
            Self::Ended => "end-of-life",
            Self::Undetermined => "undetermined",
            Self::NotRead => "not-read",
        }
    }
}

/// Tells all that the findings of a scan do not show, a sentence each.
pub(super) fn unsaid(scanned: &Scanned<'_>) -> Vec<(Kind, String)> {
    let mut all = Vec::new();
    if scanned.database.opened.manifest.demo {
        all.push((
            Kind::Demo,
            "The database is for trials: it knows of a few packages only; that is no all-clear."
                .to_owned(),
        ));
    }
    if let Some(as_of) = &scanned.found.as_of {
        all.push((
            Kind::AsOf,
            format!(
                "This is what was known on {}: {} records that were published later are left out.",
                as_of.date, as_of.later
            ),
        ));
    }
    if scanned.hidden > 0 {
        all.push((
            Kind::LeftOut,
            format!("{} findings were not to be shown.", scanned.hidden),
        ));
    }
    let parts = &scanned.found.coverage.parts;
    for part in parts.iter().filter(|part| part.level == Level::None) {
        all.push((
            Kind::NotAsked,
            format!(
                "Nothing is known of {} packages ({}); that is no all-clear.",
                part.packages, part.name
            ),
        ));
    }
    for part in parts {
        if let Some(end) = &part.end_of_life {
            all.push((
                Kind::Ended,
                format!(
                    "{} is past its end of life, {}: that nothing is known of a package there says nothing.",
                    part.name, end.ends
                ),
            ));
        }
    }
    for open in &scanned.found.undetermined {
        all.push((
            Kind::Undetermined,
            format!("{} of {}: {}.", open.id, open.subject.package, open.reason),
        ));
    }
    for file in scanned.unreadable {
        all.push((
            Kind::NotRead,
            format!("{file}; what it holds is not known."),
        ));
    }
    all
}
