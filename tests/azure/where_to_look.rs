//! Which cloud, which subscription, which registry.

use pullcheck::case::azure::TroubleKind;

use crate::asking::{OPERATOR, SUBSCRIPTION, TENANT, by_hand, run, run_line, run_with, secret};

const OTHER: &str = "bbbbbbbb-0000-4000-8000-000000000009";

fn in_another() -> String {
    format!(
        "[arm]
        subscriptions = [{{ id = '{OTHER}', name = 'Sand Box' }}]
        {OPERATOR}
        [registry.resource]
        subscription = '{OTHER}'
        [[aks]]
        subscription = '{OTHER}'"
    )
}

#[test]
fn every_subscription_is_looked_in_unless_one_is_named() {
    let ran = run(&in_another(), &secret(), "--aks contoso-rg/aks1");
    let azure = ran.azure();
    assert_eq!(azure.troubles, []);
    let seen: Vec<&str> =
        azure.sign_in.iter().flat_map(|who| &who.subscriptions).map(|id| id.as_str()).collect();
    assert_eq!(seen.len(), 2, "{seen:?}");
    let registry = azure.registry.as_ref().expect("a registry");
    assert!(registry.id.as_str().contains(OTHER) && azure.cluster.is_some());
    for named in [OTHER, "'sand box'"] {
        let ran = run(&in_another(), &secret(), &format!("--subscription {named}"));
        assert_eq!(ran.azure().troubles, []);
        assert!(ran.azure().registry.is_some());
        assert!(!ran.asked("management.azure.com").iter().any(|path| path.contains(SUBSCRIPTION)));
    }
    let ran = run(&in_another(), &secret(), &format!("--subscription {SUBSCRIPTION} --aks contoso-rg/aks1"));
    let missing: Vec<_> = ran.troubles();
    assert!(missing.contains(&(TroubleKind::NotFound, "find the registry")), "{missing:?}");
    assert!(missing.contains(&(TroubleKind::NotFound, "read the cluster")), "{missing:?}");
    let ran = run(&in_another(), &secret(), "--subscription nowhere");
    assert_eq!(ran.troubles(), [(TroubleKind::NotFound, "list the subscriptions")]);
}

#[test]
fn a_registry_is_named_in_many_ways() {
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/CONTOSO-RG/providers/Microsoft.ContainerRegistry/registries/contosoacr"
    );
    for named in ["contosoacr", "ContosoACR", "contosoacr.azurecr.io", &id] {
        let ran = run(OPERATOR, &secret(), &format!("--acr {named}"));
        assert_eq!(ran.azure().troubles, [], "{named}");
        assert!(ran.azure().registry.is_some(), "{named}");
        let alone = format!("pullcheck check --acr {named} --save-case $DIR/case.json");
        let ran = run_line(OPERATOR, &secret(), &alone, |_| {});
        assert_eq!(ran.case.target.given, "contosoacr.azurecr.io");
        assert!(ran.azure().registry.is_some(), "{named}");
    }
    let ran = run(OPERATOR, &secret(), "--acr fabrikam");
    assert_eq!(ran.troubles(), [(TroubleKind::NotFound, "find the registry")]);
}

#[test]
fn a_login_server_need_not_begin_with_the_name() {
    let world = format!(
        "registry.host = 'contosoacr-e7ggejfuhzhgedc8.azurecr.io'\nregistry.resource.name = 'contosoacr'\n{OPERATOR}"
    );
    let line =
        "pullcheck check contosoacr-e7ggejfuhzhgedc8.azurecr.io/team/web:v1 --save-case $DIR/case.json";
    let ran = run_line(&world, &secret(), line, |_| {});
    let registry = ran.azure().registry.as_ref().expect("a registry");
    assert_eq!(registry.name.as_str(), "contosoacr");
    // One of the same name is another.
    let line =
        "pullcheck check contosoacr.azurecr.io/team/web:v1 --save-case $DIR/case.json --step-timeout 1s";
    let ran = run_line(&world, &secret(), line, |_| {});
    assert_eq!(ran.troubles(), [(TroubleKind::NotFound, "find the registry")]);
}

#[test]
fn other_clouds_have_other_hosts() {
    for (cloud, host, manager) in [
        ("usgov", "contosoacr.azurecr.us", "management.usgovcloudapi.net"),
        ("china", "contosoacr.azurecr.cn", "management.chinacloudapi.cn"),
    ] {
        let world = format!("cloud = '{cloud}'\n{OPERATOR}");
        let line = format!("pullcheck check {host}/team/web:v1 --save-case $DIR/case.json");
        let ran = run_line(&world, &secret(), &line, |_| {});
        assert_eq!((ran.azure().cloud.as_str(), &ran.azure().troubles), (cloud, &vec![]));
        assert!(ran.azure().registry.is_some() && !ran.asked(manager).is_empty());
        assert_eq!(ran.asked("management.azure.com"), Vec::<&str>::new());
    }
}

#[test]
fn a_cloud_is_described_by_a_file() {
    let ran = run_with(OPERATOR, &secret(), "--cloud $DIR/cloud.json", |running| {
        let url = "https://management.azure.com/metadata/endpoints?api-version=2022-09-01";
        let said = by_hand(running, url, None).body;
        let said = String::from_utf8_lossy(&said).replace("AzureCloud", "Contoso");
        running.write("cloud.json", &said).expect("a file");
    });
    assert_eq!((ran.azure().cloud.as_str(), &ran.azure().troubles), ("Contoso", &vec![]));
    assert!(
        ran.azure()
            .registry
            .as_ref()
            .is_some_and(|registry| registry.tenant.as_ref().is_some_and(|id| id.as_str() == TENANT))
    );
}

#[test]
fn the_flags_are_in_the_command_that_asks_again() {
    let flags = format!(
        "--acr contosoacr --aks contoso-rg/aks1 --subscription {SUBSCRIPTION} --tenant {TENANT} --cloud public"
    );
    let line =
        format!("pullcheck check contosoacr.azurecr.io/team/none:v1 --save-case $DIR/case.json {flags}");
    let ran = run_line(OPERATOR, &secret(), &line, |_| {});
    let shown = ran.stdout.replace(" \\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(&flags), "{}", ran.stdout);
}

#[test]
fn the_way_goes_through_a_proxy() {
    let mut variables = secret();
    variables.push(("HTTPS_PROXY", "http://proxy.contoso.com:3128".to_owned()));
    let world = format!("{OPERATOR}\n[host.'proxy.contoso.com']\nproxy = {{}}");
    let ran = run(&world, &variables, "");
    assert_eq!(ran.azure().troubles, []);
    assert!(ran.azure().registry.is_some());
    let world = format!("{OPERATOR}\n[host.'proxy.contoso.com']\nproxy = {{ deny = ['login.*'] }}");
    let ran = run(&world, &variables, "");
    assert_eq!(ran.troubles(), [(TroubleKind::Unreachable, "sign in (client secret)")]);
    assert!(
        ran.azure().troubles[0].detail.as_str().contains("proxy.contoso.com:3128"),
        "{:?}",
        ran.azure().troubles
    );
}

#[test]
fn the_registry_must_be_the_images_own() {
    let other = "[arm]\nregistries = [{ name = 'fabrikam', login_server = 'fabrikam.azurecr.io' }]";
    let ran = run(&format!("{other}\n{OPERATOR}"), &secret(), "--acr fabrikam");
    assert_eq!(ran.troubles(), [(TroubleKind::NotFound, "find the registry")]);
    let detail = ran.azure().troubles[0].detail.as_str();
    assert_eq!(
        detail,
        "the registry 'fabrikam' is at fabrikam.azurecr.io, and the image at contosoacr.azurecr.io"
    );
    let twice = format!(
        "[arm]
        subscriptions = [{{ id = '{OTHER}', name = 'Other' }}]
        registries = [{{ name = 'contosoacr', login_server = 'contosoacr-aaaa.azurecr.io', subscription = '{OTHER}', group = 'b' }}]
        {OPERATOR}"
    );
    let ran = run(&twice, &secret(), "--acr contosoacr");
    assert_eq!(ran.azure().troubles, []);
    let id = ran.azure().registry.as_ref().map(|registry| registry.id.to_string()).unwrap_or_default();
    assert!(id.contains(SUBSCRIPTION), "{id}");
    // Of an image from elsewhere it cannot be told.
    let line = "pullcheck check registry.contoso.com/a:1 --acr contosoacr --step-timeout 1s --save-case $DIR/case.json";
    let ran = run_line(&twice, &secret(), line, |_| {});
    assert_eq!(ran.troubles(), [(TroubleKind::NotFound, "find the registry")]);
    assert!(ran.azure().troubles[0].detail.as_str().starts_with("there are 2 registries"));
}
