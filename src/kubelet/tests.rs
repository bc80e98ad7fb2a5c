//! What is read out of the texts of kubelets and runtimes.

mod happened;
mod means;
mod upstream;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;
use crate::report::Stance;

/// The rows of a table, with each field unescaped; lines that begin with `#` are for the reader.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<String>> {
    let unescape = |field: &str| field.replace("\\\\", "\0").replace("\\n", "\n").replace('\0', "\\");
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(move |line| line.split('\t').map(unescape).collect())
}

/// The ids that a message leads to.
fn leads(reason: &str, message: &str, context: &Context<'_>) -> Vec<String> {
    stances(reason, message, context).iter().map(|says| says.cause.to_string()).collect()
}

const A: &str = "contosoacr.azurecr.io/team/web:v1";

#[test]
fn the_forms_of_every_program_are_read() {
    let mut phases = BTreeSet::new();
    for row in rows(include_str!("tests/forms.tsv")) {
        let [dialect, phase, causes, message] = row.as_slice() else { panic!("{row:?}") };
        let said = read(message);
        assert_eq!(&format!("{:?}", said.runtime), dialect, "{message}");
        let decides = said.deciding().expect("an attempt");
        assert_eq!(&format!("{:?}", decides.phase), phase, "{message}");
        assert_eq!(&leads("Failed", message, &Context::default()).join(","), causes, "{message}");
        assert!(!decides.innermost.is_empty(), "{message}");
        phases.insert(decides.phase);
    }
    assert!(phases.len() >= 9, "{phases:?}");
}

#[test]
fn what_was_there_is_among_few_candidates() {
    let (mut count, mut candidates) = (0, 0);
    for row in rows(include_str!("tests/recorded.tsv")) {
        let [reason, causes, message] = row.as_slice() else { panic!("{row:?}") };
        let found = leads(reason, message, &Context::default());
        assert!(
            found.iter().any(|cause| causes.split(',').any(|c| c == cause)),
            "{causes} or {found:?}? {message}"
        );
        // What is kept of it in a case leads to the same.
        let kept = probes::foreign::Foreign::long(message);
        assert_eq!(leads(reason, kept.as_str(), &Context::default()), found, "{message}");
        count += 1;
        candidates += found.len();
    }
    assert!(count > 140);
    assert!(candidates * 10 <= count * 22, "{candidates} candidates for {count} texts");
}

#[test]
fn a_message_is_taken_apart() {
    let said = read(
        "Failed to pull image \"contosoacr.azurecr.io/team/web:v1\": [rpc error: code = NotFound desc = failed to pull and unpack \
         image \"contosoacr.azurecr.io/team/web:v1\": failed to resolve image: contosoacr.azurecr.io/team/web:v1: not found, failed \
         to pull and unpack image \"contosoacr.azurecr.io/team/web:v1\": failed to resolve image: failed to authorize: failed to \
         fetch anonymous token: unexpected status from GET request to https://contosoacr.azurecr.io/oauth2/token?scope=repository%3A\
         team%2Fweb%3Apull&service=contosoacr.azurecr.io: 401 Unauthorized]",
    );
    assert_eq!(said.image.as_ref().unwrap().as_str(), A);
    assert_eq!((said.runtime, said.deciding().unwrap().phase), (Dialect::Containerd2, Phase::Resolve));
    assert_eq!(said.deciding().unwrap().code.as_ref().unwrap().as_str(), "NotFound");
    let [first, second] = said.attempts.as_slice() else { panic!("{:?}", said.attempts) };
    assert_eq!((first.signed, first.status), (None, None));
    assert_eq!((second.signed, second.status), (Some(Signed::Anonymous), Some(401)));
    assert_eq!(second.host.as_ref().unwrap().as_str(), "contosoacr.azurecr.io");
    assert_eq!(second.url.as_ref().unwrap().as_str(), "https://contosoacr.azurecr.io/oauth2/token?…");
    assert!(second.innermost.as_str().starts_with("failed to fetch anonymous token: unexpected status"));
}

#[test]
fn the_registrys_own_words_are_found() {
    let words = |message: &str| {
        let words = read(message).deciding().unwrap().registry.clone().unwrap();
        (words.code.map(|code| code.to_string()), words.message.to_string())
    };
    let head = "failed to resolve image: unexpected status from HEAD request to https://r.example/v2/a/manifests/v1: 403 Forbidden";
    assert_eq!(
        words(&format!("{head}\ndenied: by the guard")),
        (Some("denied".to_owned()), "by the guard".to_owned())
    );
    // The line's end is a blank in what was cleaned.
    assert_eq!(words(&format!("{head} denied: by the guard")).1, "by the guard");
    assert_eq!(
        words(&format!("{head} - Server message: denied: no")),
        (Some("denied".to_owned()), "no".to_owned())
    );
    assert_eq!(words("Error response from daemon: toomanyrequests: slow down").1, "slow down");
    assert_eq!(read(head).deciding().unwrap().registry, None);
}

#[test]
fn an_address_keeps_its_secrets() {
    for message in [
        "failed to copy: httpReadSeeker: failed open: unexpected status code https://me:c4n4ry@s.example/b?sig=c4n4ry: 403 Forbidden",
        "Failed to pull image \"https://me:c4n4ry@r.example/a?sig=c4n4ry\": failed to do request: Get \"https://me:c4n4ry@s.example/b?sig=c4n4ry\": EOF",
        "Error response from daemon: Get https://s.example/b?sig=c4n4ry: dial tcp 1.2.3.4:443: i/o timeout",
        "rpc error: code = https://x?c4n4ry desc = unexpected status: 500 Internal Server Error https://x/?c4n4ry",
    ] {
        let said = serde_json::to_string(&read(message)).unwrap();
        assert!(!said.contains("c4n4ry"), "{said}");
    }
}

#[test]
fn commas_in_an_error_do_not_end_it() {
    let one = "failed to do request: Head \"https://r.example/v2/a/manifests/v1?a=b,c\": dial tcp 1.2.3.4:443: i/o timeout, [x, y]";
    let message = format!(
        "Failed to pull image \"r.example/a:v1\": [{one}, rpc error: code = NotFound desc = r.example/a:v1: not found"
    );
    // The end is cut off.
    assert_eq!(read(&message).attempts.len(), 2);
    assert_eq!(read("[::1]:53: connection refused").attempts.len(), 1);
}

#[test]
fn an_images_path_tells_nothing() {
    let innocent =
        "failed to resolve image: failed to do request: Head \"https://r.example/v2/NAME/manifests/v1\": EOF";
    let expected = leads("Failed", &innocent.replace("NAME", "team/web"), &Context::default());
    for name in [
        "eof/quarantine",
        "unauthorized/x509",
        "denied/no-such-host",
        "schema1/toomanyrequests",
        "lookup/decrypt",
        "overlaybd/policy.json",
    ] {
        for message in [
            innocent.replace("NAME", name),
            format!(
                "failed to pull and unpack image \"r.example/{name}:v1\": {}",
                innocent.replace("NAME", name)
            ),
        ] {
            assert_eq!(leads("Failed", &message, &Context::default()), expected, "{message}");
        }
        for (form, causes) in [
            (
                "failed to resolve image: unexpected status from HEAD request to https://r.example/v2/NAME/manifests/v1: 503 Service \
              Unavailable",
                vec!["RegistryServerError"],
            ),
            (
                "Error response from daemon: received unexpected HTTP status: 503 Service Unavailable for r.example/NAME:v1",
                vec!["RegistryServerError"],
            ),
            (
                "Error response from daemon: manifest for r.example/NAME:v1 not found: manifest unknown",
                vec!["TagNotFound"],
            ),
        ] {
            let message = form.replace("NAME", name);
            assert_eq!(leads("Failed", &message, &Context::default()), causes, "{message}");
        }
        let missing = format!(
            "failed to pull and unpack image \"r.example/{name}:v1\": failed to resolve image: r.example/{name}:v1: not found"
        );
        assert_eq!(
            leads("Failed", &missing, &Context::default()),
            ["TagNotFound", "RepositoryNotFound"],
            "{missing}"
        );
    }
}

#[test]
fn anything_is_read_in_time() {
    let pieces = [
        "[",
        "failed to pull and unpack image \"",
        ", rpc error: code = ",
        "Get \"https://",
        "://",
        "\"",
        ": ",
        "é",
        "401 ",
        "lookup ",
    ];
    for piece in pieces {
        for text in [piece.repeat(200_000), format!("Failed to pull image \"a\": {}", piece.repeat(200_000))]
        {
            let started = Instant::now();
            let said = read(&text);
            let _ = stances("Failed", &text, &Context::default());
            assert!(said.attempts.len() <= MOST_ATTEMPTS, "{piece}");
            assert!(started.elapsed() < Duration::from_secs(20), "{piece}: {:?}", started.elapsed());
        }
    }
    assert_eq!(read(""), Said::default());
}

/// The list is what `checks` publish, so it must hold every cause that the sources name, and no other.
#[test]
fn the_list_of_causes_is_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kubelet");
    let mut sources = String::new();
    for file in [folder.clone(), folder.join("auth"), folder.join("wire"), folder.join("words")] {
        for entry in fs::read_dir(file).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() && !["speaks.rs", "tests.rs"].contains(&name.as_str()) {
                sources.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let used: BTreeSet<&str> = sources.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let expected: Vec<&str> =
        crate::causes::all().map(|cause| cause.id.as_str()).filter(|id| used.contains(id)).collect();
    let listed: Vec<&str> = SPEAKS_OF.iter().map(|id| id.as_str()).collect();
    assert_eq!(listed, expected);
}

#[test]
fn only_typed_reasons_confirm() {
    let confirmed = |reason: &str, message: &str| {
        stances(reason, message, &Context::default()).iter().any(|says| says.stance == Stance::Confirms)
    };
    assert!(confirmed("InvalidImageName", "couldn't parse image name \"A/b\": invalid reference format"));
    assert!(confirmed("SignatureValidationFailed", "SignatureValidationFailed: no"));
    assert!(confirmed("ImageVolumeMountFailed", "x"));
    for reason in [
        "Failed",
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InspectFailed",
        "RegistryUnavailable",
    ] {
        for row in rows(include_str!("tests/recorded.tsv")) {
            assert!(!confirmed(reason, &row[2]), "{reason}: {}", row[2]);
        }
    }
}
