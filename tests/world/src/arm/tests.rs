mod aks;
mod network;
mod roles;
mod sources;

use super::*;
use crate::directory::{Proof, Validity};

const VERSION: &str = "api-version=2025-11-01";
const ARM: &str = "https://management.azure.com/";

fn arm(world: &str) -> Arm {
    let world: World = world.parse().expect("a world");
    let plan = Plan::new(&world);
    Arm::new(&world, &plan, Arc::new(Directory::new(&world, &plan)))
}

fn get(target: &str) -> Ask {
    let url = url::Url::parse(&format!("https://management.azure.com{target}")).expect("a target");
    Ask {
        method: "GET".to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        ..Ask::default()
    }
}

/// Status and body of the answer that the first identity gets.
fn asked(arm: &Arm, target: &str, audience: &str, age: i64) -> (u16, Value) {
    let known = &arm.directory.principals()[0];
    let from = arm.directory.now() - age;
    let token = arm.directory.issue(known, audience, Proof::Secret, Validity { from, until: from + 3599 });
    let mut ask = get(target);
    ask.headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    let reply = arm.answer(&ask);
    (reply.status, serde_json::from_slice(&reply.body).expect("JSON"))
}

/// What a service principal that may read all is told; it is the last identity of the world.
fn told(world: &str, target: &str) -> (u16, Value) {
    let text = format!("{world}\n[[identity]]\nkind = 'service-principal'\nname = 'reader'\nsecret = 'x'");
    let arm = arm(&text);
    let known = arm.directory.principals().last().expect("an identity").clone();
    let from = arm.directory.now();
    let token = arm.directory.issue(&known, ARM, Proof::Secret, Validity { from, until: from + 3599 });
    let mut ask = get(&format!("{target}?{VERSION}"));
    ask.headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    let reply = arm.answer(&ask);
    (reply.status, serde_json::from_slice(&reply.body).expect("JSON"))
}

const READER: &str = "[[identity]]\nkind = 'service-principal'\n";
const REGISTRY: &str = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/Contoso-RG/providers/\
                        Microsoft.ContainerRegistry/registries/contosoACR";

#[test]
fn a_reader_finds_the_registry_by_its_name() {
    let arm = arm(&format!("{READER}[registry]\narm_audience = false\nanonymous = []"));
    let (status, subscriptions) = asked(&arm, "/subscriptions?api-version=2022-12-01", ARM, 0);
    assert_eq!((status, &subscriptions["value"][0]["state"]), (200, &"Enabled".into()));
    let id = subscriptions["value"][0]["id"].as_str().expect("an id");
    let filter = "$filter=resourceType%20eq%20%27Microsoft.ContainerRegistry/registries%27";
    let (_, found) = asked(&arm, &format!("{id}/resources?{filter}&api-version=2024-11-01"), ARM, 0);
    let id = found["value"][0]["id"].as_str().expect("an id");
    let (status, registry) = asked(&arm, &format!("{id}?{VERSION}"), ARM, 0);
    assert_eq!((status, &registry["sku"]["name"]), (200, &"Premium".into()));
    let properties = &registry["properties"];
    assert_eq!(properties["loginServer"], "contosoacr.azurecr.io");
    assert_eq!(properties["policies"]["azureADAuthenticationAsArmPolicy"]["status"], "disabled");
    assert_eq!(
        (&properties["anonymousPullEnabled"], &properties["dataEndpointEnabled"]),
        (&false.into(), &true.into())
    );
    assert_eq!(properties["roleAssignmentMode"], "LegacyRegistryPermissions");
    let (status, old) = asked(&arm, &format!("{REGISTRY}?api-version=2023-07-01"), ARM, 0);
    assert_eq!((status, &old["properties"]["roleAssignmentMode"]), (200, &Value::Null), "ids have no case");
    let none = "$filter=resourceType%20eq%20%27Microsoft.Compute/disks%27";
    let (_, found) = asked(
        &arm,
        &format!("/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resources?{none}&{VERSION}"),
        ARM,
        0,
    );
    assert_eq!(found["value"], json!([]));
}

#[test]
fn what_is_refused_is_named() {
    let code = |world: &str, target: &str, audience: &str, age: i64| {
        let (status, body) = asked(&arm(world), target, audience, age);
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let registry = format!("{REGISTRY}?{VERSION}");
    let foreign = format!("{READER}tenant = 'eeeeeeee-0000-4000-8000-000000000001'");
    for (world, target, audience, age, expected) in [
        (
            READER,
            registry.as_str(),
            "https://containerregistry.azure.net",
            0,
            (401, "InvalidAuthenticationTokenAudience"),
        ),
        (READER, &registry, ARM, 4000, (401, "ExpiredAuthenticationToken")),
        (foreign.as_str(), &registry, ARM, 0, (401, "InvalidAuthenticationTokenTenant")),
        ("", &registry, ARM, 0, (403, "AuthorizationFailed")),
        (READER, &format!("{REGISTRY}x?{VERSION}"), ARM, 0, (404, "ResourceNotFound")),
        (READER, &registry.replace("Contoso-RG", "other"), ARM, 0, (404, "ResourceGroupNotFound")),
        (READER, &registry.replace("bbbbbbbb", "cccccccc"), ARM, 0, (404, "SubscriptionNotFound")),
        (READER, REGISTRY, ARM, 0, (400, "MissingApiVersionParameter")),
        ("arm.fault = { status = 503 }", &registry, ARM, 0, (503, "ServiceUnavailable")),
    ] {
        let (status, name) = code(world, target, audience, age);
        assert_eq!((status, name.as_str()), expected, "{world} {target}");
    }
    let arm = arm("");
    let reply = arm.answer(&get(&registry));
    assert_eq!(reply.status, 401);
    let challenge = reply.value("www-authenticate").expect("a challenge");
    let tenant = "authorization_uri=\"https://login.windows.net/aaaaaaaa-0000-4000-8000-000000000001\"";
    assert!(
        challenge.contains(tenant) && challenge.contains("missing 'Authorization' header"),
        "{challenge}"
    );
    let (_, subscriptions) = asked(&arm, &format!("/subscriptions?{VERSION}"), ARM, 0);
    assert_eq!(subscriptions["value"], json!([]), "who may read none sees none");
}

#[test]
fn other_registries_are_no_resources() {
    let (_, found) = asked(
        &arm(&format!("{READER}[registry]\nflavour = 'harbor'")),
        &format!(
            "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/providers/Microsoft.ContainerRegistry/registries?{VERSION}"
        ),
        ARM,
        0,
    );
    assert_eq!(found["value"], json!([]));
}

#[test]
fn other_registries_of_azure_are_listed_and_their_names_taken() {
    let world = format!(
        "{READER}[arm]\nsubscriptions = [{{ id = 'bbbbbbbb-0000-4000-8000-000000000009' }}]\nregistries = [{{ name = 'otheracr' }}, \
         {{ name = 'third', login_server = 'third-abc.azurecr.io', subscription = 'bbbbbbbb-0000-4000-8000-000000000009' }}]"
    );
    let arm = arm(&world);
    let logins = |number: u8| {
        let target = format!(
            "/subscriptions/bbbbbbbb-0000-4000-8000-{number:012}/providers/Microsoft.ContainerRegistry"
        );
        let (_, body) = asked(&arm, &format!("{target}/registries?{VERSION}"), ARM, 0);
        let all = body["value"].as_array().cloned().unwrap_or_default();
        all.into_iter().map(|one| one["properties"]["loginServer"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(logins(1), ["contosoacr.azurecr.io", "otheracr.azurecr.io"]);
    assert_eq!(logins(9), ["third-abc.azurecr.io"]);
    let (_, all) = asked(&arm, &format!("/subscriptions?{VERSION}"), ARM, 0);
    assert_eq!(all["value"].as_array().map(Vec::len), Some(2));
    let error =
        world.replace("id = 'bbbb", "id = 'cccc").parse::<World>().expect_err("no subscription").to_string();
    assert!(error.contains("arm.registries"), "{error}");
}

#[test]
fn a_registry_of_another_tenant_is_in_a_subscription_of_that() {
    let world = format!("registry.tenant = 'eeeeeeee-0000-4000-8000-000000000001'\n{READER}");
    let arm = arm(&world);
    let (_, all) = asked(&arm, &format!("/subscriptions?{VERSION}"), ARM, 0);
    assert_eq!(all["value"].as_array().map(Vec::len), Some(1));
    let (_, own) = asked(
        &arm,
        &format!("/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resources?{VERSION}"),
        ARM,
        0,
    );
    let all = own["value"].as_array().cloned().unwrap_or_default();
    assert!(!all.is_empty() && all.iter().all(|one| one["type"] != "Microsoft.ContainerRegistry/registries"));
    let target = REGISTRY.replace("000000000001", "000000000002");
    let (status, refused) = asked(&arm, &format!("{target}?{VERSION}"), ARM, 0);
    assert_eq!((status, &refused["error"]["code"]), (401, &"InvalidAuthenticationTokenTenant".into()));
}

#[test]
fn the_cloud_is_told_in_both_forms() {
    let arm = arm("cloud = 'usgov'");
    let body = |version: &str| -> Value {
        let mut ask = get(&format!("//metadata/endpoints?api-version={version}"));
        ask.host = "localhost:18444".to_owned();
        serde_json::from_slice(&arm.answer(&ask).body).expect("JSON")
    };
    let (list, one) = (body("2019-05-01"), body("2022-09-01"));
    assert_eq!(list[0], one);
    assert_eq!(one["resourceManager"], "https://localhost:18444/");
    assert_eq!(one["authentication"]["loginEndpoint"], "https://login.microsoftonline.us/");
    assert_eq!(one["suffixes"]["acrLoginServer"], "azurecr.us");
}
