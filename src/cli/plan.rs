//! A command line that makes sense: every flag read, every file that is read at all read, every contradiction refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use probes::credential::Login;
use probes::net::{Resolver, Roots, Route, Routes};
use probes::observation::Platform;
use probes::target::Target;

use super::CheckArgs;
use super::value::{duration, nameserver};
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
    /// The credential that counts.
    pub login: Login,
    /// Why it is that one, where the reader may wonder.
    pub login_note: Option<String>,
    /// The resolver's settings.
    pub resolver: Resolver,
    /// What is dialled instead of what.
    pub routes: Routes,
    /// Whom we trust.
    pub roots: Roots,
    /// The proxy that the environment names.
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
    ) -> Result<Self, Usage> {
        let target = Target::parse(&args.target).map_err(|e| Usage(format!("{e} ({})", e.cause())))?;
        supported("--from", &args.from, &["workstation"])?;
        supported("--tier", args.tier.as_slice(), &["observe"])?;
        let platform = Platform::parse(&args.platform).map_err(|e| Usage(format!("--platform: {e}")))?;
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
        let wait = args.wait.as_deref().map(|t| duration("--wait", t)).transpose().map_err(Usage)?;
        let repeat = match args.repeat {
            Some(0) => return Err(Usage("--repeat 0 looks at nothing; give at least 1".to_owned())),
            Some(n) if n > 1000 => return Err(Usage(format!("--repeat {n} is more than 1000"))),
            other => other.unwrap_or(1),
        };
        selection(&args.check, &args.skip)?;
        let resolver = resolver(&args.resolver)?;
        let routes: Vec<Route> = args
            .connect_to
            .iter()
            .map(|t| t.parse().map_err(|e| Usage(format!("--connect-to {e}"))))
            .collect::<Result<_, _>>()?;
        let roots = probes::system::roots(args.ca_file.as_deref()).map_err(|e| Usage(e.to_string()))?;
        let (login, login_note, login_variables) = login::choose(&args, &target, env, stdin)?;
        variables.extend(login_variables);
        variables.extend(style_variables);
        let proxy = proxy(env, args.plain_http);
        variables.extend(proxy.as_ref().map(|proxy| proxy.variable.clone()));
        variables.sort();
        let output = Output::new(&args.output, style)?;
        let save_case = args.save_case.map(crate::output::private_file).transpose()?;
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
        if let Some(file) = &args.docker_config {
            settings.insert("dockerConfig".to_owned(), file.display().to_string());
        }
        if !routes.is_empty() {
            settings.insert("connectTo".to_owned(), args.connect_to.join(" "));
        }
        Ok(Self {
            target,
            platform,
            login,
            login_note,
            resolver,
            routes: Routes(routes),
            roots,
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

/// The proxy that Go's rules put in effect (`golang.org/x/net/http/httpproxy`): the variable of the scheme, upper case
/// first.
fn proxy(env: &BTreeMap<String, String>, plain_http: bool) -> Option<ProxyInEffect> {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    let names = if plain_http { ["HTTP_PROXY", "http_proxy"] } else { ["HTTPS_PROXY", "https_proxy"] };
    let variable = names.into_iter().find(|name| set(name).is_some())?;
    let exempt = set("NO_PROXY").or(set("no_proxy")).map(String::as_str).unwrap_or_default();
    let exempt =
        exempt.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(str::to_owned).collect();
    Some(ProxyInEffect { variable: variable.to_owned(), exempt })
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

fn resolver(given: &[String]) -> Result<Resolver, Usage> {
    if given.is_empty() {
        return Ok(probes::system::resolver());
    }
    let nameservers = given.iter().map(|t| nameserver(t)).collect::<Result<_, _>>().map_err(Usage)?;
    Ok(Resolver { nameservers, source: "--resolver".to_owned(), ndots: 1, ..Resolver::default() })
}
