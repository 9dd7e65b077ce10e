//! Manifests by tag and digest, and the list of tags (distribution-spec, "Pulling manifests", "Pushing manifests", "Listing tags").

use serde_json::{Value, json};

use super::{
    route::is_tag,
    server::{Registry, refuse, unsupported},
    store::{self, Manifest, Repository},
};
use crate::{
    faults::{ReferrersFault, RegistryFault, RegistryKind},
    http::{Reply, Request},
    sync::lock,
};

/// The largest manifest that is taken: what distribution-spec asks registries to take at least.
const LIMIT: usize = 4 << 20;

pub(crate) fn handle(
    registry: &Registry,
    request: &Request,
    name: &str,
    reference: &str,
) -> Result<Reply, Reply> {
    if !is_tag(reference) && store::matches(reference, &[]).is_none() {
        return Err(refuse(
            400,
            "DIGEST_INVALID",
            "the reference is neither a tag nor a digest",
        ));
    }
    match request.method.as_str() {
        "GET" | "HEAD" => get(registry, name, reference),
        "PUT" => put(registry, request, name, reference),
        "DELETE" => delete(registry, name, reference),
        _ => Err(unsupported()),
    }
}

fn unknown() -> Reply {
    refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
}

fn get(registry: &Registry, name: &str, reference: &str) -> Result<Reply, Reply> {
    let store = lock(&registry.store);
    let repository = store
        .repositories
        .get(name)
        .ok_or_else(|| refuse(404, "NAME_UNKNOWN", "repository name not known to registry"))?;
    let digest = repository.resolve(reference).ok_or_else(unknown)?;
    let manifest = repository.manifests.get(&digest).ok_or_else(unknown)?;
    Ok(
        Reply::new(200, &manifest.media_type, manifest.bytes.clone())
            .with("Docker-Content-Digest", digest.as_str())
            .with("ETag", format!("\"{digest}\"")),
    )
}

fn put(
    registry: &Registry,
    request: &Request,
    name: &str,
    reference: &str,
) -> Result<Reply, Reply> {
    let invalid = |message: &str| refuse(400, "MANIFEST_INVALID", message);
    if request.body.len() > LIMIT {
        return Err(refuse(
            413,
            "MANIFEST_INVALID",
            "the manifest is larger than 4 MiB",
        ));
    }
    let json: Value =
        serde_json::from_slice(&request.body).map_err(|_| invalid("the manifest is not JSON"))?;
    let stated = json.get("mediaType").and_then(Value::as_str);
    let sent = request
        .header("content-type")
        .map(|value| value.split(';').next().unwrap_or_default().trim());
    let media_type = match (sent, stated) {
        (Some(sent), Some(stated)) if sent != stated => {
            return Err(invalid("`Content-Type` and `mediaType` differ"));
        }
        (Some(media_type), _) | (None, Some(media_type)) => media_type.to_owned(),
        (None, None) => return Err(invalid("there is no media type")),
    };
    let digest = if is_tag(reference) {
        store::digest(&request.body)
    } else {
        reference.to_owned()
    };
    if store::matches(&digest, &request.body) != Some(true) {
        return Err(refuse(
            400,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
        ));
    }
    let mut store = lock(&registry.store);
    let repository = store.repository(name);
    if let Some(missing) = missing(repository, &json) {
        return Err(refuse(
            400,
            "MANIFEST_BLOB_UNKNOWN",
            &format!("blob unknown to registry: {missing}"),
        ));
    }
    repository.manifests.insert(
        digest.clone(),
        Manifest {
            media_type,
            bytes: request.body.clone(),
        },
    );
    if is_tag(reference) {
        repository.tags.insert(reference.to_owned(), digest.clone());
    }
    let mut reply = Reply::empty(201)
        .with("Location", format!("/v2/{name}/manifests/{digest}"))
        .with("Docker-Content-Digest", digest);
    let subject = json.pointer("/subject/digest").and_then(Value::as_str);
    if let Some(subject) = subject.filter(|_| says_subject(registry)) {
        reply = reply.with("OCI-Subject", subject);
    }
    Ok(reply)
}

/// Returns whether a push is answered with `OCI-Subject`.
fn says_subject(registry: &Registry) -> bool {
    let on = |wanted: fn(&ReferrersFault) -> bool| {
        registry
            .faults()
            .is_on(|fault| matches!(fault, RegistryFault::Referrers(fault) if wanted(fault)))
    };
    let off = || on(|fault| matches!(fault, ReferrersFault::Status(400..=499 | 501)));
    on(|fault| *fault == ReferrersFault::LyingSubject)
        || registry.kind == RegistryKind::WithReferrers && !off()
}

/// Returns the first blob or child manifest that the repository has not.
fn missing(repository: &Repository, manifest: &Value) -> Option<String> {
    let digests = |pointer: &str| -> Vec<String> {
        let items = manifest
            .pointer(pointer)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        items
            .filter_map(|item| item.get("digest").and_then(Value::as_str))
            .map(ToOwned::to_owned)
            .collect()
    };
    let config = manifest
        .pointer("/config/digest")
        .and_then(Value::as_str)
        .map(ToOwned::to_owned);
    let blobs = digests("/layers")
        .into_iter()
        .chain(config)
        .find(|digest| !repository.blobs.contains_key(digest));
    blobs.or_else(|| {
        digests("/manifests")
            .into_iter()
            .find(|digest| !repository.manifests.contains_key(digest))
    })
}

fn delete(registry: &Registry, name: &str, reference: &str) -> Result<Reply, Reply> {
    let mut store = lock(&registry.store);
    let repository = store.repositories.get_mut(name).ok_or_else(unknown)?;
    if is_tag(reference) {
        repository.tags.remove(reference).ok_or_else(unknown)?;
    } else {
        repository.manifests.remove(reference).ok_or_else(unknown)?;
        repository.tags.retain(|_, digest| digest != reference);
    }
    Ok(Reply::empty(202))
}

/// Serves the list of tags, in pages where `n` asks for them.
pub(crate) fn tags(registry: &Registry, request: &Request, name: &str) -> Result<Reply, Reply> {
    let store = lock(&registry.store);
    let repository = store
        .repositories
        .get(name)
        .ok_or_else(|| refuse(404, "NAME_UNKNOWN", "repository name not known to registry"))?;
    let last = request.parameter("last").unwrap_or_default();
    let mut tags: Vec<&str> = repository
        .tags
        .keys()
        .map(String::as_str)
        .filter(|tag| *tag > last.as_str())
        .collect();
    let mut next = None;
    if let Some(count) = request
        .parameter("n")
        .and_then(|count| count.parse::<usize>().ok())
        && tags.len() > count
    {
        tags.truncate(count);
        next = tags
            .last()
            .map(|last| format!("</v2/{name}/tags/list?n={count}&last={last}>; rel=\"next\""));
    }
    let reply = Reply::json(200, &json!({"name": name, "tags": tags}));
    Ok(match next {
        Some(link) => reply.with("Link", link),
        None => reply,
    })
}
