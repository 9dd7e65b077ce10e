//! Where a registry is, how it may be spoken to, and which addresses it may send us to.
//!
//! The rules against server-side request forgery and leaked credentials (CVE-2020-15157) live here. No connection is made.

use std::net::IpAddr;

use url::{Host, Url};

use super::error::{Error, Result, TargetFault};

/// How far a registry is trusted with plain HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Tls,
    /// Plain HTTP, to this machine only.
    Loopback,
    /// Plain HTTP, because the user named the registry.
    Insecure,
}

/// One registry's address and its rules.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    base: Url,
    transport: Transport,
    name: String,
}

impl Origin {
    /// Finds the address of `registry` (`host` or `host:port`).
    pub(super) fn new(registry: &str, insecure_registries: &[String]) -> Result<Self> {
        let bad = || Error::Host {
            registry: registry.to_owned(),
        };
        // The name that the reference grammar gives Docker Hub is not the host that serves it.
        let host = match registry {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            other => other,
        };
        let parse = |scheme: &str| Url::parse(&format!("{scheme}://{host}/")).map_err(|_| bad());
        let base = parse("https")?;
        let is_bare = base.path() == "/"
            && base.query().is_none()
            && base.fragment().is_none()
            && !has_credentials(&base);
        if !is_bare || host.contains('/') {
            return Err(bad());
        }
        let transport = if insecure_registries.iter().any(|named| named == registry) {
            Transport::Insecure
        } else if is_loopback(&base) {
            Transport::Loopback
        } else {
            Transport::Tls
        };
        let base = match transport {
            Transport::Tls => base,
            Transport::Loopback | Transport::Insecure => parse("http")?,
        };
        Ok(Self {
            base,
            transport,
            name: registry.to_owned(),
        })
    }

    /// Finds the rules for an address of its own that somebody named: TLS, or plain HTTP to this machine or to a host named for it.
    pub(super) fn of(url: &Url, insecure_registries: &[String]) -> Result<Self> {
        let refuse = |fault| Error::Address {
            url: shown(url),
            fault,
        };
        if has_credentials(url) {
            return Err(refuse(TargetFault::Credentials));
        }
        let host = url.host_str().ok_or_else(|| refuse(TargetFault::Scheme))?;
        let name = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let origin = Self::new(&name, insecure_registries)?;
        match (url.scheme(), origin.transport) {
            ("https", _) | ("http", Transport::Loopback | Transport::Insecure) => Ok(origin),
            ("http", Transport::Tls) => Err(refuse(TargetFault::Plain)),
            _ => Err(refuse(TargetFault::Scheme)),
        }
    }

    /// The registry as it was named.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Address of `path` (without leading slash) on the registry.
    pub(super) fn url(&self, path: &str) -> Result<Url> {
        self.base.join(path).map_err(|_| Error::Host {
            registry: self.name.clone(),
        })
    }

    /// Says whether `url` is this very registry: only then may credentials go there.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        same_origin(&self.base, url)
    }

    /// Checks an address that `from` told us to go to.
    pub(super) fn check_target(&self, from: &Url, target: &Url) -> Result<()> {
        let refuse = |fault| {
            Err(Error::Target {
                from: shown(from),
                target: shown(target),
                fault,
            })
        };
        if has_credentials(target) {
            return refuse(TargetFault::Credentials);
        }
        match target.scheme() {
            "https" => {}
            "http" if from.scheme() == "https" || self.transport == Transport::Tls => {
                return refuse(TargetFault::Downgrade);
            }
            "http" => {}
            _ => return refuse(TargetFault::Scheme),
        }
        if self.is_own(target) || self.transport == Transport::Insecure {
            return Ok(());
        }
        if self.transport == Transport::Loopback {
            if is_loopback(target) {
                return Ok(());
            }
            if target.scheme() == "http" {
                return refuse(TargetFault::Downgrade);
            }
        }
        if target.host() != self.base.host() && is_private(target) {
            return refuse(TargetFault::PrivateAddress);
        }
        Ok(())
    }
}

/// Address for messages: without query, which may hold a signature, and without user and password.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Fails only for addresses that cannot have credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => is_loopback_ip(ip.into()),
        None => false,
    }
}

fn is_loopback_ip(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// IP literals that lead into somebody's own network (RFC 6890), and `localhost`.
fn is_private(url: &Url) -> bool {
    let ip: IpAddr = match url.host() {
        Some(Host::Ipv4(ip)) => ip.into(),
        Some(Host::Ipv6(ip)) => ip.into(),
        Some(Host::Domain(_)) | None => return is_loopback(url),
    };
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast()
                // Shared address space, RFC 6598; "this network", RFC 1122.
                || (a == 100 && (64..128).contains(&b)) || a == 0
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_and_for_named_registries() {
        let insecure = ["reg.corp:5000".to_owned()];
        let cases = [
            ("ghcr.io", "https://ghcr.io/"),
            ("ghcr.io:8443", "https://ghcr.io:8443/"),
            ("docker.io", "https://registry-1.docker.io/"),
            ("localhost", "http://localhost/"),
            ("localhost:5000", "http://localhost:5000/"),
            ("127.0.0.1:5000", "http://127.0.0.1:5000/"),
            ("127.9.9.9", "http://127.9.9.9/"),
            ("[::1]:5000", "http://[::1]:5000/"),
            ("reg.corp:5000", "http://reg.corp:5000/"),
            ("reg.corp", "https://reg.corp/"),
            ("localhost.example.com", "https://localhost.example.com/"),
            ("10.0.0.1:5000", "https://10.0.0.1:5000/"),
        ];
        for (registry, expected) in cases {
            assert_eq!(
                Origin::new(registry, &insecure).unwrap().base.as_str(),
                expected,
                "{registry}"
            );
        }
        for bad in ["", "a/b", "u:p@h", "h?x", "h#x", "h:99999", "http://h"] {
            assert!(
                matches!(Origin::new(bad, &[]), Err(Error::Host { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn named_addresses_are_of_tls_or_of_this_machine() {
        use TargetFault::{Credentials, Plain, Scheme};
        let insecure = ["reg.corp:5000".to_owned()];
        for (url, expected) in [
            ("https://feeds.example/a.zip", None),
            ("https://10.0.0.1/a.zip", None),
            ("http://127.0.0.1:8080/a.zip", None),
            ("http://[::1]:8080/a.zip", None),
            ("http://reg.corp:5000/a.zip", None),
            ("http://reg.corp/a.zip", Some(Plain)),
            ("http://feeds.example/a.zip", Some(Plain)),
            ("https://u:p@feeds.example/a.zip", Some(Credentials)),
            ("ftp://127.0.0.1/a.zip", Some(Scheme)),
            ("file:///etc/passwd", Some(Scheme)),
        ] {
            let found = match Origin::of(&Url::parse(url).unwrap(), &insecure) {
                Ok(_) => None,
                Err(Error::Address { fault, .. }) => Some(fault),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn addresses_are_refused_for_their_own_reason() {
        use TargetFault::{Credentials, Downgrade, PrivateAddress, Scheme};
        let insecure = ["reg.corp".to_owned()];
        let cases = [
            ("ghcr.io", "https://cdn.example/x", None),
            ("ghcr.io", "https://ghcr.io/x", None),
            ("ghcr.io", "http://ghcr.io/x", Some(Downgrade)),
            ("ghcr.io", "https://169.254.169.254/x", Some(PrivateAddress)),
            ("ghcr.io", "https://10.1.2.3/x", Some(PrivateAddress)),
            (
                "ghcr.io",
                "https://[::ffff:10.1.2.3]/x",
                Some(PrivateAddress),
            ),
            ("ghcr.io", "https://[fd00::1]/x", Some(PrivateAddress)),
            ("ghcr.io", "https://100.64.0.1/x", Some(PrivateAddress)),
            ("ghcr.io", "https://localhost/x", Some(PrivateAddress)),
            ("ghcr.io", "https://127.0.0.1/x", Some(PrivateAddress)),
            ("ghcr.io", "https://8.8.8.8/x", None),
            ("ghcr.io", "https://u:p@cdn.example/x", Some(Credentials)),
            ("ghcr.io", "file:///etc/passwd", Some(Scheme)),
            ("10.0.0.1", "https://10.0.0.1/x", None),
            ("10.0.0.1", "https://10.0.0.1:8443/x", None),
            ("10.0.0.1", "https://10.0.0.2/x", Some(PrivateAddress)),
            ("127.0.0.1:5000", "http://127.0.0.1:6000/x", None),
            ("127.0.0.1:5000", "http://localhost:6000/x", None),
            ("127.0.0.1:5000", "http://cdn.example/x", Some(Downgrade)),
            ("127.0.0.1:5000", "https://cdn.example/x", None),
            ("127.0.0.1:5000", "https://10.0.0.1/x", Some(PrivateAddress)),
            (
                "127.0.0.1:5000",
                "http://169.254.169.254/x",
                Some(Downgrade),
            ),
            ("reg.corp", "http://10.0.0.1/x", None),
        ];
        for (registry, target, expected) in cases {
            let origin = Origin::new(registry, &insecure).unwrap();
            let found = match origin.check_target(&origin.base, &Url::parse(target).unwrap()) {
                Ok(()) => None,
                Err(Error::Target { fault, .. }) => Some(fault),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found, expected, "{registry} -> {target}");
        }
    }

    #[test]
    fn credentials_belong_to_scheme_host_and_port() {
        let origin = Origin::new("ghcr.io", &[]).unwrap();
        for (url, own) in [
            ("https://ghcr.io/v2/", true),
            ("https://ghcr.io:443/v2/", true),
            ("https://ghcr.io:444/v2/", false),
            ("http://ghcr.io/v2/", false),
            ("https://evil.ghcr.io/v2/", false),
        ] {
            assert_eq!(origin.is_own(&Url::parse(url).unwrap()), own, "{url}");
        }
    }

    #[test]
    fn messages_show_no_query_and_no_password() {
        let url = Url::parse("https://u:p@h/x?sig=secret#f").unwrap();
        assert_eq!(shown(&url), "https://h/x");
    }
}
