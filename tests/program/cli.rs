//! What the commands print, whole, and what they end with.

use std::collections::BTreeSet;

use portscribe::label::Flag;
use portscribe::registry::Status;
use serde_json::Value as Json;

const FORMATS: [&str; 6] = ["table", "csv", "tsv", "json", "ndjson", "markdown"];

const NOTE: &str = "A registration does not make traffic legitimate, nor does it prove that the traffic is that \
                    service; IANA says so in the registry itself.";

/// What is said of the packets of `samples/http.pcap` that are in no flow.
const HTTP_IN_NO_FLOW: &str = "portscribe: 5 packets in no flow: 2 not-ip (no IP header found), 3 portless (an IP protocol \
                               without ports: icmpv6 3). With --protocols all, flows and summary count 3 of them in \
                               flows.\n";

/// The same for `samples/unauthorized-use.pcap`.
const UNAUTHORIZED_IN_NO_FLOW: &str = "portscribe: 4 packets in no flow: 2 not-ip (no IP header found), 2 portless (an IP \
                                       protocol without ports: icmpv6 2). With --protocols all, flows and summary count 2 of \
                                       them in flows.\n";

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = crate::support::portscribe(arguments);
    (
        output.status.code().expect("a status"),
        crate::support::stdout(&output),
        crate::support::stderr(&output),
    )
}

#[test]
fn flows_as_csv_are_these_columns_in_this_order() {
    let (status, out, said) = run(&["flows", "samples/unauthorized-use.pcap", "--format", "csv"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[0],
        "flow,capture,first_frame,first_seen,last_seen,duration,tunnel,vlan,transport,client_address,client_port,\
         server_address,server_port,service,aliases,description,port_range,status,flags,direction_basis,\
         direction_confidence,state,packets_to_server,packets_to_client,bytes_to_server,bytes_to_client,\
         community_id,client_service,service_code,notes,local_name,connection,in_the_clear,interface,protocol,\
         protocol_number,icmp_type,icmp_code,observed,observed_by,agreement,client_name,client_name_from,\
         server_name,server_name_from,in_the_clear_by,tls_version,alpn,alpn_by"
    );
    assert_eq!((status, lines.len()), (0, 4));
    let edition = portscribe::registry::Registry::bundled().edition().expect("a date").to_owned();
    assert_eq!(said, format!("{UNAUTHORIZED_IN_NO_FLOW}portscribe: IANA registry of {edition}. {NOTE}\n"));
}

#[test]
fn flows_as_a_table_end_with_totals_and_the_note() {
    let (status, out, said) = run(&["flows", "samples/unauthorized-use.pcap", "--format", "table"]);
    assert_eq!((status, said.as_str()), (0, UNAUTHORIZED_IN_NO_FLOW));
    let edition = portscribe::registry::Registry::bundled().edition().expect("a date").to_owned();
    assert!(out.contains(&edition));
    crate::support::snapshot("flows-table.txt", &out);
}

#[test]
fn flows_by_their_end_are_the_same_rows() {
    for sample in ["samples/scan.pcap", "samples/dns.pcapng", "samples/fragments.pcap"] {
        let by_begin = run(&["flows", sample, "--format", "csv"]);
        let by_end = run(&["flows", sample, "--format", "csv", "--order", "end"]);
        assert_eq!((by_end.0, &by_end.2), (0, &by_begin.2));
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&by_end.1), sorted(&by_begin.1), "{sample}");
    }
    let table = run(&["flows", "samples/http.pcap", "--format", "table", "--order", "end"]);
    assert_eq!(table, run(&["flows", "samples/http.pcap", "--format", "table"]));
    let (status, out, said) = run(&["flows", "samples/http.pcap", "--format", "json", "--order", "end"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert_eq!(
        said,
        "portscribe: error: a JSON object begins with totals, which are not known while flows end: use --format \
         ndjson with --order end\n"
    );
    let ask = ["flows", "samples/http.pcap", "--order", "end", "--flows-in-memory", "9"];
    let (status, out, said) = run(&ask);
    assert_eq!((status, out.as_str()), (2, ""));
    assert_eq!(
        said,
        "portscribe: error: --flows-in-memory does not apply to --order end, which keeps only live flows: leave one \
         of them out\n"
    );
}

#[test]
fn flows_that_do_not_fit_into_memory_are_the_same_rows() {
    let few = ["--format", "csv", "--flows-in-memory", "5"];
    for (command, sample) in [("flows", "samples/scan.pcap"), ("summary", "samples/scan.pcap")] {
        let (status, out, said) = run(&[&[command, sample], &few[..]].concat());
        let (_, all, note) = run(&[command, sample, "--format", "csv"]);
        assert_eq!((status, out), (0, all));
        let folder = std::env::temp_dir();
        let expected = format!(
            "portscribe: more than 5 flows were in memory (--flows-in-memory): all 19 are in temporary files in {}\n",
            folder.display()
        );
        assert_eq!(said, expected + &note);
    }
    let (status, _, said) =
        run(&["flows", "samples/scan.pcap", "--format", "table", "--flows-in-memory", "5", "--quiet"]);
    assert_eq!(
        (status, said.as_str()),
        (
            4,
            "portscribe: error: 19 flows are too many for a table, since at most 5 are in memory (--flows-in-memory): ask for --format csv, --top N, for more in memory, or for `summary`\n"
        )
    );
}

#[test]
fn a_summary_ends_with_totals_that_add_up() {
    let (status, out, _) = run(&["summary", "samples/scan.pcap", "--by", "status", "--format", "table"]);
    assert_eq!(status, 0);
    let edition = portscribe::registry::Registry::bundled().edition().expect("a date").to_owned();
    let expected = include_str!("../expected/summary-table.txt").replace("EDITION", &edition);
    assert_eq!(out, expected);
}

#[test]
fn a_summary_by_status_shows_the_status_once_and_counts_one_as_one() {
    let selection = ["--host", "2001:db8::/32", "--transport", "udp"];
    let fixed = ["summary", "samples/syslog.pcap", "--by", "status", "-f", "table"];
    let (status, out, _) = run(&[&fixed[..], &selection].concat());
    assert_eq!(status, 0);
    assert_eq!(
        out.lines().take(4).collect::<Vec<_>>(),
        [
            " status      registered as  flows  clients  servers  packets  bytes    share  flags=flows",
            " registered  syslog             1        1        1        1    160  100.0 %  +1",
            "",
            "1 of 5 flows selected, 1 packet, 160 bytes.",
        ]
    );
}

#[test]
fn json_is_one_object_with_everything_around_the_rows() {
    let (status, out, said) = run(&["flows", "samples/http.pcap", "--format", "json"]);
    assert_eq!((status, said.as_str()), (0, HTTP_IN_NO_FLOW));
    let all: Json = serde_json::from_str(&out).expect("JSON");
    let keys: Vec<&String> = all.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "program",
            "registry",
            "captures",
            "packets_read",
            "uncounted",
            "wild_times",
            "hints",
            "uncounted_without_ports",
            "copies",
            "rows",
            "note"
        ]
    );
    assert_eq!(all["program"]["name"], "portscribe");
    assert_eq!(all["packets_read"], 67);
    assert_eq!(all["uncounted"], serde_json::json!({ "not-ip": 2, "portless": 3 }));
    assert_eq!(all["note"], NOTE);
    assert_eq!(all["captures"][0]["name"], "samples/http.pcap");
    let row = &all["rows"][0];
    assert_eq!(row["service"], "http");
    assert_eq!(row["aliases"], serde_json::json!(["www", "www-http"]));
    assert_eq!(row["flags"], serde_json::json!(["cleartext"]));
    assert_eq!(row["tunnel"], Json::Null);
    assert_eq!(row["server_port"], 80);
    assert_eq!(row["community_id"].as_str().map(|id| &id[..2]), Some("1:"));
    let packets: u64 = all["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            row["packets_to_server"].as_u64().expect("a number")
                + row["packets_to_client"].as_u64().expect("a number")
        })
        .sum();
    assert_eq!(packets + 5, 67);
}

#[test]
fn every_format_of_every_command_says_the_same_of_every_sample() {
    for sample in crate::support::sample_captures() {
        let sample = sample.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("a sample").display().to_string();
        for command in ["flows", "packets", "summary"] {
            let mut counts = BTreeSet::new();
            for format in FORMATS {
                // The table of a summary by a key is the table alone.
                // That of flows has one row for a scan, unless each flow is asked for.
                let by: &[&str] = match command {
                    "summary" => &["--by", "service"],
                    "flows" => &["--scans"],
                    _ => &[],
                };
                let (status, out, _) = run(&[&[command, &sample, "--format", format], by].concat());
                assert_eq!(status, 0, "{command} {sample} {format}");
                let rows = match format {
                    "csv" => csv::Reader::from_reader(out.as_bytes())
                        .records()
                        .collect::<Result<Vec<_>, _>>()
                        .expect("rows")
                        .len(),
                    "tsv" => csv::ReaderBuilder::new()
                        .delimiter(b'\t')
                        .from_reader(out.as_bytes())
                        .records()
                        .collect::<Result<Vec<_>, _>>()
                        .expect("rows")
                        .len(),
                    "json" => {
                        let all: Json = serde_json::from_str(&out).expect("JSON");
                        all["rows"].as_array().expect("rows").len()
                    }
                    "ndjson" => out
                        .lines()
                        .map(serde_json::from_str::<Json>)
                        .collect::<Result<Vec<_>, _>>()
                        .expect("JSON")
                        .len(),
                    "markdown" => out.lines().filter(|line| line.starts_with('|')).count() - 2,
                    // A table ends with an empty line before the totals.
                    _ => out.lines().take_while(|line| !line.is_empty()).count() - 1,
                };
                counts.insert(rows);
            }
            assert_eq!(counts.len(), 1, "{command} {sample}: {counts:?}");
        }
    }
}

#[test]
fn packets_have_a_row_for_each_header_that_counts() {
    let (status, out, _) = run(&["packets", "samples/unauthorized-use.pcap", "--format", "csv", "-q"]);
    assert_eq!(status, 0);
    let mut lines = out.lines();
    assert_eq!(
        lines.next(),
        Some(
            "capture,frame,time,layer,transport,src_address,src_port,dst_address,dst_port,flow,to_server,service,\
             status,port_range,quoted,length,local_name,interface"
        )
    );
    let rows = crate::support::rows(&crate::support::portscribe([
        "packets",
        "samples/scan.pcap",
        "-q",
        "-f",
        "csv",
        "--layers",
        "all",
    ]));
    assert!(rows.iter().any(|row| row["quoted"] == "true" && row["flow"].is_empty()));
    assert!(rows.iter().all(|row| row["quoted"] == "true" || !row["flow"].is_empty()));
    let rows = crate::support::rows(&crate::support::portscribe([
        "packets",
        "samples/scan.pcap",
        "-q",
        "-f",
        "csv",
    ]));
    assert!(rows.iter().all(|row| row["quoted"] == "false"));
}

#[test]
fn packets_and_flows_agree() {
    for sample in crate::support::sample_captures() {
        let sample = sample.display().to_string();
        for layers in ["inner", "outer", "all"] {
            let both = ["flows", "packets"].map(|command| {
                crate::support::rows(&crate::support::portscribe([
                    command, "-q", "-f", "csv", "--layers", layers, &sample,
                ]))
            });
            let [flows, packets] = &both;
            for flow in flows {
                for (to_server, column) in [("true", "packets_to_server"), ("false", "packets_to_client")] {
                    let counted = packets
                        .iter()
                        .filter(|packet| packet["flow"] == flow["flow"] && packet["to_server"] == to_server)
                        .count();
                    // Later fragments count in their flow and have no header of their own.
                    let said: usize = flow[column].parse().expect("a number");
                    if sample.ends_with("fragments.pcap") || sample.contains("/review/") {
                        assert!(counted <= said, "{sample} flow {}", flow["flow"]);
                    } else {
                        assert_eq!(counted, said, "{sample} {layers} flow {} {column}", flow["flow"]);
                    }
                }
            }
        }
    }
}

#[test]
fn totals_add_up_over_every_capture() {
    let mut captures = crate::support::sample_captures();
    if let Some(shared) = crate::support::shared() {
        captures.extend(crate::support::captures_below(&shared.join("captures")));
    }
    for capture in captures {
        let path = capture.display().to_string();
        let output = crate::support::portscribe(["summary", "-f", "json", "-q", &path]);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{path}: {}", crate::support::stderr(&output));
        let all: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        let sum = |rows: &Json, key: &str| -> u64 {
            rows.as_array().expect("rows").iter().map(|row| row[key].as_u64().expect("a number")).sum()
        };
        let uncounted: u64 = all["uncounted"]
            .as_object()
            .expect("reasons")
            .values()
            .map(|n| n.as_u64().expect("a number"))
            .sum();
        let read = all["packets_read"].as_u64().expect("a number");
        assert_eq!(sum(&all["rows"], "packets") + uncounted, read, "{path}");
        assert_eq!(sum(&all["captures"], "packets"), read, "{path}");
        assert_eq!(
            sum(&all["rows"], "bytes_to_server") + sum(&all["rows"], "bytes_to_client"),
            sum(&all["rows"], "bytes"),
            "{path}"
        );
    }
}

#[test]
fn summaries_by_every_key_have_the_same_totals() {
    let totals = |by: &str| {
        let rows = crate::support::rows(&crate::support::portscribe([
            "summary",
            "-q",
            "-f",
            "csv",
            "--by",
            by,
            "samples/scan.pcap",
        ]));
        ["flows", "packets", "bytes"]
            .map(|column| rows.iter().map(|row| row[column].parse::<u64>().expect("a number")).sum::<u64>())
    };
    for by in [
        "port",
        "server",
        "client",
        "pair",
        "status",
        "range",
        "transport",
        "hour",
        "minute",
        "10s",
        "7d",
        "day",
        "observed",
        "flag",
        "interface",
        "server,service",
        "client,minute,status",
        "flag,range",
    ] {
        assert_eq!(totals(by), totals("service"), "{by}");
    }
}

#[test]
fn a_summary_says_how_many_flows_have_each_flag() {
    for sample in crate::support::sample_captures() {
        let sample = sample.display().to_string();
        let flows = crate::support::rows(&crate::support::portscribe(["flows", "-q", "-f", "csv", &sample]));
        for by in ["service", "status", "pair", "transport"] {
            let rows = crate::support::rows(&crate::support::portscribe([
                "summary", "-q", "-f", "csv", "--by", by, &sample,
            ]));
            let mut counted = std::collections::BTreeMap::new();
            for row in &rows {
                let counts: Vec<(&str, u64)> = row["flag_flows"]
                    .split_whitespace()
                    .map(|part| part.split_once('=').expect("a count"))
                    .map(|(flag, flows)| (flag, flows.parse().expect("a number")))
                    .collect();
                let flags: Vec<&str> = counts.iter().map(|&(flag, _)| flag).collect();
                assert_eq!(flags.join(" "), row["flags"], "{sample} by {by}");
                let of_row: u64 = row["flows"].parse().expect("a number");
                for (flag, flows) in counts {
                    assert!((1..=of_row).contains(&flows), "{sample} by {by}: {flag}={flows}");
                    *counted.entry(flag.to_owned()).or_insert(0) += flows;
                }
            }
            for flag in Flag::ALL.map(Flag::name) {
                let expected =
                    flows.iter().filter(|row| row["flags"].split(' ').any(|one| one == flag)).count();
                assert_eq!(
                    counted.get(flag).copied().unwrap_or(0),
                    expected as u64,
                    "{sample} by {by}: {flag}"
                );
            }
        }
    }
    let (_, out, _) = run(&["summary", "samples/scan.pcap", "-f", "ndjson", "--by", "status", "-q"]);
    let row: Json = serde_json::from_str(out.lines().next().expect("a row")).expect("JSON");
    assert_eq!(row["flags"], serde_json::json!(["cleartext", "cleartext-login", "one-way", "refused"]));
    assert_eq!(
        row["flag_flows"],
        serde_json::json!({ "cleartext": 8, "cleartext-login": 1, "one-way": 8, "refused": 7 })
    );
}

#[test]
fn selections_leave_out_what_does_not_match_and_say_how_much() {
    let flows = |options: &[&str]| {
        let fixed = ["flows", "-q", "-f", "csv", "samples"].into_iter().chain(options.iter().copied());
        crate::support::rows(&crate::support::portscribe(fixed))
    };
    let all = flows(&[]).len();
    for status in Status::ALL {
        let selected = flows(&["--status", status.name()]);
        assert!(selected.iter().all(|row| row["status"] == status.name()), "{status}");
    }
    let by_status: usize = Status::ALL.map(|status| flows(&["--status", status.name()]).len()).iter().sum();
    assert_eq!(by_status, all);
    for flag in Flag::ALL {
        let selected = flows(&["--flag", flag.name()]);
        assert!(selected.iter().all(|row| row["flags"].split(' ').any(|word| word == flag.name())), "{flag}");
    }
    assert!(flows(&["--server-port", "80"]).iter().all(|row| row["server_port"] == "80"));
    let of_either = flows(&["--port", "48510"]);
    assert!(of_either.iter().all(|row| row["server_port"] == "48510" || row["client_port"] == "48510"));
    assert!(of_either.iter().any(|row| row["client_port"] == "48510"));
    assert!(flows(&["--service", "WWW"]).iter().all(|row| row["service"] == "http"));
    assert!(!flows(&["--service", "www"]).is_empty());
    assert!(flows(&["--transport", "dccp"]).iter().all(|row| row["transport"] == "dccp"));
    let host = flows(&["--host", "2001:db8::/32"]);
    assert!(!host.is_empty() && host.iter().all(|row| row["client_address"].starts_with("2001:db8:")));
    let two = flows(&["--port", "80", "--port", "443", "--transport", "tcp"]);
    assert_eq!(
        two.len(),
        flows(&["--port", "80"]).len() + flows(&["--port", "443", "--transport", "tcp"]).len()
    );

    let (_, out, _) = run(&["flows", "samples/http.pcap", "-f", "json", "--host", "192.0.2.10"]);
    let all: Json = serde_json::from_str(&out).expect("JSON");
    assert_eq!(all["left_out_by_selection"], serde_json::json!({ "flows": 2, "packets": 20 }));
    let (_, out, _) = run(&["flows", "samples/http.pcap", "-f", "table", "--host", "192.0.2.10"]);
    assert!(out.contains("\n4 of 6 flows selected.\n"), "{out}");
    let (_, out, _) = run(&["packets", "samples/http.pcap", "-f", "table", "--host", "192.0.2.10"]);
    assert!(
        out.contains("\n\n42 of 62 headers selected.\nTimes are of 2026-11-22, UTC.\n67 packets read"),
        "{out}"
    );
    let (_, out, _) = run(&["packets", "samples/http.pcap", "-f", "table"]);
    assert!(out.contains("\n\n62 headers.\nTimes are of 2026-11-22, UTC.\n67 packets read"), "{out}");
}

#[test]
fn a_service_that_nobody_registered_selects_nothing_and_is_named() {
    let said = |args: &[&str]| {
        let (status, _, said) = run(&[args, &["samples/http.pcap", "-f", "json"]].concat());
        assert_eq!(status, 0, "{args:?}");
        said
    };
    let unknown = "portscribe: --service selects no flow: no service is registered under the name `htpps`; the \
                   nearest name is https\n";
    let unknown = format!("{unknown}{HTTP_IN_NO_FLOW}");
    for command in ["flows", "packets", "summary"] {
        assert_eq!(said(&[command, "--service", "htpps", "--service", "WWW"]), unknown);
        assert_eq!(said(&[command, "--service", "htpps", "--quiet"]), "");
        assert_eq!(
            said(&[command, "--service", "wireguard", "--overlay", "common"]),
            format!(
                "{HTTP_IN_NO_FLOW}portscribe: no flow is selected; service has the value http (6 flows)\n"
            )
        );
    }
}

#[test]
fn a_time_window_counts_what_lies_outside() {
    let rows = crate::support::rows(&crate::support::portscribe([
        "packets",
        "-q",
        "-f",
        "csv",
        "samples/http.pcap",
    ]));
    let since = rows[20]["time"].clone();
    let (_, out, _) = run(&["summary", "samples/http.pcap", "-f", "json", "--since", &since]);
    let all: Json = serde_json::from_str(&out).expect("JSON");
    let outside = all["uncounted"]["outside-window"].as_u64().expect("a number");
    let packets = crate::support::rows(&crate::support::portscribe([
        "packets",
        "-q",
        "-f",
        "csv",
        "samples/http.pcap",
        "--since",
        &since,
    ]));
    assert_eq!(packets[0]["time"], since);
    assert_eq!(packets.len(), rows.len() - 20);
    let until = crate::support::rows(&crate::support::portscribe([
        "packets",
        "-q",
        "-f",
        "csv",
        "samples/http.pcap",
        "--until",
        &since,
    ]));
    assert_eq!(until.len(), 20);
    assert!(outside >= 20);
}

#[test]
fn lookup_answers_ports_and_names() {
    let (status, out, _) = run(&["lookup", "443/tcp", "--format", "csv", "-q"]);
    assert_eq!(status, 0);
    let rows =
        crate::support::rows(&crate::support::portscribe(["lookup", "udp/53", "4739", "-f", "csv", "-q"]));
    let said: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {} {}", row["port"], row["transport"], row["service"], row["status"]))
        .collect();
    assert_eq!(
        said,
        [
            "53 udp domain registered",
            "4739 tcp ipfix registered",
            "4739 udp ipfix registered",
            "4739 sctp ipfix registered",
            "4739 dccp  other-transport",
        ]
    );
    assert!(out.starts_with("query,port,transport,"), "{out}");
    let (status, out, said) = run(&["lookup", "no-such-service", "-f", "csv", "-q"]);
    assert_eq!((status, out.lines().count()), (1, 1));
    assert!(said.contains("no-such-service"), "{said}");
    assert_eq!(run(&["lookup", "70000"]).0, 2);
    assert_eq!(run(&["lookup", "443/foo"]).0, 2);
}

#[test]
fn columns_from_an_older_date_say_so() {
    // 5353/udp has an assignee, which the bundled edition knows from 2015.
    let (_, out, _) = run(&["lookup", "5353/udp", "-f", "table"]);
    assert!(out.contains("2015-07-30"), "{out}");
    let rows = crate::support::rows(&crate::support::portscribe(["lookup", "5353/udp", "-f", "csv", "-q"]));
    assert_eq!(rows[0]["details_as_of"], "2015-07-30");
    let registry = portscribe::registry::Registry::bundled();
    assert_eq!(rows[0]["names_as_of"], registry.edition().expect("a date"));
}

#[test]
fn a_registry_from_a_file_is_used_and_named() {
    let (_, own, _) = run(&["registry", "list", "-f", "csv", "-q"]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("registry.csv");
    std::fs::write(&path, own.replace("\nhttps,443,tcp,", "\nrenamed,443,tcp,")).expect("a file");
    let path = path.display().to_string();
    let rows = crate::support::rows(&crate::support::portscribe([
        "flows",
        "-q",
        "-f",
        "csv",
        "samples/https.pcap",
        "--registry",
        &path,
    ]));
    assert!(rows.iter().any(|row| row["service"] == "renamed"));
    // What was written is the same registry when it is read again.
    let (_, again, _) = run(&["registry", "list", "-f", "csv", "-q", "--registry", &path]);
    assert_eq!(again.replace("\nrenamed,443,tcp,", "\nhttps,443,tcp,"), own);
}

#[test]
fn a_result_file_appears_when_it_is_complete() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flows.csv");
    let name = path.display().to_string();
    let (status, out, _) = run(&["flows", "samples/http.pcap", "-q", "-o", &name]);
    assert_eq!((status, out.as_str()), (0, ""));
    let (_, expected, _) = run(&["flows", "samples/http.pcap", "-q", "-f", "csv"]);
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), expected);
    // A run that fails leaves what stood there, and nothing beside it.
    let (status, ..) = run(&["flows", "samples/no-such-file", "-q", "-o", &name]);
    assert_eq!(status, 4);
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), expected);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    let (status, _, said) = run(&["flows", "samples/http.pcap", "-q", "-o", "no/such/folder/flows.csv"]);
    assert_eq!(status, 4);
    assert_eq!(
        said,
        "portscribe: error: no/such/folder/flows.csv: cannot be created: folder no/such/folder does not exist\n"
    );
}

#[test]
fn a_result_never_takes_the_place_of_a_capture() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("http.pcap");
    std::fs::copy(crate::support::sample("http.pcap"), &path).expect("a copy");
    let before = std::fs::read(&path).expect("a capture");
    let (name, of_folder) = (path.display().to_string(), folder.path().display().to_string());
    for arguments in [
        ["flows", &name, "-o", &name],
        ["packets", &of_folder, "-o", &name],
        ["summary", &name, "-o", &format!("{of_folder}/./http.pcap")],
        ["annotate", &name, "-o", &name],
    ] {
        let (status, out, said) = run(&arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.contains("is one of the captures"), "{said}");
    }
    assert_eq!(std::fs::read(&path).expect("a capture"), before);

    // By another name, and from standard input.
    let link = folder.path().join("link.pcap");
    std::fs::hard_link(&path, &link).expect("a link");
    for command in ["flows", "packets", "summary", "annotate"] {
        let (status, _, said) = run(&[command, &name, "-o", &link.display().to_string()]);
        assert_eq!(status, 2, "{command}: {said}");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .args([command, "-", "-o", &name])
            .stdin(std::fs::File::open(&path).expect("a capture"))
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert_eq!(std::fs::read(&path).expect("a capture"), before, "{command}");
    }
}

#[test]
fn a_result_never_takes_the_place_of_what_it_is_made_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    };
    let out = folder.path().join("review").display().to_string();
    assert_eq!(run(&["review", "samples/http.pcap", "--out", &out, "-q"]).0, 0);
    let worksheet = format!("{out}/worksheet.csv");
    let hosts = file("hosts", b"192.0.2.1 www.example.com\n");
    let overlay = file("local.toml", b"[[service]]\nname = \"x\"\nport = 80\n");
    let zones = file("zones.csv", &std::fs::read("samples/review/zones.csv").expect("zones"));
    let rules = file("fw.json", &std::fs::read("samples/review/ruleset.json").expect("rules"));
    let saved = folder.path().join("saved.csv").display().to_string();
    assert_eq!(run(&["flows", "samples/http.pcap", "-q", "-o", &saved]).0, 0);
    let again = folder.path().join("again").display().to_string();
    let review = ["review", "samples/http.pcap", "--out", &again];
    for (arguments, input) in [
        (vec!["flows", "samples/http.pcap", "--hosts-file", &hosts], &hosts),
        (vec!["annotate", "samples/http.pcap", "--hosts-file", &hosts], &hosts),
        (vec!["summary", "samples/http.pcap", "--overlay", &overlay], &overlay),
        (vec!["diff", &saved, "samples/http.pcap"], &saved),
        ([&review[..], &["--zones", &zones]].concat(), &zones),
        ([&review[..], &["--rules", &rules]].concat(), &rules),
        ([&review[..], &["--approved", &worksheet]].concat(), &worksheet),
    ] {
        let before = std::fs::read(input).expect("an input");
        let (status, out, said) = run(&[&arguments[..], &["-o", input]].concat());
        let expected = format!(
            "portscribe: error: {input}: is read by this command; the result would take its place. Name another file \
             with --output\n"
        );
        assert_eq!((status, out.as_str(), said), (2, "", expected), "{arguments:?}");
        assert_eq!(std::fs::read(input).expect("an input"), before, "{arguments:?}");
    }
}

#[test]
fn no_input_of_any_command_is_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    };
    let registry = folder.path().join("registry.csv").display().to_string();
    assert_eq!(run(&["registry", "export", "-f", "iana-csv", "-q", "-o", &registry]).0, 0);
    let overlay = file("local.toml", b"[[service]]\nname = \"x\"\nport = 80\n");
    let key = file("key", &(0..32).collect::<Vec<u8>>());
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("mine");
    let capture = "samples/http.pcap";
    let read = "is read by this command";
    for (arguments, input, what) in [
        (&["flows", capture, "--anonymize", &key][..], &key, "is the key"),
        (&["packets", capture, "--anonymize", &key], &key, "is the key"),
        (&["summary", capture, "--anonymize", &key], &key, "is the key"),
        (&["annotate", capture, "--anonymize", &key], &key, "is the key"),
        (&["packets", capture, "--registry", &registry], &registry, read),
        (&["explain", capture, "--flow", "1", "--overlay", &overlay], &overlay, read),
        (&["lookup", "80", "--registry", &registry], &registry, read),
        (&["lookup", "80", "--overlay", &overlay], &overlay, read),
        (&["registry", "info", "--registry", &registry], &registry, read),
        (&["registry", "list", "--registry", &registry], &registry, read),
        (&["registry", "list", "--overlay", &overlay], &overlay, read),
        (&["registry", "search", "http", "--registry", &registry], &registry, read),
        (&["registry", "export", "-f", "json", "--registry", &registry], &registry, read),
        (&["registry", "check", &registry], &registry, read),
        (&["registry", "check", "--registry", &registry], &registry, read),
        (&["registry", "diff", &registry, "bundled"], &registry, read),
        (&["registry", "diff", "bundled", &registry], &registry, read),
        (&["registry", "import", "--dry-run", &registry], &registry, read),
    ] {
        let before = std::fs::read(input).expect("an input");
        let link = folder.path().join("link");
        let _ = std::fs::remove_file(&link);
        std::fs::hard_link(input, &link).expect("a second name");
        for output in [input, &link.display().to_string()] {
            let (status, out, said) = run(&[arguments, &["-o", output]].concat());
            let expected = format!(
                "portscribe: error: {input}: {what}; the result would take its place. Name another file with --output\n"
            );
            assert_eq!((status, out.as_str(), said), (2, "", expected), "{arguments:?}");
            assert_eq!(std::fs::read(input).expect("an input"), before, "{arguments:?}");
        }
    }

    // What a review writes has names of its own.
    let out = folder.path().join("review");
    std::fs::create_dir(&out).expect("a folder");
    let zones = std::fs::read("samples/review/zones.csv").expect("zones");
    let rules = std::fs::read("samples/review/ruleset.json").expect("rules");
    let captured = std::fs::read(capture).expect("a capture");
    let folder = out.display().to_string();
    for (name, content, option) in [
        ("review.json", &rules, Some("--rules")),
        ("review.html", &zones, Some("--zones")),
        ("review.nft", &captured, None),
    ] {
        let path = out.join(name);
        std::fs::write(&path, content).expect("a file");
        let path = path.display().to_string();
        let input = match option {
            Some(option) => vec![capture, option, &path],
            None => vec![path.as_str()],
        };
        let all = ["--out", &folder, "--write", "worksheet,json,html,nft"];
        let (status, printed, said) = run(&[&["review"], &input[..], &all].concat());
        let expected = format!(
            "portscribe: error: {path}: is read by this command; the result would take its place. Name another folder \
             with --out\n"
        );
        assert_eq!((status, printed.as_str(), said), (2, "", expected), "{name}");
        assert_eq!(&std::fs::read(&path).expect("an input"), content, "{name}");
        assert_eq!(std::fs::read_dir(&out).expect("a folder").count(), 1, "nothing else is written");
        std::fs::remove_file(&path).expect("a file");
    }
}

#[test]
fn verbose_says_what_was_read() {
    let rows = portscribe::registry::Registry::bundled().len();
    let source = portscribe::registry::Registry::bundled().source().to_owned();
    let of_registry = format!("portscribe: {rows} rows from {source}\n");
    let of_capture = "portscribe: samples/http.pcap: pcap, 67 packets from 2026-11-22T05:12:10.389013000Z to \
                      2026-11-22T05:12:10.631126000Z\n";
    let totals = format!("portscribe: 67 packets read, 62 in flows.\n{HTTP_IN_NO_FLOW}");
    for command in [&["flows"][..], &["flows", "--order", "end"], &["packets"], &["summary"]] {
        let said = |format: &str| run(&[command, &["samples/http.pcap", "-v", "-f", format]].concat()).2;
        assert_eq!(said("table"), format!("{of_registry}{of_capture}{HTTP_IN_NO_FLOW}"), "{command:?}");
        let note = run(&[command, &["samples/http.pcap", "-f", "ndjson"]].concat()).2;
        let note = note.strip_prefix(HTTP_IN_NO_FLOW).expect("packets in no flow");
        assert_eq!(said("ndjson"), format!("{of_registry}{of_capture}{totals}{note}"), "{command:?}");
    }
    let (_, _, said) = run(&["lookup", "443", "-v", "-f", "json", "--overlay", "common"]);
    let names = portscribe::registry::Overlay::common().entries().len();
    assert_eq!(said, format!("{of_registry}portscribe: {names} local names on top\n"));
}

#[test]
fn a_capture_that_is_named_twice_is_pointed_out() {
    let (status, _, said) = run(&["flows", "samples/http.pcap", "samples/http.pcap", "-f", "json"]);
    assert_eq!(status, 0);
    let twice = "portscribe: samples/http.pcap: is named twice, and its packets count twice\n\
                 portscribe: 10 packets in no flow: 4 not-ip (no IP header found), 6 portless (an IP protocol without ports: \
                 icmpv6 6). With --protocols all, flows and summary count 6 of them in flows.\n";
    assert_eq!(said, twice);
}

#[test]
fn help_has_every_option_under_its_heading() {
    for (command, heading) in [
        (&["flows"][..], "\nSelection ("),
        (&["packets"], "\nSelection ("),
        (&["summary"], "\nSelection ("),
        (&["annotate"], "\nSelection ("),
        (&["registry", "list"], "\nFilters ("),
        (&["registry", "search"], "\nFilters ("),
    ] {
        let (_, help, _) = run(&[command, &["--help"]].concat());
        let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{command:?}: {text} in {help}"));
        let headings = [at("\nOptions:"), at("\nRegistry:"), at(heading)];
        for option in ["--format", "--output", "--color", "--quiet", "--verbose"] {
            if !(command == ["annotate"] && matches!(option, "--format" | "--color")) {
                assert!((headings[0]..headings[1]).contains(&at(option)), "{command:?} {option}");
            }
        }
        assert!((headings[1]..headings[2]).contains(&at("--registry <FILE>")), "{command:?}");
        assert!(at("--transport <TRANSPORT>") > headings[2], "{command:?}");
    }
}

#[test]
fn short_help_fits_one_screen_and_has_three_examples() {
    for command in
        ["", "flows", "packets", "summary", "explain", "diff", "report", "annotate", "review", "lookup"]
    {
        let arguments: Vec<&str> = command.split_whitespace().chain(["-h"]).collect();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .args(&arguments)
            .env("COLUMNS", "80")
            .output()
            .expect("the program runs");
        let help = crate::support::stdout(&output);
        assert_eq!(
            (output.status.code(), crate::support::stderr(&output).as_str()),
            (Some(0), ""),
            "{command}"
        );
        let name = if command.is_empty() { "program" } else { command };
        crate::support::snapshot(&format!("help-{name}.txt"), &help);
        assert!(help.lines().count() <= 34, "{command}: {} lines\n{help}", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        let examples = help.split("Examples:\n").nth(1).expect("examples");
        assert_eq!(
            examples
                .lines()
                .take_while(|line| !line.is_empty())
                .filter(|line| line.contains("portscribe "))
                .count(),
            3
        );
        // What is left out is in the other.
        let (_, all, _) = run(&[&arguments[..arguments.len() - 1], &["--help"]].concat());
        assert!(all.lines().count() > help.lines().count(), "{command}");
    }
}

#[test]
fn the_manual_explains_every_word_of_results() {
    let (_, page, _) = run(&["man"]);
    for word in Flag::ALL.map(Flag::name).into_iter().chain(Status::ALL.map(Status::name)) {
        assert!(page.contains(&format!("\n\\fB{}\\fR\n", word.replace('-', "\\-"))), "{word}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("man1");
    assert_eq!(run(&["man", "--out", out.to_str().expect("a path")]), (0, String::new(), String::new()));
    let mut names: Vec<String> = std::fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "portscribe-annotate.1",
            "portscribe-completions.1",
            "portscribe-config.1",
            "portscribe-diff.1",
            "portscribe-explain.1",
            "portscribe-flows.1",
            "portscribe-lookup.1",
            "portscribe-man.1",
            "portscribe-merge.1",
            "portscribe-packets.1",
            "portscribe-registry-check.1",
            "portscribe-registry-diff.1",
            "portscribe-registry-export.1",
            "portscribe-registry-import.1",
            "portscribe-registry-info.1",
            "portscribe-registry-list.1",
            "portscribe-registry-search.1",
            "portscribe-registry-update.1",
            "portscribe-registry.1",
            "portscribe-report.1",
            "portscribe-review.1",
            "portscribe-schema.1",
            "portscribe-sql.1",
            "portscribe-summary.1",
            "portscribe.1",
        ]
    );
    for (name, command) in
        [("portscribe", ""), ("portscribe-flows", "flows"), ("portscribe-registry-list", "registry list")]
    {
        let page = std::fs::read_to_string(out.join(format!("{name}.1"))).expect("a page");
        let arguments: Vec<&str> = ["man"].into_iter().chain(command.split_whitespace()).collect();
        assert_eq!(run(&arguments), (0, page.clone(), String::new()), "{name}");
        assert!(page.contains(&format!("\n.SH NAME\n{} \\- ", name.replace('-', "\\-"))), "{page}");
    }
    let (_, page, _) = run(&["man", "registry", "update"]);
    assert!(page.contains("\\fB\\-\\-rollback\\fR"), "{page}");
    for (arguments, message) in [
        (&["man", "flow"][..], "no command `portscribe flow`; the nearest is `flows`"),
        (&["man", "flows", "x"], "no command `portscribe flows x`; `portscribe flows --help` lists them"),
        (&["man", "where"], "no command `portscribe where`; `portscribe --help` lists them"),
    ] {
        assert_eq!(run(arguments), (2, String::new(), format!("portscribe: error: {message}\n")));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["registry", "list", "-f", "csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!((output.status.code(), crate::support::stderr(&output).as_str()), (Some(0), ""));
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_asked_for_and_cannot_be_written_is_an_error() {
    use std::process::{Command, Stdio};
    for arguments in
        [&["--help"][..], &["-h"], &["--version"], &["help", "flows"], &["flows", "--help"], &["man"]]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
        let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .args(arguments)
            .stdout(Stdio::from(full))
            .output()
            .expect("the program runs");
        let said = "portscribe: error: the result cannot be written: No space left on device (os error 28)\n";
        assert_eq!(
            (output.status.code(), crate::support::stderr(&output).as_str()),
            (Some(4), said),
            "{arguments:?}"
        );
    }
}

#[test]
fn nothing_calls_a_registration_good() {
    for arguments in [
        &["flows", "samples", "-f", "table"][..],
        &["summary", "samples", "-f", "table"],
        &["lookup", "443", "23", "44515", "-f", "table"],
        &["--help"],
    ] {
        let (_, out, _) = run(arguments);
        let text = out.to_lowercase();
        for word in [" safe", " allowed", " malicious", " suspicious"] {
            assert!(!text.contains(word), "{arguments:?} says{word}");
        }
    }
}
