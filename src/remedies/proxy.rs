//! Fixes for proxies.

use super::{Advice, Names, aks, local, say, wire};
use crate::causes::{self, CauseId};

/// The fix, if the cause is one of this file's.
pub(super) fn fix(id: CauseId, names: &Names) -> Option<Advice> {
    let proxy = names.the_proxy();
    let [all, services] = local::proxy_of_services();
    match id {
        causes::ProxyUnreachable => say(
            if is_aks(names) {
                format!(
                    "Bring {proxy} back or open the way to it; if it moved, name the new one with az aks update \
                     --http-proxy-config."
                )
            } else {
                format!(
                    "Bring {proxy} back or open the way to it; if it moved, correct {}.",
                    the_setting(names, "its URL")
                )
            },
            [wire::through_proxy(names), all, services, aks::proxy_settings(names)],
        ),
        causes::ProxyMisconfigured => say(
            names.no_proxy.as_deref().map_or_else(|| correct_url(names), |entry| add_exception(names, entry)),
            [all, services, wire::past_proxy(names), aks::proxy_settings(names)],
        ),
        causes::ProxyDenied => say(
            format!(
                "Allow {} in {proxy}, and the hosts of the layers, without a login for the nodes.",
                names.the_host()
            ),
            [wire::through_proxy(names), wire::past_proxy(names)],
        ),
        _ => None,
    }
}

/// The proxy's URL is wrong.
fn correct_url(names: &Names) -> String {
    let proxy = names.the_proxy();
    if is_aks(names) {
        format!(
            "Name {proxy} by an http:// URL with az aks update --http-proxy-config; it reimages the nodes."
        )
    } else {
        let setting = the_setting(names, "the proxy's URL");
        format!("Correct {setting}: an http:// URL of {proxy}; then restart containerd and the kubelet.")
    }
}

/// What must go directly goes to the proxy.
fn add_exception(names: &Names, entry: &str) -> String {
    if is_aks(names) {
        return format!(
            "Add {entry} to noProxy with az aks update --http-proxy-config; it reimages the nodes."
        );
    }
    let names = Names {
        variable: names.variable.clone().filter(|name| name.eq_ignore_ascii_case("NO_PROXY")),
        ..names.clone()
    };
    format!("Add {entry} to {}, and restart containerd and the kubelet.", the_setting(&names, "NO_PROXY"))
}

/// Whether the node's settings are written by AKS.
fn is_aks(names: &Names) -> bool {
    names.cluster.is_some() || names.pool.is_some()
}

/// The setting to correct, and the file that it is in.
fn the_setting(names: &Names, otherwise: &str) -> String {
    let setting = names.variable.as_deref().unwrap_or(otherwise);
    match names.file.as_deref() {
        Some(file) => format!("{setting} in {file}"),
        None => format!("{setting} in the services' systemd drop-ins"),
    }
}
