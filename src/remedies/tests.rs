//! What every remedy must be, over all causes and several readers.

use super::*;
use crate::causes;

/// A reader who pulls from a registry of ACR.
fn contoso() -> Names {
    Names {
        reference: "contosoacr.azurecr.io/team/web:v1".to_owned(),
        registry: "contosoacr.azurecr.io".to_owned(),
        host: "contosoacr.azurecr.io".to_owned(),
        port: 443,
        acr: Some("contosoacr".to_owned()),
        repository: Some("team/web".to_owned()),
        tag: Some("v1".to_owned()),
        digest: None,
        platform: "linux/amd64".to_owned(),
        address: Some("20.62.128.10".to_owned()),
        client_ip: Some("52.1.2.3".to_owned()),
        region: None,
        user: Some("puller".to_owned()),
        nameserver: Some("168.63.129.16".to_owned()),
        instead: None,
    }
}

/// Readers with other registries, with little known and with hostile names.
fn readers() -> Vec<Names> {
    let contoso = contoso();
    vec![
        Names::default(),
        Names {
            host: "contosoacr.westeurope.data.azurecr.io".to_owned(),
            region: Some("westeurope".to_owned()),
            address: Some("[fd00::4]:443".to_owned()),
            nameserver: Some("127.0.0.1:5353".to_owned()),
            instead: None,
            ..contoso.clone()
        },
        Names {
            reference: "localhost:5000/web@sha256:00".to_owned(),
            registry: "localhost:5000".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: 5000,
            acr: None,
            repository: Some("web".to_owned()),
            tag: None,
            digest: Some("sha256:00".to_owned()),
            platform: "windows(10.0.20348)/amd64".to_owned(),
            ..Names::default()
        },
        Names {
            reference: "${REG}/<x> y".to_owned(),
            registry: "-o".to_owned(),
            host: "a b".to_owned(),
            acr: Some("--debug".to_owned()),
            repository: Some("$(id)".to_owned()),
            tag: Some(String::new()),
            user: Some("--password=x".to_owned()),
            client_ip: Some("1.2.3.4; id".to_owned()),
            nameserver: Some("@evil\n".to_owned()),
            instead: None,
            ..contoso.clone()
        },
        contoso,
    ]
}

/// What holds for every command that is shown.
fn assert_typable(commands: &[Command], of: &str) {
    for Command { argv, .. } in commands {
        assert!(
            ["az", "kubectl", "skopeo", "dig", "openssl", "curl", "docker"].contains(&argv[0].as_str()),
            "{of}"
        );
        for word in argv {
            assert!(!word.is_empty() && !word.contains(['<', '>', '\n']), "{of}: {word:?}");
            assert!(
                !word.contains(['"', '|', '&', '^', '%', '$', '`']),
                "{of}: {word:?} does not survive az.cmd"
            );
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
    let lines = lines(&look);
    assert!(lines.iter().any(|line| line.starts_with("az role assignment list")), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("az aks list")), "{lines:?}");
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
                for word in &command.argv {
                    let option = word.starts_with("--password") || word == "-p" && command.argv[0] != "dig";
                    assert!(
                        !option || word == "--password-stdin" || word == "--password1",
                        "{}: {word}",
                        cause.id
                    );
                }
            }
        }
    }
}
