//! `toolkit lab run`: a command beside the lab, in an environment that points to it; its exit code is passed on.

use std::ffi::OsString;
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use toolkit_lab::Lab;

use super::LabError;
use super::folder::{Folder, SIGNING_CONFIG, SIGNING_CONFIG_REKOR_V1, TOKEN, TRUSTED_ROOT};
use super::start::start;
use crate::args::{LabRunArgs, RekorChoice};
use crate::env;
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// How often the identity token is made anew: half of the ten minutes that the lab's tokens are valid.
const REFRESH: Duration = Duration::from_secs(5 * 60);

/// Starts the lab, runs the command and returns its code; the lab and its files end with it.
///
/// # Errors
/// What kept the lab, its folder or the command from starting.
pub(super) fn run(args: &LabRunArgs, terminal: &Terminal) -> Result<ExitCode> {
    let lab = start()?;
    let folder = Folder::new(&lab, &args.email)?;
    // clap demands at least one word.
    let (program, arguments) = args.command.split_first().unzip();
    let program = program.cloned().unwrap_or_default();
    let mut command = Command::new(&program);
    command.args(arguments.unwrap_or_default());
    for (name, value) in variables(args, &lab, &folder) {
        if name.starts_with(env::lab::PREFIX) {
            terminal.note(&format!("{name}={}", value.to_string_lossy()));
        }
        command.env(name, value);
    }
    for (name, value) in env::lab::direct_loopback() {
        command.env(name, value);
    }
    let failed = |source| LabError::Command {
        program: program.to_string_lossy().into_owned(),
        source,
    };
    let mut child = command.spawn().map_err(failed)?;
    let status = std::thread::scope(|scope| {
        let (ended, wait) = channel::<()>();
        scope.spawn(|| {
            // Moved in, so that the receiver ends with this thread.
            let wait = wait;
            while wait.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = folder.write_token(&lab, &args.email) {
                    terminal.warn(&format!("the identity token was not renewed: {error}"));
                }
            }
        });
        let status = child.wait();
        drop(ended);
        status
    });
    Ok(code(status.map_err(failed)?))
}

/// Lists what the command finds in its environment beside what is there already.
fn variables(args: &LabRunArgs, lab: &Lab, folder: &Folder) -> Vec<(&'static str, OsString)> {
    let file = |name| folder.file(name).into_os_string();
    let config = match args.rekor {
        RekorChoice::V1 => SIGNING_CONFIG_REKOR_V1,
        RekorChoice::V2 => SIGNING_CONFIG,
    };
    vec![
        (env::TRUSTED_ROOT, file(TRUSTED_ROOT)),
        (env::SIGNING_CONFIG, file(config)),
        (env::IDENTITY_TOKEN, file(TOKEN)),
        (env::SIGSTORE_ID_TOKEN, lab.email_token(&args.email).into()),
        (
            env::ACTIONS_ID_TOKEN_REQUEST_URL,
            lab.actions_request_url().into(),
        ),
        (
            env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
            lab.actions_request_token().into(),
        ),
        (env::LAB_REGISTRY, lab.registry().into()),
        (
            env::LAB_REGISTRY_FALLBACK,
            lab.registry_without_referrers().into(),
        ),
        (env::LAB_EMAIL, args.email.clone().into()),
        (env::LAB_ISSUER, lab.issuer().into()),
        (env::LAB_GITHUB_ISSUER, lab.github_issuer().into()),
    ]
}

/// Passes a code on as it is; a signal becomes 128 and its number, as shells report it.
fn code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    match status.code().map(u8::try_from) {
        Some(Ok(code)) => ExitCode::from(code),
        // Codes beyond a byte exist on Windows only.
        _ => Exit::No.into(),
    }
}
