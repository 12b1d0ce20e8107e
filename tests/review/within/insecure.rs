//! The list of insecure services and what users add to it.

use super::*;
use crate::services::Tag;

fn tags(list: &InsecureList, transport: Transport, port: u16) -> Vec<(&'static str, String, String)> {
    list.tags(transport, port).into_iter().map(|t| (t.tag.name(), t.service, t.waived)).collect()
}

#[test]
fn the_transport_decides() {
    let list = InsecureList::bundled();
    assert_eq!(
        tags(&list, Transport::Tcp, 514),
        ["cleartext-login", "no-authentication"].map(|tag| (tag, "rsh".to_owned(), String::new()))
    );
    assert_eq!(
        tags(&list, Transport::Udp, 514),
        ["cleartext-data", "no-authentication"].map(|tag| (tag, "syslog".to_owned(), String::new()))
    );
    assert_eq!(tags(&list, Transport::UdpLite, 514), tags(&list, Transport::Udp, 514));
    assert_eq!(tags(&list, Transport::Sctp, 514), []);
    assert_eq!(tags(&list, Transport::Tcp, 22), []);
}

#[test]
fn a_tag_comes_with_its_reason_and_its_dated_source() {
    let of_telnet = InsecureList::bundled().tags(Transport::Tcp, 23);
    assert_eq!(
        of_telnet,
        [
            TagUse {
                tag: Tag::CleartextLogin,
                service: "telnet".into(),
                reason: "Everything that is typed goes over the network as text, passwords too".into(),
                alternative: "SSH".into(),
                source: "PCI DSS v4.0.1, requirement 1.2.5, purpose: Telnet and FTP as insecure services \
                         (2024-06)"
                    .into(),
                waived: String::new(),
            },
            TagUse {
                tag: Tag::RemoteAdmin,
                service: "telnet".into(),
                reason: "It gives a command line on the host".into(),
                alternative: "SSH from administrators' hosts only".into(),
                source: "CISA, Misconfigurations and Weaknesses Known to be Used in Ransomware \
                         Campaigns: Telnet (2023-10)"
                    .into(),
                waived: String::new(),
            },
        ]
    );
}

#[test]
fn own_rows_come_after_the_bundled_and_a_range_covers_both_its_ends() {
    let mut list = InsecureList::bundled();
    let own = "service,proto,ports,tag,reason,source,source_date\n\
               plc,tcp udp,4000-4002 4010,no-authentication,Takes any command,Our policy 7,2026-01\n\
               telnet-2,tcp,23,obsolete-version,Old daemon,Our policy 8,\n";
    list.add("own.csv", own.as_bytes()).expect("a list");
    for (port, covered) in
        [(3999, false), (4000, true), (4002, true), (4003, false), (4010, true), (4011, false)]
    {
        assert_eq!(!list.tags(Transport::Udp, port).is_empty(), covered, "{port}");
    }
    let names: Vec<_> = tags(&list, Transport::Tcp, 23).into_iter().map(|t| t.0).collect();
    assert_eq!(names, ["cleartext-login", "obsolete-version", "remote-admin"]);
    assert_eq!(list.tags(Transport::Tcp, 4010)[0].source, "Our policy 7 (2026-01)");
    assert_eq!(list.tags(Transport::Tcp, 23)[1].source, "Our policy 8 (undated)");
}

#[test]
fn a_waiver_takes_back_what_it_names_and_keeps_its_reason() {
    let waived = |text: &str| {
        let mut list = InsecureList::bundled();
        list.add("own.csv", text.as_bytes()).expect("a list");
        [(Transport::Tcp, 161), (Transport::Udp, 161)].map(|(transport, port)| {
            tags(&list, transport, port).into_iter().map(|t| (t.0, t.2)).collect::<Vec<_>>()
        })
    };
    let why = || "behind a VPN".to_owned();
    assert_eq!(
        waived("service,waived\nSNMP,behind a VPN\n"),
        [
            vec![("cleartext-login", why()), ("obsolete-version", why())],
            vec![("cleartext-login", why()), ("obsolete-version", why()), ("amplifier", why())]
        ]
    );
    assert_eq!(
        waived("service,proto,ports,tag,waived\nsnmp,udp,161,obsolete-version,behind a VPN\n"),
        [
            vec![("cleartext-login", String::new()), ("obsolete-version", String::new())],
            vec![
                ("cleartext-login", String::new()),
                ("obsolete-version", why()),
                ("amplifier", String::new())
            ]
        ]
    );
    assert_eq!(
        waived("service,ports,waived\nsnmp,162,behind a VPN\n")[0],
        [("cleartext-login", String::new()), ("obsolete-version", String::new())]
    );
}

#[test]
fn a_waiver_of_nothing_is_an_error_and_changes_nothing() {
    let mut list = InsecureList::default();
    list.add("own.csv", b"service,proto,ports,tag,reason,source\nplc,tcp,1,amplifier,x,y\n").expect("rows");
    let error = list.add("more.csv", b"service,waived\ntelent,x\n").err().map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some("more.csv:2: column service: `telent` is waived, but no row has this service; there are plc")
    );
    assert_eq!(list.rows().len(), 1);
}
