use super::*;
use crate::node::tree::Tree;

const HOST: &str = "contosoacr.azurecr.io";
const COREFILE: &str = r#"# WARNING: Changes to this file will be overwritten and not persisted.
health-check.localdns.local:53 {
    bind 169.254.10.10 169.254.10.11
    whoami
}
.:53 {
    log
    bind 169.254.10.10
    # Check /etc/localdns/hosts first for critical FQDNs {
    hosts /etc/localdns/hosts {
        ttl 5
        fallthrough
    }
    forward . 10.0.0.4 10.0.0.5:5353 {
        prefer_udp
        policy sequential
    }
    template ANY ANY internal.cloudapp.net {
        match "^(?:[^.]+\.){4,}internal\.cloudapp\.net\.$"
        rcode NXDOMAIN
    }
}
cluster.local:53 {
    bind 169.254.10.10
    forward . 10.0.0.10 {
        force_tcp
    }
}
corp.test:53 privatelink.corp:53 {
    bind 169.254.10.10
    forward . /etc/corp-resolv.conf
}
.:53 {
    bind 169.254.10.11
    forward . 10.0.0.10 {
    }
}
"#;

fn read_of(files: &[(&str, &str)], host: &str) -> Read {
    read(&Tree::of(files).root(), "node.example", host)
}

/// The upstream in one line: kind, nameservers, source.
fn upstream(read: &Read) -> String {
    let Some(upstream) = &read.upstream else { return "none".to_owned() };
    let servers: Vec<String> = upstream.nameservers.iter().map(ToString::to_string).collect();
    format!("{:?} {} {}", upstream.kind, servers.join(","), upstream.source)
}

#[test]
fn the_nodes_own_settings_are_those_of_go() {
    let read = read_of(
        &[
            ("/etc/resolv.conf", "nameserver 168.63.129.16\nsearch a.test\noptions ndots:2\n"),
            ("/etc/hosts", "10.0.0.1 Contosoacr.azurecr.io\n"),
        ],
        HOST,
    );
    assert_eq!(read.resolver.nameservers, ["168.63.129.16:53".parse().expect("an address")]);
    assert_eq!((read.resolver.ndots, read.resolver.source.as_str()), (2, "/etc/resolv.conf"));
    assert_eq!(read.resolver.hosts[HOST], ["10.0.0.1".parse::<IpAddr>().expect("an address")]);
    assert!(read.upstream.is_none() && read.facts.cache.is_none());
    // Without settings Go asks the machine itself, and searches the domain of its name.
    let read = read_of(&[], HOST);
    assert_eq!(read.resolver.search, ["example"]);
    assert_eq!(read.facts.resolv_conf.state, FileState::Missing);
    let cache = read.facts.cache.expect("a loopback address");
    assert_eq!((cache.kind, cache.nameservers.len(), cache.source), (CacheKind::Unidentified, 0, None));
    assert!(read.upstream.is_none());
}

#[test]
fn what_is_behind_a_cache_is_found() {
    let local = ("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    let corefile = "/opt/azure/containers/localdns/updated.localdns.corefile";
    let azure = ("/etc/resolv.conf", "nameserver 169.254.10.10\n");
    for (name, files, host, expected) in [
        (
            "resolved",
            vec![
                ("/etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0 trust-ad\n"),
                (
                    RESOLVED_FILE,
                    "# by systemd\nnameserver 10.0.0.4\nnameserver 10.0.0.5\nnameserver 10.0.0.6\nnameserver 10.0.0.7\n",
                ),
            ],
            HOST,
            "SystemdResolved 10.0.0.4:53,10.0.0.5:53,10.0.0.6:53,10.0.0.7:53 /run/systemd/resolve/resolv.conf",
        ),
        ("resolved without its file", vec![("/etc/resolv.conf", "nameserver 127.0.0.54\n")], HOST, "none"),
        (
            "resolved before LocalDNS",
            vec![
                ("/etc/resolv.conf", "nameserver 127.0.0.53\n"),
                (RESOLVED_FILE, "nameserver 169.254.10.10\n"),
                ("/etc/localdns/upstream-dns", "168.63.129.16\n"),
            ],
            HOST,
            "LocalDns 168.63.129.16:53 /etc/localdns/upstream-dns",
        ),
        (
            "LocalDNS, the root zone",
            vec![azure, (corefile, COREFILE), ("/etc/localdns/upstream-dns", "168.63.129.16")],
            HOST,
            "LocalDns 10.0.0.4:53,10.0.0.5:5353 /opt/azure/containers/localdns/updated.localdns.corefile",
        ),
        (
            "LocalDNS, a zone of its own that forwards by a file",
            vec![azure, (corefile, COREFILE), ("/etc/corp-resolv.conf", "nameserver 10.9.9.9\n")],
            "reg.Corp.test",
            "LocalDns 10.9.9.9:53 /opt/azure/containers/localdns/updated.localdns.corefile",
        ),
        (
            "LocalDNS for pods",
            vec![("/etc/resolv.conf", "nameserver 169.254.10.11\n"), (corefile, COREFILE)],
            HOST,
            "LocalDns 10.0.0.10:53 /opt/azure/containers/localdns/updated.localdns.corefile",
        ),
        (
            "LocalDNS without a corefile",
            vec![azure, ("/etc/localdns/upstream-dns", " 10.0.0.4\n10.0.0.5 nonsense\n")],
            HOST,
            "LocalDns 10.0.0.4:53,10.0.0.5:53 /etc/localdns/upstream-dns",
        ),
        ("LocalDNS without anything", vec![azure], HOST, "none"),
        (
            "dnsmasq, servers",
            vec![
                local,
                (
                    "/etc/dnsmasq.conf",
                    "# server=1.1.1.1\nserver=10.0.0.4#5353 # why\nserver=10.0.0.5@eth0\nno-resolv\nresolv-file=/etc/up.conf\n",
                ),
                ("/etc/up.conf", "nameserver 10.0.0.6\n"),
            ],
            HOST,
            "Dnsmasq 10.0.0.4:5353,10.0.0.5:53 /etc/dnsmasq.conf",
        ),
        (
            "dnsmasq, the longest domain",
            vec![
                local,
                (
                    "/etc/dnsmasq.d/azure.conf",
                    "server=/io/10.0.0.1\nserver=/corp/azurecr.io/10.0.0.2\nlocal=/other.io/10.0.0.3\nserver=10.0.0.4\n",
                ),
                ("/etc/dnsmasq.d/old.conf~", "server=/contosoacr.azurecr.io/10.0.0.9\n"),
            ],
            HOST,
            "Dnsmasq 10.0.0.2:53 /etc/dnsmasq.d/azure.conf",
        ),
        (
            "dnsmasq, a domain that is asked for like all others",
            vec![
                local,
                (
                    "/etc/dnsmasq.conf",
                    "server=/io/10.0.0.1\nserver=/azurecr.io/#\nserver=//10.0.0.2\nserver=10.0.0.4\n",
                ),
            ],
            HOST,
            "Dnsmasq 10.0.0.4:53 /etc/dnsmasq.conf",
        ),
        (
            "dnsmasq, a file of servers without the cache itself",
            vec![
                ("/etc/resolv.conf", "nameserver ::1\n"),
                ("/etc/dnsmasq.conf", "resolv-file=/etc/up.conf\n"),
                ("/etc/up.conf", "nameserver ::1\nnameserver 10.0.0.6\n"),
            ],
            HOST,
            "Dnsmasq 10.0.0.6:53 /etc/up.conf",
        ),
        (
            "NetworkManager",
            vec![local, ("/run/NetworkManager/resolv.conf", "nameserver 127.0.0.1\nnameserver 10.0.0.7\n")],
            HOST,
            "NetworkManager 10.0.0.7:53 /run/NetworkManager/resolv.conf",
        ),
    ] {
        let read = read_of(&files, host);
        assert_eq!(upstream(&read), expected, "{name}");
        let json = serde_json::to_string(&read.facts).expect("facts");
        assert_eq!(serde_json::from_str::<NodeResolver>(&json).expect("the same"), read.facts, "{name}");
    }
}

#[test]
fn local_dns_answers_some_names_by_itself() {
    let azure = ("/etc/resolv.conf", "nameserver 169.254.10.10\n");
    let hosts =
        ("/etc/localdns/hosts", "# by AKS\n20.1.2.3 contosoacr.azurecr.io\n20.1.2.4 mcr.microsoft.com\n");
    let corefile = ("/opt/azure/containers/localdns/localdns.corefile", COREFILE);
    let read = read_of(&[azure, hosts, corefile], HOST);
    let local_dns = read.facts.local_dns.expect("LocalDNS");
    assert_eq!((local_dns.zone.as_ref().map(Foreign::as_str), local_dns.names), (Some("."), 2));
    assert_eq!(local_dns.addresses, ["20.1.2.3".parse::<IpAddr>().expect("an address")]);
    assert_eq!(read.upstream.expect("an upstream").hosts.len(), 2);
    // The zone that counts has no such plugin.
    let read = read_of(&[azure, hosts, corefile], "x.cluster.local");
    let local_dns = read.facts.local_dns.expect("LocalDNS");
    assert_eq!((local_dns.zone.as_ref().map(Foreign::as_str), local_dns.names), (Some("cluster.local"), 0));
    assert!(read.upstream.expect("an upstream").hosts.is_empty() && local_dns.hosts.is_none());
    let before = read_of(
        &[
            ("/etc/resolv.conf", "nameserver 127.0.0.53\n"),
            (RESOLVED_FILE, "nameserver 169.254.10.10\n"),
            hosts,
        ],
        HOST,
    );
    let cache = before.facts.cache.expect("a cache");
    assert_eq!((cache.kind, cache.behind), (CacheKind::LocalDns, vec![CacheKind::SystemdResolved]));
    assert_eq!(before.facts.local_dns.expect("LocalDNS").names, 2);
}

#[test]
fn corefiles_are_read_by_their_braces() {
    let blocks = corefile::parse(
        "a.test:53, B.test {\n  bind 1.1.1.1\n  forward a.test 9.9.9.9\n  forward . tls://1.0.0.1 {\n    forward . 8.8.8.8\n  }\n}\n\n(snippet) {\n}\nbind 2.2.2.2\ndns://c.test {\n}\n}\n. {\n hosts /x\n",
    );
    let zones: Vec<String> = blocks.iter().map(|block| block.zones.join(" ")).collect();
    assert_eq!(zones, ["a.test b.test", "(snippet)", "c.test", "."]);
    assert_eq!(
        (blocks[0].binds.join(" "), blocks[0].forwards.join(" ")),
        ("1.1.1.1".to_owned(), "tls://1.0.0.1".to_owned())
    );
    assert_eq!((blocks[2].binds.len(), blocks[3].hosts.as_deref()), (0, Some("/x")));
}
