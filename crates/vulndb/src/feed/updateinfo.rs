//! Amazon Linux advisories in `updateinfo.xml`, the form of RPM repositories (createrepo_c, `updateinfo`).
//!
//! An advisory lists binary packages with architecture, epoch, version and release. Entities other than XML's own five and numbers are refused, a document
//! type is not looked at.
//!
//! Amazon Linux 2 has repositories beside the core one (extras) whose packages bear the names of core packages in another version, `kernel` 5.10 beside 4.14.
//! The installed package does not tell its repository. Where the repository is named after a version and the fix is of that version
//! (`kernel-5.10`, `php8.0`), the range begins there, so that the core package of the same name is not touched.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha2::{Digest as _, Sha256};

use crate::advisory::{Advisory, Class, Feed};
use crate::affected::{Affected, End, FixState, Interval};
use crate::ecosystem::{Ecosystem, Family};
use crate::severity::Severity;

use super::error::{Error, start, within};
use super::text::{attribute, first_line, moment};

/// A document of this size is read; Amazon Linux 2023's of 2025 has 11 MB.
pub const MAX_DOCUMENT: usize = 256 << 20;
/// Packages of one advisory; the largest of 2025 has 1,001.
const MAX_PACKAGES: usize = 100_000;
/// Bytes kept of a text that is looked at.
const MAX_TEXT: usize = 4096;

/// Epoch, version and release with the architectures that have it.
type Builds = BTreeMap<(String, String, String, String), BTreeSet<String>>;

#[derive(Default)]
struct Update {
    id: String,
    title: String,
    issued: String,
    updated: String,
    severity: String,
    collection: String,
    references: Vec<(String, String, String)>,
    /// By name, epoch, version and release.
    packages: Builds,
}

/// Reads every advisory of one document, in its order.
///
/// # Errors
///
/// [`Error`] where it is too large, not well-formed, no updateinfo, or of a distribution that is not Amazon's.
pub fn parse(bytes: &[u8]) -> Result<Vec<Advisory>, Error> {
    within(bytes, MAX_DOCUMENT)?;
    let mut reader = Reader::from_str(std::str::from_utf8(bytes)?);
    let mut out = Vec::new();
    let mut update: Option<Update> = None;
    let (mut text, mut begins, mut root) = (String::new(), 0, false);
    loop {
        let position = reader.buffer_position();
        let event = reader
            .read_event()
            .map_err(|source| Error::Xml { position, source })?;
        match event {
            Event::Start(tag) | Event::Empty(tag) if !root => {
                if tag.name().as_ref() != "updates" {
                    return Err(Error::Value {
                        what: "the root element",
                        found: start(tag.name().as_ref()),
                        expected: "updates",
                    });
                }
                root = true;
            }
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "update" => {
                begins = position;
                update = Some(Update::default());
            }
            Event::Start(tag) | Event::Empty(tag) => {
                text.clear();
                if let Some(update) = &mut update {
                    update.open(&tag, position)?;
                }
            }
            Event::Text(part) => push(&mut text, &part.xml10_content()),
            Event::CData(part) => push(&mut text, &part.xml10_content()),
            Event::GeneralRef(entity) => {
                let xml = |source| Error::Xml { position, source };
                match entity.resolve_char_ref().map_err(xml)? {
                    Some(character) => push(&mut text, character.encode_utf8(&mut [0; 4])),
                    None => match quick_xml::escape::resolve_predefined_entity(&entity) {
                        Some(value) => push(&mut text, value),
                        None => {
                            return Err(Error::Value {
                                what: "an entity",
                                found: start(&entity),
                                expected: "one of XML's own",
                            });
                        }
                    },
                }
            }
            Event::End(tag) => match (tag.name().as_ref(), &mut update) {
                ("update", slot) => {
                    if let Some(update) = slot.take() {
                        let end = reader.buffer_position();
                        out.push(update.advisory(raw(bytes, begins, end))?);
                    }
                }
                ("id", Some(update)) => update.id = text.trim().to_owned(),
                ("title", Some(update)) => update.title = first_line(&text),
                ("severity", Some(update)) => update.severity = text.trim().to_owned(),
                _ => {}
            },
            Event::Eof if root && update.is_none() => return Ok(out),
            Event::Eof => {
                return Err(Error::Missing {
                    what: "the end",
                    place: "the document".to_owned(),
                });
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn push(text: &mut String, part: &str) {
    let room = MAX_TEXT.saturating_sub(text.len());
    let mut end = part.len().min(room);
    while !part.is_char_boundary(end) {
        end -= 1;
    }
    text.push_str(part.get(..end).unwrap_or_default());
}

fn raw(bytes: &[u8], begins: u64, end: u64) -> &[u8] {
    let place = |position| usize::try_from(position).unwrap_or(usize::MAX);
    bytes.get(place(begins)..place(end)).unwrap_or_default()
}

impl Update {
    fn open(&mut self, tag: &BytesStart<'_>, position: u64) -> Result<(), Error> {
        let get = |name| attribute(tag, name, position);
        match tag.name().as_ref() {
            "issued" => self.issued = get("date")?,
            "updated" => self.updated = get("date")?,
            "reference" => self
                .references
                .push((get("type")?, get("id")?, get("href")?)),
            "collection" => self.collection = get("short")?,
            "package" => {
                let (name, version) = (get("name")?, get("version")?);
                for (what, value) in [("the name", &name), ("the version", &version)] {
                    if value.is_empty() {
                        return Err(Error::Missing {
                            what,
                            place: format!("a package of {}", start(&self.id)),
                        });
                    }
                }
                let epoch = match get("epoch")? {
                    epoch if epoch.is_empty() => "0".to_owned(),
                    epoch => epoch,
                };
                let build = (name, epoch, version, get("release")?);
                self.packages.entry(build).or_default().insert(get("arch")?);
                if self.packages.len() > MAX_PACKAGES {
                    return Err(Error::TooMany {
                        what: "packages in one advisory",
                        limit: MAX_PACKAGES,
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn advisory(self, raw: &[u8]) -> Result<Advisory, Error> {
        if self.id.is_empty() {
            return Err(Error::Missing {
                what: "the id",
                place: "an advisory".to_owned(),
            });
        }
        let (release, topic) = release(&self.collection).ok_or_else(|| Error::Value {
            what: "the collection",
            found: start(&self.collection),
            expected: "one of Amazon Linux",
        })?;
        let mut affected = Vec::with_capacity(self.packages.len());
        for ((name, epoch, version, build), architectures) in self.packages {
            let ecosystem = Ecosystem::release(Family::Amazon, release);
            let mut row = Affected::new(ecosystem, &name);
            row.fix = FixState::Fixed;
            row.intervals.push(Interval {
                start: topic
                    .and_then(|topic| stream(topic, &version))
                    .map(|stream| format!("{epoch}:{stream}")),
                end: End::Fixed(format!("{epoch}:{version}-{build}")),
            });
            // A package without architecture is installed on all.
            if !architectures.contains("noarch") {
                row.architectures = architectures.into_iter().collect();
            }
            affected.push(row);
        }
        let mut related: Vec<String> = self
            .references
            .iter()
            .filter(|(kind, id, _)| kind == "cve" && id.bytes().any(|byte| byte.is_ascii_digit()))
            .map(|(_, id, _)| id.clone())
            .collect();
        related.sort_unstable();
        related.dedup();
        Ok(Advisory {
            feed: Feed::Amazon,
            id: self.id,
            class: Class::Vulnerability,
            aliases: Vec::new(),
            upstream: Vec::new(),
            related,
            published: moment(&self.issued),
            modified: moment(&self.updated),
            withdrawn: None,
            summary: self.title,
            cvss: Vec::new(),
            label: Severity::from_word(&self.severity),
            cwes: Vec::new(),
            references: Vec::new(),
            digest: Sha256::digest(raw).into(),
            affected,
        })
    }
}

/// Returns the release of a collection, and the repository beside the core one: `amazon-linux-2---kernel-5.10`.
fn release(collection: &str) -> Option<(&'static str, Option<&str>)> {
    let (name, topic) = match collection.split_once("---") {
        Some((name, topic)) => (name, Some(topic)),
        None => (collection, None),
    };
    let release = match name {
        // Both names of the first Amazon Linux.
        "amazon-linux-ami" | "amazon-linux" => "1",
        "amazon-linux-2" => "2",
        "amazon-linux-2022" => "2022",
        "amazon-linux-2023" => "2023",
        _ => return None,
    };
    Some((release, topic))
}

/// Returns the version in the name of a repository if `version` belongs to it.
fn stream<'a>(topic: &'a str, version: &str) -> Option<&'a str> {
    let name = topic.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.');
    let stream = topic.strip_prefix(name)?;
    let rest = version.strip_prefix(stream)?;
    let whole = !stream.is_empty() && (rest.is_empty() || rest.starts_with('.'));
    whole.then_some(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Scheme;

    fn document(collection: &str, packages: &str) -> String {
        format!(
            r#"<?xml version="1.0" ?>
<updates><update type="security" version="1.4"><id>ALAS2-2021-1</id><title>Amazon Linux 2 - ALAS2-2021-1: &lt;medium&gt; update for x</title>
<issued date="2021-10-19 18:50:00" /><updated date="2021-11-18 21:30:00" /><severity>medium</severity><description>a &amp; b</description>
<references><reference href="h" id="CVE-2021-1" title="" type="cve" /><reference href="h" id="CVE-PENDING" title="" type="cve" />
<reference href="h" id="RHSA-2021:1" title="" type="redhat" /></references>
<pkglist><collection short="{collection}"><name>n</name>{packages}</collection></pkglist></update></updates>"#
        )
    }

    fn package(arch: &str, epoch: u32, name: &str, version: &str) -> String {
        format!(
            r#"<package arch="{arch}" epoch="{epoch}" name="{name}" release="1.amzn2" version="{version}"><filename>f</filename></package>"#
        )
    }

    #[test]
    fn an_advisory_is_read_whole() {
        let packages = [
            package("x86_64", 1, "one", "2.0"),
            package("aarch64", 1, "one", "2.0"),
            package("noarch", 0, "two", "3.0"),
            package("x86_64", 0, "two", "3.0"),
        ];
        let found =
            parse(document("amazon-linux-2", &packages.concat()).as_bytes()).expect("a document");
        let [advisory] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (advisory.id.as_str(), advisory.label, &advisory.related[..]),
            (
                "ALAS2-2021-1",
                Some(Severity::Medium),
                &["CVE-2021-1".to_owned()][..]
            )
        );
        assert_eq!(
            advisory.summary,
            "Amazon Linux 2 - ALAS2-2021-1: <medium> update for x"
        );
        assert_eq!(
            advisory.modified.map(|time| time.to_string()).as_deref(),
            Some("2021-11-18T21:30:00Z")
        );
        let [one, two] = &advisory.affected[..] else {
            panic!("{:?}", advisory.affected)
        };
        assert_eq!(one.ecosystem.to_string(), "Amazon Linux:2");
        assert_eq!(
            (one.intervals[0].start.as_deref(), &one.intervals[0].end),
            (None, &End::Fixed("1:2.0-1.amzn2".into()))
        );
        assert_eq!(
            (one.architectures.as_slice(), two.architectures.len()),
            (&["aarch64".to_owned(), "x86_64".to_owned()][..], 0)
        );
    }

    #[test]
    fn a_repository_of_one_version_leaves_the_core_package_alone() {
        let packages = [
            package("x86_64", 0, "kernel", "5.10.50"),
            package("x86_64", 0, "bpf-tool", "1.0"),
        ]
        .concat();
        let found = parse(document("amazon-linux-2---kernel-5.10", &packages).as_bytes())
            .expect("a document");
        let [other, kernel] = &found[0].affected[..] else {
            panic!("{found:?}")
        };
        assert_eq!(other.intervals[0].start, None);
        assert_eq!(kernel.intervals[0].start.as_deref(), Some("0:5.10"));
        let below = |version| {
            Scheme::Rpm
                .compare(version, "0:5.10")
                .expect("versions")
                .is_lt()
        };
        assert!(
            below("0:4.14.200-1.amzn2") && !below("0:5.10.1-1.amzn2") && !below("0:5.15.1-1.amzn2")
        );
        for (topic, version, expected) in [
            ("php8.0", "8.0.30", Some("8.0")),
            ("postgresql14", "14.9", Some("14")),
            ("docker", "20.1", None),
            ("nginx1", "12.0", None),
        ] {
            assert_eq!(stream(topic, version), expected, "{topic}");
        }
    }

    #[test]
    fn foreign_documents_are_refused() {
        assert!(matches!(
            parse(b"<rss/>"),
            Err(Error::Value {
                what: "the root element",
                ..
            })
        ));
        assert!(matches!(
            parse(b""),
            Err(Error::Missing {
                what: "the end",
                ..
            })
        ));
        assert!(matches!(
            parse(b"<updates><update>"),
            Err(Error::Missing { .. } | Error::Xml { .. })
        ));
        assert!(matches!(
            parse(b"<updates></update>"),
            Err(Error::Xml { .. })
        ));
        assert!(matches!(
            parse(b"<updates><update></update></updates>"),
            Err(Error::Missing { what: "the id", .. })
        ));
        assert!(matches!(
            parse(document("fedora", "").as_bytes()),
            Err(Error::Value {
                what: "the collection",
                ..
            })
        ));
        let bomb = format!(
            "<!DOCTYPE u [<!ENTITY a \"b\">]>{}",
            document("amazon-linux-2", "")
                .trim_start_matches("<?xml version=\"1.0\" ?>\n")
                .replace("&amp;", "&a;")
        );
        assert!(matches!(
            parse(bomb.as_bytes()),
            Err(Error::Value {
                what: "an entity",
                ..
            })
        ));
        assert!(matches!(
            parse(document("amazon-linux-2", "<package/>").as_bytes()),
            Err(Error::Missing {
                what: "the name",
                ..
            })
        ));
        assert!(matches!(parse(&[0xff]), Err(Error::Text(_))));
    }
}
