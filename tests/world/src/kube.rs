//! A small Kubernetes: an API server with what pullcheck asks of one, and kubelets that say what the page has them say.
//!
//! Read it in this order: `store` (objects, versions, what changed), `rules` (who may what, what admission does), `kubelet`
//! (what happens to a pod), `container` (what runs in one), `answer` (a request becomes a reply), `serve` (sockets, TLS, watches).

mod answer;
mod container;
mod kubelet;
mod rules;
mod serve;
mod store;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::pki::Pki;
use crate::running::StartError;
use crate::schema;
use container::Network;
use store::Store;

/// The operator's token.
const TOKEN: &str = "operators-token-6f1d";

/// A running cluster.
pub struct Kube {
    spec: schema::Kube,
    store: Store,
    /// Requests that are still to be answered with 429.
    throttled: AtomicU32,
    address: SocketAddr,
    kubeconfig: String,
    /// What leads from its pods into the world.
    network: OnceLock<Network>,
}

impl Kube {
    /// Starts a cluster; its tasks go into `tasks`.
    pub(crate) async fn start(
        spec: &schema::Kube,
        pki: &mut Pki,
        tasks: &mut JoinSet<()>,
    ) -> Result<Arc<Self>, StartError> {
        let names = ["127.0.0.1".to_owned()];
        let config = pki.identity(&names, spec.tls, None)?.config(spec.tls)?;
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = socket.local_addr()?;
        let kube = Arc::new(Self {
            store: Store::new(spec),
            throttled: AtomicU32::new(spec.throttled),
            address,
            kubeconfig: kubeconfig(spec, address, &pki.pem()),
            spec: spec.clone(),
            network: OnceLock::new(),
        });
        serve::start(Arc::clone(&kube), socket, config, tasks)?;
        Ok(kube)
    }

    /// Gives its pods the network that these flags lead into, and files out of a folder; nobody listens at `closed`.
    pub(crate) fn lead(&self, flags: Vec<String>, closed: SocketAddr, folder: &Path) {
        // The world starts it once.
        let _ = self.network.set(Network { flags, closed, folder: folder.to_owned() });
    }

    /// Where the API server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The operator's kubeconfig.
    pub fn kubeconfig(&self) -> &str {
        &self.kubeconfig
    }

    /// The names of the objects of a kind that there are, `NAMESPACE/NAME`.
    pub fn names(&self, kind: &str) -> Vec<String> {
        self.store.names(kind)
    }

    /// Every pod and Job that was ever made, as it was made.
    pub fn made(&self) -> Vec<Value> {
        self.store.made()
    }

    /// The requests so far, `METHOD PATH`.
    pub fn requests(&self) -> Vec<String> {
        self.store.requests()
    }

    /// Whether it has gone away, as the page says that it does.
    fn is_gone(&self) -> bool {
        self.spec.dies && self.store.made().iter().any(|object| object["kind"] == "Pod")
    }

    /// Everything as at the start.
    pub(crate) fn rewind(&self) {
        self.store.rewind(&self.spec);
        self.throttled.store(self.spec.throttled, std::sync::atomic::Ordering::Relaxed);
    }

    /// Writes the kubeconfig into a folder.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::write(folder.join("kubeconfig"), &self.kubeconfig)
    }
}

fn kubeconfig(spec: &schema::Kube, address: SocketAddr, ca: &str) -> String {
    let ca = base64::engine::general_purpose::STANDARD.encode(ca);
    let namespace = &spec.namespace;
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: world\n\
         clusters:\n- name: world\n  cluster:\n    server: https://{address}\n    certificate-authority-data: {ca}\n\
         users:\n- name: alice\n  user:\n    token: {TOKEN}\n\
         contexts:\n- name: world\n  context:\n    cluster: world\n    user: alice\n    namespace: {namespace}\n"
    )
}
