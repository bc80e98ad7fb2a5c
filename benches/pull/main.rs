//! How long a healthy `pullcheck check --on-node` takes, and how long the requests that it makes take at the least.
//!
//! `cargo bench --bench pull` measures it; `docs/benchmark.md` says what is measured and how. It is a benchmark of the
//! root package and no example, because Cargo then builds the program itself, as it is released, and says where it is.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people, with sockets and a clock of its own"
)]

mod distance;
mod floor;
mod options;
mod programs;
mod relay;
mod scene;
mod table;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use distance::Distance;
use floor::Floor;
use options::{HELP, Options, options};
use relay::Relays;
use scene::{Scene, image};
use table::{Row, table};

/// Why nothing was measured.
type Failure = Box<dyn std::error::Error>;

/// How often the memory is looked at.
const GLANCES: usize = 3;

fn main() -> ExitCode {
    let measured = match options(std::env::args().skip(1)) {
        Ok(Some(options)) => measure(&options),
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(failure) => Err(failure),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), Failure> {
    // The world has threads of its own; the minimal client has one, as pullcheck has.
    let world = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let scene = world.block_on(Scene::start(options))?;
    let distance = Distance::default();
    let relays = Relays::start(&scene.world, &distance)?;
    let floor = Floor::new(&relays, &scene.world.ca_file())?;
    let refresh = client.block_on(floor.refresh_token())?;
    let mut skopeo = programs::skopeo(&scene, &relays, &refresh)?;

    let mut rows: Vec<Row> = options.delays.iter().map(|delay| Row::new(*delay)).collect();
    // Each once before it counts: then every file is in memory.
    for run in 0..=options.runs {
        let counts = run > 0;
        for row in &mut rows {
            let far = |delay| {
                distance.set(delay, options.connect_too && !delay.is_zero());
                distance.longest_chain();
            };
            far(row.delay);
            let took = programs::time(&mut programs::pullcheck(&scene, &relays))?;
            let trips = distance.longest_chain();
            let since = Instant::now();
            client.block_on(floor.walk())?;
            let (least, least_trips) = (since.elapsed(), distance.longest_chain());
            let start = programs::time(&mut programs::nothing())?;
            let other = skopeo.as_mut().map(programs::time).transpose()?;
            let other_trips = distance.longest_chain();
            if counts {
                row.pullcheck.add(took, trips);
                row.floor.add(least, least_trips);
                row.start.add(start, 0);
                if let Some(other) = other {
                    row.skopeo.add(other, other_trips);
                }
            }
        }
        scene.world.rewind();
    }
    for row in &mut rows {
        distance.set(row.delay, false);
        for _ in 0..GLANCES {
            row.peak_kib = row.peak_kib.max(programs::peak(&mut programs::pullcheck(&scene, &relays))?);
        }
    }
    distance.set(Duration::ZERO, false);
    println!(
        "{}, {} layers of {} bytes; {} authorities; {} processors; {} runs each, medians (and the middle half)",
        image(),
        options.layers,
        options.layer_bytes,
        scene.count,
        std::thread::available_parallelism()?,
        options.runs
    );
    println!(
        "{}",
        if options.connect_too {
            "a TCP connection takes a round trip, too"
        } else {
            "TCP connections stand at once"
        }
    );
    println!("\n{}", table(&rows));
    Ok(())
}
