//! The commands of the pages on SQL and on tables that grow print what they show.

use std::path::Path;
use std::process::Command;

use crate::support::root;

const PAGES: [&str; 2] = ["docs/sql.md", "docs/ingest.md"];
/// What stands before a block of commands that are run here.
const MARK: &str = "<!-- with lake -->";

/// A page with the outputs that its commands have now.
fn with_outputs(page: &str, folder: &Path) -> String {
    let mut lines = page.lines().peekable();
    let mut made = String::new();
    while let Some(line) = lines.next() {
        made = made + line + "\n";
        if line != MARK {
            continue;
        }
        for line in lines.by_ref().take_while(|line| *line != "```") {
            // Outputs are made anew.
            if let Some(command) = line.strip_prefix("$ ") {
                made = made + line + "\n" + &output(command, folder);
            } else if line == "```console" {
                made = made + line + "\n";
            }
        }
        made += "```\n";
    }
    made
}

fn output(command: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_portscribe-lake")).parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(program.to_owned()).chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(paths).expect("paths"))
        .env("XDG_DATA_HOME", folder.join("no-data"))
        .output()
        .expect("a shell");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    text(output.stdout) + &text(output.stderr)
}

#[test]
#[cfg(unix)]
fn commands_print_what_the_pages_show() {
    let has = |name: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
    };
    if !["sh", "head", "cut"].into_iter().all(has) {
        // The page's commands need them.
        return;
    }
    for name in PAGES {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(root().join("samples"), folder.path().join("samples")).expect("a link");
        let page = std::fs::read_to_string(root().join(name)).expect("a page");
        let made = with_outputs(&page, folder.path());
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(root().join(name), &made).expect("a page");
        }
        assert!(made == page, "BLESS=1 cargo test writes {name} anew:\n{made}");
    }
}
