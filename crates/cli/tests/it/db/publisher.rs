//! A publisher with a lab, and machines that take its databases.

use std::path::PathBuf;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use toolkit_lab::RegistryKind;

use super::place::digest;
use crate::binary::{Run, finish};
use crate::stage::{SIGNER, Stage, expect};

/// Holds the lab and the working directory: `feeds`, and a data directory for each machine.
pub(super) struct Publisher {
    pub(super) stage: Stage,
}

impl Publisher {
    /// With one record, as [`super::place::Place::new`].
    pub(super) fn new() -> Self {
        let publisher = Self {
            stage: Stage::new(),
        };
        publisher.record("GHSA-1", "x");
        publisher
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.stage.path().join(name)
    }

    /// Writes a record: the package is affected below 1.2.0.
    pub(super) fn record(&self, id: &str, package: &str) {
        let record = json!({"id": id, "modified": "2024-05-01T00:00:00Z", "summary": format!("A flaw of {package}"),
            "database_specific": {"severity": "HIGH"},
            "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "ECOSYSTEM",
                "events": [{"introduced": "0"}, {"fixed": "1.2.0"}]}]}]});
        let folder = self.path("feeds/ghsa");
        fs_err::create_dir_all(&folder).expect("the folder");
        fs_err::write(folder.join(format!("{id}.json")), record.to_string()).expect("the record");
    }

    /// Prepares a run on a machine, which is a data directory of its own.
    pub(super) fn command(&self, machine: &str, arguments: &[&str]) -> Command {
        let mut command = self.stage.toolkit("v1");
        command
            .env("TOOLKIT_DATA", self.path(machine))
            .args(arguments);
        command
    }

    pub(super) fn on(&self, machine: &str, arguments: &[&str]) -> Run {
        finish(&mut self.command(machine, arguments))
    }

    /// Builds a database of so many hours ago into a folder; returns its digest.
    pub(super) fn build(&self, folder: &str, hours: i64) -> String {
        self.build_with(folder, hours, &[])
    }

    pub(super) fn build_with(&self, folder: &str, hours: i64, more: &[&str]) -> String {
        let time = Timestamp::now() - SignedDuration::from_hours(hours);
        let mut arguments = vec!["db", "build", "feeds", "-o", folder];
        arguments.extend(more);
        digest(&finish(
            self.command("publisher", &arguments)
                .env("SOURCE_DATE_EPOCH", time.as_second().to_string()),
        ))
    }

    /// Names the database in the registry with the referrers API.
    pub(super) fn reference(&self) -> String {
        self.reference_at(RegistryKind::WithReferrers)
    }

    pub(super) fn reference_at(&self, kind: RegistryKind) -> String {
        let host = match kind {
            RegistryKind::WithReferrers => self.stage.lab.registry(),
            RegistryKind::WithoutReferrers => self.stage.lab.registry_without_referrers(),
        };
        format!("{host}/acme/db:latest")
    }

    /// Exports a built folder without a signature; returns what was printed.
    pub(super) fn export(&self, folder: &str, place: &str) -> String {
        let run = self.on("publisher", &["db", "export", place, "--db", folder]);
        expect(&run, 0);
        run.stdout.trim().to_owned()
    }

    pub(super) fn sign(&self, target: &str) {
        expect(&self.stage.signed("v1", &["sign", target]), 0);
    }

    /// Builds, exports to the registry and signs; returns the digest of the database.
    pub(super) fn publish(&self, folder: &str, hours: i64) -> String {
        let digest = self.build(folder, hours);
        let reference = self.reference();
        let pinned = self.export(folder, &format!("registry:{reference}"));
        self.sign(&pinned);
        digest
    }

    /// Names who signs.
    pub(super) fn identity(&self) -> String {
        format!(
            "kind=email,address={SIGNER},issuer={}",
            self.stage.lab.issuer()
        )
    }

    pub(super) fn update(&self, machine: &str, more: &[&str]) -> Run {
        let (reference, identity) = (self.reference(), self.identity());
        let mut arguments = vec!["db", "update", &reference, "--db-identity", &identity];
        arguments.extend(more);
        self.on(machine, &arguments)
    }

    /// Scans one affected package with `--fail-on high`.
    pub(super) fn scan(&self, machine: &str, more: &[&str]) -> Run {
        fs_err::write(self.path("list.purls"), "pkg:npm/x@1.0.0\n").expect("the list");
        let mut arguments = vec!["scan", "sbom:list.purls", "--fail-on", "high"];
        arguments.extend(more);
        self.on(machine, &arguments)
    }
}
