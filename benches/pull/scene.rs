//! The world of the benchmark: a private registry, a node with an identity that may pull, and the files that a node has.

use std::path::PathBuf;

use world::{Running, World};

use crate::Failure;
use crate::options::Options;

pub(crate) const HOST: &str = "contosoacr.azurecr.io";
pub(crate) const REPOSITORY: &str = "team/web";
pub(crate) const TAG: &str = "v1";
pub(crate) const CLIENT_ID: &str = "11111111-0000-4000-8000-000000000001";
/// The user whose password is a refresh token.
pub(crate) const NULL_USER: &str = "00000000-0000-0000-0000-000000000000";

/// Where machines keep the authorities that they trust: Debian and Azure Linux, then Fedora.
const USUAL_AUTHORITIES: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// A running world and its files.
pub(crate) struct Scene {
    pub(crate) world: Running,
    /// The node's own settings.
    pub(crate) azure_json: PathBuf,
    /// As many authorities as a machine has, the world's among them.
    pub(crate) authorities: PathBuf,
    /// How many they are.
    pub(crate) count: usize,
}

impl Scene {
    /// Starts the world.
    pub(crate) async fn start(options: &Options) -> Result<Self, Failure> {
        let text = format!(
            "registry.anonymous = []\n[[identity]]\n[[image]]\nlayers = {}\nlayer_bytes = {}\n",
            options.layers, options.layer_bytes
        );
        let world = text.parse::<World>()?.start().await?;
        let azure_json = world.write(
            "azure.json",
            &format!(
                "{{\"cloud\":\"AzurePublicCloud\",\"useManagedIdentityExtension\":true,\"userAssignedIdentityID\":\"{CLIENT_ID}\"}}"
            ),
        )?;
        let usual = USUAL_AUTHORITIES.iter().find_map(|path| std::fs::read_to_string(path).ok());
        let all = format!("{}\n{}", usual.unwrap_or_default(), std::fs::read_to_string(world.ca_file())?);
        let authorities = world.write("authorities.pem", &all)?;
        let count = all.matches("BEGIN CERTIFICATE").count();
        Ok(Self { world, azure_json, authorities, count })
    }
}

/// The image.
pub(crate) fn image() -> String {
    format!("{HOST}/{REPOSITORY}:{TAG}")
}
