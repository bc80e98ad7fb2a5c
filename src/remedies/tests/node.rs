//! Remedies and looks for what a node shows: the reader's own names stand in them, and nothing is left to fill in.

use super::*;

/// The commands of a cause's fix that change something, as lines.
fn changes(id: &str, names: &Names) -> Vec<String> {
    let Some(cause) = causes::find(id) else { return vec![format!("no cause {id}")] };
    let mut remedy = remedy(cause, names);
    remedy.commands.retain(|command| command.mutates);
    lines(&remedy)
}

/// What is shown while these causes are left.
fn look(ids: &[&str], names: &Names) -> Remedy {
    let candidates: Vec<_> = ids.iter().filter_map(|id| causes::find(id)).collect();
    assert_eq!(candidates.len(), ids.len(), "{ids:?}");
    next_look(&candidates, names)
}

#[test]
fn fixes_carry_the_names_of_cluster_and_node() {
    let names = contoso();
    let cluster = "--resource-group rg --name aks1";
    let pool = "az aks nodepool upgrade --resource-group rg --cluster-name aks1 --name np1 --node-image-only";
    for (id, expected) in [
        ("KubeletIdentityDetachedFromVmss", vec![format!("az aks update {cluster}")]),
        ("MultipleIdentitiesNoClientId", vec![pool.to_owned()]),
        ("ImdsUnreachable", vec![]),
        // Which role the present identity has is another question.
        ("NodeAzureJsonIdentityMisconfigured", vec![pool.to_owned()]),
        (
            "ServicePrincipalSecretInvalid",
            vec![
                "az ad app credential reset --id 11111111-1111-4111-8111-111111111111 --append --query password --output tsv"
                    .to_owned(),
                format!(
                    "az aks update-credentials {cluster} --reset-service-principal \
                     --service-principal 11111111-1111-4111-8111-111111111111 --client-secret @-"
                ),
            ],
        ),
        (
            "ServicePrincipalNotInTenant",
            vec![
                "az ad sp create --id 11111111-1111-4111-8111-111111111111".to_owned(),
                format!("az aks update {cluster} --enable-managed-identity"),
            ],
        ),
        ("ConditionalAccessBlocksAcr", vec![]),
        ("CredentialProviderNotConfigured", vec![pool.to_owned()]),
        ("RegionalEndpointNodeImageTooOld", vec![pool.to_owned()]),
        (
            "ArtifactStreamingMirrorBroken",
            vec![
                "systemctl restart acr-mirror".to_owned(),
                "az aks nodepool update --resource-group rg --cluster-name aks1 --name np1 --disable-artifact-streaming"
                    .to_owned(),
            ],
        ),
        ("RegistryMirrorMisconfigured", vec![]),
        ("ProxyUnreachable", vec![]),
        ("ProxyMisconfigured", vec![]),
        ("ProxyDenied", vec![]),
        ("LocalDnsStale", vec![]),
    ] {
        assert_eq!(changes(id, &names), expected, "{id}");
    }
}

#[test]
fn what_the_node_alone_knows_is_enough_for_some() {
    let names = &readers()[3];
    assert_eq!(
        changes("KubeletIdentityDetachedFromVmss", names),
        [format!(
            "az vmss identity assign --resource-group MC_rg_aks1_westeurope --name aks-np1-12345678-vmss \
             --identities {IDENTITY} --subscription {SUBSCRIPTION}"
        )]
    );
    assert_eq!(changes("LocalDnsStale", names), ["systemctl restart localdns"]);
    assert_eq!(
        changes("AcrPullRoleMissing", names),
        [format!(
            "az role assignment create --assignee-object-id {OBJECT} --assignee-principal-type ServicePrincipal \
             --role AcrPull --scope {REGISTRY}"
        )]
    );
    for id in ["NodeAzureJsonIdentityMisconfigured", "RegionalEndpointServicePrincipal", "ProxyUnreachable"] {
        assert_eq!(changes(id, names), [""; 0], "{id}: the cluster is not known");
    }
}

#[test]
fn a_registry_in_abac_mode_is_not_attached_to() {
    let names = Names {
        pull_role: Some(PULL_ROLE_ABAC.to_owned()),
        cluster: Some("aks1".to_owned()),
        cluster_group: Some("rg".to_owned()),
        ..readers().remove(3)
    };
    assert_eq!(
        changes("AcrAbacModeLegacyRole", &names),
        [format!(
            "az role assignment create --assignee-object-id {OBJECT} --assignee-principal-type ServicePrincipal \
             --role 'Container Registry Repository Reader' --scope {REGISTRY}"
        )]
    );
    for id in ["AcrPullRoleMissing", "NodeAzureJsonIdentityMisconfigured"] {
        assert!(changes(id, &names).iter().all(|line| !line.contains("--attach-acr")), "{id}");
    }
}

#[test]
fn a_login_is_written_into_no_cloud_configuration() {
    assert_eq!(changes("PullSecretServerMismatch", &contoso()), [""; 0]);
    let names = Names { file: Some("/root/.docker/config.json".to_owned()), ..contoso() };
    assert_eq!(
        changes("PullSecretServerMismatch", &names),
        ["skopeo login --authfile /root/.docker/config.json contosoacr.azurecr.io"]
    );
}

#[test]
fn sentences_say_where_the_proxy_is_set() {
    let text = |id: &str, names: &Names| causes::find(id).map(|cause| remedy(cause, names).text);
    let exception = readers().remove(3);
    let file = Some("/etc/environment".to_owned());
    let url = Names { no_proxy: None, file: file.clone(), ..exception.clone() };
    let aks = |names: &Names| Names { pool: Some("np1".to_owned()), ..names.clone() };
    for (id, names, expected) in [
        (
            "ProxyMisconfigured",
            Names { file, ..exception.clone() },
            "Add 169.254.169.254 to NO_PROXY in /etc/environment, and restart containerd and the kubelet.",
        ),
        (
            "ProxyMisconfigured",
            Names { file: None, variable: Some("no_proxy".to_owned()), ..exception.clone() },
            "Add 169.254.169.254 to no_proxy in the services' systemd drop-ins, and restart containerd and the kubelet.",
        ),
        (
            "ProxyMisconfigured",
            aks(&exception),
            "Add 169.254.169.254 to noProxy with az aks update --http-proxy-config; it reimages the nodes.",
        ),
        (
            "ProxyMisconfigured",
            url.clone(),
            "Correct HTTPS_PROXY in /etc/environment: an http:// URL of proxy.contoso.example:3128; then restart \
             containerd and the kubelet.",
        ),
        (
            "ProxyUnreachable",
            url.clone(),
            "Bring proxy.contoso.example:3128 back or open the way to it; if it moved, correct HTTPS_PROXY in \
             /etc/environment.",
        ),
        (
            "ProxyUnreachable",
            aks(&url),
            "Bring proxy.contoso.example:3128 back or open the way to it; if it moved, name the new one with az aks \
             update --http-proxy-config.",
        ),
    ] {
        assert_eq!(text(id, &names).as_deref(), Some(expected));
    }
}

#[test]
fn the_metadata_services_token_is_not_printed() {
    let asked = look(&["KubeletIdentityDetachedFromVmss", "NodeAzureJsonIdentityMisconfigured"], &contoso());
    let token = lines(&asked).into_iter().find(|line| line.contains("/oauth2/token")).unwrap_or_default();
    assert!(token.contains("--noproxy '*'") && token.contains("--header Metadata:true"), "{token}");
    assert!(token.contains("--output /dev/null") && token.contains("--dump-header -"), "{token}");
    assert!(token.contains("client_id=11111111-1111-4111-8111-111111111111"), "{token}");
}

#[test]
fn each_set_that_a_node_leaves_open_has_its_own_look() {
    let roles = [
        "AcrPullRoleMissing",
        "AcrPullRoleOnWrongIdentity",
        "AcrAbacModeLegacyRole",
        "CrossTenantIdentity",
        "AcrAuthAsArmDisabled",
        "RoleAssignmentPropagation",
    ];
    let principals =
        ["ServicePrincipalSecretExpired", "ServicePrincipalSecretInvalid", "ServicePrincipalNotInTenant"];
    let mut both = principals.to_vec();
    both.extend(roles);
    let sets: [(&[&str], &[&str]); 10] = [
        (&both, &["az ad app credential list", "az ad sp show", "az aks show", "az role assignment list"]),
        (&principals, &["az ad app credential list", "az ad sp show"]),
        (&roles, &["az aks list", "az role assignment list", "az acr show"]),
        (
            &["KubeletIdentityDetachedFromVmss", "NodeAzureJsonIdentityMisconfigured"],
            &["jq ", "curl ", "az vmss identity show", "az identity list", "az aks show"],
        ),
        (
            &["ProxyDenied", "FirewallFqdnBlocked", "RegistryOutage", "ProxyMisconfigured"],
            &[
                "curl --verbose --connect-timeout 10 --max-time 30 --proxy http://proxy.contoso.example:3128 \
                 https://contosoacr.azurecr.io/v2/",
                "curl --verbose --connect-timeout 10 --max-time 30 --noproxy '*' https://contosoacr.azurecr.io/v2/",
                "systemctl show-environment",
            ],
        ),
        (
            &["ImdsUnreachable", "ProxyMisconfigured"],
            &[
                "curl --silent --show-error --include --max-time 10 --header Metadata:true --noproxy '*' \
                 'http://169.254.169.254/metadata/instance?api-version=2021-02-01'",
                "systemctl show-environment",
            ],
        ),
        (
            &["LocalDnsUpstreamFailing", "DnsServerUnreachable", "LocalDnsStale"],
            &[
                "dig @168.63.129.16 contosoacr.azurecr.io",
                "cat /etc/localdns/upstream-dns",
                "dig @10.0.0.4 contosoacr.azurecr.io",
                "dig @10.0.0.4 contosoacr.azurecr.io +tcp",
            ],
        ),
        (
            &["RegistryMirrorMisconfigured", "ArtifactStreamingMirrorBroken", "MirrorReturnsHtml"],
            &[
                "curl --silent --show-error --include --max-time 30 \
                 'http://localhost:8578/v2/team/web/manifests/v1?ns=contosoacr.azurecr.io'",
                "curl --silent --show-error --include --max-time 30 https://contosoacr.azurecr.io/v2/",
                "grep ",
                "systemctl status acr-mirror",
            ],
        ),
        (
            &[
                "PullSecretServerMismatch",
                "PullSecretMalformed",
                "PullSecretBadCredentials",
                "PrivateImageNoCredentials",
            ],
            &["jq ", "skopeo login --get-login", "kubectl get secrets", "kubectl get pods", "skopeo inspect"],
        ),
        (
            &[
                "CredentialProviderNotConfigured",
                "RegionalEndpointNodeImageTooOld",
                "RegionalEndpointServicePrincipal",
            ],
            &[
                "cat /var/lib/kubelet/credential-provider-config.yaml",
                "ps ",
                "journalctl ",
                "kubectl get node ",
            ],
        ),
    ];
    for (ids, expected) in sets {
        let secrets = ids.contains(&"PullSecretMalformed");
        let file = Some("/root/.docker/config.json".to_owned());
        let names = if secrets { Names { file, ..contoso() } } else { contoso() };
        let found = lines(&look(ids, &names));
        for (at, start) in expected.iter().enumerate() {
            assert!(
                found.get(at).is_some_and(|line| line.starts_with(start)),
                "{ids:?}: {start}: {found:#?}"
            );
        }
    }
}

#[test]
fn what_is_no_matter_of_the_node_is_looked_at_as_before() {
    let direct = Names { proxy: None, ..contoso() };
    let found = look(&["FirewallFqdnBlocked", "RegistryOutage"], &direct);
    assert!(!found.text.contains("proxy"), "{}", found.text);
    let found = look(&["PrivateImageNoCredentials", "PullSecretBadCredentials"], &contoso());
    assert!(found.text.starts_with("Ask contosoacr once without a credential"), "{}", found.text);
    let found = look(&["DnsServerUnreachable", "DnsNxDomain"], &contoso());
    assert!(found.text.contains("a public one"), "{}", found.text);
}
