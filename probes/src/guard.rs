//! What a hostile registry may not steer: where a realm or a redirect leads, and which secrets go there.
//!
//! Every address is checked as it was resolved, before `--connect-to` replaces it.

use std::net::IpAddr;

use url::Url;

use crate::cloud::{Family, acr_host, family};
use crate::hosts::Origin;

/// Addresses at which clouds serve instance metadata and platform services to the machine itself.
const PLATFORM: [&str; 4] = ["169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254"];

/// What the registry itself is, and so what it may lead to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Home {
    addresses: Vec<IpAddr>,
}

impl Home {
    /// Remembers where the registry itself was found.
    pub(crate) fn found_at(&mut self, addresses: &[IpAddr]) {
        self.addresses = addresses.to_vec();
    }

    /// The first address to which no realm or redirect may lead; a kind of place where the registry itself lives is
    /// allowed.
    pub(crate) fn forbidden(&self, addresses: &[IpAddr]) -> Option<IpAddr> {
        let home: Vec<IpAddr> = self.addresses.iter().map(|home| plain(*home)).collect();
        addresses.iter().copied().find(|address| {
            let address = plain(*address);
            let kind = kind(&address);
            // A name that has one such address among others may be somebody's trick.
            let lives_there = !home.is_empty() && home.iter().all(|home| self::kind(home) == kind);
            let may = home.contains(&address) || (lives_there && kind != Kind::Platform);
            kind != Kind::Ordinary && !may
        })
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Ordinary,
    Loopback,
    LinkLocal,
    Platform,
    Multicast,
}

fn kind(address: &IpAddr) -> Kind {
    if PLATFORM.iter().any(|p| p.parse() == Ok(*address)) {
        return Kind::Platform;
    }
    let link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    if address.is_loopback()
        || address.is_unspecified()
        || matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 0)
    {
        Kind::Loopback
    } else if link_local {
        Kind::LinkLocal
    } else if address.is_multicast() || matches!(address, IpAddr::V4(v4) if v4.is_broadcast()) {
        Kind::Multicast
    } else {
        Kind::Ordinary
    }
}

/// IPv4 addresses that hide in IPv6: mapped, compatible and NAT64.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let nat64 = [0x64, 0xff9b, 0, 0, 0, 0];
    let segments = v6.segments();
    match v6.to_ipv4_mapped() {
        Some(v4) => IpAddr::V4(v4),
        None if segments[..6] == nat64 || (segments[..6] == [0; 6] && segments[6] != 0) => {
            let [a, b] = segments[6].to_be_bytes();
            let [c, d] = segments[7].to_be_bytes();
            IpAddr::from([a, b, c, d])
        }
        None => address,
    }
}

/// Whether a user's password or a token for the registry may be sent to this realm: over https when the registry is
/// asked over https.
pub(crate) fn may_have_password(realm: &Url, plain_http: bool) -> bool {
    realm.scheme() == "https" || plain_http
}

/// Whether a refresh token may be sent to this realm: it was issued by the registry's own token service. That is the
/// registry's host, but for Docker Hub, whose token service has a name of its own, and for the several hosts of one
/// Azure registry.
pub(crate) fn may_have_refresh_token(realm: &Url, registry: &Origin) -> bool {
    let one_acr = |a: &str, b: &str| {
        acr_host(a).zip(acr_host(b)).is_some_and(|(a, b)| (a.label, a.suffix) == (b.label, b.suffix))
    };
    Origin::of(realm).is_some_and(|origin| {
        origin == *registry
            || (family(&registry.host) == Family::DockerHub && family(&origin.host) == Family::DockerHub)
            || (origin.tls
                && registry.tls
                && origin.port == registry.port
                && one_acr(&origin.host, &registry.host))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forbidden(home: &[&str], to: &str) -> bool {
        let mut it = Home::default();
        it.found_at(&home.iter().map(|a| a.parse().expect(a)).collect::<Vec<_>>());
        it.forbidden(&[to.parse().expect(to)]).is_some()
    }

    #[test]
    fn nothing_leads_inwards_unless_the_registry_lives_there() {
        for (home, to, refused) in [
            (["20.62.128.10"], "20.62.128.11", false),
            (["20.62.128.10"], "10.0.0.5", false),
            (["20.62.128.10"], "127.0.0.1", true),
            (["20.62.128.10"], "::1", true),
            (["20.62.128.10"], "::ffff:127.0.0.1", true),
            (["20.62.128.10"], "0.0.0.0", true),
            (["20.62.128.10"], "169.254.169.254", true),
            (["20.62.128.10"], "64:ff9b::a9fe:a9fe", true),
            (["20.62.128.10"], "168.63.129.16", true),
            (["20.62.128.10"], "fe80::1", true),
            (["20.62.128.10"], "224.0.0.1", true),
            (["127.0.0.1"], "127.0.0.2", false),
            (["127.0.0.1"], "169.254.1.1", true),
            (["169.254.1.1"], "169.254.169.254", true),
            (["127.0.0.1"], "::1", false),
        ] {
            assert_eq!(forbidden(&home, to), refused, "{home:?} -> {to}");
        }
    }

    #[test]
    fn secrets_stay_with_their_host() {
        let url = |t: &str| Url::parse(t).expect(t);
        let at = |t: &str| Origin::of(&url(t)).expect(t);
        let acr = at("https://a.azurecr.io/");
        assert!(may_have_refresh_token(&url("https://a.azurecr.io/oauth2/token"), &acr));
        assert!(!may_have_refresh_token(&url("https://a.azurecr.io:8443/oauth2/token"), &acr));
        assert!(!may_have_refresh_token(&url("https://evil.example/oauth2/token"), &acr));
        assert!(may_have_refresh_token(
            &url("https://auth.docker.io/token"),
            &at("https://registry-1.docker.io/")
        ));
        assert!(!may_have_password(&url("http://a.azurecr.io/t"), false));
    }
}
