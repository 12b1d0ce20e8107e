//! How often each kind of evidence finds the server, measured on flows whose handshake shows it.
//!
//! Every TCP, SCTP and DCCP flow whose opening was captured tells which side is the server. The
//! opening is then hidden, the traffic is labelled again, and the answers are compared: once with
//! all handshake packets taken out, and once with everything before a random packet taken out.
//! The order of the bases, and what `high` and `medium` may be said of, rest on these figures.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use portscribe::Transport;
use portscribe::capture::{CaptureReader, Packet};
use portscribe::decode::{Chunks, DccpType, Decoder, Layers, Signal, tcp};
use portscribe::flow::{Confidence, Ephemeral, FlowOptions, FlowTable, LayerChoice, Side};
use portscribe::label::Labeller;
use portscribe::net::End;
use portscribe::registry::Registry;

use crate::asked::{self, Sender};
use crate::tally::{Half, Tally};

/// Both ends of one transport, lower first.
type Ends = (Transport, End, End);

/// The servers that are known.
type Truth = HashMap<Ends, End>;

fn ends(flow: &portscribe::flow::Flow) -> Ends {
    between(flow.transport().expect("a transport"), flow.end(Side::First), flow.end(Side::Second))
}

fn between(transport: Transport, a: End, b: End) -> Ends {
    (transport, a.min(b), a.max(b))
}

/// Servers as they are told, without the ends of which several are told.
#[derive(Default)]
struct Told(HashMap<Ends, Option<End>>);

impl Told {
    fn add(&mut self, ends: Ends, server: End) {
        let known = self.0.entry(ends).or_insert(Some(server));
        *known = known.filter(|known| *known == server);
    }

    fn truth(self) -> Truth {
        self.0.into_iter().filter_map(|(ends, server)| Some((ends, server?))).collect()
    }
}

thread_local! {
    /// Whether payload is evidence as well.
    static PEEK: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn options() -> FlowOptions {
    FlowOptions { layers: LayerChoice::Inner, payload: PEEK.get(), ..FlowOptions::default() }
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
fn truth(table: &FlowTable) -> Truth {
    let mut told = Told::default();
    for flow in table.flows() {
        if let Some(client) = flow.opened_by() {
            told.add(ends(flow), flow.end(client.other()));
        }
    }
    told.truth()
}

/// The servers of datagrams, by fields of requests and responses, and by who sent first where the first
/// message is known to open. Ends between which both asked are left out.
fn truth_of_datagrams(capture: &Path) -> Truth {
    let mut told = Told::default();
    let mut seen = HashSet::new();
    let mut decoder = Decoder::new();
    let Ok(mut reader) = CaptureReader::open(capture) else { return Truth::new() };
    while let Ok(Some(packet)) = reader.next() {
        let layers = decoder.decode(packet.link_type, packet.bytes);
        let own = layers.headers().iter().rfind(|header| header.quoted.is_none());
        let Some(header) = own.filter(|header| !header.transport.has_handshake()) else { continue };
        let source = End { address: header.source, port: Some(header.source_port) };
        let destination = End { address: header.destination, port: Some(header.destination_port) };
        let ends = between(header.transport, source, destination);
        match asked::sender(header, header.payload_of(packet.bytes), seen.insert(ends)) {
            Some(Sender::Client) => told.add(ends, destination),
            Some(Sender::Server) => told.add(ends, source),
            None => {}
        }
    }
    told.truth()
}

/// Counts what each basis says of the flows of which `truth` tells the server.
fn count(tally: &mut Tally, registry: &Registry, capture: &Capture, truth: &Truth, table: &FlowTable) {
    // Every end is kept, so that `endpoint` can be asked alone, too.
    let labeller = Labeller::of_all_ends(registry, table, Ephemeral::default());
    for flow in table.flows() {
        let Some(&server) = truth.get(&ends(flow)) else { continue };
        if flow.opened_by().is_some() || flow.end(Side::First) == flow.end(Side::Second) {
            continue;
        }
        let is_right = |side: Side| flow.end(side) == server;
        let votes = labeller.votes(flow);
        tally
            .group(&capture.corpus, flow.transport().expect("a transport"), capture.half)
            .add(&votes, is_right);
        let direction = votes.decide();
        if !is_right(direction.server) {
            let (a, b) = (flow.end(Side::First), flow.end(Side::Second));
            let (path, transport) = (capture.path.display(), flow.protocol());
            tally.wrong.push(format!("{path} {transport} {a} {b} {}", direction.basis));
        }
    }
}

/// A capture to measure with.
struct Capture {
    path: PathBuf,
    /// The project that it comes from.
    corpus: String,
    half: Half,
}

fn captures() -> Vec<Capture> {
    let mut corpora = vec![("samples".to_owned(), crate::support::samples())];
    if let Some(shared) = crate::support::shared() {
        let folders = std::fs::read_dir(shared.join("captures")).expect("a folder");
        let folders = folders.map(|entry| entry.expect("an entry"));
        corpora.extend(folders.map(|folder| (folder.file_name().display().to_string(), folder.path())));
        corpora.sort();
    }
    let mut captures = Vec::new();
    for (corpus, folder) in corpora {
        for (n, path) in crate::support::captures_below(&folder).into_iter().enumerate() {
            let half = if n % 2 == 0 { Half::Chosen } else { Half::Proved };
            captures.push(Capture { path, corpus: corpus.clone(), half });
        }
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
        let all = hidden.sum(|_| true);
        for (confidence, per_mille) in [(None, 993), (Some(Confidence::High), 995)] {
            let [right, of] = all.of(confidence);
            assert!(right * 1000 >= of * per_mille, "{confidence:?}: {right} of {of} are right");
        }
    }
}

/// The order of the bases is held over whole captures and those that begin in their middle together.
#[test]
fn servers_are_found_without_their_handshakes() {
    let mut hidden = handshakes_hidden();
    hidden.print("handshakes hidden");
    let cut = cut_anywhere();
    cut.print("everything before a random packet hidden");
    if crate::support::shared().is_some() {
        hidden.hold();
        cut.hold();
        hidden.merge(cut);
        hidden.hold_order();
    }
}

/// Datagrams show no opening. What they say of who asks is truth here and is not looked at: once in whole
/// captures, once with everything before a random packet taken out.
#[test]
fn servers_of_datagrams_are_found_without_their_payload() {
    let registry = Registry::bundled();
    let mut random = crate::support::Random(20_261_126);
    let (mut whole, mut cut) = (Tally::default(), Tally::default());
    for capture in captures() {
        let truth = truth_of_datagrams(&capture.path);
        if truth.is_empty() {
            continue;
        }
        let seen = fold(&capture.path, |_, _| true);
        count(&mut whole, &registry, &capture, &truth, &seen);
        for _ in 0..3 {
            let Some(first) = cut_in(seen.counters().read(), &mut random) else { break };
            let table = fold(&capture.path, |packet, _| packet.frame > first);
            count(&mut cut, &registry, &capture, &truth, &table);
        }
    }
    whole.print("datagrams, payload hidden");
    cut.print("datagrams, payload and everything before a random packet hidden");
    if crate::support::shared().is_some() {
        whole.hold();
        cut.hold();
        whole.merge(cut);
        whole.hold_order();
    }
}

/// What the numbers of ports and other flows may not say, whatever the traffic.
#[test]
fn no_end_that_only_sends_datagrams_serves_an_unregistered_port() {
    let registry = Registry::bundled();
    for Capture { path, .. } in captures() {
        let table = fold(&path, |_, _| true);
        let labeller = Labeller::new(&registry, &table, Ephemeral::default());
        for flow in table.flows().filter(|flow| !flow.has_handshake() && flow.is_one_way()) {
            let label = labeller.label(flow);
            let server = label.direction.server;
            let end = flow.end(server);
            let is_registered = registry
                .port(flow.transport().expect("a transport"), end.port.expect("a port"))
                .service()
                .is_some();
            let is_transfer = labeller.endpoints().is_transfer(flow);
            assert!(
                flow.packets(server) == 0 || is_registered || is_transfer,
                "{}: {end} {}",
                path.display(),
                label.direction
            );
        }
    }
}

fn handshakes_hidden() -> Tally {
    let registry = Registry::bundled();
    let mut tally = Tally::default();
    for capture in captures() {
        let truth = truth(&fold(&capture.path, |_, _| true));
        if !truth.is_empty() {
            let hidden = fold(&capture.path, |_, layers| !is_handshake(layers));
            count(&mut tally, &registry, &capture, &truth, &hidden);
        }
    }
    tally
}

/// The number of the last packet that is hidden, of so many; nothing can be hidden of one.
fn cut_in(packets: u64, random: &mut crate::support::Random) -> Option<u64> {
    (packets > 1).then(|| 1 + random.below(packets - 1))
}

fn cut_anywhere() -> Tally {
    let registry = Registry::bundled();
    let mut random = crate::support::Random(20_260_917);
    let mut tally = Tally::default();
    for capture in captures() {
        let whole = fold(&capture.path, |_, _| true);
        let truth = truth(&whole);
        if truth.is_empty() {
            continue;
        }
        for _ in 0..5 {
            let Some(first) = cut_in(whole.counters().read(), &mut random) else { break };
            let cut = fold(&capture.path, |packet, _| packet.frame > first);
            count(&mut tally, &registry, &capture, &truth, &cut);
        }
    }
    tally
}
