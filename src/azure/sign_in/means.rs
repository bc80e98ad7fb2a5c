//! What there is to sign in with, by the variables of Azure's libraries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use probes::secret::Secret;

use crate::azure::is_plain;
use crate::case::azure::{Way, is_guid};

/// What there is to sign in with.
#[derive(Clone)]
pub struct Means {
    /// The ways, in the order in which they are tried.
    pub(super) ways: Vec<Credential>,
    /// What is half there, and what is missing of it.
    pub(super) missing: Option<String>,
    /// The host in `AZURE_AUTHORITY_HOST`.
    pub(super) authority: Option<String>,
    /// The names of the variables that had a say.
    variables: Vec<String>,
}

/// One way with all that it takes.
#[derive(Clone)]
pub(super) enum Credential {
    Secret { tenant: String, client: String, secret: Secret<String> },
    Certificate { tenant: String, client: String, path: PathBuf },
    WorkloadIdentity { tenant: String, client: String, file: PathBuf },
    ManagedIdentity { client: Option<String> },
    AzureCli { program: PathBuf, variables: BTreeMap<String, String> },
}

impl Credential {
    pub(super) fn way(&self) -> Way {
        match self {
            Self::Secret { .. } => Way::Secret,
            Self::Certificate { .. } => Way::Certificate,
            Self::WorkloadIdentity { .. } => Way::WorkloadIdentity,
            Self::ManagedIdentity { .. } => Way::ManagedIdentity,
            Self::AzureCli { .. } => Way::AzureCli,
        }
    }
}

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const FEDERATED: &str = "AZURE_FEDERATED_TOKEN_FILE";
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";
/// Which of the ways Azure's libraries take: a credential's name, `dev`, or `prod`.
const CHOICE: &str = "AZURE_TOKEN_CREDENTIALS";

impl Means {
    /// Reads the variables; `tenant` is that of a flag, which goes before.
    pub fn read(env: &BTreeMap<String, String>, tenant: Option<&str>) -> Self {
        let of = |name: &str| env.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let mut variables: Vec<String> = [TENANT, CLIENT, SECRET, CERTIFICATE, FEDERATED, AUTHORITY, CHOICE]
            .into_iter()
            .filter(|name| of(name).is_some())
            .map(str::to_owned)
            .collect();
        let wanted = |way: Way| of(CHOICE).is_none_or(|choice| lets(choice, way));
        let (named, mut missing) = match principal(&of, tenant, &wanted) {
            Ok(named) => (named, None),
            Err(missing) => (None, Some(missing)),
        };
        let named = named.filter(|credential| wanted(credential.way()));
        let ways = match named {
            Some(named) => vec![named],
            None => {
                let chosen =
                    of(CHOICE).is_some_and(|choice| choice.eq_ignore_ascii_case("ManagedIdentityCredential"));
                let alone = of(CLIENT).filter(|_| of(TENANT).is_none() && missing.is_none());
                let managed = (chosen || alone.is_some()).then(|| of(CLIENT).map(str::to_owned));
                let managed = managed.filter(|_| wanted(Way::ManagedIdentity));
                let az = azure_cli(of("PATH")).filter(|_| wanted(Way::AzureCli));
                let managed = managed.map(|client| Credential::ManagedIdentity { client });
                let az = az.map(|program| Credential::AzureCli { program, variables: env.clone() });
                managed.into_iter().chain(az).collect()
            }
        };
        let authority = of(AUTHORITY).map(host);
        if of(CHOICE).is_some() && ways.is_empty() && missing.is_none() {
            missing = Some(format!("{CHOICE} lets no way to sign in that is there"));
        }
        variables.sort();
        Self { ways, missing, authority, variables }
    }

    /// Whether there is anything, be it half of it.
    pub fn is_there(&self) -> bool {
        !self.ways.is_empty() || self.missing.is_some()
    }

    /// The names of the variables that had a say.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// The host of the sign-in that the environment names.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }
}

/// The service principal that the variables name whole; an error says what is missing of it.
fn principal<'e>(
    of: &impl Fn(&str) -> Option<&'e str>,
    flag: Option<&str>,
    wanted: &impl Fn(Way) -> bool,
) -> Result<Option<Credential>, String> {
    let proofs = [(SECRET, Way::Secret), (CERTIFICATE, Way::Certificate), (FEDERATED, Way::WorkloadIdentity)];
    let proof =
        proofs.into_iter().filter(|(_, way)| wanted(*way)).find_map(|(name, _)| Some((name, of(name)?)));
    let (tenant, client) = (flag.or(of(TENANT)), of(CLIENT));
    let (proof, value) = match (proof, client, of(TENANT)) {
        (Some(proof), ..) => proof,
        (None, Some(_), Some(_)) if proofs.iter().all(|(name, _)| of(name).is_none()) => {
            return Err(format!(
                "{TENANT} and {CLIENT} are set, but {SECRET} is not, and neither is {CERTIFICATE} or {FEDERATED}"
            ));
        }
        _ => return Ok(None),
    };
    let (Some(tenant), Some(client)) = (tenant, client) else {
        let missing: Vec<&str> = [(TENANT, tenant), (CLIENT, client)]
            .into_iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
        return Err(format!(
            "{proof} is set, but {} {}",
            missing.join(" and "),
            if missing.len() == 1 { "is not" } else { "are not" }
        ));
    };
    for (name, value) in [(TENANT, tenant), (CLIENT, client)] {
        if !value.chars().all(is_plain) {
            return Err(format!("{name} is no id"));
        }
    }
    // A secret in the wrong variable must get no farther: it is neither sent nor shown.
    if !is_guid(tenant) && !tenant.contains('.') {
        return Err(format!("{TENANT} is neither the id nor a domain of a tenant"));
    }
    let (tenant, client) = (tenant.to_owned(), client.to_owned());
    Ok(Some(match proof {
        SECRET => Credential::Secret { tenant, client, secret: Secret::new(value.to_owned()) },
        CERTIFICATE => Credential::Certificate { tenant, client, path: PathBuf::from(value) },
        _ => Credential::WorkloadIdentity { tenant, client, file: PathBuf::from(value) },
    }))
}

/// Whether a choice, as Azure's libraries read it, lets a way be taken.
fn lets(choice: &str, way: Way) -> bool {
    let names: &[&str] = match way {
        Way::Secret | Way::Certificate => &["prod", "EnvironmentCredential"],
        Way::WorkloadIdentity => &["prod", "WorkloadIdentityCredential"],
        Way::ManagedIdentity => &["prod", "ManagedIdentityCredential"],
        Way::AzureCli => &["dev", "AzureCliCredential"],
        Way::Unknown => &[],
    };
    names.iter().any(|name| name.eq_ignore_ascii_case(choice))
}

/// The host of an address, with its port; of a text that is none the text.
fn host(text: &str) -> String {
    let text = text.trim();
    let bare = text.strip_prefix("https://").unwrap_or(text);
    bare.split('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// Where azure-cli is on a search path. The file is named whole, so that no other is run in its place.
fn azure_cli(path: Option<&str>) -> Option<PathBuf> {
    let names: &[&str] = if cfg!(windows) { &["az.cmd", "az.exe"] } else { &["az"] };
    let folders = std::env::split_paths(path?).filter(|folder| folder.is_absolute()).collect::<Vec<_>>();
    folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name))).find(|file| runs(file))
}

fn runs(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(file).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        file.is_file()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)], tenant: Option<&str>) -> (Vec<Way>, Option<String>) {
        let env = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let means = Means::read(&env, tenant);
        (means.ways.iter().map(Credential::way).collect(), means.missing)
    }

    #[test]
    fn the_variables_name_the_way() {
        let (t, c, s) = ((TENANT, "t.example"), (CLIENT, "c"), (SECRET, "s"));
        let (p, f) = ((CERTIFICATE, "/p"), (FEDERATED, "/f"));
        for (set, way) in [
            (vec![t, c, s, p, f], Way::Secret),
            (vec![t, c, p, f], Way::Certificate),
            (vec![t, c, f], Way::WorkloadIdentity),
            (vec![c], Way::ManagedIdentity),
            (vec![(CHOICE, "managedidentitycredential")], Way::ManagedIdentity),
            (vec![t, c, s, f, (CHOICE, "WorkloadIdentityCredential")], Way::WorkloadIdentity),
        ] {
            assert_eq!(read(&set, None), (vec![way], None), "{set:?}");
        }
        for none in [vec![], vec![t], vec![(TENANT, ""), (CLIENT, ""), (SECRET, "")]] {
            assert_eq!(read(&none, None), (vec![], None), "{none:?}");
        }
        assert_eq!(read(&[c, s], Some("t.example")).0, [Way::Secret], "a flag names the tenant");
    }

    #[test]
    fn what_is_half_there_is_said() {
        let (t, c, s) = ((TENANT, "t.example"), (CLIENT, "c"), (SECRET, "s"));
        for (set, words) in [
            (vec![c, s], "AZURE_CLIENT_SECRET is set, but AZURE_TENANT_ID is not"),
            (vec![t, s], "AZURE_CLIENT_SECRET is set, but AZURE_CLIENT_ID is not"),
            (
                vec![(FEDERATED, "/f")],
                "AZURE_FEDERATED_TOKEN_FILE is set, but AZURE_TENANT_ID and AZURE_CLIENT_ID are not",
            ),
            (vec![t, c], "AZURE_TENANT_ID and AZURE_CLIENT_ID are set, but AZURE_CLIENT_SECRET is not"),
            (vec![(TENANT, "a/b"), c, s], "AZURE_TENANT_ID is no id"),
            // What stands there may be the secret.
            (vec![(TENANT, "s3cret"), c, s], "AZURE_TENANT_ID is neither the id nor a domain of a tenant"),
            (vec![t, c, s, (CHOICE, "none-known")], "AZURE_TOKEN_CREDENTIALS lets no way"),
        ] {
            let (ways, missing) = read(&set, None);
            let missing = missing.unwrap_or_default();
            assert!(ways.is_empty() && missing.starts_with(words), "{set:?}: {missing}");
        }
    }

    #[test]
    fn the_authority_is_a_host() {
        for (text, expected) in [
            ("https://login.microsoftonline.com/", "login.microsoftonline.com"),
            ("Login.MicrosoftOnline.US", "login.microsoftonline.us"),
            ("https://localhost:18445", "localhost:18445"),
        ] {
            assert_eq!(host(text), expected);
        }
    }
}
