//! The result as SARIF 2.1.0 (OASIS), as GitHub's code scanning reads it.
//!
//! An alert there is told by rule, place and fingerprint. None of them holds a tag, a digest or a version: the next build of the image has the same alerts,
//! not others. Results that are suppressed are written only where they were asked for, since code scanning opens an alert for them all the same.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use toolkit_oci::Digest;
use toolkit_sbom::Purl;
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::matching::{Finding, Suppression};
use toolkit_vulndb::severity::Severity;

use super::super::about::{About, package, page, remedy, score, word};
use super::super::scanned::Scanned;
use super::model::{
    ArtifactLocation, AutomationDetails, Configuration, Driver, Help, Invocation, Location, Log,
    LogicalLocation, PhysicalLocation, Region, ResultOf, ResultProperties, Rule, RuleProperties,
    Run, RunProperties, SuppressionOf, Text, Tool,
};
use super::notice::{kinds, notifications};
use crate::ci::markdown as escape;
use crate::error::Result;
use crate::output::printable;

/// Results that are read of one run (GitHub, "SARIF support for code scanning"); of them the first 5,000 by severity are shown.
pub(super) const MAX_RESULTS: usize = 25_000;
/// Tags of a rule that are read (the same page).
const MAX_TAGS: usize = 20;
/// The schema by which documents name themselves.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Makes the document; of more than GitHub reads the worst are kept, and the document says so.
///
/// # Errors
/// [`Error::Database`](crate::error::Error::Database) where the details of a record cannot be read.
pub(crate) fn sarif(scanned: &Scanned<'_>) -> Result<Log> {
    let mut findings: Vec<&Finding> = scanned.listed().collect();
    findings.sort_by_key(|finding| {
        (
            finding.suppressed.is_some(),
            Reverse(finding.class == Class::Malicious),
            Reverse(finding.severity()),
        )
    });
    let found = findings.len();
    findings.truncate(MAX_RESULTS);
    let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &findings {
        rules.entry(&finding.id).or_default().push(finding);
    }
    let numbers: BTreeMap<&str, usize> = rules.keys().copied().zip(0..).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let results = findings
        .iter()
        .map(|finding| {
            let index = numbers.get(finding.id.as_str()).copied().unwrap_or(0);
            result(scanned, finding, index, &mut seen)
        })
        .collect();
    let rules = rules
        .iter()
        .map(|(id, findings)| rule(scanned, id, findings))
        .collect::<Result<Vec<_>>>()?;
    Ok(Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "toolkit",
                    full_name: format!("toolkit {}", env!("CARGO_PKG_VERSION")),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules,
                    notifications: kinds(),
                },
            },
            automation_details: AutomationDetails {
                id: format!("toolkit/scan/{}/", scanned.subject.name),
            },
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: notifications(scanned, found),
            }],
            column_kind: "unicodeCodePoints",
            results,
            properties: RunProperties {
                target: scanned.target.to_owned(),
                database: scanned.database.opened.digest.to_string(),
            },
        }],
    })
}

fn rule(scanned: &Scanned<'_>, id: &str, findings: &[&Finding]) -> Result<Rule> {
    let (mut summary, mut cwes) = (String::new(), Vec::new());
    for finding in findings {
        let about = About::of(scanned, finding)?;
        if summary.is_empty() {
            summary = about.summary;
        }
        cwes.extend(about.cwes);
    }
    cwes.sort_unstable();
    cwes.dedup();
    let worst = findings.iter().copied().max_by_key(|one| rank(one));
    let scores = findings.iter().filter_map(|one| score(one));
    let highest = scores.reduce(f64::max);
    let malicious = findings.iter().any(|one| one.class == Class::Malicious);
    let (name, what) = match malicious {
        true => ("MaliciousPackage", "Malicious package"),
        false => ("VulnerablePackage", "Known vulnerability"),
    };
    let summary = match one_line(&summary) {
        text if text.is_empty() => format!("{what} {id}."),
        text => sentence(&text),
    };
    let mut packages: Vec<String> = findings
        .iter()
        .map(|one| format!("{}: {}", package(one), remedy(one)))
        .collect();
    packages.sort();
    packages.dedup();
    let link = page(id);
    let mut help = format!("{what} {id}.\n{summary}\n");
    let mut markdown = match &link {
        Some(link) => format!("**{what} [{id}]({link})**\n\n"),
        None => format!("**{what} {}**\n\n", escape(id)),
    };
    markdown.push_str(&escape(&summary));
    markdown.push_str("\n\n");
    for line in packages.iter().take(NAMED) {
        help.push_str(&format!("{line}\n"));
        markdown.push_str(&format!("- {}\n", escape(line)));
    }
    if packages.len() > NAMED {
        let more = format!("and {} more", packages.len() - NAMED);
        help.push_str(&format!("{more}\n"));
        markdown.push_str(&format!("- {more}\n"));
    }
    if let Some(link) = &link {
        help.push_str(&format!("{link}\n"));
    }
    let mut tags = vec!["security".to_owned(), "vulnerability".to_owned()];
    if malicious {
        tags.push("malicious".to_owned());
    }
    if findings.iter().any(|one| one.exploited.is_some()) {
        tags.push("exploited".to_owned());
    }
    // GitHub's own queries name weaknesses so.
    tags.extend(cwes.iter().map(|cwe| format!("external/cwe/cwe-{cwe:03}")));
    tags.truncate(MAX_TAGS);
    let level = worst.map_or("warning", |one| level(one));
    Ok(Rule {
        id: id.to_owned(),
        name,
        short_description: Text::of(format!("{what} {id}.")),
        full_description: Text { text: summary },
        help_uri: link,
        help: Help {
            text: help,
            markdown,
        },
        default_configuration: Configuration { level },
        properties: RuleProperties {
            precision: "very-high",
            problem: match level {
                "error" => "error",
                "note" => "recommendation",
                _ => "warning",
            },
            severity: highest.map(|score| format!("{score:.1}")),
            tags,
        },
    })
}

/// Packages are listed in the help of a rule up to this many.
const NAMED: usize = 20;

fn rank(finding: &Finding) -> (bool, Severity) {
    (finding.class == Class::Malicious, finding.severity())
}

fn result(
    scanned: &Scanned<'_>,
    finding: &Finding,
    rule_index: usize,
    seen: &mut BTreeMap<String, usize>,
) -> ResultOf {
    let subject = &finding.subject;
    let place = match subject.paths.first() {
        Some(path) => path.trim_start_matches('/').to_owned(),
        None => scanned.subject.name.clone(),
    };
    let mut text = format!(
        "{} has {} ({})",
        package(finding),
        finding.id,
        word(finding)
    );
    if finding.exploited.is_some() {
        text.push_str(", which is known to be exploited");
    }
    text.push_str(&format!(": {}.", remedy(finding)));
    let print = fingerprint(finding, &place);
    let count = seen.entry(print.clone()).or_default();
    *count += 1;
    let numbered = format!("{print}:{count}");
    let suppression = finding.suppressed.iter().map(|rule| SuppressionOf {
        kind: "external",
        status: "accepted",
        justification: justification(rule),
    });
    ResultOf {
        rule_id: finding.id.clone(),
        rule_index,
        level: level(finding),
        message: Text::of(one_line(&text)),
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(&place) },
                // A package has no line; code scanning wants one.
                region: Region {
                    start_line: 1,
                    start_column: 1,
                    end_line: 1,
                    end_column: 1,
                },
            },
            logical_locations: [LogicalLocation {
                fully_qualified_name: subject.package.to_string(),
                kind: "package",
            }],
        }],
        // The first name is the one that GitHub compares; it adds a number of its own kind behind a colon.
        partial_fingerprints: BTreeMap::from([
            ("primaryLocationLineHash", numbered.clone()),
            ("toolkitFinding/v1", numbered),
        ]),
        suppressions: suppression.collect(),
        properties: ResultProperties {
            purl: subject.package.to_string(),
            severity: finding.severity().to_string(),
            fixed_version: finding.fix.version.clone(),
            layer: subject.layer,
            aliases: finding
                .ids
                .iter()
                .filter(|id| **id != finding.id)
                .cloned()
                .collect(),
            exploited: finding.exploited.is_some(),
            epss: finding
                .epss
                .map(|epss| f64::from(epss.probability) / 100_000.0),
        },
    }
}

/// Says why a result is suppressed.
fn justification(rule: &Suppression) -> String {
    let mut text = rule.name().to_owned();
    for more in [rule.by(), rule.reason()].into_iter().flatten() {
        text.push_str(": ");
        text.push_str(more);
    }
    text
}

/// Returns the level of a finding (SARIF 2.1.0 §3.27.10); what nobody rates is a warning.
fn level(finding: &Finding) -> &'static str {
    match (finding.class, finding.severity()) {
        (Class::Malicious, _) => "error",
        (Class::Informational, _) => "note",
        (Class::Vulnerability, Severity::Critical | Severity::High) => "error",
        (Class::Vulnerability, Severity::Medium | Severity::Unknown) => "warning",
        (Class::Vulnerability, Severity::Low | Severity::Negligible) => "note",
    }
}

/// Makes a number of id, package without version, and place, as `--baseline` tells findings apart.
fn fingerprint(finding: &Finding, place: &str) -> String {
    let purl = finding.subject.package.as_str();
    let package = Purl::parse(purl).map_or_else(
        |_| purl.to_owned(),
        |purl| {
            let namespace = purl.namespace().unwrap_or_default();
            format!("{}/{namespace}/{}", purl.ty(), purl.name())
        },
    );
    let place = match finding.subject.version.as_deref() {
        Some(version) if !version.is_empty() => place.replace(version, ""),
        _ => place.to_owned(),
    };
    let whole = format!("{}\0{package}\0{place}", finding.id);
    // Sixteen digits, as GitHub's own hashes have.
    Digest::sha256(whole.as_bytes())
        .hex()
        .chars()
        .take(16)
        .collect()
}

/// Writes a path as a relative reference (RFC 3986 §4.2): all but unreserved characters and `/` is encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Joins the lines of a foreign text and makes characters that steer a display visible.
fn one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    printable(&joined).into_owned()
}

/// Ends a text with a full stop (SARIF 2.1.0 §3.11.1 asks for sentences).
fn sentence(text: &str) -> String {
    match text.ends_with(['.', '!', '?']) {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_relative_references() {
        for (path, expected) in [
            ("var/lib/dpkg/status", "var/lib/dpkg/status"),
            ("a b/%c", "a%20b/%25c"),
            ("localhost:5000/x", "localhost%3A5000/x"),
            ("é", "%C3%A9"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }

    #[test]
    fn foreign_text_is_one_harmless_line() {
        assert_eq!(one_line(" a\n b\u{1b}"), "a b\\u{1b}");
        assert_eq!((sentence("a"), sentence("a.")), ("a.".into(), "a.".into()));
    }
}
