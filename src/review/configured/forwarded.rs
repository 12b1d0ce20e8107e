//! What chains of the hook forward see of what was captured.

use super::super::model::{NotForwarded, Offer};
use super::super::observed::{FlowGroup, Observed};
use super::judge::{ANY_CLIENT_PORT, Judge};
use crate::net::End;
use crate::rules::{Captured, Content, Translation};

/// Which flows of a row chains of the hook forward see, and why not the others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forwarded {
    seen: bool,
    unknown: bool,
    why: Option<NotForwarded>,
}

impl Forwarded {
    /// Counts flows in use; nothing of others.
    pub(super) fn add(&mut self, flows: Option<Result<Option<End>, NotForwarded>>) {
        match flows {
            Some(Ok(_)) => self.seen = true,
            Some(Err(NotForwarded::TranslationUnknown)) => self.unknown = true,
            Some(Err(why)) => self.why = self.why.max(Some(why)),
            None => {}
        }
    }

    /// Why they do not see the row as it was captured; none where they see some of its flows so.
    pub(super) fn why_not(self) -> Option<NotForwarded> {
        if self.unknown {
            return Some(NotForwarded::TranslationUnknown);
        }
        self.why.filter(|_| !self.seen)
    }
}

impl Judge<'_> {
    /// The server that chains of the hook forward see, where the rules translate it and neither captures nor the
    /// firewall's table of connections tell; else why they do not see the flows as they were captured.
    pub(super) fn as_forwarded(
        &mut self,
        flows: &FlowGroup,
        row: &Observed,
    ) -> Result<Option<End>, NotForwarded> {
        if flows.behind.is_some() {
            return Ok(None);
        }
        match self.translation_before(flows, row) {
            Translation::Uncertain => return Err(NotForwarded::TranslationUnknown),
            Translation::To(address, port) => {
                let port = port.or_else(|| flows.offer.ports().map(|ports| ports.first));
                return Ok(Some(End { address, port }));
            }
            Translation::None => {}
        }
        let chosen = &self.configured.chosen;
        if chosen.has_own(flows.server) {
            Err(NotForwarded::ToFirewall)
        } else if chosen.may_have_own(flows.client) {
            Err(NotForwarded::FromFirewall)
        } else {
            Ok(None)
        }
    }

    /// What the rules make of the destination, taken as it is before they translate it.
    fn translation_before(&mut self, flows: &FlowGroup, row: &Observed) -> Translation {
        let (true, Offer::Ports { transport, ports }) = (self.configured.translates, flows.offer) else {
            return Translation::None;
        };
        let source = if self.configured.looks_at.source_port { flows.client_port } else { None };
        let source = source.unwrap_or(ANY_CLIENT_PORT);
        let content = Content::Ports { transport, source, destination: ports.first };
        self.translation((flows.client, flows.server, content), Captured::Before, row)
    }
}
