//! Where results go: standard output, or a file that appears when it is complete.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;

use super::args::{Color, Common};
use super::pager::Pager;
use super::result_file::{Readers, ResultFile};
use super::{Failure, file_name};
use crate::capture::Compression;
use crate::foreign::Lines;
use crate::registry::{NOTE, Registry};
use crate::report::{self, Format, Style, Table};
use crate::traffic::ReadLog;

/// The result being written.
pub(super) struct Output {
    target: Target,
    format: Format,
    style: Style,
    note: Option<String>,
}

/// Where a result goes; compressed, where the name of the file says so.
pub(super) struct Target {
    packing: Packing,
}

enum Packing {
    None(Place),
    Gzip(Box<GzEncoder<Place>>),
    Zstd(Box<zstd::Encoder<'static, Place>>),
}

enum Place {
    Standard(BufWriter<io::Stdout>),
    Pager(Pager),
    /// A file that appears when it is complete.
    File {
        file: BufWriter<Box<ResultFile>>,
        path: PathBuf,
    },
    /// A pipe or a device, which is written to and stays what it is.
    Through {
        file: BufWriter<File>,
        path: PathBuf,
    },
}

impl Target {
    /// Standard output, or a file of this name, which appears when it is complete.
    pub(super) fn open(path: Option<&Path>, readers: Readers) -> Result<Target, Failure> {
        // What is no file has a name that says nothing of its content.
        if let Some(path) = path.filter(|path| !is_no_file(path)) {
            file_name::refuse_compression(path).map_err(Failure::Usage)?;
        }
        let place = Place::open(path, readers)?;
        let packing = match path.and_then(file_name::compression) {
            None => Packing::None(place),
            Some(Compression::Gzip) => {
                Packing::Gzip(Box::new(GzEncoder::new(place, flate2::Compression::default())))
            }
            Some(Compression::Zstd) => {
                let failure = |error: &io::Error| Failure::failed(format_args!("zstd: {error}"));
                let encoder = zstd::Encoder::new(place, zstd::DEFAULT_COMPRESSION_LEVEL);
                Packing::Zstd(Box::new(encoder.map_err(|error| failure(&error))?))
            }
        };
        Ok(Target { packing })
    }

    /// What to say of a fault in writing.
    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        match &self.packing {
            Packing::None(place) => place.failure(error),
            Packing::Gzip(encoder) => encoder.get_ref().failure(error),
            Packing::Zstd(encoder) => encoder.get_ref().failure(error),
        }
    }

    /// Writes what is left; a file gets its name now.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let ended = match &mut self.packing {
            Packing::None(_) => Ok(()),
            Packing::Gzip(encoder) => encoder.try_finish(),
            Packing::Zstd(encoder) => encoder.do_finish(),
        };
        ended.map_err(|error| self.failure(&error))?;
        match self.packing {
            Packing::None(place) => place,
            Packing::Gzip(encoder) => encoder.finish()?,
            Packing::Zstd(encoder) => encoder.finish()?,
        }
        .finish()
    }
}

impl Place {
    fn open(path: Option<&Path>, readers: Readers) -> Result<Place, Failure> {
        let Some(path) = path else {
            return Ok(Place::Standard(BufWriter::with_capacity(1 << 16, io::stdout())));
        };
        let failed = |error: io::Error| cannot_be_written(path, &error);
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() => {
                return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")));
            }
            Ok(about) if !about.is_file() => {
                let file = File::options().write(true).open(path).map_err(failed)?;
                let file = BufWriter::with_capacity(1 << 16, file);
                return Ok(Place::Through { file, path: path.to_owned() });
            }
            _ => {}
        }
        let file = ResultFile::create(path, readers).map_err(|error| {
            let folder = ResultFile::folder(path);
            if error.kind() == io::ErrorKind::NotFound && !folder.exists() {
                return Failure::failed(format_args!(
                    "{}: cannot be created: folder {} does not exist",
                    path.display(),
                    folder.display()
                ));
            }
            Failure::failed(format_args!("{}: cannot be created: {error}", path.display()))
        })?;
        let file = BufWriter::with_capacity(1 << 16, Box::new(file));
        Ok(Place::File { file, path: path.to_owned() })
    }

    fn failure(&self, error: &io::Error) -> Failure {
        match self {
            Place::Standard(_) | Place::Pager(_) if error.kind() == io::ErrorKind::BrokenPipe => {
                Failure::BrokenPipe
            }
            Place::Standard(_) | Place::Pager(_) => {
                Failure::failed(format_args!("the result cannot be written: {error}"))
            }
            Place::File { path, .. } | Place::Through { path, .. } => cannot_be_written(path, error),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Place::Standard(mut out) => out.flush()?,
            Place::Pager(pager) => pager.finish()?,
            Place::Through { mut file, path } => {
                file.flush().map_err(|error| cannot_be_written(&path, &error))?;
            }
            Place::File { file, path } => {
                let failed = |error: io::Error| cannot_be_written(&path, &error);
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                file.finish().map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// Refuses a name of a result that says that it has a format which results are not written in.
pub(super) fn refuse_name(path: &Path) -> Result<(), Failure> {
    // What is no file has a name that says nothing of its content.
    if is_no_file(path) { Ok(()) } else { file_name::refuse_format(path).map_err(Failure::Usage) }
}

/// Whether this is a pipe or a device, which is written to and stays what it is.
pub(super) fn is_no_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| !about.is_file())
}

fn cannot_be_written(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format_args!("{}: cannot be written: {error}", path.display()))
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.packing {
            Packing::None(place) => place.write(bytes),
            Packing::Gzip(encoder) => encoder.write(bytes),
            Packing::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.packing {
            Packing::None(place) => place.flush(),
            Packing::Gzip(encoder) => encoder.flush(),
            Packing::Zstd(encoder) => encoder.flush(),
        }
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Place::Standard(out) => out.write(bytes),
            Place::Pager(pager) => pager.write(bytes),
            Place::File { file, .. } => file.write(bytes),
            Place::Through { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Place::Standard(out) => out.flush(),
            Place::Pager(pager) => pager.flush(),
            Place::File { file, .. } => file.flush(),
            Place::Through { file, .. } => file.flush(),
        }
    }
}

impl Output {
    /// Opens the output that the options ask for.
    pub(super) fn open(common: &Common, registry: &Registry) -> Result<Output, Failure> {
        Output::open_or(common, Format::Csv, registry)
    }

    /// Opens the output that the options ask for; a result that is no terminal's has `otherwise` as its format.
    pub(super) fn open_or(
        common: &Common,
        otherwise: Format,
        registry: &Registry,
    ) -> Result<Output, Failure> {
        let path = file(common);
        let terminal = path.is_none() && is_terminal();
        if let (None, Some(path)) = (common.format, path) {
            refuse_name(path)?;
        }
        let format = asked_format(common).unwrap_or(if terminal { Format::Table } else { otherwise });
        if !format.is_built_in() {
            return Err(Failure::Usage(format.not_built_in()));
        }
        if format.is_binary() && terminal {
            return Err(Failure::Usage(format!(
                "--format {} is not for a terminal: name a file with --output, or a program behind a pipe",
                format.name()
            )));
        }
        if let Some(path) = path.filter(|path| format.is_binary() && file_name::compression(path).is_some()) {
            return Err(Failure::Usage(format!(
                "{}: {} is compressed within: leave the last ending out",
                path.display(),
                format.name()
            )));
        }
        let color = match common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        let width = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
        let is_paged = path.is_none() && format == Format::Table;
        let target = match is_paged.then(|| Pager::start(common.paging, terminal)).flatten() {
            Some(pager) => Target { packing: Packing::None(Place::Pager(pager)) },
            None => Target::open(path, Readers::Usual)?,
        };
        let note = (!common.quiet && !format.carries_the_note()).then(|| note(registry));
        Ok(Output { target, format, style: Style { width, color }, note })
    }

    /// The format of the result.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// How tables are laid out.
    pub(super) fn style(&self) -> Style {
        self.style
    }

    /// The lines of a result that is none of rows. In Markdown they stand as they are.
    pub(super) fn lines(&mut self) -> Lines<&mut Output> {
        self.format.lines(self)
    }

    /// Writes a table on captures, with what was read and not counted and the note below it.
    pub(super) fn write_table(
        &mut self,
        mut table: Table,
        log: &ReadLog,
        registry: &Registry,
    ) -> io::Result<()> {
        for line in report::totals(log) {
            table.below(line);
        }
        table.below(note(registry));
        let (format, style) = (self.format, self.style);
        table.write(format, style, self)
    }

    /// Ends the output: a file gets its name now. The note on registration goes to standard
    /// error when the format has no place for it.
    pub(super) fn finish(self) -> Result<(), Failure> {
        self.target.finish()?;
        if let Some(note) = self.note {
            super::say(format_args!("{note}"));
        }
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.target.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

/// Whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// The file that a result goes to; `None` for standard output.
pub(super) fn file(common: &Common) -> Option<&Path> {
    common.output.as_deref().filter(|path| *path != Path::new("-"))
}

/// Whether the result goes to a terminal.
#[cfg(feature = "tables")]
pub(super) fn is_on_a_terminal(common: &Common) -> bool {
    file(common).is_none() && io::stdout().is_terminal()
}

/// The format that the options ask for, by its name or by that of the file.
pub(super) fn asked_format(common: &Common) -> Option<Format> {
    common.format.or_else(|| file(common).and_then(file_name::format))
}

/// The note on registration, with the edition that was asked.
pub(super) fn note(registry: &Registry) -> String {
    format!("{}. {NOTE}", edition(registry))
}

/// Which registry was asked: its edition, or where it comes from.
pub(super) fn edition(registry: &Registry) -> String {
    match registry.edition() {
        Some(edition) => format!("IANA registry of {edition}"),
        None => format!("registry from {}", registry.source()),
    }
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
