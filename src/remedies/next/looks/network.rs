//! Looks at the way to the registry: names, connections, certificates, replies.
//!
//! *Invariant:* only commands that change nothing.

use super::super::Look;
use crate::causes;
use crate::remedies::{azure, wire};

/// The looks of this file.
pub(super) static LOOKS: &[Look] = &[
    Look {
        decides: &[
            causes::DnsNxDomain,
            causes::WrongRegistryHost,
            causes::AcrPrivateDnsNoRecord,
            causes::DnsServerUnreachable,
            causes::DataEndpointDnsMissing,
        ],
        text: |names| {
            format!(
                "Ask the same name server and a public one for {}; a privatelink alias in the public answer points at the zone.",
                names.the_host()
            )
        },
        commands: |names| vec![wire::dig(names), wire::dig_public(names), azure::private_zone(names)],
    },
    Look {
        decides: &[
            causes::AcrPrivateDnsWrongRecord,
            causes::PrivateEndpointUnreachable,
            causes::TlsHostnameMismatch,
        ],
        text: |names| {
            format!(
                "Compare the address of {} with those of the registry's endpoints; it takes Reader on their subscription.",
                names.the_host()
            )
        },
        commands: |names| {
            vec![wire::dig(names), azure::private_endpoints(names), azure::acr_private_connections(names)]
        },
    },
    Look {
        decides: &[
            causes::TlsLargeHelloDropped,
            causes::TlsHandshakeTimeout,
            causes::FirewallFqdnBlocked,
            causes::ConnectionReset,
            causes::TlsProtocolTooOld,
        ],
        text: |_| {
            "Shake hands twice from here, with a large and with a small hello: only the size of the hello may make a difference."
                .to_owned()
        },
        commands: |names| vec![wire::large_hello(names), wire::small_hello(names)],
    },
    Look {
        decides: &[
            causes::TlsUnknownAuthority,
            causes::TlsInterceptingProxy,
            causes::TlsHostnameMismatch,
            causes::TlsCertificateNoSan,
            causes::TlsCertificateExpired,
            causes::NodeClockSkew,
        ],
        text: |names| {
            format!(
                "Read the certificates that {} presents: issuer, names and dates decide.",
                names.the_host()
            )
        },
        commands: |names| vec![wire::chain(names), wire::headers(names)],
    },
    Look {
        decides: &[
            causes::AcrThrottled,
            causes::AcrCacheUpstreamThrottled,
            causes::DockerHubRateLimit,
            causes::McrThrottled,
            causes::RegistryThrottled,
        ],
        text: |names| {
            format!("Read the headers of {}: they say who limits and for how long.", names.the_host())
        },
        commands: |names| vec![wire::headers(names), azure::acr_cache_rules(names), azure::acr_tier(names)],
    },
    Look {
        decides: &[
            causes::TcpTimeout,
            causes::TcpRefused,
            causes::NoIpv4Route,
            causes::NoIpv6Route,
            causes::PrivateEndpointUnreachable,
            causes::ConnectionReset,
            causes::TokenServiceUnreachable,
            causes::RegistryOutage,
            causes::Intermittent,
        ],
        text: |names| {
            format!(
                "Dial {} from here and from another network; what fails in one place only belongs to that network.",
                names.the_host()
            )
        },
        commands: |names| {
            vec![wire::dial(names), wire::dial_family(names, "-4"), wire::dial_family(names, "-6")]
        },
    },
    Look {
        decides: &[
            causes::PlainHttpRegistry,
            causes::HttpsRegistryOnHttp,
            causes::MirrorReturnsHtml,
            causes::AuthChallengeMalformed,
            causes::RegistryServerError,
            causes::RegistryOutage,
            causes::RegistryGeoBlocked,
            causes::RegistryPolicyBlocksPull,
            causes::TokenServiceError,
            causes::Intermittent,
        ],
        text: |names| {
            format!(
                "Read the whole reply of {} from here and from another network: the status, the headers and who answers.",
                names.the_host()
            )
        },
        commands: |names| vec![wire::reply(names), wire::plain_reply(names)],
    },
];
