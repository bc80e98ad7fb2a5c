//! The prefixes that runtimes put before an error, and how far on the way each of them stands.

use super::said::{Dialect, Phase, Signed};

/// What ends a prefix.
#[derive(Clone, Copy)]
enum End {
    /// Itself.
    Here,
    /// A name in quotes, and a colon.
    Name,
    /// The first colon before a blank.
    Colon,
    /// What mirrors failed of, in brackets, and the name of the last source with a colon; itself where that was cut off.
    Mirrors,
}

/// What a prefix tells.
struct Prefix {
    words: &'static str,
    end: End,
    phase: Option<Phase>,
    dialect: Option<Dialect>,
    signed: Option<Signed>,
}

const fn prefix(words: &'static str, end: End, phase: Option<Phase>, dialect: Option<Dialect>) -> Prefix {
    Prefix { words, end, phase, dialect, signed: None }
}

use Dialect::{Containerd, Containerd2, CriO, Docker};
use End::{Colon, Here, Mirrors, Name};
use Phase::{Authorize, Config, Create, Inspect, Layer, Manifest, Resolve, Unpack};

const PREFIXES: &[Prefix] = &[
    prefix("failed to pull and unpack image ", Name, None, Some(Containerd)),
    prefix("failed to pull image ", Name, None, None),
    prefix("failed pulling image ", Name, None, Some(Docker)),
    prefix("failed to get sandbox image ", Name, None, Some(Containerd)),
    prefix("failed to inspect sandbox image ", Name, None, None),
    prefix("failed to create sandbox ", Name, None, Some(Containerd)),
    prefix("failed to start sandbox ", Name, None, Some(Containerd)),
    prefix("error creating pod sandbox with name ", Name, None, Some(CriO)),
    prefix("creating pod sandbox with name ", Name, None, Some(CriO)),
    prefix("failed to resolve reference ", Name, Some(Resolve), Some(Containerd)),
    prefix("failed to resove reference ", Name, Some(Resolve), Some(Containerd)),
    prefix("failed to resolve image:", Here, Some(Resolve), Some(Containerd2)),
    prefix("failed to get converter for ", Name, Some(Manifest), Some(Containerd)),
    prefix("get image config descriptor:", Here, Some(Manifest), Some(Containerd2)),
    prefix("failed to do request:", Here, None, Some(Containerd)),
    prefix("failed to authorize:", Here, Some(Authorize), Some(Containerd)),
    Prefix {
        words: "failed to fetch oauth token:",
        end: Here,
        phase: Some(Authorize),
        dialect: Some(Containerd),
        signed: Some(Signed::Credential),
    },
    Prefix {
        words: "failed to fetch anonymous token:",
        end: Here,
        phase: Some(Authorize),
        dialect: Some(Containerd),
        signed: Some(Signed::Anonymous),
    },
    prefix("failed to copy:", Here, Some(Layer), Some(Containerd)),
    prefix("httpReadSeeker:", Here, Some(Layer), Some(Containerd)),
    prefix("httpReaderSeeker:", Here, Some(Layer), Some(Containerd)),
    prefix("failed open:", Here, Some(Layer), Some(Containerd)),
    prefix("failed commit on ref ", Name, Some(Layer), Some(Containerd)),
    prefix("failed to unpack image on snapshotter ", Colon, Some(Unpack), Some(Containerd)),
    prefix("apply layer error for ", Name, Some(Unpack), Some(Containerd)),
    prefix("failed to extract layer ", Colon, Some(Unpack), Some(Containerd)),
    prefix("failed to prepare extraction snapshot ", Name, Some(Unpack), Some(Containerd)),
    prefix("failed to create containerd container:", Here, Some(Create), Some(Containerd)),
    prefix("error unpacking image:", Here, Some(Unpack), Some(Containerd)),
    prefix("unpack:", Here, Some(Unpack), Some(Containerd)),
    prefix("unable to pull image or OCI artifact:", Here, None, Some(CriO)),
    prefix("pull image err:", Here, None, Some(CriO)),
    prefix("copying system image from manifest list:", Here, Some(Layer), Some(CriO)),
    prefix("copying image ", Colon, Some(Layer), Some(CriO)),
    prefix("initializing source ", Colon, Some(Resolve), Some(CriO)),
    prefix("pinging container registry ", Colon, Some(Resolve), Some(CriO)),
    prefix("pinging docker registry ", Colon, Some(Resolve), Some(CriO)),
    prefix("(Mirrors also failed:", Mirrors, None, Some(CriO)),
    prefix("reading manifest ", Colon, Some(Resolve), Some(CriO)),
    prefix("determining manifest MIME type for ", Colon, Some(Resolve), Some(CriO)),
    prefix("choosing an image from manifest list ", Colon, Some(Manifest), Some(CriO)),
    prefix("choosing image instance:", Here, Some(Manifest), Some(CriO)),
    prefix("unable to retrieve auth token:", Here, Some(Authorize), Some(CriO)),
    prefix("Requesting bear token:", Here, Some(Authorize), Some(CriO)),
    prefix("Requesting bearer token:", Here, Some(Authorize), Some(CriO)),
    prefix("requesting bearer token:", Here, Some(Authorize), Some(CriO)),
    prefix("parsing image configuration:", Here, Some(Config), Some(CriO)),
    prefix("fetching blob:", Here, None, Some(CriO)),
    prefix("reading blob ", Colon, Some(Layer), Some(CriO)),
    prefix("writing blob:", Here, Some(Layer), Some(CriO)),
    prefix("storing blob to file ", Name, Some(Layer), Some(CriO)),
    prefix("happened during read:", Here, Some(Layer), Some(CriO)),
    prefix("committing the finished image:", Here, Some(Unpack), Some(CriO)),
    prefix("adding layer with blob ", Colon, Some(Unpack), Some(CriO)),
    prefix("Error response from daemon:", Here, None, Some(Docker)),
    prefix("error from registry:", Here, None, Some(Docker)),
    prefix("error pulling image configuration:", Here, Some(Config), Some(Docker)),
    prefix("error pulling image:", Here, None, Some(Docker)),
    prefix("download failed after attempts=", Colon, None, Some(Docker)),
    prefix("failed to register layer:", Here, Some(Unpack), Some(Docker)),
    prefix("RegistryUnavailable:", Here, None, None),
    prefix("Failed to inspect image ", Name, Some(Inspect), None),
    prefix("SignatureValidationFailed:", Here, None, None),
    prefix("failed to fetch:", Here, None, None),
    prefix("Error:", Here, None, None),
];

/// What a text's prefixes tell, outermost first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Peeled<'a> {
    /// The gRPC code, where one is named.
    pub(super) code: Option<&'a str>,
    /// The image as the runtime names it.
    pub(super) image: Option<&'a str>,
    /// Whether it is the sandbox' image.
    pub(super) sandbox: bool,
    /// How far it came.
    pub(super) phase: Phase,
    /// Whose words they are.
    pub(super) dialect: Dialect,
    /// Whether a credential was presented.
    pub(super) signed: Option<Signed>,
    /// The last prefix with what follows it, for what means little alone.
    pub(super) last: &'a str,
    /// What is inside.
    pub(super) inside: &'a str,
}

/// More prefixes than any error has.
const MOST: usize = 40;

/// Takes a runtime's prefixes off.
pub(super) fn peeled(text: &str) -> Peeled<'_> {
    let mut peeled = Peeled { inside: text, last: text, ..Peeled::default() };
    for _ in 0..MOST {
        let text = peeled.inside.trim_start();
        peeled.inside = text;
        if let Some((code, rest)) = rpc(text) {
            // Every error of a runtime has one; `Unknown` tells nothing.
            peeled.code = peeled.code.or(Some(code).filter(|code| !matches!(*code, "Unknown" | "2")));
            (peeled.inside, peeled.last) = (rest, rest);
            continue;
        }
        let Some((prefix, name, rest)) = PREFIXES.iter().find_map(|prefix| {
            let (name, rest) = prefix.end.of(prefix.taken_off(text)?)?;
            Some((prefix, name, rest))
        }) else {
            break;
        };
        // A name is an image's only where the prefix speaks of one.
        if matches!(prefix.end, Name)
            && (prefix.words.contains("image ") || prefix.words.contains("reference "))
        {
            peeled.image = Some(name).filter(|name| !name.is_empty()).or(peeled.image);
        } else if let Some(name) = repository(prefix, name) {
            peeled.image = Some(name);
        }
        peeled.sandbox |= prefix.words.contains("sandbox image");
        peeled.phase = prefix.phase.map_or(peeled.phase, |phase| refined(phase, peeled.phase, name));
        peeled.dialect = prefix.dialect.unwrap_or(peeled.dialect);
        peeled.signed = prefix.signed.or(peeled.signed);
        (peeled.inside, peeled.last) = (rest, text);
    }
    peeled.inside = peeled.inside.trim();
    peeled
}

/// The image in containers/image's prefixes: `v1 in quay.io/team/web`, `docker://quay.io/team/web:v1`.
fn repository<'a>(prefix: &Prefix, name: &'a str) -> Option<&'a str> {
    matches!(prefix.dialect, Some(CriO)).then_some(())?;
    name.strip_prefix("docker://")
        .or_else(|| Some(name.split_once(" in ")?.1))
        .filter(|name| !name.contains(' '))
}

/// A ref of the content store names what it is: `manifest-sha256:...`.
fn refined(phase: Phase, before: Phase, name: &str) -> Phase {
    match name.split('-').next() {
        Some("manifest" | "index") if phase == Layer => Manifest,
        Some("config") if phase == Layer => Config,
        // Making a container unpacks what was not.
        _ if before == Create => Create,
        _ => phase,
    }
}

impl Prefix {
    /// What follows it. Before 2021 containers/image began what it says with "Error".
    fn taken_off<'a>(&self, text: &'a str) -> Option<&'a str> {
        let old = || matches!(self.dialect, Some(CriO)).then_some(["Error ", "error "]);
        text.strip_prefix(self.words)
            .or_else(|| old()?.iter().find_map(|error| text.strip_prefix(error)?.strip_prefix(self.words)))
    }
}

impl End {
    /// The name that a prefix ends with, and what follows.
    fn of(self, rest: &str) -> Option<(&str, &str)> {
        match self {
            Here => Some(("", rest)),
            Name => super::split::named(rest),
            Colon => rest.split_once(": "),
            Mirrors => Some(
                rest.rsplit_once("]): ")
                    .and_then(|(_, last)| last.split_once(": "))
                    .map_or(("", rest), |(_, error)| ("", error)),
            ),
        }
    }
}

/// `rpc error: code = CODE desc = REST`.
fn rpc(text: &str) -> Option<(&str, &str)> {
    let (code, rest) = text.strip_prefix("rpc error: code = ")?.split_once(" desc =")?;
    Some((code, rest.trim_start()))
}
