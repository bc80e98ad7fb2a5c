//! Service principals: whether Entra gives them a token.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the secret of the cluster's service principal has expired
    ///
    /// Seen: Entra answers AADSTS7000222 to the service principal in the node's azure.json; the registry
    /// refuses the same id and secret with 401. The event shows "failed to fetch oauth token", then
    /// "anonymous token".
    ///
    /// Why: a secret lasts a year unless somebody asked for longer, and nothing renews it. On a cluster
    /// with a service principal the node presents the application's id and secret to the registry as user
    /// and password.
    ///
    /// Prove: read when the application's secrets end.
    /// - `az ad app credential list --id CLIENT-ID --query "[].{id:keyId,ends:endDateTime}" -o table`
    ///
    /// Alike: ServicePrincipalSecretInvalid has a date that holds and another secret;
    /// ServicePrincipalNotInTenant has no principal; NodeAzureJsonIdentityMisconfigured has a principal
    /// that the cluster no longer uses; PullSecretBadCredentials is a pull secret.
    ///
    /// Fix: make a new secret (`az ad app credential reset`) and hand it to the cluster, which renews the
    /// nodes: `az aks update-credentials --reset-service-principal --service-principal CLIENT-ID
    /// --client-secret @FILE`. Better, move to a managed identity, which has no secret that ends.
    ServicePrincipalSecretExpired {
        layer: "registry-auth-identity",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [ServicePrincipalSecretInvalid, ServicePrincipalNotInTenant, NodeAzureJsonIdentityMisconfigured, PullSecretBadCredentials],
        docs: Some("https://learn.microsoft.com/azure/aks/update-credentials"),
    }

    /// the secret that the node holds for its service principal is not valid
    ///
    /// Seen: Entra answers AADSTS7000215 to the service principal in the node's azure.json; the registry
    /// refuses the same id and secret with 401.
    ///
    /// Why: the secret was reset for some other use and the cluster was not told, a node was left out when
    /// it was, or the secret's id was stored in the place of its value.
    ///
    /// Prove: compare the time of the newest secret with that of the cluster's last update, and nodes with
    /// each other.
    /// - `az ad app credential list --id CLIENT-ID --query "[].{id:keyId,made:startDateTime,ends:endDateTime}" -o table`
    /// - `az aks show -g GROUP -n CLUSTER --query servicePrincipalProfile.clientId -o tsv`
    ///
    /// Alike: ServicePrincipalSecretExpired is the right secret, too old; ServicePrincipalNotInTenant has
    /// no principal to hold it; NodeAzureJsonIdentityMisconfigured has a principal that the cluster no
    /// longer uses; PullSecretBadCredentials is a pull secret.
    ///
    /// Fix: hand a valid secret to the cluster, which renews the nodes: `az aks update-credentials
    /// --reset-service-principal --service-principal CLIENT-ID --client-secret @FILE`. A new one made with
    /// `az ad app credential reset --append` leaves the others valid.
    ServicePrincipalSecretInvalid {
        layer: "registry-auth-identity",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [ServicePrincipalSecretExpired, ServicePrincipalNotInTenant, NodeAzureJsonIdentityMisconfigured, PullSecretBadCredentials],
        docs: Some("https://learn.microsoft.com/azure/aks/update-credentials"),
    }

    /// the service principal does not exist in the tenant it signs in to
    ///
    /// Seen: Entra answers AADSTS700016 or AADSTS7000229 to the id in the node's azure.json, or
    /// AADSTS90002 to the tenant.
    ///
    /// Why: the application or its service principal was deleted; it lives in another tenant and was never
    /// admitted to this one; or azure.json names the wrong tenant or cloud.
    ///
    /// Prove: look for the principal in the tenant that azure.json names.
    /// - `az login --tenant TENANT-ID`
    /// - `az ad sp show --id CLIENT-ID --query "{object:id,home:appOwnerOrganizationId,enabled:accountEnabled}"`
    ///
    /// Alike: ServicePrincipalSecretExpired and ServicePrincipalSecretInvalid are known there and lack a
    /// good secret; CrossTenantIdentity signs in, and the registry belongs to another tenant;
    /// AcrPullRoleMissing signs in and may not pull.
    ///
    /// Fix: restore the application, which can be done for thirty days, or make its service principal in
    /// this tenant (`az ad sp create --id CLIENT-ID`); else give the cluster another one with `az aks
    /// update-credentials`, or a managed identity. Then assign the pull role again.
    ServicePrincipalNotInTenant {
        layer: "registry-auth-identity",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path, Azure],
        alike: [ServicePrincipalSecretExpired, ServicePrincipalSecretInvalid, CrossTenantIdentity, AcrPullRoleMissing],
        docs: Some("https://learn.microsoft.com/entra/identity-platform/reference-error-codes"),
    }

    /// a Conditional Access policy forbids the token for the registry
    ///
    /// Seen: Entra answers AADSTS53003, "Access has been blocked by Conditional Access policies", to the
    /// service principal. Its secret is good.
    ///
    /// Why: a policy for workload identities covers the service principal and blocks it by place or by
    /// risk. Often the address that the nodes leave by has changed and is not among the named locations.
    /// Managed identities are not covered by such policies.
    ///
    /// Prove: list the policies for service principals; the sign-in log names the one that blocked, by the
    /// correlation id of the answer.
    /// - `az rest --method get --url https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies --query "value[?conditions.clientApplications.includeServicePrincipals].{name:displayName,state:state}"`
    ///
    /// Alike: ServicePrincipalSecretInvalid and ServicePrincipalNotInTenant fail before any policy is
    /// asked; AcrAuthAsArmDisabled and AcrPullRoleMissing have a token, and the registry refuses it.
    ///
    /// Fix: add the address that the nodes leave by to the policy's named locations, or exclude the service
    /// principal from it; or move the cluster to a managed identity.
    ConditionalAccessBlocksAcr {
        layer: "registry-auth-identity",
        owner: Identity,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [ServicePrincipalSecretInvalid, ServicePrincipalNotInTenant, AcrAuthAsArmDisabled, AcrPullRoleMissing],
        docs: Some("https://learn.microsoft.com/entra/identity/conditional-access/workload-identity"),
    }
}
