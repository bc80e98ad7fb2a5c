//! Role assignments: read, made and taken away, and what the registry makes of that.

use super::*;
use crate::registry::Registry;

const OWNER: &str = "registry.anonymous = []\n[[identity]]\npull = []\n[[identity]]\nname = 'admin'\nkind = \
                     'service-principal'\n[[role]]\nto = 'admin'\nrole = 'User Access Administrator'\nscope = \
                     'subscription'\n";
const NEW: &str = "12345678-0000-4000-8000-000000000001";
const PULL: &str = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
const KUBELET: &str = "22222222-0000-4000-8000-000000000001";

/// Status and body of what the n-th identity is answered.
fn sent(arm: &Arm, number: usize, method: &str, target: &str, body: &Value) -> (u16, Value) {
    let known = &arm.directory.principals()[number];
    let from = arm.directory.now();
    let token = arm.directory.issue(known, ARM, Proof::Secret, Validity { from, until: from + 3599 });
    let mut ask = get(target);
    ask.method = method.to_owned();
    ask.body = body.to_string().into();
    ask.headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    let reply = arm.answer(&ask);
    (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
}

fn assignments(more: &str) -> String {
    format!("{REGISTRY}/providers/Microsoft.Authorization/roleAssignments{more}?api-version=2022-04-01")
}

/// The body of a request for a role; an empty kind is left out.
fn wish(principal: &str, role: &str, kind: &str) -> Value {
    let id = format!("/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/{role}");
    let mut body = json!({"properties": {"roleDefinitionId": id, "principalId": principal}});
    if !kind.is_empty() {
        body["properties"]["principalType"] = kind.into();
    }
    body
}

/// The principals of the assignments that a filter leaves.
fn listed(arm: &Arm, filter: &str) -> Vec<String> {
    let target = format!("{}&$filter={}", assignments(""), filter.replace(' ', "%20").replace('\'', "%27"));
    let (status, body) = sent(arm, 1, "GET", &target, &Value::Null);
    assert_eq!(status, 200, "{body}");
    let all = body["value"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| one["properties"]["principalId"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn a_role_that_is_made_lets_the_registry_give_a_token() {
    let world: World = OWNER.parse().expect("a world");
    let plan = Plan::new(&world);
    let directory = Arc::new(Directory::new(&world, &plan));
    let arm = Arm::new(&world, &plan, Arc::clone(&directory));
    let registry = Registry::new(&world, &plan, Arc::clone(&directory));
    let from = directory.now();
    let validity = Validity { from, until: from + 3599 };
    let token = directory.issue(&directory.principals()[0], ARM, Proof::Key, validity);
    let exchanged = || {
        let form = [("grant_type", "access_token"), ("access_token", token.as_str())];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let (method, path) = ("POST".to_owned(), "/oauth2/exchange".to_owned());
        registry.answer(&Ask { method, path, form, ..Ask::default() }).status
    };
    assert_eq!(exchanged(), 401);
    let place = assignments(&format!("/{NEW}"));
    let (status, made) = sent(&arm, 1, "PUT", &place, &wish(KUBELET, PULL, "ServicePrincipal"));
    assert_eq!((status, &made["properties"]["principalType"]), (201, &"ServicePrincipal".into()));
    assert_eq!(exchanged(), 200);
    assert_eq!(sent(&arm, 1, "GET", &place, &Value::Null).1, made);
    assert_eq!(sent(&arm, 1, "PUT", &place, &wish(KUBELET, PULL, "")).0, 200, "the same again");
    let (status, other) =
        sent(&arm, 1, "PUT", &place.replace("0001?", "0002?"), &wish(KUBELET, PULL, "ServicePrincipal"));
    assert_eq!((status, &other["error"]["code"]), (409, &"RoleAssignmentExists".into()));
    assert_eq!(sent(&arm, 1, "DELETE", &place, &Value::Null).0, 200);
    assert_eq!((exchanged(), sent(&arm, 1, "DELETE", &place, &Value::Null).0), (401, 204));
    assert_eq!(sent(&arm, 1, "PUT", &place, &wish(KUBELET, PULL, "")).0, 201);
    arm.rewind();
    assert_eq!(exchanged(), 401, "a rewound world is as at its start");
}

#[test]
fn a_name_is_free_or_taken() {
    let arm = arm(&OWNER.replace("User Access Administrator", "Owner"));
    let target = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/providers/Microsoft.ContainerRegistry/\
                  checkNameAvailability?api-version=2025-11-01";
    for (name, free) in [("ContosoACR", false), ("contosoacr2", true)] {
        let (status, body) = sent(&arm, 1, "POST", target, &json!({"name": name}));
        assert_eq!((status, &body["nameAvailable"]), (200, &free.into()), "{name}");
    }
    assert_eq!(sent(&arm, 0, "POST", target, &json!({"name": "x"})).0, 403);
}

#[test]
fn what_cannot_be_assigned_is_refused() {
    let arm = arm(OWNER);
    let place = assignments(&format!("/{NEW}"));
    let stranger = "99999999-0000-4000-8000-000000000001";
    for (number, principal, role, kind, expected) in [
        (0, KUBELET, PULL, "", (403, "AuthorizationFailed")),
        (1, stranger, PULL, "", (400, "PrincipalNotFound")),
        (1, KUBELET, stranger, "", (404, "RoleDefinitionDoesNotExist")),
        (1, "", PULL, "", (400, "InvalidRequestContent")),
    ] {
        let (status, body) = sent(&arm, number, "PUT", &place, &wish(principal, role, kind));
        assert_eq!((status, body["error"]["code"].as_str().unwrap_or_default()), expected, "{body}");
        if status == 403 {
            let words = body["error"]["message"].as_str().unwrap_or_default();
            assert!(words.contains("'Microsoft.Authorization/roleAssignments/write'"), "{words}");
        }
    }
    // Who says what kind of thing it is may be ahead of the directory's replicas.
    assert_eq!(sent(&arm, 1, "PUT", &place, &wish(stranger, PULL, "ServicePrincipal")).0, 201);
}

#[test]
fn filters_say_where_and_for_whom() {
    let arm = arm(&format!(
        "{OWNER}[[role]]\nto = 'pullers'\nrole = 'AcrPull'\nscope = 'group'\n[[group]]\nname = 'pullers'\nmembers = \
         ['aks1-agentpool']\n[[role]]\nto = 'aks1-agentpool'\nrole = 'Reader'\nscope = \
         '{REGISTRY}/replications/northeurope'"
    ));
    let (admin, group) = ("22222222-0000-4000-8000-000000000002", "33333333-0000-4000-8000-000000000001");
    // The derived right to read is the admin's too.
    assert_eq!(listed(&arm, ""), [admin, admin, group, KUBELET]);
    assert_eq!(listed(&arm, "atScope()"), [admin, admin, group]);
    assert_eq!(listed(&arm, &format!("principalId eq '{KUBELET}'")), [KUBELET]);
    assert_eq!(listed(&arm, &format!("atScope() and assignedTo('{KUBELET}')")), [group]);
    let (status, _) = sent(
        &arm,
        1,
        "GET",
        &format!("{}&$filter=atScope()%20and%20principalId%20eq%20%27x%27", assignments("")),
        &Value::Null,
    );
    assert_eq!(status, 400);
}

#[test]
fn roles_and_denials_are_told() {
    let arm = arm(&format!(
        "{OWNER}[[role_definition]]\nname = 'Puller'\nactions = ['Microsoft.ContainerRegistry/registries/pull/read']\n\
         [[deny]]\nname = 'no'\nactions = ['*/write']\n"
    ));
    let at = |kind: &str, more: &str| {
        let target = format!("{REGISTRY}/providers/Microsoft.Authorization/{kind}?{VERSION}{more}");
        sent(&arm, 1, "GET", &target, &Value::Null).1["value"].clone()
    };
    let found = at("roleDefinitions", "&$filter=roleName%20eq%20%27acrpull%27");
    assert_eq!((found.as_array().map(Vec::len), &found[0]["name"]), (Some(1), &PULL.into()));
    assert_eq!(
        found[0]["id"],
        format!(
            "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/providers/Microsoft.Authorization/roleDefinitions/{PULL}"
        )
    );
    assert_eq!(
        at("roleDefinitions", "&$filter=type%20eq%20%27CustomRole%27")[0]["properties"]["roleName"],
        "Puller"
    );
    let own = at("permissions", "");
    assert!(
        own.as_array()
            .is_some_and(|all| all.iter().any(|one| one["actions"][1] == "Microsoft.Authorization/*"))
    );
    let denial = at("denyAssignments", "&$filter=atScope()");
    assert_eq!(denial[0]["properties"]["principals"][0]["type"], "SystemDefined");
    assert_eq!(denial[0]["properties"]["permissions"][0]["actions"], json!(["*/write"]));
}

#[test]
fn paths_fail_one_by_one_and_lists_have_pages() {
    let text = format!(
        "{OWNER}[arm]\npage_size = 1\nfaults = [{{ path = '*/roleassignments', status = 429, times = 1, retry_after = 7 }}, \
         {{ path = '*/registries/*' }}]"
    );
    let arm = arm(&text);
    let (status, body) = sent(&arm, 1, "GET", &format!("{REGISTRY}?{VERSION}"), &Value::Null);
    assert_eq!((status, &body["error"]["code"]), (403, &"AuthorizationFailed".into()));
    assert!(body["error"]["message"].as_str().is_some_and(|words| {
        words.contains("'Microsoft.ContainerRegistry/registries/read' over scope '/subscriptions/")
    }));
    let subscription = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001";
    let target = format!("{subscription}/providers/Microsoft.Authorization/roleAssignments?{VERSION}");
    assert_eq!(sent(&arm, 1, "GET", &target, &Value::Null).0, 429);
    let mut next = target;
    let mut seen = 0;
    loop {
        let (status, page) = sent(&arm, 1, "GET", &next, &Value::Null);
        assert_eq!(status, 200, "{page}");
        seen += page["value"].as_array().map_or(0, Vec::len);
        match page["nextLink"].as_str() {
            Some(link) => next = link.trim_start_matches("https://").to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, 2);
}
