//! The rights that a run needs, as data: one table for the questions, for a Role, and for the README.

use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;

use super::api::Api;
use super::connect::Connected;
use super::in_order;
use crate::case::cluster::Right;

/// A right, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The verb.
    pub verb: &'static str,
    /// The API group; empty for the core.
    pub group: &'static str,
    /// The resource.
    pub resource: &'static str,
    /// Whether it is of the whole cluster rather than of the namespace.
    pub cluster_wide: bool,
    /// Whether no kubelet can be asked without it.
    pub required: bool,
    /// What it is for.
    pub purpose: &'static str,
}

const fn need(verb: &'static str, group: &'static str, resource: &'static str) -> Need {
    Need { verb, group, resource, cluster_wide: false, required: true, purpose: "" }
}

impl Need {
    const fn so_that(mut self, purpose: &'static str) -> Self {
        self.purpose = purpose;
        self
    }

    const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    const fn of_the_cluster(mut self) -> Self {
        self.cluster_wide = true;
        self
    }
}

/// All that a run with a canary uses.
pub const NEEDS: [Need; 15] = [
    need("create", "batch", "jobs")
        .so_that("the owner, by which the cluster removes everything if nobody else does"),
    need("delete", "batch", "jobs").so_that("removal when the run ends"),
    need("create", "", "pods").so_that("the canaries"),
    need("get", "", "pods")
        .optional()
        .so_that("what the kubelet says in a pod's status; list events is enough"),
    need("delete", "", "pods").so_that("removal when the run ends"),
    need("list", "", "events").optional().so_that("what the kubelet says in events; get pods is enough"),
    need("watch", "", "pods").optional().so_that("the same at once instead of every second"),
    need("watch", "", "events").optional().so_that("the same at once instead of every second"),
    need("list", "", "pods").optional().so_that("to remove what an earlier run left"),
    need("list", "batch", "jobs").optional().so_that("to remove what an earlier run left"),
    need("get", "", "serviceaccounts").optional().so_that("the names of the pull secrets that come with it"),
    need("get", "", "secrets")
        .optional()
        .so_that("after a refusal, which registries the pull secrets of the pod are for"),
    need("list", "", "secrets")
        .optional()
        .so_that("after a refusal, whether another pull secret is for the registry"),
    need("get", "", "namespaces").optional().so_that("whether the namespace exists"),
    need("list", "", "nodes")
        .optional()
        .of_the_cluster()
        .so_that("one node of each class; one that the scheduler chooses without it"),
];

/// By any one of these a kubelet is heard.
const HEARS: [(&str, &str); 2] = [("get", "pods"), ("list", "events")];

/// What a run with probes uses besides, in the namespace of the probes.
pub const PROBE_NEEDS: [Need; 7] = [
    need("get", "", "pods/log")
        .optional()
        .so_that("all that a probe saw; without it what fits into a pod's status"),
    need("create", "batch", "jobs").so_that("the owner of the probes"),
    need("delete", "batch", "jobs").so_that("removal when the run ends"),
    need("create", "", "pods").so_that("the probes"),
    need("get", "", "pods").so_that("what became of a probe"),
    need("delete", "", "pods").so_that("removal when the run ends"),
    need("list", "", "events").so_that("why a probe does not start"),
];

/// Asks for every right that probes need: in the namespace of use for their logs alone, in one of their own for all.
pub(super) async fn probe_rights(connected: &Connected, of_use: &str, own: Option<&str>) -> Vec<Right> {
    match own.filter(|own| *own != of_use) {
        Some(own) => ask(&connected.api, own, &PROBE_NEEDS).await,
        None => ask(&connected.api, of_use, &PROBE_NEEDS[..1]).await,
    }
}

#[derive(Deserialize)]
struct Review {
    status: Option<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    allowed: bool,
}

/// Asks for every right that a run needs, in the table's order.
pub async fn rights(connected: &Connected, namespace: &str) -> Vec<Right> {
    ask(&connected.api, namespace, &NEEDS).await
}

/// The needs without which nothing can be asked of a kubelet, as far as they are missing.
pub fn missing(rights: &[Right]) -> Vec<&'static Need> {
    let lacks = |need: &&'static Need| {
        rights.iter().any(|right| {
            right.verb == need.verb
                && right.resource == need.resource
                && right.group == need.group
                && right.allowed == Some(false)
        })
    };
    let hears = |need: &&Need| HEARS.contains(&(need.verb, need.resource));
    let is_deaf = NEEDS.iter().filter(hears).all(|need| lacks(&need));
    NEEDS.iter().filter(|need| need.required || is_deaf && hears(need)).filter(lacks).collect()
}

/// What a role must grant: the table as rules of RBAC, those of the namespace and those of the cluster.
pub fn rules(cluster_wide: bool) -> Vec<serde_json::Value> {
    let mut rules: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for need in NEEDS.iter().filter(|need| need.cluster_wide == cluster_wide) {
        match rules.iter_mut().find(|(group, resource, _)| (*group, *resource) == (need.group, need.resource))
        {
            Some((_, _, verbs)) => verbs.push(need.verb),
            None => rules.push((need.group, need.resource, vec![need.verb])),
        }
    }
    rules
        .into_iter()
        .map(|(group, resource, verbs)| json!({ "apiGroups": [group], "resources": [resource], "verbs": verbs }))
        .collect()
}

/// Whether one right is there; `None` where nobody says.
pub(super) async fn allowed(
    api: &Api,
    namespace: &str,
    verb: &str,
    group: &str,
    resource: &str,
) -> Option<bool> {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": {
            "namespace": namespace, "verb": verb, "group": group, "resource": resource,
            "subresource": subresource,
        } },
    });
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let review: Review = api.create(path, &review).await.ok()?;
    review.status.map(|status| status.allowed)
}

async fn ask(api: &Api, namespace: &str, needs: &'static [Need]) -> Vec<Right> {
    let mut questions = JoinSet::new();
    for (index, need) in needs.iter().enumerate() {
        let (api, namespace) = (api.clone(), namespace.to_owned());
        questions.spawn(async move {
            let namespace = (!need.cluster_wide).then_some(namespace);
            let within = namespace.as_deref().unwrap_or_default();
            let allowed = allowed(&api, within, need.verb, need.group, need.resource).await;
            let right = Right {
                verb: need.verb.to_owned(),
                resource: need.resource.to_owned(),
                group: need.group.to_owned(),
                namespace,
                allowed,
            };
            (index, right)
        });
    }
    in_order(questions).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_makes_a_role() {
        let namespaced = rules(false);
        assert_eq!(
            namespaced[0],
            json!({ "apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "delete", "list"] })
        );
        assert_eq!(rules(true).len(), 1);
        let granted: usize =
            rules(false).iter().chain(&rules(true)).filter_map(|r| Some(r["verbs"].as_array()?.len())).sum();
        assert_eq!(granted, NEEDS.len());
        assert!(NEEDS.iter().all(|need| !need.purpose.is_empty()));
    }

    /// The README's table as (where, verb, resource).
    fn of_the_readme() -> Vec<(&'static str, &'static str, &'static str)> {
        const VERBS: [&str; 5] = ["create", "get", "list", "watch", "delete"];
        let mut rights = Vec::new();
        for line in include_str!("../../README.md").lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, what, at, ..] = cells.as_slice() else { continue };
            let begins = |place: &&str| at.starts_with(place);
            if !["the namespace", "the cluster", "the probes' namespace"].iter().any(begins) {
                continue;
            }
            let (mut verbs, mut begun) = (Vec::new(), false);
            for word in what.split('`').skip(1).step_by(2) {
                if VERBS.contains(&word) {
                    if begun {
                        verbs.clear();
                    }
                    begun = false;
                    verbs.push(word);
                } else {
                    begun = true;
                    rights.extend(verbs.iter().map(|verb| (*at, *verb, word)));
                }
            }
        }
        rights
    }

    #[test]
    fn the_readme_lists_what_is_needed() {
        let whole = |need: &Need| match need.group {
            "" => need.resource.to_owned(),
            group => format!("{}.{group}", need.resource),
        };
        let sorted = |mut rights: Vec<(bool, String)>| {
            rights.sort();
            rights
        };
        let readme = of_the_readme();
        let (probes, use_) = readme.iter().partition::<Vec<_>, _>(|(at, ..)| at.starts_with("the probes'"));
        let told = |rights: Vec<&(&str, &str, &str)>| {
            sorted(
                rights
                    .iter()
                    .map(|(at, verb, what)| (*at == "the cluster", format!("{verb} {what}")))
                    .collect(),
            )
        };
        let needed = |needs: &[Need]| {
            sorted(needs.iter().map(|n| (n.cluster_wide, format!("{} {}", n.verb, whole(n)))).collect())
        };
        assert_eq!(told(use_), needed(&NEEDS));
        assert_eq!(told(probes), needed(&PROBE_NEEDS));
    }

    #[test]
    fn only_a_right_that_is_denied_is_missing() {
        let right = |verb: &str, allowed| Right {
            verb: verb.to_owned(),
            resource: "pods".to_owned(),
            group: String::new(),
            namespace: Some("team".to_owned()),
            allowed,
        };
        let rights = [right("create", Some(false)), right("get", None), right("watch", Some(false))];
        let verbs = |rights: &[Right]| missing(rights).iter().map(|need| need.verb).collect::<Vec<_>>();
        assert_eq!(verbs(&rights), ["create"]);
        // Either of two is enough.
        let events = Right { resource: "events".to_owned(), ..right("list", Some(false)) };
        assert_eq!(verbs(&[right("get", Some(false))]), Vec::<&str>::new());
        assert_eq!(verbs(&[right("get", Some(false)), events]), ["get", "list"]);
    }
}
