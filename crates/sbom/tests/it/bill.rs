//! Small documents that the tests of the formats share, and the official schemas.

use std::{env, path::PathBuf};

use serde_json::Value;
use toolkit_oci::Digest;
use toolkit_sbom::{
    Checksum, ChecksumAlgorithm, Distro, Document, Ecosystem, Fault, Format, Inventory, Kind,
    Location, Package, PackageId, Party, Purl, Scope, SourcePackage, Subject, SubjectKind,
    Unreadable,
    document::{Base, Layer},
};

pub(crate) fn purl(text: &str) -> Purl {
    Purl::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

pub(crate) fn package(ecosystem: Ecosystem, name: &str, version: &str, url: &str) -> Package {
    Package::new(ecosystem, name, Some(version), purl(url))
}

pub(crate) const LIBC: &str =
    "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc";
pub(crate) const PERL: &str =
    "pkg:deb/debian/perl-base@5.36.0-7?arch=amd64&distro=debian-12&upstream=perl";
pub(crate) const CORE: &str = "pkg:npm/%40babel/core@7.0.0";

/// An image of two layers with packages of four ecosystems.
pub(crate) fn image() -> (Subject, Inventory) {
    let mut libc = package(Ecosystem::Deb, "libc6", "2.36-9", LIBC);
    libc.architecture = Some("amd64".to_owned());
    libc.licenses = vec![
        "GPL-2+ with OpenSSL exception".to_owned(),
        "LGPL-2.1+".to_owned(),
    ];
    libc.supplier = Party::parse("GNU Libc Maintainers (Debian) <debian-glibc@lists.debian.org>");
    libc.source = Some(SourcePackage {
        name: "glibc".to_owned(),
        version: None,
    });
    libc.summary = Some("GNU C Library".to_owned());
    libc.homepage = Some("https://www.gnu.org/software/libc/libc.html".to_owned());
    libc.files = vec![Location::new(b"var/lib/dpkg/status", 0)];
    libc.introduced_in = Some(0);

    let mut perl = package(Ecosystem::Deb, "perl-base", "5.36.0-7", PERL);
    perl.licenses = vec!["GPL-1+ or Artistic".to_owned()];
    perl.depends_on.insert(PackageId::of(&purl(LIBC)));

    let mut core = package(Ecosystem::Npm, "@babel/core", "7.0.0", CORE);
    core.licenses = vec!["MIT".to_owned()];
    core.checksums = vec![Checksum {
        algorithm: ChecksumAlgorithm::Sha512,
        hex: "ab".repeat(64),
    }];
    core.files = vec![Location::new(
        b"srv/node_modules/@babel/core/package.json",
        1,
    )];
    core.introduced_in = Some(1);
    core.owner = Some(PackageId::of(&purl(PERL)));

    let mut tool = package(Ecosystem::Cargo, "tool", "1.0.0", "pkg:cargo/tool@1.0.0");
    tool.kind = Kind::Application;
    tool.licenses = vec!["MIT/Apache-2.0".to_owned()];
    tool.depends_on
        .insert(PackageId::of(&purl("pkg:cargo/cc@1.1.0")));
    let mut cc = package(Ecosystem::Cargo, "cc", "1.1.0", "pkg:cargo/cc@1.1.0");
    cc.scope = Scope::Build;

    let distro = Distro::parse(b"ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian GNU/Linux 12\"\nHOME_URL=\"https://www.debian.org/\"\n");
    let inventory = Inventory {
        packages: vec![libc, perl, core, tool, cc],
        distro: distro.ok(),
        ..Inventory::default()
    };

    let mut subject = Subject::new(SubjectKind::Image, "registry.example/acme/widget");
    subject.repository = Some("registry.example/acme/widget".to_owned());
    subject.tag = Some("1.0".to_owned());
    subject.manifest = Some(Digest::sha256(b"manifest"));
    subject.index = Some(Digest::sha256(b"index"));
    subject.platform = Some("linux/amd64".to_owned());
    subject.layers = ["base", "app"]
        .iter()
        .map(|name| Layer {
            digest: Some(Digest::sha256(name.as_bytes())),
            diff_id: Some(Digest::sha256(format!("{name} raw").as_bytes())),
            created_by: Some(format!("COPY {name} /")),
        })
        .collect();
    subject.base = Some(Base {
        name: Some("docker.io/library/debian:12".to_owned()),
        digest: Some(Digest::sha256(b"debian")),
    });
    subject.created = "2024-05-06T07:08:09.5Z".parse().ok();
    (subject, inventory)
}

pub(crate) fn document() -> Document {
    let (subject, inventory) = image();
    Document::new(subject, inventory, None)
}

/// The same image with every text field in the hands of an attacker, and a file that could not be read.
pub(crate) fn hostile() -> Document {
    let evil = "\u{0}\u{1b}[31m\"}],\\ \u{202e}<script>\r\n(x) \u{1f600} %zz";
    let (mut subject, mut inventory) = image();
    subject.name = evil.to_owned();
    subject.tag = Some(evil.to_owned());
    subject.base = Some(Base {
        name: Some(evil.to_owned()),
        digest: None,
    });
    if let Some(layer) = subject.layers.first_mut() {
        layer.created_by = Some("RUN ".to_owned() + &"x".repeat(100_000));
        layer.digest = None;
    }
    for package in &mut inventory.packages {
        package.name = evil.to_owned();
        package.version = Some(evil.to_owned());
        package.summary = Some(evil.to_owned());
        package.homepage = Some(format!("https://{evil}"));
        package.supplier = Some(Party {
            name: evil.to_owned(),
            email: Some(format!("{evil}@x")),
            url: Some(evil.to_owned()),
        });
        package.licenses = vec![
            evil.to_owned(),
            "(".repeat(5000),
            "LicenseRef-x AND MIT".to_owned(),
            "A".repeat(100_000),
            "DocumentRef-a:LicenseRef-b".to_owned(),
        ];
        package.source = Some(SourcePackage {
            name: evil.to_owned(),
            version: Some(evil.to_owned()),
        });
        package.checksums = vec![
            Checksum {
                algorithm: ChecksumAlgorithm::Sha256,
                hex: "zz".to_owned(),
            },
            Checksum {
                algorithm: ChecksumAlgorithm::Sha1,
                hex: "é".repeat(20),
            },
        ];
        package.files = vec![Location::new(b"a\xff\"\n", 99), Location::new(b"b", 0)];
        package.introduced_in = Some(99);
    }
    let huge = format!("pkg:npm/{}@1", "n".repeat(100_000));
    inventory.packages.push(Package::new(
        Ecosystem::Npm,
        &"n".repeat(100_000),
        None,
        purl(&huge),
    ));
    if let Some(distro) = &mut inventory.distro {
        distro.id = evil.to_owned();
        distro.version_id = Some(evil.to_owned());
        distro.home_url = Some(evil.to_owned());
    }
    inventory.unreadable = vec![Unreadable {
        location: Location::new(b"var/lib/rpm/\x1b", 0),
        fault: Fault::Unsupported {
            format: "Berkeley DB",
        },
    }];
    Document::new(subject, inventory, None)
}

/// Packages enough to measure with: as many as `debian-large-dbonly` of the corpus has.
pub(crate) fn large() -> Document {
    let (subject, mut inventory) = image();
    let Some(template) = inventory.packages.first().cloned() else {
        panic!("a template")
    };
    let url = |n: usize| {
        purl(&format!(
            "pkg:deb/debian/lib{n:04}@1.{n}-1?arch=amd64&distro=debian-12&upstream=src{n}"
        ))
    };
    inventory.packages = (0..1400)
        .map(|n| {
            let mut package = template.clone();
            package.name = format!("lib{n:04}");
            package.purl = url(n);
            package.licenses = vec![
                "GPL-2+".to_owned(),
                "LGPL-2.1+ or Expat".to_owned(),
                format!("own-{}", n % 50),
            ];
            package.depends_on = (1..=5)
                .map(|k| PackageId::of(&url((n * 7 + k * 13) % 1400)))
                .collect();
            package
        })
        .collect();
    Document::new(subject, inventory, None)
}

pub(crate) fn bytes(format: &str, document: &Document) -> Vec<u8> {
    let format = Format::parse(format).unwrap_or_else(|e| panic!("{e}"));
    let mut out = Vec::new();
    toolkit_sbom::write(format, document, &mut out).unwrap_or_else(|e| panic!("{e}"));
    out
}

pub(crate) fn json(format: &str, document: &Document) -> Value {
    serde_json::from_slice(&bytes(format, document)).unwrap_or_else(|e| panic!("{e}"))
}

/// The folder of official schemas; without it the caller's test is skipped, loudly, and never in CI.
pub(crate) fn schemas() -> Option<PathBuf> {
    let Some(data) = env::var_os("TOOLKIT_TEST_DATA") else {
        assert!(
            env::var_os("CI").is_none(),
            "TOOLKIT_TEST_DATA is not set in CI"
        );
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: TOOLKIT_TEST_DATA is not set");
        }
        return None;
    };
    Some(PathBuf::from(data).join("data/schemas"))
}

pub(crate) fn schema(path: PathBuf) -> Value {
    let text = fs_err::read(path).unwrap_or_else(|e| panic!("{e}"));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{e}"))
}

pub(crate) fn assert_valid(validator: &jsonschema::Validator, value: &Value, what: &str) {
    let faults: Vec<String> = validator
        .iter_errors(value)
        .take(10)
        .map(|e| format!("{}: {e:.300}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{what}: {faults:#?}");
}
