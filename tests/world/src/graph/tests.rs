use super::*;
use crate::directory::{Proof, Validity};

const WORLD: &str = "[[identity]]\n[[identity]]\nname = 'ci'\nkind = 'service-principal'\n[[identity]]\nname = 'other'\ntenant \
                     = 'eeeeeeee-0000-4000-8000-000000000001'\n[[group]]\nname = 'pullers'\nmembers = ['all']\n[[group]]\nname \
                     = 'all'\nmembers = ['aks1-agentpool']\n";
const KUBELET: &str = "22222222-0000-4000-8000-000000000001";
const GROUPS: [&str; 2] = ["33333333-0000-4000-8000-000000000001", "33333333-0000-4000-8000-000000000002"];

/// Status and body of what the n-th identity is answered.
fn asked(world: &str, number: usize, method: &str, target: &str, body: &Value) -> (u16, Value) {
    let world: World = world.parse().expect("a world");
    let plan = Plan::new(&world);
    let directory = Arc::new(Directory::new(&world, &plan));
    let graph = Graph::new(&world, &plan, Arc::clone(&directory));
    let from = directory.now();
    let known = &directory.principals()[number];
    let token = directory.issue(
        known,
        "https://graph.microsoft.com/",
        Proof::Key,
        Validity { from, until: from + 9 },
    );
    let url = url::Url::parse(&format!("https://graph.microsoft.com{target}")).expect("a target");
    let mut ask = Ask {
        method: method.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        body: body.to_string().into(),
        ..Ask::default()
    };
    ask.headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    let reply = graph.answer(&ask);
    (reply.status, serde_json::from_slice(&reply.body).expect("JSON"))
}

fn ids(body: &Value) -> Vec<&str> {
    body["value"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["id"].as_str().or(one.as_str()))
        .collect()
}

#[test]
fn somebody_is_found_by_every_name() {
    let app = "11111111-0000-4000-8000-000000000001";
    for target in [
        format!("/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20%27{app}%27)"),
        format!("/v1.0/servicePrincipals?$filter=appId%20eq%20%27{app}%27"),
        "/v1.0/servicePrincipals?$filter=startswith(displayName,%27AKS1%27)".to_owned(),
    ] {
        let (status, body) = asked(WORLD, 1, "GET", &target, &Value::Null);
        assert_eq!((status, ids(&body)), (200, vec![KUBELET]), "{target}");
    }
    for target in [
        format!("/v1.0/servicePrincipals/{KUBELET}"),
        format!("/v1.0/directoryObjects/{KUBELET}"),
        format!("/v1.0/servicePrincipals(appId='{app}')"),
    ] {
        let (status, body) = asked(WORLD, 1, "GET", &target, &Value::Null);
        assert_eq!((status, &body["servicePrincipalType"]), (200, &"ManagedIdentity".into()), "{target}");
        assert_eq!(body["@odata.type"], "#microsoft.graph.servicePrincipal");
    }
    let wanted = json!({"ids": [KUBELET, GROUPS[0], "22222222-0000-4000-8000-000000000003"]});
    let (_, body) = asked(WORLD, 1, "POST", "/v1.0/directoryObjects/getByIds", &wanted);
    assert_eq!(ids(&body), [KUBELET, GROUPS[0]], "another tenant's are not in the directory");
}

#[test]
fn groups_are_told_directly_and_through_others() {
    let get = |target: &str| asked(WORLD, 1, "GET", &format!("/v1.0/{target}"), &Value::Null).1;
    assert_eq!(ids(&get(&format!("servicePrincipals/{KUBELET}/memberOf"))), [GROUPS[1]]);
    assert_eq!(ids(&get(&format!("servicePrincipals/{KUBELET}/transitiveMemberOf"))), GROUPS);
    assert_eq!(ids(&get(&format!("groups/{}/members", GROUPS[0]))), [GROUPS[1]]);
    assert_eq!(ids(&get(&format!("groups/{}/transitiveMembers", GROUPS[0]))), [KUBELET, GROUPS[1]]);
    let target = format!("/v1.0/directoryObjects/{KUBELET}/getMemberGroups");
    let (_, body) = asked(WORLD, 1, "POST", &target, &json!({"securityEnabledOnly": true}));
    assert_eq!(ids(&body), [GROUPS[1], GROUPS[0]]);
    let target = target.replace("getMemberGroups", "checkMemberGroups");
    assert_eq!(ids(&asked(WORLD, 1, "POST", &target, &json!({"groupIds": [GROUPS[0], "x"]})).1), [GROUPS[0]]);
}

#[test]
fn what_is_refused_is_named() {
    let all = "/v1.0/groups";
    let gone = "/v1.0/servicePrincipals/99999999-0000-4000-8000-000000000001";
    for (more, number, target, expected) in [
        ("", 0, all, (403, "Authorization_RequestDenied")),
        ("", 1, gone, (404, "Request_ResourceNotFound")),
        ("", 1, "/v1.0/servicePrincipals?$filter=x", (400, "Request_UnsupportedQuery")),
        ("", 1, "/v2/groups", (404, "ResourceNotFound")),
        ("graph.fault = { status = 503 }", 1, all, (503, "serviceNotAvailable")),
        ("graph.faults = [{ path = '*/groups', status = 429 }]", 1, all, (429, "TooManyRequests")),
    ] {
        let (status, body) = asked(&format!("{more}\n{WORLD}"), number, "GET", target, &Value::Null);
        assert_eq!((status, body["error"]["code"].as_str().unwrap_or_default()), expected, "{more} {target}");
    }
}

#[test]
fn a_user_is_found_by_the_name_to_sign_in() {
    let world = "[[identity]]\nname = 'alice'\nkind = 'user'\nsecret = 'x'";
    let filter = "/v1.0/users?$filter=userPrincipalName%20eq%20%27alice@contoso.onmicrosoft.com%27";
    assert_eq!(ids(&asked(world, 0, "GET", filter, &Value::Null).1), [KUBELET]);
    assert_eq!(ids(&asked(world, 0, "GET", "/v1.0/servicePrincipals", &Value::Null).1), Vec::<&str>::new());
    for target in ["/v1.0/me", "/v1.0/users/alice@contoso.onmicrosoft.com"] {
        let (status, body) = asked(world, 0, "GET", target, &Value::Null);
        assert_eq!((status, &body["@odata.type"]), (200, &"#microsoft.graph.user".into()), "{target}");
    }
}
