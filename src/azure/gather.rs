//! What is asked of Azure, and in which order: who asks, where it may look, and then everything at once.

mod applications;
mod cache;
mod cluster;
mod grants;
mod nodes;
mod private;
mod registry;
mod users;

use std::time::Duration;

use jiff::Timestamp;
use probes::credential::Login;
use probes::foreign::Foreign;
use probes::net::Net;
use probes::service::Service;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use self::grants::Who;
pub use self::grants::{APPLICATION, DEFINITIONS, PRINCIPAL};
use super::arm::Api;
use super::sign_in::{Operator, REGISTRIES, Tokens, is_for_audience, sign_in};
use super::{Ask, NodeHint, read, trouble};
use crate::case::azure::{
    Azure, Grants, ManagedCluster, OPERATOR, Registry, RegistryToken, SignIn, Trouble, TroubleKind, is_guid,
};

/// The most subscriptions that are looked in.
const SUBSCRIPTIONS: usize = 50;

/// Signs in and reads what there is to be read. `elsewhere` tells what is learnt meanwhile: where the nodes are, where no cluster
/// and no node is named; on a node whose token it was given. `pulls` waits for the operator's own login, where they are who pulls.
pub async fn gather(
    net: &Net,
    ask: &Ask,
    tokens: &Tokens,
    elsewhere: impl Future<Output = Option<NodeHint>>,
    pulls: Option<oneshot::Sender<Login>>,
) -> Azure {
    let mut azure = Azure { cloud: ask.cloud.name.clone(), ..Azure::default() };
    let service = Service::new(net);
    let since = Instant::now();
    let manager = ask.cloud.manager_audience.as_str();
    let operator = sign_in(&service, ask, (tokens, manager), &mut azure.troubles).await;
    azure.sign_in_ms = millis(since.elapsed());
    if operator.is_none() && azure.troubles.iter().any(is_for_audience) {
        azure.sign_in = for_registries_alone(&service, ask, tokens, pulls).await;
    } else if let Some(operator) = operator {
        let (registries, ()) = tokio::join!(
            for_registries(&operator, pulls),
            look(ask, &operator, (elsewhere, (net.clock)()), &mut azure)
        );
        if let Some(sign_in) = &mut azure.sign_in {
            sign_in.registries = registries;
        }
    }
    azure.troubles = once(std::mem::take(&mut azure.troubles));
    azure
}

/// Tells whoever waits for it the operator's own login, and the rest of what there is to tell of it.
async fn for_registries(
    operator: &Operator<'_, '_>,
    pulls: Option<oneshot::Sender<Login>>,
) -> Option<RegistryToken> {
    let pulls = pulls?;
    Some(match operator.registries().await {
        Ok(login) => {
            // Whoever waited may be through.
            let _ = pulls.send(login);
            RegistryToken::Had
        }
        Err(trouble) => RegistryToken::Missing { trouble },
    })
}

/// The same where the resource manager is what nobody may sign in for.
async fn for_registries_alone(
    service: &Service<'_>,
    ask: &Ask,
    tokens: &Tokens,
    pulls: Option<oneshot::Sender<Login>>,
) -> Option<SignIn> {
    let pulls = pulls?;
    let operator = sign_in(service, ask, (tokens, REGISTRIES), &mut Vec::new()).await?;
    let registries = for_registries(&operator, Some(pulls)).await;
    Some(SignIn { registries, ..operator.facts() })
}

/// The operator's own login once more, for a further look of the same run.
pub async fn sign_in_again(net: &Net, ask: &Ask, tokens: &Tokens, pulls: oneshot::Sender<Login>) {
    let service = Service::new(net);
    if let Some(operator) = sign_in(&service, ask, (tokens, REGISTRIES), &mut Vec::new()).await {
        for_registries(&operator, Some(pulls)).await;
    }
}

/// Asks about users of whom nothing was known when the rest was asked: those of a node's pull secrets.
pub async fn ask_of_users(net: &Net, ask: &Ask, tokens: &Tokens, names: &[String], azure: &mut Azure) {
    let Some(mut registry) = azure.registry.take() else { return };
    let service = Service::new(net);
    if let Some(operator) =
        sign_in(&service, ask, (tokens, &ask.cloud.manager_audience), &mut azure.troubles).await
    {
        let manager = operator.manager();
        let subscriptions: Vec<&str> =
            azure.sign_in.iter().flat_map(|sign_in| &sign_in.subscriptions).map(Foreign::as_str).collect();
        let (found, (mut applications, mut troubles)) = tokio::join!(
            users::read(&manager, &registry, names, (net.clock)()),
            applications::read(&operator, &manager, (Some(&registry), &subscriptions), names),
        );
        azure.applications.append(&mut applications);
        azure.troubles.append(&mut troubles);
        keep(&mut registry, found, &mut azure.troubles);
    }
    azure.registry = Some(registry);
    azure.troubles = once(std::mem::take(&mut azure.troubles));
}

fn keep(registry: &mut Registry, found: users::Users, troubles: &mut Vec<Trouble>) {
    let users::Users { users, regenerations, troubles: mut more } = found;
    registry.users.extend(users);
    registry.regenerations = regenerations.or(registry.regenerations.take());
    troubles.append(&mut more);
}

/// A subscription to look in.
struct Place {
    subscription: String,
    tenant: Option<String>,
}

async fn look(
    ask: &Ask,
    operator: &Operator<'_, '_>,
    (elsewhere, now): (impl Future<Output = Option<NodeHint>>, Timestamp),
    azure: &mut Azure,
) {
    tokio::pin!(elsewhere);
    let manager = operator.manager();
    let places = places(ask, &manager, &mut azure.troubles).await;
    let mut sign_in = operator.facts();
    sign_in.subscriptions = places.iter().map(|place| Foreign::new(&place.subscription)).collect();
    let own = sign_in.object_id.as_ref().map(ToString::to_string).filter(|_| ask.own);
    azure.sign_in = Some(sign_in);
    let (found, (cluster, mut more), (zones, mut last)) = tokio::join!(
        registry::find(ask, &manager, &places),
        async {
            let node = match (&ask.cluster, &ask.node) {
                (Some(_), _) => None,
                (None, Some(node)) => Some(node.clone()),
                (None, None) => (&mut elsewhere).await,
            };
            cluster::find(ask.cluster.as_ref(), node.as_ref(), &manager, &places).await
        },
        private::zones(ask, &manager, &places),
    );
    let registry::Found { registry, alike, mut troubles } = found;
    azure.alike = alike;
    for found in [&mut troubles, &mut more, &mut last] {
        azure.troubles.append(found);
    }
    azure.zones = zones;
    // Beside a cluster's identity the operator's own rights are asked about apart.
    let (own, beside) = match ask.cluster {
        Some(_) => (None, own),
        None => (own, None),
    };
    let subscriptions = subscriptions(&places);
    let (grants, around, (endpoints, mut troubles), users, (applications, mut of_applications), of_operator) = tokio::join!(
        async {
            let node = match &ask.node {
                Some(node) => {
                    let object = elsewhere.await.and_then(|learnt| learnt.object);
                    Some(NodeHint { object, ..node.clone() })
                }
                None => None,
            };
            let known = (cluster.as_ref(), node.as_ref(), own);
            granted(operator, &manager, (registry.as_ref(), &subscriptions), known).await
        },
        nodes::read(&manager, cluster.as_ref()),
        private::endpoints(&manager, registry.as_ref()),
        of_registry(&manager, registry.as_ref(), &ask.users, now),
        applications::read(operator, &manager, (registry.as_ref(), &subscriptions), &ask.users),
        async {
            let who = Who::Principal { object: beside?, is: OPERATOR.to_owned() };
            let at = (registry.as_ref()?.id.as_str(), &subscriptions[..]);
            grants::read(&manager, operator, at, &who).await.0
        },
    );
    azure.operator = of_operator;
    azure.applications = applications;
    azure.troubles.append(&mut of_applications);
    azure.private_endpoints = endpoints;
    azure.registry = registry;
    if let (Some(registry), Some((cache, users))) = (&mut azure.registry, users) {
        registry.cache_rules = cache.rules;
        registry.credential_sets = cache.sets;
        azure.troubles.extend(cache.troubles);
        keep(registry, users, &mut azure.troubles);
    }
    let (grants, object, mut of_grants) = grants;
    azure.grants = grants;
    azure.troubles.append(&mut of_grants);
    let nodes::Nodes { scale_sets, egress, subnets, networks, troubles: mut of_nodes } = around;
    azure.scale_sets = scale_sets;
    azure.troubles.append(&mut of_nodes);
    azure.troubles.append(&mut troubles);
    azure.cluster = cluster.map(|(cluster, _)| ManagedCluster {
        service_principal_object: object.map(|id| Foreign::new(&id)),
        egress,
        subnets: subnets.or(cluster.subnets),
        networks,
        ..cluster
    });
}

/// What the registry itself knows of users, and of other registries.
async fn of_registry(
    manager: &Api<'_, '_>,
    registry: Option<&Registry>,
    names: &[String],
    now: Timestamp,
) -> Option<(cache::Cache, users::Users)> {
    let registry = registry?;
    let cache = cache::read(manager, registry.id.as_str());
    Some(tokio::join!(cache, users::read(manager, registry, names, now)))
}

/// Each trouble once: several requests may meet the same.
fn once(troubles: Vec<Trouble>) -> Vec<Trouble> {
    let mut kept: Vec<Trouble> = Vec::new();
    for trouble in troubles {
        let alike = |known: &Trouble| Trouble { correlation_id: None, ..known.clone() };
        if !kept.iter().any(|known| alike(known) == alike(&trouble)) {
            kept.push(trouble);
        }
    }
    kept
}

/// The grants at the registry of who pulls, with the object id of a service principal that was looked up for it.
async fn granted(
    operator: &Operator<'_, '_>,
    manager: &Api<'_, '_>,
    (registry, subscriptions): (Option<&Registry>, &[&str]),
    (cluster, node, own): (Option<&(ManagedCluster, Value)>, Option<&NodeHint>, Option<String>),
) -> (Option<Grants>, Option<String>, Vec<Trouble>) {
    let mut troubles = Vec::new();
    let cluster = cluster.map(|(cluster, _)| cluster);
    let profile = cluster.and_then(|cluster| cluster.kubelet.as_ref());
    let kubelet = profile.and_then(|kubelet| kubelet.object_id.as_ref());
    let mut looked_up = None;
    let is_kubelets = |object: &str| kubelet.is_some_and(|own| own.as_str().eq_ignore_ascii_case(object));
    // What the node itself names counts where its cluster is not known, or where it names another one than the cluster.
    let client = profile.and_then(|kubelet| kubelet.client_id.as_ref());
    let is_profiles = |named: &String| client.is_some_and(|own| own.as_str().eq_ignore_ascii_case(named));
    let named = node
        .and_then(|node| node.client.clone())
        .filter(|named| cluster.is_none() || profile.is_some() && !is_profiles(named));
    let principal = cluster.and_then(|cluster| Some(cluster.service_principal.as_ref()?.to_string()));
    let is = if principal.is_some() { "service principal" } else { "node's identity" };
    let token = node.and_then(|node| node.object.clone());
    let who = match (token, kubelet.filter(|_| named.is_none()), principal.or(named)) {
        (Some(object), _, _) => {
            let is = if is_kubelets(&object) { "kubelet identity" } else { "node's identity" };
            Who::Principal { object, is: is.to_owned() }
        }
        (None, Some(object), _) => {
            Who::Principal { object: object.to_string(), is: "kubelet identity".to_owned() }
        }
        (None, None, Some(client)) => match grants::service_principal(operator, &client, PRINCIPAL).await {
            Ok(object) => {
                looked_up = Some(object.clone());
                Who::Principal { object, is: is.to_owned() }
            }
            Err(trouble) => {
                troubles.push(trouble);
                Who::Nobody
            }
        },
        (None, None, None) => match own {
            Some(object) => Who::Principal { object, is: OPERATOR.to_owned() },
            None => Who::Nobody,
        },
    };
    let Some(registry) = registry else { return (None, looked_up, troubles) };
    let (grants, mut more) =
        grants::read(manager, operator, (registry.id.as_str(), subscriptions), &who).await;
    troubles.append(&mut more);
    (grants, looked_up, troubles)
}

fn subscriptions(places: &[Place]) -> Vec<&str> {
    places.iter().map(|place| place.subscription.as_str()).collect()
}

/// The subscriptions to look in. One that is named by its id is looked in, whatever the list says.
async fn places(ask: &Ask, manager: &Api<'_, '_>, troubles: &mut Vec<Trouble>) -> Vec<Place> {
    const DURING: &str = "list the subscriptions";
    let listed = manager.list(DURING, "/subscriptions", &[("api-version", "2022-12-01")]).await;
    let is_whole = listed.trouble.is_none();
    let items = listed.items(troubles);
    let place = |item: &Value| {
        let text = |name: &str| read::raw(item, name).map(str::to_owned);
        Some(Place { subscription: text("subscriptionId")?, tenant: text("tenantId") })
    };
    let told = |kind, told: String| trouble::of(kind, DURING, told);
    let Some(wanted) = ask.subscription.as_deref() else {
        let mut all: Vec<Place> = items.iter().filter_map(place).collect();
        if all.is_empty() && is_whole {
            let why = "whoever has signed in sees no subscription".to_owned();
            troubles.push(told(TroubleKind::NotFound, why));
        } else if all.len() > SUBSCRIPTIONS {
            let why = format!(
                "there are {} subscriptions, and {SUBSCRIPTIONS} were looked in; name one with --subscription",
                all.len()
            );
            troubles.push(told(TroubleKind::Answer, why));
            all.truncate(SUBSCRIPTIONS);
        }
        return all;
    };
    let is_wanted = |item: &&Value| {
        let own = ["subscriptionId", "displayName"].into_iter().filter_map(|name| read::raw(item, name));
        own.into_iter().any(|own| own.eq_ignore_ascii_case(wanted))
    };
    let found: Vec<Place> = items.iter().filter(is_wanted).filter_map(place).collect();
    match found.is_empty() {
        true if is_guid(wanted) => vec![Place { subscription: wanted.to_owned(), tenant: None }],
        true => {
            troubles.push(told(
                TroubleKind::NotFound,
                format!("whoever has signed in sees no subscription '{wanted}'"),
            ));
            found
        }
        false => found,
    }
}

/// The tenant of a resource: that of its subscription.
fn tenant_of(id: &str, places: &[Place]) -> Option<Foreign> {
    let own = id.split('/').nth(2)?;
    let place = places.iter().find(|place| place.subscription.eq_ignore_ascii_case(own))?;
    place.tenant.as_deref().map(Foreign::new)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
