//! What a finding says, and how rows are called in it.

use super::super::model::{
    About, Finding, FindingKind, FlowSample, InUse, Row, RowKind, SAMPLES, Severity, spoken_names,
};
use crate::evidence::Spoken;

/// What a finding says, before it is a [`Finding`].
#[derive(Default)]
pub(super) struct Said {
    pub(super) title: String,
    pub(super) about: About,
    pub(super) why: String,
    pub(super) limits: String,
    pub(super) suggestion: String,
    pub(super) samples: Vec<FlowSample>,
    pub(super) flows: u64,
}

impl Said {
    /// Of a row, with its flows as evidence.
    pub(super) fn of_row(row: &Row) -> Said {
        Said {
            about: About::Row(row.row_id),
            samples: row.usage.samples.iter().take(SAMPLES).cloned().collect(),
            flows: row.flows(),
            ..Said::default()
        }
    }

    pub(super) fn find(self, kind: FindingKind, severity: Severity) -> Finding {
        Finding {
            kind,
            name: kind.name(),
            severity,
            title: self.title,
            about: self.about,
            samples: self.samples,
            flows: self.flows,
            why: self.why,
            limits: self.limits,
            suggestion: self.suggestion,
            standards: kind.standards(),
        }
    }
}

impl Row {
    /// `23/tcp (registered as telnet)`, or what else there is to say of its port; with the protocol
    /// that was spoken, where it was recognised. Without a port `icmp echo-request`.
    pub(super) fn service_in_words(&self) -> String {
        let (port, registry) = (self.service.offer, &self.service.registry);
        if port.ports().is_none() {
            return port.to_string();
        }
        let registered = match registry.names() {
            none if none.is_empty() => registry.status.to_string(),
            names => format!("registered as {names}"),
        };
        match self.spoken_in_words() {
            Some(spoken) => format!("{port} ({registered}; speaks {spoken})"),
            None => format!("{port} ({registered})"),
        }
    }

    /// `http and tls`: what was recognised; none where nothing was.
    pub(super) fn spoken_in_words(&self) -> Option<String> {
        Some(in_words(&self.service.spoken)).filter(|words| !words.is_empty())
    }

    /// Its service and its server.
    pub(super) fn service_at(&self) -> String {
        format!("{} at {}", self.service_in_words(), self.service.server_in_words())
    }

    /// Its service, its server and its clients' zone.
    pub(super) fn in_words(&self) -> String {
        format!("{} from {}", self.service_at(), self.service.client_zone)
    }

    /// `in use`, or `perhaps in use`, by its grade.
    pub(super) fn use_in_words(&self) -> &'static str {
        if self.usage.grade.in_use() == InUse::Yes { "in use" } else { "perhaps in use" }
    }

    /// Whether it is a service of a server, and seen in use or perhaps in use.
    pub(super) fn is_observed(&self) -> bool {
        self.is_unicast() && self.usage.grade.in_use() != InUse::No
    }

    /// Whether it is one that a rule could be for.
    pub(super) fn is_unicast(&self) -> bool {
        matches!(self.kind, RowKind::Service | RowKind::DynamicRange)
    }

    /// One step lower where what is spoken is told by the port's number alone.
    pub(super) fn by_name(&self, severity: Severity) -> Severity {
        if self.service.spoken.is_empty() { severity.lower() } else { severity }
    }

    /// What it rests on that a service is called by its name.
    pub(super) fn limits_of_name(&self) -> String {
        if self.service.spoken.is_empty() {
            "By port number: what is spoken on the port was not told by its payload.".to_owned()
        } else {
            format!("The first payload shows {}; more was not looked at.", spoken_names(&self.service.spoken))
        }
    }

    /// Flows of all grades.
    pub(super) fn flows(&self) -> u64 {
        self.usage.grades.by_grade.values().sum()
    }
}

/// `HTTP and TLS`; nothing for none.
pub(super) fn in_words(spoken: &[Spoken]) -> String {
    let Some((final_one, others)) = spoken.split_last() else { return String::new() };
    match spoken_names(others) {
        none if none.is_empty() => final_one.name().to_owned(),
        others => format!("{others} and {}", final_one.name()),
    }
}
