//! The registry as a service: who may do what, which resource, and the errors of distribution-spec.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{
    auth::{Guard, RegistryAuth},
    blobs, faulty, manifests, referrers,
    route::{Route, is_name},
    store::{Manifest, Store},
    uploads,
};
use crate::{
    faults::{Faults, RegistryFault, RegistryKind, Switches},
    http::{Handler, Reply, Request, either},
    image::Built,
    sync::lock,
};

pub(crate) struct Registry {
    pub(crate) kind: RegistryKind,
    pub(crate) store: Mutex<Store>,
    guard: Guard,
    faults: Arc<Faults>,
}

/// Answers with an error of distribution-spec ("Error Codes").
pub(crate) fn refuse(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"errors": [{"code": code, "message": message, "detail": null}]}),
    )
}

impl Registry {
    pub(crate) fn new(kind: RegistryKind, address: String, faults: Arc<Faults>) -> Self {
        Self {
            kind,
            store: Mutex::default(),
            guard: Guard::new(address),
            faults,
        }
    }

    pub(crate) fn set_auth(&self, auth: RegistryAuth) {
        self.guard.set(auth);
    }

    pub(crate) fn faults(&self) -> &Switches<RegistryFault> {
        self.faults.registry(self.kind)
    }

    /// Puts an image and all below it into a repository.
    pub(crate) fn insert(&self, name: &str, tag: Option<&str>, image: &Built) {
        for child in image.children() {
            self.insert(name, None, child);
        }
        let mut store = lock(&self.store);
        let repository = store.repository(name);
        for (digest, bytes) in image.blobs() {
            repository
                .blobs
                .insert(digest.clone(), bytes.clone().into());
        }
        let manifest = Manifest {
            media_type: image.media_type().to_owned(),
            bytes: image.bytes().to_vec().into(),
        };
        repository
            .manifests
            .insert(image.digest().to_owned(), manifest);
        if let Some(tag) = tag {
            repository
                .tags
                .insert(tag.to_owned(), image.digest().to_owned());
        }
    }

    fn route(&self, request: &Request) -> Result<Reply, Reply> {
        if request.path == "/token" {
            return self.guard.token(request);
        }
        let route = Route::parse(&request.path)
            .ok_or_else(|| Reply::new(404, "text/plain", "404 page not found\n"))?;
        self.guard.admit(request, &route)?;
        if route.repository().is_some_and(|name| !is_name(name)) {
            return Err(refuse(400, "NAME_INVALID", "invalid repository name"));
        }
        let read = matches!(request.method.as_str(), "GET" | "HEAD");
        match route {
            Route::Base if read => Ok(Reply::json(200, &json!({}))
                .with("Docker-Distribution-Api-Version", "registry/2.0")),
            Route::Catalog if read => {
                let names: Vec<Value> = lock(&self.store)
                    .repositories
                    .keys()
                    .map(|name| name.as_str().into())
                    .collect();
                Ok(Reply::json(200, &json!({"repositories": names})))
            }
            Route::Blob { name, digest } => blobs::handle(self, request, &name, &digest),
            Route::Uploads { name } => uploads::begin(self, request, &name),
            Route::Upload { name, id } => uploads::go_on(self, request, &name, &id),
            Route::Manifest { name, reference } => {
                manifests::handle(self, request, &name, &reference)
            }
            Route::Tags { name } if read => manifests::tags(self, request, &name),
            Route::Referrers { name, digest } if read => {
                referrers::list(self, request, &name, &digest)
            }
            _ => Err(unsupported()),
        }
    }
}

/// Answers a method that the resource has not.
pub(crate) fn unsupported() -> Reply {
    refuse(405, "UNSUPPORTED", "the operation is unsupported")
}

impl Handler for Registry {
    fn handle(&self, request: &Request) -> Reply {
        let (early, delay) = faulty::before(self.faults(), request);
        let mut reply = match early {
            Some(reply) => reply,
            None => faulty::after(self.faults(), request, either(self.route(request))),
        };
        reply.delay = delay;
        reply
    }
}
