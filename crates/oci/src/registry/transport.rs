//! The HTTP clients, each built when it is first used.
//!
//! Metadata may use HTTP/2; blobs use HTTP/1.1 only, which halves the CPU time of a transfer over TLS (oci.md §0). The
//! plain HTTP ones load no certificates. Redirects are never followed here.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::{Mutex, PoisonError};

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::redirect::Policy;
use reqwest::{Certificate, NoProxy};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, RootCertStore};
use url::Url;

use super::error::{CertificateFault, Error, Result};
use super::options::Options;
use super::origin::shown;

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
        let direct = NoProxy::from_string(&direct(proxy.no_proxy.as_deref()));
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

/// Makes an error of a request to `url` that brought no answer.
pub(super) fn failure(url: &Url, error: reqwest::Error) -> Error {
    let url = shown(url);
    match refused_certificate(&error) {
        Some(fault) => Error::Certificate { url, fault },
        None => Error::Transport {
            url,
            source: Box::new(error.without_url()),
        },
    }
}

fn refused_certificate(error: &reqwest::Error) -> Option<CertificateFault> {
    let mut cause = error.source();
    while let Some(current) = cause {
        // An I/O error hands out the causes of what it wraps, not that itself.
        let tls = match current
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(wrapped) => wrapped.downcast_ref::<rustls::Error>(),
            None => current.downcast_ref::<rustls::Error>(),
        };
        if let Some(rustls::Error::InvalidCertificate(reason)) = tls {
            return Some(fault(reason));
        }
        cause = current.source();
    }
    None
}

fn fault(reason: &CertificateError) -> CertificateFault {
    match reason {
        CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => CertificateFault::OtherName {
            expected: expected.to_str().into_owned(),
            found: presented.iter().map(|name| presented_name(name)).collect(),
        },
        CertificateError::BadSignature => CertificateFault::BadSignature,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateFault::Expired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateFault::NotValidYet
        }
        other => CertificateFault::Other(other.to_string()),
    }
}

/// The library writes a name of a certificate as `DnsName("…")`.
fn presented_name(name: &str) -> String {
    let plain = name
        .strip_prefix("DnsName(\"")
        .and_then(|name| name.strip_suffix("\")"));
    plain.unwrap_or(name).escape_default().to_string()
}

/// Lists what is reached without the proxy: loopback always, as Go's clients do. A registry on loopback is spoken to in plain HTTP
/// because nobody is on the way; a proxy would be, and would get its credentials.
fn direct(no_proxy: Option<&str>) -> String {
    const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";
    match no_proxy {
        Some(given) if !given.trim().is_empty() => format!("{given},{LOOPBACK}"),
        _ => LOOPBACK.to_owned(),
    }
}

fn certificates(files: &[PathBuf]) -> Result<Vec<Certificate>> {
    let mut all = Vec::new();
    for path in files {
        let fault = |source: Box<dyn std::error::Error + Send + Sync>| Error::Certificates {
            path: path.clone(),
            source,
        };
        let pem = fs_err::read(path).map_err(|error| fault(error.into()))?;
        // The client would refuse a certificate that is none without saying where it stands.
        let mut known = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| fault(error.into()))?;
            all.push(Certificate::from_der(&certificate).map_err(|error| fault(error.into()))?);
            known
                .add(certificate)
                .map_err(|error| fault(error.into()))?;
        }
        if known.is_empty() {
            return Err(fault("no certificate in PEM form".into()));
        }
    }
    Ok(all)
}
