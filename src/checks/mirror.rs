//! `mirror`: whether the hosts that the node's runtime asks before the registry help or spoil a pull.

use probes::observation::{
    Capability, DialOutcome, Fact, FileState, HostFacts, HostsForm, HostsRejected, Manifest, Mirror,
    NodeFacts, RegistryHosts,
};
use probes::survey::Survey;

use super::seen::list;
use super::{Answer, At, Check, Place, View, refusal};
use crate::case::Case;
use crate::causes::{ArtifactStreamingMirrorBroken, CauseId, MirrorReturnsHtml, RegistryMirrorMisconfigured};
use crate::report::Status;

/// The port on which AKS' artifact streaming listens on every node that has it.
const STREAMING_PORT: &str = ":8578";

/// The check.
pub const CHECK: Check = Check {
    id: "mirror",
    title: "no mirror of the node spoils the pull",
    explanation: "containerd asks the hosts of its hosts.toml before the registry, and goes on to the next where one fails, is \
        refused or has not the image; so a mirror that is down is a warning. It does not go on from a file that it cannot \
        read, nor from a mirror that answers for a tag with something that is no image. A mirror that has everything is enough \
        for a pull.",
    at: &[Place::Node],
    per_credential: false,
    needs: &[&["reference"]],
    causes: &[
        &[RegistryMirrorMisconfigured, ArtifactStreamingMirrorBroken, MirrorReturnsHtml],
        refusal::COMMON,
        super::token::REFUSED,
        super::tls::CERTIFICATE,
        super::dns::OWN,
        super::tcp::OWN,
        super::tls::OWN,
        super::challenge::OWN,
        super::manifest::OWN,
        super::platform::OWN,
    ],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let looks: Vec<&Mirror> = view
        .survey
        .observations
        .iter()
        .filter_map(|o| match &o.fact {
            Fact::Mirror(mirror) => Some(mirror),
            _ => None,
        })
        .collect();
    let facts = view.node_files()?;
    Some(with_odd_keys(&facts.registry, asked(view, facts, &looks)?))
}

/// The same answer with what containerd passes over in the file: whoever wrote it meant something by it.
fn with_odd_keys(registry: &RegistryHosts, answer: Answer) -> Answer {
    let mut odd: Vec<String> = Vec::new();
    if !registry.unknown_keys.is_empty() {
        odd.push(format!("keys that containerd does not know: {}", list(&registry.unknown_keys)));
    }
    if !registry.passed_over.is_empty() {
        odd.push(format!(
            "hosts that containerd 2 passes over, not set by a line of their own: {}",
            list(&registry.passed_over)
        ));
    }
    let Some(file) = registry.file.as_ref().filter(|_| !odd.is_empty()) else { return answer };
    let odd = odd.join("; ");
    let answer = answer.saw(format!("read {}", file.path), odd.clone());
    match answer.status {
        Status::NotApplicable => {
            Answer { status: Status::Warn, message: format!("{} has {odd}", file.path), ..answer }
                .allows(&[RegistryMirrorMisconfigured])
        }
        _ => answer,
    }
}

/// Nothing, where a mirror that the runtime asks was not looked at.
fn asked(view: &View<'_>, facts: &NodeFacts, looks: &[&Mirror]) -> Option<Answer> {
    let registry = &facts.registry;
    let file = registry.file.as_ref().map(|file| file.path.as_str().to_owned());
    let at = At { file: file.clone(), ..At::default() };
    if let Some(answer) = passed_over(facts).or_else(|| unusable(facts)) {
        return Some(answer.at(at));
    }
    if registry.form == HostsForm::Default {
        let known = facts.containerd.files.iter().any(|file| file.state == FileState::Read);
        let unseen = registry.directory.as_ref().filter(|directory| directory.state != FileState::Read);
        return Some(match (known, unseen) {
            (true, None) => no_mirror(),
            (true, Some(directory)) => {
                Answer::new(Status::Unknown, format!("{} could not be looked at", directory.path))
            }
            (false, _) => {
                Answer::new(Status::Unknown, "no configuration of containerd was found below the node's root")
            }
        });
    }
    if let Some(answer) = other_server(view, file.as_deref()) {
        return Some(answer.at(at));
    }
    if let Some(answer) = had(looks) {
        return Some(answer);
    }
    let is_asked = |host: &&HostFacts| {
        host.capabilities.iter().any(|c| matches!(c, Capability::Resolve | Capability::Pull))
    };
    if looks.len() < registry.mirrors.iter().filter(is_asked).count() {
        return None;
    }
    let answers: Vec<Answer> = looks.iter().map(|mirror| failed(view, mirror)).collect();
    let worst = answers.into_iter().max_by_key(|answer| answer.status);
    Some(match worst {
        Some(answer) => Answer { at: At { file, ..answer.at }, ..answer },
        None => no_mirror(),
    })
}

/// One of them that has everything.
fn had(looks: &[&Mirror]) -> Option<Answer> {
    let mirror = looks.iter().find(|mirror| mirror.had)?;
    let message = format!("the mirror {} has everything", mirror.url);
    Some(Answer::pass(message.clone()).saw(format!("pull from {}", mirror.url), message))
}

fn no_mirror() -> Answer {
    Answer::new(Status::NotApplicable, "the runtime's settings name no mirror for the registry")
}

/// A file of which containerd takes nothing (`loadHostDir` of its `core/remotes/docker/config/hosts.go`): it says so in its log,
/// and asks the registry as if there were no file.
fn passed_over(facts: &NodeFacts) -> Option<Answer> {
    let registry = &facts.registry;
    let file = registry.file.as_ref().map_or("hosts.toml", |file| file.path.as_str());
    let (what, saw) = match registry.rejected.as_ref()? {
        HostsRejected::Malformed { place } => {
            let place = place.map(|p| format!("line {}, column {}", p.line, p.column));
            (format!("{file} is no TOML"), place.unwrap_or_else(|| "no TOML".to_owned()))
        }
        HostsRejected::Value { key } => (format!("{file} has no valid '{key}'"), format!("the key {key}")),
        HostsRejected::Unknown => return None,
    };
    let message = format!("{what}: containerd passes over the whole file and asks the registry itself");
    let answer = Answer::new(Status::Warn, message).allows(&[RegistryMirrorMisconfigured]);
    Some(answer.saw(format!("read {file}"), saw))
}

/// Settings for which containerd pulls nothing at all.
fn unusable(facts: &NodeFacts) -> Option<Answer> {
    let registry = &facts.registry;
    let file = registry.file.as_ref().map_or("hosts.toml", |file| file.path.as_str());
    let fail = |what: String, saw: String| {
        let message = format!("{what}: containerd pulls nothing from this registry");
        Some(Answer::fail(message).confirms(RegistryMirrorMisconfigured).saw(format!("read {file}"), saw))
    };
    let hosts = registry.mirrors.iter().chain([&registry.server]);
    let bad = hosts.flat_map(|host| &host.authorities).find(|authority| {
        authority.certificates == 0
            && matches!(authority.file.state, FileState::Read | FileState::Missing | FileState::NotAFile)
    });
    let bad = bad?;
    let what = match bad.file.state {
        FileState::Read => "holds no certificate",
        _ => "is not there",
    };
    fail(format!("{}, which {file} names as an authority, {what}", bad.file.path), what.to_owned())
}

/// Another server in the registry's place, which does not answer as one.
fn other_server(view: &View<'_>, file: Option<&str>) -> Option<Answer> {
    let address = view.other_server()?;
    let steps = [super::dns::CHECK, super::tcp::CHECK, super::tls::CHECK, super::challenge::CHECK];
    let failed = steps.iter().filter_map(|check| (check.judge)(view)).find(|a| a.status == Status::Fail)?;
    let causes: Vec<CauseId> = failed.says.iter().map(|s| s.cause).collect();
    let message = format!(
        "{} puts {address} in the registry's place, and that fails: {}",
        file.unwrap_or("hosts.toml"),
        failed.message
    );
    Some(
        Answer::fail(message)
            .confirms(RegistryMirrorMisconfigured)
            .allows(&causes)
            .evidence(failed.evidence)
            .at(At { mirror: Some(address.to_owned()), ..failed.at }),
    )
}

/// What a mirror failed of.
fn failed(view: &View<'_>, mirror: &Mirror) -> Answer {
    let case = in_its_place(view.case, mirror);
    let survey = Survey { vantage: view.survey.vantage.clone(), observations: mirror.looks.clone() };
    let nobody = probes::credential::Credential::Anonymous;
    let own = View { case: &case, survey: &survey, credential: &nobody, pull: None, probe: None };
    let steps = [
        super::dns::CHECK,
        super::tcp::CHECK,
        super::proxy::CHECK,
        super::tls::CHECK,
        super::token::CHECK,
        super::manifest::CHECK,
        super::platform::CHECK,
        super::blob::CHECK,
    ];
    let ended = |answer: &Answer| matches!(answer.status, Status::Fail | Status::Unknown);
    let found = steps.iter().find_map(|check| {
        let answer = (check.judge)(&own).filter(ended)?;
        Some((check.id, answer))
    });
    let streaming = mirror.host.ends_with(STREAMING_PORT);
    let cause = if streaming { ArtifactStreamingMirrorBroken } else { RegistryMirrorMisconfigured };
    let Some((step, answer)) = found else {
        return Answer::new(Status::Unknown, format!("the mirror {} was not looked at whole", mirror.url));
    };
    let at = At { mirror: Some(mirror.url.as_str().to_owned()), ..answer.at.clone() };
    if answer.status == Status::Unknown {
        let message = format!("the mirror {}: {}", mirror.url, answer.message);
        return Answer { status: Status::Warn, message, says: Vec::new(), ..answer }.allows(&[cause]).at(at);
    }
    // What a tag means is settled by the first that answers for it, and containerd does not go on from there.
    if mirror.resolves && answered_for_the_tag(&survey) && matches!(step, "manifest" | "platform") {
        let message = format!(
            "the mirror {} answers for the tag, and what it gives is no use: {}",
            mirror.url, answer.message
        );
        let confirmed = answer.says.iter().any(|s| s.cause == MirrorReturnsHtml);
        let causes: Vec<CauseId> =
            answer.says.iter().map(|s| s.cause).filter(|c| *c != MirrorReturnsHtml).collect();
        let spoilt = Answer { message, says: Vec::new(), ..answer };
        let spoilt = if confirmed { spoilt.confirms(MirrorReturnsHtml) } else { spoilt.confirms(cause) };
        return spoilt.allows(&causes).at(at);
    }
    let refused = survey.observations.iter().any(|o| match &o.fact {
        Fact::Connect(connect) => connect.dials.iter().all(|d| d.outcome == DialOutcome::Refused),
        _ => false,
    });
    let what = if streaming && refused { " (AKS' artifact streaming)" } else { "" };
    let message = format!(
        "the mirror {}{what} is of no use, and containerd goes on to the registry: {}",
        mirror.url, answer.message
    );
    Answer { status: Status::Warn, message, says: Vec::new(), ..answer }.allows(&[cause]).at(at)
}

/// Whether a mirror gave an answer for the name that was asked for.
fn answered_for_the_tag(survey: &Survey) -> bool {
    let named = |manifest: &Manifest| manifest.child_of.is_none() && manifest.status() == Some(200);
    survey.observations.iter().any(|o| matches!(&o.fact, Fact::Manifest(manifest) if named(manifest)))
}

/// The case as if the mirror were the registry.
fn in_its_place(case: &Case, mirror: &Mirror) -> Case {
    let mut case = case.clone();
    case.target.registry.clone_from(&mirror.host);
    case.plain_http = mirror.url.as_str().starts_with("http://");
    case
}
