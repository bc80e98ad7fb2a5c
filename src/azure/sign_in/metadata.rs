//! The machine's own identity, by its metadata service.

use std::time::Duration;

use probes::net::{Net, Patience};
use probes::observation::HttpOutcome;
use probes::proxy::Proxies;
use probes::secret::Secret;
use probes::service::{Request, Service};
use tokio::time::Instant;
use url::Url;

use super::{during, entra};
use crate::azure::trouble;
use crate::case::azure::{Trouble, TroubleKind, Way};

const ADDRESS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const API_VERSION: &str = "2018-02-01";
/// It is on the machine's own network: what does not answer soon is not there.
const STEP: Duration = Duration::from_secs(2);

/// A token of the identity with a client id, or of the only one.
pub(super) async fn token(
    service: &Service<'_>,
    client: Option<&str>,
    audience: &str,
) -> Result<Secret<String>, Trouble> {
    let way = Way::ManagedIdentity;
    let given = service.net();
    let step = STEP.min(given.patience.step);
    // Its address is the machine's alone; a proxy would ask for itself.
    let net = Net {
        proxies: Proxies::default(),
        plugin_proxies: Proxies::default(),
        patience: Patience { step, deadline: given.patience.deadline.min(Instant::now() + 3 * step) },
        ..given.clone()
    };
    let here = Service::new(&net);
    let mut url = Url::parse(ADDRESS).map_err(|_| trouble::odd(during(way), None))?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("api-version", API_VERSION).append_pair("resource", audience);
        if let Some(client) = client {
            query.append_pair("client_id", client);
        }
    }
    let headers = vec![("metadata", "true".to_owned())];
    let answer = here.ask(&Request { url, bearer: None, headers, form: None }).await;
    match &answer.outcome {
        HttpOutcome::Reply(reply) => Ok(entra::given(service, way, reply, &answer.body)?),
        _ => {
            let trouble = trouble::body(&here, during(way), answer).err();
            let told = trouble.map(|trouble| trouble.detail.to_string()).unwrap_or_default();
            Err(trouble::of(
                TroubleKind::Unreachable,
                during(way),
                format!("the metadata service does not answer: {told}"),
            ))
        }
    }
}
