//! How images are reached: limits, credentials, proxies, additional certificates.

use std::io;
use std::path::PathBuf;

use toolkit_oci::registry::{Client, Options, Proxy};
use toolkit_oci::{Access as Reach, Event, Limits, Target};

use crate::args::AccessArgs;
use crate::error::{Error, Result};
use crate::terminal::Terminal;
use crate::{dirs, env};

/// Holds what every command needs to reach an image.
#[derive(Debug)]
pub(crate) struct Access {
    /// The limits on foreign input.
    pub(crate) limits: Limits,
    /// The registry client; it opens no connection before it is used.
    pub(crate) client: Client,
    /// Whether the network is not to be used.
    pub(crate) offline: bool,
}

impl Access {
    /// Joins flags and environment; names on stderr every registry that is spoken to insecurely.
    ///
    /// # Errors
    /// [`Error::Limit`] and [`Error::Oci`] for an unknown limit or a value that is no number, [`Error::Read`] for a FIFO in
    /// `SSL_CERT_FILE`.
    pub(crate) fn new(args: &AccessArgs, terminal: &Terminal) -> Result<Self> {
        let mut limits = Limits::default();
        for text in &args.limit {
            let refused = || Error::Limit {
                found: text.clone(),
            };
            let (name, value) = text.split_once('=').ok_or_else(refused)?;
            limits.set(name.trim(), value.trim().parse().map_err(|_| refused())?)?;
        }
        for registry in &args.insecure_registry {
            terminal.warn(&format!(
                "plain HTTP to `{registry}`: whoever is on the way can read and change what is sent"
            ));
        }
        let from_environment = env::read(env::SSL_CERT_FILE).map(PathBuf::from);
        // One that is missing is the client's to tell, where TLS is used at all.
        if let Some(path) = &from_environment
            && fs_err::metadata(path).is_ok_and(|found| !found.is_file())
        {
            return Err(Error::Read {
                path: path.clone(),
                source: io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"),
            });
        }
        let client = Client::new(Options {
            insecure_registries: args.insecure_registry.clone(),
            ca_files: args
                .ca_file
                .iter()
                .cloned()
                .chain(from_environment)
                .collect(),
            credential_files: dirs::credential_files(),
            proxy: proxy(),
            limits: limits.clone(),
            ..Options::default()
        });
        Ok(Self {
            limits,
            client,
            offline: args.offline,
        })
    }

    /// Joins limits and client with where events go.
    pub(crate) fn reach<'a>(&'a self, events: &'a (dyn Fn(Event) + Sync)) -> Reach<'a> {
        Reach::new(&self.limits, &self.client, events)
    }

    /// Reads a target as it was typed.
    ///
    /// # Errors
    /// [`Error::Oci`] where it cannot be parsed, [`Error::Offline`] where it is in a registry and the network is not to be used.
    pub(crate) fn target(&self, text: &str) -> Result<Target> {
        let target = Target::parse(text)?;
        if self.offline && matches!(target, Target::Registry(_)) {
            return Err(Error::Offline {
                target: text.to_owned(),
            });
        }
        Ok(target)
    }
}

fn proxy() -> Option<Proxy> {
    let first = |names: [&str; 2]| names.into_iter().find_map(env::text);
    let all = first(env::ALL_PROXY);
    let [lower, capital] = env::HTTP_PROXY;
    let http = env::text(lower).or_else(|| {
        if env::read(env::REQUEST_METHOD).is_some() {
            None
        } else {
            env::text(capital)
        }
    });
    let proxy = Proxy {
        http: http.or_else(|| all.clone()),
        https: first(env::HTTPS_PROXY).or(all),
        no_proxy: first(env::NO_PROXY),
    };
    (proxy.http.is_some() || proxy.https.is_some()).then_some(proxy)
}
