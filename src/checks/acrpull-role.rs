//! `acrpull-role`: whether a role lets the kubelet's identity pull from the registry, by what Azure says.

use jiff::SignedDuration;

use super::registry_rules::unread;
use super::{Answer, Check, Place, View};
use crate::azure::PRINCIPAL;
use crate::case::Case;
use crate::case::azure::{Application, Assignment, Azure, Grants, Mode, Registry, TroubleKind, is_same_id};
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity,
    CauseId, CrossTenantIdentity, NodeAzureJsonIdentityMisconfigured, RoleAssignmentPropagation,
    ServicePrincipalNotInTenant,
};
use crate::report::Status;

#[path = "acrpull-role/builtin.rs"]
mod builtin;
#[path = "acrpull-role/condition.rs"]
mod condition;
#[path = "acrpull-role/effect.rs"]
mod effect;
#[path = "acrpull-role/elsewhere.rs"]
mod elsewhere;
#[path = "acrpull-role/lacks.rs"]
mod lacks;
#[path = "acrpull-role/tenant.rs"]
mod tenant;
#[path = "acrpull-role/words.rs"]
mod words;

use effect::{Effect, denied, effect};
use words::{role, told, word};

pub(crate) use elsewhere::elsewhere;

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
    of(view.case, view.case.azure.as_ref()?)
}

/// The answer for whoever pulls, by what Azure says.
pub(crate) fn of(case: &Case, azure: &Azure) -> Option<Answer> {
    let Some(registry) = &azure.registry else { return Some(unread(azure, "the registry")) };
    let other_tenant = tenant::is_other(case, azure, registry);
    let answer = of_principal(case, azure, registry, other_tenant == Some(true));
    // What needs no assignment to be known.
    let answer = match registry.mode {
        Some(Mode::Registry) => answer.refutes(AcrAbacModeLegacyRole),
        _ => answer,
    };
    Some(match other_tenant {
        Some(false) => answer.refutes(CrossTenantIdentity),
        None if tenant::is_unseen(case) => tenant::may_be_another(answer),
        _ => answer,
    })
}

/// The answer for whoever pulls, where that is known.
fn of_principal(case: &Case, azure: &Azure, registry: &Registry, other_tenant: bool) -> Answer {
    if registry.anonymous_pull == Some(true) {
        let anybody = format!("anybody may pull from {}: anonymous pull is on", registry.name);
        return refutes(Answer::new(Status::NotApplicable, anybody), ROLE);
    }
    match azure.grants.as_ref() {
        Some(grants) if grants.principal.is_some() => {
            of_grants(case, azure, (registry, grants), other_tenant)
        }
        _ if other_tenant => tenant::crossed("identity that pulls", registry),
        Some(_) => not_known(case, azure),
        None => unread(azure, "the role assignments"),
    }
}

/// The answer for an application that somebody signs in by: nobody else's roles are meant for it.
pub(crate) fn of_application(
    case: &Case,
    azure: &Azure,
    registry: &Registry,
    application: &Application,
) -> Option<Answer> {
    let grants = application.grants.clone()?;
    let grants = Grants { others: Vec::new(), others_unread: false, ..grants };
    let alone = Azure { grants: Some(grants), cluster: None, scale_sets: None, ..azure.clone() };
    let answer = of_principal(case, &alone, registry, false);
    // The operator's directory is the registry's where their tenants are one.
    let own = azure.sign_in.as_ref().and_then(|sign_in| sign_in.tenant.as_ref());
    let same = own.zip(registry.tenant.as_ref()).is_some_and(|(own, theirs)| is_same_id(own, theirs));
    let answer = if same { answer.refutes(CrossTenantIdentity) } else { answer };
    let answer = answer.refutes(ServicePrincipalNotInTenant);
    Some(match registry.mode {
        Some(Mode::Registry) => answer.refutes(AcrAbacModeLegacyRole),
        _ => answer,
    })
}

/// What Azure says as it is about the operator, where the roles that were asked for first are a cluster's.
pub(crate) fn for_operator(azure: &Azure) -> Option<Azure> {
    let grants = azure.operator.clone()?;
    Some(Azure { grants: Some(grants), operator: None, cluster: None, scale_sets: None, ..azure.clone() })
}

/// Why it is not known who pulls.
fn not_known(case: &Case, azure: &Azure) -> Answer {
    let named = case.settings.contains_key("aks");
    let why = azure.troubles.iter().find(|t| t.during.contains("cluster") || t.during.contains("principal"));
    if let Some(gone) = why.filter(|t| t.kind == TroubleKind::NotFound && t.during == PRINCIPAL) {
        let answer = Answer::fail(gone.detail.to_string());
        // Only the cluster's own directory tells it.
        let own = azure.sign_in.as_ref().and_then(|sign_in| sign_in.tenant.as_ref());
        let theirs = azure.cluster.as_ref().and_then(|cluster| cluster.tenant.as_ref());
        let same = own.zip(theirs).is_some_and(|(own, theirs)| is_same_id(own, theirs));
        return if same {
            answer.confirms(ServicePrincipalNotInTenant)
        } else {
            Answer { status: Status::Unknown, ..answer }
        };
    }
    let how = match (named, why) {
        (_, Some(trouble)) => trouble.to_string(),
        (true, None) => "the cluster does not tell it".to_owned(),
        (false, None) => "name the cluster with --aks GROUP/NAME".to_owned(),
    };
    Answer::new(Status::Unknown, format!("who pulls is not known: {how}"))
}

/// What the grants of a principal come to.
fn of_grants(
    case: &Case,
    azure: &Azure,
    (registry, grants): (&Registry, &Grants),
    other_tenant: bool,
) -> Answer {
    let repository = case.target.repository.as_deref();
    let effects: Vec<(&Assignment, Effect)> =
        grants.assignments.iter().map(|a| (a, effect(a, grants, registry, repository))).collect();
    let of = |wanted: Effect| -> Vec<&Assignment> {
        effects.iter().filter(|(_, effect)| *effect == wanted).map(|(assignment, _)| *assignment).collect()
    };
    let pulls = of(Effect::Pulls);
    let answer = match pulls.first() {
        Some(first) => lets(case, (registry, grants), first, &pulls),
        None => lacks::lacks(repository, azure, (registry, grants), &of, other_tenant),
    };
    effects.iter().fold(answer, |answer, (assignment, effect)| {
        answer.saw(told(grants, assignment), word(*effect, assignment))
    })
}

/// A role that lets it pull is there.
fn lets(
    case: &Case,
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
    let old = |a: &&&Assignment| a.created.is_none_or(|at| case.started_at.duration_since(at) >= PROPAGATION);
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
pub(crate) fn is_denied(registry: &Registry, grants: &Grants) -> bool {
    let denied = grants.denies.as_ref().and_then(|denies| denied(denies, registry));
    denied.is_some_and(|(_, certain)| certain)
}

#[cfg(test)]
#[path = "acrpull-role/tests.rs"]
mod tests;
