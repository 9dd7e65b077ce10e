//! Credentials as docker and podman keep them: `auths`, `credHelpers`, `credsStore`.
//!
//! It is handed the paths; where they are on a system is the caller's knowledge. It never writes. Formats:
//! docker's `config.json`, containers-auth.json(5).

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::error::{Error, Result};
use super::helper;
use super::secret::Secret;
use crate::limits::Limits;

/// Names under which Docker Hub is found in credential files.
const DOCKER_HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];
/// The name under which docker stores Docker Hub's credentials in helpers.
const DOCKER_HUB_SERVER: &str = "https://index.docker.io/v1/";
/// User name that marks the password as an identity token (docker-credential-helpers README).
const TOKEN_USER: &str = "<token>";
/// Longest credential file; docker's has a few hundred bytes for each registry.
const MAX_FILE: u64 = 1024 * 1024;

/// Proves to a registry who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// User name and password.
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A refresh token for the token server (OAuth2).
    IdentityToken(Secret),
    /// A bearer token for the registry itself.
    RegistryToken(Secret),
}

/// Looks credentials up, asking each helper at most once for a server.
#[derive(Debug)]
pub(super) struct Credentials {
    files: Vec<PathBuf>,
    helper_timeout: Duration,
    helper_size: u64,
    answers: Mutex<HashMap<(String, String), Option<Credential>>>,
}

impl Credentials {
    /// Takes the paths in order of preference; files that do not exist are skipped.
    pub(super) fn new(files: Vec<PathBuf>, limits: &Limits) -> Self {
        Self {
            files,
            helper_timeout: Duration::from_secs(limits.credential_helper_time),
            helper_size: limits.credential_helper_size,
            answers: Mutex::default(),
        }
    }

    /// Finds what is configured for `registry` and `repository`.
    pub(super) fn find(&self, registry: &str, repository: &str) -> Result<Option<Credential>> {
        for path in &self.files {
            if let Some(config) = load(path)?
                && let Some(credential) = self.in_config(path, &config, registry, repository)?
            {
                return Ok(Some(credential));
            }
        }
        Ok(None)
    }

    fn in_config(
        &self,
        path: &Path,
        config: &CredentialFile,
        registry: &str,
        repository: &str,
    ) -> Result<Option<Credential>> {
        let wanted = wanted_keys(registry, repository);
        let helpers = config.cred_helpers.iter().flatten();
        if let Some((key, name)) = best(helpers, &wanted) {
            // docker hands the key itself to the helper.
            return self.ask(name, key);
        }
        if let Some(store) = config
            .creds_store
            .as_deref()
            .filter(|name| !name.is_empty())
        {
            let server = if is_docker_hub(registry) {
                DOCKER_HUB_SERVER
            } else {
                registry
            };
            if let Some(credential) = self.ask(store, server)? {
                return Ok(Some(credential));
            }
        }
        config.stored(path, registry, repository)
    }

    fn ask(&self, name: &str, server: &str) -> Result<Option<Credential>> {
        let key = (name.to_owned(), server.to_owned());
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = answers.get(&key) {
            return Ok(known.clone());
        }
        let found = helper::get(name, server, self.helper_timeout, self.helper_size)
            .map_err(|fault| Error::Helper {
                name: name.to_owned(),
                fault,
            })?
            .map(|(username, secret)| basic_or_token(username, secret));
        answers.insert(key, found.clone());
        Ok(found)
    }
}

/// Holds the part of a docker or podman credential file that tells who asks.
///
/// Specification: docker's `config.json`, containers-auth.json(5).
#[derive(Deserialize)]
pub struct CredentialFile {
    auths: Option<BTreeMap<String, Entry>>,
    #[serde(rename = "credHelpers")]
    cred_helpers: Option<BTreeMap<String, String>>,
    #[serde(rename = "credsStore")]
    creds_store: Option<String>,
}

impl CredentialFile {
    /// Parses the content of a file; `path` is only for the message.
    ///
    /// # Errors
    /// [`Error::CredentialsInvalid`] with the line.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| Error::CredentialsInvalid {
            path: path.to_owned(),
            place: format!("line {}", error.line()),
        })
    }

    /// Returns the credential that stands in the file itself for a repository; no helper is asked.
    ///
    /// # Errors
    /// [`Error::CredentialsInvalid`] with the entry.
    pub fn stored(
        &self,
        path: &Path,
        registry: &str,
        repository: &str,
    ) -> Result<Option<Credential>> {
        let wanted = wanted_keys(registry, repository);
        match best(self.auths.iter().flatten(), &wanted) {
            Some((key, entry)) => entry.credential().map_err(|()| Error::CredentialsInvalid {
                path: path.to_owned(),
                place: format!("`auths`, `{key}`"),
            }),
            None => Ok(None),
        }
    }
}

#[derive(Deserialize)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl Entry {
    /// An entry without anything is how docker marks a registry whose credentials are in a store.
    fn credential(&self) -> std::result::Result<Option<Credential>, ()> {
        let filled = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        if let Some(token) = filled(&self.registrytoken) {
            return Ok(Some(Credential::RegistryToken(Secret::new(token))));
        }
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Credential::IdentityToken(Secret::new(token))));
        }
        if let Some(auth) = filled(&self.auth) {
            let decoded = STANDARD.decode(auth.trim()).map_err(|_| ())?;
            let decoded = String::from_utf8(decoded).map_err(|_| ())?;
            let (username, password) = decoded.split_once(':').ok_or(())?;
            // docker pads with NUL.
            let password = password.trim_end_matches('\0').to_owned();
            return Ok(Some(basic_or_token(username.to_owned(), password)));
        }
        Ok(match (filled(&self.username), filled(&self.password)) {
            (Some(username), Some(password)) => Some(basic_or_token(username, password)),
            _ => None,
        })
    }
}

fn basic_or_token(username: String, password: String) -> Credential {
    if username == TOKEN_USER {
        Credential::IdentityToken(Secret::new(password))
    } else {
        Credential::Basic {
            username,
            password: Secret::new(password),
        }
    }
}

fn load(path: &Path) -> Result<Option<CredentialFile>> {
    let unreadable = |source| Error::CredentialsUnreadable { source };
    // Looked at before it is opened: opening a FIFO waits for a writer.
    let file = match fs_err::metadata(path) {
        Ok(found) if !found.is_file() => {
            let fault = io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
            return Err(unreadable(fault));
        }
        Ok(_) => fs_err::File::open(path).map_err(unreadable)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE {
        return Err(Error::TooMuch {
            url: path.display().to_string(),
            limit: MAX_FILE,
            unit: "bytes",
        });
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    CredentialFile::parse(path, &bytes).map(Some)
}

fn is_docker_hub(registry: &str) -> bool {
    DOCKER_HUB.contains(&registry)
}

/// Keys that fit, most specific first: podman's may name a repository or the beginning of one.
fn wanted_keys(registry: &str, repository: &str) -> Vec<String> {
    let names: &[&str] = if is_docker_hub(registry) {
        &DOCKER_HUB
    } else {
        &[registry]
    };
    let mut path = Some(repository);
    let mut keys = Vec::new();
    while let Some(current) = path.filter(|path| !path.is_empty()) {
        keys.extend(names.iter().map(|name| format!("{name}/{current}")));
        path = current.rsplit_once('/').map(|(parent, _)| parent);
    }
    keys.extend(names.iter().map(|&name| name.to_owned()));
    keys
}

fn best<'a, T: 'a>(
    entries: impl Iterator<Item = (&'a String, &'a T)> + Clone,
    wanted: &[String],
) -> Option<(&'a String, &'a T)> {
    wanted
        .iter()
        .find_map(|wanted| entries.clone().find(|(key, _)| normalised(key) == wanted))
}

/// Strips what old docker versions put around a host name.
fn normalised(key: &str) -> &str {
    let key = key
        .strip_prefix("https://")
        .or_else(|| key.strip_prefix("http://"))
        .unwrap_or(key);
    let key = key.trim_end_matches('/');
    key.strip_suffix("/v1")
        .or_else(|| key.strip_suffix("/v2"))
        .unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(config: &str, registry: &str, repository: &str) -> Result<Option<Credential>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        fs_err::write(&path, config).unwrap();
        let files = vec![folder.path().join("missing.json"), path];
        Credentials::new(files, &Limits::default()).find(registry, repository)
    }

    fn basic(username: &str, password: &str) -> Credential {
        Credential::Basic {
            username: username.to_owned(),
            password: Secret::new(password),
        }
    }

    #[test]
    fn finds_the_most_specific_entry() {
        let auth = |text: &str| STANDARD.encode(text);
        let config = format!(
            r#"{{"auths": {{
                "reg.example": {{"auth": "{}"}},
                "reg.example/team": {{"auth": "{}"}},
                "reg.example/team/app": {{"username": "u3", "password": "p3"}},
                "https://index.docker.io/v1/": {{"auth": "{}"}},
                "tok.example": {{"auth": "{}", "identitytoken": "it"}},
                "tok2.example": {{"auth": "{}"}},
                "raw.example": {{"registrytoken": "rt"}},
                "empty.example": {{}}
            }}}}"#,
            auth("u1:p:1"),
            auth("u2:p2\0\0"),
            auth("hub:hp"),
            auth("x:y"),
            auth("<token>:refresh"),
        );
        let cases = [
            ("reg.example", "other/app", Some(basic("u1", "p:1"))),
            ("reg.example", "team/other", Some(basic("u2", "p2"))),
            ("reg.example", "team/app", Some(basic("u3", "p3"))),
            ("reg.example", "team/app/sub", Some(basic("u3", "p3"))),
            ("reg.example", "teamx", Some(basic("u1", "p:1"))),
            ("docker.io", "library/alpine", Some(basic("hub", "hp"))),
            (
                "tok.example",
                "a",
                Some(Credential::IdentityToken(Secret::new("it"))),
            ),
            (
                "tok2.example",
                "a",
                Some(Credential::IdentityToken(Secret::new("refresh"))),
            ),
            (
                "raw.example",
                "a",
                Some(Credential::RegistryToken(Secret::new("rt"))),
            ),
            ("empty.example", "a", None),
            ("reg.example:5000", "a", None),
        ];
        for (registry, repository, expected) in cases {
            assert_eq!(
                find(&config, registry, repository).unwrap(),
                expected,
                "{registry}/{repository}"
            );
        }
    }

    #[test]
    fn a_bad_file_is_named_and_not_quoted() {
        let error = find("{\"auths\": {\n\"a\": {\"auth\": hunter2}}}", "a", "b").unwrap_err();
        assert!(
            matches!(&error, Error::CredentialsInvalid { place, .. } if place == "line 2"),
            "{error:?}"
        );
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        let error = find(r#"{"auths": {"a": {"auth": "%%%"}}}"#, "a", "b").unwrap_err();
        assert!(
            matches!(&error, Error::CredentialsInvalid { place, .. } if place == "`auths`, `a`"),
            "{error:?}"
        );
        assert_eq!(find("  \n", "a", "b").unwrap(), None);
    }

    #[test]
    fn a_helper_that_is_missing_is_an_error_and_not_anonymous() {
        let error = find(
            r#"{"credHelpers": {"a": "toolkit-test-no-such-helper"}}"#,
            "a",
            "b",
        )
        .unwrap_err();
        let expected = super::super::error::HelperFault::Start(io::ErrorKind::NotFound);
        assert!(
            matches!(&error, Error::Helper { fault, .. } if *fault == expected),
            "{error:?}"
        );
    }
}
