//! Tunnels as real programs make them: what the carrying flows are registered as and what the flows
//! inside are, and that no frame of them is missing.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use crate::support::packet;

/// A sample, its number of frames, those that are in no flow, and what is in it: first the flows
/// that carry tunnels or lie beside them, then those inside, each as tunnel, port and label.
struct Sample {
    name: &'static str,
    options: &'static [&'static str],
    frames: u64,
    uncounted: &'static str,
    outside: &'static [&'static str],
    inside: &'static [&'static str],
}

const SAMPLES: &[Sample] = &[
    Sample {
        name: "geneve.pcap",
        options: &[],
        frames: 48,
        uncounted: r#"{"not-ip":2,"portless":2}"#,
        outside: &["6081/udp geneve registered"],
        inside: &[
            "geneve:4096 80/tcp http registered",
            "geneve:7 53/udp domain registered",
            "geneve:7 80/tcp http registered",
        ],
    },
    Sample {
        name: "vxlan-gpe.pcap",
        options: &[],
        frames: 14,
        uncounted: r#"{"not-ip":2}"#,
        outside: &["4790/udp vxlan-gpe registered"],
        inside: &["vxlan-gpe:42 53/udp domain registered", "vxlan-gpe:42 80/tcp http registered"],
    },
    Sample {
        name: "vxlan.pcap",
        options: &[],
        frames: 26,
        uncounted: "{}",
        outside: &["4789/udp vxlan registered"],
        inside: &["vxlan:42 80/tcp http registered"],
    },
    Sample {
        name: "gre.pcap",
        options: &[],
        frames: 72,
        uncounted: r#"{"not-ip":2,"portless":16}"#,
        outside: &[],
        inside: &[
            "gre:0 80/tcp http registered",
            "gre:42 53/udp domain registered",
            "gre:42 80/tcp http registered",
            "gre:43 53/udp domain registered",
            "gre:43 80/tcp http registered",
        ],
    },
    Sample {
        name: "erspan.pcap",
        options: &[],
        frames: 60,
        uncounted: r#"{"not-ip":2,"portless":26}"#,
        outside: &[],
        inside: &[
            "erspan:100 53/udp domain registered",
            "erspan:100 80/tcp http registered",
            "erspan:200 80/tcp http registered",
        ],
    },
    Sample {
        name: "ipip.pcap",
        options: &[],
        frames: 36,
        uncounted: r#"{"not-ip":2,"portless":2}"#,
        outside: &[],
        inside: &["ip 53/udp domain registered", "ip 80/tcp http registered"],
    },
    Sample {
        name: "sit.pcap",
        options: &[],
        frames: 34,
        uncounted: r#"{"not-ip":2}"#,
        outside: &[],
        inside: &[
            "6to4 80/tcp http registered",
            "ip 53/udp domain registered",
            "ip 80/tcp http registered",
            "isatap 80/tcp http registered",
        ],
    },
    Sample {
        name: "srv6.pcap",
        options: &[],
        frames: 22,
        uncounted: r#"{"portless":2}"#,
        outside: &[],
        inside: &["ip 80/tcp http registered"],
    },
    Sample {
        name: "mpls.pcap",
        options: &[],
        frames: 28,
        uncounted: r#"{"not-ip":2,"portless":4}"#,
        outside: &[],
        inside: &[
            "vlan:20 mpls:101,201 53/udp domain registered",
            "vlan:20 mpls:101,201 80/tcp http registered",
        ],
    },
    Sample {
        name: "macsec.pcap",
        options: &[],
        frames: 74,
        uncounted: r#"{"not-ip":4,"portless":18,"encrypted":20}"#,
        outside: &[
            "80/tcp http registered",
            "vlan:5 53/udp domain registered",
            "vlan:5 80/tcp http registered",
        ],
        inside: &[],
    },
    Sample {
        name: "l2tp.pcap",
        options: &[],
        frames: 38,
        uncounted: r#"{"not-ip":2}"#,
        outside: &["1701/udp l2tp registered"],
        inside: &["l2tp:18264,59180 53/udp domain registered", "l2tp:18264,59180 80/tcp http registered"],
    },
    Sample {
        name: "pptp.pcap",
        options: &[],
        frames: 42,
        uncounted: r#"{"not-ip":2,"portless":17}"#,
        outside: &["1723/tcp pptp registered"],
        inside: &["pptp:0,41010 53/udp domain registered", "pptp:0,41010 80/tcp http registered"],
    },
    Sample {
        name: "pppoe.pcap",
        options: &[],
        frames: 33,
        uncounted: r#"{"not-ip":21}"#,
        outside: &[],
        inside: &["pppoe:1 53/udp domain registered", "pppoe:1 80/tcp http registered"],
    },
    Sample {
        name: "gtp.pcap",
        options: &[],
        frames: 19,
        uncounted: r#"{"not-ip":2,"portless":1}"#,
        outside: &["2123/udp gtp-control registered", "2152/udp gtp-user registered"],
        inside: &["gtp:1 53/udp domain registered", "gtp:1 80/tcp http registered"],
    },
    Sample {
        name: "sixlowpan.pcap",
        options: &[],
        frames: 19,
        uncounted: r#"{"portless":2,"later-fragment":5}"#,
        outside: &["53/udp domain registered", "80/tcp http registered"],
        inside: &[],
    },
    Sample {
        name: "esp.pcap",
        options: &[],
        frames: 44,
        uncounted: r#"{"not-ip":2,"encrypted":22}"#,
        outside: &["4500/udp ipsec-nat-t registered", "80/tcp http registered"],
        inside: &[],
    },
    Sample {
        name: "esp.pcap",
        options: &["--esp-null"],
        frames: 44,
        uncounted: r#"{"not-ip":2,"encrypted":10}"#,
        outside: &["4500/udp ipsec-nat-t registered", "80/tcp http registered"],
        inside: &["esp:256,257/ip 53/udp domain registered", "esp:256,257/ip 80/tcp http registered"],
    },
    Sample {
        name: "openvpn.pcapng",
        options: &[],
        frames: 68,
        uncounted: r#"{"not-ip":4,"portless":8}"#,
        outside: &["1194/tcp openvpn registered", "53/udp domain registered", "80/tcp http registered"],
        inside: &[],
    },
    Sample {
        name: "wireguard.pcapng",
        options: &[],
        frames: 48,
        uncounted: r#"{"not-ip":2}"#,
        outside: &["51820/udp - dynamic", "53/udp domain registered", "80/tcp http registered"],
        inside: &[],
    },
    Sample {
        name: "two-interfaces.pcapng",
        options: &[],
        frames: 39,
        uncounted: r#"{"not-ip":2,"portless":5}"#,
        outside: &["1194/udp openvpn registered", "80/tcp http registered"],
        inside: &[],
    },
    Sample {
        name: "sctp-over-udp.pcap",
        options: &[],
        frames: 40,
        uncounted: r#"{"not-ip":4,"portless":6}"#,
        outside: &["9899/udp sctp-tunneling registered"],
        inside: &["sctp-udp 9/sctp discard registered"],
    },
    Sample {
        name: "vlan.pcap",
        options: &[],
        frames: 46,
        uncounted: r#"{"not-ip":2,"portless":2}"#,
        outside: &[
            "vlan:10 53/udp domain registered",
            "vlan:10 80/tcp http registered",
            "vlan:11 80/tcp http registered",
            "vlan:200.30 443/tcp https registered",
            "vlan:200.30 53/udp domain registered",
        ],
        inside: &[],
    },
];

fn run(sample: &Sample, command: &str, layers: &str) -> Value {
    let path = format!("samples/{}", sample.name);
    let mut arguments = vec![command, "--quiet", "--format", "json", "--layers", layers, &path];
    arguments.extend(sample.options);
    let output = crate::support::portscribe(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", crate::support::stderr(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

/// The label of a flow, with the tunnels and the VLAN that it is in.
fn label(flow: &Value) -> String {
    let vlan = flow["vlan"].as_str().map_or(String::new(), |vlan| format!("vlan:{vlan} "));
    let tunnel = flow["tunnel"].as_str().map_or(String::new(), |tunnel| format!("{tunnel} "));
    let (port, service) = (&flow["server_port"], flow["service"].as_str().unwrap_or("-"));
    format!("{vlan}{tunnel}{port}/{} {service} {}", text(flow, "transport"), text(flow, "status"))
}

#[test]
fn both_layers_of_every_tunnel_have_their_labels() {
    for sample in SAMPLES {
        let answer = run(sample, "flows", "all");
        let flows = answer["rows"].as_array().expect("flows");
        let labels = |is_inside: bool| -> BTreeSet<String> {
            flows.iter().filter(|flow| flow["tunnel"].is_string() == is_inside).map(label).collect()
        };
        let expected = |labels: &[&str]| labels.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(labels(false), expected(sample.outside), "outside, in {}", sample.name);
        assert_eq!(labels(true), expected(sample.inside), "inside, in {}", sample.name);
    }
}

#[test]
fn every_frame_of_a_tunnel_is_in_a_flow_or_counted() {
    for sample in SAMPLES {
        for layers in ["inner", "outer"] {
            let answer = run(sample, "summary", layers);
            assert_eq!(answer["packets_read"], sample.frames, "{}", sample.name);
            let sum =
                |values: &mut dyn Iterator<Item = &Value>| values.filter_map(Value::as_u64).sum::<u64>();
            let rows = answer["rows"].as_array().expect("rows");
            let in_flows = sum(&mut rows.iter().map(|row| &row["packets"]));
            let uncounted = answer["uncounted"].as_object().expect("counts");
            assert_eq!(in_flows + sum(&mut uncounted.values()), sample.frames, "{}", sample.name);
            assert_eq!(answer["uncounted"].to_string(), sample.uncounted, "{}", sample.name);
        }
    }
}

#[test]
fn a_tunnel_on_another_port_is_told_with_its_option() {
    let address = |last| IpAddr::from([192, 0, 2, last]);
    let udp = |port: u16, payload: &[u8]| {
        let length = 8 + payload.len() as u16;
        let header = [40_000_u16, port, length, 0].map(u16::to_be_bytes).concat();
        packet::ip(address(1), address(2), 17, &[&header, payload].concat())
    };
    let inner = packet::ip(address(3), address(4), 17, &[0xc3, 0x50, 0, 53, 0, 8, 0, 0]);
    let vxlan = [&[8, 0, 0, 0, 0, 0, 7, 0][..], &[2; 12], &[8, 0], &inner].concat();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("made.pcap").display().to_string();
    std::fs::write(&file, packet::pcap(101, &[udp(8472, &vxlan), udp(8472, &vxlan), udp(9, &[8, 0, 0, 0])]))
        .expect("written");
    let said = |options: &[&str]| {
        let output = crate::support::portscribe([&["flows", "-f", "json", &file], options].concat());
        assert_eq!(output.status.code(), Some(0));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (crate::support::stderr(&output), answer["hints"].clone())
    };
    let hint = "portscribe: 2 packets on 8472/udp look like vxlan; --tunnel vxlan=8472 follows the tunnel\n";
    let hints = serde_json::json!([{
        "transport": "udp", "port": 8472, "looks_like": "vxlan", "packets": 2, "option": "--tunnel vxlan=8472",
    }]);
    assert_eq!(said(&[]), (hint.to_owned(), hints.clone()));
    assert_eq!(said(&["-q"]), (String::new(), hints.clone()));
    assert_eq!(said(&["--tunnel", "vxlan=8472"]), (String::new(), serde_json::json!([])));
    // Traffic can look so on every port.
    for (ports, last) in [
        (21, "portscribe: 1 more port looks like a tunnel, too: `hints` of --format json has all"),
        (300, "portscribe: 280 more ports look like tunnels, too: `hints` of --format json has all"),
    ] {
        let many: Vec<Vec<u8>> = (0..ports).map(|n| udp(20_000 + n, &vxlan)).collect();
        let file = folder.path().join("many.pcap").display().to_string();
        std::fs::write(&file, packet::pcap(101, &many)).expect("written");
        let output = crate::support::portscribe(["flows", "-f", "json", &file]);
        let told = crate::support::stderr(&output);
        let told: Vec<&str> = told.lines().collect();
        assert_eq!(told.len(), 21, "{told:?}");
        let tells = |n: usize, port: u16| {
            let line = format!(
                "portscribe: 1 packet on {port}/udp looks like vxlan; --tunnel vxlan={port} follows the tunnel"
            );
            assert_eq!(told[n], line);
        };
        tells(0, 20_000);
        tells(19, 20_019);
        assert_eq!(told[20], last);
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(answer["hints"].as_array().expect("a list").len(), usize::from(ports));
    }
    let out = folder.path().join("review").display().to_string();
    crate::support::portscribe(["review", "-q", "--out", &out, &file]);
    let review = std::fs::read_to_string(folder.path().join("review/review.json")).expect("a review");
    let review: Value = serde_json::from_str(&review).expect("JSON");
    assert_eq!(review["coverage"]["hints"], hints);
}
