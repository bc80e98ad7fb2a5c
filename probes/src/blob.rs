//! Asks for blobs: the configuration whole, of each layer the beginning (a small one whole), redirects written down.
//!
//! Every layer is asked for, since one that is missing is enough for a pull to fail; what is read of them is bounded.

use url::Url;

use crate::attempt::Attempt;
use crate::digest;
use crate::foreign::shown_url;
use crate::hosts::Origin;
use crate::http::{Answered, Ask, Wanted, exchange};
use crate::log::Log;
use crate::manifest::configured_platform;
use crate::observation::{
    Blob, BlobKind, BlobOutcome, BodyKind, Descriptor, Exchange, Fact, Hop, HttpFailure, HttpOutcome, Reply,
    Role,
};

/// A layer up to this size is read whole and compared with its digest, in bytes, while there is room.
const WHOLE: u64 = 1024 * 1024;
/// The largest configuration that is read, in bytes.
const CONFIG_LIMIT: u64 = 8 * 1024 * 1024;
/// What is read of a larger layer, in bytes.
const BEGINNING: u64 = 4 * 1024;
/// How often a body that was cut short is asked for again from where it broke off, as containerd's fetcher does.
const RESUMES: usize = 3;

/// Asks for one blob; whether it was had.
pub(crate) async fn blob(
    attempt: &mut Attempt<'_, '_>,
    log: &mut Log<'_>,
    kind: BlobKind,
    descriptor: &Descriptor,
) -> bool {
    let begun = log.begin("blob", attempt.registry_host());
    // A descriptor without a size is one that may be of any.
    let is_small = (1..=WHOLE.min(attempt.whole_left)).contains(&descriptor.size);
    let whole = kind == BlobKind::Config || is_small;
    if whole && kind != BlobKind::Config {
        attempt.whole_left -= descriptor.size;
    }
    let mut bytes: Vec<u8> = Vec::new();
    let mut answered = fetch(attempt, log, descriptor, whole, 0).await;
    bytes.extend_from_slice(&answered.body);
    for _ in 0..RESUMES {
        if !(whole && answered.cut_short && !answered.body.is_empty()) {
            break;
        }
        let from = bytes.len() as u64;
        answered = fetch(attempt, log, descriptor, whole, from).await;
        match answered.status() {
            Some(200) => bytes.clear(),
            Some(206) => {}
            _ if answered.cut_short => {}
            _ => break,
        }
        bytes.extend_from_slice(&answered.body);
    }
    if answered.status() == Some(404) && !descriptor.urls.is_empty() {
        // The registry need not have it: its publisher has (OCI image specification, descriptor's `urls`).
        answered = from_publisher(attempt, log, descriptor, whole).await.unwrap_or(answered);
        bytes = answered.body.to_vec();
    }
    let outcome = outcome(&answered.exchange, descriptor, whole, &bytes);
    let had = matches!(outcome, BlobOutcome::Verified | BlobOutcome::Started { .. });
    let platform = if kind == BlobKind::Config && had { configured_platform(&bytes) } else { None };
    let seen =
        Blob { blob: kind, descriptor: descriptor.clone(), exchange: answered.exchange, outcome, platform };
    log.end(begun, Role::Registry, Some(attempt.credential()), Fact::Blob(seen));
    had
}

fn outcome(exchange: &Exchange, descriptor: &Descriptor, whole: bool, bytes: &[u8]) -> BlobOutcome {
    let came = bytes.len() as u64;
    if matches!(&exchange.outcome, HttpOutcome::Failed { failure: HttpFailure::TooLarge { .. } }) {
        // More than is read of anything; what came of it is all that is known.
        return if came > descriptor.size {
            wrong(descriptor, bytes)
        } else {
            BlobOutcome::Started { bytes: came }
        };
    }
    if !matches!(exchange.status(), Some(200 | 206)) {
        return BlobOutcome::NotHad;
    }
    if !whole {
        // The compression is recognised by the runtime, whatever the media type says; a page is no layer of any.
        let is_page = exchange.reply().is_some_and(|r| matches!(r.body, BodyKind::Html | BodyKind::Xml));
        let size = exchange
            .reply()
            .and_then(whole_size)
            .filter(|size| descriptor.size > 0 && *size != descriptor.size);
        return match size {
            _ if bytes.is_empty() || is_page => wrong(descriptor, bytes),
            Some(bytes) => BlobOutcome::WrongSize { bytes },
            None => BlobOutcome::Started { bytes: came },
        };
    }
    let is_right = digest::like(Some(&descriptor.digest), bytes) == descriptor.digest;
    // A manifest without a size says nothing of it.
    match descriptor.size == 0 || came == descriptor.size {
        true if is_right => BlobOutcome::Verified,
        // The size is checked before the digest, as containerd's content store does.
        false if came > 0 && (is_right || came < descriptor.size) => BlobOutcome::WrongSize { bytes: came },
        _ => wrong(descriptor, bytes),
    }
}

fn wrong(descriptor: &Descriptor, bytes: &[u8]) -> BlobOutcome {
    BlobOutcome::WrongBytes {
        computed: digest::like(Some(&descriptor.digest), bytes),
        bytes: bytes.len() as u64,
    }
}

/// The size of the whole of which a part came: what `Content-Range` says, else the length of a whole answer.
fn whole_size(reply: &Reply) -> Option<u64> {
    match reply.status {
        206 => reply.header("content-range")?.rsplit('/').next()?.trim().parse().ok(),
        _ => reply.header("content-length")?.trim().parse().ok(),
    }
}

async fn fetch(
    attempt: &mut Attempt<'_, '_>,
    log: &mut Log<'_>,
    descriptor: &Descriptor,
    whole: bool,
    from: u64,
) -> Answered {
    let range = match (whole, from) {
        (false, _) => Some(format!("bytes=0-{}", BEGINNING - 1)),
        (true, 0) => None,
        (true, from) => Some(format!("bytes={from}-")),
    };
    let request = |attempt: &Attempt<'_, '_>| {
        let accept = ("accept", "application/octet-stream, */*".to_owned());
        let url = attempt.url(&format!("blobs/{}", descriptor.digest))?;
        Some(Ask {
            authorization: attempt.authorization.clone(),
            headers: std::iter::once(accept).chain(range.clone().map(|range| ("range", range))).collect(),
            ..Ask::get(Role::Registry, url, wanted(whole))
        })
    };
    attempt.ask(log, request).await
}

/// How much of a blob is wanted: a configuration whole, of a layer its beginning.
fn wanted(whole: bool) -> Wanted {
    if whole { Wanted::All(CONFIG_LIMIT) } else { Wanted::First(BEGINNING) }
}

/// Asks the addresses at which a layer's publisher has it, without any credential; the first that has it, else the last.
async fn from_publisher(
    attempt: &mut Attempt<'_, '_>,
    log: &mut Log<'_>,
    descriptor: &Descriptor,
    whole: bool,
) -> Option<Answered> {
    let mut last = None;
    for address in &descriptor.urls {
        let Some((url, origin)) =
            Url::parse(address).ok().and_then(|url| Some((url.clone(), Origin::of(&url)?)))
        else {
            continue;
        };
        if url.scheme() != "https" && attempt.origin.tls {
            continue;
        }
        let hop = Hop {
            status: 404,
            to: shown_url(&url, &log.scrub),
            host: origin.authority(),
            signed: url.query().is_some(),
        };
        let headers = if whole { Vec::new() } else { vec![("range", format!("bytes=0-{}", BEGINNING - 1))] };
        let ask = Ask { headers, ..Ask::get(Role::Redirect, url, wanted(whole)) };
        let mut answered = exchange(attempt.hosts, log, &ask).await;
        answered.exchange.hops.insert(0, hop);
        if matches!(answered.status(), Some(200 | 206)) {
            return Some(answered);
        }
        last = Some(answered);
    }
    last
}
