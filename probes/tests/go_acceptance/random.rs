//! Chains by chance: combinations that no row of the table thinks of. The same seed makes the same cases.

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyUsagePurpose,
    NameConstraints,
};

use crate::cases::party::{Party, authority_params, between};
use crate::cases::{Case, case};

/// A generator of small numbers (xorshift64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = self.below(all.len() as u64);
        &all[usize::try_from(at).expect("small")]
    }
}

/// So many cases by chance.
pub(crate) fn cases(count: usize, seed: u64) -> Vec<Case> {
    let mut chance = Chance(seed | 1);
    (0..count).map(|at| by_chance(&mut chance, at)).collect()
}

fn by_chance(chance: &mut Chance, at: usize) -> Case {
    let mut authorities = vec![Party::root("A", &|_| {}), Party::root("B", &|_| {})];
    for _ in 0..chance.below(5) {
        // Few names, so that authorities of the same name with the same and with other keys meet.
        let name = *chance.pick(&["A", "B", "C", "D"]);
        let params = disturbed(chance, authority_params(name, &|_| {}));
        let twin = authorities.iter().position(|held| common_name(&held.params) == name);
        let key = match twin {
            Some(twin) if !chance.one_in(4) => authorities[twin].key(),
            _ => crate::cases::party::key(),
        };
        let signer = chance.below(authorities.len() as u64 + 1);
        let made = match authorities.get(usize::try_from(signer).expect("small")) {
            Some(signer) => signer.sign(params, key),
            None => Party::self_signed(params, key),
        };
        authorities.push(made);
    }
    let names = *chance.pick(&[
        &["reg.example"][..],
        &["reg.example"],
        &["*.example"],
        &["other.example"],
        &["10.0.0.1"],
        &[],
    ]);
    let params = disturbed(chance, crate::cases::party::server_params(names, &|_| {}));
    let leaf = chance.pick(&authorities).sign(params, crate::cases::party::key());
    let mut chain: Vec<&Party> = vec![&leaf];
    let mut roots = Vec::new();
    for authority in &authorities {
        if !chance.one_in(5) {
            let place = 1 + chance.below(chain.len() as u64);
            chain.insert(usize::try_from(place).expect("small"), authority);
        }
        if chance.one_in(3) {
            roots.push(authority);
        }
    }
    if chance.one_in(12) {
        roots.push(&leaf);
    }
    Case { facts: None, ..case(&format!("random-{at}"), &chain, &roots, &[]) }
}

fn common_name(params: &CertificateParams) -> &str {
    match params.distinguished_name.get(&rcgen::DnType::CommonName) {
        Some(rcgen::DnValue::Utf8String(name)) => name,
        _ => "",
    }
}

fn disturbed(chance: &mut Chance, mut params: CertificateParams) -> CertificateParams {
    if chance.one_in(8) {
        let from = *chance.pick(&[2020, 2030]);
        between(&mut params, from, from + 1);
    }
    if chance.one_in(8) {
        let usages = [
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::Any,
        ];
        params.extended_key_usages = vec![chance.pick(&usages).clone()];
    }
    if matches!(params.is_ca, IsCa::Ca(_)) {
        if chance.one_in(6) {
            let limit = u8::try_from(chance.below(3)).expect("small");
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(limit));
        }
        if chance.one_in(12) {
            params.is_ca = chance.pick(&[IsCa::NoCa, IsCa::ExplicitNoCa]).to_owned();
        }
        if chance.one_in(10) {
            params.key_usages =
                vec![*chance.pick(&[KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign])];
        }
        if chance.one_in(8) {
            let tree = |name: &str| vec![GeneralSubtree::DnsName(name.to_owned())];
            let name = *chance.pick(&["example", ".example", "reg.example", "test", "10.example"]);
            params.name_constraints = Some(match chance.one_in(2) {
                true => NameConstraints { permitted_subtrees: tree(name), excluded_subtrees: vec![] },
                false => NameConstraints { permitted_subtrees: vec![], excluded_subtrees: tree(name) },
            });
        }
    }
    params
}
