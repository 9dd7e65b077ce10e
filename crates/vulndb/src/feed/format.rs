//! Which format a document is of: by the end of its name, for JSON by the keys at its top.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::{Error, json};

/// Names a format that has a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// OSV records.
    Osv,
    /// Alpine's secdb and its kin.
    Secdb,
    /// The Ubuntu CVE Tracker.
    Ubuntu,
    /// Amazon's `updateinfo.xml`.
    Updateinfo,
    /// Wolfi's advisories.
    Wolfi,
    /// EPSS.
    Epss,
    /// KEV.
    Kev,
    /// OpenVEX.
    OpenVex,
    /// CSAF.
    Csaf,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Osv => "osv",
            Self::Secdb => "secdb",
            Self::Ubuntu => "ubuntu",
            Self::Updateinfo => "updateinfo",
            Self::Wolfi => "wolfi",
            Self::Epss => "epss",
            Self::Kev => "kev",
            Self::OpenVex => "openvex",
            Self::Csaf => "csaf",
        })
    }
}

/// What a file may be, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    JsonLines,
    Csv,
    Xml,
    Wolfi,
}

impl Kind {
    /// Returns what a file of this name may be; the name is without the end that tells a compression.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or(name);
        // A repository's own housekeeping, and that of whoever fetched the feeds.
        if name.starts_with('.') || name == super::fetched::NAME {
            return None;
        }
        let (_, end) = name.rsplit_once('.')?;
        match end {
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "csv" => Some(Self::Csv),
            "xml" => Some(Self::Xml),
            "yaml" if name.ends_with(".advisories.yaml") => Some(Self::Wolfi),
            _ => None,
        }
    }

    /// Returns the format of a document of this kind; none for one that no reader is for.
    pub(super) fn format(self, bytes: &[u8]) -> Result<Option<Format>, Error> {
        match self {
            Self::Json | Self::JsonLines => Ok(json::<Shape>(bytes, "JSON")?.format()),
            Self::Csv if bytes.starts_with(b"#model_version") || bytes.starts_with(b"cve,epss") => {
                Ok(Some(Format::Epss))
            }
            Self::Csv => Ok(None),
            Self::Xml => Ok(Some(Format::Updateinfo)),
            Self::Wolfi => Ok(Some(Format::Wolfi)),
        }
    }
}

/// The keys that tell JSON formats apart.
#[derive(Deserialize)]
struct Shape {
    id: Option<IgnoredAny>,
    candidate: Option<IgnoredAny>,
    urlprefix: Option<IgnoredAny>,
    packages: Option<IgnoredAny>,
    #[serde(rename = "catalogVersion")]
    catalog_version: Option<IgnoredAny>,
    #[serde(rename = "@context")]
    context: Option<IgnoredAny>,
    statements: Option<IgnoredAny>,
    document: Option<IgnoredAny>,
}

impl Shape {
    fn format(&self) -> Option<Format> {
        if self.candidate.is_some() {
            Some(Format::Ubuntu)
        } else if self.catalog_version.is_some() {
            Some(Format::Kev)
        } else if self.document.is_some() {
            Some(Format::Csaf)
        } else if self.context.is_some() || self.statements.is_some() {
            Some(Format::OpenVex)
        } else if self.urlprefix.is_some() && self.packages.is_some() {
            Some(Format::Secdb)
        } else if self.id.is_some() {
            Some(Format::Osv)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_tell_the_format() {
        for (name, bytes, expected) in [
            ("a/GHSA-1.json", r#"{"id":"GHSA-1"}"#, Some(Format::Osv)),
            (
                "CVE-1.json",
                r#"{"candidate":"CVE-1","id":1}"#,
                Some(Format::Ubuntu),
            ),
            (
                "main.json",
                r#"{"urlprefix":"x","packages":[]}"#,
                Some(Format::Secdb),
            ),
            ("kev.json", r#"{"catalogVersion":"1"}"#, Some(Format::Kev)),
            (
                "a.json",
                r#"{"metadata":{},"statements":[]}"#,
                Some(Format::OpenVex),
            ),
            ("a.json", r#"{"@context":"x"}"#, Some(Format::OpenVex)),
            ("a.json", r#"{"document":{}}"#, Some(Format::Csaf)),
            ("index.json", r#"{"updated_at":"x","packages":[]}"#, None),
            ("updateinfo.xml", "<updates/>", Some(Format::Updateinfo)),
            ("zlib.advisories.yaml", "", Some(Format::Wolfi)),
            ("epss.csv", "cve,epss,percentile\n", Some(Format::Epss)),
            ("modified_id.csv", "2024,x\n", None),
        ] {
            let kind = Kind::of(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(
                kind.format(bytes.as_bytes()).expect("a shape"),
                expected,
                "{name} {bytes}"
            );
        }
        for name in [
            "README.md",
            "LICENSE",
            "fetch.json",
            "x/.release.json",
            "ci.yaml",
        ] {
            assert_eq!(Kind::of(name), None, "{name}");
        }
        assert!(matches!(Kind::Json.format(b"[]"), Err(Error::Json { .. })));
    }
}
