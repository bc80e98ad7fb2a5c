//! Which cluster is another one.

use serde_json::{Value, json};

use super::*;

fn case(nodes: &Value, server: &str, cluster: &Value) -> Case {
    let case = json!({
        "apiVersion": "pullcheck.dev/v1", "kind": "Case", "toolVersion": "0", "runId": "0",
        "startedAt": "2026-11-24T09:00:00Z", "durationMs": 1, "claim": "KubeletPulls",
        "target": {"given": "contosoacr.azurecr.io/team/web:v1", "registry": "contosoacr.azurecr.io", "repository": "team/web", "tag": "v1"},
        "platform": {"os": "linux", "architecture": "amd64"}, "credential": {"kind": "anonymous"}, "rounds": [],
        "cluster": {"server": server, "nodes": nodes},
        "azure": {
            "cloud": "public", "cluster": cluster, "scaleSets": [],
            "grants": {"principal": "other", "who": "kubelet identity", "complete": true, "denies": [],
                "assignments": [{"id": "/1", "principal": "other"}], "others": [{"id": "/2", "principal": "them"}]},
        },
    });
    Case::read("case.json", &case.to_string()).expect("a case")
}

fn is_set_aside(nodes: &Value, server: &str, cluster: &Value) -> bool {
    let case = set_aside(case(nodes, server, cluster));
    let azure = case.azure.expect("what Azure said");
    let grants = azure.grants.expect("grants");
    let gone = azure.cluster.is_none();
    assert_eq!(
        (gone, gone, gone),
        (azure.scale_sets.is_none(), !azure.troubles.is_empty(), grants.principal.is_none())
    );
    assert_eq!(if gone { (0, 2) } else { (1, 1) }, (grants.assignments.len(), grants.others.len()));
    gone
}

#[test]
fn machines_tell_whose_they_are() {
    let aks = json!({"id": "/x/managedClusters/aks1", "nodeResourceGroup": "MC_g_aks1_we", "hosts": ["aks1.hcp.we.azmk8s.io"]});
    let node = |id: &str| json!({"name": "n", "providerId": id});
    let own = "azure:///subscriptions/S/resourceGroups/mc_g_aks1_we/providers/Microsoft.Compute/virtualMachineScaleSets/a/virtualMachines/0";
    let others = own.replace("aks1", "aks2");
    let server = "https://other.hcp.we.azmk8s.io:443";
    assert!(!is_set_aside(&json!([node(own)]), server, &aks), "machines count before names");
    assert!(!is_set_aside(&json!([node(&others), node(own)]), "", &aks), "one of them is its own");
    assert!(is_set_aside(&json!([node(&others)]), "", &aks));
    assert!(is_set_aside(&json!([node("kind://docker/kind/n")]), "", &aks));
    assert!(!is_set_aside(&json!([{"name": "n"}]), "", &aks), "nothing is told");
    assert!(!is_set_aside(&json!([node(&others)]), "", &json!({"id": "/x"})), "nothing was returned");
}

#[test]
fn without_machines_the_api_servers_name_tells_it() {
    let aks = json!({"id": "/x/aks1", "nodeResourceGroup": "MC", "hosts": ["aks1.hcp.we.azmk8s.io", "aks1.privatelink.we.azmk8s.io"]});
    for (server, other) in [
        ("https://aks1.hcp.we.azmk8s.io:443", false),
        ("https://AKS1.privatelink.we.azmk8s.io", false),
        ("https://aks2.hcp.we.azmk8s.io:443/path", true),
        ("https://10.0.0.4:443", false),
        ("https://k8s.contoso.example", false),
        ("", false),
    ] {
        assert_eq!(is_set_aside(&json!([]), server, &aks), other, "{server}");
    }
}
