//! Who is the server where no opening shows it: every report says the same.

use std::io::Cursor;

use crate::support::made::{ACK, Made};
use crate::support::packet::pcap;
use crate::support::{portscribe, rows};
use portscribe::capture::CaptureReader;
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

/// The server of each flow, with the basis and the confidence.
fn servers(capture: Vec<u8>) -> Vec<String> {
    let mut reading = Reading::new(ReadSettings::default());
    let reader = CaptureReader::from_stream("made", Cursor::new(capture)).expect("a capture");
    reading.read(reader, |_| {}).expect("a whole capture");
    let traffic = reading.finish();
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    labelled
        .rows()
        .map(|row| {
            let (server, direction) = (row.server(), row.label.direction);
            let port = server.port.expect("a port");
            format!("{} {port} {} {}", server.address, direction.basis, direction.confidence)
        })
        .collect()
}

#[test]
fn services_whose_clients_have_a_port_of_their_own() {
    let mut made = Made::default();
    // The answers come first.
    made.udp(0, ("192.0.2.1", 67), ("192.0.2.9", 68));
    made.udp(1, ("192.0.2.9", 68), ("192.0.2.1", 67));
    made.udp(2, ("fe80::1", 547), ("fe80::9", 546));
    // A relay has the server's port.
    made.udp(3, ("192.0.2.7", 67), ("192.0.2.1", 67));
    assert_eq!(
        servers(made.capture()),
        ["192.0.2.1 67 pair high", "fe80::1 547 pair high", "192.0.2.1 67 endpoint medium"]
    );
}

#[test]
fn the_port_of_a_group_is_the_service_but_for_answers() {
    let mut made = Made::default();
    made.udp(0, ("0.0.0.0", 68), ("255.255.255.255", 67));
    made.udp(1, ("192.0.2.1", 67), ("255.255.255.255", 68));
    made.udp(2, ("192.0.2.9", 1900), ("239.255.255.250", 50_000));
    made.udp(3, ("192.0.2.9", 5000), ("255.255.255.255", 1900));
    // An answer to a client that cannot be reached otherwise yet.
    made.udp(4, ("192.0.2.1", 2000), ("255.255.255.255", 50_000));
    assert_eq!(
        servers(made.capture()),
        [
            "255.255.255.255 67 multicast high",
            "192.0.2.1 67 pair high",
            "192.0.2.9 1900 registered low",
            "255.255.255.255 1900 multicast high",
            "192.0.2.1 2000 registered low",
        ]
    );
}

#[test]
fn the_link_layer_tells_the_broadcast_address_of_a_network() {
    let mut made = Made::default();
    for at in 0..2 {
        made.udp(at, ("192.0.2.9", 8888), ("192.0.2.127", 9999));
    }
    let packets: Vec<Vec<u8>> = made
        .0
        .iter()
        .zip([[0xff; 6], [2; 6]])
        .map(|((_, packet), destination)| [&destination[..], &[2; 6], &[8, 0], packet].concat())
        .collect();
    assert_eq!(servers(pcap(1, &packets[..1])), ["192.0.2.127 9999 multicast high"]);
    assert_eq!(servers(pcap(1, &packets[1..])), ["192.0.2.127 9999 first-packet low"]);
}

#[test]
fn a_host_that_is_answered_by_a_broadcast_of_the_link_is_no_group() {
    let frames = |made: Made| -> Vec<Vec<u8>> {
        let frame = |(_, packet): &(_, Vec<u8>)| [&[0xff; 6][..], &[2; 6], &[8, 0], packet].concat();
        made.0.iter().map(frame).collect()
    };
    // The last bits of no broadcast address.
    let mut answer = Made::default();
    answer.udp(0, ("192.0.2.53", 53), ("192.0.2.10", 1234));
    assert_eq!(servers(pcap(1, &frames(answer))), ["192.0.2.10 1234 first-packet low"]);
    // An address that sends.
    let mut both = Made::default();
    both.udp(0, ("192.0.2.9", 8888), ("192.0.2.127", 9999));
    both.udp(1, ("192.0.2.127", 9999), ("192.0.2.9", 8888));
    assert_eq!(servers(pcap(1, &frames(both))), ["192.0.2.127 9999 first-packet low"]);
}

#[test]
fn a_server_of_tftp_answers_from_a_new_port() {
    let mut made = Made::default();
    made.udp(0, ("192.0.2.9", 2000), ("192.0.2.1", 69));
    made.udp(1, ("192.0.2.1", 40_000), ("192.0.2.9", 2000));
    made.udp(2, ("192.0.2.9", 2000), ("192.0.2.1", 40_000));
    // Nobody asked from this port.
    made.udp(3, ("192.0.2.1", 40_000), ("192.0.2.9", 2001));
    // Much later it is no answer.
    made.udp(300, ("192.0.2.1", 40_001), ("192.0.2.9", 2000));
    assert_eq!(
        servers(made.capture()),
        [
            "192.0.2.1 69 range low",
            "192.0.2.1 40000 endpoint medium",
            "192.0.2.9 2001 first-packet low",
            "192.0.2.9 2000 ephemeral medium",
        ]
    );
}

/// Where both ports are ephemeral and the opening is missing, nothing else tells the two ends apart.
#[test]
fn a_name_of_the_network_tells_the_server() {
    let mut made = Made::default();
    made.tcp(0, ("192.0.2.1", 50_000), ("192.0.2.9", 51_000), ACK, b"");
    made.tcp(1, ("192.0.2.9", 51_000), ("192.0.2.1", 50_000), ACK, b"");
    let folder = tempfile::tempdir().expect("a folder");
    let capture = folder.path().join("made.pcap").display().to_string();
    std::fs::write(&capture, made.capture()).expect("written");
    let server = |overlay: &[&str]| {
        let names = folder.path().join("names.toml").display().to_string();
        let services = overlay.iter().map(|service| format!("[[service]]\nname = \"shop\"\n{service}\n"));
        std::fs::write(&names, services.collect::<String>()).expect("written");
        let output = portscribe(["flows", "-q", "-f", "csv", "--no-payload", "--overlay", &names, &capture]);
        let columns = ["server_address", "server_port", "direction_basis", "direction_confidence"];
        rows(&output)
            .iter()
            .map(|row| columns.map(|column| row[column].as_str()).join(" "))
            .collect::<String>()
    };
    assert_eq!(server(&[]), "192.0.2.9 51000 first-packet low");
    assert_eq!(server(&["port = 50000"]), "192.0.2.1 50000 local-name low");
    assert_eq!(server(&["port = 50000\nhost = \"192.0.2.1\""]), "192.0.2.1 50000 local-name low");
    assert_eq!(server(&["port = 50000\nhost = \"192.0.2.9\""]), "192.0.2.9 51000 first-packet low");
    // One at each end.
    assert_eq!(server(&["port = [50000, 51000]"]), "192.0.2.9 51000 first-packet low");
}
