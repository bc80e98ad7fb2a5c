//! Which requests go through a proxy, by the rules of Go (`golang.org/x/net/http/httpproxy`, which `net/http` uses):
//! `HTTPS_PROXY` for https, `HTTP_PROXY` for http, but for what `NO_PROXY` exempts; the machine itself is always exempt.

use std::net::IpAddr;

use url::Url;

use crate::secret::Secret;

mod rules;

pub use rules::Exempt;

/// Where variables or a flag name proxies.
#[derive(Clone, Default)]
pub struct Proxies {
    /// The proxy for https.
    pub https: Option<Proxy>,
    /// The proxy for http.
    pub http: Option<Proxy>,
    /// What goes direct all the same.
    pub exempt: Exempt,
}

/// A proxy.
#[derive(Clone)]
pub struct Proxy {
    /// How it is spoken to.
    pub kind: ProxyKind,
    /// Its host, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `USER:PASSWORD` that its address holds.
    pub user: Option<Secret<String>>,
    /// What named it: a variable, a flag, or a file's variable.
    pub named_by: String,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// Plain http.
    Http,
    /// http over TLS.
    Https,
    /// SOCKS version 5, which this program does not speak.
    Socks,
    /// Another scheme, which Go does not speak either.
    Other,
}

impl Proxy {
    /// Reads a proxy's address as Go does: a scheme may be missing, and is http then. `None` for what Go passes over
    /// in silence: nothing, or no address at all.
    pub fn read(text: &str, named_by: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        // Go sees a host only behind two slashes, where a browser's rules see one without them.
        let has_host = text.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//"));
        let whole = Url::parse(text)
            .ok()
            .filter(|url| has_host && url.host_str().is_some_and(|host| !host.is_empty()));
        let url = match whole {
            Some(url) => url,
            None => Url::parse(&format!("http://{text}")).ok().filter(|url| url.host_str().is_some())?,
        };
        let kind = match url.scheme() {
            "http" => ProxyKind::Http,
            "https" => ProxyKind::Https,
            "socks5" | "socks5h" => ProxyKind::Socks,
            _ => ProxyKind::Other,
        };
        let port = url.port_or_known_default().unwrap_or(match kind {
            ProxyKind::Socks => 1080,
            _ => 80,
        });
        let decoded = |text: &str| percent_decoded(text);
        let user = (!url.username().is_empty() || url.password().is_some()).then(|| {
            Secret::new(format!(
                "{}:{}",
                decoded(url.username()),
                decoded(url.password().unwrap_or_default())
            ))
        });
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        Some(Self { kind, host, port, user, named_by: named_by.to_owned() })
    }

    /// Its address for people: without user.
    pub fn shown(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl Proxies {
    /// The proxies that variables name; upper case first, as Go reads them. Beside `REQUEST_METHOD` (a CGI program)
    /// Go does not take `HTTP_PROXY`, which a client could set.
    pub fn from_variables<'v>(value: impl Fn(&str) -> Option<&'v str>) -> Self {
        let named = |upper: &str| {
            let lower = upper.to_ascii_lowercase();
            [upper.to_owned(), lower]
                .into_iter()
                .find_map(|name| value(&name).filter(|text| !text.is_empty()).map(|text| (name, text)))
        };
        let proxy = |upper: &str| named(upper).and_then(|(name, text)| Proxy::read(text, &name));
        let is_cgi = value("REQUEST_METHOD").is_some_and(|method| !method.is_empty());
        Self {
            https: proxy("HTTPS_PROXY"),
            http: proxy("HTTP_PROXY").filter(|_| !is_cgi),
            exempt: named("NO_PROXY").map(|(_, text)| Exempt::read(text)).unwrap_or_default(),
        }
    }

    /// The proxy through which a request goes; `None` when it goes direct.
    pub fn for_host(&self, host: &str, port: u16, tls: bool) -> Option<&Proxy> {
        let proxy = if tls { self.https.as_ref() } else { self.http.as_ref() }?;
        (!self.exempt.exempts(host, port)).then_some(proxy)
    }

    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        self.https.is_none() && self.http.is_none()
    }
}

/// Whether a host is this machine, which no request to goes through a proxy.
fn is_own(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_go_reads_it() {
        for (text, expected) in [
            ("http://proxy.contoso.example:3128", Some((ProxyKind::Http, "proxy.contoso.example:3128"))),
            ("proxy.contoso.example:3128", Some((ProxyKind::Http, "proxy.contoso.example:3128"))),
            ("proxy.contoso.example", Some((ProxyKind::Http, "proxy.contoso.example:80"))),
            ("10.1.2.3:8080", Some((ProxyKind::Http, "10.1.2.3:8080"))),
            ("https://proxy:8443/", Some((ProxyKind::Https, "proxy:8443"))),
            ("https://proxy", Some((ProxyKind::Https, "proxy:443"))),
            ("http:80", Some((ProxyKind::Http, "http:80"))),
            ("socks5://10.0.0.1", Some((ProxyKind::Socks, "10.0.0.1:1080"))),
            ("ftp://proxy:21", Some((ProxyKind::Other, "proxy:21"))),
            ("http://[fd00::1]:3128", Some((ProxyKind::Http, "[fd00::1]:3128"))),
            ("", None),
            ("://", None),
        ] {
            let read = Proxy::read(text, "HTTPS_PROXY").map(|proxy| (proxy.kind, proxy.shown()));
            assert_eq!(read.as_ref().map(|(kind, shown)| (*kind, shown.as_str())), expected, "{text}");
        }
        let user = Proxy::read("http://bob:p%40ss@proxy:1", "x").and_then(|proxy| proxy.user);
        assert_eq!(user.map(|user| user.expose().clone()).as_deref(), Some("bob:p@ss"));
    }

    /// Every rule of Go's, one row each: the variables, the request, and the proxy that it goes through.
    #[test]
    fn requests_go_where_gos_go() {
        let both: &[(&str, &str)] = &[("HTTPS_PROXY", "http://s:1"), ("HTTP_PROXY", "http://p:2")];
        let exempting = |rule: &'static str| {
            vec![("HTTPS_PROXY", "http://s:1"), ("HTTP_PROXY", "http://p:2"), ("NO_PROXY", rule)]
        };
        let (through, direct): (Option<&str>, Option<&str>) = (Some("s:1"), None);
        for (variables, url, expected) in [
            // The variable of the scheme; upper case first; an empty one is none.
            (both.to_vec(), "https://reg.example", through),
            (both.to_vec(), "http://reg.example", Some("p:2")),
            (vec![("HTTP_PROXY", "http://p:2")], "https://reg.example", direct),
            (vec![("https_proxy", "http://low:1")], "https://reg.example", Some("low:1")),
            (
                vec![("https_proxy", "http://low:1"), ("HTTPS_PROXY", "http://s:1")],
                "https://reg.example",
                through,
            ),
            (
                vec![("https_proxy", "http://low:1"), ("HTTPS_PROXY", "")],
                "https://reg.example",
                Some("low:1"),
            ),
            (vec![("ALL_PROXY", "http://all:1")], "https://reg.example", direct),
            (vec![("HTTPS_PROXY", "http://s:1"), ("no_proxy", "reg.example")], "https://reg.example", direct),
            (vec![("HTTP_PROXY", "http://p:2"), ("REQUEST_METHOD", "GET")], "http://reg.example", direct),
            // The machine itself.
            (both.to_vec(), "https://localhost:5000", direct),
            (both.to_vec(), "https://127.8.9.1", direct),
            (both.to_vec(), "https://[::1]:5000", direct),
            (both.to_vec(), "https://sub.localhost", through),
            // A star alone is everything, even beside others; within a name it is only a beginning.
            (exempting("*"), "https://reg.example", direct),
            (exempting("x.example,*"), "https://10.0.0.1", direct),
            (exempting("*.example"), "https://reg.example", direct),
            (exempting("*.reg.example"), "https://reg.example", through),
            (exempting("re*.example"), "https://reg.example", through),
            // A name is it and all below it; with a dot before it only what is below it.
            (exempting("reg.example"), "https://reg.example", direct),
            (exempting("reg.example"), "https://a.reg.example", direct),
            (exempting("reg.example"), "https://areg.example", through),
            (exempting(".reg.example"), "https://reg.example", through),
            (exempting(".reg.example"), "https://a.reg.example", direct),
            (exempting(" Reg.Example , b.example"), "https://REG.example", direct),
            // A port.
            (exempting("reg.example:443"), "https://reg.example", direct),
            (exempting("reg.example:5000"), "https://reg.example", through),
            (exempting("reg.example:5000"), "https://reg.example:5000", direct),
            (exempting(":5000"), "https://reg.example:5000", through),
            // Addresses and networks match addresses alone; names are not resolved for it.
            (exempting("10.1.2.3"), "https://10.1.2.3", direct),
            (exempting("10.1.2.3:443"), "https://10.1.2.3", direct),
            (exempting("10.1.2.3:444"), "https://10.1.2.3", through),
            (exempting("10.0.0.0/8"), "https://10.1.2.3", direct),
            (exempting("10.0.0.0/8"), "https://11.1.2.3", through),
            (exempting("10.0.0.0/8"), "https://reg.example", through),
            (exempting("fd00::/8"), "https://[fd00::1]", direct),
            (exempting("[fd00::1]:443"), "https://[fd00::1]", direct),
            (exempting("169.254.169.254"), "http://169.254.169.254", direct),
            (exempting("169.254.0.0/16"), "http://169.254.169.254", direct),
            (exempting("168.63.129.16"), "http://169.254.169.254", Some("p:2")),
            (exempting("10.0.0.0/33"), "https://10.1.2.3", through),
            (exempting(",, ,"), "https://reg.example", through),
        ] {
            let proxies = Proxies::from_variables(|name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
            });
            let url: Url = url.parse().expect(url);
            let host = url.host_str().expect("a host").trim_start_matches('[').trim_end_matches(']');
            let port = url.port_or_known_default().expect("a port");
            let taken = proxies.for_host(host, port, url.scheme() == "https").map(Proxy::shown);
            assert_eq!(taken.as_deref(), expected, "{variables:?} for {url}");
        }
    }
}
