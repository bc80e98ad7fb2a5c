//! The registry's documents and blobs, made from what the page says of its images.

mod archive;
mod manifest;
mod platform;

use std::collections::BTreeMap;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::schema::{BlobFault, Flavour, Image, World};

/// A manifest or index.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The media type.
    pub(crate) media_type: String,
    /// The bytes that belong to the digest.
    pub(crate) bytes: Bytes,
    /// What is wrong with it.
    pub(crate) fault: Option<BlobFault>,
}

/// A blob.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    /// The bytes that belong to the digest.
    pub(crate) bytes: Bytes,
    /// What is wrong with it.
    pub(crate) fault: Option<BlobFault>,
}

/// A repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repository {
    /// Tags and the digests they name; a dangling tag names none.
    pub(crate) tags: BTreeMap<String, Option<String>>,
    /// Documents by digest.
    pub(crate) documents: BTreeMap<String, Document>,
    /// Blobs by digest.
    pub(crate) blobs: BTreeMap<String, Blob>,
    /// Digests in quarantine.
    pub(crate) quarantined: Vec<String>,
    /// Digests that a policy blocks, with its words.
    pub(crate) blocked: BTreeMap<String, String>,
}

/// All repositories by name.
pub(crate) type Content = BTreeMap<String, Repository>;

/// The content of a world's registry.
pub(crate) fn content(world: &World) -> Content {
    let usual = [Image::default()];
    let images = world.images.as_deref().unwrap_or(&usual);
    let (repository, tag) = match world.registry.flavour {
        Flavour::Hub => ("library/nginx", "latest"),
        _ => ("team/web", "v1"),
    };
    let mut content = Content::new();
    for image in images {
        let name = image.repository.as_deref().unwrap_or(repository);
        let tags = image.tags.clone().unwrap_or_else(|| vec![tag.to_owned()]);
        let place = content.entry(name.to_owned()).or_default();
        let digest = manifest::add(place, name, &tags, image);
        for tag in tags {
            place.tags.insert(tag, Some(digest.clone()));
        }
        for tag in &image.dangling_tags {
            place.tags.insert(tag.clone(), None);
        }
    }
    content
}

/// The digest of bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
