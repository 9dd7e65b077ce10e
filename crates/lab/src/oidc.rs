//! The OIDC issuer: discovery, key set, e-mail and GitHub-shaped tokens, and the GitHub Actions id-token endpoint.
//!
//! Two issuers share the service and the key: `/` for people, `/github` for workflows. There is no login: whoever holds the lab
//! makes tokens. OpenID Connect Discovery 1.0, RFC 7515, RFC 7517, RFC 7519.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::{
    clock::Clock,
    error::Result,
    http::{Handler, Reply, Request},
    keys::{RsaKey, random, sha256},
    sync::lock,
};

/// The audience that Fulcio asks for.
pub(crate) const AUDIENCE: &str = "sigstore";
/// How long a token is valid; GitHub's are too.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// What a workflow's token says, in the terms of GitHub's OIDC documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GithubClaims {
    /// `OWNER/NAME` of the repository.
    pub repository: String,
    /// The workflow's file below `.github/workflows/`.
    pub workflow_file: String,
    /// The workflow's name.
    pub workflow: String,
    /// The git reference, such as `refs/heads/main`.
    pub reference: String,
    /// The commit.
    pub sha: String,
    /// What started the run, such as `push`.
    pub event_name: String,
    /// `github-hosted` or `self-hosted`.
    pub runner_environment: String,
    /// `public`, `private` or `internal`.
    pub repository_visibility: String,
    /// The repository's number.
    pub repository_id: String,
    /// The owner's number.
    pub repository_owner_id: String,
    /// The run's number.
    pub run_id: String,
    /// The attempt's number.
    pub run_attempt: String,
    /// The deployment environment, if the job has one.
    pub environment: Option<String>,
    /// The reusable workflow that the job runs, `OWNER/NAME/.github/workflows/FILE@REF`; without it the workflow itself.
    pub job_workflow_ref: Option<String>,
}

impl GithubClaims {
    /// Describes a push to `main` that runs `release.yml` of a repository.
    pub fn new(repository: &str) -> Self {
        Self {
            repository: repository.to_owned(),
            workflow_file: "release.yml".to_owned(),
            workflow: "release".to_owned(),
            reference: "refs/heads/main".to_owned(),
            sha: hex::encode(&sha256(repository.as_bytes())[..20]),
            event_name: "push".to_owned(),
            runner_environment: "github-hosted".to_owned(),
            repository_visibility: "public".to_owned(),
            repository_id: "1001".to_owned(),
            repository_owner_id: "2002".to_owned(),
            run_id: "42".to_owned(),
            run_attempt: "1".to_owned(),
            environment: None,
            job_workflow_ref: None,
        }
    }

    fn claims(&self) -> Map<String, Value> {
        let workflow_ref = format!(
            "{}/.github/workflows/{}@{}",
            self.repository, self.workflow_file, self.reference
        );
        let owner = self.repository.split('/').next().unwrap_or_default();
        let subject = match &self.environment {
            Some(environment) => format!("repo:{}:environment:{environment}", self.repository),
            None => format!("repo:{}:ref:{}", self.repository, self.reference),
        };
        let mut claims = Map::new();
        for (name, value) in [
            ("sub", subject.as_str()),
            ("repository", &self.repository),
            ("repository_owner", owner),
            ("repository_id", &self.repository_id),
            ("repository_owner_id", &self.repository_owner_id),
            ("repository_visibility", &self.repository_visibility),
            ("ref", &self.reference),
            ("sha", &self.sha),
            ("workflow", &self.workflow),
            ("workflow_ref", &workflow_ref),
            ("workflow_sha", &self.sha),
            (
                "job_workflow_ref",
                self.job_workflow_ref.as_deref().unwrap_or(&workflow_ref),
            ),
            ("job_workflow_sha", &self.sha),
            ("event_name", &self.event_name),
            ("runner_environment", &self.runner_environment),
            ("run_id", &self.run_id),
            ("run_attempt", &self.run_attempt),
        ] {
            claims.insert(name.to_owned(), value.into());
        }
        if let Some(environment) = &self.environment {
            claims.insert("environment".to_owned(), environment.as_str().into());
        }
        claims
    }
}

pub(crate) struct Issuer {
    url: String,
    key: RsaKey,
    clock: Arc<Clock>,
    request_token: String,
    workflow: Mutex<GithubClaims>,
}

impl Issuer {
    pub(crate) fn new(url: String, clock: Arc<Clock>) -> Result<Self> {
        let request_token = hex::encode(random::<16>()?);
        let workflow = Mutex::new(GithubClaims::new("acme/widget"));
        Ok(Self {
            url,
            key: RsaKey::generate()?,
            clock,
            request_token,
            workflow,
        })
    }

    /// Returns the issuer of e-mail tokens.
    pub(crate) fn email_issuer(&self) -> &str {
        &self.url
    }

    /// Returns the issuer of workflow tokens.
    pub(crate) fn github_issuer(&self) -> String {
        format!("{}/github", self.url)
    }

    pub(crate) fn request_url(&self) -> String {
        format!("{}/actions/token?api-version=2.0", self.url)
    }

    pub(crate) fn request_token(&self) -> &str {
        &self.request_token
    }

    pub(crate) fn set_workflow(&self, claims: GithubClaims) {
        *lock(&self.workflow) = claims;
    }

    pub(crate) fn email_token(&self, email: &str, audience: &str) -> String {
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), email.into());
        claims.insert("email".to_owned(), email.into());
        claims.insert("email_verified".to_owned(), true.into());
        self.issue(claims, &self.url, audience)
    }

    pub(crate) fn github_token(&self, workflow: &GithubClaims, audience: &str) -> String {
        self.issue(workflow.claims(), &self.github_issuer(), audience)
    }

    fn issue(&self, mut claims: Map<String, Value>, issuer: &str, audience: &str) -> String {
        let now = self.clock.now();
        let expiry = now.checked_add(LIFETIME).unwrap_or(now);
        claims.insert("iss".to_owned(), issuer.into());
        claims.insert("aud".to_owned(), audience.into());
        claims.insert("iat".to_owned(), now.as_second().into());
        claims.insert("nbf".to_owned(), now.as_second().into());
        claims.insert("exp".to_owned(), expiry.as_second().into());
        self.sign(&Value::Object(claims))
    }

    /// Signs claims as they are.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id()});
        let input = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// Returns the claims of a token that this issuer signed, that is valid now and meant for Fulcio; otherwise why not.
    pub(crate) fn verify(
        &self,
        token: &str,
    ) -> std::result::Result<Map<String, Value>, &'static str> {
        let (input, signature) = token.rsplit_once('.').ok_or("the token is not a JWT")?;
        let (header, payload) = input.split_once('.').ok_or("the token is not a JWT")?;
        let decode = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| "the token is not base64url")
        };
        let object = |part: &str| {
            serde_json::from_slice::<Map<String, Value>>(&decode(part)?)
                .map_err(|_| "the token is not JSON")
        };
        if object(header)?.get("alg").and_then(Value::as_str) != Some("RS256") {
            return Err("the token's algorithm is not RS256");
        }
        if !self.key.verifies(input.as_bytes(), &decode(signature)?) {
            return Err("the token's signature is wrong");
        }
        let claims = object(payload)?;
        let number = |name: &str| claims.get(name).and_then(Value::as_i64);
        let now = self.clock.now().as_second();
        let audience = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(|one| one == AUDIENCE),
            Some(one) => one == AUDIENCE,
            None => false,
        };
        if !audience {
            return Err("the token's audience is not `sigstore`");
        }
        if number("exp").is_none_or(|expiry| expiry <= now) {
            return Err("the token is expired");
        }
        if number("nbf").is_some_and(|start| start > now) {
            return Err("the token is not valid yet");
        }
        Ok(claims)
    }

    fn key_id(&self) -> String {
        hex::encode(&sha256(&self.key.components().0)[..8])
    }

    fn discovery(&self, issuer: &str) -> Value {
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/keys"),
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    fn key_set(&self) -> Value {
        let (modulus, exponent) = self.key.components();
        let (n, e) = (
            URL_SAFE_NO_PAD.encode(modulus),
            URL_SAFE_NO_PAD.encode(exponent),
        );
        json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id(), "n": n, "e": e}]})
    }

    fn actions_token(&self, request: &Request) -> Reply {
        let expected = format!("bearer {}", self.request_token);
        if !request
            .header("authorization")
            .is_some_and(|value| value.eq_ignore_ascii_case(&expected))
        {
            return Reply::problem(401, "the request token is missing or wrong");
        }
        let workflow = lock(&self.workflow).clone();
        let owner = workflow.repository.split('/').next().unwrap_or_default();
        // GitHub's audience without the parameter is the owner's page.
        let audience = request
            .parameter("audience")
            .unwrap_or_else(|| format!("https://github.com/{owner}"));
        let token = self.github_token(&workflow, &audience);
        Reply::json(200, &json!({"count": token.len(), "value": token}))
    }
}

impl Handler for Issuer {
    fn handle(&self, request: &Request) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/.well-known/openid-configuration") => {
                Reply::json(200, &self.discovery(&self.url))
            }
            ("GET", "/github/.well-known/openid-configuration") => {
                Reply::json(200, &self.discovery(&self.github_issuer()))
            }
            ("GET", "/keys" | "/github/keys") => Reply::json(200, &self.key_set()),
            ("GET", "/actions/token") => self.actions_token(request),
            _ => Reply::problem(404, "no such resource"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> Issuer {
        Issuer::new("http://issuer.invalid".to_owned(), Arc::default()).expect("an issuer")
    }

    #[test]
    fn its_own_tokens_are_accepted() {
        let issuer = issuer();
        let claims = issuer
            .verify(&issuer.email_token("dev@example.com", AUDIENCE))
            .expect("accepted");
        assert_eq!(
            claims.get("email").and_then(Value::as_str),
            Some("dev@example.com")
        );
        let claims = issuer
            .verify(&issuer.github_token(&GithubClaims::new("acme/widget"), AUDIENCE))
            .expect("accepted");
        assert_eq!(
            claims.get("job_workflow_ref").and_then(Value::as_str),
            Some("acme/widget/.github/workflows/release.yml@refs/heads/main")
        );
    }

    #[test]
    fn other_tokens_are_refused() {
        let mine = issuer();
        let good = mine.email_token("dev@example.com", AUDIENCE);
        let late = mine.email_token("dev@example.com", AUDIENCE);
        let changed = good.replacen('.', ".eyJ4IjoxfQ", 1);
        for (token, reason) in [
            ("", "the token is not a JWT"),
            (
                issuer().email_token("dev@example.com", AUDIENCE).as_str(),
                "the token's signature is wrong",
            ),
            (changed.as_str(), "the token's signature is wrong"),
            (
                mine.email_token("dev@example.com", "other").as_str(),
                "the token's audience is not `sigstore`",
            ),
            (
                mine.sign(&json!({"aud": "sigstore", "exp": 1})).as_str(),
                "the token is expired",
            ),
        ] {
            assert_eq!(mine.verify(token), Err(reason), "{token}");
        }
        mine.clock.set_offset(SignedDuration::from_mins(11));
        assert_eq!(mine.verify(&late), Err("the token is expired"));
        mine.clock.set_offset(SignedDuration::from_mins(-11));
        assert_eq!(mine.verify(&late), Err("the token is not valid yet"));
    }
}
