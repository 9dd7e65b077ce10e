//! `toolkit conformance`: speaks the client protocol of sigstore-conformance, so that its suite can judge the same code that users run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use toolkit_attest::{Artifact, Bundle, Identity, Limits, Pattern, Statement, verify};
use toolkit_attest::{IdentityToken, Options, Session};
use toolkit_oci::Digest;

use crate::args::{ConformanceAction, ConformanceArgs, SignBundleArgs, VerifyBundleArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::write_bundle;
use crate::settings::{
    USER_AGENT, digest_of_file, public_key, read_file, signing_config, trust_root,
};

/// Signs or verifies one bundle.
///
/// # Errors
/// Everything but success.
pub(crate) fn run(args: &ConformanceArgs) -> Result<Exit> {
    match &args.action {
        ConformanceAction::SignBundle(args) => sign_bundle(args),
        ConformanceAction::VerifyBundle(args) => verify_bundle(args),
    }
}

fn sign_bundle(args: &SignBundleArgs) -> Result<Exit> {
    if args.staging && (args.trusted_root.is_none() || args.signing_config.is_none()) {
        return Err(Error::NoStagingRoot);
    }
    if args.offline {
        return Err(Error::OfflineSigning);
    }
    let limits = Limits::default();
    let token = IdentityToken::parse(args.identity_token.expose())?;
    let config = signing_config(args.signing_config.as_deref())?;
    let root = trust_root(args.trusted_root.as_deref())?;
    let mut session = Session::keyless(
        token,
        config,
        root,
        Options::new(Arc::new(Timestamp::now), USER_AGENT),
    )?;
    let signed = if args.in_toto {
        let statement =
            Statement::from_bytes(read_file(&args.file, limits.bundle_bytes)?, &limits)?;
        session.sign_statement(&statement)?
    } else {
        session.sign_digest(&digest_of_file(&args.file)?)?
    };
    write_bundle(&args.bundle, &signed.bundle)?;
    Ok(Exit::Yes)
}

fn verify_bundle(args: &VerifyBundleArgs) -> Result<Exit> {
    if args.staging && args.trusted_root.is_none() {
        return Err(Error::NoStagingRoot);
    }
    let limits = Limits::default();
    let root = trust_root(args.trusted_root.as_deref())?;
    let keys = args.key.as_deref().map(public_key).transpose()?;
    let identity = match (
        &args.certificate_identity,
        &args.certificate_oidc_issuer,
        &keys,
    ) {
        (Some(san), Some(issuer), None) => Identity::Certificate {
            san: Pattern::exact(san),
            issuer: Pattern::exact(issuer),
        },
        (None, None, Some(key)) => Identity::Key(key.clone()),
        // clap demands one or the other; what it lets through proves nothing.
        _ => return Err(Error::WhoMissing { given: Vec::new() }),
    };
    let bundle = Bundle::from_bytes(read_file(&args.bundle, limits.bundle_bytes)?, &limits)?;
    let digest = artifact(&args.artifact)?;
    let verified = verify(
        &bundle,
        &Artifact::Digest(&digest),
        &root,
        keys.as_slice(),
        Timestamp::now(),
    )?;
    verified.require_identity(&identity)?;
    Ok(Exit::Yes)
}

/// Reads `FILE_OR_DIGEST`: a digest when it looks like one and no file has that name.
fn artifact(text: &str) -> Result<Digest> {
    match Digest::parse(text) {
        Ok(digest) if !Path::new(text).exists() => Ok(digest),
        _ => digest_of_file(&PathBuf::from(text)),
    }
}
