//! A world with an operator in it, and a run that asks its Azure.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use probes::net::{Net, Patience, Resolver, Routes};
use probes::proxy::Proxies;
use probes::secret::Secret;
use probes::service::{Answer, Request as Ask, Service};
use pullcheck::case::Case;
use pullcheck::case::azure::{Azure, TroubleKind};
use world::command::Command;
use world::log::Request;
use world::runner::{call, runtime};
use world::{Running, World};

pub(crate) const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const SUBSCRIPTION: &str = "bbbbbbbb-0000-4000-8000-000000000001";
pub(crate) const SECRET: &str = "s3cret-of-the-operator";

/// The identity that the nodes pull with, and an operator who may read all.
pub(crate) const OPERATOR: &str = "
    [[identity]]
    [[identity]]
    name = 'ops'
    kind = 'service-principal'
    secret = 's3cret-of-the-operator'
";
/// The operator's client id: the second of the page's identities.
pub(crate) const CLIENT: &str = "11111111-0000-4000-8000-000000000002";
/// The object id of the first.
pub(crate) const KUBELET: &str = "22222222-0000-4000-8000-000000000001";

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) case: Case,
    pub(crate) saved: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) requests: Vec<Request>,
    pub(crate) took: Duration,
}

impl Ran {
    /// What Azure said.
    pub(crate) fn azure(&self) -> &Azure {
        self.case.azure.as_ref().expect("Azure was asked")
    }

    /// The kinds of trouble, each with what was being done.
    pub(crate) fn troubles(&self) -> Vec<(TroubleKind, &str)> {
        self.azure().troubles.iter().map(|one| (one.kind, one.during.as_str())).collect()
    }

    /// The paths that a host was asked for.
    pub(crate) fn asked(&self, host: &str) -> Vec<&str> {
        self.requests.iter().filter(|one| one.host == host).map(|one| one.path.as_str()).collect()
    }
}

/// The variables of a service principal with a secret.
pub(crate) fn secret() -> Vec<(&'static str, String)> {
    let own = [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", CLIENT), ("AZURE_CLIENT_SECRET", SECRET)];
    own.map(|(name, value)| (name, value.to_owned())).to_vec()
}

/// Runs a check of the usual image in a world, with these variables and flags; `$DIR` is the run's folder.
pub(crate) fn run(world: &str, env: &[(&str, String)], flags: &str) -> Ran {
    run_with(world, env, flags, |_| {})
}

/// The same, with files that are put into the run's folder first.
pub(crate) fn run_with(
    world: &str,
    env: &[(&str, String)],
    flags: &str,
    prepare: impl FnOnce(&Running),
) -> Ran {
    let line =
        format!("pullcheck check contosoacr.azurecr.io/team/web:v1 --save-case $DIR/case.json {flags}");
    run_line(world, env, &line, prepare)
}

/// The same of a whole command line.
pub(crate) fn run_line(
    world: &str,
    env: &[(&str, String)],
    line: &str,
    prepare: impl FnOnce(&Running),
) -> Ran {
    let runtime = runtime().expect("a runtime");
    let world: World = world.parse().expect("a world");
    let running = runtime.block_on(world.start()).expect("it starts");
    prepare(&running);
    let dir = running.path("").to_string_lossy().trim_end_matches('/').to_owned();
    let mut command = Command::parse(line, &dir).expect("a command").wired(&running.flags());
    let set = env.iter().map(|(name, value)| ((*name).to_owned(), value.replace("$DIR", &dir)));
    command.env.extend(set.collect::<BTreeMap<_, _>>());
    let since = Instant::now();
    let (exit, stdout, stderr) = call(&command).expect("it ends");
    let took = since.elapsed();
    assert_ne!(exit, 2, "{stderr}");
    let saved = std::fs::read_to_string(running.path("case.json")).expect("a case");
    let case = Case::read("case.json", &saved).expect("a case");
    Ran { case, saved, stdout, stderr, requests: running.requests(), took }
}

/// The present time.
#[expect(clippy::disallowed_methods, reason = "the world's certificates and tokens are of now")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Asks a server of a world by hand.
pub(crate) fn by_hand(running: &Running, url: &str, form: Option<String>) -> Answer {
    let flags = running.flags();
    let routes = flags.chunks(2).filter(|pair| pair[0] == "--connect-to");
    let net = Net {
        resolver: Resolver { nameservers: running.nameservers().to_vec(), ..Resolver::default() },
        routes: Routes(routes.map(|pair| pair[1].parse().expect("a route")).collect()),
        roots: probes::system::roots_of(&running.ca_file()).expect("authorities"),
        patience: Patience { deadline: tokio::time::Instant::now() + LONG, step: LONG / 2 },
        proxies: Proxies::default(),
        plugin_proxies: Proxies::default(),
        plain_http: false,
        clock: now,
    };
    let url = url.parse().expect("an address");
    let form = form.map(Secret::new);
    let asked = async { Service::new(&net).ask(&Ask { url, bearer: None, headers: Vec::new(), form }).await };
    runtime().expect("a runtime").block_on(asked)
}

const LONG: Duration = Duration::from_secs(20);

/// The operator's token for an audience, as azure-cli would have it.
pub(crate) fn token(running: &Running, audience: &str) -> String {
    let form = format!(
        "client_id={CLIENT}&client_secret={SECRET}&grant_type=client_credentials&scope={audience}/.default"
    );
    let url = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    let answer = by_hand(running, &url, Some(form));
    let said: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    said["access_token"].as_str().expect("a token").to_owned()
}
