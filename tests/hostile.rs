//! What a registry may not steer: seen from the other side, by what the world's servers were asked and shown.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use world::log::Request;
use world::runner::{call, prepare, runtime};
use world::{Page, World};

const FILES: &str = r#"
```json config.json
{"auths": {"HOST": {"username": "puller", "password": "correct-horse"}}}
```
"#;

/// Runs a check with a credential in a world, and tells what the world's servers saw of it.
fn seen(world: &str, host: &str) -> Vec<Request> {
    world.parse::<World>().unwrap();
    let text = format!(
        "# A world\n\nStory: a test.\n\n```toml world\n{world}```\n{}\n```console\n$ pullcheck check {host}/team/web:v1 \
         --docker-config $DIR/config.json --timeout 4s\n```\n",
        FILES.replace("HOST", host)
    );
    let page = Page::parse(&text).unwrap();
    let runtime = runtime().unwrap();
    let running = runtime.block_on(page.world.start()).unwrap();
    let command = prepare(&page, &running).unwrap();
    call(&command).unwrap();
    running.requests()
}

const USER: &str = "[[user]]\nname = \"puller\"\npassword = \"correct-horse\"\n";

#[test]
fn a_redirect_gets_no_credential() {
    let requests = seen(&format!("registry.anonymous = []\n{USER}"), "contosoacr.azurecr.io");
    let (to_data, to_registry): (Vec<_>, Vec<_>) = requests.iter().partition(|r| r.host.contains(".data."));
    assert!(!to_data.is_empty());
    assert!(to_data.iter().all(|r| r.authorization.is_none()), "{to_data:?}");
    assert!(to_registry.iter().any(|r| r.authorization.as_deref() == Some("Bearer")));
}

#[test]
fn an_open_question_is_asked_without_a_credential() {
    let requests = seen(&format!("registry.anonymous = []\n{USER}"), "contosoacr.azurecr.io");
    let first = requests.first().unwrap();
    assert_eq!((first.path.as_str(), &first.authorization), ("/v2/", &None));
}

#[test]
fn a_realm_over_plain_http_is_told_nothing() {
    let world = "registry.flavour = \"harbor\"\nregistry.challenge.realm = \"http://harbor.contoso.com/service/token\"\n";
    let requests = seen(&format!("{world}{USER}"), "harbor.contoso.com");
    assert!(requests.iter().all(|r| r.authorization.is_none() && r.method != "POST"), "{requests:?}");
    assert!(requests.iter().all(|r| !r.path.starts_with("/service/token")), "{requests:?}");
}

#[test]
fn a_realm_inside_is_not_asked() {
    for inside in [
        "https://127.0.0.1:8443/token",
        "https://169.254.169.254/token",
        "https://[::1]/token",
        "https://localhost/token",
    ] {
        let world = format!("registry.flavour = \"harbor\"\nregistry.challenge.realm = \"{inside}\"\n{USER}");
        let requests = seen(&world, "harbor.contoso.com");
        assert!(!requests.is_empty());
        assert!(
            requests.iter().all(|r| r.path == "/v2/" && r.authorization.is_none()),
            "{inside}: {requests:?}"
        );
    }
}
