//! Licences in SPDX: expressions, and `LicenseRef-` with the words of the package for all that has no expression.

use std::collections::{BTreeMap, HashMap};

use spdx_rs::models::{OtherLicensingInformationDetected, SpdxExpression};

use crate::{document::Entry, license::License};

/// Collects the licences of a document.
#[derive(Default)]
pub(super) struct Licenses {
    // Parsing is most of the work of a document, and its packages share few licences.
    parsed: HashMap<String, Option<SpdxExpression>>,
    referred: BTreeMap<String, String>,
}

/// Holds the licence fields of one package.
pub(super) struct Fields {
    pub(super) declared: Option<SpdxExpression>,
    pub(super) concluded: Option<SpdxExpression>,
    pub(super) comments: Option<String>,
}

impl Licenses {
    /// Returns the fields of a package; without a declaration they say `NOASSERTION`.
    pub(super) fn of(&mut self, entry: Entry<'_>) -> Fields {
        let concluded = entry.concluded().and_then(|text| self.expression(&text));
        let parts: Vec<String> = entry
            .licenses
            .iter()
            .map(|license| self.term(license))
            .collect();
        let declared = match parts.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(
                several
                    .iter()
                    .map(|part| grouped(part))
                    .collect::<Vec<_>>()
                    .join(" AND "),
            ),
        };
        let declared = declared.and_then(|text| self.expression(&text));
        let spelled: Vec<String> = entry
            .licenses
            .iter()
            .filter(|license| license.expression() != Some(license.declared()))
            .map(|license| format!("declared: {}", license.declared()))
            .collect();
        Fields {
            declared: declared.or_else(|| self.expression("NOASSERTION")),
            concluded: concluded.or_else(|| self.expression("NOASSERTION")),
            comments: (!spelled.is_empty()).then(|| spelled.join("\n")),
        }
    }

    /// Returns every `LicenseRef-` that a field used, with its words (SPDX 2.3 clause 10).
    pub(super) fn into_referred(self) -> Vec<OtherLicensingInformationDetected> {
        let referred = self.referred.into_iter();
        referred
            .map(
                |(license_identifier, text)| OtherLicensingInformationDetected {
                    license_identifier,
                    license_name: text.clone(),
                    extracted_text: text,
                    license_cross_reference: Vec::new(),
                    license_comment: None,
                },
            )
            .collect()
    }

    fn term(&mut self, license: &License) -> String {
        let readable = license
            .expression()
            .filter(|text| self.expression(text).is_some());
        if let Some(text) = readable {
            let words = text.split(|c: char| c.is_whitespace() || "()".contains(c));
            for reference in words.filter(|word| word.starts_with("LicenseRef-")) {
                // The package names a licence and does not carry its text here.
                self.referred
                    .entry(reference.to_owned())
                    .or_insert_with(|| "NOASSERTION".to_owned());
            }
            return text.to_owned();
        }
        let reference = license.license_ref();
        self.referred
            .insert(reference.clone(), license.declared().to_owned());
        reference
    }

    fn expression(&mut self, text: &str) -> Option<SpdxExpression> {
        if let Some(parsed) = self.parsed.get(text) {
            return parsed.clone();
        }
        let parsed = SpdxExpression::parse(text).ok();
        self.parsed.insert(text.to_owned(), parsed.clone());
        parsed
    }
}

fn grouped(part: &str) -> String {
    if part.contains(" OR ") {
        format!("({part})")
    } else {
        part.to_owned()
    }
}
