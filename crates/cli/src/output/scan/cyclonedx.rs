//! The bill of materials with what is known against it: CycloneDX 1.7 `vulnerabilities`.
//!
//! The document itself is `toolkit_sbom`'s, which has no word for vulnerabilities; here that one part is made. One entry stands for one vulnerability with
//! one rating, fix and analysis, and for all packages of which these hold: they differ between packages.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use toolkit_sbom::{Document, write_cyclonedx_with};
use toolkit_vulndb::advisory::{Class, Feed};
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::matching::{Basis, Finding, Suppression};
use toolkit_vulndb::severity::{CvssVersion, Severity};
use toolkit_vulndb::vex::{Justification, Status};

use super::about::{About, page, remedy};
use super::scanned::{Scanned, date};
use super::unsaid::unsaid;
use crate::error::{Error, Result};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability {
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    bom_ref: Option<String>,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ratings: Vec<RatingOf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cwes: Vec<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advisories: Vec<AdvisoryOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<Analysis>,
    affects: Vec<Affects>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Source {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Source {
    /// Names who published an id.
    fn of(id: &str) -> Self {
        let name = match Feed::of_id(id) {
            _ if id.starts_with("CVE-") => "nvd".to_owned(),
            feed => feed.to_string(),
        };
        Self {
            name,
            url: page(id),
        }
    }
}

#[derive(Serialize)]
struct Reference {
    id: String,
    source: Source,
}

#[derive(Serialize)]
struct RatingOf {
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<String>,
}

#[derive(Serialize)]
struct AdvisoryOf {
    title: String,
    url: String,
}

#[derive(Serialize)]
struct Analysis {
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    response: Vec<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

#[derive(Serialize)]
struct Affects {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<VersionOf>,
}

#[derive(Serialize)]
struct VersionOf {
    version: String,
    status: &'static str,
}

#[derive(Serialize)]
struct Property {
    name: Cow<'static, str>,
    value: String,
}

/// What is added to the bill of materials.
#[derive(Serialize)]
struct More {
    /// What the entries do not show: a reader of an empty list would take it for an all-clear.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
    vulnerabilities: Vec<Vulnerability>,
}

/// Renders the document.
///
/// # Errors
/// [`Error::Database`] where the details of a record cannot be read, [`Error::Sbom`].
pub(crate) fn cyclonedx(scanned: &Scanned<'_>, time: Option<Timestamp>) -> Result<String> {
    let document = Document::new(scanned.subject.clone(), scanned.inventory.clone(), time);
    let mut entries: BTreeMap<(String, String), Vulnerability> = BTreeMap::new();
    for finding in &scanned.found.findings {
        let found = entry(scanned, finding)?;
        // What differs but in the packages is one entry; the text is the key because it is all that the reader sees.
        let text = serde_json::to_string(&found).map_err(|error| Error::Stdout {
            source: error.into(),
        })?;
        entries
            .entry((found.id.clone(), text))
            .or_insert(found)
            .affects
            .push(affects(finding));
    }
    let mut entries: Vec<Vulnerability> = entries.into_values().collect();
    number(&mut entries);
    let mut out = Vec::new();
    let more = More {
        properties: unsaid(scanned)
            .into_iter()
            .map(|(kind, value)| Property {
                name: format!("toolkit:scan:{}", kind.name()).into(),
                value,
            })
            .collect(),
        vulnerabilities: entries,
    };
    write_cyclonedx_with(&document, &more, &mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Gives every entry a name of its own: of several for one id the later ones are numbered.
fn number(entries: &mut [Vulnerability]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let count = seen.entry(entry.id.clone()).or_default();
        *count += 1;
        entry.bom_ref = Some(match *count {
            1 => format!("vulnerability:{}", entry.id),
            count => format!("vulnerability:{}#{count}", entry.id),
        });
    }
}

/// Makes the entry of a finding, still without packages.
fn entry(scanned: &Scanned<'_>, finding: &Finding) -> Result<Vulnerability> {
    let about = About::of(scanned, finding)?;
    let others = finding.ids.iter().filter(|id| **id != finding.id);
    let advisories = finding
        .advisories
        .iter()
        .chain(&finding.ids)
        .filter_map(|id| {
            Some(AdvisoryOf {
                title: id.clone(),
                url: page(id)?,
            })
        });
    let mut properties = Vec::new();
    let mut property = |name: &'static str, value: String| {
        properties.push(Property {
            name: name.into(),
            value,
        });
    };
    if finding.class == Class::Malicious {
        property("toolkit:class", "malicious".to_owned());
    }
    if let Some(exploited) = finding.exploited {
        property("toolkit:exploited:added", date(exploited.added));
    }
    if let Some(version) = &finding.fix.version {
        property("toolkit:fix:version", version.clone());
    }
    if finding.fix.needs_subscription {
        property("toolkit:fix:needs-subscription", "true".to_owned());
    }
    Ok(Vulnerability {
        bom_ref: None,
        id: finding.id.clone(),
        source: Some(Source::of(&finding.id)),
        references: others
            .map(|id| Reference {
                id: id.clone(),
                source: Source::of(id),
            })
            .collect(),
        ratings: ratings(finding, &about),
        cwes: about.cwes.iter().copied().collect(),
        description: about.summary,
        recommendation: recommendation(finding),
        advisories: advisories.collect(),
        published: finding
            .published
            .map(|day| format!("{}T00:00:00Z", date(day))),
        analysis: analysis(finding),
        affects: Vec::new(),
        properties,
    })
}

fn affects(finding: &Finding) -> Affects {
    let version = finding.subject.version.as_ref();
    let status = match finding.suppressed.as_ref().map(state) {
        Some("not_affected" | "resolved" | "false_positive") => "unaffected",
        _ => "affected",
    };
    Affects {
        reference: finding.subject.package.to_string(),
        versions: version
            .map(|version| VersionOf {
                version: version.clone(),
                status,
            })
            .into_iter()
            .collect(),
    }
}

fn ratings(finding: &Finding, about: &About) -> Vec<RatingOf> {
    let mut all = Vec::new();
    if let Some(rating) = &finding.rating {
        let (score, method) = match rating.basis {
            Basis::Word => (None, None),
            Basis::Cvss { version, tenths } => {
                (Some(f64::from(tenths) / 10.0), Some(method(version)))
            }
        };
        all.push(RatingOf {
            source: Source {
                name: rating.feed.to_string(),
                url: page(&rating.id),
            },
            score,
            severity: severity(rating.severity),
            method,
            vector: about.vector(rating).map(str::to_owned),
        });
    }
    if let Some(epss) = finding.epss {
        // No method of the schema is EPSS; the source names it.
        all.push(RatingOf {
            source: Source {
                name: "EPSS".to_owned(),
                url: Some("https://www.first.org/epss/".to_owned()),
            },
            score: Some(f64::from(epss.probability) / 100_000.0),
            severity: "unknown",
            method: Some("other"),
            vector: None,
        });
    }
    all
}

fn method(version: CvssVersion) -> &'static str {
    match version {
        CvssVersion::V2 => "CVSSv2",
        CvssVersion::V30 => "CVSSv3",
        CvssVersion::V31 => "CVSSv31",
        CvssVersion::V4 => "CVSSv4",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Negligible => "info",
        Severity::Unknown => "unknown",
    }
}

fn recommendation(finding: &Finding) -> Option<String> {
    let name = &finding.subject.name;
    match (&finding.fix.version, finding.class) {
        (_, Class::Malicious) => Some(format!("Remove {name}: {}.", remedy(finding))),
        (Some(version), _) => Some(format!("Update {name} to {version} or later.")),
        (None, _) => None,
    }
}

/// Says why a finding does not count; of one that does nobody has stated anything.
fn analysis(finding: &Finding) -> Option<Analysis> {
    let Some(rule) = &finding.suppressed else {
        return (finding.fix.state == FixState::WontFix).then(|| Analysis {
            state: None,
            justification: None,
            response: vec!["will_not_fix"],
            detail: String::new(),
        });
    };
    let state = state(rule);
    let justification = rule.reason().filter(|_| state == "not_affected");
    let mut detail = format!("suppressed by the rule `{}`", rule.name());
    for more in [rule.by(), rule.reason()].into_iter().flatten() {
        detail.push_str(": ");
        detail.push_str(more);
    }
    Some(Analysis {
        state: Some(state),
        justification: justification.and_then(counterpart),
        response: Vec::new(),
        detail,
    })
}

/// Returns the state of an analysis (CycloneDX 1.7 `impactAnalysisState`). What the user ignores, and what Debian holds unimportant, is there all the same.
fn state(rule: &Suppression) -> &'static str {
    match rule {
        Suppression::FixedByDistro { .. } | Suppression::FixedInChannel { .. } => "resolved",
        Suppression::Vex { status, .. } => match status {
            Status::Fixed => "resolved",
            _ => "not_affected",
        },
        Suppression::NotAffectedByDistro { .. } => "not_affected",
        Suppression::Contradicted { .. } => "false_positive",
        Suppression::Unimportant
        | Suppression::ReportedByDistro { .. }
        | Suppression::Ignored { .. }
        | Suppression::Baseline { .. } => "in_triage",
    }
}

/// Returns CycloneDX's counterpart of a justification of OpenVEX (CycloneDX 1.7 `impactAnalysisJustification`).
fn counterpart(justification: &str) -> Option<&'static str> {
    Some(match Justification::parse(justification)? {
        Justification::ComponentNotPresent | Justification::VulnerableCodeNotPresent => {
            "code_not_present"
        }
        Justification::VulnerableCodeNotInExecutePath => "code_not_reachable",
        Justification::VulnerableCodeCannotBeControlledByAdversary => "requires_environment",
        Justification::InlineMitigationsAlreadyExist => "protected_by_mitigating_control",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn justifications_have_counterparts() {
        for (found, expected) in [
            ("component_not_present", Some("code_not_present")),
            (
                "inline_mitigations_already_exist",
                Some("protected_by_mitigating_control"),
            ),
            ("we do not call it", None),
        ] {
            assert_eq!(counterpart(found), expected);
        }
    }
}
