//! Packages of an SPDX document: subject, base, operating system, packages.

use sha2::{Digest as _, Sha256};
use spdx_rs::models::{
    Algorithm, Checksum, ExternalPackageReference, ExternalPackageReferenceCategory,
    PackageInformation, PrimaryPackagePurpose,
};

use super::licenses::Fields;
use crate::{
    ChecksumAlgorithm, Distro, Document, Kind, Package, Party,
    document::{Base, Entry, Subject, SubjectKind},
    format::{
        facts::{self, Fact},
        text::{email_address, web_address},
    },
};

/// The identifier of the subject.
pub(super) const SUBJECT: &str = "SPDXRef-Subject";
/// The identifier of the image that the subject was built on.
pub(super) const BASE: &str = "SPDXRef-Base";
/// The identifier of the distribution.
pub(super) const OPERATING_SYSTEM: &str = "SPDXRef-OperatingSystem";

/// Returns the identifier of a package: readable, of the lawful characters (SPDX 2.3 clause 7.2), and unique by a hash of
/// the package URL.
pub(super) fn id(purl: &str) -> String {
    let readable = purl.split(['@', '?', '#']).next().unwrap_or_default();
    let mut slug = String::new();
    for c in readable.trim_start_matches("pkg:").chars().take(64) {
        slug.push(if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        });
    }
    let hash = hex::encode(Sha256::digest(purl.as_bytes()));
    let (short, _) = hash.split_at(16);
    format!("SPDXRef-Package-{slug}-{short}")
}

/// Makes the package that the document describes.
pub(super) fn subject(subject: &Subject) -> PackageInformation {
    let digest = subject.manifest.as_ref();
    PackageInformation {
        package_name: subject.name.clone(),
        package_spdx_identifier: SUBJECT.to_owned(),
        package_version: digest.map(ToString::to_string),
        files_analyzed: Some(false),
        package_checksum: digest
            .map(|digest| {
                let algorithm = match digest.algorithm() {
                    toolkit_oci::Algorithm::Sha256 => Algorithm::SHA256,
                    toolkit_oci::Algorithm::Sha512 => Algorithm::SHA512,
                };
                Checksum::new(algorithm, digest.hex())
            })
            .into_iter()
            .collect(),
        external_reference: subject
            .purl()
            .map(|purl| purl_reference(purl.as_str()))
            .into_iter()
            .collect(),
        package_comment: comment(facts::subject(subject), Vec::new()),
        primary_package_purpose: Some(match subject.kind {
            SubjectKind::Image => PrimaryPackagePurpose::Container,
            SubjectKind::Directory => PrimaryPackagePurpose::Application,
            SubjectKind::File => PrimaryPackagePurpose::File,
        }),
        ..PackageInformation::default()
    }
}

/// Makes the package of the base image.
pub(super) fn base(base: &Base) -> PackageInformation {
    let digest = base.digest.as_ref().map(ToString::to_string);
    PackageInformation {
        package_name: base
            .name
            .clone()
            .or_else(|| digest.clone())
            .unwrap_or_default(),
        package_spdx_identifier: BASE.to_owned(),
        package_version: digest,
        files_analyzed: Some(false),
        primary_package_purpose: Some(PrimaryPackagePurpose::Container),
        ..PackageInformation::default()
    }
}

/// Makes the package of the distribution.
pub(super) fn operating_system(distro: &Distro) -> PackageInformation {
    PackageInformation {
        package_name: distro.id.clone(),
        package_spdx_identifier: OPERATING_SYSTEM.to_owned(),
        package_version: distro.version_id.clone(),
        files_analyzed: Some(false),
        package_home_page: distro
            .home_url
            .as_deref()
            .and_then(web_address)
            .map(str::to_owned),
        package_summary_description: distro.pretty_name.clone(),
        package_comment: comment(facts::distro(distro), Vec::new()),
        primary_package_purpose: Some(PrimaryPackagePurpose::OperatingSystem),
        ..PackageInformation::default()
    }
}

/// Makes one package.
pub(super) fn package(
    document: &Document,
    entry: Entry<'_>,
    licenses: Fields,
) -> PackageInformation {
    let package = entry.package;
    let found = package
        .files
        .iter()
        .map(|file| match facts::layer_of(document.subject(), file) {
            Some(layer) => format!("{}{} in {layer}", facts::FOUND, file.path),
            None => format!("{}{}", facts::FOUND, file.path),
        });
    PackageInformation {
        package_name: package.name.clone(),
        package_spdx_identifier: id(package.purl.as_str()),
        package_version: package.version.clone(),
        package_supplier: package.supplier.as_ref().map(supplier),
        files_analyzed: Some(false),
        package_checksum: checksums(package),
        package_home_page: package
            .homepage
            .as_deref()
            .and_then(web_address)
            .map(str::to_owned),
        // The wording of trivy, which reads the source package back from it.
        source_information: package.source.as_ref().map(|source| {
            let version = source
                .version
                .as_deref()
                .or(package.version.as_deref())
                .unwrap_or_default();
            format!("built package from: {} {version}", source.name)
        }),
        concluded_license: licenses.concluded,
        declared_license: licenses.declared,
        comments_on_license: licenses.comments,
        copyright_text: Some("NOASSERTION".to_owned()),
        package_summary_description: package.summary.clone(),
        package_comment: comment(facts::package(document, package), found.collect()),
        external_reference: vec![purl_reference(package.purl.as_str())],
        primary_package_purpose: Some(match package.kind {
            Kind::Application => PrimaryPackagePurpose::Application,
            Kind::Library => PrimaryPackagePurpose::Library,
        }),
        ..PackageInformation::default()
    }
}

/// Writes a line each. A line end inside of a value, an image's or a database's, would begin a fact of its own for whoever reads it back.
fn comment(facts: Vec<Fact<'_>>, found: Vec<String>) -> Option<String> {
    let lines = facts
        .into_iter()
        .map(|(name, value)| format!("{}{name}: {value}", facts::PREFIX));
    let lines: Vec<String> = lines
        .chain(found)
        .map(|line| line.replace(char::is_control, " "))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn purl_reference(purl: &str) -> ExternalPackageReference {
    ExternalPackageReference::new(
        ExternalPackageReferenceCategory::PackageManager,
        "purl".to_owned(),
        purl.to_owned(),
        None,
    )
}

/// SPDX 2.3 clause 7.5: `Organization: NAME (E-MAIL)`. Most who maintain packages of a distribution are teams, so a person
/// is never claimed; round brackets and line ends are the syntax of the field and are replaced inside of a name.
fn supplier(party: &Party) -> String {
    let name: String = party
        .name
        .chars()
        .map(|c| match c {
            '(' => '[',
            ')' => ']',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    match party.email.as_deref().and_then(email_address) {
        Some(email) => format!("Organization: {} ({email})", name.trim()),
        None => format!("Organization: {}", name.trim()),
    }
}

fn checksums(package: &Package) -> Vec<Checksum> {
    let lawful = package.checksums.iter().filter_map(|checksum| {
        let (algorithm, length) = match checksum.algorithm {
            ChecksumAlgorithm::Sha1 => (Algorithm::SHA1, 40),
            ChecksumAlgorithm::Sha256 => (Algorithm::SHA256, 64),
            ChecksumAlgorithm::Sha384 => (Algorithm::SHA384, 96),
            ChecksumAlgorithm::Sha512 => (Algorithm::SHA512, 128),
        };
        let sound =
            checksum.hex.len() == length && checksum.hex.bytes().all(|b| b.is_ascii_hexdigit());
        sound.then(|| Checksum::new(algorithm, &checksum.hex))
    });
    lawful.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_lawful_and_differ() {
        let long = format!("pkg:npm/{}@1", "x".repeat(500));
        let purls = [
            "pkg:npm/a@1",
            "pkg:npm/a@2",
            "pkg:npm/a_b@1",
            "pkg:npm/a-b@1",
            "pkg:deb/debian/libstdc%2B%2B6@12?arch=amd64",
            &long,
        ];
        let ids: std::collections::BTreeSet<String> = purls.iter().map(|purl| id(purl)).collect();
        assert_eq!(ids.len(), purls.len());
        for id in ids {
            let rest = id.strip_prefix("SPDXRef-").expect("prefix");
            assert!(
                rest.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
                    && rest.len() < 100,
                "{id}"
            );
        }
    }

    #[test]
    fn a_line_end_in_a_value_begins_no_fact() {
        let found = vec!["found: /x\ntoolkit:package:owner: pkg:deb/debian/x@1".to_owned()];
        assert_eq!(
            comment(vec![("a".into(), "b\r\nc".into())], found).as_deref(),
            Some("toolkit:a: b  c\nfound: /x toolkit:package:owner: pkg:deb/debian/x@1")
        );
    }

    #[test]
    fn suppliers_keep_to_the_syntax_of_the_field() {
        for (name, email, expected) in [
            (
                "Debian GCC",
                Some("gcc@debian.org"),
                "Organization: Debian GCC (gcc@debian.org)",
            ),
            ("A (B)\nTool: x", None, "Organization: A [B] Tool: x"),
            ("A", Some("no address"), "Organization: A"),
        ] {
            let party = Party {
                name: name.to_owned(),
                email: email.map(str::to_owned),
                url: None,
            };
            assert_eq!(supplier(&party), expected);
        }
    }
}
