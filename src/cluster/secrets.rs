//! What the pull secrets of a failed pull hold: read only then, and only where they may be.
//!
//! *Invariant:* of a secret nothing is kept but its name, the registries that it is for and the names of users.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probes::credential::{Credential, Flaw};
use probes::docker_config::{DockerConfig, Entry, kubelet_logins};
use probes::foreign::Foreign;
use probes::target::Target;
use serde::Deserialize;

use super::api::{Api, escaped};
use super::mirror::{List, Meta};
use crate::case::pull::Pull;
use crate::case::secret::{Holds, PullSecret, PullSecrets};
use crate::kubelet::{Outcome, is_of_credentials, outcome};

/// How many are asked for by name.
const NAMED: usize = 8;
/// How many of a namespace are looked at for one that no pod names.
const LISTED: usize = 100;
/// The type of those that `kubectl create secret docker-registry` makes, and the older one; each has its file under a key of its
/// own (Kubernetes `pkg/apis/core/types.go`).
const FORMS: [(&str, &str); 2] =
    [("kubernetes.io/dockerconfigjson", ".dockerconfigjson"), ("kubernetes.io/dockercfg", ".dockercfg")];

/// A secret as it is sent; it has no `Debug`, since it holds passwords.
#[derive(Deserialize)]
struct Secret {
    #[serde(default)]
    metadata: Meta,
    #[serde(rename = "type", default)]
    form: String,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

/// Reads them where a pull failed of what may be a credential's; `None` where none did.
pub(super) async fn secrets(api: &Api, namespace: &str, pulls: &[Pull]) -> Option<PullSecrets> {
    let failed: Vec<&Pull> = pulls.iter().filter(|pull| is_refused(pull)).collect();
    let target = Target::parse_image(&failed.first()?.image).ok()?;
    let mut names: Vec<&String> = failed.iter().flat_map(|pull| &pull.secrets).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(NAMED);
    let mut found = PullSecrets::default();
    for name in &names {
        found.named.push(PullSecret {
            name: (*name).clone(),
            holds: one(api, namespace, name, &target, &mut found.unread).await,
        });
    }
    match api.read::<List<Secret>>(&list(namespace)).await {
        Ok(all) => {
            let fits = |secret: &&Secret| {
                !names.contains(&&secret.metadata.name)
                    && matches!(holds(secret, &target), Holds::Entry { .. })
            };
            let mut others: Vec<String> =
                all.items.iter().filter(fits).map(|secret| secret.metadata.name.clone()).collect();
            others.sort_unstable();
            // Of a longer list nothing can be said that is not in it.
            found.others = (all.metadata.next.is_empty() || !others.is_empty()).then_some(others);
        }
        Err(fault) => {
            found.unread.get_or_insert(fault.during("list secrets").detail);
        }
    }
    Some(found)
}

/// The calls that are made where a kubelet is refused, for a plan.
pub(super) fn calls(namespace: &str, names: &[String]) -> Vec<String> {
    let paths = names.iter().take(NAMED).map(|name| path(namespace, Some(name)));
    paths.chain([list(namespace)]).map(|path| format!("GET {path}, only after a refusal")).collect()
}

fn list(namespace: &str) -> String {
    let form = escaped(&format!("type={}", FORMS[0].0));
    format!("{}?fieldSelector={form}&limit={LISTED}", path(namespace, None))
}

fn is_refused(pull: &Pull) -> bool {
    match outcome(&pull.words) {
        Outcome::Failed(word) => is_of_credentials(word, &pull.image),
        _ => false,
    }
}

async fn one(api: &Api, namespace: &str, name: &str, target: &Target, unread: &mut Option<Foreign>) -> Holds {
    match api.read::<Secret>(&path(namespace, Some(name))).await {
        Ok(secret) => holds(&secret, target),
        Err(fault) if fault.is_missing() => Holds::Missing,
        Err(fault) => {
            unread.get_or_insert(fault.during("get secrets").detail);
            Holds::Unknown
        }
    }
}

fn path(namespace: &str, name: Option<&str>) -> String {
    let all = format!("/api/v1/namespaces/{}/secrets", escaped(namespace));
    name.map_or(all.clone(), |name| format!("{all}/{}", escaped(name)))
}

fn holds(secret: &Secret, target: &Target) -> Holds {
    let malformed = |why: &str| Holds::Malformed { why: Foreign::new(why) };
    let Some((_, key)) = FORMS.iter().find(|(form, _)| *form == secret.form) else {
        return malformed(&format!(
            "its type is {}, which the kubelet takes for no pull secret",
            secret.form
        ));
    };
    let encoded = secret.data.as_ref().and_then(|data| data.get(*key));
    let Some(bytes) = encoded.and_then(|text| STANDARD.decode(text).ok()) else {
        return malformed(&format!("it has nothing under {key}"));
    };
    let text = String::from_utf8_lossy(&bytes);
    match kubelet_logins(&text, key, target) {
        Ok(logins) => Holds::Entry {
            users: logins
                .iter()
                .filter_map(|login| match &login.credential {
                    Credential::DockerConfig { user, .. } => Some(Foreign::new(user)),
                    _ => None,
                })
                .collect(),
        },
        Err(Flaw::NoEntry { keys, .. }) => match DockerConfig::read(&text).map(|config| config.entry(target))
        {
            // It is for this registry, and there is nothing to present in it.
            Ok(Entry::Unusable(why)) => malformed(&why),
            _ => Holds::Others { keys },
        },
        Err(Flaw::Malformed { error, .. }) => malformed(&error),
        Err(Flaw::Helper { helper }) => malformed(&format!(
            "it leaves the credential to docker-credential-{helper}, which the kubelet does not run"
        )),
        Err(_) => Holds::Unknown,
    }
}
