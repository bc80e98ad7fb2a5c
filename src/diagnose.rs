//! What the findings mean together. Nothing else combines findings.
//!
//! Refuted causes go; a confirmed cause counts before an allowed one; of several confirmed the one whose check comes
//! first on the path; two or more that are merely allowed stay candidates. A failure that shares a candidate with an
//! earlier one is a consequence of the same cause, and speaks only for what both leave open.
//!
//! *Invariant:* pure; nothing becomes a cause that no failed finding speaks of.

use probes::cloud::acr_host;
use probes::credential::Credential;
use probes::foreign::Foreign;
use probes::observation::{Fact, Identity, IdentityAsked, IdentityClaims, IdentitySource};
use probes::vantage::Vantage;

use crate::case::Case;
use crate::case::azure::{KubeletIdentity, Mode, SignIn, covering, is_application, name_in};
use crate::causes::{self, Cause, CauseId, Intermittent};
use crate::checks::{self, acrpull_role};
use crate::judge::Judged;
use crate::remedies::{Names, PULL_ROLE, PULL_ROLE_ABAC, next_look, remedy};
use crate::report::{Attempts, Diagnosis, Finding, Stance, Status, Verdict, VerdictStatus};

mod azure;
mod kubelet;
mod tried;

pub use azure::{may_explain, seen_as, soften_azures};
pub use kubelet::of_kubelets;

use tried::{Outcome, is_told, leading, named, tried};

/// What is wrong, from one round's findings: those of the credentials that count.
pub fn diagnose(case: &Case, judged: &[Judged]) -> Vec<Diagnosis> {
    let tried = tried(case, judged, &required(case, judged));
    let leading = leading(&tried).map(|t| t.name.clone());
    // Where another credential got farther, it matters nothing what the operator's sign-in lacks.
    let operator = case.operator();
    let counts = |finding: &Finding| match &finding.credential {
        Some(name) => is_told(&tried, name) && (operator.as_ref() != Some(name) || leading == operator),
        None => true,
    };
    // Settings make no failure; what they say of one comes at the end.
    let seen = || judged.iter().filter(|j| !azure::is_azures(j));
    let failed: Vec<&Judged> =
        seen().filter(|j| j.finding.status == Status::Fail && counts(&j.finding)).collect();
    let refuted: Vec<CauseId> = said(seen(), Stance::Refutes);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for one in failed {
        let spoken: Vec<CauseId> =
            one.finding.says.iter().map(|s| s.cause).filter(|c| !refuted.contains(c)).collect();
        match groups
            .iter_mut()
            .find(|g| g.is_one_with(case, one) && g.spoken.iter().any(|c| spoken.contains(c)))
        {
            Some(group) => {
                group.spoken.extend(spoken);
                group.members.push(one);
            }
            None => groups.push(Group { spoken, members: vec![one] }),
        }
    }
    let mut diagnoses: Vec<Diagnosis> = groups.iter().map(|group| group.diagnosis(case, &refuted)).collect();
    // Stable: on the path's order where both or neither is decided. What another credential than the leading one failed
    // of comes last.
    diagnoses.sort_by_key(|d| (d.cause.is_none(), d.credential.is_some() && d.credential != leading));
    let mut told: Vec<Diagnosis> = Vec::new();
    for diagnosis in azure::narrowed(case, judged, diagnoses) {
        // What only Azure shows to be one.
        if !told.iter().any(|known| known.candidates == diagnosis.candidates) {
            told.push(diagnosis);
        }
    }
    told
}

/// The checks that the claim requires and that are asked at the places of the case.
fn required(case: &Case, judged: &[Judged]) -> Vec<&'static str> {
    let asked = |id: &&&str| judged.iter().any(|j| j.finding.check == **id) || judged.is_empty();
    case.claim.requires().iter().filter(asked).copied().collect()
}

fn said<'a>(judged: impl Iterator<Item = &'a Judged>, stance: Stance) -> Vec<CauseId> {
    judged.flat_map(|j| &j.finding.says).filter(|s| s.stance == stance).map(|s| s.cause).collect()
}

/// Failures of one cause.
struct Group<'a> {
    spoken: Vec<CauseId>,
    members: Vec<&'a Judged>,
}

impl Group<'_> {
    /// Whether a failure may be of the same cause. What Azure says is of one identity, so that those of two are told apart.
    fn is_one_with(&self, case: &Case, one: &Judged) -> bool {
        let of = |j: &Judged| j.finding.credential.clone();
        let own = self.members.iter().find_map(|member| of(member));
        case.azure.is_none() || own.zip(of(one)).is_none_or(|(own, other)| own == other)
    }

    fn diagnosis(&self, case: &Case, refuted: &[CauseId]) -> Diagnosis {
        let of = |stance: Stance| -> Vec<CauseId> {
            let mut all: Vec<CauseId> = Vec::new();
            for cause in
                said(self.members.iter().copied(), stance).into_iter().filter(|c| !refuted.contains(c))
            {
                if !all.contains(&cause) {
                    all.push(cause);
                }
            }
            all
        };
        let candidates = match of(Stance::Confirms).first() {
            Some(first) => vec![*first],
            None => of(Stance::Allows),
        };
        // The finding that speaks for the first candidate, and most firmly, is shown.
        let speaks = |stance: Stance| {
            self.members.iter().find(|j| {
                j.finding.says.iter().any(|s| s.stance == stance && candidates.first() == Some(&s.cause))
            })
        };
        let shown = speaks(Stance::Confirms).or_else(|| speaks(Stance::Allows)).unwrap_or(&self.members[0]);
        diagnosed(case, shown, candidates)
    }
}

/// What a finding shows, where these are the candidates.
fn diagnosed(case: &Case, shown: &Judged, candidates: Vec<CauseId>) -> Diagnosis {
    let known: Vec<&'static Cause> = candidates.iter().filter_map(|id| causes::find(id.as_str())).collect();
    let names = names(case, shown);
    let one = if let [one] = known.as_slice() { Some(*one) } else { None };
    Diagnosis {
        cause: one.map(|c| c.id),
        owner: one.map(|c| c.owner),
        lasting: one.map(|c| c.lasting),
        check: shown.finding.check,
        credential: shown.finding.credential.clone(),
        vantages: vec![shown.finding.vantage.clone()],
        nodes: None,
        message: shown.finding.message.clone(),
        remedy: match one {
            Some(cause) => remedy(cause, &names),
            None => next_look(&known, &names),
        },
        candidates,
    }
}

/// The credential that a finding is about.
fn credential<'a>(case: &'a Case, judged: &Judged) -> &'a Credential {
    let named = |c: &&Credential| judged.finding.credential.as_deref() == Some(c.to_string().as_str());
    case.tried().iter().find(named).unwrap_or(&case.credential)
}

/// The reader's own names, for commands.
fn names(case: &Case, judged: &Judged) -> Names {
    let target = &case.target;
    let host = judged.at.host.clone().unwrap_or_else(|| target.host().to_owned());
    let who = credential(case, judged);
    let signed_in = signed_in(case);
    let claim = |of: fn(&IdentityClaims) -> &Option<Foreign>| {
        signed_in.and_then(|i| of(i.claims.as_ref()?).as_ref()).map(|text| text.as_str().to_owned())
    };
    let asked_for = signed_in.and_then(|i| match &i.asked_for {
        IdentityAsked::ClientId { id } | IdentityAsked::ServicePrincipal { id } => {
            Some(id.as_str().to_owned())
        }
        _ => None,
    });
    let azure = case.azure.as_ref();
    let operator = azure
        .and_then(|azure| azure.sign_in.as_ref())
        .filter(|_| judged.finding.credential.is_some() && who.is_operators());
    let operators = |of: fn(&SignIn) -> &Option<Foreign>| Some(of(operator?).as_ref()?.as_str().to_owned());
    let acr = azure.and_then(|azure| azure.registry.as_ref());
    let aks = azure.and_then(|azure| azure.cluster.as_ref());
    let kubelet = aks.and_then(|cluster| cluster.kubelet.as_ref());
    let of_kubelet = |of: fn(&KubeletIdentity) -> &Option<Foreign>| {
        kubelet.and_then(|kubelet| of(kubelet).as_ref()).map(|text| text.as_str().to_owned())
    };
    let user = who.user().filter(|u| !u.is_empty()).map(str::to_owned).or_else(|| azure::user(case, judged));
    let application = user.clone().filter(|user| is_application(user) && !who.is_nodes());
    let known = azure.zip(application.as_deref()).and_then(|(azure, id)| azure.application(id));
    let grants = match application {
        Some(_) => known.and_then(|known| known.grants.as_ref()),
        None => azure.and_then(|azure| azure.grants.as_ref()),
    };
    let object = grants.and_then(|grants| grants.principal.as_ref()).map(ToString::to_string);
    let token = acr.zip(user.as_deref()).and_then(|(registry, user)| registry.user(user));
    let rule = acr
        .zip(target.repository.as_deref())
        .and_then(|(registry, repository)| covering(registry.cache_rules.as_deref()?, repository));
    let cluster_id = aks.map(|cluster| cluster.id.as_str());
    let resource = signed_in.and_then(|i| match &i.asked_for {
        IdentityAsked::ResourceId { id } => Some(id.as_str().to_owned()),
        _ => None,
    });
    Names {
        reference: target.reference(),
        registry: target.registry.clone(),
        port: judged.at.port.unwrap_or_else(|| target.port(case.plain_http)),
        acr: acr
            .map(|registry| registry.name.as_str().to_owned())
            .or_else(|| acr_host(target.host()).map(|h| h.label)),
        repository: target.repository.clone(),
        tag: target.tag.clone(),
        digest: target.digest.clone(),
        platform: case.platform.to_string(),
        address: judged.at.address.map(|a| a.to_string()),
        client_ip: judged.at.client_ip.clone(),
        region: acr_host(&host).and_then(|h| h.region),
        user: user.clone(),
        scope_map: token.and_then(|token| token.scope_map.as_ref()).map(|id| name_in(id.as_str()).to_owned()),
        token_disabled: token.is_some_and(|token| token.enabled == Some(false)),
        cache_rule: rule.as_ref().map(|(rule, _)| rule.name.as_str().to_owned()),
        cache_source: rule.as_ref().map(|(_, upstream)| upstream.clone()),
        credential_set: rule
            .as_ref()
            .and_then(|(rule, _)| rule.credential_set.as_ref())
            .map(|id| name_in(id.as_str()).to_owned()),
        nameserver: judged.at.nameserver.clone(),
        instead: judged.at.instead.clone(),
        registry_id: acr.map(|registry| registry.id.as_str().to_owned()),
        pull_role: acr.and_then(|registry| match registry.mode? {
            Mode::Registry => Some(PULL_ROLE.to_owned()),
            Mode::Repositories => Some(PULL_ROLE_ABAC.to_owned()),
            Mode::Unknown => None,
        }),
        denied: acr.zip(grants).is_some_and(|(registry, grants)| acrpull_role::is_denied(registry, grants)),
        other_acr: azure
            .filter(|_| application.is_none())
            .and_then(|azure| acrpull_role::elsewhere(azure).into_iter().next())
            .map(|other| other.registry),
        subnet: azure.and_then(|azure| azure::subnet(case, azure, judged)),
        cluster: cluster_id.and_then(|id| segment(id, "managedClusters")),
        cluster_group: cluster_id.and_then(|id| segment(id, "resourceGroups")),
        client_id: application
            .clone()
            .or_else(|| claim(|c| &c.client_id))
            .or(asked_for)
            .or_else(|| of_kubelet(|k| &k.client_id)),
        operator: operator.map(|sign_in| sign_in.who.to_string()),
        object_id: match (&application, operator) {
            (Some(_), _) => object,
            (None, Some(_)) => operators(|s| &s.object_id),
            (None, None) => claim(|c| &c.object_id).or_else(|| of_kubelet(|k| &k.object_id)),
        },
        application,
        tenant_id: operators(|s| &s.tenant)
            .or_else(|| claim(|c| &c.tenant))
            .or_else(|| signed_in.and_then(|i| i.tenant.as_ref()).map(|t| t.as_str().to_owned())),
        managed: signed_in.is_some_and(|identity| identity.source == IdentitySource::MetadataService),
        identity: claim(|c| &c.resource_id).or(resource).or_else(|| of_kubelet(|k| &k.resource_id)),
        node: case.vantage().and_then(|vantage| match vantage {
            Vantage::Node(name) => Some(name.clone()),
            _ => None,
        }),
        proxy: judged.at.proxy.clone(),
        variable: judged.at.variable.clone(),
        no_proxy: judged.at.no_proxy.clone(),
        file: judged.at.file.clone(),
        mirror: judged.at.mirror.clone(),
        host,
        ..Names::default()
    }
}

/// The part of a resource id that follows a word, which comes in any case.
fn segment(id: &str, word: &str) -> Option<String> {
    let mut parts = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case(word));
    parts.nth(1).map(str::to_owned)
}

/// What signing in as the node showed.
fn signed_in(case: &Case) -> Option<&Identity> {
    case.observations().find_map(|o| match &o.fact {
        Fact::Identity(identity) => Some(identity),
        _ => None,
    })
}

/// The answer of one round.
pub fn verdict(case: &Case, judged: &[Judged], diagnoses: Vec<Diagnosis>) -> Verdict {
    let requires = required(case, judged);
    let (dropped, required): (Vec<&'static str>, Vec<&'static str>) =
        requires.iter().partition(|id| case.leaves_out(id));
    let tried = tried(case, judged, &required);
    let leading = leading(&tried);
    let who = leading.map_or_else(|| case.credential.to_string(), |t| t.name.clone());
    let counts = |j: &&Judged| j.finding.counts_for(&who);
    let status_of =
        |id: &str| judged.iter().filter(counts).find(|j| j.finding.check == id).map(|j| j.finding.status);
    let holds = |id: &&&str| matches!(status_of(id), Some(Status::Pass | Status::Warn));
    let moot = |id: &&&str| status_of(id) == Some(Status::NotApplicable);
    let shared = |id: &&&str| checks::find(id).is_some_and(|check| !check.per_credential);
    let advice: Vec<&'static str> =
        case.claim.may_refute().iter().filter(|id| !case.leaves_out(id)).copied().collect();
    // A mirror that has everything is enough, as a runtime asks it first.
    let mirrored = advice.contains(&"mirror") && status_of("mirror") == Some(Status::Pass);
    // Beside a proxy that was not spoken to, what fails on the direct way may well hold through it.
    let blind = required.contains(&"proxy") && status_of("proxy") == Some(Status::Unknown);
    let shared_failed =
        required.iter().chain(&advice).filter(shared).any(|id| status_of(id) == Some(Status::Fail));
    let all_failed = !tried.is_empty() && tried.iter().all(|t| t.outcome == Outcome::Failed);
    let failed = !blind && !mirrored && (shared_failed || all_failed);
    let passed = advice.iter().filter(|id| status_of(id) == Some(Status::Pass));
    let proved: Vec<&'static str> = passed.chain(required.iter().filter(holds)).copied().collect();
    let is_open = |id: &&&str| !mirrored && !holds(id) && !moot(id);
    // What was looked for and is not there need not be known; what nobody has looked for must.
    let unseen = |id: &&&str| {
        judged
            .iter()
            .filter(counts)
            .any(|j| j.finding.check == **id && !j.answered && j.finding.status == Status::Unknown)
    };
    let unseen: Vec<&&'static str> = advice.iter().filter(shared).filter(unseen).collect();
    // So may what fails at a registry, where a mirror has everything that nobody has looked at.
    let failed = failed && !unseen.contains(&&"mirror");
    let open: Vec<&'static str> = required.iter().filter(is_open).chain(unseen.clone()).copied().collect();
    let status = if failed {
        VerdictStatus::Unhealthy
    } else if open.is_empty() && !proved.is_empty() {
        VerdictStatus::Healthy
    } else {
        VerdictStatus::Undecided
    };
    // What fails of a credential while another one is still open is no answer.
    let settled = |d: &Diagnosis| d.credential.is_none() || failed;
    let diagnoses: Vec<Diagnosis> = diagnoses
        .into_iter()
        .filter(|d| {
            let bears = required.contains(&d.check) || advice.contains(&d.check);
            status != VerdictStatus::Healthy && bears && settled(d) && !unseen.contains(&&"mirror")
        })
        .collect();
    let first = diagnoses.first().filter(|_| !blind);
    // What was left out is not proven either, though the verdict does not wait for it.
    let not_proved: Vec<&'static str> = advice
        .iter()
        .chain(&requires)
        .filter(|id| open.contains(id) || dropped.contains(id))
        .copied()
        .collect();
    let open = if blind { Some(&"proxy") } else { open.first() };
    let found = |id: &str| judged.iter().filter(counts).find(|j| j.finding.check == id);
    // What blocked it says more than that it was blocked.
    let open = open.and_then(|id| found(id)).map(|j| j.finding.blocked_by.and_then(found).unwrap_or(j));
    let told = |j: &&Judged| j.finding.credential.as_ref().is_none_or(|name| is_told(&tried, name));
    Verdict {
        status,
        claim: if dropped.is_empty() { case.claim } else { case.claim.lowered() },
        cause: first.and_then(|d| d.cause),
        owner: first.and_then(|d| d.owner),
        lasting: first.and_then(|d| d.lasting),
        check: first.map(|d| d.check),
        vantage: first.and_then(|d| d.vantages.first().cloned()),
        credential: (!case.target.is_registry()).then(|| named(&tried, shared_failed, &who).to_owned()),
        summary: match (status, first) {
            (VerdictStatus::Healthy, _) if !dropped.is_empty() => {
                format!(
                    "{}: what was asked holds, but not asked: {}",
                    case.target.reference(),
                    dropped.join(", ")
                )
            }
            (VerdictStatus::Healthy, _) => format!("{} {}", case.target.reference(), case.claim.proven()),
            (_, Some(first)) => first.message.clone(),
            (_, None) => open.map_or_else(
                || "nothing was asked that the claim needs".to_owned(),
                |j| format!("{}: {}", j.finding.check, j.finding.message),
            ),
        },
        dropped,
        warnings: judged.iter().filter(told).filter(|j| j.finding.status == Status::Warn).count(),
        proved,
        not_proved,
        attempts: None,
        nodes: None,
        difference: None,
        diagnoses,
    }
}

/// The answer of several rounds: what holds only sometimes is neither proven nor refuted. One round decides alone.
pub fn over_rounds(case: &Case, verdicts: &[Verdict]) -> Verdict {
    let count = |status: VerdictStatus| verdicts.iter().filter(|v| v.status == status).count();
    let first = |status: VerdictStatus| verdicts.iter().find(|v| v.status == status);
    let failed = count(VerdictStatus::Unhealthy);
    let shown = first(VerdictStatus::Unhealthy)
        .or_else(|| first(VerdictStatus::Undecided))
        .or_else(|| first(VerdictStatus::Healthy));
    let Some(shown) = shown else { return verdict(case, &[], Vec::new()) };
    let mut verdict = shown.clone();
    if verdicts.len() < 2 {
        return verdict;
    }
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    verdict.attempts = Some(Attempts { made: number(verdicts.len()), failed: number(failed) });
    if failed == 0 || count(VerdictStatus::Healthy) == 0 {
        return verdict;
    }
    if let (Some(cause), Some(template)) =
        (causes::find(Intermittent.as_str()), verdict.diagnoses.first().cloned())
    {
        let message = format!("{failed} of {} attempts failed: {}", verdicts.len(), template.message);
        verdict.status = VerdictStatus::Undecided;
        verdict.cause = Some(cause.id);
        verdict.owner = Some(cause.owner);
        verdict.lasting = Some(cause.lasting);
        verdict.summary = message.clone();
        let names = Names {
            reference: case.target.reference(),
            registry: case.target.registry.clone(),
            ..Names::default()
        };
        verdict.diagnoses.insert(
            0,
            Diagnosis {
                cause: Some(cause.id),
                candidates: vec![cause.id],
                owner: Some(cause.owner),
                lasting: Some(cause.lasting),
                message,
                remedy: remedy(cause, &names),
                ..template
            },
        );
    }
    verdict
}

/// The exit code that goes with a verdict, the same for every format.
pub fn exit_code(case: &Case, verdict: &Verdict) -> u8 {
    match verdict.status {
        VerdictStatus::Healthy if case.fail_on_warn && verdict.warnings > 0 => 4,
        VerdictStatus::Healthy => 0,
        VerdictStatus::Unhealthy => 1,
        VerdictStatus::Undecided => 3,
    }
}
