//! Package URLs (purl, ECMA-427) in canonical form.
//!
//! Parsing, normalising and percent-encoding are the `packageurl` crate's; this module adds an order, equality by the
//! canonical text, and a builder for the qualifiers that catalogers set (`arch`, `distro`, `epoch`, `upstream`).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use packageurl::PackageUrl;

use crate::error::{Error, Result};

/// Is one valid package URL, compared and ordered by its canonical text.
#[derive(Clone)]
pub struct Purl {
    url: PackageUrl<'static>,
    text: String,
}

impl Purl {
    /// Parses and normalises a package URL.
    ///
    /// # Errors
    /// [`Error::Purl`] where the text breaks a rule of the specification or of its type.
    pub fn parse(text: &str) -> Result<Self> {
        let read = |text: &str| match PackageUrl::from_str(text) {
            Ok(url) => Ok(Self::from_url(url)),
            Err(source) => Err(Error::Purl {
                text: text.to_owned(),
                source,
            }),
        };
        let purl = read(text)?;
        // A namespace of which nothing is left (`pkg:npm/./a`) is written as an empty one: only what reads as itself is
        // canonical.
        if purl.text == text {
            return Ok(purl);
        }
        read(&purl.text)
    }

    /// Starts a package URL of a type (`deb`, `npm`, `oci`, …) and a name, which must not be empty.
    #[must_use]
    pub fn builder(ty: &str, name: &str) -> PurlBuilder {
        PurlBuilder {
            ty: ty.to_owned(),
            name: name.to_owned(),
            namespace: None,
            version: None,
            qualifiers: Vec::new(),
        }
    }

    /// Returns the canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the type, in lower case (`deb`, `npm`, …).
    #[must_use]
    pub fn ty(&self) -> &str {
        self.url.ty()
    }

    /// Returns the decoded namespace, its segments joined by `/`.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.url.namespace()
    }

    /// Returns the decoded name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.url.name()
    }

    /// Returns the decoded version.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.url.version()
    }

    /// Returns the decoded value of a qualifier; keys are in lower case.
    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.url.qualifiers().get(key).map(AsRef::as_ref)
    }

    /// Returns all qualifiers, values decoded, in no order.
    pub fn qualifiers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.url
            .qualifiers()
            .iter()
            .map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// Returns the decoded subpath, its segments joined by `/`.
    #[must_use]
    pub fn subpath(&self) -> Option<&str> {
        self.url.subpath()
    }

    fn from_url(url: PackageUrl<'static>) -> Self {
        let text = url.to_string();
        Self { url, text }
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Purl({})", self.text)
    }
}

impl FromStr for Purl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl PartialEq for Purl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Purl {}

impl PartialOrd for Purl {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Purl {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Purl {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// Collects the parts of a package URL; values are given decoded.
#[derive(Debug, Clone)]
pub struct PurlBuilder {
    ty: String,
    name: String,
    namespace: Option<String>,
    version: Option<String>,
    qualifiers: Vec<(&'static str, String)>,
}

impl PurlBuilder {
    /// Sets the namespace, segments separated by `/`; an empty one counts as none.
    #[must_use]
    pub fn namespace(mut self, namespace: Option<&str>) -> Self {
        self.namespace = namespace.filter(|n| !n.is_empty()).map(str::to_owned);
        self
    }

    /// Sets the version; an empty one counts as none.
    #[must_use]
    pub fn version(mut self, version: Option<&str>) -> Self {
        self.version = version.filter(|v| !v.is_empty()).map(str::to_owned);
        self
    }

    /// Adds a qualifier; the specification drops one with an empty value, so it counts as none.
    #[must_use]
    pub fn qualifier(mut self, key: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            self.qualifiers.push((key, value.to_owned()));
        }
        self
    }

    /// Makes the package URL, normalised as its type demands.
    ///
    /// # Errors
    /// [`Error::Purl`] where a part breaks a rule, an empty name for one.
    pub fn build(self) -> Result<Purl> {
        let text = format!("pkg:{}/{}", self.ty, self.name);
        self.assemble()
            .map(Purl::from_url)
            .map_err(|source| Error::Purl { text, source })
    }

    fn assemble(self) -> std::result::Result<PackageUrl<'static>, packageurl::Error> {
        let mut url = PackageUrl::new(self.ty, self.name)?;
        if let Some(namespace) = self.namespace {
            url.with_namespace(namespace)?;
        }
        if let Some(version) = self.version {
            url.with_version(version)?;
        }
        for (key, value) in self.qualifiers {
            url.add_qualifier(key, value)?;
        }
        url.validate()?;
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builder_encodes_and_normalises() {
        let purl = |ty: &str, ns: Option<&str>, name: &str, version: &str| {
            Purl::builder(ty, name)
                .namespace(ns)
                .version(Some(version))
                .build()
                .map(|p| p.to_string())
                .map_err(|e| e.to_string())
        };
        let table = [
            (
                purl("deb", Some("debian"), "libstdc++6", "1:2~rc1+b1"),
                "pkg:deb/debian/libstdc%2B%2B6@1:2~rc1%2Bb1",
            ),
            (
                purl("npm", Some("@angular"), "core", "1.0.0-rc.1+build"),
                "pkg:npm/%40angular/core@1.0.0-rc.1%2Bbuild",
            ),
            (purl("pypi", None, "Foo_Bar", "1.0"), "pkg:pypi/foo-bar@1.0"),
            (
                purl("golang", Some("github.com/Azure"), "sdk", "v1.0.0"),
                "pkg:golang/github.com/azure/sdk@v1.0.0",
            ),
        ];
        for (found, expected) in table {
            assert_eq!(found.as_deref(), Ok(expected));
        }
        assert!(matches!(
            Purl::builder("deb", "").build(),
            Err(Error::Purl {
                source: packageurl::Error::MissingName,
                ..
            })
        ));
    }

    #[test]
    fn the_canonical_text_reads_as_itself() {
        for (text, expected) in [
            ("pkg:npm/./a", "pkg:npm/a"),
            ("pkg:npm/../a@1", "pkg:npm/a@1"),
            ("pkg:....../././d", "pkg:....../d"),
        ] {
            let purl = Purl::parse(text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(purl.as_str(), expected);
            assert_eq!(purl.namespace(), None, "{text}");
            assert_eq!(Purl::parse(expected).ok(), Some(purl));
        }
    }

    #[test]
    fn qualifiers_are_sorted_and_empty_ones_dropped() {
        let purl = Purl::builder("rpm", "bash")
            .namespace(Some("fedora"))
            .version(Some("5.2-1"))
            .qualifier("upstream", Some("bash-5.2-1.src.rpm"))
            .qualifier("epoch", Some(""))
            .qualifier("arch", Some("x86_64"))
            .build();
        let purl = purl.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            purl.as_str(),
            "pkg:rpm/fedora/bash@5.2-1?arch=x86_64&upstream=bash-5.2-1.src.rpm"
        );
        assert_eq!(purl.qualifier("arch"), Some("x86_64"));
        assert_eq!(purl.qualifier("epoch"), None);
        assert_eq!(
            Purl::parse(purl.as_str()).map(|p| p == purl).ok(),
            Some(true)
        );
    }
}
