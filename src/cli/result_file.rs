//! A result that is a file: it appears, or changes, when it is complete.
//!
//! The file is opened as a shell would open it, so that what a shell may not write is not written:
//! a link of somebody else in a shared folder is not followed where the system forbids that. A file
//! that is there keeps its permissions, its owner and its other names.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Who may read a result that was not there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Whoever may read any new file of the user.
    Usual,
    /// In a folder that others can write to, the user alone: the result shows what a capture holds.
    Guarded,
}

/// A file that is being written.
pub(super) struct ResultFile {
    growing: Growing,
    /// Where it goes.
    place: PathBuf,
    /// What is there already.
    existing: Option<(File, Metadata)>,
}

/// What is written until it is complete.
enum Growing {
    /// A file without a name, which is gone when the program is.
    Unnamed(File),
    Named(NamedTempFile),
}

impl ResultFile {
    /// Begins a result for `path`, which names a file or nothing.
    pub(super) fn create(path: &Path, readers: Readers) -> io::Result<ResultFile> {
        // A link that leads nowhere makes a file where it leads to, as in a shell.
        let existing = if fs::symlink_metadata(path).is_ok() {
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
            let about = file.metadata()?;
            Some((file, about))
        } else {
            None
        };
        let place = if let Some((_, about)) = &existing {
            let place = path.canonicalize()?;
            if !is_same(about, &fs::symlink_metadata(&place)?) {
                return Err(io::Error::other("another file has taken its place meanwhile"));
            }
            place
        } else {
            path.to_owned()
        };
        let folder = folder_of(&place);
        let mode = match (&existing, readers) {
            // Its permissions come from the file that is there.
            (Some(_), _) => 0o600,
            (None, Readers::Guarded) if is_shared(folder) => 0o600,
            (None, _) => 0o666,
        };
        let growing = match (grow_in(folder, mode), &existing) {
            (Ok(growing), _) => growing,
            // The file can be written, and nothing beside it.
            (Err(_), Some(_)) => Growing::Unnamed(tempfile::tempfile()?),
            (Err(error), None) => return Err(error),
        };
        Ok(ResultFile { growing, place, existing })
    }

    /// The folder that the result goes to.
    pub(super) fn folder(path: &Path) -> &Path {
        folder_of(path)
    }

    /// Gives the result its name, or its content to the file that is there.
    pub(super) fn finish(self) -> io::Result<()> {
        let ResultFile { growing, place, existing } = self;
        let Some((mut there, about)) = existing else {
            return growing.name(&place).map_err(|(_, error)| error);
        };
        let mut growing = growing;
        if may_be_replaced(&about) && growing.take_over(&about).is_ok() {
            match growing.name(&place) {
                Ok(()) => return Ok(()),
                Err((left, _)) => growing = left,
            }
        }
        let content = growing.file();
        content.rewind()?;
        there.set_len(0)?;
        io::copy(content, &mut there)?;
        Ok(())
    }
}

impl Write for ResultFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.growing.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.growing.file().flush()
    }
}

impl Growing {
    fn file(&mut self) -> &mut File {
        match self {
            Growing::Unnamed(file) => file,
            Growing::Named(file) => file.as_file_mut(),
        }
    }

    /// Takes over the owner and the permissions of another file.
    #[cfg(unix)]
    fn take_over(&mut self, about: &Metadata) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt, fchown};
        let file = self.file();
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (about.uid(), about.gid()) {
            fchown(&*file, Some(about.uid()), Some(about.gid()))?;
        }
        file.set_permissions(about.permissions())
    }

    #[cfg(not(unix))]
    fn take_over(&mut self, _: &Metadata) -> io::Result<()> {
        Ok(())
    }

    /// Gives the file its name, in place of what has it.
    fn name(self, place: &Path) -> Result<(), (Growing, io::Error)> {
        match self {
            Growing::Unnamed(file) => match link(&file, place) {
                Ok(()) => Ok(()),
                Err(error) => Err((Growing::Unnamed(file), error)),
            },
            Growing::Named(file) => {
                file.persist(place).map(drop).map_err(|error| (Growing::Named(error.file), error.error))
            }
        }
    }
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Begins a file in a folder.
fn grow_in(folder: &Path, mode: u32) -> io::Result<Growing> {
    match unnamed(folder, mode) {
        Some(file) => Ok(Growing::Unnamed(file)),
        None => Ok(Growing::Named(beside(mode).tempfile_in(folder).map_err(|error| plain(&error))?)),
    }
}

/// A file without a name that can get one; `None` where the system or the folder has no such.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, mode: u32) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    // It is linked by its place there.
    let can_be_linked = Path::new("/proc/self/fd").exists();
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    can_be_linked.then(|| open(folder, flags, Mode::from_raw_mode(mode)).ok().map(File::from)).flatten()
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path, _: u32) -> Option<File> {
    None
}

#[cfg(target_os = "linux")]
fn link(file: &File, place: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;
    let from = format!("/proc/self/fd/{}", file.as_raw_fd());
    let link = |to: &Path| linkat(CWD, from.as_str(), CWD, to, AtFlags::SYMLINK_FOLLOW);
    match link(place) {
        Err(rustix::io::Errno::EXIST) => {}
        linked => return Ok(linked?),
    }
    // A name can be replaced by another, not by a file without one.
    let other =
        beside(0o600).make_in(folder_of(place), |path| Ok(link(path)?)).map_err(|error| plain(&error))?;
    other.persist(place).map(drop).map_err(|error| error.error)
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn beside(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".portscribe-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// An error without the name of the temporary file, which nobody asked for.
fn plain(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Whether another file may take the place of one: it has no further name that would keep the old content.
#[cfg(unix)]
fn may_be_replaced(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.nlink() == 1
}

#[cfg(not(unix))]
fn may_be_replaced(_: &Metadata) -> bool {
    true
}

/// Whether others can write to a folder.
#[cfg(unix)]
pub(super) fn is_shared(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    /// The sticky bit, and that of others to write.
    const SHARED: u32 = 0o1002;
    fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & SHARED != 0)
}

#[cfg(not(unix))]
pub(super) fn is_shared(_: &Path) -> bool {
    false
}
