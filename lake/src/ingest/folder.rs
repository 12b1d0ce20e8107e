//! The folder of a table: its lock, and files that appear when they are complete.
//!
//! ```text
//! TABLE/day=2026-11-22/flows.parquet
//! TABLE/_state/captures.json                   which captures are in it
//! TABLE/_state/HASH-2026-11-22.arrow           what is known of a day of one of them
//! TABLE/_state/lock                            is locked while a run writes
//! ```

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use crate::failure::Failure;

/// Where states are. Readers of tables pass over names that begin so.
const STATE: &str = "_state";
/// How names of files begin that are not complete.
const BEGUN: &str = ".begun-";
/// How names of states end.
const STATE_ENDING: &str = ".arrow";

/// A table's folder, which no other run writes to.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Is locked as long as it is open: the lock of a run that is killed is gone with it.
    _lock: File,
}

impl Folder {
    /// The folder of a table, made where there is none. What a run that was killed has begun is removed.
    pub(super) fn lock(path: &Path) -> Result<Folder, Failure> {
        let state = path.join(STATE);
        if path.is_file() {
            return Err(Failure::failed(format_args!(
                "{}: is a file: a table is a folder, which is made where there is none",
                path.display()
            )));
        }
        if !state.is_dir() && fs::read_dir(path).is_ok_and(|mut inner| inner.next().is_some()) {
            return Err(Failure::failed(format_args!(
                "{}: holds other files than those of a table: name a folder that is empty, or is not there",
                path.display()
            )));
        }
        fs::create_dir_all(&state).map_err(|error| failed(&state, &error))?;
        let at = state.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&at)
            .map_err(|error| failed(&at, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::failed(format_args!(
                    "{}: another run writes to it: wait until that has ended",
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(&at, &error)),
        }
        let folder = Folder { path: path.to_owned(), _lock: lock };
        folder.remove_states(|name| name.starts_with(BEGUN))?;
        Ok(folder)
    }

    /// Whether it holds more than its state.
    pub(super) fn has_rows(&self) -> Result<bool, Failure> {
        let entries = fs::read_dir(&self.path).map_err(|error| failed(&self.path, &error))?;
        Ok(entries.filter_map(Result::ok).any(|entry| entry.file_name() != STATE))
    }

    /// Where a file of the state is.
    pub(super) fn state(&self, name: &str) -> PathBuf {
        self.path.join(STATE).join(name)
    }

    /// A file that gets its name later.
    pub(super) fn begin(&self) -> Result<NamedTempFile, Failure> {
        let folder = self.path.join(STATE);
        let mut builder = Builder::new();
        builder.prefix(BEGUN);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What the user lets others do with new files.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(&folder).map_err(|error| failed(&folder, &error))
    }

    /// Gives a file of the state its name, whatever had it before.
    pub(super) fn keep(&self, begun: TempPath, name: &str) -> Result<(), Failure> {
        put(begun, &self.state(name))
    }

    /// Removes the states that have none of these names.
    pub(super) fn forget_states_but(&self, needed: &HashSet<String>) -> Result<(), Failure> {
        self.remove_states(|name| name.ends_with(STATE_ENDING) && !needed.contains(name))
    }

    fn remove_states(&self, is_removed: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let folder = self.path.join(STATE);
        let of_folder = |error: io::Error| failed(&folder, &error);
        for entry in fs::read_dir(&folder).map_err(of_folder)? {
            let entry = entry.map_err(of_folder)?;
            if entry.file_name().to_str().is_some_and(&is_removed) {
                fs::remove_file(entry.path()).map_err(|error| failed(&entry.path(), &error))?;
            }
        }
        Ok(())
    }
}

/// A fault with a file of the table.
pub(super) fn failed(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format_args!("{}: cannot be written: {error}", path.display()))
}

/// Gives a file its name, when its content is on disk.
pub(super) fn put(begun: TempPath, path: &Path) -> Result<(), Failure> {
    let of_file = |error: &io::Error| failed(path, error);
    File::open(&begun).and_then(|file| file.sync_all()).map_err(|error| of_file(&error))?;
    begun.persist(path).map_err(|error| of_file(&error.error))?;
    // And so is the name. Where folders cannot be opened, the system does it in its own time.
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Gives a file its name where another content has it, or none. Whether it did.
pub(super) fn put_if_other(begun: TempPath, path: &Path) -> Result<bool, Failure> {
    if path.exists() && is_same(&begun, path).map_err(|error| failed(path, &error))? {
        return Ok(false);
    }
    put(begun, path)?;
    Ok(true)
}

fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let mut of_one = vec![0; 1 << 16];
    let mut of_other = of_one.clone();
    loop {
        let n = one.read(&mut of_one)?;
        if n == 0 {
            return Ok(true);
        }
        other.read_exact(&mut of_other[..n])?;
        if of_one[..n] != of_other[..n] {
            return Ok(false);
        }
    }
}
