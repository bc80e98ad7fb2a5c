//! What the flags make of the probes that are sent into a cluster.

use std::time::Duration;

use probes::assignment::{Assignment, Credentials, PROTOCOL};
use probes::observation::Platform;
use probes::proxy::Proxy;
use probes::target::Target;
use probes::vantage::Vantage;

use super::plan::Usage;
use super::value::{nameserver, namespace};
use super::{CheckArgs, DEFAULT_PLATFORM};
use crate::cluster::ProbeAsk;

/// The most that is read of a file of certificates: more fits into no argument.
const CA_FILE: u64 = 1024 * 1024;

/// What is asked of probes; `None` for the tiers without any.
pub(super) fn ask(
    args: &CheckArgs,
    tier: &str,
    target: &Target,
    (platform, timeout, step): (Option<&Platform>, Duration, Duration),
) -> Result<Option<ProbeAsk>, Usage> {
    let given = &args.cluster;
    let host = tier == "host";
    if !host && tier != "pod" {
        let unused = [("--probe-image", &given.probe_image), ("--probe-namespace", &given.probe_namespace)];
        return match unused.iter().find(|(_, value)| value.is_some()) {
            Some((flag, _)) => {
                Err(Usage(format!("{flag} has no meaning with --tier {tier}; add --tier pod or --tier host")))
            }
            None => Ok(None),
        };
    }
    let Some(image) = given.probe_image.clone() else {
        return Err(Usage(format!(
            "--tier {tier} needs an image that holds the probe; name it with --probe-image REF"
        )));
    };
    if host && given.probe_namespace.is_none() {
        return Err(Usage(
            "--tier host needs --probe-namespace: name a namespace whose pods may have the host's network and files".to_owned(),
        ));
    }
    if !host && given.probe_namespace.is_some() {
        return Err(Usage(
            "--probe-namespace has no meaning with --tier pod, which looks from the namespace of use; leave it out".to_owned(),
        ));
    }
    if let Some(name) = &given.probe_namespace {
        namespace("--probe-namespace", name).map_err(Usage)?;
    }
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let told = Assignment {
        protocol: PROTOCOL,
        target: target.reference(),
        platform: platform.map_or_else(|| DEFAULT_PLATFORM.to_owned(), ToString::to_string),
        // Filled in for each pod, as are the credentials.
        vantage: Vantage::Unknown,
        host_root: None,
        host_paths: Vec::new(),
        azure_json: None,
        credentials: Credentials::Anonymous,
        docker_config: None,
        resolver: Vec::new(),
        connect_to: Vec::new(),
        ca_file: None,
        plain_http: args.plain_http,
        proxy: None,
        timeout_ms: millis(timeout),
        step_ms: millis(step),
    };
    // A node's own resolvers, authorities and proxies are what its kubelet has; what this machine needs says nothing of them.
    let told = if host { told } else { of_flags(args, told)? };
    Ok(Some(ProbeAsk {
        image,
        namespace: given.probe_namespace.clone(),
        host,
        platform_named: platform.is_some(),
        told,
    }))
}

/// The same as the flags say, which count for a pod, too.
fn of_flags(args: &CheckArgs, told: Assignment) -> Result<Assignment, Usage> {
    let resolver =
        args.resolver.iter().map(|text| nameserver(text)).collect::<Result<_, _>>().map_err(Usage)?;
    let ca_file = args.ca_file.as_deref().map(|path| {
        use std::io::Read as _;
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(CA_FILE).read_to_string(&mut text));
        read.map(|_| text)
            .map_err(|error| Usage(format!("--ca-file '{}' cannot be read: {error}", path.display())))
    });
    Ok(Assignment {
        resolver,
        connect_to: args.connect_to.clone(),
        ca_file: ca_file.transpose()?,
        // Without its user, who is no pod's to know.
        proxy: args.proxy.as_deref().and_then(|text| Proxy::read(text, "--proxy")).map(|proxy| proxy.shown()),
        ..told
    })
}
