//! A configuration file: `portscribe/config.toml`, and what `portscribe config` says of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{portscribe, stderr, stdout};

const CAPTURE: &str = "samples/http.pcap";

fn with(config: Option<&Path>, home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portscribe"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("PORTSCRIBE_CONFIG")
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS")
        .env_remove("TMPDIR")
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_DATA_HOME", home.join("data"));
    if let Some(config) = config {
        command.env("PORTSCRIBE_CONFIG", config);
    }
    command.output().expect("the program runs")
}

/// A home with this file in it.
fn home(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join("portscribe")).expect("a folder");
    fs::write(home.path().join("portscribe/config.toml"), text).expect("a file");
    home
}

#[test]
fn options_of_the_file_are_in_force_and_what_is_typed_comes_before() {
    let home = home("quiet = true\n[flows]\ncolumns = ['client', 'port', 'bytes']\ntop = 2\n");
    let run = |arguments: &[&str]| {
        let output = with(None, home.path(), arguments);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{arguments:?}");
        output.stdout
    };
    let typed = |arguments: &[&str]| portscribe([arguments, &["-q"]].concat()).stdout;
    let all = ["--columns", "client,port,bytes", "--top", "2"];
    assert_eq!(
        run(&["flows", CAPTURE, "-f", "csv"]),
        typed(&[&["flows", CAPTURE, "-f", "csv"], &all[..]].concat())
    );
    // `--head` is in place of `--top`, which it does not go with.
    assert_eq!(
        run(&["flows", CAPTURE, "-f", "csv", "--columns", "flow", "--head", "1"]),
        typed(&["flows", CAPTURE, "-f", "csv", "--columns", "flow", "--head", "1"])
    );
    assert_eq!(run(&["summary", CAPTURE, "-f", "csv"]), typed(&["summary", CAPTURE, "-f", "csv"]));
    // Without the file.
    let output = with(Some(Path::new("")), home.path(), &["flows", CAPTURE, "-f", "csv", "-q"]);
    assert_eq!(output.stdout, typed(&["flows", CAPTURE, "-f", "csv"]));
}

#[test]
fn files_are_found_beside_the_file_of_settings() {
    let home = home("overlay = 'site.toml'\n");
    fs::write(
        home.path().join("portscribe/site.toml"),
        "[[service]]\nname = \"our-web\"\nport = 80\ntransport = \"tcp\"\n",
    )
    .expect("a file");
    let output = with(None, home.path(), &["lookup", "80/tcp", "-f", "csv"]);
    let plain = portscribe(
        ["lookup", "80/tcp", "-f", "csv", "--overlay"].into_iter().map(str::to_owned).chain([home
            .path()
            .join("portscribe/site.toml")
            .display()
            .to_string()]),
    );
    assert_eq!((output.status.code(), stdout(&output)), (plain.status.code(), stdout(&plain)));
}

#[test]
fn what_is_wrong_in_the_file_is_told_with_its_name() {
    for (text, message) in [
        ("[flows]\ntopp = 1\n", "unknown option `topp`; did you mean top?"),
        ("[flows]\ntop = 0\n", "invalid value '0' for '--top <N>': no row would be shown"),
        ("flows = [\n", "TOML parse error at line 1"),
        ("\"a\\u001b[31m\" = 1\n", "unknown option `a\\x1b[31m`"),
    ] {
        let home = home(text);
        let output = with(None, home.path(), &["flows", CAPTURE]);
        let said = stderr(&output);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{said}");
        let path = home.path().join("portscribe/config.toml");
        assert!(said.starts_with(&format!("portscribe: error: {}: ", path.display())), "{said}");
        assert!(said.contains(message) && !said.contains('\x1b') && said.lines().count() == 1, "{said}");
        // Help needs no settings.
        assert_eq!(with(None, home.path(), &["flows", "-h"]).status.code(), Some(0));
    }
    let nowhere = tempfile::tempdir().expect("a folder");
    let missing = nowhere.path().join("missing.toml");
    assert_eq!(with(Some(&missing), nowhere.path(), &["flows", CAPTURE]).status.code(), Some(4));
    let said = |file: &Path| {
        let output = with(Some(file), nowhere.path(), &["flows", CAPTURE]);
        (output.status.code(), stderr(&output))
    };
    assert_eq!(
        said(Path::new("/dev/zero")),
        (Some(4), "portscribe: error: /dev/zero: is larger than 1 MiB; name the right file\n".to_owned())
    );
    let latin = nowhere.path().join("latin.toml");
    fs::write(&latin, b"# caf\xe9\n").expect("a file");
    let message = format!("portscribe: error: {}: invalid UTF-8 at byte 5\n", latin.display());
    let (status, told) = said(&latin);
    assert_eq!((status, told.starts_with(&message)), (Some(2), true), "{told}");
}

#[test]
fn config_says_what_is_in_force_and_from_where() {
    let home = home("quiet = true\nverbose = false\n[flows]\ntop = 20\n");
    let edition = portscribe::registry::Registry::bundled();
    let registry = format!(
        "registry: IANA registry of {}, from {}\n",
        edition.edition().expect("a date"),
        edition.source()
    );
    let folder = home.path().display();
    let environment =
        format!("environment: XDG_CONFIG_HOME={folder}\nenvironment: XDG_DATA_HOME={folder}/data\n");
    let output = with(None, home.path(), &["config"]);
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (
            Some(0),
            format!(
                "settings: {folder}/portscribe/config.toml (by XDG_CONFIG_HOME)\n  flows: --top=20\n  all commands: \
                 --quiet\n  all commands: --verbose not\n{registry}{environment}"
            )
        )
    );
    let nowhere = tempfile::tempdir().expect("a folder");
    let folder = nowhere.path().display();
    let output = with(None, nowhere.path(), &["config"]);
    assert!(stdout(&output).starts_with(&format!(
        "no configuration file: {folder}/portscribe/config.toml does not exist (by XDG_CONFIG_HOME)\n"
    )));
}
