//! Images, and what is wrong with them.

use serde::Deserialize;

/// An image in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Image {
    /// The repository; absent: the flavour's usual one.
    pub repository: Option<String>,
    /// The tags; absent: the flavour's usual one. `[]`: reachable by digest alone.
    pub tags: Option<Vec<String>>,
    /// The platforms, as containerd writes them: `linux/arm/v7`, `windows(10.0.20348.2582)/amd64`.
    pub platforms: Vec<String>,
    /// The tag names an index; else the manifest of the first platform.
    pub index: bool,
    /// OCI, Docker or the old schema 1.
    pub form: Form,
    /// An image or something else.
    pub kind: Kind,
    /// Each platform has an attestation beside it (`unknown/unknown`).
    pub attestations: bool,
    /// The layers are encrypted.
    pub encrypted: bool,
    /// The number of layers.
    pub layers: usize,
    /// The size of each layer.
    pub layer_bytes: usize,
    /// Platforms whose manifest was purged while the index stayed.
    pub purged: Vec<String>,
    /// What is wrong with the config blob.
    pub config: Option<BlobFault>,
    /// What is wrong with the last layer.
    pub layer: Option<BlobFault>,
    /// What is wrong with the bytes of the manifest the tag names.
    pub manifest: Option<BlobFault>,
    /// What is wrong with the bytes of the platforms' manifests.
    pub child: Option<BlobFault>,
    /// Tags that `tags/list` shows and that have no manifest.
    pub dangling_tags: Vec<String>,
    /// In quarantine: not seen by tag, refused by digest (ACR).
    pub quarantined: bool,
    /// A policy of the registry blocks the pull: the policy's words (Harbor 412).
    pub policy: Option<String>,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            repository: None,
            tags: None,
            platforms: vec!["linux/amd64".to_owned(), "linux/arm64".to_owned()],
            index: true,
            form: Form::Oci,
            kind: Kind::Image,
            attestations: false,
            encrypted: false,
            layers: 2,
            layer_bytes: 2048,
            purged: Vec::new(),
            config: None,
            layer: None,
            manifest: None,
            child: None,
            dangling_tags: Vec::new(),
            quarantined: false,
            policy: None,
        }
    }
}

/// The family of media types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// OCI image index and manifest.
    Oci,
    /// Docker manifest list and schema 2.
    Docker,
    /// Docker schema 1, signed.
    Schema1,
}

/// What the manifest describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A container image.
    Image,
    /// A Helm chart.
    Helm,
    /// A WebAssembly module.
    Wasm,
    /// An OCI artifact with an `artifactType`.
    Artifact,
}

/// What is wrong with a document or blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlobFault {
    /// The registry does not have it.
    Missing,
    /// The registry redirects to it and the storage does not have it (blobs only).
    MissingInStorage,
    /// Other bytes than the digest says.
    Wrong,
    /// No bytes, with status 200.
    Empty,
    /// The connection ends in the middle.
    Truncated,
    /// Bytes stop coming in the middle.
    Stalled,
}
