//! `portscribe sql` hands over to another program.

use std::process::{Command, Output};

use crate::support::{stderr, stdout};

/// Runs the program where other programs are looked for in one folder alone.
fn run(folder: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portscribe"));
    command.args(arguments).env("PATH", folder).output().expect("the program runs")
}

#[test]
fn what_is_not_installed_is_told_with_how_to_get_it() {
    for arguments in [&["sql", "-c", "SELECT 1"][..], &["sql"], &["sql", "--help"]] {
        let output = run("/nowhere", arguments);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(
            stderr(&output),
            "portscribe: error: SQL needs portscribe-lake, which is neither beside this program nor in PATH: `cargo \
             install --path lake` in the folder of portscribe's sources builds and installs it\n"
        );
    }
}

#[test]
fn objects_in_stores_are_for_the_other_program() {
    for name in ["s3://bucket/secret.pcap", "HTTPS://me:secret@host/a.pcap"] {
        let output = run("/nowhere", &["flows", name]);
        let scheme = if name.starts_with("s3") { "s3://" } else { "https://" };
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{name}");
        assert_eq!(
            stderr(&output),
            format!(
                "portscribe: error: captures at {scheme} are read by portscribe sql: SELECT * FROM flows('{scheme}...')\n"
            )
        );
    }
}

#[cfg(unix)]
#[test]
fn the_other_program_gets_the_arguments_and_its_status_counts() {
    use std::os::unix::fs::PermissionsExt as _;

    let Some(shell) = ["/bin/sh", "/usr/bin/sh"].into_iter().find(|path| std::path::Path::new(path).exists())
    else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("portscribe-lake");
    let script = format!("#!{shell}\nprintf '<%s>' \"$@\"\necho \" $PPID\" >&2\nexit 3\n");
    std::fs::write(&program, script).expect("a file");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let output =
        run(folder.path().to_str().expect("a path"), &["sql", "-c", "SELECT 'a b'", "--help", "--", "-x"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stdout(&output), "<sql><-c><SELECT 'a b'><--help><--><-x>");
    // It has taken this program's place: its parent is ours.
    assert_eq!(stderr(&output).trim(), std::process::id().to_string());
}
