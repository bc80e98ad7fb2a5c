//! What the metadata service's answer means.

use probes::observation::{BodyKind, Fact, HttpOutcome, Identity, IdentityAsked, NamedProxy, Reply, Role};

use super::super::reach::Way;
use super::super::{Answer, At, View, seen};
use super::{at, codes, named, token, unanswered};
use crate::causes::{
    ConditionalAccessBlocksAcr, ImdsUnreachable, KubeletIdentityDetachedFromVmss,
    MultipleIdentitiesNoClientId, NodeAzureJsonIdentityMisconfigured, ProxyMisconfigured,
    ServicePrincipalNotInTenant,
};
use crate::report::Status;

const SERVICE: &str = "the metadata service (169.254.169.254)";

pub(super) fn judge(view: &View<'_>, identity: &Identity) -> Answer {
    let evidence = seen::exchange(&identity.exchange);
    let tries = match identity.tries {
        0 | 1 => String::new(),
        several => format!(", {several} times"),
    };
    if let Some(through) = &identity.through {
        return proxied(view, identity, through).evidence([evidence]);
    }
    let answer = match &identity.exchange.outcome {
        HttpOutcome::Reply(reply) if reply.status == 200 && identity.token => {
            let who = named(&identity.asked_for);
            token(identity, Answer::pass(format!("{SERVICE} gives a token of {who}")))
        }
        HttpOutcome::Reply(reply) if reply.status == 200 => {
            let what = if reply.body == BodyKind::Html { "a web page" } else { "no token" };
            Answer::fail(format!("{SERVICE} answers 200 with {what}")).confirms(ImdsUnreachable)
        }
        HttpOutcome::Reply(reply) if reply.status == 400 => refused(identity, reply),
        HttpOutcome::Reply(reply) => {
            Answer::fail(format!("{SERVICE} answers {}{tries}", reply.status)).confirms(ImdsUnreachable)
        }
        HttpOutcome::OutOfTime | HttpOutcome::Unknown => {
            Answer::new(Status::Unknown, format!("{SERVICE}: {}", seen::outcome(&identity.exchange.outcome)))
        }
        HttpOutcome::NotReached { .. } => {
            let failed = Way::to(view, Role::Metadata, "169.254.169.254").failure();
            let (why, evidence) = match failed {
                Some(failed) => (failed.answer.message, failed.answer.evidence),
                None => ("it could not be reached".to_owned(), Vec::new()),
            };
            Answer::fail(format!("the metadata service cannot be reached: {why}"))
                .confirms(ImdsUnreachable)
                .evidence(evidence)
        }
        _ => {
            let why = unanswered(identity).unwrap_or_default();
            Answer::fail(format!("{SERVICE}: {why}")).confirms(ImdsUnreachable)
        }
    };
    let place = at(identity);
    answer.evidence([evidence]).at(place)
}

/// The service's own refusals. Its words are Azure's, of this very machine.
fn refused(identity: &Identity, reply: &Reply) -> Answer {
    let says =
        |word: &str| reply.errors.iter().any(|e| e.message.as_str().to_ascii_lowercase().contains(word));
    let who = named(&identity.asked_for);
    let words = reply.errors.first().map(|e| format!(": {}", e.message)).unwrap_or_default();
    let fail = |message: String| Answer::fail(message);
    match codes(reply).as_slice() {
        [53003, ..] => {
            return fail(format!("conditional access keeps {who} from Azure's registries{words}"))
                .confirms(ConditionalAccessBlocksAcr);
        }
        [700_016 | 700_029 | 7_000_229, ..] => {
            return fail(format!("Microsoft Entra does not know {who}{words}"))
                .allows(&[KubeletIdentityDetachedFromVmss, ServicePrincipalNotInTenant]);
        }
        [_, ..] => {
            return fail(format!("Microsoft Entra gives no token to {who}{words}")).allows(&[
                NodeAzureJsonIdentityMisconfigured,
                KubeletIdentityDetachedFromVmss,
                ServicePrincipalNotInTenant,
            ]);
        }
        [] => {}
    }
    if says("header not specified") {
        return fail(format!("something on the way to {SERVICE} takes its header away{words}"))
            .confirms(ImdsUnreachable);
    }
    match &identity.asked_for {
        IdentityAsked::Nothing if says("multiple") => fail(
            "the machine has several identities and azure.json names none (userAssignedIdentityID is empty)"
                .to_owned(),
        )
        .confirms(MultipleIdentitiesNoClientId),
        IdentityAsked::Nothing if says("not found") => {
            fail("the machine has no identity: none is attached to it".to_owned())
                .confirms(KubeletIdentityDetachedFromVmss)
        }
        IdentityAsked::ClientId { id } if !is_guid(id.as_str()) => {
            fail(format!("azure.json names '{id}' as the identity, which is no client id and no resource id"))
                .confirms(NodeAzureJsonIdentityMisconfigured)
        }
        IdentityAsked::ClientId { .. } | IdentityAsked::ResourceId { .. } if says("not found") => {
            fail(format!("{who}, which azure.json names, is not attached to this machine"))
                .confirms(KubeletIdentityDetachedFromVmss)
        }
        _ => fail(format!("{SERVICE} gives no token to {who} (400){words}")).allows(&[
            KubeletIdentityDetachedFromVmss,
            NodeAzureJsonIdentityMisconfigured,
            MultipleIdentitiesNoClientId,
        ]),
    }
}

/// No proxy has the machine's own metadata service behind it, and none may be asked for it.
fn proxied(view: &View<'_>, identity: &Identity, proxy: &NamedProxy) -> Answer {
    let through = format!(
        "requests for {SERVICE} go to the proxy {} ({}), since NO_PROXY does not exempt it",
        proxy.proxy, proxy.named_by
    );
    let place = At {
        host: Some("169.254.169.254".to_owned()),
        proxy: Some(proxy.proxy.clone()),
        variable: Some(proxy.named_by.clone()),
        no_proxy: Some("169.254.169.254".to_owned()),
        ..At::default()
    };
    let answer = match &identity.exchange.outcome {
        HttpOutcome::Reply(reply) if reply.status == 200 && identity.token => {
            let told = token(identity, Answer::pass(""));
            Answer { status: Status::Warn, message: through, ..told }
        }
        HttpOutcome::Reply(reply) => {
            Answer::fail(format!("{through}: it answers {}", reply.status)).confirms(ProxyMisconfigured)
        }
        HttpOutcome::OutOfTime | HttpOutcome::Unknown => Answer::new(Status::Unknown, through),
        _ => {
            let here = view.survey.observations.iter().filter(|o| o.role == Role::Metadata);
            let tunnel = here.filter_map(|o| match &o.fact {
                Fact::Tunnel(tunnel) => Some(tunnel),
                _ => None,
            });
            let trouble = tunnel.filter_map(|tunnel| super::super::proxy::trouble(view, tunnel)).next();
            let trouble = trouble.map(|answer| answer.message);
            let why = trouble.or(unanswered(identity)).unwrap_or_default();
            Answer::fail(format!("{through}: {why}")).confirms(ProxyMisconfigured)
        }
    };
    answer.at(place)
}

fn is_guid(text: &str) -> bool {
    super::super::token::is_guid(text)
}
