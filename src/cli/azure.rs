//! The flags of Azure: which registry and cluster, where they are, and whether anything is asked at all.

mod value;

use std::collections::BTreeMap;

use clap::Args;
use probes::cloud::{Family, family};
use probes::target::Target;

use super::plan::Usage;
use crate::azure::{Ask, Cloud, ClusterName, Means, Named, registry_of};

#[derive(Args, Debug, Default)]
pub(crate) struct AzureArgs {
    /// The registry in Azure: its name, its login server or its resource id; without TARGET it is the target
    #[arg(long, value_name = "NAME|RESOURCE-ID", conflicts_with = "no_azure", help_heading = "Azure")]
    pub(crate) acr: Option<String>,
    /// The cluster in Azure whose kubelets pull
    #[arg(long, value_name = "RG/NAME|RESOURCE-ID", conflicts_with = "no_azure", help_heading = "Azure")]
    pub(crate) aks: Option<String>,
    /// Look in this subscription alone [default: all that the sign-in sees]
    #[arg(long, value_name = "ID|NAME", conflicts_with = "no_azure", help_heading = "Azure")]
    pub(crate) subscription: Option<String>,
    /// Sign in to this tenant [default: AZURE_TENANT_ID, or azure-cli's own]
    #[arg(long, value_name = "ID|DOMAIN", conflicts_with = "no_azure", help_heading = "Azure")]
    pub(crate) tenant: Option<String>,
    /// The cloud: public, china, usgov, or a file with what its resource manager answers at
    /// /metadata/endpoints?api-version=2022-09-01 [default: by the registry's name]
    #[arg(long, value_name = "CLOUD|FILE", conflicts_with = "no_azure", help_heading = "Azure")]
    pub(crate) cloud: Option<String>,
    /// Ask nothing of Azure, whatever the environment says
    #[arg(long, help_heading = "Azure")]
    pub(crate) no_azure: bool,
}

/// The flags, read.
pub(crate) struct Flags {
    acr: Option<Named>,
    aks: Option<ClusterName>,
    subscription: Option<String>,
    tenant: Option<String>,
    cloud: Option<Cloud>,
    none: bool,
}

impl AzureArgs {
    /// Reads the values.
    pub(crate) fn read(&self) -> Result<Flags, Usage> {
        Ok(Flags {
            acr: self.acr.as_deref().map(value::registry).transpose()?,
            aks: self.aks.as_deref().map(value::cluster).transpose()?,
            subscription: self.subscription.as_deref().map(value::subscription).transpose()?,
            tenant: self.tenant.as_deref().map(value::tenant).transpose()?,
            cloud: self.cloud.as_deref().map(value::cloud).transpose()?,
            none: self.no_azure,
        })
    }

    /// What of it a reader must know to ask the same again.
    pub(crate) fn settings(&self) -> impl Iterator<Item = (String, String)> {
        [
            ("acr", self.acr.clone()),
            ("aks", self.aks.clone()),
            ("subscription", self.subscription.clone()),
            ("tenant", self.tenant.clone()),
            ("cloud", self.cloud.clone()),
            ("noAzure", self.no_azure.then(|| "asked for".to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    }
}

impl Flags {
    /// The text of the target that `--acr` alone names.
    pub(crate) fn target(&self, env: &BTreeMap<String, String>) -> Option<String> {
        let name = match self.acr.as_ref()? {
            Named::Host(host) => return Some(host.clone()),
            Named::Name(name) => name.as_str(),
            Named::Id(id) => id.name(),
        };
        let cloud = self.cloud.clone().or_else(|| by_authority(env)).or_else(|| Cloud::named("public"))?;
        Some(format!("{}.{}", name.to_ascii_lowercase(), cloud.registries))
    }

    /// What is asked of Azure: `None` where nothing is. Without a flag it is asked about one of its own registries, where there
    /// is something to sign in with.
    pub(crate) fn ask(self, target: &Target, env: &BTreeMap<String, String>) -> Result<Option<Ask>, Usage> {
        let given = [
            ("--acr", self.acr.is_some()),
            ("--aks", self.aks.is_some()),
            ("--subscription", self.subscription.is_some()),
            ("--tenant", self.tenant.is_some()),
            ("--cloud", self.cloud.is_some()),
        ];
        let given = given.into_iter().find_map(|(flag, given)| given.then_some(flag));
        if self.none {
            return Ok(None);
        }
        let host = target.registry.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let named = match &self.acr {
            Some(Named::Host(host)) => host.clone(),
            _ => host.clone(),
        };
        let by_name = || Cloud::of_registry(&named).or_else(|| by_authority(env));
        let unknown = family(&named) == Family::Acr && Cloud::of_registry(&named).is_none();
        let cloud = match self.cloud.clone() {
            Some(cloud) => cloud,
            None if unknown && given.is_none() => return Ok(None),
            None if unknown => {
                return Err(Usage(format!(
                    "the cloud of {named} has no name here; describe it with --cloud FILE"
                )));
            }
            None => match by_name().or_else(|| Cloud::named("public")) {
                Some(cloud) => cloud,
                None => return Ok(None),
            },
        };
        if let Some(Named::Host(host)) = self.acr.as_ref().filter(|_| !cloud.has_registry(&named)) {
            return Err(Usage(format!(
                "--acr '{host}' is no registry of the cloud '{}', whose names end with .{}",
                cloud.name, cloud.registries
            )));
        }
        let registry = self.acr.clone().or_else(|| registry_of(target, &cloud));
        let means = Means::read(env, self.tenant.as_deref());
        match (&registry, &self.aks, given) {
            (None, None, None) => return Ok(None),
            (None, None, Some(flag)) => {
                return Err(Usage(format!(
                    "{flag} needs something in Azure to ask about, and {} is no registry of the cloud '{}'; name one with \
                     --acr or --aks",
                    target.registry, cloud.name
                )));
            }
            (_, _, None) if !means.is_there() => return Ok(None),
            _ => {}
        }
        Ok(Some(Ask {
            means,
            registry,
            host: cloud.has_registry(&host).then_some(host),
            cluster: self.aks,
            subscription: self.subscription,
            tenant: self.tenant,
            node: None,
            own: false,
            users: Vec::new(),
            cloud,
        }))
    }
}

/// The cloud whose sign-in the environment names.
fn by_authority(env: &BTreeMap<String, String>) -> Option<Cloud> {
    Cloud::of_login(Means::read(env, None).authority()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(args: AzureArgs, target: &str, env: &[(&str, &str)]) -> Result<Option<Ask>, String> {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let target = Target::parse(target).expect("a target");
        args.read().and_then(|flags| flags.ask(&target, &env)).map_err(|usage| usage.to_string())
    }

    const SIGN_IN: [(&str, &str); 3] =
        [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s")];

    #[test]
    fn azure_is_asked_where_there_is_something_to_ask_and_to_sign_in_with() {
        let none = AzureArgs::default;
        let cloud = |asked: Result<Option<Ask>, String>| asked.expect("flags").map(|ask| ask.cloud.name);
        assert_eq!(cloud(asked(none(), "contosoacr.azurecr.io/a:1", &[])), None);
        assert_eq!(cloud(asked(none(), "nginx", &SIGN_IN)), None);
        assert_eq!(cloud(asked(none(), "contosoacr.azurecr.io/a:1", &SIGN_IN)).as_deref(), Some("public"));
        assert_eq!(cloud(asked(none(), "contosoacr.azurecr.cn/a:1", &SIGN_IN)).as_deref(), Some("china"));
        let acr = || AzureArgs { acr: Some("contosoacr".to_owned()), ..none() };
        assert_eq!(cloud(asked(acr(), "harbor.example/a:1", &[])).as_deref(), Some("public"));
        let usgov = [("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/")];
        assert_eq!(cloud(asked(acr(), "harbor.example/a:1", &usgov)).as_deref(), Some("usgov"));
        let off = AzureArgs { no_azure: true, ..none() };
        assert_eq!(cloud(asked(off, "contosoacr.azurecr.io/a:1", &SIGN_IN)), None);
        let lone = AzureArgs { subscription: Some("x".to_owned()), ..none() };
        assert!(
            asked(lone, "nginx", &SIGN_IN).err().is_some_and(|said| said.starts_with("--subscription needs"))
        );
    }
}
