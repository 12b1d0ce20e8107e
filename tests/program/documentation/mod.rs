//! The README and the pages in docs: their command lines do what they say, and the pages are one book.
//!
//! What a test has to know of a block of commands stands in a comment before it, which no reader sees:
//!
//! | comment | means |
//! |---|---|
//! | `<!-- on a terminal -->` | the commands write to a terminal of 90 columns |
//! | `<!-- in a namespace -->` | they capture packets: `recipes` runs them where there is a network of its own |
//! | `<!-- not run: REASON -->` | they are not run |
//! | `<!-- with tables -->` | they are run where Arrow and Parquet are built in |
//! | `<!-- with lake -->` | they are run by the tests of `lake/` |
//!
//! `BLESS=1 cargo test --test program documentation` writes the outputs anew; read the difference before you keep it.

#![cfg(unix)]

mod book;
mod ground;
mod page;
#[cfg(target_os = "linux")]
mod recipes;
mod run;

use std::path::{Path, PathBuf};

use page::{Mark, Page, Piece};
use run::Outcome;

/// The folder of the project.
fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and every page in docs, by their names.
fn pages() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(project().join("docs")).expect("docs");
    let docs = docs.map(|entry| Path::new("docs").join(entry.expect("a file").file_name()));
    let mut pages: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.push("README.md".into());
    pages.sort();
    pages
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(project().join(page)).expect("a page")
}

fn lines_of(lines: &[&str]) -> String {
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

/// A page with the outputs that its commands have now, and what is wrong with them.
fn with_outputs(path: &Path, text: &str) -> (String, Vec<String>) {
    let mut ground = ground::Ground::of(path, "outputs");
    let (mut made, mut faults) = (String::new(), Vec::new());
    for piece in Page::of(text).pieces {
        let block = match piece {
            Piece::Text(line) => {
                made = made + line + "\n";
                continue;
            }
            Piece::Block(block) => block,
        };
        made = made + block.fence + "\n";
        for step in &block.steps {
            made += &lines_of(&step.lines);
            let shown = lines_of(&step.output);
            let is_run = !matches!(block.mark, Some(Mark::NotRun | Mark::InNamespace));
            let outcome = match &step.command {
                Some(command) if is_run => {
                    run::run(command, &mut ground, block.mark == Some(Mark::OnTerminal))
                }
                _ => Outcome::Skipped,
            };
            let Outcome::Ended { status, stdout, stderr } = outcome else {
                made += &shown;
                continue;
            };
            if !matches!(status, Some(0 | 1)) {
                faults.push(format!("{}: {}: {status:?}: {stderr}", path.display(), step.lines.join(" ")));
            }
            if block.is_console() {
                made += &step.as_shown(&stdout);
            }
        }
        made += "```\n";
    }
    (made, faults)
}

#[test]
fn every_command_line_does_what_the_page_shows() {
    if !["sh", "cat", "head", "cut", "sed"].into_iter().all(crate::support::has_program) {
        return;
    }
    let mut all_faults = Vec::new();
    for page in pages() {
        let text = read(&page);
        let (made, faults) = with_outputs(&page, &text);
        all_faults.extend(faults);
        if made == text {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(project().join(&page), &made).expect("a page");
        }
        let lines = text.lines().zip(made.lines());
        let differs = lines.enumerate().find(|(_, (old, new))| old != new);
        all_faults.push(format!("{}: not what is printed, first in line {differs:?}", page.display()));
    }
    assert!(all_faults.is_empty(), "{}", all_faults.join("\n"));
}
