//! Results in every format.

use portscribe::registry::{NOTE, Registry};
use portscribe::report::Format;
use portscribe::traffic::ReadSettings;

use crate::support::{flows_of, run, run_with_input, samples};

fn note() -> String {
    let registry = Registry::bundled();
    format!("IANA registry of {}. {NOTE}", registry.edition().expect("a date"))
}

#[test]
fn text_for_programs_is_what_the_library_writes() {
    let captures = samples(&["http.pcap"]);
    for format in [Format::Csv, Format::Tsv, Format::Json, Format::Ndjson] {
        let expected =
            String::from_utf8(flows_of(&captures, &ReadSettings::default(), format)).expect("UTF-8");
        let sql = "SELECT * FROM flows('samples/http.pcap') ORDER BY flow";
        let (status, out, said) = run(&["--format", format.name(), "-c", sql]);
        assert_eq!(status, 0, "{said}");
        assert_eq!(out, expected, "{}", format.name());
        assert_eq!(said.contains(NOTE), format != Format::Json, "{said}");
    }
}

#[test]
fn tables_for_people_count_their_rows_and_end_with_the_note() {
    let sql =
        "SELECT flow, server_address, service, flags FROM flows('samples/http.pcap') ORDER BY flow LIMIT 2";
    let (status, out, _) = run(&["--format", "table", "-c", sql]);
    assert_eq!(status, 0);
    assert_eq!(
        out,
        format!(
            " flow  server_address  service  flags\n    1  198.51.100.20   http     cleartext\n    2  198.51.100.20   http     \
             cleartext\n\n2 rows.\n{}\n",
            note()
        )
    );
    let (_, out, _) = run(&["-q", "--format", "markdown", "-c", "SELECT -1 AS a, 'x|y' AS b"]);
    assert_eq!(
        out,
        "| a | b |\n|---|---|\n| -1 | x\\|y |\n\n1 row.\n"
            .replace("| a | b |\n|---|---|", "|  a | b    |\n|----|------|")
    );
}

#[test]
fn values_of_every_kind_are_written() {
    let sql = "SELECT 1 AS one, -2 AS minus, 0.1 + 0.2 AS sum, 1e0 / 4 AS float, true AS yes, NULL AS nothing, \
               [1, 2] AS numbers, ['a', 'b'] AS words, date_trunc('hour', min(first_seen)) AS hour, sum(duration) AS seconds, \
               interval '1 day' AS span FROM flows('samples/http.pcap')";
    let (status, out, said) = run(&["-q", "--format", "ndjson", "-c", sql]);
    assert_eq!((status, said.as_str()), (0, ""));
    let row: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(row["minus"], -2);
    assert_eq!(row["float"], 0.25);
    assert_eq!(row["yes"], true);
    assert_eq!(row["nothing"], serde_json::Value::Null);
    assert_eq!(row["words"], serde_json::json!(["a", "b"]));
    assert_eq!(row["numbers"], "[1, 2]");
    assert_eq!(row["hour"], "2026-11-22T05:00:00.000000000Z");
    assert!(row["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{row}");
}

#[test]
fn sql_comes_from_arguments_files_and_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("questions.sql");
    std::fs::write(&file, "-- two questions\nSELECT 2 AS b;\nSELECT 3 AS c\n").expect("a file");
    let file = file.to_str().expect("UTF-8");
    assert_eq!(
        run(&["-q", "-c", "SELECT 1 AS a;", "-f", file]),
        (0, "a\n1\n\nb\n2\n\nc\n3\n".into(), String::new())
    );
    let asked = "CREATE VIEW web AS SELECT * FROM flows('samples/http.pcap'); SELECT count(*) AS n FROM web;";
    for arguments in [&["-q"][..], &["-q", "-f", "-"]] {
        assert_eq!(run_with_input(arguments, asked), (0, "n\n6\n".into(), String::new()));
    }
    let (status, out, said) = run(&["-q", "-c", ""]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert_eq!(said, "portscribe: error: no SQL is given: use --command, --file, or standard input\n");
}

#[test]
fn a_file_appears_when_it_is_complete_and_takes_one_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("result.csv");
    let name = file.to_str().expect("UTF-8");
    for (sql, status, told) in [
        ("SELECT 1; SELECT 2", 2, "--output takes the result of one query"),
        ("SET portscribe.layers = 'all'", 2, "no query has a result for --output"),
        ("SELECT service(70000, 'tcp')", 4, "invalid port 70000"),
    ] {
        let (ended, out, said) = run(&["-q", "-c", sql, "-o", name]);
        assert!(ended == status && out.is_empty() && said.contains(told), "{sql}: {ended} {said}");
        assert!(std::fs::read_dir(folder.path()).expect("a folder").next().is_none(), "{sql}");
    }
    assert_eq!(run(&["-q", "-c", "SET portscribe.layers = 'all'; SELECT 1 AS a", "-o", name]).0, 0);
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), "a\n1\n");
    let (status, _, said) = run(&["-q", "-c", "SELECT 1", "-o", &format!("{name}.gz")]);
    assert!(status == 2 && said.contains("leave .gz out"), "{said}");
    let (status, _, said) = run(&["-q", "-c", "SELECT 1", "-o", folder.path().to_str().expect("UTF-8")]);
    assert!(status == 4 && said.contains("it is a folder"), "{said}");
}

#[test]
fn text_from_outside_moves_no_cursor() {
    let folder = tempfile::tempdir().expect("a folder");
    let hostile = folder.path().join("a\x1b[2J\u{202e}.pcap");
    std::fs::copy(&samples(&["http.pcap"])[0], &hostile).expect("a file");
    let pattern = folder.path().join("*.pcap");
    let sql = format!("SELECT capture FROM flows('{}') LIMIT 1", pattern.to_str().expect("UTF-8"));
    for format in ["table", "markdown", "csv", "tsv", "json", "ndjson"] {
        let (status, out, said) = run(&["--format", format, "-c", &sql]);
        assert_eq!(status, 0, "{said}");
        assert!(out.contains("2J"), "{out}");
        let is_hidden = |c: char| c != '\n' && c != '\t' && c.is_control() || c == '\u{202e}';
        assert!(!out.contains(is_hidden) && !said.contains(is_hidden), "{format}: {out:?} {said:?}");
    }
    // Names of columns and what is said are text from outside as well.
    let (_, out, said) =
        run(&["--format", "csv", "-c", "SELECT 1 AS \"\x1b[2J\"; SELECT * FROM flows('\x1b[2J')"]);
    assert!(!out.contains('\x1b') && !said.contains('\x1b') && said.contains("2J"), "{out:?} {said:?}");
}
