//! What registries and nameservers answer, and what users name.

use hickory_proto::rr::{Name, RecordType};

use super::{assert_clean, assert_facts, assert_text, text};
use crate::auth::{self, Asked, Bearer};
use crate::facts::dns::DnsOutcome;
use crate::foreign::Foreign;
use crate::observation::{ManifestKind, Platform};
use crate::scrub::Scrub;
use crate::target::{Target, TargetError};
use crate::{digest, http, jwt, manifest as manifests, platform, resolve};

/// `WWW-Authenticate`, one header a line: what may be shown is clean, and a bearer challenge written down anew is read as
/// the same.
pub fn challenge(bytes: &[u8]) {
    let headers: Vec<String> = text(bytes).split('\n').map(str::to_owned).collect();
    let asked = auth::asked(&headers);
    assert_facts(&asked.form());
    let Asked::Bearer(Bearer { realm, service, scope }) = &asked else { return };
    assert!(matches!(realm.scheme(), "https" | "http"), "{realm}");
    assert!(realm.host_str().is_some_and(|host| !host.is_empty()), "{realm}");
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut header = format!("Bearer realm=\"{}\"", quoted(realm.as_str()));
    for (name, value) in [("service", service), ("scope", scope)] {
        if let Some(value) = value {
            header.push_str(&format!(",{name}=\"{}\"", quoted(value)));
        }
    }
    assert_eq!(auth::asked(&[header]), asked);
}

/// An image reference, a registry or a platform: what was read is printable ASCII and is read again as the same, and what
/// an error tells to write instead can be read.
pub fn reference(bytes: &[u8]) {
    let given = text(bytes);
    for (read, is_image) in [(Target::parse(&given), false), (Target::parse_image(&given), true)] {
        match read {
            Ok(target) => assert_target(&target, is_image),
            Err(error) => {
                let message = error.to_string();
                assert!(!message.chars().any(char::is_control), "{message:?}");
                let instead = match &error {
                    TargetError::Uppercase { corrected, .. } => Some(corrected),
                    TargetError::Malformed { meant, .. } => meant.as_ref(),
                    _ => None,
                };
                // One that was cut to length, or has lost what looks like a token, is no longer what was meant.
                let is_whole =
                    |instead: &&Foreign| instead.as_str().is_ascii() && !instead.as_str().contains("***");
                if let Some(instead) = instead.filter(is_whole) {
                    assert!(Target::parse(instead.as_str()).is_ok(), "{instead} for {given:?}");
                }
            }
        }
    }
    match Platform::parse(&given) {
        Ok(read) => {
            assert_eq!(Platform::parse(&read.to_string()).as_ref(), Ok(&read), "{given:?}");
            assert!(platform::matches(&read, &read), "{read} does not run {read}");
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control)),
    }
}

fn assert_target(target: &Target, is_image: bool) {
    let whole = target.reference();
    assert!(whole.bytes().all(|byte| byte.is_ascii_graphic()), "{whole:?}");
    assert!(!target.host().is_empty() && target.port(false) > 0, "{whole}");
    let again = if is_image { Target::parse_image(&whole) } else { Target::parse(&whole) };
    let parts = |t: &Target| (t.registry.clone(), t.repository.clone(), t.tag.clone(), t.digest.clone());
    assert_eq!(again.as_ref().map(parts), Ok(parts(target)), "{whole}");
}

/// A manifest, an index or an image's configuration: digests are digests, texts are clean, and what a node chooses runs
/// on it.
pub fn manifest(bytes: &[u8]) {
    let wanted = Platform::parse("linux/arm64").expect("a platform");
    for content_type in ["application/vnd.oci.image.index.v1+json", "text/plain"] {
        match manifests::content_of(bytes, content_type) {
            ManifestKind::Index { entries } => {
                for entry in &entries {
                    assert_digest(&entry.descriptor.digest);
                    assert_clean(&serde_json::to_value(entry).expect("an entry has a JSON form"));
                }
                let offered = platform::choose(&wanted, &entries).and_then(|entry| entry.platform.as_ref());
                assert!(offered.is_none_or(|offered| platform::matches(&wanted, offered)), "{offered:?}");
            }
            ManifestKind::Image { config, layers, .. } => {
                layers.iter().chain([&config]).for_each(|descriptor| assert_digest(&descriptor.digest));
                assert_clean(&serde_json::to_value((&config, &layers)).expect("they have a JSON form"));
            }
            other => drop(assert_facts(&other)),
        }
    }
    let _ = manifests::media_type(bytes);
    if let Some(platform) = manifests::configured_platform(bytes) {
        assert_facts(&platform);
        let normal = platform.normalized();
        assert_eq!(normal.normalized(), normal);
    }
}

fn assert_digest(digest: &str) {
    assert!(digest::is_valid(digest), "{digest:?}");
    assert_text(digest);
}

/// A token, as it is and as the claims of one: every kind of reader is told clean texts.
pub fn token(bytes: &[u8]) {
    use base64::Engine as _;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    for token in [text(bytes), format!("e30.{claims}.c2ln")] {
        if let Some(claims) = jwt::claims(&token) {
            let _ = claims.expires();
            let actions = claims.actions("team/web").unwrap_or_default();
            assert!(actions.len() <= 16);
            assert_facts(&actions);
        }
        if let Some(claims) = jwt::identity_claims(&token) {
            assert_facts(&claims);
        }
        if let Some(permissions) = jwt::refresh_permissions(&token) {
            assert!(permissions.len() <= 16);
            assert_facts(&permissions);
        }
    }
}

/// A reply to a question for `contosoacr.azurecr.io`: it has addresses exactly when it is an answer, and of the kind that
/// was asked for.
pub fn dns_reply(bytes: &[u8]) {
    let name = Name::from_ascii("contosoacr.azurecr.io.").expect("a name");
    for kind in [RecordType::A, RecordType::AAAA] {
        let question = resolve::Question::new(&name, kind).expect("a question");
        // The question's number is random; everything else of the reply is the input's.
        let mut reply = question.bytes()[..2].to_vec();
        reply.extend(bytes);
        let _ = question.was_cut(&reply);
        let reading = question.read(&reply);
        assert_eq!(reading.outcome == DnsOutcome::Answered, !reading.addresses.is_empty(), "{reading:?}");
        assert!(reading.addresses.iter().all(|address| address.is_ipv4() == (kind == RecordType::A)));
        assert!(reading.addresses.len() <= resolve::MAX_ADDRESSES);
        reading.cnames.iter().for_each(|name| assert_text(name));
        if question.is_answered_by(&reply) {
            assert!(reply.len() >= 12, "an answer without a header");
        }
    }
}

/// The body of an error, before which a content type may stand in a line of its own: what is told of it is clean, and
/// never the password that it repeats.
pub fn error_body(bytes: &[u8]) {
    const SECRET: &str = "pa+ss/word";
    let mut scrub = Scrub::default();
    scrub.learn_text(SECRET);
    let (kind, body) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) => (text(&bytes[..at]), &bytes[at + 1..]),
        None => (String::new(), bytes),
    };
    let (_, errors, codes) = http::said(body, &kind, &scrub);
    assert!(errors.len() <= 8 && codes.len() <= 8);
    let told = assert_facts(&errors).to_string();
    assert!(!told.contains(SECRET), "{told}");
}
