//! Answers the challenges of registries: Basic, and Bearer with tokens from a token server.
//!
//! Specification: distribution `docs/content/spec/auth/{token,oauth}.md`. Credentials are looked up only once a
//! registry asks for them. Tokens stay in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::body;
use super::challenge::{self, Challenge};
use super::client::{Core, tell};
use super::credentials::{Credential, Credentials};
use super::error::{Error, Result, TokenFault};
use super::origin::{Origin, shown};
use super::retry::{Next, is_transient, retry_after};
use super::secret::Secret;
use super::transport::{self, Channel};

/// How we introduce ourselves to token servers.
const CLIENT_ID: &str = "toolkit";
/// Life of a token whose server does not say (distribution's token specification).
const DEFAULT_LIFE: u64 = 60;
/// So long before its end a token is no longer used.
const EARLY: Duration = Duration::from_secs(10);

/// What a request wants to do, in the words of token servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scopes {
    repository: String,
    write: bool,
    mount_from: Option<String>,
}

impl Scopes {
    pub(super) fn pull(repository: &str) -> Self {
        Self {
            repository: repository.to_owned(),
            write: false,
            mount_from: None,
        }
    }

    pub(super) fn push(repository: &str) -> Self {
        Self {
            repository: repository.to_owned(),
            write: true,
            mount_from: None,
        }
    }

    /// A mount also reads the repository that has the blob.
    pub(super) fn mount(repository: &str, from: &str) -> Self {
        Self {
            mount_from: Some(from.to_owned()),
            ..Self::push(repository)
        }
    }

    fn list(&self) -> Vec<String> {
        let actions = if self.write { "pull,push" } else { "pull" };
        let own = format!("repository:{}:{actions}", self.repository);
        std::iter::once(own)
            .chain(
                self.mount_from
                    .iter()
                    .map(|from| format!("repository:{from}:pull")),
            )
            .collect()
    }
}

#[derive(Debug, Clone)]
enum Scheme {
    Basic,
    Bearer {
        realm: Url,
        service: Option<String>,
        scope: Option<String>,
    },
}

#[derive(Debug, Clone)]
struct Token {
    value: Secret,
    until: Instant,
}

type Slot = Arc<Mutex<Option<Token>>>;

/// Remembers how each registry wants to be addressed, and the tokens it accepts.
#[derive(Debug)]
pub(super) struct Auth {
    credentials: Credentials,
    schemes: Mutex<HashMap<String, Scheme>>,
    tokens: Mutex<HashMap<(String, String), Slot>>,
}

impl Auth {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            schemes: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    /// Header for a registry whose way is known; `None` before its first challenge.
    pub(super) fn current(
        &self,
        core: &Core,
        origin: &Origin,
        scopes: &Scopes,
    ) -> Result<Option<HeaderValue>> {
        let scheme = self
            .schemes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(origin.name())
            .cloned();
        match scheme {
            // The challenge's scope belongs to the request that was challenged.
            Some(Scheme::Bearer { realm, service, .. }) => self.header(
                core,
                origin,
                scopes,
                &Scheme::Bearer {
                    realm,
                    service,
                    scope: None,
                },
                None,
            ),
            Some(Scheme::Basic) => self.header(core, origin, scopes, &Scheme::Basic, None),
            None => Ok(None),
        }
    }

    /// Header that answers a 401; `None` if there is nothing better to send than `sent`.
    pub(super) fn answer(
        &self,
        core: &Core,
        origin: &Origin,
        scopes: &Scopes,
        headers: &HeaderMap,
        sent: Option<&HeaderValue>,
    ) -> Result<Option<HeaderValue>> {
        let challenges: Vec<Challenge> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(challenge::parse)
            .collect();
        let bearer = challenges.iter().find_map(|challenge| {
            let realm = challenge
                .parameter("realm")
                .filter(|_| challenge.scheme == "bearer")?;
            // A path alone is on the registry.
            let realm = origin.url("").ok()?.join(realm).ok()?;
            let parameter = |name| {
                challenge
                    .parameter(name)
                    .filter(|value| !value.is_empty())
                    .map(str::to_owned)
            };
            Some(Scheme::Bearer {
                realm,
                service: parameter("service"),
                scope: parameter("scope"),
            })
        });
        let basic = challenges
            .iter()
            .any(|challenge| challenge.scheme == "basic")
            .then_some(Scheme::Basic);
        let Some(scheme) = bearer.or(basic) else {
            return Ok(None);
        };
        let header = self.header(core, origin, scopes, &scheme, sent)?;
        if header.is_some() {
            self.schemes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(origin.name().to_owned(), scheme);
        }
        Ok(header.filter(|header| Some(header) != sent))
    }

    fn header(
        &self,
        core: &Core,
        origin: &Origin,
        scopes: &Scopes,
        scheme: &Scheme,
        refused: Option<&HeaderValue>,
    ) -> Result<Option<HeaderValue>> {
        let credential = self.credentials.find(origin.name(), &scopes.repository)?;
        match (scheme, credential) {
            (Scheme::Basic, Some(Credential::Basic { username, password })) => {
                Ok(Some(basic(&username, &password)))
            }
            (Scheme::Basic, _) => Ok(None),
            (Scheme::Bearer { .. }, Some(Credential::RegistryToken(token))) => Ok(bearer(&token)),
            (
                Scheme::Bearer {
                    realm,
                    service,
                    scope,
                },
                credential,
            ) => {
                let mut wanted: Vec<String> = scope
                    .iter()
                    .flat_map(|scope| scope.split(' '))
                    .map(str::to_owned)
                    .collect();
                // The challenge's scopes come first: some token servers look only at the first one.
                for scope in scopes.list() {
                    if !wanted.contains(&scope) {
                        wanted.push(scope);
                    }
                }
                let slot = {
                    let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
                    let key = (origin.name().to_owned(), scopes.list().join(" "));
                    Arc::clone(tokens.entry(key).or_default())
                };
                // Held while asking, so that threads that want the same token wait for one answer.
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(token) = slot.as_ref().filter(|token| token.until > Instant::now())
                    && let Some(header) =
                        bearer(&token.value).filter(|header| Some(header) != refused)
                {
                    return Ok(Some(header));
                }
                let token = fetch(
                    core,
                    origin,
                    realm,
                    service.as_deref(),
                    &wanted,
                    credential.as_ref(),
                )?;
                let header = bearer(&token.value);
                *slot = Some(token);
                Ok(header)
            }
        }
    }
}

fn basic(username: &str, password: &Secret) -> HeaderValue {
    let text = format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{}", password.expose()))
    );
    // Base64 has only characters that a header may have.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}

fn bearer(token: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

fn fetch(
    core: &Core,
    origin: &Origin,
    realm: &Url,
    service: Option<&str>,
    scopes: &[String],
    credential: Option<&Credential>,
) -> Result<Token> {
    origin.check_target(&origin.url("v2/")?, realm)?;
    let fault = |fault| Error::Token {
        realm: shown(realm),
        fault,
    };
    let client = core.transport(Channel::Metadata, realm)?;
    let mut budget = core.budget();
    loop {
        let request = match credential {
            Some(Credential::IdentityToken(token)) => {
                let mut form = Serializer::new(String::new());
                form.append_pair("grant_type", "refresh_token")
                    .append_pair("client_id", CLIENT_ID);
                form.append_pair("refresh_token", token.expose())
                    .append_pair("scope", &scopes.join(" "));
                if let Some(service) = service {
                    form.append_pair("service", service);
                }
                client
                    .post(realm.clone())
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(form.finish())
            }
            other => {
                let mut url = realm.clone();
                {
                    let mut query = url.query_pairs_mut();
                    if let Some(service) = service {
                        query.append_pair("service", service);
                    }
                    for scope in scopes {
                        query.append_pair("scope", scope);
                    }
                }
                let request = client.get(url);
                match other {
                    Some(Credential::Basic { username, password }) => {
                        request.header(AUTHORIZATION, basic(username, password))
                    }
                    _ => request,
                }
            }
        };
        let asked = Instant::now();
        let method = match credential {
            Some(Credential::IdentityToken(_)) => Method::POST,
            _ => Method::GET,
        };
        let answer = request.send();
        tell(&method, realm, &answer, asked.elapsed());
        let (wait, last) = match answer {
            Ok(response) if is_transient(response.status()) => {
                let wait = retry_after(response.headers());
                (
                    wait,
                    body::refusal(
                        response,
                        realm,
                        origin.name(),
                        core.options.limits.error_size,
                    ),
                )
            }
            Ok(response) if !response.status().is_success() => {
                let status = response.status().as_u16();
                let refusal = body::refusal(
                    response,
                    realm,
                    origin.name(),
                    core.options.limits.error_size,
                );
                return Err(fault(TokenFault::Status(
                    status,
                    refusal.answer().cloned().unwrap_or_default(),
                )));
            }
            Ok(mut response) => {
                let bytes = body::read(&mut response, realm, core.options.limits.token_size)?;
                let answer: TokenAnswer =
                    serde_json::from_slice(&bytes).map_err(|_| fault(TokenFault::Unreadable))?;
                let filled = |token: Option<String>| token.filter(|token| !token.is_empty());
                let value = filled(answer.token)
                    .or(filled(answer.access_token))
                    .ok_or_else(|| fault(TokenFault::Missing))?;
                let life = Duration::from_secs(answer.expires_in.unwrap_or(DEFAULT_LIFE));
                let until = asked
                    .checked_add(life.saturating_sub(EARLY))
                    .unwrap_or(asked);
                return Ok(Token {
                    value: Secret::new(value),
                    until,
                });
            }
            Err(error) => match transport::failure(realm, error) {
                error @ Error::Transport { .. } => (None, error),
                error => return Err(error),
            },
        };
        match budget.next(wait) {
            Next::Wait(wait) => std::thread::sleep(wait),
            Next::GiveUp => return Err(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_name_what_is_done() {
        assert_eq!(Scopes::pull("a/b").list(), ["repository:a/b:pull"]);
        assert_eq!(Scopes::push("a/b").list(), ["repository:a/b:pull,push"]);
        assert_eq!(
            Scopes::mount("a/b", "c").list(),
            ["repository:a/b:pull,push", "repository:c:pull"]
        );
    }

    #[test]
    fn headers_are_masked() {
        let value = basic("user", &Secret::new("pass"));
        assert_eq!(value.to_str().unwrap(), "Basic dXNlcjpwYXNz");
        assert!(!format!("{value:?}").contains("dXNl"));
        assert_eq!(bearer(&Secret::new("a\nb")), None);
    }
}
