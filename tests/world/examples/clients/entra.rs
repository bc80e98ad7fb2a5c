//! The other ways in which an operator signs in with azure-cli: a certificate, somebody else's token, a password.

use std::path::{Path, PathBuf};

use world::Call;

use crate::az::{self, AZ};
use crate::cluster::{self, ALICE, BOB, CI, Clients, ISSUER, REGISTRY, SUBJECT, SUBSCRIPTION, TENANT};
use crate::sdk::workload_token;
use crate::{Failure, ok};

/// Signing in without a secret, and why it fails.
pub(crate) async fn without_a_secret(venv: &Path) -> Result<(), Failure> {
    // The certificate must be known before the world is.
    let first = cluster::world("", "")?.start().await?;
    let here = Clients { world: &first, venv };
    let (own, thumbprint) = certificate(here, "own").await?;
    let (other, _) = certificate(here, "other").await?;
    let known = format!(
        "certificates = ['{thumbprint}']
        federated = [{{ issuer = '{ISSUER}', subject = '{SUBJECT}' }}]"
    );
    let world = cluster::world("", &known)?.start().await?;
    let here = Clients { world: &world, venv };
    let by_certificate =
        |folder: &str, file: &Path| login(here, folder).args(["--certificate".as_ref(), file.as_os_str()]);
    by_certificate("own", &own).said().await?.succeeded(&[SUBSCRIPTION, &CI.client_id()])?;
    ok(AZ, "login with a certificate");
    by_certificate("other", &other).said().await?.failed(&["AADSTS700027"])?;
    ok(AZ, "login with a certificate that is not the application's is refused");

    for (folder, subject, expected) in
        [("workload", SUBJECT, None), ("unknown", "system:serviceaccount:team:other", Some("AADSTS700213"))]
    {
        let token = workload_token(subject);
        let file = here.world.write(&format!("token-of-{folder}"), &token)?;
        let call = login(here, folder).args(["--federated-token", &format!("@{}", file.display())]);
        let said = call.knowing(&token).said().await?;
        match expected {
            None => said.succeeded(&[SUBSCRIPTION])?,
            Some(code) => said.failed(&[code, subject])?,
        };
    }
    ok(AZ, "login with a federated token, and with that of another service account");
    here.nobody_asked_elsewhere()
}

/// A person signs in with a password, and why that fails.
pub(crate) async fn people(here: Clients<'_>) -> Result<(), Failure> {
    let password = |folder: &str, name: &str, secret: &str| -> Result<Call, Failure> {
        let file = here.world.write(&format!("password-of-{folder}"), secret)?;
        let name = format!("{name}@contoso.onmicrosoft.com");
        let call = here
            .az(folder, &["login", "--username", &name])
            .args(["--password", &format!("@{}", file.display())]);
        Ok(call.knowing(secret))
    };
    let said = password("alice", "alice", ALICE.secret)?.said().await?;
    if said.json()?[0]["user"]["type"] != "user" {
        return Err(said.unexpected("a user's account").into());
    }
    az::refresh_token(here, "alice", REGISTRY).await?;
    ok(AZ, "login as a user, and acr login --expose-token");
    password("wrong", "alice", "another-password")?.said().await?.failed(&["AADSTS50126"])?;
    password("bob", "bob", BOB.secret)?.said().await?.failed(&["AADSTS50076", "multi-factor"])?;
    password("nobody", "carol", "x")?.said().await?.failed(&["AADSTS50034"])?;
    ok(AZ, "login with a wrong password, with one that is not enough, and of nobody");
    Ok(())
}

fn login(here: Clients<'_>, folder: &str) -> Call {
    let words = ["login", "--service-principal", "--tenant", TENANT, "--username", &CI.client_id()];
    here.az(folder, &words)
}

/// A certificate with its key in a file, and its thumbprint.
async fn certificate(here: Clients<'_>, name: &str) -> Result<(PathBuf, String), Failure> {
    let (key, file) = (here.world.path(&format!("{name}.key")), here.world.path(&format!("{name}.pem")));
    let make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ci"];
    let call = Call::new(here.world, "openssl").args(make);
    call.args(["-keyout".as_ref(), key.as_os_str(), "-out".as_ref(), file.as_os_str()])
        .said()
        .await?
        .succeeded(&[])?;
    let print = ["x509", "-noout", "-fingerprint", "-sha1", "-in"];
    let said = Call::new(here.world, "openssl").args(print).args([&file]).said().await?.succeeded(&["="])?;
    let thumbprint = said.stdout().trim().rsplit('=').next().unwrap_or_default().replace(':', "");
    let both = format!("{}{}", std::fs::read_to_string(&key)?, std::fs::read_to_string(&file)?);
    let place = here.world.write(&format!("{name}-with-key.pem"), &both)?;
    Ok((place, thumbprint))
}
