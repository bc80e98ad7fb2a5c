//! Every page below `tests/scenarios`: its world is started, its command is run, and what the user sees is what the page
//! says, the verdict in JSON too. `UPDATE=1` rewrites the pages' output; the verdict is rewritten only where a page has
//! none, since it is the page's claim and not the program's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use world::{Outcome, Page, run_all};

/// What differs from run to run: ports, times, durations, the run's id, the folder.
fn masked(text: &str, dir: &str) -> String {
    let mut text = if dir.is_empty() { text.to_owned() } else { text.replace(dir, "$DIR") };
    for (pattern, mask) in [
        // How long all of it took changes where the line breaks, and each check its column of times.
        (r"(?s)\nrun    [0-9a-f]{16} · .*? tier (\w+)", "\nrun    ID · TIME · tier $1"),
        (r"(?m)\b(pass|FAIL|warn|unknown) +\d+\b", "$1 N"),
        (r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:PORT"),
        (r"\[::1\]:\d{4,5}", "[::1]:PORT"),
        (r"pullcheck-[0-9a-f]{8}\b", "pullcheck-RUN"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        // A long text of somebody else's may be cut off within its time.
        (r"\b20\d\d-\d{1,2}(-\d*)?([T ][\d:]*)?…", "TIME…"),
        (r"\b\d+(\.\d+)? (ms|s)\b", "N $2"),
        (r"(?m)^( *)durationMs: \d+$", "${1}durationMs: N"),
        (r"(?m)^( *)runId: [0-9a-f]{16}$", "${1}runId: ID"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "GUID"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, mask).into_owned();
    }
    text
}

/// The secrets that a page brings into its run: passwords of its users, secrets of its identities and proxies, signatures
/// of its storage, and every word of its files with CANARY in it.
fn secrets(page: &Page) -> Vec<String> {
    let passwords = page.world.users.iter().map(|user| user.password.clone());
    let identities = page.world.identities.iter().flatten().filter_map(|identity| identity.secret.clone());
    let proxies = page.world.hosts.values().filter_map(|host| {
        let credentials = host.proxy.as_ref()?.credentials.as_ref()?;
        credentials.split_once(':').map(|(_, password)| password.to_owned())
    });
    let azure = page.files.values().filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let in_azure = azure.filter_map(|file| {
        // `msi` is what stands there where a managed identity is used, and no secret.
        file["aadClientSecret"].as_str().filter(|secret| *secret != "msi").map(str::to_owned)
    });
    let canary = Regex::new(r"[A-Za-z0-9_.~+/-]*CANARY[A-Za-z0-9_.~+/=-]*").unwrap();
    let canaries: Vec<String> = page
        .files
        .values()
        .flat_map(|text| canary.find_iter(text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>())
        .collect();
    let configs = page.files.values().filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let in_configs = configs.flat_map(|config| {
        let entries = config["auths"].as_object().cloned().unwrap_or_default();
        let fields = ["auth", "password", "identitytoken", "registrytoken"];
        let texts = entries
            .into_iter()
            .flat_map(move |(_, entry)| fields.map(|f| entry[f].as_str().map(str::to_owned)));
        texts.flatten().flat_map(|text| [password_of(&text), Some(text)]).flatten().collect::<Vec<_>>()
    });
    // `sig=` and its like are in every signed address of the world; a token begins with the base64 of `{"`.
    let always = ["sig=", "X-Amz-Signature=", "eyJ"].map(str::to_owned);
    passwords
        .chain(identities)
        .chain(proxies)
        .chain(in_azure)
        .chain(in_configs)
        .chain(canaries)
        .filter(|secret| secret.len() > 5)
        .chain(always)
        .collect()
}

/// The password in a `USER:PASSWORD` that is written in base64.
fn password_of(auth: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

fn differences(page: &Page, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let json = outcome.json.as_ref().map(ToString::to_string).unwrap_or_default();
    let case = outcome.case.clone().unwrap_or_default();
    // The folder's name is random, and may have any three letters.
    let said =
        [&outcome.stdout, &outcome.stderr, &json, &case].map(|text| text.replace(&outcome.dir, "$DIR"));
    for secret in secrets(page) {
        if said.iter().any(|text| text.contains(&secret)) {
            wrong.push(format!("the secret {secret} is in an output"));
        }
    }
    let shown = masked(&outcome.stdout, &outcome.dir);
    // How many digits a duration has may change where a line breaks.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let timed = shown.contains("N s") || shown.contains("N ms");
    if shown.trim() != page.stdout.trim() && !(timed && words(&shown) == words(&page.stdout)) {
        wrong.push(format!("the page shows\n{}\nand the user sees\n{shown}", page.stdout));
    }
    let is = outcome.verdict();
    if let (Some(said), is) = (&page.verdict, &is)
        && Some(said) != is.as_ref()
    {
        wrong.push(format!("the page claims {said:?}\nand the report says {is:?}"));
    }
    wrong
}

#[test]
fn every_page_is_what_the_user_sees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let pages = Page::all(&folder).unwrap();
    assert!(pages.len() >= 40, "only {} pages", pages.len());
    let update = std::env::vars().any(|(name, value)| name == "UPDATE" && value == "1");
    let wrong: Vec<String> = run_all(pages, |page, outcome| {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Some(format!("== {}\n{error:?}", page.name)),
        };
        let path = folder.join(format!("{}.md", page.name));
        let page = match page.verdict.clone().or(outcome.verdict()).filter(|_| update) {
            Some(verdict) => {
                let text = page.rewrite(&masked(&outcome.stdout, &outcome.dir), &verdict);
                std::fs::write(&path, text).unwrap();
                Page::load(&path).unwrap()
            }
            None => page,
        };
        let found = differences(&page, &outcome);
        (!found.is_empty()).then(|| format!("== {}\n{}", page.name, found.join("\n")))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{} pages differ:\n{}", wrong.len(), wrong.join("\n\n"));
}
