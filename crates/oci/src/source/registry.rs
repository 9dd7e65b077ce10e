//! A registry as a source: a thin layer over the client.
//!
//! The client repeats, resumes and authenticates; here its answers only take the shape of the other sources.

use std::io::{Cursor, Read};

use super::{ImageSource, Selector, Untrusted};
use crate::error::{Error, Result};
use crate::manifest::{Descriptor, media_type};
use crate::reference::Reference;
use crate::registry::{Client, RemoteRepository};

pub(crate) struct RegistrySource {
    repository: RemoteRepository,
    reference: Reference,
}

impl RegistrySource {
    pub(crate) fn new(client: &Client, reference: &Reference) -> Result<Self> {
        Ok(Self {
            repository: client.repository(reference)?,
            reference: reference.clone(),
        })
    }
}

impl ImageSource for RegistrySource {
    /// Without a selector the reference's own digest counts, then its tag, then `latest`, as docker does.
    fn resolve(&self, selector: Option<&Selector>) -> Result<Untrusted> {
        let found = match (selector, self.reference.digest(), self.reference.tag()) {
            (Some(Selector::Digest(digest)), _, _) | (None, Some(digest), _) => {
                self.repository.manifest_by_digest(digest)?
            }
            (Some(Selector::Tag(tag)), _, _) => self.repository.manifest_by_tag(tag)?,
            (None, None, tag) => self.repository.manifest_by_tag(tag.unwrap_or("latest"))?,
            (Some(Selector::Index(_)), _, _) => None,
        };
        let raw = found.ok_or_else(|| Error::NotFound {
            name: self.reference.to_string(),
            origin: self.reference.registry().to_owned(),
        })?;
        Ok(Untrusted {
            descriptor: raw.descriptor,
            bytes: raw.bytes,
        })
    }

    fn open(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        if media_type::is_manifest(&descriptor.media_type) {
            return Ok(Box::new(Cursor::new(
                self.repository.manifest(descriptor)?.bytes,
            )));
        }
        self.repository.open_blob(descriptor)
    }
}
