//! `az acr check-health`: the way to the registry, the right to a repository, and private endpoints.

use std::path::Path;

use world::Call;

use crate::az::{self, AZ};
use crate::cluster::{self, CI, Clients, REGISTRY, STRANGER, SUBSCRIPTION};
use crate::{Failure, ok};

const DATA: &str = "contosoacr.westeurope.data.azurecr.io";
const NODES: &str = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001/resourceGroups/MC_contoso_aks1_westeurope/\
                     providers/Microsoft.Network/virtualNetworks/aks-vnet-12345678";
const ZONE: [&str; 6] = ["network", "private-dns", "record-set", "list", "--resource-group", "contoso-rg"];
/// A registry that is closed to the outside, and who may pull from one of its repositories.
const PRIVATE: &str = "name.registry.a = ['10.224.0.5']
    name.data.a = ['10.224.0.6']
    registry.resource.public_access = 'disabled'";

/// What it finds of a healthy registry, of a right that is missing, and of private endpoints.
pub(crate) async fn checked(venv: &Path) -> Result<(), Failure> {
    let world = cluster::world(PRIVATE, "pull = ['team/*']")?.start().await?;
    let here = Clients { world: &world, venv };
    az::login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    let right = [("10.224.0.5", REGISTRY), ("10.224.0.6", DATA)];
    let way =
        ["DNS lookup to contosoacr.azurecr.io at IP 10.224.0.5 : OK", "Fetch refresh token for registry"];
    // It wants more of a repository than to pull from it, and names what is missing.
    let less = ["You have pull and metadata_read permissions", "lacking push"];
    let said = check(here, "ci", &["--repository", "team/web"], &right)?.said().await?;
    said.succeeded(&[way, less].concat())?;
    check(here, "ci", &[], &right)?
        .said()
        .await?
        .succeeded(&[way, ["Challenge endpoint", "'--repository' flag"]].concat())?;
    ok(AZ, "acr check-health: the way, the tokens, and the rights that a registry gives by repository");

    let vnet = ["--vnet", NODES];
    check(here, "ci", &vnet, &right)?.said().await?.succeeded(&["DNS routing to private endpoint : OK"])?;
    let wrong = [("20.62.128.10", REGISTRY), ("10.224.0.6", DATA)];
    check(here, "ci", &vnet, &wrong)?
        .said()
        .await?
        .failed(&["Expect: 10.224.0.5", "DNS routing verification failed"])?;
    let said =
        here.az("ci", &[&ZONE[..], &["--zone-name", "privatelink.azurecr.io"]].concat()).said().await?;
    let records = said.json()?;
    if records[0]["aRecords"][0]["ipv4Address"] != "10.224.0.5"
        || records[1]["name"] != "contosoacr.westeurope.data"
    {
        return Err(said.unexpected("the records of the private zone").into());
    }
    here.az("ci", &[&ZONE[..], &["--zone-name", "contoso.com"]].concat())
        .said()
        .await?
        .failed(&["ResourceNotFound"])?;
    ok(AZ, "network private-dns record-set list, and of a zone that is not there");
    ok(AZ, "acr check-health --vnet: names lead to the private endpoint, and one that does not");

    az::login(here, "stranger", STRANGER, STRANGER.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    check(here, "stranger", &[], &right)?
        .said()
        .await?
        .succeeded(&["CONNECTIVITY_REFRESH_TOKEN_ERROR", "401"])?;
    ok(AZ, "acr check-health without a role: no refresh token");
    here.nobody_asked_elsewhere()?;

    let world = cluster::world("registry.resource.public_access = 'disabled'", "")?.start().await?;
    let here = Clients { world: &world, venv };
    az::login(here, "ci", CI, CI.secret)?.said().await?.succeeded(&[SUBSCRIPTION])?;
    check(here, "ci", &[], &[("20.62.128.10", REGISTRY)])?
        .said()
        .await?
        .succeeded(&["CONNECTIVITY_FORBIDDEN_ERROR"])?;
    ok(AZ, "acr check-health of a registry that is closed to the outside");
    here.nobody_asked_elsewhere()
}

/// The call, where names lead to these addresses. It looks them up itself, whatever proxy it goes by.
fn check(here: Clients<'_>, folder: &str, more: &[&str], names: &[(&str, &str)]) -> Result<Call, Failure> {
    let lines = names.iter().map(|(address, name)| format!("{address} {name}\n")).collect::<String>();
    let hosts = here.world.write("hosts", &format!("127.0.0.1 localhost\n{lines}"))?;
    let words = ["acr", "check-health", "--name", "contosoacr", "--yes", "--ignore-errors"];
    Ok(here.az_with_hosts(folder, &hosts, &words).args(more))
}
