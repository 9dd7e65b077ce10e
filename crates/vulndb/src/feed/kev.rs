//! CISA's catalogue of known exploited vulnerabilities (`known_exploited_vulnerabilities.json`).

use jiff::civil::Date;
use serde::Deserialize;

use super::error::{Error, json, start, within};

/// A catalogue of this size is read; that of August 2025 has 1.3 MB.
pub const MAX_CATALOGUE: usize = 64 << 20;

/// One entry: a vulnerability that is exploited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// The CVE id.
    pub cve: String,
    /// When it was added.
    pub added: Date,
    /// Until when United States agencies must act.
    pub due: Option<Date>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// The catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Its version, a date: `2025.08.25`.
    pub version: String,
    /// When it was released, as it says.
    pub released: String,
    /// Its entries, in its order.
    pub entries: Vec<Known>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    catalog_version: String,
    #[serde(default)]
    date_released: String,
    count: Option<usize>,
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "cveID")]
    cve: String,
    #[serde(rename = "dateAdded")]
    added: String,
    #[serde(rename = "dueDate")]
    due: Option<String>,
    #[serde(rename = "knownRansomwareCampaignUse")]
    ransomware: Option<String>,
}

/// Reads a catalogue.
///
/// # Errors
///
/// [`Error`] where it is too large, no catalogue, has a date that is none, or holds another number of entries than its `count`.
pub fn parse(bytes: &[u8]) -> Result<Catalogue, Error> {
    within(bytes, MAX_CATALOGUE)?;
    let raw: Raw = json(bytes, "KEV catalogue")?;
    if let Some(announced) = raw
        .count
        .filter(|count| *count != raw.vulnerabilities.len())
    {
        return Err(Error::Count {
            what: "vulnerabilities",
            announced,
            found: raw.vulnerabilities.len(),
        });
    }
    let date = |what: &'static str, text: &str| {
        text.parse::<Date>().map_err(|_| Error::Value {
            what,
            found: start(text),
            expected: "a date",
        })
    };
    let mut entries = Vec::with_capacity(raw.vulnerabilities.len());
    for entry in raw.vulnerabilities {
        entries.push(Known {
            added: date("dateAdded", &entry.added)?,
            due: entry
                .due
                .as_deref()
                .filter(|due| !due.is_empty())
                .map(|due| date("dueDate", due))
                .transpose()?,
            ransomware: entry.ransomware.as_deref() == Some("Known"),
            cve: entry.cve,
        });
    }
    Ok(Catalogue {
        version: raw.catalog_version,
        released: raw.date_released,
        entries,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(count: usize, added: &str) -> String {
        format!(
            r#"{{"catalogVersion":"2025.08.25","dateReleased":"2025-08-25T17:04:19Z","count":{count},"vulnerabilities":[
                {{"cveID":"CVE-2021-1","dateAdded":"{added}","dueDate":"","knownRansomwareCampaignUse":"Known"}},
                {{"cveID":"CVE-2021-2","dateAdded":"2021-12-10","dueDate":"2021-12-24","knownRansomwareCampaignUse":"Unknown"}}]}}"#
        )
    }

    #[test]
    fn a_catalogue_is_read() {
        let found = parse(catalogue(2, "2021-11-03").as_bytes()).expect("a catalogue");
        assert_eq!(found.version, "2025.08.25");
        let [one, two] = &found.entries[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (one.due, one.ransomware, two.ransomware),
            (None, true, false)
        );
        assert_eq!(
            (two.added, two.due),
            (
                jiff::civil::date(2021, 12, 10),
                Some(jiff::civil::date(2021, 12, 24))
            )
        );
    }

    #[test]
    fn a_cut_or_odd_catalogue_is_refused() {
        assert!(matches!(
            parse(catalogue(3, "2021-11-03").as_bytes()),
            Err(Error::Count {
                announced: 3,
                found: 2,
                ..
            })
        ));
        assert!(matches!(
            parse(catalogue(2, "soon").as_bytes()),
            Err(Error::Value {
                what: "dateAdded",
                ..
            })
        ));
        assert!(matches!(parse(b"{}"), Err(Error::Json { .. })));
    }
}
