//! The lab, the image that is signed once, and what else can only be made once: evidence of other times.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use toolkit_attest::{
    IdentityToken, Limits, Options, Session, SigningConfig, Statement, TrustRoot,
};
use toolkit_lab::image::{Built, Index};
use toolkit_lab::{GithubClaims, RegistryKind, RekorVersion, TsaFault};
use toolkit_oci::registry::{self, Client};
use toolkit_oci::{Digest, Reference, Repository};

use super::signer::{RELEASED, REPOSITORY, STRANGER, STRANGER_PUBLIC, Signer, VAULT, VAULT_PUBLIC};
use crate::binary::finish;
use crate::stage::{Stage, expect, image_as};

/// The kinds of evidence that the policy asks for.
pub(super) const SIGNATURE: &str = "signature";
pub(super) const CYCLONEDX: &str = "cyclonedx";
pub(super) const SPDX: &str = "spdx";
pub(super) const PROVENANCE: &str = "provenance";

/// One bundle, and the manifest that it is attached to.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) bundle: Vec<u8>,
}

/// What a signer says.
#[derive(Clone, Copy)]
pub(super) enum Says {
    /// That the image is the signer's.
    Signature,
    /// What is in it, in one of the formats.
    Contents(&'static str),
    /// How it was built.
    Provenance,
    /// How it was built, from this commit and ref, whatever the job and its token say: what our own command refuses to state.
    Forged(&'static str, &'static str),
    /// An empty predicate of this type.
    Predicate(&'static str),
}

/// Holds what all rows share.
pub(super) struct World {
    pub(super) stage: Stage,
    /// Another lab: its trust root is not ours.
    pub(super) other: Stage,
    pub(super) client: Client,
    /// The image that is signed.
    pub(super) image: Built,
    /// Its evidence.
    pub(super) evidence: Vec<Piece>,
    /// Signatures of it that were made while a clock was moved.
    pub(super) moved: Moved,
    index: OnceLock<(Built, Vec<Piece>)>,
    made: AtomicUsize,
}

/// Signatures by the release, made while a clock was moved.
pub(super) struct Moved {
    /// Two days ago, logged in Rekor v1 and v2.
    pub(super) past: [Vec<u8>; 2],
    /// In an hour.
    pub(super) future: Vec<u8>,
    /// Now, with a timestamp of an hour from now and one of an hour ago.
    pub(super) stamped: [Vec<u8>; 2],
}

impl World {
    /// Starts the labs and signs.
    pub(super) fn new() -> Self {
        let (stage, other) = (Stage::new(), Stage::new());
        stage.write("vault.pem", VAULT);
        stage.write("vault.pub", VAULT_PUBLIC);
        stage.write("stranger.pem", STRANGER);
        stage.write("stranger.pub", STRANGER_PUBLIC);
        stage.write("other.json", &other.lab.trusted_root_json());
        let image = image_as("amd64", Some("1000"));
        let moved = Moved::new(&stage, &image);
        let mut world = Self {
            stage,
            other,
            client: Client::new(registry::Options::default()),
            image,
            evidence: Vec::new(),
            moved,
            index: OnceLock::new(),
            made: AtomicUsize::new(0),
        };
        world.evidence = world.release(&world.image);
        world
    }

    /// Makes the evidence that the policy asks for, on both logs.
    pub(super) fn release(&self, image: &Built) -> Vec<Piece> {
        let mut pieces = self.contents(image);
        for (kind, says) in [(SIGNATURE, Says::Signature), (PROVENANCE, Says::Provenance)] {
            pieces.push(self.piece(kind, image, &Signer::release(), says));
        }
        pieces
    }

    /// Makes both documents of one platform's image.
    fn contents(&self, image: &Built) -> Vec<Piece> {
        let signer = Signer::release().on("v1");
        [CYCLONEDX, SPDX]
            .map(|kind| self.piece(kind, image, &signer, Says::Contents(kind)))
            .into()
    }

    /// Makes one piece of evidence of an image.
    pub(super) fn piece(
        &self,
        kind: &'static str,
        image: &Built,
        signer: &Signer,
        says: Says,
    ) -> Piece {
        Piece {
            kind,
            subject: image.digest().to_owned(),
            bundle: self.sign(&self.stage, image, signer, says),
        }
    }

    /// Builds an index of platforms and of manifests that are none, and makes its evidence: signature and provenance of the whole,
    /// documents of each platform.
    pub(super) fn indexed(&self, platforms: &[Built], others: &[Built]) -> (Built, Vec<Piece>) {
        let all = platforms.iter().chain(others).cloned();
        let index = all.fold(Index::new(), Index::image).build();
        let release = Signer::release();
        let mut evidence = vec![
            self.piece(SIGNATURE, &index, &release, Says::Signature),
            self.piece(PROVENANCE, &index, &release, Says::Provenance),
        ];
        let provenance = evidence[1].clone();
        for platform in platforms {
            evidence.extend(self.contents(platform));
            evidence.push(Piece {
                subject: platform.digest().to_owned(),
                ..provenance.clone()
            });
        }
        (index, evidence)
    }

    /// Returns the index of two platforms that is signed once.
    pub(super) fn index(&self) -> (Built, Vec<Piece>) {
        let both = || ["amd64", "arm64"].map(|name| image_as(name, Some("1000")));
        self.index
            .get_or_init(|| self.indexed(&both(), &[]))
            .clone()
    }

    /// Has the binary sign or attest an image beside nothing else, and returns the bundle.
    pub(super) fn sign(
        &self,
        stage: &Stage,
        image: &Built,
        signer: &Signer,
        says: Says,
    ) -> Vec<u8> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = stage.push(
            RegistryKind::WithReferrers,
            &format!("made/{number}"),
            image,
        );
        let target = format!("{name}:1");
        let file = format!("made-{number}.json");
        let mut command = stage.toolkit(signer.rekor);
        match says {
            Says::Signature => command.args(["sign", &target]),
            Says::Provenance => command.args(["attest", "provenance", &target]),
            Says::Forged(commit, reference) => {
                stage.write(&file, &forged(commit, reference));
                command.args([
                    "attest",
                    &target,
                    "--predicate",
                    &file,
                    "--type=slsaprovenance1",
                ])
            }
            Says::Contents(format) => {
                let output = format!("{format}-json={file}");
                expect(&stage.run(&["sbom", &target, "-o", &output]), 0);
                command.args(["attest", &target, "--predicate", &file, "--type", format])
            }
            Says::Predicate(kind) => {
                let text = if kind.starts_with("cyclonedx") || kind.contains("cyclonedx.org") {
                    r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#
                } else {
                    "{}"
                };
                stage.write(&file, text);
                command.args(["attest", &target, "--predicate", &file, "--type", kind])
            }
        };
        signer.equip(&mut command, stage);
        expect(&finish(&mut command), 0);
        let repository = self.repository(&target);
        let digest = Digest::parse(image.digest()).expect("a digest");
        let collected = toolkit_attest::collect(&repository, &digest, &Limits::default())
            .expect("the evidence");
        let [found] = collected.bundles.as_slice() else {
            panic!("{target}: {} bundles", collected.bundles.len())
        };
        found.bundle.bytes().to_vec()
    }

    /// Signs the image's manifest as a file: a message signature over the image's digest.
    pub(super) fn sign_as_file(&self, signer: &Signer) -> Vec<u8> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let file = format!("manifest-{number}.json");
        let bundle = format!("manifest-{number}.sigstore.json");
        fs_err::write(self.stage.path().join(&file), self.image.bytes()).expect("the file");
        let mut command = self.stage.toolkit(signer.rekor);
        command.args(["sign", &format!("file:{file}"), "--bundle", &bundle]);
        signer.equip(&mut command, &self.stage);
        expect(&finish(&mut command), 0);
        fs_err::read(self.stage.path().join(bundle)).expect("the bundle")
    }

    /// Names a repository for what the binary does not do by itself.
    pub(super) fn repository(&self, name: &str) -> Repository {
        let reference: Reference = name.parse().expect("a reference");
        Repository::remote(&self.client, &reference).expect("a repository")
    }

    /// Returns the bundle of this kind.
    pub(super) fn bundle(&self, kind: &str) -> Vec<u8> {
        let piece = self.evidence.iter().find(|piece| piece.kind == kind);
        piece.expect("a piece of every kind").bundle.clone()
    }
}

impl Moved {
    fn new(stage: &Stage, image: &Built) -> Self {
        let two_days_ago = SignedDuration::from_hours(-48);
        let hour = SignedDuration::from_hours(1);
        let now = sign_at(stage, image, RekorVersion::V2, SignedDuration::ZERO);
        Self {
            past: [RekorVersion::V1, RekorVersion::V2]
                .map(|version| sign_at(stage, image, version, two_days_ago)),
            future: sign_at(stage, image, RekorVersion::V2, hour),
            stamped: [hour, -hour].map(|offset| stamp(stage, &now, offset)),
        }
    }
}

/// Signs while the lab's clock is moved. No flag moves the binary's clock, and with its own it would refuse what it has signed, so the
/// library signs with the lab's.
fn sign_at(stage: &Stage, image: &Built, version: RekorVersion, offset: SignedDuration) -> Vec<u8> {
    stage.lab.set_clock_offset(offset);
    let mut claims = GithubClaims::new(REPOSITORY);
    claims.reference = RELEASED.to_owned();
    let token = IdentityToken::parse(&stage.lab.github_token(claims)).expect("a token");
    let config = stage.lab.signing_config_json(version);
    let config = SigningConfig::from_json(config.as_bytes(), "lab").expect("a configuration");
    let root = TrustRoot::from_json(stage.lab.trusted_root_json().as_bytes(), "lab");
    let clock = Arc::new(move || Timestamp::now() + offset);
    let options = Options::new(clock, "toolkit-test");
    let mut session =
        Session::keyless(token, config, root.expect("a root"), options).expect("a session");
    let digest = Digest::parse(image.digest()).expect("a digest");
    let signed = session
        .sign_statement(&Statement::image_signature(&digest))
        .expect("a signature");
    stage.lab.set_clock_offset(SignedDuration::ZERO);
    signed.bundle.bytes().to_vec()
}

/// Replaces a bundle's timestamp by another one of the same authority, so far from now (RFC 3161 §2.4.1).
fn stamp(stage: &Stage, bundle: &[u8], offset: SignedDuration) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(bundle).expect("JSON");
    let signature = document["dsseEnvelope"]["signatures"][0]["sig"].as_str();
    let signature = STANDARD
        .decode(signature.expect("a signature"))
        .expect("base64");
    let imprint = Digest::sha256(&signature);
    let imprint = imprint.hex().as_bytes().chunks(2).map(|pair| {
        u8::from_str_radix(std::str::from_utf8(pair).expect("text"), 16).expect("hexadecimal")
    });
    // TimeStampReq: version 1, the imprint by SHA-256, certificates wanted.
    let mut request = vec![
        0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
    ];
    request.extend([
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    ]);
    request.extend([0x04, 0x20]);
    request.extend(imprint);
    request.extend([0x01, 0x01, 0xff]);
    stage.lab.faults().tsa().add(TsaFault::Offset(offset));
    let answer = reqwest::blocking::Client::new()
        .post(stage.lab.timestamp_url())
        .header("content-type", "application/timestamp-query")
        .body(request)
        .send()
        .and_then(reqwest::blocking::Response::error_for_status)
        .and_then(reqwest::blocking::Response::bytes)
        .expect("a timestamp");
    stage.lab.faults().tsa().clear();
    let stamps =
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
    *document.pointer_mut(stamps).expect("a timestamp") = STANDARD.encode(answer).into();
    document.to_string().into_bytes()
}

/// Writes provenance of the released workflow with a commit and ref of the row's choice.
fn forged(commit: &str, reference: &str) -> String {
    let repository = "https://github.com/acme/widget";
    let path = ".github/workflows/release.yml";
    serde_json::json!({
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {"workflow": {"path": path, "ref": RELEASED, "repository": repository}},
            "resolvedDependencies": [{
                "digest": {"gitCommit": commit},
                "uri": format!("git+{repository}@{reference}"),
            }],
        },
        "runDetails": {"builder": {"id": format!("{repository}/{path}@{RELEASED}")}},
    })
    .to_string()
}
