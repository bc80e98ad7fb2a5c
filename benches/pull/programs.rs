//! The programs that are measured, each as a process of its own.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Failure;
use crate::relay::Relays;
use crate::scene::{HOST, NULL_USER, Scene, image};

/// How often a running program's memory is looked at.
const GLANCE: Duration = Duration::from_micros(200);

/// The release build of pullcheck, which Cargo makes for this benchmark.
const PULLCHECK: &str = env!("CARGO_BIN_EXE_pullcheck");

/// `pullcheck check IMAGE --on-node`, with nothing of this machine in its environment.
pub(crate) fn pullcheck(scene: &Scene, relays: &Relays) -> Command {
    let mut command = Command::new(PULLCHECK);
    command.args(["check", &image(), "--on-node", "--platform", "linux/amd64"]);
    command.arg("--azure-json").arg(&scene.azure_json).args(&relays.flags);
    command.arg("--ca-file").arg(&scene.authorities);
    command.env_clear();
    command
}

/// The same program doing nothing: what starting a process takes.
pub(crate) fn nothing() -> Command {
    let mut command = Command::new(PULLCHECK);
    command.arg("--version").env_clear();
    command
}

/// `skopeo inspect --no-tags`, as the identity whose refresh token is given; none where it is not installed.
pub(crate) fn skopeo(scene: &Scene, relays: &Relays, refresh: &str) -> Result<Option<Command>, Failure> {
    if Command::new("skopeo").arg("--version").output().is_err() {
        return Ok(None);
    }
    let auth = STANDARD.encode(format!("{NULL_USER}:{refresh}"));
    let file =
        scene.world.write("auth.json", &format!("{{\"auths\":{{\"{HOST}\":{{\"auth\":\"{auth}\"}}}}}}"))?;
    let mut command = Command::new("skopeo");
    command.args([
        "--override-os",
        "linux",
        "--override-arch",
        "amd64",
        "inspect",
        "--no-tags",
        "--authfile",
    ]);
    command.arg(file).arg(format!("docker://{}", image()));
    command.env_clear().envs(scene.world.environment());
    command.env("HOME", scene.world.path("home")).env("SSL_CERT_FILE", &scene.authorities);
    for name in ["HTTPS_PROXY", "https_proxy"] {
        command.env(name, format!("http://{}", relays.door));
    }
    Ok(Some(command))
}

/// How long a program takes from before it is started until it has ended. Only a success counts.
pub(crate) fn time(command: &mut Command) -> Result<Duration, Failure> {
    let since = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = since.elapsed();
    match output.status.success() {
        true => Ok(took),
        false => {
            let text = [output.stdout, output.stderr].concat();
            let name = Path::new(command.get_program()).display();
            Err(format!("{name} ended with {}:\n{}", output.status, String::from_utf8_lossy(&text)).into())
        }
    }
}

/// The most memory that a program had at once, in KiB, as the kernel counts it (`VmHWM`): looked at again and again
/// until the program has ended, since nothing is left to look at then.
pub(crate) fn peak(command: &mut Command) -> Result<u64, Failure> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        most = most.max(now);
        std::thread::sleep(GLANCE);
    }
    Ok(most)
}
