//! No role lets the identity pull, as far as was seen: whether that is all, and where the role went instead.

use probes::foreign::Foreign;

use super::effect::{Effect, effect};
use super::words::told;
use super::{Answer, OTHER_ROLE, builtin, elsewhere, refutes, tenant};
use crate::azure::DEFINITIONS;
use crate::case::azure::{Assignment, Azure, Grants, Mode, Registry, is_same_id, name_in};
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity,
    CauseId, NodeAzureJsonIdentityMisconfigured, RoleAssignmentPropagation,
};
use crate::report::Status;

/// No role lets it pull, as far as was seen.
pub(super) fn lacks<'a>(
    repository: Option<&str>,
    azure: &Azure,
    (registry, grants): (&Registry, &Grants),
    of: &dyn Fn(Effect) -> Vec<&'a Assignment>,
    other_tenant: bool,
) -> Answer {
    let (who, name) = (&grants.who, &registry.name);
    if let Some(open) = of(Effect::Open).first() {
        let unread = azure.troubles.iter().find(|t| t.during == DEFINITIONS);
        let unread = unread.filter(|_| builtin::role(grants, open).is_none());
        let why = unread.map(|trouble| format!(": {trouble}")).unwrap_or_default();
        let message = format!("whether {} lets the {who} pull cannot be told{why}", told(grants, open));
        let answer = Answer::new(Status::Unknown, message);
        // Of the right kind it is, and only its condition may leave the repository out.
        let conditioned =
            open.condition.is_some() && builtin::role(grants, open).is_some() && registry.mode.is_some();
        return if conditioned {
            refutes(answer.allows(&[AcrAbacConditionExcludesRepo]), OTHER_ROLE)
        } else {
            answer
        };
    }
    if other_tenant {
        return tenant::crossed(who, registry);
    }
    if !grants.complete {
        let why = azure.troubles.iter().find(|t| t.during.contains("role") || t.during.contains("group"));
        let why = why.map(|trouble| format!(": {trouble}")).unwrap_or_default();
        return Answer::new(
            Status::Unknown,
            format!("no role that lets the {who} pull from {name} was seen, and not all could be read{why}"),
        );
    }
    if let Some(other) = of(Effect::OtherRepositories).first() {
        let repository = repository.unwrap_or_default();
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
    let pulls = |a: &&Assignment| effect(a, grants, registry, repository) == Effect::Pulls;
    let profile = azure.cluster.as_ref().and_then(|cluster| cluster.kubelet.as_ref()?.object_id.as_ref());
    if let Some(own) = profile.filter(|own| !grants.is_of(own))
        && let Some(assignment) = grants.others.iter().filter(pulls).find(|a| is_same_id(&a.principal, own))
    {
        return Answer::fail(format!(
            "{} is the cluster's kubelet identity's, and the node pulls with another one, which has no role at {name}",
            told(grants, assignment)
        ))
        .confirms(NodeAzureJsonIdentityMisconfigured);
    }
    if let Some((assignment, whose)) = mistaken(grants, registry, azure, (Effect::Pulls, repository)) {
        return Answer::fail(format!(
            "{} went to {whose}, and the {who} has no role at {name}",
            told(grants, assignment)
        ))
        .confirms(AcrPullRoleOnWrongIdentity);
    }
    if let Some((assignment, whose)) = mistaken(grants, registry, azure, (Effect::Open, repository)) {
        return either(format!(
            "no role lets the {who} pull from {name}; whether {} of {whose} was meant for it cannot be told",
            told(grants, assignment)
        ));
    }
    // Of an operator nobody else's role was meant for them.
    let placed = grants.is_operators() || azure.cluster.is_some() && azure.scale_sets.is_some();
    let may_pull = |a: &&Assignment| {
        matches!(effect(a, grants, registry, repository), Effect::Pulls | Effect::Open)
            && a.principal_type.as_ref().is_none_or(|kind| kind.as_str() != "User")
    };
    if !placed && grants.others.iter().any(|a| may_pull(&a)) {
        let without = if azure.cluster.is_none() { "the cluster" } else { "the identities on its nodes" };
        return either(format!(
            "no role lets the {who} pull from {name}; whether those of others were meant for it cannot be told without {without}"
        ));
    }
    if grants.others_unread && !grants.is_operators() {
        return either(format!(
            "no role lets the {who} pull from {name}; whether one went to another identity was not read in full"
        ));
    }
    let beside = ignored.first().map(|ignored| {
        format!("; {} counts only where repositories' permissions are looked at", told(grants, ignored))
    });
    let beside = beside.unwrap_or_default();
    let answer = Answer::fail(format!(
        "no role lets the {who} pull from {name}: not at it, above it or by group{beside}{}",
        elsewhere::words(azure)
    ))
    .confirms(AcrPullRoleMissing);
    elsewhere::elsewhere(azure).iter().fold(answer, |answer, other| {
        answer.saw(format!("list the role assignments of the {who}"), other.told.clone())
    })
}

/// No role is there, and whether another identity has the one that was meant is open.
fn either(message: String) -> Answer {
    const NONE: &[CauseId] =
        &[AcrAbacModeLegacyRole, AcrAbacConditionExcludesRepo, RoleAssignmentPropagation];
    refutes(Answer::fail(message).allows(&[AcrPullRoleMissing, AcrPullRoleOnWrongIdentity]), NONE)
}

/// Another identity of the same cluster, or another id of the same application, with a role that lets it pull, or that may: what was meant for the kubelet's.
fn mistaken<'a>(
    grants: &'a Grants,
    registry: &Registry,
    azure: &Azure,
    (wanted, repository): (Effect, Option<&str>),
) -> Option<(&'a Assignment, String)> {
    const APPLICATION: &str = "the application's id, which is no object id";
    let cluster = azure.cluster.as_ref().filter(|_| !grants.is_operators());
    let kubelet = cluster.and_then(|cluster| cluster.kubelet.as_ref());
    let operator = azure.sign_in.as_ref().filter(|_| grants.is_operators());
    let known = [
        (cluster.and_then(|c| c.control_plane.as_ref()), "the identity of the control plane"),
        (kubelet.and_then(|k| k.client_id.as_ref()), "the client id, which is no object id"),
        (cluster.and_then(|c| c.service_principal.as_ref()), APPLICATION),
        (operator.map(|operator| &operator.who), APPLICATION),
    ];
    let known = known.into_iter().filter_map(|(id, whose)| Some((id?, whose.to_owned())));
    // Those of addons, and what an earlier kubelet had.
    let sets = azure
        .scale_sets
        .iter()
        .filter(|_| cluster.is_some())
        .flatten()
        .flat_map(|set| set.objects.iter().flatten());
    let beside = sets.map(|(id, object)| {
        (object, format!("the identity {}, which the nodes have as well", name_in(id.as_str())))
    });
    let known: Vec<(&Foreign, String)> = known.chain(beside).filter(|(id, _)| !grants.is_of(id)).collect();
    let letting = |a: &&Assignment| effect(a, grants, registry, repository) == wanted;
    grants.others.iter().filter(letting).find_map(|assignment| {
        let (_, whose) = known.iter().find(|(id, _)| is_same_id(id, &assignment.principal))?;
        Some((assignment, whose.clone()))
    })
}
