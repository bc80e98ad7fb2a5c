//! Kubeconfigs: merged as kubectl merges them, and one context chosen.
//!
//! *Invariant:* no message holds a value of a kubeconfig other than names, paths and addresses: a parser's own words may
//! quote a line with a token in it.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::{AuthInfo, Cluster, Config, ExecAuthCluster, Kubeconfig, KubeconfigError};
use probes::foreign::Foreign;
use probes::proxy::{Proxies, Proxy, ProxyKind};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use url::Url;

use super::access::{Files, Flags, ProxyChoice};
use crate::cli::Usage;

/// What a context says.
pub(super) struct Chosen {
    pub(super) context: Option<String>,
    pub(super) server: String,
    pub(super) namespace: String,
    pub(super) proxy_url: Option<String>,
    pub(super) config: Config,
}

/// Reads the files and merges them: the first to name something wins, and keeps all of it.
pub(super) fn read(files: &Files) -> Result<Kubeconfig, Usage> {
    let mut merged = Kubeconfig::default();
    for path in &files.paths {
        let shown = path.display();
        let mut one = match Kubeconfig::read_from(path) {
            Ok(one) => one,
            Err(KubeconfigError::ReadConfig(error, _))
                if !files.must_exist && error.kind() == std::io::ErrorKind::NotFound =>
            {
                continue;
            }
            Err(KubeconfigError::ReadConfig(error, _)) => {
                return Err(Usage(format!(
                    "kubeconfig '{shown}' cannot be read: {error}; correct the path or its rights, or give --no-cluster"
                )));
            }
            Err(_) => {
                return Err(Usage(format!(
                    "kubeconfig '{shown}' is no kubeconfig, or no YAML; 'kubectl config view --kubeconfig {shown}' shows where, \
                     --no-cluster goes without"
                )));
            }
        };
        // An empty name is none.
        one.current_context = one.current_context.filter(|name| !name.is_empty());
        merged = merged.merge(one).map_err(|_| {
            Usage(format!("kubeconfig '{shown}' is of another kind or version than those before it; take it out of KUBECONFIG"))
        })?;
    }
    Ok(merged)
}

/// The context that is named or current, with its cluster and user.
pub(super) fn choose(all: &Kubeconfig, flags: &Flags, told: &str) -> Result<Chosen, Usage> {
    let known = || {
        let names: Vec<_> = all.contexts.iter().map(|c| Foreign::new(&c.name).to_string()).collect();
        if names.is_empty() { "it has none".to_owned() } else { format!("there are: {}", names.join(", ")) }
    };
    let name = flags.context.as_ref().or(all.current_context.as_ref());
    let context = match name {
        None if flags.cluster.is_some() || flags.server.is_some() => None,
        None => {
            return Err(Usage(format!(
                "no context is current in {told} ({}); name one with --context, or give --no-cluster",
                known()
            )));
        }
        Some(name) => {
            let found = all.contexts.iter().find(|c| c.name == *name).and_then(|c| c.context.as_ref());
            Some(found.ok_or_else(|| {
                Usage(format!(
                    "context '{}' is not in {told} ({}); name another with --context, or give --no-cluster",
                    Foreign::new(name),
                    known()
                ))
            })?)
        }
    };
    let cluster_name = flags.cluster.as_ref().or(context.map(|c| &c.cluster)).cloned().unwrap_or_default();
    let found = all.clusters.iter().find(|c| c.name == cluster_name).and_then(|c| c.cluster.clone());
    let cluster = match found {
        Some(found) => found,
        // Without a kubeconfig a server by its address is enough.
        None if cluster_name.is_empty() && flags.server.is_some() => Cluster::default(),
        None => {
            return Err(Usage(format!(
                "cluster '{}' is not in {told}; correct --cluster or the context",
                Foreign::new(&cluster_name)
            )));
        }
    };
    if let Some(server) = flags.server.as_ref().filter(|server| address(server).is_none()) {
        let shown = Foreign::new(server);
        return Err(Usage(format!(
            "--server '{shown}' is no address of an API server; write it as https://HOST:PORT"
        )));
    }
    let cluster = overridden(cluster, flags);
    let user_name =
        flags.user.as_ref().or(context.and_then(|c| c.user.as_ref())).filter(|name| !name.is_empty());
    let user = match user_name {
        None => AuthInfo::default(),
        Some(name) => match all.auth_infos.iter().find(|u| u.name == *name) {
            Some(found) => found.auth_info.clone().unwrap_or_default(),
            // A context may name a user that is nowhere, and is nobody then; a flag may not.
            None if flags.user.is_none() => AuthInfo::default(),
            None => {
                return Err(Usage(format!("user '{}' is not in {told}; correct --user", Foreign::new(name))));
            }
        },
    };
    let namespace = context.and_then(|c| c.namespace.clone()).filter(|n| !n.is_empty());
    let mut chosen = of_cluster(&cluster_name, &cluster, user)?;
    chosen.context = name.cloned();
    chosen.namespace = namespace.unwrap_or_else(|| "default".to_owned());
    Ok(chosen)
}

/// A cluster with what flags put in the place of its own: as kubectl, a server's authorities and its name go together.
fn overridden(mut cluster: Cluster, flags: &Flags) -> Cluster {
    if let Some(server) = &flags.server {
        cluster.server = Some(server.clone());
    }
    if let Some(name) = &flags.tls_server_name {
        cluster.tls_server_name = Some(name.clone());
    }
    if flags.insecure || flags.certificate_authority.is_some() {
        cluster.insecure_skip_tls_verify = Some(flags.insecure);
        cluster.certificate_authority_data = None;
        cluster.certificate_authority =
            flags.certificate_authority.as_ref().map(|path| path.display().to_string());
    }
    cluster
}

fn of_cluster(name: &str, cluster: &Cluster, mut user: AuthInfo) -> Result<Chosen, Usage> {
    let name = Foreign::new(name);
    let given = cluster.server.clone().unwrap_or_default();
    let (uri, server) = address(&given).ok_or_else(|| {
        Usage(format!(
            "cluster '{name}' has the server '{}', which is no address; correct it with 'kubectl config set-cluster'",
            Foreign::new(&given)
        ))
    })?;
    let mut config = Config::new(uri);
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.tls_server_name = cluster.tls_server_name.clone().filter(|n| !n.is_empty());
    config.root_cert = authorities(&name, cluster)?;
    for (what, file, instead) in [
        ("client-certificate", &user.client_certificate, user.client_certificate_data.is_some()),
        ("client-key", &user.client_key, user.client_key_data.is_some()),
        ("tokenFile", &user.token_file, user.token.is_some()),
    ] {
        if let Some(path) = file.as_ref().filter(|path| !instead && !path.is_empty()) {
            std::fs::File::open(path).map_err(|error| {
                Usage(format!("{what} '{path}' of the kubeconfig cannot be read: {error}; correct the path or its rights"))
            })?;
        }
    }
    if let Some(exec) = &mut user.exec
        && exec.provide_cluster_info
    {
        exec.cluster = ExecAuthCluster::try_from(cluster).ok();
    }
    config.auth_info = user;
    let proxy_url = cluster.proxy_url.clone().filter(|proxy| !proxy.is_empty());
    Ok(Chosen { context: None, server, namespace: String::new(), proxy_url, config })
}

/// A server's address, as it is dialled and as it is shown: client-go takes one without a scheme, too.
fn address(given: &str) -> Option<(http::Uri, String)> {
    let whole = match given.contains("://") {
        true => given.to_owned(),
        false if given.is_empty() => return None,
        false => format!("https://{given}"),
    };
    let mut url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    let text = url.as_str().trim_end_matches('/').to_owned();
    Some((text.parse().ok()?, text))
}

/// The authorities that the cluster names; `None` leaves it to the system's.
fn authorities(name: &Foreign, cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>, Usage> {
    let (pem, from) = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
        (Some(data), _) if !data.is_empty() => {
            let compact: String = data.split_whitespace().collect();
            let pem = STANDARD.decode(compact).map_err(|_| {
                Usage(format!(
                    "certificate-authority-data of cluster '{name}' is no base64; fetch the kubeconfig anew"
                ))
            })?;
            (pem, "certificate-authority-data".to_owned())
        }
        (_, Some(path)) if !path.is_empty() => {
            let pem = std::fs::read(path).map_err(|error| {
                Usage(format!("certificate-authority '{path}' of cluster '{name}' cannot be read: {error}; correct the path"))
            })?;
            (pem, format!("'{path}'"))
        }
        _ => return Ok(None),
    };
    let found: Vec<Vec<u8>> =
        CertificateDer::pem_slice_iter(&pem).filter_map(|der| Some(der.ok()?.as_ref().to_vec())).collect();
    if found.is_empty() {
        return Err(Usage(format!(
            "{from} of cluster '{name}' holds no PEM certificate; fetch the kubeconfig anew"
        )));
    }
    Ok(Some(found))
}

/// The cluster that a pod is in: its service account's files, and the variables that name the API server.
pub(super) fn of_pod(env: &BTreeMap<String, String>, files: &Path) -> Result<Option<Chosen>, Usage> {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    let (Some(host), Some(port)) = (set("KUBERNETES_SERVICE_HOST"), set("KUBERNETES_SERVICE_PORT")) else {
        return Ok(None);
    };
    let token = files.join("token");
    if !token.is_file() {
        return Ok(None);
    }
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let cluster = Cluster {
        server: Some(format!("https://{host}:{port}")),
        certificate_authority: Some(files.join("ca.crt").display().to_string()),
        ..Cluster::default()
    };
    let user = AuthInfo { token_file: Some(token.display().to_string()), ..AuthInfo::default() };
    let mut chosen = of_cluster("of this pod", &cluster, user)?;
    let namespace = std::fs::read_to_string(files.join("namespace")).unwrap_or_default();
    let namespace = namespace.trim();
    chosen.namespace = if namespace.is_empty() { "default" } else { namespace }.to_owned();
    Ok(Some(chosen))
}

/// The proxy to the API server: the kubeconfig's own, which nothing exempts from, or that of the variables.
pub(super) fn proxy(
    named: Option<&str>,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Result<Option<ProxyChoice>, Usage> {
    let found = match named {
        Some(text) => Some(Proxy::read(text, "proxy-url").ok_or_else(|| {
            Usage(
                "proxy-url of the kubeconfig is no address; correct it with 'kubectl config set-cluster'"
                    .to_owned(),
            )
        })?),
        None => {
            let proxies = Proxies::from_variables(|name| env.get(name).map(String::as_str));
            let host = config.cluster_url.host().unwrap_or_default();
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let tls = config.cluster_url.scheme_str() == Some("https");
            let port = config.cluster_url.port_u16().unwrap_or(if tls { 443 } else { 80 });
            proxies.for_host(host, port, tls).cloned()
        }
    };
    Ok(found.map(|proxy| match proxy.kind {
        ProxyKind::Http | ProxyKind::Https => ProxyChoice::Through(proxy),
        ProxyKind::Socks | ProxyKind::Other => {
            ProxyChoice::Foreign(format!("{} ({}) is no HTTP proxy", proxy.shown(), proxy.named_by))
        }
    }))
}
