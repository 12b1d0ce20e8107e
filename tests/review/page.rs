//! The page of a review, as browsers take it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::review::{folder, office, review};
use crate::support::{has_program, stderr};

#[test]
fn the_page_begins_with_what_was_reviewed_and_loads_nothing() {
    let out = folder();
    review(out.path(), &[&office()[..], &["--write", "html"]].concat());
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    let mut at = 0;
    for next in [
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"",
        "<dt>Firewall</dt><dd>ruleset <code>samples/review/ruleset.json</code> (nft-json, 17 rules), judged by \
         <code>inet/fw/forward</code></dd>",
        "<dt>Period</dt><dd>22 November 2026, 08:54 to 08:54 (UTC), of which 4.9 s were listened to</dd>",
        "<td class=\"number\">13</td><th scope=\"row\">Approve or reject</th>",
        "<a href=\"#FR111-high\">FR111</a> A service answered clients of an external zone. <strong>4 times</strong>",
        "<h2 id=\"coverage-title\">",
        "<article class=\"finding high\" id=\"FR111-high\">",
        "<h2 id=\"worksheet-title\">",
        "<h2 id=\"sign-title\">",
    ] {
        let found = page[at..].find(next);
        at += found.unwrap_or_else(|| panic!("{next} does not follow: {page}"));
    }
    for loads in ["<script", "<link", "<img", " src=", "@import", "url(", "&lt;password"] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn the_page_of_the_sample_prints_on_eight_pages_at_most() {
    if !has_program("chromium") {
        return;
    }
    let approved = ["--approved", "samples/review/worksheet.csv", "--as-of", "2026-11-22"];
    for approvals in [&[][..], &approved] {
        let out = folder();
        review(out.path(), &[&office()[..], approvals, &["--write", "html"]].concat());
        let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
        for sheet in ["A4", "letter"] {
            let of_size = page.replacen("@page {", &format!("@page {{ size: {sheet};"), 1);
            assert_ne!(of_size, page);
            let (pages, said) = printed(out.path(), &of_size);
            assert!((3..=8).contains(&pages), "{pages} of {sheet}, {approvals:?}: {said}");
        }
    }
}

/// How many pages a page prints on, and what Chromium says of it.
fn printed(folder: &Path, page: &str) -> (usize, String) {
    let (html, pdf) = (folder.join("printed.html"), folder.join("printed.pdf"));
    fs::write(&html, page).expect("a page");
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", html.display()))
        .output()
        .expect("Chromium runs");
    let pdf = fs::read(&pdf).unwrap_or_default();
    // Of each page the dictionary begins so; that of their tree with `/Type /Pages`.
    (String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count(), stderr(&output))
}
