//! `cargo run -p world -- SCENARIO`: a scenario's world, and the real check in it.

#![expect(clippy::print_stderr, reason = "a program for people; the library prints nothing")]

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use world::command::Command;
use world::{Ground, Page, Running, runner};

type Failure = Box<dyn Error>;

const USAGE: &str = "usage: world [SCENARIO [--hold]]\n\n  SCENARIO: a page's name, or a file with a slash in it; without one: the list\n  --hold: keep the world \
                     running for curl, openssl, skopeo or pullcheck, until Ctrl-C or the end of standard input\n\n  \
                     With --hold, in a network namespace of your own:\n  --own-addresses: listen at the world's own addresses and \
                     ports, not on loopback; the namespace must have them\n  --name NAME=ADDRESS: the nameservers know this host, \
                     too (again for more)\n  --state FOLDER: keep the root's key there for the next world, and write ca.pem and \
                     requests.jsonl\n\n  --addresses: only list what --own-addresses needs: 'address A' and 'nameserver A', one a line";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args[..] {
        [] => list(),
        ["-h" | "--help"] => writeln!(io::stdout(), "{USAGE}").map(|()| 0).map_err(Failure::from),
        [name] if !name.starts_with('-') => with(name, None),
        [name, "--addresses"] | ["--addresses", name] => addresses(name),
        _ => match hold(&args) {
            Some((name, ground)) => with(name, Some(&ground)),
            None => {
                eprintln!("{USAGE}");
                Ok(2)
            }
        },
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        // Who reads no further is not failed: a closed pipe ends the world.
        Err(failure) if broken_pipe(failure.as_ref()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("world: {}", chain(failure.as_ref()));
            ExitCode::from(70)
        }
    }
}

fn broken_pipe(failure: &(dyn Error + 'static)) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn chain(failure: &dyn Error) -> String {
    let mut text = failure.to_string();
    let mut next = failure.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")
}

fn list() -> Result<u8, Failure> {
    writeln!(io::stdout(), "scenarios (cargo run -p world -- SCENARIO [--hold]):\n")?;
    for page in Page::all(&folder())? {
        let first = page.story.split_inclusive(['.', '?', '!']).next().unwrap_or_default();
        writeln!(
            io::stdout(),
            "{}\n    {}\n    {}",
            page.name,
            page.title,
            first.split_whitespace().collect::<Vec<_>>().join(" ")
        )?;
    }
    Ok(0)
}

/// The scenario to hold and where its world stands; none where the words are others.
fn hold<'a>(args: &[&'a str]) -> Option<(&'a str, Ground)> {
    let (mut name, mut holds, mut ground) = (None, false, Ground::default());
    let mut words = args.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "--hold" => holds = true,
            "--own-addresses" => ground.own_addresses = true,
            "--name" => {
                let (host, address) = words.next()?.split_once('=')?;
                ground.names.push((host.to_owned(), address.parse().ok()?));
            }
            "--state" => ground.state = Some(PathBuf::from(words.next()?)),
            _ if word.starts_with('-') || name.is_some() => return None,
            _ => name = Some(word),
        }
    }
    name.filter(|_| holds).map(|name| (name, ground))
}

fn addresses(name: &str) -> Result<u8, Failure> {
    let Some(page) = find(name)? else { return Ok(2) };
    let needed = page.world.addresses();
    for address in needed.own {
        writeln!(io::stdout(), "address {address}")?;
    }
    for nameserver in needed.nameservers {
        writeln!(io::stdout(), "nameserver {nameserver}")?;
    }
    Ok(0)
}

fn with(name: &str, held: Option<&Ground>) -> Result<u8, Failure> {
    let Some(page) = find(name)? else { return Ok(2) };
    let runtime = runner::runtime()?;
    let running = runtime.block_on(page.world.start_on(held.unwrap_or(&Ground::default())))?;
    let command = runner::prepare(&page, &running)?;
    writeln!(io::stdout(), "{}\n{}\n\n{}\n", page.title, "=".repeat(page.title.chars().count()), page.story)?;
    if held.is_some() {
        show(&command, &running)?;
        // The end of standard input ends the world; Ctrl-C ends the process, and with it the sockets.
        io::stdin().read_to_end(&mut Vec::new())?;
        return Ok(0);
    }
    writeln!(io::stdout(), "$ {}\n", page.command)?;
    let (code, stdout, stderr) = runner::call(&command)?;
    eprint!("{stderr}");
    write!(io::stdout(), "{stdout}")?;
    Ok(code)
}

/// The page of a scenario's name, or of a file (a draft that stands elsewhere).
fn find(name: &str) -> Result<Option<Page>, Failure> {
    if name.contains('/') {
        return Ok(Some(Page::load(Path::new(name))?));
    }
    let name = name.trim_end_matches(".md");
    let names: Vec<String> = Page::paths(&folder())?
        .iter()
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    if names.iter().any(|known| known == name) {
        return Ok(Some(Page::load(&folder().join(format!("{name}.md")))?));
    }
    eprintln!("world: there is no scenario '{name}'");
    let near = near(name, &names);
    if !near.is_empty() {
        eprintln!("near it: {}", near.join(", "));
    }
    Ok(None)
}

fn show(command: &Command, running: &Running) -> io::Result<()> {
    let quoted: Vec<String> = command
        .env
        .iter()
        .map(|(name, value)| format!("{name}={}", quote(value)))
        .chain(command.args.iter().map(|word| quote(word)))
        .chain(command.stdin.iter().map(|file| format!("< {}", quote(file))))
        .collect();
    writeln!(io::stdout(), "The command with its way into this world:\n\n{}\n", quoted.join(" "))?;
    writeln!(io::stdout(), "What listens:")?;
    for place in running.places() {
        writeln!(
            io::stdout(),
            "  {} {} port {} at {}",
            place.names.join(" "),
            place.address,
            place.port,
            place.listens
        )?;
    }
    for nameserver in running.nameservers() {
        writeln!(
            io::stdout(),
            "  nameserver at {nameserver} (dig @{} -p {})",
            nameserver.ip(),
            nameserver.port()
        )?;
    }
    writeln!(io::stdout(), "\nAny client, by the names (no DNS), in this environment:")?;
    for (name, value) in running.environment() {
        writeln!(io::stdout(), "  export {name}={}", quote(&value))?;
    }
    writeln!(io::stdout(), "\nThe world runs until Ctrl-C or the end of standard input.")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@[],+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The names that are likest: those that hold the text or a part of it, and those that few letters tell apart.
fn near(name: &str, names: &[String]) -> Vec<String> {
    let mut ranked: Vec<(usize, &String)> = names
        .iter()
        .map(|known| {
            let shares = name.split('-').any(|part| part.len() > 2 && known.contains(part));
            (if shares { 0 } else { distance(name, known) }, known)
        })
        .filter(|(far, known)| *far <= known.len() / 2)
        .collect();
    ranked.sort();
    ranked.into_iter().take(5).map(|(_, known)| known.clone()).collect()
}

/// The number of letters to change, add or leave out (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, &b) in to.iter().enumerate() {
            let replaced = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}
