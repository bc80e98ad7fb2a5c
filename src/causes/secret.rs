//! Pull secrets: users, passwords and repository tokens.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the pull secret holds credentials for other hosts than the image's
    ///
    /// Seen: a pull secret is in effect and can be read, and none of its entries matches the image; the
    /// pull goes out without a credential and is refused.
    ///
    /// Why: the kubelet holds each entry against the host label by label, with the port and as much of the
    /// path as the entry names. A missing port, another suffix, a wildcard that stands for fewer labels, or
    /// hub.docker.com instead of docker.io is enough.
    ///
    /// Prove: print the entries without what they hold, and compare them with the image.
    /// - `kubectl get secret NAME -o jsonpath='{.data.\.dockerconfigjson}' | base64 -d | jq '.auths | keys'`
    /// - `kubectl get pod POD -o jsonpath='{.spec.containers[*].image}'`
    ///
    /// Alike: PullSecretNotReferenced has a fitting secret that nobody names; PullSecretBadCredentials is
    /// presented and refused; PullSecretMalformed cannot be read; PrivateImageNoCredentials has no secret.
    ///
    /// Fix: make the secret again for exactly the host in the image, with its port: sign in with `skopeo
    /// login --authfile FILE REGISTRY`, which asks for the password, and `kubectl create secret
    /// docker-registry NAME --from-file=.dockerconfigjson=FILE`. Then create the pods again.
    PullSecretServerMismatch {
        layer: "registry-auth-pull-secret",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [PullSecretNotReferenced, PullSecretBadCredentials, PullSecretMalformed, PrivateImageNoCredentials],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/#config-json"),
    }

    /// the pull secret cannot be read
    ///
    /// Seen: the secret is not JSON, or an entry's `auth` is not the base64 of user, colon and password, or
    /// its type or key is another than the kubelet reads. The pod may wait with the parser's words as its
    /// reason, and no request leaves the node.
    ///
    /// Why: it was put together by hand or by a template: encoded twice or not at all, a quote or a newline
    /// too many, type Opaque, or a login that a credential helper keeps (`credHelpers`, `credsStore`),
    /// which the kubelet does not read.
    ///
    /// Prove: see type and key, then whether each entry holds a user and a password; neither is printed.
    /// - `kubectl get secret NAME -o jsonpath='{.type}'`
    /// - `kubectl get secret NAME -o jsonpath='{.data.\.dockerconfigjson}' | base64 -d | jq '.auths|map_values(keys)'`
    ///
    /// Alike: PullSecretServerMismatch can be read, and is for other hosts; PullSecretNotFound is not in
    /// the pod's namespace; PullSecretBadCredentials is presented and refused.
    ///
    /// Fix: make the secret again with a tool instead of by hand: sign in with `skopeo login --authfile
    /// FILE REGISTRY`, which asks for the password, and `kubectl create secret docker-registry NAME
    /// --from-file=.dockerconfigjson=FILE`. Then create the pods again.
    PullSecretMalformed {
        layer: "registry-auth-pull-secret",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [PullSecretServerMismatch, PullSecretNotFound, PullSecretBadCredentials],
        docs: Some("https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"),
    }

    /// the registry refuses the user and password that were presented
    ///
    /// Seen: the token service answers 401 to the credential; "failed to fetch oauth token" in an event, or
    /// "incorrect username or password". The message here names whose credential it was.
    ///
    /// Why: the password was changed, expired or revoked, the account was blocked, or the secret was made
    /// with a stray character, such as the newline that `echo` adds.
    ///
    /// Prove: sign in by hand with the same user; the password is asked for and does not show.
    /// - `skopeo login --username USER REGISTRY`
    /// - `kubectl get secret NAME -o jsonpath='{.metadata.creationTimestamp}'`
    ///
    /// Alike: AcrAdminCredentialsRegenerated and AcrAdminUserDisabled have the registry's own name as the
    /// user; ScopeMapTokenExpired has the name of a token; with BadCredentialOnPublicImage the image needs
    /// no credential at all.
    ///
    /// Fix: get a valid password and replace the secret with it, from a file or standard input and never on
    /// the command line; then create the pods again. On AKS the kubelet's identity with AcrPull needs no
    /// password at all.
    PullSecretBadCredentials {
        layer: "registry-auth-pull-secret",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [AcrAdminCredentialsRegenerated, AcrAdminUserDisabled, ScopeMapTokenExpired, BadCredentialOnPublicImage],
        docs: Some("https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"),
    }

    /// a stale credential spoils the pull of an image that anybody may pull
    ///
    /// Seen: without a credential the image can be pulled; with the one that is configured the registry
    /// refuses.
    ///
    /// Why: a registry that is shown a bad credential refuses instead of treating the client as a stranger,
    /// and the kubelet does not try again without one for most registries. The secret was often made for
    /// another image at the same host.
    ///
    /// Prove: the first command works and the second fails.
    /// - `skopeo inspect --no-creds --raw docker://REGISTRY/REPOSITORY:TAG`
    /// - `skopeo inspect --authfile config.json --raw docker://REGISTRY/REPOSITORY:TAG`
    ///
    /// Alike: PullSecretBadCredentials is a private image; RegistryPermissionMissing is a good credential
    /// without the right; EcrTokenExpired is an old login for ECR.
    ///
    /// Fix: renew the credential, or take the entry for this host out of the secret, or the secret out of
    /// the pod and its service account.
    BadCredentialOnPublicImage {
        layer: "registry-auth-pull-secret",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Path],
        alike: [PullSecretBadCredentials, RegistryPermissionMissing, EcrTokenExpired],
        docs: Some("https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry"),
    }

    /// the admin user's password was regenerated after the secret was made
    ///
    /// Seen: the user is the registry's own name, the admin user is enabled, and the password is refused.
    ///
    /// Why: somebody or something regenerated the admin passwords; every copy made before then is dead.
    ///
    /// Prove: look for the regeneration, and compare its time with the secret's.
    /// - `az monitor activity-log list --namespace Microsoft.ContainerRegistry --offset 30d -o table`
    /// - `kubectl get secret NAME -o jsonpath='{.metadata.creationTimestamp}'`
    ///
    /// Alike: AcrAdminUserDisabled has the admin user switched off; ScopeMapTokenExpired is a token with a
    /// name of its own; PullSecretBadCredentials is any other user.
    ///
    /// Fix: replace the secret with the present password, or better stop using the admin user: the
    /// kubelet's identity with AcrPull needs no secret.
    AcrAdminCredentialsRegenerated {
        layer: "registry-auth-pull-secret",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [PullSecretBadCredentials, AcrAdminUserDisabled, ScopeMapTokenExpired],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-authentication#admin-account"),
    }

    /// the secret uses the registry's admin user, which is switched off
    ///
    /// Seen: the user is the registry's own name, and the registry refuses the password.
    ///
    /// Why: the admin user was disabled by hand or by a policy, as it should be; secrets that use it fail
    /// from that moment.
    ///
    /// Prove: read the switch.
    /// - `az acr show --name ACR --query adminUserEnabled -o tsv`
    ///
    /// Alike: AcrAdminCredentialsRegenerated has the switch on and a new password; ScopeMapTokenExpired and
    /// PullSecretBadCredentials have another user.
    ///
    /// Fix: give the kubelet's identity the role AcrPull and take the secret away; or use a
    /// repository-scoped token. Switching the admin user on again (`az acr update --name ACR
    /// --admin-enabled true`) is the quick way, and the weakest.
    AcrAdminUserDisabled {
        layer: "registry-auth-pull-secret",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [PullSecretBadCredentials, AcrAdminCredentialsRegenerated, ScopeMapTokenExpired],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-authentication#admin-account"),
    }

    /// the repository token is disabled, or its password has expired
    ///
    /// Seen: the user is the name of a token of the registry, and the registry refuses its password.
    ///
    /// Why: a token's passwords may have an end date, and the token as a whole may be disabled. A password
    /// that is generated anew replaces the old one at once.
    ///
    /// Prove: read the token's state and the end dates.
    /// - `az acr token show --name USER --registry ACR --query "{status:status,passwords:credentials.passwords}"`
    ///
    /// Alike: ScopeMapTokenLacksRepo is accepted and may not read this repository; AcrAdminUserDisabled and
    /// AcrAdminCredentialsRegenerated have the registry's name as the user; PullSecretBadCredentials is
    /// what is left.
    ///
    /// Fix: generate a new password (`az acr token credential generate`), or enable the token (`az acr
    /// token update --status enabled`), and replace the secret; note the end date where somebody will see
    /// it.
    ScopeMapTokenExpired {
        layer: "registry-auth-pull-secret",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [PullSecretBadCredentials, ScopeMapTokenLacksRepo, AcrAdminUserDisabled, AcrAdminCredentialsRegenerated],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-token-based-repository-permissions"),
    }

    /// the repository token's scope map does not include this repository
    ///
    /// Seen: the token's password is accepted for other repositories; for this one no right to pull is
    /// granted.
    ///
    /// Why: a scope map lists repositories one by one, or by prefix, each with its actions. New
    /// repositories are not added by themselves; pulling needs `content/read`.
    ///
    /// Prove: read the token's scope map and look for the repository.
    /// - `az acr token show --name USER --registry ACR --query scopeMapId -o tsv`
    /// - `az acr scope-map show --name MAP --registry ACR --query actions`
    ///
    /// Alike: ScopeMapTokenExpired is refused for every repository; RepositoryNotFound answers 404 to those
    /// who may look; AcrAbacConditionExcludesRepo concerns an identity; RegistryPermissionMissing is the
    /// same elsewhere.
    ///
    /// Fix: add the repository to the map (`az acr scope-map update --name MAP --registry ACR
    /// --add-repository REPOSITORY content/read`). The password stays as it is.
    ScopeMapTokenLacksRepo {
        layer: "registry-auth-pull-secret",
        owner: Registry,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure],
        alike: [ScopeMapTokenExpired, RepositoryNotFound, AcrAbacConditionExcludesRepo, RegistryPermissionMissing],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-token-based-repository-permissions"),
    }
}
