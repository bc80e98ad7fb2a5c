//! Which Azure: its hosts and the audiences of its tokens.
//!
//! Sources: azure-cli's `cloud.py` and cloud-provider-azure's `pkg/azclient/cloud.go`; of any other cloud what its resource
//! manager says of itself (`/metadata/endpoints`).
//!
//! *Invariant:* a token or a proof of who asks goes to no host that is not named here.

use serde::Deserialize;
use url::Url;

/// A cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// `public`, `china`, `usgov`, or the name in a file.
    pub name: String,
    /// The sign-in's address, without a path.
    pub login: Url,
    /// Other hosts that are the same sign-in.
    aliases: Vec<String>,
    /// The resource manager's address, without a path.
    pub manager: Url,
    /// The audience of the resource manager's tokens.
    pub manager_audience: String,
    /// The address of Microsoft Graph, without a path, where it is known; its audience is the same.
    pub graph: Option<Url>,
    /// What its registries' names end with, without the dot.
    pub registries: String,
}

/// What is wrong with a file that should describe a cloud.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CloudError {
    /// It is no JSON of that shape.
    #[error("it is no answer of a resource manager's /metadata/endpoints?api-version=2022-09-01")]
    Unreadable,
    /// A field is missing or of no use.
    #[error("its {0} is missing, or is no https address")]
    Field(&'static str),
}

/// The clouds that have names here: name, sign-in, resource manager, Microsoft Graph, registries.
const KNOWN: [[&str; 5]; 3] = [
    ["public", "login.microsoftonline.com", "management.azure.com", "graph.microsoft.com", "azurecr.io"],
    [
        "china",
        "login.chinacloudapi.cn",
        "management.chinacloudapi.cn",
        "microsoftgraph.chinacloudapi.cn",
        "azurecr.cn",
    ],
    ["usgov", "login.microsoftonline.us", "management.usgovcloudapi.net", "graph.microsoft.us", "azurecr.us"],
];

/// Further hosts of the sign-ins.
const ALIASES: [(&str, &str); 5] = [
    ("public", "login.microsoft.com"),
    ("public", "login.windows.net"),
    ("public", "sts.windows.net"),
    ("china", "login.partner.microsoftonline.cn"),
    ("usgov", "login.usgovcloudapi.net"),
];

impl Cloud {
    /// The names that are known.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|known| known[0])
    }

    /// A cloud by its name.
    pub fn named(name: &str) -> Option<Self> {
        let [name, login, manager, graph, registries] = KNOWN.iter().find(|known| known[0] == name)?;
        let at = |host: &str| Url::parse(&format!("https://{host}")).ok();
        let aliases = ALIASES.iter().filter(|(cloud, _)| cloud == name);
        Some(Self {
            name: (*name).to_owned(),
            login: at(login)?,
            aliases: aliases.map(|(_, host)| (*host).to_owned()).collect(),
            manager: at(manager)?,
            manager_audience: format!("https://{manager}"),
            graph: at(graph),
            registries: (*registries).to_owned(),
        })
    }

    /// The cloud of a registry's host, where it is one that has a name here.
    pub fn of_registry(host: &str) -> Option<Self> {
        Self::names().filter_map(Self::named).find(|cloud| cloud.has_registry(host))
    }

    /// The cloud of a sign-in's host, where it is one that has a name here.
    pub fn of_login(host: &str) -> Option<Self> {
        Self::names().filter_map(Self::named).find(|cloud| cloud.is_login(host))
    }

    /// Whether a host is one of its registries'.
    pub fn has_registry(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        host.strip_suffix(&self.registries).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }

    /// Whether a host is its sign-in; a port belongs to it.
    pub fn is_login(&self, host: &str) -> bool {
        authority(&self.login).eq_ignore_ascii_case(host)
            || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(host))
    }

    /// Reads what a resource manager says of its cloud: one object, or a list of one, as older versions answer.
    pub fn read(text: &str) -> Result<Self, CloudError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum File {
            One(Box<Endpoints>),
            List(Vec<Endpoints>),
        }
        let said = match serde_json::from_str(text) {
            Ok(File::One(one)) => *one,
            Ok(File::List(list)) => {
                let [one] = <[Endpoints; 1]>::try_from(list).map_err(|_| CloudError::Unreadable)?;
                one
            }
            Err(_) => return Err(CloudError::Unreadable),
        };
        let address = |text: &str, field| {
            let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.has_host());
            url.and_then(|url| url.join("/").ok()).ok_or(CloudError::Field(field))
        };
        let audience = said.authentication.audiences.into_iter().find(|audience| !audience.is_empty());
        let registries = said.suffixes.acr_login_server.trim_start_matches('.').to_ascii_lowercase();
        if registries.is_empty() {
            return Err(CloudError::Field("suffixes.acrLoginServer"));
        }
        Ok(Self {
            name: probes::foreign::Foreign::new(&said.name).as_str().to_owned(),
            login: address(&said.authentication.login_endpoint, "authentication.loginEndpoint")?,
            aliases: Vec::new(),
            manager: address(&said.resource_manager, "resourceManager")?,
            manager_audience: audience.ok_or(CloudError::Field("authentication.audiences"))?,
            graph: address(&said.microsoft_graph_resource_id, "microsoftGraphResourceId").ok(),
            // A port is the host's, and no part of a suffix.
            registries: registries.split(':').next().unwrap_or_default().to_owned(),
        })
    }
}

/// A host with its port, where it is not the usual one.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    #[serde(default)]
    name: String,
    authentication: Authentication,
    #[serde(default)]
    resource_manager: String,
    #[serde(default)]
    microsoft_graph_resource_id: String,
    suffixes: Suffixes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    #[serde(default)]
    login_endpoint: String,
    #[serde(default)]
    audiences: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suffixes {
    #[serde(default)]
    acr_login_server: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(cloud: Option<Cloud>) -> Option<String> {
        cloud.map(|cloud| cloud.name)
    }

    #[test]
    fn hosts_tell_their_cloud() {
        for (host, expected) in [
            ("contosoacr.azurecr.io", Some("public")),
            ("contosoacr.westeurope.geo.azurecr.io.", Some("public")),
            ("ContosoACR.azurecr.cn", Some("china")),
            ("contosoacr.azurecr.us", Some("usgov")),
            ("azurecr.io", None),
            ("notazurecr.io", None),
            ("contosoacr.azurecr.io.evil.example", None),
            ("ghcr.io", None),
        ] {
            assert_eq!(name(Cloud::of_registry(host)).as_deref(), expected, "{host}");
        }
        assert_eq!(name(Cloud::of_login("login.windows.net")).as_deref(), Some("public"));
        assert_eq!(name(Cloud::of_login("login.partner.microsoftonline.cn")).as_deref(), Some("china"));
        assert_eq!(name(Cloud::of_login("login.microsoftonline.com.evil.example")), None);
        assert_eq!(name(Cloud::named("germany")), None);
    }

    #[test]
    fn a_cloud_of_its_own_is_read() {
        let said = r#"{"name":"sim","authentication":{"loginEndpoint":"https://localhost:18445",
            "audiences":["https://management.core.windows.net/"]},"resourceManager":"https://localhost:18444/x",
            "microsoftGraphResourceId":"https://localhost:18446/","suffixes":{"acrLoginServer":".azurecr.test:8443"}}"#;
        let cloud = Cloud::read(said).expect("a cloud");
        assert_eq!(cloud, Cloud::read(&format!("[{said}]")).expect("as a list"));
        assert_eq!(cloud.manager.as_str(), "https://localhost:18444/");
        assert!(cloud.is_login("localhost:18445") && !cloud.is_login("localhost"));
        assert!(cloud.has_registry("contoso.azurecr.test"));
        assert_eq!(Cloud::read("{}"), Err(CloudError::Unreadable));
        assert_eq!(Cloud::read(&format!("[{said},{said}]")), Err(CloudError::Unreadable));
        assert_eq!(
            Cloud::read(&said.replace("https://localhost:18445", "http://localhost:18445")),
            Err(CloudError::Field("authentication.loginEndpoint"))
        );
        assert_eq!(
            Cloud::read(&said.replace(".azurecr.test:8443", "")),
            Err(CloudError::Field("suffixes.acrLoginServer"))
        );
    }
}
