//! The command that asks the same question again, for the end of a report.

use probes::credential::Credential;
use probes::vantage::Vantage;

use crate::case::Case;
use crate::cli::DEFAULT_PLATFORM;

/// The command that asks the same question again: the target, and the flags that make it another question.
pub(super) fn command(case: &Case) -> Vec<String> {
    let mut argv =
        vec!["pullcheck", "check", &case.target.given].into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut flag = |name: &str, value: Option<String>| {
        argv.push(name.to_owned());
        argv.extend(value);
    };
    let setting = |name: &str| case.settings.get(name).cloned();
    let on_node = matches!(case.vantage(), Some(Vantage::Node(_)));
    if on_node {
        flag("--on-node", None);
        for (name, key) in [("--azure-json", "azureJson"), ("--host-root", "hostRoot")] {
            if let Some(value) = setting(key) {
                flag(name, Some(value));
            }
        }
    }
    if case.claim.is_of_kubelets() {
        for (name, key) in [
            ("--kubeconfig", "kubeconfig"),
            ("--context", "context"),
            ("--cluster", "cluster"),
            ("--user", "user"),
            ("--namespace", "namespace"),
            ("--as", "as"),
            ("--as-uid", "asUid"),
            ("--server", "server"),
            ("--certificate-authority", "certificateAuthority"),
            ("--tls-server-name", "tlsServerName"),
            ("--nodes", "nodes"),
            ("--max-nodes", "maxNodes"),
            ("--service-account", "serviceAccount"),
            ("--pull-secret", "pullSecrets"),
        ] {
            if let Some(value) = setting(key) {
                flag(name, Some(value));
            }
        }
        for (name, key) in [
            ("--insecure-skip-tls-verify", "insecureSkipTlsVerify"),
            ("--allow-exec", "allowExec"),
            ("--allow-large", "allowLarge"),
        ] {
            if setting(key).is_some() {
                flag(name, None);
            }
        }
        for group in setting("asGroups").iter().flat_map(|groups| groups.split(',')) {
            flag("--as-group", Some(group.to_owned()));
        }
        if tier(case) != "canary" {
            flag("--tier", Some(tier(case).to_owned()));
        }
        if let Some(image) = setting("probeImage") {
            flag("--probe-image", Some(image));
        }
        if let Some(namespace) = setting("probeNamespace") {
            flag("--probe-namespace", Some(namespace));
        }
        if case.claim.is_of_new_nodes() {
            flag("--claim", Some("new-node".to_owned()));
        }
    }
    for (name, key) in [
        ("--acr", "acr"),
        ("--aks", "aks"),
        ("--subscription", "subscription"),
        ("--tenant", "tenant"),
        ("--cloud", "cloud"),
    ] {
        if let Some(value) = setting(key) {
            flag(name, Some(value));
        }
    }
    if setting("noAzure").is_some() {
        flag("--no-azure", None);
    }
    // Which nodes can be asked depends on a platform that was named.
    let named = case.claim.is_of_kubelets() && setting("namedPlatform").is_some();
    if !case.target.is_registry() && (named || case.platform.to_string() != DEFAULT_PLATFORM) {
        flag("--platform", Some(case.platform.to_string()));
    }
    if let Some(user) = case.tried().iter().find_map(|credential| match credential {
        Credential::GivenUser { user } => Some(user),
        _ => None,
    }) {
        flag("--username", Some(user.clone()));
        flag("--password-stdin", None);
    }
    if let Some(file) = setting("dockerConfig") {
        flag("--docker-config", Some(file));
    }
    if setting("anonymous").is_some() {
        flag("--anonymous", None);
    }
    if case.plain_http {
        flag("--plain-http", None);
    }
    argv
}

/// The tier that was asked for: one with probes names their image, and the host's a namespace for them.
pub(super) fn tier(case: &Case) -> &'static str {
    let is_set = |name: &str| case.settings.contains_key(name);
    match case.claim.is_of_kubelets() {
        true if is_set("probeNamespace") => "host",
        true if is_set("probeImage") => "pod",
        true if case.settings.get("tier").is_some_and(|tier| tier == "observe") => "observe",
        true => "canary",
        false => "observe",
    }
}
