//! Tables are what the library says of the same captures.

use portscribe::report::Format;
use portscribe::services::statements;
use portscribe::traffic::ReadSettings;

use crate::support::{all_samples, answer, flows_of, packets_of, run, samples, sorted};

#[test]
fn flows_of_all_samples_are_those_of_one_reading() {
    let expected = flows_of(&all_samples(), &ReadSettings::default(), Format::Csv);
    let expected = String::from_utf8(expected).expect("UTF-8");
    assert!(expected.lines().count() > 200);
    assert_eq!(answer("SELECT * FROM flows('samples/*.pcap') ORDER BY flow"), expected);
    // They come in that order, so that no sort is needed for it.
    let plan = answer("EXPLAIN SELECT flow, service FROM flows('samples/http.pcap') ORDER BY flow");
    assert!(!plan.contains("SortExec") && plan.contains("flow@0 ASC"), "{plan}");
}

#[test]
fn several_names_and_patterns_are_one_traffic() {
    let expected = flows_of(&samples(&["dns.pcapng", "http.pcap"]), &ReadSettings::default(), Format::Csv);
    let sql = "SELECT * FROM flows('samples/http.pcap', 'samples/dns.pcap*') ORDER BY flow";
    let sorted_by_time =
        flows_of(&samples(&["http.pcap", "dns.pcapng"]), &ReadSettings::default(), Format::Csv);
    let out = answer(sql).into_bytes();
    assert!(out == expected || out == sorted_by_time);
    assert_eq!(
        answer("SELECT count(DISTINCT capture) AS n FROM flows('samples/http.pcap', 'samples/dns.pcap*')"),
        "n\n2\n"
    );
}

#[test]
fn packets_of_all_samples_are_those_of_two_passes() {
    let expected = packets_of(&all_samples(), &ReadSettings::default(), Format::Csv);
    let expected = String::from_utf8(expected).expect("UTF-8");
    assert_eq!(answer("SELECT * FROM packets('samples/*.pcap')"), expected);
}

#[test]
fn headers_alone_are_the_same_in_one_pass() {
    let both = |condition: &str| {
        let headers = "capture, frame, layer, src_address, src_port, dst_address, length, interface";
        let one = answer(&format!("SELECT {headers} FROM packets('samples/*.pcap') {condition}"));
        let two = format!(
            "SELECT {headers} FROM (SELECT *, coalesce(flow, 0) AS of_flow FROM packets('samples/*.pcap')) {condition}"
        );
        // What asks of flows takes two passes.
        let condition_on_flow = if condition.is_empty() { "WHERE of_flow >= 0" } else { "AND of_flow >= 0" };
        assert_eq!(sorted(&one), sorted(&answer(&format!("{two} {condition_on_flow}"))));
        one.lines().count()
    };
    assert!(both("") > 1000);
    assert!(both("WHERE dst_port = 53") > 1);
}

#[test]
fn conditions_and_limits_select_what_they_say() {
    let whole = |of: &str| answer(&format!("SELECT {of} FROM flows('samples/*.pcap') ORDER BY flow"));
    let rows = whole("flow, status, server_port, observed, bytes_to_server");
    for (condition, is_met) in [
        (
            "status = 'unassigned'",
            Box::new(|row: &[&str]| row[1] == "unassigned") as Box<dyn Fn(&[&str]) -> bool>,
        ),
        (
            "server_port IN (53, 80) AND observed IS NOT NULL",
            Box::new(|row| ["53", "80"].contains(&row[2]) && !row[3].is_empty()),
        ),
        // What is not known is neither.
        ("observed = 'HTTP'", Box::new(|row| row[3] == "HTTP")),
        ("observed <> 'HTTP'", Box::new(|row| !row[3].is_empty() && row[3] != "HTTP")),
        (
            "bytes_to_server > 1000 OR flow < 5",
            Box::new(|row| {
                row[4].parse::<u64>().is_ok_and(|bytes| bytes > 1000)
                    || row[0].parse::<u64>().is_ok_and(|flow| flow < 5)
            }),
        ),
    ] {
        let expected: Vec<&str> = rows
            .lines()
            .skip(1)
            .filter(|line| is_met(&line.split(',').collect::<Vec<_>>()))
            .map(|line| line.split(',').next().unwrap_or_default())
            .collect();
        let sql = format!("SELECT flow FROM flows('samples/*.pcap') WHERE {condition}");
        let out = answer(&format!("{sql} ORDER BY flow"));
        assert_eq!(out.lines().skip(1).collect::<Vec<_>>(), expected, "{condition}");
        assert!(!expected.is_empty(), "{condition}");
        let limited = answer(&format!("{sql} LIMIT 2"));
        assert_eq!(
            limited.lines().skip(1).collect::<Vec<_>>(),
            expected[..expected.len().min(2)],
            "{condition}"
        );
    }
    // Subqueries are asked of rows as well.
    let large = answer(
        "SELECT flow FROM flows('samples/http.pcap') WHERE bytes_to_client = \
         (SELECT max(bytes_to_client) FROM flows('samples/http.pcap'))",
    );
    assert!(large.lines().count() > 1);
    assert_eq!(answer("SELECT count(*) AS n FROM flows('samples/http.pcap')"), "n\n6\n");
}

#[test]
fn a_plan_pushes_columns_conditions_and_limits_down() {
    let plan = answer("EXPLAIN SELECT frame FROM packets('samples/http.pcap') WHERE dst_port = 80 LIMIT 3");
    assert!(plan.contains("projection=[frame]") && plan.contains("fetch=3"), "{plan}");
    assert!(plan.contains("full_filters=") && !plan.contains("FilterExec"), "{plan}");
}

#[test]
fn the_registry_and_what_is_known_beside_it_are_tables() {
    let registry = portscribe::registry::Registry::bundled();
    assert_eq!(answer("SELECT count(*) AS n FROM registry()"), format!("n\n{}\n", registry.len()));
    assert_eq!(
        answer(
            "SELECT service_name, port_number, transport_protocol FROM registry() WHERE service_name = 'https' \
             AND port_number IS NOT NULL ORDER BY 3"
        ),
        "service_name,port_number,transport_protocol\nhttps,443,sctp\nhttps,443,tcp\nhttps,443,udp\n"
    );
    let ranges: usize = statements().map(|one| one.fact.transports.len() * one.fact.ports.len()).sum();
    assert_eq!(answer("SELECT count(*) AS n FROM services()"), format!("n\n{ranges}\n"));
    assert_eq!(
        answer(
            "SELECT DISTINCT f.server_port, s.fact FROM flows('samples/http.pcap') f JOIN services() s \
             ON f.transport = s.transport AND f.server_port BETWEEN s.first_port AND s.last_port ORDER BY 2"
        ),
        "server_port,fact\n80,begins-with\n80,cleartext-data\n80,in-the-clear\n80,usual-port\n"
    );
}

#[test]
fn stored_flows_are_the_same_as_read_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let captures = samples(&["http.pcap", "scan.pcap"]);
    let own = folder.path().join("own.parquet");
    let ours = folder.path().join("ours.parquet");
    std::fs::write(&own, flows_of(&captures[..1], &ReadSettings::default(), Format::Parquet))
        .expect("a file");
    let path = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    let sql = "SELECT * FROM flows('samples/http.pcap') ORDER BY flow";
    let (status, out, said) = run(&["-q", "-c", sql, "-o", &path(&ours)]);
    assert_eq!((status, out.as_str(), said.as_str()), (0, "", ""));
    let read = answer(sql);
    for name in [&own, &ours] {
        for table in [format!("parquet('{}')", path(name)), format!("'{}'", path(name))] {
            assert_eq!(answer(&format!("SELECT * FROM {table} ORDER BY flow")), read, "{table}");
        }
    }
    // The same columns of the same types.
    let described = |table: &str| answer(&format!("DESCRIBE SELECT * FROM {table}"));
    for name in [&own, &ours] {
        assert_eq!(described(&format!("parquet('{}')", path(name))), described("flows('samples/http.pcap')"));
    }
    let pattern = path(&folder.path().join("*.parquet"));
    assert_eq!(answer(&format!("SELECT count(*) AS n FROM parquet('{pattern}')")), "n\n12\n");
    assert_eq!(
        answer(&format!(
            "SELECT count(*) AS n FROM parquet('{pattern}') WHERE client_address_octets IS NOT NULL AND status = 'registered'"
        )),
        "n\n12\n"
    );
}
