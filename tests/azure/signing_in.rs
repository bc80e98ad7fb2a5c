//! The ways to sign in, and how each of them fails.

use pullcheck::case::azure::{TroubleKind, Way};

use crate::asking::{OPERATOR, SECRET, run, secret};

#[test]
fn a_secret_signs_in_and_is_seen_nowhere() {
    let ran = run(OPERATOR, &secret(), "-v");
    let azure = ran.azure();
    assert_eq!(azure.sign_in.as_ref().map(|sign_in| sign_in.way), Some(Way::Secret));
    let debug = format!("{azure:?}");
    for text in [&debug, &ran.saved, &ran.stdout, &ran.stderr] {
        assert!(!text.contains(SECRET) && !text.contains("eyJ"), "{text}");
    }
    assert_eq!(ran.case.variables, ["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"]);
}

#[test]
fn a_secret_that_is_refused_is_told_by_its_code() {
    let expired = OPERATOR.replace("name = 'ops'", "name = 'ops'\nsecret_expired = true");
    let gone = OPERATOR.replace("name = 'ops'", "name = 'ops'\ndeleted = true");
    let blocked = OPERATOR.replace("name = 'ops'", "name = 'ops'\nblocked_by_policy = true");
    for (world, code) in [
        (OPERATOR.replace(SECRET, "another"), "AADSTS7000215"),
        (expired, "AADSTS7000222"),
        (gone, "AADSTS700016"),
        (blocked, "AADSTS53003"),
    ] {
        let ran = run(&world, &secret(), "");
        assert_eq!(ran.troubles(), [(TroubleKind::SignInRefused, "sign in (client secret)")], "{code}");
        let trouble = &ran.azure().troubles[0];
        assert_eq!(trouble.code.as_ref().map(|code| code.as_str()), Some(code));
        assert!(
            trouble.correlation_id.is_some() && !trouble.detail.as_str().contains("Trace ID"),
            "{trouble:?}"
        );
        assert!(ran.azure().sign_in.is_none() && ran.azure().registry.is_none());
        assert_eq!(ran.asked("management.azure.com"), Vec::<&str>::new());
    }
}

#[test]
fn a_sign_in_that_never_answers_ends_in_time_and_ends_nothing_else() {
    let ran =
        run(&format!("{OPERATOR}\n[entra]\nfault = {{ stall = true }}"), &secret(), "--step-timeout 300ms");
    assert_eq!(ran.troubles(), [(TroubleKind::TimedOut, "sign in (client secret)")]);
    assert!(ran.took < std::time::Duration::from_secs(8), "{:?}", ran.took);
    assert!(ran.stdout.starts_with("contosoacr.azurecr.io/team/web:v1 can be pulled"), "{}", ran.stdout);
}
