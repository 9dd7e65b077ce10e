//! The distribution that an `os-release` file names.
//!
//! Implements os-release(5) of systemd: shell-compatible assignments, one a line. Finding the file is the catalog's work.

use crate::inventory::Fault;

/// Is a distribution as its `os-release` file states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distro {
    /// `ID`, in lower case (`debian`, `rhel`); `linux` where the file has none, as os-release(5) says.
    pub id: String,
    /// `ID_LIKE`, in the file's order.
    pub id_like: Vec<String>,
    /// `NAME`.
    pub name: Option<String>,
    /// `PRETTY_NAME`.
    pub pretty_name: Option<String>,
    /// `VERSION`.
    pub version: Option<String>,
    /// `VERSION_ID`; rolling releases have none.
    pub version_id: Option<String>,
    /// `VERSION_CODENAME`.
    pub version_codename: Option<String>,
    /// `VARIANT_ID`.
    pub variant_id: Option<String>,
    /// `BUILD_ID`.
    pub build_id: Option<String>,
    /// `CPE_NAME`.
    pub cpe_name: Option<String>,
    /// `HOME_URL`.
    pub home_url: Option<String>,
}

impl Distro {
    /// Reads the content of an `os-release` file; lines that are no assignment are skipped, as the specification allows.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] beyond 64 KiB, [`Fault::Malformed`] where the text is not UTF-8.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found > MAX_BYTES {
            return Err(Fault::TooLarge {
                what: "os-release",
                limit: MAX_BYTES,
                found,
            });
        }
        let text = std::str::from_utf8(bytes).map_err(|e| Fault::Malformed {
            what: "text",
            offset: u64::try_from(e.valid_up_to()).unwrap_or(u64::MAX),
        })?;
        let mut distro = Self {
            id: "linux".to_owned(),
            ..Self::default()
        };
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with('#') {
                continue;
            }
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let value = unquote(value);
            if value.is_empty() {
                continue;
            }
            match key {
                "ID" => distro.id = value.to_lowercase(),
                "ID_LIKE" => {
                    distro.id_like = value.split_whitespace().map(str::to_owned).collect();
                }
                "NAME" => distro.name = Some(value),
                "PRETTY_NAME" => distro.pretty_name = Some(value),
                "VERSION" => distro.version = Some(value),
                "VERSION_ID" => distro.version_id = Some(value),
                "VERSION_CODENAME" => distro.version_codename = Some(value),
                "VARIANT_ID" => distro.variant_id = Some(value),
                "BUILD_ID" => distro.build_id = Some(value),
                "CPE_NAME" => distro.cpe_name = Some(value),
                "HOME_URL" => distro.home_url = Some(value),
                _ => {}
            }
        }
        Ok(distro)
    }

    /// Returns the value of the purl qualifier `distro`: the id with `VERSION_ID`, else with the codename, else alone.
    #[must_use]
    pub fn purl_qualifier(&self) -> String {
        match self.version_id.as_ref().or(self.version_codename.as_ref()) {
            Some(version) => format!("{}-{version}", self.id),
            None => self.id.clone(),
        }
    }

    /// Returns the namespace of the distribution's package URLs: the vendor where its id names a product.
    #[must_use]
    pub fn purl_namespace(&self) -> &str {
        match self.id.as_str() {
            "rhel" => "redhat",
            "sles" | "sled" | "sle-micro" | "sl-micro" => "suse",
            "opensuse-leap" | "opensuse-tumbleweed" | "opensuse-microos" => "opensuse",
            id => id,
        }
    }
}

/// Removes shell quoting: one pair of quotes, and backslashes before the characters that os-release(5) lists.
fn unquote(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value
            .strip_prefix(quote)
            .and_then(|v| v.strip_suffix(quote))
        {
            if quote == '\'' {
                return inner.to_owned();
            }
            return unescape(inner);
        }
    }
    unescape(value)
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&next @ ('"' | '\'' | '$' | '`' | '\\'))) => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// The real files have less than 1 KiB.
const MAX_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_quoted_and_bare_values() {
        let text = "# c\nID=Debian\nID_LIKE=\"rhel fedora\"\nPRETTY_NAME='a \"b\" \\$'\nVERSION_ID=\"12\"\nNAME=\"a \\\"b\\\" \\$x\"\nHOME_URL=\n=x\nrubbish\n";
        let distro = Distro::parse(text.as_bytes());
        let expected = Distro {
            id: "debian".to_owned(),
            id_like: vec!["rhel".to_owned(), "fedora".to_owned()],
            name: Some("a \"b\" $x".to_owned()),
            pretty_name: Some("a \"b\" \\$".to_owned()),
            version_id: Some("12".to_owned()),
            ..Distro::default()
        };
        assert_eq!(distro, Ok(expected));
    }

    #[test]
    fn purl_parts_follow_the_release() {
        let table = [
            ("ID=debian\nVERSION_ID=12", "debian", "debian-12"),
            ("ID=debian\nVERSION_CODENAME=sid", "debian", "debian-sid"),
            ("ID=arch", "arch", "arch"),
            ("ID=rhel\nVERSION_ID=9.4", "redhat", "rhel-9.4"),
            (
                "ID=\"opensuse-leap\"\nVERSION_ID=15.6",
                "opensuse",
                "opensuse-leap-15.6",
            ),
            ("", "linux", "linux"),
        ];
        for (text, namespace, qualifier) in table {
            let distro = Distro::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(
                (distro.purl_namespace(), distro.purl_qualifier().as_str()),
                (namespace, qualifier),
                "{text}"
            );
        }
    }

    #[test]
    fn parse_refuses_what_is_no_text_or_too_large() {
        assert_eq!(
            Distro::parse(b"ID=\xff"),
            Err(Fault::Malformed {
                what: "text",
                offset: 3
            })
        );
        let large = vec![b'#'; 64 * 1024 + 1];
        let fault = Fault::TooLarge {
            what: "os-release",
            limit: 65_536,
            found: 65_537,
        };
        assert_eq!(Distro::parse(&large), Err(fault));
    }
}
