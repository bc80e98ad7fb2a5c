//! Whether who pulls is of the registry's tenant, and what is left of an answer where who pulls was not seen.

use probes::credential::Credential;
use probes::observation::{Fact, IdentitySource};
use probes::vantage::Vantage;

use super::{Answer, ROLE};
use crate::case::Case;
use crate::case::azure::{Azure, Grants, Registry, is_same_id};
use crate::causes::{CrossTenantIdentity, RoleAssignmentPropagation};
use crate::report::{Says, Stance};

/// Whether a node pulls with a managed identity, and nothing is known of what the metadata service said of it.
pub(super) fn is_unseen(case: &Case) -> bool {
    let is_managed = |credential: &Credential| matches!(credential, Credential::NodeIdentity { .. });
    let mut seen = case.observations().map(|seen| &seen.fact);
    matches!(case.vantage(), Some(Vantage::Node(_)))
        && case.tried().iter().any(is_managed)
        && !seen.any(|fact| matches!(fact, Fact::Identity(_)))
}

/// What is said of the cluster's identity, where the node's own may be another one.
pub(super) fn may_be_another(answer: Answer) -> Answer {
    let weaker = |says: &Says| match says.stance {
        Stance::Confirms => Says { stance: Stance::Allows, ..*says },
        _ => *says,
    };
    let confirmed = answer.says.iter().any(|says| says.stance == Stance::Confirms);
    // What one identity has says nothing of another one.
    let others = |says: &&Says| {
        let of_role = ROLE.contains(&says.cause) || says.cause == RoleAssignmentPropagation;
        !(says.stance == Stance::Refutes && of_role)
    };
    let answer = Answer { says: answer.says.iter().filter(others).map(weaker).collect(), ..answer };
    if confirmed { answer.allows(&[CrossTenantIdentity]) } else { answer }
}

/// Whether a managed identity that pulls is of another tenant than the registry, where both are known.
pub(super) fn is_other(case: &Case, azure: &Azure, registry: &Registry) -> Option<bool> {
    if azure.grants.as_ref().is_some_and(Grants::is_operators) {
        let own = azure.sign_in.as_ref()?.tenant.as_ref()?;
        return Some(!is_same_id(own, registry.tenant.as_ref()?));
    }
    let cluster = azure.cluster.as_ref();
    // An application may be in several tenants.
    if cluster.is_some_and(|cluster| cluster.service_principal.is_some()) {
        return None;
    }
    // The token itself tells it best.
    let token = case.observations().find_map(|seen| match &seen.fact {
        Fact::Identity(identity) if identity.source == IdentitySource::MetadataService => {
            identity.claims.as_ref()?.tenant.as_ref()
        }
        _ => None,
    });
    // What a node was given is not known from its cluster.
    let on_node = matches!(case.vantage(), Some(Vantage::Node(_)));
    let own = token.or_else(|| cluster.filter(|_| !on_node)?.tenant.as_ref())?;
    Some(!is_same_id(own, registry.tenant.as_ref()?))
}

/// The failure of an identity that is of another tenant than the registry.
pub(super) fn crossed(who: &str, registry: &Registry) -> Answer {
    let name = &registry.name;
    Answer::fail(format!("the {who} is of another tenant than {name}, where it can have no role"))
        .confirms(CrossTenantIdentity)
}
