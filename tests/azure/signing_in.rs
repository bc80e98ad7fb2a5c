//! The ways to sign in, and how each of them fails.

use pullcheck::case::azure::{TroubleKind, Way};

use crate::asking::{OPERATOR, SECRET, run, run_with, secret};

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

/// The PEM of a certificate with an RSA key, and its thumbprint.
fn certificate() -> (String, String) {
    use sha2::Digest as _;
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
    let parameters = rcgen::CertificateParams::new(vec!["ops.contoso.com".to_owned()]).expect("a name");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    let thumbprint = sha2::Sha256::digest(certificate.der());
    let thumbprint = thumbprint.iter().map(|byte| format!("{byte:02x}")).collect();
    (format!("{}{}", key.serialize_pem(), certificate.pem()), thumbprint)
}

fn of_file(variable: &'static str, file: &str) -> Vec<(&'static str, String)> {
    let mut variables = secret();
    variables.pop();
    variables.push((variable, file.to_owned()));
    variables
}

#[test]
fn a_certificate_signs_in_and_what_is_wrong_with_it_is_told() {
    let (pem, thumbprint) = certificate();
    let world =
        OPERATOR.replace("secret = 's3cret-of-the-operator'", &format!("certificates = ['{thumbprint}']"));
    let variables = of_file("AZURE_CLIENT_CERTIFICATE_PATH", "$DIR/ops.pem");
    let with = |world: &str, text: &str| {
        run_with(world, &variables, "", |running| {
            running.write("ops.pem", text).expect("a file");
        })
    };
    let ran = with(&world, &pem);
    let azure = ran.azure();
    assert_eq!(azure.troubles, []);
    assert_eq!(azure.sign_in.as_ref().map(|sign_in| sign_in.way), Some(Way::Certificate));
    assert!(azure.registry.is_some() && !ran.saved.contains("eyJ"));
    assert!(ran.case.credential.is_operators());
    let during = "sign in (certificate)";
    let strange = with(OPERATOR, &pem);
    assert_eq!(strange.troubles(), [(TroubleKind::SignInRefused, during)]);
    assert_eq!(strange.azure().troubles[0].code.as_ref().map(|code| code.as_str()), Some("AADSTS700027"));
    let (key, alone) = pem.split_at(pem.find("-----BEGIN CERTIFICATE").expect("a certificate"));
    let elliptic = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    for (text, words) in [
        (key.to_owned(), "holds no certificate in PEM"),
        (alone.to_owned(), "holds no private key in PEM that is not encrypted"),
        (format!("{alone}{elliptic}"), "holds a key that is no RSA key"),
        ("\u{0}".to_owned(), "holds no certificate in PEM"),
    ] {
        let ran = with(&world, &text);
        assert_eq!(ran.troubles(), [(TroubleKind::NoSignIn, during)]);
        let detail = ran.azure().troubles[0].detail.as_str();
        assert!(detail.contains(words) && detail.contains("ops.pem"), "{detail}");
    }
    let ran = run(&world, &variables, "");
    assert!(ran.azure().troubles[0].detail.as_str().contains("cannot be read"), "{:?}", ran.azure().troubles);
}

#[test]
fn a_federated_token_signs_in_and_what_is_wrong_with_it_is_told() {
    use base64::Engine as _;
    let encoded =
        |value: serde_json::Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let now = crate::asking::now().as_second();
    let assertion = |subject: &str, expires: i64| {
        let claims = serde_json::json!({
            "iss": "https://issuer.contoso.com/", "sub": subject, "aud": ["api://AzureADTokenExchange"],
            "iat": expires - 3600, "exp": expires,
        });
        format!("{}.{}.c2ln\n", encoded(serde_json::json!({"alg": "RS256", "typ": "JWT"})), encoded(claims))
    };
    let trusted = "federated = [{ issuer = 'https://issuer.contoso.com/', subject = 'ops', audience = 'api://AzureADTokenExchange' }]";
    let world = OPERATOR.replace("secret = 's3cret-of-the-operator'", trusted);
    let variables = of_file("AZURE_FEDERATED_TOKEN_FILE", "$DIR/token");
    let with = |text: &str| {
        run_with(&world, &variables, "", |running| {
            running.write("token", text).expect("a file");
        })
    };
    let ran = with(&assertion("ops", now + 600));
    assert_eq!(ran.azure().troubles, []);
    assert_eq!(ran.azure().sign_in.as_ref().map(|sign_in| sign_in.way), Some(Way::WorkloadIdentity));
    assert!(ran.case.credential.is_operators());
    assert!(!ran.saved.contains("eyJ") && !ran.stderr.contains("eyJ"));
    for (text, code) in [
        (assertion("somebody else", now + 600), "AADSTS700213"),
        (assertion("ops", now - 4000), "AADSTS700024"),
    ] {
        let ran = with(&text);
        assert_eq!(ran.troubles(), [(TroubleKind::SignInRefused, "sign in (workload identity)")]);
        assert_eq!(ran.azure().troubles[0].code.as_ref().map(|code| code.as_str()), Some(code));
    }
    for (ran, words) in [(with(" \n"), "is empty"), (run(&world, &variables, ""), "cannot be read")] {
        assert_eq!(ran.troubles(), [(TroubleKind::NoSignIn, "sign in (workload identity)")]);
        assert!(ran.azure().troubles[0].detail.as_str().contains(words), "{:?}", ran.azure().troubles);
    }
}

#[test]
fn the_machines_identity_is_asked_for_where_it_is_named() {
    let reads = "[[identity]]\nreader = true";
    let named = |id: &str| [("AZURE_CLIENT_ID", id.to_owned())];
    let own = "11111111-0000-4000-8000-000000000001";
    let ran = run(reads, &named(own), "");
    assert_eq!(ran.azure().troubles, []);
    let sign_in = ran.azure().sign_in.as_ref().expect("a sign-in");
    assert_eq!((sign_in.way, sign_in.who.as_str()), (Way::ManagedIdentity, own));
    assert!(ran.azure().registry.is_some());
    let ran = run(reads, &named("99999999-0000-4000-8000-000000000009"), "");
    assert_eq!(ran.troubles(), [(TroubleKind::SignInRefused, "sign in (managed identity)")]);
    assert_eq!(ran.azure().troubles[0].detail.as_str(), "Identity not found");
    let ran = run(&format!("{reads}\n[host.imds]\ntcp = 'blackhole'"), &named(own), "--step-timeout 1s");
    assert_eq!(ran.troubles(), [(TroubleKind::Unreachable, "sign in (managed identity)")]);
    assert!(ran.took < std::time::Duration::from_secs(8), "{:?}", ran.took);
}

#[test]
fn what_the_sign_in_answers_instead_of_a_token_is_told() {
    let during = "sign in (client secret)";
    for (world, kind, words) in [
        ("entra.answer = 'html'", TroubleKind::Answer, "a web page"),
        ("entra.answer = 'no-token'", TroubleKind::Answer, "something else"),
        ("entra.answer = 'empty-token'", TroubleKind::Answer, "something else"),
        ("entra.answer = 'empty'", TroubleKind::Answer, "nothing"),
        ("entra.fault = { status = 429, retry_after = 60 }", TroubleKind::Throttled, ""),
        ("entra.fault = { status = 503, body = 'html', retry_after = 60 }", TroubleKind::Answer, "503"),
        ("host.entra.tcp = 'refused'", TroubleKind::Unreachable, "refused"),
        ("name.entra.fault = 'nxdomain'", TroubleKind::Unreachable, "NXDOMAIN"),
        ("host.entra.tls = 'unknown-ca'", TroubleKind::Unreachable, "not trusted"),
        ("host.entra.tls = 'expired'", TroubleKind::Unreachable, "out of its time"),
        ("host.entra.tcp = 'reset-after-hello'", TroubleKind::Unreachable, "TLS"),
    ] {
        let ran = run(&format!("{world}\n{OPERATOR}"), &secret(), "--step-timeout 3s");
        assert_eq!(ran.troubles(), [(kind, during)], "{world}: {:?}", ran.azure().troubles);
        let detail = ran.azure().troubles[0].detail.as_str();
        assert!(detail.contains(words), "{world}: {detail}");
    }
    let passing = format!("entra.fault = {{ status = 503, times = 1, retry_after = 1 }}\n{OPERATOR}");
    let ran = run(&passing, &secret(), "");
    assert_eq!(ran.azure().troubles, []);
}

#[test]
fn half_of_a_sign_in_is_said_and_nobody_is_asked() {
    let mut half = secret();
    half.remove(0);
    let ran = run(OPERATOR, &half, "");
    assert_eq!(ran.troubles(), [(TroubleKind::NoSignIn, "sign in")]);
    let detail = ran.azure().troubles[0].detail.as_str();
    assert_eq!(detail, "AZURE_CLIENT_SECRET is set, but AZURE_TENANT_ID is not");
    assert_eq!(ran.asked("login.microsoftonline.com"), Vec::<&str>::new());
    let ran = run(OPERATOR, &half, &format!("--tenant {}", crate::asking::TENANT));
    assert_eq!(ran.azure().troubles, []);
}

#[test]
fn a_secret_goes_to_no_sign_in_of_another_cloud() {
    let mut elsewhere = secret();
    elsewhere.push(("AZURE_AUTHORITY_HOST", "https://login.evil.example/".to_owned()));
    let ran = run(&format!("{OPERATOR}\n[host.'login.evil.example']\npage = {{}}"), &elsewhere, "");
    assert_eq!(ran.troubles(), [(TroubleKind::NoSignIn, "sign in")]);
    assert!(ran.azure().troubles[0].detail.as_str().contains("login.evil.example"));
    assert_eq!(ran.asked("login.evil.example"), Vec::<&str>::new());
    elsewhere.pop();
    elsewhere.push(("AZURE_AUTHORITY_HOST", "https://login.windows.net".to_owned()));
    let ran = run(&format!("{OPERATOR}\n[host.'login.windows.net']"), &elsewhere, "");
    assert_eq!(ran.azure().troubles, []);
    assert!(!ran.asked("login.windows.net").is_empty());
}

#[test]
fn a_run_that_waits_signs_in_once_and_asks_again() {
    let world = format!("registry.anonymous = []\n{OPERATOR}");
    let world = world.replace("name = 'ops'", "name = 'ops'\npull = []");
    let ran = run(&world, &secret(), "--wait 4s --step-timeout 300ms");
    let subscriptions = "/subscriptions?api-version=2022-12-01";
    let asked = ran.asked("management.azure.com").iter().filter(|path| **path == subscriptions).count();
    assert!(asked > 1, "{asked}");
    // One token for the resource manager, one for registries.
    assert_eq!(ran.asked("login.microsoftonline.com").len(), 2);
}
