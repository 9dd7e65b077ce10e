//! Why an inventory or a document could not be made at all.
//!
//! A single file that cannot be read is no error: it is listed in [`Inventory::unreadable`](crate::Inventory::unreadable).

/// Says why an operation of this crate failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no package URL by the purl specification (ECMA-427).
    #[error("`{text}` is no package URL")]
    Purl {
        /// What was given.
        text: String,
        /// The rule that it breaks.
        #[source]
        source: packageurl::Error,
    },
    /// A layer of the image cannot be read, or is not what its digests promise.
    #[error(transparent)]
    Image(#[from] toolkit_oci::Error),
    /// The name is no format that is written.
    #[error("unknown format `{found}`; known: {}", known.join(", "))]
    UnknownFormat {
        /// What was asked for.
        found: String,
        /// The formats that there are.
        known: Vec<&'static str>,
    },
    /// The format has no such version here.
    #[error("unknown version `{found}` of format `{format}`; known: {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    UnknownVersion {
        /// The format.
        format: &'static str,
        /// The version that was asked for.
        found: String,
        /// The versions that there are; none where the format has no versions.
        known: &'static [&'static str],
    },
    /// The document could not be written out.
    #[error("the document could not be written")]
    Write {
        /// What the writer says.
        #[source]
        source: std::io::Error,
    },
    /// A bill of materials is longer than is read.
    #[error("the document has {found} bytes, more than {limit}")]
    DocumentTooLarge {
        /// The limit in bytes.
        limit: u64,
        /// The length in bytes.
        found: u64,
    },
    /// The bytes are not the JSON of a bill of materials, or contradict themselves by repeating a key.
    #[error("the document is not well-formed at line {line}, column {column}")]
    Document {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the JSON reader says.
        #[source]
        source: serde_json::Error,
    },
    /// The JSON is neither CycloneDX nor SPDX 2.
    #[error("the document is neither CycloneDX nor SPDX 2 JSON")]
    NoBillOfMaterials,
}

/// The result of this crate's operations.
pub type Result<T> = std::result::Result<T, Error>;
