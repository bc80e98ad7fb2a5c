//! Parse, run, print, exit code.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|info| {
        let _ = writeln!(
            std::io::stderr(),
            "a bug in pullcheck: {info}\nplease report it with the command line and --save-case"
        );
        // A panic must end with the documented code, also where panics abort.
        std::process::exit(i32::from(pullcheck::BUG));
    }));
    let outside = pullcheck::Outside {
        args: std::env::args_os().collect(),
        env: std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect(),
        stdin: Box::new(std::io::stdin()),
        stdout_is_terminal: std::io::stdout().is_terminal(),
        stderr_is_terminal: std::io::stderr().is_terminal(),
        columns: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        clock: jiff::Timestamp::now,
    };
    ExitCode::from(pullcheck::run(outside, &mut std::io::stdout(), &mut std::io::stderr()))
}
