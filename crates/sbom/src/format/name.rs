//! Names of formats as people type them (`cyclonedx-json@1.7`), and the formats that file names imply.

use std::fmt;

use crate::error::{Error, Result};

/// Names a format that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// CycloneDX as JSON (ECMA-424).
    CycloneDxJson(CycloneDxVersion),
    /// SPDX as JSON.
    SpdxJson(SpdxVersion),
    /// One package URL a line.
    Purls,
    /// A table for people.
    Table,
}

/// Names a version of CycloneDX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CycloneDxVersion {
    /// 1.7, of October 2025.
    V1_7,
}

/// Names a version of SPDX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpdxVersion {
    /// 2.3, of November 2022.
    V2_3,
}

impl Format {
    /// Every format in its newest version.
    pub const ALL: [Self; 4] = [
        Self::CycloneDxJson(CycloneDxVersion::V1_7),
        Self::SpdxJson(SpdxVersion::V2_3),
        Self::Purls,
        Self::Table,
    ];

    /// Parses `NAME[@VERSION]`; without a version it is the newest one. Case, `-` and `_` of the name do not matter, as in
    /// syft; `cyclonedx` is trivy's name of `cyclonedx-json`.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`] or [`Error::UnknownVersion`], each with what is known.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        let plain: String = name.trim().to_lowercase().replace(['-', '_'], "");
        let newest = match plain.as_str() {
            "cyclonedxjson" | "cyclonedx" => Self::CycloneDxJson(CycloneDxVersion::V1_7),
            "spdxjson" => Self::SpdxJson(SpdxVersion::V2_3),
            "purls" => Self::Purls,
            "table" => Self::Table,
            _ => {
                return Err(Error::UnknownFormat {
                    found: name.to_owned(),
                    known: Self::ALL.iter().map(|format| format.name()).collect(),
                });
            }
        };
        match version {
            Some(version) if !newest.versions().contains(&version) => Err(Error::UnknownVersion {
                format: newest.name(),
                found: version.to_owned(),
                known: newest.versions(),
            }),
            // One version each today: the newest is the one that was asked for.
            _ => Ok(newest),
        }
    }

    /// Returns the format that the end of a file name stands for: `.cdx.json`, `bom.json` (CycloneDX "Recognized file
    /// patterns"), `.spdx.json` (SPDX 2.3 clause 5), `.purls`.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next()?.to_lowercase();
        if name.ends_with(".cdx.json") || name == "bom.json" {
            Some(Self::CycloneDxJson(CycloneDxVersion::V1_7))
        } else if name.ends_with(".spdx.json") {
            Some(Self::SpdxJson(SpdxVersion::V2_3))
        } else if name.ends_with(".purls") {
            Some(Self::Purls)
        } else {
            None
        }
    }

    /// Returns the name without the version.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CycloneDxJson(_) => "cyclonedx-json",
            Self::SpdxJson(_) => "spdx-json",
            Self::Purls => "purls",
            Self::Table => "table",
        }
    }

    /// Returns the versions that are written, oldest first; a format of our own has none.
    #[must_use]
    pub fn versions(self) -> &'static [&'static str] {
        match self {
            Self::CycloneDxJson(_) => &["1.7"],
            Self::SpdxJson(_) => &["2.3"],
            Self::Purls | Self::Table => &[],
        }
    }

    /// Returns the registered media type (IANA `application/vnd.cyclonedx+json`, `application/spdx+json`).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::CycloneDxJson(_) => "application/vnd.cyclonedx+json",
            Self::SpdxJson(_) => "application/spdx+json",
            Self::Purls | Self::Table => "text/plain",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CycloneDxJson(CycloneDxVersion::V1_7) => f.write_str("cyclonedx-json@1.7"),
            Self::SpdxJson(SpdxVersion::V2_3) => f.write_str("spdx-json@2.3"),
            Self::Purls | Self::Table => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_and_without_version() {
        let cyclonedx = Format::CycloneDxJson(CycloneDxVersion::V1_7);
        let spdx = Format::SpdxJson(SpdxVersion::V2_3);
        for (text, expected) in [
            ("cyclonedx-json", cyclonedx),
            ("cyclonedx-json@1.7", cyclonedx),
            ("CycloneDX_JSON", cyclonedx),
            ("cyclonedx", cyclonedx),
            ("spdx-json", spdx),
            ("spdx-json@2.3", spdx),
            ("purls", Format::Purls),
            ("table", Format::Table),
        ] {
            assert_eq!(Format::parse(text).ok(), Some(expected), "{text}");
        }
        for format in Format::ALL {
            assert_eq!(Format::parse(&format.to_string()).ok(), Some(format));
        }
    }

    #[test]
    fn unknown_names_and_versions_list_the_known_ones() {
        for text in ["", "spdx", "cyclonedx-xml", "cyclonedx-jsonx"] {
            match Format::parse(text) {
                Err(Error::UnknownFormat { found, known }) => {
                    assert_eq!(found, text);
                    assert_eq!(known, ["cyclonedx-json", "spdx-json", "purls", "table"]);
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        for (text, format, found, known) in [
            ("cyclonedx-json@1.6", "cyclonedx-json", "1.6", &["1.7"][..]),
            ("cyclonedx-json@", "cyclonedx-json", "", &["1.7"]),
            ("spdx-json@2.3@1", "spdx-json", "2.3@1", &["2.3"]),
            ("table@1", "table", "1", &[]),
        ] {
            match Format::parse(text) {
                Err(Error::UnknownVersion {
                    format: f,
                    found: v,
                    known: k,
                }) => assert_eq!((f, v.as_str(), k), (format, found, known)),
                other => panic!("{text}: {other:?}"),
            }
        }
        let message = Format::parse("spdx-json@3").map_err(|e| e.to_string());
        assert_eq!(
            message,
            Err("unknown version `3` of format `spdx-json`; known: 2.3".to_owned())
        );
    }

    #[test]
    fn file_names_imply_formats() {
        for (name, expected) in [
            ("out/app.cdx.json", Some("cyclonedx-json")),
            ("bom.json", Some("cyclonedx-json")),
            ("notbom.json", None),
            ("A.SPDX.JSON", Some("spdx-json")),
            ("x.purls", Some("purls")),
            ("x.json", None),
            ("cdx.json/x.txt", None),
        ] {
            assert_eq!(
                Format::from_file_name(name).map(Format::name),
                expected,
                "{name}"
            );
        }
    }
}
