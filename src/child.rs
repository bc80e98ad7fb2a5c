//! A program that is run once, bounded, with nobody to talk to: its standard input is empty, and what it starts ends with it.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

/// The most that is read of what it prints.
const OUTPUT: u64 = 1024 * 1024;

/// What a program came to. What it printed may be secret.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Why there is no end of it.
pub(crate) enum Lost {
    /// It cannot be started.
    NotStarted(std::io::Error),
    /// It took longer than it may.
    TimedOut,
    /// It could not be waited for.
    Failed(std::io::Error),
}

/// Runs a program to its end.
pub(crate) async fn run(program: &mut Command, limit: Duration) -> Result<Ended, Lost> {
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // A group of its own, so that what it starts ends with it.
    #[cfg(unix)]
    program.process_group(0);
    let mut child = program.spawn().map_err(Lost::NotStarted)?;
    let _group = Group::of(child.id());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (out, said) = (child.stdout.take(), child.stderr.take());
    let read = async {
        // It ends when the program does: what a program leaves running may hold its pipes open for ever.
        tokio::join!(
            async {
                if let Some(out) = out {
                    let _ = out.take(OUTPUT).read_to_end(&mut stdout).await;
                }
            },
            async {
                if let Some(said) = said {
                    let _ = said.take(OUTPUT).read_to_end(&mut stderr).await;
                }
            }
        );
        child.wait().await
    };
    let status =
        tokio::time::timeout(limit, read).await.map_err(|_| Lost::TimedOut)?.map_err(Lost::Failed)?;
    Ok(Ended { status, stdout, stderr })
}

/// A process group that ends when this is dropped, however that comes about.
struct Group {
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
}

impl Group {
    fn of(id: Option<u32>) -> Self {
        #[cfg(not(unix))]
        let _ = id;
        Self {
            #[cfg(unix)]
            id: id.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.id {
            // Nobody is left where it ended by itself.
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
    }
}
