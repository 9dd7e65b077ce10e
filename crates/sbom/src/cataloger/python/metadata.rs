//! The core metadata of an installed Python distribution, and its list of files.
//!
//! Implements the "Core metadata specifications" and "Recording installed projects" (packaging.python.org) for reading:
//! `METADATA` of a `dist-info` directory, `PKG-INFO` of an `egg-info`, and `RECORD`.

use crate::cataloger::deb822::paragraphs;
use crate::inventory::Fault;
use crate::package::Party;

use super::requirement::Requirement;

/// Is what a distribution says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// `Name`, as written.
    pub name: String,
    /// `Version`.
    pub version: String,
    /// `License-Expression`, else `License` where it is one line, else the `License ::` classifiers.
    pub licenses: Vec<String>,
    /// `Maintainer` or `Author`.
    pub supplier: Option<Party>,
    /// `Summary`.
    pub summary: Option<String>,
    /// `Home-page`, else the project URL of that label.
    pub homepage: Option<String>,
    /// `Requires-Dist`.
    pub requires: Vec<Requirement>,
}

/// Reads a metadata file.
///
/// # Errors
/// [`Fault::MissingField`] without name or version.
pub fn parse(bytes: &[u8]) -> Result<Metadata, Fault> {
    let text = String::from_utf8_lossy(bytes);
    // The first paragraph has the fields, what follows is the description.
    let all = paragraphs(text.trim_start_matches('\u{feff}'));
    let missing = |field| Fault::MissingField { field, line: 1 };
    let fields = all.first().ok_or_else(|| missing("Name"))?;
    let known = |name: &str| {
        fields
            .get(name)
            .filter(|value| !value.eq_ignore_ascii_case("UNKNOWN"))
    };
    let mut licenses: Vec<String> = Vec::new();
    if let Some(expression) = known("License-Expression") {
        licenses.push(expression.to_owned());
    } else if let Some(license) = known("License")
        && fields.lines("License").is_some_and(|l| l.len() == 1)
    {
        licenses.push(license.to_owned());
    } else {
        licenses.extend(
            fields
                .all("Classifier")
                .filter(|c| c.starts_with("License ::"))
                .filter_map(|c| c.rsplit("::").next())
                .map(|c| c.trim().to_owned())
                .filter(|c| c != "OSI Approved"),
        );
    }
    let party = |name: &str, email: &str| {
        let named = known(name).and_then(Party::parse);
        let mailed = known(email).and_then(mail_party);
        match (named, mailed) {
            (Some(named), Some(mailed)) => Some(Party {
                email: named.email.or(mailed.email),
                ..named
            }),
            (named, mailed) => named.or(mailed),
        }
    };
    let project_url = fields.all("Project-URL").find_map(|entry| {
        let (label, url) = entry.split_once(',')?;
        let label: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
        label.eq_ignore_ascii_case("homepage").then(|| url.trim())
    });
    Ok(Metadata {
        name: known("Name").ok_or_else(|| missing("Name"))?.to_owned(),
        version: known("Version")
            .ok_or_else(|| missing("Version"))?
            .to_owned(),
        licenses,
        supplier: party("Maintainer", "Maintainer-email")
            .or_else(|| party("Author", "Author-email")),
        summary: known("Summary").map(str::to_owned),
        homepage: known("Home-page").or(project_url).map(str::to_owned),
        requires: fields
            .all("Requires-Dist")
            .filter_map(Requirement::parse)
            .collect(),
    })
}

/// Reads the first address of a list: a bare one or `Name <address>`.
fn mail_party(text: &str) -> Option<Party> {
    let end = match text.find('>') {
        Some(end) => end + 1,
        None => text.find(',').unwrap_or(text.len()),
    };
    let first = text.get(..end)?.trim();
    if first.contains('<') || !first.contains('@') {
        return Party::parse(first);
    }
    Some(Party {
        name: first.to_owned(),
        email: Some(first.to_owned()),
        url: None,
    })
}

/// Reads the paths of a `RECORD` file: the first column of CSV.
#[must_use]
pub fn record(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes)
        .lines()
        .filter_map(|line| match line.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find("\",").or_else(|| quoted.rfind('"'))?;
                Some(quoted.get(..end)?.replace("\"\"", "\""))
            }
            None => line.split(',').next().map(str::to_owned),
        })
        .filter(|path| !path.is_empty())
        .collect()
}

/// Says whether two project names are the same after the normalisation of PEP 503.
#[must_use]
pub fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' => {
                if !out.ends_with('-') {
                    out.push('-');
                }
            }
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_the_header_only() {
        let text = "Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0\nHome-page: UNKNOWN\n\
                    Project-URL: Home Page, https://x.org\nAuthor: A B\nAuthor-email: a@b.c, d@e.f\n\
                    Requires-Dist: idna (>=2.5,<2.8)\nLicense: BSD\n\nName: Other\nLicense: GPL\n";
        let metadata = parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (metadata.name.as_str(), metadata.version.as_str()),
            ("Foo.Bar", "1.0")
        );
        assert_eq!(metadata.licenses, ["BSD"]);
        assert_eq!(metadata.homepage.as_deref(), Some("https://x.org"));
        let supplier = Party {
            name: "A B".to_owned(),
            email: Some("a@b.c".to_owned()),
            url: None,
        };
        assert_eq!(metadata.supplier, Some(supplier));
        assert_eq!(metadata.requires.len(), 1);
        assert_eq!(
            parse(b"Name: x\n"),
            Err(Fault::MissingField {
                field: "Version",
                line: 1
            })
        );
        assert_eq!(
            parse(b""),
            Err(Fault::MissingField {
                field: "Name",
                line: 1
            })
        );
    }

    #[test]
    fn licence_fields_rank() {
        let table: [(&str, &[&str]); 4] = [
            (
                "License-Expression: MIT OR Apache-2.0\nLicense: x",
                &["MIT OR Apache-2.0"],
            ),
            (
                "License: a text\n        of two lines\nClassifier: License :: OSI Approved :: MIT License",
                &["MIT License"],
            ),
            (
                "License: UNKNOWN\nClassifier: License :: Public Domain\nClassifier: License :: OSI Approved",
                &["Public Domain"],
            ),
            ("Classifier: Topic :: X", &[]),
        ];
        for (fields, expected) in table {
            let metadata = parse(format!("Name: a\nVersion: 1\n{fields}\n").as_bytes());
            assert_eq!(
                metadata.map(|m| m.licenses),
                Ok(expected.iter().map(ToString::to_string).collect()),
                "{fields}"
            );
        }
    }

    #[test]
    fn record_reads_the_first_column() {
        let text = "a/b.py,sha256=x,10\n\"a/c,\"\"d.py\",,\n../../../bin/x,sha256=y,1\n\n";
        assert_eq!(
            record(text.as_bytes()),
            ["a/b.py", "a/c,\"d.py", "../../../bin/x"]
        );
    }

    #[test]
    fn names_are_normalized() {
        assert_eq!(normalized("Foo._-Bar"), "foo-bar");
    }
}
