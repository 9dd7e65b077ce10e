//! The result as the predicate that cosign calls `vuln` (`COSIGN_VULN_ATTESTATION_SPEC.md`), for `attest --type vuln`.
//!
//! Its `scanner.result` is our JSON. It says when the scan was made, so that two are the same bytes only with `SOURCE_DATE_EPOCH`.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::document;
use super::scanned::Scanned;
use crate::error::Result;
use crate::output::Schema;
use crate::output::json;

#[derive(Serialize)]
pub(crate) struct Predicate {
    invocation: Invocation,
    scanner: Scanner,
    metadata: Metadata,
}

/// The run of a CI system; the shape is cosign's, and readers count on its keys.
#[derive(Serialize)]
struct Invocation {
    parameters: [&'static str; 0],
    uri: &'static str,
    event_id: &'static str,
    #[serde(rename = "builder.id")]
    builder: &'static str,
}

#[derive(Serialize)]
struct Scanner {
    uri: &'static str,
    version: &'static str,
    db: Db,
    result: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Db {
    uri: String,
    version: String,
    last_update: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    scan_started_on: String,
    scan_finished_on: String,
}

/// Makes the predicate.
///
/// # Errors
/// As of our JSON.
pub(crate) fn cosign_vuln(
    scanned: &Scanned<'_>,
    started: Timestamp,
    finished: Timestamp,
) -> Result<Predicate> {
    let database = scanned.database;
    Ok(Predicate {
        invocation: Invocation {
            parameters: [],
            uri: "",
            event_id: "",
            builder: "",
        },
        scanner: Scanner {
            uri: env!("CARGO_PKG_REPOSITORY"),
            version: env!("CARGO_PKG_VERSION"),
            db: Db {
                uri: database.reference.clone().unwrap_or_default(),
                version: database.opened.digest.to_string(),
                last_update: database.opened.manifest.created.to_string(),
            },
            result: json::value(Schema::Scan, &document::json(scanned)?)?,
        },
        metadata: Metadata {
            scan_started_on: started.to_string(),
            scan_finished_on: finished.to_string(),
        },
    })
}
