//! Is the image too large to be pulled without its being wanted? What the workstation sees of it decides.

use std::time::Duration;

use probes::foreign::Foreign;
use tokio::time::Instant;

use crate::case::cluster::{Trouble, TroubleKind};
use crate::cluster::ask::Ask;

/// The most bytes of an image, as they are downloaded, that kubelets are asked for without its being wanted.
pub const LARGE: u64 = 2 * 1024 * 1024 * 1024;

/// How long the image's size is waited for before anything is made. Most looks know it by then, and what is learnt later ends a
/// pull that has begun.
const SIZE: Duration = Duration::from_secs(3);

/// The bytes of an image that is too large to be pulled without being wanted, where that is known in time.
pub(super) async fn too_large(ask: &Ask) -> Option<u64> {
    above(ask, Instant::now() + SIZE).await
}

async fn above(ask: &Ask, until: Instant) -> Option<u64> {
    let sight = ask.sight.as_ref().filter(|_| ask.canary && !ask.large)?;
    sight.bytes(until).await.filter(|bytes| *bytes > LARGE)
}

/// The same, as soon as it is known; it waits for ever where it is not so.
pub(super) async fn turns_out_large(ask: &Ask, until: Instant) -> u64 {
    match above(ask, until).await {
        Some(bytes) => bytes,
        None => std::future::pending().await,
    }
}

pub(super) fn of_size(bytes: u64) -> Trouble {
    let gib = |bytes: u64| {
        let tenths = bytes.saturating_mul(10) >> 30;
        format!("{}.{} GiB", tenths / 10, tenths % 10)
    };
    let detail = format!(
        "the image has {} to download, as the workstation saw, and more than {} is pulled only with --allow-large",
        gib(bytes),
        gib(LARGE)
    );
    Trouble { kind: TroubleKind::TooLarge, during: String::new(), detail: Foreign::new(&detail) }
}
