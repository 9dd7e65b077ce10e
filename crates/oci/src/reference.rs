//! Names of images: `registry/repository:tag@digest`.
//!
//! The grammar is distribution's `reference` package and distribution-spec "Pulling manifests"; short names are
//! expanded as docker does (`alpine` is `docker.io/library/alpine`). No network, no search list of registries.

use std::fmt;
use std::str::FromStr;

use crate::digest::{Digest, excerpt};
use crate::error::{Error, Result};

/// Names an image in a registry, expanded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// Parses a reference and expands what docker lets people leave out, but for the tag.
    ///
    /// # Errors
    /// [`Error::InvalidReference`] with the rule that is broken; [`Error::InvalidDigest`] behind an `@`.
    pub fn parse(text: &str) -> Result<Self> {
        let fault = |reason| Error::InvalidReference {
            found: excerpt(text),
            reason,
        };
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (first, rest),
            _ => (DOCKER_HUB, name),
        };
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (path, None),
        };
        if !valid_registry(registry) {
            return Err(fault(
                "the registry is no host name or address with an optional port",
            ));
        }
        let registry = match registry.to_ascii_lowercase().as_str() {
            "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB.to_owned(),
            other => other.to_owned(),
        };
        let repository = match path {
            "" => return Err(fault("it has no repository")),
            short if registry == DOCKER_HUB && !short.contains('/') => format!("library/{short}"),
            other => other.to_owned(),
        };
        if repository.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(fault("a repository has no upper-case letters"));
        }
        if !repository.split('/').all(valid_component) {
            return Err(fault(
                "a part of the repository is not letters and digits joined by `.`, `_`, `__` or hyphens",
            ));
        }
        if path.len() == 64
            && path
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err(fault(
                "64 hexadecimal digits are a local image id, not a name",
            ));
        }
        if repository.len() > 255 {
            return Err(fault("the repository is longer than 255 characters"));
        }
        if let Some(tag) = tag
            && !valid_tag(tag)
        {
            return Err(fault(
                "the tag is not 1 to 128 letters, digits, `_`, `.` or `-`, not starting with `.` or `-`",
            ));
        }
        Ok(Self {
            registry,
            repository,
            tag: tag.map(str::to_owned),
            digest,
        })
    }

    /// Returns the registry's host with its port, for example `docker.io` or `127.0.0.1:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Returns the repository, for example `library/alpine`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the tag, if one was written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the digest, if one was written.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Returns `registry/repository`, the name that policies compare.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// Pins the reference to a digest; the tag stays for display.
    pub fn with_digest(&self, digest: Digest) -> PinnedReference {
        PinnedReference {
            reference: Self {
                digest: Some(digest.clone()),
                ..self.clone()
            },
            digest,
        }
    }

    /// Returns the same repository under a tag, without digest.
    ///
    /// # Errors
    /// [`Error::InvalidReference`] when the tag breaks the grammar.
    pub fn with_tag(&self, tag: &str) -> Result<Self> {
        if !valid_tag(tag) {
            return Err(Error::InvalidReference {
                found: excerpt(tag),
                reason: "the tag breaks the grammar",
            });
        }
        Ok(Self {
            tag: Some(tag.to_owned()),
            digest: None,
            ..self.clone()
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// Names exactly one manifest: a reference with a digest, which is all that signing, verifying and promoting take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PinnedReference {
    reference: Reference,
    digest: Digest,
}

impl PinnedReference {
    /// Returns the reference, whose `digest()` is [`PinnedReference::digest`].
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Returns the digest.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Returns `registry/repository`.
    pub fn name(&self) -> String {
        self.reference.name()
    }
}

impl fmt::Display for PinnedReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reference.fmt(f)
    }
}

/// Checks a tag against distribution-spec's grammar `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
pub fn valid_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag
            .bytes()
            .all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

const DOCKER_HUB: &str = "docker.io";

/// Tells whether the part before the first slash is a registry (distribution: a dot, a port, or `localhost`).
/// Upper case is not taken as a sign, so that `UPPER/x` is refused instead of looked up at a host of that name.
fn is_registry(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':', '['])
}

fn valid_registry(registry: &str) -> bool {
    let (host, port) = match registry.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) => {
                if address.parse::<std::net::Ipv6Addr>().is_err() {
                    return false;
                }
                match port.strip_prefix(':') {
                    Some(port) => ("ipv6", Some(port)),
                    None if port.is_empty() => ("ipv6", None),
                    None => return false,
                }
            }
            None => return false,
        },
        None => match registry.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (registry, None),
        },
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // One port has one spelling: `0443` would be another name of the same registry, which no pattern of a policy matches.
    let port_ok = port.is_none_or(|port| {
        !port.starts_with('0')
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    port_ok && host.len() <= 253 && host.split('.').all(label)
}

/// Checks one path component: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn valid_component(component: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [component.as_bytes().first(), component.as_bytes().last()];
    ends.iter().all(|end| end.is_some_and(alphanumeric))
        && component
            .bytes()
            .all(|byte| alphanumeric(&byte) || b"._-".contains(&byte))
        && component
            .split(|character: char| character.is_ascii_alphanumeric())
            .all(|separator| {
                matches!(separator, "" | "." | "_" | "__")
                    || separator.bytes().all(|byte| byte == b'-')
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn references_expand() {
        let table = [
            ("alpine", "docker.io/library/alpine"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("docker.io/alpine", "docker.io/library/alpine"),
            ("index.docker.io/library/alpine", "docker.io/library/alpine"),
            ("user/app", "docker.io/user/app"),
            ("localhost/app", "localhost/app"),
            ("localhost:5000/app:v1", "localhost:5000/app:v1"),
            ("127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c"),
            ("[::1]:5000/app:v1", "[::1]:5000/app:v1"),
            ("[2001:db8::1]/app", "[2001:db8::1]/app"),
            ("GHCR.io/acme/app", "ghcr.io/acme/app"),
            (
                "registry.example/a__b/c--d.e_f",
                "registry.example/a__b/c--d.e_f",
            ),
            ("xn--n3h.com/app", "xn--n3h.com/app"),
            ("foo/foo_bar.com:8080", "docker.io/foo/foo_bar.com:8080"),
            ("a.b/c:_tag.x-Y", "a.b/c:_tag.x-Y"),
        ];
        for (text, expected) in table {
            assert_eq!(
                Reference::parse(text).unwrap().to_string(),
                expected,
                "{text}"
            );
            let again = Reference::parse(expected).unwrap();
            assert_eq!(again.to_string(), expected, "{expected} again");
        }
        let pinned = Reference::parse(&format!("alpine:3@{DIGEST}")).unwrap();
        assert_eq!(pinned.tag(), Some("3"));
        assert_eq!(pinned.digest().unwrap().to_string(), DIGEST);
        assert_eq!(pinned.name(), "docker.io/library/alpine");
        assert_eq!(
            pinned.to_string(),
            format!("docker.io/library/alpine:3@{DIGEST}")
        );
    }

    #[test]
    fn wrong_references_are_refused() {
        let long = format!("a.b/{}", "x/".repeat(127) + "xyz");
        let bad = [
            "",
            ":tag",
            "@sha256:00",
            "UPPER",
            "UPPER/x",
            "a.b/UPPER",
            "a.b/",
            "a.b/c:",
            "a.b/c:-x",
            "a.b/c:.x",
            "a//b",
            "/a",
            "a/",
            "a.b/c___d",
            "a.b/-c",
            "a.b/c-",
            "a.b/c..d",
            "a b",
            "http://a.b/c",
            "a.b:0/c",
            "a.b:0443/c",
            "127.0.0.1:05000/c",
            "a.b:x/c",
            "a.b:99999/c",
            "[::1/c",
            "[zz]/c",
            "-a.b/c",
            "a..b/c",
            "a.b/c@sha256:00",
            "a.b/c@",
            "a.b/c:t:u",
            "a.b/ü",
            long.as_str(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "a.b/../c",
            "a.b/c\n",
        ];
        for text in bad {
            let error = Reference::parse(text).map(|reference| reference.to_string());
            assert!(
                matches!(
                    error,
                    Err(Error::InvalidReference { .. } | Error::InvalidDigest { .. })
                ),
                "{text:?}: {error:?}"
            );
        }
        assert!(Reference::parse(&format!("a.b/c:{}", "t".repeat(128))).is_ok());
        assert!(Reference::parse(&format!("a.b/c:{}", "t".repeat(129))).is_err());
    }
}
