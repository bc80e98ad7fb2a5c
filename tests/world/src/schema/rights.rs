//! Who may do what in Azure: role assignments, definitions, denials, and the groups of the directory.

use serde::Deserialize;

/// How a registry (ACR) reads role assignments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleMode {
    /// Rights of the whole registry: `AcrPull` and others of its kind.
    Legacy,
    /// Rights of single repositories: `Container Registry Repository Reader` and others of its kind.
    Abac,
}

/// A role assignment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// An identity or group by its name, or any object id.
    pub to: String,
    /// The role, by its name or id.
    pub role: String,
    /// `registry`, `group` (its resource group), `subscription`, `root`, or an ARM id.
    #[serde(default = "registry")]
    pub scope: String,
    /// The condition (version 2.0).
    pub condition: Option<String>,
    /// The registry knows it only after so many exchanges.
    #[serde(default)]
    pub known_after: u64,
    /// How long ago it was made, in seconds.
    #[serde(default = "long_ago")]
    pub age_s: i64,
}

/// A role that Azure does not have by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoleDefinition {
    /// Its name.
    pub name: String,
    /// Its id; absent: `dddddddd-0000-4000-8000-00000000000N` for the n-th.
    pub id: Option<String>,
    /// What it allows at the resource manager (patterns).
    pub actions: Vec<String>,
    /// What it takes out of that.
    pub not_actions: Vec<String>,
    /// What it allows inside of resources (patterns).
    pub data_actions: Vec<String>,
    /// What it takes out of that.
    pub not_data_actions: Vec<String>,
}

/// A deny assignment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deny {
    /// Its name.
    pub name: String,
    /// Identities and groups by name, object ids; absent: everybody.
    pub to: Option<Vec<String>>,
    /// Those of them that it does not mean.
    #[serde(default)]
    pub except: Vec<String>,
    /// As of a role assignment.
    #[serde(default = "registry")]
    pub scope: String,
    /// It does not hold below its scope.
    #[serde(default)]
    pub not_below: bool,
    /// What it denies at the resource manager (patterns).
    #[serde(default)]
    pub actions: Vec<String>,
    /// What it denies inside of resources (patterns).
    #[serde(default)]
    pub data_actions: Vec<String>,
}

/// A group of the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its object id; absent: `33333333-0000-4000-8000-00000000000N` for the n-th.
    pub object_id: Option<String>,
    /// Identities and other groups by name.
    pub members: Vec<String>,
}

fn registry() -> String {
    "registry".to_owned()
}

fn long_ago() -> i64 {
    30 * 86_400
}
