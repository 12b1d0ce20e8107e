//! How often each kind of evidence finds the server, measured on flows whose handshake shows it.
//!
//! Every TCP, SCTP and DCCP flow whose opening was captured tells which side is the server. The
//! opening is then hidden, the traffic is labelled again, and the answers are compared: once with
//! all handshake packets taken out, and once with everything before a random packet taken out.
//! The order of the bases, and what `high` and `medium` may be said of, rest on these figures.

#![allow(clippy::print_stdout, reason = "the figures are printed")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use portscribe::Transport;
use portscribe::capture::{CaptureReader, Packet};
use portscribe::decode::{Chunks, DccpType, Decoder, Layers, Signal, tcp};
use portscribe::flow::{Basis, Confidence, ContextId, Ephemeral, FlowOptions, FlowTable, LayerChoice, Side};
use portscribe::label::Labeller;
use portscribe::net::End;
use portscribe::registry::Registry;

/// Both ends, lower first, of one transport inside one tunnel.
type Ends = (Transport, ContextId, End, End);

fn ends(flow: &portscribe::flow::Flow) -> Ends {
    let (a, b) = (flow.end(Side::First), flow.end(Side::Second));
    (flow.transport(), flow.context(), a.min(b), a.max(b))
}

thread_local! {
    /// Whether payload is evidence as well.
    static PEEK: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn options() -> FlowOptions {
    FlowOptions { layers: LayerChoice::Inner, peek: PEEK.get(), ..FlowOptions::default() }
}

/// Folds the packets of a capture that `keep` holds for.
fn fold(capture: &Path, mut keep: impl FnMut(&Packet, &Layers) -> bool) -> FlowTable {
    let mut table = FlowTable::new(options());
    let mut decoder = Decoder::new();
    let Ok(mut reader) = CaptureReader::open(capture) else { return table };
    while let Ok(Some(packet)) = reader.next() {
        let layers = decoder.decode(packet.link_type, packet.bytes);
        if keep(&packet, layers) {
            table.fold(&packet, layers);
        }
    }
    table
}

/// Whether a packet belongs to an opening.
fn is_handshake(layers: &Layers) -> bool {
    layers.headers().iter().any(|header| match header.signal {
        Signal::Tcp { flags, .. } => flags & tcp::SYN != 0,
        Signal::Sctp { chunks, .. } => chunks.has(Chunks::INIT) || chunks.has(Chunks::INIT_ACK),
        Signal::Dccp { kind, .. } => matches!(kind, DccpType::Request | DccpType::Response),
        Signal::None => false,
    })
}

/// The servers that handshakes show. Ends between which both sides opened are left out.
fn truth(table: &FlowTable) -> HashMap<Ends, End> {
    let mut servers: HashMap<Ends, Option<End>> = HashMap::new();
    for flow in table.flows() {
        if let Some(client) = flow.opened_by() {
            let server = flow.end(client.other());
            servers
                .entry(ends(flow))
                .and_modify(|known| *known = known.filter(|known| *known == server))
                .or_insert(Some(server));
        }
    }
    servers.into_iter().filter_map(|(ends, server)| Some((ends, server?))).collect()
}

#[derive(Default)]
struct Tally {
    /// Of each basis, asked alone: right, wrong, silent.
    alone: [[u64; 3]; Basis::ALL.len()],
    /// Of each basis, where it decided: right, wrong.
    decided: [[u64; 2]; Basis::ALL.len()],
    /// Of each pair that disagrees: how often the first was right, and the second.
    pairs: HashMap<(Basis, Basis), [u64; 2]>,
    wrong: Vec<String>,
}

impl Tally {
    fn count(&mut self, registry: &Registry, capture: &Path, truth: &HashMap<Ends, End>, table: &FlowTable) {
        // Every end is kept, so that `endpoint` can be asked alone, too.
        let labeller = Labeller::of_all_ends(registry, table, Ephemeral::default());
        for flow in table.flows() {
            let Some(&server) = truth.get(&ends(flow)) else { continue };
            if flow.opened_by().is_some() || flow.end(Side::First) == flow.end(Side::Second) {
                continue;
            }
            let is_right = |side: Side| flow.end(side) == server;
            let votes = labeller.votes(flow);
            for basis in Basis::ALL {
                let answer = match votes.get(basis) {
                    Some(side) if is_right(side) => 0,
                    Some(_) => 1,
                    None => 2,
                };
                self.alone[basis as usize][answer] += 1;
                for other in Basis::ALL.into_iter().filter(|other| *other > basis) {
                    if let (Some(a), Some(b)) = (votes.get(basis), votes.get(other))
                        && a != b
                    {
                        self.pairs.entry((basis, other)).or_default()[usize::from(!is_right(a))] += 1;
                    }
                }
            }
            let direction = votes.decide();
            let right = is_right(direction.server);
            self.decided[direction.basis as usize][usize::from(!right)] += 1;
            if !right {
                let (a, b) = (flow.end(Side::First), flow.end(Side::Second));
                self.wrong.push(format!("{} {a:?} {b:?} {}", capture.display(), direction.basis));
            }
        }
    }

    fn of(&self, confidence: Option<Confidence>) -> (u64, u64) {
        let mut sum = (0, 0);
        for basis in Basis::ALL {
            if confidence.is_none_or(|wanted| basis.confidence() == wanted) {
                let [right, wrong] = self.decided[basis as usize];
                sum = (sum.0 + right, sum.1 + right + wrong);
            }
        }
        sum
    }

    fn print(&self, what: &str) {
        println!("\n{what}");
        println!("{:14} {:>30}   {:>24}", "", "asked alone: right/wrong/silent", "decided: right/wrong");
        for basis in Basis::ALL {
            let [right, wrong, silent] = self.alone[basis as usize];
            let [d_right, d_wrong] = self.decided[basis as usize];
            println!(
                "{:14} {right:8} {wrong:6} {silent:8} {:7}   {d_right:8} {d_wrong:6} {:7}",
                basis.name(),
                percent(right, right + wrong),
                percent(d_right, d_right + d_wrong),
            );
        }
        let mut pairs: Vec<_> = self.pairs.iter().collect();
        pairs.sort();
        for ((a, b), [first, second]) in pairs {
            println!("  where they disagree: {a} right {first}, {b} right {second}");
        }
        for (confidence, name) in [
            (None, "all"),
            (Some(Confidence::High), "high"),
            (Some(Confidence::Medium), "medium"),
            (Some(Confidence::Low), "low"),
        ] {
            let (right, all) = self.of(confidence);
            println!("{name:14} {right} of {all} right, {}", percent(right, all));
        }
        if std::env::var_os("SHOW_WRONG").is_some() {
            for line in &self.wrong {
                println!("wrong: {line}");
            }
        }
    }

    /// Fails when the figures are below what the labels promise.
    fn hold(&self) {
        let share = |confidence| {
            let (right, all) = self.of(confidence);
            (all > 0).then_some(right as f64 / all as f64)
        };
        assert!(share(None).is_some_and(|share| share >= 0.97), "servers found right over all flows");
        assert!(share(Some(Confidence::High)).is_none_or(|share| share >= 0.99), "of those called high");
        assert!(share(Some(Confidence::Medium)).is_none_or(|share| share >= 0.95), "of those called medium");
    }
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".into() } else { format!("{:.2} %", 100.0 * part as f64 / whole as f64) }
}

fn corpora() -> Vec<PathBuf> {
    let mut captures = crate::support::sample_captures();
    if let Some(shared) = crate::support::shared() {
        captures.extend(crate::support::captures_below(&shared.join("captures")));
    }
    captures
}

#[test]
fn servers_are_found_by_their_payload() {
    PEEK.set(true);
    let hidden = handshakes_hidden();
    hidden.print("handshakes hidden, payload looked at");
    if crate::support::shared().is_some() {
        hidden.hold();
        let [right, wrong] = hidden.decided[Basis::Payload as usize];
        assert!(right * 100 >= (right + wrong) * 99, "{right} right and {wrong} wrong by payload");
    }
}

#[test]
fn servers_are_found_without_their_handshakes() {
    let tally = handshakes_hidden();
    tally.print("handshakes hidden");
    if crate::support::shared().is_some() {
        tally.hold();
    }
}

/// The servers of datagrams, by what their payload says of who asks: a question or an answer of DNS, a
/// request of SNMP. Ends between which both asked are left out.
fn truth_by_payload(table: &FlowTable) -> HashMap<Ends, End> {
    let mut servers: HashMap<Ends, Option<End>> = HashMap::new();
    for flow in table.flows().filter(|flow| !flow.transport().has_handshake()) {
        if let Some(server) = flow.server_by_payload() {
            let server = flow.end(server);
            servers
                .entry(ends(flow))
                .and_modify(|known| *known = known.filter(|known| *known == server))
                .or_insert(Some(server));
        }
    }
    servers.into_iter().filter_map(|(ends, server)| Some((ends, server?))).collect()
}

/// Datagrams show no opening. Their payload is truth here and hidden: once in whole captures, once with
/// everything before a random packet taken out.
#[test]
fn servers_of_datagrams_are_found_without_their_payload() {
    let registry = Registry::bundled();
    let mut random = crate::support::Random(20_261_126);
    let (mut whole, mut cut) = (Tally::default(), Tally::default());
    for capture in corpora() {
        PEEK.set(true);
        let seen = fold(&capture, |_, _| true);
        PEEK.set(false);
        let truth = truth_by_payload(&seen);
        if truth.is_empty() {
            continue;
        }
        whole.count(&registry, &capture, &truth, &fold(&capture, |_, _| true));
        for _ in 0..3 {
            let first = random.below(seen.counters().read());
            cut.count(&registry, &capture, &truth, &fold(&capture, |packet, _| packet.frame > first));
        }
    }
    whole.print("datagrams, payload hidden");
    cut.print("datagrams, payload and everything before a random packet hidden");
    if crate::support::shared().is_some() {
        whole.hold();
        cut.hold();
    }
}

/// What the numbers of ports and other flows may not say, whatever the traffic.
#[test]
fn no_end_that_only_sends_datagrams_serves_an_unregistered_port() {
    let registry = Registry::bundled();
    for capture in corpora() {
        let table = fold(&capture, |_, _| true);
        let labeller = Labeller::new(&registry, &table, Ephemeral::default());
        for flow in table.flows().filter(|flow| !flow.transport().has_handshake() && flow.is_one_way()) {
            let label = labeller.label(flow);
            let server = label.direction.server;
            let end = flow.end(server);
            let is_registered = registry.port(flow.transport(), end.port).service().is_some();
            let is_transfer = labeller.endpoints().is_transfer(flow);
            assert!(
                flow.packets(server) == 0 || is_registered || is_transfer,
                "{}: {end} {}",
                capture.display(),
                label.direction
            );
        }
    }
}

fn handshakes_hidden() -> Tally {
    let registry = Registry::bundled();
    let mut tally = Tally::default();
    for capture in corpora() {
        let truth = truth(&fold(&capture, |_, _| true));
        if !truth.is_empty() {
            let hidden = fold(&capture, |_, layers| !is_handshake(layers));
            tally.count(&registry, &capture, &truth, &hidden);
        }
    }
    tally
}

#[test]
fn servers_are_found_from_the_middle_of_a_capture() {
    let registry = Registry::bundled();
    let mut random = crate::support::Random(20_260_917);
    let mut tally = Tally::default();
    for capture in corpora() {
        let whole = fold(&capture, |_, _| true);
        let truth = truth(&whole);
        if truth.is_empty() {
            continue;
        }
        for _ in 0..5 {
            let first = random.below(whole.counters().read());
            let cut = fold(&capture, |packet, _| packet.frame > first);
            tally.count(&registry, &capture, &truth, &cut);
        }
    }
    tally.print("everything before a random packet hidden");
    if crate::support::shared().is_some() {
        tally.hold();
    }
}
