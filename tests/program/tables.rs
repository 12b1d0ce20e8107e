//! Tables on terminals of every width.

use portscribe::label::Flags;
use portscribe::registry::Registry;
use portscribe::report::lookup::{self, Query};
use portscribe::report::summary::{self, By, Summary, Total};
use portscribe::report::{Format, Style, Table, flows};
use portscribe::traffic::{ReadSettings, Reading};

/// The flows of a sample, as a terminal of this width shows them.
fn flows_at(sample: &str, width: Option<u16>) -> String {
    let registry = Registry::bundled();
    let mut reading = Reading::new(ReadSettings::default());
    reading.read_file(crate::support::sample(sample)).expect("a capture");
    let traffic = reading.finish();
    let mut table = flows::table();
    for row in traffic.label(&registry).rows() {
        table.row(flows::people(&row));
    }
    table.below("The end.");
    written(table, width)
}

/// The summary of a sample, as a terminal of this width shows it.
fn summary_at(sample: &str, by: By, width: Option<u16>) -> String {
    let registry = Registry::bundled();
    let mut reading = Reading::new(ReadSettings::default());
    reading.read_file(crate::support::sample(sample)).expect("a capture");
    let traffic = reading.finish();
    let labelled = traffic.label(&registry);
    let mut summary = Summary::new(&[by]);
    for row in labelled.rows() {
        summary.add(&row);
    }
    let rows = summary.finish().expect("rows");
    let bytes = rows.iter().map(Total::bytes).sum();
    let mut table = Table::new(summary::people_columns(&[by]));
    for row in &rows {
        table.row(row.people(bytes, Flags::default()));
    }
    written(table, width)
}

fn written(table: Table, width: Option<u16>) -> String {
    let mut out = Vec::new();
    table.write(Format::Table, Style { width, color: false }, &mut out).expect("written");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn no_width_breaks_an_address_a_port_or_a_name() {
    for sample in crate::support::sample_captures() {
        let sample = sample.strip_prefix(crate::support::samples()).expect("a sample").display().to_string();
        let whole = flows_at(&sample, None);
        // What stands between blanks in the whole table, flow by flow, but for the words of other columns.
        let words: Vec<&str> = whole.split("\n\n").next().unwrap_or_default().split_whitespace().collect();
        let precious = |word: &&&str| {
            word.contains('/') || word.contains(':') && !word.contains('T') || word.contains("-port")
        };
        for width in [20, 40, 60, 80, 100, 120, 160] {
            let narrow = flows_at(&sample, Some(width));
            let seen: Vec<&str> =
                narrow.split("\n\n").next().unwrap_or_default().split_whitespace().collect();
            let count = |all: &[&str]| {
                // The port at the end stays, whatever an address has lost.
                let end =
                    |word: &&str| word.chars().rev().take(if width < 80 { usize::MAX } else { 8 }).collect();
                let mut kept: Vec<String> = all.iter().filter(precious).map(end).collect();
                kept.sort();
                kept
            };
            assert_eq!(count(&seen), count(&words), "{sample} at {width}");
            if width >= 80 {
                let widest = narrow.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(width.into()), "{sample} at {width}: {narrow}");
            }
        }
    }
}

#[test]
fn a_summary_gives_up_columns_in_the_order_of_what_they_tell() {
    let headings = |by: By, width: u16| {
        summary_at("scan.pcap", by, Some(width)).lines().next().unwrap_or_default().trim_start().to_owned()
    };
    for (width, expected) in [
        (
            120,
            "port       registered as  status      flows  clients  servers  packets  bytes   share  flags=flows",
        ),
        (90, "port       registered as  status      flows  clients  servers  packets  bytes   share"),
        (80, "port       registered as  status      flows  clients  packets  bytes   share"),
        (70, "port       registered as  status      flows  packets  bytes   share"),
        (60, "port       registered as  status      flows  bytes   share"),
        (55, "port       registered as  status      flows  bytes"),
        (50, "port       registered as  flows  bytes   share"),
        (45, "port       registered as  flows  bytes"),
        (35, "port       registered as  flows"),
    ] {
        assert_eq!(headings(By::Port, width), expected, "{width}");
    }
    // Two addresses of IPv6 stand below each other rather than in halves.
    assert_eq!(
        summary_at("ipv6.pcap", By::Pair, Some(60)).lines().take(6).collect::<Vec<_>>().join("\n"),
        " client → server     registered as  status      flows  bytes
        flags=flows
 2001:db8:1::10 →    domain, http,  registered      5  15666
 2001:db8:2::20      https and 2
                     more
        +2"
    );
}

#[test]
fn ends_that_do_not_stand_side_by_side_stand_below_each_other() {
    let row = |cells: [&str; 14]| cells.map(str::to_owned).to_vec();
    let mut table = flows::table();
    let (client, server) =
        ("[2001:db8:1111:2222:3333:4444:5555:6666]:50000", "[2001:db8::7777:8888]:443/tcp");
    table.row(row([
        "1",
        "12:00:00.000",
        client,
        server,
        "https",
        "TLS",
        "registered",
        "handshake, high",
        "SF",
        "1.0 s",
        "12",
        "967",
        "",
        "+1",
    ]));
    table.row(row([
        "2",
        "12:00:00.000",
        "192.0.2.1:1",
        server,
        "https",
        "TLS",
        "registered",
        "handshake, high",
        "SF",
        "1.0 s",
        "12",
        "7",
        "one-way",
        "",
    ]));
    assert_eq!(
        written(table, Some(70)),
        " flow  client                                          status
        server                         registered as  payload  bytes
        flags
    1  [2001:db8:1111:2222:3333:4444:5555:6666]:50000  registered
        [2001:db8::7777:8888]:443/tcp  https          TLS        967
    2  192.0.2.1:1                                     registered
        [2001:db8::7777:8888]:443/tcp  https          TLS          7
        one-way

Hidden columns: time, by, state, duration, packets, more (widen the
terminal, or use --format csv).
"
    );
}

#[test]
fn what_lookup_says_goes_on_below_where_it_began() {
    let registry = Registry::bundled();
    let query: Query = "44515/tcp".parse().expect("a query");
    assert_eq!(
        lookup::people(&query.ask(&registry), &registry, Some(50)),
        [
            "44515/tcp  unassigned  (user port)",
            "  side by side      tcp=unassigned udp=unassigned",
            "                    sctp=unassigned",
            "                    dccp=unassigned",
            "  unassigned        44446-44543",
            "  below it          44445 acronis-backup",
            "  above it          44544 reserved",
            "  unauthorized use  Known UNAUTHORIZED USE: Ports",
            "                    44515 & 44516",
            "  description       Unassigned",
            "  range of ports    44446-44543",
            "  as of             2026-05-11 (assignee, contact,",
            "                    dates, notes)",
        ]
    );
}
