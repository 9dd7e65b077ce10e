//! `toolkit sign`: one certificate or key for all targets; an image's signature goes beside it, a file's into its bundle.
//!
//! Every bundle passes our own verifier before it is stored. Everything that can be refused is refused before anything is signed.

use std::path::PathBuf;

use toolkit_attest::{Session, Statement};
use toolkit_oci::{RawManifest, Repository, Target};

use crate::args::SignArgs;
use crate::ci::Step;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Stdout, store, write_bundle};
use crate::progress::Progress;
use crate::settings::{Access, digest_of_file, session};
use crate::terminal::Terminal;

/// Signs every target and prints what was signed, one a line, by its digest.
///
/// # Errors
/// What refused the arguments, a target, the signer, a service, or the place of the signature.
pub(crate) fn run(args: &SignArgs, terminal: &Terminal) -> Result<Exit> {
    let access = Access::new(&args.access, terminal)?;
    if args.bundle.is_some() && args.targets.len() > 1 {
        return Err(Error::BundleForSeveral {
            targets: args.targets.len(),
        });
    }
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let reach = access.reach(&events);
    let mut jobs = Vec::new();
    for text in &args.targets {
        jobs.push(match access.target(text)? {
            Target::File(file) => {
                let bundle = args.bundle.clone().ok_or_else(|| Error::BundleMissing {
                    target: text.clone(),
                })?;
                Job::File { file, bundle }
            }
            target => {
                let (repository, manifest) = Repository::locate(&target, &reach)?;
                Job::Image {
                    target,
                    repository: Box::new(repository),
                    manifest: Box::new(manifest),
                }
            }
        });
    }
    let mut session = session(&args.signing, access.offline, terminal)?;
    let mut step = Step::new("Signed", &SIGNED_COLUMNS);
    for job in &jobs {
        let made = sign(job, args, &mut session, terminal)?;
        Stdout::print(&format!("{}\n", made.name))?;
        made.add_to(&mut step, None);
    }
    progress.finish();
    step.tell()?;
    Ok(Exit::Yes)
}

/// Names what a step of a CI system lists of each new signature.
pub(super) const SIGNED_COLUMNS: [&str; 4] = ["signed", "as", "signer", "stored as"];

/// Tells of one new bundle.
pub(super) struct Made {
    /// What was signed, as it can be typed again.
    pub(super) name: String,
    /// Its digest.
    pub(super) digest: String,
    /// Who signed.
    pub(super) signer: String,
    /// The bundle's own digest.
    pub(super) bundle: String,
    /// The manifest that carries it beside an image.
    pub(super) stored: Option<String>,
    /// The file that it was written to.
    pub(super) file: Option<String>,
}

impl Made {
    /// Adds it to what the CI system is told: with the predicate type, where it is an attestation.
    pub(super) fn add_to(&self, step: &mut Step, predicate_type: Option<&str>) {
        step.output("digest", &self.digest);
        step.output("reference", &self.name);
        step.output("bundle-digest", &self.bundle);
        for (name, value) in [("stored", &self.stored), ("bundle-path", &self.file)] {
            if let Some(value) = value {
                step.output(name, value);
            }
        }
        let places = [self.stored.clone(), self.file.clone()];
        step.row([
            self.name.clone(),
            predicate_type.unwrap_or("signature").to_owned(),
            self.signer.clone(),
            places.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ]);
    }
}

enum Job {
    File {
        file: PathBuf,
        bundle: PathBuf,
    },
    Image {
        target: Target,
        repository: Box<Repository>,
        manifest: Box<RawManifest>,
    },
}

fn sign(job: &Job, args: &SignArgs, session: &mut Session, terminal: &Terminal) -> Result<Made> {
    match job {
        Job::File { file, bundle } => {
            let digest = digest_of_file(file)?;
            let signed = session.sign_digest(&digest)?;
            write_bundle(bundle, &signed.bundle)?;
            terminal.note(&format!(
                "signed by {}; bundle: {}",
                signed.verified.signer().name(),
                bundle.display()
            ));
            Ok(Made {
                name: digest.to_string(),
                digest: digest.to_string(),
                signer: signed.verified.signer().name(),
                bundle: signed.bundle.digest().to_string(),
                stored: None,
                file: Some(bundle.display().to_string()),
            })
        }
        Job::Image {
            target,
            repository,
            manifest,
        } => {
            let subject = &manifest.descriptor;
            let signed = session.sign_statement(&Statement::image_signature(&subject.digest))?;
            if let Some(path) = &args.bundle {
                write_bundle(path, &signed.bundle)?;
            }
            let stored = store(repository, subject, &signed, terminal)?;
            let digest = subject.digest.to_string();
            Ok(Made {
                name: pinned(target, &digest),
                digest,
                signer: signed.verified.signer().name(),
                bundle: signed.bundle.digest().to_string(),
                stored: Some(stored.to_string()),
                file: args.bundle.as_ref().map(|path| path.display().to_string()),
            })
        }
    }
}

/// Names a target by its digest, as it can be typed again.
pub(super) fn pinned(target: &Target, digest: &str) -> String {
    match target {
        Target::Registry(reference) => format!("{}@{digest}", reference.name()),
        Target::Layout { path, .. } => format!("oci-dir:{}@{digest}", path.display()),
        other => other.to_string(),
    }
}
