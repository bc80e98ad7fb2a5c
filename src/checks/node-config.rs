//! `node-config`: whether the node's files let the kubelet sign in to the registry at all.

use probes::cloud::{Family, acr_host, family};
use probes::observation::{
    AzureJson, AzureJsonForm, FileState, JsonType, NodeFacts, NodeIdentity, Provider, ProviderConfig,
    ProviderSource,
};

use super::seen::list;
use super::{Answer, At, Check, Place, View};
use crate::causes::{
    CauseId, CredentialProviderNotConfigured, CrossTenantIdentity, NodeAzureJsonIdentityMisconfigured,
    RegionalEndpointNodeImageTooOld, RegionalEndpointServicePrincipal,
};
use crate::report::Status;

/// The check.
pub const CHECK: Check = Check {
    id: "node-config",
    title: "the node's files let the kubelet sign in to the registry",
    explanation: "Two files decide as whom a node pulls: the configuration of the kubelet's credential providers, which says for \
        which hosts one is asked, and azure.json, which says with which identity it signs in. Both are read as the programs \
        read them. A file that is not there leaves this unknown; it is no pass.",
    at: &[Place::Node],
    per_credential: true,
    needs: &[&["reference"]],
    causes: &[&[
        NodeAzureJsonIdentityMisconfigured,
        CredentialProviderNotConfigured,
        RegionalEndpointNodeImageTooOld,
        RegionalEndpointServicePrincipal,
        CrossTenantIdentity,
    ]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    if !view.credential.is_nodes() {
        return Some(Answer::new(Status::NotApplicable, "it is not taken from the node's own files"));
    }
    let facts = view.node_files()?;
    let azure = &facts.azure_json;
    let answers = [
        azure_json(azure, &facts.providers),
        provider(view, facts),
        regional(view, azure),
        of_another_cloud(view, azure),
    ];
    let answers: Vec<Answer> = answers.into_iter().flatten().collect();
    // Of equals the first: as whom comes before at which hosts.
    let worst = answers.into_iter().rev().max_by_key(|answer| answer.status);
    Some(worst.unwrap_or_else(|| {
        let answer = Answer::pass(format!("{}; {}", who(&facts.azure_json), asked(&facts.providers)))
            .saw(format!("read {}", facts.azure_json.file.path), who(&facts.azure_json));
        let matching = facts.providers.providers.iter().filter(|provider| provider.matches);
        let file = facts.providers.files.first().map_or("the providers", |file| file.path.as_str());
        matching.fold(answer, |answer, provider| answer.saw(format!("read {file}"), told(provider)))
    }))
}

/// What the kubelet is told of a provider.
fn told(provider: &Provider) -> String {
    let mut told = format!("{} for {}", provider.name, list(&provider.match_images));
    if let Some(time) = &provider.default_cache_duration {
        told.push_str(&format!("; kept for {time}"));
    }
    for mirror in &provider.registry_mirrors {
        told.push_str(&format!("; for {} the credential of {}", mirror.source, mirror.target));
    }
    if provider.identity_bindings {
        told.push_str("; with identity bindings");
    }
    told
}

/// As whom the node signs in by its file.
fn who(azure: &AzureJson) -> String {
    let path = &azure.file.path;
    match &azure.identity {
        Some(NodeIdentity::ManagedByClientId { client_id }) => {
            format!("{path} names the managed identity with client id {client_id}")
        }
        Some(NodeIdentity::ManagedByResourceId { resource_id }) => {
            format!("{path} names the managed identity {resource_id}")
        }
        Some(NodeIdentity::ManagedUnnamed) => format!("{path} names no managed identity in particular"),
        Some(NodeIdentity::ServicePrincipal { client_id, .. }) => {
            format!("{path} names the service principal {client_id}")
        }
        Some(NodeIdentity::Unknown) | None => format!("{path} names nobody that this version knows"),
    }
}

fn asked(providers: &ProviderConfig) -> String {
    match providers.providers.iter().find(|provider| provider.matches) {
        Some(provider) => format!("the kubelet asks {}", provider.name),
        None => "the kubelet asks its credential provider".to_owned(),
    }
}

/// What is wrong with `azure.json`.
fn azure_json(azure: &AzureJson, providers: &ProviderConfig) -> Option<Answer> {
    let path = &azure.file.path;
    let at = At { file: Some(path.as_str().to_owned()), ..At::default() };
    let fail = |message: String| Answer::fail(message).confirms(NodeAzureJsonIdentityMisconfigured);
    let answer = match azure.file.state {
        FileState::Read => broken(azure, &fail)?,
        // The kubelet runs the provider, which cannot do without.
        FileState::Missing if providers.providers.iter().any(|provider| provider.matches) => {
            fail(format!("there is no {path}, without which the credential provider gives up"))
        }
        FileState::Missing => Answer::new(
            Status::Unknown,
            format!("there is no {path}: name it with --azure-json or --host-root"),
        ),
        FileState::Denied => Answer::new(Status::Unknown, format!("this user may not read {path}")),
        _ => Answer::new(Status::Unknown, format!("{path} could not be read")),
    };
    Some(answer.at(at))
}

fn broken(azure: &AzureJson, fail: &dyn Fn(String) -> Answer) -> Option<Answer> {
    let path = &azure.file.path;
    if let Some(AzureJsonForm::Malformed { place }) = &azure.form {
        let place = place.map(|p| format!(" (line {}, column {})", p.line, p.column)).unwrap_or_default();
        return Some(fail(format!("{path} is not JSON{place}: the credential provider gives up")));
    }
    if let Some(wrong) = azure.wrong_types.first() {
        let what = if wrong.key.is_empty() { "all of it".to_owned() } else { format!("'{}'", wrong.key) };
        return Some(fail(format!(
            "{path}: {what} must be {} and is {}: the credential provider gives up",
            type_name(wrong.wanted),
            type_name(wrong.found)
        )));
    }
    match &azure.identity {
        Some(NodeIdentity::ServicePrincipal { client_id, .. })
            if client_id.as_str().eq_ignore_ascii_case("msi") =>
        {
            Some(fail(format!(
                "{path} does not set useManagedIdentityExtension and names 'msi' as a service principal: 'msi' is what the registry is shown as user and password"
            )))
        }
        Some(NodeIdentity::ServicePrincipal { client_id, .. }) if client_id.is_empty() => {
            Some(fail(format!("{path} names neither a managed identity nor a service principal")))
        }
        Some(NodeIdentity::ServicePrincipal { secret: false, certificate, federated, .. }) => {
            let instead = match (certificate, federated) {
                (true, _) => "; the credential provider takes no certificate",
                (_, true) => "; the credential provider takes no federated token",
                _ => "",
            };
            Some(fail(format!("{path} names a service principal without a secret{instead}")))
        }
        Some(NodeIdentity::Unknown) | None => Some(Answer::new(
            Status::Unknown,
            format!("as whom {path} signs in is not known to this version"),
        )),
        Some(_) => None,
    }
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "an object",
        JsonType::Unknown => "of a type that this version does not know",
    }
}

/// What is wrong with the configuration of the credential providers.
fn provider(view: &View<'_>, facts: &NodeFacts) -> Option<Answer> {
    let providers = &facts.providers;
    let host = view.registry_host();
    let file = providers.files.first().map(|file| file.path.as_str().to_owned());
    let shown = file.clone().unwrap_or_else(|| "its place".to_owned());
    let at = At { file, host: Some(host.to_owned()), ..At::default() };
    let fail = |message: String, cause: CauseId| Answer::fail(message).confirms(cause);
    let answer = if let Some(malformed) = &providers.malformed {
        let place = malformed.place.map(|p| format!(" (line {}, column {})", p.line, p.column));
        fail(
            format!(
                "{} cannot be read{}: the kubelet does not start with it",
                malformed.path,
                place.unwrap_or_default()
            ),
            CredentialProviderNotConfigured,
        )
    } else if let Some(key) = providers.unknown_keys.first() {
        fail(
            format!("{shown} has the key '{key}', for which the kubelet does not start"),
            CredentialProviderNotConfigured,
        )
    } else if !providers.files.iter().any(|file| file.state == FileState::Read) {
        match providers.source {
            ProviderSource::NotInFlags => fail(
                "the kubelet's flags name no credential provider: it signs in nowhere".to_owned(),
                CredentialProviderNotConfigured,
            ),
            ProviderSource::Flags if providers.all_missing() => fail(
                format!("{shown}, which the kubelet's flags name, is not there"),
                CredentialProviderNotConfigured,
            ),
            ProviderSource::Flags => Answer::new(
                Status::Unknown,
                format!("{shown}, which the kubelet's flags name, could not be read"),
            ),
            _ => Answer::new(
                Status::Unknown,
                format!("no configuration of credential providers at {shown}; AKS' own was assumed"),
            ),
        }
    } else {
        match providers.providers.iter().find(|provider| provider.matches) {
            None => {
                let geo = acr_host(host).is_some_and(|h| h.region.is_some() && !h.data);
                let cause =
                    if geo { RegionalEndpointNodeImageTooOld } else { CredentialProviderNotConfigured };
                fail(
                    format!("no entry of matchImages in {shown} is for {host}: the kubelet asks no provider"),
                    cause,
                )
            }
            Some(provider) => match provider.program.state {
                FileState::Missing => fail(
                    format!("the credential provider {} is not there", provider.program.path),
                    CredentialProviderNotConfigured,
                ),
                FileState::Read if !provider.executable => fail(
                    format!("the credential provider {} cannot be executed", provider.program.path),
                    CredentialProviderNotConfigured,
                ),
                _ => return None,
            },
        }
    };
    Some(answer.at(at))
}

/// The registries of the clouds that `azure.json` may name (cloud-provider-azure's `pkg/azclient/cloud.go`).
const CLOUDS: [(&str, &str); 5] = [
    ("AZUREPUBLICCLOUD", ".azurecr.io"),
    ("AZURECLOUD", ".azurecr.io"),
    ("AZURECHINACLOUD", ".azurecr.cn"),
    ("AZUREUSGOVERNMENTCLOUD", ".azurecr.us"),
    ("AZUREUSGOVERNMENT", ".azurecr.us"),
];

/// A managed identity's token is for hosts of the four clouds' registries whose name is one plain label, and for any host of the
/// node's own cloud (cloud-provider-azure's `pkg/credentialprovider`, `parseACRLoginServerFromImage`).
fn of_another_cloud(view: &View<'_>, azure: &AzureJson) -> Option<Answer> {
    let host = view.registry_host();
    let suffix = acr_host(host)?.suffix;
    let label = host.get(..host.len().checked_sub(suffix.len())?)?;
    let named = azure.cloud.as_ref()?.as_str();
    let (_, own) = CLOUDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(named))?;
    let plain = label.chars().all(|c| c.is_ascii_alphanumeric());
    let principal = matches!(azure.identity, Some(NodeIdentity::ServicePrincipal { .. }));
    (!plain && suffix != *own && !principal).then(|| {
        Answer::fail(format!(
            "{} names the cloud {named}, whose registries end with {own}, and for {host} its provider presents nothing",
            azure.file.path
        ))
        .allows(&[NodeAzureJsonIdentityMisconfigured, CrossTenantIdentity])
        .at(At { host: Some(host.to_owned()), ..At::default() })
    })
}

/// What a service principal's provider hands out is for hosts of three labels (cloud-provider-azure's
/// `pkg/credentialprovider`).
fn regional(view: &View<'_>, azure: &AzureJson) -> Option<Answer> {
    let host = view.registry_host();
    let principal = matches!(azure.identity, Some(NodeIdentity::ServicePrincipal { .. }));
    let five = family(host) == Family::Acr && host.split('.').count() > 3;
    (principal && five).then(|| {
        Answer::fail(format!(
            "what the provider hands over for a service principal is for *.azurecr.io, and {host} has more labels: the kubelet \
             presents nothing there"
        ))
        .confirms(RegionalEndpointServicePrincipal)
        .at(At { host: Some(host.to_owned()), ..At::default() })
    })
}
