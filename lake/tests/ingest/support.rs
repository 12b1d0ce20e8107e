//! What the tests share.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

/// The folder of portscribe's sources, where the samples are.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above").to_owned()
}

/// The program, in a folder.
pub fn lake(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portscribe-lake"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        // Whoever runs the tests may have taken another edition of the registry into use.
        .env("XDG_DATA_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-data"));
    command
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().expect("a status"), text(&output.stdout), text(&output.stderr))
}

/// Takes captures in: the status, and what is said.
pub fn ingest(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = lake(folder).arg("ingest").arg("-q").args(arguments).output().expect("the program runs");
    let (status, out, said) = told(&output);
    assert_eq!(out, "");
    (status, said)
}

/// Takes captures in, with nothing to be said.
pub fn take_in(folder: &Path, arguments: &[&str]) {
    assert_eq!(ingest(folder, arguments), (0, String::new()), "{arguments:?}");
}

/// What SQL answers.
pub fn answer(folder: &Path, sql: &str) -> String {
    let output =
        lake(folder).args(["sql", "-q", "--format", "csv", "-c", sql]).output().expect("the program runs");
    let (status, out, said) = told(&output);
    assert_eq!((status, said.as_str()), (0, ""), "{sql}");
    out
}

/// Every file of a folder, with its content and when it was changed.
pub type Files = BTreeMap<PathBuf, (Vec<u8>, SystemTime)>;

/// The files of a table.
pub fn files(table: &Path) -> Files {
    let mut all = Files::new();
    let mut folders = vec![table.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let changed = path.metadata().and_then(|about| about.modified()).expect("a time");
                let name = path.strip_prefix(table).expect("within").to_owned();
                all.insert(name, (fs::read(&path).expect("a file"), changed));
            }
        }
    }
    all
}

/// The files of a table, but for when they were changed.
pub fn contents(table: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(table).into_iter().map(|(path, (content, _))| (path, content)).collect()
}

/// The files that hold rows.
pub fn partitions(table: &Path) -> Vec<String> {
    let is_parquet = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "parquet");
    files(table).into_keys().filter(is_parquet).map(|path| path.to_string_lossy().into_owned()).collect()
}

/// Fails, with names of files, where tables differ.
pub fn assert_same(table: &Path, expected: &Path, what: &str) {
    let (own, other) = (contents(table), contents(expected));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&own), names(&other), "{what}");
    for (path, content) in &own {
        assert!(other[path] == *content, "{what}: {}", path.display());
    }
}

/// Octets of the header of a pcap file, and of a record before its packet.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// A pcap file (of microseconds, in little-endian order) with its times moved by so many seconds.
pub fn moved(capture: &[u8], seconds: i64) -> Vec<u8> {
    let number = |octets: &[u8]| u32::from_le_bytes(octets.try_into().expect("four octets"));
    assert!([0xa1b2_c3d4, 0xa1b2_3c4d].contains(&number(&capture[..4])), "a pcap file");
    let mut made = capture.to_vec();
    let mut at = FILE_HEADER;
    while at + RECORD_HEADER <= made.len() {
        let second = i64::from(number(&made[at..at + 4])) + seconds;
        made[at..at + 4].copy_from_slice(&u32::try_from(second).expect("a time").to_le_bytes());
        at += RECORD_HEADER + number(&made[at + 8..at + 12]) as usize;
    }
    made
}

/// A folder with the samples in pcap of the day on which most were recorded, in `captures`.
pub fn of_one_day() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("captures")).expect("a folder");
    for name in names_of_samples() {
        let sample = root().join("samples").join(&name);
        let time = portscribe::capture::first_time(&sample).map(|time| time.to_string()).unwrap_or_default();
        if time.starts_with("2026-11-22T") {
            fs::copy(sample, folder.path().join("captures").join(name)).expect("a copy");
        }
    }
    folder
}

fn names_of_samples() -> Vec<String> {
    let entries = fs::read_dir(root().join("samples")).expect("samples");
    let names = entries.map(|entry| entry.expect("a sample").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<String> =
        names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "pcap")).collect();
    names.sort();
    names
}

/// The captures of a folder, in the order of their names.
pub fn captures(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("captures")).expect("captures");
    let mut names: Vec<String> = entries
        .map(|entry| {
            format!("captures/{}", entry.expect("a capture").file_name().into_string().expect("UTF-8"))
        })
        .collect();
    names.sort();
    names
}

/// Numbers that look like chance, the same in every run (xorshift).
pub struct Numbers(pub u64);

impl Numbers {
    /// The next one, below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("a number")
    }

    /// All of a list in another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for n in (1..list.len()).rev() {
            list.swap(n, self.below(n + 1));
        }
    }
}
