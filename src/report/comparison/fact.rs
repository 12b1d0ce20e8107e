//! What a comparison takes of one flow.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::net::Protocol;
use crate::registry::Names;
use crate::traffic::{self, InUse, LabelledFlow};

/// What a comparison takes of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<'a> {
    /// Address of the client.
    pub client: IpAddr,
    /// Address of the server.
    pub server: IpAddr,
    /// Port of the server.
    pub port: Option<u16>,
    /// Protocol above IP.
    pub protocol: Protocol,
    /// Type of the client's ICMP message.
    pub icmp_type: Option<u8>,
    /// Service name registered for the port.
    pub service: Option<Cow<'a, str>>,
    /// The names registered for the port, for people; saved results do not have them.
    pub names: Option<Names<'a>>,
    /// What the registry says of the port.
    pub status: Cow<'a, str>,
    /// IP bytes of both directions.
    pub bytes: u64,
    /// Whether the client used what it asked for; `None` for what is sent to a group.
    pub in_use: Option<InUse>,
}

impl<'a> Fact<'a> {
    /// What a comparison takes of a flow with its label.
    pub fn of(row: &LabelledFlow<'a>) -> Fact<'a> {
        Fact {
            client: row.client().address,
            server: row.server().address,
            port: row.server().port,
            protocol: row.flow.protocol(),
            icmp_type: row.icmp().map(|message| message.kind),
            service: row.label.service().map(Cow::Borrowed),
            names: row.label.names(),
            status: Cow::Borrowed(row.label.status_name()),
            bytes: row.bytes_to_server() + row.bytes_to_client(),
            in_use: traffic::in_use(row),
        }
    }
}
