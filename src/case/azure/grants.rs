//! Who may do what at a registry.

use jiff::Timestamp;
use probes::foreign::Foreign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_same_id;

/// What an operator is called whose own rights are asked about.
pub const OPERATOR: &str = "operator";

/// Role assignments, deny assignments and the roles that they name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Grants {
    /// The object id that was asked about: of who pulls.
    pub principal: Option<Foreign>,
    /// What that principal is: `kubelet identity`, `service principal`, [`OPERATOR`].
    pub who: String,
    /// Its assignments at the registry and above, its groups' among them.
    pub assignments: Vec<Assignment>,
    /// Whether these are all: nothing is missing for want of a right, a page, or the groups.
    pub complete: bool,
    /// Assignments of other principals at the registry and above it that could be read.
    pub others: Vec<Assignment>,
    /// Whether there may be more of those.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub others_unread: bool,
    /// The principal's assignments at other registries, as far as they were found; asked for where nothing at this one or
    /// above it may let it pull.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Assignment>,
    /// The roles that the assignments name.
    pub definitions: Vec<Definition>,
    /// Deny assignments that apply; `None` where they could not be read.
    pub denies: Option<Vec<Deny>>,
}

/// An application by whose id somebody signs in to the registry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Application {
    /// The application's id.
    pub client_id: Foreign,
    /// Whether the operator's tenant has a service principal of it.
    pub exists: bool,
    /// What that principal may do at the registry; `None` where nothing of it could be read.
    pub grants: Option<Grants>,
}

impl Application {
    /// One of which nothing but the id is known.
    pub fn of(client: &str) -> Self {
        Self { client_id: Foreign::new(client), ..Self::default() }
    }
}

impl Grants {
    /// Whether they are about the operator, and nobody's node.
    pub fn is_operators(&self) -> bool {
        self.who == OPERATOR
    }

    /// The role that an assignment names, where its definition was read.
    pub fn role(&self, assignment: &Assignment) -> Option<&Definition> {
        self.definitions.iter().find(|definition| is_same_id(&definition.id, &assignment.role))
    }

    /// Whether a principal is the one that was asked about.
    pub fn is_of(&self, principal: &Foreign) -> bool {
        self.principal.as_ref().is_some_and(|own| is_same_id(own, principal))
    }
}

/// A role assignment (`Microsoft.Authorization/roleAssignments`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Assignment {
    /// The resource id.
    pub id: Foreign,
    /// Where it counts: a resource id, or `/`.
    pub scope: Foreign,
    /// The last part of the role definition's id.
    pub role: Foreign,
    /// The object id of the principal that it names: of a group where the principal has it through one.
    pub principal: Foreign,
    /// `principalType`.
    pub principal_type: Option<Foreign>,
    /// The condition.
    pub condition: Option<Foreign>,
    /// `conditionVersion`.
    pub condition_version: Option<Foreign>,
    /// When it was made.
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
}

/// A role (`Microsoft.Authorization/roleDefinitions`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Definition {
    /// The last part of its id.
    pub id: Foreign,
    /// Its name.
    pub name: Foreign,
    /// Whether it is one of the customer's own.
    pub custom: bool,
    /// What it permits.
    pub permissions: Vec<Permissions>,
}

/// What a role permits, or a deny assignment forbids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Permissions {
    /// Actions of the control plane; `*` stands for anything.
    pub actions: Vec<Foreign>,
    /// Those that are taken out of them.
    pub not_actions: Vec<Foreign>,
    /// Actions on data.
    pub data_actions: Vec<Foreign>,
    /// Those that are taken out of them.
    pub not_data_actions: Vec<Foreign>,
    /// The condition.
    pub condition: Option<Foreign>,
}

/// A deny assignment (`Microsoft.Authorization/denyAssignments`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Deny {
    /// Its name.
    pub name: Foreign,
    /// Where it counts.
    pub scope: Foreign,
    /// What it forbids.
    pub permissions: Vec<Permissions>,
    /// Whether it counts at its scope alone.
    pub only_here: bool,
}
