//! The probe's program: what the system gives to [`probes::program`], and an exit code.

use std::io;
use std::process::ExitCode;

use probes::program::{BUG, Given, panicked, run};

#[expect(clippy::disallowed_methods, reason = "the one place of the probe that asks the system for the time")]
fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        panicked(&place, &mut io::stdout(), &mut io::stderr());
        // A panic must end with a code that is known, also where panics abort.
        std::process::exit(i32::from(BUG));
    }));
    let given = Given {
        arguments: std::env::args_os().skip(1).collect(),
        variables: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        clock: jiff::Timestamp::now,
    };
    ExitCode::from(run(given, &mut io::stdout(), &mut io::stderr()))
}
