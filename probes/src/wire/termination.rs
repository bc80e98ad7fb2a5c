//! The termination message: Kubernetes keeps 4,096 bytes of text, so the lines are deflated (RFC 1951) and written in
//! base64; what has no room is left out from the end, in whole observations, and the last line says so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{Done, Hello, Line, Seen};

/// The most bytes of a termination message (Kubernetes' `MaxContainerTerminationMessageLength`).
pub const LIMIT: usize = 4096;
/// What a message begins with. It has no version: that is in the hello.
const MARK: &str = "pullcheck-probe ";
/// The most bytes that a message is inflated to: a thousand times its own length, which is as far as deflating goes.
const INFLATED: usize = 4 * 1024 * 1024;
/// The level of deflating at which miniz looks longest.
const LEVEL: u8 = 10;

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
        let deflated = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), LEVEL);
        format!("{MARK}{}", STANDARD_NO_PAD.encode(deflated))
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

/// The lines in a message; `None` where it is none, empty where it is one and cannot be read.
pub(super) fn lines_in(message: &str) -> Option<Option<String>> {
    let encoded = message.trim().strip_prefix(MARK)?;
    let inflate = |bytes: Vec<u8>| miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, INFLATED).ok();
    let bytes = STANDARD_NO_PAD.decode(encoded.trim()).ok().and_then(inflate);
    Some(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
