//! The floor: a client that makes the same requests as a check does, in an order in which each waits only for what it
//! needs, and that does nothing else. No process is started, no authorities are loaded, nothing is recorded or judged.
//!
//! It asks for both kinds of addresses of a name at once, has one connection to each host, and shakes hands in one round
//! trip. The identity's token is asked for beside the way to the registry. The blobs' redirects are asked for beside
//! what the storage delivers, as they do not need it.

mod wire;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr as _;
use std::sync::Arc;

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsConnector;
use url::Url;
use url::form_urlencoded::Serializer;

use self::wire::Connection;
use crate::Failure;
use crate::relay::Relays;
use crate::scene::{CLIENT_ID, HOST, NULL_USER, REPOSITORY, TAG};

const IMDS: &str = "169.254.169.254";
const ACCEPT: &str =
    "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json\r\n";

/// The minimal client.
pub(crate) struct Floor {
    nameserver: SocketAddr,
    places: BTreeMap<SocketAddr, SocketAddr>,
    tls: TlsConnector,
}

impl Floor {
    /// A client that trusts the one authority of the world.
    pub(crate) fn new(relays: &Relays, authority: &std::path::Path) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(authority)? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A second run must not be shorter than the first.
        config.resumption = rustls::client::Resumption::disabled();
        let (nameserver, places) = (relays.nameserver, relays.places.clone());
        Ok(Self { nameserver, places, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// The whole way, from the name to the last layer.
    pub(crate) async fn walk(&self) -> Result<(), Failure> {
        let (registry, token) = tokio::join!(self.registry(), self.identity());
        let (mut registry, token) = (registry?, token?);
        let refresh = refresh_token(&mut registry, &token).await?;
        let token = pull_token(&mut registry, &refresh).await?;
        let bearer = format!("{ACCEPT}Authorization: Bearer {token}\r\n");
        let path = |rest: &str| format!("/v2/{REPOSITORY}/{rest}");
        let head =
            registry.ask("HEAD", &path(&format!("manifests/{TAG}")), &bearer, "").await?.expect(200)?;
        let digest = head.header("docker-content-digest").ok_or("no digest")?.to_owned();
        let index = manifest(&mut registry, &path(&format!("manifests/{digest}")), &bearer).await?;
        let amd64 = |entry: &&Value| entry["platform"]["architecture"] == "amd64";
        let child = index["manifests"].as_array().and_then(|all| all.iter().find(amd64)).ok_or("no amd64")?;
        let child = child["digest"].as_str().unwrap_or_default();
        let image = manifest(&mut registry, &path(&format!("manifests/{child}")), &bearer).await?;
        let layers = image["layers"].as_array().cloned().unwrap_or_default();
        let blobs: Vec<String> = std::iter::once(&image["config"])
            .chain(&layers)
            .map(|blob| path(&format!("blobs/{}", blob["digest"].as_str().unwrap_or_default())))
            .collect();
        let (found, locations) = unbounded_channel();
        let (asked, had) =
            tokio::join!(redirects(&mut registry, &blobs, &bearer, found), self.storage(locations));
        asked?;
        match had? == blobs.len() {
            true => Ok(()),
            false => Err("not every blob was had".into()),
        }
    }

    /// A refresh token of the node's identity.
    pub(crate) async fn refresh_token(&self) -> Result<String, Failure> {
        let token = self.identity().await?;
        refresh_token(&mut self.registry().await?, &token).await
    }

    async fn registry(&self) -> Result<Connection, Failure> {
        let to = self.place(self.resolve(HOST).await?, 443)?;
        let mut registry = Connection::secure(&self.tls, HOST, to).await?;
        registry.ask("GET", "/v2/", "", "").await?.expect(401)?;
        Ok(registry)
    }

    async fn identity(&self) -> Result<String, Failure> {
        let mut metadata = Connection::plain(IMDS, self.place(IMDS.parse()?, 80)?).await?;
        let path = format!(
            "/metadata/identity/oauth2/token?api-version=2018-02-01&client_id={CLIENT_ID}&resource=https%3A%2F%2Fcontainerregistry.azure.net"
        );
        metadata.ask("GET", &path, "Metadata: true\r\n", "").await?.expect(200)?.text("access_token")
    }

    /// Takes each redirect as it comes; how many blobs were had.
    async fn storage(&self, mut locations: UnboundedReceiver<Url>) -> Result<usize, Failure> {
        let mut connection = None;
        let mut had = 0;
        while let Some(url) = locations.recv().await {
            let mut open = match connection.take() {
                Some(open) => open,
                None => {
                    let host = url.host_str().ok_or("a redirect to nowhere")?;
                    let to = self.place(self.resolve(host).await?, 443)?;
                    Connection::secure(&self.tls, host, to).await?
                }
            };
            let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
            open.ask("GET", &path, "", "").await?.expect(200)?;
            connection = Some(open);
            had += 1;
        }
        Ok(had)
    }

    fn place(&self, address: IpAddr, port: u16) -> Result<SocketAddr, Failure> {
        let place = self.places.get(&SocketAddr::new(address, port)).copied();
        Ok(place.ok_or_else(|| format!("nothing of the world is at {address}:{port}"))?)
    }

    /// The first IPv4 address of a name; both kinds are asked for and waited for, as a pull does.
    async fn resolve(&self, name: &str) -> Result<IpAddr, Failure> {
        let (a, aaaa) =
            tokio::join!(self.question(name, RecordType::A), self.question(name, RecordType::AAAA));
        aaaa?;
        let address = a?.answers.iter().find_map(|record| match record.data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            _ => None,
        });
        Ok(address.ok_or_else(|| format!("{name} has no address"))?)
    }

    async fn question(&self, name: &str, kind: RecordType) -> Result<Message, Failure> {
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(Name::from_str(&format!("{name}."))?, kind));
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.send_to(&message.to_vec()?, self.nameserver).await?;
        let mut buffer = [0; 1232];
        let length = socket.recv(&mut buffer).await?;
        Ok(Message::from_vec(buffer.get(..length).unwrap_or_default())?)
    }
}

/// The refresh token for which the registry exchanges an identity's token.
async fn refresh_token(registry: &mut Connection, token: &str) -> Result<String, Failure> {
    let form = Serializer::new(String::new())
        .extend_pairs([("grant_type", "access_token"), ("service", HOST), ("access_token", token)])
        .finish();
    registry.ask("POST", "/oauth2/exchange", "", &form).await?.expect(200)?.text("refresh_token")
}

async fn pull_token(registry: &mut Connection, refresh: &str) -> Result<String, Failure> {
    let scope = format!("repository:{REPOSITORY}:pull");
    let form = Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "password"),
            ("client_id", "bench"),
            ("service", HOST),
            ("scope", &scope),
        ])
        .extend_pairs([("username", NULL_USER), ("password", refresh)])
        .finish();
    registry.ask("POST", "/oauth2/token", "", &form).await?.expect(200)?.text("access_token")
}

async fn manifest(registry: &mut Connection, path: &str, bearer: &str) -> Result<Value, Failure> {
    Ok(serde_json::from_slice(&registry.ask("GET", path, bearer, "").await?.expect(200)?.body)?)
}

/// Asks the registry for all blobs, one after the other, and hands on where each is.
async fn redirects(
    registry: &mut Connection,
    blobs: &[String],
    bearer: &str,
    found: UnboundedSender<Url>,
) -> Result<(), Failure> {
    for blob in blobs {
        let answer = registry.ask("GET", blob, bearer, "").await?.expect(307)?;
        found.send(Url::parse(answer.header("location").ok_or("a redirect without a place")?)?)?;
    }
    Ok(())
}
