//! Statuses of http in the forms in which runtimes write them, and the registry's words behind them.

/// A status, the address that it answers, and what follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered<'a> {
    /// The status code.
    pub(super) status: u16,
    /// The address, where it is named.
    pub(super) url: Option<&'a str>,
    /// The host, where it alone is named.
    pub(super) host: Option<&'a str>,
    /// What follows: the registry's own words.
    pub(super) words: &'a str,
}

/// What stands before a status, at the end of it.
const BEFORE: &[&str] = &[
    "unexpected status: ",
    "received unexpected HTTP status: ",
    "invalid status code from registry ",
    "login attempt failed with status: ",
    "failed with status: ",
    "error parsing HTTP ",
    "StatusCode: ",
    "unexpected status code ",
    "unexpected http status code: ",
    "status code ",
];

/// The first status that a text names in a known form.
pub(super) fn answered(text: &str) -> Option<Answered<'_>> {
    if let Some((_, rest)) = text.split_once("pulling from host ")
        && let Some((host, rest)) = rest.split_once(" failed with status code ")
    {
        // `[manifests v1]: 403 Forbidden`
        let after = rest.split_once("]: ").map_or(rest, |(_, after)| after);
        if let Some((status, words)) = code(after) {
            return Some(Answered { status, url: None, host: Some(host), words });
        }
    }
    for before in ["unexpected status from ", "unexpected status code "] {
        let Some((_, rest)) = text.split_once(before) else { continue };
        let rest = rest.split_once(" request to ").map_or(rest, |(_, url)| url);
        let Some(url) = rest.starts_with("http").then(|| address(rest)) else { continue };
        if let Some((status, words)) = code(after_address(rest, url)) {
            return Some(Answered { status, url: Some(url), host: None, words });
        }
    }
    // containerd's words for a 404 (`remotes/docker/resolver.go`).
    if let Some((_, rest)) = text.split_once("content at ")
        && rest.starts_with("http")
    {
        let url = address(rest);
        if after_address(rest, url).starts_with("not found") {
            return Some(Answered { status: 404, url: Some(url), host: None, words: "" });
        }
    }
    BEFORE.iter().find_map(|before| {
        let (_, rest) = text.split_once(before)?;
        let (status, words) = code(rest)?;
        let words = words.strip_prefix(" response body: ").or(words.strip_prefix("response body: "));
        Some(Answered { status, url: None, host: None, words: words.unwrap_or(code(rest)?.1) })
    })
}

/// The address that a text begins with: up to a quote, a blank, or a colon before one.
pub(super) fn address(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
    text[..end].trim_end_matches(':')
}

/// What follows an address, without what separates them.
pub(super) fn after_address<'a>(text: &'a str, address: &str) -> &'a str {
    text[address.len()..].trim_start_matches(['"', ':', ' '])
}

/// The host of an address, with its port and without a user.
pub(super) fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#', '"']).unwrap_or(rest.len());
    let host = &rest[..end];
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}

/// A status code with its phrase, and what follows them.
fn code(text: &str) -> Option<(u16, &str)> {
    let digits = text.get(..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let rest = &text[3..];
    if rest.starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let status = digits.parse().ok().filter(|status| (100..600).contains(status))?;
    let after = rest.trim_start_matches([' ', '(', ',']);
    let after = phrases(status).iter().find_map(|phrase| after.strip_prefix(phrase)).unwrap_or(rest);
    let after = after.trim_start_matches([')', '"']);
    let after = after.trim_start().trim_start_matches("- ").trim_start_matches("Server message: ");
    Some((status, after.trim_start_matches([' ', '\n', '\r', ',', ':'])))
}

/// The phrases that go with a status, Go's first; a proxy may write its own.
pub(super) fn phrases(status: u16) -> &'static [&'static str] {
    match status {
        301 => &["Moved Permanently"],
        302 => &["Found"],
        307 => &["Temporary Redirect"],
        400 => &["Bad Request"],
        401 => &["Unauthorized"],
        402 => &["Payment Required"],
        403 => &["Forbidden"],
        404 => &["Not Found"],
        405 => &["Method Not Allowed"],
        407 => &["Proxy Authentication Required"],
        408 => &["Request Timeout"],
        409 => &["Conflict"],
        410 => &["Gone"],
        412 => &["Precondition Failed"],
        416 => &["Requested Range Not Satisfiable"],
        421 => &["Misdirected Request"],
        429 => &["Too Many Requests"],
        451 => &["Unavailable For Legal Reasons"],
        500 => &["Internal Server Error"],
        501 => &["Not Implemented"],
        502 => &["Bad Gateway"],
        503 => &["Service Unavailable", "Service Temporarily Unavailable"],
        504 => &["Gateway Timeout", "Gateway Time-out"],
        511 => &["Network Authentication Required"],
        _ => &[],
    }
}

/// The codes of the distribution specification as errors are written (`errcode.Error`): lower case, blanks for underlines.
const CODES: &[&str] = &[
    "unauthorized",
    "denied",
    "toomanyrequests",
    "too many requests",
    "manifest unknown",
    "manifest invalid",
    "manifest blob unknown",
    "blob unknown",
    "name unknown",
    "name invalid",
    "repository name not known to registry",
    "unsupported",
    "unavailable",
    "unknown",
];

/// The registry's code at the beginning of a text, and the message behind it.
pub(super) fn coded(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    CODES.iter().find_map(|code| {
        let head = text.get(..code.len()).filter(|head| head.eq_ignore_ascii_case(code))?;
        let rest = &text[code.len()..];
        let message =
            rest.strip_prefix(':').or_else(|| rest.trim_end_matches(['.', ']']).is_empty().then_some(""))?;
        Some((head, message.trim()))
    })
}
