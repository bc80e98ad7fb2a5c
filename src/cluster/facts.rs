//! What the API server knows that a canary depends on.

use super::api::{Api, escaped};
use super::mirror::{Object, ServiceAccount, Version};
use super::nodes::{self, Listed};
use super::trouble::Fault;
use crate::case::cluster::{Trouble, TroubleKind};
use probes::foreign::Foreign;

/// A namespace of OpenShift's names the users that its pods may be.
const OWN_USERS: &str = "openshift.io/sa.scc.uid-range";

/// Facts; what could not be had is a trouble.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// `None` where they may not be listed.
    pub(super) nodes: Option<Vec<Listed>>,
    /// The pull secrets of the service account, by name.
    pub(super) secrets: Option<Vec<String>>,
    pub(super) own_users: bool,
    pub(super) troubles: Vec<Trouble>,
    /// Whether something that every canary needs does not exist.
    pub(super) in_vain: bool,
}

/// Where a namespace is.
pub(super) fn namespace_path(namespace: &str) -> String {
    format!("/api/v1/namespaces/{}", escaped(namespace))
}

/// Where a service account is.
pub(super) fn account_path(namespace: &str, account: &str) -> String {
    format!("{}/serviceaccounts/{}", namespace_path(namespace), escaped(account))
}

pub(super) async fn version(api: &Api) -> Result<Foreign, Fault> {
    api.read::<Version>("/version").await.map(|version| Foreign::new(&version.git_version))
}

pub(super) async fn facts(api: &Api, namespace: &str, service_account: &str, image: &str) -> Facts {
    let (space, account) = (namespace_path(namespace), account_path(namespace, service_account));
    let (listed, found, account) = tokio::join!(
        nodes::list(api, image),
        api.read::<Object>(&space),
        api.read::<ServiceAccount>(&account)
    );
    let mut facts = Facts::default();
    match listed {
        Ok((listed, more)) => {
            if more {
                facts.troubles.push(Trouble {
                    kind: TroubleKind::Answer,
                    during: "list nodes".to_owned(),
                    detail: Foreign::new(&format!("only the first {} nodes were read", listed.len())),
                });
            }
            facts.nodes = Some(listed);
        }
        Err(fault) => facts.troubles.push(fault.during("list nodes")),
    }
    match found {
        Ok(found) if found.metadata.deletion_timestamp.is_some() => {
            facts.troubles.push(Trouble {
                kind: TroubleKind::NotFound,
                during: format!("get namespace {namespace}"),
                detail: Foreign::new("it is being deleted, and takes nothing new"),
            });
            facts.in_vain = true;
        }
        Ok(found) => facts.own_users = found.metadata.annotations.contains_key(OWN_USERS),
        Err(fault) if fault.is_missing() => {
            facts.troubles.push(fault.during(format!("get namespace {namespace}")));
            facts.in_vain = true;
        }
        // Many may not read it, and need not.
        Err(fault) if fault.is_forbidden() => {}
        Err(fault) => facts.troubles.push(fault.during(format!("get namespace {namespace}"))),
    }
    match account {
        Ok(account) => {
            facts.secrets = Some(account.image_pull_secrets.into_iter().map(|secret| secret.name).collect());
        }
        Err(fault) if fault.is_missing() => {
            if !facts.in_vain {
                facts.troubles.push(fault.during(format!("get serviceaccount {service_account}")));
            }
            facts.in_vain = true;
        }
        Err(fault) if fault.is_forbidden() => {}
        Err(fault) => facts.troubles.push(fault.during(format!("get serviceaccount {service_account}"))),
    }
    facts
}
