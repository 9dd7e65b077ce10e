//! Finds the manifest that a target names, in a place that can hold evidence about it.
//!
//! A tag is asked for once; whatever follows uses the digest of what is returned here.

use super::Repository;
use crate::error::{Error, Result};
use crate::image::Access;
use crate::manifest::RawManifest;
use crate::source::Target;

impl Repository {
    /// Opens the place of a target and reads the manifest or index that it names, checked.
    ///
    /// A registry's reference without digest and tag means `latest`; a layout without a selector the one entry that is no referrer.
    ///
    /// # Errors
    /// [`Error::NotWritable`] for a target that holds no evidence, [`Error::NotFound`], [`Error::Ambiguous`], or what the place says.
    pub fn locate(target: &Target, access: &Access<'_>) -> Result<(Self, RawManifest)> {
        let _stage = tracing::info_span!("resolve", %target).entered();
        let repository = Self::open(target, access)?;
        let manifest = repository.resolve(None)?.ok_or_else(|| Error::NotFound {
            name: target.to_string(),
            origin: repository.to_string(),
        })?;
        tracing::info!(digest = %manifest.descriptor.digest, media_type = %manifest.descriptor.media_type, "resolved");
        Ok((repository, manifest))
    }
}
