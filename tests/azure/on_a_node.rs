//! A node whose file says which cluster it belongs to, and as whom it pulls.

use pullcheck::judge::judge;

use crate::asking::{OPERATOR, Ran, SUBSCRIPTION, TENANT, run_line, secret};

const CHECK: &str = "pullcheck check contosoacr.azurecr.io/team/web:v1 --on-node --azure-json $DIR/azure.json \
                     --save-case $DIR/case.json";

fn on_node(world: &str, client: &str) -> Ran {
    let file = serde_json::json!({
        "cloud": "AzurePublicCloud", "tenantId": TENANT, "subscriptionId": SUBSCRIPTION,
        "resourceGroup": "MC_contoso_aks1_westeurope", "useManagedIdentityExtension": true, "userAssignedIdentityID": client,
    });
    run_line(world, &secret(), CHECK, |running| {
        running.write("azure.json", &file.to_string()).expect("a file");
        std::fs::create_dir_all(running.path("node")).expect("a folder");
    })
}

fn cause(ran: &Ran) -> Option<&'static str> {
    judge(&ran.case).verdict.cause.map(|cause| cause.as_str())
}

#[test]
fn its_cluster_is_found_by_its_group() {
    let world = format!("registry.anonymous = []\nrole = []\n{OPERATOR}");
    let ran = on_node(&world, "11111111-0000-4000-8000-000000000001");
    let cluster = ran.azure().cluster.as_ref().expect("a cluster");
    assert!(cluster.id.as_str().ends_with("/managedClusters/aks1"), "{cluster:?}");
    assert_eq!(cause(&ran), Some("AcrPullRoleMissing"), "{}", ran.stdout);
}

/// The identity that the cluster has is on the machine, so that it is the file that is wrong.
#[test]
fn an_identity_that_there_is_not_is_a_fault_of_the_file() {
    let world = format!("registry.anonymous = []\n{OPERATOR}");
    let ran = on_node(&world, "11111111-0000-4000-8000-000000000010");
    assert_eq!(cause(&ran), Some("NodeAzureJsonIdentityMisconfigured"), "{}", ran.stdout);
    let detached = "[[identity]]\nattached = false\n[[identity]]\nname = 'ops'\nkind = 'service-principal'\nsecret = \
                    's3cret-of-the-operator'";
    let ran =
        on_node(&format!("registry.anonymous = []\n{detached}"), "11111111-0000-4000-8000-000000000001");
    assert_eq!(cause(&ran), Some("KubeletIdentityDetachedFromVmss"), "{}", ran.stdout);
}
