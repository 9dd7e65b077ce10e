//! Finds the manifest that a target names, in a place that can hold evidence about it.
//!
//! A tag is asked for once; whatever follows uses the digest of what is returned here.

use super::Repository;
use crate::error::{Error, Result};
use crate::image::Access;
use crate::manifest::RawManifest;
use crate::source::layout::Layout;
use crate::source::registry::RegistrySource;
use crate::source::{ImageSource, Target};

impl Repository {
    /// Opens the place of a target and reads the manifest or index that it names, checked.
    ///
    /// A registry's reference without digest and tag means `latest`; a layout without a selector the one entry that is no referrer.
    ///
    /// # Errors
    /// [`Error::NotWritable`] for a target that holds no evidence, [`Error::NotFound`], [`Error::Ambiguous`], or what the place says.
    pub fn locate(target: &Target, access: &Access<'_>) -> Result<(Self, RawManifest)> {
        let (repository, source, selector): (Self, Box<dyn ImageSource>, _) = match target {
            Target::Registry(reference) => {
                let source = RegistrySource::new(access.registry, reference)?;
                (
                    Self::remote(access.registry, reference)?,
                    Box::new(source),
                    None,
                )
            }
            Target::Layout { path, selector } => {
                let source = Layout::open(path, access.limits)?;
                (
                    Self::layout(path, access.limits)?,
                    Box::new(source),
                    selector.as_ref(),
                )
            }
            other => {
                return Err(Error::NotWritable {
                    target: other.to_string(),
                });
            }
        };
        let found = source.resolve(selector)?;
        let manifest = RawManifest::check(found.descriptor, found.bytes)?;
        Ok((repository, manifest))
    }
}
