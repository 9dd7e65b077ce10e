//! `toolkit vex`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use toolkit_vulndb::vex;

use crate::env;

/// Holds the arguments of `toolkit vex`.
#[derive(Debug, Args)]
pub(crate) struct VexArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) action: VexAction,
}

/// Names what to do with VEX documents.
#[derive(Debug, Subcommand)]
pub(crate) enum VexAction {
    /// Write a new OpenVEX document, from flags or from what a scan suppressed
    Create(VexCreateArgs),
    /// Add statements to an OpenVEX document, which becomes its next version
    Add(VexAddArgs),
}

/// Holds the arguments of `toolkit vex create`.
#[derive(Debug, Args)]
pub(crate) struct VexCreateArgs {
    /// Holds what is stated.
    #[command(flatten)]
    pub(crate) statement: StatementArgs,
    /// State what this result of `scan -o json` suppressed, instead of `--vuln`: what the distribution says as it says it, what an ignore file
    /// hides with `--status`, or else as under investigation
    #[arg(long, value_name = "RESULT", conflicts_with = "vuln", env = env::VEX_FROM_SCAN)]
    pub(crate) from_scan: Option<PathBuf>,
    /// Who issues the document
    #[arg(long, value_name = "NAME", env = env::VEX_AUTHOR)]
    pub(crate) author: String,
    /// As what the author issues it, such as `Document Creator`
    #[arg(long, alias = "author-role", value_name = "ROLE", env = env::VEX_ROLE)]
    pub(crate) role: Option<String>,
    /// The IRI of the document; by default one made of the digest of its content
    #[arg(long, value_name = "IRI", env = env::VEX_ID)]
    pub(crate) id: Option<String>,
    /// Write to this file instead of stdout
    #[arg(short, long, alias = "file", value_name = "FILE", env = env::VEX_CREATE_OUTPUT)]
    pub(crate) output: Option<PathBuf>,
}

/// Holds the arguments of `toolkit vex add`.
#[derive(Debug, Args)]
pub(crate) struct VexAddArgs {
    /// The document; it is replaced unless `-o` names another file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Holds what is stated.
    #[command(flatten)]
    pub(crate) statement: StatementArgs,
    /// Write to this file instead
    #[arg(short, long, value_name = "FILE", env = env::VEX_ADD_OUTPUT)]
    pub(crate) output: Option<PathBuf>,
}

/// Holds one statement, about every product and vulnerability that is named.
#[derive(Debug, Args)]
pub(crate) struct StatementArgs {
    /// The product that it is about, as a package URL (of an image: `pkg:oci/NAME@sha256%3A…`) or another IRI. May be repeated
    #[arg(long, value_name = "PURL", value_delimiter = '\n', env = env::VEX_PRODUCT)]
    pub(crate) product: Vec<String>,
    /// The component of the product that it is about, as a package URL. May be repeated
    #[arg(long, alias = "subcomponents", value_name = "PURL", requires = "product", value_delimiter = '\n', env = env::VEX_SUBCOMPONENT)]
    pub(crate) subcomponent: Vec<String>,
    /// The vulnerability, with other ids of it behind commas. May be repeated
    #[arg(long, value_name = "ID[,ALIAS]…", value_delimiter = '\n', env = env::VEX_VULN)]
    pub(crate) vuln: Vec<String>,
    /// What is stated
    #[arg(long, value_name = "STATUS", ignore_case = true, env = env::VEX_STATUS)]
    pub(crate) status: Option<StatusChoice>,
    /// Why it is not affected
    #[arg(long, value_name = "LABEL", env = env::VEX_JUSTIFICATION)]
    pub(crate) justification: Option<JustificationChoice>,
    /// Why it is not affected, in words
    #[arg(long, value_name = "TEXT", env = env::VEX_IMPACT_STATEMENT)]
    pub(crate) impact_statement: Option<String>,
    /// What to do where it is affected
    #[arg(long, value_name = "TEXT", env = env::VEX_ACTION_STATEMENT)]
    pub(crate) action_statement: Option<String>,
    /// How the status was found
    #[arg(long, value_name = "TEXT", env = env::VEX_STATUS_NOTE)]
    pub(crate) status_note: Option<String>,
}

/// Names a status as OpenVEX does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusChoice {
    /// The product does not have the vulnerability
    #[value(name = "not_affected")]
    NotAffected,
    /// It has
    #[value(name = "affected")]
    Affected,
    /// It had
    #[value(name = "fixed")]
    Fixed,
    /// Nobody knows yet
    #[value(name = "under_investigation")]
    UnderInvestigation,
}

impl From<StatusChoice> for vex::Status {
    fn from(choice: StatusChoice) -> Self {
        match choice {
            StatusChoice::NotAffected => Self::NotAffected,
            StatusChoice::Affected => Self::Affected,
            StatusChoice::Fixed => Self::Fixed,
            StatusChoice::UnderInvestigation => Self::UnderInvestigation,
        }
    }
}

/// Is a justification as OpenVEX labels it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JustificationChoice(pub(crate) vex::Justification);

impl ValueEnum for JustificationChoice {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [JustificationChoice; 5] = [
            JustificationChoice(vex::Justification::ALL[0]),
            JustificationChoice(vex::Justification::ALL[1]),
            JustificationChoice(vex::Justification::ALL[2]),
            JustificationChoice(vex::Justification::ALL[3]),
            JustificationChoice(vex::Justification::ALL[4]),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.label()))
    }
}
