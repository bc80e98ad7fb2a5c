//! `pull-secret`: whether the pull secret that was named holds a credential for the registry.

use probes::credential::Credential;
use probes::observation::{Fact, Flaw};

use super::seen::list;
use super::{Answer, At, Check, Place, View};
use crate::causes::{PullSecretMalformed, PullSecretServerMismatch};
use crate::report::Status;

/// The check.
pub const CHECK: Check = Check {
    id: "pull-secret",
    title: "the pull secret has a credential for the registry",
    explanation: "The docker configuration that stands for the pull secret is read as the kubelet reads it: user and password \
        of auths alone, keys compared by host, port, path and wildcards label by label. One entry that cannot be read spoils \
        the whole secret for the kubelet.",
    at: &[Place::Node],
    per_credential: true,
    needs: &[&["reference"]],
    causes: &[&[PullSecretServerMismatch, PullSecretMalformed]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let Credential::DockerConfig { key, .. } = view.credential else {
        return Some(Answer::new(Status::NotApplicable, "no pull secret is meant"));
    };
    // Something was seen as every credential: what came of presenting it, or why it was not presented.
    view.own().next()?;
    let flaw = view.own().find_map(|o| match &o.fact {
        Fact::Flawed(flaw) => Some(flaw),
        _ => None,
    });
    let registry = &view.case.target.registry;
    Some(match flaw {
        None => Answer::pass(format!("its entry {key} is for {registry}")),
        Some(Flaw::NoEntry { file, keys }) => {
            let keys = if keys.is_empty() { "none".to_owned() } else { list(keys) };
            // Beside what the node itself presents, a secret for other registries is nothing unusual.
            let others = view.case.tried().iter().any(|c| !c.is_anonymous() && c != view.credential);
            let message = format!("the pull secret has no entry for {registry}; it has {keys}");
            let answer = match others {
                true => Answer::new(Status::Warn, message).allows(&[PullSecretServerMismatch]),
                false => Answer::fail(message).confirms(PullSecretServerMismatch),
            };
            answer
                .saw(format!("read {file}"), format!("entries: {keys}"))
                .at(At { file: Some(file.as_str().to_owned()), ..At::default() })
        }
        Some(Flaw::Malformed { file, error }) => {
            Answer::fail(format!("the pull secret cannot be read: {error}"))
                .confirms(PullSecretMalformed)
                .saw(format!("read {file}"), error.clone())
                .at(At { file: Some(file.as_str().to_owned()), ..At::default() })
        }
        Some(Flaw::Helper { helper }) => Answer::fail(format!(
            "the pull secret leaves the credential to docker-credential-{helper}, which the kubelet does not run"
        ))
        .confirms(PullSecretMalformed),
        Some(_) => Answer::new(Status::Unknown, "why it cannot be used is not known to this version"),
    })
}
