//! All text that is written into captures.
//!
//! A comment is one `opt_comment` (draft-ietf-opsawg-pcapng section 3.5) that begins with [`PREFIX`],
//! which distinguishes it from comments of other programs. Its lines:
//!
//! | line | where |
//! |---|---|
//! | `flow 12 · client 192.0.2.7:51514 → server 198.51.100.2:443/tcp · registered as https (IANA 2026-09-17) · by handshake, high` | a flow's first packet |
//! | `"http protocol over TLS/SSL" · also registered as … · vlan 5 · in vxlan 100` | below it, where there is something to say |
//! | `flag unassigned-port: nobody has registered the server's port` | below it, for each flag |
//! | `flow 12 · https · to server` | a flow's other packets; the words of the flow's flags follow |
//! | `flow 12 · learnt later · client … → server … · registered as … · by …` | in an annotated stream, where the server is another than an earlier comment said |
//! | `no flow · not-ip: no IP header found` | a packet in no flow |
//!
//! In place of `registered as NAME`: `registered without a name`, `reserved`, `withdrawn`,
//! `not registered for tcp`, `unassigned`, `dynamic, never assigned`. In place of the name in the
//! short form: the status ([`crate::registry::Status::name`]).
//!
//! The words of flags ([`Flag::name`]) occur nowhere else, so that
//! `frame.comment contains "unassigned-port"` finds the packets of flows with that flag.

use crate::capture::LinkType;
use crate::decode::Outcome;
use crate::flow::Side;
use crate::foreign::{Foreign, append, joined};
use crate::label::{Flag, FlagReason, Flags, Label};
use crate::registry::{NOTE, Names, Registry};
use crate::traffic::{HostName, LabelledFlow};

/// Beginning of every comment that annotating writes.
pub const PREFIX: &str = "portscribe: ";

/// Name and version of the program.
pub(super) const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// Comment of a block of host names.
pub(super) const NAMES: &str = "portscribe: names of hosts from the local overlay";

/// What the short form calls a flow.
#[derive(Clone, Copy, Debug)]
enum Name<'r> {
    Registered(Names<'r>),
    Status(&'r str),
}

/// Content of the short form for a flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brief<'r> {
    name: Name<'r>,
    pub(super) flags: Flags,
    pub(super) server: Side,
}

impl<'r> Brief<'r> {
    pub(super) fn of(label: &Label<'r>) -> Brief<'r> {
        Brief {
            name: label.names().map_or(Name::Status(label.status_name()), Name::Registered),
            flags: label.flags,
            server: label.direction.server,
        }
    }
}

/// Puts comments into words.
#[derive(Clone, Debug)]
pub(super) struct Wording {
    /// `IANA 2026-09-17`, which follows what the registry says.
    registry: String,
}

impl Wording {
    pub(super) fn new(registry: &Registry) -> Wording {
        Wording {
            registry: match registry.edition() {
                Some(edition) => format!("IANA {edition}"),
                None => format!("registry {}", registry.source()),
            },
        }
    }

    /// The comment of a section: program, registry, options, and the meaning of a registration.
    pub(super) fn section(&self, registry: &Registry, overlays: &[Foreign<String>], options: &str) -> String {
        let mut text = format!("{PREFIX}annotated by {PROGRAM}\n");
        let mut line = |line: std::fmt::Arguments| {
            append(&mut text, line);
            text.push('\n');
        };
        line(format_args!(
            "registry: {}, {} rows, from {}",
            self.registry,
            registry.len(),
            registry.source()
        ));
        let overlays = if overlays.is_empty() { "none".to_owned() } else { joined(overlays, ", ") };
        line(format_args!("overlay: {overlays}"));
        line(format_args!("options: {options}"));
        text.push_str(NOTE);
        text
    }

    /// The full label, for a flow's first packet.
    pub(super) fn first(&self, out: &mut String, row: &LabelledFlow) {
        self.line(out, row, "");
        Self::more(out, row);
        for reason in row.label.flag_reasons() {
            flag(out, &reason);
        }
    }

    /// The full label of a flow whose earlier comment named another server. Flags are explained but
    /// for those in `said`, which that comment has explained.
    pub(super) fn learnt(&self, out: &mut String, row: &LabelledFlow, said: Flags) {
        self.line(out, row, "learnt later · ");
        for reason in row.label.flag_reasons() {
            if said.has(reason.flag()) {
                out.push_str("\nflag ");
                out.push_str(reason.flag().name());
            } else {
                flag(out, &reason);
            }
        }
    }

    fn line(&self, out: &mut String, row: &LabelledFlow, learnt: &str) {
        let label = &row.label;
        let protocol = row.flow.protocol();
        append(
            out,
            format_args!(
                "flow {} · {learnt}client {}{} → server {}/{protocol}{} · {} ({}) · {}",
                row.number,
                row.client(),
                called(row.client_name()),
                row.server(),
                called(row.server_name()),
                label.registration(),
                self.registry,
                label.direction
            ),
        );
    }

    fn more(out: &mut String, row: &LabelledFlow) {
        let label = &row.label;
        let mut before = "\n";
        let mut part = |text: std::fmt::Arguments| {
            out.push_str(before);
            append(out, text);
            before = " · ";
        };
        // Rows without a service are often described by their status alone.
        let repeats = |text: &str| text.eq_ignore_ascii_case(label.status_name());
        if let Some(text) = label.description().filter(|text| !repeats(text)) {
            part(format_args!("\"{text}\""));
        }
        // Those of the same standing are in the line above.
        let is_said =
            |alias: &str| label.names().is_some_and(|names| names.beside().any(|name| name == alias));
        let mut aliases = label.aliases().filter(|alias| !is_said(alias)).peekable();
        if aliases.peek().is_some() {
            part(format_args!("also registered as {}", aliases.collect::<Vec<_>>().join(" ")));
        }
        if let Some(code) = label.service_code() {
            part(format_args!("DCCP service code {code}"));
        }
        let (vlan, tunnel) = (row.vlan(), row.tunnel());
        if !vlan.is_empty() {
            part(format_args!("vlan {vlan}"));
        }
        if !tunnel.is_empty() {
            part(format_args!("in {tunnel}"));
        }
    }

    /// The short form, for a flow's other packets.
    #[inline]
    pub(super) fn later(out: &mut String, number: u64, brief: &Brief, sender: Side) {
        out.push_str("flow ");
        out.push_str(itoa::Buffer::new().format(number));
        out.push_str(" · ");
        match brief.name {
            Name::Registered(names) => append(out, format_args!("{names}")),
            Name::Status(status) => out.push_str(status),
        }
        out.push_str(if sender == brief.server { " · to client" } else { " · to server" });
        if !brief.flags.is_empty() {
            out.push_str(" ·");
            for flag in brief.flags.iter() {
                out.push(' ');
                out.push_str(flag.name());
            }
        }
    }

    /// Explanations of new flags, below the short form.
    pub(super) fn new_flags(out: &mut String, row: &LabelledFlow, said: Flags) {
        for reason in row.label.flag_reasons().filter(|reason| !said.has(reason.flag())) {
            flag(out, &reason);
        }
    }

    /// The reason why a packet is in no flow.
    pub(super) fn no_flow(out: &mut String, outcome: Outcome, link_type: Option<LinkType>) {
        let Some(reason) = outcome.reason() else {
            // The packet has ports, but the options choose none of its headers.
            out.push_str("no flow");
            return;
        };
        append(out, format_args!("no flow · {reason}: {}", reason.meaning()));
        match (outcome, link_type) {
            (Outcome::Portless(protocol), _) => append(out, format_args!(" ({protocol})")),
            (Outcome::Truncated(cut), _) => append(out, format_args!(" ({cut})")),
            (Outcome::Malformed(rule), _) => append(out, format_args!(" ({rule})")),
            (Outcome::UnknownLinkType, Some(link_type)) => append(out, format_args!(" ({link_type})")),
            _ => {}
        }
    }
}

/// A line that explains a flag.
fn flag(out: &mut String, reason: &FlagReason) {
    out.push('\n');
    append(out, format_args!("flag {}: {reason}", reason.flag()));
}

/// Display filter of Wireshark that finds the packets of flows with a flag.
pub fn filter(flag: Flag) -> String {
    format!("frame.comment contains \"{flag}\"")
}
/// What an end is called, behind it; nothing without a name.
fn called(name: Option<HostName>) -> String {
    name.map_or_else(String::new, |name| format!(", {}", name.line()))
}
