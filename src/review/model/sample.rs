//! Flows as examples.

use std::fmt;

use serde::Serialize;

use super::{Grade, words};
use crate::foreign::Foreign;
use crate::net::{End, Protocol};

/// With more rows than this a review shows one flow of each, and is written without white space; and so many rows that
/// nobody has written about a worksheet has at most.
pub(in crate::review) const MANY_ROWS: usize = 10_000;

/// Flows that a row, a rule or a finding shows at most.
pub(in crate::review) const SAMPLES: usize = 5;

/// Flows that each of so many rows shows at most.
pub(in crate::review) fn samples_of(rows: usize) -> usize {
    if rows > MANY_ROWS { 1 } else { SAMPLES }
}

/// One flow as an example.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FlowSample {
    /// The capture.
    pub capture: Foreign<String>,
    /// Number of the flow's first frame there, from 1.
    pub frame: u64,
    /// `10.77.1.10:40112 > 10.77.2.10:80/tcp`.
    pub flow: FlowEnds,
    /// Its grade.
    pub grade: Grade,
}

/// The ends of a flow, from client to server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowEnds {
    /// The client.
    pub client: End,
    /// The server.
    pub server: End,
    /// The protocol.
    pub protocol: Protocol,
}

words::as_text!(FlowEnds);

impl fmt::Display for FlowEnds {
    /// `10.77.1.10:40112 > 10.77.2.10:80/tcp`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} > {}/{}", self.client, self.server, self.protocol)
    }
}
