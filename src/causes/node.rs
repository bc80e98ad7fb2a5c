//! The node's side of signing in: the metadata service, its cloud configuration, the kubelet's credential provider.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the kubelet's identity is not attached to the node's scale set
    ///
    /// Seen: the metadata service answers 400 "Identity not found" for the identity that the node's
    /// azure.json names. No token is issued, and the kubelet pulls without a credential: a single "failed to
    /// fetch anonymous token ... 401".
    ///
    /// Why: the identity was taken off the scale set by hand, by a template or by a policy; it was deleted
    /// and made again, which gives it another id; or the machine was made outside AKS, without it. Roles
    /// play no part: no token gets as far as the registry.
    ///
    /// Prove: on the node, 200 means attached and 400 not; then compare what the scale set has.
    /// - `curl -s -o /dev/null -w '%{http_code}\n' -H Metadata:true --noproxy '*' 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://containerregistry.azure.net&client_id=CLIENT-ID'`
    /// - `az vmss identity show -g NODE-GROUP -n SCALE-SET`
    /// - `az identity list --query "[?clientId=='CLIENT-ID'].id" -o tsv`
    ///
    /// Alike: MultipleIdentitiesNoClientId names no identity, and the node has several; ImdsUnreachable
    /// gets no answer of the service's own; NodeAzureJsonIdentityMisconfigured names something that is no
    /// managed identity; AcrPullRoleMissing gets a token, and the registry refuses it.
    ///
    /// Fix: have AKS put it back: `az aks update -g GROUP -n CLUSTER` without any other option, and yes to
    /// its question. Elsewhere assign it (`az vmss identity assign`) and update the instances.
    KubeletIdentityDetachedFromVmss {
        layer: "registry-auth-identity",
        owner: Cluster,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path, Azure],
        alike: [MultipleIdentitiesNoClientId, ImdsUnreachable, NodeAzureJsonIdentityMisconfigured, AcrPullRoleMissing],
        docs: Some("https://learn.microsoft.com/azure/aks/use-managed-identity"),
    }

    /// the node has several identities, and nothing says which one is the kubelet's
    ///
    /// Seen: the metadata service answers 400 "Multiple user assigned identities exist, please specify the
    /// clientId / resourceId of the identity in the token request".
    ///
    /// Why: `userAssignedIdentityID` in the node's azure.json is empty. While the node has one identity the
    /// service takes that one; since an add-on, an extension or a policy attached a second, it cannot
    /// choose.
    ///
    /// Prove: the first prints nothing, and the second more than one identity.
    /// - `jq -r .userAssignedIdentityID /etc/kubernetes/azure.json`
    /// - `az vmss identity show -g NODE-GROUP -n SCALE-SET --query "userAssignedIdentities.*.clientId"`
    ///
    /// Alike: KubeletIdentityDetachedFromVmss names an identity that the node does not have;
    /// NodeAzureJsonIdentityMisconfigured does not use managed identities at all; ImdsUnreachable gets no
    /// answer of the service's own.
    ///
    /// Fix: name the kubelet's identity by its client id where the node's configuration is made. On AKS
    /// renew the nodes (`az aks nodepool upgrade --node-image-only`); what is written into azure.json by
    /// hand lasts until the node is reimaged.
    MultipleIdentitiesNoClientId {
        layer: "registry-auth-identity",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [KubeletIdentityDetachedFromVmss, NodeAzureJsonIdentityMisconfigured, ImdsUnreachable],
        docs: Some("https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token"),
    }

    /// the node cannot reach the metadata service that issues its identity's tokens
    ///
    /// Seen: 169.254.169.254 refuses, is silent, or answers 404, 410, 429, a server error or a page. The
    /// credential provider gives up within a minute, and the kubelet pulls without a credential.
    ///
    /// Why: a rule on the node or an agent for pod identities catches the address, or a route leads it
    /// elsewhere. 410 and server errors come while the machine is moved, 429 where something on the node
    /// asks too often.
    ///
    /// Prove: ask on the node itself; pods may be barred from the service on purpose.
    /// - `curl -si -H Metadata:true --noproxy '*' 'http://169.254.169.254/metadata/instance?api-version=2021-02-01'`
    /// - `iptables-save | grep 169.254.169.254`
    ///
    /// Alike: with ProxyMisconfigured a proxy answers in the service's place;
    /// KubeletIdentityDetachedFromVmss and MultipleIdentitiesNoClientId are clear answers of the service,
    /// 400 with a reason; AcrPullRoleMissing shows the same event, after a token was issued.
    ///
    /// Fix: let the node's own processes reach 169.254.169.254 on TCP port 80: take the rule or the agent
    /// away, or exempt the host's network from it. After 410, 429 or a server error wait two minutes and
    /// delete the pod.
    ImdsUnreachable {
        layer: "registry-auth-identity",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Path],
        alike: [ProxyMisconfigured, KubeletIdentityDetachedFromVmss, MultipleIdentitiesNoClientId, AcrPullRoleMissing],
        docs: Some("https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service"),
    }

    /// the node's cloud configuration names no identity that can sign in
    ///
    /// Seen: `useManagedIdentityExtension` in the node's azure.json is false, and `aadClientId` is `msi` or
    /// a service principal that the cluster no longer uses; or the file cannot be read. The event shows
    /// two errors, "failed to fetch oauth token" and "anonymous token", without any pull secret.
    ///
    /// Why: the cluster was moved from a service principal to a managed identity, and the node is older
    /// than that; or the file was written by hand or by a tool. Without the managed identity the provider
    /// hands out `aadClientId` and `aadClientSecret` as they stand, and asks nobody whether they are good.
    ///
    /// Prove: compare the node's file with the cluster; the secret is left out here.
    /// - `jq '{tenantId,aadClientId,useManagedIdentityExtension,userAssignedIdentityID}' /etc/kubernetes/azure.json`
    /// - `az aks show -g GROUP -n CLUSTER --query "{principal:servicePrincipalProfile.clientId,kubelet:identityProfile.kubeletidentity.clientId}"`
    ///
    /// Alike: ServicePrincipalSecretExpired and ServicePrincipalSecretInvalid have the principal that the
    /// cluster means, with a bad secret; PullSecretBadCredentials has a pull secret in effect;
    /// KubeletIdentityDetachedFromVmss uses a managed identity that is not attached.
    ///
    /// Fix: renew the node, which writes the file anew (`az aks nodepool upgrade --node-image-only`; it
    /// needs a newer image to be there). A cluster that was moved must be attached to the registry again
    /// (`az aks update --attach-acr ACR`): its new identity has no role yet.
    NodeAzureJsonIdentityMisconfigured {
        layer: "registry-auth-identity",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [ServicePrincipalSecretExpired, ServicePrincipalSecretInvalid, PullSecretBadCredentials, KubeletIdentityDetachedFromVmss],
        docs: Some("https://learn.microsoft.com/azure/aks/use-managed-identity"),
    }

    /// the kubelet pulled without a credential, for a reason that stands in its log
    ///
    /// Seen: a single "failed to fetch anonymous token ... 401" for a private registry of ACR, without any
    /// pull secret. It is what the event alone shows; a look at the node names the reason.
    ///
    /// Why: Azure's credential provider answers with an error, and with no credential at all, when any of
    /// its steps fails: the metadata service, the registry's challenge, the exchange of the token. The
    /// kubelet notes that in its log only, and pulls as a stranger.
    ///
    /// Prove: read the kubelet's log, and ask the metadata service on that node.
    /// - `journalctl -u kubelet --since -1h --grep credential`
    /// - `curl -s -o /dev/null -w '%{http_code}\n' -H Metadata:true --noproxy '*' 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://containerregistry.azure.net&client_id=CLIENT-ID'`
    ///
    /// Alike: KubeletIdentityDetachedFromVmss and ImdsUnreachable are reasons that the metadata service
    /// shows; AcrPullRoleMissing is a token that the registry does not exchange;
    /// CredentialProviderNotConfigured never asks a provider.
    ///
    /// Fix: find the step that fails (`pullcheck check IMAGE --on-node` on the node walks them all) and
    /// follow its cause. Right after a node's start, delete the pod once and see whether it comes back.
    CredentialProviderReturnedNothing {
        layer: "registry-auth-identity",
        owner: Identity,
        lasting: Permanent,
        place: Bound,
        decided_by: [Text],
        alike: [KubeletIdentityDetachedFromVmss, ImdsUnreachable, AcrPullRoleMissing, CredentialProviderNotConfigured],
        docs: Some("https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/"),
    }

    /// the kubelet has no credential provider that serves this registry's host
    ///
    /// Seen: no provider's `matchImages` matches the image's host, or the kubelet was started without the
    /// provider's configuration or its binary. It then pulls without a credential.
    ///
    /// Why: the node is not one of AKS's, or lost its flags; or the host is a custom domain or has a suffix
    /// that is not in the list. A pattern is held against the host label by label, so `*.azurecr.io` stands
    /// for names of three labels only.
    ///
    /// Prove: read the patterns, and the flags that the kubelet runs with.
    /// - `cat /var/lib/kubelet/credential-provider-config.yaml`
    /// - `ps -C kubelet -o args= | tr ' ' '\n' | grep image-credential-provider`
    ///
    /// Alike: CredentialProviderReturnedNothing is what the event alone shows of it; with
    /// PrivateImageNoCredentials a pull secret is the way; RegionalEndpointNodeImageTooOld is the case of
    /// regional endpoints; WrongRegistryHost is a host that is no registry.
    ///
    /// Fix: name the registry by its login server (`az acr show --name ACR --query loginServer`), or give
    /// the pod a pull secret for the host it uses. On a node of one's own install acr-credential-provider,
    /// and start the kubelet with `--image-credential-provider-config` and
    /// `--image-credential-provider-bin-dir`.
    CredentialProviderNotConfigured {
        layer: "registry-auth-identity",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [CredentialProviderReturnedNothing, PrivateImageNoCredentials, RegionalEndpointNodeImageTooOld, WrongRegistryHost],
        docs: Some("https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/"),
    }

    /// the node image is too old to sign in to a registry's regional endpoint
    ///
    /// Seen: the image's host is `ACR.REGION.geo.azurecr.io`; the same image by the login server is pulled,
    /// and by the regional endpoint it is refused as if no credential were there.
    ///
    /// Why: the kubelet asks the credential provider only for hosts in `matchImages`. Node images before
    /// 202607.29 list names of three labels; a regional endpoint has five.
    ///
    /// Prove: read the version of the node image, or the list on the node.
    /// - `kubectl get nodes -L kubernetes.azure.com/node-image-version`
    /// - `grep geo /var/lib/kubelet/credential-provider-config.yaml`
    ///
    /// Alike: RegionalEndpointServicePrincipal has a new image and no managed identity;
    /// CredentialProviderNotConfigured serves no registry of ACR at all, or another host;
    /// AcrPullRoleMissing is refused by the login server too.
    ///
    /// Fix: upgrade the node image (`az aks nodepool upgrade --node-image-only`); until then pull by the
    /// login server `ACR.azurecr.io`, or with a pull secret for the regional endpoint.
    RegionalEndpointNodeImageTooOld {
        layer: "registry-auth-identity",
        owner: Node,
        lasting: Permanent,
        place: Bound,
        decided_by: [Cluster],
        alike: [RegionalEndpointServicePrincipal, CredentialProviderNotConfigured, AcrPullRoleMissing],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication"),
    }

    /// the cluster's service principal is not offered to regional endpoints
    ///
    /// Seen: the image's host is `ACR.REGION.geo.azurecr.io`, the cluster signs in with a service
    /// principal, and the pull goes out without a credential; by the login server it works.
    ///
    /// Why: for a service principal the credential provider answers with keys such as `*.azurecr.io`, and
    /// the kubelet holds a key against the host label by label: three labels never match five. Only a
    /// managed identity is given out for the very host that was asked for.
    ///
    /// Prove: the identity is a service principal if this prints an id, and a managed identity if it prints
    /// `msi`.
    /// - `az aks show -g GROUP -n CLUSTER --query servicePrincipalProfile.clientId -o tsv`
    ///
    /// Alike: RegionalEndpointNodeImageTooOld has a managed identity and an old image;
    /// CredentialProviderNotConfigured fails at the login server too; ServicePrincipalSecretInvalid is
    /// presented and refused.
    ///
    /// Fix: pull by the login server `ACR.azurecr.io`; or move the cluster to a managed identity (`az aks
    /// update --enable-managed-identity`, then new node images), or give the pod a pull secret for the
    /// regional endpoint.
    RegionalEndpointServicePrincipal {
        layer: "registry-auth-identity",
        owner: Cluster,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Azure, Cluster],
        alike: [RegionalEndpointNodeImageTooOld, CredentialProviderNotConfigured, ServicePrincipalSecretInvalid],
        docs: Some("https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication"),
    }
}
