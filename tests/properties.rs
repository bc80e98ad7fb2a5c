//! What holds for every case: less evidence never makes a pass, order does not matter, every check speaks once, and
//! no secret is in any output. The cases are those of all scenarios.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use probes::vantage::Vantage;
use pullcheck::case::Case;
use pullcheck::case::azure::{Azure, Registry};
use pullcheck::causes::CauseId;
use pullcheck::checks::{CATALOGUE, Place};
use pullcheck::claim::Claim;
use pullcheck::diagnose::seen_as;
use pullcheck::judge::judge;
use pullcheck::render::{Format, Style, render};
use pullcheck::report::{Diagnosis, Report, Status, VerdictStatus};
use world::{Page, run_all};

/// The cases of all scenarios; the worlds are run once.
fn cases() -> &'static [(String, Case)] {
    static CASES: OnceLock<Vec<(String, Case)>> = OnceLock::new();
    CASES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
        let cases = run_all(Page::all(&folder).unwrap(), |page, outcome| {
            let case = outcome.unwrap().case?;
            Some((page.name, Case::read("saved-case.json", &case).unwrap()))
        });
        let cases: Vec<(String, Case)> = cases.into_iter().flatten().collect();
        assert!(cases.len() >= 40, "only {} cases", cases.len());
        cases
    })
}

/// A small generator of numbers (Knuth's MMIX), so that a failure is repeatable.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// How many pieces of evidence there are: observations, words of kubelets, whole pulls, and all that Azure said.
fn pieces(case: &Case) -> usize {
    let seen: usize = case.rounds.iter().flat_map(|r| &r.surveys).map(|s| s.observations.len()).sum();
    let said: usize = case.rounds.iter().flat_map(|r| &r.pulls).map(|p| p.words.len() + 1).sum();
    seen + said + usize::from(case.azure.is_some())
}

/// The case without the pieces whose numbers are given.
fn without(case: &Case, gone: &BTreeSet<usize>) -> Case {
    let mut less = case.clone();
    let mut number = 0;
    let mut stays = || {
        number += 1;
        !gone.contains(&(number - 1))
    };
    for round in &mut less.rounds {
        for survey in &mut round.surveys {
            survey.observations.retain(|_| stays());
        }
    }
    for round in &mut less.rounds {
        for pull in &mut round.pulls {
            pull.words.retain(|_| stays());
        }
        round.pulls.retain(|_| stays());
    }
    // Who was not asked says nothing; who was asked and did not answer has said as much.
    if less.azure.is_some() && !stays() {
        less.azure = Some(Azure::default());
    }
    less
}

/// What a weaker answer is held against: the whole case, what is said without kubelets, and without Azure.
type Bases<'r> = (&'r Report, &'r Report, &'r Report);

/// What is said where no kubelet was asked: what a kubelet does not refute any more.
fn without_pulls(case: &Case) -> Report {
    let mut less = case.clone();
    less.rounds.iter_mut().for_each(|round| round.pulls.clear());
    judge(&less)
}

/// What is said where Azure tells nothing: what was seen has a fix of its own, where nobody knows what it comes from.
fn without_azure(case: &Case) -> Report {
    let mut less = case.clone();
    less.azure = less.azure.map(|_| Azure::default());
    judge(&less)
}

fn weaker(name: &str, (whole, far, unsaid): Bases<'_>, less: &Report, gone: &BTreeSet<usize>) {
    let at = format!("{name}, without {gone:?}");
    for finding in &less.findings {
        // That no kubelet was asked is a place of its own.
        if finding.vantage == Vantage::Cluster
            && matches!(finding.status, Status::Unknown | Status::NotApplicable)
        {
            continue;
        }
        let before = whole
            .findings
            .iter()
            .find(|f| {
                f.check == finding.check && f.vantage == finding.vantage && f.credential == finding.credential
            })
            .unwrap_or_else(|| panic!("{at}: {} is new", finding.check));
        assert!(
            finding.status != Status::Pass || before.status == Status::Pass,
            "{at}: {} became a pass from {:?}",
            finding.check,
            before.status
        );
    }
    // The claim of a pull is proven by one; what a node fails of beside it refutes more than the pull has proven.
    let pulled = whole.verdict.claim == Claim::KubeletPulls
        && whole.verdict.proved == ["kubelet-pull"]
        && whole.verdict.check == Some("blob");
    assert!(
        less.verdict.status != VerdictStatus::Healthy
            || whole.verdict.status == VerdictStatus::Healthy
            || pulled,
        "{at}: became healthy"
    );
    for diagnosis in &less.verdict.diagnoses {
        // What was seen stays, where Azure does not say any more what it comes from.
        let seen = |c: &CauseId| {
            diagnosis.candidates.contains(c)
                || seen_as(*c).iter().any(|seen| diagnosis.candidates.contains(seen))
        };
        // Nothing that is known may be anything.
        let wider = |d: &Diagnosis| diagnosis.candidates.is_empty() || d.candidates.iter().all(seen);
        let kept = whole.verdict.diagnoses.iter().chain(&far.verdict.diagnoses).any(wider);
        assert!(
            kept,
            "{at}: {:?} is neither kept nor widened from {:?}",
            diagnosis.candidates,
            whole.verdict.diagnoses.iter().map(|d| &d.candidates).collect::<Vec<_>>()
        );
    }
    let mutating = |report: &Report| -> BTreeSet<Vec<String>> {
        let diagnoses = report.verdict.diagnoses.iter();
        diagnoses.flat_map(|d| &d.remedy.commands).filter(|c| c.mutates).map(|c| c.argv.clone()).collect()
    };
    let all = [whole, far, unsaid];
    let known: BTreeSet<Vec<String>> = all.iter().flat_map(|report| mutating(report)).collect();
    assert!(mutating(less).is_subset(&known), "{at}: a new command that changes something");
}

#[test]
fn less_evidence_is_never_a_better_answer() {
    for (name, case) in cases() {
        let (whole, far, unsaid) = (judge(case), without_pulls(case), without_azure(case));
        let bases = (&whole, &far, &unsaid);
        let count = pieces(case);
        for one in 0..count {
            let gone = BTreeSet::from([one]);
            weaker(name, bases, &judge(&without(case, &gone)), &gone);
        }
        let mut numbers = Numbers(count as u64);
        for _ in 0..200 {
            let gone: BTreeSet<usize> = (0..count).filter(|_| numbers.below(3) == 0).collect();
            weaker(name, bases, &judge(&without(case, &gone)), &gone);
        }
    }
}

#[test]
fn a_setting_that_could_not_be_read_is_never_a_better_answer() {
    let forget: [fn(&mut Registry); 7] = [
        |registry| registry.admin_user = None,
        |registry| registry.regenerations = None,
        |registry| registry.users.clear(),
        |registry| registry.cache_rules = None,
        |registry| registry.credential_sets = None,
        |registry| registry.quarantine = None,
        |registry| registry.customer_key = None,
    ];
    for (name, case) in cases() {
        let whole = judge(case);
        let (far, unsaid) = (without_pulls(case), without_azure(case));
        for (at, forget) in forget.iter().enumerate() {
            let mut less = case.clone();
            let Some(registry) = less.azure.as_mut().and_then(|azure| azure.registry.as_mut()) else {
                continue;
            };
            forget(registry);
            weaker(name, (&whole, &far, &unsaid), &judge(&less), &BTreeSet::from([at]));
        }
    }
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    for (name, case) in cases() {
        let expected = serde_json::to_value(judge(case)).unwrap();
        let mut numbers = Numbers(7);
        for _ in 0..5 {
            let mut shuffled = case.clone();
            for survey in shuffled.rounds.iter_mut().flat_map(|r| &mut r.surveys) {
                for at in (1..survey.observations.len()).rev() {
                    survey.observations.swap(at, numbers.below(at + 1));
                }
            }
            assert_eq!(serde_json::to_value(judge(&shuffled)).unwrap(), expected, "{name}");
        }
    }
}

#[test]
fn every_check_speaks_once_for_each_place_and_credential() {
    for (name, case) in cases() {
        let report = judge(case);
        let mut seen = BTreeSet::new();
        for finding in &report.findings {
            let key = (finding.check, finding.vantage.to_string(), finding.credential.clone());
            assert!(seen.insert(key), "{name}: {} twice", finding.check);
            assert!(!finding.message.is_empty(), "{name}: {} says nothing", finding.check);
        }
        for place in report.vantages.iter().filter_map(|v| Some((&v.id, Place::of(&v.id)?))) {
            let here = report.findings.iter().filter(|f| f.vantage == *place.0);
            let checks: BTreeSet<&str> = here.map(|f| f.check).collect();
            // Of a place that no probe told of, that is told and nothing else.
            let is_here = |of: &Vantage| of == place.0;
            let mut rounds = case.rounds.iter();
            let unheard = rounds.all(|round| {
                round.probes.iter().any(|probe| is_here(&probe.vantage))
                    && !round.surveys.iter().any(|survey| is_here(&survey.vantage))
            });
            let asked = CATALOGUE.iter().filter(|c| c.at.contains(&place.1));
            let asked = asked.map(|c| c.id).filter(|id| !unheard || *id == "probe-pod");
            assert_eq!(checks, asked.collect(), "{name}");
        }
    }
}

#[test]
fn a_saved_case_gives_the_same_report() {
    for (name, case) in cases() {
        let again = Case::read("case.json", &case.write()).unwrap();
        assert_eq!(judge(&again), judge(case), "{name}");
    }
}

#[test]
fn a_check_speaks_only_of_causes_that_it_names() {
    for (name, case) in cases() {
        for finding in judge(case).findings {
            let check = CATALOGUE.iter().find(|c| c.id == finding.check).unwrap();
            for says in &finding.says {
                assert!(
                    check.speaks_of().contains(&says.cause),
                    "{name}: {} does not name {}",
                    check.id,
                    says.cause
                );
            }
        }
    }
}

#[test]
fn every_format_fits_eighty_columns_and_is_ascii_when_asked() {
    for (name, case) in cases() {
        let report = judge(case);
        for format in [Format::Table, Format::Wide, Format::Short] {
            let text = render(&report, format, &Style::default());
            for line in text.lines().filter(|l| l.chars().count() > 80) {
                let longest = line.split_whitespace().map(|w| w.chars().count()).max().unwrap_or_default();
                assert!(longest > 60, "{name}, {format}: a line that could be broken: {line}");
            }
            let ascii = render(&report, format, &Style { ascii: true, ..Style::default() });
            assert!(ascii.is_ascii(), "{name}, {format}");
        }
    }
}
