//! The termination message: Kubernetes keeps 4,096 bytes of text, so the lines are deflated (RFC 1951) and written in
//! base64; what has no room is left out from the end, in whole observations, and the last line says so.
//!
//! Lines have much in common with those of any survey. Both sides know `known.jsonl`, and the message is deflated as if
//! that had been said before it: a survey that would be cut in the middle has room for all of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use miniz_oxide::MZFlush;
use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use sha2::{Digest as _, Sha256};

use super::{Done, Hello, Line, Seen};

/// The most bytes of a termination message (Kubernetes' `MaxContainerTerminationMessageLength`).
pub const LIMIT: usize = 4096;
/// What a message begins with; the short name of what is known beforehand follows.
const MARK: &str = "pullcheck-probe ";
/// What both sides know beforehand: lines as a survey has them, without what tells one survey from another. No more than
/// deflating looks back, 32 KiB.
const KNOWN: &[u8] = include_bytes!("known.jsonl");
/// The most bytes that a message is inflated to: a thousand times its own length, which is as far as deflating goes.
const INFLATED: usize = 4 * 1024 * 1024;
/// The level of deflating at which miniz looks longest.
const LEVEL: i32 = 10;
/// No header and no checksum, and the longest look back.
const RAW: i32 = -15;

/// The message of a survey: all of it, or as many whole observations as there is room for.
pub fn termination(hello: &Hello, seen: &[Seen], done: Done) -> String {
    let head = Line::Hello(hello.clone()).write() + "\n";
    let lines: Vec<String> =
        seen.iter().map(|seen| Line::Observation(Box::new(seen.clone())).write() + "\n").collect();
    let message = |count: usize| {
        let done = Done { truncated: done.truncated || count < lines.len(), ..done };
        let mut text = head.clone();
        text.extend(lines.iter().take(count).map(String::as_str));
        text.push_str(&Line::Done(done).write());
        format!("{MARK}{} {}", name(), STANDARD_NO_PAD.encode(deflated(text.as_bytes())))
    };
    let whole = message(lines.len());
    if whole.len() <= LIMIT {
        return whole;
    }
    // More text may now and then be a few bytes less when it is deflated; what is kept was measured all the same.
    let (mut fits, mut best) = (0, message(0));
    let mut exceeds = lines.len();
    while fits + 1 < exceeds {
        let middle = fits.midpoint(exceeds);
        let tried = message(middle);
        if tried.len() <= LIMIT {
            (fits, best) = (middle, tried);
        } else {
            exceeds = middle;
        }
    }
    best
}

/// What a message holds.
pub(super) enum Message {
    /// It is none.
    None,
    /// The probe's lines.
    Lines(String),
    /// It is one, and cannot be read.
    Broken,
    /// It is one of a probe that knows other things beforehand.
    OtherVersion,
}

/// Reads a message.
pub(super) fn read(message: &str) -> Message {
    let Some((named, encoded)) = message.trim().strip_prefix(MARK).and_then(|rest| rest.split_once(' '))
    else {
        return Message::None;
    };
    if named != name() {
        return Message::OtherVersion;
    }
    match STANDARD_NO_PAD.decode(encoded.trim()).ok().and_then(|bytes| inflated(&bytes)) {
        Some(bytes) => Message::Lines(String::from_utf8_lossy(&bytes).into_owned()),
        None => Message::Broken,
    }
}

/// The short name of what is known beforehand.
fn name() -> String {
    Sha256::digest(KNOWN).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// What comes after [`KNOWN`] when both are deflated as one.
fn deflated(text: &[u8]) -> Vec<u8> {
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, RAW, 0));
    // No text becomes longer by more than a few bytes for each block of it.
    let mut out = vec![0; KNOWN.len().max(text.len()) * 2 + 1024];
    // Ends at a whole byte; what it gives is known to the other side.
    deflate(&mut compressor, KNOWN, &mut out, MZFlush::Sync);
    let deflated = deflate(&mut compressor, text, &mut out, MZFlush::Finish);
    out.truncate(deflated.bytes_written);
    out
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    // One block that is stored as it is (RFC 1951, 3.2.4), and not the last.
    let length = u16::try_from(KNOWN.len()).ok()?;
    let mut whole = vec![0];
    whole.extend(length.to_le_bytes());
    whole.extend((!length).to_le_bytes());
    whole.extend(KNOWN);
    whole.extend(bytes);
    let mut text = decompress_to_vec_with_limit(&whole, INFLATED).ok()?;
    (text.len() >= KNOWN.len()).then(|| text.split_off(KNOWN.len()))
}
