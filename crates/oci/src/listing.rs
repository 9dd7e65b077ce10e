//! An index that is changed entry by entry: a fallback tag's, or a layout's `index.json`.
//!
//! Entries of others keep their bytes, unknown fields included. It does no I/O.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::manifest::{Descriptor, ImageIndex, media_type};

/// An index as a list of entries with their bytes.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    fields: BTreeMap<String, Box<RawValue>>,
    pub(crate) entries: Vec<ListingEntry>,
}

/// One entry: what it says, and its bytes.
#[derive(Debug, Clone)]
pub(crate) struct ListingEntry {
    pub(crate) descriptor: Descriptor,
    raw: Box<RawValue>,
}

impl Listing {
    /// Makes an index without entries.
    pub(crate) fn empty() -> Result<Self> {
        let mut fields = BTreeMap::new();
        fields.insert("schemaVersion".to_owned(), raw(&2)?);
        fields.insert("mediaType".to_owned(), raw(&media_type::OCI_INDEX)?);
        Ok(Self {
            fields,
            entries: Vec::new(),
        })
    }

    /// Parses an index strictly.
    pub(crate) fn parse(what: &str, bytes: &[u8]) -> Result<Self> {
        // Refuses duplicate keys and everything that is no index, so that the second look sees the same document.
        ImageIndex::parse(bytes)?;
        let fault = |error: &serde_json::Error| Error::json(what, bytes, error);
        let mut fields: BTreeMap<String, Box<RawValue>> =
            serde_json::from_slice(bytes).map_err(|error| fault(&error))?;
        let manifests: Vec<Box<RawValue>> = match fields.remove("manifests") {
            Some(value) => serde_json::from_str(value.get()).map_err(|error| fault(&error))?,
            None => Vec::new(),
        };
        let entries = manifests
            .into_iter()
            .map(|raw| {
                let descriptor =
                    Descriptor::deserialize(&mut serde_json::Deserializer::from_str(raw.get()))
                        .map_err(|error| fault(&error))?;
                Ok(ListingEntry { descriptor, raw })
            })
            .collect::<Result<_>>()?;
        Ok(Self { fields, entries })
    }

    pub(crate) fn contains(&self, digest: &Digest) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.descriptor.digest == *digest)
    }

    /// Adds an entry at the end.
    pub(crate) fn push(&mut self, descriptor: Descriptor) -> Result<()> {
        self.entries.push(ListingEntry::new(descriptor)?);
        Ok(())
    }

    /// Sorts by digest and keeps the first of each digest.
    pub(crate) fn sort(&mut self) {
        self.entries
            .sort_by(|a, b| a.descriptor.digest.cmp(&b.descriptor.digest));
        self.entries
            .dedup_by(|a, b| a.descriptor.digest == b.descriptor.digest);
    }

    /// Writes the index; keys are sorted, the same entries give the same bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut fields = self.fields.clone();
        let entries: Vec<&RawValue> = self.entries.iter().map(|entry| &*entry.raw).collect();
        fields.insert("manifests".to_owned(), raw(&entries)?);
        serde_json::to_vec(&fields).map_err(|error| unwritable(&error))
    }
}

impl ListingEntry {
    pub(crate) fn new(descriptor: Descriptor) -> Result<Self> {
        Ok(Self {
            raw: raw(&descriptor)?,
            descriptor,
        })
    }
}

fn raw(value: &impl serde::Serialize) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::InvalidDocument {
        what: "index".to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_others_keep_their_bytes() {
        let digest = Digest::sha256(b"x");
        let entry = format!(
            r#"{{ "size" : 1, "x-unknown":[1,  2], "mediaType":"t", "digest":"{digest}"}}"#
        );
        let text = format!(
            "{{\"schemaVersion\":2,\n \"x\": {{\"b\":1,\"a\":2}},\"manifests\":[{entry}]}}"
        );
        let mut listing = Listing::parse("test", text.as_bytes()).unwrap();
        listing.push(Descriptor::of("u", b"y")).unwrap();
        let written = String::from_utf8(listing.to_bytes().unwrap()).unwrap();
        assert!(written.contains(&entry), "{written}");
        assert!(written.contains(r#""x":{"b":1,"a":2}"#), "{written}");
        let again = Listing::parse("test", written.as_bytes()).unwrap();
        assert_eq!(again.entries.len(), 2);
        assert_eq!(again.to_bytes().unwrap(), written.as_bytes());
    }

    #[test]
    fn the_order_of_writing_does_not_show() {
        let (a, b) = (Descriptor::of("t", b"a"), Descriptor::of("t", b"b"));
        let build = |entries: [&Descriptor; 3]| {
            let mut listing = Listing::empty().unwrap();
            for entry in entries {
                listing.push(entry.clone()).unwrap();
            }
            listing.sort();
            listing.to_bytes().unwrap()
        };
        assert_eq!(build([&a, &b, &a]), build([&b, &a, &b]));
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for text in [
            "{}",
            "[]",
            r#"{"schemaVersion":2,"manifests":[],"manifests":[]}"#,
        ] {
            assert!(Listing::parse("test", text.as_bytes()).is_err(), "{text}");
        }
    }
}
