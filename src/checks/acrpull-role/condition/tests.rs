use super::*;

const READ: &str = "Microsoft.ContainerRegistry/registries/repositories/content/read";
const WRITE: &str = "Microsoft.ContainerRegistry/registries/repositories/content/write";

/// The condition that the portal writes: other actions are free, these two are bound to what a test of the name says.
fn portals(test: &str) -> String {
    format!(
        "(\n (\n  !(ActionMatches{{'{READ}'}})\n  AND\n  \
         !(ActionMatches{{'Microsoft.ContainerRegistry/registries/repositories/metadata/read'}})\n )\n OR\n (\n  {test}\n )\n)"
    )
}

fn name(operator: &str, value: &str) -> String {
    format!("@Request[Microsoft.ContainerRegistry/registries/repositories:name] {operator} {value}")
}

#[test]
fn repositories_are_told_apart() {
    for (test, repository, expected) in [
        (name("StringEqualsIgnoreCase", "'hello-world'"), "hello-world", Some(true)),
        (name("StringEqualsIgnoreCase", "'Hello-World'"), "hello-world", Some(true)),
        (name("StringEquals", "'Hello-World'"), "hello-world", Some(false)),
        (name("StringEqualsIgnoreCase", "'hello-world'"), "hello-world/sub", Some(false)),
        (name("StringStartsWithIgnoreCase", "'backend/'"), "backend/api", Some(true)),
        (name("StringStartsWithIgnoreCase", "'backend/'"), "backend-infra/api", Some(false)),
        (name("StringStartsWith", "'backend'"), "backend-infra/api", Some(true)),
        (name("StringNotEqualsIgnoreCase", "'secret'"), "secret", Some(false)),
        (name("StringNotStartsWith", "'team/'"), "web", Some(true)),
        (name("StringLike", "'team/*/web'"), "team/a/web", Some(true)),
        (name("StringLike", "'team/?'"), "team/ab", Some(false)),
        (name("ForAnyOfAnyValues:StringEqualsIgnoreCase", "{'a', 'b'}"), "b", Some(true)),
        (name("ForAnyOfAnyValues:StringEqualsIgnoreCase", "{'a', 'b'}"), "c", Some(false)),
        (name("ForAnyOfAllValues:StringNotEquals", "{'a', 'b'}"), "b", Some(false)),
        (format!("{} OR {}", name("StringEquals", "'a'"), name("StringEquals", "'b'")), "b", Some(true)),
        // What this program does not know decides nothing.
        (name("StringMatches", "'a'"), "a", None),
        (name("NumericEquals", "4"), "a", None),
        (
            "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:team] StringEquals 'a'".to_owned(),
            "a",
            None,
        ),
        ("@Environment[isPrivateLink] BoolEquals true".to_owned(), "a", None),
    ] {
        assert_eq!(holds(&portals(&test), READ, repository), expected, "{test} for {repository}");
        // Actions that the condition does not name are free whatever it says of the repository.
        assert_eq!(holds(&portals(&test), WRITE, repository), Some(true), "{test} for {repository}");
    }
}

#[test]
fn what_is_known_decides_where_the_rest_does_not_matter() {
    let unknown = "@Environment[isPrivateLink] BoolEquals true";
    let (yes, no) = (name("StringEquals", "'a'"), name("StringEquals", "'b'"));
    for (condition, expected) in [
        (format!("{unknown} OR {yes}"), Some(true)),
        (format!("{unknown} AND {no}"), Some(false)),
        (format!("{unknown} AND {yes}"), None),
        (format!("!({unknown})"), None),
        (format!("Exists {}", name("", "").trim()), Some(true)),
        (format!("{yes} && !({no})"), Some(true)),
        (format!("{no} || ActionMatches{{'Microsoft.ContainerRegistry/*'}}"), Some(true)),
    ] {
        assert_eq!(holds(&condition, READ, "a"), expected, "{condition}");
    }
}

#[test]
fn what_is_no_condition_says_nothing() {
    for condition in [
        "",
        "(",
        ")",
        "ActionMatches{'a'",
        "'a'",
        "@Request[x]",
        "a b c",
        "((((",
        "\u{e9}",
        "@Re quest[a] X 'b'",
    ] {
        assert_eq!(holds(condition, READ, "a"), None, "{condition}");
    }
    let deep = "(".repeat(10_000);
    assert_eq!(holds(&deep, READ, "a"), None);
}
