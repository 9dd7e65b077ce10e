//! Who signs, and through which services.

use std::sync::Arc;

use jiff::Timestamp;
use toolkit_attest::{IdentityToken, Options, Session, SigningKey};

use super::trust::{key_text, signing_config, trust_root};
use crate::args::SigningArgs;
use crate::ci;
use crate::error::{Error, Result};
use crate::terminal::Terminal;

/// Is how the binary names itself to services.
pub(crate) const USER_AGENT: &str = concat!("toolkit/", env!("CARGO_PKG_VERSION"));

/// Prepares to sign: with the key, or as the holder of the token that is given or found.
///
/// No service is asked before the first signature. The age of embedded trust material is told on stderr.
///
/// # Errors
/// [`Error::TwoSigners`] where a key and a token are given, and what refuses files, token or services.
pub(crate) fn session(args: &SigningArgs, offline: bool, terminal: &Terminal) -> Result<Session> {
    if offline {
        return Err(Error::OfflineSigning);
    }
    let config = signing_config(args.signing_config.as_deref())?;
    let root = trust_root(args.trusted_root.as_deref())?;
    let now = Timestamp::now();
    terminal.note(&format!(
        "signing configuration: {}; trust root: {}",
        config.describe(now),
        root.describe(now)
    ));
    let options = Options::new(Arc::new(Timestamp::now), USER_AGENT);
    let Some(path) = &args.key else {
        let token =
            IdentityToken::parse(ci::identity_token(args.identity_token.as_ref())?.expose())?;
        return Ok(Session::keyless(token, config, root, options)?);
    };
    if args.identity_token.is_some() {
        return Err(Error::TwoSigners);
    }
    let key = SigningKey::from_pem(&key_text(path)?).map_err(|source| Error::KeyFile {
        path: path.clone(),
        source,
    })?;
    Ok(Session::with_key(key, config, root, options)?)
}
