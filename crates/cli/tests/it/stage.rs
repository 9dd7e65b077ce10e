//! A lab for one test: its services, its trust files, a working directory, and the images that tests need.

use std::path::{Path, PathBuf};
use std::process::Command;

use toolkit_lab::image::{Built, Compression, Image, Index, Layer};
use toolkit_lab::{Lab, Options, RegistryKind, RekorVersion};

use crate::binary::{Run, finish, toolkit};

/// Is who signs in most tests.
pub(crate) const SIGNER: &str = "signer@example.com";

/// Holds a running lab and a directory with its trust files.
pub(crate) struct Stage {
    /// The services.
    pub(crate) lab: Lab,
    directory: tempfile::TempDir,
}

impl Stage {
    /// Starts a lab.
    pub(crate) fn new() -> Self {
        let lab = Lab::start(Options::default()).expect("a lab");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let stage = Self { lab, directory };
        stage.write("root.json", &stage.lab.trusted_root_json());
        stage.write(
            "config-v1.json",
            &stage.lab.signing_config_json(RekorVersion::V1),
        );
        stage.write(
            "config-v2.json",
            &stage.lab.signing_config_json(RekorVersion::V2),
        );
        stage
    }

    /// Returns the working directory of the runs.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file into the working directory.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs_err::write(&path, text).expect("the file");
        path
    }

    /// Prepares the binary: in the working directory, with the lab's trust files under their variables.
    pub(crate) fn toolkit(&self, rekor: &str) -> Command {
        let mut command = toolkit();
        command
            .current_dir(self.path())
            .env("TOOLKIT_TRUSTED_ROOT", "root.json")
            .env("TOOLKIT_SIGNING_CONFIG", format!("config-{rekor}.json"));
        command
    }

    /// Runs without a token.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(self.toolkit("v1").args(arguments))
    }

    /// Runs with the signer's token and one of the logs.
    pub(crate) fn signed(&self, rekor: &str, arguments: &[&str]) -> Run {
        finish(
            self.toolkit(rekor)
                .args(arguments)
                .env("SIGSTORE_ID_TOKEN", self.lab.email_token(SIGNER)),
        )
    }

    /// Returns the flags that ask for this identity.
    pub(crate) fn identity(&self, who: &str) -> [String; 4] {
        [
            "--certificate-identity".to_owned(),
            who.to_owned(),
            "--certificate-oidc-issuer".to_owned(),
            self.lab.issuer(),
        ]
    }

    /// Asks whether this identity signed, or attested these types.
    pub(crate) fn verify(&self, target: &str, who: &str, more: &[&str]) -> Run {
        let identity = self.identity(who);
        let mut arguments = vec!["verify", target];
        arguments.extend(identity.iter().map(String::as_str));
        arguments.extend(more);
        self.run(&arguments)
    }

    /// Puts an image into the registry with the referrers API, or the one without.
    pub(crate) fn push(&self, kind: RegistryKind, repository: &str, image: &Built) -> String {
        self.lab.push(kind, repository, Some("1"), image);
        let host = match kind {
            RegistryKind::WithReferrers => self.lab.registry(),
            RegistryKind::WithoutReferrers => self.lab.registry_without_referrers(),
        };
        format!("{host}/{repository}")
    }
}

/// Builds an image with two packages and a user.
pub(crate) fn image(architecture: &str) -> Built {
    image_as(architecture, Some("1000"))
}

/// Builds an image with two packages that runs as this user.
pub(crate) fn image_as(architecture: &str, user: Option<&str>) -> Built {
    let status = "Package: base\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\nDescription: x\n\n\
                  Package: tool\nStatus: install ok installed\nArchitecture: all\nVersion: 2:3.4-5\nDepends: base\nDescription: y\n\n";
    let layer = Layer::new(Compression::Gzip)
        .file(
            "etc/os-release",
            "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n",
        )
        .file("var/lib/dpkg/status", status);
    let image = Image::new("linux", architecture)
        .created("2026-01-02T03:04:05Z")
        .layer(layer);
    match user {
        Some(user) => image.user(user),
        None => image,
    }
    .build()
    .expect("an image")
}

/// Builds an index of two platforms.
pub(crate) fn index() -> Built {
    Index::new()
        .image(image("amd64"))
        .image(image("arm64"))
        .build()
}

/// Fails with everything that a run said, unless it ended as it must.
#[track_caller]
pub(crate) fn expect(run: &Run, code: i32) {
    assert_eq!(
        run.code, code,
        "stdout:\n{}\nstderr:\n{}",
        run.stdout, run.stderr
    );
}
