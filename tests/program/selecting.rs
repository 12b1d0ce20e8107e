//! Which flows are selected: conditions, lists, exclusion, and what is said where nothing is.

use std::collections::BTreeSet;

use portscribe::registry::Registry;
use portscribe::report::{Field, Holds, Value, flows};
use portscribe::traffic::{
    Column, Expression, Kind, LabelledFlow, ReadSettings, Reading, Selection, Tally, Traffic,
};

use crate::support::{portscribe, rows, sample_captures, stderr, stdout};

/// The flows of all samples, with those of protocols without ports.
fn traffic() -> Traffic {
    let mut settings = ReadSettings::default();
    settings.flow.protocols = portscribe::flow::ProtocolChoice::All;
    let mut reading = Reading::new(settings);
    for capture in sample_captures() {
        // Some are damaged on purpose.
        let _ = reading.read_file(capture);
    }
    reading.finish()
}

/// A value as it is written in a condition.
fn words(field: &Field, value: &Value) -> Vec<String> {
    let quoted = |text: &str| (!text.contains('"')).then(|| format!("\"{text}\""));
    match value {
        Value::Number(number) => vec![number.to_string()],
        Value::Duration(nanoseconds) => vec![format!("{nanoseconds}ns")],
        Value::Time(time) => vec![time.to_string()],
        Value::Address(address) => vec![address.to_string()],
        Value::Text(text) if field.name == "vlan" => vec![text.clone().into_owned()],
        Value::Text(text) => quoted(text).into_iter().collect(),
        Value::List(list) => list.iter().filter_map(|text| quoted(text)).collect(),
        Value::Foreign(text) => quoted(text.raw()).into_iter().collect(),
        Value::Names(list) => list.iter().filter_map(|text| quoted(text.raw())).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_column_of_flows_is_compared_by_what_it_holds() {
    for field in flows::COLUMNS {
        let Some(column) = Column::of_name(field.name) else {
            assert!(
                ["capture", "first_frame", "notes"].contains(&field.name),
                "{} has no conditions",
                field.name
            );
            continue;
        };
        let fits = match field.holds {
            Holds::Text | Holds::CommunityId => {
                matches!(column.kind, Kind::Text) || matches!(column.name, "vlan" | "observed" | "protocol")
            }
            Holds::Word(words) => column.kind == Kind::Word(words),
            Holds::Integer(_, Some("bytes")) => column.kind == Kind::Size,
            Holds::Integer(..) if field.name.ends_with("_port") => column.kind == Kind::Port,
            Holds::Integer(..) => column.kind == Kind::Number,
            Holds::Duration => column.kind == Kind::Duration,
            Holds::Time => column.kind == Kind::Time,
            Holds::Address => column.kind == Kind::Address,
            Holds::Texts => column.kind == Kind::Text,
            Holds::Flags => matches!(column.kind, Kind::Word(_)),
            other => panic!("{}: {}", field.name, other.name()),
        };
        assert!(fits, "{}: {:?} and {:?}", field.name, column.kind, field.holds);
    }
    // What is no column of flows says what it means.
    for column in Column::all() {
        let is_of_flows = flows::COLUMNS.iter().any(|field| field.name == column.name);
        assert_eq!(column.about.is_none(), is_of_flows, "{}", column.name);
    }
}

#[test]
fn conditions_select_by_the_values_that_results_have() {
    let (traffic, registry) =
        (traffic(), Registry::bundled().with_overlay(portscribe::registry::Overlay::common()));
    let labelled = traffic.label(&registry);
    let all: Vec<LabelledFlow> = labelled.rows().collect();
    let values: Vec<Vec<Value>> =
        all.iter().map(|row| flows::values(row, traffic.place(row.flow.first_packet())).to_vec()).collect();
    let mut compared = 0;
    for (n, field) in flows::COLUMNS.iter().enumerate() {
        let name = field.name;
        if Column::of_name(name).is_none() {
            continue;
        }
        let selected = |condition: &str| -> Vec<bool> {
            let expression: Expression =
                condition.parse().unwrap_or_else(|error| panic!("{condition}: {error}"));
            all.iter().map(|row| expression.selects(row)).collect()
        };
        let known: Vec<bool> = values.iter().map(|row| row[n] != Value::Unknown).collect();
        assert_eq!(selected(&format!("{name} is known")), known, "{name}");
        assert_eq!(
            selected(&format!("{name} is unknown")),
            known.iter().map(|known| !known).collect::<Vec<_>>(),
            "{name}"
        );
        let distinct: BTreeSet<String> = values.iter().flat_map(|row| words(field, &row[n])).collect();
        for word in distinct {
            // Several tunnels, tags or interfaces are one text in results, and several values in conditions.
            if matches!(name, "tunnel" | "vlan" | "interface") && word.contains(['>', '/', '.', ',']) {
                continue;
            }
            let has = |row: &Vec<Value>| {
                words(field, &row[n]).iter().any(|one| one.eq_ignore_ascii_case(&word))
                    // One of several.
                    || matches!(name, "tunnel" | "vlan" | "interface")
                        && words(field, &row[n]).iter().any(|one| {
                            let word = word.trim_matches('"');
                            one.trim_matches('"').split(['>', '/', '.']).any(|part| part == word)
                        })
            };
            let expected: Vec<bool> = values.iter().map(has).collect();
            assert_eq!(selected(&format!("{name} = {word}")), expected, "{name} = {word}");
            let others: Vec<bool> =
                expected.iter().zip(&known).map(|(is_it, known)| *known && !is_it).collect();
            for negated in ["{name} != {word}", "not {name} = {word}", "{name} not in ({word}, {word})"] {
                let condition = negated.replace("{name}", name).replace("{word}", &word);
                assert_eq!(selected(&condition), others, "{condition}");
            }
            compared += 1;
        }
    }
    assert!(compared > 1000, "{compared} values");
}

#[test]
fn order_is_that_of_numbers_times_and_durations() {
    let (traffic, registry) = (traffic(), Registry::bundled());
    let labelled = traffic.label(&registry);
    let count = |condition: &str| {
        let expression: Expression = condition.parse().expect(condition);
        labelled.rows().filter(|row| expression.selects(row)).count()
    };
    let all = labelled.rows().count();
    for (less, rest) in [
        ("bytes < 1000", "bytes >= 1000"),
        ("bytes <= 1k", "bytes > 1000B"),
        ("packets < 3", "packets >= 3"),
        ("duration < 10ms", "duration >= 0.01"),
        ("first_seen < 2026-11-22", "first_seen >= 2026-11-22"),
        ("first_seen <= 2026-11-22", "first_seen > 2026-11-22"),
        ("bytes in 0-1k", "not bytes in 0..1000"),
        ("host in 192.0.2.0/24", "host not in (192.0.2.0-192.0.2.255)"),
    ] {
        assert_eq!(count(less) + count(rest), all, "{less}");
        assert!(count(less) > 0 && count(rest) > 0 || less.starts_with("first_seen"), "{less}");
    }
    // A port is not known where there is none.
    assert_eq!(
        count("server_port < 1024") + count("server_port >= 1024") + count("server_port is unknown"),
        all
    );
    assert_eq!(count("status = portless"), count("server_port is unknown"));
    // Either end, and neither.
    assert_eq!(count("port = 53") + count("port != 53") + count("port is unknown"), all);
    assert_eq!(count("port = 53"), count("client_port = 53 or server_port = 53"));
    assert_eq!(count("server_port = http"), count("services = http and transport is known"));
    assert_eq!(count("server_port = 80/tcp"), count("server_port = 80 and transport = tcp"));
    assert_eq!(count("service ~ TTP"), count("service in (http, http-alt, https, pcsync-https)"));
    // Three values: what is not known is neither.
    let known = count("observed is known");
    assert_eq!(count("observed = HTTP") + count("observed != HTTP"), known);
    assert_eq!(count("observed = HTTP or not observed = HTTP"), known);
    assert_eq!(count("observed = HTTP or bytes >= 0"), all);
    assert_eq!(count("observed = HTTP and bytes < 0 or not (observed = HTTP and bytes < 0)"), all);
    // `not` binds first, then `and`, then `or`; `&&`, `||` and `!` are the same words.
    let one = count("not transport = tcp and packets > 1 or status = reserved");
    assert_eq!(one, count("((not (transport = tcp)) and packets > 1) or (status = reserved)"));
    assert_eq!(one, count("! transport == tcp && packets > 1 || status = reserved"));
}

#[test]
fn a_flow_is_judged_without_allocation() {
    let (traffic, registry) = (traffic(), Registry::bundled());
    let labelled = traffic.label(&registry);
    let all: Vec<LabelledFlow> = labelled.rows().collect();
    let mut text =
        String::from("bytes >= 0 and not port in (1, 2, 3-4, http, 5/udp) and not server in 10.9.0.0/16");
    for column in Column::all() {
        // Their texts are made for the flow that is asked.
        if matches!(column.name, "description" | "community_id" | "service_code") {
            continue;
        }
        let condition = match column.kind {
            Kind::Text => format!("({0} ~ zz or {0} = zzz or {0} is unknown)", column.name),
            Kind::Word(words) => format!("({} = \"{}\" or {0} is known)", column.name, words[0]),
            _ => format!("({0} is unknown or {0} is known)", column.name),
        };
        text = format!("{text} or {condition}");
    }
    let selection = Selection::of([text.parse().expect("a condition")]);
    let mut tally = Tally::new(&selection);
    let mut selected = 0;
    let allocated = allocation_counter::measure(|| {
        for row in &all {
            selected += u64::from(tally.takes(row));
        }
    });
    assert_eq!(allocated.count_total, 0, "{} flows", all.len());
    assert_eq!((tally.selected(), tally.left_out()), (selected, all.len() as u64 - selected));
    assert!(selected > 0);
}

#[test]
fn errors_point_at_the_word() {
    for (condition, message, place) in [
        ("", "the expression ends where a column is expected", ""),
        ("sevrer = 10.0.0.1", "unknown column `sevrer`; did you mean server?", "sevrer"),
        (
            "bytes > 1M and prot = 80",
            "unknown column `prot`; did you mean protocol or protocol_number?",
            "prot",
        ),
        ("xyzzy = 1", "unknown column `xyzzy`", "xyzzy"),
        (
            "capture = a.pcap",
            "`capture` says where a flow begins: name the captures to be read instead",
            "capture",
        ),
        ("flows > 3", "`flows` is counted over several flows, and each flow is selected before", "flows"),
        (
            "src_port = 3",
            "`src_port` is of packets, and flows are selected: see `host`, `port`, `client` and `server`",
            "src_port",
        ),
        (
            "port ~ 80",
            "`port` is a port, which `~` does not compare; use `=`, `!=`, `<`, `<=`, `>`, `>=`, `in`",
            "~",
        ),
        ("server > 10.0.0.1", "`server` is an address, which `>` does not compare; use `=`, `!=`, `in`", ">"),
        (
            "server_port = \"web server\"",
            "`server_port`: `web server` is not a port; use 443, 8000-8080, 443/tcp or https",
            "\"web server\"",
        ),
        (
            "server_port = 70000",
            "`server_port`: `70000` is not a port; use 443, 8000-8080, 443/tcp or https",
            "70000",
        ),
        (
            "bytes_to_server > bytes_to_client",
            "`bytes_to_server`: `bytes_to_client` is not a number of bytes; use 1500, 10k, 1.5M, 2GiB or 1k-10k; \
             a column is compared with a value, not with a column",
            "bytes_to_client",
        ),
        ("status = unasigned", "`status`: unknown word `unasigned`; did you mean unassigned?", "unasigned"),
        ("observed = ssh", "`observed`: unknown word `ssh`; did you mean SSH 2 or SSH 1?", "ssh"),
        ("transport = x", "`transport`: unknown word `x`; use one of tcp, udp, sctp, dccp, udplite", "x"),
        ("duration = 5 minutes", "expected `and`, `or` or the end", "minutes"),
        ("port = (80, 443)", "expected one value; `in` takes a list", "("),
        ("port in (80 443)", "expected `,` or `)`", "443"),
        (
            "port in (80,",
            "the expression ends where a port (443, 8000-8080, 443/tcp or https) is expected",
            "",
        ),
        ("port 80", "expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `is` after `port`", "80"),
        ("(port = 80", "this parenthesis is not closed", "("),
        ("port = 80)", "expected `and`, `or` or the end", ")"),
        ("(port = 80 bytes = 1)", "expected `and`, `or` or `)`", "bytes"),
        ("service = \"http", "no closing \"", "\"http"),
        ("service is http", "expected `known` or `unknown`", "http"),
        ("\"port\" = 80", "expected a column", "\"port\""),
        ("and", "unknown column `and`", "and"),
        ("port = 80 and", "the expression ends where a column is expected", ""),
        (
            "server = здесь",
            "`server`: `здесь` is not an address; use 192.0.2.7, 192.0.2.0/24 or \
          192.0.2.7-192.0.2.20",
            "здесь",
        ),
    ] {
        let error = condition.parse::<Expression>().expect_err(condition);
        assert_eq!((error.message.as_str(), &condition[error.at.clone()]), (message, place), "{condition}");
        let shown = error.to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[lines.len() - 2], format!("  {condition}"));
        let mark = lines[lines.len() - 1];
        assert_eq!(mark.trim_start().chars().count(), place.chars().count().max(1), "{shown}");
        if !place.is_empty() {
            let before: String = condition.chars().take(mark.find('^').expect("a mark") - 2).collect();
            assert!(condition[before.len()..].starts_with(place), "{shown}");
        }
    }
    let deep = |levels: usize| format!("{}port = 80{}", "(".repeat(levels), ")".repeat(levels));
    assert!(deep(64).parse::<Expression>().is_ok());
    let error = deep(65).parse::<Expression>().expect_err("too deep");
    assert_eq!(error.message, "expected at most 64 levels of parentheses and `not`");
    let many = format!("port = 80{}", " or bytes > 1".repeat(20_000));
    assert!(many.parse::<Expression>().is_ok());
    for levels in [65, 100_000] {
        assert!(format!("{}port = 80", "not ".repeat(levels)).parse::<Expression>().is_err());
    }
    // No text makes it fail otherwise.
    let mut random = crate::support::Random(18);
    let pieces =
        ["port", "=", "(", ")", "in", "and", "not", "80", ",", "\"", "'", "~", " ", "é", "is", "&&", "|"];
    for _ in 0..20_000 {
        let text: String =
            (0..random.below(12)).map(|_| pieces[random.below(pieces.len() as u64) as usize]).collect();
        if let Err(error) = text.parse::<Expression>() {
            assert!(text.get(error.at).is_some(), "{text}");
        }
    }
}

/// The numbers of the flows of a capture that are selected.
fn numbers(arguments: &[&str]) -> Vec<String> {
    let output = portscribe([&["flows", "-q", "-f", "csv"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    rows(&output).into_iter().map(|mut row| row.remove("flow").expect("a number")).collect()
}

#[test]
fn options_take_lists_and_leave_out() {
    let scan = |options: &[&str]| numbers(&[&["samples/scan.pcap"], options].concat());
    for (options, condition) in [
        (&["--port", "80,443"][..], "port in (80, 443)"),
        (&["--port", "80", "--port", "443"], "port = 80 or port = 443"),
        (&["--port", "!80,!443"], "not port in (80, 443)"),
        (&["--port", "!80", "--port", "!443"], "port != 80 and port != 443"),
        (&["--port", "1-1000", "--port", "!80"], "port in 1-1000 and port != 80"),
        (&["--port", "80/tcp,500/udp"], "port in (80/tcp, 500/udp)"),
        (&["--port", "http"], "port = http"),
        (&["--port", "http", "--transport", "!udp"], "server_port = 80/tcp"),
        (&["--server-port", "44000-50000"], "server_port >= 44000 and server_port <= 50000"),
        (&["--host", "192.0.2.0/24"], "client in 192.0.2.0/24 or server in 192.0.2.0/24"),
        (&["--host", "!192.0.2.0/24"], "host not in 192.0.2.0/24"),
        (&["--client", "192.0.2.10"], "client = 192.0.2.10"),
        (&["--server", "!192.0.2.0-198.51.100.20"], "server != 192.0.2.0-198.51.100.20"),
        (&["--service", "www,domain"], "services in (www, domain)"),
        (&["--status", "reserved,unassigned"], "status = reserved or status = unassigned"),
        (&["--flag", "!one-way,!refused"], "not flag in (one-way, refused)"),
        (&["--agreement", "!not-captured"], "agreement != not-captured"),
        (&["--protocol", "!tcp"], "protocol != tcp"),
        (&["--where", "bytes > 80", "--where", "packets < 3"], "bytes > 80 and packets < 3"),
        (&["--where", "port = 80 or port = 443", "--status", "registered"], "port in (80, 443)"),
    ] {
        let (by_options, by_condition) = (scan(options), scan(&["--where", condition]));
        assert_eq!(by_options, by_condition, "{options:?}");
        assert!(!by_options.is_empty() || options[1].starts_with('!'), "{options:?}");
    }
    for (options, said) in [
        (
            ["--port", "80,http?"],
            "error: invalid value '80,http?' for '--port <PORT>': `http?` is not a port; use 443, 8000-8080, 443/tcp or \
             https\n  80,http?\n     ^^^^^\n\nFor more information, try '--help'.\n",
        ),
        (
            ["--port", "!53,123"],
            "error: invalid value '!53,123' for '--port <PORT>': `!` leaves out one value: write it before all of them, \
             or give the option twice\n\nFor more information, try '--help'.\n",
        ),
        (
            ["--observed", "silent"],
            "error: invalid value 'silent' for '--observed <PROTOCOL>': `silent` is not a protocol, but a value \
             of --agreement: use --agreement silent\n\nFor more information, try '--help'.\n",
        ),
        (
            ["--observed", "ssh"],
            "error: invalid value 'ssh' for '--observed <PROTOCOL>': unknown word `ssh`; did you mean SSH 2 or SSH 1?\n\n\
             For more information, try '--help'.\n",
        ),
        (
            ["--where", "bytes > big"],
            "error: invalid value 'bytes > big' for '--where <EXPRESSION>': `bytes`: `big` is not a number of bytes; use \
             1500, 10k, 1.5M, 2GiB or 1k-10k\n  bytes > big\n          ^^^\n`portscribe help where` lists columns and \
             operators\n\nFor more information, try '--help'.\n",
        ),
    ] {
        let output = portscribe([&["flows", "samples/scan.pcap"], &options[..]].concat());
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(2), said));
    }
}

#[test]
fn every_command_selects_the_same_flows() {
    let condition = "bytes > 1k and not service in (smtp, ssh)";
    let captures = ["samples/scan.pcap", "samples/ssh.pcap", "samples/smtp.pcap", "samples/http.pcap"];
    let of = |arguments: &[&str]| {
        let output =
            portscribe([arguments, &["-q", "-f", "csv", "--where", condition], &captures[..]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        rows(&output)
    };
    let sum = |rows: &[std::collections::HashMap<String, String>], columns: &[&str]| -> u64 {
        rows.iter()
            .flat_map(|row| columns.iter().map(|column| row[*column].parse::<u64>().expect("a number")))
            .sum()
    };
    let all = of(&["flows"]);
    assert!(all.len() > 3);
    let packets = sum(&all, &["packets_to_server", "packets_to_client"]);
    for more in
        [&["flows", "--threads", "1"][..], &["flows", "--threads", "4"], &["flows", "--flows-in-memory", "2"]]
    {
        assert_eq!(of(more), all, "{more:?}");
    }
    let mut ended = of(&["flows", "--order", "end"]);
    ended.sort_by_key(|row| row["flow"].parse::<u64>().expect("a number"));
    let ids = |rows: &[std::collections::HashMap<String, String>]| -> BTreeSet<String> {
        rows.iter().map(|row| row["community_id"].clone()).collect()
    };
    assert_eq!(ids(&ended), ids(&all));
    assert_eq!(of(&["packets"]).len() as u64, packets);
    for by in ["service", "server", "hour"] {
        let totals = of(&["summary", "--by", by]);
        assert_eq!(sum(&totals, &["flows"]), all.len() as u64);
        assert_eq!(sum(&totals, &["packets"]), packets);
    }
    assert_eq!(of(&["summary", "--flows-in-memory", "2"]), of(&["summary"]));
    let refused = portscribe(["review", "samples/http.pcap", "--out", "no", "--where", "port = 80"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("a review is about all flows"), "{}", stderr(&refused));
}

#[test]
fn where_nothing_is_selected_the_nearest_is_named() {
    let said = |options: &[&str]| {
        let output = portscribe([&["flows", "samples/scan.pcap", "-f", "json"], options].concat());
        (output.status.code(), stderr(&output).lines().last().unwrap_or_default().to_owned())
    };
    let port = "portscribe: no flow is selected; 10 flows have `--server-port 48510` as client_port";
    assert_eq!(said(&["--server-port", "48510"]), (Some(0), port.to_owned()));
    assert_eq!(said(&["--server-port", "48510", "--fail-if-empty"]), (Some(1), port.to_owned()));
    let all_but = "portscribe: no flow is selected; 1 flow meets all but `status = reserved`; 1 flow meets all but \
                   `flag = unauthorized-use`";
    assert_eq!(
        said(&["--where", "status = reserved and flag = unauthorized-use"]),
        (Some(0), all_but.to_owned())
    );
    assert_eq!(said(&["--where", "bytes > 1G"]), (Some(0), "portscribe: no flow is selected".to_owned()));
    assert_eq!(said(&["--where", "bytes > 1G", "-q"]), (Some(0), String::new()));
    assert_eq!(
        said(&["--client", "198.51.100.20", "--server-port", "80"]).1,
        "portscribe: no flow is selected; 1 flow has `--client 198.51.100.20` as server_address"
    );
    for command in [&["flows", "--order", "end"][..], &["packets"], &["summary"]] {
        let options = ["samples/scan.pcap", "-f", "csv", "--server-port", "48510", "--fail-if-empty"];
        let output = portscribe([command, &options].concat());
        assert_eq!(
            (output.status.code(), stderr(&output).lines().last()),
            (Some(1), Some(port)),
            "{command:?}"
        );
        let output = portscribe([command, &["samples/scan.pcap", "-q", "--fail-if-empty"]].concat());
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn a_port_at_the_client_is_told() {
    let output = portscribe(["flows", "samples/scan.pcap", "-f", "json", "--port", "48510"]);
    let told = "portscribe: 10 flows have the port at the client (--server-port asks for the server's)";
    assert_eq!((output.status.code(), stderr(&output).lines().last()), (Some(0), Some(told)));
}

#[test]
fn a_misspelt_service_is_named_in_every_place() {
    let said = |options: &[&str]| {
        let output = portscribe([&["flows", "samples/http.pcap", "-f", "json"], options].concat());
        stderr(&output).lines().next().unwrap_or_default().to_owned()
    };
    let unknown = "no service is registered under the name `htpps`; the nearest name is https";
    assert_eq!(said(&["--port", "htpps"]), format!("portscribe: --port selects no flow: {unknown}"));
    assert_eq!(said(&["--service", "!htpps"]), format!("portscribe: --service: {unknown}"));
    assert_eq!(said(&["--where", "port = htpps"]), format!("portscribe: --where: {unknown}"));
    assert_eq!(
        said(&["--where", "observed = TLS", "--no-payload"]),
        "portscribe: --where: observed is unknown with --no-payload"
    );
}

#[test]
fn the_page_on_conditions_is_in_the_help_and_in_the_documentation() {
    let help = portscribe(["help", "where"]);
    let page = stdout(&help);
    assert_eq!(page, stdout(&portscribe(["where"])));
    assert!(page.lines().all(|line| line.chars().count() < 80), "{page}");
    for column in Column::all() {
        assert!(page.lines().any(|line| line.starts_with(&format!("  {} ", column.name))), "{}", column.name);
    }
    let path = crate::support::samples().join("../docs/selecting.md");
    let docs = std::fs::read_to_string(&path).expect("docs/selecting.md");
    let (before, rest) = docs.split_once("```text\n").expect("the page");
    let (_, after) = rest.split_once("```\n").expect("its end");
    let made = format!("{before}```text\n{}\n```\n{after}", page.trim_end());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("docs/selecting.md");
    }
    assert_eq!(made, docs);
}
