//! Where results go: standard output, or a file that appears when it is complete.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use portscribe::report::Format;
use tempfile::{Builder, NamedTempFile};

use crate::failure::Failure;

/// Where a result goes.
pub(crate) enum Target {
    Standard(BufWriter<io::Stdout>),
    File { file: Box<BufWriter<NamedTempFile>>, path: PathBuf },
}

impl Target {
    /// Standard output, or a file of this name.
    pub(crate) fn open(path: Option<&Path>) -> Result<Target, Failure> {
        let Some(path) = path else {
            return Ok(Target::Standard(BufWriter::with_capacity(1 << 16, io::stdout())));
        };
        let failed = |error: &dyn std::fmt::Display| {
            Failure::failed(format_args!("{}: cannot be created: {error}", path.display()))
        };
        if path.is_dir() {
            return Err(failed(&"it is a folder"));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(".portscribe-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What the user lets others do with new files.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder).map_err(|error| failed(&error))?;
        Ok(Target::File { file: Box::new(BufWriter::with_capacity(1 << 16, file)), path: path.to_owned() })
    }

    /// Writes what is left; a file gets its name now.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Target::Standard(mut out) => out.flush().map_err(|error| Failure::of_result(&error)),
            Target::File { file, path } => {
                let failed = |error: &dyn std::fmt::Display| {
                    Failure::failed(format_args!("{}: cannot be written: {error}", path.display()))
                };
                let file = file.into_inner().map_err(|error| failed(&error.into_error()))?;
                file.persist(&path).map_err(|error| failed(&error.error))?;
                Ok(())
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Standard(out) => out.write(bytes),
            Target::File { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Standard(out) => out.flush(),
            Target::File { file, .. } => file.flush(),
        }
    }
}

/// The format of a result in a file of this name.
pub(crate) fn format_of(path: &Path) -> Option<Format> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match ending.as_str() {
        "txt" => Format::Table,
        "md" => Format::Markdown,
        "jsonl" => Format::Ndjson,
        "arrows" => Format::Arrow,
        word => word.parse().ok().filter(|format| *format != Format::Table)?,
    })
}
