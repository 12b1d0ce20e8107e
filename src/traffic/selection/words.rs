//! The words that people use for columns: the same wherever a column is named.

/// A word, and the columns that it may mean: the first alternative that a result has, all columns of it.
type Word = (&'static str, &'static [&'static [&'static str]]);

const WORDS: &[Word] = &[
    ("basis", &[&["direction_basis"]]),
    ("by", &[&["direction_basis", "direction_confidence"]]),
    ("client", &[&["client_address"]]),
    ("confidence", &[&["direction_confidence"]]),
    ("destination", &[&["dst_address"]]),
    ("flag", &[&["flags"]]),
    ("host", &[&["client_address", "server_address"], &["src_address", "dst_address"]]),
    ("more", &[&["flags"]]),
    ("name", &[&["server_name"], &["server_names"]]),
    ("payload", &[&["observed"]]),
    ("port", &[&["server_port"]]),
    ("range", &[&["port_range"]]),
    ("registered", &[&["service"]]),
    ("server", &[&["server_address"]]),
    ("services", &[&["service"]]),
    ("source", &[&["src_address"]]),
    ("time", &[&["first_seen"]]),
];

/// Names that other programs have for columns, and the word for it here.
const OF_OTHERS: &[(&[&str], &str)] = &[
    (&["addr", "address", "ip", "ip.addr", "ipv6.addr"], "host"),
    (&["client_ip", "id.orig_h", "source.ip"], "client"),
    (&["destination.ip", "id.resp_h", "server_ip"], "server"),
    (&["sctp.port", "tcp.port", "udp.port"], "port"),
    (&["destination.port", "id.resp_p"], "server_port"),
    (&["id.orig_p", "source.port"], "client_port"),
    (&["ip.proto", "proto"], "protocol"),
    (&["frame.time", "stime", "ts"], "first_seen"),
    (&["conn_state"], "state"),
];

/// Names that other programs have for an end of packets, and the words for those of flows.
const OF_PACKETS: &[(&[&str], &str)] = &[
    (
        &[
            "da", "daddr", "dst", "dst_ip", "dstip", "ip.dst", "ip.src", "ipv6.dst", "ipv6.src", "sa",
            "saddr", "src", "src_ip", "srcip",
        ],
        "client, server or host",
    ),
    (
        &[
            "dp",
            "dport",
            "dstport",
            "sp",
            "sport",
            "srcport",
            "tcp.dstport",
            "tcp.srcport",
            "udp.dstport",
            "udp.srcport",
        ],
        "client_port, server_port or port",
    ),
];

/// What stands here for a name that other programs have for a column, as the end of a sentence.
pub fn called_here(word: &str) -> Option<String> {
    let of = |list: &[(&'static [&'static str], &'static str)]| {
        let is_it = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
        list.iter().find(|(names, _)| is_it(names)).map(|(_, here)| *here)
    };
    if ["cidr", "net", "network", "subnet"].contains(&word.to_ascii_lowercase().as_str()) {
        return Some("networks are values: host in 10.0.0.0/8".to_owned());
    }
    of(OF_OTHERS)
        .map(|here| format!("it is called {here} here"))
        .or_else(|| of(OF_PACKETS).map(|here| format!("a flow has both directions: use {here}")))
}

/// The columns that a word of people may mean, as alternatives: a result has those of the first one.
///
/// ```
/// assert_eq!(portscribe::traffic::meant_by("server"), [["server_address"]]);
/// assert!(portscribe::traffic::meant_by("server_address").is_empty());
/// ```
pub fn meant_by(word: &str) -> &'static [&'static [&'static str]] {
    WORDS.iter().find(|(one, _)| one.eq_ignore_ascii_case(word)).map_or(&[], |(_, columns)| *columns)
}

/// Every word, with the columns that it may mean.
pub fn words_for_columns() -> impl Iterator<Item = (&'static str, &'static [&'static [&'static str]])> {
    WORDS.iter().copied()
}
