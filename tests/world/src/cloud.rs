//! What differs between Azure's clouds: hosts, suffixes, audiences.

use crate::schema::Cloud;

/// The registry's audience, the same in every cloud.
pub(crate) const REGISTRY_AUDIENCE: &str = "https://containerregistry.azure.net";

const ALL: [Cloud; 3] = [Cloud::Public, Cloud::Usgov, Cloud::China];

impl Cloud {
    /// The names of its sign-in service; the first is the usual one.
    pub(crate) fn logins(self) -> &'static [&'static str] {
        match self {
            Self::Public => {
                &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
            }
            Self::Usgov => &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            Self::China => &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
        }
    }

    /// The host of its resource manager.
    pub(crate) fn resource_manager(self) -> &'static str {
        match self {
            Self::Public => "management.azure.com",
            Self::Usgov => "management.usgovcloudapi.net",
            Self::China => "management.chinacloudapi.cn",
        }
    }

    /// The audiences that mean its resource manager.
    pub(crate) fn management_audiences(self) -> [&'static str; 2] {
        match self {
            Self::Public => ["https://management.azure.com", "https://management.core.windows.net"],
            Self::Usgov => {
                ["https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net"]
            }
            Self::China => {
                ["https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn"]
            }
        }
    }

    /// The audience of Microsoft Graph.
    pub(crate) fn graph(self) -> &'static str {
        match self {
            Self::Public => "https://graph.microsoft.com",
            Self::Usgov => "https://graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The host of Microsoft Graph.
    pub(crate) fn graph_host(self) -> &'static str {
        self.graph().trim_start_matches("https://")
    }

    /// What its registries' names end with.
    pub(crate) fn registry_suffix(self) -> &'static str {
        match self {
            Self::Public => "azurecr.io",
            Self::Usgov => "azurecr.us",
            Self::China => "azurecr.cn",
        }
    }

    /// As the metadata service names it.
    pub(crate) fn environment(self) -> &'static str {
        match self {
            Self::Public => "AzurePublicCloud",
            Self::Usgov => "AzureUSGovernmentCloud",
            Self::China => "AzureChinaCloud",
        }
    }

    /// The issuer of its version 1 tokens, without the tenant.
    pub(crate) fn issuer(self) -> &'static str {
        match self {
            Self::Public | Self::Usgov => "https://sts.windows.net/",
            Self::China => "https://sts.chinacloudapi.cn/",
        }
    }

    /// The region that a world is in where the page does not say.
    pub(crate) fn region(self) -> &'static str {
        match self {
            Self::Public => "westeurope",
            Self::Usgov => "usgovvirginia",
            Self::China => "chinaeast2",
        }
    }

    /// The cloud whose sign-in has this name.
    pub(crate) fn of_login(host: &str) -> Option<Self> {
        ALL.into_iter().find(|cloud| cloud.logins().contains(&host))
    }

    /// The cloud whose resource manager has this name.
    pub(crate) fn of_manager(host: &str) -> Option<Self> {
        ALL.into_iter().find(|cloud| cloud.resource_manager() == host)
    }

    /// The cloud whose Microsoft Graph has this name.
    pub(crate) fn of_graph(host: &str) -> Option<Self> {
        ALL.into_iter().find(|cloud| cloud.graph_host() == host)
    }

    /// The cloud whose registries' names end so.
    pub(crate) fn of_registry(host: &str) -> Option<Self> {
        ALL.into_iter()
            .find(|cloud| host.strip_suffix(cloud.registry_suffix()).is_some_and(|rest| rest.ends_with('.')))
    }
}
