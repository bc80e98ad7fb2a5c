//! Takes secrets that we sent out of what strangers send back: a registry may repeat a password in its error.
//!
//! Each secret is known in the forms in which it travels: as it is, percent-encoded, and in base64. What strangers wrote is
//! scrubbed before it is cut to length, so that no piece of a secret is left at the cut.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded::{self, byte_serialize};

use crate::credential::{Login, Proof};
use crate::net::Net;
use crate::secret::Secret;

/// What stands in a secret's place.
const GONE: &str = "***";
/// A secret shorter than this is too likely to be a word of its own; no service issues such.
const SHORTEST: usize = 4;

/// The secrets that are taken out.
#[derive(Clone, Default)]
pub(crate) struct Scrub {
    words: Vec<Secret<String>>,
}

impl Scrub {
    /// Learns a credential's secrets.
    pub(crate) fn learn(&mut self, login: &Login) {
        match &login.proof {
            Some(Proof::Password { user, password }) => {
                self.learn_text(&format!("{user}:{}", password.expose()));
                self.learn_text(password.expose());
            }
            Some(Proof::RefreshToken(token) | Proof::RegistryToken(token)) => self.learn_text(token.expose()),
            Some(Proof::Entra(own)) => self.learn_text(own.token.expose()),
            Some(Proof::Managed(_)) | None => {}
        }
    }

    /// Learns what the proxies are shown.
    pub(crate) fn learn_proxies(&mut self, net: &Net) {
        let all = [&net.proxies, &net.plugin_proxies].into_iter().flat_map(|p| [&p.https, &p.http]);
        for user in all.flatten().filter_map(|proxy| proxy.user.as_ref()) {
            self.learn_text(user.expose());
            if let Some((_, password)) = user.expose().split_once(':') {
                self.learn_text(password);
            }
        }
    }

    /// Learns one secret.
    pub(crate) fn learn_text(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let encoded: String = byte_serialize(secret.as_bytes()).collect();
        for form in [
            STANDARD.encode(secret),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            encoded.replace('+', "%20"),
            encoded,
            secret.to_owned(),
        ] {
            if !self.words.iter().any(|known| *known.expose() == form) {
                self.words.push(Secret::new(form));
            }
        }
        // The longest first: a secret may hold another one.
        self.words.sort_by_key(|word| std::cmp::Reverse(word.expose().len()));
    }

    /// Whether there is nothing to take out.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The text without the secrets.
    pub(crate) fn clean(&self, text: &str) -> String {
        let decoded = percent_decoded(text);
        let hidden =
            decoded != text && self.words.iter().any(|word| decoded.contains(word.expose().as_str()));
        if hidden && !self.words.iter().any(|word| text.contains(word.expose().as_str())) {
            // Encoded in a way of its own, so that what to cut out cannot be told.
            return GONE.to_owned();
        }
        self.words.iter().fold(text.to_owned(), |text, word| match text.contains(word.expose().as_str()) {
            true => text.replace(word.expose().as_str(), GONE),
            false => text,
        })
    }

    /// The same for every text of a stranger in an observation's JSON; kinds, digests, hosts and actions are compared
    /// later and stay as they are.
    pub(crate) fn clean_value(&self, value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(|value| self.clean_value(value)),
            Value::Object(fields) => {
                fields.iter_mut().for_each(|(name, value)| match STRANGERS.contains(&name.as_str()) {
                    true => self.clean_all(value),
                    false => self.clean_value(value),
                })
            }
            _ => {}
        }
    }

    fn clean_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clean(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.clean_all(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.clean_all(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The fields of an observation that hold strangers' text.
const STRANGERS: [&str; 22] = [
    "artifactType",
    "claims",
    "code",
    "error",
    "header",
    "headers",
    "issuer",
    "mediaType",
    "message",
    "names",
    "near",
    "other",
    "permissions",
    "realm",
    "scheme",
    "scope",
    "service",
    "subject",
    "to",
    "unknownIssuer",
    "url",
    "wrongName",
];

fn percent_decoded(text: &str) -> String {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(text.replace(['&', '='], " ").as_bytes()).into_owned().collect();
    pairs.into_iter().map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Credential;

    #[test]
    fn every_form_of_a_secret_goes() {
        let mut scrub = Scrub::default();
        let password = "corréct hörse/+staple";
        let proof = Proof::Password { user: "bob".to_owned(), password: Secret::new(password.to_owned()) };
        scrub.learn(&Login::new(Credential::GivenUser { user: "bob".to_owned() }, Some(proof)));
        for form in [
            password.to_owned(),
            STANDARD.encode(password),
            STANDARD.encode(format!("bob:{password}")),
            byte_serialize(password.as_bytes()).collect(),
        ] {
            let clean = scrub.clean(&format!("no such user {form}, sorry"));
            assert!(!clean.contains(&form) && clean.contains(GONE) && clean.ends_with(", sorry"), "{clean}");
        }
        assert_eq!(scrub.clean("at /corr%c3%A9ct%20h%C3%B6rse%2F%2bstaple"), GONE);
        assert_eq!(scrub.clean("nothing to hide"), "nothing to hide");
        let mut own =
            serde_json::json!({"kind": "corréct hörse/+staple", "message": "corréct hörse/+staple"});
        scrub.clean_value(&mut own);
        assert_eq!(own, serde_json::json!({"kind": "corréct hörse/+staple", "message": GONE}));
    }
}
