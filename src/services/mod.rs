//! What is known of services beyond their registration: what they send in the clear, which are called
//! insecure and why, which administer hosts, hand out ports or expect no answer, and how their payload
//! begins.
//!
//! All of it stands in one table, `services.csv`, a row for each statement with its source. It goes by
//! transport, port and registered name, as the registry does: whether traffic is that service, and
//! whether something protects it, it cannot say.
//!
//! | column | holds |
//! |---|---|
//! | `service` | the name that people know |
//! | `registered_as` | the registry's name or status for the ports, where it is another than `service` |
//! | `proto` | transports, separated by spaces |
//! | `ports` | ports and ranges, separated by spaces: `6881-6887 6889` |
//! | `fact` | a [`Tag`], or `in-the-clear`, `administration`, `hands-out-ports`, `one-way`, `stable`, `begins-with`, `usual-port` |
//! | `value` | of `in-the-clear` what is sent ([`Sends`]), and until when ([`Until`]) where not always; of the last two the recognised protocols ([`Spoken`]). `PROTOCOLS: ` before what is sent: the statement is about these protocols on any port, of which services say several things, or none |
//! | `why`, `alternative` | the reason, and what to use instead of an insecure service |
//! | `source`, `source_date` | who says so, and when: `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `undated` |

mod by_name;
mod clear;
mod fact;
mod statement;
mod tag;

use crate::evidence::Spoken;
use crate::net::{Ports, Transport};

use by_name::ByName;
pub use clear::{InTheClear, Sends, Until};
pub use fact::Fact;
pub use statement::{Statement, Subject, statements};
pub use tag::Tag;

include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// Why a service is called insecure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Insecure {
    /// The reason in one word.
    pub tag: Tag,
    /// The statement.
    pub fact: Fact,
}

/// What a service sends in the clear, by the name registered for its port; `None` where that is not
/// known.
pub fn in_the_clear(registered_name: &str) -> Option<&'static InTheClear> {
    let row = CLEAR_BY_NAME.find(registered_name, |row| Some(IN_THE_CLEAR.get(row)?.0))?;
    Some(&IN_THE_CLEAR[row].1)
}

static CLEAR_BY_NAME: ByName = {
    let mut names = [""; IN_THE_CLEAR.len()];
    let mut row = 0;
    while row < names.len() {
        names[row] = IN_THE_CLEAR[row].0;
        row += 1;
    }
    ByName::new(&names)
};

/// What a recognised protocol sends in the clear, on whichever port: what the services send that begin with it,
/// where it is known of all of them and the same, or what the table says of the protocol. `None` where that is
/// not known.
pub const fn sent_in_the_clear(spoken: Spoken) -> Option<&'static InTheClear> {
    clear_of(spoken)
}

/// The recognised protocols that the payload of a service begins with, by its registered name; empty
/// where it is not known how the service begins.
pub fn begins_with(registered_name: &str) -> &'static [Spoken] {
    match BEGINS_BY_NAME.find(registered_name, |row| Some(BEGINS_WITH.get(row)?.0)) {
        Some(row) => BEGINS_WITH[row].1,
        None => &[],
    }
}

static BEGINS_BY_NAME: ByName = {
    let mut names = [""; BEGINS_WITH.len()];
    let mut row = 0;
    while row < names.len() {
        names[row] = BEGINS_WITH[row].0;
        row += 1;
    }
    ByName::new(&names)
};

/// The port that a recognised protocol usually has, where something is to be said of that port.
pub fn usual_port(spoken: Spoken) -> Option<(Transport, u16)> {
    let (_, fact) = USUAL_PORT.iter().find(|(protocols, _)| protocols.contains(&spoken))?;
    Some((*fact.transports.first()?, fact.ports.first()?.first))
}

/// Whether a service on one of these ports gives control of a host.
pub fn administers(transport: Transport, ports: Ports) -> bool {
    let tagged = INSECURE.iter().filter(|row| row.tag == Tag::RemoteAdmin).map(|row| &row.fact);
    ADMINISTRATION.iter().chain(tagged).any(|fact| fact.covers_some(transport, ports))
}

/// Whether a recognised protocol gives control of a host, on whichever port: each service that begins so
/// does.
pub fn is_administration(spoken: Spoken) -> bool {
    let mut facts = BEGINS_WITH.iter().filter(|(_, protocols, _)| protocols.contains(&spoken)).peekable();
    facts.peek().is_some()
        && facts.all(|(.., fact)| {
            let on = |&transport: &Transport| fact.ports.iter().any(|&ports| administers(transport, ports));
            fact.transports.iter().any(on)
        })
}

/// Whether a service hands out ports, on whichever transport.
pub fn hands_out_ports(port: u16) -> bool {
    HANDS_OUT_PORTS.iter().any(|fact| fact.has_port(port))
}

/// Whether a service expects no answer.
pub fn is_one_way(transport: Transport, port: u16) -> bool {
    has(&ONE_WAY_PORTS, port) && ONE_WAY.iter().any(|fact| fact.covers(transport, port))
}

/// A bit for each port that a statement of [`ONE_WAY`] is about: it is asked for every flow, and few have one.
static ONE_WAY_PORTS: [u64; 1024] = {
    let mut bits = [0; 1024];
    let mut row = 0;
    while row < ONE_WAY.len() {
        let ports = ONE_WAY[row].ports;
        let mut range = 0;
        while range < ports.len() {
            let mut port = ports[range].first as usize;
            while port <= ports[range].last as usize {
                bits[port / 64] |= 1 << (port % 64);
                port += 1;
            }
            range += 1;
        }
        row += 1;
    }
    bits
};

const fn has(bits: &[u64; 1024], port: u16) -> bool {
    bits[port as usize / 64] >> (port % 64) & 1 == 1
}

/// Whether the service of a port stays there, among the ports that programs of ONC RPC are given.
pub fn is_stable(port: u16) -> bool {
    STABLE.iter().any(|fact| fact.has_port(port))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::decode::UdpTunnel;
    use crate::registry::{Registry, Status};

    #[test]
    fn protocols_that_give_control_of_a_host_do_so_on_any_port() {
        let all: Vec<&str> = Spoken::ALL
            .iter()
            .filter(|&&spoken| is_administration(spoken))
            .map(|spoken| spoken.name())
            .collect();
        assert_eq!(all, ["SSH 2", "SSH 1", "Telnet", "rlogin", "rsh", "VNC", "RDP"]);
    }

    fn ports_of(fact: &Fact) -> impl Iterator<Item = (Transport, u16)> {
        fact.transports.iter().flat_map(|&transport| {
            fact.ports
                .iter()
                .flat_map(move |ports| (ports.first..=ports.last).map(move |port| (transport, port)))
        })
    }

    fn facts() -> impl Iterator<Item = &'static Fact> {
        INSECURE
            .iter()
            .map(|row| &row.fact)
            .chain(ADMINISTRATION.iter().chain(&HANDS_OUT_PORTS).chain(&ONE_WAY).chain(&STABLE))
            .chain(IN_THE_CLEAR.iter().map(|(_, clear)| &clear.fact))
            .chain(Spoken::ALL.into_iter().filter_map(sent_in_the_clear).map(|clear| &clear.fact))
            .chain(BEGINS_WITH.iter().map(|(.., fact)| fact))
            .chain(USUAL_PORT.iter().map(|(_, fact)| fact))
    }

    #[test]
    fn every_fact_has_a_source_and_the_name_that_the_registry_has() {
        let registry = Registry::bundled();
        for fact in facts() {
            assert!(!fact.ports.is_empty() && !fact.transports.is_empty(), "{fact:?}");
            assert!(fact.source.len() > 2 && !fact.source.ends_with('.'), "{fact:?}");
            for cell in [fact.why, fact.alternative, fact.source] {
                assert!(cell.trim() == cell && !cell.ends_with('.'), "{fact:?}");
            }
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(fact.service.chars().all(is_name), "{fact:?}");
            for (transport, port) in ports_of(fact) {
                let answer = registry.port(transport, port);
                let has = answer.service().unwrap_or_else(|| answer.status().name());
                let is_alias = answer.aliases().any(|name| name == fact.registered_as);
                assert!(has == fact.registered_as || is_alias, "{port}/{transport} is {has} in {fact:?}");
            }
        }
    }

    #[test]
    fn a_port_is_stated_to_be_a_thing_once() {
        let once = |facts: &[Fact], kind: &str| {
            let mut seen = BTreeSet::new();
            for port in facts.iter().flat_map(ports_of) {
                assert!(seen.insert((port.0.name(), port.1)), "{kind}: {port:?}");
            }
        };
        for tag in Tag::ALL {
            let facts: Vec<Fact> = INSECURE.iter().filter(|row| row.tag == tag).map(|row| row.fact).collect();
            once(&facts, tag.name());
            assert!(!facts.is_empty(), "{tag:?}");
        }
        once(&ADMINISTRATION, "administration");
        once(&HANDS_OUT_PORTS, "hands-out-ports");
        once(&ONE_WAY, "one-way");
        once(&STABLE, "stable");
        assert!(INSECURE.is_sorted_by_key(|row| row.fact.ports[0].first), "rows are in the order of ports");
        for row in &INSECURE {
            assert!(!row.fact.why.is_empty() && !row.fact.alternative.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn what_is_searched_by_name_is_sorted_and_has_a_name_once() {
        assert!(BEGINS_WITH.is_sorted_by(|(a, ..), (b, ..)| a < b));
        for (name, spoken, _) in &BEGINS_WITH {
            assert_eq!(begins_with(name), *spoken, "{name}");
        }
        assert!(begins_with("").is_empty() && begins_with("http-").is_empty());
        assert!(IN_THE_CLEAR.is_sorted_by(|(a, _), (b, _)| a < b));
        for (name, clear) in &IN_THE_CLEAR {
            assert!(std::ptr::eq(in_the_clear(name).expect(name), clear), "{name}");
        }
        for name in ["", "x", "domain-", "tel\u{e9}net", "nothing-of-this-name"] {
            assert!(in_the_clear(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_port_is_one_way_where_a_statement_covers_it() {
        for transport in Transport::ALL {
            for port in 0..=u16::MAX {
                let covered = ONE_WAY.iter().any(|fact| fact.covers(transport, port));
                assert_eq!(is_one_way(transport, port), covered, "{port}/{transport}");
            }
        }
    }

    /// What is called insecure for it by somebody is in the clear by its specification, too.
    #[test]
    fn what_is_tagged_as_clear_text_is_in_the_clear() {
        let registry = Registry::bundled();
        for row in INSECURE.iter().filter(|row| row.tag.is_cleartext()) {
            for (transport, port) in ports_of(&row.fact) {
                let clear = registry.port(transport, port).service().and_then(in_the_clear);
                let clear = clear.unwrap_or_else(|| panic!("{row:?}"));
                assert!(clear.sends != Sends::Nothing, "{row:?}");
                assert!(row.tag != Tag::CleartextLogin || clear.has_credentials(), "{row:?}");
            }
        }
    }

    /// A flow is looked up by the leading name of its port, so that rows have that one.
    #[test]
    fn what_is_in_the_clear_is_found_by_the_leading_name() {
        let registry = Registry::bundled();
        for (name, clear) in &IN_THE_CLEAR {
            for (transport, port) in ports_of(&clear.fact) {
                assert_eq!(registry.port(transport, port).service(), Some(*name), "{port}/{transport}");
            }
        }
    }

    #[test]
    fn what_a_service_sends_is_nothing_content_credentials_or_not_known() {
        let said = |name| in_the_clear(name).map(InTheClear::to_string);
        for (name, expected) in [
            ("telnet", Some("sends credentials and content in the clear")),
            ("ldap", Some("sends credentials and content in the clear until it is upgraded to TLS")),
            ("mysql", Some("sends its content in the clear until it is upgraded to TLS")),
            ("microsoft-ds", Some("sends its content in the clear unless both ends agree to encrypt")),
            ("snmp", Some("sends credentials and content in the clear unless both ends agree to encrypt")),
            ("domain", Some("sends its content in the clear")),
            ("https", Some("sends nothing in the clear")),
            ("kerberos", None),
        ] {
            assert_eq!(said(name).as_deref(), expected, "{name}");
        }
        let plants = ["mbap", "dnp", "iec-104", "iso-tsap", "EtherNet-IP-1", "EtherNet-IP-2", "bacnet"];
        for name in plants.into_iter().chain(["nfs", "mongodb", "ms-sql-s"]) {
            assert_eq!(in_the_clear(name).map(|clear| clear.sends), Some(Sends::Content), "{name}");
        }
        // What begins with TLS alone sends nothing.
        for (name, spoken, _) in &BEGINS_WITH {
            if let ([Spoken::Tls] | [Spoken::Tls, Spoken::Quic], Some(clear)) = (spoken, in_the_clear(name)) {
                assert_eq!(clear.sends, Sends::Nothing, "{name}");
            }
        }
    }

    #[test]
    fn what_a_protocol_sends_is_what_all_services_send_that_begin_with_it() {
        let of = |sends: Option<Sends>, until: Option<Until>| -> Vec<&str> {
            let is_it = |spoken: &Spoken| {
                let clear = sent_in_the_clear(*spoken);
                clear.map(|clear| clear.sends) == sends && clear.map(|clear| clear.until) == until
            };
            Spoken::ALL.into_iter().filter(is_it).map(Spoken::name).collect()
        };
        let credentials = Some(Sends::CredentialsAndContent);
        assert_eq!(of(Some(Sends::Nothing), Some(Until::Always)), ["SSH 2", "SSH 1", "TLS", "DTLS", "QUIC"]);
        assert_eq!(
            of(credentials, Some(Until::Always)),
            ["Telnet", "rlogin", "rsh", "X11", "IRC", "AMQP", "MQTT", "RIP"]
        );
        assert_eq!(
            of(credentials, Some(Until::UntilTls)),
            ["FTP", "FTP with TLS", "SMTP", "POP3", "IMAP", "NNTP", "XMPP", "LDAP", "PostgreSQL"]
        );
        assert_eq!(of(credentials, Some(Until::UnlessAgreed)), ["SNMP v1", "SNMP v2c", "Redis"]);
        assert_eq!(of(Some(Sends::Content), Some(Until::UntilTls)), ["MySQL", "TDS"]);
        assert_eq!(
            of(Some(Sends::Content), Some(Until::UnlessAgreed)),
            ["SMB 1", "SMB 2 or 3", "NetBIOS session", "SNMP v3", "ONC RPC", "NFS", "MongoDB", "Memcached"]
        );
        assert_eq!(
            of(Some(Sends::Content), Some(Until::Always)),
            [
                "HTTP",
                "HTTP/2",
                "gRPC",
                "WebSocket",
                "NBNS",
                "NBDGM",
                "TFTP",
                "VNC",
                "DNS",
                "mDNS",
                "LLMNR",
                "DHCP",
                "DHCPv6",
                "NTP",
                "syslog",
                "RADIUS",
                "SIP",
                "RTSP",
                "VXLAN",
                "Geneve",
                "BGP",
                "IPFIX",
                "sFlow",
                "Modbus/TCP",
                "DNP3",
                "S7",
                "MMS",
                "ISO-on-TCP",
                "IEC 104",
                "BACnet/IP",
                "EtherNet/IP",
                "SSDP",
                "rsync",
            ]
        );
        assert_eq!(
            of(None, None),
            [
                "RDP",
                "PTP",
                "TACACS+",
                "Diameter",
                "Kerberos",
                "DCE RPC",
                "AFS",
                "H.225",
                "MGCP",
                "SCCP",
                "RTP",
                "RTCP",
                "STUN",
                "Oracle TNS",
                "DRDA",
                "Cassandra",
                "Kafka",
                "ZooKeeper",
                "CoAP",
                "NATS",
                "STOMP",
                "BitTorrent",
                "BitTorrent DHT",
                "Bitcoin",
                "Minecraft",
                "WireGuard",
                "OpenVPN",
                "IKE",
                "ESP in UDP",
                "L2TP",
                "PPTP",
                "Teredo",
                "AYIYA",
                "GTP-U",
                "GTP-C",
                "PFCP",
                "M3UA",
                "M2PA",
                "SUA",
                "S1AP",
                "X2AP",
                "NGAP",
                "XnAP",
                "SGsAP",
                "LDP",
                "MSDP",
                "BFD",
                "HSRP",
                "NetFlow 5",
                "NetFlow 9",
                "OPC UA",
                "PROFINET",
                "KNXnet/IP",
                "SOCKS 4",
                "SOCKS 5",
                "Git",
            ]
        );
    }

    #[test]
    fn recognised_protocols_are_how_services_begin_but_for_those_without_a_registration() {
        let begins = |spoken| BEGINS_WITH.iter().any(|(_, all, _)| all.contains(&spoken));
        let without: Vec<_> = Spoken::ALL.into_iter().filter(|&one| !begins(one)).map(Spoken::name).collect();
        let expected = [
            "Cassandra",
            "Kafka",
            "ZooKeeper",
            "NATS",
            "STOMP",
            "BitTorrent",
            "BitTorrent DHT",
            "Bitcoin",
            "Minecraft",
            "WireGuard",
            "Teredo",
            "AYIYA",
            "NetFlow 5",
            "NetFlow 9",
            "KNXnet/IP",
        ];
        assert_eq!(without, expected);
        assert_eq!(begins_with("https"), [Spoken::Tls, Spoken::Quic]);
        assert_eq!(begins_with("echo"), []);
    }

    #[test]
    fn a_usual_port_is_that_of_a_service_that_begins_so() {
        let registry = Registry::bundled();
        for spoken in Spoken::ALL {
            let Some((transport, port)) = usual_port(spoken) else { continue };
            let name = registry.port(transport, port).service().expect("a registered port");
            assert!(begins_with(name).contains(&spoken), "{spoken:?} on {port}/{transport}");
        }
    }

    /// What the decoder takes for a tunnel is not another service here.
    #[test]
    fn ports_of_tunnels_are_those_of_tunnels() {
        let registry = Registry::bundled();
        for kind in UdpTunnel::ALL {
            for &port in kind.ports() {
                for fact in facts().filter(|fact| fact.covers(Transport::Udp, port)) {
                    let is_clear = IN_THE_CLEAR.iter().any(|(_, clear)| clear.fact == *fact);
                    // Its own first octets, where it is not followed.
                    let is_itself = BEGINS_WITH.iter().any(|(.., begins)| begins == fact);
                    assert!(ONE_WAY.contains(fact) || is_clear || is_itself, "{kind} on {port}: {fact:?}");
                    assert_eq!(registry.port(Transport::Udp, port).status(), Status::Registered);
                }
            }
        }
        for fact in ONE_WAY.iter().filter(|fact| fact.why.starts_with("The source port of")) {
            let port = fact.ports[0].first;
            assert!(UdpTunnel::ALL.iter().any(|kind| kind.ports().contains(&port)), "{fact:?}");
        }
    }

    #[test]
    fn administration_is_what_is_tagged_so_and_more() {
        let at = |transport, port| administers(transport, Ports { first: port, last: port });
        let tcp: Vec<u16> = (0..=u16::MAX).filter(|&port| at(Transport::Tcp, port)).collect();
        assert_eq!(tcp, [22, 23, 135, 512, 513, 514, 992, 3389, 5900, 5985, 5986]);
        let udp: Vec<u16> = (0..=u16::MAX).filter(|&port| at(Transport::Udp, port)).collect();
        assert_eq!(udp, [161, 623, 3389]);
    }

    #[test]
    fn ports_are_handed_out_by_seven_services_and_some_are_not_handed_out() {
        let of = |holds: fn(u16) -> bool| (0..=u16::MAX).filter(|&port| holds(port)).collect::<Vec<_>>();
        assert_eq!(of(hands_out_ports), [21, 69, 111, 135, 554, 1720, 5060]);
        assert_eq!(
            of(is_stable),
            [623, 631, 636, 646, 647, 830, 853, 860, 873, 902, 989, 990, 992, 993, 995]
        );
    }
}
