//! How the tool names itself and its documents, and how it words what it could not read.

use uuid::Uuid;

use crate::Unreadable;

/// The name of the tool in every document.
pub(super) const TOOL: &str = "toolkit";
/// The version of the tool.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The address below which identifiers of documents stand.
pub(super) const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Returns the namespace of the version 5 UUIDs (RFC 9562 section 5.5) of documents.
pub(super) fn namespace() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, REPOSITORY.as_bytes())
}

/// Words one thing that could not be read.
pub(super) fn unreadable(missing: &Unreadable) -> String {
    format!(
        "{} (layer {}): {}",
        missing.location.path, missing.location.layer, missing.fault
    )
}
