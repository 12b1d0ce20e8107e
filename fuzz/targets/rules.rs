//! What is done with rulesets of each format.

use portscribe::Transport;
use portscribe::net::Protocol;
use portscribe::rules::{Content, NewFlow, ReadOptions, Ruleset, RulesetFormat};

/// Reads a ruleset, looks for rules that others cover, and judges some flows by what is left.
pub fn read_and_judge(bytes: &[u8], format: RulesetFormat) {
    let Ok(mut ruleset) = Ruleset::read(bytes, format, "rules", &ReadOptions::default()) else { return };
    let rules = ruleset.rules().len();
    for covered in ruleset.covered() {
        assert!(covered.by.iter().all(|by| !ruleset.rule(*by).reference.is_empty()));
    }
    let ports = |transport, source, destination| Content::Ports { transport, source, destination };
    if let Ok(chosen) = ruleset.choose(None) {
        for (source, destination) in [("192.0.2.1", "198.51.100.1"), ("2001:db8::1", "2001:db8::2")] {
            let (source, destination) = (source.parse().expect("an address"), destination.parse().expect("an address"));
            for content in [
                ports(Transport::Tcp, 40000, 22),
                ports(Transport::Udp, 53, 53),
                Content::Icmp { kind: 8, code: 0 },
                Content::Other(Protocol(47)),
            ] {
                let mut flow = NewFlow::new(source, destination, content);
                let judgement = ruleset.judge(&chosen, &flow);
                assert!(judgement.ends.iter().all(|end| !ruleset.rule(end.rule).reference.is_empty()));
                flow.in_interface = Some("eth0");
                flow.out_interface = Some("eth1");
                let _ = ruleset.judge(&chosen, &flow);
            }
        }
        let _ = (ruleset.looks_at(&chosen), ruleset.see_only_new(&chosen), ruleset.are_asked(&chosen));
    }
    let later = ruleset.clone();
    let _ = ruleset.count_until(&later);
    ruleset.extend(later);
    assert!(ruleset.rules().len() >= rules);
}
