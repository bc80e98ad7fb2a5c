//! A plan and a cleaning up in words: what is shown of them besides JSON.

use serde_json::{Value, json};

use super::plan::Plan;
use super::rights::{NEEDS, PROBE_NEEDS};
use super::sweep::Scope;
use crate::case::cluster::{Created, LeftOut, Right, Trouble};
use crate::report::API_VERSION;

/// The plan for programs: kind `Plan`.
pub fn plan_json(plan: &Plan) -> Value {
    json!({
        "apiVersion": API_VERSION,
        "kind": "Plan",
        "cluster": plan.cluster,
        "calls": plan.calls,
        "objects": plan.objects,
        "rights": plan.rights,
    })
}

/// The plan for people: who is asked, every call, every right, every object.
pub fn plan_text(plan: &Plan) -> String {
    let cluster = &plan.cluster;
    let mut lines = vec![format!(
        "nothing was created; a run would use {} (context {}), namespace {}",
        cluster.server.as_deref().unwrap_or("the cluster that it is in"),
        cluster.context.as_deref().unwrap_or("of the pod"),
        cluster.namespace
    )];
    lines.extend(cluster.troubles.iter().map(told));
    lines.extend(left_out(&cluster.left_out));
    let beyond = plan
        .beyond
        .iter()
        .map(|name| format!("not    {name}: more nodes are wanted than --max-nodes allows"));
    lines.extend(beyond);
    lines.extend(plan.calls.iter().map(|call| format!("call   {call}")));
    lines.extend(plan.rights.iter().map(|one| right(one, &cluster.namespace)));
    lines.extend(plan.objects.iter().map(|object| {
        let text = serde_saphyr::to_string(object).unwrap_or_else(|_| object.to_string());
        format!("---\n{}", text.trim_end())
    }));
    lines.join("\n") + "\n"
}

/// Nodes that no kubelet is asked on, some of them where there are many.
fn left_out(nodes: &[LeftOut]) -> Vec<String> {
    const MOST: usize = 10;
    let told = |node: &LeftOut| format!("not    {}: {}", node.name, node.why.words());
    let mut lines: Vec<String> = nodes.iter().take(MOST).map(told).collect();
    if nodes.len() > MOST {
        lines.push(format!("not    {} more nodes", nodes.len() - MOST));
    }
    lines
}

/// A right; one of another namespace than that of use is the probes'.
fn right(right: &Right, of_use: &str) -> String {
    let there = match right.allowed {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "not known",
    };
    let probes = right.namespace.as_deref().is_some_and(|name| name != of_use);
    let (first, second): (&[_], &[_]) = if probes { (&PROBE_NEEDS, &NEEDS) } else { (&NEEDS, &PROBE_NEEDS) };
    let need = first.iter().chain(second).find(|need| {
        (need.verb, need.group, need.resource) == (&*right.verb, &*right.group, &*right.resource)
    });
    let group = if right.group.is_empty() { String::new() } else { format!(".{}", right.group) };
    let optional = if need.is_some_and(|need| !need.required) { ", not needed" } else { "" };
    let purpose = need.map(|need| format!(" ({}{optional})", need.purpose)).unwrap_or_default();
    let place = right.namespace.as_ref().map_or("the cluster", String::as_str);
    format!("right  {} {}{group} in {place}: {there}{purpose}", right.verb, right.resource)
}

/// A trouble in a line.
pub fn told(trouble: &Trouble) -> String {
    format!("trouble  {trouble}")
}

/// What a cleaning up removed, a line each.
pub fn removed(scope: &Scope, objects: &[Created], troubles: &[Trouble]) -> String {
    let mut lines: Vec<String> = objects
        .iter()
        .map(|object| {
            let end = match (object.removed, object.why_left()) {
                (true, _) => "removed".to_owned(),
                (false, Some(why)) => format!("still there: {why}"),
                (false, None) => "still there".to_owned(),
            };
            format!("{} {}/{}: {end}", object.kind, object.namespace, object.name)
        })
        .collect();
    if objects.is_empty() && troubles.is_empty() {
        lines.push(match scope {
            Scope::All => "nothing of pullcheck was in any namespace".to_owned(),
            Scope::Namespace(name) => format!("nothing of pullcheck was in namespace {name}"),
        });
    }
    lines.extend(troubles.iter().map(told));
    lines.join("\n") + "\n"
}
