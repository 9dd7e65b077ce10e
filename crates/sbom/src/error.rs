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
}

/// The result of this crate's operations.
pub type Result<T> = std::result::Result<T, Error>;
