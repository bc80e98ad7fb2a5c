//! Ways in for fuzzing, as [`probes::fuzzing`] has them: docker configurations, saved cases and the words of kubelets.

use probes::credential::{Flaw, Login, Proof};
use probes::target::Target;

use crate::case::Case;
use crate::case::pull::{Source, Word};
use crate::judge::judge;
use crate::kubelet::{self, Context, Outcome};
use crate::login::docker_config::{DockerConfig, Entry, kubelet_logins};
use crate::render::{Format, Style, render};
use crate::report::Stance;

/// A docker configuration or pull secret: nothing that may be shown acts on a terminal, and a password that is written
/// once is only in secrets.
pub fn docker_config(bytes: &[u8]) {
    const CANARY: &str = "c4n4ry";
    let text = String::from_utf8_lossy(bytes);
    for target in ["contosoacr.azurecr.io/team/web:v1", "nginx", "localhost:5000/a"] {
        let target = Target::parse(target).expect("a target");
        let mut shown: Vec<String> = Vec::new();
        let mut is_secret = false;
        let mut found = |login: &Login, shown: &mut Vec<String>| {
            shown.push(login.credential.to_string());
            let secret = match &login.proof {
                Some(Proof::Password { password, .. }) => password,
                Some(Proof::RefreshToken(token) | Proof::RegistryToken(token)) => token,
                Some(Proof::Managed(_) | Proof::Entra(_)) | None => {
                    panic!("a docker configuration holds no such thing")
                }
            };
            assert!(!secret.expose().is_empty());
            is_secret |= secret.expose().contains(CANARY);
        };
        match kubelet_logins(&text, "secret.json", &target) {
            Ok(logins) => logins.iter().for_each(|login| found(login, &mut shown)),
            Err(flaw) => {
                if let Flaw::Malformed { error, .. } = &flaw {
                    shown.push(error.clone());
                }
                shown.push(serde_json::to_string(&flaw).expect("a flaw has a JSON form"));
            }
        }
        match DockerConfig::read(&text).map(|config| config.entry(&target)) {
            Ok(Entry::Found(login)) => found(&login, &mut shown),
            Ok(Entry::Helper(text) | Entry::Unusable(text)) | Err(text) => shown.push(text),
            Ok(Entry::Absent(keys)) => shown.extend(keys),
        }
        for text in shown {
            assert!(!text.chars().any(char::is_control), "{text:?}");
            if is_secret && bytes.windows(CANARY.len()).filter(|part| *part == CANARY.as_bytes()).count() == 1
            {
                assert!(!text.contains(CANARY), "a secret is shown");
            }
        }
    }
}

/// A saved case: whatever can be read can be judged, saved again as the same, and told in every format.
pub fn case(bytes: &[u8]) {
    let Ok(case) = Case::read("case.json", &String::from_utf8_lossy(bytes)) else { return };
    let again = Case::read("case.json", &case.write()).expect("what was saved is read");
    // Numbers, times and cleaned texts are the same after one more round.
    assert_eq!(again, case);
    let report = judge(&case);
    for format in Format::ALL {
        for ascii in [false, true] {
            let told = render(&report, format, &Style { ascii, ..Style::default() });
            assert!(told.ends_with('\n') && !told.ends_with("\n\n"), "{format}");
            assert!(!told.chars().any(|c| c.is_control() && c != '\n'), "{format}");
        }
    }
    let json = render(&report, Format::Json, &Style::default());
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}

/// What a kubelet says: the first line is a reason, the rest its message. Nothing that is read out of it acts on a terminal or
/// holds what an address kept to itself, each cause is named once, and only a typed reason confirms one.
pub fn kubelet(bytes: &[u8]) {
    const SECRET: &str = "c4n4ry";
    const TYPED: [&str; 3] = ["InvalidImageName", "SignatureValidationFailed", "ImageVolumeMountFailed"];
    let text = String::from_utf8_lossy(bytes);
    if text.contains(SECRET) {
        return;
    }
    let (reason, message) = text.split_once('\n').unwrap_or((&text, ""));
    for message in
        [message.to_owned(), format!("{message} Get \"https://me:{SECRET}@s.example/b?sig={SECRET}\": EOF")]
    {
        let said = serde_json::to_value(kubelet::read(&message)).expect("what was said has a JSON form");
        let shown = said.to_string();
        assert!(!shown.contains(SECRET), "a secret is shown");
        for control in ["\\u0000", "\\u001b", "\\n", "\\r"] {
            assert!(!shown.replace("\\\\", "").contains(control), "{shown}");
        }
        for (runtime, azure, secrets, image) in [
            ("", false, None, ""),
            ("containerd://1.6.20", true, Some(true), "contosoacr.azurecr.io/team/web:v1"),
            ("cri-o://1.34.1", false, Some(false), message.as_str()),
        ] {
            let says = kubelet::stances(reason, &message, &Context { runtime, azure, secrets, image });
            for (at, one) in says.iter().enumerate() {
                assert!(kubelet::SPEAKS_OF.contains(&one.cause), "{}", one.cause);
                assert!(says[..at].iter().all(|other| other.cause != one.cause), "{} twice", one.cause);
                assert!(one.stance != Stance::Confirms || TYPED.contains(&reason), "{reason}");
            }
        }
    }
    registrys(message);
    let words: Vec<Word> =
        [Source::Event, Source::Waiting, Source::Terminated, Source::Pod, Source::Condition]
            .into_iter()
            .map(|source| Word::state(source, reason, message, None))
            .collect();
    // Nothing but the kubelet's reasons is taken for a pull.
    if matches!(kubelet::outcome(&words[..1]), Outcome::Pulled) {
        assert!(["Created", "Started", "Failed"].contains(&words[0].reason.as_str()), "{reason}");
    }
    for count in 0..=words.len() {
        if let Outcome::Failed(word) | Outcome::NotStarted(word) = kubelet::outcome(&words[..count]) {
            assert!(words[..count].contains(word));
        }
    }
}

/// Whatever a registry says beside a fault of its own, it is no fault of the node, of its runtime or of the way there.
pub(crate) fn registrys(words: &str) {
    const LAYERS: [&str; 6] =
        ["node-runtime", "name-resolution", "tcp-tls", "proxy", "kubelet", "image-reference"];
    for form in [
        "failed to resolve image: unexpected status from HEAD request to https://r.example/v2/a/manifests/v1: 500 Internal Server Error\nunknown: ",
        "Error response from daemon: unknown: ",
    ] {
        let message = format!(
            "Failed to pull image \"r.example/a:v1\": rpc error: code = Unknown desc = {form}{words}"
        );
        for one in kubelet::stances("Failed", &message, &Context::default()) {
            let cause = crate::causes::find(one.cause.as_str()).expect("a cause of the catalogue");
            assert!(!LAYERS.contains(&cause.layer), "{} of {message}", one.cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// A target's name, and what it does with an input.
    type Target = (&'static str, fn(&[u8]));

    const TARGETS: [Target; 3] =
        [("case", super::case), ("docker_config", super::docker_config), ("kubelet", super::kubelet)];

    /// Every input that is kept is read again, so that a fault that was found stays mended.
    #[test]
    fn the_corpora_are_read_without_a_fault() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        for (name, read) in TARGETS {
            let program = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).expect(name);
            assert!(program.contains(&format!("pullcheck::fuzzing::{name}(")), "{name}");
            let mut inputs = 0;
            for input in fs::read_dir(fuzz.join("corpus").join(name)).expect(name) {
                let path = input.expect(name).path();
                let input = fs::read(&path).expect(name);
                let ended = std::panic::catch_unwind(|| read(&input));
                assert!(ended.is_ok(), "{}", path.display());
                inputs += 1;
            }
            assert!(inputs >= 3, "{name} has {inputs} inputs");
        }
    }
}
