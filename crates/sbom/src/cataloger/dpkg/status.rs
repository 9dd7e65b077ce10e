//! The status database of dpkg, and the one-package files of `status.d` in distroless images.
//!
//! Fields are those of Debian Policy chapter 5 and dpkg's `lib/dpkg/parse.c`. Only what is unpacked in the file system counts.

use crate::cataloger::deb822::{Paragraph, paragraphs};
use crate::cataloger::{MOST_PACKAGES, too_many_packages};
use crate::inventory::Fault;
use crate::package::SourcePackage;

/// Is one unpacked package of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    /// `Package`.
    pub name: String,
    /// `Version`, with epoch and revision.
    pub version: String,
    /// `Architecture`.
    pub architecture: Option<String>,
    /// `Source`, else the package's own name and version.
    pub source: SourcePackage,
    /// `Maintainer`.
    pub maintainer: Option<String>,
    /// `Homepage`.
    pub homepage: Option<String>,
    /// The first line of `Description`.
    pub summary: Option<String>,
    /// Every name in `Depends` and `Pre-Depends`, alternatives included, without versions.
    pub depends: Vec<String>,
    /// Every name in `Provides`.
    pub provides: Vec<String>,
}

/// Reads a status file; an entry without name or version is a fault and the others are kept.
#[must_use]
pub fn parse(bytes: &[u8]) -> (Vec<Stanza>, Vec<Fault>) {
    let text = String::from_utf8_lossy(bytes);
    let mut stanzas = Vec::new();
    let mut faults = Vec::new();
    for paragraph in paragraphs(&text) {
        if !is_unpacked(paragraph.get("Status")) {
            continue;
        }
        if stanzas.len() + faults.len() >= MOST_PACKAGES {
            faults.push(too_many_packages());
            break;
        }
        match stanza(&paragraph) {
            Ok(stanza) => stanzas.push(stanza),
            Err(fault) => faults.push(fault),
        }
    }
    (stanzas, faults)
}

fn stanza(paragraph: &Paragraph<'_>) -> Result<Stanza, Fault> {
    let field = |field: &'static str| {
        paragraph.get(field).ok_or(Fault::MissingField {
            field,
            line: paragraph.line,
        })
    };
    let owned = |name: &str| paragraph.get(name).map(str::to_owned);
    let name = field("Package")?;
    let version = field("Version")?;
    let source = match paragraph.get("Source") {
        None => SourcePackage {
            name: name.to_owned(),
            version: Some(version.to_owned()),
        },
        Some(source) => {
            let (source, rest) = source.split_once('(').unwrap_or((source, ""));
            let stated = rest.trim().trim_end_matches(')').trim();
            SourcePackage {
                name: source.trim().to_owned(),
                version: Some(if stated.is_empty() { version } else { stated }.to_owned()),
            }
        }
    };
    let mut depends = Vec::new();
    for field in ["Pre-Depends", "Depends"] {
        depends.extend(names(paragraph.lines(field).unwrap_or_default()));
    }
    depends.sort();
    depends.dedup();
    Ok(Stanza {
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: owned("Architecture"),
        source,
        maintainer: owned("Maintainer"),
        homepage: owned("Homepage"),
        summary: owned("Description"),
        depends,
        provides: names(paragraph.lines("Provides").unwrap_or_default()),
    })
}

/// Reads the names of a relation field: `a (>= 1) | b:any, c [amd64]`.
fn names(lines: &[&str]) -> Vec<String> {
    lines
        .iter()
        .flat_map(|line| line.split([',', '|']))
        .filter_map(|relation| {
            let end = relation
                .trim()
                .split(|c: char| c.is_whitespace() || "([<:".contains(c))
                .next()?;
            (!end.is_empty()).then(|| end.to_owned())
        })
        .collect()
}

/// Says whether the package's files lie in the file system, by dpkg's third status word. Distroless entries have no status.
fn is_unpacked(status: Option<&str>) -> bool {
    let state = status.and_then(|s| s.split_whitespace().nth(2));
    !matches!(
        state,
        Some("not-installed" | "config-files" | "half-installed")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_stops_at_the_bound() {
        let text = "Package: a\nVersion: 1\nStatus: install ok installed\n\n";
        let (stanzas, faults) = parse(text.repeat(MOST_PACKAGES + 2).as_bytes());
        assert_eq!(
            (stanzas.len(), faults),
            (MOST_PACKAGES, vec![too_many_packages()])
        );
        let (stanzas, faults) = parse(text.repeat(MOST_PACKAGES).as_bytes());
        assert_eq!((stanzas.len(), faults), (MOST_PACKAGES, Vec::new()));
    }

    #[test]
    fn parse_keeps_what_is_unpacked() {
        let text = "Package: a\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: amd64\nMulti-Arch: same\n\
                    Source: src (1:2)\nPre-Depends: libc6 (>= 2.34), dpkg:any | x\nDepends: b | c (= 1),\n libc6\n\
                    Provides: v (= 1), w\nDescription: short\n long\n\n\
                    Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\
                    Package: bare\nVersion: 2\nSource: other\n\n\
                    Package: broken\nStatus: install ok unpacked\n";
        let (stanzas, faults) = parse(text.as_bytes());
        assert_eq!(
            faults,
            [Fault::MissingField {
                field: "Version",
                line: 22
            }]
        );
        let names: Vec<_> = stanzas.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["a", "bare"]);
        assert_eq!(stanzas[0].depends, ["b", "c", "dpkg", "libc6", "x"]);
        assert_eq!(stanzas[0].provides, ["v", "w"]);
        assert_eq!(stanzas[0].summary.as_deref(), Some("short"));
        assert_eq!(
            stanzas[0].source,
            SourcePackage {
                name: "src".to_owned(),
                version: Some("1:2".to_owned())
            }
        );
        assert_eq!(
            stanzas[1].source,
            SourcePackage {
                name: "other".to_owned(),
                version: Some("2".to_owned())
            }
        );
    }
}
