//! `packets`: one row a transport header.

use super::field::{columns, people};
use super::flows::{registered_as, with_local_names};
use super::{Holds, Value, WhenNarrow};
use crate::Transport;
use crate::net::{End, Interface, PortRange};
use crate::registry::Status;
use crate::text::words;
use crate::traffic::LabelledHeader;

columns! {
    /// The values of one header.
    pub fn values<'a>(one: LabelledHeader<'a, 'a>) {
        let LabelledHeader { capture, packet, layer, header, .. } = one;
        let flow = one.flow.map(|(flow, _)| flow);
    }
    "capture": always Holds::Text, "file of the packet" => Value::Foreign(capture.into());
    "frame": always Holds::NUMBER, "number of the packet in its file, from 1, as Wireshark shows it" => Value::Number(packet.frame);
    "time": maybe Holds::Time, "time of the packet" => Value::time(packet.time);
    "layer": always Holds::NUMBER, "which transport header of the packet, from 0, the outermost" => Value::Number(layer as u64);
    "transport": always Holds::Word(words!(Transport)), "transport protocol of the header" => Value::text(Some(header.transport.name()));
    "src_address": always Holds::Address, "source address" => Value::Address(header.source);
    "src_port": always Holds::PORT, "source port" => Value::Number(header.source_port.into());
    "dst_address": always Holds::Address, "destination address" => Value::Address(header.destination);
    "dst_port": always Holds::PORT, "destination port" => Value::Number(header.destination_port.into());
    "flow": maybe Holds::NUMBER, "number of the flow; unknown for a header in no flow (quoted, or not of the chosen layer)" => flow.map_or(Value::Unknown, |flow| Value::Number(flow.number));
    "to_server": maybe Holds::Bool, "whether the packet goes to the server" => one.flow.map_or(Value::Unknown, |(flow, sender)| Value::Bool(sender != flow.label.direction.server));
    "service": maybe Holds::Text, "service name registered for the flow's server port" => Value::text(flow.and_then(|flow| flow.label.service()));
    "status": maybe Holds::Word(words!(Status)), "what the registry says of the flow's server port" => Value::text(flow.and_then(|flow| flow.label.status()).map(Status::name));
    "port_range": maybe Holds::Word(words!(PortRange)), "range of the flow's server port" => Value::text(flow.and_then(|flow| flow.label.port_range()).map(PortRange::name));
    "quoted": always Holds::Bool, "whether the header is only quoted inside an ICMP error" => Value::Bool(header.quoted.is_some());
    "length": always Holds::BYTES, "length of the header's IP packet as it states, at most that of the packet on the wire" => Value::Number(packet.at_most(header.ip_length).into());
    "local_name": maybe Holds::Texts, "names that an overlay gives the flow's server port on this server" => flow.map_or(Value::Unknown, |flow| Value::Names(flow.local_names()));
    "interface": maybe Holds::Text, "interface that the packet was captured on: the name that pcapng gives it, or its number in the section, from 0; the name or number in the packet's first header (LINUX_SLL2, PKTAP, PFLOG, IPNET); `any#2` where pcapng and header name one each" => Value::foreign(one.interface.map(Interface::to_text));
    on request:
}

/// Columns whose values are those of the header's flow, which may be known only when all is read: the others can be told
/// of each packet as it comes.
pub const OF_FLOWS: [&str; 6] = ["flow", "to_server", "service", "status", "port_range", "local_name"];

people! {
    /// The table's cells of one header.
    pub fn people(one: LabelledHeader) {
        let LabelledHeader { packet, layer, header, .. } = one;
        let flow = one.flow.map(|(flow, _)| flow);
        let server = one.flow.map(|(flow, sender)| sender == flow.label.direction.server);
        let end = |address, port, is_server| {
            let end = End { address, port: Some(port) };
            if is_server { format!("{end}/{}", header.transport) } else { end.to_string() }
        };
    }
    number "frame", WhenNarrow::Stays => if layer == 0 { packet.frame.to_string() } else { format!("{}.{layer}", packet.frame) };
    text "time", WhenNarrow::Leaves(5) => packet.time.map_or("-".into(), |time| time.to_string());
    text "source", WhenNarrow::Shortens(18) => end(header.source, header.source_port, server == Some(true));
    text "destination", WhenNarrow::Shortens(18) => end(header.destination, header.destination_port, server == Some(false));
    number "flow", WhenNarrow::Leaves(7) => flow.map_or("-".into(), |flow| flow.number.to_string());
    text "registered as", WhenNarrow::Wraps => flow.map_or("-".into(), |flow| with_local_names(registered_as(flow.label.names()), &flow.local_names()));
    text "status", WhenNarrow::Leaves(6) => match flow {
        Some(flow) => flow.label.status_name().to_owned(),
        None if header.quoted.is_some() => "(quoted)".into(),
        None => "-".into(),
    };
    number "length", WhenNarrow::Leaves(8) => packet.at_most(header.ip_length).to_string();
}

#[cfg(all(test, feature = "tables"))]
mod tests {
    use super::*;
    use crate::capture::CaptureReader;
    use crate::registry::Registry;
    use crate::traffic::{LabelledPackets, ReadSettings, Reading, Selection};

    #[test]
    fn the_columns_of_flows_are_those_that_need_the_flow() {
        let mut reading = Reading::new(ReadSettings::default());
        reading.read_file("samples/http.pcap").expect("a capture");
        let (traffic, registry) = (reading.finish(), Registry::bundled());
        let labelled = traffic.label(&registry);
        let mut pass = LabelledPackets::new(&labelled, Selection::default());
        let mut capture = CaptureReader::open("samples/http.pcap").expect("a capture");
        let mut seen = 0;
        let each = |one: LabelledHeader<'_, '_>| {
            for (column, value) in COLUMNS.iter().zip(each()) {
                let alone = value(LabelledHeader { flow: None, ..one });
                if OF_FLOWS.contains(&column.name) {
                    assert_eq!(alone, Value::Unknown, "{}", column.name);
                } else {
                    assert_eq!(alone, value(one), "{}", column.name);
                }
            }
            seen += 1;
            Ok::<(), std::io::Error>(())
        };
        pass.capture(&mut capture, each).expect("packets");
        assert_eq!(seen, 62);
    }
}
