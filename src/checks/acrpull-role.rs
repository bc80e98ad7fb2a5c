//! `acrpull-role`: whether a role lets the kubelet's identity pull from the registry, by what Azure says.

use jiff::SignedDuration;
use probes::credential::Credential;
use probes::foreign::Foreign;
use probes::observation::{Fact, IdentitySource};
use probes::vantage::Vantage;

use super::registry_user::last_of;
use super::{Answer, Check, Place, View};
use crate::azure::PRINCIPAL;
use crate::case::azure::{Assignment, Azure, Grants, Mode, Registry, TroubleKind, is_same_id};
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity,
    CauseId, CrossTenantIdentity, NodeAzureJsonIdentityMisconfigured, RoleAssignmentPropagation,
    ServicePrincipalNotInTenant,
};
use crate::report::{Says, Stance, Status};

#[path = "acrpull-role/builtin.rs"]
mod builtin;
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

/// What a role of the right kind refutes even where a denial takes it.
const OTHER_ROLE: &[CauseId] = &[AcrPullRoleOnWrongIdentity, AcrAbacModeLegacyRole];

/// The check.
pub const CHECK: Check = Check {
    id: "acrpull-role",
    title: "a role lets the kubelet's identity pull",
    explanation: "The role assignments that reach the registry, by its own scope, what is above it and by group, are read for the \
        object id that the cluster's kubelets pull with. What each role permits is read from its definition: the action pull/read, \
        or in a registry with repository permissions the data actions content/read and metadata/read, less what it takes out, and \
        as far as its condition goes for this repository. Where no cluster and no node is asked about, it is the operator's object id. A deny assignment takes it away. A role that is minutes old may not count \
        yet. What could not be read in full leaves the answer open. A kubelet that pulls counts before all of this.",
    at: &[Place::Azure],
    per_credential: false,
    needs: &[],
    causes: &[
        ROLE,
        &[
            RoleAssignmentPropagation,
            CrossTenantIdentity,
            NodeAzureJsonIdentityMisconfigured,
            ServicePrincipalNotInTenant,
        ],
    ],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let azure = view.case.azure.as_ref()?;
    let Some(registry) = &azure.registry else {
        return Some(super::registry_rules::unread(azure, "the registry"));
    };
    let answer = roles(view, azure, registry)?;
    // What needs no assignment to be known.
    let answer = match registry.mode {
        Some(Mode::Registry) => answer.refutes(AcrAbacModeLegacyRole),
        _ => answer,
    };
    Some(match of_other_tenant(view, azure, registry) {
        Some(false) => answer.refutes(CrossTenantIdentity),
        None if is_unseen(view) => may_be_another(answer),
        _ => answer,
    })
}

/// Whether a node pulls with a managed identity, and nothing is known of what the metadata service said of it.
fn is_unseen(view: &View<'_>) -> bool {
    let is_managed = |credential: &Credential| matches!(credential, Credential::NodeIdentity { .. });
    let mut seen = view.case.observations().map(|seen| &seen.fact);
    matches!(view.case.vantage(), Some(Vantage::Node(_)))
        && view.case.tried().iter().any(is_managed)
        && !seen.any(|fact| matches!(fact, Fact::Identity(_)))
}

/// What is said of the cluster's identity, where the node's own may be another one.
fn may_be_another(answer: Answer) -> Answer {
    let weaker = |says: &Says| match says.stance {
        Stance::Confirms => Says { stance: Stance::Allows, ..*says },
        _ => *says,
    };
    let confirmed = answer.says.iter().any(|says| says.stance == Stance::Confirms);
    let answer = Answer { says: answer.says.iter().map(weaker).collect(), ..answer };
    if confirmed { answer.allows(&[CrossTenantIdentity]) } else { answer }
}

/// Whether a managed identity that pulls is of another tenant than the registry, where both are known.
fn of_other_tenant(view: &View<'_>, azure: &Azure, registry: &Registry) -> Option<bool> {
    let cluster = azure.cluster.as_ref();
    // An application may be in several tenants.
    if cluster.is_some_and(|cluster| cluster.service_principal.is_some()) {
        return None;
    }
    // The token itself tells it best.
    let token = view.case.observations().find_map(|seen| match &seen.fact {
        Fact::Identity(identity) if identity.source == IdentitySource::MetadataService => {
            identity.claims.as_ref()?.tenant.as_ref()
        }
        _ => None,
    });
    if azure.grants.as_ref().is_some_and(Grants::is_operators) {
        let own = azure.sign_in.as_ref()?.tenant.as_ref()?;
        return Some(!is_same_id(own, registry.tenant.as_ref()?));
    }
    // What a node was given is not known from its cluster.
    let on_node = matches!(view.case.vantage(), Some(Vantage::Node(_)));
    let own = token.or_else(|| cluster.filter(|_| !on_node)?.tenant.as_ref())?;
    Some(!is_same_id(own, registry.tenant.as_ref()?))
}

fn roles(view: &View<'_>, azure: &Azure, registry: &Registry) -> Option<Answer> {
    if registry.anonymous_pull == Some(true) {
        let anybody = format!("anybody may pull from {}: anonymous pull is on", registry.name);
        return Some(refutes(Answer::new(Status::NotApplicable, anybody), ROLE));
    }
    let other_tenant = of_other_tenant(view, azure, registry) == Some(true);
    let Some(grants) = &azure.grants.as_ref().filter(|grants| grants.principal.is_some() || !other_tenant)
    else {
        if other_tenant {
            return Some(cross_tenant("identity that pulls", registry));
        }
        return Some(super::registry_rules::unread(azure, "the role assignments"));
    };
    if grants.principal.is_none() {
        let named = view.case.settings.contains_key("aks");
        let why =
            azure.troubles.iter().find(|t| t.during.contains("cluster") || t.during.contains("principal"));
        if let Some(gone) = why.filter(|t| t.kind == TroubleKind::NotFound && t.during == PRINCIPAL) {
            let answer = Answer::fail(gone.detail.to_string());
            // Only the cluster's own directory tells it.
            let own = azure.sign_in.as_ref().and_then(|sign_in| sign_in.tenant.as_ref());
            let theirs = azure.cluster.as_ref().and_then(|cluster| cluster.tenant.as_ref());
            let same = own.zip(theirs).is_some_and(|(own, theirs)| is_same_id(own, theirs));
            return Some(if same {
                answer.confirms(ServicePrincipalNotInTenant)
            } else {
                Answer { status: Status::Unknown, ..answer }
            });
        }
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
        Some(first) => lets(view, (registry, grants), first, &pulls),
        None => lacks(view, azure, (registry, grants), &of),
    };
    Some(effects.iter().fold(answer, |answer, (assignment, effect)| {
        answer.saw(told(grants, assignment), word(*effect, assignment))
    }))
}

/// A role that lets it pull is there.
fn lets(
    view: &View<'_>,
    (registry, grants): (&Registry, &Grants),
    first: &Assignment,
    pulls: &[&Assignment],
) -> Answer {
    let who = &grants.who;
    if let Some((deny, certain)) = grants.denies.as_ref().and_then(|all| denied(all, registry)) {
        let message = format!("the deny assignment '{}' takes the pull from the {who}", deny.name);
        return match certain {
            // A role is there, of the right kind and old enough: it is of no use, and none more would be.
            true => refutes(Answer::fail(message).confirms(AcrPullRoleMissing), OTHER_ROLE),
            false => Answer::new(Status::Unknown, format!("{message}, unless it spares it")),
        };
    }
    let refuted = if grants.denies.is_some() { ROLE } else { OTHER_ROLE };
    let old =
        |a: &&&Assignment| a.created.is_none_or(|at| view.case.started_at.duration_since(at) >= PROPAGATION);
    let Some(settled) = pulls.iter().find(old) else {
        let since =
            format!("the {who} has {} since a few minutes, which may not count yet", role(grants, first));
        let answer = Answer::new(Status::Warn, since).allows(&[RoleAssignmentPropagation]);
        return refutes(answer, refuted);
    };
    let denies = if grants.denies.is_none() { "; deny assignments could not be read" } else { "" };
    let answer = Answer::pass(format!("the {who} has {}{denies}", told(grants, settled)));
    let answer = refutes(answer, refuted);
    // When a group got a member is not told.
    let dated = pulls.iter().any(|a| old(&a) && a.created.is_some() && grants.is_of(&a.principal));
    if dated { refutes(answer, &[RoleAssignmentPropagation]) } else { answer }
}

fn refutes(answer: Answer, causes: &[CauseId]) -> Answer {
    causes.iter().fold(answer, |answer, cause| answer.refutes(*cause))
}

/// Whether a deny assignment certainly takes the pull.
pub(crate) fn is_denied(azure: &Azure) -> bool {
    let denies = azure.grants.as_ref().and_then(|grants| grants.denies.as_ref());
    let denied = denies.zip(azure.registry.as_ref()).and_then(|(denies, registry)| denied(denies, registry));
    denied.is_some_and(|(_, certain)| certain)
}

fn cross_tenant(who: &str, registry: &Registry) -> Answer {
    let name = &registry.name;
    Answer::fail(format!("the {who} is of another tenant than {name}, where it can have no role"))
        .confirms(CrossTenantIdentity)
}

/// No role lets it pull, as far as was seen.
fn lacks<'a>(
    view: &View<'_>,
    azure: &Azure,
    (registry, grants): (&Registry, &Grants),
    of: &dyn Fn(Effect) -> Vec<&'a Assignment>,
) -> Answer {
    let (who, name) = (&grants.who, &registry.name);
    let repository = view.case.target.repository.as_deref();
    if let Some(open) = of(Effect::Open).first() {
        let message = format!("whether {} lets the {who} pull cannot be told", told(grants, open));
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
    if of_other_tenant(view, azure, registry) == Some(true) {
        return cross_tenant(who, registry);
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
        return Answer::fail(format!(
            "no role lets the {who} pull from {name}; whether {} of {whose} was meant for it cannot be told",
            told(grants, assignment)
        ))
        .allows(&[AcrPullRoleMissing, AcrPullRoleOnWrongIdentity]);
    }
    // Of an operator nobody else's role was meant for them.
    let placed = azure.cluster.is_some() || grants.is_operators();
    let unplaced = |a: &&Assignment| a.principal_type.as_ref().is_none_or(|kind| kind.as_str() != "User");
    if !placed && grants.others.iter().filter(pulls).any(|a| unplaced(&a)) {
        return Answer::fail(format!(
            "no role lets the {who} pull from {name}; whether those of others were meant for it cannot be told without the cluster"
        ))
        .allows(&[AcrPullRoleMissing, AcrPullRoleOnWrongIdentity]);
    }
    let beside = ignored.first().map(|ignored| {
        format!("; {} counts only where repositories' permissions are looked at", told(grants, ignored))
    });
    let beside = beside.unwrap_or_default();
    Answer::fail(format!("no role lets the {who} pull from {name}: not at it, above it or by group{beside}"))
        .confirms(AcrPullRoleMissing)
}

/// Another identity of the same cluster with a role that lets it pull, or that may: what was meant for the kubelet's.
fn mistaken<'a>(
    grants: &'a Grants,
    registry: &Registry,
    azure: &Azure,
    (wanted, repository): (Effect, Option<&str>),
) -> Option<(&'a Assignment, String)> {
    let cluster = azure.cluster.as_ref()?;
    let kubelet = cluster.kubelet.as_ref();
    let known = [
        (cluster.control_plane.as_ref(), "the identity of the control plane"),
        (kubelet.and_then(|k| k.client_id.as_ref()), "the client id, which is no object id"),
        (cluster.service_principal.as_ref(), "the application's id, which is no object id"),
    ];
    let known = known.into_iter().filter_map(|(id, whose)| Some((id?, whose.to_owned())));
    // Those of addons, and what an earlier kubelet had.
    let sets = azure.scale_sets.iter().flatten().flat_map(|set| set.objects.iter().flatten());
    let beside = sets.map(|(id, object)| {
        (object, format!("the identity {}, which the nodes have as well", last_of(id.as_str())))
    });
    let known: Vec<(&Foreign, String)> = known.chain(beside).filter(|(id, _)| !grants.is_of(id)).collect();
    let letting = |a: &&Assignment| effect(a, grants, registry, repository) == wanted;
    grants.others.iter().filter(letting).find_map(|assignment| {
        let (_, whose) = known.iter().find(|(id, _)| is_same_id(id, &assignment.principal))?;
        Some((assignment, whose.clone()))
    })
}

fn role(grants: &Grants, assignment: &Assignment) -> String {
    let known = builtin::role(grants, assignment);
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
