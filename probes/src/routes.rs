//! What is dialled instead of an address: curl's `--connect-to HOST:PORT:ADDR:PORT`.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// One `--connect-to`: an empty host or port matches any; an empty replacement keeps what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The name or address that is replaced.
    pub host: Option<String>,
    /// The port that is replaced.
    pub port: Option<u16>,
    /// The address that is dialled.
    pub to_address: Option<IpAddr>,
    /// The port that is dialled.
    pub to_port: Option<u16>,
}

/// A `--connect-to` that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{0}' is not HOST:PORT:ADDRESS:PORT; the second half takes an address, IPv6 in brackets")]
pub struct RouteError(String);

impl FromStr for Route {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Self, RouteError> {
        let error = || RouteError(text.to_owned());
        let parts = split_outside_brackets(text);
        let [host, port, to_address, to_port] = parts.as_slice() else { return Err(error()) };
        let number = |t: &str| match t {
            "" => Ok(None),
            t => t.parse::<u16>().map(Some).map_err(|_| error()),
        };
        let bare = |t: &str| t.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        Ok(Self {
            host: (!host.is_empty()).then(|| bare(host)),
            port: number(port)?,
            to_address: match *to_address {
                "" => None,
                address => Some(bare(address).parse().map_err(|_| error())?),
            },
            to_port: number(to_port)?,
        })
    }
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut inside = false;
    text.split(|c: char| {
        inside = (inside || c == '[') && c != ']';
        c == ':' && !inside
    })
    .collect()
}

/// All `--connect-to`, in order; the first that matches wins.
#[derive(Clone, Debug, Default)]
pub struct Routes(pub Vec<Route>);

impl Routes {
    /// The address that is really asked for a nameserver: only a route that names the nameserver's own address counts,
    /// so that one for any host leaves names alone.
    pub fn nameserver(&self, server: SocketAddr) -> SocketAddr {
        let literal = server.ip().to_string();
        let own = self.0.iter().filter(|route| route.host.as_deref() == Some(literal.as_str())).cloned();
        Self(own.collect()).dialled(&literal, server)
    }

    /// The address that is really dialled for a name that resolved to `address`.
    pub fn dialled(&self, name: &str, address: SocketAddr) -> SocketAddr {
        let literal = address.ip().to_string();
        self.0
            .iter()
            .find(|route| {
                route.host.as_deref().is_none_or(|h| h.eq_ignore_ascii_case(name) || h == literal)
                    && route.port.is_none_or(|p| p == address.port())
            })
            .map_or(address, |route| {
                SocketAddr::new(
                    route.to_address.unwrap_or(address.ip()),
                    route.to_port.unwrap_or(address.port()),
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_curl_reads() {
        let routes = Routes(
            [
                "20.62.128.10:443:127.0.0.1:8443",
                "[2603:1020::1]:443:[::1]:9000",
                "reg.example::127.0.0.9:",
                ":5000:127.0.0.1:1",
            ]
            .iter()
            .map(|t| t.parse().expect(t))
            .collect(),
        );
        let dialled =
            |name: &str, address: &str| routes.dialled(name, address.parse().expect(address)).to_string();
        assert_eq!(dialled("a", "20.62.128.10:443"), "127.0.0.1:8443");
        assert_eq!(dialled("a", "20.62.128.10:80"), "20.62.128.10:80");
        assert_eq!(dialled("a", "[2603:1020::1]:443"), "[::1]:9000");
        assert_eq!(dialled("REG.example", "10.0.0.1:443"), "127.0.0.9:443");
        assert_eq!(dialled("b", "10.0.0.1:5000"), "127.0.0.1:1");
        let asked = |server: &str| routes.nameserver(server.parse().expect(server)).to_string();
        assert_eq!(asked("20.62.128.10:443"), "127.0.0.1:8443");
        assert_eq!(asked("10.0.0.1:5000"), "10.0.0.1:5000");
        for bad in ["", "a:b", "a:443:name:1", "a:x:127.0.0.1:1", "1:2:3:4:5"] {
            assert!(bad.parse::<Route>().is_err(), "{bad}");
        }
    }
}
