//! Asks for blobs: the configuration whole, of each layer the beginning (a small one whole), redirects written down.
//!
//! Every layer is asked for, since one that is missing is enough for a pull to fail; what is read of them is bounded.

use crate::attempt::Attempt;
use crate::digest;
use crate::http::{Ask, Wanted, exchange};
use crate::log::Log;
use crate::manifest::configured_platform;
use crate::observation::{Blob, BlobKind, BlobOutcome, Descriptor, Fact, HttpFailure, HttpOutcome, Role};

/// A blob up to this size is read whole and compared with its digest, in bytes.
const WHOLE: u64 = 256 * 1024;
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
    let whole = kind == BlobKind::Config || descriptor.size <= WHOLE;
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
    let outcome = outcome(answered.status(), &answered.exchange.outcome, descriptor, whole, &bytes);
    let had = matches!(outcome, BlobOutcome::Verified | BlobOutcome::Started { .. });
    let platform = if kind == BlobKind::Config && had { configured_platform(&bytes) } else { None };
    let seen =
        Blob { blob: kind, descriptor: descriptor.clone(), exchange: answered.exchange, outcome, platform };
    log.end(begun, Role::Registry, Some(attempt.credential()), Fact::Blob(seen));
    had
}

fn outcome(
    status: Option<u16>,
    http: &HttpOutcome,
    descriptor: &Descriptor,
    whole: bool,
    bytes: &[u8],
) -> BlobOutcome {
    let came = bytes.len() as u64;
    let failed = !matches!(status, Some(200 | 206));
    if failed
        || matches!(http, HttpOutcome::Failed { failure } if !matches!(failure, HttpFailure::TooLarge { .. }))
    {
        return BlobOutcome::NotHad;
    }
    if !whole {
        return match came {
            0 if descriptor.size > 0 => {
                BlobOutcome::WrongBytes { computed: digest::like(Some(&descriptor.digest), bytes), bytes: 0 }
            }
            bytes => BlobOutcome::Started { bytes },
        };
    }
    let computed = digest::like(Some(&descriptor.digest), bytes);
    if computed == descriptor.digest {
        BlobOutcome::Verified
    } else if came > 0 && came < descriptor.size {
        BlobOutcome::TooShort { bytes: came }
    } else {
        BlobOutcome::WrongBytes { computed, bytes: came }
    }
}

async fn fetch(
    attempt: &mut Attempt<'_, '_>,
    log: &mut Log<'_>,
    descriptor: &Descriptor,
    whole: bool,
    from: u64,
) -> crate::http::Answered {
    let Some(url) = attempt.url(&format!("blobs/{}", descriptor.digest)) else {
        return attempt.unaskable("GET");
    };
    let mut headers = vec![("accept", "application/octet-stream, */*".to_owned())];
    if !whole {
        headers.push(("range", format!("bytes=0-{}", BEGINNING - 1)));
    } else if from > 0 {
        headers.push(("range", format!("bytes={from}-")));
    }
    let wanted = if whole { Wanted::All(CONFIG_LIMIT.max(WHOLE)) } else { Wanted::First(BEGINNING) };
    let ask = Ask {
        method: "GET",
        url,
        role: Role::Registry,
        authorization: attempt.authorization.clone(),
        headers,
        form: None,
        wanted,
        follow: true,
    };
    exchange(attempt.hosts, log, &ask).await
}
