//! Documents read back: our own lose nothing that a scan asks for; those of syft and trivy are understood.

use toolkit_oci::Target;
use toolkit_sbom::{Document, Ecosystem, Error, Inventory, Package, Subject, SubjectKind, read};

use crate::bill::{bytes, document};
use crate::data;

/// What a scan asks of a package.
fn asked(package: &Package) -> String {
    format!(
        "{} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        package.purl,
        package.name,
        package.version,
        package.ecosystem,
        package.kind,
        package
            .architecture
            .as_deref()
            .or(package.purl.qualifier("arch")),
        package.source.as_ref().map_or_else(
            || (package.purl.qualifier("upstream"), None),
            |source| (Some(source.name.as_str()), source.version.as_deref()),
        ),
        package.modularity_label,
        package.introduced_in,
        package.owner,
    )
}

fn assert_same(found: &Inventory, expected: &Inventory, what: &str) {
    let listed = |inventory: &Inventory| inventory.packages.iter().map(asked).collect::<Vec<_>>();
    let (found_packages, expected_packages) = (listed(found), listed(expected));
    for (one, other) in found_packages.iter().zip(&expected_packages) {
        assert_eq!(one, other, "{what}");
    }
    assert_eq!(found_packages.len(), expected_packages.len(), "{what}");
    let release = |inventory: &Inventory| {
        let distro = inventory.distro.as_ref();
        distro.map(|d| {
            (
                d.id.clone(),
                d.version_id.clone(),
                d.version_codename.clone(),
            )
        })
    };
    assert_eq!(release(found), release(expected), "{what}");
}

#[test]
fn our_documents_keep_what_a_scan_asks_for() {
    let document = document();
    for format in ["cyclonedx-json", "spdx-json"] {
        let found = read(&bytes(format, &document)).expect("a document of ours");
        assert_same(&found, document.inventory(), format);
    }
    let found = read(&bytes("purls", &document)).expect("a list of ours");
    let purls = |inventory: &Inventory| {
        let all = inventory.packages.iter();
        all.map(|one| (one.purl.to_string(), one.version.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(purls(&found), purls(document.inventory()));
}

#[test]
fn documents_of_real_images_keep_it_too() {
    let Some(shared) = data::shared() else { return };
    for name in [
        "lang-mini",
        "debian-bookworm-dbonly",
        "amazonlinux-2023-dbonly",
        "wolfi-apko-ontop",
        "scratch-go",
    ] {
        let target = Target::Layout {
            path: shared.join("corpus/oci").join(name),
            selector: None,
        };
        let inventory = data::read(&target, None);
        assert!(!inventory.packages.is_empty(), "{name}");
        // Layers are named by their index in the subject, so one without layers drops them.
        let mut subject = Subject::new(SubjectKind::Image, name);
        subject.layers = vec![
            toolkit_sbom::document::Layer {
                digest: None,
                diff_id: None,
                created_by: None,
            };
            64
        ];
        let document = Document::new(subject, inventory, None);
        for format in ["cyclonedx-json", "spdx-json"] {
            let found = read(&bytes(format, &document)).expect("a document of ours");
            assert_same(&found, document.inventory(), &format!("{name} {format}"));
        }
    }
}

#[test]
fn documents_of_others_are_understood() {
    let trivy = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"type":"container","name":"debian:12","purl":"pkg:oci/debian@sha256%3Aab"}},
        "components":[{"type":"operating-system","name":"debian","version":"12.5"},{"type":"application","name":"package-lock.json"},
        {"type":"library","name":"libssl3","version":"3.0.11-1~deb12u2","purl":"pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.5",
         "properties":[{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"3.0.11"},{"name":"aquasecurity:trivy:SrcRelease","value":"1~deb12u2"}]},
        {"type":"library","group":"@babel","name":"core","version":"7.0.0","purl":"pkg:npm/%40babel/core@7.0.0","components":[{"type":"library","name":"inner","version":"1","purl":null}]}]}"#;
    let found = read(trivy.as_bytes()).expect("a document");
    let distro = found.distro.as_ref().expect("a distribution");
    assert_eq!(
        (distro.id.as_str(), distro.version_id.as_deref()),
        ("debian", Some("12.5"))
    );
    let told: Vec<_> = found
        .packages
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.ecosystem,
                one.source
                    .as_ref()
                    .map(|s| (s.name.as_str(), s.version.as_deref())),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "libssl3",
                Ecosystem::Deb,
                Some(("openssl", Some("3.0.11-1~deb12u2")))
            ),
            // What has no package URL is listed, so that a scan can say that it was not asked about.
            ("inner", Ecosystem::Other, None),
            ("@babel/core", Ecosystem::Npm, None),
        ]
    );
    let syft = r#"{"spdxVersion":"SPDX-2.3","packages":[
        {"SPDXID":"SPDXRef-root","name":"alma","versionInfo":"9","primaryPackagePurpose":"CONTAINER"},
        {"SPDXID":"SPDXRef-1","name":"openssl-libs","versionInfo":"1:3.0.7-1.el9","externalRefs":[{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:x"},
         {"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:rpm/almalinux/openssl-libs@3.0.7-1.el9?arch=x86_64&distro=almalinux-9.3&epoch=1&upstream=openssl-3.0.7-1.el9.src.rpm"}]},
        {"SPDXID":"SPDXRef-2","name":"bind","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:rpm/almalinux/bind@9.11-1.el9?epoch=32"}]},
        {"SPDXID":"SPDXRef-3","name":"mystery","versionInfo":"NOASSERTION"}],
        "relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-root","relationshipType":"DESCRIBES"}]}"#;
    let found = read(syft.as_bytes()).expect("a document");
    let told: Vec<_> = found
        .packages
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.version.as_deref(),
                one.source.as_ref().map(|s| s.name.as_str()),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("mystery", None, None),
            ("bind", Some("32:9.11-1.el9"), None),
            ("openssl-libs", Some("1:3.0.7-1.el9"), Some("openssl")),
        ]
    );
    let list = "# a list\n\npkg:golang/github.com/Azure/sdk@v1.0.0\npkg:deb/debian/libc6@2.36-9?distro=debian-12&upstream=glibc%402.36\n";
    let found = read(list.as_bytes()).expect("a list");
    let source = found.packages[0].source.as_ref().expect("a source");
    assert_eq!(
        (source.name.as_str(), source.version.as_deref()),
        ("glibc", Some("2.36"))
    );
    assert_eq!(
        found.packages[1].name, "github.com/Azure/sdk",
        "letters as written"
    );
}

#[test]
fn other_bytes_are_refused() {
    for text in ["{}", r#"{"spdxVersion":"SPDX-3.0"}"#] {
        assert!(
            matches!(read(text.as_bytes()), Err(Error::NoBillOfMaterials)),
            "{text}"
        );
    }
    assert!(matches!(read(b"\xff\xfe"), Err(Error::NoBillOfMaterials)));
    assert!(
        matches!(read(b"pkg:npm/x@1\nnot one\n"), Err(Error::Purl { text, .. }) if text == "not one")
    );
    for text in [
        "[]",
        "{",
        r#"{"bomFormat":"CycloneDX","components":[],"components":[]}"#,
    ] {
        assert!(
            matches!(read(text.as_bytes()), Err(Error::Document { .. })),
            "{text}"
        );
    }
    let deep = format!(
        r#"{{"bomFormat":"CycloneDX","components":{}"#,
        r#"[{"components":"#.repeat(10_000)
    );
    assert!(matches!(read(deep.as_bytes()), Err(Error::Document { .. })));
}
