//! What the network says: read-only looks with `dig`, `curl` and `openssl`, from the names of the failing host.
//!
//! *Invariant:* nothing here changes anything, and no command waits for longer than half a minute, except `openssl`.

use std::net::{IpAddr, SocketAddr};

use super::{Command, Names, look, some};

/// The host to resolve: a name, never an address.
fn name_to_resolve(names: &Names) -> Option<&str> {
    let host = some(&names.host)?;
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_err().then_some(host)
}

/// Asks a name server, or the system's where none is named.
fn dig_with(names: &Names, server: Option<&str>, extra: &[&str]) -> Option<Command> {
    let host = name_to_resolve(names)?;
    let mut argv = vec!["dig".to_owned()];
    if let Some(server) = server {
        let (ip, port) = match (server.parse::<IpAddr>(), server.parse::<SocketAddr>()) {
            (Ok(ip), _) => (ip, 53),
            (_, Ok(both)) => (both.ip(), both.port()),
            _ => return None,
        };
        argv.push(format!("@{ip}"));
        if port != 53 {
            argv.extend(["-p".to_owned(), port.to_string()]);
        }
    }
    argv.push(host.to_owned());
    argv.extend(extra.iter().map(|word| (*word).to_owned()));
    Some(Command { argv, mutates: false, needs: None })
}

/// Asks the name server that was asked.
pub(super) fn dig(names: &Names) -> Option<Command> {
    dig_with(names, names.nameserver.as_deref(), &[])
}

pub(super) fn dig_over_tcp(names: &Names) -> Option<Command> {
    dig_with(names, names.nameserver.as_deref(), &["+tcp"])
}

/// Asks the server that the node's DNS cache forwards to.
pub(super) fn dig_upstream(names: &Names) -> Option<Command> {
    dig_with(names, Some(names.upstream.as_deref()?), &[])
}

/// Asks the same server over TCP.
pub(super) fn dig_upstream_over_tcp(names: &Names) -> Option<Command> {
    dig_with(names, Some(names.upstream.as_deref()?), &["+tcp"])
}

/// Asks a public resolver, for comparison.
pub(super) fn dig_public(names: &Names) -> Option<Command> {
    look(["dig", "@1.1.1.1", name_to_resolve(names)?], Some("dig; a way out to port 53".to_owned()))
}

/// The failing host as an address for `curl`; a registry is asked for its interface, another host for nothing.
fn url(names: &Names, scheme: &str) -> Option<String> {
    let host = some(&names.host)?;
    let port = names.port();
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = if port == usual { String::new() } else { format!(":{port}") };
    let registry = match names.registry.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => names.registry.as_str(),
    };
    let hub = registry == "docker.io" && host == "registry-1.docker.io";
    let path = if hub || host == registry || host == names.registry { "/v2/" } else { "/" };
    Some(format!("{scheme}://{}{port}{path}", bracketed(host)))
}

/// An IPv6 address in the brackets that it needs before a port.
fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

/// The reply's status, headers and body.
pub(super) fn reply(names: &Names) -> Option<Command> {
    look(["curl", "--silent", "--show-error", "--include", "--max-time", "30", &url(names, "https")?], None)
}

/// The same in plain HTTP.
pub(super) fn plain_reply(names: &Names) -> Option<Command> {
    look(["curl", "--silent", "--show-error", "--include", "--max-time", "30", &url(names, "http")?], None)
}

/// The reply's headers alone, with the server's time.
pub(super) fn headers(names: &Names) -> Option<Command> {
    look(["curl", "--silent", "--show-error", "--head", "--max-time", "30", &url(names, "https")?], None)
}

/// Dials the very address that was dialled.
pub(super) fn dial(names: &Names) -> Option<Command> {
    let url = url(names, "https")?;
    match (names.ip(), name_to_resolve(names)) {
        (Some(ip), Some(host)) => {
            let pin = format!("{host}:{}:{}", names.port(), bracketed(&ip.to_string()));
            look(["curl", "--verbose", "--connect-timeout", "10", "--resolve", &pin, &url], None)
        }
        _ => look(["curl", "--verbose", "--connect-timeout", "10", &url], None),
    }
}

/// Dials over one family of addresses alone.
pub(super) fn dial_family(names: &Names, family: &str) -> Option<Command> {
    name_to_resolve(names)?;
    look(["curl", family, "--verbose", "--connect-timeout", "10", &url(names, "https")?], None)
}

/// Asks the host through the proxy.
pub(super) fn through_proxy(names: &Names) -> Option<Command> {
    let proxy = format!("http://{}", names.proxy.as_deref()?);
    look(
        [
            "curl",
            "--verbose",
            "--connect-timeout",
            "10",
            "--max-time",
            "30",
            "--proxy",
            &proxy,
            &url(names, "https")?,
        ],
        super::local::here(),
    )
}

/// Asks the host past any proxy.
pub(super) fn past_proxy(names: &Names) -> Option<Command> {
    names.proxy.as_deref()?;
    look(
        [
            "curl",
            "--verbose",
            "--connect-timeout",
            "10",
            "--max-time",
            "30",
            "--noproxy",
            "*",
            &url(names, "https")?,
        ],
        super::local::here(),
    )
}

/// Asks the mirror for the image as the runtime does, or for its interface where the image is not known.
pub(super) fn mirror(names: &Names) -> Option<Command> {
    let mirror = names.mirror.as_deref()?.trim_end_matches('/');
    let base = if mirror.contains("/v2") { mirror.to_owned() } else { format!("{mirror}/v2") };
    let registry = some(&names.registry)?;
    let version = names.digest.as_deref().or(names.tag.as_deref());
    let url = match names.repository.as_deref().zip(version) {
        Some((repository, version)) => format!("{base}/{repository}/manifests/{version}?ns={registry}"),
        None => format!("{base}/?ns={registry}"),
    };
    look(["curl", "--silent", "--show-error", "--include", "--max-time", "30", &url], super::local::here())
}

/// What `openssl s_client` connects to, and the name it sends.
fn handshake(names: &Names) -> Option<(String, &str)> {
    let host = name_to_resolve(names)?;
    let target = names.ip().map_or_else(|| host.to_owned(), |ip| bracketed(&ip.to_string()));
    Some((format!("{target}:{}", names.port()), host))
}

/// The certificates that the server presents.
pub(super) fn chain(names: &Names) -> Option<Command> {
    let (target, host) = handshake(names)?;
    look(
        ["openssl", "s_client", "-connect", &target, "-servername", host, "-showcerts"],
        Some("openssl; end it with Ctrl-C".to_owned()),
    )
}

/// A handshake with one version of TLS.
pub(super) fn handshake_version(names: &Names, version: &str) -> Option<Command> {
    let (target, host) = handshake(names)?;
    look(
        ["openssl", "s_client", "-connect", &target, "-servername", host, version],
        Some("openssl; end it with Ctrl-C".to_owned()),
    )
}

/// A handshake with a hello of more than one segment.
pub(super) fn large_hello(names: &Names) -> Option<Command> {
    let (target, host) = handshake(names)?;
    look(
        ["openssl", "s_client", "-connect", &target, "-servername", host, "-groups", "X25519MLKEM768:X25519"],
        Some("openssl 3.5 or later; end it with Ctrl-C".to_owned()),
    )
}

/// A handshake with a small hello.
pub(super) fn small_hello(names: &Names) -> Option<Command> {
    let (target, host) = handshake(names)?;
    look(
        ["openssl", "s_client", "-connect", &target, "-servername", host, "-groups", "X25519"],
        Some("openssl; end it with Ctrl-C".to_owned()),
    )
}
