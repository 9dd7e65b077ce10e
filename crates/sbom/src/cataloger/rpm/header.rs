//! One package header of an rpm database.
//!
//! Implements the header structure of rpm's `lib/header.c` and "RPM Package format" (rpm.org, v4): index entries of four
//! big-endian words, then the store. In a database the header has no magic. Signatures and digests are not looked at: they
//! covered the package file, not the installed files.

use crate::inventory::Fault;
use crate::package::SourcePackage;

/// Is what a header says about an installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// `NAME`.
    pub name: String,
    /// `VERSION`.
    pub version: String,
    /// `RELEASE`.
    pub release: String,
    /// `EPOCH`; none counts as 0.
    pub epoch: Option<u32>,
    /// `ARCH`.
    pub architecture: Option<String>,
    /// `LICENSE`, as declared.
    pub license: Option<String>,
    /// `SOURCERPM`, a file name.
    pub source_rpm: Option<String>,
    /// `VENDOR`.
    pub vendor: Option<String>,
    /// `SUMMARY`, in the first language.
    pub summary: Option<String>,
    /// `URL`.
    pub url: Option<String>,
    /// `MODULARITYLABEL`.
    pub modularity_label: Option<String>,
    /// `PROVIDENAME`.
    pub provides: Vec<String>,
    /// `REQUIRENAME`, without what rpm itself provides (`rpmlib(…)`).
    pub requires: Vec<String>,
    /// Absolute paths of its files.
    pub files: Vec<String>,
}

impl Header {
    /// Returns `version-release`.
    #[must_use]
    pub fn version_release(&self) -> String {
        format!("{}-{}", self.version, self.release)
    }

    /// Returns the source package that `SOURCERPM` names: `name-version-release.src.rpm`.
    #[must_use]
    pub fn source(&self) -> Option<SourcePackage> {
        let file = self.source_rpm.as_deref()?;
        let stem = file
            .strip_suffix(".nosrc.rpm")
            .or_else(|| file.strip_suffix(".src.rpm"))?;
        let mut parts = stem.rsplitn(3, '-');
        let (release, version, name) = (parts.next()?, parts.next()?, parts.next()?);
        Some(SourcePackage {
            name: name.to_owned(),
            version: Some(format!("{version}-{release}")),
        })
    }
}

/// Reads a header.
///
/// # Errors
/// [`Fault`] where the structure is broken, larger than rpm allows, or has no name, version or release.
pub fn parse(bytes: &[u8]) -> Result<Header, Fault> {
    let store = Store::open(bytes)?;
    let string = |tag| Ok::<_, Fault>(store.strings(tag)?.into_iter().next());
    let required = |tag, field| {
        string(tag)?
            .filter(|s| !s.is_empty())
            .ok_or(Fault::MissingField { field, line: 1 })
    };
    let requires = store
        .strings(1049)?
        .into_iter()
        .filter(|name| !name.starts_with("rpmlib("))
        .collect();
    Ok(Header {
        name: required(1000, "NAME")?,
        version: required(1001, "VERSION")?,
        release: required(1002, "RELEASE")?,
        epoch: store.integers(1003)?.first().copied(),
        summary: string(1004)?,
        vendor: string(1011)?,
        license: string(1014)?,
        url: string(1020)?,
        architecture: string(1022)?,
        source_rpm: string(1044)?,
        provides: store.strings(1047)?,
        requires,
        modularity_label: string(5096)?,
        files: files(&store)?,
    })
}

/// Joins `DIRNAMES[DIRINDEXES[i]]` and `BASENAMES[i]`.
fn files(store: &Store<'_>) -> Result<Vec<String>, Fault> {
    let folders = store.strings(1118)?;
    let names = store.strings(1117)?;
    let mut out = Vec::with_capacity(names.len());
    let mut total = 0;
    for (name, index) in names.iter().zip(store.integers(1116)?) {
        let folder = usize::try_from(index)
            .ok()
            .and_then(|i| folders.get(i))
            .ok_or(Fault::Malformed {
                what: "directory index of a file",
                offset: 0,
            })?;
        // A long folder name that many files share would multiply.
        total += folder.len() + name.len();
        if total > MAX_PATHS {
            return Err(Fault::TooMany {
                what: "bytes of file names in one package",
                limit: 1 << 28,
            });
        }
        out.push(format!("{folder}{name}"));
    }
    Ok(out)
}

/// Is one index entry: tag, type, offset in the store, count.
type Entry = (u32, u32, usize, usize);

/// Is what an entry points at: type, the store from there on, count.
type Item<'a> = (u32, &'a [u8], usize);

struct Store<'a> {
    index: Vec<Entry>,
    data: &'a [u8],
}

impl<'a> Store<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        let truncated = Fault::Truncated {
            what: "rpm header",
            offset: 0,
        };
        let (Some(entries), Some(size)) = (word(bytes, 0), word(bytes, 4)) else {
            return Err(truncated);
        };
        if entries > MAX_ENTRIES {
            return Err(Fault::TooMany {
                what: "tags in an rpm header",
                limit: u64::from(MAX_ENTRIES),
            });
        }
        if size > MAX_DATA {
            return Err(Fault::TooLarge {
                what: "store of an rpm header",
                limit: u64::from(MAX_DATA),
                found: u64::from(size),
            });
        }
        let entries = usize::try_from(entries).unwrap_or(usize::MAX);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let start = entries.saturating_mul(16).saturating_add(8);
        let (Some(index), Some(data)) = (
            bytes.get(8..start),
            bytes.get(start..start.saturating_add(size)),
        ) else {
            return Err(truncated);
        };
        let index = index
            .chunks_exact(16)
            .filter_map(|entry| {
                let offset = usize::try_from(word(entry, 8)?).ok()?;
                let count = usize::try_from(word(entry, 12)?).ok()?;
                Some((word(entry, 0)?, word(entry, 4)?, offset, count))
            })
            .collect();
        Ok(Self { index, data })
    }

    /// Returns the kind, bytes and count of the first entry with this tag.
    fn entry(&self, tag: u32) -> Result<Option<Item<'a>>, Fault> {
        let Some(&(_, kind, offset, count)) = self.index.iter().find(|e| e.0 == tag) else {
            return Ok(None);
        };
        match self.data.get(offset..) {
            Some(data) => Ok(Some((kind, data, count))),
            None => Err(broken(offset)),
        }
    }

    fn strings(&self, tag: u32) -> Result<Vec<String>, Fault> {
        let Some((kind, mut data, count)) = self.entry(tag)? else {
            return Ok(Vec::new());
        };
        // STRING is one, STRING_ARRAY and I18NSTRING are as many as counted.
        let count = match kind {
            6 => 1,
            8 | 9 => count,
            _ => return Err(broken(self.data.len() - data.len())),
        };
        let mut out = Vec::new();
        for _ in 0..count {
            let Some(end) = data.iter().position(|b| *b == 0) else {
                return Err(broken(self.data.len() - data.len()));
            };
            let (text, rest) = data.split_at(end);
            out.push(String::from_utf8_lossy(text).into_owned());
            data = rest.get(1..).unwrap_or_default();
        }
        Ok(out)
    }

    fn integers(&self, tag: u32) -> Result<Vec<u32>, Fault> {
        let Some((kind, data, count)) = self.entry(tag)? else {
            return Ok(Vec::new());
        };
        let offset = self.data.len() - data.len();
        let bytes = count.checked_mul(4).and_then(|n| data.get(..n));
        match bytes {
            Some(bytes) if kind == 4 => {
                Ok(bytes.chunks_exact(4).filter_map(|b| word(b, 0)).collect())
            }
            _ => Err(broken(offset)),
        }
    }
}

fn broken(offset: usize) -> Fault {
    Fault::Malformed {
        what: "value in the store of an rpm header",
        offset: u64::try_from(offset).unwrap_or(u64::MAX),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// `HEADER_TAGS_MAX` and `HEADER_DATA_MAX` of rpm's `lib/header_internal.h`.
const MAX_ENTRIES: u32 = 0xffff;
const MAX_DATA: u32 = 0x0fff_ffff;
/// As large as the store may be.
const MAX_PATHS: usize = 1 << 28;

#[cfg(test)]
mod tests {
    use super::*;

    enum Data<'a> {
        Text(&'a str),
        Texts(&'a [&'a str]),
        Numbers(&'a [u32]),
    }

    fn header(tags: &[(u32, Data<'_>)]) -> Vec<u8> {
        let (mut index, mut data) = (Vec::new(), Vec::new());
        for (tag, value) in tags {
            while data.len() % 4 != 0 {
                data.push(0);
            }
            let offset = data.len();
            let (kind, count) = match value {
                Data::Text(text) => {
                    data.extend([text.as_bytes(), b"\0"].concat());
                    (6, 1)
                }
                Data::Texts(texts) => {
                    texts
                        .iter()
                        .for_each(|t| data.extend([t.as_bytes(), b"\0"].concat()));
                    (8, texts.len())
                }
                Data::Numbers(numbers) => {
                    numbers.iter().for_each(|n| data.extend(n.to_be_bytes()));
                    (4, numbers.len())
                }
            };
            for word in [
                *tag,
                kind,
                u32::try_from(offset).unwrap_or(0),
                u32::try_from(count).unwrap_or(0),
            ] {
                index.extend(word.to_be_bytes());
            }
        }
        let words = [tags.len(), data.len()].map(|n| u32::try_from(n).unwrap_or(0).to_be_bytes());
        [words.concat(), index, data].concat()
    }

    const NEVR: [(u32, Data<'_>); 3] = [
        (1000, Data::Text("bash")),
        (1001, Data::Text("5.2")),
        (1002, Data::Text("1.el9")),
    ];

    #[test]
    fn parse_reads_the_tags() {
        let mut tags = Vec::from(NEVR);
        tags.extend([
            (1003, Data::Numbers(&[2])),
            (1044, Data::Text("my-bash-5.2-1.el9.src.rpm")),
            (
                1049,
                Data::Texts(&["libc.so.6()(64bit)", "rpmlib(X)", "/bin/sh"]),
            ),
            (1116, Data::Numbers(&[0, 1])),
            (1117, Data::Texts(&["bash", "sh"])),
            (1118, Data::Texts(&["/usr/bin/", "/bin/"])),
        ]);
        let header = parse(&header(&tags)).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (
                header.name.as_str(),
                header.version_release().as_str(),
                header.epoch
            ),
            ("bash", "5.2-1.el9", Some(2))
        );
        assert_eq!(header.requires, ["libc.so.6()(64bit)", "/bin/sh"]);
        assert_eq!(header.files, ["/usr/bin/bash", "/bin/sh"]);
        let source = SourcePackage {
            name: "my-bash".to_owned(),
            version: Some("5.2-1.el9".to_owned()),
        };
        assert_eq!(header.source(), Some(source));
    }

    #[test]
    fn parse_says_what_is_wrong() {
        let good = header(&NEVR);
        assert!(parse(&good).is_ok());
        assert_eq!(
            parse(&good[..4]),
            Err(Fault::Truncated {
                what: "rpm header",
                offset: 0
            })
        );
        assert_eq!(
            parse(&good[..good.len() - 1]),
            Err(Fault::Truncated {
                what: "rpm header",
                offset: 0
            })
        );
        assert_eq!(
            parse(&header(&NEVR[..2])),
            Err(Fault::MissingField {
                field: "RELEASE",
                line: 1
            })
        );
        let mut many = good.clone();
        many[1] = 1;
        assert_eq!(
            parse(&many),
            Err(Fault::TooMany {
                what: "tags in an rpm header",
                limit: 65_535
            })
        );
        let mut large = good.clone();
        large[4] = 0x10;
        assert!(matches!(
            parse(&large),
            Err(Fault::TooLarge {
                what: "store of an rpm header",
                ..
            })
        ));
        // The offset of NAME points behind the store.
        let mut outside = good;
        outside[8 + 8] = 1;
        assert!(matches!(parse(&outside), Err(Fault::Malformed { .. })));
    }
}
