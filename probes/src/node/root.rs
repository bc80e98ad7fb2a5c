//! The root below which a node's files are, and the reading of them.
//!
//! Symbolic links are followed as the node itself would follow them: an absolute one starts at the root again, and no
//! `..` leads above it. A path is looked at part by part, since the kernel would follow a link out of the root.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::facts::node::{FileState, NodeFile};

/// The most symbolic links on the way to one file, as in Linux.
const MAX_LINKS: usize = 40;
/// The most names of one directory.
const MAX_NAMES: usize = 4096;
/// The longest file of settings.
pub(super) const MAX_SETTINGS: u64 = 1024 * 1024;
/// Trees whose files are no files on a disk; some of them block whoever reads them.
const NOT_ON_DISK: [&str; 3] = ["proc", "sys", "dev"];

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// There is none.
    Missing,
    /// It is not below the root, since only a part of the node's is there: nothing is known of it.
    Unseen,
    /// This user may not read it.
    Denied,
    /// It is a directory, a pipe, a device or the like.
    NotAFile,
    /// It is larger than was allowed.
    TooLarge,
    /// Anything else.
    Failed,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Failed,
        }
    }
}

impl From<Unread> for FileState {
    fn from(why: Unread) -> Self {
        match why {
            Unread::Missing => Self::Missing,
            Unread::Unseen => Self::Unseen,
            Unread::Denied => Self::Denied,
            Unread::NotAFile => Self::NotAFile,
            Unread::TooLarge => Self::TooLarge,
            Unread::Failed => Self::Failed,
        }
    }
}

impl FileState {
    /// The state that a look at a file showed.
    pub(super) fn of<T>(looked: &Result<T, Unread>) -> Self {
        looked.as_ref().map_or_else(|why| (*why).into(), |_| Self::Read)
    }
}

/// What there is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File {
        /// Whether anybody may execute it.
        executable: bool,
    },
    /// A directory.
    Directory,
    /// A pipe, a socket or a device.
    Other,
}

/// The root below which a node's files are.
#[derive(Clone, Debug)]
pub struct HostRoot {
    path: PathBuf,
    /// The parts of the node's root that are there; `None` for all of it.
    parts: Option<Vec<PathBuf>>,
}

impl HostRoot {
    /// A root: `/`, or where the node's own is mounted.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), parts: None }
    }

    /// A root below which there are only these files and folders of the node: what is missing elsewhere may be on the node
    /// all the same.
    pub fn of_parts(path: impl Into<PathBuf>, parts: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { path: path.into(), parts: Some(parts.into_iter().collect()) }
    }

    /// Where it is on this machine.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What there is at a path of the node.
    ///
    /// # Errors
    ///
    /// [`Unread`] when there is nothing, or it cannot be told.
    pub fn kind(&self, path: &str) -> Result<Kind, Unread> {
        let metadata = fs::symlink_metadata(self.locate(path)?)?;
        Ok(match metadata.file_type() {
            kind if kind.is_dir() => Kind::Directory,
            kind if kind.is_file() => Kind::File { executable: is_executable(&metadata) },
            _ => Kind::Other,
        })
    }

    /// The bytes of a regular file, when there are no more than `most`.
    ///
    /// # Errors
    ///
    /// [`Unread`] says why there are none.
    pub fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Unread> {
        read_regular(&self.locate(path)?, most)
    }

    /// The text of a file of settings; what is no UTF-8 becomes a replacement character.
    ///
    /// # Errors
    ///
    /// [`Unread`] says why there is none.
    pub fn text(&self, path: &str) -> Result<String, Unread> {
        self.read(path, MAX_SETTINGS).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The text of a file of settings, and the fact of having looked for it.
    pub(super) fn noted(&self, path: &str) -> (NodeFile, Option<String>) {
        let text = self.text(path);
        (NodeFile::new(path, FileState::of(&text)), text.ok())
    }

    /// The names in a directory, sorted by their bytes; names that are no UTF-8 are passed over.
    ///
    /// # Errors
    ///
    /// [`Unread`] when it is no directory, cannot be read, or has more names than any directory that matters here.
    pub fn names(&self, directory: &str) -> Result<Vec<String>, Unread> {
        let mut names = Vec::new();
        for (count, entry) in fs::read_dir(self.locate(directory)?)?.enumerate() {
            if count >= MAX_NAMES {
                return Err(Unread::TooLarge);
            }
            names.extend(entry?.file_name().into_string());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What a symbolic link says, without following it; `None` for anything else.
    pub(super) fn link(&self, directory: &str, name: &str) -> Option<PathBuf> {
        fs::read_link(self.locate(directory).ok()?.join(name)).ok()
    }

    /// The place on this machine where a path of the node leads, links followed; that there is something is certain.
    fn locate(&self, path: &str) -> Result<PathBuf, Unread> {
        let mut pending = parts(Path::new(path));
        let mut below: Vec<OsString> = Vec::new();
        let mut links = 0;
        while let Some(part) = pending.pop() {
            let Some(name) = part else {
                below.pop();
                continue;
            };
            let mut real = self.path.clone();
            real.extend(&below);
            real.push(&name);
            let kind = match fs::symlink_metadata(&real) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(self.missing(&below, &name, &pending));
                }
                looked => looked?.file_type(),
            };
            if kind.is_symlink() {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Unread::Failed);
                }
                let target = fs::read_link(&real)?;
                if target.has_root() {
                    below.clear();
                }
                pending.extend(parts(&target));
            } else if !kind.is_dir() && !pending.is_empty() {
                return Err(Unread::Failed);
            } else {
                below.push(name);
            }
        }
        if below.first().is_some_and(|first| NOT_ON_DISK.iter().any(|tree| first == tree)) {
            return Err(Unread::NotAFile);
        }
        let mut real = self.path.clone();
        real.extend(&below);
        Ok(real)
    }

    /// What it means that a name is not there: nothing, unless its path leads into a part that is.
    fn missing(&self, below: &[OsString], name: &OsString, pending: &[Option<OsString>]) -> Unread {
        let Some(parts) = &self.parts else { return Unread::Missing };
        let mut path = PathBuf::from("/");
        path.extend(below);
        path.push(name);
        for part in pending.iter().rev() {
            let Some(part) = part else { return Unread::Unseen };
            path.push(part);
        }
        if parts.iter().any(|part| path.starts_with(part)) { Unread::Missing } else { Unread::Unseen }
    }
}

/// The bytes of a regular file of this machine, when there are no more than `most`.
pub(super) fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(Unread::NotAFile);
    }
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(Unread::NotAFile);
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(Unread::TooLarge) } else { Ok(bytes) }
}

/// A path's parts, the first of them last; `None` is one up.
fn parts(path: &Path) -> Vec<Option<OsString>> {
    let part = |component: Component<'_>| match component {
        Component::Normal(name) => Some(Some(name.to_owned())),
        Component::ParentDir => Some(None),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    };
    let mut parts: Vec<Option<OsString>> = path.components().filter_map(part).collect();
    parts.reverse();
    parts
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests;
