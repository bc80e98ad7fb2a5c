//! A message in parts that still are pieces of it: what is judged is the text itself, not what may be shown of it.

use super::mask::masked;
use super::peel::{Peeled, peeled};
use super::said::{Dialect, Phase, Signed};
use super::split::{errors, unwrapped};
use super::status::{Answered, address, after_address, answered, coded, host};
use super::{bounded, reference};

/// A whole message.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    /// The image as the kubelet names it.
    pub(super) image: Option<&'a str>,
    /// Whether it was the sandbox' image.
    pub(super) sandbox: bool,
    /// Whose words they are.
    pub(super) dialect: Dialect,
    /// One error for each credential.
    pub(super) attempts: Vec<Form<'a>>,
    /// All of it, in lower case.
    pub(super) lower: String,
}

/// One error.
#[derive(Debug, Default)]
pub(super) struct Form<'a> {
    /// The gRPC code, where it tells something.
    pub(super) code: Option<&'a str>,
    /// The image as the runtime names it.
    pub(super) image: Option<&'a str>,
    /// How far it came.
    pub(super) phase: Phase,
    /// Whether a credential was presented.
    pub(super) signed: Option<Signed>,
    /// The address of its last request.
    pub(super) url: Option<&'a str>,
    /// That address' host, with its port.
    pub(super) host: Option<&'a str>,
    /// The status of the answer.
    pub(super) status: Option<u16>,
    /// What followed the status.
    pub(super) words: &'a str,
    /// The innermost error.
    pub(super) innermost: &'a str,
    /// What went wrong with a request, where there was no answer.
    pub(super) failure: &'a str,
    /// All of it, in lower case.
    pub(super) lower: String,
    /// The innermost error in lower case, without addresses and names.
    pub(super) text: String,
    /// The same without what a registry said: what the node's own programs say.
    pub(super) own: String,
}

impl<'a> Message<'a> {
    /// Reads a message.
    pub(super) fn parse(message: &'a str) -> Self {
        let message = bounded(message);
        let wrapped = unwrapped(message);
        let mut read = Self {
            image: wrapped.image.or_else(|| reference::in_message(message)),
            sandbox: wrapped.sandbox,
            lower: message.to_ascii_lowercase(),
            ..Self::default()
        };
        for error in errors(wrapped.inside) {
            // CRI-O tries the image as another artifact as well, and fails of the same.
            let error = error.split_once("; artifact err:").map_or(error, |(first, _)| first);
            // What containers/image met when it asked for the rest comes after what had cut the transfer.
            let again = [" (after reconnecting", " (while reconnecting"];
            let error =
                again.iter().filter_map(|words| error.find(words)).min().map_or(error, |at| &error[..at]);
            let (form, peeled) = Form::parse(error);
            read.sandbox |= peeled.sandbox;
            read.dialect = more_telling(read.dialect, dialect(peeled.dialect, error));
            if !form.innermost.is_empty() {
                read.attempts.push(form);
            }
        }
        if read.dialect == Dialect::Unknown && reference::is_kubelets(message) {
            read.dialect = Dialect::Kubelet;
        }
        read
    }

    /// The attempt that tells what is missing: the first one that failed of something else than its credential, else the
    /// first. After a failure with a credential comes one without, which a private registry refuses as a matter of course.
    pub(super) fn deciding(&self) -> Option<&Form<'a>> {
        self.attempts.get(self.decides())
    }

    /// Its place among all of them.
    pub(super) fn decides(&self) -> usize {
        self.attempts.iter().position(|form| !form.is_refusal()).unwrap_or_default()
    }
}

fn more_telling(before: Dialect, now: Dialect) -> Dialect {
    match (before, now) {
        (Dialect::Containerd1 | Dialect::Containerd2, Dialect::Containerd) | (_, Dialect::Unknown) => before,
        _ => now,
    }
}

/// The version of containerd by words that only some have.
fn dialect(by_prefix: Dialect, error: &str) -> Dialect {
    // 1.x: `remotes/docker/resolver.go` and the content store of before 2.0.
    const FIRST: &[&str] = &["pulling from host ", "unexpected status code http"];
    const SECOND: &[&str] =
        &["unexpected status from HEAD request to ", "short read: expected ", "%5BREDACTED%5D"];
    let says = |words: &[&str]| words.iter().any(|words| error.contains(words));
    match by_prefix {
        Dialect::Unknown | Dialect::Containerd if says(FIRST) => Dialect::Containerd1,
        Dialect::Unknown | Dialect::Containerd if says(SECOND) => Dialect::Containerd2,
        _ => by_prefix,
    }
}

impl<'a> Form<'a> {
    fn parse(error: &'a str) -> (Self, Peeled<'a>) {
        let peeled = peeled(error);
        let inside = peeled.inside;
        let mut form = Self {
            code: peeled.code,
            image: peeled.image,
            phase: peeled.phase,
            signed: peeled.signed,
            innermost: inside,
            lower: error.to_ascii_lowercase(),
            ..Self::default()
        };
        // What a registry says may name statuses and requests, and none is the node's.
        let is_answer = coded(inside).is_some();
        let answer = answered(inside).filter(|_| !is_answer);
        let before = match &answer {
            Some((at, _)) => &inside[..*at],
            None if is_answer => "",
            None => inside,
        };
        if let Some((url, rest)) = requested(before) {
            form.url = Some(url);
            (form.failure, form.innermost) = (rest, if rest.is_empty() { inside } else { rest });
        }
        if let Some((_, Answered { status, url, host, words })) = answer {
            (form.status, form.words, form.failure) = (Some(status), words, "");
            form.url = url.or(form.url);
            form.host = host;
            // A status alone is no sentence.
            form.innermost = if peeled.signed.is_some() { peeled.last } else { inside };
        }
        form.host = form.host.or_else(|| host(form.url?)).or_else(|| looked_up(before));
        form.text = masked(form.innermost, form.image);
        form.own = masked(form.without_answer(), form.image);
        form.phase = form.located();
        (form, peeled)
    }

    /// The phase, where the address or the media type tells it better.
    fn located(&self) -> Phase {
        if let Some((_, kind)) = self.own.split_once("could not fetch content descriptor ") {
            let kind = kind.split(')').next().unwrap_or(kind);
            return match kind {
                _ if kind.contains("manifest") || kind.contains("index") => Phase::Manifest,
                _ if kind.contains("config") || kind.contains("container.image.v1") => Phase::Config,
                _ => Phase::Layer,
            };
        }
        let path = self.url.unwrap_or_default();
        match self.phase {
            Phase::Layer if path.contains("/manifests/") => Phase::Manifest,
            Phase::Unknown if path.contains("/manifests/") => Phase::Resolve,
            Phase::Unknown if path.contains("/blobs/") => Phase::Layer,
            Phase::Unknown if path.ends_with("/v2/") => Phase::Resolve,
            Phase::Unknown if reference::is_unreadable(&self.own) => Phase::Reference,
            Phase::Unknown if self.own.contains("no match for platform") => Phase::Manifest,
            Phase::Unknown if self.own.contains("no matching manifest for ") => Phase::Manifest,
            Phase::Unknown if self.own.contains("manifest unknown") => Phase::Resolve,
            Phase::Unknown if path.contains("/token") || path.contains("/jwt/auth") => Phase::Authorize,
            phase => phase,
        }
    }

    /// The registry's code and message.
    pub(super) fn registry_words(&self) -> Option<(Option<&'a str>, &'a str)> {
        if self.status.is_some() {
            let words = self.words;
            return match coded(words) {
                Some((code, message)) => Some((Some(code), message)),
                None => (!words.is_empty()).then_some((None, words)),
            };
        }
        // Clients of other runtimes show the registry's words in place of the status.
        let (code, message) = coded(self.innermost)?;
        Some((Some(code), message))
    }

    /// The innermost error without the registry's own words: they are anybody's, and tell nothing of the node.
    fn without_answer(&self) -> &'a str {
        match self.status {
            Some(_) => self.innermost.strip_suffix(self.words).unwrap_or(self.innermost),
            None if coded(self.innermost).is_some() => "",
            None => self.innermost,
        }
    }

    /// Whether a request got no answer: what Go's transport says of connections, proxies and TLS, where alerts have names like
    /// `access denied` and `unknown certificate authority`.
    pub(super) fn is_of_transport(&self) -> bool {
        const BEGINNINGS: &[&str] = &[
            "tls: ",
            "remote error: ",
            "local error: ",
            "x509: ",
            "dial ",
            "proxyconnect ",
            "socks connect ",
            "net/http: ",
        ];
        let failure = self.failure.trim_start().to_ascii_lowercase();
        failure.starts_with("proxy authentication required")
            || BEGINNINGS.iter().any(|beginning| failure.starts_with(beginning))
    }

    /// Whether it failed of its credential, or of having none.
    pub(super) fn is_refusal(&self) -> bool {
        const WORDS: &[&str] = &[
            "unauthorized",
            "no basic auth credentials",
            "authorization failed",
            "access denied",
            "authentication required",
            "access to the resource is denied",
            "denied: denied",
        ];
        match self.status {
            Some(401) => true,
            Some(403) => self.phase == Phase::Authorize,
            Some(_) => false,
            None => !self.is_of_transport() && WORDS.iter().any(|words| self.text.contains(words)),
        }
    }
}

/// The name in `lookup NAME on SERVER: no such host`.
fn looked_up(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("lookup ")?;
    let name = rest.split(|c: char| c.is_whitespace() || matches!(c, ':' | '"')).next()?;
    (name.contains('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
        .then_some(name)
}

/// `Head "URL": failure`, in quotes or, of older programs, without.
fn requested(text: &str) -> Option<(&str, &str)> {
    const METHODS: &[&str] = &["Head ", "Get ", "Post ", "Put ", "HEAD ", "GET ", "POST "];
    let mut text = text;
    // Where prefixes that are not known stand before it, it is the last request that counts.
    if !METHODS.iter().any(|method| text.starts_with(method)) {
        let at = METHODS.iter().filter_map(|method| text.find(&format!(": {method}\"http"))).min()?;
        text = &text[at + 2..];
    }
    let rest = METHODS.iter().find_map(|method| text.strip_prefix(method))?;
    let quoted = rest.strip_prefix('"').unwrap_or(rest);
    if !quoted.starts_with("http://") && !quoted.starts_with("https://") {
        return None;
    }
    let url = address(quoted);
    Some((url, after_address(quoted, url)))
}
