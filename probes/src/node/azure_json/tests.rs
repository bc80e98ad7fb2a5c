use super::*;
use crate::node::tree::Tree;

const RESOURCE: &str = "/subscriptions/26fe00f8-9173-4872-9134-bb1d2e00343a/resourceGroups/MC_rg/providers/\
                        Microsoft.ManagedIdentity/userAssignedIdentities/aks1-agentpool";

fn parsed(text: &str) -> Read {
    parse(NodeFile::new(DEFAULT, FileState::Read), text)
}

/// The identity in one word and its values.
fn shown(identity: Option<&NodeIdentity>) -> String {
    match identity {
        None => "none".to_owned(),
        Some(NodeIdentity::ManagedByClientId { client_id }) => format!("client {client_id}"),
        Some(NodeIdentity::ManagedByResourceId { resource_id }) => format!("resource {resource_id}"),
        Some(NodeIdentity::ManagedUnnamed) => "unnamed".to_owned(),
        Some(NodeIdentity::ServicePrincipal { client_id, secret, certificate, federated }) => {
            format!("principal {client_id} {secret} {certificate} {federated}")
        }
        Some(NodeIdentity::Unknown) => "unknown".to_owned(),
    }
}

#[test]
fn identities_are_told_apart() {
    let managed = |id: &str| {
        format!(
            "{{\"cloud\":\"AzurePublicCloud\",\"aadClientId\":\"msi\",\"aadClientSecret\":\"msi\",\
             \"useManagedIdentityExtension\":true,\"userAssignedIdentityID\":\"{id}\"}}"
        )
    };
    for (text, expected) in [
        (
            managed("7f3c1d2e-0000-4000-8000-000000000001"),
            "client 7f3c1d2e-0000-4000-8000-000000000001".to_owned(),
        ),
        (managed(RESOURCE), format!("resource {RESOURCE}")),
        (managed("/SubScriptions/x"), "resource /SubScriptions/x".to_owned()),
        (managed(""), "unnamed".to_owned()),
        // A broken line is no JSON, and one blank in YAML.
        (managed("mi\nid"), "client mi id".to_owned()),
        ("{\"useManagedIdentityExtension\":yes}".to_owned(), "unnamed".to_owned()),
        ("{\"useManagedIdentityExtension\":true}".to_owned(), "unnamed".to_owned()),
        (
            "{\"UseManagedIdentityExtension\":true,\"userassignedidentityid\":\"x\"}".to_owned(),
            "client x".to_owned(),
        ),
        // Go writes its map sorted, so that the spelling in lower case comes last.
        (
            "{\"useManagedIdentityExtension\":false,\"UseManagedIdentityExtension\":true}".to_owned(),
            "principal  false false false".to_owned(),
        ),
        ("{\"useManagedIdentityExtension\":null}".to_owned(), "principal  false false false".to_owned()),
        ("{\"useManagedIdentityExtension\":\"true\"}".to_owned(), "none".to_owned()),
        ("{\"useManagedIdentityExtension\":1}".to_owned(), "none".to_owned()),
        (
            "{\"aadClientId\":\"msi\",\"aadClientSecret\":\"msi\",\"useManagedIdentityExtension\":false}"
                .to_owned(),
            "principal msi true false false".to_owned(),
        ),
        (
            "{\"aadClientId\":\"app\",\"aadClientCertPath\":\"/a\",\"aadFederatedTokenFile\":\"/b\"}"
                .to_owned(),
            "principal app false true true".to_owned(),
        ),
        (
            "{\"aadClientId\":\"app\",\"useFederatedWorkloadIdentityExtension\":true}".to_owned(),
            "principal app false false true".to_owned(),
        ),
        ("{\"aadClientId\":12}".to_owned(), "principal 12 false false false".to_owned()),
        ("{}".to_owned(), "principal  false false false".to_owned()),
        (String::new(), "principal  false false false".to_owned()),
        ("null".to_owned(), "principal  false false false".to_owned()),
        ("[]".to_owned(), "none".to_owned()),
        ("\"text\"".to_owned(), "none".to_owned()),
    ] {
        assert_eq!(shown(parsed(&text).facts.identity.as_ref()), expected, "{text}");
    }
}

#[test]
fn forms_are_told_apart() {
    let place = |line, column| AzureJsonForm::Malformed { place: Some(Place { line, column }) };
    for (text, expected) in [
        ("{\"cloud\":\"a\"}", AzureJsonForm::Json),
        ("\u{feff}{\"cloud\":\"a\"}", AzureJsonForm::Yaml),
        ("{\"cloud\":\"a\",}", AzureJsonForm::Yaml),
        ("{\n  # why\n  \"cloud\": \"a\"\n}", AzureJsonForm::Yaml),
        // What a template leaves behind where a variable was empty.
        ("{\"cloudProviderBackoffRetries\": ,\n\"cloud\":\"a\"}", AzureJsonForm::Yaml),
        ("cloud: a\n", AzureJsonForm::Yaml),
        ("{\n\t\"tenantId\":\t\"\\\\/\\u0041\",\"cloud\":\"a\"}", AzureJsonForm::Json),
        ("{\n  \"cloud\": \"a\"\n  \"tenantId\": \"b\"\n}", place(3, 3)),
        ("{\"cloud\":\"a\"", place(1, 12)),
        ("{\"aadClientSecret\":\"ends here", place(1, 29)),
        // JSON that YAML 1.1 is not.
        ("{\"cloud\":\"a\\/b\"}", place(1, 12)),
        ("{\"cloud\":\"\\\\/\\uD83d\\ude00\"}", place(1, 14)),
    ] {
        let read = parsed(text);
        assert_eq!(read.facts.form, Some(expected), "{text}");
        let has_cloud = read.facts.cloud.as_ref().map(Foreign::as_str) == Some("a");
        assert_eq!(has_cloud, !matches!(expected, AzureJsonForm::Malformed { .. }), "{text}");
    }
    let block = parsed("cloud: a\n  tenantId: b: c\n");
    assert!(
        matches!(block.facts.form, Some(AzureJsonForm::Malformed { place: Some(_) })),
        "{:?}",
        block.facts
    );
}

#[test]
fn wrong_types_are_named_without_their_values() {
    for (text, expected) in [
        ("{\"useManagedIdentityExtension\":\"yes\"}", "useManagedIdentityExtension Boolean String"),
        ("{\"CloudProviderBackoff\":0}", "CloudProviderBackoff Boolean Integer"),
        ("{\"cloudProviderBackoffRetries\":\"6\"}", "cloudProviderBackoffRetries Integer String"),
        ("{\"cloudProviderBackoffDuration\":1.5}", "cloudProviderBackoffDuration Integer Number"),
        ("{\"cloudProviderRateLimitQPS\":[1]}", "cloudProviderRateLimitQPS Number Array"),
        ("{\"tenantId\":{}}", "tenantId String Object"),
        ("{\"auxiliaryTokenProvider\":\"x\"}", "auxiliaryTokenProvider Object String"),
        ("[1]", " Object Array"),
        // Keys of other programs, null, and what Go takes as text.
        ("{\"excludeMasterFromStandardLB\":\"no\",\"tags\":{},\"tenantId\":1,\"cloud\":null}", ""),
        ("{\"cloudProviderBackoffRetries\":6.0,\"cloudProviderRateLimitQPS\":3}", ""),
    ] {
        let shown: Vec<String> = parsed(text)
            .facts
            .wrong_types
            .iter()
            .map(|wrong| format!("{} {:?} {:?}", wrong.key, wrong.wanted, wrong.found))
            .collect();
        assert_eq!(shown.join(", "), expected, "{text}");
    }
}

#[test]
fn the_file_is_the_one_named_else_the_nodes_own() {
    let whole = "{\n    \"cloud\": \"AzurePublicCloud\",\n    \"tenantId\": \"72f988bf-86f1-41af-91ab-2d7cd011db47\",\n    \
                 \"subscriptionId\": \"26fe00f8-9173-4872-9134-bb1d2e00343a\",\n    \"aadClientId\": \"app\",\n    \
                 \"aadClientSecret\": \"c4n4ry~s3cret\",\n    \"cloudProviderRateLimitQPS\": 1.0,\n    \
                 \"cloudProviderRateLimitBucket\": 100,\n    \"useManagedIdentityExtension\": false,\n    \
                 \"userAssignedIdentityID\": \"\",\n    \"resourceManagerEndpoint\": \"https://arm\"\n}\n";
    let tree = Tree::of(&[(DEFAULT, whole), ("/elsewhere.json", "{}")]);
    let read_here = read(&tree.root(), None, DEFAULT);
    assert_eq!(read_here.secret.as_ref().map(|secret| secret.expose().as_str()), Some("c4n4ry~s3cret"));
    let facts = read_here.facts;
    assert_eq!(shown(facts.identity.as_ref()), "principal app true false false");
    assert_eq!(facts.tenant_id.as_ref().map(Foreign::as_str), Some("72f988bf-86f1-41af-91ab-2d7cd011db47"));
    assert_eq!(
        facts.subscription_id.as_ref().map(Foreign::as_str),
        Some("26fe00f8-9173-4872-9134-bb1d2e00343a")
    );
    assert!(facts.resource_manager_endpoint && facts.wrong_types.is_empty());
    assert_eq!(facts.file, NodeFile::new(DEFAULT, FileState::Read));
    let json = serde_json::to_string(&facts).expect("facts");
    assert!(!json.contains("c4n4ry") && !format!("{facts:?}").contains("c4n4ry"), "{json}");
    assert_eq!(serde_json::from_str::<AzureJson>(&json).expect("the same"), facts);

    let given = tree.place("/elsewhere.json");
    let read_given = read(&tree.root(), Some(&given), DEFAULT);
    assert_eq!(read_given.facts.file.path, Foreign::new(&given.display().to_string()));
    assert!(read_given.secret.is_none());
    let missing = read(&tree.root(), None, "/etc/nothing").facts;
    assert_eq!((missing.file.state, missing.form, missing.identity), (FileState::Missing, None, None));
    let directory = read(&tree.root(), Some(&tree.place("/etc/kubernetes")), DEFAULT).facts;
    assert_eq!(directory.file.state, FileState::NotAFile);
}
