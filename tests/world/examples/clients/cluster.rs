//! The world that the clients come to, who they are in it, and how they are called.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use world::{Call, Running, World};

use crate::{Failure, ok};

pub(crate) const REGISTRY: &str = "contosoacr.azurecr.io";
pub(crate) const REPOSITORY: &str = "team/web";
pub(crate) const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const SUBSCRIPTION: &str = "bbbbbbbb-0000-4000-8000-000000000001";

/// Whose tokens the workload's identity accepts.
pub(crate) const ISSUER: &str = "https://oidc.contoso.com/aks1/";
/// For which service account.
pub(crate) const SUBJECT: &str = "system:serviceaccount:team:web";

/// The clients whose versions are said.
const SAID: [&str; 4] = ["azure-identity", "azure-containerregistry", "azure-cli", "msal"];

/// Where a fresh azure-cli looks for a newer one of itself, whatever it is told. It goes on without an answer.
const NEWEST: &str = "azcliprod.blob.core.windows.net";

/// Somebody that the directory knows.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// The place in the world's list of identities.
    number: u8,
    /// The client secret.
    pub(crate) secret: &'static str,
}

/// The kubelet's identity.
pub(crate) const KUBELET: Known = Known { number: 1, secret: "" };
/// A service principal that may pull everything.
pub(crate) const CI: Known = Known { number: 2, secret: "right-secret-of-ci" };
/// A service principal without a role on the registry.
pub(crate) const STRANGER: Known = Known { number: 3, secret: "right-secret-of-stranger" };
/// A service principal whose secret has expired.
pub(crate) const EXPIRED: Known = Known { number: 4, secret: "secret-of-last-year" };
/// A managed identity that the node does not have.
pub(crate) const ELSEWHERE: Known = Known { number: 5, secret: "" };
/// The identity of a workload, which no node has.
pub(crate) const WORKLOAD: Known = Known { number: 6, secret: "" };
/// A person who may pull everything.
pub(crate) const ALICE: Known = Known { number: 7, secret: "right-password-of-alice" };
/// A person whose password is not enough.
pub(crate) const BOB: Known = Known { number: 8, secret: "right-password-of-bob" };

impl Known {
    pub(crate) fn client_id(self) -> String {
        format!("11111111-0000-4000-8000-{:012}", self.number)
    }

    pub(crate) fn object_id(self) -> String {
        format!("22222222-0000-4000-8000-{:012}", self.number)
    }
}

/// A private registry and those who come to it; `more` is said of the world, `ci` of the service principal that may pull.
pub(crate) fn world(more: &str, ci: &str) -> Result<World, Failure> {
    let secret = |known: Known| format!("kind = 'service-principal'\nsecret = '{}'", known.secret);
    let (alice, bob) = (ALICE.secret, BOB.secret);
    let (ci_secret, stranger, expired) = (secret(CI), secret(STRANGER), secret(EXPIRED));
    let text = format!(
        "{more}
        registry.anonymous = []
        [[identity]]
        reader = true
        [[identity]]
        {ci_secret}
        {ci}
        [[identity]]
        {stranger}
        pull = []
        [[identity]]
        {expired}
        secret_expired = true
        [[identity]]
        attached = false
        [[identity]]
        attached = false
        federated = [{{ issuer = '{ISSUER}', subject = '{SUBJECT}' }}]
        [[identity]]
        name = 'alice'
        kind = 'user'
        secret = '{alice}'
        [[identity]]
        name = 'bob'
        kind = 'user'
        secret = '{bob}'
        mfa = true"
    );
    Ok(text.parse()?)
}

/// A world, and the clients in it.
#[derive(Clone, Copy)]
pub(crate) struct Clients<'a> {
    pub(crate) world: &'a Running,
    pub(crate) venv: &'a Path,
}

impl Clients<'_> {
    /// One of the Python programs of `tests/world/clients`. They leave nothing behind beside themselves.
    pub(crate) fn python(self, program: &str, words: &[&str]) -> Call {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        Call::new(self.world, self.venv.join("bin/python"))
            .named(program)
            .args(["-B".into(), place.join(program).into_os_string()])
            .args(words)
            .env("AZURE_CONFIG_DIR", self.world.path("nobody"))
    }

    /// azure-cli, with a folder of its own for each who signs in.
    pub(crate) fn az(self, folder: &str, words: &[&str]) -> Call {
        Call::new(self.world, self.venv.join("bin/az"))
            .args(words)
            .args(["--output", "json"])
            .env("AZURE_CONFIG_DIR", self.world.path(&format!("az-{folder}")))
    }

    /// azure-cli where names lead as this file says: in a mount namespace of its own, for what looks names up itself.
    pub(crate) fn az_with_hosts(self, folder: &str, hosts: &Path, words: &[&str]) -> Call {
        let inside = [
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            "mount --bind \"$0\" /etc/hosts && exec \"$@\"",
        ];
        Call::new(self.world, "unshare")
            .named("az")
            .args(inside)
            .args([hosts, &self.venv.join("bin/az")])
            .args(words)
            .env("AZURE_CONFIG_DIR", self.world.path(&format!("az-{folder}")))
    }

    /// Whether the clients are those that the requirements name, to the last library.
    pub(crate) async fn versions(self) -> Result<(), Failure> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/requirements.txt");
        let found = self.python("versions.py", &[&file.to_string_lossy()]).said().await?.json()?;
        for client in SAID {
            let version =
                found[client].as_str().ok_or_else(|| format!("the requirements have no {client}"))?;
            ok(client, version);
        }
        let own = self.az("nobody", &["version"]).said().await?;
        if own.json()?["azure-cli"] != found["azure-cli"] {
            return Err(own.unexpected("the version that is installed").into());
        }
        let skopeo = Call::new(self.world, "skopeo").args(["--version"]).said().await?;
        let skopeo = skopeo.succeeded(&["skopeo version"])?;
        ok("skopeo", skopeo.stdout().trim().trim_start_matches("skopeo version "));
        Ok(())
    }

    /// How many requests were seen so far.
    pub(crate) fn count(self) -> usize {
        self.world.requests().len()
    }

    /// Whether the exchanges after so many requests ended with this status. Some clients make one for each request.
    pub(crate) fn exchanged(self, after: usize, status: u16) -> Result<(), Failure> {
        let requests = self.world.requests().into_iter().skip(after);
        let all: Vec<u16> =
            requests.filter(|one| one.path.starts_with("/oauth2/exchange")).map(|one| one.status).collect();
        match all.is_empty() || all.iter().any(|one| *one != status) {
            true => Err(format!("the exchanges ended with {all:?}, not {status}").into()),
            false => Ok(()),
        }
    }

    /// No client asked for a host that the world does not have; the door refuses that, so nothing left this machine.
    pub(crate) fn nobody_asked_elsewhere(self) -> Result<(), Failure> {
        let requests = self.world.requests();
        match requests.iter().find(|request| request.status == 502 && request.host != NEWEST) {
            Some(request) => Err(format!("a client wanted to go to {}{}", request.host, request.path).into()),
            None => Ok(()),
        }
    }
}

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Result<Value, Failure> {
    let body = token.split('.').nth(1).ok_or("a token of one part")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body)?)?)
}

/// Whether claims are as they must be.
pub(crate) fn agree(claims: &Value, expected: &[(&str, &str)]) -> Result<(), Failure> {
    for (name, value) in expected {
        if claims[name] != *value {
            return Err(format!("the claim {name} is {}, not {value}", claims[name]).into());
        }
    }
    let number = |name: &str| claims[name].as_i64().ok_or_else(|| format!("no claim {name}"));
    if number("nbf")? > number("iat")? || number("iat")? >= number("exp")? {
        return Err("a token that is never valid".into());
    }
    Ok(())
}
