//! What the tests share.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use portscribe::registry::Registry;
use portscribe::report::{Columns, Field, Format, Head, RowWriter, Rows as _, flows, packets};
use portscribe::traffic::{LabelledPackets, ReadSettings, Reading, Selection, Traffic};

/// The folder of portscribe's sources, where the samples are.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above").to_owned()
}

fn command(arguments: &[&str]) -> Command {
    program(&[&["sql"], arguments].concat())
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portscribe-lake"));
    command
        .args(arguments)
        .current_dir(root())
        // Whoever runs the tests may have taken another edition of the registry into use.
        .env("XDG_DATA_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-data"));
    command
}

/// Runs `portscribe-lake sql`: its status, and what it wrote to standard output and standard error.
pub fn run(arguments: &[&str]) -> (i32, String, String) {
    told(&command(arguments).stdin(Stdio::null()).output().expect("the program runs"))
}

/// The same with more in its environment.
pub fn run_in(environment: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    run_command(environment, &[&["sql"], arguments].concat())
}

/// Runs any command of the program.
pub fn run_command(environment: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let mut command = program(arguments);
    command.envs(environment.iter().copied());
    told(&command.stdin(Stdio::null()).output().expect("the program runs"))
}

/// The same with this as standard input.
pub fn run_with_input(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    told(&child.wait_with_output().expect("it ends"))
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().expect("a status"), text(&output.stdout), text(&output.stderr))
}

/// What is asked is answered, and nothing else is said.
pub fn answer(sql: &str) -> String {
    let (status, out, said) = run(&["-q", "--format", "csv", "-c", sql]);
    assert_eq!((status, said.as_str()), (0, ""), "{sql}");
    out
}

/// What is said of a wrong question, and the status.
pub fn refused(sql: &str) -> (i32, String) {
    let (status, out, said) = run(&["-q", "--format", "csv", "-c", sql]);
    assert_eq!(out, "", "{sql}");
    (status, said)
}

/// Captures as the library reads them.
pub fn read(captures: &[PathBuf], settings: &ReadSettings) -> Traffic {
    let mut reading = Reading::new(settings.clone());
    for capture in captures {
        // What is wrong with one is seen in what the program says.
        let _ = reading.read_file(capture);
    }
    reading.finish()
}

fn written(format: Format, columns: &[Field], write: impl FnOnce(&mut RowWriter<&mut Vec<u8>>)) -> Vec<u8> {
    let mut out = Vec::new();
    let head = Head::of_registry(&Registry::bundled());
    let mut rows = RowWriter::of(format, &mut out, Columns::all(columns), &head).expect("a vector");
    write(&mut rows);
    rows.finish().expect("a vector");
    out
}

/// The flows of captures, as the library writes them.
pub fn flows_of(captures: &[PathBuf], settings: &ReadSettings, format: Format) -> Vec<u8> {
    let (traffic, registry) = (read(captures, settings), Registry::bundled());
    let labelled = traffic.label(&registry);
    written(format, flows::COLUMNS, |rows| {
        for row in labelled.rows() {
            let place = traffic.place(row.flow.first_packet());
            rows.row(&flows::values(&row, place)).expect("a vector");
        }
    })
}

/// The headers of packets, as the library writes them.
pub fn packets_of(captures: &[PathBuf], settings: &ReadSettings, format: Format) -> Vec<u8> {
    let (traffic, registry) = (read(captures, settings), Registry::bundled());
    let labelled = traffic.label(&registry);
    let mut pass = LabelledPackets::new(&labelled, Selection::default());
    written(format, packets::COLUMNS, |rows| {
        for capture in captures {
            let mut reader = portscribe::capture::CaptureReader::open(capture).expect("a capture");
            pass.capture(&mut reader, |one| rows.row(&packets::values(one))).expect("packets");
        }
    })
}

/// Samples by their names. Names in results are those that are asked for: relative to the folder of the sources.
pub fn samples(names: &[&str]) -> Vec<PathBuf> {
    std::env::set_current_dir(root()).expect("the folder of the sources");
    names.iter().map(|name| Path::new("samples").join(name)).collect()
}

/// All samples in pcap, in the order in which they are read.
pub fn all_samples() -> Vec<PathBuf> {
    std::env::set_current_dir(root()).expect("the folder of the sources");
    let mut files = portscribe::capture::list_folder(Path::new("samples"), false).expect("samples").files;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "pcap"));
    portscribe::capture::sort_by_first_packet(&mut files);
    files
}

/// The first line and the rest, sorted: rows come in any order unless they are asked for in one.
pub fn sorted(text: &str) -> (String, Vec<String>) {
    let mut lines = text.lines().map(str::to_owned);
    let first = lines.next().unwrap_or_default();
    let mut rest: Vec<String> = lines.collect();
    rest.sort_unstable();
    (first, rest)
}
