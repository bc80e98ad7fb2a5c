//! Remedies and looks for what a cluster shows: the pod, its namespace and its node stand in them.

use super::*;

/// The fix of a cause, as lines.
fn fix(id: &str, names: &Names) -> Vec<String> {
    causes::find(id).map_or_else(|| vec![format!("no cause {id}")], |cause| lines(&remedy(cause, names)))
}

/// What is shown while these causes are left, as lines.
fn looks(ids: &[&str], names: &Names) -> Vec<String> {
    let candidates: Vec<_> = ids.iter().filter_map(|id| causes::find(id)).collect();
    assert_eq!(candidates.len(), ids.len(), "{ids:?}");
    lines(&next_look(&candidates, names))
}

#[test]
fn looks_with_kubectl_name_the_pod_and_what_belongs_to_it() {
    let found = looks(&["PullSecretNotFound", "PullSecretNotReferenced"], &contoso());
    let starts = [
        "kubectl --namespace team-web get pod web-7c9d8f6b54-x2x9q --output ",
        "kubectl --namespace team-web get serviceaccount web --output ",
        "kubectl --namespace team-web get secrets --field-selector type=kubernetes.io/dockerconfigjson",
        "kubectl get replicasets,daemonsets,statefulsets,jobs --namespace team-web --output ",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (line, start) in found.iter().zip(starts) {
        assert!(line.starts_with(start), "{start}: {line}");
    }
    let found = looks(&["SandboxImagePullFailed", "ContainerRuntimeDown"], &contoso());
    assert!(found[0].starts_with("kubectl get node aks-np1-12345678-vmss000000 --output "), "{found:#?}");
    assert_eq!(found[1], "kubectl --namespace team-web describe pod web-7c9d8f6b54-x2x9q");
}

#[test]
fn of_an_unknown_pod_the_namespace_is_looked_at_and_else_the_cluster() {
    let namespace = Names { pod: None, service_account: None, ..contoso() };
    let found = looks(&["PullSecretNotFound", "PullSecretNotReferenced"], &namespace);
    assert!(found[0].starts_with("kubectl get pods --namespace team-web --output "), "{found:#?}");
    assert!(found[1].starts_with("kubectl --namespace team-web get serviceaccounts --output "), "{found:#?}");
    let nothing = Names { namespace: None, ..namespace };
    let found = looks(&["PullSecretNotFound", "PullSecretNotReferenced"], &nothing);
    assert!(found[0].starts_with("kubectl get pods --all-namespaces --output "), "{found:#?}");
    assert!(found[1].starts_with("kubectl get secrets --all-namespaces "), "{found:#?}");
    // A pod without its namespace could be anybody's.
    let pod = Names { namespace: None, ..contoso() };
    assert!(fix("SnapshotStateCorrupt", &pod).iter().all(|line| !line.contains("web-7c9d8f6b54-x2x9q")));
}

#[test]
fn what_a_secret_holds_is_never_printed() {
    for names in readers() {
        for cause in causes::all() {
            for Command { argv, .. } in
                remedy(cause, &names).commands.into_iter().chain(next_look(&[cause], &names).commands)
            {
                if argv[0] == "kubectl" && argv.iter().any(|word| word.starts_with("secret")) {
                    let shown = argv
                        .iter()
                        .any(|word| word == "--output" || word == "describe" || word.contains("json="));
                    assert!(!shown, "{}: {argv:?}", cause.id);
                }
            }
        }
    }
}

#[test]
fn what_makes_a_pod_or_deletes_one_is_no_look() {
    for cause in causes::all() {
        for command in remedy(cause, &contoso()).commands {
            let verbs = ["debug", "delete", "rmi", "restart", "drain", "patch"];
            let changes = command.argv.iter().any(|word| verbs.contains(&word.as_str()));
            assert!(!changes || command.mutates, "{}: {:?}", cause.id, command.argv);
        }
    }
    let shell = "kubectl debug node/aks-np1-12345678-vmss000000 --stdin --tty --profile sysadmin \
                 --image mcr.microsoft.com/cbl-mariner/busybox:2.0 -- chroot /host sh";
    let found = fix("ContentStoreBlobMissing", &contoso());
    assert!(found.iter().any(|line| line == shell), "{found:#?}");
    // That image is AKS's own; another cluster may not be able to pull it.
    let elsewhere = Names { pool: None, ..contoso() };
    assert!(fix("ContentStoreBlobMissing", &elsewhere).iter().all(|line| !line.contains("debug")));
    // No such pod starts where the runtime is down or the disk is full.
    for id in ["ContainerRuntimeDown", "NodeDiskFull"] {
        assert!(fix(id, &contoso()).iter().all(|line| !line.contains("debug")), "{id}");
    }
}

#[test]
fn each_set_that_an_event_leaves_open_has_its_own_look() {
    let sets: [(&[&str], &[&str]); 8] = [
        (
            &["ImageNeverPullAbsent", "ImageNeverPullNotAuthorized"],
            &[
                "kubectl get node aks-np1-12345678-vmss000000 --output 'jsonpath=",
                "kubectl get node aks-np1-12345678-vmss000000 --output wide",
            ],
        ),
        (
            &["AdmissionImagePolicyDenied", "MutatedByAdmission"],
            &[
                "kubectl get events --namespace team-web --field-selector reason=FailedCreate ",
                "kubectl get replicasets",
            ],
        ),
        (
            &["ShortNameAmbiguous", "ShortNameNoSearchRegistry", "ImplicitDockerHub"],
            &["kubectl --namespace team-web get pod", "grep --recursive"],
        ),
        (
            &["ContentStoreBlobMissing", "SnapshotStateCorrupt", "LayerUnpackFailed"],
            &["ctr -n k8s.io images check", "ctr -n k8s.io content active", "journalctl --unit containerd"],
        ),
        (&["NodeDiskFull", "ReadOnlyFilesystem"], &["kubectl get node ", "df -h ", "df -i ", "findmnt "]),
        (
            &["AcrCacheUpstreamAuthFailed", "AcrCacheUpstreamNotFoundMasked"],
            &[
                "az acr cache show --registry contosoacr --name docker-hub",
                "az acr credential-set show --registry contosoacr --name docker-hub-credentials",
                "skopeo inspect --raw docker://docker.io/library/web:v1",
            ],
        ),
        (
            &["KubeletPullQpsExceeded"],
            &[
                "kubectl --namespace team-web describe pod",
                "kubectl get --raw /api/v1/nodes/aks-np1-12345678-vmss000000/proxy/configz",
            ],
        ),
        (
            &["SnatExhaustion"],
            &[
                "az monitor metrics list --resource kubernetes --resource-group MC_rg_aks1_westeurope ",
                "az aks show ",
            ],
        ),
    ];
    for (ids, expected) in sets {
        let found = looks(ids, &contoso());
        for (at, start) in expected.iter().enumerate() {
            assert!(
                found.get(at).is_some_and(|line| line.starts_with(start)),
                "{ids:?}: {start}: {found:#?}"
            );
        }
    }
}
