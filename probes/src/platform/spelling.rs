//! How a platform is written, and what is short for what (`platforms.go` and `database.go` of
//! `github.com/containerd/platforms`).

use crate::facts::image::Platform;
use crate::foreign::Foreign;

/// A platform that cannot be read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlatformError {
    /// It is not OS/ARCHITECTURE, with an optional variant.
    #[error(
        "'{given}' is not a platform; write it as linux/amd64, linux/arm/v7 or windows(10.0.20348)/amd64"
    )]
    Form {
        /// What was given, cleaned.
        given: Foreign,
    },
    /// It is one word, and that is neither a system nor an architecture.
    #[error("'{given}' is neither an operating system nor an architecture; write both, as in linux/amd64")]
    Unknown {
        /// What was given, cleaned.
        given: Foreign,
    },
}

/// Operating systems and architectures that one word alone may name (Go's `syslist.go`, as containerd copies it).
const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];
const ARCHITECTURES: [&str; 24] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

impl Platform {
    /// Reads a platform as containerd writes it and normalises it: `linux/arm64`, `linux/arm/v7`,
    /// `windows(10.0.20348)/amd64`, `arm64` (of Linux), `windows` (on amd64).
    ///
    /// # Errors
    ///
    /// [`PlatformError`] when it has not this form, or is one word that is not known.
    pub fn parse(text: &str) -> Result<Self, PlatformError> {
        let form = || PlatformError::Form { given: Foreign::new(text) };
        // The longest real one has not forty characters.
        if text.len() > 128 {
            return Err(form());
        }
        let mut parts = text.split('/');
        let (os, version) = os_and_version(parts.next().unwrap_or_default()).ok_or_else(form)?;
        let rest: Vec<&str> = parts.collect();
        if !rest.iter().all(|part| is_word(part, ".")) {
            return Err(form());
        }
        let platform = |os: &str, architecture: &str, variant: Option<&str>| {
            Self {
                os: os.to_owned(),
                architecture: architecture.to_owned(),
                variant: variant.map(str::to_owned),
                os_version: version.map(str::to_owned),
            }
            .normalized()
        };
        match rest.as_slice() {
            [] => {
                let alone = platform(os, "amd64", None);
                let as_architecture = platform("linux", os, None);
                if SYSTEMS.contains(&alone.os.as_str()) {
                    Ok(alone)
                } else if version.is_none() && ARCHITECTURES.contains(&as_architecture.architecture.as_str())
                {
                    Ok(as_architecture)
                } else {
                    Err(PlatformError::Unknown { given: Foreign::new(text) })
                }
            }
            [architecture] => Ok(platform(os, architecture, None)),
            [architecture, variant] => Ok(platform(os, architecture, Some(variant))),
            _ => Err(form()),
        }
    }

    /// The same platform under its usual names: lower case, `x86_64` as `amd64`, `aarch64` and `arm64/v8` as
    /// `arm64`, `arm` as `arm/v7`, nothing where a field is empty.
    pub fn normalized(&self) -> Self {
        let os = match self.os.to_ascii_lowercase().as_str() {
            "macos" => "darwin".to_owned(),
            // containerd takes the machine's own, and images are for Linux unless they say so.
            "" => "linux".to_owned(),
            other => other.to_owned(),
        };
        let variant = self.variant.as_deref().unwrap_or_default().to_ascii_lowercase();
        let (architecture, variant) =
            match (self.architecture.to_ascii_lowercase().as_str(), variant.as_str()) {
                ("i386", _) => ("386".to_owned(), String::new()),
                ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64".to_owned(), String::new()),
                ("x86_64" | "x86-64" | "amd64", _) => ("amd64".to_owned(), variant),
                ("aarch64" | "arm64", "8" | "v8") => ("arm64".to_owned(), String::new()),
                ("aarch64" | "arm64", _) => ("arm64".to_owned(), variant),
                ("armhf", _) | ("arm", "" | "7") => ("arm".to_owned(), "v7".to_owned()),
                ("armel", _) => ("arm".to_owned(), "v6".to_owned()),
                ("arm", "5" | "6" | "8") => ("arm".to_owned(), format!("v{variant}")),
                (other, _) => (other.to_owned(), variant),
            };
        Self {
            os,
            architecture,
            variant: Some(variant).filter(|v| !v.is_empty()),
            os_version: self.os_version.clone().filter(|v| !v.is_empty()),
        }
    }
}

/// `windows(10.0.20348)` as its two parts.
fn os_and_version(text: &str) -> Option<(&str, Option<&str>)> {
    let (os, version) = match text.split_once('(') {
        Some((os, rest)) => (os, Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let fine = is_word(os, "") && version.is_none_or(|v| v.is_empty() || is_word(v, "."));
    fine.then_some((os, version.filter(|v| !v.is_empty())))
}

fn is_word(text: &str, also: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || also.contains(c))
}
