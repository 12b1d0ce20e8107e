//! `report`: one page to read and to hand on.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

use base64::Engine as _;
use serde_json::{Value as Json, json};

use crate::support::{portscribe, sample, stderr, stdout};

fn capture(name: &str) -> String {
    sample(name).to_str().expect("a path").to_owned()
}

fn page(arguments: &[&str]) -> String {
    let output = portscribe([&["report", "-q"], arguments].concat());
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{arguments:?}");
    stdout(&output)
}

/// The columns of the table's data: a value for each row, words in place of their numbers, times since 1970.
fn columns(page: &str) -> BTreeMap<String, Vec<Json>> {
    let begin = "<script id=\"data\" type=\"application/gzip\">";
    let data = page.split(begin).nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
    let packed = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("gzip");
    let data: Json = serde_json::from_str(&text).expect("JSON");
    let rows = data["rows"].as_u64().expect("a number") as usize;
    let of = |column: &Json| {
        let mut last = 0;
        let same = || vec![column["same"].clone(); rows];
        let values = column["values"].as_array().cloned().unwrap_or_else(same).into_iter();
        let value = |value: Json| match (column["kind"].as_str(), value.as_i64()) {
            (Some("word"), Some(place)) => column["words"][place as usize].clone(),
            (Some("growing"), Some(more)) => {
                last += more;
                json!(last)
            }
            _ => value,
        };
        values.map(value).collect::<Vec<_>>()
    };
    let columns = data["columns"].as_object().expect("columns");
    columns.iter().map(|(name, column)| (name.clone(), of(column))).collect()
}

#[test]
fn the_table_holds_what_flows_lists() {
    let capture = capture("http.pcap");
    let columns = columns(&page(&[&capture]));
    let listed = portscribe(["flows", "-q", "-f", "json", &capture]);
    let listed: Json = serde_json::from_str(&stdout(&listed)).expect("JSON");
    let rows = listed["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 6);
    for name in [
        "flow",
        "client_address",
        "client_port",
        "server_address",
        "server_port",
        "service",
        "status",
        "state",
    ] {
        let expected: Vec<Json> = rows.iter().map(|row| row[name].clone()).collect();
        assert_eq!(columns[name], expected, "{name}");
    }
    let both = |row: &Json, what: &str| {
        row[format!("{what}_to_server")].as_u64().expect(what)
            + row[format!("{what}_to_client")].as_u64().expect(what)
    };
    for what in ["packets", "bytes"] {
        assert_eq!(columns[what], rows.iter().map(|row| json!(both(row, what))).collect::<Vec<_>>());
    }
    let flags = |row: &Json| {
        let flags: Vec<&str> =
            row["flags"].as_array().expect("flags").iter().filter_map(Json::as_str).collect();
        if flags.is_empty() { Json::Null } else { json!(flags.join(" ")) }
    };
    assert_eq!(columns["flags"], rows.iter().map(flags).collect::<Vec<_>>());
    // 2026-11-22T05:12:10.551068Z
    assert_eq!(columns["first_seen"][0], json!(1_795_324_330_551_068_i64));
    assert_eq!(columns["client_network"][0], "192.0.2.0/24");
}

#[test]
fn nothing_is_loaded_and_one_script_may_run() {
    let page = page(&[&capture("http.pcap")]);
    let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for loads in ["http://", "https://", "src=", "url(", "@import", "<link", "<img", "<iframe"] {
        assert!(!page.contains(loads), "{loads}");
    }
    assert_eq!(page.matches("<script").count(), 2, "the data and the script");
    let policy = "default-src 'none'; script-src 'sha256-";
    assert!(page.contains(&format!("http-equiv=\"Content-Security-Policy\" content=\"{policy}")));
    assert!(page.contains("style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""));
}

#[test]
fn the_page_says_what_catches_the_eye_how_much_and_how_it_was_made() {
    let capture = capture("unassigned-port.pcap");
    let page = page(&[&capture, "--where", "server_port = 43500"]);
    let text = page.split("<main>").nth(1).and_then(|rest| rest.split("</main>").next()).expect("a body");
    for part in [
        "port that nobody has registered",
        "<code>--flag unassigned-port</code>",
        "The selection leaves out ",
        &format!("<code>portscribe flows {capture} --where 'server_port = 43500'</code>"),
        "By status of the server's port",
        "IANA registry of ",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn what_lies_outside_of_the_time_asked_for_is_on_no_page() {
    let capture = capture("http.pcap");
    let window = ["--since", "05:12:10.6", "--until", "2026-11-22T05:12:10.65Z"];
    let columns = columns(&page(&[&[&capture[..]], &window[..]].concat()));
    let listed = portscribe([&["flows", "-q", "-f", "json", &capture], &window[..]].concat());
    let listed: Json = serde_json::from_str(&stdout(&listed)).expect("JSON");
    let ports: Vec<Json> =
        listed["rows"].as_array().expect("rows").iter().map(|row| row["client_port"].clone()).collect();
    assert_eq!(columns["client_port"], ports);
    assert!(!ports.is_empty() && ports.len() < 6, "{ports:?}");
}

#[test]
fn zones_take_the_place_of_networks() {
    let zones = "samples/review/zones.csv";
    let page = page(&["samples/review/users.pcap", "--zones", zones]);
    for part in [
        "<h2>Between zones</h2>",
        "Bytes from clients' zones to servers' zones and back",
        "Zones are those of --zones; an address that none of their networks holds lies in one that is built in",
        "[[&quot;client_zone&quot;,&quot;=&quot;,&quot;users&quot;],[&quot;server_zone&quot;,&quot;=&quot;,&quot;servers&quot;]",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let columns = columns(&page);
    assert!(!columns.contains_key("client_network"));
    // The zones that the file has networks of, and one that is built in.
    let networks: Vec<(ipnet::IpNet, &str)> = include_str!("../../samples/review/zones.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(','))
        .map(|mut cells| {
            let (zone, network) = cells.next().zip(cells.next()).expect("two cells");
            (network.parse().expect("a network"), zone)
        })
        .collect();
    let zone = |address: &Json| -> &str {
        let address: std::net::IpAddr = address.as_str().expect("text").parse().expect("an address");
        networks
            .iter()
            .find(|(network, _)| network.contains(&address))
            .map_or("documentation", |(_, zone)| zone)
    };
    for side in ["client", "server"] {
        let of_side = &columns[&format!("{side}_address")];
        let expected: Vec<Json> = of_side.iter().map(|one| json!(zone(one))).collect();
        assert_eq!(columns[&format!("{side}_zone")], expected);
    }
    let refused = portscribe(["report", "samples/http.pcap", "--zones", zones, "--anonymize", "key"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_page_of_no_flows_says_so() {
    let page = page(&[&capture("http.pcap"), "--port", "9"]);
    assert!(page.contains("There are no flows, so that nothing was looked at."));
    assert_eq!(columns(&page)["flow"], Vec::<Json>::new());
}

#[test]
fn a_page_has_a_name_that_says_so_and_no_other_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let capture = capture("http.pcap");
    let refused = |arguments: &[&str]| {
        let output = portscribe([&["report", &capture], arguments].concat());
        (output.status.code(), stderr(&output))
    };
    let csv = path("x.csv");
    assert_eq!(
        refused(&["-o", &csv]),
        (
            Some(2),
            format!(
                "portscribe: error: {csv}: a report is a page of HTML: name it .html or .htm, also with .gz or .zst behind\n"
            )
        )
    );
    assert_eq!(
        refused(&["-f", "csv"]),
        (
            Some(2),
            "portscribe: error: a report is a page of HTML: leave --format csv out, or ask for `summary` or `flows`\n"
                .to_owned()
        )
    );
    let packed = path("x.html.gz");
    assert_eq!(refused(&["-q", "-o", &packed]), (Some(0), String::new()));
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(fs::File::open(&packed).expect("a file"))
        .read_to_string(&mut unpacked)
        .expect("gzip");
    assert_eq!(unpacked.replace(&packed, ""), page(&[&capture]));
}

#[test]
fn hidden_addresses_and_names_are_nowhere_on_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    fs::write(&key, "5bd1b2a9c7f04e3d8a6f1c2e9b7d4a60f3e5c8d7b6a9182736455463728190af").expect("a key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("rights");
    }
    let capture = capture("http.pcap");
    let page = page(&[&capture, "--anonymize", key.to_str().expect("a path")]);
    let columns = columns(&page);
    assert_eq!(columns["flow"].len(), 6);
    for original in ["192.0.2.", "198.51.100.", "http.pcap"] {
        assert!(!page.contains(original), "{original}");
        let is_there = columns.values().flatten().any(|value| value.to_string().contains(original));
        assert!(!is_there, "{original}");
    }
}
