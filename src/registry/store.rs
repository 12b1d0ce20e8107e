//! Editions kept in a folder of the user's: the one in use, and those it can go back to.
//!
//! An edition is a folder with the file as it came and what is known of it. Which one is in use
//! stands in one small file that is replaced whole: whatever happens in between, an edition is
//! in use completely or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::read::{self, ReadOptions, Reading};

/// How many editions are kept: the one in use, and two to go back to.
const KEPT: usize = 3;
const STATE: &str = "in-use.json";
const FILE: &str = "registry";
const ABOUT: &str = "about.json";

/// Where a kept edition comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The address or the file it was read from.
    pub source: String,
    /// The edition's date, where the file itself does not carry one.
    pub edition: Option<String>,
    /// The server's mark of this version (RFC 9110 section 8.8.3).
    pub etag: Option<String>,
    /// When the server says it changed (RFC 9110 section 8.8.2).
    pub last_modified: Option<String>,
    /// Whether rows that cannot be understood are passed over.
    pub lenient: bool,
}

/// Why the folder of editions cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file of it cannot be read.
    #[error("{}: cannot be read; `--registry bundled` does without it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of it cannot be written. What was in use still is.
    #[error("{}: cannot be written; what was in use still is", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that says where editions lie is damaged.
    #[error("{}: expected a file that portscribe wrote; remove it to go back to the bundled registry", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The edition in use cannot be read any more.
    #[error("{}: the registry in use is damaged; go back with `portscribe registry update --rollback`", path.display())]
    Registry {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: read::Error,
    },
}

/// A folder of editions.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// Which editions there are, the one in use first.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    editions: Vec<u64>,
}

impl Store {
    /// The store in a folder, which need not exist. Nothing is read or written yet.
    pub fn at(folder: impl Into<PathBuf>) -> Store {
        Store { folder: folder.into() }
    }

    /// The user's store: under `XDG_DATA_HOME`, `~/.local/share` where that is not set (on Windows under
    /// `LOCALAPPDATA`). `None` where none of them is known.
    pub fn of_user() -> Option<Store> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        folder("XDG_DATA_HOME")
            .or_else(|| folder("HOME").map(|home| home.join(".local").join("share")))
            .or_else(|| folder("LOCALAPPDATA"))
            .map(|data| Store::at(data.join("portscribe").join("registry")))
    }

    /// The edition in use; `None` when none was taken into use, and the bundled one counts.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or is damaged.
    pub fn current(&self) -> Result<Option<(Reading, About)>, StoreError> {
        let Some(&id) = self.state()?.editions.first() else { return Ok(None) };
        let about = self.about(id)?;
        let path = self.edition(id).join(FILE);
        let bytes = fs::read(&path).map_err(|source| StoreError::Read { path: path.clone(), source })?;
        let options =
            ReadOptions { source: &about.source, edition: about.edition.as_deref(), lenient: about.lenient };
        let reading = read::read(&bytes, &options).map_err(|source| StoreError::Registry { path, source })?;
        Ok(Some((reading, about)))
    }

    /// What is known of the edition in use, without reading it.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or is damaged.
    pub fn current_about(&self) -> Result<Option<About>, StoreError> {
        self.state()?.editions.first().map(|&id| self.about(id)).transpose()
    }

    /// Keeps a registry file and takes it into use. Read it first: what is kept is not checked
    /// here.
    ///
    /// # Errors
    ///
    /// When it cannot be written; then what was in use still is.
    pub fn put(&self, bytes: &[u8], about: &About) -> Result<(), StoreError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Write { path, source }
        };
        let mut state = self.state()?;
        fs::create_dir_all(&self.folder).map_err(failed(&self.folder))?;
        let id = state.editions.iter().max().map_or(1, |newest| newest + 1);
        let beside = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&self.folder)
            .map_err(failed(&self.folder))?;
        write_whole(&beside.path().join(FILE), bytes)?;
        let text = serde_json::to_vec(about)
            .map_err(|source| StoreError::Damaged { path: self.folder.clone(), source })?;
        write_whole(&beside.path().join(ABOUT), &text)?;
        let place = self.edition(id);
        // A folder of this name can only be left from a run that was killed before it counted.
        let _ = fs::remove_dir_all(&place);
        fs::rename(beside.path(), &place).map_err(failed(&place))?;
        // The folder has another name now, and must not be removed under the old one.
        let _ = beside.keep();
        state.editions.insert(0, id);
        let dropped = state.editions.split_off(state.editions.len().min(KEPT));
        if let Err(error) = self.set_state(&state) {
            let _ = fs::remove_dir_all(&place);
            return Err(error);
        }
        for id in dropped {
            // What is left over costs only space.
            let _ = fs::remove_dir_all(self.edition(id));
        }
        Ok(())
    }

    /// Goes back to the edition before; to the bundled one where there is none. Says whether
    /// there was one to leave.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or written.
    pub fn roll_back(&self) -> Result<bool, StoreError> {
        let mut state = self.state()?;
        if state.editions.is_empty() {
            return Ok(false);
        }
        let left = state.editions.remove(0);
        self.set_state(&state)?;
        let _ = fs::remove_dir_all(self.edition(left));
        Ok(true)
    }

    fn edition(&self, id: u64) -> PathBuf {
        self.folder.join(format!("edition-{id}"))
    }

    fn state(&self) -> Result<State, StoreError> {
        let path = self.folder.join(STATE);
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|source| StoreError::Damaged { path, source })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::default()),
            Err(source) => Err(StoreError::Read { path, source }),
        }
    }

    fn set_state(&self, state: &State) -> Result<(), StoreError> {
        let path = self.folder.join(STATE);
        let failed = |source| StoreError::Write { path: path.clone(), source };
        let text =
            serde_json::to_vec(state).map_err(|source| StoreError::Damaged { path: path.clone(), source })?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    fn about(&self, id: u64) -> Result<About, StoreError> {
        let path = self.edition(id).join(ABOUT);
        let bytes = fs::read(&path).map_err(|source| StoreError::Read { path: path.clone(), source })?;
        serde_json::from_slice(&bytes).map_err(|source| StoreError::Damaged { path, source })
    }
}

/// Writes a file and waits until it is on the disk: a full disk must be found before the edition
/// counts.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| StoreError::Write { path: path.to_owned(), source })
}
