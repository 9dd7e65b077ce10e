//! `toolkit scan`.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use toolkit_vulndb::severity::Severity;

use super::filter::FilterArgs;
use super::shared::{AccessArgs, DatabaseArgs, TrustArgs};
use crate::env;

/// Holds the arguments of `toolkit scan`.
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// What to scan: an image as for `sbom`, or a bill of materials (CycloneDX or SPDX JSON, a list of package URLs) as `sbom:FILE` or FILE
    #[arg(value_name = "TARGET|SBOM")]
    pub(crate) target: String,
    /// Write this format: `table`, `json`, `sarif`, `cyclonedx-json`, `openvex`, `cosign-vuln`; to stdout, or to FILE. May be repeated
    #[arg(short, long, value_name = "FORMAT[@VERSION][=FILE]", value_delimiter = '\n', env = env::SCAN_OUTPUT, default_value = "table")]
    pub(crate) output: Vec<String>,
    /// Holds which database.
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Refuse a database that is older, such as `5d` or `12h`; by default 5d for one that was not built here
    #[arg(long, value_name = "AGE", env = env::MAX_AGE)]
    pub(crate) max_age: Option<String>,
    /// End with 1 where a finding has this severity or worse; malicious packages always count
    #[arg(long, value_name = "SEVERITY", ignore_case = true, env = env::FAIL_ON)]
    pub(crate) fail_on: Option<Threshold>,
    /// End with this code instead of 1; without `--fail-on` every finding that is shown counts, with it 0 has no effect
    #[arg(long, value_name = "CODE", env = env::EXIT_CODE)]
    pub(crate) exit_code: Option<u8>,
    /// End with this code where the release of a distribution is past its end of life, unless a finding or the database decides; 0 has no effect
    #[arg(long, value_name = "CODE", env = env::EXIT_ON_EOL)]
    pub(crate) exit_on_eol: Option<u8>,
    /// Explain instead why this vulnerability is found or not; PURL names packages, as `pkg:TYPE/[NAMESPACE/]NAME` with globs, or with a version
    #[arg(long, value_name = "VULN[,PURL]", env = env::WHY)]
    pub(crate) why: Option<String>,
    /// Leave out what was published after this day, which only comes near to what was known then
    #[arg(long, value_name = "DATE", env = env::AS_OF)]
    pub(crate) as_of: Option<Date>,
    /// Show only these severities
    #[arg(long, value_name = "SEVERITY", value_delimiter = ',', ignore_case = true, env = env::SEVERITY)]
    pub(crate) severity: Vec<Shown>,
    /// Holds which findings count.
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Show what a rule suppresses, too
    #[arg(long, value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::SetTrue, env = env::SHOW_SUPPRESSED)]
    pub(crate) show_suppressed: bool,
    /// Accepted and without effect: findings are always shown by CVE where they have one
    #[arg(long, hide = true, value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::SetTrue, env = env::BY_CVE)]
    pub(crate) by_cve: bool,
    /// The platform to read of a multi-platform image; by default this machine's
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", env = env::PLATFORM)]
    pub(crate) platform: Option<String>,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Names a severity that a finding can reach; one that nobody rates reaches none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Threshold {
    /// Of no practical effect
    Negligible,
    /// Low
    Low,
    /// Medium
    #[value(alias = "moderate")]
    Medium,
    /// High
    #[value(alias = "important")]
    High,
    /// Critical
    Critical,
}

impl From<Threshold> for Severity {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Negligible => Self::Negligible,
            Threshold::Low => Self::Low,
            Threshold::Medium => Self::Medium,
            Threshold::High => Self::High,
            Threshold::Critical => Self::Critical,
        }
    }
}

/// Names a severity that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shown {
    /// Nobody rates it
    Unknown,
    /// Of no practical effect
    Negligible,
    /// Low
    Low,
    /// Medium
    #[value(alias = "moderate")]
    Medium,
    /// High
    #[value(alias = "important")]
    High,
    /// Critical
    Critical,
}

impl From<Shown> for Severity {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Unknown => Self::Unknown,
            Shown::Negligible => Self::Negligible,
            Shown::Low => Self::Low,
            Shown::Medium => Self::Medium,
            Shown::High => Self::High,
            Shown::Critical => Self::Critical,
        }
    }
}
