//! Foreign clients in the world: skopeo, openssl, dig and oci-client each succeed once and fail once, for the reason
//! that the world gives them. Who agrees only with its own reader agrees with nobody.
//!
//! Not part of `cargo test`, since it needs skopeo, openssl and dig; it fails loudly where one is missing. Run it with
//! `cargo run -p world --example peers`.

use std::process::{Command, ExitCode, Stdio};

use oci_client::client::{Certificate, CertificateEncoding, ClientConfig};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use world::{Running, World};

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

    expect(&skopeo(&healthy, IMAGE, &[])?, true, "\"Name\": \"contosoacr.azurecr.io/team/web\"")?;
    expect(&skopeo(&healthy, MISSING, &[])?, false, "not found")?;
    expect(&skopeo(&private, IMAGE, &["--creds", "puller:correct-horse"])?, true, "\"Digest\"")?;
    expect(&skopeo(&private, IMAGE, &["--creds", "puller:wrong-horse"])?, false, "authentication required")?;

    let (right, wrong) = (format!("{APP}:correct-horse"), format!("{APP}:wrong-horse"));
    expect(&skopeo(&azure, IMAGE, &["--creds", &right])?, true, "\"Digest\"")?;
    expect(&skopeo(&azure, IMAGE, &["--creds", &wrong])?, false, "authentication required")?;

    expect(&openssl(&healthy)?, true, "Verify return code: 0 (ok)")?;
    expect(&openssl(&untrusted)?, false, "self-signed certificate in certificate chain")?;

    expect(&dig(&healthy, "contosoacr.azurecr.io")?, true, "status: NOERROR")?;
    expect(&dig(&healthy, "contosoacr.azurecr.invalid")?, true, "status: NXDOMAIN")?;

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

/// What a client said, and whether it succeeded.
struct Said {
    client: &'static str,
    success: bool,
    text: String,
}

fn run(client: &'static str, command: &mut Command) -> Result<Said, Failure> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{client} cannot be started ({e}); install it, CI promises that it is there"))?;
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n");
    Ok(Said { client, success: output.status.success(), text })
}

fn expect(said: &Said, success: bool, word: &str) -> Result<(), Failure> {
    if said.success == success && said.text.contains(word) {
        return Ok(());
    }
    let Said { client, success: was, text } = said;
    Err(format!("{client}: expected success = {success} and '{word}', got success = {was}:\n{text}").into())
}

fn skopeo(running: &Running, image: &str, more: &[&str]) -> Result<Said, Failure> {
    let mut command = Command::new("skopeo");
    command.args(["--override-os", "linux", "--override-arch", "amd64", "inspect", "--no-tags"]).args(more);
    command.arg(format!("docker://{image}"));
    command.envs(running.environment());
    run("skopeo", &mut command)
}

fn openssl(running: &Running) -> Result<Said, Failure> {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-verify_return_error", "-servername", "contosoacr.azurecr.io"]);
    command.args([
        "-verify_hostname",
        "contosoacr.azurecr.io",
        "-connect",
        "contosoacr.azurecr.io:443",
        "-proxy",
    ]);
    command.arg(running.door().to_string()).arg("-CAfile").arg(running.ca_file());
    run("openssl", &mut command)
}

fn dig(running: &Running, name: &str) -> Result<Said, Failure> {
    let server = running.nameservers().first().ok_or("the world has no nameserver")?;
    let (ip, port) = (format!("@{}", server.ip()), server.port().to_string());
    run("dig", Command::new("dig").args([&ip, "-p", &port, "+time=2", "+tries=1", name, "A"]))
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
