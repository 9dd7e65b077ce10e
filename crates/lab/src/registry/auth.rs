//! Who may in: nobody is asked, HTTP Basic, or tokens (the Docker registry's "Token Authentication Specification").

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{route::Route, server::refuse};
use crate::{
    http::{Reply, Request},
    keys::random,
    sync::lock,
};

/// How a registry asks for credentials.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryAuth {
    /// Not at all.
    #[default]
    None,
    /// HTTP Basic with one user.
    Basic {
        /// The user's name.
        username: String,
        /// The user's password.
        password: String,
    },
    /// Tokens of the registry's own `/token`, which asks for one user by HTTP Basic.
    Bearer {
        /// The user's name.
        username: String,
        /// The user's password.
        password: String,
        /// Whether a token to pull needs no user.
        anonymous_pull: bool,
    },
}

impl std::fmt::Debug for RegistryAuth {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Bearer { .. } => "Bearer",
        })
    }
}

/// The name of the token service in challenges.
const SERVICE: &str = "toolkit-lab";

pub(crate) struct Guard {
    address: String,
    auth: Mutex<RegistryAuth>,
    /// What each token allows, as `repository:NAME:ACTION`.
    tokens: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Guard {
    pub(crate) fn new(address: String) -> Self {
        Self {
            address,
            auth: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    pub(crate) fn set(&self, auth: RegistryAuth) {
        *lock(&self.auth) = auth;
        lock(&self.tokens).clear();
    }

    /// Lets a request pass or answers 401 with a challenge.
    pub(crate) fn admit(&self, request: &Request, route: &Route) -> Result<(), Reply> {
        match lock(&self.auth).clone() {
            RegistryAuth::None => Ok(()),
            RegistryAuth::Basic { username, password } => {
                if is_user(request, &username, &password) {
                    return Ok(());
                }
                Err(refuse(401, "UNAUTHORIZED", "authentication required")
                    .with("WWW-Authenticate", "Basic realm=\"toolkit-lab\""))
            }
            RegistryAuth::Bearer { .. } => self.admit_bearer(request, route),
        }
    }

    fn admit_bearer(&self, request: &Request, route: &Route) -> Result<(), Reply> {
        let action = if matches!(request.method.as_str(), "GET" | "HEAD") {
            "pull"
        } else {
            "push"
        };
        let needed = route
            .repository()
            .map(|name| format!("repository:{name}:{action}"));
        let token = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let granted = token.and_then(|token| lock(&self.tokens).get(token).cloned());
        let mut challenge = format!(
            "Bearer realm=\"http://{}/token\",service=\"{SERVICE}\"",
            self.address
        );
        if let Some(name) = route.repository() {
            let actions = if action == "pull" {
                "pull"
            } else {
                "pull,push"
            };
            challenge.push_str(&format!(",scope=\"repository:{name}:{actions}\""));
        }
        match (granted, needed) {
            (Some(granted), Some(needed)) if granted.contains(&needed) => Ok(()),
            (Some(_), None) => Ok(()),
            (Some(_), Some(_)) => {
                challenge.push_str(",error=\"insufficient_scope\"");
                Err(
                    refuse(401, "UNAUTHORIZED", "the token's scope is too small")
                        .with("WWW-Authenticate", challenge),
                )
            }
            (None, _) => Err(refuse(401, "UNAUTHORIZED", "authentication required")
                .with("WWW-Authenticate", challenge)),
        }
    }

    /// Serves `/token`.
    pub(crate) fn token(&self, request: &Request) -> Result<Reply, Reply> {
        let RegistryAuth::Bearer {
            username,
            password,
            anonymous_pull,
        } = lock(&self.auth).clone()
        else {
            return Err(Reply::new(404, "text/plain", "404 page not found\n"));
        };
        let known = is_user(request, &username, &password);
        if !known && (request.header("authorization").is_some() || !anonymous_pull) {
            return Err(refuse(401, "UNAUTHORIZED", "authentication required")
                .with("WWW-Authenticate", "Basic realm=\"toolkit-lab\""));
        }
        let mut granted = BTreeSet::new();
        for scope in request
            .parameters("scope")
            .iter()
            .flat_map(|scopes| scopes.split(' '))
        {
            let Some((resource, actions)) = scope.rsplit_once(':') else {
                continue;
            };
            for action in actions
                .split(',')
                .filter(|action| known || *action == "pull")
            {
                granted.insert(format!("{resource}:{action}"));
            }
        }
        let token =
            hex::encode(random::<16>().map_err(|error| Reply::problem(500, &error.to_string()))?);
        lock(&self.tokens).insert(token.clone(), granted);
        Ok(Reply::json(
            200,
            &json!({"token": token, "access_token": token, "expires_in": 300}),
        ))
    }
}

fn is_user(request: &Request, username: &str, password: &str) -> bool {
    let sent = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Basic "));
    sent.and_then(|sent| STANDARD.decode(sent).ok())
        .is_some_and(|sent| sent == format!("{username}:{password}").as_bytes())
}
