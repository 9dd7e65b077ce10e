//! Which services a signature is made with: certificate authority, logs, timestamp authorities.
//!
//! It selects; it asks no service.
//!
//! Specification: sigstore protobuf-specs `sigstore_trustroot.proto`, `SigningConfig` 0.2 and `ServiceSelector`; Sigstore
//! client specification, service selection.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sigstore_trust_root::{
    ServiceConfiguration, ServiceEndpoint, ServiceSelector, SigstoreInstance,
};

use crate::trust::{EMBEDDED_ON, Origin};
use crate::{Error, Result, json};

/// A signing configuration and where it came from.
#[derive(Debug, Clone)]
pub struct SigningConfig {
    config: sigstore_trust_root::SigningConfig,
    origin: Origin,
}

/// A service that was selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Its URL, without a slash at the end.
    pub(crate) url: String,
    /// The version of its interface.
    pub(crate) version: u32,
}

/// All services that one signature needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) logs: Vec<Endpoint>,
    pub(crate) timestamps: Vec<Endpoint>,
}

impl SigningConfig {
    /// Returns the public instance's configuration as this program carries it.
    ///
    /// # Errors
    /// [`Error::SigningConfig`] where the carried copy cannot be parsed, which a test of this crate excludes.
    pub fn embedded_public() -> Result<Self> {
        let text = SigstoreInstance::PublicGood
            .embedded_signing_config_json()
            .unwrap_or_default();
        Self::parse(text.as_bytes(), Origin::Embedded)
    }

    /// Parses a configuration from JSON; `origin` is the name to show for it, a path as a rule.
    ///
    /// # Errors
    /// [`Error::SigningConfig`] with the reason: not JSON, a duplicated key, another media type than v0.2.
    pub fn from_json(bytes: &[u8], origin: impl Into<String>) -> Result<Self> {
        Self::parse(bytes, Origin::Given(origin.into()))
    }

    fn parse(bytes: &[u8], origin: Origin) -> Result<Self> {
        let unusable = |reason: String| Error::SigningConfig {
            origin: origin.to_string(),
            reason,
        };
        let document = json::parse(bytes).map_err(|error| unusable(error.to_string()))?;
        let config: sigstore_trust_root::SigningConfig =
            serde_json::from_value(document).map_err(|error| unusable(error.to_string()))?;
        let expected = sigstore_trust_root::SIGNING_CONFIG_MEDIA_TYPE;
        if config.media_type != expected {
            return Err(unusable(format!(
                "media type: expected `{expected}`, found `{}`",
                config.media_type
            )));
        }
        Ok(Self { config, origin })
    }

    /// Returns where the configuration came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Describes origin and age in one line, for people.
    #[must_use]
    pub fn describe(&self, now: Timestamp) -> String {
        match &self.origin {
            Origin::Embedded => {
                let age = crate::trust::age_in_days(EMBEDDED_ON, now)
                    .map_or_else(String::new, |days| format!(", {days} days old"));
                format!("{} of {EMBEDDED_ON}{age}", self.origin)
            }
            Origin::Given(name) => name.clone(),
        }
    }

    /// Returns the issuer for interactive log-in, if the configuration names one that is valid now.
    #[must_use]
    pub fn issuer(&self, now: Timestamp) -> Option<&str> {
        self.config
            .oidc_urls
            .iter()
            .find(|endpoint| valid(endpoint, now))
            .map(|endpoint| endpoint.url.as_str())
    }

    /// Selects the certificate authority.
    pub(crate) fn authority(&self, now: Timestamp) -> Result<Endpoint> {
        let any = ServiceConfiguration::default();
        let all = self.select(
            "certificate authority",
            &self.config.ca_urls,
            &any,
            &[1],
            now,
        )?;
        all.into_iter()
            .next()
            .ok_or_else(|| self.none("certificate authority", 1, 0))
    }

    /// Selects logs and timestamp authorities.
    ///
    /// A log of version 2 gives no time, so with one a timestamp authority is compulsory.
    pub(crate) fn services(&self, now: Timestamp) -> Result<Selected> {
        let logs = self.select(
            "transparency log",
            &self.config.rekor_tlog_urls,
            &self.config.rekor_tlog_config,
            &[1, 2],
            now,
        )?;
        let needs_time = logs.iter().any(|log| log.version != 1);
        let timestamps = if self.config.tsa_urls.is_empty() && !needs_time {
            Vec::new()
        } else {
            self.select(
                "timestamp authority",
                &self.config.tsa_urls,
                &self.config.tsa_config,
                &[1],
                now,
            )?
        };
        Ok(Selected { logs, timestamps })
    }

    /// Applies a selector: the highest known version that is valid now, one of each operator, then as many as it demands.
    fn select(
        &self,
        service: &'static str,
        endpoints: &[ServiceEndpoint],
        configuration: &ServiceConfiguration,
        versions: &[u32],
        now: Timestamp,
    ) -> Result<Vec<Endpoint>> {
        let mut usable: Vec<&ServiceEndpoint> = endpoints
            .iter()
            .filter(|endpoint| {
                versions.contains(&endpoint.major_api_version) && valid(endpoint, now)
            })
            .collect();
        // Stable, so that the configuration's order decides among equals.
        usable.sort_by_key(|endpoint| std::cmp::Reverse(endpoint.major_api_version));
        let mut operators = BTreeSet::new();
        // An endpoint without operator cannot be shown to share one.
        usable.retain(|endpoint| {
            operators.insert(
                endpoint
                    .operator
                    .clone()
                    .unwrap_or_else(|| endpoint.url.clone()),
            )
        });
        let needed = match configuration.selector {
            ServiceSelector::Any => 1,
            ServiceSelector::All => usable.len().max(1),
            ServiceSelector::Exact => match configuration
                .count
                .and_then(|count| usize::try_from(count).ok())
            {
                Some(count) if count > 0 => count,
                _ => {
                    let reason = format!("selector EXACT of {service} without a count");
                    return Err(Error::SigningConfig {
                        origin: self.origin.to_string(),
                        reason,
                    });
                }
            },
            _ => {
                let reason = format!("selector of {service} is undefined");
                return Err(Error::SigningConfig {
                    origin: self.origin.to_string(),
                    reason,
                });
            }
        };
        if usable.len() < needed {
            return Err(self.none(service, needed, usable.len()));
        }
        usable.truncate(needed);
        // Tokens and keys' certificates must not travel readable for everybody on the way.
        if let Some(open) = usable.iter().find(|endpoint| !is_private(&endpoint.url)) {
            let reason = format!(
                "`{}` of {service} is neither https nor on this machine",
                open.url
            );
            return Err(Error::SigningConfig {
                origin: self.origin.to_string(),
                reason,
            });
        }
        Ok(usable
            .into_iter()
            .map(|endpoint| Endpoint {
                url: endpoint.url.trim_end_matches('/').to_owned(),
                version: endpoint.major_api_version,
            })
            .collect())
    }

    fn none(&self, service: &'static str, needed: usize, usable: usize) -> Error {
        Error::NoService {
            origin: self.origin.to_string(),
            service,
            needed,
            usable,
        }
    }
}

/// Tells whether nobody on the network can read along: https, or http to a loopback address.
fn is_private(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else {
        return false;
    };
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        ("http", Some(url::Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

fn valid(endpoint: &ServiceEndpoint, now: Timestamp) -> bool {
    let now = now.as_second();
    let range = endpoint.valid_for;
    range.start.as_second() <= now && range.end.is_none_or(|end| now <= end.as_second())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(logs: serde_json::Value, selector: serde_json::Value) -> SigningConfig {
        let text = json!({
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [{"url": "https://ca/", "majorApiVersion": 1, "validFor": {"start": "2020-01-01T00:00:00Z"}}],
            "rekorTlogUrls": logs,
            "rekorTlogConfig": selector,
        });
        SigningConfig::from_json(text.to_string().as_bytes(), "c").unwrap()
    }

    fn log(url: &str, version: u32, operator: &str, end: Option<&str>) -> serde_json::Value {
        let mut range = json!({"start": "2020-01-01T00:00:00Z"});
        if let Some(end) = end {
            range["end"] = json!(end);
        }
        json!({"url": url, "majorApiVersion": version, "validFor": range, "operator": operator})
    }

    #[test]
    fn selectors() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let one = |url: &str, version| Endpoint {
            url: url.into(),
            version,
        };
        let logs = json!([
            log("https://a1", 1, "a", None),
            log("https://b1/", 1, "b", None),
            log("https://old", 1, "c", Some("2021-01-01T00:00:00Z")),
            log("https://new", 9, "d", None),
        ]);
        for (selector, expected) in [
            (json!({"selector": "ANY"}), Ok(vec![one("https://a1", 1)])),
            (json!({}), Ok(vec![one("https://a1", 1)])),
            (
                json!({"selector": "EXACT", "count": 2}),
                Ok(vec![one("https://a1", 1), one("https://b1", 1)]),
            ),
            (
                json!({"selector": "ALL"}),
                Ok(vec![one("https://a1", 1), one("https://b1", 1)]),
            ),
            (
                json!({"selector": "EXACT", "count": 3}),
                Err(Error::NoService {
                    origin: "c".into(),
                    service: "transparency log",
                    needed: 3,
                    usable: 2,
                }),
            ),
            (
                json!({"selector": "EXACT"}),
                Err(Error::SigningConfig {
                    origin: "c".into(),
                    reason: "selector EXACT of transparency log without a count".into(),
                }),
            ),
            (
                json!({"selector": "SERVICE_SELECTOR_UNDEFINED"}),
                Err(Error::SigningConfig {
                    origin: "c".into(),
                    reason: "selector of transparency log is undefined".into(),
                }),
            ),
        ] {
            let found = config(logs.clone(), selector.clone())
                .services(now)
                .map(|selected| selected.logs);
            assert_eq!(found, expected, "{selector}");
        }
    }

    #[test]
    fn version_two_wins_and_demands_a_timestamp() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let both = json!([
            log("https://a1", 1, "a", None),
            log("https://a2", 2, "a", None)
        ]);
        assert_eq!(
            config(both, json!({"selector": "ANY"})).services(now),
            Err(Error::NoService {
                origin: "c".into(),
                service: "timestamp authority",
                needed: 1,
                usable: 0
            })
        );
        assert_eq!(
            config(json!([]), json!({})).authority(now),
            Ok(Endpoint {
                url: "https://ca".into(),
                version: 1
            })
        );
    }

    #[test]
    fn tokens_do_not_travel_in_the_open() {
        for (url, private) in [
            ("https://x", true),
            ("http://127.0.0.1:5000/a", true),
            ("http://[::1]:1", true),
            ("http://localhost:1", true),
            ("http://10.0.0.1", false),
            ("http://localhost.evil.example", false),
            ("ftp://127.0.0.1", false),
            ("x", false),
        ] {
            assert_eq!(is_private(url), private, "{url}");
        }
    }

    #[test]
    fn the_embedded_copy_selects_public_services() {
        let now: Timestamp = "2026-11-02T00:00:00Z".parse().unwrap();
        let config = SigningConfig::embedded_public().unwrap();
        assert_eq!(
            config.authority(now).unwrap().url,
            "https://fulcio.sigstore.dev"
        );
        let services = config.services(now).unwrap();
        assert_eq!((services.logs.len(), services.timestamps.len()), (1, 1));
        assert_eq!(
            config.describe(now),
            "public Sigstore, embedded copy of 2026-10-23, 10 days old"
        );
    }
}
