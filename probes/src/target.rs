//! What is checked: an image reference or a registry's host, parsed once.
//!
//! The grammar and its normalisation are those of `github.com/distribution/reference` (`regexp.go`, `normalize.go`),
//! by which kubelet and containerd read an image; which kind of mistake is in a malformed one is our own judgement.
//!
//! *Invariant:* a [`Target`] that was parsed consists of printable ASCII.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod classify;
mod error;
mod grammar;
#[cfg(test)]
mod tests;

pub use error::{DigestProblem, Malformation, TargetError};

/// Docker Hub under the name that is normal for it, and the older one that is read as the same.
const HUB: &str = "docker.io";
const HUB_LEGACY: &str = "index.docker.io";
/// Where Docker Hub's registry is served (containerd's `docker.DefaultHost`).
const HUB_API: &str = "registry-1.docker.io";

/// A registry, and what of it is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The text that was given.
    pub given: String,
    /// The registry, `HOST[:PORT]` as it was named; `docker.io` when it was left out.
    pub registry: String,
    /// The repository, normalised; `None` for a registry alone.
    #[serde(default)]
    pub repository: Option<String>,
    /// The tag; `latest` when neither tag nor digest were given.
    #[serde(default)]
    pub tag: Option<String>,
    /// The digest with its algorithm: `sha256:…`.
    #[serde(default)]
    pub digest: Option<String>,
    /// Whether no registry was written, so that it is Docker Hub.
    #[serde(default)]
    pub implied_registry: bool,
    /// Whether no tag was written, so that it is `latest`.
    #[serde(default)]
    pub implied_tag: bool,
    /// Whether `library/` was added, as for Docker Hub's own images.
    #[serde(default)]
    pub implied_library: bool,
}

impl Target {
    /// Reads what a user names: a registry's host (no path, and a dot, `localhost` or an IPv6 address in brackets,
    /// perhaps with a port), else an image reference.
    ///
    /// # Errors
    ///
    /// [`TargetError`], whose [`cause`](TargetError::cause) is the most telling one.
    pub fn parse(given: &str) -> Result<Self, TargetError> {
        match grammar::registry(given) {
            Some(Ok(registry)) => Ok(Self {
                given: given.to_owned(),
                registry: if registry == HUB_LEGACY { HUB } else { registry }.to_owned(),
                repository: None,
                tag: None,
                digest: None,
                implied_registry: false,
                implied_tag: false,
                implied_library: false,
            }),
            Some(Err(why)) => Err(classify::classify(given, why)),
            None => Self::parse_image(given),
        }
    }

    /// Reads the image of a pod, which is never a registry alone: `contosoacr.azurecr.io` is an image of Docker Hub
    /// to kubelet.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn parse_image(given: &str) -> Result<Self, TargetError> {
        let read = grammar::image(given).map_err(|why| classify::classify(given, why))?;
        // Python's `None` is a valid host by the grammar, and nobody's.
        if read.domain == Some("None") {
            return Err(classify::unexpanded(given, "None"));
        }
        let registry = match read.domain {
            None | Some(HUB_LEGACY) => HUB,
            Some(domain) => domain,
        };
        let implied_library = registry == HUB && !read.path.contains('/');
        let repository = format!("{}{}", if implied_library { "library/" } else { "" }, read.path);
        // The limit is for the whole name, with what Docker Hub's short names leave out.
        grammar::length(&repository).map_err(|why| classify::classify(given, why))?;
        let implied_tag = read.tag.is_none() && read.digest.is_none();
        Ok(Self {
            given: given.to_owned(),
            registry: registry.to_owned(),
            repository: Some(repository),
            tag: if implied_tag { Some("latest".to_owned()) } else { read.tag.map(str::to_owned) },
            digest: read.digest.map(str::to_owned),
            implied_registry: read.domain.is_none(),
            implied_tag,
            implied_library,
        })
    }

    /// The registry's host as it was named, without port and without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        let host = grammar::host_and_port(&self.registry).0;
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// The port: the one named, else 443, or 80 for plain http.
    pub fn port(&self, plain_http: bool) -> u16 {
        let usual = if plain_http { 80 } else { 443 };
        grammar::host_and_port(&self.registry).1.and_then(|port| port.parse().ok()).unwrap_or(usual)
    }

    /// The host that is resolved and dialled, without port and brackets. It is [`Self::host`], but for Docker Hub,
    /// which is served at `registry-1.docker.io` (containerd's `DefaultHost`: only where no port is named).
    pub fn api_host(&self) -> String {
        match self.registry.as_str() {
            HUB | HUB_LEGACY => HUB_API.to_owned(),
            _ => self.host().to_owned(),
        }
    }

    /// The whole reference: `docker.io/library/nginx:latest`, `HOST/REPOSITORY@sha256:…`,
    /// `HOST/REPOSITORY:TAG@sha256:…`; for a registry alone its host and port.
    pub fn reference(&self) -> String {
        let mut whole = self.registry.clone();
        for (separator, part) in [('/', &self.repository), (':', &self.tag), ('@', &self.digest)] {
            if let Some(part) = part {
                whole.push(separator);
                whole.push_str(part);
            }
        }
        whole
    }

    /// Whether it is a registry alone, without an image.
    pub fn is_registry(&self) -> bool {
        self.repository.is_none()
    }

    /// What a manifest is asked for by: the digest where there is one, else the tag, as `ParseDockerRef` drops the
    /// tag beside a digest. `None` for a registry alone.
    pub fn manifest_reference(&self) -> Option<&str> {
        self.digest.as_deref().or(self.tag.as_deref())
    }
}
