use super::*;
use crate::causes::{AcrPullRoleMissing, ImdsUnreachable, RoleAssignmentPropagation};

#[test]
fn settings_decide_between_the_candidates_of_a_failure() {
    let says = |stance: Stance, causes: &[CauseId]| -> Vec<Says> {
        causes.iter().map(|&cause| Says { cause, stance }).collect()
    };
    let all = [ImdsUnreachable, AcrPullRoleMissing, RoleAssignmentPropagation];
    for (said, expected) in [
        // What was waited for stays beside what is confirmed.
        (says(Stance::Confirms, &[AcrPullRoleMissing]), &[ImdsUnreachable, AcrPullRoleMissing][..]),
        (says(Stance::Refutes, &[AcrPullRoleMissing]), &[ImdsUnreachable, RoleAssignmentPropagation]),
        // What is confirmed and does not explain the failure says nothing of it.
        (says(Stance::Confirms, &[crate::causes::AcrQuarantine]), &all),
        // What refutes all of them refutes none.
        (says(Stance::Refutes, &all), &all),
        (
            says(Stance::Allows, &[AcrPullRoleMissing]),
            &[AcrPullRoleMissing, ImdsUnreachable, RoleAssignmentPropagation],
        ),
    ] {
        assert_eq!(left(&all, &said), expected, "{said:?}");
    }
    let others = [RoleAssignmentPropagation, AcrPullRoleMissing];
    assert_eq!(left(&others, &says(Stance::Confirms, &[AcrPullRoleMissing])), [AcrPullRoleMissing]);
}
