//! What a client must know of a cloud: `/metadata/endpoints`, which asks nobody to sign in.

use serde_json::{Value, json};

use super::{Arm, found};
use crate::registry::Ask;
use crate::reply::Reply;
use crate::schema::Cloud;

impl Arm {
    /// The cloud: from 2022-09-01 on one object, before that a list.
    pub(super) fn metadata(&self, ask: &Ask, version: &str) -> Reply {
        let cloud = self.cloud(ask);
        found(&if version < "2022-09-01" { Value::from(vec![cloud]) } else { cloud })
    }

    fn cloud(&self, ask: &Ask) -> Value {
        let cloud = self.plan.cloud;
        let name = match cloud {
            Cloud::Public => "AzureCloud",
            Cloud::Usgov => "AzureUSGovernment",
            Cloud::China => "AzureChinaCloud",
        };
        // It names itself as it was reached.
        let own = match ask.host.trim_end_matches(":443") {
            "" => cloud.resource_manager(),
            host => host,
        };
        json!({
            "name": name,
            "portal": "https://portal.azure.com/",
            "authentication": {
                "loginEndpoint": format!("https://{}/", cloud.logins()[0]),
                "audiences": cloud.management_audiences().iter().rev().map(|one| format!("{one}/")).collect::<Vec<_>>(),
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "resourceManager": format!("https://{own}/"),
            "graphAudience": "https://graph.windows.net/",
            "graph": "https://graph.windows.net/",
            "microsoftGraphResourceId": format!("{}/", cloud.graph()),
            "suffixes": {"acrLoginServer": cloud.registry_suffix(), "storage": "core.windows.net"},
        })
    }
}
