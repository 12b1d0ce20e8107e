//! SHA-256 of the captures, so that a review names what it was made from.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use sha2::Digest;

use super::super::model::{Coverage, Sha256};

/// Octets read at once.
const BLOCK: usize = 1024 * 1024;

/// Captures being hashed on a thread of their own, while they are read and reviewed.
pub struct Hashing(Option<JoinHandle<HashMap<String, Sha256>>>);

impl Hashing {
    /// Begins with the files among `captures`; pipes and what cannot be read have no hash.
    pub fn begin(captures: Vec<PathBuf>) -> Hashing {
        let run = move || {
            let one = |path: PathBuf| Some((path.display().to_string(), sha256(&path)?));
            captures.into_iter().filter_map(one).collect()
        };
        Hashing(std::thread::Builder::new().name("sha-256".to_owned()).spawn(run).ok())
    }

    /// Waits for the end, and puts each hash beside its capture.
    pub fn finish(self, coverage: &mut Coverage) {
        let Some(hashes) = self.0.and_then(|thread| thread.join().ok()) else { return };
        for input in &mut coverage.inputs {
            input.sha256 = hashes.get(&input.name).copied();
        }
    }
}

/// The SHA-256 of a file; none where it is not a regular file, or cannot be read.
fn sha256(path: &Path) -> Option<Sha256> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let (mut hash, mut block) = (sha2::Sha256::new(), vec![0; BLOCK]);
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(length) => hash.update(block.get(..length)?),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(Sha256(hash.finalize().into()))
}
