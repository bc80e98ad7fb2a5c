//! The grammar of `github.com/distribution/reference` (`regexp.go`, `normalize.go`, `reference.go`), and of digests
//! (`github.com/opencontainers/go-digest`).
//!
//! Narrower than the grammar in what no one can dial: ports are 1 to 65535, addresses in brackets are IPv6.

use std::net::Ipv6Addr;

use super::error::{DigestProblem, Malformation};
use crate::foreign::Foreign;

const MAX_NAME: usize = 255;
const MAX_TAG: usize = 128;
/// The longest name of a host (RFC 1035).
const MAX_HOST: usize = 253;

/// A reference's parts as they are written.
pub(super) struct Image<'a> {
    pub(super) domain: Option<&'a str>,
    pub(super) path: &'a str,
    pub(super) tag: Option<&'a str>,
    pub(super) digest: Option<&'a str>,
}

/// Reads a text as a registry alone; `None` when it is not written as one.
pub(super) fn registry(given: &str) -> Option<Result<&str, Malformation>> {
    let (host, port) = host_and_port(given);
    let named = host == "localhost" || host.contains('.') || host.starts_with('[');
    let is_port = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    (named && is_port && is_host(host, port)).then(|| domain(given).map(|()| given))
}

/// Reads a text as an image reference.
pub(super) fn image(given: &str) -> Result<Image<'_>, Malformation> {
    printable(given)?;
    let (domain_part, rest) = split_domain(given);
    let (name, digest) = match rest.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (rest, None),
    };
    let (path, tag) = match name.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (name, None),
    };
    if let Some(named) = domain_part {
        domain(named)?;
    }
    if given.ends_with('/') {
        return Err(Malformation::TrailingSlash);
    }
    for component in path.split('/') {
        if component.is_empty() {
            return Err(Malformation::EmptyComponent);
        }
        if !is_component(component) {
            return Err(Malformation::Component { component: Foreign::new(component) });
        }
    }
    length(path)?;
    tag.map_or(Ok(()), check_tag)?;
    if let Some(problem) = digest.and_then(digest_problem) {
        return Err(Malformation::Digest { problem });
    }
    // A bare digest in hexadecimal would be read as an image's id (`anchoredIdentifierRegexp`).
    if given.len() == 64 && is_lower_hex(given) {
        return Err(Malformation::Digest { problem: DigestProblem::Bare });
    }
    Ok(Image { domain: domain_part, path, tag, digest })
}

/// What no part of a reference may hold.
fn printable(given: &str) -> Result<(), Malformation> {
    if given.trim().is_empty() {
        return Err(Malformation::Empty);
    }
    match given.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '"' | '\'' | '`')) {
        None => Ok(()),
        Some(_) if given.trim() != given => Err(Malformation::BlankAtTheEnds),
        Some(c) if c.is_whitespace() => Err(Malformation::Blank),
        Some('"' | '\'' | '`') => Err(Malformation::Quote),
        Some(c) => Err(Malformation::Character { code: u32::from(c) }),
    }
}

/// Docker's rule (`splitDockerDomain`): what stands before the first slash is a host when it has a dot, a colon or an
/// upper-case letter, or is `localhost`.
fn split_domain(given: &str) -> (Option<&str>, &str) {
    match given.split_once('/') {
        Some((first, rest))
            if first == "localhost"
                || first.contains(['.', ':'])
                || first.bytes().any(|b| b.is_ascii_uppercase()) =>
        {
            (Some(first), rest)
        }
        _ => (None, given),
    }
}

/// A host and its port, both as written; the colons within brackets are the host's.
pub(super) fn host_and_port(domain: &str) -> (&str, Option<&str>) {
    let host_end = domain.rfind(']').map_or(0, |at| at + 1);
    match domain.get(host_end..).and_then(|rest| rest.find(':')) {
        Some(colon) => {
            let (host, port) = domain.split_at(host_end + colon);
            (host, port.strip_prefix(':'))
        }
        None => (domain, None),
    }
}

fn domain(text: &str) -> Result<(), Malformation> {
    let (host, port) = host_and_port(text);
    if !is_host(host, port) {
        return Err(Malformation::Host { host: Foreign::new(host) });
    }
    let fine =
        |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0);
    match port {
        Some(port) if !fine(port) => Err(Malformation::Port { port: Foreign::new(port) }),
        _ => Ok(()),
    }
}

fn is_host(host: &str, port: Option<&str>) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|a| !a.contains('.') && a.parse::<Ipv6Addr>().is_ok());
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // Without a port, a host with underscores passes as a component of the path; containerd takes it for the host all
    // the same.
    let is_path = port.is_none() && is_component(host);
    host.len() <= MAX_HOST && (host.split('.').all(is_label) || is_path)
}

/// Lower-case letters and digits, with one of `.`, `_`, `__` or any number of `-` between two of them.
fn is_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(is_word) && text.bytes().last().is_some_and(is_word);
    let between = |separator: &str| {
        matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
    };
    ends && text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()).all(between)
}

fn check_tag(tag: &str) -> Result<(), Malformation> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match tag.bytes().next() {
        None => Err(Malformation::EmptyTag),
        Some(first) if is_word(first) && tag.bytes().all(|b| is_word(b) || matches!(b, b'.' | b'-')) => {
            if tag.len() > MAX_TAG { Err(Malformation::TagTooLong { length: tag.len() }) } else { Ok(()) }
        }
        Some(_) => Err(Malformation::Tag { tag: Foreign::new(tag) }),
    }
}

/// What is wrong with the text after an `@`; `None` when it is a digest.
pub(super) fn digest_problem(digest: &str) -> Option<DigestProblem> {
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return Some(if digest.is_empty() { DigestProblem::Missing } else { DigestProblem::NoAlgorithm });
    };
    let expected = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Some(DigestProblem::Algorithm { algorithm: Foreign::new(algorithm) }),
    };
    if is_lower_hex(hex) {
        (hex.len() != expected).then_some(DigestProblem::Length { expected, found: hex.len() })
    } else if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Some(DigestProblem::UpperCase)
    } else {
        Some(DigestProblem::NotHexadecimal)
    }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

/// Whether a repository's name is short enough.
pub(super) fn length(path: &str) -> Result<(), Malformation> {
    match path.len() {
        0..=MAX_NAME => Ok(()),
        length => Err(Malformation::NameTooLong { length }),
    }
}
