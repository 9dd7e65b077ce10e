//! Blobs: whole and in ranges (distribution-spec, "Pulling blobs"; RFC 9110 §14).

use super::{
    server::{Registry, refuse, unsupported},
    store::matches,
};
use crate::{
    faults::{BlobFault, RegistryFault},
    http::{Reply, Request},
    sync::lock,
};

pub(crate) fn handle(
    registry: &Registry,
    request: &Request,
    name: &str,
    digest: &str,
) -> Result<Reply, Reply> {
    if matches(digest, &[]).is_none() {
        return Err(refuse(400, "DIGEST_INVALID", "the digest is malformed"));
    }
    let unknown = || refuse(404, "BLOB_UNKNOWN", "blob unknown to registry");
    let mut store = lock(&registry.store);
    let repository = store.repositories.get_mut(name).ok_or_else(unknown)?;
    if request.method == "DELETE" {
        repository.blobs.remove(digest).ok_or_else(unknown)?;
        return Ok(Reply::empty(202));
    }
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Err(unsupported());
    }
    let bytes = repository.blobs.get(digest).ok_or_else(unknown)?.clone();
    let whole = Reply::new(200, "application/octet-stream", bytes.clone())
        .with("Docker-Content-Digest", digest)
        .with("Accept-Ranges", "bytes")
        .with("ETag", format!("\"{digest}\""));
    let ignored = RegistryFault::Blob(BlobFault::RangeIgnored);
    let Some(range) = request
        .header("range")
        .filter(|_| request.method == "GET" && !registry.faults().is_due(&ignored))
    else {
        return Ok(whole);
    };
    let Some((from, to)) = parse_range(range, bytes.len()) else {
        return Err(Reply::empty(416).with("Content-Range", format!("bytes */{}", bytes.len())));
    };
    Ok(
        Reply::new(206, "application/octet-stream", bytes.slice(from..to))
            .with("Docker-Content-Digest", digest)
            .with("Accept-Ranges", "bytes")
            .with(
                "Content-Range",
                format!("bytes {from}-{}/{}", to - 1, bytes.len()),
            ),
    )
}

/// Returns the half-open range that a `Range` of one part asks for.
fn parse_range(text: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (first, last) {
        ("", count) => (length.saturating_sub(count.parse().ok()?), length),
        (first, "") => (first.parse().ok()?, length),
        (first, last) => (
            first.parse().ok()?,
            last.parse::<usize>().ok()?.saturating_add(1).min(length),
        ),
    };
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_inclusive_and_clipped() {
        for (text, range) in [
            ("bytes=0-0", Some((0, 1))),
            ("bytes=2-", Some((2, 10))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=8-99", Some((8, 10))),
            ("bytes=10-", None),
            ("bytes=3-2", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(parse_range(text, 10), range, "{text}");
        }
    }
}
