//! What clap says of wrong arguments, made true: its guesses know neither the words of other tools nor which commands are hidden, and its
//! usage lines take flags that variables set for typed ones.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// Corrects an error before it is shown.
pub(super) fn improve(mut error: Error, command: &mut Command, arguments: &[OsString]) -> Error {
    if !error.use_stderr() {
        return error;
    }
    let advice = match error.kind() {
        ErrorKind::InvalidSubcommand => word(&error, ContextKind::InvalidSubcommand, COMMANDS),
        ErrorKind::UnknownArgument => word(&error, ContextKind::InvalidArg, FLAGS),
        _ => None,
    };
    if let Some(advice) = advice {
        for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg] {
            error.remove(kind);
        }
        let advice = ContextValue::StyledStrs(vec![StyledStr::from(advice)]);
        error.insert(ContextKind::Suggested, advice);
    }
    if error.get(ContextKind::Usage).is_some() {
        command.build();
        let usage = typed(command, arguments).clone().render_usage();
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    }
    if let Some(ContextValue::Strings(names)) = error.get(ContextKind::ValidSubcommand) {
        let visible = |name: &String| {
            let found = typed(command, arguments).find_subcommand(name);
            found.is_some_and(|found| !found.is_hide_set())
        };
        let names = names.clone();
        let names = names.into_iter().filter(visible).collect();
        error.insert(ContextKind::ValidSubcommand, ContextValue::Strings(names));
    }
    error
}

/// Finds the advice for the word that clap did not know.
fn word(error: &Error, kind: ContextKind, known: &[(&str, &'static str)]) -> Option<&'static str> {
    let ContextValue::String(word) = error.get(kind)? else {
        return None;
    };
    // clap shows a flag with its value's place.
    let word = word.split([' ', '=']).next()?;
    known
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, advice)| *advice)
}

/// Finds the command that was typed, as far as it exists.
fn typed<'a>(command: &'a Command, arguments: &[OsString]) -> &'a Command {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    words.fold(command, |found, word| {
        found.find_subcommand(word).unwrap_or(found)
    })
}

/// Says what does the work of other tools' commands: cosign's, syft's, grype's, trivy's, crane's and oras's.
const COMMANDS: &[(&str, &str)] = &[
    (
        "verify-attestation",
        "attestations are verified by `toolkit verify --type TYPE IMAGE`",
    ),
    (
        "verify-blob",
        "a file is verified by `toolkit verify file:FILE --bundle BUNDLE`",
    ),
    (
        "verify-blob-attestation",
        "a file's attestation is verified by `toolkit verify --type TYPE file:FILE --bundle BUNDLE`",
    ),
    (
        "verify-image",
        "an image is verified by `toolkit verify IMAGE`",
    ),
    (
        "sign-blob",
        "a file is signed by `toolkit sign file:FILE --bundle BUNDLE`",
    ),
    (
        "attest-blob",
        "a file is attested by `toolkit attest file:FILE --predicate FILE --type TYPE --bundle BUNDLE`",
    ),
    (
        "triangulate",
        "`toolkit tree IMAGE` shows where its signatures and attestations are",
    ),
    (
        "discover",
        "`toolkit tree IMAGE` shows what refers to an image",
    ),
    (
        "copy",
        "an image is copied with its evidence by `toolkit promote SRC DST --policy FILE`",
    ),
    (
        "cp",
        "an image is copied with its evidence by `toolkit promote SRC DST --policy FILE`",
    ),
    (
        "save",
        "an image is saved with its evidence by `toolkit promote IMAGE oci-dir:PATH --policy FILE`",
    ),
    (
        "load",
        "a saved image is pushed by `toolkit promote oci-dir:PATH IMAGE --policy FILE`",
    ),
    (
        "image",
        "an image's packages are listed by `toolkit sbom IMAGE`, its vulnerabilities by `toolkit scan IMAGE`",
    ),
    (
        "filesystem",
        "a directory's packages are listed by `toolkit sbom dir:PATH`, their vulnerabilities by `toolkit scan dir:PATH`",
    ),
    (
        "fs",
        "a directory's packages are listed by `toolkit sbom dir:PATH`, their vulnerabilities by `toolkit scan dir:PATH`",
    ),
    (
        "rootfs",
        "a directory's packages are listed by `toolkit sbom dir:PATH`, their vulnerabilities by `toolkit scan dir:PATH`",
    ),
    ("packages", "packages are listed by `toolkit sbom TARGET`"),
    (
        "generate",
        "a bill of materials is written by `toolkit sbom TARGET`",
    ),
    ("cves", "vulnerabilities are found by `toolkit scan TARGET`"),
    ("digest", "`toolkit tree IMAGE` shows an image's digest"),
    (
        "initialize",
        "the trust root of public Sigstore is in the program; `--trusted-root FILE` names another",
    ),
    (
        "login",
        "credentials are read where `docker login` and `podman login` store them",
    ),
    (
        "generate-key-pair",
        "`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem` makes a key for `--key`",
    ),
    ("help", "`toolkit --help`, and `--help` behind each command"),
];

/// Says what other tools' flags are here.
const FLAGS: &[(&str, &str)] = &[
    ("--yes", "nothing is ever asked: leave it out"),
    ("-y", "nothing is ever asked: leave it out"),
    (
        "--recursive",
        "`verify` and `promote` look at every platform below an index; `sign` signs the digest that is named: leave it out",
    ),
    (
        "-r",
        "`verify` and `promote` look at every platform below an index; `sign` signs the digest that is named: leave it out",
    ),
    (
        "-f",
        "`-f` is `--fail-on` in grype, `--format` in trivy and `--force` in oras: write `--fail-on SEVERITY`, `-o FORMAT` or `--force`",
    ),
    ("--format", "the format is written `-o FORMAT[=FILE]`"),
    ("--output-file", "the file is written `-o FORMAT=FILE`"),
    ("--file", "the file is written `-o FORMAT=FILE`"),
    (
        "--insecure",
        "for plain HTTP write `--insecure-registry HOST`, for an authority of your own `--ca-file FILE`; certificates are always checked",
    ),
    (
        "--allow-insecure-registry",
        "for plain HTTP write `--insecure-registry HOST`, for an authority of your own `--ca-file FILE`; certificates are always checked",
    ),
    (
        "--allow-http-registry",
        "for plain HTTP write `--insecure-registry HOST`",
    ),
    (
        "--plain-http",
        "for plain HTTP write `--insecure-registry HOST`",
    ),
    (
        "--cacert",
        "the authority's file is named by `--ca-file FILE`",
    ),
    (
        "--registry-cacert",
        "the authority's file is named by `--ca-file FILE`",
    ),
    ("--insecure-ignore-tlog", "the log is always checked"),
    (
        "--insecure-ignore-sct",
        "the certificate log is always checked",
    ),
    (
        "--certificate",
        "a signature carries its certificate in the bundle: `--bundle FILE`",
    ),
    (
        "--signature",
        "a signature is read from the bundle: `--bundle FILE`",
    ),
    ("--version", "`toolkit version`"),
    ("--tlog-upload", "every signature is logged: leave it out"),
    (
        "--new-bundle-format",
        "bundles are always in the new format: leave it out",
    ),
    (
        "--certificate-chain",
        "the authorities are those of the trust root: `--trusted-root FILE`",
    ),
    (
        "--rekor-url",
        "the services are named by `--signing-config FILE`, what they are trusted by is `--trusted-root FILE`",
    ),
    (
        "--fulcio-url",
        "the services are named by `--signing-config FILE`, what they are trusted by is `--trusted-root FILE`",
    ),
    (
        "--timestamp-server-url",
        "the services are named by `--signing-config FILE`, what they are trusted by is `--trusted-root FILE`",
    ),
    (
        "--oidc-issuer",
        "the token is given with `--identity-token`; the issuer that `verify` demands is `--certificate-oidc-issuer`",
    ),
    (
        "--source-uri",
        "the source is demanded by a policy: `provenance: {by: WHO, builders: [URI], source: {repository: URI}}`",
    ),
    (
        "--source-tag",
        "the ref is demanded by a policy: `provenance: {…, source: {repository: URI, refs: [refs/tags/v1]}}`",
    ),
    (
        "--source-versioned-tag",
        "the ref is demanded by a policy: `provenance: {…, source: {repository: URI, refs: ['refs/tags/v1.*']}}`",
    ),
    (
        "--source-branch",
        "the ref is demanded by a policy: `provenance: {…, source: {repository: URI, refs: [refs/heads/main]}}`",
    ),
    (
        "--builder-id",
        "the builder is demanded by a policy: `provenance: {by: WHO, builders: [URI], …}`",
    ),
    (
        "--provenance-path",
        "provenance is looked for beside the image; a bundle in a file is named by `--bundle FILE`",
    ),
    (
        "--scope",
        "every layer is read once, and what a runtime sees is reported: leave it out",
    ),
    (
        "--add-cpes-if-none",
        "packages are compared by package URL: leave it out",
    ),
    (
        "--input",
        "an archive is a target: `docker-archive:FILE` or `oci-archive:FILE`",
    ),
    (
        "--scanners",
        "`sbom` lists packages with their licences, `scan` finds vulnerabilities: leave it out",
    ),
    (
        "--skip-db-update",
        "`scan` never updates a database: leave it out",
    ),
    (
        "--offline-scan",
        "`scan` asks nobody about vulnerabilities; `--offline` keeps it from registries too",
    ),
    (
        "--skip-java-db-update",
        "`scan` never updates a database: leave it out",
    ),
    (
        "--db-repository",
        "a database is pulled by `toolkit db update REF --db-identity …`",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn no_advice_hides_a_command_or_flag_that_exists() {
        let mut flags = Vec::new();
        let mut commands = vec![crate::args::Cli::command()];
        let top: Vec<String> = commands
            .iter()
            .flat_map(Command::get_subcommands)
            .map(|one| one.get_name().to_owned())
            .collect();
        while let Some(command) = commands.pop() {
            flags.extend(
                command
                    .get_arguments()
                    .filter_map(|one| one.get_long().map(|long| format!("--{long}"))),
            );
            commands.extend(command.get_subcommands().cloned());
        }
        for (name, advice) in COMMANDS.iter().chain(FLAGS) {
            assert!(!top.contains(&(*name).to_owned()), "{name}");
            assert!(!flags.contains(&(*name).to_owned()), "{name}");
            // What is advised exists.
            let words = advice
                .split('`')
                .filter_map(|quoted| quoted.strip_prefix("toolkit "));
            for command in words.filter_map(|words| words.split(' ').next()) {
                assert!(
                    command.starts_with('-') || top.contains(&command.to_owned()),
                    "{advice}"
                );
            }
        }
    }
}
