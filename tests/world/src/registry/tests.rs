use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;

use super::*;
use crate::reply::Ending;
use crate::storage;

fn registry(world: &str) -> Registry {
    let world: World = world.parse().expect("a world");
    let plan = Plan::new(&world);
    Registry::new(&world, &plan, Arc::new(Directory::new(&world, &plan)))
}

fn ask(method: &str, target: &str) -> Ask {
    let url = url::Url::parse(&format!("https://h{target}")).expect("a target");
    Ask {
        method: method.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        ..Ask::default()
    }
}

fn get(target: &str) -> Ask {
    ask("GET", target)
}

fn with(mut ask: Ask, authorization: &str) -> Ask {
    ask.headers.insert(AUTHORIZATION, HeaderValue::from_str(authorization).expect("a header"));
    ask
}

fn basic(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(user))
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).expect("text")
}

/// The Bearer header that the token endpoint gives.
fn bearer(registry: &Registry, asked: Ask) -> String {
    let reply = registry.answer(&asked);
    assert_eq!(reply.status, 200, "{}", text(&reply));
    let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    let token = body.get("access_token").filter(|t| *t != "").or(body.get("token")).and_then(|t| t.as_str());
    format!("Bearer {}", token.expect("a token"))
}

const SCOPE: &str = "/oauth2/token?service=contosoacr.azurecr.io&scope=repository:team/web:pull";
const MANIFEST: &str = "/v2/team/web/manifests/v1";

#[test]
fn acr_challenges_word_for_word() {
    let reply = registry("").answer(&get("/v2/"));
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.value("www-authenticate"),
        Some("Bearer realm=\"https://contosoacr.azurecr.io/oauth2/token\",service=\"contosoacr.azurecr.io\"")
    );
    assert_eq!(reply.body.len(), 149, "as recorded: {}", text(&reply));
}

#[test]
fn an_anonymous_pull_goes_all_the_way() {
    let registry = registry("");
    let token = bearer(&registry, get(SCOPE));
    assert_eq!(registry.answer(&with(get("/v2/"), &token)).status, 200);
    let index = registry.answer(&with(get(MANIFEST), &token));
    assert_eq!(index.status, 200);
    assert_eq!(index.value("docker-content-digest"), Some(content_digest(&index).as_str()));
    let body: serde_json::Value = serde_json::from_slice(&index.body).expect("JSON");
    let child = body["manifests"][0]["digest"].as_str().expect("a digest");
    let child = registry.answer(&with(get(&format!("/v2/team/web/manifests/{child}")), &token));
    let body: serde_json::Value = serde_json::from_slice(&child.body).expect("JSON");
    let layer = body["layers"][0]["digest"].as_str().expect("a digest");
    let blob = registry.answer(&with(get(&format!("/v2/team/web/blobs/{layer}")), &token));
    let location = blob.value("location").expect("a redirect");
    assert_eq!(blob.status, 307);
    let target = location.strip_prefix("https://contosoacr.westeurope.data.azurecr.io").expect(location);
    let stored = storage::answer(&registry, None, &get(target));
    assert_eq!((stored.status, content_digest(&stored).as_str()), (200, layer));
    let mut leaking = get(target);
    leaking.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    assert_eq!(storage::answer(&registry, None, &leaking).status, 400);
}

fn content_digest(reply: &Reply) -> String {
    crate::content::digest(&reply.body)
}

#[test]
fn what_is_not_there_is_named_as_acr_names_it() {
    let registry = registry("");
    let token = bearer(&registry, get(&format!("{SCOPE}&scope=repository:team/nope:pull")));
    let reply = registry.answer(&with(get("/v2/team/web/manifests/v9"), &token));
    assert_eq!(reply.status, 404);
    assert!(
        text(&reply).contains(r#""message":"manifest tagged by \"v9\" is not found","detail":{"Tag":"v9"}"#)
    );
    let reply = registry.answer(&with(get("/v2/team/nope/manifests/v1"), &token));
    assert!(text(&reply).contains(r#"NAME_UNKNOWN","message":"repository \"team/nope\" is not found"}"#));
}

#[test]
fn rights_are_by_user_and_repository() {
    let registry = registry(
        "registry.anonymous = []\n[[user]]\nname = 'web'\npassword = 'p'\npull = ['team/*']\n\
         [[user]]\nname = 'other'\npassword = 'q'\npull = ['other/*']",
    );
    assert_eq!(registry.answer(&get(SCOPE)).status, 401, "anonymous pull is off");
    assert_eq!(registry.answer(&with(get(SCOPE), &basic("web:wrong"))).status, 401);
    let token = bearer(&registry, with(get(SCOPE), &basic("web:p")));
    assert_eq!(registry.answer(&with(get(MANIFEST), &token)).status, 200);
    let token = bearer(&registry, with(get(SCOPE), &basic("other:q")));
    let reply = registry.answer(&with(get(MANIFEST), &token));
    assert_eq!(reply.status, 401);
    assert!(
        reply.value("www-authenticate").is_some_and(|value| value.ends_with("error=\"insufficient_scope\""))
    );
    let mut form = ask("POST", "/oauth2/token");
    form.form = [("grant_type", "password"), ("username", "web"), ("password", "p"), ("service", "x")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let reply = registry.answer(&form);
    assert_eq!((reply.status, reply.body.len()), (400, 0), "a password without a scope");
    form.form.push(("scope".to_owned(), "repository:team/web:pull".to_owned()));
    let token = bearer(&registry, form);
    assert_eq!(registry.answer(&with(get(MANIFEST), &token)).status, 200);
}

#[test]
fn a_firewall_stands_before_everything() {
    let registry = registry("registry.firewall = { sees = '20.31.4.5' }");
    for path in ["/v2/", SCOPE, MANIFEST] {
        let reply = registry.answer(&get(path));
        assert_eq!(reply.status, 403);
        assert!(
            text(&reply).contains(r"client with IP \u002720.31.4.5\u0027 is not allowed access."),
            "{}",
            text(&reply)
        );
    }
}

#[test]
fn docker_hub_gives_no_right_to_what_is_not_there() {
    let registry = registry("registry.flavour = 'hub'");
    let reply =
        registry.answer_token(&get("/token?scope=repository:library/ngnix:pull&service=registry.docker.io"));
    let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!((reply.status, body["expires_in"].as_u64()), (200, Some(300)));
    let token = format!("Bearer {}", body["token"].as_str().expect("a token"));
    let reply = registry.answer(&with(get("/v2/library/ngnix/manifests/latest"), &token));
    assert_eq!(reply.status, 401);
    let reply = registry.answer_token(&get("/token?scope=repository:library/nginx:pull"));
    let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    let token = format!("Bearer {}", body["token"].as_str().expect("a token"));
    let reply = registry.answer(&with(get("/v2/library/nginx/manifests/latest"), &token));
    assert_eq!((reply.status, reply.value("ratelimit-limit")), (200, Some("100;w=21600")));
}

#[test]
fn harbor_serves_blobs_itself_and_blocks_by_policy() {
    let registry = registry(
        "registry.flavour = 'harbor'\n[[image]]\nindex = false\npolicy = 'current image with 3 vulnerabilities'",
    );
    let token =
        bearer(&registry, get("/service/token?scope=repository:team/web:pull&service=harbor-registry"));
    let reply = registry.answer(&with(get(MANIFEST), &token));
    assert_eq!(reply.status, 412);
    assert!(text(&reply).contains("PROJECTPOLICYVIOLATION"));
    let digest = registry.content()["team/web"].blobs.keys().next().expect("a blob").clone();
    assert_eq!(registry.answer(&with(get(&format!("/v2/team/web/blobs/{digest}")), &token)).status, 200);
}

#[test]
fn plain_and_basic() {
    let open = registry("registry.flavour = 'plain'");
    assert_eq!(open.answer(&get("/v2/")).status, 200);
    assert_eq!(open.answer(&get(MANIFEST)).status, 200);
    let closed = registry("registry.flavour = 'basic'\n[[user]]\nname = 'u'\npassword = 'p'");
    assert_eq!(closed.answer(&get("/v2/")).value("www-authenticate"), Some("Basic realm=\"Registry Realm\""));
    assert_eq!(closed.answer(&with(get(MANIFEST), &basic("u:p"))).status, 200);
    assert_eq!(closed.answer(&with(get(MANIFEST), &basic("u:x"))).status, 401);
}

#[test]
fn replicas_differ_and_bodies_end_badly() {
    let registry = registry(
        "registry.flavour = 'plain'\n[[image]]\nindex = false\nlayer = 'stalled'\nmanifest = 'wrong'",
    );
    let reply = registry.answer(&get(MANIFEST));
    assert_ne!(reply.value("docker-content-digest"), Some(content_digest(&reply).as_str()));
    let behind = Ask { lacks: vec!["v1".to_owned()], ..get(MANIFEST) };
    assert_eq!(registry.answer(&behind).status, 404);
    let blobs = &registry.content()["team/web"].blobs;
    let stalled = blobs.iter().find(|(_, blob)| blob.fault.is_some()).expect("a stalled layer").0.clone();
    assert_eq!(registry.answer(&get(&format!("/v2/team/web/blobs/{stalled}"))).ending, Ending::Stalled);
}

#[test]
fn now_and_then_is_counted() {
    let registry = registry("registry.flavour = 'plain'\nregistry.intermittent = { every = 3 }");
    let seen: Vec<u16> = (0..6).map(|_| registry.answer(&get(MANIFEST)).status).collect();
    assert_eq!(seen, [200, 200, 503, 200, 200, 503]);
}

#[test]
fn tags_come_in_pages() {
    let registry =
        registry("registry.flavour = 'plain'\n[[image]]\ntags = ['a', 'b', 'c']\ndangling_tags = ['d']");
    let reply = registry.answer(&get("/v2/team/web/tags/list?n=2"));
    assert!(text(&reply).contains(r#""tags":["a","b"]"#));
    assert!(reply.value("link").is_some_and(|link| link.contains("last=b&n=2")));
    assert_eq!(registry.answer(&get("/v2/team/web/manifests/d")).status, 404);
}

mod exchange;
mod metadata;
mod regions;
mod sources;
