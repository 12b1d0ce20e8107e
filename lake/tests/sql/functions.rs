//! Functions of values.

use crate::support::{answer, refused};

#[test]
fn ports_are_looked_up_in_the_registry() {
    assert_eq!(
        answer(
            "SELECT port, service(port, 'tcp') AS tcp, service(port, 'DCCP') AS dccp, port_status(port, 'dccp') AS status, \
             port_range(port) AS range FROM (VALUES (443), (44515), (50000), (NULL)) AS ports(port)"
        ),
        "port,tcp,dccp,status,range\n443,https,,other-transport,system\n44515,,,unassigned,user\n\
         50000,,,dynamic,dynamic\n,,,,\n"
    );
    // As labels of flows have it.
    assert_eq!(
        answer(
            "SELECT count(*) AS n FROM flows('samples/*.pcap') WHERE transport IS NOT NULL AND \
             ((service(server_port, transport) IS DISTINCT FROM service) OR port_range(server_port) <> port_range)"
        ),
        "n\n0\n"
    );
}

#[test]
fn addresses_are_in_networks_as_text_and_as_octets() {
    let count = |condition: &str| {
        answer(&format!("SELECT count(*) AS n FROM flows('samples/http.pcap') WHERE {condition}"))
    };
    assert_eq!(count("in_network(server_address, '198.51.100.0/24')"), "n\n4\n");
    assert_eq!(count("in_network(server_address_octets, '198.51.100.0/24')"), "n\n4\n");
    assert_eq!(count("in_network(server_address, '2001:db8::/32')"), "n\n2\n");
    assert_eq!(count("in_network(server_address_octets, '198.51.100.20')"), "n\n4\n");
    assert_eq!(
        answer("SELECT in_network('no address', '10.0.0.0/8') AS a, in_network(NULL, '10.0.0.0/8') AS b"),
        "a,b\n,\n"
    );
}

#[test]
fn ids_are_those_of_flows() {
    assert_eq!(
        answer(
            "SELECT count(*) AS n FROM flows('samples/*.pcap') WHERE transport IS NOT NULL AND community_id IS DISTINCT FROM \
             community_id(transport, client_address, client_port, server_address, server_port)"
        ),
        "n\n0\n"
    );
    // An example of the specification's repository.
    let id = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=";
    assert_eq!(
        answer(&format!(
            "SELECT community_id('tcp', '128.232.110.120', 34855, '66.35.250.204', 80) AS id, \
             community_id('{id}') AS same"
        )),
        format!("id,same\n{id},{id}\n")
    );
}

#[test]
fn values_that_are_none_are_told() {
    for (sql, said) in [
        ("SELECT service(70000, 'tcp')", "invalid port 70000; ports are 0 to 65535"),
        (
            "SELECT port_status(80, 'icmp')",
            "`icmp` is not a transport with ports; use tcp, udp, sctp, dccp or udplite",
        ),
        ("SELECT in_network('192.0.2.1', 'ten')", "invalid network `ten`; use 192.0.2.0/24"),
        ("SELECT community_id('2:x')", "`2:x` is no Community ID of version 1"),
    ] {
        let (status, told) = refused(sql);
        assert!(status == 4 && told.contains(said), "{sql}: {status} {told}");
    }
}
