//! What every remedy must be, over all causes and several readers.

use super::*;
use crate::causes;

/// A reader who pulls from a registry of ACR, on a node of which all is known.
fn contoso() -> Names {
    let known = |name: &str| Some(name.to_owned());
    Names {
        operator: None,
        managed: false,
        reference: "contosoacr.azurecr.io/team/web:v1".to_owned(),
        registry: "contosoacr.azurecr.io".to_owned(),
        host: "contosoacr.azurecr.io".to_owned(),
        port: 443,
        acr: known("contosoacr"),
        registry_id: None,
        pull_role: None,
        denied: false,
        other_acr: known("contosoacr2"),
        subnet: known(
            "/subscriptions/S/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/aks/subnets/nodes",
        ),
        repository: known("team/web"),
        tag: known("v1"),
        digest: None,
        platform: "linux/amd64".to_owned(),
        address: known("20.62.128.10"),
        client_ip: known("52.1.2.3"),
        region: None,
        user: known("puller"),
        application: None,
        scope_map: known("puller-scope-map"),
        token_disabled: false,
        cache_rule: known("docker-hub"),
        credential_set: known("docker-hub-credentials"),
        cache_source: known("docker.io/library/web"),
        nameserver: known("168.63.129.16"),
        upstream: known("10.0.0.4"),
        instead: None,
        client_id: known("11111111-1111-4111-8111-111111111111"),
        object_id: None,
        tenant_id: known("33333333-3333-4333-8333-333333333333"),
        identity: None,
        subscription: None,
        group: known("MC_rg_aks1_westeurope"),
        scale_set: known("aks-np1-12345678-vmss"),
        node: known("aks-np1-12345678-vmss000000"),
        namespace: known("team-web"),
        pod: known("web-7c9d8f6b54-x2x9q"),
        service_account: known("web"),
        pool: known("np1"),
        cluster: known("aks1"),
        cluster_group: known("rg"),
        proxy: known("proxy.contoso.example:3128"),
        variable: known("HTTPS_PROXY"),
        no_proxy: None,
        file: known("/etc/kubernetes/azure.json"),
        mirror: known("http://localhost:8578"),
    }
}

/// The same reader's ids in Azure.
const OBJECT: &str = "22222222-2222-4222-8222-222222222222";
const SUBSCRIPTION: &str = "44444444-4444-4444-8444-444444444444";
const REGISTRY: &str = "/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg/providers/\
                        Microsoft.ContainerRegistry/registries/contosoacr";
const IDENTITY: &str = "/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg/providers/\
                        Microsoft.ManagedIdentity/userAssignedIdentities/aks1-agentpool";

/// Readers with other registries, with little known, with all known and with hostile names.
fn readers() -> Vec<Names> {
    let known = |name: &str| Some(name.to_owned());
    let contoso = contoso();
    vec![
        Names::default(),
        Names {
            host: "contosoacr.westeurope.data.azurecr.io".to_owned(),
            region: known("westeurope"),
            address: known("[fd00::4]:443"),
            nameserver: known("127.0.0.1:5353"),
            ..contoso.clone()
        },
        Names {
            reference: "localhost:5000/web@sha256:00".to_owned(),
            registry: "localhost:5000".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: 5000,
            repository: known("web"),
            digest: known("sha256:00"),
            platform: "windows(10.0.20348)/amd64".to_owned(),
            ..Names::default()
        },
        Names {
            reference: "contosoacr.westeurope.geo.azurecr.io/team/web:v1".to_owned(),
            registry: "contosoacr.westeurope.geo.azurecr.io".to_owned(),
            host: "contosoacr.westeurope.geo.azurecr.io".to_owned(),
            registry_id: known(REGISTRY),
            pull_role: known(PULL_ROLE),
            denied: false,
            nameserver: known("169.254.10.10"),
            object_id: known(OBJECT),
            identity: known(IDENTITY),
            subscription: known(SUBSCRIPTION),
            pool: None,
            cluster: None,
            cluster_group: None,
            no_proxy: known("169.254.169.254"),
            file: known("/etc/containerd/certs.d/contosoacr.azurecr.io/hosts.toml"),
            ..contoso.clone()
        },
        hostile(),
        contoso,
    ]
}

/// A reader whose names were written by somebody who means harm.
fn hostile() -> Names {
    let known = |name: &str| Some(name.to_owned());
    Names {
        operator: None,
        managed: false,
        reference: "${REG}/<x> y".to_owned(),
        registry: "-o".to_owned(),
        host: "a b".to_owned(),
        port: 443,
        acr: known("--debug"),
        registry_id: known("/subscriptions/x y"),
        pull_role: known("Owner"),
        denied: false,
        other_acr: known("a;b"),
        subnet: known("/subscriptions/$(id)"),
        repository: known("$(id)"),
        tag: known(""),
        digest: known("a&b"),
        platform: "|x".to_owned(),
        address: known("%1"),
        client_ip: known("1.2.3.4; id"),
        region: known("a^b"),
        user: known("--password=x"),
        application: known("a;b"),
        scope_map: known("a;b"),
        token_disabled: false,
        cache_rule: known("--name"),
        credential_set: known("$(id)"),
        cache_source: known("-x y"),
        nameserver: known("@evil\n"),
        upstream: known("-f"),
        instead: known("a\"b"),
        client_id: known("11111111-1111-4111-8111-11111111111'"),
        object_id: known("x"),
        tenant_id: known("--query"),
        identity: known("/etc/passwd"),
        subscription: known("--help"),
        group: known("a;b"),
        scale_set: known("a b"),
        node: known("-n"),
        namespace: known("a/b"),
        pod: known("x -o yaml"),
        service_account: known("$(id)"),
        pool: known("np1 --yes"),
        cluster: known("../x"),
        cluster_group: known("$(id)"),
        proxy: known("user:pass@proxy.example:3128"),
        variable: known("X=1"),
        no_proxy: known("*,a b"),
        file: known("etc/passwd"),
        mirror: known("https://user:pass@mirror.example"),
    }
}

/// The programs that a remedy may name.
const TOOLS: [&str; 17] = [
    "az",
    "kubectl",
    "skopeo",
    "dig",
    "openssl",
    "curl",
    "docker",
    "jq",
    "cat",
    "grep",
    "ps",
    "systemctl",
    "journalctl",
    "crictl",
    "ctr",
    "df",
    "findmnt",
];

/// What holds for every command that is shown.
fn assert_typable(commands: &[Command], of: &str) {
    for Command { argv, .. } in commands {
        assert!(TOOLS.contains(&argv[0].as_str()), "{of}");
        for word in argv {
            assert!(!word.is_empty() && !word.contains(['<', '>', '\n']), "{of}: {word:?}");
            assert!(!word.contains(['&', '^', '%', '$', '`']), "{of}: {word:?}");
            // jq's own language needs these two; az.cmd would give them to its shell.
            assert!(argv[0] == "jq" || !word.contains(['"', '|']), "{of}: {word:?} does not survive az.cmd");
        }
    }
}

#[test]
fn every_cause_has_a_remedy_of_its_own() {
    for names in readers() {
        for cause in causes::all() {
            assert!(advice(cause.id, &names.checked()).is_some(), "{} has no remedy", cause.id);
            let remedy = remedy(cause, &names);
            assert!(
                !remedy.text.trim().is_empty() && remedy.text.ends_with('.'),
                "{}: {}",
                cause.id,
                remedy.text
            );
            assert!(remedy.text.starts_with(|c: char| c.is_ascii_uppercase()), "{}", cause.id);
            assert!(
                !remedy.text.contains("  ") && !remedy.text.contains(['<', '>', '\n']),
                "{}",
                remedy.text
            );
            assert!(remedy.text.chars().count() <= 160, "{}: {}", cause.id, remedy.text);
            // Azure's own pages are left out where the registry is another.
            assert!(remedy.docs.is_none() || remedy.docs.as_deref() == cause.docs, "{}", cause.id);
            assert!(names.checked().acr.is_none() || remedy.docs.as_deref() == cause.docs, "{}", cause.id);
            assert_typable(&remedy.commands, cause.id.as_str());
            for command in remedy.commands.iter().filter(|command| command.mutates) {
                assert!(
                    command.needs.is_some(),
                    "{} changes something and does not say what it takes",
                    cause.id
                );
            }
        }
    }
}

#[test]
fn a_next_look_never_changes_anything() {
    let all: Vec<_> = causes::all().collect();
    for names in readers() {
        for (position, one) in all.iter().enumerate() {
            let alike = all.iter().copied().filter(|other| one.alike.contains(&other.id.as_str()));
            let candidates: Vec<_> = std::iter::once(*one).chain(alike).collect();
            for candidates in [&candidates[..], &all[..], &all[position..], &[]] {
                let look = next_look(candidates, &names);
                assert!(
                    look.text.ends_with('.') && look.text.chars().count() <= 160,
                    "{}: {}",
                    one.id,
                    look.text
                );
                assert!(look.commands.len() <= 5);
                assert!(look.commands.iter().all(|command| !command.mutates), "{}", one.id);
                assert_typable(&look.commands, one.id.as_str());
            }
        }
    }
}

#[test]
fn every_cause_has_a_look_that_decides_it() {
    for cause in causes::all() {
        let look = next_look(&[cause], &contoso());
        assert!(!look.commands.is_empty(), "nothing decides {}", cause.id);
    }
}

/// The commands of a remedy, as lines.
fn lines(remedy: &Remedy) -> Vec<String> {
    remedy.commands.iter().map(|command| quote(&command.argv, Shell::Posix)).collect()
}

#[test]
fn the_refused_exchange_is_decided_by_roles_and_identity() {
    let candidates: Vec<_> =
        causes::find("AcrPullRoleMissing").into_iter().chain(causes::find("CrossTenantIdentity")).collect();
    let look = next_look(&candidates, &contoso());
    assert!(look.text.contains("contosoacr") && look.text.contains("Reader"), "{}", look.text);
    let found = lines(&look);
    assert!(found.iter().any(|line| line.starts_with("az role assignment list --all")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("az aks list")), "{found:?}");

    // Of a known identity the roles alone are asked for, at the registry where its id is known.
    let names = Names { object_id: Some(OBJECT.to_owned()), ..contoso() };
    let look = next_look(&candidates, &names);
    assert!(look.text.contains(OBJECT) && look.text.contains("Reader"), "{}", look.text);
    let query = "--query '[].{role:roleDefinitionName,scope:scope,condition:condition,created:createdOn}' --output table";
    let asked =
        format!("az role assignment list --assignee-object-id {OBJECT} --include-groups --all {query}");
    assert_eq!(lines(&look)[1], asked);
    assert!(look.commands[0].needs.as_deref().is_some_and(|needs| needs.contains("33333333")), "the tenant");
    let names = Names { registry_id: Some(REGISTRY.to_owned()), ..names };
    let asked = format!(
        "az role assignment list --assignee-object-id {OBJECT} --include-groups --scope {REGISTRY} --include-inherited {query}"
    );
    assert_eq!(lines(&next_look(&candidates, &names))[1], asked);
}

#[test]
fn commands_carry_the_readers_names() {
    let fix = |id: &str, names: &Names| {
        causes::find(id).map(|cause| lines(&remedy(cause, names))).unwrap_or_default()
    };
    let names = contoso();
    assert_eq!(
        fix("TagNotFound", &names),
        [
            "az acr repository show-tags --name contosoacr --repository team/web --orderby time_desc --top 10 --output table"
        ]
    );
    assert_eq!(
        fix("AcrIpNotAllowed", &names).first().map(String::as_str),
        Some("az acr network-rule add --name contosoacr --ip-address 52.1.2.3")
    );
    let other = Names { registry: "quay.io".to_owned(), acr: None, ..contoso() };
    assert_eq!(fix("TagNotFound", &other), ["skopeo list-tags docker://quay.io/team/web"]);
    assert_eq!(
        fix("TcpTimeout", &readers()[1]),
        [
            "curl --verbose --connect-timeout 10 --resolve 'contosoacr.westeurope.data.azurecr.io:443:[fd00::4]' \
          https://contosoacr.westeurope.data.azurecr.io/"
        ]
    );
    assert_eq!(
        fix("DnsNxDomain", &readers()[1])[0],
        "dig @127.0.0.1 -p 5353 contosoacr.westeurope.data.azurecr.io"
    );
    assert_eq!(
        fix("TcpRefused", &readers()[2]),
        ["curl --verbose --connect-timeout 10 https://127.0.0.1:5000/"]
    );
}

#[test]
fn a_command_without_its_names_is_left_out() {
    for cause in causes::all() {
        for command in remedy(cause, &Names::default()).commands {
            let rest = command.argv.join(" ");
            assert!(!rest.contains("--name") && !rest.contains("--registry"), "{}: {rest}", cause.id);
        }
    }
}

#[test]
fn a_password_is_never_an_argument() {
    for names in readers() {
        for cause in causes::all() {
            for command in remedy(cause, &names).commands {
                for (at, word) in command.argv.iter().enumerate() {
                    let option = word.starts_with("--password") || word == "-p" && command.argv[0] != "dig";
                    assert!(
                        !option || word == "--password-stdin" || word == "--password1",
                        "{}: {word}",
                        cause.id
                    );
                    assert!(!word.contains("pass@"), "{}: {word}", cause.id);
                    if word == "--client-secret" {
                        assert_eq!(command.argv.get(at + 1).map(String::as_str), Some("@-"), "{}", cause.id);
                    }
                }
            }
        }
    }
}

#[test]
fn what_prints_a_secret_says_so() {
    for cause in causes::all() {
        for command in remedy(cause, &contoso()).commands {
            let prints = command.argv.iter().any(|word| word == "password" || word == "--password1");
            let says = command.needs.is_some_and(|needs| needs.contains("prints the new"));
            assert!(!prints || says, "{}: {:?}", cause.id, command.argv);
        }
    }
}

#[test]
fn hostile_names_are_left_out() {
    assert_eq!(hostile().checked(), Names { port: 443, ..Names::default() });
}

#[test]
fn names_of_azure_and_of_nodes_are_kept() {
    let known = readers().remove(3);
    assert_eq!(known.checked(), known);
    let windows = Names { file: Some(r"c:\k\azure.json".to_owned()), ..contoso() };
    assert_eq!(windows.checked(), windows);
    assert_eq!(known.login_server().as_deref(), Some("contosoacr.azurecr.io"));
    assert_eq!(Names::default().login_server(), None);
}

mod cluster;
mod node;
