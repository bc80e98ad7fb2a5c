//! Manifests and indexes of an image.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Blob, Document, Repository, archive, digest, platform};
use crate::schema::{BlobFault, Form, Image, Kind};

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// Adds an image to a repository; the digest that its tags name.
pub(super) fn add(place: &mut Repository, name: &str, tags: &[String], image: &Image) -> String {
    let before: Vec<String> = place.documents.keys().cloned().collect();
    let top = if image.form == Form::Schema1 {
        schema1(place, name, tags, image)
    } else if image.kind != Kind::Image {
        artifact(place, name, image)
    } else if image.index {
        index(place, name, tags, image)
    } else {
        let text = image.platforms.first().map_or("linux/amd64", String::as_str);
        child(place, name, tags, text, image, image.manifest.or(image.child)).0
    };
    let digests: Vec<String> =
        place.documents.keys().filter(|known| !before.contains(known)).cloned().collect();
    if image.quarantined {
        place.quarantined.extend(digests.clone());
    }
    if let Some(words) = &image.policy {
        place.blocked.extend(digests.into_iter().map(|known| (known, words.clone())));
    }
    top
}

fn index(place: &mut Repository, name: &str, tags: &[String], image: &Image) -> String {
    let mut entries = Vec::new();
    for text in &image.platforms {
        let fault = if image.purged.contains(text) { Some(BlobFault::Missing) } else { image.child };
        let (known, size) = child(place, name, tags, text, image, fault);
        let media_type = manifest_type(image);
        entries.push(json!({"mediaType": media_type, "digest": known, "size": size, "platform": platform::object(text)}));
        if image.attestations {
            let (attestation, size) = attestation(place, &known);
            entries.push(json!({
                "mediaType": OCI_MANIFEST, "digest": attestation, "size": size,
                "annotations": {"vnd.docker.reference.digest": known, "vnd.docker.reference.type": "attestation-manifest"},
                "platform": {"architecture": "unknown", "os": "unknown"},
            }));
        }
    }
    let media_type = if image.form == Form::Docker { DOCKER_LIST } else { OCI_INDEX };
    let body = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": entries});
    document(place, media_type, &body, image.manifest).0
}

/// The manifest of one platform; its digest and size.
fn child(
    place: &mut Repository,
    name: &str,
    tags: &[String],
    text: &str,
    image: &Image,
    fault: Option<BlobFault>,
) -> (String, usize) {
    let docker = image.form == Form::Docker;
    let mut layers = Vec::new();
    let mut diffs = Vec::new();
    for number in 0..image.layers {
        let last = number + 1 == image.layers;
        let tar =
            archive::tar(&format!("{name} {} {text} layer {number}", tags.join(" ")), image.layer_bytes);
        diffs.push(digest(&tar));
        let mut media_type = if docker {
            "application/vnd.docker.image.rootfs.diff.tar.gzip".to_owned()
        } else {
            "application/vnd.oci.image.layer.v1.tar+gzip".to_owned()
        };
        if image.encrypted {
            media_type.push_str("+encrypted");
        }
        layers.push(blob(place, &media_type, archive::gzip(&tar), image.layer.filter(|_| last)));
    }
    let mut config = platform::object(text);
    config.insert("config".to_owned(), json!({"Cmd": ["/srv/web"], "Labels": {"tags": tags.join(" ")}}));
    config.insert("rootfs".to_owned(), json!({"type": "layers", "diff_ids": diffs}));
    let config_type = if docker {
        "application/vnd.docker.container.image.v1+json"
    } else {
        "application/vnd.oci.image.config.v1+json"
    };
    let config = blob(place, config_type, Value::Object(config).to_string().into_bytes(), image.config);
    let media_type = manifest_type(image);
    let body = json!({"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers});
    document(place, media_type, &body, fault)
}

fn attestation(place: &mut Repository, of: &str) -> (String, usize) {
    let config = blob(place, "application/vnd.oci.image.config.v1+json", b"{}".to_vec(), None);
    let statement = json!({"_type": "https://in-toto.io/Statement/v0.1", "subject": [{"digest": of}]});
    let layer = blob(place, "application/vnd.in-toto+json", statement.to_string().into_bytes(), None);
    let body = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer]});
    document(place, OCI_MANIFEST, &body, None)
}

fn artifact(place: &mut Repository, name: &str, image: &Image) -> String {
    let (config_type, config, layer_type) = match image.kind {
        Kind::Helm => (
            "application/vnd.cncf.helm.config.v1+json",
            json!({"name": name.rsplit('/').next(), "version": "1.0.0", "apiVersion": "v2"}),
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        ),
        Kind::Wasm => (
            "application/vnd.wasm.config.v0+json",
            json!({"architecture": "wasm", "os": "wasip1"}),
            "application/wasm",
        ),
        _ => ("application/vnd.oci.empty.v1+json", json!({}), "application/spdx+json"),
    };
    let config = blob(place, config_type, config.to_string().into_bytes(), image.config);
    let content = archive::gzip(&archive::tar(name, image.layer_bytes));
    let layer = blob(place, layer_type, content, image.layer);
    let mut body =
        json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer]});
    if image.kind == Kind::Artifact {
        body["artifactType"] = "application/spdx+json".into();
    }
    document(place, OCI_MANIFEST, &body, image.manifest).0
}

/// A signed manifest of the old kind; its digest is that of what is signed, without the signature.
fn schema1(place: &mut Repository, name: &str, tags: &[String], image: &Image) -> String {
    let layer = archive::gzip(&archive::tar(name, image.layer_bytes));
    let sum = digest(&layer);
    place.blobs.insert(sum.clone(), Blob { bytes: layer.into(), fault: image.layer });
    let history = json!({"architecture": "amd64", "os": "linux", "id": &sum[7..]}).to_string();
    let body = json!({
        "schemaVersion": 1, "name": name, "tag": tags.first(), "architecture": "amd64",
        "fsLayers": [{"blobSum": sum}], "history": [{"v1Compatibility": history}],
    });
    let payload = format!("{body:#}");
    // A client gets the payload back from what is protected: so many bytes of the document, and then the tail.
    let kept = payload.len() - 2;
    let tail = URL_SAFE_NO_PAD.encode("\n}");
    let protected =
        json!({"formatLength": kept, "formatTail": tail, "time": "2019-03-05T10:00:00Z"}).to_string();
    let signed = format!(
        "{},\n  \"signatures\": [{{\"header\": {{\"alg\": \"ES256\"}}, \"signature\": \"c2ln\", \"protected\": \"{}\"}}]\n}}",
        &payload[..kept],
        URL_SAFE_NO_PAD.encode(protected)
    );
    let known = digest(payload.as_bytes());
    let fault = image.manifest;
    place
        .documents
        .insert(known.clone(), Document { media_type: SCHEMA1.to_owned(), bytes: signed.into(), fault });
    known
}

fn manifest_type(image: &Image) -> &'static str {
    if image.form == Form::Docker { DOCKER_MANIFEST } else { OCI_MANIFEST }
}

fn document(
    place: &mut Repository,
    media_type: &str,
    body: &Value,
    fault: Option<BlobFault>,
) -> (String, usize) {
    let bytes = Bytes::from(format!("{body:#}"));
    let (known, size) = (digest(&bytes), bytes.len());
    place.documents.insert(known.clone(), Document { media_type: media_type.to_owned(), bytes, fault });
    (known, size)
}

/// Adds a blob; its descriptor.
fn blob(place: &mut Repository, media_type: &str, bytes: Vec<u8>, fault: Option<BlobFault>) -> Value {
    let (known, size) = (digest(&bytes), bytes.len());
    place.blobs.insert(known.clone(), Blob { bytes: bytes.into(), fault });
    json!({"mediaType": media_type, "digest": known, "size": size})
}
