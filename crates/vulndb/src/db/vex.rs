//! The VEX segment: what documents state of a vulnerability in a package, with who states it and the digest of the document.
//!
//! | section | holds |
//! |---|---|
//! | 48 texts | strings: everything that is text |
//! | 49 documents | per document: format, id, issuer, SHA-256 |
//! | 50 keys | strings `package URL without version and qualifiers, NUL, id of the vulnerability`, span: its entries |
//! | 51 entries | per key: document, status, time, subject, product, justification, impact, by number of text |
//!
//! The segment repeats statements; whom to believe is decided by who asks. A product without a package URL has no key and is left out, but for the
//! components of Red Hat's platforms, which are named as their rpm packages are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::sync::OnceLock;

use jiff::Timestamp;
use toolkit_sbom::Purl;

use crate::feed::Format as Feed;
use crate::feed::text::first_line;
use crate::vex::{Document, Format, Product, Statement, Status};

use super::container::{self, Items, Malformed, Segment, once};
use super::strings::{self, Strings};
use super::varint::{Cursor, put, put_bytes};

const TEXTS: u32 = 48;
const DOCUMENTS: u32 = 49;
const KEYS: u32 = 50;
const ENTRIES: u32 = 51;
const WHAT: &str = "VEX statements";

/// Names the document that a statement is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its format.
    pub format: Format,
    /// Its id.
    pub id: String,
    /// Who issues it, as it says; nothing here proves it.
    pub issuer: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
}

/// Is what one document states of one vulnerability in one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The statement, about this vulnerability and this product alone.
    pub statement: Statement,
    /// Its document.
    pub source: Source,
}

/// Texts by number, in the order of the segment.
type Numbers<'t> = BTreeMap<&'t str, u64>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    document: u64,
    status: u8,
    time: i64,
    subject: String,
    /// The product that the subject is a component of.
    product: Option<String>,
    justification: Option<String>,
    impact: Option<String>,
}

/// The segment of everything that a build took, and how much that was.
#[derive(Default)]
pub(super) struct Assembled {
    pub(super) segment: Option<Vec<u8>>,
    pub(super) counted: BTreeMap<Feed, (u64, Option<Timestamp>)>,
}

/// Makes the segment of documents in any order; of one that comes twice, one is kept.
pub(super) fn assemble(documents: Vec<Document>) -> io::Result<Assembled> {
    let mut documents: Vec<Fed> = documents.into_iter().filter_map(Fed::of).collect();
    documents.sort_by_key(|document| document.digest);
    documents.dedup_by_key(|document| document.digest);
    if documents.is_empty() {
        return Ok(Assembled::default());
    }
    let mut counted: BTreeMap<Feed, (u64, Option<Timestamp>)> = BTreeMap::new();
    let mut keyed: BTreeMap<String, BTreeSet<Entry>> = BTreeMap::new();
    for (number, document) in (0_u64..).zip(&documents) {
        let of = counted.entry(document.feed).or_default();
        for statement in &document.statements {
            of.0 += 1;
            of.1 = of.1.max(statement.time);
            for product in &statement.products {
                for (base, entry) in entries(number, statement, product) {
                    for id in &statement.vulnerabilities {
                        keyed
                            .entry(format!("{base}\0{id}"))
                            .or_default()
                            .insert(entry.clone());
                    }
                }
            }
        }
    }
    Ok(Assembled {
        segment: Some(segment(&documents, &keyed)?),
        counted,
    })
}

/// A document with the feed format that it is counted under.
struct Fed {
    feed: Feed,
    document: Document,
}

impl Fed {
    /// CycloneDX documents speak of the bill of materials that they are in or beside: no feed publishes them, and none is taken.
    fn of(document: Document) -> Option<Self> {
        let feed = match document.format {
            Format::OpenVex => Feed::OpenVex,
            Format::Csaf => Feed::Csaf,
            Format::CycloneDx => return None,
        };
        Some(Self { feed, document })
    }
}

impl std::ops::Deref for Fed {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}

/// Makes the entries of a product: one for each package URL that the statement is about, under that URL without version and qualifiers.
fn entries(number: u64, statement: &Statement, product: &Product) -> Vec<(String, Entry)> {
    let platform = product.ids.first();
    let mut subjects: Vec<String> = product.purls().map(str::to_owned).collect();
    if subjects.is_empty()
        && product
            .ids
            .iter()
            .any(|id| id.starts_with("cpe:/o:redhat:") || id.starts_with("cpe:/a:redhat:"))
    {
        let names = product.subcomponents.iter();
        subjects.extend(
            names
                .filter(|name| !name.contains([':', '/', '@']))
                .map(|name| format!("pkg:rpm/redhat/{name}")),
        );
    }
    let text = |text: &Option<String>| text.as_deref().map(first_line);
    subjects
        .iter()
        .filter_map(|subject| {
            let purl = Purl::parse(subject).ok()?;
            let entry = Entry {
                document: number,
                status: status_number(statement.status),
                time: statement.time.map_or(0, Timestamp::as_second),
                subject: purl.as_str().to_owned(),
                product: platform
                    .filter(|_| !product.subcomponents.is_empty())
                    .cloned(),
                justification: text(&statement.justification),
                impact: text(&statement.impact),
            };
            Some((base(&purl), entry))
        })
        .collect()
}

/// Returns a package URL without version, qualifiers and subpath.
fn base(purl: &Purl) -> String {
    let text = purl.as_str();
    let end = text.find(['@', '?', '#']).unwrap_or(text.len());
    text.get(..end).unwrap_or(text).to_owned()
}

fn status_number(status: Status) -> u8 {
    match status {
        Status::NotAffected => 0,
        Status::Affected => 1,
        Status::Fixed => 2,
        Status::UnderInvestigation => 3,
    }
}

fn segment(documents: &[Fed], keyed: &BTreeMap<String, BTreeSet<Entry>>) -> io::Result<Vec<u8>> {
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    for document in documents {
        texts.extend([document.id.as_str(), document.issuer.as_str()]);
    }
    for entry in keyed.values().flatten() {
        texts.insert(&entry.subject);
        texts.extend(
            [&entry.product, &entry.justification, &entry.impact]
                .into_iter()
                .flatten()
                .map(String::as_str),
        );
    }
    let numbers: Numbers<'_> = texts.iter().copied().zip(0..).collect();
    let number = |text: &str| numbers.get(text).copied().unwrap_or_default();
    let optional = |text: &Option<String>| text.as_deref().map_or(0, |text| number(text) + 1);
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);

    let mut table = Vec::new();
    put(&mut table, count(documents.len()));
    for document in documents {
        let mut item = vec![match document.feed {
            Feed::Csaf => 1,
            _ => 0,
        }];
        put(&mut item, number(&document.id));
        put(&mut item, number(&document.issuer));
        item.extend_from_slice(&document.digest);
        put_bytes(&mut table, &item);
    }
    let (mut entries, mut spans) = (Vec::new(), Vec::with_capacity(keyed.len()));
    for list in keyed.values() {
        let start = entries.len();
        put(&mut entries, count(list.len()));
        for entry in list {
            put(&mut entries, entry.document);
            entries.push(entry.status);
            // Times before 1970 are none.
            put(&mut entries, u64::try_from(entry.time).unwrap_or(0));
            put(&mut entries, number(&entry.subject));
            for text in [&entry.product, &entry.justification, &entry.impact] {
                put(&mut entries, optional(text));
            }
        }
        spans.push(count(entries.len() - start));
    }
    let texts: Vec<&str> = texts.into_iter().collect();
    let texts = strings::write(texts.iter().map(|text| (text.as_bytes(), 0)));
    let keys: Vec<&[u8]> = keyed.keys().map(String::as_bytes).collect();
    let keys = strings::write(keys.into_iter().zip(spans));
    let mut out = Vec::new();
    container::write(
        &mut out,
        &[
            (TEXTS, &texts),
            (DOCUMENTS, &table),
            (KEYS, &keys),
            (ENTRIES, &entries),
        ],
    )?;
    Ok(out)
}

struct Loaded {
    texts: Strings,
    documents: Items,
    keys: Strings,
    entries: Vec<u8>,
}

/// Answers what is stated of a vulnerability in a package. Opening reads the header; the rest is read with the first question.
pub struct Statements {
    segment: Segment,
    loaded: OnceLock<Loaded>,
}

impl Statements {
    /// Opens a VEX segment.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub fn open(file: File) -> Result<Self, Malformed> {
        Ok(Self {
            segment: Segment::open(file)?,
            loaded: OnceLock::new(),
        })
    }

    fn load(&self) -> Result<&Loaded, Malformed> {
        once(&self.loaded, || {
            Ok(Loaded {
                texts: Strings::open(self.segment.section(TEXTS)?, WHAT)?,
                documents: Items::open(self.segment.section(DOCUMENTS)?, WHAT)?,
                keys: Strings::open(self.segment.section(KEYS)?, WHAT)?,
                entries: self.segment.section(ENTRIES)?,
            })
        })
    }

    /// Returns what is stated of the vulnerability with this id in a package, whatever its version; `package` is a canonical package URL, of
    /// which version and qualifiers do not count.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn of(&self, package: &Purl, id: &str) -> Result<Vec<Stated>, Malformed> {
        let broken = || Malformed::Section { section: WHAT };
        let loaded = self.load()?;
        let key = format!("{}\0{id}", base(package));
        let Some((_, span)) = loaded.keys.find(key.as_bytes())? else {
            return Ok(Vec::new());
        };
        let (from, to) = (
            usize::try_from(span.start).map_err(|_| broken())?,
            usize::try_from(span.end).map_err(|_| broken())?,
        );
        let mut cursor = Cursor::new(loaded.entries.get(from..to).ok_or_else(broken)?, WHAT);
        let count = cursor.count()?;
        (0..count).map(|_| loaded.stated(&mut cursor, id)).collect()
    }
}

impl Loaded {
    fn text(&self, number: u64) -> Result<String, Malformed> {
        self.texts
            .text(usize::try_from(number).unwrap_or(usize::MAX))
    }

    fn optional(&self, cursor: &mut Cursor<'_>) -> Result<Option<String>, Malformed> {
        let number = cursor.number()?.checked_sub(1);
        number.map(|number| self.text(number)).transpose()
    }

    fn source(&self, number: u32) -> Result<Source, Malformed> {
        let broken = || Malformed::Section { section: WHAT };
        let mut cursor = self.documents.get(number)?;
        Ok(Source {
            format: match cursor.byte()? {
                0 => Format::OpenVex,
                1 => Format::Csaf,
                _ => return Err(broken()),
            },
            id: self.text(cursor.number()?)?,
            issuer: self.text(cursor.number()?)?,
            digest: cursor.take(32)?.try_into().map_err(|_| broken())?,
        })
    }

    fn stated(&self, cursor: &mut Cursor<'_>, id: &str) -> Result<Stated, Malformed> {
        let broken = || Malformed::Section { section: WHAT };
        let source = self.source(cursor.small()?)?;
        let status = match cursor.byte()? {
            0 => Status::NotAffected,
            1 => Status::Affected,
            2 => Status::Fixed,
            3 => Status::UnderInvestigation,
            _ => return Err(broken()),
        };
        let seconds = i64::try_from(cursor.number()?).map_err(|_| broken())?;
        let time = match seconds {
            0 => None,
            seconds => Some(Timestamp::from_second(seconds).map_err(|_| broken())?),
        };
        let subject = self.text(cursor.number()?)?;
        let product = match self.optional(cursor)? {
            Some(product) => Product {
                ids: vec![product],
                subcomponents: vec![subject],
            },
            None => Product {
                ids: vec![subject],
                subcomponents: Vec::new(),
            },
        };
        Ok(Stated {
            statement: Statement {
                vulnerabilities: vec![id.to_owned()],
                products: vec![product],
                status,
                justification: self.optional(cursor)?,
                impact: self.optional(cursor)?,
                action: None,
                issuer: source.issuer.clone(),
                time,
            },
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{csaf, openvex};
    use std::io::{Seek, Write};

    const OPENVEX: &str = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"urn:one","author":"Canonical Ltd.","timestamp":"2024-01-01T00:00:00Z","statements":[
        {"vulnerability":{"name":"CVE-1","aliases":["GHSA-1"]},"products":[{"@id":"pkg:deb/ubuntu/curl@7.1?distro=esm-infra/trusty"},{"@id":"https://example.com/x"}],"status":"not_affected","justification":"component_not_present"},
        {"vulnerability":{"name":"CVE-2"},"products":[{"@id":"pkg:oci/a","subcomponents":["pkg:npm/x@1"]}],"status":"affected"}]}"#;
    const CSAF: &str = r#"{"document":{"csaf_version":"2.0","publisher":{"name":"Red Hat Product Security"},"tracking":{"id":"X","current_release_date":"2024-02-01T00:00:00Z"}},
        "product_tree":{"branches":[{"product":{"product_id":"rhel9","product_identification_helper":{"cpe":"cpe:/o:redhat:enterprise_linux:9"}}},{"product":{"product_id":"kernel"}}],
        "relationships":[{"full_product_name":{"product_id":"rhel9:kernel"},"product_reference":"kernel","relates_to_product_reference":"rhel9"}]},
        "vulnerabilities":[{"cve":"CVE-1","product_status":{"known_not_affected":["rhel9:kernel"]},"flags":[{"label":"vulnerable_code_not_present","product_ids":["rhel9:kernel"]}]}]}"#;

    fn built(backwards: bool) -> Vec<u8> {
        let mut documents = vec![
            openvex::parse(OPENVEX.as_bytes()).expect("a document"),
            csaf::parse(CSAF.as_bytes()).expect("a document"),
            openvex::parse(OPENVEX.as_bytes()).expect("a document"),
        ];
        if backwards {
            documents.reverse();
        }
        let assembled = assemble(documents).expect("a segment");
        assert_eq!(assembled.counted[&Feed::OpenVex].0, 2, "one copy counts");
        assembled.segment.expect("a segment")
    }

    fn open(bytes: &[u8]) -> Result<Statements, Malformed> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file.rewind().expect("rewound");
        Statements::open(file)
    }

    fn purl(text: &str) -> Purl {
        Purl::parse(text).expect("a package URL")
    }

    #[test]
    fn statements_are_found_by_package_and_any_id() {
        let bytes = built(false);
        assert_eq!(bytes, built(true), "whatever the order");
        let statements = open(&bytes).expect("a segment");
        for id in ["CVE-1", "GHSA-1"] {
            let found = statements
                .of(&purl("pkg:deb/ubuntu/curl@9"), id)
                .expect("a search");
            let [one] = &found[..] else {
                panic!("{found:?}")
            };
            assert!(one.statement.suppresses() && one.statement.is_about([id].into_iter()));
            assert_eq!(
                (one.source.issuer.as_str(), one.source.id.as_str()),
                ("Canonical Ltd.", "urn:one")
            );
            assert_eq!(
                one.statement.products[0].ids,
                ["pkg:deb/ubuntu/curl@7.1?distro=esm-infra%2Ftrusty"]
            );
        }
        let part = statements
            .of(&purl("pkg:npm/x@1"), "CVE-2")
            .expect("a search");
        assert_eq!(part[0].statement.products[0].ids, ["pkg:oci/a"]);
        assert_eq!(part[0].statement.status, Status::Affected);
        let kernel = statements
            .of(&purl("pkg:rpm/redhat/kernel@5"), "CVE-1")
            .expect("a search");
        assert_eq!(
            kernel[0].statement.products[0].ids,
            ["cpe:/o:redhat:enterprise_linux:9"]
        );
        let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(CSAF.as_bytes()).into();
        assert_eq!(kernel[0].source.digest, digest);
        for (package, id) in [
            ("pkg:deb/ubuntu/curl", "CVE-2"),
            ("pkg:deb/debian/curl", "CVE-1"),
            ("pkg:oci/a", "CVE-2"),
        ] {
            assert_eq!(
                statements.of(&purl(package), id).expect("a search"),
                [],
                "{package} {id}"
            );
        }
    }

    #[test]
    fn no_byte_of_it_can_break_the_reader() {
        let bytes = built(false);
        let mut refused = 0;
        for position in 12..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut broken = bytes.clone();
                broken[position] = value;
                let Ok(statements) = open(&broken) else {
                    refused += 1;
                    continue;
                };
                for (package, id) in [
                    ("pkg:deb/ubuntu/curl", "CVE-1"),
                    ("pkg:rpm/redhat/kernel", "CVE-1"),
                    ("pkg:npm/x", "CVE-2"),
                ] {
                    refused += usize::from(statements.of(&purl(package), id).is_err());
                }
            }
        }
        assert!(refused > 100, "{refused}");
    }
}
