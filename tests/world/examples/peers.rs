//! Foreign clients in the world: skopeo, openssl, dig and oci-client each succeed once and fail once, for the reason
//! that the world gives them. Who agrees only with its own reader agrees with nobody.
//!
//! Not part of `cargo test`, since it needs skopeo, openssl and dig; it fails loudly where one is missing. Run it with
//! `cargo run -p world --example peers`.

use std::ffi::OsStr;
use std::process::ExitCode;

use oci_client::client::{Certificate, CertificateEncoding, ClientConfig};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use world::{Call, Running, World};

const IMAGE: &str = "contosoacr.azurecr.io/team/web:v1";
const MISSING: &str = "contosoacr.azurecr.io/team/web:v9";

/// A private registry, so that credentials matter.
const PRIVATE: &str = r#"
registry.anonymous = []
[[user]]
name = "puller"
password = "correct-horse"
"#;

/// A private registry whose reader is a service principal.
const AZURE: &str = r#"
registry.anonymous = []
[[identity]]
kind = "service-principal"
secret = "correct-horse"
"#;
const APP: &str = "11111111-0000-4000-8000-000000000001";

const UNTRUSTED: &str = "[host.registry]\ntls = \"unknown-ca\"\n";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
#[expect(clippy::print_stderr, clippy::print_stdout, reason = "a program for people and for CI")]
async fn main() -> ExitCode {
    match judged().await {
        Ok(()) => {
            println!(
                "skopeo, openssl, dig and oci-client: each one success and one failure, as the world has it"
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("a foreign client disagrees with the world: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn judged() -> Result<(), Failure> {
    let healthy = "".parse::<World>()?.start().await?;
    let private = PRIVATE.parse::<World>()?.start().await?;
    let azure = AZURE.parse::<World>()?.start().await?;
    let untrusted = UNTRUSTED.parse::<World>()?.start().await?;

    let named = "\"Name\": \"contosoacr.azurecr.io/team/web\"";
    Call::skopeo(&healthy, IMAGE).said().await?.succeeded(&[named])?;
    Call::skopeo(&healthy, MISSING).said().await?.failed(&["not found"])?;
    let (right, wrong) = (format!("{APP}:correct-horse"), format!("{APP}:wrong-horse"));
    let credentials = [(&private, "puller:correct-horse", "puller:wrong-horse"), (&azure, &right, &wrong)];
    for (world, right, wrong) in credentials {
        skopeo(world, right).said().await?.succeeded(&["\"Digest\""])?;
        skopeo(world, wrong).said().await?.failed(&["authentication required"])?;
    }

    openssl(&healthy).said().await?.succeeded(&["Verify return code: 0 (ok)"])?;
    openssl(&untrusted).said().await?.failed(&["self-signed certificate in certificate chain"])?;

    dig(&healthy, "contosoacr.azurecr.io")?.said().await?.succeeded(&["status: NOERROR"])?;
    dig(&healthy, "contosoacr.azurecr.invalid")?.said().await?.succeeded(&["status: NXDOMAIN"])?;

    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| "a TLS provider was installed already")?;
    oci(&healthy, IMAGE, &RegistryAuth::Anonymous).await.map_err(|e| format!("oci-client: {e}"))?;
    match oci(&private, IMAGE, &RegistryAuth::Basic("puller".to_owned(), "wrong-horse".to_owned())).await {
        Ok(()) => Err("oci-client pulled with a wrong password".into()),
        Err(error) if error.contains("uthoriz") || error.contains("uthentic") => Ok(()),
        Err(error) => Err(format!("oci-client failed for another reason: {error}").into()),
    }
}

fn skopeo(running: &Running, credential: &str) -> Call {
    Call::skopeo(running, IMAGE).args(["--creds", credential])
}

fn openssl(running: &Running) -> Call {
    Call::new(running, "openssl")
        .args(["s_client", "-verify_return_error", "-servername", "contosoacr.azurecr.io"])
        .args(["-verify_hostname", "contosoacr.azurecr.io", "-connect", "contosoacr.azurecr.io:443"])
        .args(["-proxy", &running.door().to_string()])
        .args([OsStr::new("-CAfile"), running.ca_file().as_os_str()])
}

fn dig(running: &Running, name: &str) -> Result<Call, Failure> {
    let server = running.nameservers().first().ok_or("the world has no nameserver")?;
    let (ip, port) = (format!("@{}", server.ip()), server.port().to_string());
    Ok(Call::new(running, "dig").args([&ip, "-p", &port, "+time=2", "+tries=1", name, "A"]))
}

async fn oci(running: &Running, image: &str, auth: &RegistryAuth) -> Result<(), String> {
    let authority = std::fs::read(running.ca_file()).map_err(|e| e.to_string())?;
    let config = ClientConfig {
        tls_certs_only: vec![Certificate { encoding: CertificateEncoding::Pem, data: authority }],
        https_proxy: Some(format!("http://{}", running.door())),
        ..ClientConfig::default()
    };
    let client = Client::try_from(config).map_err(|e| e.to_string())?;
    let image: Reference = image.parse().map_err(|e| format!("{e:?}"))?;
    client.pull_image_manifest(&image, auth).await.map(|_| ()).map_err(|e| e.to_string())
}
