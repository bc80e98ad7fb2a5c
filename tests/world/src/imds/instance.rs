//! What machine it is: `/metadata/instance`.

use serde_json::{Value, json};

use super::JSON;
use crate::plan::{NODE_GROUP, SCALE_SET, SUBSCRIPTION};
use crate::registry::Ask;
use crate::reply::Reply;
use crate::schema::Cloud;

const VERSIONS: [&str; 14] = [
    "2017-08-01",
    "2018-02-01",
    "2018-10-01",
    "2019-06-01",
    "2019-08-01",
    "2019-11-01",
    "2020-06-01",
    "2020-09-01",
    "2021-01-01",
    "2021-02-01",
    "2021-12-13",
    "2023-07-01",
    "2023-11-15",
    "2025-04-07",
];

/// Whether there is a version of this name.
pub(super) fn known(version: &str) -> bool {
    VERSIONS.contains(&version)
}

/// The list of versions.
pub(super) fn versions() -> String {
    json!({"apiVersions": VERSIONS}).to_string()
}

/// The answer at a place below `/metadata/instance`.
pub(super) fn answer(cloud: Cloud, place: &str, ask: &Ask) -> Reply {
    if !ask.field("api-version").is_some_and(known) {
        let newest = &VERSIONS[VERSIONS.len() - 3..];
        let words = "Bad request. api-version is invalid or was not specified in the request. For more information \
                     refer to aka.ms/azureimds";
        return Reply::status(400).body(JSON, json!({"error": words, "newest-versions": newest}).to_string());
    }
    let all = machine(cloud);
    let text = ask.field("format") == Some("text");
    match all.pointer(place.trim_end_matches('/')) {
        None => Reply::status(404).body(JSON, json!({"error": "Not found"}).to_string()),
        Some(Value::String(leaf)) if text => {
            Reply::status(200).body("text/plain; charset=utf-8", leaf.clone())
        }
        Some(Value::String(_)) => {
            let words = "Bad request. For leaf nodes the format must be text";
            Reply::status(400).body(JSON, json!({"error": words}).to_string())
        }
        Some(part) => Reply::status(200).body(JSON, part.to_string()),
    }
}

/// The machine; every leaf is text.
fn machine(cloud: Cloud) -> Value {
    let set = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{NODE_GROUP}/providers/Microsoft.Compute/\
         virtualMachineScaleSets/{SCALE_SET}"
    );
    json!({
        "compute": {
            "azEnvironment": cloud.environment(),
            "location": cloud.region(),
            "name": format!("{SCALE_SET}_0"),
            "osType": "Linux",
            "platformFaultDomain": "0",
            "platformUpdateDomain": "0",
            "provider": "Microsoft.Compute",
            "resourceGroupName": NODE_GROUP,
            "resourceId": format!("{set}/virtualMachines/0"),
            "subscriptionId": SUBSCRIPTION,
            "tags": "aks-managed-poolName:nodepool1",
            "tagsList": [{"name": "aks-managed-poolName", "value": "nodepool1"}],
            "vmId": "cccccccc-0000-4000-8000-000000000001",
            "vmScaleSetName": SCALE_SET,
            "vmSize": "Standard_D4s_v5",
            "zone": "1",
        },
        "network": {"interface": [{
            "ipv4": {
                "ipAddress": [{"privateIpAddress": "10.224.0.4", "publicIpAddress": ""}],
                "subnet": [{"address": "10.224.0.0", "prefix": "16"}],
            },
            "ipv6": {"ipAddress": []},
            "macAddress": "000D3A000001",
        }]},
    })
}
