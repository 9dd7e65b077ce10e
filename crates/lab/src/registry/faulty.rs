//! Breaks the registry's answers as the switches say.
//!
//! Faults of the referrers API are in `referrers`, since they need to know what would be listed.

use std::time::Duration;

use bytes::Bytes;

use super::{route::Route, server::refuse, store};
use crate::{
    faults::{BlobFault, RegistryFault, Switches, rate_limited},
    http::{Payload, Reply, Request},
};

fn writes(request: &Request) -> bool {
    !matches!(request.method.as_str(), "GET" | "HEAD")
}

/// Returns the answer that takes the place of the registry's, if one is due, and how long any answer waits.
pub(crate) fn before(
    faults: &Switches<RegistryFault>,
    request: &Request,
) -> (Option<Reply>, Duration) {
    let delay = faults.due(|fault| match fault {
        RegistryFault::Stall(time) => Some(*time),
        _ => None,
    });
    let reply = faults.due(|fault| match fault {
        RegistryFault::RateLimited { retry_after } => Some(rate_limited(
            refuse(429, "TOOMANYREQUESTS", "too many requests"),
            *retry_after,
        )),
        RegistryFault::Status(status) => Some(refuse(*status, "UNKNOWN", "failing on demand")),
        RegistryFault::Unauthorized => {
            let reply = refuse(401, "UNAUTHORIZED", "authentication required");
            Some(reply.with("WWW-Authenticate", "Basic realm=\"toolkit-lab\""))
        }
        RegistryFault::HangUp => Some(Reply::hang_up()),
        RegistryFault::WriteStatus(status) if writes(request) => {
            Some(refuse(*status, "UNKNOWN", "failing on demand"))
        }
        _ => None,
    });
    (reply, delay.unwrap_or_default())
}

/// Breaks an answer of the registry.
pub(crate) fn after(faults: &Switches<RegistryFault>, request: &Request, reply: Reply) -> Reply {
    if writes(request) {
        return if faults.is_due(&RegistryFault::WriteThenHangUp) {
            Reply::hang_up()
        } else {
            reply
        };
    }
    match Route::parse(&request.path) {
        Some(Route::Blob { .. })
            if request.method == "GET" && matches!(reply.status, 200 | 206) =>
        {
            blob(faults, reply)
        }
        Some(Route::Manifest { .. }) if reply.status == 200 => manifest(faults, reply),
        _ => reply,
    }
}

fn blob(faults: &Switches<RegistryFault>, mut reply: Reply) -> Reply {
    let fault = faults.due(|fault| match fault {
        RegistryFault::Blob(fault) if *fault != BlobFault::RangeIgnored => Some(*fault),
        _ => None,
    });
    let (Some(fault), Payload::Whole(bytes)) = (fault, reply.payload.clone()) else {
        return reply;
    };
    let cut = |reset: bool| Payload::Cut {
        sent: bytes.slice(..bytes.len() / 2),
        announced: bytes.len() as u64,
        reset,
    };
    reply.payload = match fault {
        BlobFault::Truncated => cut(false),
        BlobFault::Reset => cut(true),
        BlobFault::WrongBytes => Payload::Whole(changed(&bytes)),
        BlobFault::TooShort => Payload::Whole(bytes.slice(..bytes.len().saturating_sub(1))),
        BlobFault::TooLong => Payload::Whole([&bytes, [0].as_slice()].concat().into()),
        BlobFault::RangeIgnored => reply.payload,
    };
    reply
}

fn manifest(faults: &Switches<RegistryFault>, mut reply: Reply) -> Reply {
    if faults.is_due(&RegistryFault::ManifestWrongBytes)
        && let Payload::Whole(bytes) = &reply.payload
    {
        // A blank at the end keeps it a manifest, of another digest.
        reply.payload = Payload::Whole([bytes, b" ".as_slice()].concat().into());
    }
    if faults.is_due(&RegistryFault::ManifestWrongDigest) {
        reply = reply.with("Docker-Content-Digest", store::digest(b"another manifest"));
    }
    if faults.is_due(&RegistryFault::ManifestWithoutDigest) {
        reply
            .headers
            .retain(|(name, _)| name != "Docker-Content-Digest");
    }
    reply
}

/// Changes the byte in the middle.
fn changed(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    bytes.into()
}
