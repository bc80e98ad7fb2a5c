use super::*;

const CONTENT: &str = "Microsoft.ContainerRegistry/registries/repositories/content/read";
const CATALOG: &str = "Microsoft.ContainerRegistry/registries/catalog/read";

fn lets(text: &str, action: &str, repository: &str) -> bool {
    Condition::parse(text).expect(text).lets(action, Some(repository))
}

/// What the portal writes: over several lines, with more parentheses than need be.
fn portals(test: &str) -> String {
    format!(
        "(\n (\n  !(ActionMatches{{'{CONTENT}'}})\n  AND\n  !(ActionMatches{{'{}'}})\n )\n OR \n (\n  {test}\n )\n)",
        CONTENT.replace("content", "metadata")
    )
}

#[test]
fn a_repository_is_compared_as_the_operator_says() {
    let name = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]";
    for (test, repository, expected) in [
        ("StringEqualsIgnoreCase 'Team/web'", "team/web", true),
        ("StringEqualsIgnoreCase 'team/web'", "team/website", false),
        ("StringEquals 'Team/web'", "team/web", false),
        ("StringStartsWithIgnoreCase 'backend/'", "backend/api", true),
        ("StringStartsWithIgnoreCase 'backend/'", "backend-infra/api", false),
        ("StringStartsWithIgnoreCase 'backend'", "backend-infra/api", true),
        ("StringNotEquals 'team/web'", "team/web", false),
        ("StringLike '*/web'", "team/web", true),
        ("ForAnyOfAnyValues:StringEquals {'a', 'b'}", "b", true),
    ] {
        let text = portals(&format!("{name} {test}"));
        assert_eq!(lets(&text, CONTENT, repository), expected, "{test} {repository}");
    }
}

#[test]
fn a_condition_on_other_actions_restricts_nothing() {
    let delete = CONTENT.replace("read", "delete");
    let text = format!("(!(ActionMatches{{'{delete}'}}) OR @Resource[x:name] StringEquals 'y')");
    assert!(lets(&text, CONTENT, "team/web") && !lets(&text, &delete, "y"));
    assert!(lets(&portals("@Request[x:name] StringEquals 'y'"), CATALOG, ""));
    let wide = "!(ActionMatches{'Microsoft.ContainerRegistry/*'}) && !(ActionMatches{'x'})";
    assert!(!lets(wide, CONTENT, "team/web"));
}

#[test]
fn what_is_derived_from_patterns_is_read_back() {
    assert_eq!(Condition::text_for(&["team/*".to_owned(), "*".to_owned()]), None);
    let patterns = ["team/*", "base", "*/tools"].map(str::to_owned);
    let text = Condition::text_for(&patterns).expect("a condition");
    for (repository, expected) in
        [("team/web", true), ("base", true), ("x/tools", true), ("teams/web", false), ("base/a", false)]
    {
        assert_eq!(lets(&text, CONTENT, repository), expected, "{repository}");
    }
    assert!(lets(&text, CATALOG, ""));
}

#[test]
fn what_cannot_be_read_is_named() {
    for (text, expected) in [
        ("", "too early"),
        ("(ActionMatches{'a'}", "too early"),
        ("ActionMatches{'a'} ActionMatches{'b'}", "should end"),
        ("ActionMatches{'a', 'b'}", "one action"),
        ("@Request[x] StringEquals 'a", "without an end"),
        ("@Request[Microsoft.ContainerRegistry/registries/repositories:name] GuidEquals 'a'", "GuidEquals"),
        ("'a'", "say something"),
    ] {
        let error = Condition::parse(text).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}
