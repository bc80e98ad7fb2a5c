use super::*;
use crate::facts::node::{Capability, FileState, HostFacts, HostsRejected, NodeFile, Place};
use crate::node::tree::Tree;
use crate::node::unit;

mod files;
mod hosts;

/// What containerd does for an image of `registry` on the node of a tree.
fn read_of(tree: &Tree, registry: &str) -> Read {
    let root = tree.root();
    let target = Target::parse(&format!("{registry}/a/b:c")).expect(registry);
    read(&root, &Service::read(&root, unit::CONTAINERD), &target)
}

/// A host in one line: `https://host/v2 pr skip X=1`.
fn line(setting: &HostSetting) -> String {
    let Capabilities { pull, resolve, push, referrers } = setting.capabilities;
    let letters = [(pull, 'p'), (resolve, 'r'), (push, 'w'), (referrers, 'f')];
    let letters: String = letters.iter().filter_map(|(has, letter)| has.then_some(*letter)).collect();
    let mut line = format!("{}://{}{} {letters}", setting.scheme, setting.host, setting.path);
    if setting.http_fallback {
        line.push_str(" fallback");
    } else if setting.skip_verify {
        line.push_str(" skip");
    }
    for (name, value) in &setting.headers {
        line.push_str(&format!(" {name}={}", value.expose()));
    }
    line
}

fn lines(hosts: &Hosts) -> String {
    hosts.mirrors.iter().chain([&hosts.server]).map(line).collect::<Vec<_>>().join(" | ")
}

/// That what may be shown agrees with what is to be done.
fn assert_facts(facts: &HostFacts, setting: &HostSetting) {
    assert_eq!(facts.address.as_str(), format!("{}://{}", setting.scheme, setting.host));
    assert_eq!(facts.path.as_str(), setting.path);
    assert_eq!(facts.capabilities.contains(&Capability::Pull), setting.capabilities.pull);
    assert_eq!(facts.skip_verify.unwrap_or(false), setting.skip_verify);
    assert_eq!(facts.http_fallback, setting.http_fallback);
    assert_eq!(
        facts.authorities.iter().map(|file| file.certificates).sum::<usize>(),
        setting.authorities.len()
    );
}
