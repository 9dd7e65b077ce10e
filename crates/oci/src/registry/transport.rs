//! The HTTP clients, each built when it is first used.
//!
//! Metadata may use HTTP/2; blobs use HTTP/1.1 only, which halves the CPU time of a transfer over TLS (oci.md §0). The
//! plain HTTP ones load no certificates. Redirects are never followed here.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::{Mutex, PoisonError};

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::redirect::Policy;
use reqwest::{Certificate, NoProxy};

use super::error::{Error, Result};
use super::options::Options;

/// What a connection carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    /// Manifests, tokens, tags, referrers.
    Metadata,
    /// Blobs.
    Blobs,
}

#[derive(Debug, Default)]
pub(super) struct Transports {
    tls_metadata: OnceLock<Client>,
    tls_blobs: OnceLock<Client>,
    plain_metadata: OnceLock<Client>,
    plain_blobs: OnceLock<Client>,
    building: Mutex<()>,
}

impl Transports {
    /// Returns the client for `channel` and the scheme of the address.
    pub(super) fn get(&self, options: &Options, channel: Channel, tls: bool) -> Result<&Client> {
        let cell = match (channel, tls) {
            (Channel::Metadata, true) => &self.tls_metadata,
            (Channel::Blobs, true) => &self.tls_blobs,
            (Channel::Metadata, false) => &self.plain_metadata,
            (Channel::Blobs, false) => &self.plain_blobs,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let _building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build(options, channel, tls)?;
        Ok(cell.get_or_init(|| client))
    }
}

fn build(options: &Options, channel: Channel, tls: bool) -> Result<Client> {
    let setup = |source| Error::Setup {
        source: Box::new(source),
    };
    let mut builder = ClientBuilder::new()
        .user_agent(&options.user_agent)
        .redirect(Policy::none())
        .referer(false)
        // A digest is over the bytes as stored, so nothing may be decoded on the way.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        // Proxies come from the caller, never from the environment.
        .no_proxy()
        .connect_timeout(options.connect_timeout)
        .timeout(options.idle_timeout);
    if channel == Channel::Blobs {
        builder = builder.http1_only();
    }
    builder = if tls {
        builder.tls_certs_merge(certificates(&options.ca_files)?)
    } else {
        builder.tls_certs_only([])
    };
    if let Some(proxy) = &options.proxy {
        let direct = proxy.no_proxy.as_deref().and_then(NoProxy::from_string);
        if let Some(address) = &proxy.http {
            builder = builder.proxy(
                reqwest::Proxy::http(address)
                    .map_err(setup)?
                    .no_proxy(direct.clone()),
            );
        }
        if let Some(address) = &proxy.https {
            builder = builder.proxy(
                reqwest::Proxy::https(address)
                    .map_err(setup)?
                    .no_proxy(direct),
            );
        }
    }
    builder.build().map_err(setup)
}

fn certificates(files: &[PathBuf]) -> Result<Vec<Certificate>> {
    let mut all = Vec::new();
    for path in files {
        let fault = |source: Box<dyn std::error::Error + Send + Sync>| Error::Certificates {
            path: path.clone(),
            source,
        };
        let pem = fs_err::read(path).map_err(|error| fault(error.into()))?;
        let found = Certificate::from_pem_bundle(&pem).map_err(|error| fault(error.into()))?;
        if found.is_empty() {
            return Err(fault("no certificate in PEM form".into()));
        }
        all.extend(found);
    }
    Ok(all)
}
