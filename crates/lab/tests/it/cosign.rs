//! cosign signs through the lab and judges what came out: sound evidence is accepted, each fault's is refused.
//!
//! Ignored by default, since cosign has to be installed: `cargo test -p toolkit-lab -- --ignored` with `cosign` on the path.

use std::process::Command;

use fs_err as fs;
use jiff::SignedDuration;
use tempfile::TempDir;
use toolkit_lab::{
    FulcioFault, Lab, RegistryKind, RekorFault, RekorVersion, TsaFault,
    image::{Compression, Image, Layer},
};

use crate::client::lab;

const MAIL: &str = "dev@example.com";

struct Cosign {
    folder: TempDir,
}

impl Cosign {
    fn new(lab: &Lab, version: RekorVersion) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("root", lab.trusted_root_json()),
            ("config", lab.signing_config_json(version)),
            ("token", lab.email_token(MAIL)),
            ("artifact", "artifact".to_owned()),
        ] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        Self { folder }
    }

    /// Runs cosign in a folder and a home of its own; returns whether it succeeded and what it said.
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new("cosign");
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path());
        for variable in [
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        ] {
            command.env_remove(variable);
        }
        let output = command.output().expect("cosign on the path");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    /// Signs a file and verifies the bundle; returns whether both succeeded.
    fn blob(&self, lab: &Lab) -> (bool, String) {
        let (signed, said) = self.run(&[
            "sign-blob",
            "--yes",
            "--trusted-root=root",
            "--signing-config=config",
            "--identity-token=token",
            "--bundle=bundle",
            "artifact",
        ]);
        if !signed {
            return (false, said);
        }
        let identity = format!("--certificate-identity={MAIL}");
        let issuer = format!("--certificate-oidc-issuer={}", lab.issuer());
        self.run(&[
            "verify-blob",
            "--trusted-root=root",
            "--bundle=bundle",
            &identity,
            &issuer,
            "artifact",
        ])
    }
}

#[test]
#[ignore = "needs cosign on the path"]
fn cosign_accepts_images_from_both_registries_and_both_logs() {
    let lab = lab();
    let layer = Layer::new(Compression::Gzip).file("f", "content");
    let image = Image::new("linux", "amd64")
        .layer(layer)
        .build()
        .expect("an image");
    for version in [RekorVersion::V1, RekorVersion::V2] {
        for (kind, host) in [
            (RegistryKind::WithReferrers, lab.registry()),
            (
                RegistryKind::WithoutReferrers,
                lab.registry_without_referrers(),
            ),
        ] {
            let repository = format!("r/{version:?}").to_lowercase();
            lab.push(kind, &repository, None, &image);
            let name = format!("{host}/{repository}@{}", image.digest());
            let cosign = Cosign::new(&lab, version);
            let identity = format!("--certificate-identity={MAIL}");
            let issuer = format!("--certificate-oidc-issuer={}", lab.issuer());
            let verify = [
                "verify",
                "--allow-http-registry",
                "--trusted-root=root",
                &identity,
                &issuer,
                &name,
            ];
            assert!(!cosign.run(&verify).0, "an unsigned image is refused");
            let sign = [
                "sign",
                "--allow-http-registry",
                "--trusted-root=root",
                "--signing-config=config",
                "--identity-token=token",
                &name,
            ];
            let (signed, said) = cosign.run(&sign);
            assert!(signed, "{version:?} {kind:?}: {said}");
            let (verified, said) = cosign.run(&verify);
            assert!(verified, "{version:?} {kind:?}: {said}");
        }
    }
}

#[test]
#[ignore = "needs cosign on the path"]
fn cosign_refuses_what_each_fault_spoils() {
    enum Fault {
        None,
        Fulcio(FulcioFault),
        Rekor(RekorFault),
        Tsa(TsaFault),
    }
    let lab = lab();
    for version in [RekorVersion::V1, RekorVersion::V2] {
        for (name, fault, accepted) in [
            ("none", Fault::None, true),
            ("wrong key", Fault::Fulcio(FulcioFault::WrongKey), false),
            (
                "wrong timestamp of the CT log",
                Fault::Fulcio(FulcioFault::WrongSct),
                false,
            ),
            (
                "no timestamp of the CT log",
                Fault::Fulcio(FulcioFault::MissingSct),
                false,
            ),
            (
                "wrong identity",
                Fault::Fulcio(FulcioFault::WrongIdentity("other@example.com".to_owned())),
                false,
            ),
            ("wrong body", Fault::Rekor(RekorFault::WrongBody), false),
            // Rekor v2 signs no time.
            (
                "wrong signed entry timestamp",
                Fault::Rekor(RekorFault::WrongSet),
                version == RekorVersion::V2,
            ),
            ("wrong proof", Fault::Rekor(RekorFault::WrongProof), false),
            (
                "wrong checkpoint",
                Fault::Rekor(RekorFault::WrongCheckpoint),
                false,
            ),
            // A wrong nonce is not here: cosign 3.1.3 does not look at it.
            ("wrong imprint", Fault::Tsa(TsaFault::WrongImprint), false),
            (
                "an hour late",
                Fault::Tsa(TsaFault::Offset(SignedDuration::from_hours(1))),
                false,
            ),
            ("none again", Fault::None, true),
        ] {
            lab.faults().clear();
            match fault {
                Fault::None => {}
                Fault::Fulcio(fault) => lab.faults().fulcio().add(fault),
                Fault::Rekor(fault) => lab.faults().rekor().add(fault),
                Fault::Tsa(fault) => lab.faults().tsa().add(fault),
            }
            let (found, said) = Cosign::new(&lab, version).blob(&lab);
            assert_eq!(found, accepted, "{version:?}, {name}: {said}");
        }
    }
}

#[test]
#[ignore = "needs cosign on the path"]
fn cosign_verifies_what_was_signed_last_year() {
    let lab = lab();
    lab.set_clock_offset(SignedDuration::from_hours(-24 * 365));
    for version in [RekorVersion::V1, RekorVersion::V2] {
        let (accepted, said) = Cosign::new(&lab, version).blob(&lab);
        assert!(accepted, "{version:?}: {said}");
    }
}
