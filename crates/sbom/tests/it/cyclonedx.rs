//! CycloneDX 1.7: the official schema, what stands where, and the shape of the graph.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use toolkit_sbom::{Document, Inventory, Subject, SubjectKind, described, subject_digests};

use crate::bill::{self, CORE, LIBC, PERL};

fn validator() -> Option<jsonschema::Validator> {
    let folder = bill::schemas()?.join("cyclonedx");
    let mut registry = jsonschema::Registry::new();
    for name in [
        "spdx.schema.json",
        "jsf-0.82.schema.json",
        "cryptography-defs.schema.json",
    ] {
        let uri = format!("http://cyclonedx.org/schema/{name}");
        registry = registry
            .add(uri, bill::schema(folder.join(name)))
            .unwrap_or_else(|e| panic!("{e}"));
    }
    let registry = registry.prepare().unwrap_or_else(|e| panic!("{e}"));
    let schema = bill::schema(folder.join("bom-1.7.schema.json"));
    let options = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true);
    Some(options.build(&schema).unwrap_or_else(|e| panic!("{e}")))
}

#[test]
fn documents_are_valid_by_the_official_schema() {
    let Some(validator) = validator() else { return };
    let mut broken = bill::json("cyclonedx-json", &bill::document());
    broken["components"][0]["licenses"] = json!([{"license": {"id": "bitstream-vera"}}]);
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
        bill::assert_valid(
            &validator,
            &bill::json("cyclonedx-json@1.7", &document),
            what,
        );
    }
}

#[test]
fn every_identifier_that_is_written_as_one_is_in_the_schema() {
    let Some(validator) = validator() else { return };
    let (subject, mut inventory) = bill::image();
    let Some(package) = inventory.packages.first_mut() else {
        panic!("a package")
    };
    package.licenses = spdx::identifiers::LICENSES
        .iter()
        .map(|license| license.name.to_owned())
        .collect();
    bill::assert_valid(
        &validator,
        &bill::json("cyclonedx-json", &Document::new(subject, inventory, None)),
        "all licences",
    );
}

#[test]
fn the_subject_is_the_manifest() {
    let document = bill::document();
    let bom = bill::json("cyclonedx-json", &document);
    let digest = document.subject().manifest.as_ref().expect("a digest");
    let component = &bom["metadata"]["component"];
    assert_eq!(component["type"], "container");
    assert_eq!(component["name"], "registry.example/acme/widget");
    assert_eq!(component["version"], digest.to_string());
    assert_eq!(
        component["purl"],
        format!(
            "pkg:oci/widget@{digest}?arch=amd64&repository_url=registry.example%2Facme%2Fwidget&tag=1.0"
        )
    );
    assert_eq!(
        component["hashes"],
        json!([{"alg": "SHA-256", "content": digest.hex()}])
    );
    assert_eq!(
        component["pedigree"]["ancestors"][0]["name"],
        "docker.io/library/debian:12"
    );
    assert_eq!(bom["metadata"]["timestamp"], "2024-05-06T07:08:09Z");
    assert_eq!(
        bom["metadata"]["lifecycles"],
        json!([{"phase": "post-build"}])
    );
    assert_eq!(
        property(component, "toolkit:image:indexDigest"),
        document.subject().index.as_ref().map(ToString::to_string)
    );
    assert_eq!(
        property(component, "toolkit:image:layer:1:createdBy").as_deref(),
        Some("COPY app /")
    );
    assert_eq!(
        subject_digests(&bill::bytes("cyclonedx-json", &document)).expect("readable"),
        std::slice::from_ref(digest)
    );
    let mut subject = document.subject().clone();
    for base_layers in [None, Some(1)] {
        subject.base_layers = base_layers;
        let built = Document::new(subject.clone(), document.inventory().clone(), None);
        let read = described(&bill::bytes("cyclonedx-json", &built)).expect("readable");
        assert_eq!(read.base_layers, base_layers);
    }
}

#[test]
fn a_package_says_what_its_database_says() {
    let document = bill::document();
    let bom = bill::json("cyclonedx-json", &document);
    let layer = document.subject().layers[0]
        .digest
        .as_ref()
        .expect("a digest");
    let libc = component(&bom, LIBC);
    assert_eq!(
        libc["licenses"],
        json!([
            {"license": {"name": "GPL-2+ with OpenSSL exception", "acknowledgement": "declared"}},
            {"license": {"id": "LGPL-2.1+", "acknowledgement": "declared"}},
        ])
    );
    assert_eq!(
        libc["supplier"],
        json!({"name": "GNU Libc Maintainers (Debian)", "contact": [{"email": "debian-glibc@lists.debian.org"}]})
    );
    assert_eq!(
        libc["evidence"]["occurrences"],
        json!([{"location": "/var/lib/dpkg/status", "additionalContext": format!("layer 0 ({layer})")}])
    );
    assert_eq!(
        libc["externalReferences"],
        json!([{"url": "https://www.gnu.org/software/libc/libc.html", "type": "website"}])
    );
    assert_eq!(
        property(libc, "toolkit:source:name").as_deref(),
        Some("glibc")
    );
    assert_eq!(property(libc, "toolkit:layer:index").as_deref(), Some("0"));
    assert_eq!(
        property(libc, "toolkit:layer:digest"),
        Some(layer.to_string())
    );
    let perl = component(&bom, PERL);
    assert_eq!(
        perl["licenses"],
        json!([
            {"license": {"name": "GPL-1+ or Artistic", "acknowledgement": "declared"}},
            {"expression": "GPL-1.0-or-later OR Artistic-1.0", "acknowledgement": "concluded"},
        ])
    );
    let core = component(&bom, CORE);
    assert_eq!(
        (&core["group"], &core["name"]),
        (&json!("@babel"), &json!("core"))
    );
    assert_eq!(
        core["licenses"],
        json!([{"license": {"id": "MIT", "acknowledgement": "declared"}}, {"license": {"id": "MIT", "acknowledgement": "concluded"}}])
    );
    assert_eq!(
        core["hashes"],
        json!([{"alg": "SHA-512", "content": "ab".repeat(64)}])
    );
    assert_eq!(
        property(core, "toolkit:package:owner").as_deref(),
        Some(PERL)
    );
    assert_eq!(component(&bom, "pkg:cargo/cc@1.1.0")["scope"], "excluded");
    assert_eq!(
        component(&bom, "pkg:cargo/tool@1.0.0")["type"],
        "application"
    );
    let os = component(&bom, "os:debian@12");
    assert_eq!(
        (&os["type"], &os["name"], &os["version"]),
        (&json!("operating-system"), &json!("debian"), &json!("12"))
    );
    assert_eq!(
        property(os, "toolkit:distro:versionCodename").as_deref(),
        Some("bookworm")
    );
}

#[test]
fn every_reference_is_in_the_graph_and_the_graph_is_whole() {
    for document in [bill::document(), bill::hostile(), bill::large()] {
        let bom = bill::json("cyclonedx-json", &document);
        let root = text(&bom["metadata"]["component"]["bom-ref"]);
        let mut refs: BTreeSet<String> = list(&bom["components"])
            .iter()
            .map(|c| text(&c["bom-ref"]))
            .collect();
        assert_eq!(
            refs.len(),
            list(&bom["components"]).len(),
            "references are unique"
        );
        refs.insert(root.clone());
        let graph: std::collections::BTreeMap<String, Vec<String>> = list(&bom["dependencies"])
            .iter()
            .map(|d| {
                (
                    text(&d["ref"]),
                    list(&d["dependsOn"]).iter().map(text).collect(),
                )
            })
            .collect();
        assert_eq!(graph.keys().cloned().collect::<BTreeSet<_>>(), refs);
        let (mut reached, mut open) = (BTreeSet::from([root.clone()]), vec![root]);
        while let Some(next) = open.pop() {
            for to in &graph[&next] {
                if reached.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        assert_eq!(reached, refs, "everything is reached from the subject");
    }
    let bom = bill::json("cyclonedx-json", &bill::document());
    let of = |reference: &str| {
        list(&bom["dependencies"])
            .iter()
            .find(|d| d["ref"] == reference)
            .map(|d| d["dependsOn"].clone())
    };
    assert_eq!(of("os:debian@12"), Some(json!([LIBC, PERL])));
    assert_eq!(of(PERL), Some(json!([LIBC])));
    assert_eq!(of(LIBC), Some(json!([])));
    assert_eq!(
        of(&text(&bom["metadata"]["component"]["bom-ref"])),
        Some(json!(["os:debian@12", "pkg:cargo/tool@1.0.0", CORE]))
    );
}

#[test]
fn completeness_is_claimed_only_where_everything_was_read() {
    let aggregates = |document: &Document| {
        let bom = bill::json("cyclonedx-json", document);
        list(&bom["compositions"])
            .iter()
            .map(|c| text(&c["aggregate"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(aggregates(&bill::document()), ["unknown", "complete"]);
    assert_eq!(aggregates(&bill::hostile()), ["incomplete", "incomplete"]);
    let (subject, mut inventory) = bill::image();
    inventory.packages.clear();
    let unlisted = Document::new(subject, inventory, None);
    assert_eq!(
        aggregates(&unlisted),
        ["unknown"],
        "a distribution without packages is not complete"
    );
    let bom = bill::json("cyclonedx-json", &bill::hostile());
    assert_eq!(
        property(&bom["metadata"], "toolkit:unreadable").as_deref(),
        Some("/var/lib/rpm/\u{1b} (layer 0): Berkeley DB is not supported")
    );
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let (subject, mut inventory) = bill::image();
    let first = bill::bytes("cyclonedx-json", &bill::document());
    inventory.packages.reverse();
    assert!(
        first
            == bill::bytes(
                "cyclonedx-json",
                &Document::new(subject.clone(), inventory.clone(), None)
            )
    );
    let serial =
        |bytes: &[u8]| text(&serde_json::from_slice::<Value>(bytes).expect("JSON")["serialNumber"]);
    inventory.packages.pop();
    let other = bill::bytes("cyclonedx-json", &Document::new(subject, inventory, None));
    assert_ne!(serial(&first), serial(&other));
    assert_eq!(serial(&first).len(), "urn:uuid:".len() + 36);
}

#[test]
fn without_a_time_there_is_no_timestamp() {
    let (mut subject, inventory) = bill::image();
    subject.created = None;
    let bom = bill::json("cyclonedx-json", &Document::new(subject, inventory, None));
    assert_eq!(bom["metadata"].get("timestamp"), None);
}

fn component<'a>(bom: &'a Value, reference: &str) -> &'a Value {
    list(&bom["components"])
        .iter()
        .find(|c| c["bom-ref"] == reference)
        .unwrap_or_else(|| panic!("no {reference}"))
}

fn property(holder: &Value, name: &str) -> Option<String> {
    list(&holder["properties"])
        .iter()
        .find(|p| p["name"] == name)
        .map(|p| text(&p["value"]))
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
