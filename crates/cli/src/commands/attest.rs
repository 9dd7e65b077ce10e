//! `toolkit attest`: predicates from files, or provenance from the build's facts, signed and attached.
//!
//! Everything is read, checked and assigned to its subjects before anything is signed; all signatures share one certificate or key.

use std::path::Path;

use serde_json::Value;
use toolkit_attest::predicate::check_shape;
use toolkit_attest::predicate::slsa::{BuildTimes, write};
use toolkit_attest::{IdentityToken, Limits, Statement, Subject, predicate};
use toolkit_gate::{PlatformManifest, platform, platforms, sbom_subject};
use toolkit_oci::{Descriptor, Platform, RawManifest, Repository, Target};

use crate::args::{AccessArgs, AttestArgs, Gather, ProvenanceArgs, SigningArgs};
use crate::ci::{self, Step};
use crate::commands::sign::{Made, SIGNED_COLUMNS, pinned};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Stdout, store, write_bundle};
use crate::progress::Progress;
use crate::settings::{Access, Predicate, digest_of_file, predicates, read_file, session};
use crate::terminal::Terminal;

/// Attaches what was given, or the provenance that is gathered.
///
/// # Errors
/// What refused the arguments, a predicate, its subject, the signer, a service, or the place of the attestation.
pub(crate) fn run(args: &AttestArgs, terminal: &Terminal) -> Result<Exit> {
    match (&args.gather, &args.target) {
        (Some(Gather::Provenance(args)), _) => provenance(args, terminal),
        (None, Some(target)) => given(args, target, terminal),
        // clap demands one or the other.
        (None, None) => Err(Error::Pairs {
            predicates: 0,
            types: 0,
        }),
    }
}

fn given(args: &AttestArgs, target: &str, terminal: &Terminal) -> Result<Exit> {
    let predicates = predicates(&args.predicate, &args.types)?;
    let wanted = args.platform.as_deref().map(Platform::parse).transpose()?;
    if let Target::File(file) = Target::parse(target)? {
        return attest_file(args, target, &file, &predicates, terminal);
    }
    if args.bundle.is_some() {
        return Err(Error::BundleForImage);
    }
    let prepare = |image: &Image| {
        let statement = |predicate: &Predicate| image.statement(predicate, wanted.as_ref());
        predicates.iter().map(statement).collect::<Result<Vec<_>>>()
    };
    attest(target, &args.access, &args.signing, terminal, prepare)
}

/// Attests a file: the statement names it by digest, the bundle goes into a file.
fn attest_file(
    args: &AttestArgs,
    target: &str,
    file: &Path,
    predicates: &[Predicate],
    terminal: &Terminal,
) -> Result<Exit> {
    let bundle = args.bundle.as_ref().ok_or_else(|| Error::BundleMissing {
        target: target.to_owned(),
    })?;
    let [predicate] = predicates else {
        return Err(Error::BundleForSeveral {
            targets: predicates.len(),
        });
    };
    let digest = digest_of_file(file)?;
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let (_, value) = read_predicate(predicate)?;
    let statement = Statement::new(
        vec![Subject::new(name, &digest)],
        &predicate.predicate_type,
        value,
    )?;
    let signed =
        session(&args.signing, args.access.offline, terminal)?.sign_statement(&statement)?;
    write_bundle(bundle, &signed.bundle)?;
    terminal.note(&format!(
        "signed by {}; bundle: {}",
        signed.verified.signer().name(),
        bundle.display()
    ));
    Stdout::print(&format!("{digest} {}\n", statement.predicate_type()))?;
    let made = Made {
        name: digest.to_string(),
        digest: digest.to_string(),
        signer: signed.verified.signer().name(),
        bundle: signed.bundle.digest().to_string(),
        stored: None,
        file: Some(bundle.display().to_string()),
    };
    let mut step = Step::new("Attested", &SIGNED_COLUMNS);
    made.add_to(&mut step, Some(statement.predicate_type()));
    step.tell()?;
    Ok(Exit::Yes)
}

fn read_predicate(predicate: &Predicate) -> Result<(Vec<u8>, Value)> {
    let bytes = read_file(&predicate.file, Limits::default().bundle_bytes)?;
    let refused = |found: String| Error::PredicateFile {
        path: predicate.file.clone(),
        found,
    };
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
    if !value.is_object() {
        return Err(refused("another kind of JSON".to_owned()));
    }
    check_format(predicate, &value)?;
    check_shape(&predicate.predicate_type, &value).map_err(|source| Error::PredicateShape {
        path: predicate.file.clone(),
        source,
    })?;
    Ok((bytes, value))
}

/// Refuses a bill of materials of the other format: whoever reads it by its type could not.
fn check_format(predicate: &Predicate, value: &Value) -> Result<()> {
    let is_cyclonedx = value.get("bomFormat").and_then(Value::as_str) == Some("CycloneDX");
    let is_spdx = value.get("spdxVersion").is_some();
    let kind = predicate.predicate_type.as_str();
    let (expected, found) = if predicate::is_cyclonedx(kind) && is_spdx && !is_cyclonedx {
        ("CycloneDX", "SPDX")
    } else if predicate::is_spdx(kind) && is_cyclonedx {
        ("SPDX", "CycloneDX")
    } else {
        return Ok(());
    };
    Err(Error::PredicateFormat {
        path: predicate.file.clone(),
        expected,
        found,
    })
}

fn provenance(args: &ProvenanceArgs, terminal: &Terminal) -> Result<Exit> {
    // A job's token says which workflow it belongs to, also where a key signs; where there is none, that stays unknown.
    let token = ci::identity_token(args.signing.identity_token.as_ref()).ok();
    let token = token.and_then(|token| IdentityToken::parse(token.expose()).ok());
    let facts = ci::build_facts(&args.target, token.as_ref())?;
    let prepare = |image: &Image| {
        let mut places = vec![image.manifest.descriptor.clone()];
        for one in &image.platforms {
            if places
                .iter()
                .all(|place| place.digest != one.descriptor.digest)
            {
                places.push(one.descriptor.clone());
            }
        }
        let subjects = places
            .iter()
            .map(|place| Subject::new(&image.name, &place.digest))
            .collect();
        let statement = write(
            subjects,
            &facts,
            BuildTimes::default(),
            env!("CARGO_PKG_VERSION"),
        )?;
        Ok(vec![Attestation { statement, places }])
    };
    attest(&args.target, &args.access, &args.signing, terminal, prepare)
}

/// The image that is attested, resolved once.
struct Image {
    name: String,
    repository: Repository,
    manifest: RawManifest,
    platforms: Vec<PlatformManifest>,
}

/// A statement and the manifests that its bundle is attached to.
struct Attestation {
    statement: Statement,
    places: Vec<Descriptor>,
}

fn attest(
    text: &str,
    access: &AccessArgs,
    signing: &SigningArgs,
    terminal: &Terminal,
    prepare: impl FnOnce(&Image) -> Result<Vec<Attestation>>,
) -> Result<Exit> {
    let access = Access::new(access, terminal)?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let reach = access.reach(&events);
    let target = access.target(text)?;
    let (repository, manifest) = Repository::locate(&target, &reach)?;
    let platforms = platforms(&repository, &manifest, &access.limits)?;
    let image = Image {
        name: name(&target),
        repository,
        manifest,
        platforms,
    };
    let attestations = prepare(&image)?;
    let mut session = session(signing, access.offline, terminal)?;
    let mut step = Step::new("Attested", &SIGNED_COLUMNS);
    for attestation in &attestations {
        let signed = session.sign_statement(&attestation.statement)?;
        let predicate_type = attestation.statement.predicate_type();
        for place in &attestation.places {
            let stored = store(&image.repository, place, &signed, terminal)?;
            let digest = place.digest.to_string();
            let made = Made {
                name: pinned(&target, &digest),
                digest,
                signer: signed.verified.signer().name(),
                bundle: signed.bundle.digest().to_string(),
                stored: Some(stored.to_string()),
                file: None,
            };
            Stdout::print(&format!("{} {predicate_type}\n", made.name))?;
            made.add_to(&mut step, Some(predicate_type));
        }
    }
    progress.finish();
    step.tell()?;
    Ok(Exit::Yes)
}

impl Image {
    fn statement(&self, predicate: &Predicate, wanted: Option<&Platform>) -> Result<Attestation> {
        let (bytes, value) = read_predicate(predicate)?;
        let is_sbom = predicate::is_sbom(&predicate.predicate_type);
        let place = match wanted {
            _ if is_sbom => sbom_subject(&self.manifest, &self.platforms, &bytes, wanted)?,
            Some(wanted) => platform(&self.platforms, wanted)?.descriptor.clone(),
            None => self.manifest.descriptor.clone(),
        };
        let statement = Statement::new(
            vec![Subject::new(&self.name, &place.digest)],
            &predicate.predicate_type,
            value,
        )?;
        Ok(Attestation {
            statement,
            places: vec![place],
        })
    }
}

/// Names the subject for people: the repository, or the last part of a layout's path.
fn name(target: &Target) -> String {
    match target {
        Target::Registry(reference) => reference.name(),
        other => other
            .path()
            .and_then(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_of_materials_is_of_the_format_that_its_type_names() {
        let cyclonedx = serde_json::json!({"bomFormat": "CycloneDX"});
        let spdx = serde_json::json!({"spdxVersion": "SPDX-2.3"});
        let other = serde_json::json!({});
        for (kind, value, refused) in [
            (predicate::CYCLONEDX, &cyclonedx, false),
            (predicate::CYCLONEDX, &spdx, true),
            (predicate::SPDX, &spdx, false),
            (predicate::SPDX, &cyclonedx, true),
            ("https://spdx.dev/Document/v2.3", &cyclonedx, true),
            ("https://cyclonedx.org/bom/v1.6", &spdx, true),
            ("https://example.com/t/v1", &cyclonedx, false),
            (predicate::SPDX, &other, false),
        ] {
            let predicate = Predicate {
                file: "a.json".into(),
                predicate_type: kind.to_owned(),
            };
            let result = check_format(&predicate, value);
            assert_eq!(
                matches!(result, Err(Error::PredicateFormat { .. })),
                refused,
                "{kind} {value}"
            );
            assert_eq!(result.is_err(), refused);
        }
    }
}
