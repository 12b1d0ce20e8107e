//! The pages of docs are one book, and their links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{pages, project, read};

/// The targets of the links of a page, but for those in blocks of code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        if is_code {
            continue;
        }
        for piece in line.split("](").skip(1) {
            let end = piece.find(')').expect("the end of a link");
            links.push(piece[..end].to_owned());
        }
    }
    links
}

/// The anchors that headings of a page have, as mdBook and others make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        let Some(heading) = line.strip_prefix('#').filter(|_| !is_code) else { continue };
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let anchor: String = heading
            .chars()
            .filter(|letter| letter.is_alphanumeric() || "-_ ".contains(*letter))
            .map(|letter| if letter == ' ' { '-' } else { letter })
            .collect();
        anchors.insert(anchor);
    }
    anchors
}

#[test]
fn the_book_has_every_page_once() {
    let summary = read(Path::new("docs/SUMMARY.md"));
    let mut times: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for link in links(&summary) {
        *times.entry(Path::new("docs").join(link)).or_default() += 1;
    }
    let expected: BTreeMap<PathBuf, usize> = pages()
        .into_iter()
        .filter(|page| page.starts_with("docs") && !page.ends_with("SUMMARY.md"))
        .map(|page| (page, 1))
        .collect();
    assert_eq!(times, expected);
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let folder = page.parent().expect("a folder");
        for link in links(&read(&page)) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let path = if file.is_empty() { page.clone() } else { folder.join(file) };
            // A book has nothing of what lies beside it.
            let leaves = page.starts_with("docs") && file.starts_with("..");
            let is_there = project().join(&path).exists();
            let has_anchor = anchor.is_empty() || is_there && anchors(&read(&path)).contains(anchor);
            if leaves || !is_there || !has_anchor {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
