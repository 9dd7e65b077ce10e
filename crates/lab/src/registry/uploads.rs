//! Uploads of blobs: in one request, in one stream, in chunks, and mounts (distribution-spec, "Pushing blobs").

use bytes::Bytes;

use super::{
    server::{Registry, refuse, unsupported},
    store::{Repository, matches},
};
use crate::{
    http::{Reply, Request},
    sync::lock,
};

/// Serves `POST /v2/<name>/blobs/uploads/`.
pub(crate) fn begin(registry: &Registry, request: &Request, name: &str) -> Result<Reply, Reply> {
    if request.method != "POST" {
        return Err(unsupported());
    }
    let mut store = lock(&registry.store);
    if let (Some(digest), Some(from)) = (request.parameter("mount"), request.parameter("from")) {
        let blob = store
            .repositories
            .get(&from)
            .and_then(|repository| repository.blobs.get(&digest))
            .cloned();
        if let Some(blob) = blob {
            store.repository(name).blobs.insert(digest.clone(), blob);
            return Ok(created(name, &digest));
        }
    }
    if let Some(digest) = request.parameter("digest") {
        return finish(store.repository(name), name, &digest, request.body.clone());
    }
    store.next_upload += 1;
    let id = format!("upload-{}", store.next_upload);
    store
        .repository(name)
        .uploads
        .insert(id.clone(), Vec::new());
    Ok(progress(202, name, &id, 0))
}

/// Serves the requests of an upload that was begun.
pub(crate) fn go_on(
    registry: &Registry,
    request: &Request,
    name: &str,
    id: &str,
) -> Result<Reply, Reply> {
    let unknown = || {
        refuse(
            404,
            "BLOB_UPLOAD_UNKNOWN",
            "blob upload unknown to registry",
        )
    };
    let mut store = lock(&registry.store);
    let repository = store.repositories.get_mut(name).ok_or_else(unknown)?;
    let upload = repository.uploads.get_mut(id).ok_or_else(unknown)?;
    match request.method.as_str() {
        "GET" | "HEAD" => Ok(progress(204, name, id, upload.len())),
        "DELETE" => {
            repository.uploads.remove(id);
            Ok(Reply::empty(204))
        }
        "PATCH" => {
            in_order(request, upload.len(), name, id)?;
            upload.extend_from_slice(&request.body);
            Ok(progress(202, name, id, upload.len()))
        }
        "PUT" => {
            let digest = request
                .parameter("digest")
                .ok_or_else(|| refuse(400, "DIGEST_INVALID", "there is no digest"))?;
            in_order(request, upload.len(), name, id)?;
            let mut whole = std::mem::take(upload);
            repository.uploads.remove(id);
            whole.extend_from_slice(&request.body);
            finish(repository, name, &digest, whole.into())
        }
        _ => Err(unsupported()),
    }
}

/// Refuses a chunk that does not begin where the last one ended.
fn in_order(request: &Request, have: usize, name: &str, id: &str) -> Result<(), Reply> {
    let Some(range) = request.header("content-range") else {
        return Ok(());
    };
    let expected = format!("{have}-{}", (have + request.body.len()).saturating_sub(1));
    if range == expected {
        Ok(())
    } else {
        Err(progress(416, name, id, have))
    }
}

fn finish(
    repository: &mut Repository,
    name: &str,
    digest: &str,
    bytes: Bytes,
) -> Result<Reply, Reply> {
    if matches(digest, &bytes) != Some(true) {
        return Err(refuse(
            400,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
        ));
    }
    repository.blobs.insert(digest.to_owned(), bytes);
    Ok(created(name, digest))
}

fn created(name: &str, digest: &str) -> Reply {
    Reply::empty(201)
        .with("Location", format!("/v2/{name}/blobs/{digest}"))
        .with("Docker-Content-Digest", digest)
}

fn progress(status: u16, name: &str, id: &str, have: usize) -> Reply {
    Reply::empty(status)
        .with("Location", format!("/v2/{name}/blobs/uploads/{id}"))
        .with("Docker-Upload-UUID", id)
        .with("Range", format!("0-{}", have.saturating_sub(1)))
}
