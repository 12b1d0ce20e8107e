//! Rulesets and flows for tests, in few words.

use portscribe::Transport;
use portscribe::rules::{Content, NewFlow, ReadOptions, Ruleset, RulesetFormat};

/// What becomes of a flow at a single rule that accepts, before a policy that drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    Yes,
    No,
    Maybe,
}

/// `tcp 10.0.0.1:1000 > 10.0.0.2:80`, `icmp/8/0 10.0.0.1 > 10.0.0.2`, `47 a > b`, and behind that
/// words for what more is known: `in=eth0 out=eth1 vlan=5 flags=18 fragment extended
/// announced`.
pub fn flow(text: &str) -> NewFlow<'_> {
    let mut words = text.split_whitespace();
    let mut word = || words.next().expect("protocol, source, >, destination");
    let (protocol, source, _, destination) = (word(), word(), word(), word());
    let end = |end: &str| {
        let socket: Option<std::net::SocketAddr> = end.parse().ok();
        socket.map_or_else(|| (end.parse().expect("an address"), 0), |socket| (socket.ip(), socket.port()))
    };
    let ((source, a), (destination, b)) = (end(source), end(destination));
    let content = match (protocol.parse::<Transport>(), protocol.split('/').collect::<Vec<_>>().as_slice()) {
        (Ok(transport), _) => Content::Ports { transport, source: a, destination: b },
        (_, ["icmp", kind, code]) => {
            Content::Icmp { kind: kind.parse().expect("a type"), code: code.parse().expect("a code") }
        }
        _ => Content::Other(protocol.parse().expect("a protocol")),
    };
    let mut flow = NewFlow::new(source, destination, content);
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("in", name) => flow.in_interface = Some(name),
            ("out", name) => flow.out_interface = Some(name),
            ("vlan", id) => flow.vlan = id.parse().ok(),
            ("flags", bits) => flow.tcp_flags = bits.parse().ok(),
            ("fragment", _) => flow.fragment = true,
            ("extended", _) => flow.extended = true,
            ("announced", _) => flow.may_be_related = true,
            other => panic!("{other:?}"),
        }
    }
    flow
}

/// A ruleset of one file.
pub fn read(text: &str, format: RulesetFormat) -> Ruleset {
    Ruleset::read(text.as_bytes(), format, "file", &ReadOptions::default()).expect("a ruleset")
}

/// A table `inet t` with a chain `c` at the hook forward that drops, from objects of nftables' JSON.
pub fn nft(objects: &str) -> Ruleset {
    read(
        &format!(
            r#"{{"nftables":[{{"chain":{{"family":"inet","table":"t","name":"c","handle":1,"type":"filter",
            "hook":"forward","prio":0,"policy":"drop"}}}}{}{objects}]}}"#,
            if objects.is_empty() { "" } else { "," }
        ),
        RulesetFormat::NftJson,
    )
}

/// One rule of the chain `c`.
pub fn nft_rule(handle: u32, expressions: &str) -> String {
    format!(
        r#"{{"rule":{{"family":"inet","table":"t","chain":"c","handle":{handle},"expr":[{expressions}]}}}}"#
    )
}

/// What becomes of a flow at the first rule of a ruleset, which accepts.
pub fn met(rules: &Ruleset, what: &str) -> Met {
    let chosen = rules.choose(None).expect("one chain");
    let judgement = rules.judge(&chosen, &flow(what));
    assert!(!judgement.ends.is_empty(), "{what} is judged");
    match judgement.definite() {
        Some(end) if rules.rule(end.rule).policy => Met::No,
        Some(_) => Met::Yes,
        None => Met::Maybe,
    }
}

/// How a flow ends, and what it passes: `#3=Accept`, or several; `?#3` for what it may pass.
pub fn way(rules: &Ruleset, chain: Option<&str>, what: &str) -> String {
    let chosen = rules.choose(chain).expect("a chain");
    let judgement = rules.judge(&chosen, &flow(what));
    let short = |id| {
        let reference = &rules.rule(id).reference;
        let from = reference.rfind(['#', ':']).unwrap_or(0);
        reference[from..].to_owned()
    };
    let passed = judgement.passed.iter().map(|passed| {
        let sure = if passed.certain { "" } else { "?" };
        format!("{sure}{}", short(passed.rule))
    });
    let ends = judgement.ends.iter().map(|end| format!("{}={:?}", short(end.rule), end.verdict));
    passed.chain(ends).collect::<Vec<_>>().join(" ")
}

/// An error with its causes, one after the other.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
