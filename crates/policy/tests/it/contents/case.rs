//! The state of one row: what lies in the image, what its SBOM says, what is known against it, and what the policy demands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use toolkit_attest::{
    IdentityToken, Options, Session, SigningConfig, Statement, Subject, TrustRoot, Verified,
    predicate,
};
use toolkit_lab::{Lab, RekorVersion};
use toolkit_oci::{Digest, Platform, Reference};
use toolkit_policy::{
    Bill, ConfigEvidence, Contents, DatabaseEvidence, DatabaseFacts, DigestTyped, Evidence, Layers,
    Listing, PlatformEvidence, ReferenceFacts, Verdict, check, evaluate,
};
use toolkit_sbom::{Ecosystem, Inventory, Package, PackageId, Purl};
use toolkit_vulndb::advisory::{Class, Feed};
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::matching::{
    Basis, Finding, Fix, Matches, Rating, RatingSource, Subject as Matched,
};
use toolkit_vulndb::severity::Severity;

use crate::faults::{now, render};

pub(super) const SIGNER: &str = "signer@example.com";
pub(super) const SECOND: &str = "second@example.com";
pub(super) const OTHER: &str = "other@example.com";
pub(super) const LODASH: &str = "pkg:npm/lodash@4.17.21";
pub(super) const CVE: &str = "CVE-2024-1";

const POLICY: &str = r#"version: 1
name: contents
identities:
  signer: {kind: email, address: signer@example.com, issuer: "{issuer}"}
  second: {kind: email, address: second@example.com, issuer: "{issuer}"}
  other: {kind: email, address: other@example.com, issuer: "{issuer}"}
  crew: {kind: fulcio, san: "s*@example.com", issuer: "{issuer}"}
  guests: {kind: fulcio, san: "*@example.com", issuer: "{issuer}"}
rules:
- id: contents
  require:
    attestations: [{type: cyclonedx, by: signer}]
    vulnerabilities:
      database: {maxAge: 5d}
      deny: [{severity: critical}, {severity: high, fix: available, grace: 14d}]
      vex: {by: signer}
    packages: {deny: [{purl: "pkg:npm/event-stream", versions: ">=3.3.6 <4.0.0", reason: "it stole"}]}
    licences: {deny: [AGPL-3.0-only], unknown: ignore}
noMatch: deny
"#;

/// A lab that signs, and what it signed: the same document by the same person is signed once.
struct World {
    lab: Lab,
    root: TrustRoot,
    signed: Mutex<BTreeMap<String, Verified>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let lab = Lab::start(toolkit_lab::Options::default()).expect("the lab starts");
    let root = TrustRoot::from_json(lab.trusted_root_json().as_bytes(), "the lab")
        .expect("its root is valid");
    World {
        lab,
        root,
        signed: Mutex::default(),
    }
});

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test, not the crate, signs now; what is judged has its own clock"
    )]
    fn session(&self, who: &str) -> Session {
        let token = IdentityToken::parse(&self.lab.email_token(who)).expect("a token");
        let config = self.lab.signing_config_json(RekorVersion::V2);
        let config = SigningConfig::from_json(config.as_bytes(), "the lab").expect("it is valid");
        let options = Options::new(Arc::new(Timestamp::now), "test");
        Session::keyless(token, config, self.root.clone(), options).expect("a session")
    }

    fn once(&self, key: String, sign: impl FnOnce() -> Verified) -> Verified {
        let known = self
            .signed
            .lock()
            .expect("no test stopped here")
            .get(&key)
            .cloned();
        known.unwrap_or_else(|| {
            let verified = sign();
            let mut signed = self.signed.lock().expect("no test stopped here");
            signed.insert(key, verified.clone());
            verified
        })
    }

    /// Signs a predicate about a manifest.
    fn attest(&self, who: &str, subject: &Digest, kind: &str, predicate: &Value) -> Verified {
        self.once(format!("{who} {subject} {kind} {predicate}"), || {
            let subject = Subject::new("app", subject);
            let statement =
                Statement::new(vec![subject], kind, predicate.clone()).expect("a statement");
            let signed = self.session(who).sign_statement(&statement);
            signed.expect("it is signed").verified
        })
    }

    /// Signs a database.
    fn vouch(&self, who: &str, database: &Digest) -> Verified {
        self.once(format!("{who} {database}"), || {
            let signed = self.session(who).sign_digest(database);
            signed.expect("it is signed").verified
        })
    }
}

/// A VEX document, who attests it, and for which manifest.
pub(super) struct Vex {
    pub(super) document: Value,
    pub(super) by: &'static str,
    pub(super) subject: Digest,
}

/// Holds what a row changes.
pub(super) struct Case {
    pub(super) policy: String,
    /// Packages in the layers.
    pub(super) packages: Vec<Package>,
    /// Changes the SBOM, which lists them, before it is attested.
    pub(super) sbom: fn(&mut Value),
    /// What is known against the packages, wherever they are seen.
    pub(super) known: Matches,
    pub(super) vex: Vec<Vex>,
    /// Who signed the database.
    pub(super) vouched: Vec<&'static str>,
    /// Changes the rest.
    pub(super) evidence: fn(&mut Evidence),
    pub(super) now: Timestamp,
}

pub(super) fn index() -> Digest {
    Digest::sha256(b"index")
}

pub(super) fn platform() -> Digest {
    Digest::sha256(b"platform")
}

pub(super) fn purl(text: &str) -> Purl {
    Purl::parse(text).expect("a package URL")
}

pub(super) fn package(url: &str, license: Option<&str>) -> Package {
    let purl = purl(url);
    let ecosystem = Ecosystem::of_purl_type(purl.ty());
    let mut package = Package::new(ecosystem, purl.name(), purl.version(), purl.clone());
    package.licenses.extend(license.map(str::to_owned));
    package
}

/// A finding of a severity, without a fix.
pub(super) fn finding(url: &str, id: &str, severity: Severity) -> Finding {
    let rating = Rating {
        severity,
        source: RatingSource::Deciding,
        feed: Feed::Ghsa,
        id: id.to_owned(),
        basis: Basis::Word,
    };
    Finding {
        subject: matched(url).into(),
        id: id.to_owned(),
        ids: BTreeSet::from([id.to_owned()]),
        advisories: BTreeSet::new(),
        class: Class::Vulnerability,
        rating: (severity != Severity::Unknown).then_some(rating),
        fix: Fix::default(),
        records: Vec::new(),
        published: None,
        epss: None,
        exploited: None,
        suppressed: None,
    }
}

pub(super) fn matched(url: &str) -> Matched {
    let purl = purl(url);
    Matched {
        package: PackageId::of(&purl),
        name: purl.name().to_owned(),
        version: purl.version().map(str::to_owned),
        layer: None,
        source: None,
        owner: None,
        paths: Arc::from([]),
    }
}

/// Says that a finding is fixed in a version since some days.
pub(super) fn fixed(finding: &mut Finding, version: &str, days: i64) {
    let since = now() - SignedDuration::from_hours(24 * days);
    finding.fix = Fix {
        state: FixState::Fixed,
        version: Some(version.to_owned()),
        date: u32::try_from(since.as_second() / 86_400).ok(),
        ..Fix::default()
    };
}

/// One statement in OpenVEX's form, about the CVE that rows use.
pub(super) fn stated(status: &str, product: Value, time: &str) -> Value {
    json!({"vulnerability": {"name": CVE}, "products": [product], "status": status, "timestamp": time,
        "justification": "vulnerable_code_not_in_execute_path"})
}

pub(super) fn openvex(statements: &[Value]) -> Value {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "us", "version": 1,
        "timestamp": "2024-06-01T00:00:00Z", "statements": statements})
}

impl Case {
    /// Begins with an image that passes: two packages, both in its SBOM, nothing known against them.
    pub(super) fn new() -> Self {
        Self {
            policy: POLICY.to_owned(),
            packages: vec![
                package("pkg:npm/left-pad@1.3.0", Some("MIT OR AGPL-3.0-only")),
                package(LODASH, Some("MIT")),
            ],
            sbom: |_| {},
            known: Matches::default(),
            vex: Vec::new(),
            vouched: Vec::new(),
            evidence: |_| {},
            now: now(),
        }
    }

    /// Changes the policy's text.
    pub(super) fn policy(&mut self, from: &str, to: &str) {
        assert_eq!(
            self.policy.matches(from).count(),
            1,
            "`{from}` in the policy"
        );
        self.policy = self.policy.replace(from, to);
    }

    pub(super) fn denies(&mut self, entries: &str) {
        self.policy(
            "{severity: critical}, {severity: high, fix: available, grace: 14d}",
            entries,
        );
    }

    /// Adds an exception that ends in a month.
    pub(super) fn exception(&mut self, check: &str, scope: &str) {
        if !self.policy.contains("exceptions:") {
            self.policy.push_str("exceptions:\n");
        }
        let id = self.policy.matches("owner: ops").count() + 1;
        self.policy.push_str(&format!(
            "- {{id: E{id}, checks: [{check}], images: [\"**\"], {scope}owner: ops, reason: later, expires: 2026-12-24}}\n"
        ));
    }

    /// Puts a package into the image and its SBOM.
    pub(super) fn has(&mut self, url: &str, license: Option<&str>) {
        self.packages.push(package(url, license));
    }

    /// Says of a package that it has a vulnerability.
    pub(super) fn affected(&mut self, url: &str, severity: Severity) -> &mut Finding {
        self.known.findings.push(finding(url, CVE, severity));
        self.known.findings.last_mut().expect("it was pushed")
    }

    /// Attests VEX for the index.
    pub(super) fn states(&mut self, by: &'static str, statements: &[Value]) {
        self.vex.push(Vex {
            document: openvex(statements),
            by,
            subject: index(),
        });
    }

    /// Judges it.
    pub(super) fn judged(self) -> Verdict {
        let world = &*WORLD;
        let text = self.policy.replace("{issuer}", &world.lab.issuer());
        let policy = check("policy.yaml", &text, now())
            .unwrap_or_else(|faults| panic!("{text}\n{}", render(&faults)));
        let policy = policy.load_keys(&BTreeMap::new()).expect("no keys");
        let mut inventory = Inventory {
            packages: self.packages,
            ..Inventory::default()
        };
        inventory.normalize();
        let components: Vec<Value> = inventory
            .packages
            .iter()
            .map(|package| {
                json!({"type": "library", "name": package.name, "version": package.version, "purl": package.purl.as_str(),
                    "licenses": package.licenses.iter().map(|text| json!({"expression": text})).collect::<Vec<_>>()})
            })
            .collect();
        let mut document =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components});
        (self.sbom)(&mut document);
        let bill = world.attest(SIGNER, &platform(), predicate::CYCLONEDX, &document);
        let vex = self
            .vex
            .iter()
            .map(|vex| world.attest(vex.by, &vex.subject, predicate::OPENVEX, &vex.document));
        let attestations: Vec<Verified> = [bill.clone()].into_iter().chain(vex).collect();
        let read = Bill::read(&bill).expect("it has a statement");
        let contents = Contents {
            platform: platform(),
            layers: Layers::Read(Box::new(Listing {
                inventory,
                known: Some(self.known.clone()),
            })),
            bills: vec![read.with(Some(self.known))],
        };
        let database = Digest::sha256(b"database");
        let facts = DatabaseFacts {
            created: now() - SignedDuration::from_hours(1),
            trust: "built here".to_owned(),
            demo: false,
            scores: true,
            exploited: true,
            signatures: self
                .vouched
                .iter()
                .map(|who| world.vouch(who, &database))
                .collect(),
            digest: database,
        };
        let mut evidence = Evidence {
            reference: ReferenceFacts {
                name: Some(Reference::parse("registry.example/acme/app:1").expect("a reference")),
                typed: DigestTyped::Yes,
            },
            digest: index(),
            platforms: vec![PlatformEvidence {
                digest: platform(),
                platform: Some(Platform::parse("linux/amd64").expect("a platform")),
                config: ConfigEvidence::Read {
                    user: Some("1000".to_owned()),
                },
            }],
            attestations,
            refused: Vec::new(),
            gaps: Vec::new(),
            contents: vec![contents],
            database: DatabaseEvidence::Asked(Box::new(facts)),
        };
        (self.evidence)(&mut evidence);
        evaluate(&policy, &evidence, self.now)
    }
}

/// Yields what is known of the database, to be changed.
pub(super) fn facts(evidence: &mut Evidence) -> &mut DatabaseFacts {
    match &mut evidence.database {
        DatabaseEvidence::Asked(facts) => facts,
        other => panic!("it was asked: {other:?}"),
    }
}

/// Yields the packages in the layers, to be changed.
pub(super) fn layers(evidence: &mut Evidence) -> &mut Listing {
    match &mut evidence.contents[0].layers {
        Layers::Read(listing) => listing,
        other => panic!("they were read: {other:?}"),
    }
}
