//! What a caller may choose about the registry client.
//!
//! Values only: nothing here is read from the environment or from disk.

use std::path::PathBuf;
use std::time::Duration;

use crate::limits::Limits;

/// Configures a [`Client`](super::Client).
#[derive(Debug, Clone)]
pub struct Options {
    /// Sent as `User-Agent`.
    pub user_agent: String,
    /// Registries (`host` or `host:port`) that may be spoken to over plain HTTP although they are not on loopback.
    ///
    /// Loopback hosts (`localhost`, `127.0.0.0/8`, `[::1]`) always use plain HTTP; everything else uses TLS.
    pub insecure_registries: Vec<String>,
    /// PEM files with certificates that are trusted in addition to the system's.
    pub ca_files: Vec<PathBuf>,
    /// Credential files of docker or podman, in order: the first that knows the registry wins, missing ones are skipped.
    pub credential_files: Vec<PathBuf>,
    /// Proxies to go through; none by default.
    pub proxy: Option<Proxy>,
    /// How often and how long a failed request is repeated.
    pub retries: Retries,
    /// Limits on what a registry may send.
    pub limits: Limits,
    /// Time to establish a connection; 10 s by default.
    pub connect_timeout: Duration,
    /// Time to the first byte of an answer, and between two bytes of a body; 60 s by default.
    pub idle_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            user_agent: concat!("toolkit/", env!("CARGO_PKG_VERSION")).to_owned(),
            insecure_registries: Vec::new(),
            ca_files: Vec::new(),
            credential_files: Vec::new(),
            proxy: None,
            retries: Retries::default(),
            limits: Limits::default(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
        }
    }
}

/// Names the proxies for the two schemes, in the syntax of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
#[derive(Debug, Clone, Default)]
pub struct Proxy {
    /// Proxy for `http` addresses.
    pub http: Option<String>,
    /// Proxy for `https` addresses.
    pub https: Option<String>,
    /// Comma-separated hosts that are reached directly.
    pub no_proxy: Option<String>,
}

/// Says how a failed request is repeated: full jitter between zero and `base`·2ⁿ, at most `cap`.
#[derive(Debug, Clone, Copy)]
pub struct Retries {
    /// Number of attempts in all; 6 by default.
    pub attempts: u32,
    /// Upper bound of the first wait; 250 ms by default.
    pub base: Duration,
    /// Upper bound of every wait that the registry did not ask for; 30 s by default.
    pub cap: Duration,
    /// Longest time that one request spends waiting; 120 s by default. The limit `retry-after` bounds a single wait.
    pub budget: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 6,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(30),
            budget: Duration::from_secs(120),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_safe_ones() {
        let options = Options::default();
        assert!(options.insecure_registries.is_empty());
        assert!(options.ca_files.is_empty());
        assert_eq!(options.retries.attempts, 6);
        assert_eq!(options.retries.budget, Duration::from_secs(120));
        assert_eq!(options.connect_timeout, Duration::from_secs(10));
        assert_eq!(options.idle_timeout, Duration::from_secs(60));
    }
}
