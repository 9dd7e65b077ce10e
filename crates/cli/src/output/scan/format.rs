//! `-o FORMAT[@VERSION][=FILE]` of `scan`.

use toolkit_sbom::Error as Unknown;

use crate::error::{Error, Result};
use crate::output::{Stdout, write_file};
use crate::settings::NamedFormat;

/// Names how the result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// The whole result, in a schema of our own.
    Json,
    /// SARIF, which code scanning of forges and many dashboards read.
    Sarif,
    /// The bill of materials with `vulnerabilities`.
    CycloneDxJson,
    /// A draft of statements about what was found.
    OpenVex,
    /// The predicate of `attest --type vuln`.
    CosignVuln,
}

impl Format {
    /// All, in the order in which they are listed.
    const ALL: [Self; 6] = [
        Self::Table,
        Self::Json,
        Self::Sarif,
        Self::CycloneDxJson,
        Self::OpenVex,
        Self::CosignVuln,
    ];

    /// Returns the name without the version.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::CycloneDxJson => "cyclonedx-json",
            Self::OpenVex => "openvex",
            Self::CosignVuln => "cosign-vuln",
        }
    }

    /// Returns the versions that are written; a format of our own has none.
    fn versions(self) -> &'static [&'static str] {
        match self {
            Self::Table | Self::Json => &[],
            Self::Sarif => &["2.1.0"],
            Self::CycloneDxJson => &["1.7"],
            Self::OpenVex => &["0.2.0"],
            Self::CosignVuln => &["1"],
        }
    }
}

impl NamedFormat for Format {
    /// Reads `NAME[@VERSION]`. Case, `-` and `_` of the name do not matter, as for `sbom`; `cyclonedx` is trivy's name of `cyclonedx-json`.
    fn parse(text: &str) -> Result<Self, Unknown> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        let plain = |name: &str| name.trim().to_lowercase().replace(['-', '_'], "");
        let wanted = match plain(name).as_str() {
            "cyclonedx" => plain(Self::CycloneDxJson.name()),
            other => other.to_owned(),
        };
        let found = Self::ALL
            .into_iter()
            .find(|one| plain(one.name()) == wanted);
        let found = found.ok_or_else(|| Unknown::UnknownFormat {
            found: name.to_owned(),
            known: Self::ALL.map(Self::name).to_vec(),
        })?;
        match version {
            Some(version) if !found.versions().contains(&version) => Err(Unknown::UnknownVersion {
                format: found.name(),
                found: version.to_owned(),
                known: found.versions(),
            }),
            _ => Ok(found),
        }
    }

    /// Returns the format that the end of a file name stands for: `.sarif` and `.sarif.json` (SARIF 2.1.0 §3.2), `.cdx.json` and `bom.json`
    /// (CycloneDX "Recognized file patterns"), `.openvex.json` and `.vex.json` (vexctl).
    fn from_file_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next()?.to_lowercase();
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        if ends(&[".sarif", ".sarif.json"]) {
            Some(Self::Sarif)
        } else if ends(&[".cdx.json"]) || name == "bom.json" {
            Some(Self::CycloneDxJson)
        } else if ends(&[".openvex.json", ".vex.json"]) {
            Some(Self::OpenVex)
        } else {
            None
        }
    }
}

/// Says what a scan writes and where.
pub(crate) type Output = crate::settings::Output<Format>;

impl Output {
    /// Writes a finished text to its place.
    ///
    /// # Errors
    /// [`Error::Stdout`] or [`Error::Write`].
    pub(crate) fn put(&self, text: &str) -> Result<()> {
        let Some(path) = &self.file else {
            return Stdout::print(text);
        };
        write_file(path, |writer| {
            writer
                .write_all(text.as_bytes())
                .map_err(|source| Error::Write {
                    path: path.clone(),
                    source,
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn parse(texts: &[&str]) -> Result<Vec<Output>> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Output::parse_all(&texts)
    }

    #[test]
    fn outputs_have_places_of_their_own() {
        let two = parse(&["table", "json=x.json"]).expect("two outputs");
        assert_eq!(two[1].file.as_deref(), Some(Path::new("x.json")));
        assert!(
            matches!(parse(&["table", "json"]), Err(Error::SameOutput { place }) if place == "stdout")
        );
    }

    #[test]
    fn names_versions_and_suffixes_are_read() {
        for (text, format, file) in [
            ("sarif", Format::Sarif, None),
            ("SARIF@2.1.0=a", Format::Sarif, Some("a")),
            ("cyclonedx", Format::CycloneDxJson, None),
            ("cyclonedx_json@1.7", Format::CycloneDxJson, None),
            ("openvex@0.2.0", Format::OpenVex, None),
            ("cosign-vuln@1", Format::CosignVuln, None),
            ("out/a.sarif", Format::Sarif, Some("out/a.sarif")),
            ("a.sarif.json", Format::Sarif, Some("a.sarif.json")),
            ("bom.json", Format::CycloneDxJson, Some("bom.json")),
            ("a.cdx.json", Format::CycloneDxJson, Some("a.cdx.json")),
            ("a.vex.json", Format::OpenVex, Some("a.vex.json")),
        ] {
            let expected = Output {
                format,
                file: file.map(PathBuf::from),
            };
            assert_eq!(parse(&[text]).expect(text), [expected]);
        }
    }

    #[test]
    fn unknown_names_and_versions_list_the_known_ones() {
        assert!(matches!(
            parse(&["sarif2"]),
            Err(Error::Sbom(Unknown::UnknownFormat { found, known })) if found == "sarif2" && known.len() == Format::ALL.len()
        ));
        for (text, format, known) in [
            ("sarif@2", "sarif", &["2.1.0"][..]),
            ("json@1", "json", &[]),
        ] {
            assert!(matches!(
                parse(&[text]),
                Err(Error::Sbom(Unknown::UnknownVersion { format: of, known: versions, .. })) if of == format && versions == known
            ));
        }
    }
}
