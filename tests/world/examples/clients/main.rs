//! Azure's official clients, unmodified, in the world: azure-identity, azure-containerregistry, azure-cli, and skopeo with
//! what azure-cli got. Each succeeds, and each fails for the reason that the world gives it.
//!
//! Not part of `cargo test`, since it needs these clients; it fails loudly where one is missing. Run it with
//! `cargo run -p world --example clients -- "$(tests/world/clients/install)"`.

mod az;
mod cluster;
mod entra;
mod health;
mod pull;
mod roles;
mod sdk;
mod sources;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cluster::Clients;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
#[expect(clippy::print_stderr, clippy::print_stdout, reason = "a program for people and for CI")]
async fn main() -> ExitCode {
    let Some(venv) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: clients FOLDER, the one that tests/world/clients/install names");
        return ExitCode::from(2);
    };
    match judged(&venv).await {
        Ok(()) => {
            println!("Azure's official clients agree with the world");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("an official client disagrees with the world: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says that a client did what it had to.
#[expect(clippy::print_stdout, reason = "a program for people and for CI")]
fn ok(client: &str, what: &str) {
    println!("{client}: {what}: ok");
}

async fn judged(venv: &Path) -> Result<(), Failure> {
    let world = cluster::world("", "")?.start().await?;
    let here = Clients { world: &world, venv };
    here.versions().await?;
    sdk::tokens(here).await?;
    sdk::images(here).await?;
    az::sign_in(here).await?;
    entra::people(here).await?;
    let token = az::registry(here).await?;
    pull::allowed(here, &token).await?;
    here.nobody_asked_elsewhere()?;

    entra::without_a_secret(venv).await?;
    health::checked(venv).await?;
    sources::shown(venv).await?;
    roles::given_and_taken(venv).await?;
    roles::by_group(venv).await?;
    roles::of_a_cluster(venv).await?;
    az::registered_cloud(venv).await?;
    az::other_clouds(venv).await?;
    pull::role_gone(venv).await?;
    pull::role_elsewhere(venv).await
}
