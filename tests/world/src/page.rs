//! A scenario's page: a story, a world, a command, what the user sees, and the verdict.

mod blocks;
mod rewrite;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::schema::{World, WorldError};
use blocks::{Block, blocks};

/// A scenario's page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file's stem; empty for a text.
    pub name: String,
    /// The title: what the user meets.
    pub title: String,
    /// The story, without `Story:`.
    pub story: String,
    /// The world.
    pub world: World,
    /// Files of the run by name.
    pub files: BTreeMap<String, String>,
    /// Those of them that may be executed.
    pub executables: BTreeSet<String>,
    /// The command, as the page shows it, without `$ `.
    pub command: String,
    /// What the user sees on standard output.
    pub stdout: String,
    /// The verdict; absent: none is claimed.
    pub verdict: Option<Verdict>,
    text: String,
}

/// What the page claims of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// `healthy`, `unhealthy` or `undecided`.
    pub status: String,
    /// The cause; absent: null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The candidates, likeliest first.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// The exit code.
    pub exit: u8,
}

/// A page that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something that a page needs is not there, or is there twice.
    #[error("line {line}: {what}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The world cannot be read.
    #[error("in the block that starts on line {line}: {source}")]
    World {
        /// The line of the block's fence.
        line: usize,
        /// What is wrong.
        source: WorldError,
    },
    /// The verdict cannot be read.
    #[error("in the block that starts on line {line}: the verdict cannot be read: {what}")]
    Verdict {
        /// The line of the block's fence.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A page of a folder cannot be read.
    #[error("{name}: {source}")]
    Named {
        /// The page.
        name: String,
        /// What is wrong.
        source: Box<PageError>,
    },
}

impl Page {
    /// Reads a page's text.
    pub fn parse(text: &str) -> Result<Self, PageError> {
        let form = |line: usize, what: &str| PageError::Form { line, what: what.to_owned() };
        let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let title = title.ok_or_else(|| form(1, "a page starts with '# TITLE'"))?.trim().to_owned();
        let blocks = blocks(text)?;
        let story_end = blocks.first().map_or(text.len(), |block| block.outer.start);
        let story = text.get(title.len() + 2..story_end).unwrap_or_default().trim();
        let story = story.strip_prefix("Story:").unwrap_or(story).trim().to_owned();
        let mut page = Self {
            name: String::new(),
            title,
            story,
            world: World::default(),
            files: BTreeMap::new(),
            executables: BTreeSet::new(),
            command: String::new(),
            stdout: String::new(),
            verdict: None,
            text: text.to_owned(),
        };
        let mut seen: Vec<String> = Vec::new();
        for block in &blocks {
            if block.is_part() && seen.contains(&block.info) {
                return Err(form(block.line, &format!("a second block '{}'", block.info)));
            }
            seen.push(block.info.clone());
            page.take(block, text)?;
        }
        if page.command.is_empty() {
            return Err(form(1, "a page has a block 'console' that starts with '$ pullcheck ...'"));
        }
        Ok(page)
    }

    /// Reads a page's file.
    pub fn load(path: &Path) -> Result<Self, PageError> {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(path)
            .map_err(|source| PageError::File { path: path.to_owned(), source })?;
        let page = Self::parse(&text)
            .map_err(|source| PageError::Named { name: name.clone(), source: Box::new(source) })?;
        Ok(Self { name, ..page })
    }

    /// Reads all pages of a folder, by name.
    pub fn all(dir: &Path) -> Result<Vec<Self>, PageError> {
        Self::paths(dir)?.iter().map(|path| Self::load(path)).collect()
    }

    /// The pages' files in a folder, by name.
    pub fn paths(dir: &Path) -> Result<Vec<PathBuf>, PageError> {
        let unreadable = |source| PageError::File { path: dir.to_owned(), source };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let named = path.file_name().is_some_and(|name| name != "README.md");
            if named && path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    fn take(&mut self, block: &Block, text: &str) -> Result<(), PageError> {
        let body = &text[block.body.clone()];
        let line = block.line;
        match block.words()[..] {
            ["toml", "world"] => {
                self.world = body.parse().map_err(|source| PageError::World { line, source })?;
            }
            ["toml", "verdict"] => {
                let verdict = toml::from_str(body)
                    .map_err(|error| PageError::Verdict { line, what: error.to_string() })?;
                self.verdict = Some(verdict);
            }
            ["console"] => {
                let (command, stdout) = blocks::console(body).ok_or_else(|| PageError::Form {
                    line,
                    what: "a console block starts with '$ '".to_owned(),
                })?;
                self.command = command;
                self.stdout = stdout;
            }
            [_, file, ref mode @ ..] if matches!(mode, [] | ["executable"]) => {
                self.files.insert(file.to_owned(), body.to_owned());
                self.executables.extend(mode.iter().map(|_| file.to_owned()));
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
