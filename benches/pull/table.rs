//! What came of it, as a table.

use std::time::Duration;

/// One thing measured several times.
#[derive(Default)]
pub(crate) struct Sample {
    times: Vec<Duration>,
    /// The longest chain of round trips of the last run.
    pub(crate) trips: usize,
}

impl Sample {
    /// One more time.
    pub(crate) fn add(&mut self, took: Duration, trips: usize) {
        self.times.push(took);
        self.times.sort();
        self.trips = trips;
    }

    /// The time in the middle, in milliseconds.
    pub(crate) fn median(&self) -> f64 {
        self.at(1, 2)
    }

    /// The time that a part of all is below, in milliseconds.
    fn at(&self, part: usize, of: usize) -> f64 {
        let last = self.times.len().saturating_sub(1);
        self.times.get(last * part / of).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }

    /// The middle and in brackets where the middle half lies.
    fn shown(&self) -> String {
        match self.times.is_empty() {
            true => "-".to_owned(),
            false => format!("{:.1} ({:.1}..{:.1})", self.median(), self.at(1, 4), self.at(3, 4)),
        }
    }
}

/// All that was measured at one distance.
pub(crate) struct Row {
    pub(crate) delay: Duration,
    pub(crate) pullcheck: Sample,
    pub(crate) floor: Sample,
    pub(crate) start: Sample,
    pub(crate) skopeo: Sample,
    pub(crate) peak_kib: u64,
}

impl Row {
    /// Nothing yet.
    pub(crate) fn new(delay: Duration) -> Self {
        let none = Sample::default;
        Self { delay, pullcheck: none(), floor: none(), start: none(), skopeo: none(), peak_kib: 0 }
    }
}

/// The table in Markdown: medians with the middle half in brackets, times in milliseconds.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| delay ms | pullcheck ms | trips | to its trips | floor ms | trips | to the floor | start ms | skopeo inspect ms | trips | peak MiB |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {:.2} | {} | {} | {} | {:.1} |\n",
            row.delay.as_millis(),
            row.pullcheck.shown(),
            trips(&row.pullcheck, row.delay),
            to_its_trips(row),
            row.floor.shown(),
            trips(&row.floor, row.delay),
            row.pullcheck.median() / row.floor.median(),
            row.start.shown(),
            row.skopeo.shown(),
            trips(&row.skopeo, row.delay),
            row.peak_kib as f64 / 1024.0,
        ));
    }
    text
}

/// The time against what its own round trips, one after the other, take at the least.
fn to_its_trips(row: &Row) -> String {
    let least = row.delay.as_secs_f64() * 1000.0 * row.pullcheck.trips as f64;
    match row.delay.is_zero() {
        true => "-".to_owned(),
        false => format!("{:.2}", row.pullcheck.median() / least),
    }
}

/// Without a delay what goes on at the same time cannot be told from what waits.
fn trips(sample: &Sample, delay: Duration) -> String {
    match delay.is_zero() || sample.times.is_empty() {
        true => "-".to_owned(),
        false => sample.trips.to_string(),
    }
}
