//! `identity`: whether the node gets a token of Microsoft Entra.

use probes::credential::Credential;
use probes::observation::{Fact, HttpOutcome, Identity, IdentityAsked, IdentitySource, Reply};

use super::{Answer, At, Check, Place, View, seen};
use crate::causes::{
    ConditionalAccessBlocksAcr, CrossTenantIdentity, ImdsUnreachable, KubeletIdentityDetachedFromVmss,
    MultipleIdentitiesNoClientId, NodeAzureJsonIdentityMisconfigured, NodeClockSkew, ProxyMisconfigured,
    ServicePrincipalNotInTenant, ServicePrincipalSecretExpired, ServicePrincipalSecretInvalid,
};
use crate::report::Status;

mod metadata;
mod operator;
mod principal;

use principal::of_code;
pub(super) use principal::{Principal, principal};

/// The audience of Azure's registries.
pub(super) const AUDIENCE: &str = "https://containerregistry.azure.net";

/// The check.
pub const CHECK: Check = Check {
    id: "identity",
    title: "whoever pulls gets a token of Microsoft Entra",
    explanation: "On a node the identity that azure.json names is asked for at the metadata service, as the kubelet's credential provider \
        asks: with that audience, those tries and the kubelet's own proxy variables. Of a service principal the provider asks \
        nobody: it hands the secret over. Only where the registry refuses that secret is Microsoft Entra asked about it. On a \
        workstation the operator's sign-in to Azure is asked for a token for registries.",
    at: &[Place::Workstation, Place::Node],
    per_credential: true,
    needs: &[&["reference", "node-config"]],
    causes: &[&[
        KubeletIdentityDetachedFromVmss,
        MultipleIdentitiesNoClientId,
        ImdsUnreachable,
        ProxyMisconfigured,
        NodeAzureJsonIdentityMisconfigured,
        ServicePrincipalSecretExpired,
        ServicePrincipalSecretInvalid,
        ServicePrincipalNotInTenant,
        ConditionalAccessBlocksAcr,
        CrossTenantIdentity,
        NodeClockSkew,
    ]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    match view.credential {
        Credential::NodeIdentity { .. } => {
            Some(metadata::judge(view, asked(view, IdentitySource::MetadataService)?))
        }
        Credential::NodeServicePrincipal { .. } => principal::judge(view),
        Credential::Operator { .. } => operator::judge(view),
        _ => Some(Answer::new(Status::NotApplicable, "it is no identity of Microsoft Entra")),
    }
}

/// What asking for this view's identity showed.
pub(super) fn asked<'a>(view: &View<'a>, source: IdentitySource) -> Option<&'a Identity> {
    view.own().find_map(|o| match &o.fact {
        Fact::Identity(identity) if identity.source == source => Some(identity),
        _ => None,
    })
}

/// What an identity is called in a sentence.
fn named(asked_for: &IdentityAsked) -> String {
    match asked_for {
        IdentityAsked::ClientId { id } => format!("the identity with client id {id}"),
        IdentityAsked::ResourceId { id } => format!("the identity {id}"),
        IdentityAsked::ServicePrincipal { id } => format!("the service principal {id}"),
        IdentityAsked::Nothing | IdentityAsked::Unknown => "the machine's identity".to_owned(),
    }
}

/// The numbers of Entra's errors, from its own field, or from the words with which the metadata service repeats them.
fn codes(reply: &Reply) -> Vec<u64> {
    if !reply.error_codes.is_empty() {
        return reply.error_codes.clone();
    }
    let said = reply.errors.iter().flat_map(|e| e.message.as_str().split("AADSTS").skip(1));
    said.filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
    .collect()
}

/// What a token says of itself, and what is odd about it.
fn token(identity: &Identity, pass: Answer) -> Answer {
    let Some(claims) = &identity.claims else {
        return pass.saw("read the token", "opaque");
    };
    let mut said = Vec::new();
    let mut say = |name: &str, value: Option<String>| said.extend(value.map(|v| format!("{name} {v}")));
    say("audience", claims.audience.as_ref().map(ToString::to_string));
    say("tenant", claims.tenant.as_ref().map(ToString::to_string));
    say("object id", claims.object_id.as_ref().map(ToString::to_string));
    say("client id", claims.client_id.as_ref().map(ToString::to_string));
    say("resource", claims.resource_id.as_ref().map(ToString::to_string));
    say("until", claims.expires.map(seen::time));
    let answer = pass.saw("read the token", said.join(", "));
    let differ = |a: &str, b: &str| !a.trim_end_matches('/').eq_ignore_ascii_case(b.trim_end_matches('/'));
    let warn = |answer: Answer, message: String| Answer { status: Status::Warn, message, ..answer };
    let now = identity.exchange.reply().map(|reply| reply.at);
    if let (Some(until), Some(now)) = (claims.expires, now)
        && until < now
    {
        return warn(answer, format!("the token expired at {} by our clock", seen::time(until)))
            .allows(&[NodeClockSkew]);
    }
    if let (Some(from), Some(now)) = (claims.not_before, now)
        && from.duration_since(now) > jiff::SignedDuration::from_mins(5)
    {
        return warn(answer, format!("the token is valid from {}, later than our clock", seen::time(from)))
            .allows(&[NodeClockSkew]);
    }
    if let Some(audience) = claims.audience.as_ref().filter(|a| differ(a.as_str(), AUDIENCE)) {
        return warn(answer, format!("the token is for {audience}, and {AUDIENCE} was asked for"));
    }
    match (&claims.tenant, &identity.tenant) {
        (Some(is), Some(named)) if differ(is.as_str(), named.as_str()) => {
            warn(answer, format!("the token is of tenant {is}, and azure.json names tenant {named}"))
                .allows(&[CrossTenantIdentity])
        }
        _ => answer,
    }
}

/// Where it is, for the remedy's words.
fn at(identity: &Identity) -> At {
    let host = match identity.source {
        IdentitySource::Entra => identity.exchange.url.as_str().split('/').nth(2).map(str::to_owned),
        _ => Some("169.254.169.254".to_owned()),
    };
    At { host, ..At::default() }
}

/// An exchange that got no answer, in words.
fn unanswered(identity: &Identity) -> Option<String> {
    match &identity.exchange.outcome {
        HttpOutcome::Reply(_) => None,
        other => Some(seen::outcome(other)),
    }
}

#[cfg(test)]
mod tests;
