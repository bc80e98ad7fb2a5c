//! What is written where: one document on standard output, others into files.
//!
//! *Invariant:* files are opened before the work, so that what cannot be written is known before anything is looked at.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::cli::{OutputArgs, Usage};
use crate::render::{Format, Style, USUAL_WIDTH, render};
use crate::report::Report;

/// The documents that a run writes.
pub struct Output {
    to_stdout: Option<Format>,
    to_files: Vec<(Format, PathBuf, File)>,
    style: Style,
    /// Say nothing on standard error.
    pub quiet: bool,
    /// Tell each step on standard error.
    pub verbose: bool,
}

impl Output {
    pub(crate) fn new(args: &OutputArgs, style: Style) -> Result<Self, Usage> {
        let style = Style { quiet: args.quiet, ..style };
        let mut output =
            Self { to_stdout: None, to_files: Vec::new(), style, quiet: args.quiet, verbose: args.verbose };
        for text in &args.output {
            let (name, file) = match text.split_once('=') {
                Some((name, file)) => (name, Some(PathBuf::from(file))),
                None => (text.as_str(), None),
            };
            let format: Format = name.parse().map_err(|e| Usage(format!("--output '{text}': {e}")))?;
            match file {
                Some(path) => {
                    let file = File::create(&path).map_err(|e| unwritable(&path, &e))?;
                    output.to_files.push((format, path, file));
                }
                None if output.to_stdout.is_some() => {
                    return Err(Usage(
                        "only one --output can go to standard output; give the others a file: -o json=FILE"
                            .to_owned(),
                    ));
                }
                None => output.to_stdout = Some(format),
            }
        }
        if output.to_stdout.is_none() && output.to_files.is_empty() {
            output.to_stdout = Some(Format::default());
        }
        Ok(output)
    }

    /// The columns of the reader's screen.
    pub(crate) fn width(&self) -> usize {
        self.style.width
    }

    /// Whether a program reads what is on standard output.
    pub(crate) fn is_json(&self) -> bool {
        self.to_stdout == Some(Format::Json)
    }

    /// Writes a report. A closed pipe is no failure: the reader has seen enough.
    pub(crate) fn write(mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        for (format, path, file) in &mut self.to_files {
            // A file has no width: the same run writes the same file, whatever terminal it was started in.
            let style = Style { color: false, width: USUAL_WIDTH, ..self.style.clone() };
            file.write_all(render(report, *format, &style).as_bytes())
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
        }
        match self.to_stdout {
            Some(format) => to_reader(out, &render(report, format, &self.style)),
            None => Ok(()),
        }
    }
}

/// Writes to a reader who may have left.
pub(crate) fn to_reader(out: &mut dyn Write, text: &str) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A new file that only its owner may read.
pub(crate) fn private_file(path: PathBuf) -> Result<(PathBuf, File), Usage> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600);
        let file = options.open(&path).map_err(|e| unwritable(&path, &e))?;
        // The mode above counts only for a file that was not there.
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(|e| unwritable(&path, &e))?;
        Ok((path, file))
    }
    #[cfg(not(unix))]
    {
        let file = options.open(&path).map_err(|e| unwritable(&path, &e))?;
        Ok((path, file))
    }
}

fn unwritable(path: &std::path::Path, error: &io::Error) -> Usage {
    Usage(format!(
        "'{}' cannot be written: {error}; name a file in a folder that exists and that you may write to",
        path.display()
    ))
}
