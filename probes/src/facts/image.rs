//! What asking for manifests and blobs showed (OCI image and distribution specifications).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::http::Exchange;
use crate::foreign::Foreign;

/// Asking for one manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The tag or digest that was asked for.
    pub reference: String,
    /// The digest of the index that names it, for the manifest of a platform.
    #[serde(default)]
    pub child_of: Option<String>,
    /// `HEAD`, as containerd resolves a name; not for the manifest of a platform, whose digest is known.
    #[serde(default)]
    pub head: Option<Exchange>,
    /// `GET`, by the digest that `HEAD` gave, else by the reference.
    #[serde(default)]
    pub get: Option<Exchange>,
    /// The digests that were named and computed.
    pub digests: Digests,
    /// The size that an index names for it, in bytes.
    #[serde(default)]
    pub expected_size: Option<u64>,
    /// The media type.
    #[serde(default)]
    pub media_type: Option<Foreign>,
    /// What it holds, where it could be read.
    #[serde(default)]
    pub content: Option<ManifestKind>,
    /// For what was not found: the statuses of the same request at the registry's other addresses.
    #[serde(default)]
    pub elsewhere: Vec<Elsewhere>,
}

impl Manifest {
    /// The status that decides: of `HEAD`, unless the registry does not know that method, and `GET` alone counts, as it
    /// does for containerd.
    pub fn status(&self) -> Option<u16> {
        let get = || self.get.as_ref().and_then(Exchange::status);
        match self.head.as_ref().map(Exchange::status) {
            None | Some(Some(405)) => get(),
            Some(status) => status,
        }
    }

    /// Whether it has another size than the index says; `None` while that is not known.
    pub fn has_wrong_size(&self) -> Option<bool> {
        let read = self.get.as_ref()?.reply().filter(|r| r.status == 200)?.bytes;
        Some(self.expected_size? != read)
    }
}

/// The status of the same request at another address of the same registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Elsewhere {
    /// The address.
    pub address: String,
    /// The status.
    pub status: u16,
}

/// The digests of one manifest or blob.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digests {
    /// The digest that was asked for.
    #[serde(default)]
    pub expected: Option<String>,
    /// `Docker-Content-Digest` of the answer.
    #[serde(default)]
    pub announced: Option<String>,
    /// The digest of the bytes that came.
    #[serde(default)]
    pub computed: Option<String>,
}

impl Digests {
    /// Whether the bytes are not what they were said to be; `None` while nothing was computed. What the registry announces
    /// counts only for a tag: for a digest that was asked for, containerd looks at the bytes alone.
    pub fn disagree(&self) -> Option<bool> {
        let computed = self.computed.as_ref()?;
        Some(self.expected.as_ref().or(self.announced.as_ref()).is_some_and(|digest| digest != computed))
    }
}

/// What a manifest is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ManifestKind {
    /// An index, with the manifests it names.
    Index {
        /// Its entries, in order.
        entries: Vec<PlatformEntry>,
    },
    /// The manifest of one image.
    Image {
        /// Its configuration.
        config: Descriptor,
        /// Its layers, in order.
        layers: Vec<Descriptor>,
        /// The artifact type, where it names one.
        #[serde(default)]
        artifact_type: Option<Foreign>,
    },
    /// Docker's manifest of schema version 1.
    Schema1,
    /// Something that is no manifest.
    Unreadable {
        /// Why.
        error: Foreign,
    },
    /// A kind that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// One entry of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlatformEntry {
    /// Its manifest.
    pub descriptor: Descriptor,
    /// Its platform, where it names one.
    pub platform: Option<Platform>,
}

/// A piece of content by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The media type.
    pub media_type: Foreign,
    /// The digest.
    pub digest: String,
    /// The size, in bytes.
    pub size: u64,
    /// Where else its bytes can be had, as the manifest says; a signature in it is why it is never written down.
    #[serde(skip)]
    pub urls: Vec<String>,
}

/// A platform, written as containerd writes it: `linux/arm64/v8`, `windows(10.0.20348)/amd64`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Platform {
    /// The operating system, as Go names it.
    pub os: String,
    /// The processor's architecture, as Go names it.
    pub architecture: String,
    /// The architecture's variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The operating system's version (Windows).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.os)?;
        if let Some(version) = &self.os_version {
            write!(f, "({version})")?;
        }
        write!(f, "/{}", self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

/// The repository's tags, asked for after a tag was not found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TagList {
    /// The request and its answer.
    pub exchange: Exchange,
    /// Whether the tag is in the list; `None` when the list was not had whole.
    pub listed: Option<bool>,
    /// Some of the tags, nearest to the one that was asked for first.
    #[serde(default)]
    pub near: Vec<Foreign>,
}

/// Asking for one blob.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Blob {
    /// What it is.
    pub blob: BlobKind,
    /// Its descriptor in the manifest.
    pub descriptor: Descriptor,
    /// The request and its answer, redirects in it.
    pub exchange: Exchange,
    /// How the bytes came.
    pub outcome: BlobOutcome,
    /// The platform that an image's configuration names.
    #[serde(default)]
    pub platform: Option<Platform>,
}

/// What a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BlobKind {
    /// The image's configuration, read whole and compared with its digest.
    Config,
    /// A layer; a small one is read whole, of a larger one the first bytes.
    Layer,
    /// A kind that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// How a blob's bytes came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum BlobOutcome {
    /// All of them, and they are what their digest says.
    Verified,
    /// The first of them, as many as were asked for.
    Started {
        /// How many.
        bytes: u64,
    },
    /// They are not what their digest says.
    WrongBytes {
        /// The digest of what came.
        computed: String,
        /// How many came.
        bytes: u64,
    },
    /// They are more or fewer than the manifest says.
    WrongSize {
        /// How many there are.
        bytes: u64,
    },
    /// None came; the exchange says why.
    NotHad,
    /// An outcome that a newer version knows.
    #[serde(other)]
    Unknown,
}
