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

/// The first status that a text names in a known form, and where that form begins: what follows a status is a registry's, and may
/// look like another.
pub(super) fn answered(text: &str) -> Option<(usize, Answered<'_>)> {
    let forms = [
        pulling(text),
        requested(text, "unexpected status from "),
        requested(text, "unexpected status code "),
        absent(text),
    ];
    let plain = BEFORE.iter().map(|before| plain(text, before));
    forms.into_iter().chain(plain).flatten().min_by_key(|(at, _)| *at)
}

/// What follows some words, and where they begin.
fn after<'a>(text: &'a str, words: &str) -> Option<(usize, &'a str)> {
    text.find(words).map(|at| (at, &text[at + words.len()..]))
}

/// `pulling from host HOST failed with status code [manifests v1]: 403 Forbidden`
fn pulling(text: &str) -> Option<(usize, Answered<'_>)> {
    let (at, rest) = after(text, "pulling from host ")?;
    let (host, rest) = rest.split_once(" failed with status code ")?;
    let rest = rest.split_once("]: ").map_or(rest, |(_, after)| after);
    let (status, words) = code(rest)?;
    Some((at, Answered { status, url: None, host: Some(host), words }))
}

/// `unexpected status from GET request to URL: 403 Forbidden`
fn requested<'a>(text: &'a str, before: &str) -> Option<(usize, Answered<'a>)> {
    let (at, rest) = after(text, before)?;
    let rest = match rest.split_once(" request to ") {
        Some((method, url)) if !method.contains(' ') => url,
        _ => rest,
    };
    let url = rest.starts_with("http").then(|| address(rest))?;
    let (status, words) = code(after_address(rest, url))?;
    Some((at, Answered { status, url: Some(url), host: None, words }))
}

/// `content at URL not found`: containerd's words for a 404 (`remotes/docker/resolver.go`).
fn absent(text: &str) -> Option<(usize, Answered<'_>)> {
    let (at, rest) = after(text, "content at ")?;
    let url = rest.starts_with("http").then(|| address(rest))?;
    let is_absent = after_address(rest, url).starts_with("not found");
    is_absent.then_some((at, Answered { status: 404, url: Some(url), host: None, words: "" }))
}

fn plain<'a>(text: &'a str, before: &str) -> Option<(usize, Answered<'a>)> {
    let (at, rest) = after(text, before)?;
    // Older ones name what was asked for: `[manifests v1]: 403 Forbidden`.
    let rest = if rest.starts_with('[') { rest.split_once("]: ")?.1 } else { rest };
    let (status, words) = code(rest)?;
    let body = words.strip_prefix(" response body: ").or(words.strip_prefix("response body: "));
    Some((at, Answered { status, url: None, host: None, words: body.unwrap_or(words) }))
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
    let phrase = |phrase: &&str| {
        after.strip_prefix(*phrase).or_else(|| after.strip_prefix(phrase.to_ascii_uppercase().as_str()))
    };
    let after = phrases(status).iter().find_map(phrase).unwrap_or(rest);
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
