use super::*;

fn said(id: &str, principal: &str) -> Value {
    serde_json::json!({"id": id, "properties": {"principalId": principal, "roleDefinitionId": "/x/roleDefinitions/R"}})
}

fn apart(own: List, groups: Option<Result<BTreeSet<String>, Trouble>>, all_seen: bool) -> (Grants, usize) {
    let everybody = [said("/1", "ME"), said("/2", "Group"), said("/3", "them")];
    let others = everybody.iter().map(assignment).collect();
    let mut grants = Grants { principal: Some(Foreign::new("me")), others, ..Grants::default() };
    let troubles = tell_apart(&mut grants, own, groups, all_seen);
    (grants, troubles.len())
}

fn refused() -> List {
    List { items: Vec::new(), trouble: Some(no()) }
}

fn no() -> Trouble {
    trouble::of(TroubleKind::Forbidden, ASSIGNMENTS, "no")
}

fn ids(all: &[Assignment]) -> Vec<&str> {
    all.iter().map(|one| one.id.as_str()).collect()
}

#[test]
fn the_list_of_a_principals_own_is_all_of_them() {
    let own = List { items: vec![said("/2", "Group"), said("/1", "ME")], trouble: None };
    let (grants, troubles) = apart(own, None, false);
    assert_eq!((ids(&grants.assignments), ids(&grants.others)), (vec!["/1", "/2"], vec!["/3"]));
    assert_eq!((grants.complete, troubles), (true, 0));
    let (grants, _) = apart(List::default(), None, true);
    assert_eq!((grants.assignments.len(), grants.others.len(), grants.complete), (0, 3, true));
}

#[test]
fn without_it_the_groups_tell_whose_they_are() {
    let groups = || Some(Ok(BTreeSet::from(["group".to_owned()])));
    let (grants, troubles) = apart(refused(), groups(), true);
    assert_eq!((ids(&grants.assignments), ids(&grants.others)), (vec!["/1", "/2"], vec!["/3"]));
    assert_eq!((grants.complete, troubles), (true, 0));
    let (grants, _) = apart(refused(), groups(), false);
    assert!(!grants.complete, "a page is missing");
}

#[test]
fn without_either_nothing_is_said_to_be_all() {
    let (grants, troubles) = apart(refused(), Some(Err(no())), true);
    assert_eq!((ids(&grants.assignments), grants.complete, troubles), (vec!["/1"], false, 2));
    let (grants, troubles) = apart(refused(), None, false);
    assert_eq!((ids(&grants.assignments), grants.complete, troubles), (vec!["/1"], false, 1));
    let cut = List { items: vec![said("/9", "other-group")], trouble: Some(no()) };
    let (grants, _) = apart(cut, Some(Err(no())), true);
    assert_eq!((ids(&grants.assignments), grants.complete), (vec!["/1", "/9"], false));
}
