//! What is wrong is told, and seen by the status.

use std::fs;
use std::path::Path;

use crate::support::{answer, refused, run, samples};

#[test]
fn a_wrong_path_is_never_a_result_without_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().to_str().expect("UTF-8");
    for table in ["flows", "packets", "parquet"] {
        for (name, told) in [
            ("no/such/*.pcap", "no/such/*.pcap: no file has such a name"),
            (empty, "holds no files"),
            ("ftp://host/a.pcap", "unsupported scheme ftp://"),
            ("https://me:secret@host/a.pcap", "https://host/a.pcap: user and password are not allowed"),
        ] {
            let (status, said) = refused(&format!("SELECT * FROM {table}('{name}')"));
            let expected = if name.contains("://") { 2 } else { 4 };
            assert!(status == expected && said.contains(told), "{table} {name}: {status} {said}");
        }
    }
    for table in ["flows", "packets"] {
        for columns in ["*", "count(*)"] {
            // Nor where no row is needed.
            let (status, _) = refused(&format!("SELECT {columns} FROM {table}('missing.pcap') LIMIT 0"));
            assert_eq!(status, 4);
            let (status, said) = refused(&format!("SELECT {columns} FROM {table}('missing.pcap')"));
            assert_eq!(status, 4);
            assert!(
                said.contains("missing.pcap: ") && said.contains("error: nothing could be read"),
                "{said}"
            );
            let (status, said) =
                refused(&format!("SELECT {columns} FROM {table}('README.md', 'missing.pcap')"));
            assert_eq!(status, 4);
            assert!(said.contains("none of the 2 captures could be read"), "{said}");
        }
    }
    let (status, said) = refused("SELECT * FROM parquet('missing.parquet')");
    assert!(status == 4 && said.contains("missing.parquet: cannot be opened: "), "{status} {said}");
    for table in ["'missing.parquet'", "'no-such-*.parquet'", "parquet('README.md')"] {
        let (status, said) = refused(&format!("SELECT * FROM {table}"));
        assert!([2, 4].contains(&status) && said.contains("error: "), "{table}: {status} {said}");
    }
}

#[test]
fn captures_that_are_damaged_or_missing_are_told_beside_the_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let cut = folder.path().join("cut.pcap");
    let whole = fs::read(&samples(&["http.pcap"])[0]).expect("a capture");
    fs::write(&cut, &whole[..whole.len() - 20]).expect("a file");
    let name = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    for (table, names) in [
        ("flows", format!("'{}'", name(&cut))),
        ("packets", format!("'{}'", name(&cut))),
        ("flows", "'samples/http.pcap', 'missing.pcap'".to_owned()),
        ("packets", "'samples/http.pcap', 'missing.pcap'".to_owned()),
    ] {
        for columns in ["count(*)", "count(flow)"] {
            let (status, out, said) =
                run(&["-q", "-c", &format!("SELECT {columns} AS n FROM {table}({names})")]);
            assert_eq!(status, 3, "{said}");
            assert!(out.lines().nth(1).is_some_and(|n| n.parse::<u64>().is_ok_and(|n| n >= 6)), "{out}");
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains("cut.pcap: ") || said.contains("missing.pcap: "), "{said}");
        }
    }
    // What is not needed is not read: the damage lies behind it.
    assert_eq!(answer(&format!("SELECT frame FROM packets('{}') LIMIT 1", name(&cut))), "frame\n4\n");
}

#[test]
fn wrong_sql_is_told_with_status_2() {
    for (sql, told) in [
        ("SELEC 1", "SELEC"),
        ("SELECT nothing FROM flows('samples/http.pcap')", "nothing"),
        ("SELECT * FROM flows()", "name files, folders or patterns"),
        ("SELECT * FROM flows(1)", "name files in quotes"),
        ("SELECT * FROM registry('x')", "takes no arguments"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT service(80)", "service"),
    ] {
        let (status, said) = refused(sql);
        assert!(
            status == 2 && said.starts_with("portscribe: error: ") && said.contains(told),
            "{sql}: {status} {said}"
        );
    }
}
