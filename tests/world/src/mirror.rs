//! A mirror of the registry, as containerd asks one: `?ns=` says for which registry it stands.

use crate::glob;
use crate::plan::Server;
use crate::registry::errors::{error, json, text};
use crate::registry::{Ask, Registry, between};
use crate::reply::Reply;

/// The mirror's answer; everybody may pull from it.
pub(crate) fn answer(registry: &Registry, server: &Server, ask: &Ask) -> Reply {
    let Some(mirror) = &server.host.mirror else { return Reply::status(500) };
    if !matches!(ask.method.as_str(), "GET" | "HEAD") {
        return Reply::status(405).body("text/plain; charset=utf-8", "Method Not Allowed\n");
    }
    let path = ask.path.as_str();
    if path == "/v2/" || path == "/v2" {
        return json("{}").header("docker-distribution-api-version", "registry/2.0");
    }
    let parts = ["/manifests/", "/blobs/", "/tags/list"]
        .into_iter()
        .find_map(|what| Some((what, between(path, what)?)));
    let Some((what, (repository, reference))) = parts else {
        return Reply::status(404).body("text/plain; charset=utf-8", "404 page not found\n");
    };
    let usual = registry.namespaces();
    let namespaces = mirror.namespaces.as_deref().unwrap_or(&usual);
    // Without a namespace it stands for its first one, as a pull-through cache of one registry does.
    let stands =
        ask.field("ns").is_none_or(|asked| namespaces.iter().any(|known| known.eq_ignore_ascii_case(asked)));
    if !stands || !glob::any(&mirror.has, repository) {
        let detail = format!("{{\"name\":{}}}", text(repository));
        return error(404, "NAME_UNKNOWN", "repository name not known to registry", Some(&detail));
    }
    match what {
        "/manifests/" => registry.stored_manifest(ask, repository, reference),
        "/blobs/" => registry.stored_blob(ask, repository, reference),
        _ => registry.stored_tags(ask, repository),
    }
    .header("docker-distribution-api-version", "registry/2.0")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::directory::Directory;
    use crate::plan::Plan;
    use crate::schema::World;

    /// The mirror of a world under a key, asked for these targets.
    fn statuses(world: &str, key: &str, targets: &[&str]) -> Vec<u16> {
        let world: World = world.parse().expect("a world");
        let plan = Plan::new(&world);
        let registry = Registry::new(&world, &plan, Arc::new(Directory::new(&world, &plan)));
        let server = &plan.servers[key];
        targets
            .iter()
            .map(|target| {
                let url = url::Url::parse(&format!("https://h{target}")).expect("a target");
                let ask = Ask {
                    method: "GET".to_owned(),
                    path: url.path().to_owned(),
                    query: url.query_pairs().into_owned().collect(),
                    ..Ask::default()
                };
                answer(&registry, server, &ask).status
            })
            .collect()
    }

    const MANIFEST: &str = "/v2/team/web/manifests/v1";

    #[test]
    fn it_serves_the_namespace_that_it_stands_for() {
        let world = "registry.anonymous = []\n[host.'mirror.contoso.com']\nmirror = {}";
        let own = format!("{MANIFEST}?ns=contosoacr.azurecr.io");
        let other = format!("{MANIFEST}?ns=docker.io");
        let missing = "/v2/team/web/manifests/v9?ns=contosoacr.azurecr.io";
        let targets = ["/v2/", MANIFEST, &own, &other, missing, "/v2/team/web/tags/list", "/login"];
        assert_eq!(statuses(world, "mirror.contoso.com", &targets), [200, 200, 200, 404, 404, 200, 404]);
    }

    #[test]
    fn it_may_stand_for_others_and_lack_images() {
        let hub = "registry.flavour = 'hub'\n[host.'localhost:8578']\nmirror = {}";
        let nginx = "/v2/library/nginx/manifests/latest";
        let [docker, own] = ["docker.io", "registry-1.docker.io"].map(|name| format!("{nginx}?ns={name}"));
        assert_eq!(statuses(hub, "localhost:8578", &[&docker, &own]), [200, 200]);
        let world =
            "[host.'10.224.0.9:5000']\nmirror = { namespaces = ['mcr.microsoft.com'], has = ['team/*'] }";
        let named = format!("{MANIFEST}?ns=mcr.microsoft.com");
        let targets = [named.as_str(), MANIFEST, "/v2/other/manifests/v1"];
        assert_eq!(statuses(world, "10.224.0.9:5000", &targets), [200, 200, 404]);
    }
}
