//! Reads `WWW-Authenticate` (RFC 7235 section 4.1) as containerd's `parseAuthHeader` does: tolerant of missing quotes
//! and of parameters it does not know.

use url::Url;

use crate::foreign::Foreign;
use crate::observation::{AuthChallenge, ChallengeForm};

/// A bearer challenge with its realm as a whole address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) realm: Url,
    pub(crate) service: Option<String>,
    pub(crate) scope: Option<String>,
}

/// What a 401 asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Bearer(Bearer),
    Basic { realm: String },
    Missing,
    Malformed { header: String },
}

impl Asked {
    pub(crate) fn form(&self) -> ChallengeForm {
        match self {
            Self::Bearer(bearer) => ChallengeForm::Bearer(AuthChallenge {
                realm: Foreign::new(bearer.realm.as_str()),
                service: bearer.service.as_deref().map(Foreign::new),
                scope: bearer.scope.as_deref().map(Foreign::new),
            }),
            Self::Basic { realm } => ChallengeForm::Basic { realm: Foreign::new(realm) },
            Self::Missing => ChallengeForm::Missing,
            Self::Malformed { header } => ChallengeForm::Malformed { header: Foreign::new(header) },
        }
    }
}

/// Reads all `WWW-Authenticate` headers of a 401; a usable bearer challenge is preferred to a basic one.
pub(crate) fn asked(headers: &[String]) -> Asked {
    if headers.iter().all(|h| h.trim().is_empty()) {
        return Asked::Missing;
    }
    let challenges: Vec<(String, Vec<(String, String)>)> =
        headers.iter().flat_map(|h| challenges(h)).collect();
    let value = |parameters: &[(String, String)], name: &str| {
        parameters
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.clone())
            .filter(|v| !v.is_empty())
    };
    let bearer =
        challenges.iter().filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).find_map(|(_, p)| {
            let realm = Url::parse(&value(p, "realm")?).ok()?;
            let usable =
                matches!(realm.scheme(), "https" | "http") && realm.host_str().is_some_and(|h| !h.is_empty());
            usable.then(|| Bearer { realm, service: value(p, "service"), scope: value(p, "scope") })
        });
    let basic = challenges.iter().find(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    match (bearer, basic) {
        (Some(bearer), _) => Asked::Bearer(bearer),
        (None, Some((_, p))) => Asked::Basic { realm: value(p, "realm").unwrap_or_default() },
        (None, None) => Asked::Malformed { header: headers.join(", ") },
    }
}

/// Splits one header into its challenges.
fn challenges(header: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = header.trim();
    while !rest.is_empty() {
        let word_end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | ',')).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        if let Some(after) = after.trim_start().strip_prefix('=') {
            let (value, after) = value(after.trim_start());
            if let Some((_, parameters)) = found.last_mut() {
                parameters.push((word.to_owned(), value));
            }
            rest = after;
        } else {
            if !word.is_empty() {
                found.push((word.to_owned(), Vec::new()));
            }
            rest = after;
        }
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    found
}

/// A quoted string or a token, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    // Never closed: containerd's parser takes nothing from it either.
    (String::new(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(header: &str) -> Asked {
        asked(&[header.to_owned()])
    }

    #[test]
    fn reads_what_registries_send() {
        let acr = one(
            "Bearer realm=\"https://contosoacr.azurecr.io/oauth2/token\",service=\"contosoacr.azurecr.io\"",
        );
        let Asked::Bearer(acr) = acr else { panic!("{acr:?}") };
        assert_eq!(acr.realm.as_str(), "https://contosoacr.azurecr.io/oauth2/token");
        assert_eq!(acr.service.as_deref(), Some("contosoacr.azurecr.io"));
        let scoped =
            one("bearer Realm = \"https://a/t\" , scope=\"repository:a/b:pull,push\", error=invalid_token");
        let Asked::Bearer(scoped) = scoped else { panic!("{scoped:?}") };
        assert_eq!(scoped.scope.as_deref(), Some("repository:a/b:pull,push"));
        let unquoted = one("Bearer realm=https://a/t,service=s");
        assert!(matches!(unquoted, Asked::Bearer(b) if b.service.as_deref() == Some("s")));
        let both = one("Basic realm=\"x\", Bearer realm=\"https://a/t\"");
        assert!(matches!(both, Asked::Bearer(_)));
        assert_eq!(one("Basic realm=\"Registry\""), Asked::Basic { realm: "Registry".into() });
    }

    #[test]
    fn tells_missing_from_malformed() {
        assert_eq!(asked(&[]), Asked::Missing);
        assert_eq!(asked(&[" ".into()]), Asked::Missing);
        for bad in [
            "Bearer",
            "Bearer realm=",
            "Bearer realm=\"/oauth2/token\"",
            "Bearer realm=\"https://",
            "garbage",
            "=,=\"",
            "Bearer realm=\"https://a/t,service=s",
        ] {
            assert!(matches!(one(bad), Asked::Malformed { .. }), "{bad}: {:?}", one(bad));
        }
    }
}
