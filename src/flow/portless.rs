//! Flows of protocols without ports: what ICMP says, and who has the place of the server.

use super::{Direction, Flow, Side};
use crate::net::{IcmpMessage, icmp};

impl Flow {
    /// The first message that one side sent, in a flow of ICMP or ICMPv6; `None` where it sent nothing.
    pub fn icmp(&self, side: Side) -> Option<IcmpMessage> {
        let family = self.key.kind.icmp()?;
        let kind = self.key.icmp_type(side as usize).filter(|_| self.packets(side) > 0)?;
        let code = self.key.icmp_code().or_else(|| self.noted_icmp_code(side));
        Some(IcmpMessage { family, kind, code })
    }

    /// The message that says what an ICMP flow is: the first of the client, or of the server where nothing
    /// else was captured.
    pub fn icmp_between(&self, direction: Direction) -> Option<IcmpMessage> {
        self.icmp(direction.server.other()).or_else(|| self.icmp(direction.server))
    }

    /// The message that opens an ICMP flow: that of the client. Where only answers were captured, it is the
    /// question that they answer, whose code is 0 (RFC 792, RFC 4443 section 4.1).
    pub(crate) fn icmp_asked(&self, server: Side) -> Option<IcmpMessage> {
        let family = self.key.kind.icmp()?;
        let Some(kind) = self.key.icmp_type(server.other() as usize) else { return self.icmp(server) };
        Some(self.icmp(server.other()).unwrap_or(IcmpMessage { family, kind, code: Some(0) }))
    }

    /// The side that answers, by the types of ICMP. Where only messages were captured that are sent without
    /// a question between the same addresses, none does.
    pub(super) fn icmp_server(&self) -> Option<Side> {
        let family = self.key.kind.icmp()?;
        let server = Side::BOTH.into_iter().find(|&side| {
            let kind = self.key.icmp_type(side.other() as usize);
            kind.is_some_and(|kind| icmp::is_question(family, kind))
        })?;
        let answer = self.key.icmp_type(server as usize)?;
        let is_asked = self.packets(server.other()) > 0 || !icmp::is_unasked(family, answer);
        is_asked.then_some(server)
    }

    /// What [`Flow::note_icmp_code`] has noted of a side.
    pub(super) fn noted_icmp_code(&self, side: Side) -> Option<u8> {
        let codes = self.service_code;
        (codes >> (16 + side as u32) & 1 == 1).then_some((codes >> (8 * side as u32)) as u8)
    }
}
