use super::*;

fn directory(world: &str) -> Directory {
    let world: World = world.parse().expect("a world");
    Directory::new(&world, &Plan::new(&world))
}

#[test]
fn a_token_says_who_bears_it() {
    let directory = directory("");
    let known = directory.by_client("11111111-0000-4000-8000-000000000001").expect("the kubelet's identity");
    let validity = Validity { from: 100, until: 200 };
    let token = directory.issue(known, "https://containerregistry.azure.net/", Proof::Key, validity);
    let claims = directory.read(&token).expect("a token of ours");
    assert_eq!(claims.audience, REGISTRY_AUDIENCE);
    assert_eq!((claims.object_id.as_str(), claims.validity), (known.object_id.as_str(), validity));
    let (_, all) = unsigned(&token).expect("three parts");
    assert_eq!((&all["idtyp"], &all["appidacr"]), (&Value::from("app"), &Value::from("2")));
    assert!(
        all["xms_mirid"].as_str().is_some_and(|id| id.ends_with("/userAssignedIdentities/aks1-agentpool"))
    );
    assert_eq!(all["iss"], format!("https://sts.windows.net/{}/", claims.tenant));
}

#[test]
fn absent_ids_come_from_the_place_in_the_list() {
    let directory = directory("[[identity]]\n[[identity]]\nkind = 'service-principal'\ntenant = 'AAAA'");
    let [first, second] = directory.principals() else { panic!("two identities") };
    assert_eq!((first.name.as_str(), first.attached), ("aks1-agentpool", true));
    assert_eq!((second.name.as_str(), second.attached), ("identity-2", false));
    assert_eq!(second.client_id, "11111111-0000-4000-8000-000000000002");
    assert_eq!(second.resource_id, None);
    assert!(directory.has_tenant(Cloud::Public, "aaaa") && !directory.has_tenant(Cloud::China, "aaaa"));
}

#[test]
fn audiences_are_those_of_the_cloud() {
    let directory = directory("entra.audiences = ['https://localhost:18446/']");
    for (audience, served) in [
        (REGISTRY_AUDIENCE, true),
        ("https://management.core.windows.net/", true),
        ("https://localhost:18446", true),
        ("https://management.chinacloudapi.cn", false),
        ("https://contosoacr.azurecr.io", false),
    ] {
        assert_eq!(directory.serves(Cloud::Public, audience), served, "{audience}");
    }
    assert!(directory.serves(Cloud::China, "https://management.chinacloudapi.cn"));
}

#[test]
fn some_identities_get_no_token() {
    for (fault, code) in [
        ("deleted", 700_016),
        ("disabled", 7_000_112),
        ("no_service_principal", 7_000_229),
        ("blocked_by_policy", 53003),
    ] {
        let directory = directory(&format!("[[identity]]\n{fault} = true"));
        let refusal = directory.lets(&directory.principals()[0]).expect_err(fault);
        assert_eq!(refusal.code(), code, "{fault}");
        let text = refusal.description("t", "c", "2026-01-02 03:04:05Z");
        assert!(
            text.starts_with(&format!("AADSTS{code}: ")) && text.ends_with("Timestamp: 2026-01-02 03:04:05Z")
        );
    }
    let healthy = directory("");
    assert_eq!(healthy.lets(&healthy.principals()[0]), Ok(()));
}
