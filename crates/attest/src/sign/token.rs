//! Identity tokens: read for what they claim, checked for audience and time, handed to Fulcio, never shown.
//!
//! A token's signature is Fulcio's to verify; what is read here is a claim, good for an early and clear error.
//!
//! Specification: RFC 7519 (JWT); OpenID Connect Core §2; Fulcio's audience `sigstore`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;
use sigstore_sign::oidc;

use crate::{Error, Result, json};

/// The audience that Fulcio demands.
pub const AUDIENCE: &str = "sigstore";

/// Largest token in bytes; GitHub's have about 2 KiB, and HTTP servers refuse headers of this size.
const LARGEST: usize = 64 * 1024;

/// An identity token. Its `Debug` shows issuer and subject, never the token.
#[derive(Clone)]
pub struct IdentityToken {
    token: oidc::IdentityToken,
    claims: Value,
    expires: Timestamp,
}

impl IdentityToken {
    /// Reads a token (`header.payload.signature`).
    ///
    /// # Errors
    /// [`Error::TokenMalformed`]; its text holds no part of the token.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = |reason| Error::TokenMalformed { reason };
        let text = text.trim();
        if text.is_empty() {
            return Err(malformed("it is empty"));
        }
        if text.len() > LARGEST {
            return Err(malformed("it is longer than 64 KiB"));
        }
        let mut parts = text.split('.');
        let (Some(_), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("it has not three parts"));
        };
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| malformed("its claims are not in base64url"))?;
        let claims = json::parse(&payload)
            .map_err(|_| malformed("its claims are not JSON, or a key is there twice"))?;
        let expires = claims
            .get("exp")
            .and_then(|value| value.as_i64().or_else(|| whole(value.as_f64()?)));
        let expires = expires.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let expires = expires.ok_or_else(|| malformed("it has no end of validity"))?;
        let token = oidc::IdentityToken::from_jwt(text)
            .map_err(|_| malformed("it lacks an issuer or subject"))?;
        Ok(Self {
            token,
            claims,
            expires,
        })
    }

    /// Checks audience and end of validity.
    ///
    /// # Errors
    /// [`Error::TokenAudience`], [`Error::TokenExpired`].
    pub fn check(&self, now: Timestamp) -> Result<()> {
        let audiences: Vec<&str> = match self.claims.get("aud") {
            Some(Value::String(audience)) => vec![audience],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !audiences.contains(&AUDIENCE) {
            let found = if audiences.is_empty() {
                "none".to_owned()
            } else {
                audiences.join(", ")
            };
            return Err(Error::TokenAudience {
                expected: AUDIENCE,
                found,
            });
        }
        if self.expires <= now {
            return Err(Error::TokenExpired {
                expires: self.expires,
                now,
            });
        }
        Ok(())
    }

    /// Returns a claim that is a string, unverified.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// Returns the issuer, unverified.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.token.issuer()
    }

    /// Returns the e-mail address, unverified.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.token.email()
    }

    /// Returns the end of validity.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    pub(super) fn secret(&self) -> &oidc::IdentityToken {
        &self.token
    }
}

/// Returns the whole seconds of a JWT NumericDate, which may have a fraction (RFC 7519 §2).
fn whole(seconds: f64) -> Option<i64> {
    let text = format!("{:.0}", seconds.floor());
    text.parse().ok()
}

impl std::fmt::Debug for IdentityToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityToken")
            .field("issuer", &self.token.issuer())
            .field("subject", &self.token.subject())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> Result<IdentityToken> {
        IdentityToken::parse(&format!(
            "aGVhZGVy.{}.c2VjcmV0",
            URL_SAFE_NO_PAD.encode(claims)
        ))
    }

    #[test]
    fn audience_and_end() {
        let now = Timestamp::from_second(1000).unwrap();
        let claims = |aud: &str, exp: &str| {
            format!(r#"{{"iss":"https://i","sub":"s","aud":{aud},"exp":{exp}}}"#)
        };
        let audience = |found: &str| {
            Err(Error::TokenAudience {
                expected: AUDIENCE,
                found: found.into(),
            })
        };
        for (aud, exp, expected) in [
            (r#""sigstore""#, "1001", Ok(())),
            (r#"["x","sigstore"]"#, "1001", Ok(())),
            (r#""sigstore-dev""#, "1001", audience("sigstore-dev")),
            (r#"["x","y"]"#, "1001", audience("x, y")),
            ("null", "1001", audience("none")),
            (
                r#""sigstore""#,
                "1000",
                Err(Error::TokenExpired { expires: now, now }),
            ),
        ] {
            assert_eq!(
                token(&claims(aud, exp)).unwrap().check(now),
                expected,
                "{aud} {exp}"
            );
        }
        let with_claim =
            token(r#"{"iss":"i","sub":"s","aud":"a","exp":1,"job_workflow_ref":"w"}"#).unwrap();
        assert_eq!(
            (
                with_claim.claim("job_workflow_ref"),
                with_claim.claim("exp")
            ),
            (Some("w"), None)
        );
    }

    #[test]
    fn malformed_tokens_and_masking() {
        for (text, reason) in [
            ("", "it is empty"),
            ("a.b", "it has not three parts"),
            ("a.b.c.d", "it has not three parts"),
            ("a.!.c", "its claims are not in base64url"),
            (
                "a.e30x.c",
                "its claims are not JSON, or a key is there twice",
            ),
            ("a.e30.c", "it has no end of validity"),
        ] {
            assert_eq!(
                IdentityToken::parse(text).unwrap_err(),
                Error::TokenMalformed { reason },
                "{text}"
            );
        }
        let shown = format!(
            "{:?}",
            token(r#"{"iss":"https://i","sub":"s","aud":"sigstore","exp":1}"#).unwrap()
        );
        assert_eq!(
            shown,
            r#"IdentityToken { issuer: "https://i", subject: "s", .. }"#
        );
    }
}
