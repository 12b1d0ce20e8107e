//! The words and lists of pages in docs are those of the program.
//!
//! `BLESS=1 cargo test --test program words_of_pages` writes tables of words anew; read the difference before you keep it.

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

/// What a key of a schema holds, in words.
fn holds(schema: &serde_json::Value) -> String {
    let Some(kind) = schema.get("type") else {
        return if schema.get("const").is_some() { "string" } else { "object" }.to_owned();
    };
    match kind.as_array() {
        Some(kinds) => kinds.iter().filter_map(|kind| kind.as_str()).collect::<Vec<_>>().join(" or "),
        None => kind.as_str().expect("a type").to_owned(),
    }
}

#[test]
fn the_page_on_schemas_has_every_result_and_its_keys() {
    use portscribe::report::ResultKind;

    let path = crate::support::samples().join("../docs/schemas.md");
    let page = std::fs::read_to_string(&path).expect("docs/schemas.md");
    let mut sections = Vec::new();
    for kind in ResultKind::ALL {
        let schema = kind.schema();
        let keys: Vec<String> = schema["properties"]
            .as_object()
            .expect("keys")
            .iter()
            .map(|(key, one)| {
                let about = one["description"].as_str().unwrap_or_default().replace('\n', " ");
                let about = match key.as_str() {
                    "rows" => "the rows".to_owned(),
                    _ => about.replace('|', "\\|"),
                };
                format!("| `{key}` | {} | {about} |", holds(one))
            })
            .collect();
        let row = if kind.row_schema().is_some() {
            format!(" A line of NDJSON: `portscribe schema {} --ndjson`.", kind.name())
        } else {
            String::new()
        };
        sections.push(format!(
            "## {name}\n\n`portscribe schema {name}`.{row}\n\n| key | holds | meaning |\n|---|---|---|\n{}\n",
            keys.join("\n"),
            name = kind.name()
        ));
    }
    let made = with_table(&page, "schemas", &sections[0], &sections[1..]);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("docs/schemas.md");
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
