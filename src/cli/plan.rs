//! A command line that makes sense: every flag read, every file that is read at all read, every contradiction refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use probes::credential::Login;
use probes::facts::node::NodeFacts;
use probes::net::{Resolver, Roots, Route, Routes};
use probes::observation::Platform;
use probes::place::Named;
use probes::proxy::{Proxies, Proxy};
use probes::source::Sources;
use probes::target::Target;
use probes::vantage::Vantage;

use super::cluster::ClusterPlan;
use super::value::{duration, nameserver};
use super::{CheckArgs, DEFAULT_PLATFORM, node};
use crate::azure;
use crate::case::ProxyInEffect;
use crate::checks::CATALOGUE;
use crate::login;
use crate::output::Output;
use crate::render::Style;

/// What is wrong with a command line: one message that names the input and the way out.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// A `check` that can be run.
pub struct Plan {
    /// The image or registry.
    pub target: Target,
    /// The platform that an index is read for.
    pub platform: Platform,
    /// The place.
    pub vantage: Vantage,
    /// The credentials that count, in the order in which they are tried; never none.
    pub logins: Vec<Login>,
    /// Why it is the first one, where the reader may wonder.
    pub login_note: Option<String>,
    /// The cluster whose kubelets are asked too.
    pub cluster: Option<ClusterPlan>,
    /// What is asked of Azure.
    pub azure: Option<azure::Ask>,
    /// Whether the operator's sign-in is what the workstation pulls as.
    pub operator: bool,
    /// What the node's files say.
    pub files: Option<NodeFacts>,
    /// The hosts that the node's runtime asks, where its settings name others than the registry.
    pub sources: Option<Sources>,
    /// The resolver's settings.
    pub resolver: Resolver,
    /// What is dialled instead of what.
    pub routes: Routes,
    /// Whom we trust.
    pub roots: Roots,
    /// The proxies of whoever pulls here.
    pub proxies: Proxies,
    /// The proxies of the kubelet's credential provider.
    pub plugin_proxies: Proxies,
    /// The same for the reader.
    pub proxy: Option<ProxyInEffect>,
    /// Speak plain http.
    pub plain_http: bool,
    /// The longest that looking may take.
    pub timeout: Duration,
    /// The longest that one step may take.
    pub step: Duration,
    /// Look again until the claim is proven, at most this long.
    pub wait: Option<Duration>,
    /// Look this often.
    pub repeat: u32,
    /// The checks that were asked for; empty for all.
    pub check: Vec<String>,
    /// The checks that were left out.
    pub skip: Vec<String>,
    /// Whether warnings count.
    pub fail_on_warn: bool,
    /// Where the case is saved: the file is open, so that a failure comes before the work.
    pub save_case: Option<(PathBuf, File)>,
    /// What is written where.
    pub output: Output,
    /// The names of the environment variables in effect.
    pub variables: Vec<String>,
    /// Settings that change what is seen, for the reader.
    pub settings: BTreeMap<String, String>,
}

/// The default of `--timeout`.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The default of `--step-timeout`: what a Go program gives a TLS handshake.
const STEP: Duration = Duration::from_secs(10);

impl Plan {
    /// Reads what the flags of `check` mean.
    pub(crate) fn new(
        args: CheckArgs,
        env: &BTreeMap<String, String>,
        stdin: &mut dyn Read,
        (style, style_variables): (Style, Vec<String>),
        clock: fn() -> Timestamp,
    ) -> Result<Self, Usage> {
        let azure = args.azure.read()?;
        let named = args.target.clone().or_else(|| azure.target(env)).unwrap_or_default();
        let target = Target::parse(&named).map_err(|e| Usage(format!("{e} ({})", e.cause())))?;
        let azure = azure.ask(&target, env)?;
        supported("--from", &args.from, if args.on_node { &["node"] } else { &["workstation", "kubelet"] })?;
        let named_platform = args.platform.clone();
        let platform = args.platform.clone().unwrap_or_else(|| usual_platform(args.on_node));
        let platform = Platform::parse(&platform).map_err(|e| Usage(format!("--platform: {e}")))?;
        let mut variables = Vec::new();
        let timeout = match (&args.timeout, env.get("PULLCHECK_TIMEOUT")) {
            (Some(text), _) => duration("--timeout", text).map_err(Usage)?,
            (None, Some(text)) => {
                variables.push("PULLCHECK_TIMEOUT".to_owned());
                duration("PULLCHECK_TIMEOUT", text).map_err(Usage)?
            }
            (None, None) => TIMEOUT,
        };
        let step = match &args.step_timeout {
            // Half leaves time for at least one step after it.
            Some(text) => duration("--step-timeout", text).map_err(Usage)?.min(timeout / 2),
            // A third leaves time for the looks that follow a silence.
            None => STEP.min(timeout / 3),
        };
        let named_platform = named_platform.is_some().then_some(&platform);
        let cluster = ClusterPlan::new(&args, &target, named_platform, (timeout, step, clock), env)?;
        let wait = args.wait.as_deref().map(|t| duration("--wait", t)).transpose().map_err(Usage)?;
        let repeat = match args.repeat {
            Some(0) => return Err(Usage("--repeat 0 looks at nothing; give at least 1".to_owned())),
            Some(n) if n > 1000 => return Err(Usage(format!("--repeat {n} is more than 1000"))),
            other => other.unwrap_or(1),
        };
        selection(&args.check, &args.skip)?;
        let Place { place, login_note, variables: of_place, settings: of_files } = match args.on_node {
            true => node::place(&args, &target, env, stdin)?,
            false => workstation(&args, &target, env, stdin)?,
        };
        let routes: Vec<Route> = args
            .connect_to
            .iter()
            .map(|t| t.parse().map_err(|e| Usage(format!("--connect-to {e}"))))
            .collect::<Result<_, _>>()?;
        let probes::place::Place {
            vantage,
            logins,
            files,
            sources,
            resolver,
            roots,
            proxies,
            plugin_proxies,
        } = place;
        let node = files.as_ref().map(|files| azure::NodeHint::of(&files.azure_json));
        let users =
            logins.iter().filter_map(|login| login.credential.own_user()).map(str::to_owned).collect();
        // Who names a credential, or none, is not to be signed in as somebody else.
        let named = args.anonymous || args.docker_config.is_some();
        let nobody = logins.iter().all(|login| login.credential.is_anonymous());
        let of_azure = azure.as_ref().is_some_and(|ask| ask.host.is_some()) && !args.plain_http;
        let operator = matches!(vantage, Vantage::Workstation) && nobody && !named && of_azure;
        let own = operator && cluster.is_none();
        let azure = azure.map(|ask| azure::Ask { node, users, own, ..ask });
        variables.extend(of_place);
        variables.extend(style_variables);
        variables.extend(azure.iter().flat_map(|ask| ask.means.variables()).cloned());
        let proxy = in_effect(&proxies, args.plain_http);
        let named = proxy.as_ref().map(|proxy| proxy.variable.clone());
        variables.extend(named.filter(|name| env.contains_key(name)));
        variables.sort();
        let output = Output::new(&args.output, style)?;
        // Of a plan there is no case.
        let planned = cluster.as_ref().is_some_and(|cluster| cluster.plan_only);
        let save_case = args.save_case.clone().filter(|_| !planned);
        let save_case = save_case.map(crate::output::private_file).transpose()?;
        let mut settings = BTreeMap::new();
        settings.insert(
            "nameservers".to_owned(),
            format!("{} ({})", list(&resolver.nameservers), resolver.source),
        );
        settings.insert("roots".to_owned(), roots.source.name());
        if args.anonymous {
            settings.insert("anonymous".to_owned(), "asked for".to_owned());
        }
        if let Some(note) = &login_note {
            settings.insert("credentialNote".to_owned(), note.clone());
        }
        settings.extend(of_files);
        settings.extend(args.azure.settings());
        settings.extend(cluster.iter().flat_map(|_| ClusterPlan::settings(&args)));
        if let Some(file) = &args.docker_config {
            settings.insert("dockerConfig".to_owned(), file.display().to_string());
        }
        if !routes.is_empty() {
            settings.insert("connectTo".to_owned(), args.connect_to.join(" "));
        }
        Ok(Self {
            target,
            platform,
            vantage,
            logins,
            login_note,
            cluster,
            azure,
            operator,
            files,
            sources,
            resolver,
            routes: Routes(routes),
            roots,
            proxies,
            plugin_proxies,
            proxy,
            plain_http: args.plain_http,
            timeout,
            step,
            wait,
            repeat,
            check: args.check,
            skip: args.skip,
            fail_on_warn: args.fail_on.is_some(),
            save_case,
            output,
            variables,
            settings,
        })
    }
}

/// What is different from place to place.
pub(super) struct Place {
    pub(super) place: probes::place::Place,
    pub(super) login_note: Option<String>,
    pub(super) variables: Vec<String>,
    pub(super) settings: BTreeMap<String, String>,
}

fn workstation(
    args: &CheckArgs,
    target: &Target,
    env: &BTreeMap<String, String>,
    stdin: &mut dyn Read,
) -> Result<Place, Usage> {
    let named = named(args, env)?;
    let (login, login_note, variables) = login::choose(args, target, env, stdin)?;
    let place = probes::place::machine(Vantage::Workstation, vec![login], &named);
    Ok(Place { place, login_note, variables, settings: BTreeMap::new() })
}

/// What the flags name in the place of what is found.
pub(super) fn named(args: &CheckArgs, env: &BTreeMap<String, String>) -> Result<Named, Usage> {
    let nameservers = args.resolver.iter().map(|t| nameserver(t)).collect::<Result<_, _>>().map_err(Usage)?;
    let roots = args.ca_file.as_deref().map(probes::system::roots_of).transpose();
    Ok(Named {
        nameservers,
        roots: roots.map_err(|e| Usage(e.to_string()))?,
        proxies: proxies(args, env)?,
        proxy_by_flag: args.proxy.is_some(),
    })
}

/// The proxies of `--proxy`, else of the environment.
fn proxies(args: &CheckArgs, env: &BTreeMap<String, String>) -> Result<Proxies, Usage> {
    let mut proxies = Proxies::from_variables(|name| env.get(name).map(String::as_str));
    if let Some(text) = &args.proxy {
        let Some(proxy) = Proxy::read(text, "--proxy") else {
            // What stands there may hold a password.
            return Err(Usage("--proxy is no address of a proxy; write it as http://HOST:PORT".to_owned()));
        };
        proxies.https = Some(proxy.clone());
        proxies.http = Some(proxy);
    }
    Ok(proxies)
}

/// The proxy in effect for a registry.
fn in_effect(proxies: &Proxies, plain_http: bool) -> Option<ProxyInEffect> {
    let proxy = if plain_http { proxies.http.as_ref() } else { proxies.https.as_ref() }?;
    Some(ProxyInEffect { variable: proxy.named_by.clone(), exempt: proxies.exempt.entries().to_vec() })
}

/// The platform that is looked for where none is named: on a node its own.
fn usual_platform(on_node: bool) -> String {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    if on_node { format!("linux/{arch}") } else { DEFAULT_PLATFORM.to_owned() }
}

fn list(servers: &[SocketAddr]) -> String {
    servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn supported(flag: &str, given: &[String], known: &[&str]) -> Result<(), Usage> {
    match given.iter().find(|g| !known.contains(&g.as_str())) {
        Some(other) => Err(Usage(format!(
            "{flag} '{other}' is not among what this version can do: {}",
            known.join(", ")
        ))),
        None => Ok(()),
    }
}

fn selection(check: &[String], skip: &[String]) -> Result<(), Usage> {
    for id in check.iter().chain(skip) {
        if !CATALOGUE.iter().any(|c| c.id == id) {
            let ids: Vec<&str> = CATALOGUE.iter().map(|c| c.id).collect();
            return Err(Usage(format!("no check is called '{id}'; there are {}", ids.join(", "))));
        }
    }
    match check.iter().find(|id| skip.contains(id)) {
        Some(id) => Err(Usage(format!("'{id}' is both in --check and in --skip; leave it in one"))),
        None => Ok(()),
    }
}
