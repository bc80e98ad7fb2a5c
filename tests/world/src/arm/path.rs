//! What a path of the resource manager means.

use super::kind::written;

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The subscription that it is in.
    pub(super) subscription: Option<String>,
    /// The resource group that it is in.
    pub(super) group: Option<String>,
    /// What rights are looked up at: the resource, or what a list is below.
    pub(super) scope: String,
    /// What is there.
    pub(super) target: Target,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// What a client must know of the cloud.
    Metadata,
    /// The tenants of the caller.
    Tenants,
    /// All subscriptions.
    Subscriptions,
    /// A subscription.
    Subscription,
    /// The resource groups.
    Groups,
    /// A resource group.
    Group,
    /// All resources below the scope.
    Resources,
    /// The resources of a kind below the scope.
    List {
        /// The kind.
        kind: String,
    },
    /// A resource, which is the scope.
    Resource {
        /// The kind.
        kind: String,
        /// The names in its id, with slashes.
        name: String,
    },
    /// Role assignments, definitions and denials at the scope.
    Authorization {
        /// `roleassignments`, `roledefinitions`, `denyassignments`, `permissions`.
        kind: String,
        /// Which of them; none: all.
        name: Option<String>,
    },
    /// Nothing that the world knows.
    Unknown,
}

const AUTHORIZATION: &str = "Microsoft.Authorization";

impl Path {
    /// Reads a path; upper and lower case are the same.
    pub(super) fn of(text: &str) -> Self {
        // A client whose setting ends with a slash asks with two.
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        let is = |at: usize, name: &str| parts.get(at).is_some_and(|part| part.eq_ignore_ascii_case(name));
        let subscription = is(0, "subscriptions").then(|| parts.get(1)).flatten().map(|id| (*id).to_owned());
        let group = is(2, "resourceGroups").then(|| parts.get(3)).flatten().map(|name| (*name).to_owned());
        let joined = |parts: &[&str]| format!("/{}", parts.join("/"));
        let provider = parts.iter().rposition(|part| part.eq_ignore_ascii_case("providers"));
        let (scope, target) = match (provider, parts.len()) {
            (Some(at), _) => provided(&parts[..at], &parts[at + 1..]),
            (None, 2) if is(0, "metadata") && is(1, "endpoints") => (String::new(), Target::Metadata),
            (None, 1) if is(0, "tenants") => (joined(&parts), Target::Tenants),
            (None, 1) if is(0, "subscriptions") => (joined(&parts), Target::Subscriptions),
            (None, 2) if is(0, "subscriptions") => (joined(&parts), Target::Subscription),
            (None, 3) if is(2, "resourceGroups") => (joined(&parts[..2]), Target::Groups),
            (None, 4) if is(2, "resourceGroups") => (joined(&parts), Target::Group),
            (None, 3) if is(2, "resources") => (joined(&parts[..2]), Target::Resources),
            (None, 5) if is(2, "resourceGroups") && is(4, "resources") => {
                (joined(&parts[..4]), Target::Resources)
            }
            _ => (joined(&parts), Target::Unknown),
        };
        Self { subscription, group, scope, target }
    }

    /// The action that a request of this method needs.
    pub(super) fn action(&self, method: &str) -> String {
        let verb = match method {
            "GET" | "HEAD" => "read",
            "PUT" | "PATCH" => "write",
            "DELETE" => "delete",
            _ => "action",
        };
        let kind = match &self.target {
            Target::Metadata | Target::Unknown | Target::Tenants => "Microsoft.Resources/tenants",
            Target::Subscriptions | Target::Subscription => "Microsoft.Resources/subscriptions",
            Target::Groups | Target::Group => "Microsoft.Resources/subscriptions/resourceGroups",
            Target::Resources => "Microsoft.Resources/subscriptions/resources",
            Target::List { kind } | Target::Resource { kind, .. } => kind,
            Target::Authorization { kind, .. } => {
                let written = ["roleAssignments", "roleDefinitions", "denyAssignments", "permissions"];
                let written = written.into_iter().find(|one| one.eq_ignore_ascii_case(kind));
                return format!("{AUTHORIZATION}/{}/{verb}", written.unwrap_or(kind));
            }
        };
        format!("{kind}/{verb}")
    }
}

/// What stands behind `providers/`: a namespace, then types and names.
fn provided(before: &[&str], after: &[&str]) -> (String, Target) {
    let scope = if before.is_empty() { String::new() } else { format!("/{}", before.join("/")) };
    let [namespace, rest @ ..] = after else { return (scope, Target::Unknown) };
    if namespace.eq_ignore_ascii_case(AUTHORIZATION) {
        let scope = if scope.is_empty() { "/".to_owned() } else { scope };
        return match rest {
            [kind] => (scope, Target::Authorization { kind: kind.to_ascii_lowercase(), name: None }),
            [kind, name] => {
                let name = Some((*name).to_owned());
                (scope, Target::Authorization { kind: kind.to_ascii_lowercase(), name })
            }
            _ => (scope, Target::Unknown),
        };
    }
    let types: Vec<&str> = rest.iter().copied().step_by(2).collect();
    let names: Vec<&str> = rest.iter().copied().skip(1).step_by(2).collect();
    let kind = written(&format!("{namespace}/{}", types.join("/")));
    match (rest.len(), rest.len() % 2) {
        (0, _) => (scope, Target::Unknown),
        (_, 0) => {
            let id = format!("{scope}/providers/{}", after.join("/"));
            (id, Target::Resource { kind, name: names.join("/") })
        }
        // A list below the group or subscription, or below another resource.
        (1, _) => (scope, Target::List { kind }),
        _ => {
            let parent = after[..after.len() - 1].join("/");
            (format!("{scope}/providers/{parent}"), Target::List { kind })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_is_there_and_which_right_it_needs() {
        let registry = "/subscriptions/S/resourceGroups/G/providers/Microsoft.ContainerRegistry/registries/n";
        for (text, scope, action) in [
            ("/subscriptions/S", "/subscriptions/S", "Microsoft.Resources/subscriptions/read"),
            (
                "//subscriptions/S/resourcegroups/g/resources",
                "/subscriptions/S/resourcegroups/g",
                "Microsoft.Resources/subscriptions/resources/read",
            ),
            (registry, registry, "Microsoft.ContainerRegistry/registries/read"),
            (
                "/subscriptions/S/providers/microsoft.containerregistry/REGISTRIES",
                "/subscriptions/S",
                "Microsoft.ContainerRegistry/registries/read",
            ),
            (
                &format!("{registry}/replications"),
                registry,
                "Microsoft.ContainerRegistry/registries/replications/read",
            ),
            (
                &format!("{registry}/providers/Microsoft.Authorization/roleassignments/x"),
                registry,
                "Microsoft.Authorization/roleAssignments/read",
            ),
            (
                "/providers/Microsoft.Authorization/roleDefinitions/x",
                "/",
                "Microsoft.Authorization/roleDefinitions/read",
            ),
        ] {
            let path = Path::of(text);
            assert_eq!((path.scope.as_str(), path.action("GET").as_str()), (scope, action), "{text}");
        }
        assert_eq!(Path::of(registry).action("DELETE"), "Microsoft.ContainerRegistry/registries/delete");
        assert_eq!(Path::of(registry).group.as_deref(), Some("G"));
        assert_eq!(Path::of("/subscriptions/S/providers").target, Target::Unknown);
    }
}
