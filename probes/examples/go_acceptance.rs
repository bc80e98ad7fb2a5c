//! Compares pullcheck's judgement of certificate chains with that of Go's `crypto/x509`, which decides for
//! containerd. Exit code 1: they differ; 2: Go could not be asked.
//!
//! `cargo run -p probes --example go_acceptance [-- NUMBER_OF_RANDOM_CASES [SEED]]`

#[path = "../tests/go_acceptance/cases.rs"]
mod cases;
#[path = "../tests/go_acceptance/random.rs"]
mod random;

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};

use base64::Engine;
use jiff::Timestamp;
use probes::handshake::{Trusted, certificate_problem};
use probes::net::{Roots, RootsSource};
use probes::observation::CertificateProblem;

use crate::cases::Case;

fn main() -> ExitCode {
    match compare() {
        Ok((0, count)) => {
            say(&format!("{count} chains: pullcheck and Go agree"));
            ExitCode::SUCCESS
        }
        Ok((differences, count)) => {
            say(&format!("{count} chains: pullcheck and Go differ on {differences}"));
            ExitCode::from(1)
        }
        Err(error) => {
            say(&format!("NOT COMPARED WITH GO: {error}"));
            ExitCode::from(2)
        }
    }
}

fn say(text: &str) {
    // A closed pipe changes nothing about the result.
    let _ = writeln!(std::io::stderr(), "go_acceptance: {text}");
}

fn compare() -> Result<(usize, usize), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(500), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(20_261_124), |text| text.parse())?;
    let mut all = cases::all();
    all.extend(random::cases(count, seed));

    let directory = tempfile::tempdir()?;
    for case in &all {
        write(case, &directory.path().join(&case.name))?;
    }
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/go_acceptance");
    let mut go = Command::new("go");
    // Another toolchain than that of the machine is not fetched behind its back.
    go.env("GOTOOLCHAIN", "local").current_dir(program).args(["run", "."]).arg(directory.path());
    let run = go.output();
    let output = run.map_err(|error| format!("`go` cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("`go run` failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let verdicts: HashMap<&str, Vec<&str>> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, rest)| (name, rest.splitn(3, '\t').collect()))
        .collect();

    let mut differences = 0;
    for case in &all {
        let ours = judge(case)?;
        let expected = case.facts.as_ref().is_none_or(|facts| facts.is_empty() == ours.is_none());
        if !expected {
            differences += 1;
            say(&format!("{}: expected {:?}, pullcheck {ours:?}", case.name, case.facts));
        }
        let theirs = verdicts.get(case.name.as_str()).ok_or("Go left out a case")?;
        if !agree(ours.as_ref(), theirs) {
            differences += 1;
            say(&format!("{}: Go says {theirs:?}, pullcheck {ours:?}", case.name));
        }
    }
    let accepted = verdicts.values().filter(|verdict| verdict.first() == Some(&"accepted")).count();
    say(&format!("Go accepts {accepted} of {}", all.len()));
    Ok((differences, all.len()))
}

fn judge(case: &Case) -> Result<Option<CertificateProblem>, Box<dyn Error>> {
    let source = RootsSource::File("roots.pem".to_owned());
    let trusted = Trusted::new(&Roots::new(source, case.roots.clone()));
    let now: Timestamp = case.now.parse()?;
    Ok(certificate_problem(&case.chain, &case.host, now, &trusted))
}

/// The same verdict, and among our facts the one that Go names: it names only the first.
fn agree(ours: Option<&CertificateProblem>, theirs: &[&str]) -> bool {
    match (ours, theirs) {
        (None, ["accepted", ..]) => true,
        (Some(ours), ["refused", kind, ..]) => match *kind {
            "expired" => ours.validity.is_some(),
            "hostname" => ours.no_san || ours.wrong_name.is_some(),
            // Go reports an authority outside its validity as an unknown one.
            "unknown-authority" => ours.unknown_issuer.is_some() || ours.validity.is_some(),
            _ => ours.other.is_some(),
        },
        _ => false,
    }
}

fn write(case: &Case, directory: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir(directory)?;
    let pem = |ders: &[rustls_pki_types::CertificateDer<'_>]| -> String {
        let encode = |der: &[u8]| base64::engine::general_purpose::STANDARD.encode(der);
        ders.iter()
            .map(|der| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", encode(der)))
            .collect()
    };
    std::fs::write(directory.join("chain.pem"), pem(&case.chain))?;
    std::fs::write(directory.join("roots.pem"), pem(&case.roots))?;
    std::fs::write(directory.join("host"), &case.host)?;
    std::fs::write(directory.join("now"), &case.now)?;
    Ok(())
}
