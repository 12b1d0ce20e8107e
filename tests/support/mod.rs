//! What several tests share.

#![allow(dead_code, reason = "each test uses its own part")]
#![allow(clippy::print_stderr, reason = "a test that cannot run says so")]

mod captures;
pub mod made;
pub mod packet;
pub mod pcapng;
pub mod random_packets;
pub mod review;
pub mod rules;
#[cfg(target_os = "linux")]
pub mod terminal;

#[allow(unused_imports, reason = "each test uses its own part")]
pub use captures::{captures_below, sample, sample_captures, samples, shared, skipped};

use std::path::Path;
use std::process::{Command, Output};

/// Whether a program is in `PATH`; a test that needs one which is missing is skipped.
pub fn has_program(name: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&paths).any(|folder| folder.join(name).is_file());
    if !is_there {
        skipped(&format!("{name} is not installed"));
    }
    is_there
}

/// Runs the program.
pub fn portscribe<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("PORTSCRIBE_SHARED")
        // Nor do their settings count.
        .env("PORTSCRIBE_CONFIG", "")
        // Whoever runs the tests may have taken another edition of the registry into use.
        .env("XDG_DATA_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-data"))
        .output()
        .expect("the program runs")
}

/// Compares a text with the file of this name in `tests/expected`, where `EDITION` stands for the date of the
/// bundled registry. With `BLESS` set the file is written anew: read the difference before you keep it.
pub fn snapshot(name: &str, text: &str) {
    let edition = portscribe::registry::Registry::bundled().edition().expect("a date").to_owned();
    let text = text.replace(&edition, "EDITION");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).expect(name);
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(text, expected, "{name}");
}

/// Standard output as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Standard error as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// The rows of a CSV result, each as pairs of column and cell.
pub fn rows(output: &Output) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// Random numbers that are the same in every run (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

/// Whether this build has what a command line asks for: the state of captures read apart needs Arrow.
pub fn is_built_in(line: &str) -> bool {
    cfg!(feature = "tables") || !line.contains("--partial") && !line.starts_with("merge ")
}
