use super::*;
use crate::schema::World;

const PULL: (&str, bool) = ("Microsoft.ContainerRegistry/registries/pull/read", false);
const CONTENT: (&str, bool) = ("Microsoft.ContainerRegistry/registries/repositories/content/read", true);
const WEB: Option<&str> = Some("team/web");

fn rights(text: &str) -> (Rights, Plan) {
    let world: World = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let plan = Plan::new(&world);
    (Rights::new(&world, &plan, 1_800_000_000), plan)
}

/// Whether the n-th identity may do that at the registry.
fn may(text: &str, number: usize, act: (&str, bool)) -> bool {
    let (rights, plan) = rights(text);
    rights.permits(Viewer::Registry, &plan.principals[number].object_id, act, &plan.acr.id, WEB)
}

#[test]
fn what_an_identity_may_pull_is_a_role_assignment() {
    for (text, role, condition) in [
        ("", Some("AcrPull"), false),
        ("[[identity]]\npull = []", None, false),
        ("registry.role_mode = 'abac'", Some("Container Registry Repository Reader"), false),
        ("[[identity]]\npull = ['team/*']", Some("Container Registry Repository Reader"), true),
        ("role = []", None, false),
        ("registry.tenant = 'eeeeeeee-0000-4000-8000-000000000001'", None, false),
    ] {
        let (rights, plan) = rights(text);
        let all = rights.assignments();
        let found = all.first().map(|one| {
            assert_eq!((&one.scope, &one.principal), (&plan.acr.id, &plan.principals[0].object_id));
            (rights.definition(&one.role).expect("a role").name.as_str(), one.condition.is_some())
        });
        assert_eq!(found, role.map(|role| (role, condition)), "{text}");
    }
}

#[test]
fn a_role_counts_at_and_below_its_scope_for_its_mode() {
    let to = "[[role]]\nto = 'aks1-agentpool'\n";
    for (more, act, expected) in [
        ("role = 'AcrPull'", PULL, true),
        ("role = 'AcrPull'", CONTENT, false),
        ("role = '7F951DDA-4ed3-4680-a7ca-43fe172d538d'\nscope = 'group'", PULL, true),
        ("role = 'AcrPush'\nscope = 'subscription'", PULL, true),
        ("role = 'Reader'\nscope = 'root'", PULL, true),
        ("role = 'Owner'", CONTENT, false),
        ("role = 'AcrDelete'", PULL, false),
        ("role = 'Container Registry Repository Reader'", CONTENT, true),
        ("role = 'Container Registry Repository Catalog Lister'", CONTENT, false),
        ("role = 'Container Registry Data Importer and Data Reader'", PULL, true),
        ("role = 'AcrPull'\nscope = '/providers/Microsoft.Management/managementGroups/contoso'", PULL, true),
        ("role = 'AcrPull'\nscope = '/subscriptions/bbbbbbbb-0000-4000-8000-00000000000'", PULL, false),
        ("role = 'AcrPull'\nscope = '/SUBSCRIPTIONS/bbbbbbbb-0000-4000-8000-000000000001/'", PULL, true),
    ] {
        assert_eq!(may(&format!("{to}{more}"), 0, act), expected, "{more}");
    }
}

#[test]
fn groups_count_through_groups_and_even_in_a_ring() {
    let groups = "[[group]]\nname = 'inner'\nmembers = ['aks1-agentpool', 'outer']\n\
                  [[group]]\nname = 'outer'\nmembers = ['inner']\n";
    let role = "[[role]]\nto = 'outer'\nrole = 'AcrPull'\n[[identity]]\n[[identity]]\n";
    let text = format!("{groups}{role}");
    assert!(may(&text, 0, PULL) && !may(&text, 1, PULL));
    let (rights, plan) = rights(&text);
    let names: Vec<_> =
        rights.groups_of(&plan.principals[0].object_id).iter().map(|one| one.name.clone()).collect();
    assert_eq!(names, ["inner", "outer"]);
}

#[test]
fn a_denial_is_stronger_and_knows_exceptions() {
    let deny = "[[deny]]\nname = 'no'\nactions = ['Microsoft.ContainerRegistry/*']\n";
    for (more, expected) in [
        ("", false),
        ("to = ['aks1-agentpool']", false),
        ("to = ['99999999-0000-4000-8000-000000000001']", true),
        ("except = ['aks1-agentpool']", true),
        ("scope = 'subscription'", false),
        ("scope = 'subscription'\nnot_below = true", true),
    ] {
        assert_eq!(may(&format!("{deny}{more}"), 0, PULL), expected, "{more}");
    }
}

#[test]
fn a_condition_and_a_custom_role_restrict() {
    let condition = "condition = \"(!(ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/content/read'}) OR \
                     (@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEqualsIgnoreCase 'base'))\"";
    let role = "[[role]]\nto = 'aks1-agentpool'\nrole = 'Puller'\n";
    let definition = "[[role_definition]]\nname = 'Puller'\ndata_actions = \
                      ['Microsoft.ContainerRegistry/registries/repositories/*']\n";
    assert!(may(&format!("{role}{definition}"), 0, CONTENT));
    assert!(!may(&format!("{role}{condition}\n{definition}"), 0, CONTENT));
    let without = "not_data_actions = ['Microsoft.ContainerRegistry/registries/repositories/content/*']";
    assert!(!may(&format!("{role}{definition}{without}"), 0, CONTENT));
}

#[test]
fn the_registry_learns_of_a_role_later_than_the_manager() {
    let (rights, plan) = rights("[[role]]\nto = 'aks1-agentpool'\nrole = 'AcrPull'\nknown_after = 2");
    let may = |viewer| rights.permits(viewer, &plan.principals[0].object_id, PULL, &plan.acr.id, WEB);
    assert!(may(Viewer::Manager));
    for expected in [false, false, true] {
        assert_eq!(may(Viewer::Registry), expected);
        rights.exchanged();
    }
    rights.rewind();
    assert!(!may(Viewer::Registry), "as at the start");
}

#[test]
fn a_reader_reads_and_pulls_nothing() {
    let text = "[[identity]]\nkind = 'service-principal'\npull = []\nlacks = ['Microsoft.Compute/*']";
    let read = |action| may(text, 0, (action, false));
    assert!(read("Microsoft.ContainerRegistry/registries/read"));
    assert!(!read(PULL.0) && !read("Microsoft.Compute/virtualMachineScaleSets/read"));
    assert!(!read("Microsoft.Authorization/roleAssignments/write"));
}

#[test]
fn what_a_page_names_must_be_there() {
    for (text, expected) in [
        ("[[role]]\nto = 'nobody'\nrole = 'AcrPull'", "'nobody'"),
        ("[[role]]\nto = 'aks1-agentpool'\nrole = 'AcrPul'", "'AcrPul'"),
        ("[[role]]\nto = 'aks1-agentpool'\nrole = 'AcrPull'\nscope = 'registri'", "'registri'"),
        ("[[role]]\nto = 'aks1-agentpool'\nrole = 'AcrPull'\ncondition = '('", "too early"),
        ("[[deny]]\nname = 'x'", "denies nothing"),
        ("[[group]]\nname = 'a'\nmembers = ['b']", "'b'"),
        ("[[group]]\nname = 'aks1-agentpool'", "has this name"),
        ("registry.role_mode = 'legacy'\n[[identity]]\npull = ['team/*']", "single repositories"),
        ("[[identity]]\nlacks = ['*']", "no reader"),
        ("registry = { flavour = 'harbor', role_mode = 'abac' }", "role_mode"),
        ("registry.resource.subscription = 'x'", "arm.subscriptions"),
        ("registry.resource.omit = ['properties/rolesMode']", "properties/rolesMode"),
        ("registry.resource = { sku = 'basic', ip_rules = ['192.0.2.1'] }", "premium"),
        ("registry.firewall.sees = '192.0.2.1'\nregistry.resource.ip_rules = ['192.0.2.1']", "let in"),
        ("arm.faults = [{ path = '*', status = 200 }]", "arm.faults"),
    ] {
        let error = text.parse::<World>().expect_err(text).to_string();
        assert!(error.contains(expected), "{error}");
    }
}
