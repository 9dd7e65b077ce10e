//! Whether a predicate has the shape of its type: the fields that its specification requires and that every reader looks for.
//!
//! It is no validation against a schema. It keeps a document from being signed under a type that nobody could read it by.
//!
//! Specifications: CycloneDX 1.x (`bomFormat`, `specVersion`); SPDX 2.3 §6 and SPDX 3.0 JSON-LD; SLSA provenance v1 and v0.2, "Schema";
//! cosign's `specs/COSIGN_VULN_ATTESTATION_SPEC.md`; OpenVEX 0.2.0, "Document"; in-toto `link`.

use serde_json::Value;

use super::types::{
    IN_TOTO_LINK, SLSA_PROVENANCE_V0_2, SLSA_PROVENANCE_V1, VULN, is_cyclonedx, is_openvex, is_spdx,
};

/// What a predicate lacks for its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at `{field}` of {kind}, found {found}")]
pub struct ShapeFault {
    /// What the type holds, for people.
    pub kind: &'static str,
    /// The field, its names joined by `.`.
    pub field: &'static str,
    /// What must be there.
    pub expected: &'static str,
    /// What is there.
    pub found: &'static str,
}

/// Checks that a predicate has the shape of its type; one of a type that is not known has any.
///
/// # Errors
/// [`ShapeFault`] with the first field that is absent or another kind of value.
pub fn check_shape(predicate_type: &str, predicate: &Value) -> Result<(), ShapeFault> {
    let Some((kind, fields)) = shape(predicate_type, predicate) else {
        return Ok(());
    };
    for (field, expected) in fields {
        let found = field
            .split('.')
            .try_fold(predicate, |value, name| value.get(name));
        if !expected.fits(found) {
            return Err(ShapeFault {
                kind,
                field,
                expected: expected.name(),
                found: name_of(found),
            });
        }
    }
    Ok(())
}

/// The kinds of value that a field may need.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Starts(&'static str, &'static str),
    Object,
    Array,
}

impl Kind {
    fn fits(self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Text, Some(Value::String(text))) => !text.is_empty(),
            (Self::Starts(start, _), Some(Value::String(text))) => text.starts_with(start),
            (Self::Object, Some(Value::Object(_))) | (Self::Array, Some(Value::Array(_))) => true,
            _ => false,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Starts(_, name) => name,
            Self::Object => "an object",
            Self::Array => "a list",
        }
    }
}

fn name_of(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(text)) if text.is_empty() => "empty text",
        Some(Value::String(_)) => "other text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}

type Fields = &'static [(&'static str, Kind)];

fn shape(predicate_type: &str, predicate: &Value) -> Option<(&'static str, Fields)> {
    Some(match predicate_type {
        kind if is_cyclonedx(kind) => ("a CycloneDX document", CYCLONEDX_FIELDS),
        kind if is_spdx(kind) && predicate.get("@context").is_some() => {
            ("an SPDX 3 document", SPDX_3_FIELDS)
        }
        kind if is_spdx(kind) => ("an SPDX document", SPDX_FIELDS),
        SLSA_PROVENANCE_V1 => ("SLSA provenance v1", SLSA_V1_FIELDS),
        SLSA_PROVENANCE_V0_2 => ("SLSA provenance v0.2", SLSA_V0_2_FIELDS),
        VULN => ("a vulnerability scan as cosign has it", VULN_FIELDS),
        kind if is_openvex(kind) => ("an OpenVEX document", OPENVEX_FIELDS),
        IN_TOTO_LINK => ("an in-toto link", LINK_FIELDS),
        _ => return None,
    })
}

const CYCLONEDX_FIELDS: Fields = &[
    ("bomFormat", Kind::Starts("CycloneDX", "`CycloneDX`")),
    ("specVersion", Kind::Text),
];
const SPDX_FIELDS: Fields = &[
    ("spdxVersion", Kind::Starts("SPDX-", "`SPDX-2.x`")),
    ("SPDXID", Kind::Starts("SPDXRef-", "`SPDXRef-…`")),
    ("name", Kind::Text),
    ("documentNamespace", Kind::Text),
    ("creationInfo", Kind::Object),
];
const SPDX_3_FIELDS: Fields = &[("@graph", Kind::Array)];
const SLSA_V1_FIELDS: Fields = &[
    ("buildDefinition", Kind::Object),
    ("buildDefinition.buildType", Kind::Text),
    ("buildDefinition.externalParameters", Kind::Object),
    ("runDetails", Kind::Object),
    ("runDetails.builder.id", Kind::Text),
];
const SLSA_V0_2_FIELDS: Fields = &[("builder.id", Kind::Text), ("buildType", Kind::Text)];
const VULN_FIELDS: Fields = &[
    ("scanner", Kind::Object),
    ("scanner.uri", Kind::Text),
    ("scanner.result", Kind::Object),
    ("metadata", Kind::Object),
    ("metadata.scanStartedOn", Kind::Text),
    ("metadata.scanFinishedOn", Kind::Text),
];
const OPENVEX_FIELDS: Fields = &[
    (
        "@context",
        Kind::Starts("https://openvex.dev/ns", "`https://openvex.dev/ns/…`"),
    ),
    ("author", Kind::Text),
    ("statements", Kind::Array),
];
const LINK_FIELDS: Fields = &[("name", Kind::Text), ("materials", Kind::Array)];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::predicate::{CYCLONEDX, OPENVEX, SPDX};

    #[test]
    fn what_has_not_the_shape_of_its_type_is_refused() {
        let slsa = json!({
            "buildDefinition": {"buildType": "https://example.com/b/v1", "externalParameters": {}},
            "runDetails": {"builder": {"id": "https://example.com/builder"}},
        });
        let vuln = json!({
            "invocation": {},
            "scanner": {"uri": "pkg:generic/scanner@1", "result": {}},
            "metadata": {"scanStartedOn": "2026-01-01T00:00:00Z", "scanFinishedOn": "2026-01-01T00:00:01Z"},
        });
        let spdx = json!({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x",
            "documentNamespace": "https://example.com/x", "creationInfo": {},
        });
        for (kind, predicate, fault) in [
            (SLSA_PROVENANCE_V1, slsa.clone(), None),
            (
                SLSA_PROVENANCE_V1,
                json!({"hello": "world"}),
                Some(("buildDefinition", "an object", "nothing")),
            ),
            (
                SLSA_PROVENANCE_V1,
                json!({"buildDefinition": {"buildType": "", "externalParameters": {}}}),
                Some(("buildDefinition.buildType", "text", "empty text")),
            ),
            (
                SLSA_PROVENANCE_V1,
                json!({"buildDefinition": slsa["buildDefinition"], "runDetails": {"builder": "me"}}),
                Some(("runDetails.builder.id", "text", "nothing")),
            ),
            (
                SLSA_PROVENANCE_V0_2,
                slsa,
                Some(("builder.id", "text", "nothing")),
            ),
            (VULN, vuln, None),
            (
                VULN,
                json!({"scanner": []}),
                Some(("scanner", "an object", "a list")),
            ),
            (
                CYCLONEDX,
                json!({"bomFormat": "CycloneDX", "specVersion": "1.6"}),
                None,
            ),
            (
                CYCLONEDX,
                json!({"bomFormat": "x"}),
                Some(("bomFormat", "`CycloneDX`", "other text")),
            ),
            (SPDX, spdx, None),
            (SPDX, json!({"@context": "x", "@graph": []}), None),
            (
                "https://cyclonedx.org/bom/v1.6",
                json!({}),
                Some(("bomFormat", "`CycloneDX`", "nothing")),
            ),
            (
                SPDX,
                json!({"@context": "x"}),
                Some(("@graph", "a list", "nothing")),
            ),
            (
                SPDX,
                json!({"spdxVersion": 2}),
                Some(("spdxVersion", "`SPDX-2.x`", "a number")),
            ),
            (
                OPENVEX,
                json!({"@context": "https://openvex.dev/ns/v0.2.0", "author": "a", "statements": []}),
                None,
            ),
            (
                "https://openvex.dev/ns/v0.2.0",
                json!({"@context": "https://openvex.dev/ns/v0.2.0", "author": "a"}),
                Some(("statements", "a list", "nothing")),
            ),
            (IN_TOTO_LINK, json!({}), Some(("name", "text", "nothing"))),
            ("https://example.com/review/v1", json!({}), None),
        ] {
            let found = check_shape(kind, &predicate)
                .err()
                .map(|fault| (fault.field, fault.expected, fault.found));
            assert_eq!(found, fault, "{kind} {predicate}");
        }
    }
}
