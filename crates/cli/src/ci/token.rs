//! Where the OIDC token for keyless signing comes from: the flag, `SIGSTORE_ID_TOKEN`, or GitHub's endpoint, in this order.

use std::io::Read;
use std::path::PathBuf;

use toolkit_oci::registry::Secret;

use super::facts::System;
use super::github;
use crate::env;

/// Says why there is no identity token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// Nothing names a token.
    #[error(
        "no identity token: looked at the argument, `{}` and the CI system",
        env::SIGSTORE_ID_TOKEN
    )]
    None,
    /// In GitHub Actions without the permission to ask for a token.
    #[error(
        "no identity token: this job may not ask for one, `{}` is not set",
        env::ACTIONS_ID_TOKEN_REQUEST_URL
    )]
    NoPermission,
    /// In a job of GitLab CI that declares none.
    #[error(
        "no identity token: this job of GitLab CI has none, `{}` is not set",
        env::SIGSTORE_ID_TOKEN
    )]
    NotDeclared,
    /// The value is no token and names no file that can be read.
    #[error(
        "the identity token is neither a token (`header.payload.signature`) nor a file that can be read"
    )]
    Unreadable(#[source] std::io::Error),
    /// The file is too long for a token.
    #[error("`{}` is no identity token: expected at most {limit} bytes, found more", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// The endpoint's address cannot be used.
    #[error("the identity token endpoint `{url}` cannot be used: {reason}")]
    Endpoint {
        /// The address without its query.
        url: String,
        /// Why.
        reason: &'static str,
    },
    /// The endpoint did not answer.
    #[error("no answer from the identity token endpoint `{url}` after {tries} tries: {reason}")]
    Unreachable {
        /// The address without its query.
        url: String,
        /// How often it was asked.
        tries: u32,
        /// What the client said, without the address.
        reason: String,
    },
    /// The endpoint answered with a failure.
    #[error("the identity token endpoint `{url}` answered status {status}")]
    Status {
        /// The address without its query.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The endpoint answered something else than a token.
    #[error("the identity token endpoint `{url}` answered without a token: {reason}")]
    Answer {
        /// The address without its query.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Bytes of a file that is read as a token: GitHub's are near 2 KiB, and HTTP servers refuse headers beyond 64 KiB.
const TOKEN_SIZE: u64 = 64 << 10;

/// Finds the token: what was given (a token, or a file that holds one), else the environment's, else the CI system's.
///
/// # Errors
/// [`TokenError`] with the place that failed; never a part of a token.
pub(crate) fn identity_token(given: Option<&Secret>) -> Result<Secret, TokenError> {
    if let Some(given) = given {
        return if is_token(given.expose()) {
            Ok(given.clone())
        } else {
            from_file(given.expose())
        };
    }
    if let Some(token) = env::text(env::SIGSTORE_ID_TOKEN) {
        return Ok(Secret::new(token.trim()));
    }
    match System::detect() {
        System::GithubActions => github::identity_token(),
        System::GitlabCi => Err(TokenError::NotDeclared),
        System::Unknown | System::None => Err(TokenError::None),
    }
}

/// Says whether the text has the form of a JWT in compact serialization (RFC 7519, RFC 7515 §7.1).
fn is_token(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let parts: Vec<&str> = text.trim().split('.').collect();
    parts.len() == 3 && parts.into_iter().all(part) && text.trim().starts_with("ey")
}

fn from_file(path: &str) -> Result<Secret, TokenError> {
    let path = PathBuf::from(path);
    // The path may be a mistyped token, so what fs_err says of it, which names the path, is not shown.
    let hidden = |error: std::io::Error| TokenError::Unreadable(std::io::Error::from(error.kind()));
    // The limit holds for what is read: a pipe has no length.
    let mut text = String::new();
    fs_err::File::open(&path)
        .map_err(hidden)?
        .take(TOKEN_SIZE + 1)
        .read_to_string(&mut text)
        .map_err(hidden)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > TOKEN_SIZE {
        return Err(TokenError::TooLong {
            path,
            limit: TOKEN_SIZE,
        });
    }
    Ok(Secret::new(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_paths_are_told_apart() {
        for (text, expected) in [
            ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", true),
            (" eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln\n", true),
            ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0", false),
            ("token.jwt", false),
            ("a.b.c", false),
            ("/run/secrets/eya.b.c", false),
            ("", false),
        ] {
            assert_eq!(is_token(text), expected, "{text}");
        }
    }

    #[test]
    fn a_token_comes_from_a_file_too() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("token");
        fs_err::write(&path, "eyJh.eyJz.c2ln\n").expect("the token's file");
        let given = Secret::new(path.to_str().expect("a path"));
        assert_eq!(
            identity_token(Some(&given)).expect("a token").expose(),
            "eyJh.eyJz.c2ln"
        );
        fs_err::write(&path, vec![b'x'; 70_000]).expect("a long file");
        assert!(matches!(
            identity_token(Some(&given)),
            Err(TokenError::TooLong { limit: 65_536, .. })
        ));
    }

    #[test]
    fn a_mistyped_token_is_not_shown() {
        let error = identity_token(Some(&Secret::new("eyJh.c2VjcmV0"))).expect_err("no such file");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("c2VjcmV0"), "{shown}");
    }
}
