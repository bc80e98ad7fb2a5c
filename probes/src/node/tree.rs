//! A host root for one test.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::HostRoot;

/// A folder that is a node's root, removed at its end.
pub(super) struct Tree(TempDir);

impl Tree {
    /// An empty root.
    pub(super) fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    /// A root with these files.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let tree = Self::new();
        for (path, content) in files {
            tree.file(path, content);
        }
        tree
    }

    /// The place of a path on this machine, its directory made.
    pub(super) fn place(&self, path: &str) -> std::path::PathBuf {
        let place = self.0.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().expect("a directory")).expect("made");
        place
    }

    /// Writes a file.
    pub(super) fn file(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::write(self.place(path), content).expect("written");
    }

    /// Makes a directory.
    pub(super) fn directory(&self, path: &str) {
        fs::create_dir_all(self.place(path)).expect("made");
    }

    /// Makes a symbolic link.
    #[cfg(unix)]
    pub(super) fn link(&self, path: &str, target: impl AsRef<Path>) {
        std::os::unix::fs::symlink(target, self.place(path)).expect("linked");
    }

    /// The root.
    pub(super) fn root(&self) -> HostRoot {
        HostRoot::new(self.0.path())
    }
}
