//! Text from outside goes nowhere as it is: payloads in every field of every input and in the words of the
//! command line, and every output of every command looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portscribe::Transport::Udp;
use portscribe::review::approved::MACHINE;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::packet::ip;
use crate::support::pcapng::{RAW, block, named, packet_of, section, write};
use crate::support::sample;

/// Behind every payload: what a terminal obeys, what turns the direction of writing, and what does not show.
const HIDDEN: &str = "\x1b]0;PWNED\x07\x1b[31m\u{9b}2J\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}\u{7f}";

/// What a text begins with. `FORGED` at the front of a line is a line that we did not write.
const PAYLOADS: [&str; 3] = [
    "=cmd|' /C calc'!A0<script>alert(1)</script><img src=x onerror=alert(1)>&lt;",
    "\r\nx\nFORGED: error\n\rFORGED",
    "[a](javascript:alert(1)) ![b](x)|`c`*d*\" accept\nFORGED accept comment \"'; DROP TABLE service; --\\",
];

/// What else a spreadsheet takes for a formula: for CSV and TSV alone.
const FORMULAS: [&str; 4] = ["@SUM(1+1)", "+1+cmd|x", "-2+3", "\t=1+1"];

/// Whether a character may stand in no output.
fn is_hidden(c: char) -> bool {
    c != '\n' && c.is_control() || HIDDEN.contains(c) && !c.is_ascii_graphic()
}

/// A payload as it may stand in a name of a file.
fn name_of(payload: &str) -> String {
    payload.replace('/', "_")
}

/// The inputs, with one payload in every field.
struct Planted {
    folder: TempDir,
    /// The folder and the name of the files in it.
    below: PathBuf,
    payload: String,
}

impl Planted {
    fn new(start: &str) -> Planted {
        let payload = format!("{start}{HIDDEN}");
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join(name_of(&payload));
        fs::create_dir(&below).expect("a folder");
        let planted = Planted { folder, below, payload };
        planted.capture();
        planted.registry();
        planted.overlays();
        planted.rules();
        planted.tables();
        planted.saved();
        planted
    }

    /// The path of a file with this ending.
    fn file(&self, ending: &str) -> String {
        self.below.join(format!("{}.{ending}", name_of(&self.payload))).to_str().expect("UTF-8").to_owned()
    }

    fn capture(&self) {
        let option = |code: u16| {
            let text = self.payload.as_bytes();
            let padding = vec![0; text.len().wrapping_neg() % 4];
            [&code.to_le_bytes()[..], &(text.len() as u16).to_le_bytes(), text, &padding].concat()
        };
        let datagram = |from: &str, to: &str, ports: [u16; 2]| {
            let udp = [&ports.map(u16::to_be_bytes).concat()[..], &[0, 9, 0, 0, 1]].concat();
            ip(from.parse().expect("an address"), to.parse().expect("an address"), Udp.ip_protocol(), &udp)
        };
        let asked = datagram("192.0.2.1", "198.51.100.53", [40_000, 53]);
        let answered = datagram("198.51.100.53", "192.0.2.1", [53, 40_000]);
        let head = [0, 0, 1, asked.len() as u32, asked.len() as u32].map(u32::to_le_bytes).concat();
        let commented = block(6, &[&head[..], &asked, &[0; 3], &option(1), &[0; 4]].concat());
        let mut about = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
        about.extend([1, 0, 0, 0]);
        about.extend([0xff; 8]);
        let section_with_comment = block(0x0a0d_0d0a, &[&about[..], &option(1), &[0; 4]].concat());
        let interface =
            block(1, &[&RAW.to_le_bytes()[..], &[0; 6], &option(2), &option(3), &[0; 4]].concat());
        write(
            Path::new(&self.file("pcapng")),
            &[section_with_comment, interface, commented, packet_of(0, &answered), packet_of(9, &asked)],
        );
        let name = |address: [u8; 4]| [&address[..], self.payload.as_bytes(), &[0]].concat();
        let record = |address: [u8; 4]| {
            let name = name(address);
            let padding = vec![0; name.len().wrapping_neg() % 4];
            [&[1, 0][..], &(name.len() as u16).to_le_bytes(), &name, &padding].concat()
        };
        let names = block(4, &[record([192, 0, 2, 1]), record([198, 51, 100, 53]), vec![0; 4]].concat());
        let [begin, interface] = [section(), named(RAW, b"eth0")];
        let [first, second] = [&asked, &answered].map(|packet| packet_of(0, packet));
        let harmless = [begin.clone(), interface.clone(), first.clone(), second.clone()];
        write(Path::new(&self.file("harmless.pcapng")), &harmless);
        write(Path::new(&self.file("plain.pcapng")), &[begin, interface, first, names, second]);
        fs::write(
            self.file("cut.pcap"),
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0\x01",
        )
        .expect("a file");
        fs::write(self.file("txt"), "no capture\x1b[31m").expect("a file");
    }

    fn registry(&self) {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let headings = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,\
                        Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,\
                        Assignment Notes";
        csv.write_record(headings.split(',')).expect("headings");
        let cell = self.payload.as_str();
        for (service, port, transport) in
            [(cell, "53", "udp"), (cell, "53", "tcp"), (cell, "", ""), ("dns", "54", "udp")]
        {
            let assignee = format!("[{cell}]");
            csv.write_record([
                service, port, transport, cell, &assignee, &assignee, cell, cell, cell, "", cell, cell,
            ])
            .expect("a row");
        }
        let registry = csv.into_inner().expect("CSV");
        fs::write(self.file("csv"), &registry).expect("a file");
        let xml = format!(
            "<?xml version='1.0'?><registry xmlns='http://www.iana.org/assignments' id='service-names-port-numbers'>\
             <title>{cell}</title><updated>2026-01-01</updated><note>{cell}</note>\
             <registry id='r'><record><name>{cell}</name><protocol>udp</protocol><number>53</number>\
             <description>{cell}</description><note>{cell}</note></record></registry>\
             <people><person id='{id}'><name>{cell}</name><uri>{cell}</uri></person></people></registry>",
            cell = cell
                .chars()
                .filter(|c| !matches!(c, '\0'..='\x1f') || matches!(c, '\n' | '\r' | '\t'))
                .collect::<String>()
                .replace('&', "&amp;")
                .replace('<', "&lt;"),
            id = "a",
        );
        fs::write(self.file("xml"), xml).expect("a file");
        fs::write(self.file("bad.csv"), [&registry[..], cell.replace('"', "").as_bytes(), b",x\n"].concat())
            .expect("a file");
    }

    fn overlays(&self) {
        let text = Json::from(self.payload.as_str()).to_string().replace('\u{7f}', "\\u007f");
        let toml = format!(
            "[[service]]\nname = {text}\nport = 53\ndescription = {text}\nsource = {text}\n\
             [[service]]\nname = {text}\nport = 53\nhost = \"198.51.100.53\"\nsource = {text}\n"
        );
        fs::write(self.file("toml"), toml).expect("a file");
        let bad = format!("[[service]]\nname = \"x\"\nport = {text}\n");
        fs::write(self.file("bad.toml"), bad).expect("a file");
        let host: String = self.payload.chars().filter(|c| !c.is_whitespace() && *c != '#').collect();
        fs::write(self.file("hosts"), format!("192.0.2.1 {host} # {host}\n")).expect("a file");
        fs::write(self.file("bad.hosts"), format!("{host} {host}\n")).expect("a file");
        let word: String = self.payload.chars().filter(|c| !c.is_whitespace() && *c != '#').collect();
        let comment = self.payload.replace(['\n', '\r'], " ");
        fs::write(self.file("services"), format!("{word}\t53/udp\t{word}2 # {comment}\n")).expect("a file");
        fs::write(self.file("bad.services"), format!("x\t53/udp\n{word}\t{word}\n")).expect("a file");
    }

    fn rules(&self) {
        let cell = self.payload.as_str();
        let accept = |port: u16| {
            json!([
                { "match": { "op": "==", "left": { "meta": { "key": "iifname" } }, "right": cell } },
                { "match": { "op": "==", "left": { "payload": { "protocol": "udp", "field": "dport" } }, "right": port } },
                { "accept": null }
            ])
        };
        let plain = json!([
            { "match": { "op": "==", "left": { "payload": { "protocol": "udp", "field": "dport" } }, "right": 53 } },
            { "counter": { "packets": 1, "bytes": 1 } }, { "log": { "prefix": cell } }, { "accept": null }
        ]);
        let strange =
            json!([{ "match": { "op": "==", "left": { cell: cell }, "right": cell } }, { cell: cell }]);
        let mut objects = vec![
            json!({ "metainfo": { "version": cell, "release_name": cell, "json_schema_version": 1 } }),
            json!({ "table": { "family": "inet", "name": cell, "handle": 1 } }),
            json!({ "set": { "family": "inet", "name": cell, "table": cell, "type": "ipv4_addr", "handle": 2, "comment": cell, "elem": ["192.0.2.10"] } }),
            json!({ "chain": { "family": "inet", "table": cell, "name": cell, "handle": 1, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop" } }),
        ];
        for (n, expression) in [accept(99), strange, plain, accept(7)].iter().enumerate() {
            objects.push(json!({ "rule": { "family": "inet", "table": cell, "chain": cell, "handle": n + 3, "comment": cell, "expr": expression } }));
        }
        fs::write(self.file("json"), json!({ "nftables": objects }).to_string()).expect("a file");
        let quoted = cell.replace(['\n', '\r'], " ").replace('\\', "").replace('"', "\\\"");
        let iptables = format!(
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n\
             -A FORWARD -p udp --dport 53 -m comment --comment \"{quoted}\" -j ACCEPT\n\
             -A FORWARD -i \"{quoted}\" -p tcp -m comment --comment \"{quoted}\" -j ACCEPT\n\
             -A FORWARD -m set --match-set \"{quoted}\" src -j DROP\nCOMMIT\n"
        );
        let sets = format!("create \"{quoted}\" hash:ip family inet\nadd \"{quoted}\" 192.0.2.10\n");
        fs::write(self.file("ipset"), sets).expect("a file");
        fs::write(self.file("iptables"), iptables).expect("a file");
        let group = json!({ "SecurityGroups": [{ "GroupId": cell, "GroupName": cell, "Description": cell, "IpPermissions": [
            { "IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": cell }] },
            { "IpProtocol": "tcp", "FromPort": 1, "ToPort": 9, "UserIdGroupPairs": [{ "GroupId": cell, "Description": cell }] }
        ], "IpPermissionsEgress": [] }] });
        fs::write(self.file("aws"), group.to_string()).expect("a file");
    }

    /// Saved results with the payload wherever a text may stand, and some with it where it may not.
    fn saved(&self) {
        let row = json!({
            "flow": 1, "client_address": "192.0.2.9", "server_address": "198.51.100.7", "server_port": 53,
            "protocol_number": 17, "icmp_type": "", "service": self.payload, "status": "registered", "state": "both",
            "flags": self.payload, "packets_to_server": 1, "packets_to_client": 1, "bytes_to_server": 40,
            "bytes_to_client": 40, "local_name": self.payload,
        });
        let with = |column: &str| {
            let mut row = row.clone();
            row[column] = self.payload.as_str().into();
            row
        };
        let csv = |row: &Json| {
            let row = row.as_object().expect("a row");
            let cell = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let mut csv = csv::Writer::from_writer(Vec::new());
            csv.write_record(row.keys()).expect("headings");
            csv.write_record(row.values().map(cell)).expect("a row");
            csv.into_inner().expect("CSV")
        };
        let object = |row: &Json| {
            json!({ "captures": [self.payload], "rows": [row], "note": self.payload })
                .to_string()
                .into_bytes()
        };
        for (ending, content) in [
            ("saved.csv", csv(&with("state"))),
            ("saved.json", object(&with("state"))),
            ("saved.ndjson", with("state").to_string().into_bytes()),
            ("saved-state.csv", csv(&with("bytes_to_client"))),
            ("saved-status.json", object(&with("status"))),
            ("saved-port.ndjson", with("server_port").to_string().into_bytes()),
        ] {
            fs::write(self.file(ending), content).expect("a file");
        }
    }

    fn tables(&self) {
        let cell = self.payload.as_str();
        let mut csv = csv::Writer::from_path(self.file("zones.csv")).expect("a file");
        csv.write_record(["zone", "cidr", "comment", "trust", "interface"]).expect("headings");
        // Names of zones hold no control character and no `|`.
        let zone: String = cell.chars().filter(|c| *c != '\n' && *c != '|' && !is_hidden(*c)).collect();
        csv.write_record([zone.as_str(), "192.0.2.0/24", cell, "external", ""]).expect("a row");
        csv.write_record([format!("{zone}2").as_str(), "198.51.100.0/24", cell, "", cell]).expect("a row");
        csv.flush().expect("a file");
        let mut csv = csv::Writer::from_path(self.file("bad-zones.csv")).expect("a file");
        csv.write_record(["zone", "cidr", "comment", "trust"]).expect("headings");
        csv.write_record([cell, cell, cell, cell]).expect("a row");
        csv.flush().expect("a file");
        let mut csv = csv::Writer::from_path(self.file("insecure.csv")).expect("a file");
        csv.write_record(["service", "proto", "ports", "tag", "reason", "alternative", "source"])
            .expect("headings");
        csv.write_record([cell, "udp", "53", "cleartext-data", cell, cell, cell]).expect("a row");
        csv.flush().expect("a file");
        fs::write(self.file("conntrack"), format!("{}\n", cell.replace(['\n', '\r'], " "))).expect("a file");
    }

    /// A worksheet of other traffic, in which people wrote the payload everywhere, and somebody else in a column of
    /// the program, too. Gives its path.
    fn worksheet(&self) -> String {
        let out = self.folder.path().join("first");
        let users = sample("review/users.pcap");
        let output = self.run(&[
            "review",
            users.to_str().expect("UTF-8"),
            "--out",
            out.to_str().expect("UTF-8"),
            "--zones",
            &self.file("zones.csv"),
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let mut reader = csv::Reader::from_path(out.join("worksheet.csv")).expect("a worksheet");
        let headings = reader.headers().expect("headings").clone();
        let mut csv = csv::Writer::from_path(self.file("worksheet.csv")).expect("a file");
        csv.write_record(headings.iter().chain([self.payload.as_str()])).expect("headings");
        for record in reader.records() {
            let record = record.expect("a row");
            let cells = headings.iter().zip(&record).map(|(heading, cell)| match heading {
                "service" | "rules" | "registry_note" | "tags" => self.payload.as_str(),
                own if MACHINE.contains(&own) => cell,
                // A day that cannot be read is refused.
                "approved_on" | "expires_on" | "reviewed_on" => "",
                _ => self.payload.as_str(),
            });
            csv.write_record(cells.chain([self.payload.as_str()])).expect("a row");
        }
        csv.flush().expect("a file");
        self.file("worksheet.csv")
    }

    /// Runs the program where temporary files, kept registries and its own name are hostile, too.
    fn run(&self, arguments: &[&str]) -> Output {
        use std::os::unix::process::CommandExt;
        Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .arg0(&self.payload)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_DATA_HOME", self.below.join("data"))
            .env("TMPDIR", self.below.join("missing"))
            .env("COLUMNS", &self.payload)
            .env("LANG", &self.payload)
            .output()
            .expect("the program runs")
    }
}

/// What is wrong with a text for people, and where.
fn look_at_lines(what: &str, text: &str, wrong: &mut BTreeSet<String>) {
    if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
        wrong.insert(format!("{what}: {c:?} in {:?}", text.lines().find(|line| line.contains(c))));
    }
    if let Some(line) = text.lines().find(|line| line.starts_with("FORGED")) {
        wrong.insert(format!("{what}: forged {line:?}"));
    }
}

fn look_at_csv(what: &str, text: &str, delimiter: u8, columns_of_people: bool, wrong: &mut BTreeSet<String>) {
    let is_bad = |c: &char| is_hidden(*c) && (delimiter != b'\t' || *c != '\t');
    if let Some(c) = text.chars().find(is_bad).filter(|_| !columns_of_people) {
        wrong.insert(format!("{what}: {c:?}"));
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let headings = reader.headers().expect("headings").clone();
    for record in reader.records() {
        let record = record.unwrap_or_else(|error| panic!("{what}: {error}"));
        for (heading, cell) in headings.iter().zip(&record) {
            if columns_of_people && !MACHINE.contains(&heading) {
                continue;
            }
            if let Some(c) = cell.chars().find(|c| is_hidden(*c)) {
                wrong.insert(format!("{what}: column {heading}: {c:?}"));
            }
            let is_number = cell.trim_start_matches(['-', '+']).parse::<f64>().is_ok();
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell != "-" && !is_number {
                wrong.insert(format!("{what}: column {heading} is a formula: {cell:?}"));
            }
        }
    }
}

fn look_at_json(what: &str, text: &str, wrong: &mut BTreeSet<String>) {
    look_at_lines(what, text, wrong);
    if let Err(error) = serde_json::from_str::<Json>(text) {
        wrong.insert(format!("{what}: {error}: {text}"));
    }
}

fn look_at_markdown(what: &str, text: &str, wrong: &mut BTreeSet<String>) {
    look_at_lines(what, text, wrong);
    let mut ends = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        let (mut is_escaped, mut before, mut bars) = (false, ' ', 0);
        for (at, c) in line.char_indices() {
            if !is_escaped && (matches!(c, '<' | '`' | '*') || c == '(' && before == ']') {
                wrong.insert(format!("{what}: {c} is live in {:?}", &line[at..]));
            }
            bars += usize::from(c == '|' && !is_escaped);
            before = if is_escaped { ' ' } else { c };
            is_escaped = c == '\\' && !is_escaped;
        }
        if line.starts_with('|') {
            ends.insert(bars);
        }
    }
    if ends.len() > 1 {
        wrong.insert(format!("{what}: rows of different length"));
    }
}

fn look_at(what: &str, format: &str, bytes: &[u8], wrong: &mut BTreeSet<String>) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    match format {
        _ if text.is_empty() => {}
        "csv" => look_at_csv(what, text, b',', false, wrong),
        "tsv" => {
            look_at_csv(what, text, b'\t', false, wrong);
            let tabs: BTreeSet<usize> = text.lines().map(|line| line.matches('\t').count()).collect();
            if tabs.len() > 1 {
                wrong.insert(format!("{what}: rows of different length"));
            }
        }
        "json" => look_at_json(what, text, wrong),
        "ndjson" => text.lines().for_each(|line| look_at_json(what, line, wrong)),
        "markdown" => look_at_markdown(what, text, wrong),
        _ => look_at_lines(what, text, wrong),
    }
}

const FORMATS: [&str; 6] = ["table", "csv", "tsv", "json", "ndjson", "markdown"];

/// Every command in these formats over inputs with a payload in every field. Gives what is wrong.
fn every_command(planted: &Planted, formats: &[&str]) -> BTreeSet<String> {
    let mut wrong = BTreeSet::new();
    let mut look = |arguments: &[&str], format: &str, statuses: &[i32]| -> Output {
        let output = planted.run(arguments);
        let what = format!("{} -f {format}", arguments[..2.min(arguments.len())].join(" "));
        look_at(&what, format, &output.stdout, &mut wrong);
        look_at(&format!("{what}, stderr"), "table", &output.stderr, &mut wrong);
        let status = output.status.code().expect("a status");
        assert!(statuses.contains(&status), "{what}: {status}: {}", String::from_utf8_lossy(&output.stderr));
        output
    };
    let (capture, plain, registry, overlay) =
        (planted.file("pcapng"), planted.file("plain.pcapng"), planted.file("csv"), planted.file("toml"));
    let local = ["--registry", &registry, "--overlay", &overlay];
    for &format in formats {
        let shown = [&local[..], &["-f", format, "-v"]].concat();
        let names = ["--names", "--hosts-file", &planted.file("hosts")];
        for command in ["flows", "summary"] {
            look(&[&[command, &capture, &plain], &names[..], &shown[..]].concat(), format, &[0, 3]);
        }
        for command in ["flows", "packets", "summary"] {
            look(&[&[command, &capture, &plain], &shown[..]].concat(), format, &[0, 3]);
        }
        if cfg!(feature = "tables") {
            let table = planted.file("arrow");
            look(&["flows", "--partial", &capture, &plain, "--names", "-o", &table], "table", &[0, 3]);
            look(&[&["merge", &table, "--hosts-file", names[2]], &shown[..]].concat(), format, &[0, 3]);
        }
        for by in ["port", "pair"] {
            look(&[&["summary", &capture, "--by", by], &names[..], &shown[..]].concat(), format, &[0, 3]);
        }
        // There is one flow; not every format is for explanations.
        for (flow, statuses) in [("1", &[2, 3][..]), ("2", &[1, 2])] {
            look(
                &[&["explain", &capture, &plain, "--flow", flow], &names[..], &shown[..]].concat(),
                format,
                statuses,
            );
        }
        look(&[&["diff", &plain, &capture], &shown[..]].concat(), format, &[0, 3]);
        for saved in ["saved.csv", "saved.json", "saved.ndjson"] {
            look(&[&["diff", &planted.file(saved), &plain], &shown[2..]].concat(), format, &[0]);
            look(&[&["diff", &plain, &planted.file(saved)], &shown[2..]].concat(), format, &[0]);
        }
        look(&[&["lookup", "53/udp", &planted.payload], &shown[..]].concat(), format, &[0, 1, 2]);
        look(&[&["registry", "info"], &shown[..]].concat(), format, &[0]);
        look(&[&["registry", "list"], &shown[..]].concat(), format, &[0]);
        look(&[&["registry", "search", &planted.payload], &shown[..]].concat(), format, &[0, 1, 2]);
        look(&[&["registry", "diff", &registry, "bundled"], &shown[2..]].concat(), format, &[0, 1]);
        look(&["flows", &plain, "--overlay", &planted.file("services"), "-f", format], format, &[0, 4]);
        look(&["registry", "check", &registry, "-f", format], format, &[0, 1]);
        look(&["registry", "info", "--registry", &planted.file("xml"), "-f", format, "-v"], format, &[0, 4]);
    }
    for (target, format) in [
        ("iana-csv", "csv"),
        ("json", "json"),
        ("services", "lines"),
        ("wireshark", "lines"),
        ("nmap", "lines"),
        ("sql", "table"),
    ] {
        let output = planted.run(&[&["registry", "export", "--format", target], &local[..]].concat());
        // Tabs stand between the words of these.
        let text = String::from_utf8_lossy(&output.stdout);
        let text = if format == "lines" { text.replace('\t', " ") } else { text.into_owned() };
        let text = if target == "sql" { text.replace("\nFORGED", " ") } else { text };
        look_at(target, format, text.as_bytes(), &mut wrong);
        look_at(&format!("{target}, stderr"), "table", &output.stderr, &mut wrong);
    }
    wrong
}

#[test]
fn results_and_messages_hold_text_from_outside_as_text() {
    let of_all = PAYLOADS.iter().map(|start| (start, &FORMATS[..]));
    let of_formulas = FORMULAS.iter().map(|start| (start, &["csv", "tsv"][..]));
    std::thread::scope(|scope| {
        for (start, formats) in of_all.chain(of_formulas) {
            scope.spawn(move || {
                let wrong = every_command(&Planted::new(start), formats);
                assert!(wrong.is_empty(), "{start:?}\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
            });
        }
    });
}

#[test]
fn what_is_wrong_with_inputs_and_arguments_is_said_in_lines() {
    for start in PAYLOADS {
        let planted = Planted::new(start);
        let (payload, capture, plain) =
            (planted.payload.as_str(), planted.file("pcapng"), planted.file("plain.pcapng"));
        let file = |ending: &str| planted.file(ending);
        let missing = file("missing");
        let option = format!("--{payload}");
        let value = format!("--port={payload}");
        let names = format!("--names={payload}");
        let pair = format!("{payload}={payload}");
        let url = format!("http://192.0.2.1/{payload}");
        let rest = planted.folder.path().join("out");
        let out = rest.to_str().expect("UTF-8");
        let cases: Vec<Vec<&str>> = vec![
            vec!["flows", &missing],
            vec![payload],
            vec!["flows", &capture, &option],
            vec!["flows", &capture, &value],
            vec!["flows", &capture, "--host", payload],
            vec!["flows", &capture, "-f", payload],
            vec!["flows", &capture, "--service", payload, "-q"],
            vec!["flows", &capture, "--service", payload],
            vec!["flows", &capture, "--interface", payload, "-f", "table"],
            vec!["flows", &capture, "--since", payload],
            vec!["flows", &capture, "--tunnel", payload],
            vec!["flows", &capture, "--idle-timeout", payload],
            vec!["flows", &capture, &capture, "-f", "table"],
            vec!["flows", &capture, "-o", &capture],
            vec!["flows", &capture, "-o", &missing, "--registry", &missing],
            vec!["flows", &capture, "--flows-in-memory", "1"],
            vec!["flows", &capture, &names],
            vec!["flows", &capture, "--hosts-file", &missing],
            vec!["summary", &capture, "--by", payload],
            vec!["lookup", payload],
            vec!["lookup", "--search", payload],
            vec!["registry", payload],
            vec!["registry", "update", "--url", &url],
            vec!["registry", "update", "--url", payload],
            vec!["registry", "import", &missing],
            vec!["completions", payload],
            vec!["schema", payload],
            vec!["annotate", &capture],
            vec!["annotate", &capture, "-o", "a.pcapng", "--only", payload],
            vec!["annotate", &capture, "-o", &capture],
            vec!["review", &capture, "--out", &plain],
            vec!["review", &capture, "--out", out, "--iface", &pair],
            vec!["review", &capture, "--out", out, "--rename-zone", &pair],
            vec!["review", &capture, "--out", out, "--group", &pair],
            vec!["review", &capture, "--out", out, "--as-of", payload],
            vec!["review", &capture, "--out", out, "--zones", &missing],
        ];
        let of_files: Vec<Vec<String>> = [
            ["flows", "cut.pcap", ""],
            ["flows", "txt", ""],
            ["flows --hosts-file", "bad.hosts", "plain.pcapng"],
            ["packets", "cut.pcap", ""],
            ["diff", "saved-state.csv", "plain.pcapng"],
            ["diff", "saved-status.json", "plain.pcapng"],
            ["diff", "saved-port.ndjson", "plain.pcapng"],
            ["diff", "missing", "plain.pcapng"],
            ["explain --flow 99", "plain.pcapng", ""],
            ["flows --anonymize", "txt", "plain.pcapng"],
            ["flows --anonymize", "missing", "plain.pcapng"],
            ["annotate -o a.pcapng --anonymize", "txt", "plain.pcapng"],
            ["registry check", "bad.csv", ""],
            ["registry import", "bad.csv", ""],
            ["registry import", "toml", ""],
            ["registry info --lenient --registry", "bad.csv", ""],
            ["registry info --overlay", "bad.toml", ""],
            ["registry info --overlay", "bad.services", ""],
            ["registry info --lenient --overlay", "bad.services", ""],
            ["registry info --overlay", "json", ""],
            ["review --out out --zones", "bad-zones.csv", "plain.pcapng"],
            ["review --out out --approved", "zones.csv", "plain.pcapng"],
            ["review --out out --approved", "csv", "plain.pcapng"],
            ["review --out out --rules", "zones.csv", "plain.pcapng"],
            ["review --out out --rules", "bad.toml", "plain.pcapng"],
            ["review --out out --insecure", "zones.csv", "plain.pcapng"],
            ["review --out out --conntrack", "conntrack", "plain.pcapng"],
            ["review --out out --chain x --rules", "json", "plain.pcapng"],
        ]
        .iter()
        .map(|[words, one, other]| {
            let files =
                [one, other].into_iter().filter(|ending| !ending.is_empty()).map(|ending| file(ending));
            words.split(' ').map(str::to_owned).chain(files).collect()
        })
        .collect();
        let of_files = of_files.iter().map(|words| words.iter().map(String::as_str).collect());
        let mut wrong = BTreeSet::new();
        for arguments in cases.into_iter().chain(of_files) {
            let output = planted.run(&arguments);
            let what = arguments.join(" ");
            let what = what.escape_debug().to_string();
            look_at(&what, "table", &output.stderr, &mut wrong);
            if !arguments.contains(&"annotate") {
                look_at(&what, "table", &output.stdout, &mut wrong);
            }
        }
        assert!(wrong.is_empty(), "{start:?}\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn a_review_holds_text_from_outside_as_text() {
    for start in PAYLOADS.into_iter().chain(FORMULAS) {
        let planted = Planted::new(start);
        let (capture, plain) = (planted.file("pcapng"), planted.file("plain.pcapng"));
        let (worksheet, mut wrong) = (planted.worksheet(), BTreeSet::new());
        let all = ["json", "iptables", "aws"];
        for rules in if FORMULAS.contains(&start) { &all[..1] } else { &all[..] } {
            let out = planted.folder.path().join(rules);
            let out_text = out.to_str().expect("UTF-8");
            let formats: &[&str] = if *rules == "json" { &["json", "table"] } else { &["table"] };
            for format in formats {
                let _ = fs::remove_dir_all(&out);
                let ipset = planted.file("ipset");
                let sets: &[&str] = if *rules == "iptables" { &["--ipset", &ipset] } else { &[] };
                let output = planted.run(
                    &[
                        &["review"],
                        sets,
                        &[
                            &capture,
                            &plain,
                            "--names",
                            "--hosts-file",
                            &planted.file("hosts"),
                            "--out",
                            out_text,
                            "-f",
                            format,
                            "-v",
                            "--rules",
                            &planted.file(rules),
                            "--zones",
                            &planted.file("zones.csv"),
                            "--approved",
                            &worksheet,
                            "--insecure",
                            &planted.file("insecure.csv"),
                            "--registry",
                            &planted.file("csv"),
                            "--overlay",
                            &planted.file("toml"),
                            "--write",
                            "worksheet,xlsx,json,html,nft,aerleon,oscal",
                        ],
                    ]
                    .concat(),
                );
                let what = format!("review --rules {rules} -f {format}");
                look_at(&what, format, &output.stdout, &mut wrong);
                look_at(&format!("{what}, stderr"), "table", &output.stderr, &mut wrong);
                let status = output.status.code().expect("a status");
                assert_eq!(status, 3, "{what}: {}", String::from_utf8_lossy(&output.stderr));
            }
            let text = |name: &str| fs::read_to_string(out.join(name)).expect(name);
            look_at_csv("worksheet.csv", &text("worksheet.csv"), b',', true, &mut wrong);
            look_at_json("review.json", &text("review.json"), &mut wrong);
            look_at_json("oscal", &text("oscal-component-definition.json"), &mut wrong);
            let page = text("review.html");
            if let Some(c) = page.chars().find(|c| is_hidden(*c)) {
                wrong.insert(format!("review.html: {c:?}"));
            }
            for tag in ["<script", "<img", "href=\"javascript"] {
                if page.contains(tag) {
                    wrong.insert(format!("review.html: {tag}"));
                }
            }
            let output = planted.run(&[
                "report",
                &capture,
                &plain,
                "--names",
                "--hosts-file",
                &planted.file("hosts"),
                "--registry",
                &planted.file("csv"),
                "--overlay",
                &planted.file("toml"),
            ]);
            let page = String::from_utf8(output.stdout).expect("UTF-8");
            if let Some(c) = page.chars().find(|c| is_hidden(*c)) {
                wrong.insert(format!("report: {c:?}"));
            }
            // Its data and its script.
            if page.matches("<script").count() != 2
                || page.contains("<img")
                || page.contains("href=\"javascript")
            {
                wrong.insert("report: a tag from outside".to_owned());
            }
            let rules = text("review.nft");
            for line in rules.lines() {
                let bad = !line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
                if bad || line.trim().starts_with("FORGED") || line.matches('"').count() % 2 != 0 {
                    wrong.insert(format!("review.nft: {line:?}"));
                }
            }
            workbook(&out.join("worksheet.xlsx"), &mut wrong);
        }
        assert!(wrong.is_empty(), "{start:?}\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    }
}

/// No formula in a workbook, and no control character that XML does not know.
fn workbook(path: &Path, wrong: &mut BTreeSet<String>) {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(fs::File::open(path).expect("a workbook")).expect("an archive");
    for n in 0..archive.len() {
        let mut part = archive.by_index(n).expect("a part");
        let mut text = String::new();
        if part.read_to_string(&mut text).is_ok() && (text.contains("<f>") || text.contains(['\x1b', '\x07']))
        {
            wrong.insert(format!("part {n} of the workbook: a formula or a control character"));
        }
    }
}

#[test]
fn comments_in_captures_are_our_own_lines() {
    for start in PAYLOADS {
        let planted = Planted::new(start);
        let plain = planted.folder.path().join("in.pcapng");
        // Blocks of the capture are copied as they are; what is ours is to be looked at.
        fs::copy(planted.file("harmless.pcapng"), &plain).expect("a copy");
        let plain = plain.to_str().expect("UTF-8");
        let local =
            ["--registry", &planted.file("csv"), "--overlay", &planted.file("toml")].map(str::to_owned);
        let local: Vec<&str> = local.iter().map(String::as_str).collect();
        let hosts = planted.file("hosts");
        let names = ["--names", "--hosts-file", &hosts];
        for options in [&["--overlay-names"][..], &names, &["--delay", "1"], &["--split-by", "service"]] {
            let out = planted.folder.path().join(options[0].trim_start_matches('-'));
            let out = out.to_str().expect("UTF-8");
            let output = planted.run(&[&["annotate", plain, "-o", out], options, &local[..]].concat());
            let mut wrong = BTreeSet::new();
            look_at("stderr", "table", &output.stderr, &mut wrong);
            assert!(wrong.is_empty(), "{wrong:?}");
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            let files: Vec<PathBuf> = match fs::read_dir(out) {
                Ok(folder) => folder.map(|entry| entry.expect("an entry").path()).collect(),
                Err(_) => vec![out.into()],
            };
            assert!(!files.is_empty());
            for file in files {
                let name = file.file_name().expect("a name").to_str().expect("UTF-8");
                assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b)), "{name:?}");
                let bytes = fs::read(&file).expect("a file");
                for text in ["\x1b]0", "\x1b[31m", "\u{202e}", "\u{200b}", "\nFORGED", "\u{9b}2J"] {
                    let is_there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                    assert!(!is_there, "{start:?}, {options:?}: {text:?} in {}", file.display());
                }
                assert!(bytes.windows(7).any(|window| window == br"\x1b]0;"), "the escape is there");
            }
        }
    }
}

#[test]
fn json_has_the_very_characters_and_csv_comes_back_as_the_registry_it_was() {
    for start in PAYLOADS.into_iter().chain(FORMULAS) {
        let planted = Planted::new(start);
        let output = planted.run(&[
            "flows",
            &planted.file("pcapng"),
            "-f",
            "json",
            "--overlay",
            &planted.file("toml"),
        ]);
        let json: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(json["captures"][0]["name"], planted.file("pcapng"));
        assert_eq!(json["rows"][0]["interface"], planted.payload);
        assert_eq!(json["rows"][0]["local_name"][0], planted.payload);

        // What is escaped stays escaped; what is guarded loses its guard.
        let rows = |registry: &str| {
            let output = planted.run(&["registry", "list", "-f", "csv", "-q", "--registry", registry]);
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        let once = rows(&planted.file("csv"));
        let again = planted.folder.path().join("again.csv");
        fs::write(&again, &once).expect("a file");
        assert_eq!(rows(again.to_str().expect("UTF-8")), once);
        let cell = rows_of(&once).remove(0).remove(3);
        assert_eq!(cell.trim_start_matches('\'').chars().next(), escaped_start(start), "{cell:?}");
    }
}

fn rows_of(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.records().map(|record| record.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// The first character of a payload as CSV shows it.
fn escaped_start(start: &str) -> Option<char> {
    let first = start.chars().next();
    if first.is_some_and(char::is_control) { Some('\\') } else { first }
}
