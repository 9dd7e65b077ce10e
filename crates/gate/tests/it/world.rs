//! A signed image in the lab, and what judging it needs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use toolkit_attest::{
    IdentityToken, Options, PublicKey, Session, SigningConfig, Statement, Subject, TrustRoot,
    attach, predicate,
};
use toolkit_gate::{
    Criteria, DatabaseAtHand, Destination, Event, Existing, NamedBundle, PinnedImage, Promoted,
    Promotion, Result, promote, verify,
};
use toolkit_lab::image::{Compression, Image, Index, Layer};
use toolkit_lab::{GithubClaims, Lab, RegistryKind, RekorVersion};
use toolkit_oci::registry::{Client, Options as RegistryOptions, Retries};
use toolkit_oci::{Access, Digest, Limits, Repository, Target};
use toolkit_policy::{LoadedPolicy, Verdict, check};

pub(crate) const REPOSITORY: &str = "acme/widget";
pub(crate) const TAG: &str = "1";
const WORKFLOW: &str =
    "https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main";

pub(crate) struct World {
    pub(crate) lab: Lab,
    pub(crate) root: TrustRoot,
    pub(crate) client: Client,
    pub(crate) limits: Limits,
}

/// The image that tests promote: an index of two platforms, signed, with provenance and an SBOM for each platform.
pub(crate) struct Signed {
    pub(crate) index: Digest,
    pub(crate) platforms: [Digest; 2],
}

pub(crate) fn now() -> Timestamp {
    // Signatures are made during the test, so their time is this machine's.
    Timestamp::now()
}

pub(crate) fn quiet(_: Event) {}

impl World {
    pub(crate) fn new() -> Self {
        let lab = Lab::start(toolkit_lab::Options::default()).expect("the lab starts");
        let root = TrustRoot::from_json(lab.trusted_root_json().as_bytes(), "the lab")
            .expect("its root is valid");
        let retries = Retries {
            attempts: 1,
            base: Duration::from_millis(1),
            cap: Duration::from_millis(1),
            budget: Duration::from_secs(1),
        };
        let client = Client::new(RegistryOptions {
            retries,
            ..RegistryOptions::default()
        });
        Self {
            lab,
            root,
            client,
            limits: Limits::default(),
        }
    }

    pub(crate) fn access(&self) -> Access<'_> {
        Access::new(&self.limits, &self.client, &|_| {})
    }

    fn host(&self, kind: RegistryKind) -> String {
        match kind {
            RegistryKind::WithReferrers => self.lab.registry(),
            RegistryKind::WithoutReferrers => self.lab.registry_without_referrers(),
        }
    }

    /// Names an image in one of the registries.
    pub(crate) fn target(&self, kind: RegistryKind, rest: &str) -> Target {
        Target::parse(&format!("registry:{}/{rest}", self.host(kind))).expect("a target")
    }

    pub(crate) fn image(&self, target: &Target) -> PinnedImage {
        PinnedImage::resolve(target, &self.access()).expect("the image is there")
    }

    /// Begins a session of the release workflow.
    pub(crate) fn session(&self, claims: GithubClaims) -> Session {
        self.keyless(&self.lab.github_token(claims))
    }

    pub(crate) fn person(&self, address: &str) -> Session {
        self.keyless(&self.lab.email_token(address))
    }

    fn keyless(&self, token: &str) -> Session {
        let token = IdentityToken::parse(token).expect("a token");
        let config = self.lab.signing_config_json(RekorVersion::V2);
        let config = SigningConfig::from_json(config.as_bytes(), "the lab")
            .expect("a signing configuration");
        Session::keyless(
            token,
            config,
            self.root.clone(),
            Options::new(Arc::new(Timestamp::now), "test"),
        )
        .expect("a session")
    }

    /// Signs a statement and attaches it to a manifest.
    pub(crate) fn attach(
        &self,
        repository: &Repository,
        subject: &Digest,
        session: &mut Session,
        statement: &Statement,
    ) -> Digest {
        let signed = session.sign_statement(statement).expect("it is signed");
        let subject = repository
            .manifest_by_digest(subject)
            .expect("an answer")
            .expect("it is there")
            .descriptor;
        attach(repository, &subject, &signed.bundle, None)
            .expect("it is attached")
            .digest
    }

    /// Pushes and signs the image that tests promote.
    pub(crate) fn publish(&self, kind: RegistryKind) -> Signed {
        self.publish_as(kind, GithubClaims::new(REPOSITORY), "1000")
    }

    /// Pushes the image and signs nothing.
    pub(crate) fn push(&self, kind: RegistryKind, user: &str) -> Signed {
        let image = |architecture: &str, user: &str| {
            let layer =
                Layer::new(Compression::Gzip).file("etc/architecture", architecture.as_bytes());
            Image::new("linux", architecture)
                .user(user)
                .layer(layer)
                .build()
                .expect("an image")
        };
        let (amd64, arm64) = (image("amd64", "1000"), image("arm64", user));
        let platforms =
            [&amd64, &arm64].map(|built| Digest::parse(built.digest()).expect("a digest"));
        let index = Index::new().image(amd64).image(arm64).build();
        let index =
            Digest::parse(&self.lab.push(kind, REPOSITORY, Some(TAG), &index)).expect("a digest");
        Signed { index, platforms }
    }

    pub(crate) fn publish_as(
        &self,
        kind: RegistryKind,
        claims: GithubClaims,
        user: &str,
    ) -> Signed {
        let signed = self.push(kind, user);
        let repository = self.repository(kind);
        let mut session = self.session(claims);
        self.attach(
            &repository,
            &signed.index,
            &mut session,
            &Statement::image_signature(&signed.index),
        );
        for platform in &signed.platforms {
            self.attach(&repository, platform, &mut session, &sbom(platform));
        }
        // One bundle with three subjects, beside each of them.
        let provenance = session
            .sign_statement(&provenance(&signed, &build(|_| {})))
            .expect("it is signed");
        for subject in [&signed.index, &signed.platforms[0], &signed.platforms[1]] {
            let subject = repository
                .manifest_by_digest(subject)
                .expect("an answer")
                .expect("it is there")
                .descriptor;
            attach(&repository, &subject, &provenance.bundle, None).expect("it is attached");
        }
        signed
    }

    pub(crate) fn repository(&self, kind: RegistryKind) -> Repository {
        let Target::Registry(reference) = self.target(kind, REPOSITORY) else {
            panic!("a reference")
        };
        Repository::remote(&self.client, &reference).expect("a repository")
    }

    /// The policy that the image meets.
    pub(crate) fn policy_text(&self) -> String {
        let (github, email) = (self.lab.github_issuer(), self.lab.issuer());
        let (with, without) = (self.lab.registry(), self.lab.registry_without_referrers());
        format!(
            r#"version: 1
name: release
identities:
  release: {{kind: github, repository: acme/widget, workflow: .github/workflows/release.yml, ref: refs/heads/main, issuer: "{github}"}}
  alice: {{kind: email, address: alice@example.com, issuer: "{email}"}}
rules:
- id: signed
  match: {{images: ["{with}/acme/**", "{without}/acme/**"]}}
  require:
    reference: {{registries: ["{with}", "{without}"]}}
    signatures: release
    attestations: [{{type: cyclonedx, by: release}}]
    provenance: {{by: release, builders: ["{WORKFLOW}"], source: {{repository: "https://github.com/acme/widget", refs: [refs/heads/main]}}}}
    image: {{user: nonRoot}}
"#
        )
    }

    pub(crate) fn policy(&self) -> LoadedPolicy {
        self.loaded(&self.policy_text(), &BTreeMap::new())
    }

    pub(crate) fn loaded(&self, text: &str, keys: &BTreeMap<String, Vec<u8>>) -> LoadedPolicy {
        let policy =
            check("policy.yaml", text, now()).unwrap_or_else(|faults| panic!("{faults:#?}"));
        policy
            .load_keys(keys)
            .unwrap_or_else(|faults| panic!("{faults:#?}"))
    }

    pub(crate) fn criteria<'a>(&'a self, policy: &'a LoadedPolicy) -> Criteria<'a> {
        Criteria {
            policy,
            root: &self.root,
            database: DatabaseAtHand::Unusable {
                reason: "there is none".to_owned(),
                next: "none".to_owned(),
            },
            now: now(),
        }
    }

    pub(crate) fn verify(
        &self,
        target: &Target,
        policy: &LoadedPolicy,
        named: &[NamedBundle],
    ) -> Result<Verdict> {
        let image = PinnedImage::resolve(target, &self.access())?;
        let criteria = self.criteria(policy);
        verify(&image, &criteria, named, &self.access(), &quiet).map(|(verdict, _)| verdict)
    }

    pub(crate) fn promote(
        &self,
        from: &Target,
        to: &Target,
        existing: Existing,
    ) -> Result<Promoted> {
        self.promote_with(from, to, existing, &quiet)
    }

    pub(crate) fn promote_with(
        &self,
        from: &Target,
        to: &Target,
        existing: Existing,
        events: &(dyn Fn(Event) + Sync),
    ) -> Result<Promoted> {
        let image = PinnedImage::resolve(from, &self.access())?;
        let destination = Destination::new(to, &self.access())?;
        let policy = self.policy();
        let promotion = Promotion {
            image: &image,
            destination: &destination,
            criteria: &self.criteria(&policy),
            existing,
        };
        promote(&promotion, &self.access(), events)
    }
}

pub(crate) fn sbom(subject: &Digest) -> Statement {
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []});
    Statement::new(
        vec![Subject::new("app", subject)],
        predicate::CYCLONEDX,
        document,
    )
    .expect("a statement")
}

/// What GitHub's build type says of the release workflow, changed.
pub(crate) fn build(change: impl FnOnce(&mut Value)) -> Value {
    let sha = GithubClaims::new(REPOSITORY).sha;
    let mut predicate = json!({
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {"workflow": {
                "ref": "refs/heads/main", "repository": "https://github.com/acme/widget", "path": ".github/workflows/release.yml"
            }},
            "resolvedDependencies": [{"uri": "git+https://github.com/acme/widget@refs/heads/main", "digest": {"gitCommit": sha}}]
        },
        "runDetails": {"builder": {"id": WORKFLOW}, "metadata": {"invocationId": "https://github.com/acme/widget/actions/runs/42/attempts/1"}}
    });
    change(&mut predicate);
    predicate
}

pub(crate) fn provenance(image: &Signed, predicate: &Value) -> Statement {
    let subjects = [&image.index, &image.platforms[0], &image.platforms[1]]
        .map(|digest| Subject::new("app", digest));
    Statement::new(
        subjects.to_vec(),
        predicate::SLSA_PROVENANCE_V1,
        predicate.clone(),
    )
    .expect("a statement")
}

/// Verdict and the codes that stand against the image.
pub(crate) fn summary(verdict: &Verdict) -> (&'static str, Vec<String>) {
    let open = verdict.report().open().map(|result| {
        let platform = result
            .platform
            .as_ref()
            .map(|platform| format!(" {platform}"))
            .unwrap_or_default();
        format!("{} {}{platform}", result.check, result.code)
    });
    (verdict.as_str(), open.collect())
}

/// A key of the lab's kind that signed nothing here: RFC 6979 §A.2.5's.
pub(crate) fn stranger_key() -> PublicKey {
    PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7\nYfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n12zCU2pgvGNpg==\n-----END PUBLIC KEY-----\n").expect("a key")
}
