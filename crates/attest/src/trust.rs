//! Which authorities and logs are believed, where that list came from, and how old it is.
//!
//! It fetches nothing: a root is the copy embedded in this crate's dependency, or JSON that the caller read.
//!
//! Specification: sigstore protobuf-specs `sigstore_trustroot.proto`, `TrustedRoot` 0.1 and 0.2.

use std::sync::Arc;

use jiff::Timestamp;
use sigstore_trust_root::{SigstoreInstance, TrustedRoot};
use sigstore_types::TimeRange;

use crate::{Error, Result, json};

/// The day on which the dependency that carries the public copies (`sigstore-trust-root` 0.15.1) was released.
pub const EMBEDDED_ON: &str = "2026-10-23";

/// The media types of a trusted root that are read.
const MEDIA_TYPES: [&str; 3] = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

/// A trust root: certificate authorities, logs and timestamp authorities, and where the list came from.
#[derive(Clone)]
pub struct TrustRoot {
    root: Arc<TrustedRoot>,
    origin: Origin,
}

/// Where trust material came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The copy of the public instance that this program carries.
    Embedded,
    /// The caller's, under the name the caller gave it (a path, as a rule).
    Given(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded => f.write_str("public Sigstore, embedded copy"),
            Self::Given(name) => f.write_str(name),
        }
    }
}

impl TrustRoot {
    /// Returns the public instance's root as this program carries it.
    ///
    /// # Errors
    /// [`Error::TrustRoot`] where the carried copy cannot be parsed, which a test of this crate excludes.
    pub fn embedded_public() -> Result<Self> {
        Self::parse(
            SigstoreInstance::PublicGood
                .embedded_trusted_root_json()
                .as_bytes(),
            Origin::Embedded,
        )
    }

    /// Parses a root from JSON; `origin` is the name to show for it, a path as a rule.
    ///
    /// # Errors
    /// [`Error::TrustRoot`] with the reason: not JSON, a duplicated key, another media type, a bad key or certificate.
    pub fn from_json(bytes: &[u8], origin: impl Into<String>) -> Result<Self> {
        Self::parse(bytes, Origin::Given(origin.into()))
    }

    fn parse(bytes: &[u8], origin: Origin) -> Result<Self> {
        let unusable = |reason: String| Error::TrustRoot {
            origin: origin.to_string(),
            reason,
        };
        let document = json::parse(bytes).map_err(|error| unusable(error.to_string()))?;
        let root: TrustedRoot =
            serde_json::from_value(document).map_err(|error| unusable(error.to_string()))?;
        if !MEDIA_TYPES.contains(&root.media_type.as_str()) {
            return Err(unusable(format!(
                "media type `{}` is none of `{}`",
                root.media_type,
                MEDIA_TYPES.join("`, `")
            )));
        }
        // Every use of a root is guarded by a verifier made of it, which checks each key, certificate and window.
        crate::verify::usable(&root).map_err(unusable)?;
        Ok(Self {
            root: Arc::new(root),
            origin,
        })
    }

    /// Returns where the root came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the newest start of validity of anything in the root: material added later is missing for certain.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        let logs = self.root.tlogs.iter().map(|log| log.public_key.valid_for);
        let ct_logs = self.root.ctlogs.iter().map(|log| log.public_key.valid_for);
        let authorities = self
            .root
            .certificate_authorities
            .iter()
            .map(|authority| authority.valid_for);
        let clocks = self
            .root
            .timestamp_authorities
            .iter()
            .map(|authority| authority.valid_for);
        let starts = logs
            .chain(ct_logs)
            .chain(authorities)
            .chain(clocks)
            .flatten();
        starts
            .filter_map(|range: TimeRange| Timestamp::from_second(range.start.as_second()).ok())
            .max()
    }

    /// Describes origin and age in one line, for people.
    #[must_use]
    pub fn describe(&self, now: Timestamp) -> String {
        match &self.origin {
            Origin::Embedded => {
                let age = age_in_days(EMBEDDED_ON, now)
                    .map_or_else(String::new, |days| format!(", {days} days old"));
                format!("{} of {EMBEDDED_ON}{age}", self.origin)
            }
            Origin::Given(name) => {
                let newest = self.newest().map_or_else(
                    || "no dates in it".to_owned(),
                    |time| format!("newest entry from {}", time.strftime("%Y-%m-%d")),
                );
                format!("{name} ({newest})")
            }
        }
    }

    /// Returns the base URL of the log with this id (the raw bytes of `logId.keyId`), if the root knows it.
    pub(crate) fn log(&self, id: &[u8]) -> Option<&str> {
        let log = self
            .root
            .tlogs
            .iter()
            .find(|log| log.log_id.key_id.as_bytes() == id)?;
        Some(log.base_url.as_str())
    }

    /// Tells whether this certificate is the root of one of the certificate authorities: the last of its chain.
    pub(crate) fn is_root_certificate(&self, der: &[u8]) -> bool {
        let chains = self
            .root
            .certificate_authorities
            .iter()
            .map(|authority| &authority.cert_chain.certificates);
        chains
            .filter_map(|chain| chain.last())
            .any(|root| root.raw_bytes.as_bytes() == der)
    }

    pub(crate) fn material(&self) -> &TrustedRoot {
        &self.root
    }
}

impl std::fmt::Debug for TrustRoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TrustRoot({})", self.origin)
    }
}

/// Returns whole days from a date to a time; `None` for a time before it.
pub(crate) fn age_in_days(date: &str, now: Timestamp) -> Option<i64> {
    let start: Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    let seconds = now.as_second().checked_sub(start.as_second())?;
    (seconds >= 0).then_some(seconds / 86_400)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_embedded_copy_is_the_one_of_the_day_stated() {
        let root = TrustRoot::embedded_public().unwrap();
        let now: Timestamp = "2026-11-02T00:00:00Z".parse().unwrap();
        assert_eq!(
            root.describe(now),
            "public Sigstore, embedded copy of 2026-10-23, 10 days old"
        );
        // Changes with the dependency: then EMBEDDED_ON is another day as well.
        let digest = hex::encode(Sha256::digest(
            SigstoreInstance::PublicGood.embedded_trusted_root_json(),
        ));
        assert_eq!(
            digest,
            "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66"
        );
    }

    #[test]
    fn unusable_roots_name_origin_and_reason() {
        let text = SigstoreInstance::PublicGood.embedded_trusted_root_json();
        let wrong_type = text
            .replace("trustedroot+json;version=0.1", "other+json")
            .replace("trustedroot.v0.", "other.v0.");
        for (bytes, reason) in [
            (&b"{"[..], "EOF while parsing an object at line 1 column 1"),
            (b"{}", "missing field `mediaType`"),
            (wrong_type.as_bytes(), "media type `"),
        ] {
            let Err(Error::TrustRoot {
                origin,
                reason: found,
            }) = TrustRoot::from_json(bytes, "r.json")
            else {
                panic!("accepted");
            };
            assert_eq!(origin, "r.json");
            assert!(found.starts_with(reason), "{found}");
        }
    }
}
