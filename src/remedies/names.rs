//! The names of the reader's own things, and which of them can stand in a command.
//!
//! *Invariant:* what is not known is absent, and what a stranger could have written is checked before it is shown.

use std::net::{IpAddr, SocketAddr};

/// The role that lets an identity pull from a registry in its older mode.
pub const PULL_ROLE: &str = "AcrPull";

/// The role that lets an identity pull from a registry in ABAC mode.
pub const PULL_ROLE_ABAC: &str = "Container Registry Repository Reader";

/// The names of the reader's own things, for sentences and commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The whole image reference, as the kubelet reads it.
    pub reference: String,
    /// The registry's host, with its port where one was given.
    pub registry: String,
    /// The host at which it failed: the registry's, the token service's or that of the layers.
    pub host: String,
    /// The port at that host.
    pub port: u16,
    /// The registry's name in Azure, when the registry's host is a login server of ACR.
    pub acr: Option<String>,
    /// The registry's resource id in Azure.
    pub registry_id: Option<String>,
    /// The role that lets an identity pull in the registry's mode: [`PULL_ROLE`] or [`PULL_ROLE_ABAC`].
    pub pull_role: Option<String>,
    /// The operator, where it is they who pull and no kubelet: the user's name or the application's id.
    pub operator: Option<String>,
    /// Whether a deny assignment takes the pull, whatever roles there are.
    pub denied: bool,
    /// The name of another registry, at which the identity has a role that lets it pull.
    pub other_acr: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The digest that the reference names.
    pub digest: Option<String>,
    /// The platform asked for, such as `linux/amd64`.
    pub platform: String,
    /// The address that was dialled.
    pub address: Option<String>,
    /// The client's address as the registry named it in its refusal.
    pub client_ip: Option<String>,
    /// The resource id of the subnet that the node is in.
    pub subnet: Option<String>,
    /// The Azure region of a data endpoint.
    pub region: Option<String>,
    /// The user of the credential that was presented.
    pub user: Option<String>,
    /// The application that this user is.
    pub application: Option<String>,
    /// The scope map of that user, where it is a token of the registry's.
    pub scope_map: Option<String>,
    /// Whether that token is disabled.
    pub token_disabled: bool,
    /// The registry's cache rule that covers the repository.
    pub cache_rule: Option<String>,
    /// The credential set of that rule.
    pub credential_set: Option<String>,
    /// The path that the rule fetches the repository from, with its registry: `docker.io/library/nginx`.
    pub cache_source: Option<String>,
    /// The name server that was asked, as `ADDRESS` or `ADDRESS:PORT`.
    pub nameserver: Option<String>,
    /// The name server that the node's DNS cache forwards to, in the same form.
    pub upstream: Option<String>,
    /// The name that was meant, where another one was found in its place.
    pub instead: Option<String>,
    /// The client id of the identity that signs in: the kubelet's managed identity or a service principal.
    pub client_id: Option<String>,
    /// The object id of that identity, which roles are assigned to.
    pub object_id: Option<String>,
    /// The tenant that it signs in to.
    pub tenant_id: Option<String>,
    /// Whether that identity is a managed one, by the service that was asked for it.
    pub managed: bool,
    /// The resource id of that identity in Azure, when it is a managed one.
    pub identity: Option<String>,
    /// The subscription that the node is in.
    pub subscription: Option<String>,
    /// The resource group that the node is in.
    pub group: Option<String>,
    /// The scale set that the node belongs to.
    pub scale_set: Option<String>,
    /// The node's name in the cluster.
    pub node: Option<String>,
    /// The namespace of the pod that shall run the image.
    pub namespace: Option<String>,
    /// That pod.
    pub pod: Option<String>,
    /// The service account that it runs as.
    pub service_account: Option<String>,
    /// The name of the AKS node pool that the node belongs to.
    pub pool: Option<String>,
    /// The name of the AKS cluster.
    pub cluster: Option<String>,
    /// The resource group of the AKS cluster.
    pub cluster_group: Option<String>,
    /// The proxy, as `HOST:PORT`, without user and password.
    pub proxy: Option<String>,
    /// The variable that names the proxy or its exceptions, such as `HTTPS_PROXY`.
    pub variable: Option<String>,
    /// The entry to add to the proxy's exceptions.
    pub no_proxy: Option<String>,
    /// The path of the file that is wrong: azure.json, a docker configuration, a hosts.toml, a drop-in.
    pub file: Option<String>,
    /// The URL of the mirror, without user and password.
    pub mirror: Option<String>,
}

/// Whether a name can stand in a command: one visible word that is no option.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| {
            c.is_ascii_graphic()
                && !matches!(c, '<' | '>' | '"' | '\'' | '`' | '$' | '{' | '}' | '&' | '|' | '^' | '%')
        })
}

/// Whether a name is made of ASCII letters, digits and these characters alone.
fn is_made_of(name: &str, others: &str) -> bool {
    is_plain(name) && name.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// Whether it is an id in the form 8-4-4-4-12.
fn is_guid(name: &str) -> bool {
    let parts: Vec<usize> = name.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && name.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// Whether it is a resource id of Azure.
fn is_resource_id(name: &str) -> bool {
    name.starts_with("/subscriptions/") && is_made_of(name, "/-_.()")
}

/// Whether it is an absolute path, of a Linux or a Windows node.
fn is_path(name: &str) -> bool {
    let windows = name.as_bytes().get(1..3) == Some(b":\\");
    (name.starts_with('/') || windows) && is_made_of(name, "/\\:-_.@+~")
}

/// Whether it is `HOST:PORT` and nothing around it.
fn is_endpoint(name: &str) -> bool {
    let port =
        name.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    port && is_made_of(name, ".-_:[]")
}

/// Whether it is an address of the web that names no user.
fn is_url(name: &str) -> bool {
    let rest = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://"));
    rest.is_some_and(|rest| is_made_of(rest, ".-_:[]/~"))
}

impl Names {
    /// The kind of principal that whoever pulls is: users sign in by a name like an address.
    pub(super) fn principal_type(&self) -> &'static str {
        match &self.operator {
            Some(operator) if operator.contains('@') => "User",
            _ => "ServicePrincipal",
        }
    }

    /// The same names without those that cannot stand in a command; some of them are strangers' text.
    pub(super) fn checked(&self) -> Self {
        let must = |name: &String| if is_plain(name) { name.clone() } else { String::new() };
        let may = |name: &Option<String>, fits: fn(&str) -> bool| name.clone().filter(|name| fits(name));
        Self {
            reference: must(&self.reference),
            registry: must(&self.registry),
            host: must(&self.host),
            port: self.port,
            acr: may(&self.acr, |name| is_made_of(name, "")),
            registry_id: may(&self.registry_id, is_resource_id),
            pull_role: may(&self.pull_role, |role| [PULL_ROLE, PULL_ROLE_ABAC].contains(&role)),
            operator: self.operator.as_ref().map(must),
            denied: self.denied,
            other_acr: may(&self.other_acr, |name| is_made_of(name, "")),
            repository: may(&self.repository, is_plain),
            tag: may(&self.tag, is_plain),
            digest: may(&self.digest, is_plain),
            platform: must(&self.platform),
            address: may(&self.address, is_plain),
            client_ip: may(&self.client_ip, |ip| ip.parse::<IpAddr>().is_ok()),
            subnet: may(&self.subnet, is_resource_id),
            region: may(&self.region, is_plain),
            user: may(&self.user, is_plain),
            application: may(&self.application, is_guid),
            scope_map: may(&self.scope_map, |name| is_made_of(name, "-_")),
            token_disabled: self.token_disabled,
            cache_rule: may(&self.cache_rule, |name| is_made_of(name, "-_")),
            credential_set: may(&self.credential_set, |name| is_made_of(name, "-_")),
            cache_source: may(&self.cache_source, |name| is_made_of(name, "-_./:")),
            nameserver: may(&self.nameserver, is_plain),
            upstream: may(&self.upstream, is_plain),
            instead: may(&self.instead, is_plain),
            client_id: may(&self.client_id, is_guid),
            object_id: may(&self.object_id, is_guid),
            tenant_id: may(&self.tenant_id, |name| is_made_of(name, ".-")),
            managed: self.managed,
            identity: may(&self.identity, is_resource_id),
            subscription: may(&self.subscription, is_guid),
            group: may(&self.group, |name| is_made_of(name, "-_.()")),
            scale_set: may(&self.scale_set, |name| is_made_of(name, "-_.")),
            node: may(&self.node, |name| is_made_of(name, "-.")),
            namespace: may(&self.namespace, |name| is_made_of(name, "-")),
            pod: may(&self.pod, |name| is_made_of(name, "-.")),
            service_account: may(&self.service_account, |name| is_made_of(name, "-.")),
            pool: may(&self.pool, |name| is_made_of(name, "")),
            cluster: may(&self.cluster, |name| is_made_of(name, "-_")),
            cluster_group: may(&self.cluster_group, |name| is_made_of(name, "-_.()")),
            proxy: may(&self.proxy, is_endpoint),
            variable: may(&self.variable, |name| is_made_of(name, "_")),
            no_proxy: may(&self.no_proxy, |name| is_made_of(name, ".-_:/[]")),
            file: may(&self.file, is_path),
            mirror: may(&self.mirror, is_url),
        }
    }

    /// What the registry is called in a sentence.
    pub(super) fn the_registry(&self) -> &str {
        self.acr.as_deref().or(some(&self.registry)).unwrap_or("the registry")
    }

    /// What the failing host is called in a sentence.
    pub(super) fn the_host(&self) -> &str {
        some(&self.host).or(some(&self.registry)).unwrap_or("the host")
    }

    /// What the image is called in a sentence.
    pub(super) fn the_image(&self) -> &str {
        some(&self.reference).unwrap_or("the image")
    }

    /// What the repository is called in a sentence.
    pub(super) fn the_repository(&self) -> &str {
        self.repository.as_deref().unwrap_or("the repository")
    }

    /// What the node is called in a sentence.
    pub(super) fn the_node(&self) -> &str {
        self.node.as_deref().unwrap_or("the node")
    }

    /// What the pod is called in a sentence.
    pub(super) fn the_pod(&self) -> &str {
        self.pod.as_deref().unwrap_or("the pod")
    }

    /// What the pod's namespace is called in a sentence.
    pub(super) fn the_namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("the pod's namespace")
    }

    /// What the proxy is called in a sentence.
    pub(super) fn the_proxy(&self) -> &str {
        self.proxy.as_deref().unwrap_or("the proxy")
    }

    /// What the mirror is called in a sentence.
    pub(super) fn the_mirror(&self) -> &str {
        self.mirror.as_deref().unwrap_or("the mirror")
    }

    /// What is called in a sentence whoever needs the role.
    pub(super) fn the_puller(&self) -> String {
        match (self.operator.as_deref(), self.application.as_deref()) {
            (Some(operator), _) => format!("the operator {operator}").trim_end().to_owned(),
            (None, Some(application)) => format!("the application {application}"),
            (None, None) => "the kubelet's identity".to_owned(),
        }
    }

    /// What the service principal is called in a sentence.
    pub(super) fn the_principal(&self) -> &str {
        self.client_id.as_deref().unwrap_or("the service principal")
    }

    /// The file, if its name ends like this.
    pub(super) fn file_like(&self, endings: &[&str]) -> Option<&str> {
        let file = self.file.as_deref()?;
        endings.iter().any(|ending| file.ends_with(ending)).then_some(file)
    }

    /// The docker configuration, if that is what the file is.
    pub(super) fn docker_config(&self) -> Option<&str> {
        self.file_like(&[".json", ".dockerconfigjson"]).filter(|file| !file.ends_with("azure.json"))
    }

    /// The login server of the registry whose regional or data endpoint the image names.
    pub(super) fn login_server(&self) -> Option<String> {
        let acr = self.acr.as_deref()?;
        let host = self.registry.split(':').next().unwrap_or_default();
        let (_, suffix) = host.split_once(".azurecr.")?;
        Some(format!("{acr}.azurecr.{suffix}"))
    }

    /// The port at the failing host; https where it is not known.
    pub(super) fn port(&self) -> u16 {
        if self.port == 0 { 443 } else { self.port }
    }

    /// The dialled address without a port.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        let text = self.address.as_deref()?;
        text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|both| both.ip()))
    }

    /// The private DNS zone of ACR in the cloud that the registry is in.
    pub(super) fn private_zone(&self) -> &'static str {
        match self.cloud() {
            "cn" => "privatelink.azurecr.cn",
            "us" => "privatelink.azurecr.us",
            _ => "privatelink.azurecr.io",
        }
    }

    /// The host of Microsoft Graph in the cloud that the registry is in.
    pub(super) fn graph(&self) -> &'static str {
        match self.cloud() {
            "cn" => "microsoftgraph.chinacloudapi.cn",
            "us" => "graph.microsoft.us",
            _ => "graph.microsoft.com",
        }
    }

    /// The last label of the registry's host.
    fn cloud(&self) -> &str {
        let host = self.registry.split(':').next().unwrap_or_default();
        host.rsplit('.').next().unwrap_or_default()
    }
}

/// The text, unless it is empty.
pub(super) fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
