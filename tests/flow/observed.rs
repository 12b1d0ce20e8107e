//! What payload shows against the services that Zeek's own test suite expects of its payload analysers.
//!
//! Of 115 connections whose service Zeek tells 112 are named so. The others:
//!
//! - `Teredo.pcap`, `teredo_bubble_with_payload.pcap` (2): HTTP in Teredo between ports that are not Teredo's,
//!   which is not followed here; the datagrams around it are named Teredo.
//! - `irc-dcc-send.pcapng` (1): a file that a control connection announced; its octets show nothing.

use std::collections::BTreeMap;

use crate::zeek::{connections, end, flows_of};

/// What a service of Zeek's is called here; a list of services is one that changed on the way.
fn names_of(service: &str) -> Vec<&'static str> {
    service
        .split(',')
        .flat_map(|service| match service {
            "ayiya" => &["AYIYA"][..],
            "dce_rpc" => &["DCE RPC"],
            "dhcp" => &["DHCP"],
            "dns" => &["DNS", "mDNS", "LLMNR", "NBNS"],
            "ftp" => &["FTP", "FTP with TLS"],
            "geneve" => &["Geneve"],
            "gtpv1" => &["GTP-U", "GTP-C"],
            "http" => &["HTTP", "WebSocket"],
            "irc" => &["IRC"],
            "krb_tcp" => &["Kerberos"],
            "modbus" => &["Modbus/TCP"],
            "mysql" => &["MySQL"],
            "ntp" => &["NTP"],
            "pop3" => &["POP3"],
            "rdpeudp" => &["RDP"],
            "smtp" => &["SMTP"],
            "ssh" => &["SSH 2", "SSH 1"],
            "ssl" => &["TLS", "DTLS"],
            "teredo" => &["Teredo"],
            "vxlan" => &["VXLAN"],
            "xmpp" => &["XMPP"],
            _ => &[],
        })
        .copied()
        .collect()
}

#[test]
fn services_that_zeek_tells_by_payload_are_named_so() {
    let Some(shared) = crate::support::shared() else { return };
    // The data of FTP is told by its control connection, not by what it is.
    let told = connections(&shared, |row| !matches!(row["service"].as_str(), "-" | "ftp-data"));
    let (mut all, mut alike) = (0, 0);
    let mut others = BTreeMap::new();
    for (capture, connections) in told {
        let flows = flows_of(&shared, &capture);
        for connection in connections {
            let mut ends = [end(&connection, "orig_h", "orig_p"), end(&connection, "resp_h", "resp_p")];
            ends.sort();
            let observed: Vec<&str> = flows
                .iter()
                .filter(|flow| flow["transport"] == connection["proto"])
                .filter(|flow| {
                    let mut own = [
                        end(flow, "client_address", "client_port"),
                        end(flow, "server_address", "server_port"),
                    ];
                    own.sort();
                    own == ends
                })
                .map(|flow| flow["observed"].as_str())
                .collect();
            let names = names_of(&connection["service"]);
            all += 1;
            if observed.iter().any(|name| names.contains(name)) {
                alike += 1;
            } else {
                *others
                    .entry(format!("{capture} {} {}", connection["service"], observed.join(" ")))
                    .or_insert(0) += 1;
            }
        }
    }
    assert_eq!((alike, all), (112, 115), "{others:?}");
}
