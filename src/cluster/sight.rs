//! What the workstation's look has seen of the image so far, for whoever makes pods meanwhile.
//!
//! *Invariant:* only what was read whole and has the digest that it should have is told on.

use std::collections::BTreeMap;

use probes::observation::{Fact, Manifest, ManifestKind, Observation};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// The image, as far as it was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Image {
    /// The digest that its name leads to.
    digest: Option<String>,
    /// What a node downloads that has none of it.
    bytes: Option<u64>,
}

/// A look that is under way. It is over when this is dropped.
#[derive(Debug)]
pub struct Look(watch::Sender<Image>);

/// What a look sees.
#[derive(Clone, Debug)]
pub struct Sight(watch::Receiver<Image>);

/// A look, and what it sees.
pub fn sight() -> (Look, Sight) {
    let (sender, receiver) = watch::channel(Image::default());
    (Look(sender), Sight(receiver))
}

impl Look {
    /// Takes in what was seen.
    pub fn saw(&self, seen: &Observation) {
        let Fact::Manifest(manifest) = &seen.fact else { return };
        if manifest.digests.disagree() != Some(false) || manifest.status() != Some(200) {
            return;
        }
        self.0.send_modify(|image| {
            if manifest.child_of.is_none() {
                image.digest.clone_from(&manifest.digests.computed);
            }
            if let Some(bytes) = bytes(manifest) {
                image.bytes = Some(bytes);
            }
        });
    }
}

impl Sight {
    /// The digest that the image's name leads to, as soon as it is known; `None` where the look ends without it.
    pub(super) async fn digest(&self, until: Instant) -> Option<String> {
        self.first(until, |image| image.digest.clone()).await
    }

    /// The bytes of the image, as soon as they are known.
    pub(super) async fn bytes(&self, until: Instant) -> Option<u64> {
        self.first(until, |image| image.bytes).await
    }

    async fn first<T>(&self, until: Instant, of: impl Fn(&Image) -> Option<T>) -> Option<T> {
        let mut sight = self.0.clone();
        let known = sight.wait_for(|image| of(image).is_some());
        let known = timeout_at(until, known).await.ok()?.ok()?;
        of(&known)
    }
}

/// The configuration and every layer once: what is named twice is downloaded once.
fn bytes(manifest: &Manifest) -> Option<u64> {
    let Some(ManifestKind::Image { config, layers, .. }) = &manifest.content else { return None };
    let each: BTreeMap<&str, u64> =
        layers.iter().chain([config]).map(|of| (of.digest.as_str(), of.size)).collect();
    Some(each.into_values().fold(0, u64::saturating_add))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A manifest as an observation, with `change` made to it.
    fn seen(change: impl FnOnce(&mut serde_json::Value)) -> Observation {
        let of =
            |digest: &str, size: u64| serde_json::json!({ "mediaType": "m", "digest": digest, "size": size });
        let mut manifest = serde_json::json!({
            "kind": "manifest", "reference": "latest", "digests": { "announced": "sha256:1", "computed": "sha256:1" },
            "get": {
                "method": "GET", "url": "https://reg.example/v2/app/manifests/latest",
                "outcome": { "kind": "reply", "status": 200, "body": "json", "at": "2026-01-01T00:00:00Z" },
            },
            "content": { "kind": "image", "config": of("sha256:c", 1), "layers": [of("sha256:a", 10), of("sha256:a", 10)] },
        });
        change(&mut manifest);
        serde_json::from_value(serde_json::json!({
            "role": "registry", "startedAt": "2026-01-01T00:00:00Z", "elapsedMs": 1, "fact": manifest,
        }))
        .expect("an observation")
    }

    async fn told(observations: &[Observation]) -> (Option<String>, Option<u64>) {
        let (look, sight) = sight();
        observations.iter().for_each(|seen| look.saw(seen));
        drop(look);
        let until = Instant::now() + Duration::from_secs(60);
        (sight.digest(until).await, sight.bytes(until).await)
    }

    #[tokio::test]
    async fn an_image_is_known_by_its_digest_and_its_bytes() {
        assert_eq!(told(&[seen(|_| {})]).await, (Some("sha256:1".to_owned()), Some(11)));
        let index = seen(|m| m["content"] = serde_json::json!({ "kind": "index", "entries": [] }));
        assert_eq!(told(std::slice::from_ref(&index)).await, (Some("sha256:1".to_owned()), None));
        let child = seen(|m| {
            m["childOf"] = "sha256:1".into();
            m["digests"] = serde_json::json!({ "expected": "sha256:2", "computed": "sha256:2" });
        });
        assert_eq!(told(&[index, child]).await, (Some("sha256:1".to_owned()), Some(11)));
    }

    #[tokio::test]
    async fn what_is_not_what_its_digest_says_is_not_told() {
        let other = seen(|m| m["digests"]["computed"] = "sha256:2".into());
        let unread = seen(|m| m["digests"] = serde_json::json!({ "announced": "sha256:1" }));
        let refused = seen(|m| m["get"]["outcome"]["status"] = 404.into());
        assert_eq!(told(&[other, unread, refused]).await, (None, None));
        assert_eq!(told(&[]).await, (None, None));
    }
}
