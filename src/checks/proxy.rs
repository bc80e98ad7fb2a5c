//! `proxy`: whether a proxy stands between a client here and the hosts of the path.

use std::collections::BTreeSet;
use std::net::IpAddr;

use probes::observation::{Exchange, Fact};

use super::reach::{host_in, host_of};
use super::{Answer, Check, View};
use crate::report::Status;

/// The check.
pub const CHECK: Check = Check {
    id: "proxy",
    title: "no proxy stands in the way that was not looked at",
    explanation: "Go programs, and so container runtimes, go through the proxy that HTTPS_PROXY names, but for the hosts that \
        NO_PROXY exempts. This version looks past proxies: where one is in effect for a host of the path, what was seen is \
        not what such a client would see, and the claim is not proven. Unset the variable to ask about the direct way.",
    per_credential: false,
    needs: &["reference"],
    causes: &[],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let Some(proxy) = &view.case.proxy else {
        return Some(Answer::new(Status::NotApplicable, "no proxy is named"));
    };
    let seen =
        view.survey.observations.iter().flat_map(|o| hosts(&o.fact)).chain([view.registry_host().to_owned()]);
    let through: BTreeSet<String> = seen.filter(|host| !is_exempt(host, &proxy.exempt)).collect();
    let through: Vec<String> = through.into_iter().collect();
    Some(match through.as_slice() {
        // No pass: a host that nobody has seen may be another matter.
        [] => Answer::new(Status::NotApplicable, "NO_PROXY exempts every host that was seen"),
        _ => Answer::new(
            Status::Unknown,
            format!(
                "{} names a proxy, which this version looks past, for {}; unset it to ask about the direct way",
                proxy.variable,
                through.join(", ")
            ),
        ),
    })
}

/// The hosts that a look went to.
fn hosts(fact: &Fact) -> Vec<String> {
    let of = |exchange: &Exchange| -> Vec<String> {
        let hops = exchange.hops.iter().map(|hop| host_of(&hop.host).to_owned());
        hops.chain([host_of(host_in(exchange.url.as_str())).to_owned()]).collect()
    };
    match fact {
        Fact::Resolve(resolve) => vec![resolve.name.clone()],
        Fact::Token(token) => of(&token.exchange),
        Fact::Manifest(manifest) => {
            [&manifest.head, &manifest.get].into_iter().flatten().flat_map(of).collect()
        }
        Fact::Blob(blob) => of(&blob.exchange),
        _ => Vec::new(),
    }
}

/// Whether `NO_PROXY` exempts a host, by the rules of Go's `golang.org/x/net/http/httpproxy` for names: `*`, a name and
/// all below it, `.name` or `*.name` only what is below it; the machine itself always. Networks are not read: an address
/// that one exempts counts as not exempt.
fn is_exempt(host: &str, exempt: &[String]) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let own = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    own || exempt.iter().any(|rule| {
        let rule = rule.to_ascii_lowercase();
        let name = rule.trim_start_matches('*');
        match name.strip_prefix('.') {
            _ if rule == "*" => true,
            Some(_) => host.len() > name.len() && host.ends_with(name),
            None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exempt_by_gos_rules() {
        for (rule, host, exempt) in [
            ("*", "contosoacr.azurecr.io", true),
            ("azurecr.io", "contosoacr.azurecr.io", true),
            ("azurecr.io", "azurecr.io", true),
            ("azurecr.io", "notazurecr.io", false),
            (".azurecr.io", "contosoacr.azurecr.io", true),
            (".azurecr.io", "azurecr.io", false),
            ("*.azurecr.io", "contosoacr.azurecr.io", true),
            ("CONTOSOACR.azurecr.io", "contosoacr.azurecr.io", true),
            ("10.0.0.0/8", "contosoacr.azurecr.io", false),
            ("x", "localhost", true),
            ("x", "127.0.0.1", true),
            ("10.1.2.3", "10.1.2.3", true),
        ] {
            assert_eq!(is_exempt(host, &[rule.to_owned()]), exempt, "{rule} for {host}");
        }
    }
}
