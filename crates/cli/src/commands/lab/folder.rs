//! The folder of a running lab: trust root, signing configurations and an identity token, as files that only the user can read.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use toolkit_lab::{Lab, RekorVersion};

use super::LabError;
use crate::error::{Error, Result};
use crate::output::write_file;

/// The trust root's file.
pub(super) const TRUSTED_ROOT: &str = "trusted_root.json";
/// The signing configuration with Rekor v2.
pub(super) const SIGNING_CONFIG: &str = "signing_config.json";
/// The signing configuration with Rekor v1.
pub(super) const SIGNING_CONFIG_REKOR_V1: &str = "signing_config_rekor_v1.json";
/// The identity token's file.
pub(super) const TOKEN: &str = "identity.token";

/// Is a temporary folder, removed at the end.
#[derive(Debug)]
pub(super) struct Folder {
    directory: TempDir,
}

impl Folder {
    /// Makes the folder and writes what a client of the lab needs.
    ///
    /// # Errors
    /// [`LabError::Folder`] and [`Error::Write`].
    pub(super) fn new(lab: &Lab, email: &str) -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("toolkit-lab-")
            .tempdir()
            .map_err(LabError::Folder)?;
        let folder = Self { directory };
        folder.write(TRUSTED_ROOT, lab.trusted_root_json().as_bytes())?;
        for (name, version) in [
            (SIGNING_CONFIG, RekorVersion::V2),
            (SIGNING_CONFIG_REKOR_V1, RekorVersion::V1),
        ] {
            folder.write(name, lab.signing_config_json(version).as_bytes())?;
        }
        folder.write_token(lab, email)?;
        Ok(folder)
    }

    /// Writes a fresh identity token over the last one.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn write_token(&self, lab: &Lab, email: &str) -> Result<()> {
        self.write(TOKEN, lab.email_token(email).as_bytes())
    }

    /// Writes a file of the folder; what reads it meanwhile sees the old one or the new one.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.file(name);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent).map_err(|source| Error::Write {
                path: parent.to_path_buf(),
                source,
            })?;
        }
        write_file(&path, |writer| {
            writer.write_all(bytes).map_err(|source| Error::Write {
                path: path.clone(),
                source,
            })
        })
    }

    /// Returns the path of a file in the folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Returns the folder's path.
    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }
}
