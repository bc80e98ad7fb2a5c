//! Reads a docker configuration (`~/.docker/config.json`, a pull secret's `.dockerconfigjson`, or the older
//! `.dockercfg`) and finds the entry for an image as the kubelet does (Kubernetes `pkg/credentialprovider/keyring.go`):
//! scheme and `/v1`, `/v2` are ignored, a host may hold wildcards by label, a path must be a prefix, the longest key wins.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Deserialize;

use crate::credential::{Credential, Flaw, Login, Proof};
use crate::foreign::Foreign;
use crate::node::matching;
use crate::secret::Secret;
use crate::target::Target;

/// What is read of a docker configuration.
pub struct DockerConfig {
    auths: BTreeMap<String, Auth>,
    store: Option<String>,
    helpers: BTreeMap<String, String>,
}

/// One entry; it has no `Debug`, since it holds secrets.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    auths: Option<BTreeMap<String, Auth>>,
    creds_store: Option<String>,
    cred_helpers: Option<BTreeMap<String, String>>,
}

/// What a configuration has for a registry.
pub enum Entry {
    /// A credential.
    Found(Box<Login>),
    /// The name of a helper program that keeps it.
    Helper(String),
    /// An entry that holds no usable credential, and why.
    Unusable(String),
    /// None; the keys that there are.
    Absent(Vec<String>),
}

impl DockerConfig {
    /// Reads a configuration; the error says what is wrong and where, never what stands there.
    pub fn read(text: &str) -> Result<Self, String> {
        let place = |e: &serde_json::Error| {
            format!("it is no JSON of that form (line {}, column {})", e.line(), e.column())
        };
        let whole: Whole = serde_json::from_str(text).map_err(|e| place(&e))?;
        let is_whole = whole.auths.is_some() || whole.creds_store.is_some() || whole.cred_helpers.is_some();
        // The older form is the map of entries itself.
        let old = || serde_json::from_str::<BTreeMap<String, Auth>>(text).unwrap_or_default();
        Ok(Self {
            auths: if is_whole { whole.auths.unwrap_or_default() } else { old() },
            store: whole.creds_store.filter(|s| !s.is_empty()),
            helpers: whole.cred_helpers.unwrap_or_default(),
        })
    }

    /// What there is for a registry and repository.
    pub fn entry(&self, target: &Target) -> Entry {
        if let Some(helper) = self
            .helpers
            .iter()
            .find(|(key, _)| matches(key, target, Reader::Docker).is_some())
            .map(|(_, h)| h)
        {
            return Entry::Helper(shown(helper));
        }
        let mut found: Vec<(usize, &String, &Auth)> = self
            .auths
            .iter()
            .filter_map(|(key, auth)| Some((matches(key, target, Reader::Docker)?, key, auth)))
            .collect();
        found.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
        match found.first() {
            Some((_, key, auth)) => match (login(key, auth), &self.store) {
                (Ok(login), _) => Entry::Found(Box::new(login)),
                // 'docker login' leaves an empty entry behind when a helper keeps the credential.
                (Err(_), Some(helper)) => Entry::Helper(shown(helper)),
                (Err(why), None) => Entry::Unusable(why),
            },
            None => Entry::Absent(self.auths.keys().map(|k| shown(k)).take(8).collect()),
        }
    }
}

/// Reads a pull secret as the kubelet does and gives the logins that it has for an image, in the kubelet's order
/// (Kubernetes `pkg/credentialprovider/config.go` and `keyring.go`): `auths` alone, and of an entry user and password
/// alone; one `auth` that cannot be read spoils the whole secret; keys in reverse order of their letters.
///
/// # Errors
///
/// Why the secret gives none: what is wrong with it, never what stands there.
pub fn kubelet_logins(text: &str, file: &str, target: &Target) -> Result<Vec<Login>, Flaw> {
    let file = || Foreign::new(file);
    let malformed = |error: String| Flaw::Malformed { file: file(), error };
    let config = DockerConfig::read(text).map_err(malformed)?;
    let mut found: Vec<(&String, Login)> = Vec::new();
    for (key, auth) in &config.auths {
        if let Some(encoded) = auth.auth.as_deref().filter(|auth| !auth.is_empty()) {
            pair(encoded).map_err(|why| malformed(format!("the entry {}: {why}", shown(key))))?;
        }
        let plain = Auth { identitytoken: None, registrytoken: None, ..auth.clone() };
        if let (Some(_), Ok(login)) = (matches(key, target, Reader::Kubelet), login(key, &plain)) {
            found.push((key, login));
        }
    }
    if found.is_empty() {
        let helper = config
            .helpers
            .iter()
            .find(|(key, _)| matches(key, target, Reader::Kubelet).is_some())
            .map(|(_, h)| h);
        if let Some(helper) = helper.or(config.store.as_ref()) {
            return Err(Flaw::Helper { helper: Foreign::new(&shown(helper)) });
        }
        let keys = config.auths.keys().take(8).map(|key| Foreign::new(&shown(key))).collect();
        return Err(Flaw::NoEntry { file: file(), keys });
    }
    found.sort_by(|(a, _), (b, _)| b.cmp(a));
    let mut logins: Vec<Login> = found.into_iter().map(|(_, login)| login).collect();
    let users: Vec<String> = logins.iter().map(|login| login.credential.to_string()).collect();
    for (login, user) in logins.iter_mut().zip(&users) {
        if let Credential::DockerConfig { several, .. } = &mut login.credential {
            *several = users.iter().filter(|other| *other == user).count() > 1;
        }
    }
    Ok(logins)
}

/// The same, where a secret that gives none is a credential with a flaw: the kubelet goes on without it.
pub fn kubelet_tries(text: &str, file: &str, target: &Target) -> Vec<Login> {
    kubelet_logins(text, file, target).unwrap_or_else(|flaw| {
        let credential = Credential::DockerConfig { user: String::new(), key: String::new(), several: false };
        vec![Login::flawed(credential, flaw)]
    })
}

/// User and password of an entry's `auth`.
fn pair(encoded: &str) -> Result<(String, Option<String>), String> {
    let encoded = encoded.trim();
    let bytes = STANDARD
        .decode(encoded)
        .or_else(|_| STANDARD_NO_PAD.decode(encoded))
        .map_err(|_| "its auth is no base64".to_owned())?;
    let text = String::from_utf8(bytes).map_err(|_| "its auth is no text".to_owned())?;
    let (user, password) = text.split_once(':').ok_or("its auth has no colon")?;
    Ok((user.to_owned(), Some(password.trim_end_matches('\0').to_owned()).filter(|p| !p.is_empty())))
}

/// A key or name as it may be shown: somebody may have written a password before the host.
fn shown(text: &str) -> String {
    let bare = text.rsplit('@').next().unwrap_or(text);
    Foreign::new(bare).as_str().to_owned()
}

fn login(key: &str, auth: &Auth) -> Result<Login, String> {
    let some = |text: &Option<String>| text.clone().filter(|t| !t.is_empty());
    let (user, password) = match some(&auth.auth) {
        Some(encoded) => pair(&encoded)?,
        None => (some(&auth.username).unwrap_or_default(), some(&auth.password)),
    };
    let proof = match (some(&auth.registrytoken), some(&auth.identitytoken), password) {
        (Some(token), ..) => Proof::RegistryToken(Secret::new(token)),
        (None, Some(token), _) => Proof::RefreshToken(Secret::new(token)),
        (None, None, Some(password)) if !user.is_empty() => {
            Proof::Password { user: user.clone(), password: Secret::new(password) }
        }
        _ => return Err("it has no user, password or token".to_owned()),
    };
    let user = Foreign::new(&user).as_str().to_owned();
    let credential = Credential::DockerConfig { user, key: shown(key), several: false };
    Ok(Login::new(credential, Some(proof)))
}

/// How specific a key is for a target: its length; `None` when it is for something else. The kubelet compares letters as
/// they are written; docker and its like are used with hosts in any case.
fn matches(key: &str, target: &Target, who: Reader) -> Option<usize> {
    let bare = key.trim().trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let bare = bare.strip_suffix("/v1").or_else(|| bare.strip_suffix("/v2")).unwrap_or(bare);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = if who == Reader::Docker { host.to_ascii_lowercase() } else { host.to_owned() };
    let wanted = target.registry.as_str();
    let repository = target.repository.as_deref().unwrap_or_default();
    let hub = |h: &str| matches!(h, "docker.io" | "index.docker.io" | "registry-1.docker.io");
    // A plain prefix, as the kubelet takes it: `team` is for `teamwork` too.
    let is_for = match hub(&host) && hub(wanted) {
        true => repository.starts_with(path),
        false => matching::matches(wanted, repository, &format!("{host}/{path}")),
    };
    is_for.then_some(bare.len())
}

/// Whose rules a configuration is read by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Docker,
    Kubelet,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, target: &str) -> String {
        let config = DockerConfig::read(config).expect("a configuration");
        match config.entry(&Target::parse(target).expect(target)) {
            Entry::Found(login) => login.credential.user().unwrap_or_default().to_owned(),
            Entry::Helper(helper) => format!("helper {helper}"),
            Entry::Unusable(why) => format!("unusable: {why}"),
            Entry::Absent(keys) => format!("absent: {}", keys.join(" ")),
        }
    }

    #[test]
    fn entries_are_found_as_the_kubelet_finds_them() {
        // user:secret
        let auth = "{\"auth\":\"dXNlcjpzZWNyZXQ=\"}";
        let image = "contosoacr.azurecr.io/team/web:v1";
        for (key, target, hit) in [
            ("contosoacr.azurecr.io", image, true),
            ("https://contosoacr.azurecr.io", image, true),
            ("https://contosoacr.azurecr.io/v2/", image, true),
            ("ContosoACR.azurecr.io", image, true),
            ("*.azurecr.io", image, true),
            ("contoso*.azurecr.io", image, true),
            ("*.io", image, false),
            ("contosoacr.azurecr.io/team", image, true),
            ("contosoacr.azurecr.io/tea", image, true),
            ("contosoacr.azurecr.io/web", image, false),
            ("contosoacr.azurecr.io:443", image, false),
            ("other.azurecr.io", image, false),
            ("https://index.docker.io/v1/", "nginx", true),
            ("docker.io", "nginx", true),
            ("localhost:5000", "localhost:5000/x", true),
        ] {
            let config = format!("{{\"auths\":{{\"{key}\":{auth}}}}}");
            assert_eq!(
                found(&config, target) == "user",
                hit,
                "{key} for {target}: {}",
                found(&config, target)
            );
        }
        let both = format!(
            "{{\"auths\":{{\"*.azurecr.io\":{auth},\"contosoacr.azurecr.io/team\":{{\"username\":\"team\",\"password\":\"p\"}}}}}}"
        );
        assert_eq!(found(&both, image), "team");
    }

    #[test]
    fn a_pull_secret_is_read_as_the_kubelet_reads_it() {
        let target = Target::parse("contosoacr.azurecr.io/team/web:v1").expect("a target");
        let kubelet = |text: &str| match kubelet_logins(text, "secret.json", &target) {
            Ok(logins) => logins.iter().filter_map(|l| l.credential.user()).collect::<Vec<_>>().join(" "),
            Err(Flaw::Malformed { error, .. }) => format!("malformed: {error}"),
            Err(Flaw::NoEntry { keys, .. }) => format!("none of {}", keys.len()),
            Err(Flaw::Helper { helper }) => format!("helper {helper}"),
            Err(_) => "another flaw".to_owned(),
        };
        let entry = |user: &str| format!("{{\"username\":\"{user}\",\"password\":\"p\"}}");
        let all = format!(
            "{{\"auths\":{{\"*.azurecr.io\":{},\"contosoacr.azurecr.io/team\":{},\"contosoacr.azurecr.io\":{}}}}}",
            entry("any"),
            entry("team"),
            entry("host")
        );
        assert_eq!(kubelet(&all), "team host any");
        assert_eq!(
            kubelet("{\"auths\":{\"other.example\":{\"username\":\"u\",\"password\":\"p\"}}}"),
            "none of 1"
        );
        // An entry for another host that cannot be read spoils the secret all the same.
        let spoilt = format!(
            "{{\"auths\":{{\"other.example\":{{\"auth\":\"bm9jb2xvbg==\"}},\"contosoacr.azurecr.io\":{}}}}}",
            entry("host")
        );
        assert!(kubelet(&spoilt).starts_with("malformed"), "{}", kubelet(&spoilt));
        assert_eq!(kubelet("{\"auths\":{\"contosoacr.azurecr.io\":{\"identitytoken\":\"t\"}}}"), "none of 1");
        assert_eq!(kubelet("{\"credHelpers\":{\"contosoacr.azurecr.io\":\"acr-env\"}}"), "helper acr-env");
        assert!(kubelet("no json").starts_with("malformed"));
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let image = "contosoacr.azurecr.io/team/web:v1";
        let with = |entry: &str| format!("{{\"auths\":{{\"contosoacr.azurecr.io\":{entry}}}}}");
        assert!(found(&with("{}"), image).starts_with("unusable"));
        assert!(found(&with("{\"auth\":\"%%\"}"), image).contains("base64"));
        assert!(found(&with("{\"auth\":\"bm9jb2xvbg==\"}"), image).contains("colon"));
        assert_eq!(
            found("{\"credHelpers\":{\"contosoacr.azurecr.io\":\"acr-env\"}}", image),
            "helper acr-env"
        );
        let store = "{\"auths\":{\"contosoacr.azurecr.io\":{}},\"credsStore\":\"desktop\"}";
        assert_eq!(found(store, image), "helper desktop");
        assert_eq!(found("{\"contosoacr.azurecr.io\":{\"auth\":\"dXNlcjpzZWNyZXQ=\"}}", image), "user");
        assert!(DockerConfig::read("not json").is_err());
    }
}
