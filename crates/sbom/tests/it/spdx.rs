//! SPDX 2.3: the official schema, what stands where, and the relationships.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use toolkit_sbom::{Document, Inventory, Subject, SubjectKind, described, subject_digests};

use crate::bill::{self, LIBC, PERL};

fn validator() -> Option<jsonschema::Validator> {
    let schema = bill::schema(bill::schemas()?.join("spdx/spdx-2.3.schema.json"));
    Some(
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap_or_else(|e| panic!("{e}")),
    )
}

#[test]
fn documents_are_valid_by_the_official_schema() {
    let Some(validator) = validator() else { return };
    let mut broken = bill::json("spdx-json", &bill::document());
    broken["packages"][0]["licenceDeclared"] = json!("MIT");
    assert!(
        !validator.is_valid(&broken),
        "the schema accepts everything"
    );
    let empty = Document::new(
        Subject::new(SubjectKind::File, "x"),
        Inventory::default(),
        None,
    );
    for (what, document) in [
        ("image", bill::document()),
        ("hostile", bill::hostile()),
        ("large", bill::large()),
        ("empty", empty),
    ] {
        bill::assert_valid(&validator, &bill::json("spdx-json@2.3", &document), what);
    }
}

#[test]
fn the_described_package_is_the_manifest() {
    let document = bill::document();
    let spdx = bill::json("spdx-json", &document);
    let digest = document.subject().manifest.as_ref().expect("a digest");
    let subject = package(&spdx, |p| p["SPDXID"] == "SPDXRef-Subject");
    assert_eq!(subject["versionInfo"], digest.to_string());
    assert_eq!(
        subject["checksums"],
        json!([{"algorithm": "SHA256", "checksumValue": digest.hex()}])
    );
    assert_eq!(subject["primaryPackagePurpose"], "CONTAINER");
    assert_eq!(
        subject_digests(&bill::bytes("spdx-json", &document)).expect("readable"),
        std::slice::from_ref(digest)
    );
    let mut subject = document.subject().clone();
    for base_layers in [None, Some(1)] {
        subject.base_layers = base_layers;
        let built = Document::new(subject.clone(), document.inventory().clone(), None);
        let read = described(&bill::bytes("spdx-json", &built)).expect("readable");
        assert_eq!(read.base_layers, base_layers);
    }
    assert_eq!(spdx["creationInfo"]["created"], "2024-05-06T07:08:09Z");
    assert_eq!(
        spdx["creationInfo"]["creators"],
        json!([format!("Tool: toolkit-{}", env!("CARGO_PKG_VERSION"))])
    );
}

#[test]
fn a_package_says_what_its_database_says() {
    let spdx = bill::json("spdx-json", &bill::document());
    let libc = of(&spdx, LIBC);
    assert_eq!(
        libc["supplier"],
        "Organization: GNU Libc Maintainers [Debian] (debian-glibc@lists.debian.org)"
    );
    assert_eq!(libc["sourceInfo"], "built package from: glibc 2.36-9");
    assert_eq!(libc["licenseConcluded"], "NOASSERTION");
    assert_eq!(
        libc["licenseComments"],
        "declared: GPL-2+ with OpenSSL exception\ndeclared: LGPL-2.1+"
    );
    let declared = text(&libc["licenseDeclared"]);
    let reference = declared
        .strip_suffix(" AND LGPL-2.1-or-later")
        .unwrap_or_else(|| panic!("{declared}"));
    let extracted = list(&spdx["hasExtractedLicensingInfos"])
        .iter()
        .find(|e| e["licenseId"] == reference);
    assert_eq!(
        extracted.map(|e| &e["extractedText"]),
        Some(&json!("GPL-2+ with OpenSSL exception"))
    );
    assert!(text(&libc["comment"]).contains("toolkit:source:name: glibc\n"));
    assert!(text(&libc["comment"]).contains("found: /var/lib/dpkg/status in layer 0 (sha256:"));
    let perl = of(&spdx, PERL);
    assert_eq!(perl["licenseDeclared"], "GPL-1.0-or-later OR Artistic-1.0");
    assert_eq!(perl["licenseConcluded"], "GPL-1.0-or-later OR Artistic-1.0");
}

#[test]
fn relationships_tell_containing_from_needing_and_building() {
    let spdx = bill::json("spdx-json", &bill::document());
    let id = |purl: &str| text(&of(&spdx, purl)["SPDXID"]);
    let triples: BTreeSet<(String, String, String)> = list(&spdx["relationships"])
        .iter()
        .map(|r| {
            (
                text(&r["spdxElementId"]),
                text(&r["relationshipType"]),
                text(&r["relatedSpdxElement"]),
            )
        })
        .collect();
    let expect =
        |from: &str, kind: &str, to: &str| (from.to_owned(), kind.to_owned(), to.to_owned());
    let (tool, cc) = (id("pkg:cargo/tool@1.0.0"), id("pkg:cargo/cc@1.1.0"));
    let expected = BTreeSet::from([
        expect("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Subject"),
        expect("SPDXRef-Subject", "DESCENDANT_OF", "SPDXRef-Base"),
        expect("SPDXRef-Subject", "CONTAINS", "SPDXRef-OperatingSystem"),
        expect("SPDXRef-OperatingSystem", "CONTAINS", &id(LIBC)),
        expect("SPDXRef-OperatingSystem", "CONTAINS", &id(PERL)),
        expect(&id(PERL), "DEPENDS_ON", &id(LIBC)),
        expect(&id(PERL), "CONTAINS", &id(bill::CORE)),
        expect("SPDXRef-Subject", "CONTAINS", &tool),
        expect(&cc, "BUILD_DEPENDENCY_OF", &tool),
        expect(&cc, "BUILD_DEPENDENCY_OF", "SPDXRef-Subject"),
    ]);
    assert_eq!(triples, expected);
}

#[test]
fn every_reference_of_a_licence_is_explained() {
    let spdx = bill::json("spdx-json", &bill::hostile());
    let explained: BTreeSet<String> = list(&spdx["hasExtractedLicensingInfos"])
        .iter()
        .map(|e| text(&e["licenseId"]))
        .collect();
    let used: BTreeSet<String> = list(&spdx["packages"])
        .iter()
        .filter_map(|p| p["licenseDeclared"].as_str())
        .flat_map(|l| l.split([' ', '(', ')']))
        .filter(|word| word.starts_with("LicenseRef-"))
        .map(str::to_owned)
        .collect();
    assert_eq!(used, explained);
    assert_eq!(used.len(), 5);
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let (mut subject, mut inventory) = bill::image();
    let first = bill::bytes("spdx-json", &bill::document());
    inventory.packages.reverse();
    assert!(
        first
            == bill::bytes(
                "spdx-json",
                &Document::new(subject.clone(), inventory.clone(), None)
            )
    );
    subject.created = None;
    let timeless = bill::json("spdx-json", &Document::new(subject, inventory, None));
    assert_eq!(timeless["creationInfo"]["created"], "1970-01-01T00:00:00Z");
    let first: Value = serde_json::from_slice(&first).expect("JSON");
    assert_ne!(first["documentNamespace"], timeless["documentNamespace"]);
}

fn of<'a>(spdx: &'a Value, purl: &str) -> &'a Value {
    package(spdx, |p| p["externalRefs"][0]["referenceLocator"] == purl)
}

fn package(spdx: &Value, is: impl Fn(&Value) -> bool) -> &Value {
    list(&spdx["packages"])
        .iter()
        .find(|p| is(p))
        .unwrap_or_else(|| panic!("no such package"))
}

fn list(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value:.200}"))
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value:.200}"))
        .to_owned()
}
