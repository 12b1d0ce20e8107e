//! Files without an end, where a text is expected: a clear answer, in bounded memory.

use std::process::Command;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/http.pcap");

#[test]
#[cfg(unix)]
fn a_text_without_an_end_is_refused() {
    for (args, what) in [
        (&["flows", SAMPLE, "--registry", "/dev/zero"][..], "the file is larger than 33554432 bytes"),
        (&["flows", SAMPLE, "--overlay", "/dev/zero"], "the file is larger than 33554432 bytes"),
        (&["registry", "import", "/dev/zero"], "the file is larger than 33554432 bytes"),
        (&["registry", "info", "--registry", "/dev/zero"], "the file is larger than 33554432 bytes"),
        (&["review", SAMPLE, "--zones", "/dev/zero"], "larger than 16 MiB"),
        (&["review", SAMPLE, "--rules", "/dev/zero"], "is larger than 256 MiB; name the right file"),
        (&["review", SAMPLE, "--approved", "/dev/zero"], "is larger than 256 MiB; name the right file"),
        (&["review", SAMPLE, "--insecure", "/dev/zero"], "is larger than 256 MiB; name the right file"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .env("XDG_DATA_HOME", folder.path())
            .args(args)
            .args(if args[0] == "review" { &["--out", "out"][..] } else { &[] })
            .current_dir(folder.path())
            .output()
            .expect("the program runs");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(4), "{args:?}: {said}");
        assert!(
            said.starts_with("portscribe: error: /dev/zero: ") && said.contains(what),
            "{args:?}: {said}"
        );
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), "", "{args:?}");
    }
}
