use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;
use crate::plan::Plan;
use crate::reply::Ending;

const APP: &str = "11111111-0000-4000-8000-000000000001";
const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const TWO: &str = "/aaaaaaaa-0000-4000-8000-000000000001/oauth2/v2.0/token";
const SCOPE: &str = "https://containerregistry.azure.net/.default";
const ISSUER: &str = "https://westeurope.oic.prod-aks.azure.com/t/g/";
const PRINCIPAL: &str = "[[identity]]\nkind = 'service-principal'\nsecret = 'right-secret'\n";

fn entra(world: &str) -> Entra {
    let world: World = world.parse().expect("a world");
    let plan = Plan::new(&world);
    Entra::new(&world, Arc::new(Directory::new(&world, &plan)), plan.tenant)
}

fn ask(method: &str, target: &str, form: &[(&str, &str)]) -> Ask {
    let url = url::Url::parse(&format!("https://login.microsoftonline.com{target}")).expect("a target");
    Ask {
        method: method.to_owned(),
        host: "login.microsoftonline.com".to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        form: form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Ask::default()
    }
}

fn body(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.body).expect("JSON")
}

fn form<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("client_id", APP), ("grant_type", "client_credentials"), ("scope", SCOPE)];
    for field in more {
        form.retain(|(name, _)| name != &field.0);
        form.push(*field);
    }
    form.retain(|(_, value)| !value.is_empty());
    form
}

/// Status, error and code of a refusal.
fn refused(world: &str, target: &str, more: &[(&str, &str)]) -> (u16, String, u64) {
    let reply = entra(world).answer(&ask("POST", target, &form(more)), Cloud::Public);
    let body = body(&reply);
    let code = body["error_codes"][0].as_u64().expect("a code, as a number");
    let words = body["error_description"].as_str().expect("words");
    assert!(words.starts_with(&format!("AADSTS{code}: ")) && words.contains(" Trace ID: "), "{words}");
    assert!(
        ["timestamp", "trace_id", "correlation_id", "error_uri"].iter().all(|name| body[*name].is_string())
    );
    (reply.status, body["error"].as_str().expect("an error").to_owned(), code)
}

fn jwt(head: &serde_json::Value, claims: &serde_json::Value) -> String {
    let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{head}.{claims}.c2ln")
}

#[test]
fn the_second_version_answers_with_numbers_and_the_first_with_text() {
    let entra = entra(PRINCIPAL);
    let secret =
        [("client_secret", "right-secret"), ("scope", &format!("{SCOPE} openid offline_access profile"))];
    let reply = body(&entra.answer(&ask("POST", TWO, &form(&secret)), Cloud::Public));
    assert_eq!((&reply["expires_in"], reply["refresh_token"].is_null()), (&3599.into(), true));
    let claims = entra.directory.read(reply["access_token"].as_str().expect("a token")).expect("ours");
    assert_eq!(
        (claims.audience.as_str(), claims.tenant.as_str()),
        ("https://containerregistry.azure.net", TENANT)
    );
    let one =
        [("client_secret", "right-secret"), ("scope", ""), ("resource", "https://management.azure.com/")];
    let target = format!("/{DOMAIN}/oauth2/token?api-version=1.0");
    let reply = body(&entra.answer(&ask("POST", &target, &form(&one)), Cloud::Public));
    assert_eq!(reply["expires_in"], "3599");
    assert_eq!(reply["resource"], "https://management.azure.com/");
}

#[test]
fn a_scope_may_have_two_slashes_and_the_secret_may_be_in_the_header() {
    let entra = entra(PRINCIPAL);
    let scope = [("client_id", ""), ("scope", "https://management.core.windows.net//.default")];
    let mut asked = ask("POST", TWO, &form(&scope));
    let basic = format!("Basic {}", STANDARD.encode(format!("{APP}:right%2Dsecret")));
    asked.headers.insert("authorization", basic.parse().expect("a header"));
    let reply = entra.answer(&asked, Cloud::Public);
    assert_eq!(reply.status, 200, "{}", body(&reply));
    let token = body(&reply)["access_token"].as_str().expect("a token").to_owned();
    let claims = entra.directory.read(&token).expect("ours");
    assert_eq!(claims.audience, "https://management.core.windows.net");
}

#[test]
fn what_the_request_lacks_is_named() {
    let secret = ("client_secret", "right-secret");
    for (more, expected) in [
        (vec![secret, ("grant_type", "")], (400, "invalid_request", 900_144)),
        (vec![secret, ("client_id", "")], (400, "invalid_request", 900_144)),
        (vec![secret, ("scope", "")], (400, "invalid_request", 900_144)),
        (vec![], (401, "invalid_client", 7_000_218)),
        (vec![secret, ("grant_type", "device_code")], (400, "unsupported_grant_type", 70003)),
        (vec![secret, ("scope", "https://containerregistry.azure.net")], (400, "invalid_scope", 70011)),
        (vec![secret, ("scope", "https://nowhere.contoso.com/.default")], (400, "invalid_resource", 500_011)),
    ] {
        let (status, error, code) = refused(PRINCIPAL, TWO, &more);
        assert_eq!((status, error.as_str(), code), expected, "{more:?}");
    }
}

#[test]
fn the_application_and_its_secret_decide() {
    let right = [("client_secret", "right-secret")];
    let stranger = "/eeeeeeee-0000-4000-8000-000000000001/oauth2/v2.0/token";
    for (more, target, form, expected) in [
        ("", TWO, [("client_secret", "other")], (401, "invalid_client", 7_000_215)),
        ("secret_expired = true", TWO, right, (401, "invalid_client", 7_000_222)),
        ("secret_expired = true", TWO, [("client_secret", "other")], (401, "invalid_client", 7_000_215)),
        ("deleted = true", TWO, right, (400, "unauthorized_client", 700_016)),
        ("no_service_principal = true", TWO, right, (401, "invalid_client", 7_000_229)),
        ("disabled = true", TWO, right, (400, "unauthorized_client", 7_000_112)),
        ("disabled = true", TWO, [("client_secret", "other")], (401, "invalid_client", 7_000_215)),
        ("blocked_by_policy = true", TWO, right, (400, "invalid_grant", 53003)),
        ("blocked_for = ['https://containerregistry.azure.net/']", TWO, right, (400, "invalid_grant", 53003)),
        ("", stranger, right, (400, "invalid_tenant", 90002)),
        (
            "[entra]\ntenants = ['eeeeeeee-0000-4000-8000-000000000001']",
            stranger,
            right,
            (400, "unauthorized_client", 700_016),
        ),
        ("", "/contoso/oauth2/v2.0/token", right, (400, "invalid_request", 900_023)),
        ("", "/organizations/oauth2/v2.0/token", right, (400, "invalid_request", 50059)),
    ] {
        let (status, error, code) = refused(&format!("{PRINCIPAL}{more}"), target, &form);
        assert_eq!((status, error.as_str(), code), expected, "{more} {target}");
    }
    assert_eq!(
        refused(PRINCIPAL, TWO, &[("client_id", "99999999-0000-4000-8000-000000000001"), right[0]]).2,
        700_016
    );
}

#[test]
fn a_certificate_is_known_by_its_thumbprint() {
    let thumbprint = "00112233445566778899AABBCCDDEEFF00112233";
    let world = format!("[[identity]]\nkind = 'service-principal'\ncertificates = ['{thumbprint}']");
    let entra = entra(&world);
    let now = entra.directory.now();
    let x5t = URL_SAFE_NO_PAD.encode((0..20).map(|n| (n % 16) * 0x11).collect::<Vec<u8>>());
    let code = |change: &dyn Fn(&mut serde_json::Value, &mut serde_json::Value)| {
        let mut head = json!({"alg": "RS256", "typ": "JWT", "x5t": x5t});
        let mut claims = json!({
            "aud": format!("https://login.microsoftonline.com{TWO}"), "iss": APP, "sub": APP, "jti": "1",
            "nbf": now, "exp": now + 600,
        });
        change(&mut head, &mut claims);
        let assertion = jwt(&head, &claims);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let form = form(&[("client_assertion", &assertion), ("client_assertion_type", kind)]);
        let reply = entra.answer(&ask("POST", TWO, &form), Cloud::Public);
        body(&reply)["error_codes"][0].as_u64().unwrap_or(u64::from(reply.status))
    };
    assert_eq!(code(&|_, _| {}), 200);
    assert_eq!(code(&|head, _| head["x5t"] = "AAAA".into()), 700_027);
    assert_eq!(code(&|_, claims| claims["aud"] = "https://contoso.com/".into()), 700_023);
    assert_eq!(code(&|_, claims| claims["sub"] = "else".into()), 700_021);
    assert_eq!(code(&|_, claims| claims["exp"] = (now - 1000).into()), 700_024);
    assert_eq!(code(&|_, claims| claims["exp"] = 4_102_444_800.5.into()), 200, "with a fraction");
    assert_eq!(code(&|_, claims| claims["nbf"] = (now + 1000).into()), 700_024);
    assert_eq!(code(&|_, claims| claims["iss"] = ISSUER.into()), 70025);
    let form = form(&[
        ("client_assertion", "no token"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
    ]);
    assert_eq!(body(&entra.answer(&ask("POST", TWO, &form), Cloud::Public))["error_codes"][0], 50027);
}

#[test]
fn a_federated_token_is_compared_to_the_letter() {
    let subject = "system:serviceaccount:team:web";
    let world = format!("[[identity]]\nfederated = [{{ issuer = '{ISSUER}', subject = '{subject}' }}]");
    let entra = entra(&world);
    let now = entra.directory.now();
    let code = |issuer: &str, subject: &str, audience: &str| {
        let claims = json!({"iss": issuer, "sub": subject, "aud": [audience], "nbf": now, "exp": now + 3600});
        let assertion = jwt(&json!({"alg": "RS256", "kid": "k"}), &claims);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let form = form(&[("client_assertion", &assertion), ("client_assertion_type", kind)]);
        let reply = entra.answer(&ask("POST", TWO, &form), Cloud::Public);
        body(&reply)["error_codes"][0].as_u64().unwrap_or(u64::from(reply.status))
    };
    let exchange = "api://AzureADTokenExchange";
    assert_eq!(code(ISSUER, subject, exchange), 200);
    assert_eq!(code(ISSUER.trim_end_matches('/'), subject, exchange), 700_211);
    assert_eq!(code(ISSUER, subject, "https://contoso.com"), 700_212);
    assert_eq!(code(ISSUER, "system:serviceaccount:team:api", exchange), 700_213);
}

#[test]
fn discovery_speaks_of_the_host_that_was_asked() {
    let entra = entra("");
    let mut asked = ask("GET", &format!("/{TENANT}/v2.0/.well-known/openid-configuration"), &[]);
    asked.host = "localhost:18445".to_owned();
    let reply = body(&entra.answer(&asked, Cloud::Public));
    assert_eq!(reply["token_endpoint"], format!("https://localhost:18445{TWO}"));
    assert_eq!(reply["issuer"], format!("https://localhost:18445/{TENANT}/v2.0"));
    let common = ask("GET", "/common/v2.0/.well-known/openid-configuration", &[]);
    assert_eq!(entra.answer(&common, Cloud::Public).status, 200);
    let wrong =
        ask("GET", "/eeeeeeee-0000-4000-8000-000000000001/v2.0/.well-known/openid-configuration", &[]);
    let reply = entra.answer(&wrong, Cloud::Public);
    assert_eq!((reply.status, &body(&reply)["error_codes"][0]), (400, &90002.into()));
    let instance = ask(
        "GET",
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://localhost:1/T/oauth2/v2.0/authorize",
        &[],
    );
    let reply = body(&entra.answer(&instance, Cloud::Public));
    assert_eq!(
        reply["tenant_discovery_endpoint"],
        "https://localhost:1/T/v2.0/.well-known/openid-configuration"
    );
    assert_eq!(reply["metadata"][0]["aliases"][0], "login.microsoftonline.com");
}

#[test]
fn every_cloud_knows_its_own_tenants() {
    let world = format!("{PRINCIPAL}cloud = 'usgov'");
    let entra = entra(&world);
    let secret = form(&[("client_secret", "right-secret")]);
    let reply = entra.answer(&ask("POST", TWO, &secret), Cloud::Usgov);
    assert_eq!(reply.status, 200);
    let foreign =
        form(&[("client_secret", "right-secret"), ("scope", "https://management.azure.com/.default")]);
    assert_eq!(body(&entra.answer(&ask("POST", TWO, &foreign), Cloud::Usgov))["error_codes"][0], 500_011);
}

#[test]
fn a_broken_service_is_as_the_page_says() {
    let asked = ask("POST", TWO, &form(&[("client_secret", "right-secret")]));
    let broken = entra(&format!("{PRINCIPAL}[entra]\nfault = {{ status = 503, times = 1 }}"));
    let replies = [broken.answer(&asked, Cloud::Public).status, broken.answer(&asked, Cloud::Public).status];
    assert_eq!(replies, [503, 200]);
    let html = entra("entra.fault = { status = 502, body = 'html' }").answer(&asked, Cloud::Public);
    assert_eq!((html.status, html.value("content-type")), (502, Some("text/html")));
    assert_eq!(entra("entra.fault = { stall = true }").answer(&asked, Cloud::Public).ending, Ending::Never);
    let reply = entra(&format!("{PRINCIPAL}[entra]\nanswer = 'no-token'")).answer(&asked, Cloud::Public);
    assert!(reply.status == 200 && body(&reply)["access_token"].is_null());
    assert_eq!(entra("").answer(&ask("GET", TWO, &[]), Cloud::Public).status, 400);
    assert_eq!(entra("").answer(&ask("GET", "/favicon.ico", &[]), Cloud::Public).status, 404);
}

const USERS: &str = "[[identity]]\n[[identity]]\nname = 'alice'\nkind = 'user'\nsecret = 'right-password'\n";

/// The form of a user's request.
fn password<'a>(name: &'a str, secret: &'a str) -> Vec<(&'a str, &'a str)> {
    let client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
    let more = [("grant_type", "password"), ("client_id", client), ("username", name), ("password", secret)];
    form(&more)
}

#[test]
fn a_user_signs_in_with_a_password_and_again_with_a_refresh_token() {
    let entra = entra(USERS);
    let realm = ask("GET", "/common/userrealm/alice@contoso.onmicrosoft.com?api-version=1.0", &[]);
    assert_eq!(body(&entra.answer(&realm, Cloud::Public))["account_type"], "Managed");
    let common = TWO.replace(TENANT, "organizations");
    let first = password("Alice@contoso.onmicrosoft.com", "right-password");
    let reply = body(&entra.answer(&ask("POST", &common, &first), Cloud::Public));
    let refresh = reply["refresh_token"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let again = [&form(&again)[..], &[("client_id", "04b07795-8ddb-461a-bbee-02f9e1bf7b46")]].concat();
    let again: Vec<_> = again.into_iter().filter(|field| *field != ("client_id", APP)).collect();
    let reply = body(&entra.answer(&ask("POST", TWO, &again), Cloud::Public));
    let token = reply["access_token"].as_str().unwrap_or_else(|| panic!("{reply}"));
    let (_, claims) = crate::directory::unsigned(token).expect("three parts");
    assert_eq!(
        (&claims["upn"], &claims["idtyp"]),
        (&"alice@contoso.onmicrosoft.com".into(), &serde_json::Value::Null)
    );
    assert_eq!(claims["oid"], "22222222-0000-4000-8000-000000000002");
    let (_, identity) =
        crate::directory::unsigned(reply["id_token"].as_str().expect("a token")).expect("three parts");
    assert_eq!(identity["preferred_username"], claims["upn"]);
}

#[test]
fn a_user_is_refused_for_a_reason() {
    let alice = "alice@contoso.onmicrosoft.com";
    for (more, name, secret, expected) in [
        ("", alice, "wrong", (400, "invalid_grant", 50126)),
        ("", "bob@contoso.onmicrosoft.com", "right-password", (400, "invalid_grant", 50034)),
        ("deleted = true", alice, "right-password", (400, "invalid_grant", 50034)),
        ("disabled = true", alice, "right-password", (400, "invalid_grant", 50057)),
        ("mfa = true", alice, "right-password", (400, "invalid_grant", 50076)),
        ("blocked_by_policy = true", alice, "right-password", (400, "invalid_grant", 53003)),
    ] {
        let (status, error, code) = refused(&format!("{USERS}{more}"), TWO, &password(name, secret));
        assert_eq!((status, error.as_str(), code), expected, "{more} {name}");
    }
    let stale = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "a.b.c"),
        ("client_id", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
    ];
    assert_eq!(refused(USERS, TWO, &stale).2, 9_002_313);
    let app = [("client_id", "11111111-0000-4000-8000-000000000002"), ("client_secret", "right-password")];
    assert_eq!(refused(USERS, TWO, &app).2, 700_016, "a user is no application");
}
