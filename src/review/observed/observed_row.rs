//! One observed service.

use super::super::model::{FlowEnds, FlowSample, Grade, RowId, RowKind, Service, Usage};
use super::{ClientsByUse, FlowGroup};
use crate::evidence::Spoken;
use crate::flow::Side;
use crate::traffic::{Labelled, Place};

/// What was observed of one row, with its flows.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Identifies the row.
    pub row_id: RowId,
    /// What kind of service it is for.
    pub kind: RowKind,
    /// The service.
    pub service: Service,
    /// Its use.
    pub usage: Usage,
    /// Its clients.
    pub clients: ClientsByUse,
    /// Its flows, those that a firewall judges alike as one; sorted by client, its port, server
    /// port and grade.
    pub groups: Vec<FlowGroup>,
    /// What the first payload shows, with the number of flows, sorted; empty where nothing was
    /// recognised, or payload was not looked at.
    pub spoken: Vec<(Spoken, u64)>,
    /// Whether only clients among [`super::Inventory::scans`] tried it.
    pub only_scanned: bool,
}

/// A flow as an example, by its number from 0; `server` is the side that the review takes for the
/// server.
pub fn sample(labelled: &Labelled, (number, server): (usize, Side), grade: Grade) -> Option<FlowSample> {
    let flow = labelled.traffic().table().flow(number)?;
    let Place { capture, frame } = labelled.traffic().place(flow.first_packet());
    let flow =
        FlowEnds { client: flow.end(server.other()), server: flow.end(server), protocol: flow.protocol() };
    Some(FlowSample { capture: capture.into(), frame, flow, grade })
}
