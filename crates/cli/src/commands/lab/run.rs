//! `toolkit lab run -- COMMAND`: the command finds the lab in its environment, under the variables of the flags.

use std::path::Path;
use std::process::{Command, ExitCode};

use toolkit_lab::{Lab, NOTICE, Options, RekorVersion};

use crate::args::{LabRunArgs, RekorChoice};
use crate::env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Starts the lab and runs the command; its code becomes ours.
///
/// # Errors
/// [`Error::Lab`], [`Error::Command`], and [`Error::Write`] for the lab's trust files.
pub(super) fn run(args: &LabRunArgs, terminal: &Terminal) -> Result<ExitCode> {
    terminal.warn(NOTICE);
    let lab = Lab::start(Options::default()).map_err(|source| Error::Lab { source })?;
    let directory = directory()?;
    let version = match args.rekor {
        RekorChoice::V1 => RekorVersion::V1,
        RekorChoice::V2 => RekorVersion::V2,
    };
    let files = Files::write(&lab, version, directory.path())?;
    let (program, arguments) = args.command.split_first().ok_or(Error::NoCommand)?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env(env::TRUSTED_ROOT, &files.trusted_root)
        .env(env::SIGNING_CONFIG, &files.signing_config)
        .env(env::SIGSTORE_ID_TOKEN, lab.email_token(&args.email))
        .env(env::LAB_ISSUER, lab.issuer())
        .env(env::LAB_EMAIL, &args.email)
        .env(env::LAB_REGISTRY, lab.registry())
        .env(
            env::LAB_REGISTRY_WITHOUT_REFERRERS,
            lab.registry_without_referrers(),
        );
    let failed = |source| Error::Command {
        program: program.to_string_lossy().into_owned(),
        source,
    };
    let status = command.status().map_err(failed)?;
    // A command that a signal ended has no code; that is no success.
    Ok(status.code().map_or_else(
        || Exit::Terminated.into(),
        |code| ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)),
    ))
}

/// Names the files that clients of the lab are pointed to.
pub(super) struct Files {
    pub(super) trusted_root: std::path::PathBuf,
    pub(super) signing_config: std::path::PathBuf,
}

impl Files {
    pub(super) fn write(lab: &Lab, version: RekorVersion, directory: &Path) -> Result<Self> {
        let put = |name: &str, text: String| {
            let path = directory.join(name);
            fs_err::write(&path, text).map_err(|source| Error::Write {
                path: path.clone(),
                source,
            })?;
            Ok::<_, Error>(path)
        };
        Ok(Self {
            trusted_root: put("trusted_root.json", lab.trusted_root_json())?,
            signing_config: put("signing_config.json", lab.signing_config_json(version))?,
        })
    }
}

/// Makes a directory that goes away with the lab.
pub(super) fn directory() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(|source| Error::Write {
        path: std::env::temp_dir(),
        source,
    })
}
