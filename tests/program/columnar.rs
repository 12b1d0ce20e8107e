//! Results as Parquet and Arrow, read back.

use crate::support::{portscribe, sample, stderr};

#[cfg(not(feature = "tables"))]
#[test]
fn a_build_without_them_says_how_to_get_them() {
    let capture = sample("http.pcap");
    let capture = capture.to_str().expect("UTF-8");
    for options in [&["--format", "parquet"][..], &["--format", "arrow"], &["-o", "never-made.parquet"]] {
        let output = portscribe([&["flows", capture], options].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(output.stdout.is_empty());
        assert!(stderr(&output).contains("cargo install --path . --features tables"), "{}", stderr(&output));
    }
}

#[cfg(feature = "tables")]
mod built_in {
    use std::fmt::Write as _;
    use std::fs::File;
    use std::path::Path;

    use arrow_array::cast::AsArray;
    use arrow_array::types::{
        Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt16Type,
        UInt32Type,
    };
    use arrow_array::{Array, RecordBatch};
    use arrow_schema::{DataType, SchemaRef};
    use base64::Engine;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::basic::Encoding;
    use portscribe::capture::Timestamp;

    use super::{portscribe, sample, stderr};
    use crate::support::{sample_captures, snapshot};

    fn of_parquet(path: &Path) -> (SchemaRef, Vec<RecordBatch>) {
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("a file")).expect("Parquet");
        let schema = reader.schema().clone();
        (schema, reader.build().expect("batches").map(|batch| batch.expect("a batch")).collect())
    }

    fn of_arrow(path: &Path) -> (SchemaRef, Vec<RecordBatch>) {
        let reader = arrow_ipc::reader::StreamReader::try_new(File::open(path).expect("a file"), None)
            .expect("a stream");
        let schema = reader.schema();
        (schema, reader.map(|batch| batch.expect("a batch")).collect())
    }

    /// A value as it stands in CSV.
    fn cell(name: &str, array: &dyn Array, n: usize) -> String {
        if array.is_null(n) {
            return String::new();
        }
        match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().value(n).to_owned(),
            DataType::Dictionary(..) => {
                let words = array.as_dictionary::<Int32Type>();
                let place = words.keys().value(n) as usize;
                words.values().as_string::<i32>().value(place).to_owned()
            }
            DataType::UInt8 => array.as_primitive::<UInt8Type>().value(n).to_string(),
            DataType::UInt16 => array.as_primitive::<UInt16Type>().value(n).to_string(),
            DataType::UInt32 => array.as_primitive::<UInt32Type>().value(n).to_string(),
            DataType::Int64 => array.as_primitive::<Int64Type>().value(n).to_string(),
            DataType::Float64 => format!("{:.6}", array.as_primitive::<Float64Type>().value(n)),
            DataType::Boolean => array.as_boolean().value(n).to_string(),
            DataType::Decimal128(19, 9) => {
                let value = array.as_primitive::<Decimal128Type>().value(n);
                let sign = if value < 0 { "-" } else { "" };
                let value = value.unsigned_abs();
                format!("{sign}{}.{:09}", value / 1_000_000_000, value % 1_000_000_000)
            }
            DataType::Timestamp(..) => {
                let value = array.as_primitive::<TimestampNanosecondType>().value(n);
                Timestamp::from_nanoseconds(value).to_string()
            }
            DataType::FixedSizeBinary(20) => {
                let hash = array.as_fixed_size_binary().value(n);
                format!("1:{}", base64::engine::general_purpose::STANDARD.encode(hash))
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>().value(n);
                let items: Vec<String> = (0..list.len()).map(|n| cell(name, &list, n)).collect();
                items.join(if name == "notes" { "; " } else { " " })
            }
            DataType::Map(..) => {
                let entries = array.as_map().value(n);
                let pair =
                    |n| format!("{}={}", cell(name, entries.column(0), n), cell(name, entries.column(1), n));
                (0..entries.len()).map(pair).collect::<Vec<_>>().join(" ")
            }
            other => panic!("{name} is {other}"),
        }
    }

    /// The header and the rows, but for columns of octets.
    fn rows(schema: &SchemaRef, batches: &[RecordBatch]) -> Vec<Vec<String>> {
        let shown: Vec<usize> =
            (0..schema.fields().len()).filter(|&n| !schema.field(n).name().ends_with("_octets")).collect();
        let mut rows = vec![shown.iter().map(|&n| schema.field(n).name().clone()).collect()];
        for batch in batches {
            for row in 0..batch.num_rows() {
                rows.push(
                    shown.iter().map(|&n| cell(schema.field(n).name(), batch.column(n), row)).collect(),
                );
            }
        }
        rows
    }

    fn of_csv(text: &[u8]) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
        reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_result_is_that_of_csv() {
        let folder = tempfile::tempdir().expect("a folder");
        for capture in sample_captures() {
            let capture = capture.to_str().expect("UTF-8");
            for command in ["flows", "packets", "summary"] {
                let expected = portscribe([command, capture, "--quiet", "--format", "csv"]);
                let mut expected = of_csv(&expected.stdout);
                for ending in ["arrow", "parquet"] {
                    let path = folder.path().join(format!("result.{ending}"));
                    let output =
                        portscribe([command, capture, "--quiet", "-o", path.to_str().expect("UTF-8")]);
                    assert!(output.status.success(), "{}", stderr(&output));
                    let (schema, batches) =
                        if ending == "arrow" { of_arrow(&path) } else { of_parquet(&path) };
                    if ending == "parquet" && command != "summary" {
                        // Times have one length, and what is not known comes last.
                        let time = if command == "flows" { 3 } else { 2 };
                        expected[1..].sort_by_key(|row| (row[time].is_empty(), row[time].clone()));
                    }
                    assert_eq!(rows(&schema, &batches), expected, "{command} {capture} as {ending}");
                }
            }
        }
    }

    #[test]
    fn types_are_promises() {
        let folder = tempfile::tempdir().expect("a folder");
        let capture = sample("http.pcap");
        let capture = capture.to_str().expect("UTF-8");
        let mut all = String::new();
        for words in [
            &["flows", capture][..],
            &["packets", capture],
            &["summary", capture],
            &["registry", "list", "--port", "443"],
            &["flows", capture, "--schema", "ocsf"],
        ] {
            let name = words.iter().filter(|word| **word != capture).copied().collect::<Vec<_>>().join(" ");
            let path = folder.path().join("result.parquet");
            let output = portscribe([words, &["--quiet", "-o", path.to_str().expect("UTF-8")]].concat());
            assert!(output.status.success(), "{}", stderr(&output));
            let (schema, _) = of_parquet(&path);
            let stream = folder.path().join("result.arrow");
            let output = portscribe([words, &["--quiet", "-o", stream.to_str().expect("UTF-8")]].concat());
            assert!(output.status.success(), "{}", stderr(&output));
            assert_eq!(of_arrow(&stream).0.fields(), schema.fields(), "{name}");
            let _ = writeln!(all, "{name}");
            for field in schema.fields() {
                let known = if field.is_nullable() { "" } else { ", always" };
                let unit = field.metadata().get("unit").map_or(String::new(), |unit| format!(", {unit}"));
                let _ = writeln!(all, "  {}: {}{known}{unit}", field.name(), field.data_type());
                if !matches!(field.data_type(), DataType::Struct(_)) {
                    assert!(field.metadata().contains_key("meaning"), "{name}: {}", field.name());
                }
            }
            assert!(schema.metadata()["portscribe.program"].contains(env!("CARGO_PKG_VERSION")));
            assert!(schema.metadata().contains_key("portscribe.note"));
        }
        snapshot("columnar-types.txt", all.trim_end());
    }

    #[test]
    fn row_groups_are_sorted_by_time_and_have_bloom_filters() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("result.parquet");
        let captures: Vec<String> = sample_captures().iter().map(|path| path.display().to_string()).collect();
        let mut words = vec!["flows", "--quiet", "--order", "end", "-o", path.to_str().expect("UTF-8")];
        words.extend(captures.iter().map(String::as_str));
        assert!(portscribe(words).status.success());
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(File::open(&path).expect("a file")).expect("Parquet");
        let filtered = [
            "client_address",
            "client_address_octets",
            "server_address",
            "server_address_octets",
            "community_id",
        ];
        let without =
            ["flow", "first_frame", "first_seen", "last_seen", "duration", "community_id", "connection"];
        for group in reader.metadata().row_groups() {
            let sorting = group.sorting_columns().expect("an order");
            assert_eq!(group.column(sorting[0].column_idx as usize).column_path().string(), "first_seen");
            for column in group.columns() {
                let name = column.column_path().string();
                assert_eq!(
                    column.bloom_filter_offset().is_some(),
                    filtered.contains(&name.as_str()),
                    "{name}"
                );
                assert!(column.statistics().is_some(), "{name}");
                // What is another in each row is longer with a dictionary.
                let has_dictionary = column.encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY);
                assert!(!has_dictionary || !without.contains(&name.as_str()), "{name}");
            }
        }
        let (schema, batches) = of_parquet(&path);
        let place = schema.index_of("first_seen").expect("a column");
        let times: Vec<i64> = batches
            .iter()
            .flat_map(|batch| batch.column(place).as_primitive::<TimestampNanosecondType>().iter().flatten())
            .collect();
        assert!(times.is_sorted());
        // What is asked for in another order stays in it.
        let output = portscribe([
            "flows",
            &captures[0],
            "--quiet",
            "--sort",
            "bytes:desc",
            "-o",
            path.to_str().expect("UTF-8"),
        ]);
        assert!(output.status.success());
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(File::open(&path).expect("a file")).expect("Parquet");
        assert!(reader.metadata().row_group(0).sorting_columns().is_none());
    }

    #[test]
    fn partitions_are_folders_by_day() {
        let folder = tempfile::tempdir().expect("a folder");
        let captures = [sample("http.pcap"), sample("same-port.pcap")].map(|path| path.display().to_string());
        let place = folder.path().to_str().expect("UTF-8");
        let mut words = vec![
            "flows",
            "--quiet",
            "--schema",
            "ocsf",
            "--partition",
            "region=eu-1,accountId=42",
            "-o",
            place,
        ];
        words.extend(captures.iter().map(String::as_str));
        let output = portscribe(&words);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
        let mut rows = 0;
        let days = folder.path().join("region=eu-1/accountId=42");
        for day in std::fs::read_dir(days).expect("a folder").map(|day| day.expect("a day")) {
            let file = day.path().join("http-1.parquet");
            let (schema, batches) = of_parquet(&file);
            assert!(schema.index_of("time").is_ok());
            for batch in batches {
                let times =
                    batch.column(schema.index_of("time").expect("a column")).as_primitive::<Int64Type>();
                for time in times.iter().flatten() {
                    let text = Timestamp::from_nanoseconds(time * 1_000_000).to_string();
                    let expected = format!("eventDay={}", text[..10].replace('-', ""));
                    assert_eq!(day.file_name().to_str(), Some(expected.as_str()));
                    rows += 1;
                }
            }
        }
        let mut words = vec!["flows", "--quiet", "--format", "csv"];
        words.extend(captures.iter().map(String::as_str));
        assert_eq!(rows, of_csv(&portscribe(&words).stdout).len() - 1);
    }

    #[test]
    fn what_they_cannot_be_is_refused() {
        let capture = sample("http.pcap");
        let capture = capture.to_str().expect("UTF-8");
        for (options, said) in [
            (&["-o", "never-made.parquet.gz"][..], "never-made.parquet.gz: parquet is compressed within"),
            (&["--format", "arrow", "--time", "epoch"], "times of --format arrow are points in time"),
            (&["--partition", "region=a"], "--output <FILE>"),
            (&["--partition", "region=../a", "-o", "never-made"], "use KEY=VALUE of ASCII letters"),
            (
                &["--partition", "region=a", "-o", "never-made", "-f", "csv"],
                "--partition writes parquet, not csv",
            ),
        ] {
            let output = portscribe([&["flows", capture], options].concat());
            assert_eq!(output.status.code(), Some(2), "{options:?}");
            assert!(stderr(&output).contains(said), "{options:?}: {}", stderr(&output));
        }
    }
}
