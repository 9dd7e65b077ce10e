//! The state of one row: what lies in the image, what its SBOM says, what the database knows, and what the policy demands.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};
use toolkit_lab::RegistryKind;
use toolkit_lab::image::{Compression, Image, Layer};

use crate::binary::{Run, finish};
use crate::stage::{SIGNER, Stage, expect};

const POLICY: &str = r#"version: 1
name: contents
trust: {root: {file: root.json}}
identities:
  signer: {kind: email, address: signer@example.com, issuer: "{email}"}
  other: {kind: email, address: other@example.com, issuer: "{email}"}
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

/// Holds the lab that all rows share.
pub(super) struct World {
    stage: Stage,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::new(),
        }
    }
}

/// Holds what a row changes.
pub(super) struct Case {
    /// Files of the image.
    pub(super) files: BTreeMap<String, String>,
    /// The second platform's files, where there is one.
    pub(super) arm: Option<BTreeMap<String, String>>,
    /// Advisories in OSV's form, by feed.
    pub(super) records: Vec<(&'static str, Value)>,
    /// More files of the feeds.
    pub(super) feeds: Vec<(&'static str, String)>,
    /// Changes the SBOM before it is attested.
    pub(super) sbom: fn(&mut Value),
    /// A second SBOM, made of the first.
    pub(super) second: Option<fn(&mut Value)>,
    /// VEX, and who attests it.
    pub(super) vex: Option<(Value, &'static str)>,
    /// Who attests the SBOM.
    pub(super) signer: &'static str,
    pub(super) policy: String,
    /// Age of the database in hours; none builds no database.
    pub(super) age: Option<i64>,
    pub(super) demo: bool,
    /// Whether the database is one that nobody on this machine built.
    pub(super) foreign: bool,
}

/// Holds what the binary answered.
pub(super) struct Asked {
    pub(super) run: Run,
    pub(super) answer: Value,
}

pub(super) fn npm(name: &str, version: &str, license: Option<&str>) -> (String, String) {
    let mut package = json!({"name": name, "version": version});
    if let Some(license) = license {
        package["license"] = json!(license);
    }
    (
        format!("app/node_modules/{name}/package.json"),
        package.to_string(),
    )
}

/// A record about an npm package, affected below a version.
pub(super) fn record(
    id: &str,
    package: &str,
    fixed: Option<&str>,
    severity: Option<&str>,
) -> Value {
    let mut events = vec![json!({"introduced": "0"})];
    events.extend(fixed.map(|fixed| json!({"fixed": fixed})));
    let mut record = json!({"id": id, "modified": "2024-05-01T00:00:00Z", "published": "2024-05-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]});
    if let Some(severity) = severity {
        record["database_specific"] = json!({"severity": severity});
    }
    record
}

impl Case {
    /// Begins with an image that passes: two packages, both known to the database, none affected.
    pub(super) fn new() -> Self {
        let files = [
            (
                "etc/os-release".to_owned(),
                "ID=debian\nVERSION_ID=\"12\"\n".to_owned(),
            ),
            npm("lodash", "4.17.21", Some("MIT")),
            npm("left-pad", "1.3.0", Some("MIT OR AGPL-3.0-only")),
        ];
        Self {
            files: files.into_iter().collect(),
            arm: None,
            records: vec![(
                "ghsa",
                record(
                    "GHSA-29mw-wpgm-hmr9",
                    "lodash",
                    Some("4.17.21"),
                    Some("HIGH"),
                ),
            )],
            feeds: Vec::new(),
            sbom: |_| {},
            second: None,
            vex: None,
            signer: SIGNER,
            policy: POLICY.to_owned(),
            age: Some(1),
            demo: false,
            foreign: false,
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

    /// Puts a package into the image.
    pub(super) fn npm(&mut self, name: &str, version: &str, license: Option<&str>) {
        let (path, text) = npm(name, version, license);
        self.files.insert(path, text);
    }

    /// Adds a record.
    pub(super) fn known(
        &mut self,
        id: &str,
        package: &str,
        fixed: Option<&str>,
        severity: Option<&str>,
    ) {
        self.records
            .push(("ghsa", record(id, package, fixed, severity)));
    }

    /// Adds an exception that ends in a month.
    pub(super) fn exception(&mut self, check: &str, scope: &str) {
        self.policy.push_str(&format!(
            "exceptions:\n- {{id: E1, checks: [{check}], images: [\"**\"], {scope}, owner: ops, reason: later, expires: {{next month}}}}\n"
        ));
    }

    /// Writes everything where it belongs and asks the binary.
    pub(super) fn ask(self, world: &World, number: usize) -> Asked {
        let stage = &world.stage;
        let folder = |name: &str| format!("{name}-{number}");
        let build = |architecture: &str, files: &BTreeMap<String, String>| {
            let layer = files
                .iter()
                .fold(Layer::new(Compression::Gzip), |layer, (path, text)| {
                    layer.file(path.as_str(), text.as_str())
                });
            Image::new("linux", architecture)
                .created("2026-01-02T03:04:05Z")
                .user("1000")
                .layer(layer)
                .build()
                .expect("an image")
        };
        let amd = build("amd64", &self.files);
        let image = match &self.arm {
            None => amd,
            Some(files) => toolkit_lab::image::Index::new()
                .image(amd)
                .image(build("arm64", files))
                .build(),
        };
        let name = stage.push(RegistryKind::WithReferrers, &folder("acme/row"), &image);
        let target = format!("{name}@{}", image.digest());
        let platforms: &[&str] = match self.arm {
            None => &["linux/amd64"],
            Some(_) => &["linux/amd64", "linux/arm64"],
        };
        for platform in platforms {
            let file = format!("{}.cdx.json", folder("sbom"));
            let output = format!("cyclonedx-json={file}");
            expect(
                &stage.run(&["sbom", &target, "--platform", platform, "-o", &output]),
                0,
            );
            for change in [Some(self.sbom), self.second].into_iter().flatten() {
                let path = stage.path().join(&file);
                let text = fs_err::read_to_string(&path).expect("the SBOM");
                let mut document: Value = serde_json::from_str(&text).expect("JSON");
                change(&mut document);
                stage.write("changed.cdx.json", &document.to_string());
                self.attest(
                    stage,
                    &target,
                    platform,
                    "changed.cdx.json",
                    "cyclonedx",
                    self.signer,
                );
            }
        }
        if let Some((document, signer)) = &self.vex {
            stage.write("vex.json", &document.to_string());
            self.attest(stage, &target, "", "vex.json", "openvex", signer);
        }
        let mut command = stage.toolkit("v2");
        let file = format!("{}.yaml", folder("policy"));
        stage.write(&file, &self.filled(stage));
        command
            .args(["verify", &target, "--policy", &file, "-o", "json"])
            .env_remove("TOOLKIT_TRUSTED_ROOT")
            .env("TOOLKIT_DATA", stage.path().join(folder("data")));
        if let Some(hours) = self.age {
            self.build(
                stage,
                &folder("data"),
                &folder("feeds"),
                &folder("db"),
                hours,
            );
            command.args(["--db", &folder("db")]);
        }
        let run = finish(&mut command);
        let answer = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
        Asked { run, answer }
    }

    fn filled(&self, stage: &Stage) -> String {
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        self.policy
            .replace("{email}", &stage.lab.issuer())
            .replace("{next month}", &(today + 1.month()).to_string())
    }

    fn attest(
        &self,
        stage: &Stage,
        target: &str,
        platform: &str,
        file: &str,
        kind: &str,
        signer: &str,
    ) {
        let mut command = stage.toolkit("v2");
        command.args(["attest", target, "--predicate", file, "--type", kind]);
        if self.arm.is_some() && !platform.is_empty() {
            command.args(["--platform", platform]);
        }
        command.env("SIGSTORE_ID_TOKEN", stage.lab.email_token(signer));
        expect(&finish(&mut command), 0);
    }

    fn build(&self, stage: &Stage, data: &str, feeds: &str, out: &str, hours: i64) {
        let place = stage.path().join(feeds);
        for (at, (feed, record)) in self.records.iter().enumerate() {
            fs_err::create_dir_all(place.join(feed)).expect("a folder");
            fs_err::write(place.join(format!("{feed}/{at}.json")), record.to_string())
                .expect("a record");
        }
        for (path, text) in &self.feeds {
            let path = place.join(path);
            fs_err::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs_err::write(path, text).expect("a feed");
        }
        let time = Timestamp::now() - SignedDuration::from_hours(hours);
        let mut command = stage.toolkit("v2");
        command.args(["db", "build", feeds, "-o", out]);
        if self.demo {
            command.arg("--demo");
        }
        let data = if self.foreign { "elsewhere" } else { data };
        command
            .env("SOURCE_DATE_EPOCH", time.as_second().to_string())
            .env("TOOLKIT_DATA", stage.path().join(data));
        expect(&finish(&mut command), 0);
    }
}
