//! A world that runs: its sockets and tasks, and the flags that lead a client in.

mod ground;
mod start;

pub use ground::{Addresses, Ground};

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::http::Shared;
use crate::imds;
use crate::kube::Kube;
use crate::log::{Question, Request};
use crate::schema::World;

/// A world that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A socket or file could not be made.
    #[error("a socket or file could not be made")]
    Io(#[from] io::Error),
    /// A certificate could not be made.
    #[error("a certificate could not be made")]
    Certificate(#[from] rcgen::Error),
    /// A certificate could not be used.
    #[error("a certificate could not be used")]
    Tls(#[from] rustls::Error),
}

/// A running world. Everything ends when it is dropped.
pub struct Running {
    folder: TempDir,
    nameservers: Vec<SocketAddr>,
    /// The addresses by which a node's files name the nameservers.
    named: Vec<Option<IpAddr>>,
    places: Vec<Place>,
    elsewhere: SocketAddr,
    door: SocketAddr,
    shared: Arc<Shared>,
    kube: Option<Arc<Kube>>,
    _tasks: JoinSet<()>,
}

/// An address and port of the world, and where it really listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The names that stand there.
    pub names: Vec<String>,
    /// The address by which the world knows it.
    pub address: IpAddr,
    /// The port by which the world knows it.
    pub port: u16,
    /// Where it listens.
    pub listens: SocketAddr,
}

impl World {
    /// Starts the world on loopback. It needs a tokio runtime, and lives as long as both that and the `Running`.
    pub async fn start(&self) -> Result<Running, StartError> {
        self.start_on(&Ground::default()).await
    }

    /// Starts the world where `ground` says.
    pub async fn start_on(&self, ground: &Ground) -> Result<Running, StartError> {
        start::start(self, ground).await
    }
}

impl Running {
    /// The flags that lead pullcheck into the world: `--resolver`, `--connect-to`, `--ca-file`.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        for (nameserver, named) in self.nameservers.iter().zip(&self.named) {
            flags.extend(match named {
                None => ["--resolver".to_owned(), nameserver.to_string()],
                Some(address) => {
                    ["--connect-to".to_owned(), format!("{}:53:{nameserver}", bracketed(*address))]
                }
            });
        }
        let mut known: Vec<IpAddr> = Vec::new();
        for place in &self.places {
            flags.push("--connect-to".to_owned());
            flags.push(format!("{}:{}:{}", bracketed(place.address), place.port, place.listens));
            if !known.contains(&place.address) {
                known.push(place.address);
            }
        }
        // What else listens on this machine's own loopback is not the world's.
        for address in known.into_iter().filter(|address| !address.is_loopback()) {
            // Other ports of the world's addresses are closed; without this they would be dialled for real.
            flags.push("--connect-to".to_owned());
            flags.push(format!("{}::{}", bracketed(address), self.elsewhere));
        }
        flags.extend(["--ca-file".to_owned(), self.ca_file().display().to_string()]);
        flags
    }

    /// The file with the certificate authorities.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The place of a file of the run, also of one that is not there yet.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the run; its place.
    pub fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// A proxy (`http://ADDRESS`) that leads any client with HTTPS_PROXY to the world's servers, by their names.
    pub fn door(&self) -> SocketAddr {
        self.door
    }

    /// What an official client needs in its environment to come in by the door: proxy, CA file, and places of its own for
    /// settings and caches, since what such a client has kept of another world is not true of this one.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let door = format!("http://{}", self.door);
        let ca = self.ca_file().display().to_string();
        let place = |name: &str| self.path(name).display().to_string();
        let mut environment: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |names: &[&str], value: &str| {
            environment.extend(names.iter().map(|name| ((*name).to_owned(), value.to_owned())));
        };
        set(&["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"], &door);
        // The door itself, and what a client runs on this machine.
        set(&["NO_PROXY", "no_proxy"], "127.0.0.1,localhost");
        set(&["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"], &ca);
        // Go programs would add the machine's own authorities.
        set(&["SSL_CERT_DIR"], &place("no-more-authorities"));
        set(&["AZURE_CONFIG_DIR"], &place("az"));
        // az tells nobody of its use, does not ask whether a sign-in host is one, and keeps no failed answer.
        set(
            &[
                "AZURE_CORE_COLLECT_TELEMETRY",
                "AZURE_CORE_INSTANCE_DISCOVERY",
                "AZURE_CORE_USE_MSAL_HTTP_CACHE",
            ],
            "false",
        );
        set(&["DOCKER_CONFIG"], &place("docker"));
        if let Some(imds) = self.place(imds::ADDRESS) {
            set(&["AZURE_POD_IDENTITY_AUTHORITY_HOST"], &format!("http://{}", imds.listens));
        }
        environment
    }

    /// The cluster, where the world has one.
    pub fn kube(&self) -> Option<&Kube> {
        self.kube.as_deref()
    }

    /// The nameservers, in order.
    pub fn nameservers(&self) -> &[SocketAddr] {
        &self.nameservers
    }

    /// The listening places.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The place of a name at 443, or at any port.
    pub fn place(&self, name: &str) -> Option<&Place> {
        let named = || self.places.iter().filter(|place| place.names.iter().any(|known| known == name));
        named().find(|place| place.port == 443).or_else(|| named().next())
    }

    /// The requests that the servers saw.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log.requests()
    }

    /// The questions that the nameservers saw.
    pub fn questions(&self) -> Vec<Question> {
        self.shared.log.questions()
    }

    /// The images' documents: for each repository its tags and the digests they name.
    pub fn tags(&self) -> BTreeMap<String, BTreeMap<String, Option<String>>> {
        let content = self.shared.registry.content();
        content.iter().map(|(name, place)| (name.clone(), place.tags.clone())).collect()
    }

    /// Forgets what was seen and counted, as if the world had just started.
    pub fn rewind(&self) {
        self.shared.log.clear();
        self.shared.registry.rewind();
        self.shared.imds.rewind();
        self.shared.entra.rewind();
        self.shared.arm.rewind();
        self.shared.graph.rewind();
        if let Some(kube) = &self.kube {
            kube.rewind();
        }
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests;
