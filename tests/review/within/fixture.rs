//! A small review, as if of a capture: what the tests of the writers in `src/review/write` write.

use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::capture::Timestamp;
use crate::decode::Reason;
use crate::flow::Basis;
use crate::net::{End, Family, Protocol, Transport};
use crate::registry::{NOTE, Status};
use crate::review::model::{
    About, Approval, Cells, Clients, Coverage, Covering, Cut, CutReason, Finding, FindingKind, FlowEnds,
    FlowSample, Glossary, Grade, GradeCounts, InNoFlow, InNoFlowPart, InUse, InputFacts, Judged, KeptRow,
    NameBasis, NoRow, NotRead, Offer, Period, PortStatus, ReadFile, RegistryEdition, RegistryPart, Review,
    Row, RowId, RowKind, RowStatus, RuleFlows, RuleMatch, RuleReview, RulesSay, RulesetFacts, Scan, ScanRow,
    Service, Severity, Sha256, Tag, TagUse, Trust, Usage, UsedPart, Zone, ZoneSource,
};
use crate::rules::{RuleState, RuleVerdict, RulesetFormat};

pub const WEB: &str = "ra00000000001";
pub const SYSLOG: &str = "ra00000000005";
pub const KEPT: &str = "rb00000000001";

/// The program's columns of the row that was kept.
const CELLS: [(&str, &str); 5] = [
    ("sources", "10.77.1.10"),
    ("destination", "10.77.2.30"),
    ("proto", "tcp"),
    ("ports", "3306"),
    ("service", "mysql"),
];

/// The row with an identifier.
pub fn id(text: &str) -> RowId {
    text.parse().expect("a row identifier")
}

/// A point in time.
fn time(text: &str) -> Timestamp {
    let time: jiff::Timestamp = text.parse().expect("a time");
    Timestamp::from_nanoseconds(i64::try_from(time.as_nanosecond()).expect("a time of this age"))
}

fn end(text: &str) -> End {
    let end: std::net::SocketAddr = text.parse().expect("an end");
    End { address: end.ip(), port: Some(end.port()) }
}

/// Everything that a review can hold, once.
pub fn review() -> Review {
    let mut web =
        row(WEB, ("users", "10.77.1.10 10.77.1.11 10.77.1.12"), ("servers", "10.77.2.10"), "tcp 80", "http");
    web.status = RowStatus::Oac;
    web.configured = RulesSay::Allowed;
    web.service.clients_refused = vec!["10.77.1.40".parse().expect("an address")];
    web.service.clients_scanning = vec!["10.77.1.66".parse().expect("an address")];
    web.usage.grades.by_grade = BTreeMap::from([(Grade::Refused, 1), (Grade::AnsweredData, 9)]);
    web.approval =
        Some(approval(WEB, &[("owner", "Web team"), ("approved_by", "Ada"), ("notes", "<b>shop</b>")]));
    web.rules = vec![RuleMatch {
        rule: "inet/fw/forward#7".into(),
        verdict: RuleVerdict::Accept,
        definite: 10,
        ambiguous: 0,
    }];
    let mut telnet =
        row("a00000000002", ("users", "10.77.1.11"), ("servers", "10.77.2.10"), "tcp 23", "telnet");
    telnet.tags = vec![TagUse {
        tag: Tag::CleartextLogin,
        service: "telnet".into(),
        reason: "Passwords as text".into(),
        alternative: "SSH".into(),
        source: "PCI DSS v4.0.1, 1.2.5 (2024-06)".into(),
        waived: String::new(),
    }];
    telnet.findings = vec![FindingKind::UnapprovedInUse, FindingKind::InsecureInUse];
    let range = row(
        "a00000000003",
        ("users", "10.77.1.0/24"),
        ("servers", "10.77.2.10"),
        "tcp 5000-5009",
        "commplex-main",
    );
    let sctp = row("a00000000004", ("users", "10.77.1.10"), ("servers", "10.77.2.20"), "sctp 9", "discard");
    let mut syslog = row(SYSLOG, ("servers", "10.77.2.10"), ("management", "10.77.3.5"), "udp 514", "syslog");
    syslog.usage.grade = Grade::OnewayOk;
    syslog.service.clients_perhaps = std::mem::take(&mut syslog.service.clients);
    syslog.usage.grades.by_grade = BTreeMap::from([(Grade::OnewayOk, 4)]);
    let web6 =
        row("a00000000006", ("users", "fd77:1::10"), ("servers", "fd77:2::10"), "tcp 8080", "http-alt");
    let mut data = row("a00000000007", ("users", "10.77.1.10"), ("servers", "10.77.2.10"), "tcp 40001", "");
    data.kind = RowKind::DynamicData { control: id("a00000000008"), announced: false };
    data.service.registry.status = PortStatus::Same(Status::Unassigned);
    data.status = RowStatus::Apart;
    let dccp =
        row("a00000000009", ("users", "10.77.1.10"), ("servers", "10.77.2.20"), "dccp 5004", "avt-profile-1");
    let ping =
        row("a00000000012", ("users", "10.77.1.12"), ("servers", "10.77.2.10"), "icmp echo-request", "");
    let ping6 =
        row("a00000000013", ("users", "fd77:1::10"), ("servers", "fd77:2::10"), "icmpv6 echo-request", "");
    let esp = row("a00000000014", ("users", "10.77.1.12"), ("servers", "10.77.2.20"), "esp", "");
    let gre6 = row("a00000000015", ("users", "fd77:1::10"), ("servers", "fd77:2::10"), "gre", "");
    let mut tried =
        row("a00000000010", ("users", "10.77.1.12"), ("servers", "10.77.2.10"), "tcp 8443", "pcsync-https");
    tried.usage.grade = Grade::NoReply;
    tried.service.clients = Clients::default();
    tried.service.clients_refused = vec!["10.77.1.12".parse().expect("an address")];
    tried.usage.grades.by_grade = BTreeMap::from([(Grade::NoReply, 1)]);
    tried.status = RowStatus::Tried;

    let zone = |name: &str, network: &str, trust| Zone {
        name: name.into(),
        network: network.parse().expect("a network"),
        trust,
        comment: "floor 1".into(),
        source: ZoneSource::File,
    };
    let mut review = Review {
        version: 1,
        note: NOTE.into(),
        registry: RegistryEdition::Edition("2026-09-12".into()),
        made_by: "portscribe 0.0.0".into(),
        glossary: Glossary::default(),
        as_of: Some(jiff::civil::date(2026, 11, 22)),
        coverage: coverage(),
        zones: vec![
            zone("users", "10.77.1.0/24", Trust::Internal),
            zone("servers", "10.77.2.0/24", Trust::Cde),
            zone("management", "10.77.3.0/24", Trust::Internal),
            Zone { source: ZoneSource::Builtin, ..zone("internet", "0.0.0.0/0", Trust::External) },
        ],
        zone_interfaces: Vec::new(),
        zone_conflicts: Vec::new(),
        own_addresses: Vec::new(),
        rulesets: vec![RulesetFacts {
            ipsets: Vec::new(),
            name: "before.json".into(),
            sha256: Sha256([0xc3; 32]),
            format: RulesetFormat::NftJson,
            chain: "inet/fw/forward".into(),
            left_out: Vec::new(),
            rules: 3,
            unknown_members: None,
            groups_unknown: Vec::new(),
            rules_left_out: Vec::new(),
            counted: None,
        }],
        approved: Some("worksheet.csv".into()),
        approved_sha256: Some(Sha256([0xa1; 32])),
        approved_files: vec![ReadFile { name: "worksheet.csv".into(), sha256: Sha256([0xa1; 32]) }],
        approvals_on: Some(jiff::civil::date(2026, 11, 22)),
        worksheet_sha256: Sha256([0xb2; 32]),
        human_columns: ["owner", "approved_by", "notes"].map(str::to_owned).to_vec(),
        rows: vec![syslog, web, telnet, range, data, tried, sctp, dccp, web6, ping, ping6, esp, gre6],
        rules: rules(),
        scans: vec![Judged {
            of: ScanRow {
                folded: false,
                scan: Scan {
                    row_id: id("a00000000011"),
                    client: "10.77.1.66".parse().expect("an address"),
                    client_zone: "users".into(),
                    targets: 12,
                    used: 0,
                    perhaps_used: 0,
                    flows: 13,
                    grades: BTreeMap::from([(Grade::NoReply, 9), (Grade::Refused, 4)]),
                    first_seen: Some(time("2026-11-22T05:00:02.000000000Z")),
                    last_seen: Some(time("2026-11-22T05:00:03.000000000Z")),
                    rows: vec![id(WEB), id("a00000000010")],
                    samples: Vec::new(),
                },
                approval: None,
            },
            findings: vec![FindingKind::ScanLike],
        }],
        kept: vec![Judged {
            of: KeptRow {
                row_id: id(KEPT),
                status: RowStatus::AC,
                configured: RulesSay::Allowed,
                cells: Cells::new(CELLS.map(|(column, cell)| (column.to_owned(), cell.to_owned())).to_vec()),
                approval: approval(KEPT, &[("owner", "Finance"), ("approved_by", "Ada")]),
            },
            findings: vec![FindingKind::RowGone],
        }],
        findings: findings(),
    };
    review.glossary = review.words();
    review
}

/// Compares an output with `written/NAME` beside this file; `BLESS=1` writes that anew.
#[track_caller]
pub fn expect(name: &str, made: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/review/written").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, made).expect("an expectation");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == made, "{name} is another; see what BLESS=1 changes\n{made}");
}

/// The same without anything seen, configured or approved.
pub fn empty() -> Review {
    let mut review = review();
    review.as_of = None;
    review.approved = None;
    review.coverage.inputs.clear();
    review.coverage.in_flows = 0;
    review.coverage.no_row = NoRow::default();
    review.coverage.in_no_flow.clear();
    review.coverage.not_read.clear();
    review.coverage.dropped = None;
    review.coverage.cuts.clear();
    review.coverage.covered_seconds = 0.0;
    review.coverage.both_ways_share = None;
    review.zones.clear();
    review.rulesets.clear();
    review.rows.clear();
    review.rules.clear();
    review.scans.clear();
    review.kept.clear();
    review.findings.clear();
    review.glossary = Glossary::default();
    review
}

/// Text made to break out of wherever it stands.
pub const HOSTILE: &str = "\"'`><script>alert(1)</script>&\n}\r\n- x: [\\ \u{202e}é\u{0} */ --> ]]>";

/// The same with every text from outside replaced.
pub fn with_texts(text: &str) -> Review {
    let bad = || text.repeat(4);
    let mut review = review();
    for row in &mut review.rows {
        row.service.client_zone = bad();
        row.service.server_zone = format!("{} 2", bad());
        row.service.registry.service = bad();
        row.service.registry.note = bad();
        row.service.registry.local_names = vec![bad().into()];
        for tag in &mut row.tags {
            (tag.reason, tag.source, tag.waived) = (bad(), bad(), bad());
        }
        for cell in row.approval.iter_mut().flat_map(|approval| &mut approval.cells) {
            cell.1 = bad();
        }
    }
    for zone in &mut review.zones {
        (zone.name, zone.comment) = (bad(), bad().into());
    }
    for rule in &mut review.rules {
        (rule.text, rule.comment) = (bad().into(), bad().into());
    }
    for finding in &mut review.findings {
        (finding.title, finding.why, finding.suggestion) = (bad(), bad(), bad());
    }
    for kept in &mut review.kept {
        let KeptRow { cells, approval, .. } = &mut kept.of;
        *cells = Cells::new(CELLS.map(|(column, _)| (column.to_owned(), bad())).to_vec());
        approval.cells.iter_mut().for_each(|cell| cell.1 = bad());
    }
    for input in &mut review.coverage.inputs {
        (input.name, input.fault) = (bad(), Some(bad()));
    }
    for one in &mut review.coverage.not_read {
        (one.name, one.why) = (bad(), bad());
    }
    review.approved = Some(bad());
    review.registry = RegistryEdition::Edition(bad());
    review.note = bad();
    review.human_columns.push(bad());
    review
}

/// A service in use, observed and configured by no one.
fn row(
    row_id: &str,
    (client_zone, clients): (&str, &str),
    (server_zone, server): (&str, &str),
    at: &str,
    service: &str,
) -> Judged<Row> {
    let network = |text: &str| -> IpNet {
        text.parse().unwrap_or_else(|_| text.parse::<std::net::IpAddr>().expect("an address").into())
    };
    let networks: Vec<IpNet> = clients.split(' ').map(network).collect();
    let server: std::net::IpAddr = server.parse().expect("an address");
    let (protocol, ports) = at.split_once(' ').unwrap_or((at, ""));
    let offer = Offer::read(protocol, ports, "").or_else(|| Offer::read(protocol, "", ports));
    let offer = offer.expect("ports of a transport, a type of ICMP, or a protocol");
    let first = offer.ports().map(|ports| ports.first);
    let client = end("10.77.1.10:40112");
    let ends = FlowEnds {
        client: End { port: first.and(client.port), ..client },
        server: End { address: server, port: first },
        protocol: offer.protocol(),
    };
    let row = Row {
        folded: false,
        row_id: id(row_id),
        kind: RowKind::Service,
        status: RowStatus::Unjudged,
        configured: RulesSay::NotJudged,
        service: Service {
            family: Family::of(server),
            client_zone: client_zone.into(),
            clients: Clients { hosts: networks.len() as u64, networks, widened: false, share: None },
            clients_perhaps: Clients::default(),
            clients_refused: Vec::new(),
            clients_scanning: Vec::new(),
            server_zone: server_zone.into(),
            server,
            servers: Vec::new(),
            server_names: Vec::new(),
            behind: Vec::new(),
            offer,
            direction_basis: Basis::Handshake,
            name_basis: if first.is_some() { NameBasis::PortOnly } else { NameBasis::Protocol },
            spoken: Vec::new(),
            contradicting: Vec::new(),
            upgraded: Vec::new(),
            registry: RegistryPart {
                service: service.into(),
                names_beside: Vec::new(),
                status: if first.is_some() {
                    PortStatus::Same(Status::Registered)
                } else {
                    PortStatus::Portless
                },
                note: String::new(),
                unauthorized: false,
                other_transports: Vec::new(),
                local_names: Vec::new(),
            },
        },
        tags: Vec::new(),
        usage: Usage {
            grades: GradeCounts {
                by_grade: BTreeMap::from([(Grade::AnsweredData, 2)]),
                tries: 2,
                packets_before_reply: 2,
            },
            grade: Grade::AnsweredData,
            packets: 24,
            bytes: 3210,
            first_seen: Some(time("2026-11-22T05:00:00.000000000Z")),
            last_seen: Some(time("2026-11-22T05:00:06.660000000Z")),
            active_days: 1,
            samples: vec![FlowSample {
                capture: "f0.pcap".into(),
                frame: 12,
                flow: ends,
                grade: Grade::AnsweredData,
            }],
        },
        rules: Vec::new(),
        not_forwarded: None,
        approval: None,
        exceeds: None,
    };
    Judged { of: row, findings: vec![FindingKind::UnapprovedInUse] }
}

fn coverage() -> Coverage {
    Coverage {
        inputs: vec![InputFacts {
            name: "f0.pcap".into(),
            sha256: Some(Sha256(std::array::from_fn(|n| if n % 2 == 0 { 0 } else { 0xff }))),
            packets: 192,
            first: Some(time("2026-11-22T05:00:00.000000000Z")),
            last: Some(time("2026-11-22T05:00:06.660000000Z")),
            covered_seconds: 6.66,
            dropped: Some(0),
            copies: 0,
            same_as: None,
            overlaps: Vec::new(),
            fault: None,
        }],
        not_read: vec![NotRead { name: "nope.pcap".into(), why: "cannot be opened".into() }],
        hints: Vec::new(),
        joined_legs: 0,
        captured_again: 0,
        in_flows: 188,
        no_row: NoRow { icmp_errors: 2, icmpv6_of_link: 1 },
        in_no_flow: vec![
            InNoFlow { reason: Reason::NotIp, meaning: "no IP header found", packets: 4, of: Vec::new() },
            InNoFlow {
                reason: Reason::Portless,
                meaning: "an IP protocol without ports",
                packets: 3,
                of: vec![
                    InNoFlowPart::Protocol(Protocol::ICMP, 2),
                    InNoFlowPart::Protocol(Protocol::IGMP, 1),
                ],
            },
        ],
        left_out: 0,
        covered_seconds: 6.66,
        window_seconds: 42.0 * 86_400.0,
        cuts: vec![Cut {
            input: "f0.pcap".into(),
            frame: 77,
            from: time("2026-11-22T05:00:01.000000000Z"),
            to: time("2026-11-22T05:30:01.000000000Z"),
            reason: CutReason::Silence,
        }],
        more_cuts: 2,
        active_days: 1,
        both_ways_share: Some(0.9375),
        dropped: Some(0),
        truncated: 3,
        copies: 0,
        vantage: None,
        chances: vec![(Period::Hourly, 0.001_85), (Period::Daily, 0.000_077), (Period::Yearly, 0.000_000_2)],
        never_listened: Vec::new(),
    }
}

fn approval(row_id: &str, cells: &[(&str, &str)]) -> Approval {
    let cells = cells.iter().map(|&(column, cell)| (column.to_owned(), cell.to_owned())).collect();
    Approval { row_id: id(row_id), cells, ..Approval::default() }
}

fn rules() -> Vec<Judged<RuleReview>> {
    let rule = |reference: &str, text: &str, verdict| Judged {
        of: RuleReview {
            reference: reference.into(),
            row_id: Some(id("c00000000001")),
            approval: None,
            text: text.into(),
            comment: "R1 web".into(),
            scope: None,
            verdict,
            state: RuleState::Full,
            undecided: Vec::new(),
            kernel_packets: Some(10),
            counted: None,
            judged_from: None,
            listed: Vec::new(),
            not_looked_at: None,
            flows: RuleFlows {
                definite: 10,
                ambiguous: 1,
                grades: BTreeMap::from([(Grade::AnsweredData, 9), (Grade::Refused, 1)]),
                packets_before_reply: 10,
            },
            left_out: None,
            looked_at: true,
            used: UsedPart {
                clients: [[10, 77, 1, 10].into()].into(),
                servers: [([10, 77, 2, 10].into(), InUse::Yes)].into(),
                offers: [(Offer::port(Transport::Tcp, 80), InUse::Yes)].into(),
            },
            samples: Vec::new(),
            rows: vec![id(WEB)],
            covered_by: None,
        },
        findings: vec![FindingKind::RuleWiderThanUse],
    };
    let web = rule(
        "inet/fw/forward#7",
        "ip saddr 10.77.1.0/24 ip daddr 10.77.2.10 tcp dport { 80, 443 } counter accept",
        RuleVerdict::Accept,
    );
    let mut shadowed = rule("inet/fw/forward#11", "tcp dport 80 accept", RuleVerdict::Accept);
    shadowed.comment = "".into();
    shadowed.flows = RuleFlows::default();
    shadowed.kernel_packets = None;
    shadowed.used = UsedPart::default();
    shadowed.rows = Vec::new();
    shadowed.covered_by = Some(Covering { by: vec!["inet/fw/forward#7".into()], same_verdict: true });
    shadowed.state = RuleState::Partial;
    shadowed.undecided = vec!["meta mark 7".into()];
    vec![web, shadowed]
}

fn findings() -> Vec<Finding> {
    vec![
        Finding {
            kind: FindingKind::UnapprovedInUse,
            name: FindingKind::UnapprovedInUse.name(),
            severity: Severity::High,
            title: "telnet at 10.77.2.10 is in use and not approved".into(),
            about: About::Row(id("a00000000002")),
            samples: vec![FlowSample {
                capture: "f0.pcap".into(),
                frame: 12,
                flow: FlowEnds {
                    client: end("10.77.1.11:40112"),
                    server: end("10.77.2.10:23"),
                    protocol: Transport::Tcp.into(),
                },
                grade: Grade::AnsweredData,
            }],
            flows: 2,
            why: "Nobody has approved it.".into(),
            limits: "The port does not prove the service.".into(),
            suggestion: "Approve it, or block it.".into(),
            standards: &["PCI DSS 1.2.5", "NIST SP 800-53 CM-7(1)"],
        },
        Finding {
            kind: FindingKind::CoverageShort,
            name: FindingKind::CoverageShort.name(),
            severity: Severity::Info,
            title: "6.7 s of capture (0.0002 % of the 42-day window)".into(),
            about: About::Whole,
            samples: Vec::new(),
            flows: 0,
            why: "A job that runs once a day is missed.".into(),
            limits: String::new(),
            suggestion: "Capture for seven days.".into(),
            standards: &[],
        },
    ]
}
