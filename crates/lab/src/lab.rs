//! The lab as a whole: starts every service on its own thread, hands out addresses, tokens and trust material, ends with its drop.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread::JoinHandle,
};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{
    clock::Clock,
    ct::CtLog,
    error::{Error, Result},
    faults::{Faults, RegistryKind},
    fulcio::Fulcio,
    http::{self, Handler, RecordedRequest, Requests, Service},
    image::Built,
    oidc::{AUDIENCE, GithubClaims, Issuer},
    registry::{Registry, RegistryAuth},
    rekor_v1::RekorV1,
    rekor_v2::RekorV2,
    sync::lock,
    trust::{Material, RekorVersion},
    tsa::Tsa,
};

/// What whoever starts a lab tells the user, on every start.
pub const NOTICE: &str = "toolkit lab is for trials and tests, not for production: its keys are made at this start, its identity tokens \
                          prove nothing, and nothing that it signs is to be trusted outside of it";

/// How a lab starts.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// How far the lab's clock is from the system's.
    pub clock_offset: SignedDuration,
    /// The port of the registry with the referrers API; zero for any free one.
    pub registry_port: u16,
}

/// A running lab; dropping it ends every service.
pub struct Lab {
    issuer: Arc<Issuer>,
    fulcio: Arc<Fulcio>,
    ct: Arc<CtLog>,
    rekor_v1: Arc<RekorV1>,
    rekor_v2: Arc<RekorV2>,
    tsa: Arc<Tsa>,
    with_referrers: Arc<Registry>,
    without_referrers: Arc<Registry>,
    addresses: Addresses,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
    requests: Arc<Requests>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy)]
struct Addresses {
    issuer: SocketAddr,
    fulcio: SocketAddr,
    rekor_v1: SocketAddr,
    rekor_v2: SocketAddr,
    tsa: SocketAddr,
    with_referrers: SocketAddr,
    without_referrers: SocketAddr,
}

impl Lab {
    /// Starts every service on 127.0.0.1 and returns once all of them listen.
    ///
    /// # Errors
    /// [`Error::Listen`], [`Error::Thread`] and [`Error::Random`] say what the machine refused.
    pub fn start(options: Options) -> Result<Self> {
        let mut listeners = Vec::new();
        let mut listen = |port: u16| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(Error::Listen)?;
            listener.set_nonblocking(true).map_err(Error::Listen)?;
            let address = listener.local_addr().map_err(Error::Listen)?;
            listeners.push(listener);
            Ok::<_, Error>(address)
        };
        let addresses = Addresses {
            issuer: listen(0)?,
            fulcio: listen(0)?,
            rekor_v1: listen(0)?,
            rekor_v2: listen(0)?,
            tsa: listen(0)?,
            with_referrers: listen(options.registry_port)?,
            without_referrers: listen(0)?,
        };
        let (clock, faults, requests) = (
            Arc::new(Clock::default()),
            Arc::new(Faults::default()),
            Arc::new(Requests::default()),
        );
        clock.set_offset(options.clock_offset);
        let issuer = Arc::new(Issuer::new(url(addresses.issuer), Arc::clone(&clock))?);
        let ct = Arc::new(CtLog::new()?);
        let fulcio = Arc::new(Fulcio::new(
            Arc::clone(&ct),
            Arc::clone(&issuer),
            Arc::clone(&clock),
            Arc::clone(&faults),
        )?);
        let rekor_v1 = Arc::new(RekorV1::new(Arc::clone(&clock), Arc::clone(&faults))?);
        let rekor_v2 = Arc::new(RekorV2::new(Arc::clone(&clock), Arc::clone(&faults))?);
        let tsa = Arc::new(Tsa::new(Arc::clone(&clock), Arc::clone(&faults))?);
        let registry = |kind, address: SocketAddr| {
            Arc::new(Registry::new(
                kind,
                address.to_string(),
                Arc::clone(&faults),
            ))
        };
        let with_referrers = registry(RegistryKind::WithReferrers, addresses.with_referrers);
        let without_referrers =
            registry(RegistryKind::WithoutReferrers, addresses.without_referrers);
        let handlers: Vec<(Service, Arc<dyn Handler>)> = vec![
            (Service::Issuer, Arc::clone(&issuer) as _),
            (Service::Fulcio, Arc::clone(&fulcio) as _),
            (Service::RekorV1, Arc::clone(&rekor_v1) as _),
            (Service::RekorV2, Arc::clone(&rekor_v2) as _),
            (Service::TimestampAuthority, Arc::clone(&tsa) as _),
            (Service::Registry, Arc::clone(&with_referrers) as _),
            (
                Service::RegistryWithoutReferrers,
                Arc::clone(&without_referrers) as _,
            ),
        ];
        let services = listeners.into_iter().zip(handlers).collect();
        let (stop, thread) = run(services, Arc::clone(&requests))?;
        Ok(Self {
            issuer,
            fulcio,
            ct,
            rekor_v1,
            rekor_v2,
            tsa,
            with_referrers,
            without_referrers,
            addresses,
            clock,
            faults,
            requests,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns `host:port` of the registry with the referrers API.
    pub fn registry(&self) -> String {
        self.addresses.with_referrers.to_string()
    }

    /// Returns `host:port` of the registry that answers 404 to the referrers API.
    pub fn registry_without_referrers(&self) -> String {
        self.addresses.without_referrers.to_string()
    }

    /// Returns the trusted root: `application/vnd.dev.sigstore.trustedroot+json;version=0.1`.
    pub fn trusted_root_json(&self) -> String {
        self.material(|material| format!("{:#}\n", material.trusted_root()))
    }

    /// Returns the signing configuration: `application/vnd.dev.sigstore.signingconfig.v0.2+json`, with one of the logs and the timestamp authority.
    pub fn signing_config_json(&self, version: RekorVersion) -> String {
        self.material(|material| format!("{:#}\n", material.signing_config(version)))
    }

    /// Returns both in one, as sigstore-python's `--trust-config` reads them.
    pub fn client_trust_config_json(&self, version: RekorVersion) -> String {
        let config: Value = self.material(|material| {
            json!({
                "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
                "trustedRoot": material.trusted_root(),
                "signingConfig": material.signing_config(version),
            })
        });
        format!("{config:#}\n")
    }

    /// Returns the URL of the issuer of e-mail tokens.
    pub fn issuer(&self) -> String {
        self.issuer.email_issuer().to_owned()
    }

    /// Returns the URL of the issuer of workflow tokens.
    pub fn github_issuer(&self) -> String {
        self.issuer.github_issuer()
    }

    /// Returns the URL of the certificate authority.
    pub fn fulcio_url(&self) -> String {
        url(self.addresses.fulcio)
    }

    /// Returns the URL of a transparency log.
    pub fn rekor_url(&self, version: RekorVersion) -> String {
        match version {
            RekorVersion::V1 => url(self.addresses.rekor_v1),
            RekorVersion::V2 => url(self.addresses.rekor_v2),
        }
    }

    /// Returns the URL that timestamp requests go to.
    pub fn timestamp_url(&self) -> String {
        format!("{}/api/v1/timestamp", url(self.addresses.tsa))
    }

    /// Makes an identity token for an e-mail address, for Fulcio, valid for ten minutes of the lab's clock.
    pub fn email_token(&self, email: &str) -> String {
        self.issuer.email_token(email, AUDIENCE)
    }

    /// Makes an identity token for a workflow, for Fulcio, valid for ten minutes of the lab's clock.
    pub fn github_token(&self, claims: GithubClaims) -> String {
        self.issuer.github_token(&claims, AUDIENCE)
    }

    /// Signs claims as they are, for tokens that Fulcio must refuse.
    pub fn custom_token(&self, claims: &Value) -> String {
        self.issuer.sign(claims)
    }

    /// Returns the value of `ACTIONS_ID_TOKEN_REQUEST_URL`.
    pub fn actions_request_url(&self) -> String {
        self.issuer.request_url()
    }

    /// Returns the value of `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    pub fn actions_request_token(&self) -> String {
        self.issuer.request_token().to_owned()
    }

    /// Sets which workflow the id-token endpoint speaks for; at the start it is `release.yml` of `acme/widget` on `main`.
    pub fn set_actions_workflow(&self, claims: GithubClaims) {
        self.issuer.set_workflow(claims);
    }

    /// Returns the fault switches.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Moves the clock of all services this far from the system's.
    pub fn set_clock_offset(&self, offset: SignedDuration) {
        self.clock.set_offset(offset);
    }

    /// Sets how a registry asks for credentials.
    pub fn set_registry_auth(&self, kind: RegistryKind, auth: RegistryAuth) {
        self.registry_of(kind).set_auth(auth);
    }

    /// Puts an image into a registry, without a request, and returns its digest.
    pub fn push(
        &self,
        kind: RegistryKind,
        repository: &str,
        tag: Option<&str>,
        image: &Built,
    ) -> String {
        self.registry_of(kind).insert(repository, tag, image);
        image.digest().to_owned()
    }

    /// Returns the digest that a tag names, as the registry has it at this moment.
    pub fn tag(&self, kind: RegistryKind, repository: &str, tag: &str) -> Option<String> {
        lock(&self.registry_of(kind).store)
            .repositories
            .get(repository)?
            .tags
            .get(tag)
            .cloned()
    }

    /// Returns the tags of a repository in order.
    pub fn tags(&self, kind: RegistryKind, repository: &str) -> Vec<String> {
        let store = lock(&self.registry_of(kind).store);
        store
            .repositories
            .get(repository)
            .map(|repository| repository.tags.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Returns the bytes of a manifest by tag or digest, as the registry has them at this moment.
    pub fn manifest(
        &self,
        kind: RegistryKind,
        repository: &str,
        reference: &str,
    ) -> Option<Vec<u8>> {
        let store = lock(&self.registry_of(kind).store);
        let repository = store.repositories.get(repository)?;
        Some(
            repository
                .manifests
                .get(&repository.resolve(reference)?)?
                .bytes
                .to_vec(),
        )
    }

    /// Returns the digests of all manifests of a repository in order.
    pub fn manifests(&self, kind: RegistryKind, repository: &str) -> Vec<String> {
        let store = lock(&self.registry_of(kind).store);
        store
            .repositories
            .get(repository)
            .map(|repository| repository.manifests.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Returns all requests since the start or since [`Self::clear_requests`], in the order of their answers.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.requests.clear();
    }

    fn registry_of(&self, kind: RegistryKind) -> &Registry {
        match kind {
            RegistryKind::WithReferrers => &self.with_referrers,
            RegistryKind::WithoutReferrers => &self.without_referrers,
        }
    }

    fn material<T>(&self, use_it: impl FnOnce(&Material<'_>) -> T) -> T {
        use_it(&Material {
            issuer: self.issuer.email_issuer(),
            fulcio: &url(self.addresses.fulcio),
            fulcio_chain: self.fulcio.chain(),
            ct_spki: self.ct.spki(),
            rekor_v1: &url(self.addresses.rekor_v1),
            rekor_v1_spki: self.rekor_v1.spki(),
            rekor_v2: &url(self.addresses.rekor_v2),
            rekor_v2_spki: &self.rekor_v2.spki(),
            rekor_v2_id: self.rekor_v2.key_id(),
            tsa: &url(self.addresses.tsa),
            tsa_chain: self.tsa.chain(),
        })
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Lab")
            .field("registry", &self.registry())
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

type Services = Vec<(TcpListener, (Service, Arc<dyn Handler>))>;

/// Runs the services on a thread and a runtime of their own, so that callers may have a runtime or none.
fn run(
    services: Services,
    requests: Arc<Requests>,
) -> Result<(oneshot::Sender<()>, JoinHandle<()>)> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::Thread)?;
    let guard = runtime.enter();
    let listeners: io::Result<Vec<_>> = services
        .into_iter()
        .map(|(listener, (service, handler))| {
            Ok((
                tokio::net::TcpListener::from_std(listener)?,
                service,
                handler,
            ))
        })
        .collect();
    let listeners = listeners.map_err(Error::Listen)?;
    drop(guard);
    let (stop, stopped) = oneshot::channel();
    let body = move || {
        for (listener, service, handler) in listeners {
            runtime.spawn(http::serve(
                listener,
                service,
                handler,
                Arc::clone(&requests),
            ));
        }
        // Either the lab's drop or the end of its sender ends the wait.
        let _ = runtime.block_on(stopped);
        runtime.shutdown_background();
    };
    let thread = std::thread::Builder::new()
        .name("toolkit-lab".to_owned())
        .spawn(body)
        .map_err(Error::Thread)?;
    Ok((stop, thread))
}
