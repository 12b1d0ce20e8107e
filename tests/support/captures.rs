//! Captures to test with, of the project and of others.

#![allow(dead_code, reason = "each test uses its own part")]
#![allow(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::path::{Path, PathBuf};

/// The folder of samples.
pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// One sample.
pub fn sample(name: &str) -> PathBuf {
    samples().join(name)
}

/// The captures of the samples folder, in the order of their names.
pub fn sample_captures() -> Vec<PathBuf> {
    captures_below(&samples())
}

/// The folder with captures and expectations of other projects, which are not part of this one:
/// `$PORTSCRIBE_SHARED`, or `shared` beside the project. Says so when it is missing.
pub fn shared() -> Option<PathBuf> {
    let folder = match std::env::var_os("PORTSCRIBE_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
    };
    if folder.join("captures").is_dir() {
        return Some(folder);
    }
    skipped("captures of other projects are missing (PORTSCRIBE_SHARED names their folder)");
    None
}

/// Says that the rest of the test at hand is skipped, and notes it in the file `skipped` of the
/// folder for test output, where `.ci/run` counts.
pub fn skipped(why: &str) {
    use std::io::Write;
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    eprintln!("skipped: {test}: {why}");
    let notes = match option_env!("CARGO_TARGET_TMPDIR") {
        Some(folder) => Path::new(folder).join("skipped"),
        // Tests inside the library have none.
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/skipped"),
    };
    // One line a write, so that tests side by side do not mix theirs.
    if let Ok(mut file) = std::fs::File::options().append(true).create(true).open(notes) {
        let _ = file.write_all(format!("{test}: {why}\n").as_bytes());
    }
}

/// The files below a folder that begin as a capture does, in the order of their names.
pub fn captures_below(folder: &Path) -> Vec<PathBuf> {
    let files = portscribe::capture::list_folder(folder, true).expect("a folder that can be read").files;
    files.into_iter().filter(|file| portscribe::capture::CaptureReader::open(file).is_ok()).collect()
}
