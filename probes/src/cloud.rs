//! Which registries are known, by the suffix of their host: Azure's per cloud, and the large public ones.
//!
//! Sources: the suffixes of cloud-provider-azure's `azure_credentials.go` and of azure-cli's clouds; the public
//! registries' own documentation.

/// The families of registries whose answers have a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Azure Container Registry, in any cloud.
    Acr,
    /// Microsoft's artifact registry, `mcr.microsoft.com`.
    Mcr,
    /// Docker Hub.
    DockerHub,
    /// Another registry that is known to be public on the internet.
    Public,
    /// Any other registry.
    Other,
}

/// The suffixes of ACR login servers, per cloud.
pub const ACR_SUFFIXES: [&str; 5] =
    [".azurecr.io", ".azurecr.cn", ".azurecr.us", ".azurecr.de", ".azurecr.sovcloud-azure.fr"];

/// The host of Microsoft Entra in the cloud that a node's `azure.json` names, as azidentity knows them; the public one
/// where the name is not known (cloud-provider-azure, `pkg/azclient/cloud.go`).
pub fn login_host(cloud: &str) -> &'static str {
    match cloud.to_ascii_uppercase().as_str() {
        "AZURECHINACLOUD" => "login.chinacloudapi.cn",
        "AZUREUSGOVERNMENTCLOUD" | "AZUREUSGOVERNMENT" => "login.microsoftonline.us",
        "AZUREGERMANCLOUD" => "login.microsoftonline.de",
        "AZUREBLEUCLOUD" | "BLEUCLOUD" => "login.sovcloud-identity.fr",
        _ => "login.microsoftonline.com",
    }
}

/// Hosts and suffixes of public registries and of the storage behind them, whose certificates come from public
/// authorities.
const PUBLIC: [&str; 22] = [
    "ghcr.io",
    "quay.io",
    "gcr.io",
    ".gcr.io",
    ".pkg.dev",
    "public.ecr.aws",
    ".amazonaws.com",
    "registry.k8s.io",
    "k8s.gcr.io",
    "registry.gitlab.com",
    "registry.redhat.io",
    "registry.access.redhat.com",
    "nvcr.io",
    "lscr.io",
    "docker.elastic.co",
    ".blob.core.windows.net",
    ".blob.core.chinacloudapi.cn",
    ".blob.core.usgovcloudapi.net",
    ".data.mcr.microsoft.com",
    ".cloudfront.net",
    ".cloudflarestorage.com",
    ".githubusercontent.com",
];

/// The family that a host belongs to; `host` is without a port.
pub fn family(host: &str) -> Family {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let under = |suffix: &str| host.len() > suffix.len() && host.ends_with(suffix);
    if ACR_SUFFIXES.iter().any(|s| under(s)) {
        Family::Acr
    } else if matches!(host.as_str(), "mcr.microsoft.com" | "mcr.azure.cn") || under(".mcr.microsoft.com") {
        Family::Mcr
    } else if matches!(host.as_str(), "docker.io" | "index.docker.io")
        || under(".docker.io")
        || under(".docker.com")
    {
        Family::DockerHub
    } else if PUBLIC.iter().any(|p| host == *p || (p.starts_with('.') && under(p))) {
        Family::Public
    } else {
        Family::Other
    }
}

/// Whether a host is run by one of the known public services, so that its certificate must come from a public
/// authority.
pub fn is_public_service(host: &str) -> bool {
    family(host) != Family::Other
}

/// Whether a host is one of those that Azure's registries keep their blobs at: a data endpoint of ACR or MCR, or blob
/// storage.
pub fn is_azure_data_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    acr_host(&host).is_some_and(|h| h.data)
        || host.contains(".blob.core.")
        || host.contains(".blob.storage.")
        || host.ends_with(".data.mcr.microsoft.com")
        || host.ends_with(".data.mcr.azure.cn")
}

/// What is known of an ACR host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrHost {
    /// The first label: the registry's name, unless the login server carries a domain name label.
    pub label: String,
    /// The suffix with its dot: the cloud.
    pub suffix: &'static str,
    /// The region of a data or regional endpoint.
    pub region: Option<String>,
    /// Whether it is a dedicated data endpoint (`NAME.REGION.data.azurecr.io`).
    pub data: bool,
}

/// Reads an ACR host apart: `NAME.azurecr.io`, `NAME.REGION.data.azurecr.io`, `NAME.REGION.geo.azurecr.io`,
/// `NAME.privatelink.azurecr.io`.
pub fn acr_host(host: &str) -> Option<AcrHost> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let suffix = *ACR_SUFFIXES.iter().find(|s| host.len() > s.len() && host.ends_with(*s))?;
    let labels: Vec<&str> = host[..host.len() - suffix.len()].split('.').collect();
    let (label, region, data) = match labels.as_slice() {
        [label, region, "data"] => (label, Some((*region).to_owned()), true),
        [label, region, "geo"] => (label, Some((*region).to_owned()), false),
        [label, ..] => (label, None, false),
        [] => return None,
    };
    Some(AcrHost { label: (*label).to_owned(), suffix, region, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_end_on_a_label() {
        for (host, expected) in [
            ("contosoacr.azurecr.io", Family::Acr),
            ("contosoacr.azurecr.cn.", Family::Acr),
            ("azurecr.io", Family::Other),
            ("evilazurecr.io", Family::Other),
            ("x.azurecr.io.evil.example", Family::Other),
            ("mcr.microsoft.com", Family::Mcr),
            ("registry-1.docker.io", Family::DockerHub),
            ("ghcr.io", Family::Public),
            ("europe-docker.pkg.dev", Family::Public),
            ("harbor.contoso.example", Family::Other),
        ] {
            assert_eq!(family(host), expected, "{host}");
        }
    }

    #[test]
    fn acr_hosts_are_read_apart() {
        let data = acr_host("contosoacr.westeurope.data.azurecr.io").expect("a data endpoint");
        assert_eq!(
            (data.label.as_str(), data.region.as_deref(), data.data),
            ("contosoacr", Some("westeurope"), true)
        );
        assert!(acr_host("harbor.example").is_none());
    }
}
