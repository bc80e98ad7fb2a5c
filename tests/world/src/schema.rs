//! What a page may say of its world, as TOML. Everything is optional: an empty text is a healthy ACR.
//!
//! *Invariant:* every table refuses unknown fields, so that a misspelt fault is not a healthy world.

mod aks;
mod azure;
mod check;
mod host;
mod identity;
mod image;
mod kube;
mod name;
mod network;
mod proxy;
mod registry;
mod resource;
mod rights;
mod rules;
mod sources;

pub use aks::{Aks, AksPool, Outbound};
pub use azure::{Arm, Cloud, Entra, Fault, Graph, Imds, OtherRegistry, PathFault, Subscription};
pub use host::{At, Host, Mirror, Page, Tcp, Tls};
pub use identity::{Federated, Identity, IdentityKind};
pub use image::{BlobFault, Form, Image, Kind};
pub use kube::{Admission, Kube, KubeNode, KubePull, Leftover, ServiceAccount, Way};
pub use name::{Name, NameFault, Nameserver, ServerFault};
pub use network::{ConnectionStatus, PrivateEndpoint, PrivateZone};
pub use proxy::{Intercept, Proxy, ProxyAnswer, ProxyImds};
pub use registry::{
    Challenge, ChallengeForm, Flavour, Redirect, RedirectForm, Registry, RightsCheckedAt, TokenAnswer,
    TokenKind, User,
};
pub use resource::{PublicAccess, RegistryResource, Sku};
pub use rights::{Deny, Group, Role, RoleDefinition, RoleMode};
pub use rules::{
    Broken, BrokenBody, Firewall, Intermittent, IntermittentHow, Operation, Stall, Storage, StorageFault,
    Throttle,
};

pub use sources::{CacheRule, CredentialSet, ScopeMap, Token, TokenPassword};

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

/// A world: its registry, who may pull what from it, and what is broken on the way to it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// Seconds that every server's clock is ahead of ours (negative: behind); certificates are issued by that clock.
    pub clock_skew_s: i64,
    /// The Azure cloud that all is in.
    pub cloud: Cloud,
    /// The registry and its rules.
    pub registry: Registry,
    /// The accounts of the registry.
    #[serde(rename = "user")]
    pub users: Vec<User>,
    /// The identities that Azure knows; absent: the kubelet's. `identity = []`: none.
    #[serde(rename = "identity")]
    pub identities: Option<Vec<Identity>>,
    /// Role assignments beside those that follow from identities; absent: none, and who has no `pull` may pull all.
    #[serde(rename = "role")]
    pub roles: Option<Vec<Role>>,
    /// Roles that Azure does not have by itself.
    #[serde(rename = "role_definition")]
    pub role_definitions: Vec<RoleDefinition>,
    /// Deny assignments.
    #[serde(rename = "deny")]
    pub denials: Vec<Deny>,
    /// The groups of the directory.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
    /// The scope maps of the registry, beside Azure's own (ACR).
    #[serde(rename = "scope_map")]
    pub scope_maps: Vec<ScopeMap>,
    /// The tokens of the registry (ACR).
    #[serde(rename = "token")]
    pub tokens: Vec<Token>,
    /// The registry's cache rules (ACR).
    #[serde(rename = "cache_rule")]
    pub cache_rules: Vec<CacheRule>,
    /// The credential sets of cache rules (ACR).
    #[serde(rename = "credential_set")]
    pub credential_sets: Vec<CredentialSet>,
    /// The managed clusters; absent: one. `aks = []`: none.
    pub aks: Option<Vec<Aks>>,
    /// The private endpoints of the registry; absent: one, where a name of the registry leads to a private address.
    #[serde(rename = "private_endpoint")]
    pub private_endpoints: Option<Vec<PrivateEndpoint>>,
    /// The private DNS zones; absent: one, where a name of the registry leads to a private address.
    #[serde(rename = "private_zone")]
    pub private_zones: Option<Vec<PrivateZone>>,
    /// The sign-in service.
    pub entra: Entra,
    /// The node's metadata service.
    pub imds: Imds,
    /// The resource manager.
    pub arm: Arm,
    /// Microsoft Graph.
    pub graph: Graph,
    /// The images; absent: the flavour's usual one. `image = []`: an empty registry.
    #[serde(rename = "image")]
    pub images: Option<Vec<Image>>,
    /// The blob storage behind the registry.
    pub storage: Storage,
    /// Name resolution, by role (`registry`, `token`, `data`, `imds`, `entra`, `arm`, `graph`) or DNS name.
    #[serde(rename = "name")]
    pub names: BTreeMap<String, Name>,
    /// Servers, by role (`registry`, `token`, `data`, `imds`, `entra`, `arm`, `graph`), DNS name or address, with a port if need be.
    #[serde(rename = "host")]
    pub hosts: BTreeMap<String, Host>,
    /// The nameservers, in order; absent: one healthy.
    #[serde(rename = "nameserver")]
    pub nameservers: Vec<Nameserver>,
    /// The cluster; absent: none.
    pub kube: Option<Kube>,
}

/// A world that cannot be read; the message names the field and the line.
#[derive(Debug, thiserror::Error)]
#[error("the world cannot be read: {0}")]
pub struct WorldError(String);

impl FromStr for World {
    type Err = WorldError;

    fn from_str(text: &str) -> Result<Self, WorldError> {
        let world = toml::from_str(text).map_err(|error| WorldError(error.to_string()))?;
        check::check(&world).map_err(WorldError)?;
        Ok(world)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_field_that_is_unknown() {
        let error = "[registry]\nflavor = 'acr'".parse::<World>().expect_err("a misspelt field").to_string();
        assert!(error.contains("flavor") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn names_the_key_that_names_nothing() {
        for (text, expected) in [
            ("[host.registri]\ntcp = 'reset'", "registri"),
            ("[host.registry.at.'1.2.3.4']\ntcp = 'reset'", "1.2.3.4"),
            ("registry.flavour = 'harbor'\n[host.data]\ntcp = 'reset'", "data host"),
            ("[[image]]\npurged = ['linux/s390x']", "linux/s390x"),
            ("[[identity]]\nsecret_expired = true", "secret_expired"),
            ("[[identity]]\nkind = 'service-principal'\nattached = true", "attached"),
            ("[[identity]]\nsecret = 'x'", "managed identity"),
            ("[[identity]]\nmfa = true", "mfa"),
            ("[[identity]]\nkind = 'user'\nsecret_expired = true\nsecret = 'x'", "no user's"),
            ("[[identity]]\nclient_id = 'a'\n[[identity]]\nclient_id = 'A'", "client_id"),
            ("[[identity]]\nkind = 'service-principal'\ncertificates = ['zz']", "thumbprint"),
            ("imds.fault.status = 200", "imds.fault.status"),
            ("entra.fault.status = 404", "entra.fault.status"),
            ("host.'p.contoso.com'.proxy.answer = 'silent'", "deny"),
            ("host.imds.tcp = 'hang-after-hello'", "ClientHello"),
            ("host.registry.mirror = {}", "mirror"),
            ("registry = { flavour = 'harbor', arm_audience = false }", "arm_audience"),
            ("registry.regional_endpoints = true", "registry.regions"),
            ("host.'localhost:8578' = { port = 1, mirror = {} }", "port"),
            ("host.imds.tls = 'expired'", "plain http"),
        ] {
            let error = text.parse::<World>().expect_err(text).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_reference_for_page_writers_is_right() {
        let text = include_str!("../WORLD.md");
        let mut blocks = 0;
        for block in text.split("\n```toml\n").skip(1) {
            let block = block.split("\n```").next().unwrap_or_default();
            if let Err(error) = block.parse::<World>() {
                panic!("{error}\nin WORLD.md:\n{block}");
            }
            blocks += 1;
        }
        assert!(blocks > 40, "{blocks} examples");
    }

    #[test]
    fn an_empty_text_is_a_world() {
        assert_eq!("".parse::<World>().expect("an empty world"), World::default());
    }
}
