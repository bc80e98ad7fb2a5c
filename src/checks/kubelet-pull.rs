//! `kubelet-pull`: whether the kubelet pulled the image.

#[path = "kubelet-pull/secrets.rs"]
mod secrets;

use probes::cloud::{Family, family};

pub(crate) use self::secrets::may_have_secret;
pub(super) use self::secrets::missing_secrets;
use self::secrets::without_secrets;
use super::exchange::ROLE;
use super::{Answer, At, Check, Place, View, service_account};
use crate::case::cluster::Trouble;
use crate::case::pull::{Pull, Source, Word};
use crate::causes::{
    AcrManifestInconsistent, AcrPullRoleMissing, AcrQuarantine, AcrThrottled, CauseId,
    ConditionalAccessBlocksAcr, CredentialProviderNotConfigured, CredentialProviderReturnedNothing,
    DigestNotFound, ImdsUnreachable, KubeletIdentityDetachedFromVmss, MultipleIdentitiesNoClientId,
    NodeAzureJsonIdentityMisconfigured, ProxyMisconfigured, RegionalEndpointNodeImageTooOld,
    RegistryMirrorMisconfigured, SnatExhaustion, TagNotFound, TcpTimeout, TokenServiceError,
    TokenServiceUnreachable,
};
use crate::kubelet::{self, Context, Outcome};
use crate::report::{Says, Stance, Status};

/// A kubelet that comes to its failure this late has waited for something: its credential provider tries the metadata service
/// for close to a minute, and refusals come at once.
const METADATA_SILENCE_MS: u64 = 45_000;

/// Why a credential provider gives nothing.
const PROVIDER: &[CauseId] = &[
    CredentialProviderNotConfigured,
    KubeletIdentityDetachedFromVmss,
    MultipleIdentitiesNoClientId,
    ImdsUnreachable,
    NodeAzureJsonIdentityMisconfigured,
    ConditionalAccessBlocksAcr,
    AcrThrottled,
    TokenServiceError,
    TokenServiceUnreachable,
    ProxyMisconfigured,
];

/// The check.
pub const CHECK: Check = Check {
    id: "kubelet-pull",
    title: "the kubelet pulls the image",
    explanation: "A pod of the image itself is bound to the node, with the namespace's service account and pull secrets, the pull \
        policy Always and a command that does not exist: the kubelet pulls, with its own credentials and on its own network, and \
        nothing of the image runs. Every state after the pull counts as pulled. What keeps the pod from starting before a pull is \
        begun, and a pull that has not ended in time, is unknown.",
    at: &[Place::Kubelet],
    per_credential: false,
    needs: &[&["admission"]],
    causes: &[kubelet::SPEAKS_OF, ROLE, PROVIDER, &[SnatExhaustion]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let Some(pull) = view.pull else {
        return Some(Answer::new(Status::Unknown, format!("no kubelet was asked: {}", unmade(view)?)));
    };
    if pull.refused.is_some() {
        return None;
    }
    let place = pull.node.as_ref().map_or_else(|| "a node".to_owned(), |node| node.name.clone());
    if pull.pod.is_empty() {
        return Some(Answer::new(Status::Unknown, unasked(view, &place)));
    }
    if let Some(other) = moved(pull) {
        // Whatever was said, it was another kubelet that said it.
        let message = format!("{place} was not asked: admission put the canary on {other}");
        return Some(heard(pull, Answer::new(Status::Unknown, message)));
    }
    let outcome = kubelet::outcome(&pull.words);
    let open = matches!(outcome, Outcome::StillPulling | Outcome::Nothing);
    if let Some(why) = pull.cut_short.as_ref().filter(|_| open) {
        let message = format!("{place} was not heard to the end of its pull: {why}");
        return Some(heard(pull, Answer::new(Status::Unknown, message)));
    }
    let answer = match outcome {
        // An image that admission replaced proves nothing of the one that was meant.
        Outcome::Pulled | Outcome::Failed(_) | Outcome::Nothing if replaced(pull) => {
            Answer::new(Status::Unknown, "admission replaced the image of the canary")
        }
        Outcome::Pulled if unbidden(pull) => Answer::new(
            Status::Unknown,
            format!("admission changed the pull policy, and no pull was heard of: {place} may have had it"),
        ),
        Outcome::Pulled if pull.tag_refused.is_some() => {
            Answer::pass(format!("{place} pulled it by its digest; by its name no kubelet was asked"))
        }
        Outcome::Pulled => Answer::pass(format!("{place} pulled it")),
        Outcome::AlreadyPresent => {
            Answer::new(Status::Unknown, format!("{place} had it already and pulled nothing"))
        }
        Outcome::Failed(word) => return Some(failed(view, pull, word)),
        Outcome::StillPulling => {
            Answer::new(Status::Unknown, format!("{place} was still pulling when the time for it was over"))
        }
        Outcome::NotStarted(word) => {
            let message =
                format!("the pod on {place} did not get as far as a pull: {}: {}", word.reason, word.shown());
            // What kept it from one says nothing of the image.
            let says = kubelet::stances(word.reason.as_str(), word.message.as_str(), &context(view, pull));
            Answer { says, ..Answer::new(Status::Unknown, message) }
        }
        Outcome::Nothing => Answer::new(
            Status::Unknown,
            match unheard(view) {
                Some(trouble) => format!("what {place} says of it cannot be read: {trouble}"),
                None => match put_before(pull) {
                    Some(image) => format!(
                        "{place} did not come to the image in the time for it: admission put the image {image} before it"
                    ),
                    None => format!("{place} said nothing of a pull in the time for it"),
                },
            },
        ),
    };
    Some(heard(pull, answer))
}

/// Why no pod was made at all: the cluster itself stands in the way, or what was asked for, or the nodes that there are.
fn unmade(view: &View<'_>) -> Option<String> {
    let cluster = view.case.cluster.as_ref()?;
    // Without the right to list nodes a pod goes where the scheduler puts it.
    if let Some(trouble) = cluster.troubles.iter().find(|trouble| trouble.during != "list nodes") {
        return Some(trouble.to_string());
    }
    if view.case.settings.get("tier").is_some_and(|tier| tier == "observe") {
        return Some("no pod was created for it; --tier canary creates one".to_owned());
    }
    match cluster.left_out.as_slice() {
        [] => cluster.troubles.first().map(ToString::to_string),
        [only] => Some(format!("{}: {}", only.name, only.why.words())),
        several => {
            let mut why: Vec<&str> = several.iter().filter_map(|left| left.why.short()).collect();
            why.sort_unstable();
            why.dedup();
            let why = if why.is_empty() { "another platform" } else { &why.join(", ") };
            Some(format!("all {} nodes are left out ({why})", several.len()))
        }
    }
}

/// Why nobody could hear what a kubelet said.
fn unheard<'a>(view: &View<'a>) -> Option<&'a Trouble> {
    let troubles = &view.case.cluster.as_ref()?.troubles;
    troubles.iter().find(|trouble| ["get pods", "list events"].contains(&trouble.during.as_str()))
}

/// Why a node that was meant was not asked.
fn unasked(view: &View<'_>, place: &str) -> String {
    let Some(cluster) = &view.case.cluster else { return format!("{place} was not asked") };
    if let Some(left) = cluster.left_out.iter().find(|left| left.name == place) {
        return format!("{place} was not asked: {}", left.why.words());
    }
    // One of this node, or of the making of a pod.
    let of_node = format!("get node {place}");
    let trouble = cluster
        .troubles
        .iter()
        .find(|trouble| trouble.during == of_node)
        .or_else(|| cluster.troubles.iter().find(|trouble| trouble.during.starts_with("create ")));
    trouble.map_or_else(
        || format!("{place} was not asked: more nodes are wanted than --max-nodes allows"),
        |trouble| format!("{place} was not asked: {trouble}"),
    )
}

/// Whether another image was pulled than the one that was meant.
fn replaced(pull: &Pull) -> bool {
    pull.changed.iter().any(|change| change.field.ends_with(".image") || change.field == "spec.containers")
}

/// The node that admission put the canary on in place of the one that was meant.
fn moved(pull: &Pull) -> Option<&str> {
    pull.changed.iter().find(|change| change.field == "spec.nodeName").map(|change| change.found.as_str())
}

/// The first image that admission had pulled and run before the one that was meant.
fn put_before(pull: &Pull) -> Option<&str> {
    let put = pull.changed.iter().find(|change| change.field.starts_with("spec.initContainers["));
    put.map(|change| change.found.as_str())
}

/// Whether the kubelet may have gone on without a pull: only the policy that was asked for always has one.
fn unbidden(pull: &Pull) -> bool {
    pull.changed.iter().any(|change| change.field.ends_with(".imagePullPolicy"))
        && !pull.words.iter().any(|word| word.source == Source::Event && word.reason.as_str() == "Pulling")
}

/// What is known beside the kubelet's words.
fn context<'a>(view: &View<'_>, pull: &'a Pull) -> Context<'a> {
    Context {
        runtime: pull.node.as_ref().map_or("", |node| node.runtime.as_str()),
        azure: family(view.registry_host()) == Family::Acr,
        secrets: Some(!pull.secrets.is_empty()),
        image: &pull.image,
    }
}

fn failed(view: &View<'_>, pull: &Pull, word: &Word) -> Answer {
    let context = context(view, pull);
    let said = kubelet::read(word.message.as_str());
    let place =
        pull.node.as_ref().map_or_else(|| "the kubelet".to_owned(), |node| format!("kubelet {}", node.name));
    let decides = said.deciding().cloned().unwrap_or_default();
    let answer = Answer::fail(format!("{place}: {}", decides.innermost));
    let says: Vec<Says> = kubelet::stances(word.reason.as_str(), word.message.as_str(), &context);
    let says = without_secrets(says, pull);
    let says =
        with_kin(service_account::narrowed(says, service_account::facts(view), pull), pull, context.azure);
    let host = decides.host.as_ref().map(|host| super::reach::host_of(host.as_str()).to_owned());
    let client_ip = super::refusal::client_ip(word.message.as_str());
    let address = kubelet::dialled(decides.innermost.as_str());
    let answer = Answer { says, ..answer }.at(At { host, client_ip, address, ..At::default() });
    heard(pull, answer)
}

/// The same with the causes that a kubelet's words never tell apart from one of these: it goes on as nobody when its
/// credential provider gives nothing, and says no word of why.
fn with_kin(mut says: Vec<Says>, pull: &Pull, azure: bool) -> Vec<Says> {
    let allowed =
        |says: &[Says], cause: CauseId| says.iter().any(|s| s.cause == cause && s.stance == Stance::Allows);
    let mut kin: Vec<CauseId> = Vec::new();
    if allowed(&says, AcrPullRoleMissing) {
        kin.extend(ROLE);
    }
    if allowed(&says, CredentialProviderReturnedNothing) {
        kin.extend(PROVIDER);
    }
    // What a gateway that has run out of ports drops looks like any silence.
    if allowed(&says, TcpTimeout) {
        kin.push(SnatExhaustion);
    }
    // An image in quarantine, or in another region alone, is missing for whoever may only pull.
    if azure && allowed(&says, TagNotFound) {
        kin.extend([AcrQuarantine, AcrManifestInconsistent]);
    }
    // What is missing where a node asks may be missing there alone.
    if allowed(&says, TagNotFound) || allowed(&says, DigestNotFound) {
        kin.push(RegistryMirrorMisconfigured);
    }
    for cause in kin {
        if !says.iter().any(|s| s.cause == cause) {
            says.push(Says { cause, stance: Stance::Allows });
        }
    }
    // AKS' node images come with a provider for Azure's registries, old ones for those without a region alone.
    let is_aks = pull.node.as_ref().is_some_and(|node| node.image.as_str().starts_with("AKS"));
    if is_aks || allowed(&says, RegionalEndpointNodeImageTooOld) {
        says.retain(|s| s.cause != CredentialProviderNotConfigured);
    }
    let slow = pull.duration_ms >= METADATA_SILENCE_MS;
    if slow && allowed(&says, CredentialProviderReturnedNothing) {
        // Stable: first what is waited for so long.
        says.sort_by_key(|s| s.cause != ImdsUnreachable);
    }
    says
}

/// The answer with what was said of the pod.
fn heard(pull: &Pull, answer: Answer) -> Answer {
    pull.words.iter().filter(|word| tells(word)).fold(answer, |answer, word| {
        let by = word.by.as_ref().map_or("kubelet", |by| by.as_str());
        answer.saw(format!("{by}: {}", word.reason), word.shown().to_string())
    })
}

/// Whether a word is worth showing: neither the scheduler's nor the beginning of a pull, nor a state that an event has told
/// already, nor an event that names only that state.
fn tells(word: &Word) -> bool {
    let message = word.message.as_str();
    let bare = message.strip_prefix("Error: ").is_some_and(|state| !state.contains(' '));
    matches!(word.source, Source::Event | Source::Terminated)
        && !["Scheduled", "Pulling"].contains(&word.reason.as_str())
        && !bare
}

#[cfg(test)]
#[path = "kubelet-pull/tests.rs"]
mod tests;
