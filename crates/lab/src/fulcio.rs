//! The certificate authority: Fulcio's `/api/v2` over HTTP, certificates after fulcio's `docs/certificate-specification.md`.
//!
//! It checks the token, the proof of possession and the request, and certifies e-mail addresses and GitHub workflows.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::{
    clock::Clock,
    ct::CtLog,
    der,
    error::Result,
    faults::{Faults, FulcioFault, rate_limited},
    http::{Handler, Reply, Request, either},
    keys::{EcdsaKey, PublicKey, pem, read_pem},
    oidc::{AUDIENCE, Issuer},
    x509::{self, Authority, Draft},
};

/// How long a certificate is valid: ten minutes, as the public instance's.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// The purpose codeSigning of extKeyUsage (RFC 5280 §4.2.1.12).
const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
/// The arc of Fulcio's extensions (fulcio's `docs/oid-info.md`).
const FULCIO: &str = "1.3.6.1.4.1.57264.1";

pub(crate) struct Fulcio {
    root: Authority,
    intermediate: Authority,
    ct: Arc<CtLog>,
    issuer: Arc<Issuer>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
}

/// Whom a certificate names and what it says of them.
struct Principal {
    san: Vec<u8>,
    /// What the proof of possession signs.
    challenge: String,
    extensions: Vec<Vec<u8>>,
}

impl Fulcio {
    pub(crate) fn new(
        ct: Arc<CtLog>,
        issuer: Arc<Issuer>,
        clock: Arc<Clock>,
        faults: Arc<Faults>,
    ) -> Result<Self> {
        let root = Authority::root("toolkit lab", "fulcio root")?;
        let intermediate = root.intermediate("toolkit lab", "fulcio intermediate", CODE_SIGNING)?;
        Ok(Self {
            root,
            intermediate,
            ct,
            issuer,
            clock,
            faults,
        })
    }

    /// Returns the certificates from the intermediate up to the root.
    pub(crate) fn chain(&self) -> [&[u8]; 2] {
        [&self.intermediate.certificate, &self.root.certificate]
    }

    fn signing_certificate(&self, request: &Request) -> std::result::Result<Reply, Reply> {
        let body = request.json()?;
        let bearer = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let token = body
            .pointer("/credentials/oidcIdentityToken")
            .and_then(Value::as_str)
            .or(bearer);
        let token = token.ok_or_else(|| Reply::problem(401, "there is no identity token"))?;
        let claims = self
            .issuer
            .verify(token)
            .map_err(|reason| Reply::problem(401, reason))?;
        let mut principal = self
            .principal(&claims)
            .map_err(|reason| Reply::problem(400, reason))?;
        let key = requested_key(&body, &principal.challenge)?;
        if let Some(email) = self.faults.fulcio().due(|fault| match fault {
            FulcioFault::WrongIdentity(email) => Some(email.clone()),
            _ => None,
        }) {
            principal.san = der::element(0x81, email.as_bytes());
        }
        let leaf = self
            .certify(&key, principal)
            .map_err(|error| Reply::problem(500, &error.to_string()))?;
        let [intermediate, root] = self.chain();
        let chain: Vec<String> = [&leaf, intermediate, root]
            .iter()
            .map(|der| pem("CERTIFICATE", der))
            .collect();
        Ok(Reply::json(
            200,
            &json!({"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}),
        ))
    }

    fn principal(
        &self,
        claims: &Map<String, Value>,
    ) -> std::result::Result<Principal, &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let issuer = text("iss").ok_or("the token has no issuer")?;
        let mut extensions = vec![
            x509::extension(&format!("{FULCIO}.1"), false, issuer.as_bytes()),
            fulcio_extension(8, issuer),
        ];
        if issuer == self.issuer.email_issuer() {
            let email = text("email").ok_or("the token has no e-mail address")?;
            if claims.get("email_verified") != Some(&Value::Bool(true)) {
                return Err("the token's e-mail address is not verified");
            }
            return Ok(Principal {
                san: der::element(0x81, email.as_bytes()),
                challenge: email.to_owned(),
                extensions,
            });
        }
        if issuer != self.issuer.github_issuer() {
            return Err("the token's issuer is not configured");
        }
        let claim = |name: &'static str| text(name).ok_or("a claim of the workflow is missing");
        let (repository, sha, event) = (claim("repository")?, claim("sha")?, claim("event_name")?);
        let reference = claim("ref")?;
        let job = format!("https://github.com/{}", claim("job_workflow_ref")?);
        for (number, value) in [
            (2, event),
            (3, sha),
            (4, claim("workflow")?),
            (5, repository),
            (6, reference),
        ] {
            extensions.push(x509::extension(
                &format!("{FULCIO}.{number}"),
                false,
                value.as_bytes(),
            ));
        }
        let run = format!(
            "https://github.com/{repository}/actions/runs/{}/attempts/{}",
            claim("run_id")?,
            claim("run_attempt")?
        );
        let subject = claim("sub")?;
        for (number, value) in [
            (9, job.as_str()),
            (10, claim("job_workflow_sha")?),
            (11, claim("runner_environment")?),
            (12, &format!("https://github.com/{repository}")),
            (13, sha),
            (14, reference),
            (15, claim("repository_id")?),
            (
                16,
                &format!("https://github.com/{}", claim("repository_owner")?),
            ),
            (17, claim("repository_owner_id")?),
            (
                18,
                &format!("https://github.com/{}", claim("workflow_ref")?),
            ),
            (19, claim("workflow_sha")?),
            (20, event),
            (21, &run),
            (22, claim("repository_visibility")?),
            (23, text("environment").unwrap_or_default()),
            (24, subject),
        ] {
            if !value.is_empty() {
                extensions.push(fulcio_extension(number, value));
            }
        }
        Ok(Principal {
            san: der::element(0x86, job.as_bytes()),
            challenge: subject.to_owned(),
            extensions,
        })
    }

    fn certify(&self, key: &PublicKey, principal: Principal) -> Result<Vec<u8>> {
        let faults = self.faults.fulcio();
        let stranger = EcdsaKey::generate()?;
        let spki = if faults.is_due(&FulcioFault::WrongKey) {
            stranger.spki()
        } else {
            key.spki()
        };
        let now = self.clock.now();
        let mut extensions = vec![
            x509::signer_usage(),
            x509::extended_key_usage(CODE_SIGNING, false),
            x509::subject_key_id(spki),
            x509::authority_key_id(self.intermediate.key.spki()),
            // Critical, since the subject is empty (RFC 5280 §4.2.1.6).
            x509::extension("2.5.29.17", true, &der::sequence(&[&principal.san])),
        ];
        extensions.extend(principal.extensions);
        let mut draft = Draft {
            issuer: &self.intermediate.name,
            subject: &der::sequence(&[]),
            not_before: now,
            not_after: now.checked_add(LIFETIME).unwrap_or(now),
            spki,
            serial: x509::serial()?,
            extensions,
        };
        if !faults.is_due(&FulcioFault::MissingSct) {
            let mut tbs = draft.tbs();
            if faults.is_due(&FulcioFault::WrongSct) {
                tbs.push(0);
            }
            draft
                .extensions
                .push(self.ct.embedded(&tbs, self.intermediate.key.spki(), now));
        }
        Ok(draft.sign(&self.intermediate.key))
    }

    fn configuration(&self) -> Value {
        let entry = |url: &str, challenge: &str| json!({"issuerUrl": url, "audience": AUDIENCE, "challengeClaim": challenge, "spiffeTrustDomain": ""});
        json!({"issuers": [entry(self.issuer.email_issuer(), "email"), entry(&self.issuer.github_issuer(), "sub")]})
    }

    fn trust_bundle(&self) -> Value {
        json!({"chains": [{"certificates": self.chain().map(|der| pem("CERTIFICATE", der))}]})
    }

    fn fault(&self) -> Option<Reply> {
        self.faults.fulcio().due(|fault| match fault {
            FulcioFault::RateLimited { retry_after } => Some(rate_limited(
                Reply::problem(429, "too many requests"),
                *retry_after,
            )),
            FulcioFault::Status(status) => Some(Reply::problem(*status, "failing on demand")),
            _ => None,
        })
    }
}

impl Handler for Fulcio {
    fn handle(&self, request: &Request) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/v2/signingCert") => {
                let stall = self.faults.fulcio().due(|fault| match fault {
                    FulcioFault::Stall(time) => Some(*time),
                    _ => None,
                });
                let mut reply = self
                    .fault()
                    .unwrap_or_else(|| either(self.signing_certificate(request)));
                reply.delay = stall.unwrap_or_default();
                reply
            }
            ("GET", "/api/v2/trustBundle") => Reply::json(200, &self.trust_bundle()),
            ("GET", "/api/v2/configuration") => Reply::json(200, &self.configuration()),
            _ => Reply::problem(404, "no such resource"),
        }
    }
}

fn fulcio_extension(number: u8, value: &str) -> Vec<u8> {
    x509::extension(
        &format!("{FULCIO}.{number}"),
        false,
        &der::element(der::UTF8_STRING, value.as_bytes()),
    )
}

/// Returns the key that a request asks a certificate for, once it has proved that it holds it.
fn requested_key(body: &Value, challenge: &str) -> std::result::Result<PublicKey, Reply> {
    let refuse = |message: &str| Reply::problem(400, message);
    let decode = |text: &str| {
        STANDARD
            .decode(text)
            .map_err(|_| refuse("a field is not base64"))
    };
    if let Some(request) = body
        .get("certificateSigningRequest")
        .and_then(Value::as_str)
    {
        let (_, der) = read_pem(&decode(request)?).map_err(|error| refuse(error.0))?;
        return x509::request_key(&der).map_err(|error| refuse(error.0));
    }
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let key = text("/publicKeyRequest/publicKey/content")
        .ok_or_else(|| refuse("there is neither a public key nor a request"))?;
    let proof = text("/publicKeyRequest/proofOfPossession")
        .ok_or_else(|| refuse("there is no proof of possession"))?;
    let (_, der) = read_pem(key.as_bytes()).map_err(|error| refuse(error.0))?;
    let key = PublicKey::from_spki(&der).map_err(|error| refuse(error.0))?;
    if key.verifies(challenge.as_bytes(), &decode(proof)?) {
        Ok(key)
    } else {
        Err(refuse(
            "the proof of possession is not the key's signature over the token's subject",
        ))
    }
}
