//! Whether an image is one of those that a credential is for, as kubelet tells it (`URLsMatchStr` of Kubernetes'
//! `pkg/credentialprovider/keyring.go`): for `matchImages` of a credential provider, and for the keys of a docker
//! configuration once they are without scheme and version.
//!
//! Both are addresses to Go's `net/url`, which decides more than one may expect: a `?` starts a query and is no
//! wildcard, user and fragment do not count, and case does.

use super::glob;

/// Whether `pattern` is for the image `repository` of the registry `host_and_port`: with as many labels, each matched
/// by itself, an equal port or none in both, and a path that the repository starts with.
///
/// A malformed pattern matches nothing. A class of characters, `[a-z]`, is taken where a host does not start with it,
/// as by kubelets whose Go is older than October 2025; a newer one refuses the pattern.
pub fn matches(host_and_port: &str, repository: &str, pattern: &str) -> bool {
    let image = format!("{host_and_port}/{repository}");
    let (Some(wanted), Some(image)) = (Address::parse(pattern), Address::parse(&image)) else { return false };
    let (labels, image_labels) = (wanted.host.split('.'), image.host.split('.'));
    wanted.port == image.port
        && labels.clone().count() == image_labels.clone().count()
        && image.path.starts_with(&wanted.path)
        && labels.zip(image_labels).all(|(label, of_image)| glob::matches(label, of_image))
}

/// What counts of an address without a scheme.
struct Address<'a> {
    host: &'a str,
    port: &'a str,
    /// With its slash, and decoded.
    path: Vec<u8>,
}

impl<'a> Address<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return None;
        }
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        decoded(fragment)?;
        let text = text.split_once('?').map_or(text, |(before, _)| before);
        let (authority, path) = text.split_at(text.find('/').unwrap_or(text.len()));
        let host = match authority.rsplit_once('@') {
            Some((user, host)) if is_user(user) => host,
            Some(_) => return None,
            None => authority,
        };
        let (host, port) = host_and_port(host)?;
        Some(Self { host, port, path: decoded(path)? })
    }
}

/// Host and port as Go's `net.SplitHostPort` splits what `net/url` accepts.
pub(super) fn host_and_port(text: &str) -> Option<(&str, &str)> {
    let is_allowed =
        |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"".contains(c);
    if !text.chars().all(is_allowed) {
        return None;
    }
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(literal) = text.strip_prefix('[') {
        let (host, after) = literal.rsplit_once(']')?;
        return match after.strip_prefix(':') {
            Some(port) if digits(port) => Some((host, port)),
            // A literal without a port keeps its brackets, and is no match for itself.
            None if after.is_empty() => Some((text, "")),
            _ => None,
        };
    }
    match text.rsplit_once(':') {
        None => Some((text, "")),
        Some((_, port)) if !digits(port) => None,
        Some((host, _)) if host.contains(':') => Some((text, "")),
        Some((host, port)) => Some((host, port)),
    }
}

fn is_user(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c))
        && decoded(text).is_some()
}

/// Without percent signs; `None` where one is followed by anything but two hexadecimal digits.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let mut digit = || Some(char::from(bytes.next()?).to_digit(16)? as u8);
                digit()? << 4 | digit()?
            }
            byte => byte,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_match_as_they_do_for_kubelet() {
        // Seen with kubelet's three functions on Go 1.26, but for the classes.
        for (pattern, image, expected) in [
            ("*.azurecr.io", "contoso.azurecr.io/a/b", true),
            ("*.azurecr.io", "a.b.azurecr.io/x", false),
            ("*.*.geo.azurecr.io", "c.eastus.geo.azurecr.io/x", true),
            ("*.azurecr.io", "contoso.azurecr.io:443/a", false),
            ("*.azurecr.io:443", "contoso.azurecr.io:443/a", true),
            ("*.azurecr.io:443", "contoso.azurecr.io/a", false),
            ("*.azurecr.io:*", "contoso.azurecr.io:443/a", false),
            ("contoso*.azurecr.io", "contosoacr.azurecr.io/x", true),
            ("con*r.azurecr.io", "contosoacr.azurecr.io/x", true),
            ("a*b*c.io", "aXbYc.io/x", true),
            ("*a*.io", "bcd.io/x", false),
            ("mcr.microsoft.com", "mcr.microsoft.com/x", true),
            ("MCR.microsoft.com", "mcr.microsoft.com/x", false),
            ("c.azurecr.io", "C.azurecr.io/x", false),
            ("reg.io/team", "reg.io/team/web", true),
            ("reg.io/tea", "reg.io/team/web", true),
            ("reg.io/team/", "reg.io/team/web", true),
            ("reg.io/team/", "reg.io/team", false),
            ("reg.io/", "reg.io/team", true),
            ("reg.io/*", "reg.io/team", false),
            ("reg.io//x", "reg.io/x", false),
            ("reg.io/a%62", "reg.io/ab", true),
            ("reg.io/%zz", "reg.io/x", false),
            ("reg?.io", "reg1.io/x", false),
            ("reg?.io", "reg/x", true),
            ("reg.io#x", "reg.io/x", true),
            ("reg.io#%zz", "reg.io/x", false),
            ("*", "localhost/x", true),
            ("*", "a.b/x", false),
            ("*.*", "a.b/x", true),
            ("", "a/x", false),
            ("[::1]:5000", "[::1]:5000/x", true),
            ("[::1]", "[::1]:5000/x", false),
            ("[::1]", "[::1]/x", false),
            ("10.0.0.*", "10.0.0.7/x", true),
            ("10.*", "10.0.0.7/x", false),
            ("user@reg.io", "reg.io/x", true),
            ("user:p@reg.io", "reg.io/x", true),
            ("us er@reg.io", "reg.io/x", false),
            ("https://reg.io", "reg.io/x", false),
            ("reg%2eio", "reg.io/x", false),
            ("reg .io", "reg.io/x", false),
            ("reg.io:x", "reg.io/x", false),
            ("reg.io:", "reg.io/x", true),
            ("reg\u{7f}.io", "reg.io/x", false),
            ("\\*.io", "*.io/x", false),
            ("*{a}.io", "xa.io/x", false),
            ("ré*.io", "réx.io/x", true),
            // Only by a Go of before October 2025.
            ("reg[0-9].io", "reg1.io/x", true),
            ("reg[0-9].io", "rega.io/x", false),
            ("reg.i[^a]", "reg.io/x", false),
            ("[a-z]eg.io", "reg.io/x", false),
        ] {
            let (host, repository) = image.split_once('/').expect("an image");
            assert_eq!(matches(host, repository, pattern), expected, "{pattern} {image}");
        }
    }
}
