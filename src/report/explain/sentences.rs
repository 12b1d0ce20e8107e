//! An explanation in sentences, for people.

use std::io;

use super::packets::COLUMNS;
use super::{Evidence, Explanation, ports};
use crate::capture::Timestamp;
use crate::evidence::{By, Login, Role};
use crate::flow;
use crate::foreign::{self, joined};
use crate::label::Agreement;
use crate::net::End;
use crate::report::glossary::sentence;
use crate::report::{Format, Style, Table, Times, wrapped};
use crate::text::count;

/// The explanation in lines for a terminal of this style.
///
/// # Errors
///
/// Never in fact: the table of packets is written into memory.
pub fn people(about: &Explanation, style: Style, times: &Times) -> io::Result<Vec<String>> {
    let mut page = Page { style, lines: Vec::new() };
    page.heading(&title(about));
    page.section("What was seen", seen(about, times));
    page.section("Who is the server", server(about));
    page.section("What the registry says", registered(about));
    page.section("What the payload says", payload(about));
    page.heading("First packets");
    first_packets(&mut page, about)?;
    page.section("What the words mean", words(about));
    Ok(page.lines)
}

struct Page {
    style: Style,
    lines: Vec<String>,
}

impl Page {
    fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        self.lines.extend(wrapped(text, self.style.width));
    }

    fn section(&mut self, title: &str, sentences: Vec<String>) {
        self.heading(title);
        for text in sentences {
            self.sentence(&text);
        }
    }

    /// A sentence, whose further lines stand further in.
    fn sentence(&mut self, text: &str) {
        let width = self.style.width.map(|width| width.saturating_sub(4));
        for (n, line) in wrapped(&foreign::line(text), width).into_iter().enumerate() {
            self.lines.push(format!("{}{line}", if n == 0 { "  " } else { "    " }));
        }
    }
}

fn title(about: &Explanation) -> String {
    let row = &about.row;
    let icmp = row.icmp().map_or(String::new(), |message| format!(" {message}"));
    let title = format!(
        "Flow {} of {}: {} to {}/{}{icmp}, {}",
        row.number,
        about.flows,
        row.client(),
        row.server(),
        about.protocol(),
        row.label.registration()
    );
    foreign::line(&title).into_owned()
}

fn seen(about: &Explanation, times: &Times) -> Vec<String> {
    let row = &about.row;
    let mut all = Vec::new();
    let both = |packets: u64, bytes: u64| format!("{} ({})", count(packets, "packet"), count(bytes, "byte"));
    all.push(format!(
        "{} to the server, {} from it.",
        both(row.packets_to_server(), row.bytes_to_server()),
        both(row.packets_to_client(), row.bytes_to_client())
    ));
    let place = format!("packet {} of {}", about.place.frame, about.place.capture.line());
    all.push(match (row.flow.first_seen(), row.flow.last_seen()) {
        (Some(first), Some(last)) => {
            format!("{} for {}, beginning with {place}.", from(first, times), seconds(last.since(first)))
        }
        _ => format!("At a time that is not known, beginning with {place}."),
    });
    let interface = row.interface().line().into_owned();
    for (what, around) in [
        ("tunnels around it", row.tunnel()),
        ("VLANs around it", row.vlan()),
        ("captured on interface", interface),
    ] {
        if !around.is_empty() {
            all.push(sentence(&format!("{what}: {around}")));
        }
    }
    for (who, name) in [("client", row.client_name()), ("server", row.server_name())] {
        if let Some(name) = name {
            all.push(format!(
                "The {who} is called {}: {}. Nothing proves it.",
                name.text.line(),
                name.source.meaning()
            ));
        }
    }
    if row.connection != row.number {
        all.push(format!("It goes on the connection that began in flow {}.", row.connection));
    }
    if let Some(id) = flow::community_id(&row.flow) {
        all.push(format!("Community ID {id}."));
    }
    if !about.others.is_empty() {
        const MOST: usize = 12;
        let shown: Vec<String> = about.others.iter().take(MOST).map(u64::to_string).collect();
        let more = about.others.len().saturating_sub(MOST);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        all.push(format!("What was asked for fits other flows, too: {}{more} (--flow N).", shown.join(", ")));
    }
    all
}

/// When something began.
fn from(time: Timestamp, times: &Times) -> String {
    let text = times.text(time);
    match times {
        Times::Utc | Times::In(_) | Times::Eve => format!("From {text}"),
        Times::After(_) => format!("From {text} s after the first packet of all captures,"),
        Times::Epoch => format!("From {text} s after 1970-01-01T00:00:00Z,"),
    }
}

fn server(about: &Explanation) -> Vec<String> {
    let (row, direction) = (&about.row, about.row.label.direction);
    let server = row.server();
    let mut all = vec![
        format!("{server} is taken for the server by {}: {}.", direction.basis, direction.basis.meaning()),
        format!("Confidence {}: {}.", direction.confidence, direction.confidence.meaning()),
    ];
    let others: Vec<Evidence> =
        about.evidence().filter(|evidence| evidence.basis != direction.basis).collect();
    let listed = |of: &dyn Fn(&Evidence) -> bool| -> Vec<String> {
        let all = others.iter().filter(|evidence| of(evidence));
        all.map(|evidence| format!("{} ({})", evidence.basis, evidence.basis.meaning())).collect()
    };
    let agree = listed(&|evidence| evidence.agrees);
    if !agree.is_empty() {
        all.push(format!("The same say: {}.", agree.join("; ")));
    }
    let against = listed(&|evidence| evidence.server.is_some() && !evidence.agrees);
    all.push(if against.is_empty() {
        "Nothing speaks against it.".to_owned()
    } else {
        let other: End = row.client();
        format!("Weaker signs speak against it, and for {other}: {}.", against.join("; "))
    });
    let silent: Vec<&str> =
        others.iter().filter(|evidence| evidence.server.is_none()).map(|one| one.basis.name()).collect();
    if !silent.is_empty() {
        all.push(format!("No answer from: {}.", silent.join(", ")));
    }
    all
}

fn registered(about: &Explanation) -> Vec<String> {
    let answers = about.ports();
    if answers.is_empty() {
        return vec![format!("{} has no ports, and the registry is one of ports.", about.protocol())];
    }
    let mut all = Vec::new();
    for of_port in answers.chunk_by(|a, b| a.port() == b.port()) {
        let Some(first) = of_port.first() else { continue };
        let ends = [(about.row.server(), "server"), (about.row.client(), "client")];
        let whose: Vec<&str> =
            ends.into_iter().filter(|(end, _)| end.port == Some(first.port())).map(|(_, who)| who).collect();
        all.push(format!(
            "Port {} of the {} is a {} port, {}.",
            first.port(),
            whose.join(" and the "),
            first.range(),
            first.range().meaning()
        ));
        all.extend(ports::lines(of_port));
    }
    let local = about.row.local_names();
    if !local.is_empty() {
        all.push(format!("On this server the port is called {} here.", joined(&local, " ")));
    }
    all
}

fn payload(about: &Explanation) -> Vec<String> {
    let (label, flow) = (&about.row.label, &about.row.flow);
    if flow.transport().is_none() {
        return vec![format!(
            "Not looked at: {} has no ports, behind which protocols are recognised.",
            about.protocol()
        )];
    }
    if !flow.is_payload_asked() {
        return vec!["Not looked at (--no-payload).".to_owned()];
    }
    let mut all = Vec::new();
    match about.observed() {
        Some(observed) => {
            let who = match observed.by {
                By::Client => "the client shows",
                By::Server => "the server shows",
                By::Both => "both sides shows",
            };
            all.push(format!("The first payload of {who} {}.", observed.spoken.name()));
            if let Some(version) = observed.version {
                all.push(format!("The server chose {}.", version.name()));
            }
            match observed.alpn {
                Some((alpn, Role::Server)) => {
                    all.push(format!("Within it the server chose {} (ALPN).", alpn.name()));
                }
                Some((alpn, Role::Client)) => {
                    all.push(format!("Within it the client asks for {} first (ALPN).", alpn.name()));
                }
                None => {}
            }
            match observed.login {
                Some(Login::ByProof) => all.push(
                    "The client logs in by a proof, and was not seen to send a password in the clear."
                        .to_owned(),
                ),
                Some(Login::InTheClear) => {
                    all.push("The client logs in with a password or a token in the clear.".to_owned());
                }
                None => {}
            }
            if observed.is_upgraded {
                all.push("The client asks for TLS and begins with it: what follows is encrypted.".to_owned());
            } else if observed.asks_for_tls {
                all.push("The client asks for TLS, and was not seen to begin with it.".to_owned());
            }
        }
        None if flow.has_seen_payload() => {
            all.push("The first payload shows no protocol that is recognised.".to_owned());
        }
        None => all.push("The capture holds no payload of the flow.".to_owned()),
    }
    match (label.agreement, label.service()) {
        // These have been said.
        (Some(Agreement::Silent | Agreement::NotCaptured), _) | (Some(_), None) => {}
        (Some(agreement), Some(service)) => all.push(format!(
            "{} the registered {service}: {}.",
            match agreement {
                Agreement::Compatible => "It is compatible with".to_owned(),
                other => format!("It {other}"),
            },
            agreement.meaning()
        )),
        (None, _) => all.push("No service is registered that it could agree with.".to_owned()),
    }
    all
}

fn first_packets(page: &mut Page, about: &Explanation) -> io::Result<()> {
    let packets = &about.packets;
    let all = about.row.packets_to_server() + about.row.packets_to_client();
    if packets.seen().is_empty() {
        let why = if about.row.flow.transport().is_none() {
            "Packets of a protocol without ports are not listed."
        } else {
            "None is listed."
        };
        page.sentence(why);
        return Ok(());
    }
    // The capture is told where there are several.
    let columns = COLUMNS.len() - usize::from(!packets.are_of_several());
    let mut table = Table::new(&COLUMNS[..columns]);
    for packet in packets.seen() {
        let mut cells = vec![
            packet.frame.to_string(),
            packets.after_first(packet).map_or("-".to_owned(), seconds),
            if packet.to_server { "to the server" } else { "from the server" }.to_owned(),
            if packet.signal.is_empty() { "-".to_owned() } else { packet.signal.clone() },
            packet.payload_length.to_string(),
            packet.length.to_string(),
            packet.capture.line().into_owned(),
        ];
        cells.truncate(columns);
        table.row(cells);
    }
    let mut text = Vec::new();
    let width = page.style.width.map(|width| width.saturating_sub(1));
    table.write(Format::Table, Style { width, color: false }, &mut text)?;
    let text = String::from_utf8_lossy(&text);
    page.lines.extend(text.lines().map(|line| format!(" {line}").trim_end().to_owned()));
    let shown = packets.seen().len() as u64;
    if shown < all {
        page.sentence(&format!(
            "{shown} of {}; later fragments and ICMP errors about the flow are not listed.",
            count(all, "packet")
        ));
    }
    Ok(())
}

fn words(about: &Explanation) -> Vec<String> {
    let reasons = about.flag_reasons();
    let reason = |word: &str| {
        let of_word = reasons.iter().find(|reason| reason.flag().name() == word)?;
        let text = of_word.to_string();
        (text != of_word.flag().meaning()).then_some(text)
    };
    let entries = about.words();
    entries
        .iter()
        .map(|entry| {
            let here = reason(entry.word)
                .map_or(String::new(), |text| format!(" Here: {}.", text.trim_end_matches('.')));
            format!("{} {}: {}{here}", entry.kind, entry.word, entry.sentences())
        })
        .collect()
}

/// Nanoseconds as seconds, with the digits that tell something.
fn seconds(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let nanoseconds = nanoseconds.unsigned_abs();
    let (whole, fraction) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let digits = format!("{fraction:09}");
    let digits = if digits.ends_with("000") { &digits[..6] } else { &digits };
    format!("{sign}{whole}.{digits} s")
}
