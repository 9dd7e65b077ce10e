//! The state of one row: its repository, its evidence, its policy, and the question.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use toolkit_attest::{Bundle, Limits, MEDIA_TYPE_V0_3, PublicKey, attach};
use toolkit_lab::image::Built;
use toolkit_lab::{Lab, Options, RegistryFault, RegistryKind};
use toolkit_oci::repository::Artifact;
use toolkit_oci::{Descriptor, Digest, RawManifest, Repository, media_type};

use super::signer::{Signer, VAULT_PUBLIC};
use super::world::{Piece, Says, World};
use crate::binary::{Run, finish};
use crate::stage::image_as;

/// The policy; words in braces are filled in.
const POLICY: &str = r#"version: 1
name: release
trust: {root: {file: root.json}}
identities:
  release: {kind: github, repository: acme/widget, workflow: .github/workflows/release.yml, ref: "refs/tags/v*", issuer: "{github}"}
  build: {kind: github, repository: acme/widget, issuer: "{github}"}
  alice: {kind: email, address: alice@example.com, issuer: "{email}"}
  vault: {kind: key, file: vault.pub}
rules:
- id: released
  match: {images: ["{host}/acme/**"]}
  require:
    reference: {registries: ["{host}"], digestRequired: true}
    signatures: release
    attestations: [{type: cyclonedx, by: release}, {type: spdx, by: release}]
    provenance: {by: build, builders: ["https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v*"], source: {repository: "https://github.com/acme/widget", refs: ["refs/tags/v*"]}}
    image: {user: nonRoot}
noMatch: deny
"#;

/// Holds what a row asks about.
pub(super) struct Case<'a> {
    pub(super) world: &'a World,
    pub(super) image: Built,
    pub(super) pieces: Vec<Piece>,
    number: usize,
    policy: Option<String>,
    flags: Vec<String>,
    target: String,
    place: Place,
    faults: Vec<(u64, RegistryFault)>,
    late: Vec<Late>,
}

/// Changes a place once image and evidence are there.
type Late = Box<dyn FnOnce(&Placed<'_>)>;

enum Place {
    /// A registry of the world's lab.
    Shared(RegistryKind),
    /// The registry with the referrers API of a lab of its own, for faults.
    Own(Box<Lab>),
    /// A layout on disk.
    Layout,
}

/// Where image and evidence are.
pub(super) struct Placed<'a> {
    pub(super) repository: &'a Repository,
    pub(super) subject: &'a Descriptor,
    lab: &'a Lab,
    kind: RegistryKind,
    path: &'a str,
    /// The manifest that carries the last piece of evidence.
    last: Option<Digest>,
}

/// Holds what the binary answered, and what words stand for.
pub(super) struct Asked {
    pub(super) run: Run,
    pub(super) answer: Value,
    words: BTreeMap<&'static str, String>,
}

impl<'a> Case<'a> {
    /// Begins with everything as it must be.
    pub(super) fn new(world: &'a World, number: usize) -> Self {
        Self {
            world,
            image: world.image.clone(),
            pieces: world.evidence.clone(),
            number,
            policy: Some(POLICY.to_owned()),
            flags: Vec::new(),
            target: "{name}@{digest}".to_owned(),
            place: Place::Shared(RegistryKind::WithReferrers),
            faults: Vec::new(),
            late: Vec::new(),
        }
    }

    /// Runs the image as another user, with evidence of the new image.
    pub(super) fn user(&mut self, user: Option<&str>) {
        self.image = image_as("amd64", user);
        self.pieces = self.world.release(&self.image);
    }

    /// Takes the index of two platforms instead of the image.
    pub(super) fn index(&mut self) {
        (self.image, self.pieces) = self.world.index();
    }

    /// Takes away all evidence of a kind.
    pub(super) fn without(&mut self, kind: &str) {
        let before = self.pieces.len();
        self.pieces.retain(|piece| piece.kind != kind);
        assert!(self.pieces.len() < before, "no {kind} to take away");
    }

    /// Puts a bundle beside the image.
    pub(super) fn beside(&mut self, kind: &'static str, bundle: Vec<u8>) {
        self.pieces.push(Piece {
            kind,
            subject: self.image.digest().to_owned(),
            bundle,
        });
    }

    /// Puts new evidence beside the image.
    pub(super) fn with(&mut self, kind: &'static str, signer: &Signer, says: Says) {
        let piece = self.world.piece(kind, &self.image, signer, says);
        self.pieces.push(piece);
    }

    /// Puts new evidence in the place of the one of its kind.
    pub(super) fn instead(&mut self, kind: &'static str, signer: &Signer, says: Says) {
        self.without(kind);
        self.with(kind, signer, says);
    }

    /// Changes the policy's text.
    pub(super) fn policy(&mut self, from: &str, to: &str) {
        let policy = self.policy.as_mut().expect("a policy");
        assert_eq!(policy.matches(from).count(), 1, "`{from}` in the policy");
        *policy = policy.replace(from, to);
    }

    /// Adds to the policy's end.
    pub(super) fn policy_end(&mut self, text: &str) {
        self.policy.as_mut().expect("a policy").push_str(text);
    }

    /// Asks without a policy, with these flags.
    pub(super) fn by(&mut self, flags: &[&str]) {
        self.policy = None;
        self.flag(flags);
    }

    /// Adds flags.
    pub(super) fn flag(&mut self, flags: &[&str]) {
        self.flags
            .extend(flags.iter().map(|flag| (*flag).to_owned()));
    }

    /// Types the target otherwise.
    pub(super) fn typed(&mut self, target: &str) {
        self.target = target.to_owned();
    }

    /// Uses the registry without the referrers API.
    pub(super) fn without_api(&mut self) {
        self.place = Place::Shared(RegistryKind::WithoutReferrers);
    }

    /// Uses a layout on disk.
    pub(super) fn layout(&mut self) {
        self.place = Place::Layout;
        self.target = "oci-dir:{layout}@{digest}".to_owned();
    }

    /// Makes the registry fail from the beginning of the question on.
    pub(super) fn fault(&mut self, fault: RegistryFault) {
        self.fault_after(0, fault);
    }

    /// Makes the registry fail after so many requests that the fault concerns.
    pub(super) fn fault_after(&mut self, after: u64, fault: RegistryFault) {
        if !matches!(self.place, Place::Own(_)) {
            self.place = Place::Own(Box::new(Lab::start(Options::default()).expect("a lab")));
        }
        self.faults.push((after, fault));
    }

    /// Changes the place once image and evidence are there.
    pub(super) fn late(&mut self, change: impl FnOnce(&Placed<'_>) + 'static) {
        self.late.push(Box::new(change));
    }

    /// Writes everything where it belongs and asks the binary.
    pub(super) fn ask(self) -> Asked {
        let path = format!("acme/row-{}", self.number);
        let layout = format!("layout-{}", self.number);
        let (lab, kind) = match &self.place {
            Place::Shared(kind) => (&self.world.stage.lab, *kind),
            Place::Own(lab) => (lab.as_ref(), RegistryKind::WithReferrers),
            Place::Layout => (&self.world.stage.lab, RegistryKind::WithReferrers),
        };
        let host = match kind {
            RegistryKind::WithReferrers => lab.registry(),
            RegistryKind::WithoutReferrers => lab.registry_without_referrers(),
        };
        let name = format!("{host}/{path}");
        let repository = if matches!(self.place, Place::Layout) {
            let folder = self.world.stage.path().join(&layout);
            self.image
                .write_layout(&folder, Some("1"))
                .expect("a layout");
            Repository::layout(&folder, &toolkit_oci::Limits::default()).expect("the layout")
        } else {
            lab.push(kind, &path, Some("1"), &self.image);
            self.world.repository(&name)
        };
        let mut last = None;
        for piece in &self.pieces {
            let subject = descriptor(&self.image, &piece.subject);
            let bundle = Bundle::from_bytes(piece.bundle.clone(), &Limits::default());
            let attached = attach(&repository, &subject, &bundle.expect("a bundle"), None);
            last = Some(attached.expect("attached").digest);
        }
        let subject = descriptor(&self.image, self.image.digest());
        let placed = Placed {
            repository: &repository,
            subject: &subject,
            lab,
            kind,
            path: &path,
            last,
        };
        for late in self.late {
            late(&placed);
        }
        for (after, fault) in self.faults {
            lab.faults().registry(kind).add_after(after, fault);
        }
        let words = words(self.world, &self.image, &host, &name, &layout);
        let mut command = self.world.stage.toolkit("v2");
        command.args(["verify", &fill(&words, &self.target), "-o", "json"]);
        if let Some(policy) = &self.policy {
            let file = format!("policy-{}.yaml", self.number);
            self.world.stage.write(&file, &fill(&words, policy));
            // The policy names its trust root itself.
            command
                .args(["--policy", &file])
                .env_remove("TOOLKIT_TRUSTED_ROOT");
        }
        command.args(self.flags.iter().map(|flag| fill(&words, flag)));
        let run = finish(&mut command);
        let answer = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
        Asked { run, answer, words }
    }
}

impl Placed<'_> {
    /// Attaches something that says to be a bundle.
    pub(super) fn garbage(&self, payload: &[u8], predicate_type: Option<&str>) {
        let annotations = predicate_type
            .map(|kind| {
                (
                    "dev.sigstore.bundle.predicateType".to_owned(),
                    kind.to_owned(),
                )
            })
            .into_iter()
            .collect();
        let artifact = Artifact {
            artifact_type: MEDIA_TYPE_V0_3.to_owned(),
            annotations,
            payload: payload.to_vec(),
        };
        self.repository
            .attach_artifact(self.subject, &artifact)
            .expect("attached");
    }

    /// Makes a tag of older tools for the image, `.sig` or `.att`.
    pub(super) fn legacy(&self, suffix: &str) {
        let tag = format!(
            "{}{suffix}",
            self.subject.digest.to_string().replace(':', "-")
        );
        let image = image_as("legacy", None);
        self.lab.push(self.kind, self.path, Some(&tag), &image);
    }

    /// Moves the tag to another image.
    pub(super) fn move_tag(&self) {
        let image = image_as("s390x", None);
        self.lab.push(self.kind, self.path, Some("1"), &image);
    }

    /// Lists what the API lists under the fallback tag too.
    pub(super) fn list_in_fallback_tag(&self) {
        let listed = self.repository.referrers(&self.subject.digest);
        let entries: Vec<Value> = listed
            .expect("the list")
            .entries
            .iter()
            .map(|entry| {
                json!({"mediaType": entry.media_type, "digest": entry.digest.to_string(), "size": entry.size,
                       "artifactType": entry.artifact_type, "annotations": entry.annotations})
            })
            .collect();
        assert!(!entries.is_empty(), "nothing to list");
        self.write_fallback_tag(&entries);
    }

    /// Lists evidence of another image under this one's fallback tag.
    pub(super) fn list_foreign(&self, bundle: &[u8]) {
        let foreign = image_as("riscv64", None);
        self.lab.push(self.kind, self.path, None, &foreign);
        let subject = descriptor(&foreign, foreign.digest());
        let bundle = Bundle::from_bytes(bundle.to_vec(), &Limits::default()).expect("a bundle");
        let attached = attach(self.repository, &subject, &bundle, None).expect("attached");
        let manifest = self.repository.manifest_by_digest(&attached.digest);
        let manifest = manifest.expect("an answer").expect("the manifest");
        self.write_fallback_tag(&[
            json!({"mediaType": manifest.descriptor.media_type, "digest": attached.digest.to_string(),
                   "size": manifest.bytes.len(), "artifactType": MEDIA_TYPE_V0_3}),
        ]);
    }

    /// Deletes a manifest from the registry.
    pub(super) fn delete(&self, digest: &str) {
        let host = match self.kind {
            RegistryKind::WithReferrers => self.lab.registry(),
            RegistryKind::WithoutReferrers => self.lab.registry_without_referrers(),
        };
        let url = format!("http://{host}/v2/{}/manifests/{digest}", self.path);
        reqwest::blocking::Client::new()
            .delete(url)
            .send()
            .and_then(reqwest::blocking::Response::error_for_status)
            .expect("deleted");
    }

    /// Deletes the manifest that carries the last piece of evidence.
    pub(super) fn delete_last(&self) {
        let last = self.last.as_ref().expect("a piece of evidence");
        self.delete(&last.to_string());
    }

    fn write_fallback_tag(&self, entries: &[Value]) {
        let index =
            json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": entries});
        let bytes = index.to_string().into_bytes();
        let descriptor = Descriptor::of(media_type::OCI_INDEX, &bytes);
        let index = RawManifest::check(descriptor, bytes).expect("an index");
        let tag = self.subject.digest.to_string().replace(':', "-");
        self.repository
            .publish(&index, Some(&tag))
            .expect("the tag");
    }
}

impl Asked {
    /// Fills in the words of a text.
    pub(super) fn fill(&self, text: &str) -> String {
        fill(&self.words, text)
    }
}

fn words(
    world: &World,
    image: &Built,
    host: &str,
    name: &str,
    layout: &str,
) -> BTreeMap<&'static str, String> {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let vault = PublicKey::from_pem(VAULT_PUBLIC).expect("a key");
    BTreeMap::from([
        ("{host}", host.to_owned()),
        ("{home}", world.stage.lab.registry()),
        ("{name}", name.to_owned()),
        ("{layout}", layout.to_owned()),
        ("{digest}", image.digest().to_owned()),
        ("{signed}", world.image.digest().to_owned()),
        ("{github}", world.stage.lab.github_issuer()),
        ("{email}", world.stage.lab.issuer()),
        ("{vault}", vault.hint()),
        ("{yesterday}", (today - 1.day()).to_string()),
        ("{next month}", (today + 1.month()).to_string()),
        ("{in two years}", (today + 2.years()).to_string()),
    ])
}

fn fill(words: &BTreeMap<&'static str, String>, text: &str) -> String {
    words.iter().fold(text.to_owned(), |text, (word, value)| {
        text.replace(word, value)
    })
}

/// Describes an image, or one of an index, by its digest.
fn descriptor(image: &Built, digest: &str) -> Descriptor {
    let built = std::iter::once(image)
        .chain(image.children())
        .find(|built| built.digest() == digest)
        .expect("evidence of the image");
    Descriptor::of(built.media_type(), built.bytes())
}
