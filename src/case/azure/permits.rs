//! Whether roles and deny assignments speak of an action at a scope.
//!
//! Actions have `*` for anything, `/` too, and no case
//! (<https://learn.microsoft.com/azure/role-based-access-control/role-definitions>); so have resource ids no case.

use probes::foreign::Foreign;

use super::Permissions;

/// A registry's own right to pull, where it does not look at repositories.
pub(crate) const PULL: &str = "Microsoft.ContainerRegistry/registries/pull/read";
/// The right to read manifests and layers of a repository.
pub(crate) const CONTENT: &str = "Microsoft.ContainerRegistry/registries/repositories/content/read";
/// The right to read a repository's tags and properties.
pub(crate) const METADATA: &str = "Microsoft.ContainerRegistry/registries/repositories/metadata/read";

/// Whether a pattern of an action matches one.
pub(crate) fn matches(pattern: &str, action: &str) -> bool {
    like(&pattern.to_ascii_lowercase().replace('?', "\u{0}"), &action.to_ascii_lowercase())
}

/// Whether a text is as a pattern with `*` for any signs and `?` for one.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // The last star, and how much of the text it stands for.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(sign) if *sign == '?' || *sign == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|sign| *sign == '*')
}

/// Whether permissions speak of an action of the control plane.
pub(crate) fn speak_of_action(permissions: &Permissions, action: &str) -> bool {
    any(&permissions.actions, action) && !any(&permissions.not_actions, action)
}

/// Whether permissions speak of an action on data.
pub(crate) fn speak_of_data(permissions: &Permissions, action: &str) -> bool {
    any(&permissions.data_actions, action) && !any(&permissions.not_data_actions, action)
}

fn any(patterns: &[Foreign], action: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern.as_str(), action))
}

/// Whether a scope covers a resource: itself, or something above it. Management groups hold whatever was returned for it.
pub(crate) fn covers(scope: &str, resource: &str) -> bool {
    let (scope, resource) = (scope.trim_end_matches('/').to_ascii_lowercase(), resource.to_ascii_lowercase());
    scope.is_empty()
        || scope.starts_with("/providers/microsoft.management/managementgroups/")
        || resource == scope
        || resource.strip_prefix(&scope).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_match_with_stars_and_without_case() {
        for (pattern, expected) in [
            ("*", true),
            ("*/read", true),
            ("Microsoft.ContainerRegistry/*", true),
            ("microsoft.containerregistry/registries/PULL/read", true),
            ("Microsoft.ContainerRegistry/registries/*/read", true),
            ("Microsoft.ContainerRegistry/registries/pull/*", true),
            ("Microsoft.ContainerRegistry/registries/read", false),
            ("Microsoft.ContainerRegistry/registries/pull/rea?", false),
            ("*/write", false),
            ("", false),
        ] {
            assert_eq!(matches(pattern, PULL), expected, "{pattern}");
        }
        assert!(like("a*b*c", "axxbxbyc") && !like("a*b*c", "axxcb") && like("**", "") && !like("?", ""));
    }

    #[test]
    fn what_is_taken_out_is_not_permitted() {
        let list = |all: &[&str]| all.iter().map(|text| Foreign::new(text)).collect::<Vec<_>>();
        let contributor = Permissions { actions: list(&["*"]), ..Permissions::default() };
        assert!(speak_of_action(&contributor, PULL) && !speak_of_data(&contributor, CONTENT));
        let without = Permissions {
            not_actions: list(&["Microsoft.ContainerRegistry/registries/pull/*"]),
            ..contributor
        };
        assert!(!speak_of_action(&without, PULL));
        let reader = Permissions { data_actions: list(&[CONTENT]), ..Permissions::default() };
        assert!(
            speak_of_data(&reader, CONTENT)
                && !speak_of_data(&reader, METADATA)
                && !speak_of_action(&reader, PULL)
        );
    }

    #[test]
    fn scopes_cover_what_is_below_them() {
        let registry =
            "/subscriptions/S/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contosoacr";
        for (scope, expected) in [
            ("/", true),
            ("/providers/Microsoft.Management/managementGroups/root", true),
            ("/subscriptions/s", true),
            ("/subscriptions/S/resourcegroups/G", true),
            ("/subscriptions/S/resourceGroups/g2", false),
            ("/subscriptions/S2", false),
            (registry, true),
            (&registry.to_uppercase(), true),
            (
                "/subscriptions/S/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contoso",
                false,
            ),
            (
                "/subscriptions/S/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contosoacr2",
                false,
            ),
        ] {
            assert_eq!(covers(scope, registry), expected, "{scope}");
        }
    }
}
