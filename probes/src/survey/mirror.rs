//! The mirrors that a runtime asks before the registry, each on a way of its own (containerd
//! `core/remotes/docker/resolver.go`): without a credential, and with the registry's name in `ns`.

use super::Assignment;
use crate::attempt::{Attempt, Wish};
use crate::auth::Asked;
use crate::credential::Login;
use crate::foreign::Foreign;
use crate::hosts::{Hosts, Reached};
use crate::log::{Log, Shared};
use crate::net::Net;
use crate::observation::{Fact, Mirror, Role};
use crate::source::Source;

/// The most mirrors that are asked.
const MOST: usize = 16;

/// Asks one mirror after the other; what was seen of each is one observation.
pub(super) async fn mirrors(net: &Net, log: &mut Log<'_>, assignment: &Assignment<'_>, watch: &dyn Shared) {
    let mirrors = assignment.sources.map_or(&[][..], |sources| sources.mirrors.as_slice());
    for source in mirrors.iter().filter(|source| source.resolves || source.pulls).take(MOST) {
        let begun = log.begin("mirror", &source.host);
        let mut own = Log::new(net.clock, watch);
        own.scrub = log.scrub.clone();
        let had = Box::pin(mirror(net, &mut own, assignment, source)).await;
        let seen = Mirror {
            url: Foreign::new(&source.shown),
            host: source.origin().authority(),
            resolves: source.resolves,
            had,
            looks: own.observations,
        };
        log.end(begun, Role::Mirror, None, Fact::Mirror(seen));
    }
}

async fn mirror(net: &Net, log: &mut Log<'_>, assignment: &Assignment<'_>, source: &Source) -> bool {
    let target = assignment.target;
    let (Some(repository), Some(reference)) = (target.repository.as_deref(), target.manifest_reference())
    else {
        return false;
    };
    let net = trusting(net, source);
    let mut hosts = Hosts::new(&net);
    hosts.configure(source);
    let origin = source.origin();
    if hosts.reach(log, Role::Registry, &origin).await != Reached::Yes {
        return false;
    }
    let nobody = Login::anonymous();
    let mut attempt = Attempt::new(&mut hosts, origin, &nobody, repository);
    attempt.asks_in(&source.path);
    attempt.asks_for(&target.registry);
    let asked: Option<&Asked> = None;
    Box::pin(attempt.walk(log, asked, &Wish { reference, platform: assignment.platform })).await
}

/// The outside as it is for one host of the file: with its authorities, or without looking at certificates.
pub(super) fn trusting(net: &Net, source: &Source) -> Net {
    let mut net = net.clone();
    if !source.authorities.is_empty() {
        net.roots = net.roots.with(&source.authorities);
    }
    net.roots.skip_verify |= source.skip_verify;
    net
}
