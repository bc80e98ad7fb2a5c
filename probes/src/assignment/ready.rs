//! From an assignment's texts to what a survey takes.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Assignment, AssignmentError, Credentials};
use crate::credential::Login;
use crate::docker_config::kubelet_tries;
use crate::net::{Net, Patience, Route, Routes};
use crate::node::HostRoot;
use crate::observation::Platform;
use crate::place::{self, Named, Place, Tries};
use crate::proxy::{Proxies, Proxy};
use crate::survey;
use crate::system;
use crate::target::Target;
use crate::vantage::Vantage;

/// The longest that looking may take.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// An assignment that can be carried out. It has no `Debug`, since it holds secrets.
pub struct Ready {
    /// The image or registry.
    pub target: Target,
    /// The platform that an index is read for.
    pub platform: Platform,
    /// What the place gives to look with.
    pub place: Place,
    routes: Routes,
    plain_http: bool,
    timeout: Duration,
    step: Duration,
}

fn wrong(field: &'static str, why: impl Into<String>) -> AssignmentError {
    AssignmentError::Wrong { field, why: why.into() }
}

impl Assignment {
    /// Reads what the texts mean, and the files that they name; the variables are those of this program.
    ///
    /// # Errors
    ///
    /// [`AssignmentError`], which names the first field that is wrong.
    pub fn ready<'v>(&self, variable: impl Fn(&str) -> Option<&'v str>) -> Result<Ready, AssignmentError> {
        let target = Target::parse(&self.target).map_err(|e| wrong("target", format!("is none: {e}")))?;
        let platform =
            Platform::parse(&self.platform).map_err(|e| wrong("platform", format!("is none: {e}")))?;
        let named = self.named(variable)?;
        let read = |text: &String| text.parse::<Route>().map_err(|e| wrong("connectTo", format!("has {e}")));
        let routes = Routes(self.connect_to.iter().map(read).collect::<Result<_, _>>()?);
        let timeout = time("timeoutMs", self.timeout_ms)?;
        let step = time("stepMs", self.step_ms)?.min(timeout);
        let place = self.place(&target, &named)?;
        Ok(Ready { target, platform, place, routes, plain_http: self.plain_http, timeout, step })
    }

    /// What the assignment names in the place of what is found.
    fn named<'v>(&self, variable: impl Fn(&str) -> Option<&'v str>) -> Result<Named, AssignmentError> {
        let pem = self.ca_file.as_ref();
        let roots = pem.map(|pem| system::roots_in(pem.as_bytes(), "--ca-file")).transpose();
        // A pod may be given proxies in its environment; those of this program are no node's.
        let mut proxies = match self.vantage {
            Vantage::Pod(_) => Proxies::from_variables(variable),
            _ => Proxies::default(),
        };
        if let Some(text) = &self.proxy {
            // What stands there may hold a password all the same, and is not repeated.
            let proxy = Proxy::read(text, "--proxy").ok_or_else(|| wrong("proxy", "is no address"))?;
            if proxy.user.is_some() {
                return Err(wrong("proxy", "has a user, and whatever is told to a probe is no secret"));
            }
            proxies.https = Some(proxy.clone());
            proxies.http = Some(proxy);
        }
        Ok(Named {
            nameservers: self.resolver.clone(),
            roots: roots.map_err(|_| wrong("caFile", "holds no certificate in PEM form"))?,
            proxies,
            proxy_by_flag: self.proxy.is_some(),
        })
    }

    fn place(&self, target: &Target, named: &Named) -> Result<Place, AssignmentError> {
        let secrets = self.secrets(target)?;
        match &self.vantage {
            Vantage::Pod(_) => {
                for (field, given) in [
                    ("hostRoot", self.host_root.is_some()),
                    ("hostPaths", !self.host_paths.is_empty()),
                    ("azureJson", self.azure_json.is_some()),
                ] {
                    if given {
                        return Err(wrong(field, "is for a node, and the vantage is a pod"));
                    }
                }
                if self.credentials == Credentials::Kubelet {
                    return Err(wrong("credentials", "are a node's, and the vantage is a pod"));
                }
                let logins = secrets.into_iter().chain([Login::anonymous()]).collect();
                Ok(place::machine(self.vantage.clone(), logins, named))
            }
            Vantage::Node(_) => {
                let tries = match self.credentials {
                    Credentials::Anonymous => Tries::Nobody,
                    Credentials::PullSecret => Tries::Secrets(secrets),
                    Credentials::Kubelet => Tries::AsKubelet(secrets),
                };
                let azure_json = self.azure_json.as_deref().map(Path::new);
                let place = place::node(&self.root()?, azure_json, target, tries, named);
                // The cluster's name of the node, and not the machine's own.
                Ok(Place { vantage: self.vantage.clone(), ..place })
            }
            Vantage::Workstation
            | Vantage::Kubelet(_)
            | Vantage::Cluster
            | Vantage::Azure
            | Vantage::Unknown => Err(wrong("vantage", "is neither pod/NAME nor node/NAME")),
        }
    }

    fn root(&self) -> Result<HostRoot, AssignmentError> {
        let root = self.host_root.as_deref().ok_or(AssignmentError::Missing("hostRoot"))?;
        if !Path::new(root).is_dir() {
            return Err(wrong("hostRoot", "is no folder here"));
        }
        if self.host_paths.iter().any(|path| !path.starts_with('/')) {
            return Err(wrong("hostPaths", "are paths on the node, from its root on"));
        }
        Ok(match self.host_paths.is_empty() {
            true => HostRoot::new(root),
            false => HostRoot::of_parts(root, self.host_paths.iter().map(PathBuf::from)),
        })
    }

    fn secrets(&self, target: &Target) -> Result<Vec<Login>, AssignmentError> {
        match (&self.docker_config, self.credentials) {
            (None, Credentials::PullSecret) => Err(AssignmentError::Missing("dockerConfig")),
            (None, _) => Ok(Vec::new()),
            (Some(_), Credentials::Anonymous) => {
                Err(wrong("dockerConfig", "is a credential, and credentials are 'anonymous'"))
            }
            (Some(path), _) => {
                match (system::text_of(Path::new(path)), self.credentials) {
                    (Ok(text), _) => Ok(kubelet_tries(&text, path, target)),
                    // The kubelet goes on without a pull secret that is not there, and says so itself.
                    (Err(error), Credentials::Kubelet) if error.kind() == ErrorKind::NotFound => {
                        Ok(Vec::new())
                    }
                    (Err(error), _) => Err(wrong("dockerConfig", format!("cannot be read: {error}"))),
                }
            }
        }
    }
}

fn time(field: &'static str, milliseconds: u64) -> Result<Duration, AssignmentError> {
    let time = Duration::from_millis(milliseconds);
    match time {
        Duration::ZERO => Err(wrong(field, "leaves no time to look")),
        time if time > LONGEST => Err(wrong(field, "is more than a day")),
        time => Ok(time),
    }
}

impl Ready {
    /// The outside, for a look that begins now.
    pub fn net(&self, clock: fn() -> Timestamp) -> Net {
        Net {
            resolver: self.place.resolver.clone(),
            routes: self.routes.clone(),
            roots: self.place.roots.clone(),
            patience: Patience { deadline: Instant::now() + self.timeout, step: self.step },
            proxies: self.place.proxies.clone(),
            plugin_proxies: self.place.plugin_proxies.clone(),
            plain_http: self.plain_http,
            clock,
        }
    }

    /// What is looked at.
    pub fn survey(&self) -> survey::Assignment<'_> {
        survey::Assignment {
            vantage: self.place.vantage.clone(),
            target: &self.target,
            platform: &self.platform,
            awaited: std::cell::Cell::default(),
            logins: &self.place.logins,
            files: self.place.files.as_ref(),
            sources: self.place.sources.as_ref(),
            compare: false,
        }
    }
}
