//! The examples of the README and of the pages in docs are what the program prints.
//!
//! `BLESS=1 cargo test --test program readme` writes them anew; read the difference before you keep it.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder to run examples in: it has the samples, and takes what examples write.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(crate::support::samples(), folder.join("samples")).expect("a link");
    folder
}

/// Runs the command after `$ ` of an example.
fn output_of(line: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_portscribe"));
    let path = std::env::var("PATH").expect("a path");
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", program.parent().expect("a folder").display()))
        .env("XDG_DATA_HOME", folder.join("no-data"))
        .output()
        .expect("a shell");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{line}: {}", crate::support::stderr(&output));
    crate::support::stdout(&output).replace('\r', "")
}

fn examples_are_what_the_program_prints(file: &str, least: usize) {
    // The examples are lines of a shell, with what every system has.
    if !["sh", "cat", "head", "cut", "sed"].into_iter().all(crate::support::has_program) {
        return;
    }
    let path = crate::support::samples().join("..").join(file);
    let folder = folder(&file.replace('/', "-"));
    let page = std::fs::read_to_string(&path).expect(file);
    let mut made = String::new();
    let mut examples = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        if line != "```console" {
            continue;
        }
        let command = lines
            .next()
            .and_then(|line| line.strip_prefix("$ "))
            .expect("an example begins with its command");
        made = format!("{made}$ {command}\n{}```\n", output_of(command, &folder));
        lines.by_ref().find(|line| *line == "```").expect("an example ends");
        examples += 1;
    }
    assert!(examples >= least, "{examples} examples");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect(file);
    }
    assert_eq!(made, page);
}

#[test]
fn examples_of_the_readme() {
    examples_are_what_the_program_prints("README.md", 8);
}

#[test]
fn examples_of_the_page_on_the_registry() {
    examples_are_what_the_program_prints("docs/registry.md", 2);
}

#[test]
fn examples_of_the_review() {
    examples_are_what_the_program_prints("docs/review.md", 5);
}

/// Puts the rows of a table of words between `<!-- NAME -->` and `<!-- end of NAME -->`.
fn with_table(page: &str, name: &str, head: &str, rows: &[String]) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = page.split_once(&begin).expect("the beginning of a table");
    let (_, after) = rest.split_once(&end).expect("the end of a table");
    format!("{before}{begin}{head}\n{}\n{end}{after}", rows.join("\n"))
}

#[test]
fn the_page_on_labels_has_the_words_of_the_program() {
    use portscribe::flow::Basis;
    use portscribe::label::{Agreement, Flag};
    use portscribe::registry::Status;

    let path = crate::support::samples().join("../docs/labels.md");
    let page = std::fs::read_to_string(&path).expect("docs/labels.md");
    let bases =
        Basis::ALL.map(|one| format!("| `{}` | {} | {} |", one.name(), one.meaning(), one.confidence()));
    let statuses = Status::ALL.map(|one| format!("| `{}` | {} |", one.name(), one.meaning()));
    let flags =
        Flag::ALL.map(|one| format!("| `{}` | {} | {} |", one.name(), one.rank().name(), one.meaning()));
    let made = with_table(&page, "bases", "| basis | evidence | confidence |\n|---|---|---|", &bases);
    let made = with_table(&made, "statuses", "| status | meaning |\n|---|---|", &statuses);
    let agreements = Agreement::ALL.map(|one| format!("| `{}` | {} |", one.name(), one.meaning()));
    let made = with_table(&made, "agreements", "| agreement | meaning |\n|---|---|", &agreements);
    let made = with_table(&made, "flags", "| flag | rank | meaning |\n|---|---|---|", &flags);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("docs/labels.md");
    }
    assert_eq!(made, page);
}

#[test]
fn the_list_of_insecure_services_in_the_review_is_one() {
    use portscribe::Transport;
    use portscribe::review::InsecureList;

    let page =
        std::fs::read_to_string(crate::support::samples().join("../docs/review.md")).expect("docs/review.md");
    let (_, rest) = page.split_once("```csv\n").expect("a list");
    let (own, _) = rest.split_once("```").expect("its end");
    let mut list = InsecureList::bundled();
    list.add("own.csv", own.as_bytes()).expect("a list");
    let of = |transport, port| -> Vec<(String, String)> {
        list.tags(transport, port).into_iter().map(|tag| (tag.service, tag.waived)).collect()
    };
    assert_eq!(of(Transport::Tcp, 4009), [("plc".to_owned(), String::new())]);
    let waived = "TLS ends at the proxy in front; NET-101".to_owned();
    assert_eq!(of(Transport::Tcp, 80), [("http".to_owned(), waived)]);
}
