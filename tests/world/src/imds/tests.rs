use super::*;
use crate::plan::Plan;
use crate::reply::Ending;

const TOKEN: &str =
    "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://containerregistry.azure.net";
const FIRST: &str = "11111111-0000-4000-8000-000000000001";

fn imds(world: &str) -> Imds {
    let world: World = world.parse().expect("a world");
    let plan = Plan::new(&world);
    Imds::new(&world, Arc::new(Directory::new(&world, &plan)), plan.tenant)
}

fn get(target: &str) -> Ask {
    let url = url::Url::parse(&format!("http://{ADDRESS}{target}")).expect("a target");
    let mut ask = Ask {
        method: "GET".to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        ..Ask::default()
    };
    ask.headers.insert("metadata", "true".parse().expect("a header"));
    ask
}

fn body(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.body).expect("JSON")
}

/// Status and description of the answer to a request for a token.
fn refused(world: &str, more: &str) -> (u16, String) {
    let reply = imds(world).answer(&get(&format!("{TOKEN}{more}")));
    (reply.status, body(&reply)["error_description"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_token_comes_with_text_alone() {
    let imds = imds("");
    for more in ["", &format!("&client_id={FIRST}"), "&object_id=22222222-0000-4000-8000-000000000001"] {
        let reply = imds.answer(&get(&format!("{TOKEN}{more}")));
        assert_eq!(reply.status, 200, "{more}");
        let body = body(&reply);
        assert!(body.as_object().expect("an object").values().all(serde_json::Value::is_string), "{body}");
        assert_eq!((&body["expires_in"], &body["client_id"]), (&"86400".into(), &FIRST.into()));
        let claims =
            imds.directory.read(body["access_token"].as_str().expect("a token")).expect("a token of ours");
        assert_eq!(claims.audience, "https://containerregistry.azure.net");
    }
    let id = "/SUBSCRIPTIONS/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/mc_contoso_aks1_westeurope/providers/\
              Microsoft.ManagedIdentity/userAssignedIdentities/aks1-agentpool";
    assert_eq!(imds.answer(&get(&format!("{TOKEN}&msi_res_id={id}"))).status, 200);
}

#[test]
fn the_identity_is_chosen_among_those_of_the_node() {
    let two = "[[identity]]\n[[identity]]\nname = 'addon'";
    let own = "[[identity]]\n[[identity]]\n[[identity]]\nkind = 'system-assigned'";
    let many = "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in \
                the token request";
    let of = |world: &str, more: &str| {
        body(&imds(world).answer(&get(&format!("{TOKEN}{more}"))))["client_id"].as_str().map(str::to_owned)
    };
    assert_eq!(refused(two, ""), (400, many.to_owned()));
    assert_eq!(of(two, &format!("&client_id={FIRST}")).as_deref(), Some(FIRST));
    assert_eq!(of(own, "").as_deref(), Some("11111111-0000-4000-8000-000000000003"), "the machine's own");
    for (world, more) in [
        ("identity = []", ""),
        ("", "&client_id=99999999-0000-4000-8000-000000000001"),
        ("[[identity]]\nattached = false", &format!("&client_id={FIRST}")),
        ("[[identity]]\nkind = 'service-principal'", &format!("&client_id={FIRST}")),
    ] {
        assert_eq!(refused(world, more), (400, "Identity not found".to_owned()), "{world} {more}");
    }
    assert_eq!(refused("", &format!("&client_id={FIRST}&object_id=x")).0, 400);
}

#[test]
fn what_is_no_request_of_its_own_is_refused() {
    let imds = imds("");
    let mut bare = get(TOKEN);
    bare.headers.clear();
    let reply = imds.answer(&bare);
    assert_eq!((reply.status, body(&reply)["error"].as_str()), (400, Some("bad_request_102")));
    let mut forwarded = get(TOKEN);
    forwarded.headers.insert("x-forwarded-for", "10.224.0.4".parse().expect("a header"));
    assert_eq!(imds.answer(&forwarded).status, 400);
    assert_eq!(imds.answer(&Ask { method: "POST".to_owned(), ..get(TOKEN) }).status, 405);
    for more in ["&resource=x", "&API-VERSION=2018-02-01"] {
        assert!(refused("", more).1.starts_with("Duplicate"), "{more}");
    }
    for target in [
        "/metadata/identity/oauth2/token?resource=https://containerregistry.azure.net",
        "/metadata/identity/oauth2/token?api-version=2018-02-01",
        "/metadata/identity/oauth2/token?api-version=2017-08-01&resource=x",
    ] {
        assert_eq!(imds.answer(&get(target)).status, 400, "{target}");
    }
    assert_eq!(imds.answer(&get("/latest/meta-data")).status, 404);
}

#[test]
fn what_entra_says_is_passed_on() {
    let reply = imds("").answer(&get(
        "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://containerregistry.azure.net/.default",
    ));
    assert_eq!((reply.status, body(&reply)["error"].as_str()), (400, Some("invalid_resource")));
    let (status, words) = refused("[[identity]]\ndeleted = true", "");
    assert!(status == 400 && words.starts_with("AADSTS700016: "), "{words}");
    for blocked in ["blocked_by_policy = true", "blocked_for = ['https://containerregistry.azure.net']"] {
        let (_, words) = refused(&format!("[[identity]]\n{blocked}"), "");
        assert!(words.starts_with("AADSTS53003: "), "{words}");
    }
}

#[test]
fn a_broken_service_is_as_the_page_says() {
    for status in [404, 410, 429, 500, 503] {
        let imds = imds(&format!("imds.fault = {{ status = {status}, times = 2, retry_after = 7 }}"));
        let replies: Vec<Reply> = (0..3).map(|_| imds.answer(&get(TOKEN))).collect();
        assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), [status, status, 200]);
        assert_eq!(replies[0].value("retry-after"), Some("7"));
        imds.rewind();
        assert_eq!(imds.answer(&get(TOKEN)).status, status);
        assert_eq!(imds.answer(&get("/metadata/instance?api-version=2021-02-01")).status, 200);
    }
    assert_eq!(imds("imds.fault.stall = true").answer(&get(TOKEN)).ending, Ending::Never);
    let reply = imds("imds.answer = 'no-token'").answer(&get(TOKEN));
    assert!(
        reply.status == 200 && body(&reply)["access_token"].is_null() && body(&reply)["expires_in"] != ""
    );
    assert_eq!(body(&imds("imds.answer = 'empty-token'").answer(&get(TOKEN)))["access_token"], "");
    let reply = imds("imds.answer = 'html'").answer(&get(TOKEN));
    assert_eq!(reply.value("content-type"), Some("text/html; charset=utf-8"));
}

#[test]
fn an_old_token_has_expired() {
    let imds = imds("imds.token_age_s = 90000");
    let reply = body(&imds.answer(&get(TOKEN)));
    let claims =
        imds.directory.read(reply["access_token"].as_str().expect("a token")).expect("a token of ours");
    assert!(claims.validity.until < imds.directory.now());
    assert_eq!(reply["expires_in"], "0");
}

#[test]
fn the_machine_says_where_it_is() {
    let imds = imds("cloud = 'china'");
    let reply = body(&imds.answer(&get("/metadata/instance?api-version=2021-02-01")));
    assert_eq!(reply["compute"]["azEnvironment"], "AzureChinaCloud");
    let reply = imds.answer(&get("/metadata/instance/compute/location?api-version=2021-02-01&format=text"));
    assert_eq!(&reply.body[..], b"chinaeast2");
    let reply = imds.answer(&get("/metadata/instance?api-version=1"));
    assert!(
        reply.status == 400 && body(&reply)["newest-versions"].as_array().is_some_and(|list| list.len() == 3)
    );
    assert!(body(&imds.answer(&get("/metadata/versions")))["apiVersions"].is_array());
    let reply = body(&imds.answer(&get("/metadata/identity/info?api-version=2018-02-01")));
    assert_eq!(reply["tenantId"], "aaaaaaaa-0000-4000-8000-000000000001");
}
