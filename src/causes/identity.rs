//! Identities: as whom a node asks, and whether the registry knows them.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the pulling identity lives in another tenant than the registry
    ///
    /// Seen: the registry refuses the exchange with 401; the tenant in the identity's token is not that of
    /// the registry's subscription.
    ///
    /// Why: a managed identity exists in one tenant only and cannot be granted a role in another. Moving a
    /// subscription to another tenant also leaves role assignments behind.
    ///
    /// Prove: compare the tenant of the cluster's identity with the tenant of the registry's subscription.
    /// - `az aks show -g GROUP -n CLUSTER --query identity.tenantId -o tsv`
    /// - `az account list --query "[].{subscription:name,tenant:tenantId}" -o table`
    ///
    /// Alike: AcrPullRoleMissing and AcrPullRoleOnWrongIdentity lie within one tenant; AcrAuthAsArmDisabled
    /// concerns the kind of token; ServicePrincipalNotInTenant is the same for a service principal.
    ///
    /// Fix: use a credential that exists in the registry's tenant: a multi-tenant application with a
    /// service principal there, or a repository-scoped token in a pull secret; or let a registry of your
    /// own tenant cache or import the image.
    CrossTenantIdentity {
        layer: "registry-auth-identity",
        owner: Identity,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AcrAuthAsArmDisabled, ServicePrincipalNotInTenant],
        docs: Some("https://learn.microsoft.com/azure/container-registry/authenticate-aks-cross-tenant"),
    }

    /// the registry refuses tokens that were issued for Azure Resource Manager
    ///
    /// Seen: the exchange is refused with 401, and the registry's setting authentication-as-arm is
    /// disabled.
    ///
    /// Why: with that setting off the registry takes tokens for the audience
    /// `https://containerregistry.azure.net` only. Credential providers of Kubernetes 1.28 and older, App
    /// Service and some tools still bring tokens for Resource Manager.
    ///
    /// Prove: read the setting, and the version of the nodes. `az aks check-acr` brings such a token itself
    /// and fails here although the kubelet works.
    /// - `az acr config authentication-as-arm show --registry ACR`
    /// - `kubectl get nodes -o wide`
    ///
    /// Alike: AcrPullRoleMissing and AcrAbacModeLegacyRole refuse tokens of either audience;
    /// CrossTenantIdentity concerns the tenant; RoleAssignmentPropagation passes by itself.
    ///
    /// Fix: upgrade the nodes to a version whose credential provider asks for the registry's own audience;
    /// or turn the setting on again (`az acr config authentication-as-arm update --registry ACR --status
    /// enabled`).
    AcrAuthAsArmDisabled {
        layer: "registry-auth-identity",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrPullRoleMissing, AcrAbacModeLegacyRole, CrossTenantIdentity, RoleAssignmentPropagation],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-disable-authentication-as-arm"),
    }

    /// the image is in a publisher's registry that does not let strangers pull
    ///
    /// Seen: a registry on azurecr.io that none of your subscriptions holds refuses the anonymous pull with
    /// 401. The image usually comes from a chart, an add-on or an extension.
    ///
    /// Why: the publisher keeps the image in a registry that needs a sign-in, turned anonymous pull off, or
    /// moved the images. No role in your own tenant can help.
    ///
    /// Prove: look for the registry among your own, then try without a credential.
    /// - `az acr list --query "[?loginServer=='REGISTRY'].name" -o tsv`
    /// - `curl -si "https://REGISTRY/oauth2/token?service=REGISTRY&scope=repository:REPOSITORY:pull"`
    ///
    /// Alike: AcrPullRoleMissing is a registry of your own; CrossTenantIdentity is one of your organisation
    /// in another tenant; PrivateImageNoCredentials is a registry for which you do have a login;
    /// RepositoryNotFound cannot be told apart without a sign-in.
    ///
    /// Fix: take a newer version of the chart or extension, which may name a public registry such as
    /// mcr.microsoft.com; else ask the publisher for access or for the new place.
    PublisherRegistryNotAnonymous {
        layer: "registry-auth-identity",
        owner: Upstream,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [AcrPullRoleMissing, CrossTenantIdentity, PrivateImageNoCredentials, RepositoryNotFound],
        docs: Some("https://learn.microsoft.com/azure/container-registry/anonymous-pull-access"),
    }

    /// the image is private, and no credential for it was presented
    ///
    /// Seen: the anonymous token lacks the right to pull, and no pull secret, credential provider or login
    /// for this host is in effect. The reply is 401, 403 or "repository does not exist or may require
    /// authorization".
    ///
    /// Why: nobody told the cluster how to sign in to this registry, or the secret is in another namespace
    /// or not named by the pod or its service account.
    ///
    /// Prove: see that no secret is named, then try with your own login.
    /// - `kubectl get pod POD -o jsonpath='{.spec.imagePullSecrets}'`
    /// - `skopeo inspect --no-creds --raw docker://REGISTRY/REPOSITORY:TAG`
    /// - `skopeo login REGISTRY`
    ///
    /// Alike: RepositoryNotFound answers the same way at most public registries; PullSecretNotReferenced
    /// and PullSecretServerMismatch have a secret that is not used; PublisherRegistryNotAnonymous is a
    /// registry you have no login for.
    ///
    /// Fix: make a secret of type docker-registry for exactly this host in the pod's namespace, and name it
    /// in `imagePullSecrets` of the pod or its service account; then create the pod again.
    PrivateImageNoCredentials {
        layer: "registry-auth-identity",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [RepositoryNotFound, PullSecretNotReferenced, PullSecretServerMismatch, PublisherRegistryNotAnonymous],
        docs: Some("https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"),
    }

    /// the stored login for Amazon ECR is older than its twelve hours
    ///
    /// Seen: a pull secret for an `amazonaws.com` registry worked at first and is refused since; user name
    /// `AWS`.
    ///
    /// Why: what `aws ecr get-login-password` prints is a token for twelve hours and not a password. Stored
    /// in a secret, it dies half a day later.
    ///
    /// Prove: compare the secret's age with twelve hours.
    /// - `kubectl get secret NAME -o jsonpath='{.metadata.creationTimestamp}'`
    /// - `aws ecr get-login-password | skopeo login --username AWS --password-stdin REGISTRY`
    ///
    /// Alike: PullSecretBadCredentials is a login that never worked or was changed;
    /// RegistryPermissionMissing is accepted and may not read this repository; NodeClockSkew makes fresh
    /// tokens look old.
    ///
    /// Fix: let nodes get the token themselves with the ECR credential provider for the kubelet; or renew
    /// the secret by a scheduled job at least every few hours.
    EcrTokenExpired {
        layer: "registry-auth-identity",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [PullSecretBadCredentials, RegistryPermissionMissing, NodeClockSkew],
        docs: Some("https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html"),
    }
}
