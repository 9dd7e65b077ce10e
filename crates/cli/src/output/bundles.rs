//! Where new bundles go: beside an image, or into a file; and onto the disk where the image's place refuses them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use toolkit_attest::Signed;
use toolkit_attest::{Bundle, attach};
use toolkit_oci::referrers::Via;
use toolkit_oci::{Descriptor, Digest, Repository};

use super::file::write_file;
use crate::error::{Error, Result};
use crate::terminal::Terminal;

/// Writes a bundle to a file.
///
/// # Errors
/// [`Error::Write`] with the path.
pub(crate) fn write_bundle(path: &Path, bundle: &Bundle) -> Result<()> {
    let failed = |source| Error::Write {
        path: path.to_path_buf(),
        source,
    };
    write_file(path, |writer| {
        writer.write_all(bundle.bytes()).map_err(failed)
    })
}

/// Stores a new bundle beside its image and returns the digest of the manifest that carries it; where that fails, the bundle is kept on
/// disk and the error says where.
///
/// # Errors
/// [`Error::NotStored`], or [`Error::Write`] where the disk refuses too.
pub(crate) fn store(
    repository: &Repository,
    subject: &Descriptor,
    signed: &Signed,
    terminal: &Terminal,
) -> Result<Digest> {
    match attach(repository, subject, &signed.bundle, Some(Timestamp::now())) {
        Ok(attached) => {
            let via = match attached.via {
                Via::ReferrersApi => "listed by the registry",
                Via::FallbackTag => "listed under the fallback tag",
                Via::Layout => "listed in the layout",
            };
            terminal.note(&format!(
                "signed by {}; stored as {}, {via}",
                signed.verified.signer().name(),
                attached.digest
            ));
            for warning in repository.take_warnings() {
                terminal.warn(&warning);
            }
            Ok(attached.digest)
        }
        Err(source) => {
            let kept = free_name(subject);
            write_bundle(&kept, &signed.bundle)?;
            Err(Error::NotStored { kept, source })
        }
    }
}

/// Finds a name in the working directory that no file has, with the subject's first digits.
fn free_name(subject: &Descriptor) -> PathBuf {
    let digits: String = subject.digest.hex().chars().take(12).collect();
    let mut names =
        (1_u32..).map(|number| PathBuf::from(format!("{digits}-{number}.sigstore.json")));
    // The numbers do not run out before the directory does.
    names
        .find(|name| !name.exists())
        .unwrap_or_else(|| PathBuf::from(format!("{digits}.sigstore.json")))
}
