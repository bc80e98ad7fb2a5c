//! What the benchmark is told.

use std::time::Duration;

use crate::Failure;

pub(crate) const HELP: &str = "\
Measures a healthy check on a node against the least time that its requests take.

cargo bench --bench pull [-- OPTIONS]

  --runs N           measure each so often [15]
  --delay MS[,MS]    the delays of one round trip [0,50]
  --layers N         the layers of the image [2]
  --layer-bytes N    the bytes of a layer before compression [2048]
  --connect-too      let a TCP connection take a round trip, too
";

/// How it is measured.
pub(crate) struct Options {
    pub(crate) runs: usize,
    pub(crate) delays: Vec<Duration>,
    pub(crate) layers: usize,
    pub(crate) layer_bytes: usize,
    pub(crate) connect_too: bool,
}

/// Reads the arguments; `None` where the benchmark is not to run. `cargo bench` says `--bench`; `cargo test --benches`
/// does not, and a test must not measure time.
pub(crate) fn options(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, Failure> {
    let delays = vec![Duration::ZERO, Duration::from_millis(50)];
    let mut options = Options { runs: 15, delays, layers: 2, layer_bytes: 2048, connect_too: false };
    let mut is_bench = false;
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value\n\n{HELP}"));
        match arg.as_str() {
            "--bench" => is_bench = true,
            "--runs" => options.runs = value()?.parse::<usize>()?.max(1),
            "--layers" => options.layers = value()?.parse()?,
            "--layer-bytes" => options.layer_bytes = value()?.parse()?,
            "--connect-too" => options.connect_too = true,
            "--delay" => {
                let each = value()?;
                let each = each.split(',').map(|ms| Ok(Duration::from_millis(ms.parse()?)));
                options.delays = each.collect::<Result<_, std::num::ParseIntError>>()?;
            }
            _ => return Err(format!("'{arg}' is no option\n\n{HELP}").into()),
        }
    }
    Ok(is_bench.then_some(options))
}
