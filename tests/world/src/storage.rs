//! The blob storage that a registry redirects to.

use crate::portal::html;
use crate::registry::pull::spoiled;
use crate::registry::{Ask, Registry};
use crate::reply::Reply;
use crate::schema::{BlobFault, StorageFault};

const SIGNATURE: &str = "c2lnbmF0dXJlLW9mLXRoZS13b3JsZA%3D%3D";

/// The path of a blob, signed.
pub(crate) fn path(digest: &str) -> String {
    let hex = digest.trim_start_matches("sha256:");
    format!(
        "/0123456789abcdef0123456789abcdef-x7k2p9q4tm//docker/registry/v2/blobs/sha256/{}/{hex}/data\
         ?se=2099-01-01T00%3A00%3A00Z&sig={SIGNATURE}&sp=r&spr=https&sr=b&sv=2018-03-28\
         &regid=0123456789abcdef0123456789abcdef",
        hex.get(..2).unwrap_or("00")
    )
}

/// The storage's answer.
pub(crate) fn answer(registry: &Registry, fault: Option<StorageFault>, ask: &Ask) -> Reply {
    let reply = match fault {
        Some(StorageFault::AuthenticationFailed) => unsigned(),
        Some(StorageFault::AuthorizationFailure) => {
            error(403, "AuthorizationFailure", "This request is not authorized to perform this operation.")
        }
        Some(StorageFault::BlobNotFound) => missing(),
        Some(StorageFault::ServerBusy) => error(503, "ServerBusy", "The server is busy."),
        Some(StorageFault::InternalError) => {
            error(500, "InternalError", "The server encountered an internal error. Please retry the request.")
        }
        Some(StorageFault::Html) => Reply::status(200)
            .body("text/html; charset=utf-8", html("Blocked", "This download was blocked by policy.")),
        None => blob(registry, ask),
    };
    reply
        .header("server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0")
        .header("x-ms-request-id", "7d1c0b1e-f01e-0063-4a55-0c1d2e000000")
        .header("x-ms-version", "2018-03-28")
}

fn blob(registry: &Registry, ask: &Ask) -> Reply {
    if ask.header("authorization").is_some() {
        return error(
            400,
            "InvalidAuthenticationInfo",
            "Authentication information is not given in the correct format. Check the value of Authorization header.",
        );
    }
    // A registry that redirects manifests does so to one that asks nobody to sign in.
    if let Some((name, reference)) =
        ask.path.strip_prefix("/v2/").and_then(|rest| rest.rsplit_once("/manifests/"))
    {
        return registry.stored_manifest(ask, name, reference);
    }
    let hex = ask.path.strip_suffix("/data").and_then(|rest| rest.rsplit('/').next());
    let Some(hex) = hex else { return missing() };
    if ask.field("sig").is_none() {
        return unsigned();
    }
    let digest = format!("sha256:{hex}");
    let Some(blob) = registry.holding(&digest).and_then(|place| place.blobs.get(&digest)) else {
        return missing();
    };
    if matches!(blob.fault, Some(BlobFault::Missing | BlobFault::MissingInStorage)) {
        return missing();
    }
    let (bytes, ending) = spoiled(&blob.bytes, blob.fault);
    Reply::status(200)
        .body("application/octet-stream", bytes)
        .ending(ending)
        .header("accept-ranges", "bytes")
        .header("etag", format!("\"0x8DC{}\"", &hex[..hex.len().min(12)].to_uppercase()))
        .ranged(ask.header("range"))
}

fn unsigned() -> Reply {
    error(
        403,
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly \
         including the signature.",
    )
}

fn missing() -> Reply {
    error(404, "BlobNotFound", "The specified blob does not exist.")
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\n\
         RequestId:7d1c0b1e-f01e-0063-4a55-0c1d2e000000</Message></Error>"
    );
    Reply::status(status).body("application/xml", body).header("x-ms-error-code", code)
}
