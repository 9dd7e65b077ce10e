//! From a foreign or an own bill of materials back to an inventory.
//!
//! Reads CycloneDX 1.4 to 1.7 and SPDX 2.2 and 2.3 as JSON, of syft, trivy and this program, and lists of package URLs. Tolerant of fields that it
//! does not know; nothing that names a package is dropped: one without a package URL becomes `pkg:generic/…`, so that a scan can say that it was
//! not asked about.

use crate::error::{Error, Result};
use crate::inventory::Inventory;
use crate::package::{Ecosystem, Package, PackageId, SourcePackage};
use crate::purl::Purl;

use super::subject::{self, Kind, MAX_BYTES};
use super::{cyclonedx, facts, purls, spdx};

/// Reads a bill of materials, whatever its form.
///
/// # Errors
/// [`Error::DocumentTooLarge`], [`Error::Document`] for JSON that is not well-formed, [`Error::NoBillOfMaterials`] for JSON of another kind,
/// [`Error::Purl`] for a line of a list that is no package URL.
pub fn read(bytes: &[u8]) -> Result<Inventory> {
    let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if found > MAX_BYTES {
        return Err(Error::DocumentTooLarge {
            limit: MAX_BYTES,
            found,
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let mut inventory = if first.is_some_and(|byte| *byte == b'{' || *byte == b'[') {
        let kind: Kind = subject::read(bytes)?;
        if kind.bom_format.as_deref() == Some("CycloneDX") {
            cyclonedx::read(bytes)?
        } else if kind
            .spdx_version
            .is_some_and(|version| version.starts_with("SPDX-2."))
        {
            spdx::read(bytes)?
        } else {
            return Err(Error::NoBillOfMaterials);
        }
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::NoBillOfMaterials)?;
        purls::read(text)?
    };
    inventory.normalize();
    Ok(inventory)
}

/// Is what a document says of one package, before it is one.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) purl: Option<String>,
    /// The licences as declared, each as written.
    pub(super) licenses: Vec<String>,
    /// Names and values that no standard has a field for.
    pub(super) facts: Vec<(String, String)>,
}

impl Stated {
    /// Returns the first fact of one of these names.
    pub(super) fn fact(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let found = self.facts.iter().find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.as_str())
                .filter(|value| !value.is_empty())
        })
    }

    /// Makes the package; none where neither a package URL nor a name can be one.
    pub(super) fn package(&self) -> Option<Package> {
        let stated = self.purl.as_deref().and_then(|text| Purl::parse(text).ok());
        let purl = match stated {
            Some(purl) => purl,
            None => Purl::builder("generic", &self.name)
                .version(self.version.as_deref())
                .build()
                .ok()?,
        };
        let version = version(&purl, self.version.as_deref());
        let name = match self.name.as_str() {
            "" => purl.name().to_owned(),
            name => name.to_owned(),
        };
        let ecosystem = Ecosystem::of_purl_type(purl.ty());
        let mut package = Package::new(ecosystem, &name, version.as_deref(), purl);
        package.architecture = self
            .fact(&[&own("package:architecture")])
            .or_else(|| package.purl.qualifier("arch"))
            .map(str::to_owned);
        package.modularity_label = self
            .fact(&[
                &own("rpm:modularityLabel"),
                "syft:metadata:modularityLabel",
                "aquasecurity:trivy:Modularitylabel",
            ])
            .or_else(|| package.purl.qualifier("rpmmod"))
            .map(str::to_owned);
        package.introduced_in = self
            .fact(&[&own("layer:index")])
            .and_then(|index| index.parse().ok());
        package.owner = self
            .fact(&[&own("package:owner")])
            .and_then(|text| Purl::parse(text).ok())
            .map(|purl| PackageId::of(&purl));
        package.source = self.source(&package);
        package.licenses = self
            .licenses
            .iter()
            .filter(|text| !text.is_empty() && !matches!(text.as_str(), "NOASSERTION" | "NONE"))
            .cloned()
            .collect();
        Some(package)
    }

    /// Returns the source package: our own words, trivy's, or the `upstream` of the package URL (purl-spec, types `deb`, `apk`, `rpm`).
    fn source(&self, package: &Package) -> Option<SourcePackage> {
        if !package.ecosystem.is_operating_system() {
            return None;
        }
        if let Some(name) = self.fact(&[&own("source:name")]) {
            return Some(SourcePackage {
                name: name.to_owned(),
                version: self.fact(&[&own("source:version")]).map(str::to_owned),
            });
        }
        if let Some(name) = self.fact(&["aquasecurity:trivy:SrcName"]) {
            let part = |key: &str| self.fact(&[key]);
            let version = part("aquasecurity:trivy:SrcVersion").map(|version| {
                let release = part("aquasecurity:trivy:SrcRelease").map(|text| format!("-{text}"));
                let epoch = part("aquasecurity:trivy:SrcEpoch").map(|text| format!("{text}:"));
                format!(
                    "{}{version}{}",
                    epoch.unwrap_or_default(),
                    release.unwrap_or_default()
                )
            });
            return Some(SourcePackage {
                name: name.to_owned(),
                version,
            });
        }
        // rpm writes `(none)` where a header has no source.
        let upstream = package
            .purl
            .qualifier("upstream")
            .filter(|upstream| *upstream != "(none)")?;
        if let Some(built) = upstream.strip_suffix(".src.rpm") {
            let mut parts = built.rsplitn(3, '-');
            let (release, version, name) = (parts.next()?, parts.next()?, parts.next()?);
            return Some(SourcePackage {
                name: name.to_owned(),
                version: Some(format!("{version}-{release}")),
            });
        }
        Some(match upstream.split_once('@') {
            Some((name, version)) => SourcePackage {
                name: name.to_owned(),
                version: Some(version.to_owned()),
            },
            None => SourcePackage {
                name: upstream.to_owned(),
                version: None,
            },
        })
    }
}

/// Returns the name of a fact of ours.
pub(super) fn own(name: &str) -> String {
    format!("{}{name}", facts::PREFIX)
}

/// The version as its ecosystem writes it: rpm and, in trivy's package URLs, deb keep the epoch in a qualifier.
fn version(purl: &Purl, stated: Option<&str>) -> Option<String> {
    let version = stated
        .filter(|text| !text.is_empty())
        .or_else(|| purl.version())?;
    let epoch = purl
        .qualifier("epoch")
        .filter(|epoch| *epoch != "0" && matches!(purl.ty(), "rpm" | "deb"));
    Some(match epoch {
        Some(epoch) if !version.contains(':') => format!("{epoch}:{version}"),
        _ => version.to_owned(),
    })
}
