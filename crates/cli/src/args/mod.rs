//! The command line as it is typed: clap definitions, one file per command, no meaning.
//!
//! What the arguments mean together is `settings`. Help texts are the contract's words; a snapshot of each is in `tests/it/help`.

mod advice;
mod attest;
mod completions;
mod conformance;
mod db;
mod explain;
mod filter;
mod hook;
#[cfg(feature = "lab")]
mod lab;
mod man;
mod policy;
mod precedence;
mod promote;
mod sbom;
mod scan;
mod shared;
mod sign;
mod tree;
mod verify;
mod version;
mod vex;

use std::ffi::OsString;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub(crate) use attest::{AttestArgs, Gather, ProvenanceArgs};
pub(crate) use completions::{CompletionsArgs, ShellChoice};
pub(crate) use conformance::{
    ConformanceAction, ConformanceArgs, SignBundleArgs, VerifyBundleArgs,
};
pub(crate) use db::{
    DbAction, DbArgs, DbBuildArgs, DbCheckArgs, DbDiffArgs, DbExportArgs, DbFetchArgs, DbGcArgs,
    DbImportArgs, DbSearchArgs, DbStatusArgs, DbUpdateArgs, TextOrJson,
};
pub(crate) use explain::ExplainArgs;
pub(crate) use filter::FilterArgs;
pub(crate) use hook::{HookAction, HookArgs, HookName, HookRunArgs};
#[cfg(feature = "lab")]
pub(crate) use lab::{EMAIL, LabAction, LabArgs, LabDemoArgs, LabRunArgs, RekorChoice};
pub(crate) use man::ManArgs;
pub(crate) use policy::{PolicyAction, PolicyArgs, PolicyCheckArgs};
pub(crate) use promote::PromoteArgs;
pub(crate) use sbom::SbomArgs;
pub(crate) use scan::ScanArgs;
pub(crate) use shared::{AccessArgs, DatabaseArgs, SigningArgs, TrustArgs};
pub(crate) use sign::SignArgs;
pub(crate) use tree::TreeArgs;
pub(crate) use verify::{IdentityArgs, VerdictFormat, VerifyArgs};
pub(crate) use version::VersionArgs;
#[cfg(test)]
pub(crate) use vex::{JustificationChoice, StatusChoice};
pub(crate) use vex::{StatementArgs, VexAction, VexAddArgs, VexArgs, VexCreateArgs};

use crate::env;

/// Carries a container image from build to promotion with nothing taken on trust.
///
/// `toolkit` says yes only when it has proved yes: "no" and "could not tell" are different answers with different exit codes.
#[derive(Debug, Parser)]
#[command(name = "toolkit", version, styles = STYLES, propagate_version = false, disable_help_subcommand = true, subcommand_required = true, arg_required_else_help = false)]
pub(crate) struct Cli {
    /// Holds the flags of every command.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    /// Holds what to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Holds the flags that every command has.
#[derive(Debug, Args)]
pub(crate) struct GlobalArgs {
    /// Print less: `-q` no notes and no progress, `-qq` no errors either
    #[arg(short, long, global = true, action = ArgAction::Count, env = env::QUIET, help_heading = "Global options")]
    pub(crate) quiet: u8,
    /// Print more: `-v` what is done, `-vv` how, `-vvv` everything
    #[arg(short, long, global = true, action = ArgAction::Count, env = env::VERBOSE, help_heading = "Global options")]
    pub(crate) verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", env = env::COLOR, help_heading = "Global options")]
    pub(crate) color: ColorChoice,
}

/// Says when output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` says otherwise
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// Holds the command and its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a software bill of materials
    Sbom(SbomArgs),
    /// Find known vulnerabilities in an image or a bill of materials
    Scan(Box<ScanArgs>),
    /// Build, update, show and search vulnerability databases
    Db(Box<DbArgs>),
    /// Stop pushes that add known vulnerabilities to a git repository
    Hook(HookArgs),
    /// Write OpenVEX documents: what is stated of a vulnerability in a product
    Vex(Box<VexArgs>),
    /// Sign images or files
    Sign(SignArgs),
    /// Attach predicates to an image, signed
    Attest(Box<AttestArgs>),
    /// Judge an image or file by a policy or an identity
    Verify(Box<VerifyArgs>),
    /// Judge an image by a policy and, where it is allowed, move it with all of its evidence
    Promote(Box<PromoteArgs>),
    /// Show the evidence of an image as a graph
    Tree(TreeArgs),
    /// Work on policy files
    Policy(PolicyArgs),
    /// Explain an exit code, or a code of a report
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
    /// Print the version
    Version(VersionArgs),
    /// Speak the client protocol of sigstore-conformance
    #[command(hide = true)]
    Conformance(ConformanceArgs),
    /// Start a private Sigstore and registries on loopback, for trials
    #[cfg(feature = "lab")]
    #[command(hide = true)]
    Lab(LabArgs),
}

impl Command {
    /// Says whether the command gives a verdict, so that its errors must say that none was reached.
    pub(crate) fn decides(&self) -> bool {
        match self {
            Self::Verify(_) | Self::Promote(_) | Self::Scan(_) => true,
            Self::Hook(hook) => matches!(hook.action, HookAction::Run(_)),
            _ => false,
        }
    }
}

/// Names the commands that give a verdict, for errors that come before the arguments are understood.
pub(crate) const DECIDING_COMMANDS: [&str; 3] = ["verify", "promote", "scan"];

/// Parses the command line. A typed flag beats the variable of another that excludes it.
///
/// # Errors
/// clap's error, which is also how it answers `--help` and `--version`.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let definition = || precedence::without_empty(Cli::command());
    let mut command = definition();
    let mut matches = matches(&mut command, arguments)?;
    if let Some(mut command) = precedence::without_beaten(definition(), &matches) {
        matches = self::matches(&mut command, arguments)?;
    }
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

fn matches(
    command: &mut clap::Command,
    arguments: &[OsString],
) -> Result<clap::ArgMatches, clap::Error> {
    command
        .try_get_matches_from_mut(arguments)
        .map_err(|error| advice::improve(error, command, arguments))
}

/// Builds the command tree as users see it, for completions and the manual: without the hidden commands, which the generators would list.
pub(crate) fn definition() -> clap::Command {
    let full = Cli::command();
    let visible: Vec<_> = full
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .cloned()
        .collect();
    GlobalArgs::augment_args(clap::Command::new("toolkit"))
        .about(full.get_about().cloned().unwrap_or_default())
        .long_about(full.get_long_about().cloned().unwrap_or_default())
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommands(visible)
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(command: &clap::Command, path: &str, each: &mut dyn FnMut(&str, &clap::Arg)) {
        for argument in command.get_arguments() {
            each(path, argument);
        }
        for child in command.get_subcommands() {
            walk(child, &format!("{path} {}", child.get_name()), each);
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
        definition().debug_assert();
    }

    /// Splits a command line of the documentation into words, as a shell does with the quotes that are used there.
    fn words(line: &str) -> Vec<OsString> {
        let mut words = vec![String::new()];
        let mut is_quoted = false;
        for character in line.chars() {
            match (character, words.last_mut()) {
                ('"' | '\'', _) => is_quoted = !is_quoted,
                (' ', Some(last)) if !is_quoted => {
                    if !last.is_empty() {
                        words.push(String::new());
                    }
                }
                (other, Some(last)) => last.push(other),
                (_, None) => {}
            }
        }
        words.retain(|word| !word.is_empty());
        words.into_iter().map(OsString::from).collect()
    }

    #[test]
    fn every_command_of_the_documentation_parses() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (file, least) in [("docs/database.yml", 7), ("README.md", 15)] {
            let text = fs_err::read_to_string(root.join(file)).expect("the document");
            let mut found = 0;
            for line in text.lines() {
                let line = line
                    .trim_start_matches(['#', ' ', '-'])
                    .trim_start_matches("run: ");
                // What stands behind is a comment.
                let line = line.split(" #").next().unwrap_or_default();
                for command in line.split(" && ") {
                    let command = command.trim();
                    let command = match command.split_once("$(toolkit ") {
                        Some((_, rest)) => format!("toolkit {}", rest.trim_end_matches(')')),
                        None if command.starts_with("toolkit ") => command.to_owned(),
                        None => continue,
                    };
                    found += 1;
                    if let Err(error) = parse(&words(&command)) {
                        panic!("{file}: `{command}`: {error}");
                    }
                }
            }
            assert!(found >= least, "{file} has {found} commands");
        }
    }

    #[test]
    fn hidden_commands_are_defined_and_not_shown() {
        let names = |command: clap::Command| {
            command
                .get_subcommands()
                .map(|child| child.get_name().to_owned())
                .collect::<Vec<_>>()
        };
        assert!(names(Cli::command()).contains(&"conformance".to_owned()));
        assert!(!names(definition()).contains(&"conformance".to_owned()));
    }

    #[test]
    fn every_flag_has_its_variable() {
        let mut flags = 0;
        let mut definition = Cli::command();
        definition.build();
        walk(&definition, "toolkit", &mut |path, argument| {
            let Some(long) = argument.get_long() else {
                return;
            };
            // The arguments of sigstore-conformance are its protocol's, not ours.
            if matches!(long, "help" | "version") || path.starts_with("toolkit conformance") {
                return;
            }
            flags += 1;
            // One name, another meaning in each command; both commands that sign take the same private key.
            let place = match long {
                "key" if path.starts_with("toolkit sign") || path.starts_with("toolkit attest") => {
                    "SIGNING_".to_owned()
                }
                "output" | "type" | "bundle" | "key" => {
                    let words = path.split(' ').skip(1);
                    words
                        .map(|word| format!("{}_", word.to_uppercase()))
                        .collect()
                }
                // `TOOLKIT_STATUS` or `TOOLKIT_ID` alone would name nothing.
                _ if path.starts_with("toolkit vex ") && !argument.is_global_set() => {
                    "VEX_".to_owned()
                }
                _ => String::new(),
            };
            let flag = long.to_uppercase().replace('-', "_");
            let expected = format!("TOOLKIT_{place}{flag}");
            let found = argument
                .get_env()
                .map(|name| name.to_string_lossy().into_owned());
            assert_eq!(found.as_deref(), Some(expected.as_str()), "{path} --{long}");
        });
        assert!(flags >= 3, "found only {flags} flags");
    }
}
