//! What a look along the path shows, and what Azure's settings may say that it comes from.
//!
//! Without Azure the first stands, since it is what was seen: the registry refuses a user. With it, it may be told why: that
//! user is switched off.

use probes::cloud::acr_host;
use probes::foreign::Foreign;
use probes::observation::Fact;
use probes::vantage::Vantage;

use crate::case::Case;
use crate::case::azure::{Azure, Registry, may_be_own};
use crate::causes::*;
use crate::checks::cache_rule::{CACHE, Met, of_failure};
use crate::checks::registry_user::{is_told, of_user};
use crate::judge::Judged;
use crate::report::{Says, Stance};

/// What a cache may be the reason of, where something is missing.
const UNFETCHED: &[CauseId] = &[
    AcrCacheUpstreamAuthFailed,
    AcrCacheUpstreamIdentityMissing,
    AcrCacheUpstreamNotFoundMasked,
    AcrCacheRepullAfterDelete,
    AcrCacheRuleWrongMapping,
];

/// What is seen, and the causes that Azure's settings may put beside it or in its place.
const NARROWER: &[(CauseId, &[&[CauseId]])] = &[
    (
        PullSecretBadCredentials,
        &[&[AcrAdminUserDisabled, AcrAdminCredentialsRegenerated, ScopeMapTokenExpired]],
    ),
    (TagNotFound, &[&[AcrQuarantine], UNFETCHED]),
    (RepositoryNotFound, &[UNFETCHED]),
    (DigestNotFound, &[UNFETCHED]),
    (RegistryPermissionMissing, &[UNFETCHED]),
    (RegistryServerError, &[&[AcrCacheUpstreamWarming]]),
    // Azure alone knows as whom nodes should pull, whose registry it is, and which there are.
    (
        AcrPullRoleMissing,
        &[&[NodeAzureJsonIdentityMisconfigured, ServicePrincipalNotInTenant, PublisherRegistryNotAnonymous]],
    ),
    (DnsNxDomain, &[&[WrongRegistryHost]]),
    (TcpRefused, &[&[AcrPrivateDnsWrongRecord]]),
    (TlsHostnameMismatch, &[&[AcrPrivateDnsWrongRecord]]),
    (AcrIpNotAllowed, &[&[AcrVnetRuleMissing]]),
];

/// The causes as which a cause is seen while Azure's settings are not known.
pub fn seen_as(cause: CauseId) -> Vec<CauseId> {
    let has = |(_, narrower): &&(CauseId, &[&[CauseId]])| narrower.iter().any(|some| some.contains(&cause));
    NARROWER.iter().filter(has).map(|(seen, _)| *seen).collect()
}

/// What the registry itself says to whoever failed: of the user, of its cache, and of what its token service had granted.
pub(super) fn says(case: &Case, registry: &Registry, shown: &Judged, candidates: &[CauseId]) -> Vec<Says> {
    let repository = case.target.repository.as_deref();
    let user = user(case, shown);
    let mut all = user.map(|user| of_user(case, registry, &user)).unwrap_or_default();
    if let (Some(repository), Some(met)) = (repository, met(case, shown, candidates)) {
        all.extend(of_failure(registry, repository, met));
    }
    all
}

/// The candidates with those that the settings put beside them.
pub(super) fn widened(azure: &Azure, candidates: &[CauseId], says: &[Says]) -> Vec<CauseId> {
    let possible = says.iter().filter(|s| s.stance != Stance::Refutes).map(|s| s.cause);
    // Of a registry that the operator does not see somebody else is the owner.
    let others = azure.alike.as_ref().is_some_and(Vec::is_empty).then_some(PublisherRegistryNotAnonymous);
    // Rules of subnets alone, and an address that nobody told.
    let of_subnets = azure.registry.as_ref().is_some_and(by_subnets).then_some(AcrVnetRuleMissing);
    beside(candidates, possible.chain(others).chain(of_subnets))
}

/// The candidates with those as which they are seen.
fn beside(candidates: &[CauseId], more: impl Iterator<Item = CauseId>) -> Vec<CauseId> {
    let mut all = candidates.to_vec();
    for cause in more {
        if !all.contains(&cause) && seen_as(cause).iter().any(|seen| candidates.contains(seen)) {
            all.push(cause);
        }
    }
    all
}

/// The candidates with those that a setting would decide which an operator could not read.
pub(super) fn with_unread(
    case: &Case,
    azure: &Azure,
    shown: &Judged,
    candidates: &[CauseId],
) -> Vec<CauseId> {
    let mut more: Vec<CauseId> = Vec::new();
    // Where no registry of this host is seen, it is not a right that is missing.
    if candidates.contains(&PullSecretBadCredentials) && azure.alike.is_none() {
        more.extend(user(case, shown).map(|user| unread_user(case, azure, &user)).unwrap_or_default());
    }
    let rules = azure.registry.as_ref().map(|registry| &registry.cache_rules);
    let refused = matches!(met(case, shown, candidates), Some(Met::Refused | Met::Unclear));
    if candidates.contains(&RegistryPermissionMissing) && refused && rules.is_some_and(Option::is_none) {
        more.extend(UNFETCHED.iter().filter(|cause| **cause != AcrCacheRepullAfterDelete));
    }
    beside(candidates, more.into_iter())
}

/// What a user may be refused for, as far as nobody could read it.
fn unread_user(case: &Case, azure: &Azure, user: &str) -> Vec<CauseId> {
    let label = acr_host(case.target.host()).map(|host| host.label).unwrap_or_default();
    let is_admin = match &azure.registry {
        Some(registry) => registry.is_admin(user),
        None => label.eq_ignore_ascii_case(user),
    };
    let known = match &azure.registry {
        Some(registry) if is_admin => registry.admin_user.is_some(),
        Some(registry) => registry.user(user).is_some_and(is_told),
        None => false,
    };
    match (known || !may_be_own(user), is_admin) {
        (true, _) => Vec::new(),
        (false, true) => vec![AcrAdminUserDisabled, AcrAdminCredentialsRegenerated],
        (false, false) => vec![ScopeMapTokenExpired],
    }
}

/// Whether a registry lets subnets in, and no address.
fn by_subnets(registry: &Registry) -> bool {
    let none = |rules: &Option<Vec<Foreign>>| rules.as_ref().is_some_and(Vec::is_empty);
    registry.public_access == Some(true)
        && registry.default_allow == Some(false)
        && none(&registry.ip_rules)
        && registry.subnet_rules.as_ref().is_some_and(|rules| !rules.is_empty())
}

/// What was met at the repository, where that may be of a cache. A look tells it by the answer, a kubelet by its words.
fn met(case: &Case, shown: &Judged, candidates: &[CauseId]) -> Option<Met> {
    let has = |causes: &[CauseId]| candidates.iter().any(|cause| causes.contains(cause));
    let missing = || if has(&[TagNotFound]) { Met::TagMissing } else { Met::Missing };
    match shown.finding.check {
        "manifest" | "platform" => {
            let status = seen(case, shown, |fact| match fact {
                Fact::Manifest(manifest) => manifest.status(),
                _ => None,
            })?;
            match status {
                401 | 403 => match granted(case, shown) {
                    Some(true) => Some(Met::Refused),
                    // Whose token lacks the right is refused for that.
                    Some(false) => None,
                    None => Some(Met::Unclear),
                },
                404 => Some(missing()),
                500..=599 => Some(Met::Failing),
                _ => None,
            }
        }
        "kubelet-pull" => match () {
            () if has(CACHE) => Some(Met::Refused),
            () if has(&[TagNotFound, RepositoryNotFound, DigestNotFound]) => Some(missing()),
            () if has(&[RegistryServerError]) => Some(Met::Failing),
            () if has(&[RegistryPermissionMissing]) && !has(&[ScopeMapTokenLacksRepo]) => Some(Met::Unclear),
            () => None,
        },
        _ => None,
    }
}

/// Whether the token service had granted the pull to whoever failed; `None` where that was not seen.
pub(in crate::diagnose) fn granted(case: &Case, shown: &Judged) -> Option<bool> {
    seen(case, shown, |fact| match fact {
        Fact::Token(token) => token.granted.as_ref()?.pull(),
        _ => None,
    })
}

/// The last that was seen of something where a finding is from, as whom it is about.
fn seen<T>(case: &Case, shown: &Judged, of: impl Fn(&Fact) -> Option<T>) -> Option<T> {
    let surveys = case.rounds.iter().flat_map(|round| &round.surveys);
    let here = surveys.filter(|survey| survey.vantage == shown.finding.vantage);
    let is_own = |name: Option<String>| name == shown.finding.credential;
    let own = here
        .flat_map(|survey| &survey.observations)
        .filter(|seen| is_own(seen.credential.as_ref().map(ToString::to_string)));
    own.filter_map(|seen| of(&seen.fact)).last()
}

/// The name of the user that failed, where it is one with a password: of a kubelet only where a probe on its node found the one
/// that its pull secrets hold.
pub(in crate::diagnose) fn user(case: &Case, shown: &Judged) -> Option<String> {
    match &shown.finding.vantage {
        Vantage::Kubelet(name) => {
            let pull = case.pulls().find(|pull| pull.is_on(name) && !pull.secrets.is_empty())?;
            let node = Vantage::Node(pull.place().to_owned());
            let probes = case.rounds.iter().flat_map(|round| &round.probes);
            let found = probes.filter(|probe| probe.vantage == node).flat_map(|probe| &probe.credentials);
            let mut users: Vec<&str> = found.filter_map(|credential| credential.own_user()).collect();
            users.dedup();
            match users.as_slice() {
                [one] => Some((*one).to_owned()),
                _ => None,
            }
        }
        vantage => {
            let name = shown.finding.credential.as_deref()?;
            let here = case.from_place(vantage);
            let credential = here.tried().iter().find(|credential| credential.to_string() == name)?;
            credential.own_user().map(str::to_owned)
        }
    }
}
