//! Other programs read a table.

use std::path::Path;
use std::process::Command;

use crate::support::{answer, of_one_day, take_in};

const PACKAGES: [&str; 2] = ["duckdb==2.0.1", "pyarrow==26.0.1"];

/// What reads a table by Hive's names, and says how many rows each day and hour has.
const SCRIPT: &str = r#"
import sys, duckdb, pyarrow.dataset
counts = "SELECT day::VARCHAR, hour::INTEGER, count(*) FROM {} GROUP BY 1, 2 ORDER BY 1, 2"
for day, hour, n in duckdb.sql(counts.format(f"read_parquet('{sys.argv[1]}/*/*/*.parquet', hive_partitioning = true)")).fetchall():
    print("duckdb", day, hour, n)
table = pyarrow.dataset.dataset(sys.argv[1], partitioning="hive").to_table(columns=["day", "hour"])
rows = table.group_by(["day", "hour"]).aggregate([([], "count_all")]).sort_by([("day", "ascending"), ("hour", "ascending")])
for row in rows.to_pylist():
    print("pyarrow", row["day"], int(row["hour"]), row["count_all"])
"#;

#[allow(clippy::print_stderr, reason = "whoever runs the tests reads why one is skipped")]
fn skipped<T>(why: &str) -> Option<T> {
    eprintln!("skipped: {why}");
    None
}

/// A Python with these packages; none, with a word, where it cannot be had.
fn python() -> Option<std::path::PathBuf> {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readers");
    let python = environment.join("bin/python");
    let runs = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if !python.exists() && !runs(Command::new("python3").arg("-m").arg("venv").arg(&environment)) {
        return skipped("python3 is not installed");
    }
    let has_them = runs(Command::new(&python).args(["-c", "import duckdb, pyarrow"]))
        || runs(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
    if has_them { Some(python) } else { skipped("duckdb and pyarrow cannot be had") }
}

#[test]
fn duckdb_and_pyarrow_read_a_table() {
    let Some(python) = python() else { return };
    let folder = of_one_day();
    take_in(folder.path(), &["captures", "-o", "table", "--by", "hour"]);
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(folder.path().join("table"))
        .output()
        .expect("a program that runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts = answer(
        folder.path(),
        "SELECT cast(day AS varchar) AS day, hour, count(*) AS n FROM parquet('table/') GROUP BY 1, 2 ORDER BY 1, 2",
    );
    let of = |program: &str| -> String {
        let lines = counts.lines().skip(1).map(|line| format!("{program} {}", line.replace(',', " ")));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout), of("duckdb") + &of("pyarrow"));
}
