//! Roles: what the accepted identity may do.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// no role lets the pulling identity pull from this registry
    ///
    /// Seen: the registry refuses the identity's token at `/oauth2/exchange`, or later at `/oauth2/token`,
    /// with 401. In the pod's events it shows as a single "failed to fetch anonymous token ... 401",
    /// because the kubelet then has no credential to present.
    ///
    /// Why: the role was never assigned, was assigned at another registry, or was lost when the cluster,
    /// its identity or the registry was made again. It must go to the kubelet's identity, by its object id.
    ///
    /// Prove: compare the kubelet identity's object id with the assignments that reach the registry.
    /// - `az aks show -g GROUP -n CLUSTER --query identityProfile.kubeletidentity.objectId -o tsv`
    /// - `az role assignment list --assignee OBJECT-ID --scope REGISTRY-ID --include-inherited --include-groups -o table`
    ///
    /// Alike: AcrPullRoleOnWrongIdentity has the role on another identity; AcrAbacModeLegacyRole has it, in
    /// a registry that ignores it; RoleAssignmentPropagation was granted minutes ago; CrossTenantIdentity
    /// cannot be granted it at all.
    ///
    /// Fix: attach the registry (`az aks update -g GROUP -n CLUSTER --attach-acr ACR`), or assign the role
    /// AcrPull yourself; a registry in ABAC mode takes Container Registry Repository Reader instead. Allow
    /// some minutes, then delete the pod.
    AcrPullRoleMissing {
        layer: "registry-auth-role",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrPullRoleOnWrongIdentity, AcrAbacModeLegacyRole, RoleAssignmentPropagation, CrossTenantIdentity],
        docs: Some("https://learn.microsoft.com/azure/aks/cluster-container-registry-integration"),
    }

    /// the pull role went to another identity than the one that pulls
    ///
    /// Seen: an assignment of AcrPull on the registry exists, and the exchange is refused with 401 all the
    /// same.
    ///
    /// Why: a cluster has several identities. The control plane's (`identity.principalId`), an add-on's or
    /// an old service principal's is easily mistaken for the kubelet's; so is the client id for the object
    /// id.
    ///
    /// Prove: the object id in the assignment must be the second one printed here.
    /// - `az aks show -g GROUP -n CLUSTER --query "[identity.principalId, identityProfile.kubeletidentity.objectId]" -o tsv`
    /// - `az role assignment list --scope REGISTRY-ID --query "[].{principal:principalId,role:roleDefinitionName}" -o table`
    ///
    /// Alike: AcrPullRoleMissing has no such assignment for anybody of this cluster; AcrAbacModeLegacyRole
    /// has the right identity and a role that does not count; CrossTenantIdentity has identities of two
    /// tenants; RoleAssignmentPropagation passes by itself.
    ///
    /// Fix: assign the role to `identityProfile.kubeletidentity.objectId` with `--assignee-object-id` and
    /// `--assignee-principal-type ServicePrincipal`, and take it from the identity that does not need it.
    AcrPullRoleOnWrongIdentity {
        layer: "registry-auth-role",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrPullRoleMissing, AcrAbacModeLegacyRole, RoleAssignmentPropagation, CrossTenantIdentity],
        docs: Some("https://learn.microsoft.com/azure/aks/use-managed-identity"),
    }

    /// the registry is in ABAC mode, which ignores roles such as AcrPull
    ///
    /// Seen: AcrPull, or Owner, Contributor or Reader, is assigned to the right identity, and the exchange
    /// or the token is refused.
    ///
    /// Why: a registry whose role assignment mode is AbacRepositoryPermissions grants access to images only
    /// by the roles made for it. The older roles still manage the resource and no longer open its content.
    /// `az aks update --attach-acr` assigns the older role.
    ///
    /// Prove: read the mode; an older version of az may not show the field.
    /// - `az acr show --name ACR --query roleAssignmentMode -o tsv`
    /// - `az role assignment list --scope REGISTRY-ID --include-inherited -o table`
    ///
    /// Alike: AcrPullRoleMissing and AcrPullRoleOnWrongIdentity lack the assignment in either mode;
    /// AcrAbacConditionExcludesRepo has the new role with a condition that leaves this repository out;
    /// RoleAssignmentPropagation passes by itself.
    ///
    /// Fix: assign Container Registry Repository Reader to the kubelet's identity, with a condition if only
    /// some repositories are meant; or set the registry back to the mode for the whole registry.
    AcrAbacModeLegacyRole {
        layer: "registry-auth-role",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AcrAbacConditionExcludesRepo, RoleAssignmentPropagation],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions"),
    }

    /// the role's condition leaves this repository out
    ///
    /// Seen: other repositories of the registry can be pulled with the same identity; for this one the
    /// token comes without the right to pull, and the manifest is refused.
    ///
    /// Why: the assignment of the repository role carries a condition on repository names or prefixes, and
    /// this name does not satisfy it. A prefix without the closing slash, or a new repository, is the usual
    /// reason.
    ///
    /// Prove: read the condition and hold the repository's name against it.
    /// - `az role assignment list --scope REGISTRY-ID --query "[].{principal:principalId,role:roleDefinitionName,condition:condition}" -o json`
    ///
    /// Alike: AcrAbacModeLegacyRole lets no repository through; RegistryPermissionMissing is the same in
    /// other registries; ScopeMapTokenLacksRepo is a repository token instead of an identity;
    /// RoleAssignmentPropagation passes by itself.
    ///
    /// Fix: widen the condition to this repository, or add an assignment for it.
    AcrAbacConditionExcludesRepo {
        layer: "registry-auth-role",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrAbacModeLegacyRole, RegistryPermissionMissing, ScopeMapTokenLacksRepo, RoleAssignmentPropagation],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions"),
    }

    /// the role was granted minutes ago and is not in effect everywhere yet
    ///
    /// Seen: the assignment is right, its creation time is within the last quarter of an hour, and the
    /// exchange is still refused.
    ///
    /// Why: a new assignment takes up to about ten minutes to reach every place that checks it. Membership
    /// of a group is worse: the identity's cached token keeps the old groups for up to a day.
    ///
    /// Prove: read when the assignment was made, and whether it goes to a group.
    /// - `az role assignment list --scope REGISTRY-ID --query "[].{principal:principalId,type:principalType,role:roleDefinitionName,created:createdOn}" -o table`
    ///
    /// Alike: AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AcrAbacModeLegacyRole and CrossTenantIdentity
    /// stay after a quarter of an hour.
    ///
    /// Fix: wait a quarter of an hour and delete the pod, so that the kubelet tries at once. Assign the
    /// role to the identity itself and not to a group.
    RoleAssignmentPropagation {
        layer: "registry-auth-role",
        owner: Identity,
        lasting: Transient { typical: "15m" },
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AcrAbacModeLegacyRole, CrossTenantIdentity],
        docs: Some("https://learn.microsoft.com/azure/role-based-access-control/troubleshooting"),
    }

    /// the credential is accepted, and may not read this repository
    ///
    /// Seen: a token was issued, and the manifest is refused with 401 or 403; or the token comes without
    /// the right to pull. The credential itself is good.
    ///
    /// Why: the account, token or identity has rights in the registry, and not on this repository. Several
    /// registries also answer like this when the repository does not exist, so as not to give its absence
    /// away.
    ///
    /// Prove: try the same credential on a repository it is known to read, and this repository with one
    /// that may read everything.
    /// - `skopeo login REGISTRY`
    /// - `skopeo inspect --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: RepositoryNotFound is hidden behind the same reply; AcrAbacConditionExcludesRepo is the ACR
    /// case with a condition; AcrCmkKeyUnavailable and AcrIpNotAllowed are 403 of ACR that have nothing to
    /// do with roles.
    ///
    /// Fix: grant the account the right to read this repository at the registry, and check the path's
    /// spelling while you are there.
    RegistryPermissionMissing {
        layer: "registry-auth-role",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [RepositoryNotFound, AcrAbacConditionExcludesRepo, AcrCmkKeyUnavailable, AcrIpNotAllowed],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview"),
    }
}
