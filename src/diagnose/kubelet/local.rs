//! What was seen from one place, judged by itself.

use probes::credential::Credential;
use probes::observation::{ChallengeForm, Fact, Observation, Role};
use probes::vantage::Vantage;

use crate::case::{Case, Round};
use crate::causes::{self, CauseId};
use crate::claim::Claim;
use crate::diagnose::{diagnose, verdict};
use crate::judge::Judged;
use crate::report::{Status, Verdict};

/// What one survey alone says.
pub(super) struct Local {
    pub(super) vantage: Vantage,
    pub(super) verdict: Verdict,
    /// The checks that passed as whoever they were asked.
    pub(super) passed: Vec<&'static str>,
    /// Those that did not apply.
    pub(super) no_part: Vec<&'static str>,
    /// Those that failed or warned as anybody.
    pub(super) failed: Vec<&'static str>,
    /// Whether the registry was seen to ask for a user and a password.
    pub(super) basic: bool,
    /// Whether nobody may pull the image, or anybody; `None` where that was not asked.
    pub(super) public: Option<bool>,
}

impl Local {
    /// The node that was looked from.
    pub(super) fn node(&self) -> Option<&str> {
        match &self.vantage {
            Vantage::Node(name) => Some(name),
            _ => None,
        }
    }
}

/// What each survey says by itself, as the claim of its place.
pub(super) fn locals(case: &Case, round: &Round, judged: &[Judged]) -> Vec<Local> {
    round
        .surveys
        .iter()
        .map(|survey| {
            let claim = match survey.vantage {
                Vantage::Node(_) => Claim::NodeReaches,
                _ => Claim::WorkstationPulls,
            };
            let case = Case { claim, ..case.from_place(&survey.vantage).into_owned() };
            let own: Vec<Judged> =
                judged.iter().filter(|j| j.finding.vantage == survey.vantage).cloned().collect();
            let verdict = without_operators(&case, verdict(&case, &own, diagnose(&case, &own)));
            let (passed, no_part) = (ended(&own, Status::Pass), ended(&own, Status::NotApplicable));
            let ill = |j: &&Judged| matches!(j.finding.status, Status::Fail | Status::Warn);
            let failed = own.iter().filter(ill).map(|j| j.finding.check).collect();
            let public = is_public(&own);
            let basic = survey.observations.iter().any(is_basic);
            Local { vantage: survey.vantage.clone(), verdict, passed, no_part, failed, basic, public }
        })
        .collect()
}

fn is_basic(observation: &Observation) -> bool {
    let Fact::Challenge(challenge) = &observation.fact else { return false };
    observation.role == Role::Registry && matches!(challenge.form, ChallengeForm::Basic { .. })
}

/// The checks that ended so as whoever they were asked.
fn ended(judged: &[Judged], status: Status) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = judged.iter().map(|j| j.finding.check).collect();
    ids.dedup();
    ids.retain(|id| judged.iter().filter(|j| j.finding.check == *id).all(|j| j.finding.status == status));
    ids
}

/// Whether an image was shown to nobody: a whole manifest, or a refusal.
fn is_public(judged: &[Judged]) -> Option<bool> {
    let nobody = Credential::Anonymous.to_string();
    let mut own = judged.iter().filter(|j| j.finding.credential.as_ref() == Some(&nobody));
    if own.clone().any(|j| j.finding.check == "manifest" && j.finding.status == Status::Pass) {
        return Some(true);
    }
    own.any(|j| j.finding.status == Status::Fail && is_refusal(j)).then_some(false)
}

/// Whether a finding says that a credential, or the want of one, was refused.
pub(super) fn is_refusal(judged: &Judged) -> bool {
    ["token", "manifest"].contains(&judged.finding.check)
        && judged.finding.says.iter().any(|says| is_of_rights(&says.cause))
}

/// Whether a cause is about who may pull.
fn is_of_rights(id: &CauseId) -> bool {
    causes::find(id.as_str()).is_some_and(|cause| cause.layer.starts_with("registry-auth"))
}

/// A verdict without what failed for want of rights of the operator's own or of nobody's, which says nothing of the kubelets'.
pub(super) fn without_operators(case: &Case, mut verdict: Verdict) -> Verdict {
    let operator = case.operator();
    let nobody = Some(Credential::Anonymous.to_string());
    verdict.diagnoses.retain(|diagnosis| {
        let own = operator.is_some() && diagnosis.credential == operator;
        let nobodys = diagnosis.credential == nobody && diagnosis.vantages == [Vantage::Workstation];
        !(own && diagnosis.candidates.iter().any(is_of_rights)
            || nobodys && diagnosis.candidates.first().is_some_and(is_of_rights))
    });
    verdict
}
