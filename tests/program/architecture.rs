//! The module table of `docs/architecture.md` is what `src` looks like.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The modules of the table in a page, in its order.
fn table(page: &str, before: &str, after: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join(page)).expect(page);
    page.lines().filter_map(|line| Some(line.strip_prefix(before)?.split_once(after)?.0.to_owned())).collect()
}

fn modules() -> Vec<String> {
    table("docs/architecture.md", "| `", "` |")
}

pub(super) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_table_has_every_module() {
    let in_table: BTreeSet<String> = modules().into_iter().collect();
    assert_eq!(in_table.len(), modules().len(), "a module stands twice");
    let folders: BTreeSet<String> = fs::read_dir(root().join("src"))
        .expect("src")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(in_table, folders);
}

#[test]
fn the_documentation_of_the_library_has_the_same_order() {
    let mut expected = modules();
    // It is no part of the library's documentation.
    expected.retain(|module| module != "cli");
    // A module that is not built everywhere stands there without a link.
    let mut listed = table("src/lib.rs", "//! | ", " | ");
    listed.retain(|name| name.starts_with('`') || name.starts_with('['));
    for name in &mut listed {
        *name = name.trim_matches(['[', '`', ']']).to_owned();
    }
    // The types to start with stand in a table of their own.
    listed.retain(|name| !name.contains("::"));
    assert_eq!(listed, expected);
}

#[test]
fn imports_go_only_to_modules_above() {
    let modules = modules();
    let row = |name: &str| modules.iter().position(|module| module == name);
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let (mut imports, mut wrong) = (0, Vec::new());
    for file in &files {
        let below = file.strip_prefix(root().join("src")).expect("a file of src");
        let own = below.components().next().and_then(|first| row(&first.as_os_str().to_string_lossy()));
        let Some(own) = own else { continue };
        // Tests of a module may use what is built on it.
        if below.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(file).expect("a source");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for rest in line.split("crate::").skip(1) {
                let name: String =
                    rest.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
                let Some(other) = row(&name) else { continue };
                imports += 1;
                if other > own {
                    wrong.push(format!("{}: {}", below.display(), line.trim()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(imports > 100, "{imports} imports seen");
}

/// Names in code style that look like files of this project.
#[test]
fn the_files_that_the_pages_name_are_there() {
    for page in ["docs/architecture.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(page)).expect(page);
        for name in text.split('`').skip(1).step_by(2) {
            let is_file = ["src/", "tests/", "docs/"].iter().any(|folder| name.starts_with(folder));
            if is_file && !name.contains("NAME") {
                assert!(root().join(name).exists(), "{page} names {name}");
            }
        }
    }
}

/// What writes text from outside, or could, is in these files alone: each of them goes through `src/foreign.rs`
/// for every text, or writes none.
#[test]
fn text_goes_out_by_few_doors() {
    let doors: [(&str, &[&str]); 9] = [
        // Text from outside as it is, to compare it, to keep it, or for a place that has a door of its own.
        (
            ".raw()",
            &[
                "annotate/anonymous.rs",
                "annotate/names.rs",
                "capture/pcapng/names.rs",
                "capture/pcapng/section.rs",
                "cli/flows.rs",
                "cli/registry_choice.rs",
                "cli/review/inputs.rs",
                "flow/context.rs",
                "flow/host_names/mod.rs",
                "flow/host_names/texts.rs",
                "flow/host_names/written.rs",
                "flow/written/flow.rs",
                "foreign.rs",
                "net/interface.rs",
                "report/columnar/cells.rs",
                "report/lookup.rs",
                "report/page/data.rs",
                "report/value.rs",
                "review/configured/mod.rs",
                "review/configured/tally.rs",
                "review/write/summary.rs",
                "review/write/worksheet.rs",
                "review/zones/interfaces.rs",
                "rules/counted.rs",
                "traffic/labelled.rs",
                "traffic/packets.rs",
                "traffic/selection/item.rs",
            ],
        ),
        ("Foreign::raw", &["net/interface.rs", "report/value.rs"]),
        ("into_raw", &["foreign.rs", "traffic/selection/column.rs"]),
        ("io::stderr()", &["cli/failure.rs", "cli/input.rs"]),
        (
            "stdout()",
            &[
                "cli/annotate.rs",
                "cli/columns_page.rs",
                "cli/config.rs",
                "cli/generate.rs",
                "cli/input.rs",
                "cli/mod.rs",
                "cli/output.rs",
                "cli/where_page.rs",
            ],
        ),
        (
            "csv::Writer",
            &[
                "registry/export.rs",
                "report/rows.rs",
                "review/approved/table.rs",
                "review/write/worksheet.rs",
            ],
        ),
        ("serde_json::to_writer", &["foreign.rs"]),
        ("serde_json::Serializer", &["foreign.rs"]),
        (
            "writeln!(out",
            &[
                "registry/export.rs",
                "report/table.rs",
                "review/write/json.rs",
                "review/write/nft.rs",
                "review/write/oscal.rs",
            ],
        ),
    ];
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    files.sort();
    for (door, expected) in doors {
        let mut found = Vec::new();
        for file in &files {
            let text = fs::read_to_string(file).expect("a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            if code.lines().any(|line| line.contains(door) && !line.trim_start().starts_with("//")) {
                let below = file.strip_prefix(root().join("src")).expect("a file of src");
                found.push(below.to_str().expect("UTF-8").to_owned());
            }
        }
        assert_eq!(found, expected, "{door}");
    }
}
