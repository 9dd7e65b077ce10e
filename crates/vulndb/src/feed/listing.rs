//! The lists that some publishers keep of their own files: Alpine's folder listing, and of Amazon Linux the mirror lists, `repomd.xml` (createrepo_c) and the
//! catalogue of extras.
//!
//! Names from a list become parts of addresses and paths, so only plain ones are taken. Nothing is asked or opened here.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;

use super::error::{Error, json, start, within};
use super::text::attribute;

/// A list of this size is read; the largest of 2025, Amazon's catalogue of extras, has 60 kB.
pub const MAX_LIST: usize = 1 << 20;
/// Names of one list that are taken; Amazon had 77 extras in 2025, Alpine 22 branches.
const MAX_NAMES: usize = 500;

/// The branches that a listing of Alpine's secdb links to: `v3.20`, `edge`.
///
/// # Errors
///
/// [`Error`] where the listing is too large, no text, or links to no branch.
pub fn branches(bytes: &[u8]) -> Result<Vec<String>, Error> {
    within(bytes, MAX_LIST)?;
    let text = std::str::from_utf8(bytes)?;
    let mut names: Vec<String> = text
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|link| link.trim_start_matches("./").trim_end_matches('/'))
        .filter(|name| is_branch(name))
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names.dedup();
    some(names, "a link to a branch", "the listing")
}

fn is_branch(name: &str) -> bool {
    let number = |text: &str| {
        (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    name == "edge"
        || name
            .strip_prefix('v')
            .and_then(|name| name.split_once('.'))
            .is_some_and(|(major, minor)| number(major) && number(minor))
}

/// The first https address of a mirror list, without a slash at its end.
///
/// # Errors
///
/// [`Error`] where the list is too large, no text, or names no https address.
pub fn mirror(bytes: &[u8]) -> Result<String, Error> {
    within(bytes, MAX_LIST)?;
    std::str::from_utf8(bytes)?
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("https://"))
        .map(|line| line.trim_end_matches('/').to_owned())
        .ok_or_else(|| Error::Missing {
            what: "an https address",
            place: "the mirror list".to_owned(),
        })
}

/// The names of Amazon Linux 2's extras, each a repository.
///
/// # Errors
///
/// [`Error`] where the catalogue is too large, none, or has a name that is no plain one.
pub fn extras(bytes: &[u8]) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Catalogue {
        topics: Vec<Topic>,
    }
    #[derive(Deserialize)]
    struct Topic {
        n: String,
    }
    within(bytes, MAX_LIST)?;
    let catalogue: Catalogue = json(bytes, "catalogue of extras")?;
    let mut names: Vec<String> = catalogue.topics.into_iter().map(|topic| topic.n).collect();
    for name in &names {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
        if name.starts_with('.') || name.is_empty() || !name.bytes().all(is_plain) {
            return Err(Error::Value {
                what: "the name of an extra",
                found: start(name),
                expected: "letters, digits, `.`, `_`, `+` and `-`",
            });
        }
    }
    names.sort_unstable();
    names.dedup();
    some(names, "an extra", "the catalogue")
}

fn some(names: Vec<String>, what: &'static str, place: &str) -> Result<Vec<String>, Error> {
    if names.len() > MAX_NAMES {
        return Err(Error::TooMany {
            what: "names",
            limit: MAX_NAMES,
        });
    }
    if names.is_empty() {
        return Err(Error::Missing {
            what,
            place: place.to_owned(),
        });
    }
    Ok(names)
}

/// Where a repository has its advisories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Updateinfo {
    /// The path below the repository.
    pub href: String,
    /// The SHA-256 of the file, as hexadecimal digits, where the repository tells it.
    pub sha256: Option<String>,
}

/// Where a repository has its advisories, by its `repomd.xml`; none where it has none.
///
/// # Errors
///
/// [`Error`] where the document is too large, not well-formed, no `repomd`, or names a path outside of the repository.
pub fn updateinfo(bytes: &[u8]) -> Result<Option<Updateinfo>, Error> {
    within(bytes, MAX_LIST)?;
    let mut reader = Reader::from_str(std::str::from_utf8(bytes)?);
    let (mut root, mut inside, mut digest) = (false, false, false);
    let mut found = Updateinfo::default();
    loop {
        let position = reader.buffer_position();
        let event = reader
            .read_event()
            .map_err(|source| Error::Xml { position, source })?;
        match event {
            Event::Start(tag) | Event::Empty(tag) if !root => {
                if tag.name().as_ref() != "repomd" {
                    return Err(Error::Value {
                        what: "the root element",
                        found: start(tag.name().as_ref()),
                        expected: "repomd",
                    });
                }
                root = true;
            }
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                "data" => inside = attribute(&tag, "type", position)? == "updateinfo",
                "checksum" => digest = inside && attribute(&tag, "type", position)? == "sha256",
                "location" if inside => found.href = attribute(&tag, "href", position)?,
                _ => {}
            },
            Event::Text(part) if digest => {
                let text = part.xml10_content();
                let text = text.trim();
                if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    found.sha256 = Some(text.to_ascii_lowercase());
                }
            }
            Event::End(tag) => match tag.name().as_ref() {
                "checksum" => digest = false,
                "data" => inside = false,
                _ => {}
            },
            Event::Eof if root => break,
            Event::Eof => {
                return Err(Error::Missing {
                    what: "the root element",
                    place: "the document".to_owned(),
                });
            }
            _ => {}
        }
    }
    if found.href.is_empty() {
        return Ok(None);
    }
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
    };
    if !found.href.split('/').all(is_plain) {
        return Err(Error::Value {
            what: "the place of updateinfo",
            found: start(&found.href),
            expected: "a path below the repository",
        });
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_the_links_that_are_some() {
        let page = br#"<html><a href="../">../</a><a href="edge/">edge/</a><a href="v3.9/">v3.9/</a><a href="./v3.20/">v3.20/</a>
            <a href="v3.20/">again</a><a href="last-update">x</a><a href="v3/">x</a><a href="v3.2a/">x</a><a href="https://x.example/v3.1/">x</a>"#;
        assert_eq!(branches(page).expect("branches"), ["edge", "v3.20", "v3.9"]);
        for page in [&b"<html>please log in</html>"[..], b""] {
            assert!(matches!(branches(page), Err(Error::Missing { .. })));
        }
        assert!(matches!(
            branches(&vec![b' '; MAX_LIST + 1]),
            Err(Error::TooLarge { .. })
        ));
        let many: String = (0..=MAX_NAMES)
            .map(|number| format!("<a href=\"v1.{number}/\">"))
            .collect();
        assert!(matches!(
            branches(many.as_bytes()),
            Err(Error::TooMany { .. })
        ));
    }

    #[test]
    fn a_mirror_is_the_first_https_address() {
        assert_eq!(
            mirror(b"http://a.example/x\n https://b.example/2/core/ \nhttps://c.example/").ok(),
            Some("https://b.example/2/core".to_owned())
        );
        assert!(matches!(mirror(b"<html>"), Err(Error::Missing { .. })));
    }

    #[test]
    fn extras_have_plain_names() {
        assert_eq!(
            extras(br#"{"topics":[{"n":"php8.0","x":1},{"n":"docker"},{"n":"docker"}]}"#)
                .expect("extras"),
            ["docker", "php8.0"]
        );
        for name in ["..", "a/b", "", "a b", "%2e"] {
            let text = format!(r#"{{"topics":[{{"n":"{name}"}}]}}"#);
            assert!(
                matches!(extras(text.as_bytes()), Err(Error::Value { found, .. }) if found == name),
                "{name}"
            );
        }
        assert!(matches!(
            extras(br#"{"topics":[]}"#),
            Err(Error::Missing { .. })
        ));
    }

    #[test]
    fn a_repository_tells_where_its_advisories_are() {
        let digest = "E6F569F8ED2246A6B06C0FEF7CFD71560DF02781327E31C38396ED358D591D48";
        let document = |href: &str| {
            format!(
                r#"<?xml version="1.0"?><repomd><data type="primary"><checksum type="sha256">{}</checksum><location href="repodata/primary.gz"/></data>
                <data type="updateinfo"><checksum type="sha256"> {digest} </checksum><open-checksum type="sha256">{}</open-checksum>
                <location href="{href}"/></data><data type="other"><location href="repodata/other.gz"/></data></repomd>"#,
                "0".repeat(64),
                "1".repeat(64)
            )
        };
        assert_eq!(
            updateinfo(document("repodata/updateinfo.xml.gz").as_bytes()).expect("a repomd"),
            Some(Updateinfo {
                href: "repodata/updateinfo.xml.gz".to_owned(),
                sha256: Some(digest.to_ascii_lowercase()),
            })
        );
        for href in [
            "../x.gz",
            "/etc/passwd",
            "https://x.example/a.gz",
            "a//b",
            "a/%2e%2e/b",
        ] {
            assert!(
                matches!(updateinfo(document(href).as_bytes()), Err(Error::Value { found, .. }) if found == href),
                "{href}"
            );
        }
        assert_eq!(updateinfo(b"<repomd></repomd>").expect("a repomd"), None);
        for text in ["<html></html>", "", "<repomd><data"] {
            assert!(updateinfo(text.as_bytes()).is_err(), "{text}");
        }
    }
}
