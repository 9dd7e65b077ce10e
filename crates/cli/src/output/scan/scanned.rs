//! A finished scan, and words that both forms use.

use jiff::Timestamp;
use toolkit_sbom::{Inventory, Subject, Unreadable};
use toolkit_vulndb::affected::Channel;
use toolkit_vulndb::db::Details;
use toolkit_vulndb::matching::{Finding, Matches, Options, Sources};
use toolkit_vulndb::severity::Severity;

use crate::settings::{Applied, Database};

/// Holds a finished scan.
pub(crate) struct Scanned<'a> {
    /// The target as typed.
    pub(crate) target: &'a str,
    /// What it is.
    pub(crate) subject: &'a Subject,
    /// Its packages.
    pub(crate) inventory: &'a Inventory,
    /// The database that was asked.
    pub(crate) database: &'a Database,
    /// Its details.
    pub(crate) details: &'a Details,
    /// What the database was asked with.
    pub(crate) sources: &'a Sources<'a>,
    /// The day that is spoken of.
    pub(crate) options: &'a Options,
    /// What was found.
    pub(crate) found: &'a Matches,
    /// How many findings the user did not want to see.
    pub(crate) hidden: usize,
    /// What became of ignore files, VEX documents and the baseline.
    pub(crate) applied: &'a Applied,
    /// Whether suppressed findings are shown.
    pub(crate) show_suppressed: bool,
    /// What could not be read of the target, so that its packages are not known.
    pub(crate) unreadable: &'a [Unreadable],
    /// From which severity on a finding counts, and how many do.
    pub(crate) reached: Option<(Severity, usize)>,
    /// The code that the scan ends with.
    pub(crate) code: u8,
}

impl Scanned<'_> {
    /// Returns the findings that are listed: suppressed ones only where they were asked for.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Finding> {
        let all = self.found.findings.iter();
        all.filter(|finding| self.show_suppressed || finding.suppressed.is_none())
    }
}

/// Returns the date of a day since 1970.
pub(super) fn date(day: u32) -> String {
    let time = Timestamp::from_second(i64::from(day) * 86_400);
    let text = time.map(|time| time.to_string()).unwrap_or_default();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// Names a channel.
pub(super) fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Base => "base",
        Channel::EsmInfra => "esm-infra",
        Channel::EsmApps => "esm-apps",
        Channel::Eus => "eus",
        Channel::Ltss => "ltss",
    }
}
