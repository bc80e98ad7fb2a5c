//! Whom and what a registry knows beside Azure's identities: its own tokens with their scope maps, and the rules by which it
//! fetches images from other registries.

use jiff::Timestamp;
use probes::foreign::Foreign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_same_id;

/// Whether a text is an id as applications, tenants and subscriptions have them.
pub fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Whether a user's name is that of an application, and not the one that stands for whom an identity's token names.
pub fn is_application(user: &str) -> bool {
    is_guid(user) && user.chars().any(|c| !matches!(c, '0' | '-'))
}

/// Whether a user may be one of the registry's own, by the name: letters, digits and hyphens. Whoever has an id for a name is
/// somebody of Azure's.
pub fn may_be_own(user: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=50).contains(&user.len()) && user.chars().all(plain) && !is_guid(user)
}

/// A user by whose name somebody signs in, as far as the registry has a token of that name
/// (`Microsoft.ContainerRegistry/registries/tokens`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TokenUser {
    /// The user's name, which is the token's.
    pub name: Foreign,
    /// Whether the registry has a token of that name.
    pub exists: bool,
    /// `status`.
    pub enabled: Option<bool>,
    /// Its passwords; their values are never returned.
    pub passwords: Option<Vec<TokenPassword>>,
    /// The resource id of its scope map.
    pub scope_map: Option<Foreign>,
    /// The actions of the scope map: `repositories/team/web/content/read`; `None` where it could not be read.
    pub actions: Option<Vec<Foreign>>,
}

/// A password of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TokenPassword {
    /// `password1` or `password2`.
    pub name: Foreign,
    /// When it ends; `None` for one that does not.
    #[schemars(with = "Option<String>")]
    pub expiry: Option<Timestamp>,
}

/// When a password of the admin user was made anew, as the activity log of Azure has it for 90 days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Regenerations {
    /// The last time; `None` where the log has none.
    #[schemars(with = "Option<String>")]
    pub last: Option<Timestamp>,
}

/// A cache rule (`Microsoft.ContainerRegistry/registries/cacheRules`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CacheRule {
    /// Its name.
    pub name: Foreign,
    /// Where it fetches from: `docker.io/library/*`.
    pub source: Foreign,
    /// Under which repositories it keeps that here: `docker-hub/*`.
    pub target: Foreign,
    /// The resource id of its credential set; `None` for a rule without one.
    pub credential_set: Option<Foreign>,
    /// The resource ids of the identities that it reads another registry of Azure's with; `None` where the version that
    /// answered does not tell them.
    pub identities: Option<Vec<Foreign>>,
}

impl CacheRule {
    /// The path upstream of a repository, where the rule covers it.
    pub fn upstream(&self, repository: &str) -> Option<String> {
        let (source, target) = (self.source.as_str(), self.target.as_str());
        match target.strip_suffix('*') {
            None => (target == repository).then(|| source.to_owned()),
            Some(prefix) => {
                let rest = repository.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
                Some(format!("{}{rest}", source.strip_suffix('*').unwrap_or(source)))
            }
        }
    }

    /// Whether it names one repository, and no pattern.
    pub fn is_of_one(&self) -> bool {
        !self.target.as_str().ends_with('*')
    }
}

/// The credentials of cache rules for another registry (`Microsoft.ContainerRegistry/registries/credentialSets`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialSet {
    /// The resource id.
    pub id: Foreign,
    /// The registry that they are for.
    pub login_server: Option<Foreign>,
    /// `credentialHealth` of each of its credentials; `None` where none was returned.
    pub health: Option<Vec<Health>>,
}

/// How a credential of a cache rule is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Health {
    /// Whether it is `Healthy`; `None` for a word that is neither that nor `Unhealthy`.
    pub healthy: Option<bool>,
    /// `errorCode`.
    pub code: Option<Foreign>,
    /// `errorMessage`.
    pub message: Option<Foreign>,
}

/// The cache rule that covers a repository: one for that repository alone goes before a pattern (Microsoft's page on wildcards).
pub fn covering<'r>(rules: &'r [CacheRule], repository: &str) -> Option<(&'r CacheRule, String)> {
    let of = |only: bool| {
        let mut fitting = rules.iter().filter(move |rule| rule.is_of_one() == only);
        fitting.find_map(|rule| Some((rule, rule.upstream(repository)?)))
    };
    of(true).or_else(|| of(false))
}

/// The credential set of a rule.
pub fn set_of<'s>(sets: &'s [CredentialSet], rule: &CacheRule) -> Option<&'s CredentialSet> {
    let id = rule.credential_set.as_ref()?;
    sets.iter().find(|set| is_same_id(&set.id, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(source: &str, target: &str) -> CacheRule {
        CacheRule { source: Foreign::new(source), target: Foreign::new(target), ..CacheRule::default() }
    }

    #[test]
    fn only_what_may_be_a_name_is_a_users_own() {
        for (name, expected) in [
            ("ci-pull", true),
            ("aks_nodes", true),
            ("", false),
            ("../../x", false),
            ("a b", false),
            ("00000000-0000-0000-0000-000000000000", false),
            ("44444444-0000-4000-8000-000000000009", false),
        ] {
            assert_eq!(may_be_own(name), expected, "{name}");
        }
    }

    #[test]
    fn a_rule_for_one_repository_goes_before_a_pattern() {
        let rules = [
            rule("mcr.microsoft.com/*", "*"),
            rule("docker.io/library/*", "hub/*"),
            rule("docker.io/library/dotnet", "library/dotnet"),
        ];
        let told = |repository: &str| covering(&rules[1..], repository).map(|(_, upstream)| upstream);
        assert_eq!(told("hub/nginx").as_deref(), Some("docker.io/library/nginx"));
        assert_eq!(told("hub/a/b").as_deref(), Some("docker.io/library/a/b"));
        assert_eq!(told("library/dotnet").as_deref(), Some("docker.io/library/dotnet"));
        for other in ["hub", "hub/", "hubs/nginx", "library/dotnet/sdk"] {
            assert_eq!(told(other), None, "{other}");
        }
        let first = |repository: &str| covering(&rules, repository).map(|(_, upstream)| upstream);
        assert_eq!(first("library/dotnet").as_deref(), Some("docker.io/library/dotnet"));
        assert_eq!(first("team/web").as_deref(), Some("mcr.microsoft.com/team/web"));
    }
}
