//! What runs in a pod: the probe's program, the only one that an image of this world holds, with the network and the files
//! that its pod would have.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use probes::program::{Given, run};
use serde_json::{Value, json};

use super::Kube;
use super::store::text;
use crate::schema::KubeNode;

/// The program, by its place in the image.
const PROGRAM: &str = "/pullcheck-probe";

/// What leads from a pod into the world.
pub(super) struct Network {
    /// The flags that lead there from anywhere.
    pub(super) flags: Vec<String>,
    /// Where nobody listens.
    pub(super) closed: SocketAddr,
    /// The world's folder, with the node's files in `node` and those of pull secrets in `secrets`.
    pub(super) folder: PathBuf,
}

impl Network {
    fn values(&self, flag: &str) -> Vec<String> {
        self.flags.windows(2).filter(|pair| pair[0] == flag).map(|pair| pair[1].clone()).collect()
    }

    /// What the program is told, with the network and the files of its pod: what a pod's mounts and its nameservers do.
    fn told(&self, argument: &str, pod: &Value, node: &KubeNode) -> io::Result<String> {
        let mut told: Value = serde_json::from_str(&argument.replace("$$", "$"))?;
        let of_node = pod["spec"]["hostNetwork"] == true;
        let cut = if of_node { &node.cut_from_node } else { &node.cut_from_pods };
        let mut ways: Vec<String> = cut.iter().map(|address| format!("{address}:{}", self.closed)).collect();
        ways.extend(self.values("--connect-to"));
        told["connectTo"] = json!(ways);
        told["resolver"] = json!(self.values("--resolver"));
        told["caFile"] = json!(std::fs::read_to_string(self.folder.join("ca.pem"))?);
        if of_node {
            let root = self.folder.join("node");
            std::fs::create_dir_all(&root)?;
            told["hostRoot"] = json!(root);
        }
        if !told["dockerConfig"].is_null() {
            let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
            let secret =
                volumes.map(|volume| text(&volume["secret"]["secretName"])).find(|name| !name.is_empty());
            told["dockerConfig"] = json!(self.folder.join("secrets").join(secret.unwrap_or_default()));
        }
        Ok(told.to_string())
    }
}

/// Whether a pod is there for the program.
pub(super) fn is_program(pod: &Value) -> bool {
    pod["spec"]["containers"][0]["command"][0] == PROGRAM
}

/// Starts the program of a pod; how it ends is told by the pod's status.
pub(super) fn start(kube: &Arc<Kube>, pod: &Value, node: &KubeNode) {
    let (kube, pod, node) = (Arc::clone(kube), pod.clone(), node.clone());
    // A thread, because the program makes its own runtime.
    thread::spawn(move || {
        let uid = text(&pod["metadata"]["uid"]);
        kube.store.status(
            uid,
            "Running",
            &json!({ "running": { "startedAt": crate::time::rfc3339(0) } }),
            "",
        );
        let (code, message) = ended(&kube, &pod, &node).unwrap_or_else(|error| (128, error.to_string()));
        let reason = if code == 0 { "Completed" } else { "Error" };
        let over = json!({ "terminated": { "reason": reason, "exitCode": code, "message": message } });
        kube.store.status(uid, if code == 0 { "Succeeded" } else { "Failed" }, &over, "");
    });
}

/// Runs it to its end: its exit code and its last message.
fn ended(kube: &Arc<Kube>, pod: &Value, node: &KubeNode) -> io::Result<(u8, String)> {
    let network = kube.network.get().ok_or_else(|| io::Error::other("the pod has no network yet"))?;
    let told = network.told(text(&pod["spec"]["containers"][0]["args"][0]), pod, node)?;
    let uid = text(&pod["metadata"]["uid"]);
    let last = network.folder.join(format!("termination-log-{uid}"));
    std::fs::write(&last, "")?;
    let arguments = vec![told.into(), "--termination-log".into(), Path::new(&last).into()];
    let given = Given { arguments, variables: Vec::new(), clock: jiff::Timestamp::now };
    let code = run(given, &mut Log { kube, uid }, &mut Log { kube, uid });
    Ok((code, std::fs::read_to_string(last)?))
}

/// What a container writes goes into its pod's log.
struct Log<'a> {
    kube: &'a Kube,
    uid: &'a str,
}

impl Write for Log<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.kube.store.wrote(self.uid, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
