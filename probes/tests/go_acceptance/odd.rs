//! Cases about usages, constraints, keys, and certificates that Go does not even parse.

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose as Usage, GeneralSubtree as Subtree, IsCa, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType, SerialNumber,
};

use super::party::{Party, patched, plain, server_params};
use super::{Case, case};

const HOST: &[&str] = &["reg.example"];

/// What certificates may be used for.
pub(crate) fn usages() -> Vec<Case> {
    let root = Party::root("Root", &plain);
    let used = |usages: &[Usage]| {
        let usages = usages.to_vec();
        move |p: &mut CertificateParams| p.extended_key_usages.clone_from(&usages)
    };
    let leaf = |usages: &[Usage]| root.server(HOST, &used(usages));
    let below = |edit: super::party::Edit<'_>| {
        let sub = root.authority("Sub", edit);
        (sub.server(HOST, &plain), sub)
    };
    let (client_leaf, client_sub) = below(&used(&[Usage::ClientAuth]));
    let (server_leaf, server_sub) = below(&used(&[Usage::ClientAuth, Usage::ServerAuth]));
    let (unsigned_leaf, unsigned) = below(&|p| p.key_usages = vec![KeyUsagePurpose::DigitalSignature]);
    let (no_usage_leaf, no_usage) = below(&|p| p.key_usages = vec![]);
    let (under_leaf, under) = below(&|p| p.is_ca = IsCa::ExplicitNoCa);
    let (bare_leaf, bare) = below(&|p| p.is_ca = IsCa::NoCa);
    let client_root = Party::root("Client", &used(&[Usage::ClientAuth]));
    let for_client_root = client_root.server(HOST, &plain);
    let short = root.authority("Short", &|p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let long = short.authority("Long", &plain);
    let odd_usage = leaf(&[Usage::Other(vec![1, 2, 3, 4])]);
    let leaf_usage = root.server(HOST, &|p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement]);
    vec![
        case("ok-server-usage", &[&leaf(&[Usage::ServerAuth])], &[&root], &[]),
        case("ok-any-usage", &[&leaf(&[Usage::Any])], &[&root], &[]),
        case("ok-key-usage-of-leaf", &[&leaf_usage], &[&root], &[]),
        case("client-usage", &[&leaf(&[Usage::ClientAuth])], &[&root], &["other"]),
        case("unknown-usage", &[&odd_usage], &[&root], &["other"]),
        case("client-usage-trusted", &[&leaf(&[Usage::ClientAuth])], &[&root], &["other"]),
        case("usage-of-intermediate", &[&client_leaf, &client_sub], &[&root], &["other"]),
        case("ok-usages-of-intermediate", &[&server_leaf, &server_sub], &[&root], &[]),
        case("usage-of-root", &[&for_client_root], &[&client_root], &["other"]),
        case("may-not-sign", &[&unsigned_leaf, &unsigned], &[&root], &["unknown_issuer", "other"]),
        case("ok-no-key-usage", &[&no_usage_leaf, &no_usage], &[&root], &[]),
        case("no-authority", &[&under_leaf, &under], &[&root], &["unknown_issuer", "other"]),
        case("no-basic-constraints", &[&bare_leaf, &bare], &[&root], &["unknown_issuer", "other"]),
        case("ok-path-length", &[&short.server(HOST, &plain), &short], &[&root], &[]),
        case(
            "path-too-long",
            &[&long.server(HOST, &plain), &long, &short],
            &[&root],
            &["unknown_issuer", "other"],
        ),
    ]
}

/// What authorities may vouch for.
pub(crate) fn constraints() -> Vec<Case> {
    let dns = |name: &str| Subtree::DnsName(name.to_owned());
    let row = |name: &str,
               permitted: Vec<Subtree>,
               excluded: Vec<Subtree>,
               names: Vec<SanType>,
               facts: &[&'static str]| {
        let limits = NameConstraints { permitted_subtrees: permitted, excluded_subtrees: excluded };
        let root = Party::root("Root", &|p| p.name_constraints = Some(limits.clone()));
        let sub = root.authority("Sub", &plain);
        let leaf = sub.server(&[], &|p| p.subject_alt_names.clone_from(&names));
        case(name, &[&leaf, &sub], &[&root], facts)
    };
    let reg = || super::party::san("reg.example");
    let mail = |text: &str| SanType::Rfc822Name(text.try_into().expect("ASCII"));
    let uri = |text: &str| SanType::URI(text.try_into().expect("ASCII"));
    let network = || Subtree::IpAddress(CidrSubnet::from_v4_prefix([10, 0, 0, 0], 8));
    let directory = Subtree::DirectoryName(DistinguishedName::new());
    vec![
        row("ok-permitted", vec![dns("example")], vec![], vec![reg()], &[]),
        row("ok-permitted-below", vec![dns(".example")], vec![], vec![reg()], &[]),
        row("permitted-below-only", vec![dns(".reg.example")], vec![], vec![reg()], &["other"]),
        row("not-permitted", vec![dns("test")], vec![], vec![reg()], &["other"]),
        row("permitted-half-a-label", vec![dns("g.example")], vec![], vec![reg()], &["other"]),
        row("excluded", vec![], vec![dns("EXAMPLE")], vec![reg()], &["other"]),
        row("ok-excluded-others", vec![], vec![dns("test")], vec![reg()], &[]),
        row(
            "excluded-other-name",
            vec![],
            vec![dns("bad")],
            vec![reg(), super::party::san("a.bad")],
            &["other"],
        ),
        row(
            "excluded-by-wildcard",
            vec![],
            vec![dns("a.bad")],
            vec![reg(), super::party::san("*.bad")],
            &["other"],
        ),
        row(
            "address-permitted",
            vec![dns("example"), network()],
            vec![],
            vec![reg(), super::party::san("10.9.9.9")],
            &[],
        ),
        row(
            "address-not-permitted",
            vec![network()],
            vec![],
            vec![reg(), super::party::san("11.9.9.9")],
            &["other"],
        ),
        row(
            "address-excluded",
            vec![],
            vec![network()],
            vec![reg(), super::party::san("10.9.9.9")],
            &["other"],
        ),
        row(
            "ok-mail",
            vec![Subtree::Rfc822Name("a@x.test".into())],
            vec![],
            vec![reg(), mail("a@X.test")],
            &[],
        ),
        row(
            "mail",
            vec![Subtree::Rfc822Name("x.test".into())],
            vec![],
            vec![reg(), mail("a@y.test")],
            &["other"],
        ),
        row("mail-without-domain", vec![dns("example")], vec![], vec![reg(), mail("a")], &["other"]),
        row("ok-uri", vec![dns("example")], vec![], vec![reg(), uri("spiffe://a.test/b")], &[]),
        row("uri-without-host", vec![dns("example")], vec![], vec![reg(), uri("urn:a:b")], &["other"]),
        row("directory", vec![], vec![directory], vec![reg()], &["unknown_issuer", "other"]),
    ]
}

fn extension(id: &[u64], critical: bool, content: &[u8]) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(id, content.to_vec());
    extension.set_criticality(critical);
    extension
}

/// What Go's parser takes.
pub(crate) fn parsing() -> Vec<Case> {
    let root = Party::root("Root", &plain);
    let leaf = root.server(HOST, &plain);
    let extended =
        |extensions: &[CustomExtension]| root.server(HOST, &|p| p.custom_extensions = extensions.to_vec());
    let numbered =
        |serial: &[u8]| root.server(HOST, &|p| p.serial_number = Some(SerialNumber::from_slice(serial)));
    let row = |name: &str, leaf: &Party, facts: &[&'static str]| case(name, &[leaf], &[&root], facts);
    let marked = numbered(&[0x51, 0x52, 0x53, 0x54, 0x55]);
    let negative = patched(&marked.der, &[0x51, 0x52, 0x53, 0x54, 0x55], &[0xd1, 0x52, 0x53, 0x54, 0x55]);
    let padded = patched(&marked.der, &[0x51, 0x52, 0x53, 0x54, 0x55], &[0x00, 0x52, 0x53, 0x54, 0x55]);
    let printable = root.server(HOST, &|p| {
        let text = "Printable-here".try_into().expect("a PrintableString");
        p.distinguished_name.push(DnType::OrganizationName, DnValue::PrintableString(text));
    });
    let mut trailing = leaf.der.to_vec();
    trailing.push(0);
    let mut broken = leaf.der.to_vec();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let unknown = extension(&[1, 2, 3, 4], true, &[5, 0]);
    let policies: &[u8] = &[0x30, 0x08, 0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x20, 0x00];
    let short_address: &[u8] = &[0x30, 0x07, 0x87, 0x05, 1, 2, 3, 4, 5];
    let san = |value: &[u8]| {
        root.server(&[], &|p| p.custom_extensions = vec![extension(&[2, 5, 29, 17], false, value)])
    };
    let odd_sub = root.authority("Sub", &|p| p.custom_extensions = vec![unknown.clone()]);
    vec![
        row("ok-serial-zero", &numbered(&[0]), &[]),
        row("ok-serial-long", &numbered(&[0x77; 30]), &[]),
        row("serial-negative", &leaf, &["other"]).with(0, negative.clone()),
        row("serial-padded", &leaf, &["other"]).with(0, padded),
        case("extra-with-negative-serial", &[&leaf, &leaf], &[&root], &["other"]).with(1, negative),
        row("trailing-data", &leaf, &["other"]).with(0, trailing.into()),
        row("broken-signature", &leaf, &["unknown_issuer", "other"]).with(0, broken.into()),
        row("no-certificate", &leaf, &["other"]).with(0, vec![0x30, 0x00].into()),
        row("ok-printable-string", &printable, &[]),
        row("no-printable-string", &leaf, &["other"])
            .with(0, patched(&printable.der, b"Printable-here", b"Printable_here")),
        row("unknown-critical", &extended(std::slice::from_ref(&unknown)), &["other"]),
        row("ok-unknown", &extended(&[extension(&[1, 2, 3, 4], false, &[5, 0])]), &[]),
        row(
            "duplicate",
            &extended(&[extension(&[1, 2, 3, 4], false, &[5, 0]), extension(&[1, 2, 3, 4], false, &[5, 0])]),
            &["other"],
        ),
        row("ok-critical-policies", &extended(&[extension(&[2, 5, 29, 32], true, policies)]), &[]),
        row(
            "critical-key-identifier",
            &extended(&[extension(&[2, 5, 29, 14], true, &[4, 1, 1])]),
            &["other"],
        ),
        row("san-of-five-bytes", &san(short_address), &["other"]),
        row("san-not-ascii", &san(&[0x30, 0x03, 0x82, 0x01, 0xe9]), &["other"]),
        row("san-empty", &san(&[0x30, 0x00]), &["wrong_name"]),
        row("san-mail-only", &san(b"\x30\x07\x81\x05a@b.c"), &["wrong_name"]),
        case(
            "unknown-critical-above",
            &[&odd_sub.server(HOST, &plain), &odd_sub],
            &[&root],
            &["unknown_issuer", "other"],
        ),
    ]
}

/// Keys and signatures.
pub(crate) fn keys() -> Vec<Case> {
    let make = |algorithm| KeyPair::generate_for(algorithm).expect("a key");
    let row = |name: &str, algorithm, facts: &[&'static str]| {
        let root = Party::self_signed(super::party::authority_params("Root", &plain), make(algorithm));
        let leaf = root.sign(server_params(HOST, &plain), make(algorithm));
        case(name, &[&leaf], &[&root], facts)
    };
    let rsa = row("ok-rsa", &rcgen::PKCS_RSA_SHA256, &[]);
    // sha256WithRSAEncryption to sha1WithRSAEncryption.
    let id = |last| [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last];
    let sha1 = patched(&rsa.chain[0], &id(11), &id(5));
    let mut weak = row("sha1", &rcgen::PKCS_ECDSA_P256_SHA256, &["unknown_issuer", "other"]).with(0, sha1);
    weak.roots.clone_from(&rsa.roots);
    vec![
        rsa,
        weak,
        row("ok-rsa-512", &rcgen::PKCS_RSA_SHA512, &[]),
        row("ok-p384", &rcgen::PKCS_ECDSA_P384_SHA384, &[]),
        row("ok-p521", &rcgen::PKCS_ECDSA_P521_SHA512, &[]),
        row("ok-p521-sha256", &rcgen::PKCS_ECDSA_P521_SHA256, &[]),
        row("ok-ed25519", &rcgen::PKCS_ED25519, &[]),
    ]
}
