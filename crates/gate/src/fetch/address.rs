//! Where a publisher's file is asked for: at its own address, or at a mirror of all publishers, as `MIRROR/HOST/PATH`.

use toolkit_oci::registry::{Client, WebFile};

use super::error::FetchError;

/// Maps addresses.
pub(super) struct Addresses<'a> {
    client: &'a Client,
    mirror: Option<String>,
}

impl<'a> Addresses<'a> {
    /// Checks the mirror's address.
    ///
    /// # Errors
    /// [`FetchError::Mirror`], and [`FetchError::Web`] for an address that is not asked.
    pub(super) fn new(client: &'a Client, mirror: Option<&str>) -> Result<Self, FetchError> {
        let mirror = match mirror {
            None => None,
            Some(text) => {
                // Told without query and credentials, which may be secrets.
                let found = client.file(text)?.url();
                if text.contains(['?', '#']) {
                    return Err(FetchError::Mirror { found });
                }
                Some(text.trim_end_matches('/').to_owned())
            }
        };
        Ok(Self { client, mirror })
    }

    /// Returns the address at which a publisher's file is asked for.
    pub(super) fn of(&self, url: &str) -> String {
        match (&self.mirror, url.strip_prefix("https://")) {
            (Some(mirror), Some(rest)) => format!("{mirror}/{rest}"),
            _ => url.to_owned(),
        }
    }

    /// Names the file.
    ///
    /// # Errors
    /// [`FetchError::Web`].
    pub(super) fn file(&self, url: &str) -> Result<WebFile, FetchError> {
        Ok(self.client.file(&self.of(url))?)
    }
}

#[cfg(test)]
mod tests {
    use toolkit_oci::registry::{Error, Options, TargetFault};

    use super::*;

    #[test]
    fn a_mirror_has_the_host_in_the_path() {
        let client = Client::new(Options::default());
        for (mirror, expected) in [
            (None, "https://feeds.example/a%20b/all.zip"),
            (
                Some("https://mirror.example"),
                "https://mirror.example/feeds.example/a%20b/all.zip",
            ),
            (
                Some("http://127.0.0.1:8080/feeds/"),
                "http://127.0.0.1:8080/feeds/feeds.example/a%20b/all.zip",
            ),
        ] {
            let addresses = Addresses::new(&client, mirror).expect("a mirror");
            assert_eq!(
                addresses.of("https://feeds.example/a%20b/all.zip"),
                expected
            );
        }
    }

    #[test]
    fn a_mirror_that_could_not_be_asked_is_refused() {
        let client = Client::new(Options::default());
        for (mirror, expected) in [
            ("http://mirror.example/", TargetFault::Plain),
            ("https://u:p@mirror.example/", TargetFault::Credentials),
            ("mirror.example", TargetFault::Scheme),
            ("ftp://127.0.0.1/", TargetFault::Scheme),
        ] {
            let found = Addresses::new(&client, Some(mirror)).err();
            assert!(
                matches!(&found, Some(FetchError::Web(Error::Address { fault, .. })) if *fault == expected),
                "{mirror}: {found:?}"
            );
        }
        for mirror in ["https://mirror.example/?x=", "https://mirror.example/#x"] {
            assert!(matches!(
                Addresses::new(&client, Some(mirror)).err(),
                Some(FetchError::Mirror { .. })
            ));
        }
        for mirror in [
            "https://mirror.example/f?token=S3CRET",
            "https://u:S3CRET@mirror.example/?x",
            "https://u:S3CRET@mirror exa/",
        ] {
            let told = Addresses::new(&client, Some(mirror)).err();
            let told = told.map(|error| error.to_string()).unwrap_or_default();
            assert!(!told.is_empty() && !told.contains("S3CRET"), "{told}");
        }
    }
}
