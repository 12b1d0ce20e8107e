//! How long it takes to judge a flow by 500 rules.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use portscribe::Transport;
use portscribe::rules::{Content, NewFlow, ReadOptions, Ruleset, RulesetFormat};

/// 500 rules of the kinds that rulesets have: hosts and networks, single ports and lists of them.
fn rules() -> Ruleset {
    let mut text =
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n"
            .to_owned();
    for n in 0..499 {
        let (a, b, port) = (n % 50, n * 7 % 250, 20 + n * 13 % 9000);
        let rule = match n % 5 {
            0 => format!("-s 10.{a}.0.0/16 -d 10.200.{b}.10/32 -p tcp -m tcp --dport {port}"),
            1 => format!("-d 10.200.{b}.0/24 -p tcp -m multiport --dports {port},{},{}", port + 5, port + 7),
            2 => format!("-s 10.{a}.{b}.0/24 -p udp -m udp --dport {port}"),
            3 => format!("-d 10.200.{b}.20/32 -p tcp -m tcp --dport {port}:{}", port + 20),
            _ => format!("-s 10.{a}.{b}.7/32 -d 10.200.0.0/16 -p tcp"),
        };
        writeln!(text, "-A FORWARD {rule} -j ACCEPT").expect("a text takes it");
    }
    Ruleset::read(text.as_bytes(), RulesetFormat::IptablesSave, "bench", &ReadOptions::default())
        .expect("a ruleset")
}

fn judgements(criterion: &mut Criterion) {
    let rules = rules();
    let chosen = rules.choose(None).expect("one chain");
    let mut state = 0_u32;
    let mut flow = || {
        // Steps that meet few rules twice in a row.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [third, host, network, low] = state.to_be_bytes();
        let transport = if low & 0x30 == 0 { Transport::Udp } else { Transport::Tcp };
        let content =
            Content::Ports { transport, source: 40_000, destination: 20 + (state >> 9 & 8191) as u16 };
        let server = if host & 1 == 0 { 10 } else { 20 };
        NewFlow::new([10, third % 50, host, 7].into(), [10, 200, network, server].into(), content)
    };
    let met = (0..10_000).filter(|_| !rules.judge(&chosen, &flow()).ends.is_empty()).count();
    assert_eq!(met, 10_000);
    criterion.bench_function("a judgement by 500 rules", |bench| {
        bench.iter(|| black_box(rules.judge(black_box(&chosen), black_box(&flow()))));
    });
    criterion
        .bench_function("what covers what in 500 rules", |bench| bench.iter(|| black_box(rules.covered())));
}

criterion_group!(benches, judgements);
criterion_main!(benches);
