//! azure-identity and azure-containerregistry.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use world::Call;

use crate::cluster::{
    CI, Clients, ELSEWHERE, EXPIRED, ISSUER, KUBELET, Known, REGISTRY, REPOSITORY, STRANGER, SUBJECT, TENANT,
    WORKLOAD, agree,
};
use crate::{Failure, ok};

const IDENTITY: &str = "azure-identity";
const IMAGES: &str = "azure-containerregistry";

/// The tokens that azure-identity gets, and why it gets none.
pub(crate) async fn tokens(here: Clients<'_>) -> Result<(), Failure> {
    let managed = |known: Known| here.python("who.py", &["managed", &known.client_id()]);
    let secret = |known: Known| {
        here.python("who.py", &["secret", TENANT, &known.client_id()]).secret_on_stdin(known.secret)
    };

    let claims = managed(KUBELET).said().await?.json()?;
    of(KUBELET, &claims, "2")?;
    ok(IDENTITY, "a managed identity by its client id");
    let resource =
        claims["xms_mirid"].as_str().ok_or("a managed identity has an id of the resource manager")?;
    of(KUBELET, &here.python("who.py", &["resource", resource]).said().await?.json()?, "2")?;
    ok(IDENTITY, "a managed identity by its resource id");
    managed(ELSEWHERE)
        .said()
        .await?
        .failed(&["CredentialUnavailableError", "(invalid_request) Identity not found"])?;
    ok(IDENTITY, "a managed identity that the node does not have is refused");

    of(CI, &secret(CI).said().await?.json()?, "1")?;
    ok(IDENTITY, "a client secret");
    secret(EXPIRED).said().await?.failed(&["ClientAuthenticationError", "AADSTS7000222"])?;
    ok(IDENTITY, "an expired client secret is refused");

    of(WORKLOAD, &workload(here, SUBJECT)?.said().await?.json()?, "2")?;
    ok(IDENTITY, "a workload's token of Kubernetes");
    let other = "system:serviceaccount:team:other";
    workload(here, other)?.said().await?.failed(&["ClientAuthenticationError", "AADSTS700213", other])?;
    ok(IDENTITY, "the token of another service account is refused");
    Ok(())
}

fn of(known: Known, claims: &Value, proof: &str) -> Result<(), Failure> {
    let (client_id, object_id) = (known.client_id(), known.object_id());
    let own = [("appid", client_id.as_str()), ("oid", &object_id), ("sub", &object_id), ("tid", TENANT)];
    agree(claims, &[("aud", "https://containerregistry.azure.net"), ("appidacr", proof), ("idtyp", "app")])?;
    agree(claims, &own)
}

/// The token that Kubernetes gives a service account.
pub(crate) fn workload_token(subject: &str) -> String {
    let (from, until) = (0, 4_102_444_800_i64);
    let claims = json!({
        "iss": ISSUER, "sub": subject, "aud": ["api://AzureADTokenExchange"], "iat": from, "nbf": from, "exp": until,
    });
    let parts = ["{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"1\"}", &claims.to_string(), "signature"];
    parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

/// A pod's way to a token, with what the webhook of Azure's workload identity puts into its environment.
fn workload(here: Clients<'_>, subject: &str) -> Result<Call, Failure> {
    let token = workload_token(subject);
    let file = here.world.write("azure-identity-token", &token)?;
    let call = here.python("who.py", &["workload"]).env("AZURE_FEDERATED_TOKEN_FILE", file);
    Ok(call.env("AZURE_CLIENT_ID", WORKLOAD.client_id()).env("AZURE_TENANT_ID", TENANT))
}

/// What azure-containerregistry sees of the image, as whom it may and as whom it may not.
pub(crate) async fn images(here: Clients<'_>) -> Result<(), Failure> {
    let call = |words: &[&str]| here.python("images.py", &[&[REGISTRY, REPOSITORY, "v1"], words].concat());
    let secret = |known: Known| call(&["secret", TENANT, &known.client_id()]).secret_on_stdin(known.secret);
    for (who, call) in [
        ("the kubelet's identity", call(&["managed", &KUBELET.client_id()])),
        ("a service principal", secret(CI)),
    ] {
        let before = here.count();
        seen(here, &call.said().await?.json()?)?;
        here.exchanged(before, 200)?;
        ok(IMAGES, &format!("exchange, tags, manifests and blobs as {who}"));
    }
    let before = here.count();
    secret(STRANGER).said().await?.failed(&[
        "ClientAuthenticationError",
        "authentication required",
        "CorrelationId",
    ])?;
    here.exchanged(before, 401)?;
    ok(IMAGES, "the exchange of a service principal without a role is refused");
    Ok(())
}

fn seen(here: Clients<'_>, seen: &Value) -> Result<(), Failure> {
    let digest = here.world.tags()[REPOSITORY]["v1"].clone();
    let expected = json!({
        "repositories": [REPOSITORY], "tags": ["v1"], "digest": digest, "manifest_properties": digest,
        "architectures": ["amd64", "arm64"], "architecture": "amd64",
    });
    for (name, value) in expected.as_object().into_iter().flatten() {
        if seen[name] != *value {
            return Err(format!("{IMAGES}: {name} is {}, not {value}", seen[name]).into());
        }
    }
    let layers = seen["layers"].as_array().ok_or("no layers")?;
    if layers.is_empty() || seen["layers"] != seen["sizes"] {
        return Err(format!("{IMAGES}: layers of {} bytes, not {}", seen["layers"], seen["sizes"]).into());
    }
    Ok(())
}
