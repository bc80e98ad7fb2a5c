//! The registry as the resource manager shows it.

use serde::Deserialize;

/// An ACR as a resource. What its data plane does is said of the registry itself and shows here by itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryResource {
    /// Its name; absent: the first label of its host, without what a domain name label adds after a dash.
    pub name: Option<String>,
    /// Its resource group.
    pub group: String,
    /// The id of its subscription; absent: the world's, or one of the registry's tenant where that is another.
    pub subscription: Option<String>,
    /// Its tier.
    pub sku: Sku,
    /// `publicNetworkAccess`; absent: enabled.
    pub public_access: PublicAccess,
    /// Addresses that its firewall lets in; with any, everybody else is kept out.
    pub ip_rules: Vec<String>,
    /// Subnets that its firewall lets in, ARM ids or `cluster` (that of the first cluster's machines).
    pub subnet_rules: Vec<String>,
    /// Trusted services pass the firewall.
    pub trusted_services: bool,
    /// Whether the admin user is switched on; absent: where a `[[user]]` has the registry's name. Switched off, nobody signs
    /// in by that name.
    pub admin_user: Option<bool>,
    /// A password of the admin user was made anew so long ago, in seconds; the activity log keeps that for 90 days.
    pub regenerated_s: Option<i64>,
    /// The quarantine policy is on; absent: where an image is in quarantine.
    pub quarantine: Option<bool>,
    /// The identities that are on it, by name.
    pub identities: Vec<String>,
    /// Artifacts may be exported.
    pub export: bool,
    /// Deleted artifacts are kept for so many days.
    pub soft_delete_days: Option<u32>,
    /// Untagged manifests are kept for so many days.
    pub retention_days: Option<u32>,
    /// Content trust.
    pub trust: bool,
    /// The key vault's key that encrypts it.
    pub encryption_key: Option<String>,
    /// Its state.
    pub state: String,
    /// Fields that are left out of it, as JSON pointers without the first slash: `properties/policies`.
    pub omit: Vec<String>,
    /// The resource manager does not have it.
    pub hidden: bool,
}

impl Default for RegistryResource {
    fn default() -> Self {
        Self {
            name: None,
            group: "contoso-rg".to_owned(),
            subscription: None,
            sku: Sku::Premium,
            public_access: PublicAccess::Enabled,
            ip_rules: Vec::new(),
            subnet_rules: Vec::new(),
            trusted_services: true,
            admin_user: None,
            regenerated_s: None,
            quarantine: None,
            identities: Vec::new(),
            export: true,
            soft_delete_days: None,
            retention_days: None,
            trust: false,
            encryption_key: None,
            state: "Succeeded".to_owned(),
            omit: Vec::new(),
            hidden: false,
        }
    }
}

/// The tier of an ACR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sku {
    /// Basic.
    Basic,
    /// Standard.
    Standard,
    /// Premium.
    Premium,
}

/// Whether an ACR is reached from outside of private endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublicAccess {
    /// As its firewall says.
    Enabled,
    /// Not at all.
    Disabled,
}
