//! `registry-rules`: what the registry's own settings admit, by what Azure says.

use std::net::IpAddr;

use probes::facts::dns::is_private;
use probes::foreign::Foreign;

use super::{Answer, Check, Place, View};
use crate::case::azure::{Azure, Mode, Registry, is_same_id};
use crate::causes::{
    AcrAuthAsArmDisabled, AcrCmkKeyUnavailable, AcrIpNotAllowed, AcrPublicAccessDisabled, AcrQuarantine,
    AcrVnetRuleMissing, CauseId,
};
use crate::report::{Says, Stance, Status};

/// The check.
pub const CHECK: Check = Check {
    id: "registry-rules",
    title: "the registry's settings admit the pull",
    explanation: "Public access, the rules for addresses and subnets, quarantine, the customer's key and the audience that tokens \
        may have are read from the registry. What no setting forbids is refuted as a cause; what one forbids counts where a pull \
        was refused, since only whoever was refused knows the address that it comes from. A registry without public access and \
        without an approved private endpoint can be reached by nobody.",
    at: &[Place::Azure],
    per_credential: false,
    needs: &[],
    causes: &[&[
        AcrIpNotAllowed,
        AcrPublicAccessDisabled,
        AcrVnetRuleMissing,
        AcrQuarantine,
        AcrCmkKeyUnavailable,
        AcrAuthAsArmDisabled,
    ]],
    judge,
};

/// Why something of Azure was not read.
pub(super) fn unread(azure: &Azure, what: &str) -> Answer {
    let last = what.rsplit(' ').next().unwrap_or(what);
    let own = azure.troubles.iter().find(|trouble| trouble.during.contains(last));
    let why = own.or_else(|| azure.troubles.first()).map(|trouble| format!(": {trouble}"));
    Answer::new(Status::Unknown, format!("{what} could not be read{}", why.unwrap_or_default()))
}

fn judge(view: &View<'_>) -> Option<Answer> {
    let azure = view.case.azure.as_ref()?;
    let Some(registry) = &azure.registry else { return Some(unread(azure, "the registry")) };
    let name = &registry.name;
    let settled = registry.provisioning_state.as_ref().is_none_or(|state| state.as_str() == "Succeeded");
    let approved = approved(registry);
    let egress: Vec<IpAddr> = azure
        .cluster
        .iter()
        .filter_map(|cluster| cluster.egress.as_ref())
        .flatten()
        .filter_map(|address| address.as_str().parse().ok())
        .collect();
    let shut = egress.iter().find(|address| admits(registry, **address) == Some(false));
    let answer = if registry.public_access == Some(false) && approved == Some(0) {
        Answer::fail(format!(
            "{name} has no public access and no approved private endpoint: nobody can reach it"
        ))
        .confirms(AcrPublicAccessDisabled)
    } else if !settled {
        let state = registry.provisioning_state.as_ref().map_or("", |state| state.as_str());
        Answer::new(Status::Warn, format!("{name} is in the state {state}"))
    } else if registry.public_access == Some(false) {
        Answer::pass(format!("{name} is reached by private endpoints alone"))
    } else if let Some(address) = shut {
        Answer::new(
            Status::Warn,
            format!("the rules of {name} do not admit {address}, by which the nodes go out"),
        )
        .allows(&[AcrIpNotAllowed])
    } else {
        match registry.default_allow {
            Some(true) => Answer::pass(format!("{name} admits every network")),
            Some(false) => Answer::pass(format!("{name} admits the networks that it lists")),
            // Only the largest tier has rules.
            None if registry.public_access == Some(true) => Answer::pass(format!("{name} has public access")),
            None => Answer::new(Status::Unknown, format!("the network rules of {name} were not returned")),
        }
    };
    let answer = match registry.quarantine {
        Some(false) => answer.refutes(AcrQuarantine),
        Some(true) => answer.allows(&[AcrQuarantine]),
        None => answer,
    };
    let answer = match registry.customer_key {
        Some(false) => answer.refutes(AcrCmkKeyUnavailable),
        Some(true) => answer.allows(&[AcrCmkKeyUnavailable]),
        None => answer,
    };
    let answer = match registry.arm_audience {
        Some(true) => answer.refutes(AcrAuthAsArmDisabled),
        Some(false) => answer.allows(&[AcrAuthAsArmDisabled]),
        None => answer,
    };
    let answer = Answer { says: [answer.says.clone(), everywhere(registry)].concat(), ..answer };
    Some(
        settings(registry)
            .into_iter()
            .fold(answer, |answer, (field, value)| answer.saw(format!("read {field} of {name}"), value)),
    )
}

/// What the rules say to whomever they refuse.
fn everywhere(registry: &Registry) -> Vec<Says> {
    if registry.public_access == Some(true) && registry.default_allow == Some(true) {
        return [AcrIpNotAllowed, AcrPublicAccessDisabled, AcrVnetRuleMissing].map(refuted).to_vec();
    }
    match registry.public_access {
        Some(true) => vec![refuted(AcrPublicAccessDisabled)],
        // Rules have no effect then.
        Some(false) => [AcrIpNotAllowed, AcrVnetRuleMissing].map(refuted).to_vec(),
        None => Vec::new(),
    }
}

/// What the rules say of a refusal of this address, beyond what they say of every one; `None` where they let it in, and so do
/// not say why it was refused.
pub(crate) fn of_refused(
    registry: &Registry,
    subnets: Option<&[Foreign]>,
    address: IpAddr,
) -> Option<Vec<Says>> {
    let confirmed = |cause: CauseId| Says { cause, stance: Stance::Confirms };
    // With a private endpoint it may be the way there that is missing, and not the rule.
    let only_rules = approved(registry) == Some(0);
    Some(match (registry.public_access, is_private(&address)) {
        (Some(false), false) if only_rules => vec![confirmed(AcrPublicAccessDisabled)],
        // A subnet that is listed may be the one.
        (Some(true), true)
            if only_rules
                && registry.default_allow == Some(false)
                && registry.subnet_rules.as_ref().is_some_and(|rules| lacks(rules, subnets)) =>
        {
            vec![confirmed(AcrVnetRuleMissing), refuted(AcrIpNotAllowed)]
        }
        (Some(true), false) => match admits(registry, address) {
            Some(false) if only_rules => vec![confirmed(AcrIpNotAllowed), refuted(AcrVnetRuleMissing)],
            Some(false) => vec![refuted(AcrVnetRuleMissing)],
            Some(true) => return None,
            None => Vec::new(),
        },
        _ => Vec::new(),
    })
}

/// Whether none of the nodes' subnets is listed; where those are not known, whether nothing is.
fn lacks(rules: &[Foreign], subnets: Option<&[Foreign]>) -> bool {
    let listed = |subnet: &Foreign| rules.iter().any(|rule| is_same_id(rule, subnet));
    match subnets {
        Some(subnets) if !subnets.is_empty() => !subnets.iter().any(listed),
        _ => rules.is_empty(),
    }
}

fn refuted(cause: CauseId) -> Says {
    Says { cause, stance: Stance::Refutes }
}

/// How many private endpoints are approved; `None` where that was not returned.
pub(super) fn approved(registry: &Registry) -> Option<usize> {
    let all = registry.connections.as_ref()?;
    Some(all.iter().filter(|connection| connection.status.as_str() == "Approved").count())
}

/// Whether the registry's rules let a public address in; `None` where its rules are not known.
fn admits(registry: &Registry, address: IpAddr) -> Option<bool> {
    if registry.public_access? && registry.default_allow? {
        return Some(true);
    }
    if registry.public_access == Some(false) {
        return Some(false);
    }
    let rules = registry.ip_rules.as_ref()?;
    let within: Vec<Option<bool>> = rules.iter().map(|rule| holds(rule.as_str(), address)).collect();
    if within.contains(&Some(true)) {
        return Some(true);
    }
    // A rule that cannot be read may be the one.
    within.iter().all(Option::is_some).then_some(false)
}

/// Whether an address is in a rule's range: an address alone, or with the length of its prefix.
fn holds(rule: &str, address: IpAddr) -> Option<bool> {
    let (base, length) = match rule.split_once('/') {
        Some((base, length)) => (base, Some(length.parse::<u32>().ok()?)),
        None => (rule, None),
    };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let ((base, width), (address, other)) = (bits(base.trim().parse().ok()?), bits(address));
    let length = length.unwrap_or(width);
    if length > width {
        return None;
    }
    let shift = width - length;
    // The whole range of an address has no bit in common that counts.
    let same = shift >= 128 || base >> shift == address >> shift;
    Some(width == other && same)
}

/// What a reader may want to see of the settings.
fn settings(registry: &Registry) -> Vec<(&'static str, String)> {
    let on = |value: Option<bool>| value.map(|on| if on { "on" } else { "off" }.to_owned());
    let mode = registry.mode.and_then(|mode| match mode {
        Mode::Registry => Some("registry permissions"),
        Mode::Repositories => Some("repository permissions (ABAC)"),
        Mode::Unknown => None,
    });
    let rules = |rules: &Option<Vec<probes::foreign::Foreign>>| {
        rules.as_ref().map(|all| match all.as_slice() {
            [] => "none".to_owned(),
            some => super::seen::list(some.iter().take(10)),
        })
    };
    [
        ("the SKU", registry.sku.as_ref().map(ToString::to_string)),
        ("public access", on(registry.public_access)),
        (
            "the default rule",
            registry.default_allow.map(|allow| if allow { "allow" } else { "deny" }.to_owned()),
        ),
        ("address rules", rules(&registry.ip_rules)),
        ("subnet rules", rules(&registry.subnet_rules)),
        ("role assignments", mode.map(str::to_owned)),
        ("data endpoints", on(registry.data_endpoints)),
        ("tokens for the resource manager", on(registry.arm_audience)),
        ("quarantine", on(registry.quarantine)),
        ("soft delete", on(registry.soft_delete)),
        ("the admin user", on(registry.admin_user)),
        ("anonymous pull", on(registry.anonymous_pull)),
        ("the customer's key", on(registry.customer_key)),
    ]
    .into_iter()
    .filter_map(|(field, value)| Some((field, value?)))
    .collect()
}

#[cfg(test)]
#[path = "registry-rules/tests.rs"]
mod tests;
