//! Reads what a manifest holds (OCI image specification; Docker's image manifest version 2, schemas 1 and 2).

use serde::Deserialize;

use crate::digest;
use crate::foreign::Foreign;
use crate::observation::{Descriptor, ManifestKind, Platform, PlatformEntry};

/// The most entries of an index and layers of an image; more would be no image that anyone pulls.
const MOST: usize = 20_000;

/// How many of a layer's other addresses are tried.
const MOST_URLS: usize = 2;

/// Every kind of manifest at once; which it is, is told by what it holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Any {
    schema_version: Option<u64>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<AnyDescriptor>,
    layers: Option<Vec<AnyDescriptor>>,
    manifests: Option<Vec<AnyDescriptor>>,
    fs_layers: Option<Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyDescriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    urls: Vec<String>,
    platform: Option<AnyPlatform>,
}

#[derive(Deserialize)]
struct AnyPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
}

/// The media type that a manifest names itself.
pub(crate) fn media_type(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Any>(body).ok()?.media_type
}

/// What a manifest holds.
pub(crate) fn read(body: &[u8], content_type: &str) -> ManifestKind {
    let any: Any = match serde_json::from_slice(body) {
        Ok(any) => any,
        // The place alone: the library's words repeat the text, which may be somebody else's than the registry's.
        Err(error) => {
            let place = format!("no manifest in JSON (line {}, column {})", error.line(), error.column());
            return ManifestKind::Unreadable { error: Foreign::new(&place) };
        }
    };
    if content_type.contains("distribution.manifest.v1+")
        || (any.schema_version == Some(1) && any.fs_layers.is_some())
    {
        return ManifestKind::Schema1;
    }
    let descriptors = || any.manifests.iter().flatten().chain(&any.config).chain(any.layers.iter().flatten());
    if descriptors().count() > MOST {
        return ManifestKind::Unreadable { error: Foreign::new("more entries than any image has") };
    }
    if descriptors().any(|d| !digest::is_valid(&d.digest)) {
        return ManifestKind::Unreadable { error: Foreign::new("an entry whose digest is none") };
    }
    match (any.manifests, any.config, any.layers) {
        (Some(manifests), None, _) => ManifestKind::Index {
            entries: manifests
                .into_iter()
                .map(|mut entry| PlatformEntry {
                    platform: entry.platform.take().map(platform),
                    descriptor: descriptor(entry),
                })
                .collect(),
        },
        (_, Some(config), layers) => ManifestKind::Image {
            config: descriptor(config),
            layers: layers.unwrap_or_default().into_iter().map(descriptor).collect(),
            artifact_type: any.artifact_type.as_deref().map(Foreign::new),
        },
        _ => {
            ManifestKind::Unreadable { error: Foreign::new("neither an index nor the manifest of an image") }
        }
    }
}

fn descriptor(any: AnyDescriptor) -> Descriptor {
    Descriptor {
        media_type: Foreign::new(&any.media_type),
        digest: Foreign::new(&any.digest).as_str().to_owned(),
        size: any.size,
        urls: any.urls.into_iter().take(MOST_URLS).collect(),
    }
}

fn platform(any: AnyPlatform) -> Platform {
    let clean = |text: &str| Foreign::new(text).as_str().to_owned();
    Platform {
        os: clean(&any.os),
        architecture: clean(&any.architecture),
        variant: any.variant.as_deref().map(clean).filter(|v| !v.is_empty()),
        os_version: any.os_version.as_deref().map(clean).filter(|v| !v.is_empty()),
    }
}

/// The platform that an image's configuration names.
pub(crate) fn configured_platform(body: &[u8]) -> Option<Platform> {
    let any: AnyPlatform = serde_json::from_slice(body).ok()?;
    (!any.os.is_empty() && !any.architecture.is_empty()).then(|| platform(any))
}
