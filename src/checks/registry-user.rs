//! `registry-user`: what the registry has under the name that somebody signs in by, by what Azure says.

#[path = "registry-user/token.rs"]
mod token;

use jiff::Timestamp;
use probes::credential::Credential;

use self::token::{Alive, alive, may_pull};
use super::registry_rules::unread;
use super::{Answer, Check, Place, View, acrpull_role};
use crate::case::Case;
use crate::case::azure::{Azure, Registry, TokenUser, is_application, is_guid, name_in};
use crate::causes::{
    AcrAbacConditionExcludesRepo, AcrAbacModeLegacyRole, AcrAdminCredentialsRegenerated,
    AcrAdminUserDisabled, AcrPullRoleMissing, AcrPullRoleOnWrongIdentity, CauseId, CrossTenantIdentity,
    RegistryPermissionMissing, RoleAssignmentPropagation, ScopeMapTokenExpired, ScopeMapTokenLacksRepo,
    ServicePrincipalNotInTenant,
};
use crate::report::{Says, Stance, Status};

/// The check.
pub const CHECK: Check = Check {
    id: "registry-user",
    title: "the user that signs in is one of the registry's, and may",
    explanation: "A user and password may be the registry's admin user, which has the registry's name, or one of its tokens, whose \
        scope map says which repositories it may pull, or an application, whose roles say it. Whether the admin user is switched \
        on, and when its passwords were last made anew, whether the token is enabled and has a password that has not expired, what \
        its scope map permits, and what role the application has is read; passwords never are. That something is wrong here is a \
        warning, and counts where the registry has refused that user.",
    at: &[Place::Azure],
    per_credential: false,
    needs: &[],
    causes: &[&[
        AcrAdminUserDisabled,
        AcrAdminCredentialsRegenerated,
        ScopeMapTokenExpired,
        ScopeMapTokenLacksRepo,
        RegistryPermissionMissing,
        AcrAbacConditionExcludesRepo,
        AcrPullRoleMissing,
        AcrPullRoleOnWrongIdentity,
        AcrAbacModeLegacyRole,
        RoleAssignmentPropagation,
        CrossTenantIdentity,
        ServicePrincipalNotInTenant,
    ]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let case = view.case;
    let users = users(case);
    if users.is_empty() {
        return Some(Answer::new(Status::NotApplicable, "nobody signs in by a name of the registry's"));
    }
    let azure = case.azure.as_ref()?;
    let Some(registry) = &azure.registry else { return Some(unread(azure, "the registry")) };
    let answers: Vec<Answer> = users.iter().map(|user| told(case, (azure, registry), user)).collect();
    let status = answers.iter().map(|answer| answer.status).max().unwrap_or(Status::Unknown);
    let worst = answers.iter().find(|answer| answer.status == status)?;
    let answer = Answer::new(status, worst.message.clone());
    let answer = answers.iter().fold(answer, |answer, one| answer.evidence(one.evidence.clone()));
    // Of several, what is said of one says nothing of another.
    let says = match users.as_slice() {
        [one] => of_user(case, registry, one),
        _ => Vec::new(),
    };
    Some(Answer { says, ..answer })
}

/// The names that somebody signs in by, from wherever it was looked, that may be the registry's own.
fn users(case: &Case) -> Vec<&str> {
    let probes = case.rounds.iter().flat_map(|round| &round.probes);
    let all = case.tried().iter().chain(probes.flat_map(|probe| &probe.credentials));
    let mut users: Vec<&str> = Vec::new();
    for user in all.filter_map(Credential::own_user).filter(|user| !is_guid(user) || is_application(user)) {
        if !users.contains(&user) {
            users.push(user);
        }
    }
    users
}

/// What is known of one user.
fn told(case: &Case, (azure, registry): (&Azure, &Registry), user: &str) -> Answer {
    let name = &registry.name;
    if is_application(user) {
        return of_roles(case, (azure, registry), user);
    }
    if registry.is_admin(user) {
        let answer = match registry.admin_user {
            Some(true) if registry.regenerations.is_none() => {
                let unread = unread(azure, "the activity log");
                let message =
                    format!("{user} is the admin user of {name}, which is switched on; {}", unread.message);
                Answer::new(Status::Unknown, message)
            }
            Some(true) => Answer::pass(format!("{user} is the admin user of {name}, which is switched on")),
            Some(false) => Answer::new(
                Status::Warn,
                format!("{user} is the admin user of {name}, which is switched off"),
            ),
            None => {
                Answer::new(Status::Unknown, format!("whether {name} has an admin user was not returned"))
            }
        };
        let last = registry.regenerations.as_ref().map(|log| match log.last {
            Some(at) => format!("last at {}", super::seen::time(at)),
            None => "not in the 90 days that the activity log keeps".to_owned(),
        });
        return last.into_iter().fold(answer, |answer, at| {
            answer.saw(format!("read when a password of the admin user of {name} was regenerated"), at)
        });
    }
    let Some(token) = registry.user(user) else {
        let unread = unread(azure, "the token");
        return Answer::new(Status::Unknown, format!("what {user} is at {name}: {}", unread.message));
    };
    if !token.exists {
        return Answer::new(
            Status::Warn,
            format!("{name} has no token {user}, and its admin user is {name}"),
        );
    }
    let map = token.scope_map.as_ref().map_or("it has", |id| name_in(id.as_str()));
    let repository = case.target.repository.as_deref();
    let answer = match (alive(token, case.started_at), may_pull(token, repository)) {
        (Alive::No(why), _) => Answer::new(Status::Warn, format!("the token {user} of {name} {why}")),
        (_, Some(false)) => Answer::new(
            Status::Warn,
            format!(
                "the scope map {map} of the token {user} does not let it pull from {}",
                repository.unwrap_or("the repository")
            ),
        ),
        (Alive::Partly, _) => Answer::new(
            Status::Warn,
            format!("a password of the token {user} of {name} has expired, and another one has not"),
        ),
        (Alive::Unknown, _) => Answer::new(
            Status::Unknown,
            format!("whether the token {user} of {name} is good was not returned"),
        ),
        (Alive::Yes, None) if repository.is_some() => {
            let unread = unread(azure, "its scope map");
            Answer::new(Status::Unknown, format!("{user} is an enabled token of {name}; {}", unread.message))
        }
        (Alive::Yes, _) => Answer::pass(format!(
            "{user} is an enabled token of {name}, and its scope map {map} lets it pull"
        )),
    };
    let passwords = token.passwords.as_ref().map(|all| match all.as_slice() {
        [] => "none".to_owned(),
        some => super::seen::list(some.iter().map(|one| match one.expiry {
            Some(at) => format!("{} until {}", one.name, super::seen::time(at)),
            None => format!("{} without end", one.name),
        })),
    });
    let actions = token.actions.as_ref().map(|all| super::seen::list(all.iter().take(10)));
    let seen = [("the passwords", passwords), ("the scope map's actions", actions)];
    seen.into_iter()
        .filter_map(|(what, value)| Some((what, value?)))
        .fold(answer, |answer, (what, value)| answer.saw(format!("read {what} of the token {user}"), value))
}

/// What is known of an application.
fn of_roles(case: &Case, (azure, registry): (&Azure, &Registry), user: &str) -> Answer {
    let Some(application) = azure.application(user) else {
        let unread = unread(azure, "the application");
        return Answer::new(
            Status::Unknown,
            format!("what {user} may do at {}: {}", registry.name, unread.message),
        );
    };
    if !application.exists {
        let message = format!("the directory has no service principal of the application {user}");
        return Answer::new(Status::Warn, message);
    }
    let answer = acrpull_role::of_application(case, azure, registry, application)
        .unwrap_or_else(|| unread(azure, "the role assignments"));
    // Settings make no failure.
    let status = if answer.status == Status::Fail { Status::Warn } else { answer.status };
    Answer { status, ..answer }
}

/// Whether it is known of a token whether it is good.
pub(crate) fn is_told(token: &TokenUser) -> bool {
    !token.exists || !matches!(alive(token, Timestamp::MIN), Alive::Unknown)
}

/// What Azure says to a user that the registry has refused.
pub(crate) fn of_user(case: &Case, registry: &Registry, user: &str) -> Vec<Says> {
    if is_application(user) {
        let azure = case.azure.as_ref();
        let known = azure.and_then(|azure| Some((azure, azure.application(user)?)));
        let answer = known.and_then(|(azure, one)| acrpull_role::of_application(case, azure, registry, one));
        return answer.map(|answer| answer.says).unwrap_or_default();
    }
    own(registry, user, case.target.repository.as_deref(), case.started_at)
}

/// The same of a user of the registry's own.
fn own(registry: &Registry, user: &str, repository: Option<&str>, now: Timestamp) -> Vec<Says> {
    let says = |cause: CauseId, stance: Stance| Says { cause, stance };
    let both = |a: CauseId, b: CauseId| [a, b].map(|cause| says(cause, Stance::Refutes)).to_vec();
    if registry.is_admin(user) {
        let mut all = match registry.admin_user {
            Some(false) => vec![
                says(AcrAdminUserDisabled, Stance::Confirms),
                says(AcrAdminCredentialsRegenerated, Stance::Refutes),
            ],
            Some(true) => {
                let last = registry.regenerations.as_ref().and_then(|log| log.last);
                let stance = if last.is_some() { Stance::Confirms } else { Stance::Allows };
                vec![
                    says(AcrAdminUserDisabled, Stance::Refutes),
                    says(AcrAdminCredentialsRegenerated, stance),
                ]
            }
            None => Vec::new(),
        };
        all.extend(both(ScopeMapTokenExpired, ScopeMapTokenLacksRepo));
        return all;
    }
    let mut all = both(AcrAdminUserDisabled, AcrAdminCredentialsRegenerated);
    let Some(token) = registry.user(user) else { return all };
    if !token.exists {
        all.extend(both(ScopeMapTokenExpired, ScopeMapTokenLacksRepo));
        return all;
    }
    let expired = match alive(token, now) {
        Alive::No(_) => Some(Stance::Confirms),
        Alive::Partly => Some(Stance::Allows),
        Alive::Yes => Some(Stance::Refutes),
        Alive::Unknown => None,
    };
    let lacks = match may_pull(token, repository) {
        Some(true) => Stance::Refutes,
        Some(false) => Stance::Confirms,
        None => Stance::Allows,
    };
    all.extend(expired.map(|stance| says(ScopeMapTokenExpired, stance)));
    all.push(says(ScopeMapTokenLacksRepo, lacks));
    // A token has its rights from its scope map alone. One that has the right is refused for a reason that nobody knows.
    if lacks != Stance::Refutes {
        all.extend(both(RegistryPermissionMissing, AcrAbacConditionExcludesRepo));
    }
    all
}

#[cfg(test)]
#[path = "registry-user/tests.rs"]
mod tests;
