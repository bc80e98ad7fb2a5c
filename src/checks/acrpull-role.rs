//! `acrpull-role`: whether a role lets the kubelet's identity pull from the registry, by what Azure says.

use jiff::SignedDuration;

use super::{Answer, Check, Place, View};
use crate::case::azure::{Assignment, Azure, Grants, ManagedCluster, Mode, Registry, is_same_id};
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity,
    CauseId, CrossTenantIdentity, RoleAssignmentPropagation,
};
use crate::report::Status;

#[path = "acrpull-role/condition.rs"]
mod condition;
#[path = "acrpull-role/effect.rs"]
mod effect;
#[path = "acrpull-role/permits.rs"]
mod permits;

use effect::{Effect, denied, effect};

/// How long a new assignment may take to count everywhere.
const PROPAGATION: SignedDuration = SignedDuration::from_mins(15);

/// What a role that lets the identity pull refutes.
const ROLE: &[CauseId] =
    &[AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, AcrAbacModeLegacyRole, AcrAbacConditionExcludesRepo];

/// The check.
pub const CHECK: Check = Check {
    id: "acrpull-role",
    title: "a role lets the kubelet's identity pull",
    explanation: "The role assignments that reach the registry, by its own scope, what is above it and by group, are read for the \
        object id that the cluster's kubelets pull with. What each role permits is read from its definition: the action pull/read, \
        or in a registry with repository permissions the data actions content/read and metadata/read, less what it takes out, and \
        as far as its condition goes for this repository. A deny assignment takes it away. A role that is minutes old may not count \
        yet. What could not be read in full leaves the answer open. A kubelet that pulls counts before all of this.",
    at: &[Place::Azure],
    per_credential: false,
    needs: &[],
    causes: &[ROLE, &[RoleAssignmentPropagation, CrossTenantIdentity]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let azure = view.case.azure.as_ref()?;
    let Some(registry) = &azure.registry else {
        return Some(super::registry_rules::unread(azure, "the registry"));
    };
    if registry.anonymous_pull == Some(true) {
        let anybody = format!("anybody may pull from {}: anonymous pull is on", registry.name);
        return Some(refutes(Answer::new(Status::NotApplicable, anybody), ROLE));
    }
    let Some(grants) = &azure.grants else {
        return Some(super::registry_rules::unread(azure, "the role assignments"));
    };
    if grants.principal.is_none() {
        let named = view.case.settings.contains_key("aks");
        let why =
            azure.troubles.iter().find(|t| t.during.contains("cluster") || t.during.contains("principal"));
        let how = match (named, why) {
            (_, Some(trouble)) => trouble.to_string(),
            (true, None) => "the cluster does not tell it".to_owned(),
            (false, None) => "name the cluster with --aks GROUP/NAME".to_owned(),
        };
        return Some(Answer::new(Status::Unknown, format!("who pulls is not known: {how}")));
    }
    let repository = view.case.target.repository.as_deref();
    let effects: Vec<(&Assignment, Effect)> =
        grants.assignments.iter().map(|a| (a, effect(a, grants, registry, repository))).collect();
    let of = |wanted: Effect| -> Vec<&Assignment> {
        effects.iter().filter(|(_, effect)| *effect == wanted).map(|(assignment, _)| *assignment).collect()
    };
    let pulls = of(Effect::Pulls);
    let answer = match pulls.first() {
        Some(first) => lets(view, azure, (registry, grants), first, &pulls),
        None => lacks(view, azure, (registry, grants), &of),
    };
    Some(effects.iter().fold(answer, |answer, (assignment, effect)| {
        answer.saw(told(grants, assignment), word(*effect, assignment))
    }))
}

/// A role that lets it pull is there.
fn lets(
    view: &View<'_>,
    azure: &Azure,
    (registry, grants): (&Registry, &Grants),
    first: &Assignment,
    pulls: &[&Assignment],
) -> Answer {
    let who = &grants.who;
    if let Some((deny, certain)) = grants.denies.as_ref().and_then(|all| denied(all, registry)) {
        let message = format!("the deny assignment '{}' takes the pull from the {who}", deny.name);
        return match certain {
            true => Answer::fail(message).allows(&[AcrPullRoleMissing]),
            false => Answer::new(Status::Unknown, format!("{message}, unless it spares it")),
        };
    }
    let old =
        |a: &&&Assignment| a.created.is_none_or(|at| view.case.started_at.duration_since(at) >= PROPAGATION);
    let same_tenant = |answer: Answer| {
        let same = azure.cluster.as_ref().and_then(|cluster| tenants(cluster, registry)) == Some(true);
        if same { refutes(answer, &[CrossTenantIdentity]) } else { answer }
    };
    let Some(settled) = pulls.iter().find(old) else {
        let since =
            format!("the {who} has {} since a few minutes, which may not count yet", role(grants, first));
        let answer = Answer::new(Status::Warn, since).allows(&[RoleAssignmentPropagation]);
        return same_tenant(if grants.denies.is_some() { refutes(answer, ROLE) } else { answer });
    };
    let denies = if grants.denies.is_none() { "; deny assignments could not be read" } else { "" };
    let answer = Answer::pass(format!("the {who} has {}{denies}", told(grants, settled)));
    let answer = if grants.denies.is_some() { refutes(answer, ROLE) } else { answer };
    // When a group got a member is not told.
    let dated = pulls.iter().any(|a| old(&a) && a.created.is_some() && grants.is_of(&a.principal));
    let answer = if dated { refutes(answer, &[RoleAssignmentPropagation]) } else { answer };
    same_tenant(answer)
}

fn refutes(answer: Answer, causes: &[CauseId]) -> Answer {
    causes.iter().fold(answer, |answer, cause| answer.refutes(*cause))
}

/// Whether cluster and registry are of one tenant, where both are known.
fn tenants(cluster: &ManagedCluster, registry: &Registry) -> Option<bool> {
    let (one, other) = (cluster.tenant.as_ref()?, registry.tenant.as_ref()?);
    Some(is_same_id(one, other))
}

/// No role lets it pull, as far as was seen.
fn lacks<'a>(
    view: &View<'_>,
    azure: &Azure,
    (registry, grants): (&Registry, &Grants),
    of: &dyn Fn(Effect) -> Vec<&'a Assignment>,
) -> Answer {
    let (who, name) = (&grants.who, &registry.name);
    if let Some(open) = of(Effect::Open).first() {
        let message = format!("whether {} lets the {who} pull cannot be told", told(grants, open));
        return Answer::new(Status::Unknown, message);
    }
    if !grants.complete {
        let why = azure.troubles.iter().find(|t| t.during.contains("role") || t.during.contains("group"));
        let why = why.map(|trouble| format!(": {trouble}")).unwrap_or_default();
        return Answer::new(
            Status::Unknown,
            format!("no role that lets the {who} pull from {name} was seen, and not all could be read{why}"),
        );
    }
    if azure.cluster.as_ref().and_then(|cluster| tenants(cluster, registry)) == Some(false) {
        return Answer::fail(format!(
            "the {who} is of another tenant than {name}, where it can have no role"
        ))
        .confirms(CrossTenantIdentity);
    }
    if let Some(other) = of(Effect::OtherRepositories).first() {
        let repository = view.case.target.repository.as_deref().unwrap_or_default();
        return Answer::fail(format!("the condition of {} leaves {repository} out", told(grants, other)))
            .confirms(AcrAbacConditionExcludesRepo);
    }
    let ignored = of(Effect::Ignored);
    if let Some(ignored) = ignored.first().filter(|_| registry.mode == Some(Mode::Repositories)) {
        return Answer::fail(format!(
            "{name} looks at repositories' permissions alone, and the {who} has {}",
            told(grants, ignored)
        ))
        .confirms(AcrAbacModeLegacyRole);
    }
    if let Some((assignment, whose)) = azure.cluster.as_ref().and_then(|c| mistaken(grants, registry, c)) {
        return Answer::fail(format!(
            "{} went to {whose}, and the {who} has no role at {name}",
            told(grants, assignment)
        ))
        .confirms(AcrPullRoleOnWrongIdentity);
    }
    let beside = ignored.first().map(|ignored| {
        format!("; {} counts only where repositories' permissions are looked at", told(grants, ignored))
    });
    let beside = beside.unwrap_or_default();
    Answer::fail(format!("no role lets the {who} pull from {name}: not at it, above it or by group{beside}"))
        .confirms(AcrPullRoleMissing)
}

/// A role that lets another identity of the same cluster pull: what was meant for the kubelet's.
fn mistaken<'a>(
    grants: &'a Grants,
    registry: &Registry,
    cluster: &ManagedCluster,
) -> Option<(&'a Assignment, &'static str)> {
    let kubelet = cluster.kubelet.as_ref();
    let known = [
        (cluster.control_plane.as_ref(), "the identity of the control plane"),
        (kubelet.and_then(|k| k.client_id.as_ref()), "the client id, which is no object id"),
        (cluster.service_principal.as_ref(), "the application's id, which is no object id"),
    ];
    let letting = |a: &&Assignment| effect(a, grants, registry, None) == Effect::Pulls;
    grants.others.iter().filter(letting).find_map(|assignment| {
        let whose =
            known.iter().find(|(id, _)| id.is_some_and(|id| is_same_id(id, &assignment.principal)))?;
        Some((assignment, whose.1))
    })
}

fn role(grants: &Grants, assignment: &Assignment) -> String {
    let known = grants.role(assignment);
    known.map_or_else(|| format!("the role {}", assignment.role), |role| role.name.to_string())
}

/// `AcrPull at /subscriptions/... by the group OID`.
fn told(grants: &Grants, assignment: &Assignment) -> String {
    let group = assignment.principal_type.as_ref().is_some_and(|kind| kind.as_str() == "Group");
    let by = if group && !grants.is_of(&assignment.principal) {
        format!(" by the group {}", assignment.principal)
    } else {
        String::new()
    };
    format!("{} at {}{by}", role(grants, assignment), assignment.scope)
}

fn word(effect: Effect, assignment: &Assignment) -> String {
    let word = match effect {
        Effect::Pulls => "lets it pull",
        Effect::Ignored => "counts for nothing in the registry's mode",
        Effect::OtherRepositories => "its condition leaves this repository out",
        Effect::Nothing => "has nothing to do with pulling",
        Effect::Open => "cannot be told",
    };
    match assignment.created {
        Some(at) => format!("{word}; made at {}", super::seen::time(at)),
        None => word.to_owned(),
    }
}

#[cfg(test)]
#[path = "acrpull-role/tests.rs"]
mod tests;
