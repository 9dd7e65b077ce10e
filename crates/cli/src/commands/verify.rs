//! `toolkit verify`: judges an image or a file, by a policy or by one identity.
//!
//! The verdict goes to stdout as text or JSON, in GitHub Actions also to the job's summary and the outputs `digest` and `verdict`.

use std::path::Path;

use jiff::Timestamp;
use toolkit_attest::{Limits, TrustRoot};
use toolkit_gate::{Criteria, NamedBundle, PinnedImage, Trust, collect, judge, judge_file, verify};
use toolkit_oci::Target;

use crate::args::{VerdictFormat, VerifyArgs};
use crate::ci::{Outputs, Summary, markdown as escape};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Judgement, Paint, Schema, Stdout, json, markdown, text, verdict_name};
use crate::progress::Progress;
use crate::settings::{
    Access, PolicyDatabase, digest_of_file, given, policy, policy_trust_root, read_file,
    trust_root, wanted,
};
use crate::terminal::Terminal;

/// Judges the target and prints the verdict.
///
/// # Errors
/// What kept it from a verdict; with `-o json` that is told on stdout too.
pub(crate) fn run(args: &VerifyArgs, terminal: &Terminal) -> Result<Exit> {
    let judgement = match judgement(args, terminal) {
        Ok(judgement) => judgement,
        Err(error) => {
            if args.output == VerdictFormat::Json {
                json::print_failure(Schema::Verify, &args.target, &error)?;
            }
            return Err(error);
        }
    };
    match args.output {
        VerdictFormat::Json => json::print(Schema::Verify, &judgement)?,
        VerdictFormat::Text => Stdout::print(&text::verdict(
            &judgement,
            Paint::new(terminal.stdout_color),
        ))?,
    }
    tell_ci(&judgement, "")?;
    Ok(judgement.exit_code)
}

/// Tells the CI system: the job's summary, with what was done on it, and the step's outputs.
///
/// # Errors
/// [`Error::Untold`]: the verdict has been printed.
pub(super) fn tell_ci(judgement: &Judgement, done: &str) -> Result<()> {
    let tell = || {
        if let Some(summary) = Summary::from_environment() {
            let mut text = markdown::verdict(judgement);
            if !done.is_empty() {
                text.push_str(&format!("{}\n\n", escape(done)));
            }
            summary.append(&text)?;
        }
        if let Some(outputs) = Outputs::from_environment() {
            outputs.set(&[
                ("digest", &judgement.digest.to_string()),
                ("verdict", verdict_name(judgement.verdict)),
            ])?;
        }
        Ok(())
    };
    tell().map_err(|source| Error::Untold {
        source: Box::new(source),
    })
}

fn judgement(args: &VerifyArgs, terminal: &Terminal) -> Result<Judgement> {
    let now = Timestamp::now();
    let access = Access::new(&args.access, terminal)?;
    let target = access.target(&args.target)?;
    match (&args.policy, &target) {
        (Some(_), Target::File(_)) => Err(Error::PolicyForFile {
            target: args.target.clone(),
        }),
        (Some(file), _) => by_policy(args, file, &target, now, &access, terminal),
        (None, Target::File(file)) => file_by_identity(args, file, now),
        (None, _) => by_identity(args, &target, now, &access, terminal),
    }
}

fn by_policy(
    args: &VerifyArgs,
    file: &Path,
    target: &Target,
    now: Timestamp,
    access: &Access,
    terminal: &Terminal,
) -> Result<Judgement> {
    let mut flags = given(&args.identity);
    if !args.types.is_empty() {
        flags.push("--type");
    }
    if !flags.is_empty() {
        return Err(Error::PolicyAndFlags { given: flags });
    }
    let policy = policy(file, now)?;
    let root = policy_trust_root(file, &policy, args.trust.trusted_root.as_deref())?;
    let named = named(args)?;
    let database = PolicyDatabase::open(&policy, &args.database, &args.trust, now)?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let journey = |event| progress.journey(event);
    let reach = access.reach(&events);
    let image = PinnedImage::resolve(target, &reach)?;
    let criteria = Criteria {
        policy: &policy,
        root: &root,
        database: database.at_hand(),
        now,
    };
    let (verdict, _) = verify(&image, &criteria, &named, &reach, &journey)?;
    progress.finish();
    Ok(Judgement::of_policy(
        &args.target,
        file,
        described(&root, now),
        &verdict,
    ))
}

fn by_identity(
    args: &VerifyArgs,
    target: &Target,
    now: Timestamp,
    access: &Access,
    terminal: &Terminal,
) -> Result<Judgement> {
    let wanted = wanted(&args.identity, &args.types)?;
    let root = trust_root(args.trust.trusted_root.as_deref())?;
    let named = named(args)?;
    let keys = wanted.keys();
    let trust = Trust {
        root: &root,
        keys: &keys,
        now,
    };
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let journey = |event| progress.journey(event);
    let reach = access.reach(&events);
    let image = PinnedImage::resolve(target, &reach)?;
    let collected = collect(&image, &named, &trust, &reach, &journey)?;
    progress.finish();
    let results = judge(&collected.evidence, &wanted);
    Ok(Judgement::of_results(
        &args.target,
        image.digest().clone(),
        described(&root, now),
        results,
        &collected.evidence.refused,
    ))
}

fn file_by_identity(args: &VerifyArgs, file: &Path, now: Timestamp) -> Result<Judgement> {
    let wanted = wanted(&args.identity, &args.types)?;
    let root = trust_root(args.trust.trusted_root.as_deref())?;
    let bundle = args.bundle.as_ref().ok_or_else(|| Error::BundleMissing {
        target: args.target.clone(),
    })?;
    let bundle = read_file(bundle, Limits::default().bundle_bytes)?;
    let digest = digest_of_file(file)?;
    let keys = wanted.keys();
    let trust = Trust {
        root: &root,
        keys: &keys,
        now,
    };
    let results = judge_file(&bundle, &digest, &wanted, &trust);
    Ok(Judgement::of_results(
        &args.target,
        digest,
        described(&root, now),
        results,
        &[],
    ))
}

/// Reads the bundle that the command line names as further evidence.
fn named(args: &VerifyArgs) -> Result<Vec<NamedBundle>> {
    let read = |path: &std::path::PathBuf| {
        let bytes = read_file(path, Limits::default().bundle_bytes)?;
        Ok(NamedBundle {
            name: path.display().to_string(),
            bytes,
        })
    };
    args.bundle.iter().map(read).collect()
}

/// Describes the trust root with its age.
pub(super) fn described(root: &TrustRoot, now: Timestamp) -> String {
    root.describe(now)
}
