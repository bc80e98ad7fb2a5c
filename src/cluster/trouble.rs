//! What stood in the way, by the types of the errors and never by their words.

use std::error::Error;
use std::io::ErrorKind;

use jiff::Timestamp;
use probes::foreign::Foreign;
use rustls::CertificateError;
use serde::Deserialize;

use super::connect::Unresolved;
use super::tunnel::ProxyFault;
use crate::case::cluster::{Trouble, TroubleKind};
use crate::case::pull::Refusal;

/// Why a request has no answer that can be used.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The API server refused it.
    Refused(Status),
    /// Nothing, or nothing of an API server, came back.
    Failed(Failed),
}

/// A failure below the API.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) kind: TroubleKind,
    pub(super) detail: String,
}

/// What an API server says when it says no (`metav1.Status`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) code: u16,
    pub(super) reason: String,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn failed(kind: TroubleKind, detail: impl Into<String>) -> Self {
        Self::Failed(Failed { kind, detail: detail.into() })
    }

    pub(super) fn kind(&self) -> TroubleKind {
        match self {
            Self::Failed(failed) => failed.kind,
            Self::Refused(status) => match status.code {
                401 => TroubleKind::Unauthenticated,
                403 => TroubleKind::Forbidden,
                404 => TroubleKind::NotFound,
                429 => TroubleKind::Throttled,
                _ => TroubleKind::Answer,
            },
        }
    }

    /// As the case keeps it.
    pub(super) fn during(&self, during: impl Into<String>) -> Trouble {
        let detail = match self {
            Self::Failed(failed) => failed.detail.clone(),
            Self::Refused(status) if status.message.is_empty() => {
                format!("{} {}", status.code, status.reason)
            }
            Self::Refused(status) => format!("{}: {}", status.code, status.message),
        };
        Trouble { kind: self.kind(), during: during.into(), detail: Foreign::long(&detail) }
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Refused(Status { code: 404, .. }))
    }

    pub(super) fn is_forbidden(&self) -> bool {
        matches!(self, Self::Refused(Status { code: 403, .. }))
    }
}

impl From<&Status> for Refusal {
    fn from(status: &Status) -> Self {
        Self {
            code: status.code,
            reason: Foreign::new(&status.reason),
            message: Foreign::long(&status.message),
        }
    }
}

/// An error of kube's.
pub(super) fn of_kube(error: &kube::Error) -> Failed {
    match error {
        kube::Error::Service(inner) => of_chain(&**inner),
        kube::Error::RustlsTls(inner) => {
            let detail =
                format!("what the kubeconfig has of certificates and keys cannot be used: {}", chain(inner));
            Failed { kind: TroubleKind::Tls, detail }
        }
        kube::Error::Auth(_) => Failed { kind: TroubleKind::Unauthenticated, detail: chain(error) },
        other => of_chain(other),
    }
}

/// Walks an error's sources for the first that has a meaning.
pub(super) fn of_chain(error: &(dyn Error + 'static)) -> Failed {
    let detail = chain(error);
    let mut kind = None;
    each(error, &mut |error| {
        if kind.is_none() {
            kind = kind_of(error);
        }
    });
    Failed { kind: kind.unwrap_or(TroubleKind::Answer), detail }
}

fn kind_of(error: &(dyn Error + 'static)) -> Option<TroubleKind> {
    if error.is::<ProxyFault>() {
        return Some(TroubleKind::Proxy);
    }
    if error.is::<Unresolved>() || error.is::<rustls_pki_types::InvalidDnsNameError>() {
        return Some(TroubleKind::Unresolved);
    }
    if error.is::<rustls::Error>() {
        return Some(TroubleKind::Tls);
    }
    if error.is::<kube::client::AuthError>() {
        return Some(TroubleKind::Unauthenticated);
    }
    if is_closed(error) {
        return Some(TroubleKind::NotConnected);
    }
    let io = error.downcast_ref::<std::io::Error>()?;
    match io.kind() {
        ErrorKind::ConnectionRefused
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable
        | ErrorKind::NotConnected
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof
        | ErrorKind::TimedOut => Some(TroubleKind::NotConnected),
        _ => None,
    }
}

/// Every error of a chain, also those that an `io::Error` holds and does not name as its source.
fn each(error: &(dyn Error + 'static), see: &mut dyn FnMut(&(dyn Error + 'static))) {
    // What is within comes first: an io::Error around a TLS error has a kind of its own.
    // Where a connection has ended, what is within tells of its ending alone.
    let io = error.downcast_ref::<std::io::Error>().filter(|io| io.kind() != ErrorKind::UnexpectedEof);
    if let Some(inner) = io.and_then(std::io::Error::get_ref) {
        each(inner, see);
        see(error);
        return;
    }
    see(error);
    if let Some(source) = error.source() {
        each(source, see);
    }
}

/// What is wrong with TLS, in words that need no reckoning.
fn in_plain_words(error: &rustls::Error) -> Option<String> {
    let wrong = match error {
        rustls::Error::InvalidCertificate(wrong) => wrong,
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            return Some("what answers there does not speak TLS".to_owned());
        }
        rustls::Error::InconsistentKeys(_) => {
            return Some("the key does not belong to the certificate".to_owned());
        }
        _ => return None,
    };
    let at = |time: &rustls_pki_types::UnixTime| {
        let at = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        at.map_or_else(|| "a time that cannot be told".to_owned(), |at| at.to_string())
    };
    Some(match wrong {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate expired at {}", at(not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate is valid from {} only", at(not_before))
        }
        CertificateError::UnknownIssuer => {
            "its certificate is of an authority that the kubeconfig does not trust".to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<String> = presented.iter().take(NAMES).map(|name| bare(name)).collect();
            let more = if presented.len() > NAMES { ", ..." } else { "" };
            let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
            format!(
                "its certificate is for {names}{more}, and not for {}; --tls-server-name names the one that it should have",
                expected.to_str()
            )
        }
        CertificateError::Other(other) => format!("its certificate is not accepted: {}", other.0),
        _ => return None,
    })
}

/// The most names of a certificate that are told.
const NAMES: usize = 6;

/// A name as it is told, out of rustls' form `DnsName("a.example")`.
fn bare(presented: &str) -> String {
    let inner = presented.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.map_or(presented, |inner| inner.trim_matches('"')).to_owned()
}

/// What hyper and kube say before the words of the error that they wrap.
const WRAPPERS: [&str; 4] = ["tcp connect error", "dns error", "rustls tls error: ", "connection error"];

/// A connection that ended too early, which TLS, HTTP and the system have words of their own for.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == ErrorKind::UnexpectedEof)
        || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message)
}

/// An error's words, each once: some say those of their source themselves. What wraps every failure of a connection says no
/// more than that.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = String::new();
    // What is told in other words already.
    let mut own: Option<String> = None;
    each(error, &mut |error| {
        let mut words = error.to_string();
        if is_closed(error) {
            words = "the connection was closed before an answer came".to_owned();
        }
        if let Some(rest) = WRAPPERS.iter().find_map(|wrapper| words.strip_prefix(wrapper)) {
            words = rest.to_owned();
        }
        if words.is_empty()
            || error.is::<hyper_util::client::legacy::Error>()
            || own.as_ref().is_some_and(|own| words.contains(own))
        {
            return;
        }
        if let Some(plain) = error.downcast_ref().and_then(in_plain_words) {
            own = Some(std::mem::replace(&mut words, plain));
        }
        if !told.contains(&words) {
            if !told.is_empty() {
                told.push_str(": ");
            }
            told.push_str(&words);
        }
    });
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_at_the_end_of_a_long_refusal_is_kept() {
        let message =
            format!("pods \"x\" is forbidden: {} denied: no signature", "violates a rule; ".repeat(400));
        let status = Status { code: 403, reason: "Forbidden".to_owned(), message };
        assert!(Refusal::from(&status).message.as_str().ends_with("no signature"));
        assert!(Fault::Refused(status).during("create pods").detail.as_str().ends_with("no signature"));
    }

    #[test]
    fn what_is_wrong_with_tls_is_told_in_plain_words() {
        let name = CertificateError::NotValidForNameContext {
            expected: "10.0.0.1".try_into().expect("a name"),
            presented: vec!["DnsName(\"api.example\")".to_owned(), "IpAddress(10.0.0.2)".to_owned()],
        };
        let speaks = rustls::InvalidMessage::InvalidContentType;
        for (error, parts) in [
            (
                rustls::Error::from(name),
                &["for api.example, 10.0.0.2, and not for 10.0.0.1", "--tls-server-name"][..],
            ),
            (rustls::Error::from(speaks), &["does not speak TLS"]),
            (rustls::Error::from(CertificateError::UnknownIssuer), &["does not trust"]),
        ] {
            let told = of_chain(&error);
            assert_eq!(told.kind, TroubleKind::Tls);
            assert!(parts.iter().all(|part| told.detail.contains(part)), "{}", told.detail);
        }
    }

    /// TLS has an address of its documentation to say of it.
    #[test]
    fn a_connection_that_was_closed_is_told_as_that() {
        let io =
            std::io::Error::new(ErrorKind::UnexpectedEof, "peer closed connection, see https://docs.example");
        let told = of_chain(&io);
        assert_eq!(
            (told.kind, told.detail.as_str()),
            (TroubleKind::NotConnected, "the connection was closed before an answer came")
        );
    }
}
