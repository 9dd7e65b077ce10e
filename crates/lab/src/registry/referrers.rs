//! The referrers API (distribution-spec v1.1, "Listing Referrers"), and the ways in which it can be missing.

use serde_json::{Map, Value, json};

use super::{
    server::{Registry, refuse},
    store::{self, Manifest},
};
use crate::{
    faults::{ReferrersFault, RegistryFault, RegistryKind},
    http::{Payload, Reply, Request},
    sync::lock,
};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

pub(crate) fn list(
    registry: &Registry,
    request: &Request,
    name: &str,
    digest: &str,
) -> Result<Reply, Reply> {
    if registry.kind == RegistryKind::WithoutReferrers {
        // The answer of a registry that knows no such path (distribution 2.8.2).
        return Err(Reply::new(
            404,
            "text/plain; charset=utf-8",
            "404 page not found\n",
        ));
    }
    let fault = registry.faults().due(|fault| match fault {
        RegistryFault::Referrers(fault) => Some(fault.clone()),
        _ => None,
    });
    match &fault {
        Some(ReferrersFault::Status(status)) => {
            return Err(refuse(*status, "UNSUPPORTED", "failing on demand"));
        }
        Some(ReferrersFault::LyingSubject) => {
            return Err(Reply::new(
                404,
                "text/plain; charset=utf-8",
                "404 page not found\n",
            ));
        }
        Some(ReferrersFault::Html) => {
            return Ok(Reply::new(
                200,
                "text/html",
                "<!DOCTYPE html><title>Sign in</title>",
            ));
        }
        Some(ReferrersFault::RateLimited) => {
            return Err(
                refuse(429, "TOOMANYREQUESTS", "too many requests").with("Retry-After", "1")
            );
        }
        _ => {}
    }
    if store::matches(digest, &[]).is_none() {
        return Err(refuse(400, "DIGEST_INVALID", "the digest is malformed"));
    }
    let store = lock(&registry.store);
    let mut found: Vec<Value> = match store.repositories.get(name) {
        Some(repository) => repository
            .manifests
            .iter()
            .filter_map(|(own, manifest)| descriptor(own, manifest, digest))
            .collect(),
        None => Vec::new(),
    };
    let mut filtered = false;
    match &fault {
        Some(ReferrersFault::Empty) => found.clear(),
        Some(ReferrersFault::ArtifactType(artifact_type)) => {
            for entry in &mut found {
                entry["artifactType"] = artifact_type.as_str().into();
            }
        }
        Some(ReferrersFault::NoFilter) => {}
        _ => {
            if let Some(wanted) = request.parameter("artifactType") {
                found.retain(|entry| {
                    entry.get("artifactType").and_then(Value::as_str) == Some(&wanted)
                });
                filtered = true;
            }
        }
    }
    let mut link = None;
    if let Some(ReferrersFault::Pages(size)) = fault {
        let from = request
            .parameter("page")
            .and_then(|page| page.parse::<usize>().ok())
            .unwrap_or(0)
            * size;
        let more = found.len() > from + size;
        found = found.into_iter().skip(from).take(size).collect();
        let kept = request
            .query
            .iter()
            .flat_map(|query| query.split('&'))
            .filter(|pair| pair.starts_with("artifactType="));
        let rest: String = kept.map(|pair| format!("&{pair}")).collect();
        link = more.then(|| {
            format!(
                "</v2/{name}/referrers/{digest}?page={}{rest}>; rel=\"next\"",
                from / size + 1
            )
        });
    }
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": found});
    let mut reply = Reply::new(200, INDEX, index.to_string());
    if filtered {
        reply = reply.with("OCI-Filters-Applied", "artifactType");
    }
    if let Some(link) = link {
        reply = reply.with("Link", link);
    }
    if fault == Some(ReferrersFault::Cut)
        && let Payload::Whole(bytes) = &reply.payload
    {
        reply.payload = Payload::Cut {
            sent: bytes.slice(..bytes.len() / 2),
            announced: bytes.len() as u64,
            reset: false,
        };
    }
    Ok(reply)
}

/// Describes a manifest if it refers to the subject.
fn descriptor(digest: &str, manifest: &Manifest, subject: &str) -> Option<Value> {
    let json = manifest.json();
    if json.pointer("/subject/digest").and_then(Value::as_str) != Some(subject) {
        return None;
    }
    let mut descriptor = Map::new();
    descriptor.insert("mediaType".to_owned(), manifest.media_type.as_str().into());
    descriptor.insert("digest".to_owned(), digest.into());
    descriptor.insert("size".to_owned(), manifest.bytes.len().into());
    // Without `artifactType` an image manifest's is its config's media type.
    let stated = json
        .get("artifactType")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    if let Some(artifact_type) =
        stated.or_else(|| json.pointer("/config/mediaType").and_then(Value::as_str))
    {
        descriptor.insert("artifactType".to_owned(), artifact_type.into());
    }
    if let Some(annotations) = json
        .get("annotations")
        .filter(|annotations| annotations.is_object())
    {
        descriptor.insert("annotations".to_owned(), annotations.clone());
    }
    Some(Value::Object(descriptor))
}
