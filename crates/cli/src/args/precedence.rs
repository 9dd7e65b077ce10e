//! What is typed beats what a variable says, also where the two are different flags that exclude each other.
//!
//! A job, or `lab run`, sets `TOOLKIT_IDENTITY_TOKEN` for every command; whoever then types `--key` means the key. Two flags that exclude
//! each other and both stand on the command line, or both in the environment, are for `settings` to refuse.

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::env;

/// Lists flags, by their ids, of which one makes the other meaningless.
const EXCLUSIVE: [(&str, &str); 17] = [
    ("key", "identity_token"),
    ("key", "certificate_identity"),
    ("key", "certificate_identity_regexp"),
    ("key", "certificate_oidc_issuer"),
    ("key", "certificate_oidc_issuer_regexp"),
    ("certificate_identity", "certificate_identity_regexp"),
    ("certificate_oidc_issuer", "certificate_oidc_issuer_regexp"),
    ("policy", "key"),
    ("policy", "certificate_identity"),
    ("policy", "certificate_identity_regexp"),
    ("policy", "certificate_oidc_issuer"),
    ("policy", "certificate_oidc_issuer_regexp"),
    ("policy", "types"),
    ("only_fixed", "only_notfixed"),
    ("why", "fail_on"),
    ("why", "exit_code"),
    ("why", "exit_on_eol"),
];

/// Takes away the variables that are set and empty: as in a shell, that is how a job says "not this one".
pub(super) fn without_empty(command: Command) -> Command {
    if !env::has_empty() {
        return command;
    }
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if env::is_empty(name) => argument.env(None::<&'static str>),
            _ => argument,
        })
        .mut_subcommands(without_empty)
}

/// Takes away the variables that a typed flag beats; `None` where there is none, so that the first parse holds.
pub(super) fn without_beaten(command: Command, matches: &ArgMatches) -> Option<Command> {
    let (path, leaf) = leaf(matches);
    let beaten = beaten(leaf);
    (!beaten.is_empty()).then(|| silence(command, &path, &beaten))
}

fn leaf(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let (mut path, mut leaf) = (Vec::new(), matches);
    while let Some((name, below)) = leaf.subcommand() {
        path.push(name);
        leaf = below;
    }
    (path, leaf)
}

fn beaten(matches: &ArgMatches) -> Vec<&'static str> {
    let source = |id: &str| {
        // Asking for an id that the command does not have would panic.
        let is_there = matches.ids().any(|known| known == id);
        is_there.then(|| matches.value_source(id)).flatten()
    };
    let beats = |one: &str, other: &str| {
        source(one) == Some(ValueSource::CommandLine)
            && source(other) == Some(ValueSource::EnvVariable)
    };
    EXCLUSIVE
        .into_iter()
        .flat_map(|(one, other)| [(one, other), (other, one)])
        .filter(|(one, other)| beats(one, other))
        .map(|(_, other)| other)
        .collect()
}

fn silence(command: Command, path: &[&str], ids: &[&'static str]) -> Command {
    match path.split_first() {
        Some((first, rest)) => command.mut_subcommand(first, |below| silence(below, rest, ids)),
        None => ids.iter().fold(command, |command, id| {
            command.mut_arg(id, |argument| argument.env(None::<&'static str>))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_exist() {
        let mut ids = Vec::new();
        let mut commands = vec![<crate::args::Cli as clap::CommandFactory>::command()];
        while let Some(command) = commands.pop() {
            ids.extend(command.get_arguments().map(|one| one.get_id().to_string()));
            commands.extend(command.get_subcommands().cloned());
        }
        for id in EXCLUSIVE.into_iter().flat_map(|(one, other)| [one, other]) {
            assert!(ids.contains(&id.to_owned()), "{id}");
        }
    }
}
