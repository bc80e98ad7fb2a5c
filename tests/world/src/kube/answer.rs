//! A request becomes a reply, computed from the store and the rules.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::rules::{admit, allows, forbidden, status};
use super::store::{Change, text};
use super::{Kube, TOKEN, kubelet};

/// A request that was read.
pub(super) struct Ask {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) token: Option<String>,
    pub(super) body: Vec<u8>,
}

/// What is answered.
pub(super) enum Reply {
    /// An object.
    Json(u16, Value),
    /// 429, and a second to wait.
    Throttled(Value),
    /// A page of somebody in between.
    Page(u16, &'static str),
    /// The log of a pod, by its uid; as it comes, or as it is.
    Log { uid: String, follow: bool },
    /// Changes as they come.
    Watch(Watch),
}

/// What is watched.
pub(super) struct Watch {
    pub(super) since: u64,
    resource: Resource,
    selectors: Vec<(String, String)>,
}

impl Watch {
    /// The line of a change, if it is watched.
    pub(super) fn line(&self, change: &Change) -> Option<String> {
        let selected = change.kind == self.resource.kind
            && within(&change.object, &self.resource.namespace)
            && selected(&change.object, &self.selectors);
        selected.then(|| format!("{}\n", json!({ "type": change.how, "object": change.object })))
    }
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Resource {
    group: &'static str,
    resource: &'static str,
    kind: &'static str,
    namespace: String,
    name: String,
}

const KINDS: [(&str, &str, &str); 8] = [
    ("/api/v1", "pods", "Pod"),
    ("/api/v1", "events", "Event"),
    ("/api/v1", "nodes", "Node"),
    ("/api/v1", "serviceaccounts", "ServiceAccount"),
    ("/api/v1", "secrets", "Secret"),
    ("/api/v1", "namespaces", "Namespace"),
    ("/apis/batch/v1", "jobs", "Job"),
    ("/apis/authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
];

fn resource(path: &str) -> Option<Resource> {
    let of = |base: &str, part: &str| {
        KINDS.iter().find(|(known, resource, _)| *known == base && *resource == part).copied()
    };
    let base = KINDS
        .iter()
        .map(|(base, _, _)| *base)
        .find(|base| path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/')))?;
    let parts: Vec<&str> = path.strip_prefix(base)?.trim_start_matches('/').split('/').collect();
    let (namespace, found, name) = match parts.as_slice() {
        ["namespaces", namespace, part] => (*namespace, of(base, part)?, ""),
        ["namespaces", namespace, part, name] => (*namespace, of(base, part)?, *name),
        ["namespaces", namespace, "pods", name, "log"] => (*namespace, ("", "pods/log", "Pod"), *name),
        [part] => ("", of(base, part)?, ""),
        [part, name] => ("", of(base, part)?, *name),
        _ => return None,
    };
    let group = match base {
        "/apis/batch/v1" => "batch",
        "/apis/authorization.k8s.io/v1" => "authorization.k8s.io",
        _ => "",
    };
    let (namespace, name) = (namespace.to_owned(), name.to_owned());
    Some(Resource { group, resource: found.1, kind: found.2, namespace, name })
}

impl Kube {
    pub(super) fn answer(self: &Arc<Self>, ask: &Ask) -> Reply {
        if self.spec.down {
            return Reply::Page(503, "<html><body>Service Unavailable</body></html>");
        }
        let left =
            self.throttled.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() {
            return Reply::Throttled(status(
                429,
                "TooManyRequests",
                "too many requests, please try again later",
            ));
        }
        if self.spec.token_expired || ask.token.as_deref() != Some(TOKEN) {
            return Reply::Json(401, status(401, "Unauthorized", "Unauthorized"));
        }
        if ask.path == "/version" {
            return Reply::Json(200, json!({ "gitVersion": self.spec.version, "platform": "linux/amd64" }));
        }
        let Some(resource) = resource(&ask.path) else {
            return Reply::Json(
                404,
                status(404, "NotFound", "the server could not find the requested resource"),
            );
        };
        if resource.resource == "selfsubjectaccessreviews" {
            return self.review(&ask.body);
        }
        let watch = query(ask, "watch").is_some();
        let verb = match (ask.method.as_str(), resource.name.is_empty(), watch) {
            ("POST", ..) => "create",
            ("DELETE", ..) => "delete",
            (_, true, true) => "watch",
            (_, true, false) => "list",
            _ => "get",
        };
        if !allows(&self.spec, verb, resource.resource, resource.group) {
            let body = forbidden(verb, resource.resource, resource.group, &resource.namespace);
            return Reply::Json(403, body);
        }
        match verb {
            "create" => self.create(&resource, &ask.body),
            "delete" => match self.store.remove(resource.kind, &resource.namespace, &resource.name) {
                Some(_) => {
                    Reply::Json(200, json!({ "kind": "Status", "apiVersion": "v1", "status": "Success" }))
                }
                None => missing(&resource),
            },
            "watch" => Reply::Watch(Watch {
                since: query(ask, "resourceVersion")
                    .and_then(|version| version.parse().ok())
                    .unwrap_or_default(),
                selectors: selectors(ask),
                resource,
            }),
            "list" => self.list(&resource, ask),
            _ => match self.store.find(resource.kind, &resource.namespace, &resource.name) {
                Some(pod) if resource.resource == "pods/log" => Reply::Log {
                    uid: text(&pod["metadata"]["uid"]).to_owned(),
                    follow: query(ask, "follow") == Some("true"),
                },
                Some(object) => Reply::Json(200, object),
                None => missing(&resource),
            },
        }
    }

    fn create(self: &Arc<Self>, resource: &Resource, body: &[u8]) -> Reply {
        if !self.spec.namespaces.contains(&resource.namespace) {
            let message = format!("namespaces \"{}\" not found", resource.namespace);
            return Reply::Json(404, status(404, "NotFound", &message));
        }
        let Ok(mut object) = serde_json::from_slice::<Value>(body) else {
            return Reply::Json(400, status(400, "BadRequest", "the object provided is unrecognized"));
        };
        object["metadata"]["namespace"] = json!(resource.namespace);
        let name = text(&object["metadata"]["name"]).to_owned();
        if self.store.find(resource.kind, &resource.namespace, &name).is_some() {
            let message = format!("{} \"{name}\" already exists", resource.resource);
            return Reply::Json(409, status(409, "AlreadyExists", &message));
        }
        if let Err(refusal) = admit(&self.spec, &self.store, &mut object) {
            let code = refusal["code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(403);
            return Reply::Json(code, refusal);
        }
        if resource.kind == "Pod" {
            object["status"] = json!({ "phase": "Pending" });
        }
        let made = self.store.put(object, None);
        if resource.kind == "Pod" {
            kubelet::take(self, &made);
        }
        Reply::Json(201, made)
    }

    fn list(&self, resource: &Resource, ask: &Ask) -> Reply {
        let selectors = selectors(ask);
        let all = self.store.all(resource.kind).into_iter();
        let fitting: Vec<Value> = all
            .filter(|object| within(object, &resource.namespace) && selected(object, &selectors))
            .collect();
        let limit = query(ask, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
        let from: usize = query(ask, "continue").and_then(|at| at.parse().ok()).unwrap_or_default();
        let total = fitting.len();
        let page: Vec<Value> = fitting.into_iter().skip(from).take(limit).collect();
        let end = from + page.len();
        let mut meta = json!({ "resourceVersion": self.store.version().to_string() });
        if end < total {
            meta["continue"] = json!(end.to_string());
        }
        let kind = format!("{}List", resource.kind);
        Reply::Json(200, json!({ "kind": kind, "apiVersion": "v1", "metadata": meta, "items": page }))
    }

    fn review(&self, body: &[u8]) -> Reply {
        let review: Value = serde_json::from_slice(body).unwrap_or_default();
        let asked = &review["spec"]["resourceAttributes"];
        let whole = [text(&asked["resource"]), text(&asked["subresource"])].join("/");
        let resource = whole.trim_end_matches('/');
        let allowed = allows(&self.spec, text(&asked["verb"]), resource, text(&asked["group"]));
        Reply::Json(
            201,
            json!({
                "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
                "status": { "allowed": allowed },
            }),
        )
    }
}

fn missing(resource: &Resource) -> Reply {
    let message = format!("{} \"{}\" not found", resource.resource, resource.name);
    Reply::Json(404, status(404, "NotFound", &message))
}

fn query<'a>(ask: &'a Ask, name: &str) -> Option<&'a str> {
    ask.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// What field and label selectors ask for, as `path` and value; a label alone has no value.
fn selectors(ask: &Ask) -> Vec<(String, String)> {
    let mut selectors = Vec::new();
    for (name, prefix) in [("fieldSelector", ""), ("labelSelector", "label:")] {
        for one in query(ask, name).unwrap_or_default().split(',').filter(|one| !one.is_empty()) {
            let (path, value) = one.split_once('=').unwrap_or((one, ""));
            selectors.push((format!("{prefix}{path}"), value.to_owned()));
        }
    }
    selectors
}

fn selected(object: &Value, selectors: &[(String, String)]) -> bool {
    selectors.iter().all(|(path, value)| match path.strip_prefix("label:") {
        Some(label) => {
            object["metadata"]["labels"].get(label).is_some_and(|l| value.is_empty() || l == value)
        }
        None => {
            let found = path.split('.').fold(object, |at, part| &at[part]);
            text(found) == value
        }
    })
}

fn within(object: &Value, namespace: &str) -> bool {
    namespace.is_empty() || text(&object["metadata"]["namespace"]) == namespace
}
