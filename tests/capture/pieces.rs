//! What the program prints is the same for every number of threads.

#[allow(dead_code, clippy::pedantic, clippy::unwrap_used, reason = "a program of its own")]
#[path = "../../benches/make-capture.rs"]
pub(crate) mod make_capture;

#[test]
fn the_program_prints_the_same_on_every_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pcap");
    let path = path.to_str().expect("a path");
    make_capture::write(&[path, "--packets", "60000"]).expect("a capture");
    let run = |command: &str, threads: &str| {
        let output = crate::support::portscribe([command, "-q", "-f", "csv", "--threads", threads, path]);
        assert_eq!(output.status.code(), Some(0), "{}", crate::support::stderr(&output));
        crate::support::stdout(&output)
    };
    for command in ["flows", "summary", "packets"] {
        let one = run(command, "1");
        for threads in ["2", "3", "4"] {
            assert!(run(command, threads) == one, "{command} on {threads} threads");
        }
    }
}
