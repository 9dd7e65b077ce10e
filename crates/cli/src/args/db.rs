//! `toolkit db`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::env;

/// Holds the arguments of `toolkit db`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct DbArgs {
    /// Holds what to do with the database.
    #[command(subcommand)]
    pub(crate) action: DbAction,
}

/// Names what to do with a database.
#[derive(Debug, Subcommand)]
pub(crate) enum DbAction {
    /// Build a database from downloaded feeds and install it
    Build(DbBuildArgs),
    /// Show the database that `scan` uses
    Status(DbStatusArgs),
    /// Show what the database knows of a vulnerability or a package
    Search(DbSearchArgs),
}

/// Holds the arguments of `toolkit db build`.
#[derive(Debug, Args)]
pub(crate) struct DbBuildArgs {
    /// The folder with the feeds, one folder for each, packed or not: OSV, Alpine, Ubuntu, Amazon, Wolfi
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write the database to this folder instead of installing it; it is trusted by its digest on this machine
    #[arg(short, long, value_name = "PATH", env = env::DB_BUILD_OUTPUT)]
    pub(crate) output: Option<PathBuf>,
    /// Mark the database as one for trials: it is used only where it is named, every output says so, and no policy accepts it
    #[arg(long, requires = "output", value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue, env = env::DEMO)]
    pub(crate) demo: bool,
}

/// Holds the arguments of `toolkit db status`.
#[derive(Debug, Args)]
pub(crate) struct DbStatusArgs {
    /// The database, as a folder that `db build -o` wrote, with its digest unless this machine built it
    #[arg(long, value_name = "PATH[@DIGEST]", env = env::DB)]
    pub(crate) db: Option<String>,
}

/// Holds the arguments of `toolkit db search`.
#[derive(Debug, Args)]
pub(crate) struct DbSearchArgs {
    /// An id such as `CVE-2021-44228`, or a package URL with or without a version
    #[arg(value_name = "ID|PURL")]
    pub(crate) query: String,
    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text", env = env::DB_SEARCH_OUTPUT)]
    pub(crate) output: TextOrJson,
    /// The database, as a folder that `db build -o` wrote, with its digest unless this machine built it
    #[arg(long, value_name = "PATH[@DIGEST]", env = env::DB)]
    pub(crate) db: Option<String>,
}

/// Names how a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}
