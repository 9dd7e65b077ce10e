//! `toolkit db`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::shared::{AccessArgs, DatabaseArgs, TrustArgs};
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
    /// Download the feeds that a database is built of from their publishers
    Fetch(DbFetchArgs),
    /// Build a database from downloaded feeds and install it
    Build(DbBuildArgs),
    /// Pull a newer database that a wanted signer vouches for, and install it
    Update(DbUpdateArgs),
    /// Ask whether there is a newer one: 100 where there is, 0 where there is none
    Check(DbCheckArgs),
    /// Show the database that `scan` uses
    Status(DbStatusArgs),
    /// Show what the database knows of a vulnerability or a package
    Search(DbSearchArgs),
    /// Show which records changed from one database to another
    Diff(DbDiffArgs),
    /// Install a database from a file or folder; a wanted signer must vouch for it
    Import(DbImportArgs),
    /// Write the database to a folder, an OCI layout or archive, or a registry
    Export(DbExportArgs),
    /// Remove installed databases that are not used any more
    Gc(DbGcArgs),
}

/// Holds the arguments of `toolkit db fetch`.
#[derive(Debug, Args)]
pub(crate) struct DbFetchArgs {
    /// The folder for the feeds, which `db build` reads; what is there and did not change is not downloaded again
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Fetch only this feed, such as `npm`, `debian` or `kev`; may be repeated. By default all; a name that is none lists them
    #[arg(long, value_name = "NAME", value_delimiter = '\n', env = env::FEED)]
    pub(crate) feed: Vec<String>,
    /// Ask this mirror instead of the publishers: it has their files at URL/HOST/PATH
    #[arg(long, value_name = "URL", env = env::MIRROR)]
    pub(crate) mirror: Option<String>,
    /// Holds how publishers are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Holds the arguments of `toolkit db build`.
#[derive(Debug, Args)]
pub(crate) struct DbBuildArgs {
    /// The folder with the feeds, as `db fetch` downloads them or one folder for each, packed or not: OSV, Alpine, Ubuntu, Amazon, Wolfi
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write the database to this folder instead of installing it; it is trusted by its digest on this machine
    #[arg(short, long, value_name = "PATH", env = env::DB_BUILD_OUTPUT)]
    pub(crate) output: Option<PathBuf>,
    /// Keep the segments of this earlier database and add what changed since, so that whoever has it pulls only that
    #[arg(long, value_name = "PATH[@DIGEST]|DIGEST", env = env::BASE)]
    pub(crate) base: Option<String>,
    /// Mark the database as one for trials: it is used only where it is named, every output says so, and no policy accepts it
    #[arg(long, value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::SetTrue, env = env::DEMO)]
    pub(crate) demo: bool,
}

/// Holds the arguments of `toolkit db update`.
#[derive(Debug, Args)]
pub(crate) struct DbUpdateArgs {
    /// Where the database is, such as `registry.example/acme/db:latest`; by default where the last update came from
    #[arg(value_name = "REF")]
    pub(crate) reference: Option<String>,
    /// Whose signature is wanted, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices. By default as for the last update
    #[arg(long, value_name = "IDENTITY", value_delimiter = '\n', env = env::DB_IDENTITY)]
    pub(crate) db_identity: Vec<String>,
    /// Refuse a database that is older, such as `5d` (the default) or `12h`
    #[arg(long, value_name = "AGE", env = env::MAX_AGE)]
    pub(crate) max_age: Option<String>,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Holds the arguments of `toolkit db check`.
#[derive(Debug, Args)]
pub(crate) struct DbCheckArgs {
    /// Where the database is; by default where the last update came from
    #[arg(value_name = "REF")]
    pub(crate) reference: Option<String>,
    /// Whose signature is wanted, as for `db update`; by default as for the last update
    #[arg(long, value_name = "IDENTITY", value_delimiter = '\n', env = env::DB_IDENTITY)]
    pub(crate) db_identity: Vec<String>,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Holds the arguments of `toolkit db import`.
#[derive(Debug, Args)]
pub(crate) struct DbImportArgs {
    /// What `db export` wrote: a folder, `oci-dir:PATH` or `oci-archive:FILE`
    #[arg(value_name = "PATH")]
    pub(crate) place: String,
    /// Whose signature is wanted, as for `db update`; may be repeated, any one suffices
    #[arg(long, value_name = "IDENTITY", value_delimiter = '\n', required = true, env = env::DB_IDENTITY)]
    pub(crate) db_identity: Vec<String>,
    /// Refuse a database that is older, such as `5d` (the default) or `12h`
    #[arg(long, value_name = "AGE", env = env::MAX_AGE)]
    pub(crate) max_age: Option<String>,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Holds how much is read.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Holds the arguments of `toolkit db export`.
#[derive(Debug, Args)]
pub(crate) struct DbExportArgs {
    /// Where to: a folder, `oci-dir:PATH[:TAG]`, `oci-archive:FILE[:TAG]` or `registry:REF`; `toolkit sign` signs the artifact there
    #[arg(value_name = "PATH|oci-dir:PATH|oci-archive:FILE|registry:REF")]
    pub(crate) place: String,
    /// Holds which database.
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Holds the arguments of `toolkit db gc`.
#[derive(Debug, Args)]
pub(crate) struct DbGcArgs {
    /// How many databases to keep beside the one that is used, newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 1, env = env::KEEP)]
    pub(crate) keep: usize,
}

/// Holds the arguments of `toolkit db diff`.
#[derive(Debug, Args)]
pub(crate) struct DbDiffArgs {
    /// The former database: a folder with or without its digest, or the digest of an installed one
    #[arg(value_name = "PATH[@DIGEST]|DIGEST")]
    pub(crate) first: String,
    /// The other database; by default the one that `scan` uses
    #[arg(value_name = "PATH[@DIGEST]|DIGEST")]
    pub(crate) second: Option<String>,
    /// Trust a database that this identity signed, as for `scan`; may be repeated, any one suffices
    #[arg(long, value_name = "IDENTITY", value_delimiter = '\n', env = env::DB_IDENTITY)]
    pub(crate) db_identity: Vec<String>,
    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text", env = env::DB_DIFF_OUTPUT)]
    pub(crate) output: TextOrJson,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// Holds the arguments of `toolkit db status`.
#[derive(Debug, Args)]
pub(crate) struct DbStatusArgs {
    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text", env = env::DB_STATUS_OUTPUT)]
    pub(crate) output: TextOrJson,
    /// Holds which database.
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
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
    /// Holds which database.
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// Names how a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}
