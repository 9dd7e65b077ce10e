//! The services as one synchronous thing: runtime, HTTP client, retries with back-off, and errors of our own.
//!
//! Specification: Fulcio `fulcio.proto` (`/api/v2/signingCert`); Rekor v2 `rekor_service.proto` (`/api/v2/log/entries`, answers once the entry
//! is in the tree); RFC 3161 §3.4; RFC 9110 §10.2.3 (`Retry-After`).

use std::future::Future;
use std::time::{Duration, Instant};

use sigstore_sign::crypto::KeyPair;
use sigstore_sign::fulcio::{self, FulcioClient};
use sigstore_sign::oidc::IdentityToken;
use sigstore_sign::rekor::{self, HashedRekordV2, RekorV2Client};
use sigstore_sign::reqwest::redirect::Policy;
use sigstore_sign::reqwest::{self, Client};
use sigstore_sign::tsa::{self, TimestampClient};
use sigstore_sign::types::{DerCertificate, SignatureBytes, TimestampToken, TransparencyLogEntry};
use tokio::runtime::Runtime;

use super::rekor_v1;
use crate::signing_config::Endpoint;
use crate::{Error, Result, Retries};

/// Longest time for one request: a log of version 2 answers after its next checkpoint, for which clients have to allow
/// 20 s (Rekor v2 `CLIENTS.md`).
const REQUEST: Duration = Duration::from_secs(45);
const CONNECT: Duration = Duration::from_secs(10);

/// Longest part of a service's answer that an error repeats.
const LONGEST_REASON: usize = 400;

/// The network side of a session.
pub(super) struct Services {
    runtime: Runtime,
    http: Client,
    retries: Retries,
}

/// Why one try failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Worth another try, not before the pause the service asked for.
    Again {
        reason: String,
        after: Option<Duration>,
    },
    /// The service refused.
    Rejected { status: Option<u16>, reason: String },
    /// The answer does not fit.
    Answer { reason: String },
}

impl Failure {
    pub(super) fn answer(reason: impl std::fmt::Display) -> Self {
        Self::Answer {
            reason: short(&reason.to_string()),
        }
    }

    fn word(&self) -> &str {
        match self {
            Self::Again { reason, .. }
            | Self::Rejected { reason, .. }
            | Self::Answer { reason } => reason,
        }
    }
}

impl Services {
    pub(super) fn new(user_agent: &str, retries: Retries) -> Result<Self> {
        let client = |reason: String| Error::Client { reason };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| client(error.to_string()))?;
        // No redirects: the token goes to the service that the configuration names and to nobody else.
        let http = Client::builder()
            .user_agent(user_agent)
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .redirect(Policy::none())
            .build()
            .map_err(|error| client(error.to_string()))?;
        Ok(Self {
            runtime,
            http,
            retries,
        })
    }

    /// Asks Fulcio for a certificate, with proof that the key is ours.
    pub(super) fn certificate(
        &self,
        at: &Endpoint,
        token: &IdentityToken,
        key: &KeyPair,
    ) -> Result<DerCertificate> {
        let client = FulcioClient::builder(&at.url)
            .with_http_client(self.http.clone())
            .build();
        let client = client.map_err(|error| Error::Client {
            reason: error.to_string(),
        })?;
        self.ask("certificate authority", at, || async {
            let certificate = client
                .create_signing_certificate(token, key)
                .await
                .map_err(|error| match error {
                    fulcio::Error::Http(reason) => Failure::Again {
                        reason: short(&reason),
                        after: None,
                    },
                    fulcio::Error::Status { status, message } => {
                        status_failure(status, &message, None)
                    }
                    other => Failure::answer(other),
                })?;
            Ok(certificate.leaf_certificate().clone())
        })
    }

    /// Asks a timestamp authority for a timestamp of a signature.
    pub(super) fn timestamp(
        &self,
        at: &Endpoint,
        signature: &SignatureBytes,
    ) -> Result<TimestampToken> {
        let client = TimestampClient::builder(&at.url)
            .with_http_client(self.http.clone())
            .build();
        let client = client.map_err(|error| Error::Client {
            reason: error.to_string(),
        })?;
        self.ask("timestamp authority", at, || async {
            client
                .timestamp_signature(signature)
                .await
                .map_err(|error| match error {
                    tsa::Error::Http(reason) => http_words(&reason),
                    other => Failure::answer(other),
                })
        })
    }

    /// Asks a log of version 1 to take an entry.
    pub(super) fn log_v1(
        &self,
        at: &Endpoint,
        request: &rekor_v1::Request,
    ) -> Result<TransparencyLogEntry> {
        self.ask("transparency log", at, || request.send(&self.http, &at.url))
    }

    /// Asks a log of version 2 to take an entry.
    pub(super) fn log_v2(
        &self,
        at: &Endpoint,
        request: &HashedRekordV2,
    ) -> Result<TransparencyLogEntry> {
        let client = RekorV2Client::builder(&at.url)
            .with_http_client(self.http.clone())
            .build();
        let client = client.map_err(|error| Error::Client {
            reason: error.to_string(),
        })?;
        self.ask("transparency log", at, || async {
            client
                .create_entry(request.clone())
                .await
                .map_err(|error| match error {
                    rekor::Error::Http(reason) => Failure::Again {
                        reason: short(&reason),
                        after: None,
                    },
                    rekor::Error::Status { status, message } => {
                        status_failure(status, &message, None)
                    }
                    other => Failure::answer(other),
                })
        })
    }

    /// Runs one request until it succeeds, is refused, or has been tried often enough.
    fn ask<T, F>(&self, service: &'static str, at: &Endpoint, request: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        let url = at.url.clone();
        self.runtime.block_on(async {
            let mut pause = self.retries.pause;
            let mut tries = 1;
            loop {
                let asked = Instant::now();
                let answer = request().await;
                let ms = asked.elapsed().as_millis();
                let outcome = answer.as_ref().err().map_or("answered", Failure::word);
                tracing::debug!(service, %url, tries, outcome, ms, "request");
                match answer {
                    Ok(value) => return Ok(value),
                    Err(Failure::Rejected { status, reason }) => {
                        return Err(Error::Rejected {
                            service,
                            url,
                            status,
                            reason,
                        });
                    }
                    Err(Failure::Answer { reason }) => {
                        return Err(Error::Answer {
                            service,
                            url,
                            reason,
                        });
                    }
                    Err(Failure::Again { reason, after }) => {
                        if tries >= self.retries.tries {
                            return Err(Error::Unreachable {
                                service,
                                url,
                                tries,
                                reason,
                            });
                        }
                        // Half to whole of the pause at random, so that many jobs do not come back at once.
                        let jittered = pause.mul_f64(fastrand::f64().mul_add(0.5, 0.5));
                        let wait = after
                            .unwrap_or_default()
                            .max(jittered)
                            .min(self.retries.longest);
                        tracing::debug!(service, %url, tries, %reason, ?wait, "asking again");
                        tokio::time::sleep(wait).await;
                        pause = pause.saturating_mul(2);
                        tries += 1;
                    }
                }
            }
        })
    }
}

/// Judges a status: 408, 425, 429 and 5xx are worth another try.
pub(super) fn status_failure(status: u16, body: &str, after: Option<Duration>) -> Failure {
    let reason = format!("HTTP {status}: {}", short(body));
    match status {
        408 | 425 | 429 | 500.. => Failure::Again { reason, after },
        _ => Failure::Rejected {
            status: Some(status),
            reason,
        },
    }
}

/// A request that got no answer.
pub(super) fn unsent(error: reqwest::Error) -> Failure {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    Failure::Again {
        reason: short(&reason),
        after: None,
    }
}

/// Reads `Retry-After` in seconds; its other form, a date, would need a clock.
pub(super) fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer
        .headers()
        .get("retry-after")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// The timestamp client gives a status as words only.
fn http_words(reason: &str) -> Failure {
    let status = reason
        .strip_prefix("TSA returned status ")
        .and_then(|rest| rest.get(..3))
        .and_then(|code| code.parse().ok());
    match status {
        Some(status) => status_failure(status, reason, None),
        None => Failure::Again {
            reason: short(reason),
            after: None,
        },
    }
}

/// Makes one line of a service's words, of bearable length.
fn short(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|char| !char.is_control()).collect();
    match line.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services(tries: u32) -> Services {
        let retries = Retries {
            tries,
            pause: Duration::from_millis(1),
            longest: Duration::from_millis(5),
        };
        Services::new("test", retries).unwrap()
    }

    #[test]
    fn retries_end() {
        let at = Endpoint {
            url: "https://log.example".into(),
            version: 1,
        };
        let count = std::cell::Cell::new(0);
        let result: Result<()> = services(3).ask("transparency log", &at, || async {
            count.set(count.get() + 1);
            Err(status_failure(
                503,
                "no\n  room",
                Some(Duration::from_secs(3600)),
            ))
        });
        let reason = "HTTP 503: no room".to_owned();
        let (service, url) = ("transparency log", at.url.clone());
        assert_eq!(
            result,
            Err(Error::Unreachable {
                service,
                url,
                tries: 3,
                reason
            })
        );
        assert_eq!(count.get(), 3);
        let result = services(3).ask(service, &at, || async {
            count.set(count.get() + 1);
            if count.get() < 5 {
                Err(status_failure(429, "", None))
            } else {
                Ok(7)
            }
        });
        assert_eq!((result, count.get()), (Ok(7), 5));
        let result: Result<()> = services(3).ask(service, &at, || async {
            count.set(count.get() + 1);
            Err(status_failure(400, "bad", None))
        });
        let (url, reason) = (at.url.clone(), "HTTP 400: bad".to_owned());
        assert_eq!(
            result,
            Err(Error::Rejected {
                service,
                url,
                status: Some(400),
                reason
            })
        );
        assert_eq!(count.get(), 6);
    }

    #[test]
    fn words_of_the_timestamp_client() {
        assert!(matches!(
            http_words("TSA returned status 503 Service Unavailable"),
            Failure::Again { .. }
        ));
        assert!(matches!(
            http_words("TSA returned status 400 Bad Request"),
            Failure::Rejected {
                status: Some(400),
                ..
            }
        ));
        assert!(matches!(
            http_words("error sending request"),
            Failure::Again { .. }
        ));
        assert_eq!(short(&"x ".repeat(400)).chars().count(), LONGEST_REASON + 1);
    }
}
