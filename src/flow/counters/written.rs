//! Counters, written out.

use std::borrow::Cow;

use super::Counters;
use crate::capture::LinkType;
use crate::decode::{Layer, Reason, UdpTunnel};
use crate::flow::Damaged;

/// One counter that is not 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenCounter {
    /// What is counted: `read`, `passed`, `wild-time`, `reason`, `portless`, `without-ports`, `link-type`,
    /// `truncated`, `malformed` or `resemblance`.
    pub what: Cow<'static, str>,
    /// Of which kind: the word of a reason, the number of a protocol or of a link type, the name of a layer, the rule
    /// that a header breaks, `vxlan:8472` of what looks like a tunnel; empty for the first three.
    pub of: Cow<'static, str>,
    /// How many packets, or frames that are none.
    pub count: u64,
}

impl Counters {
    /// All counters that are not 0, those of one kind in the order in which they were met.
    pub(in crate::flow) fn write_out(&self) -> Vec<WrittenCounter> {
        let mut all = Vec::new();
        let mut put = |what: &'static str, of: Cow<'static, str>, count: u64| {
            if count > 0 {
                all.push(WrittenCounter { what: what.into(), of, count });
            }
        };
        put("read", "".into(), self.read);
        put("passed", "".into(), self.passed);
        put("wild-time", "".into(), self.wild_times);
        self.reasons().for_each(|(reason, count)| put("reason", reason.name().into(), count));
        self.portless().for_each(|(protocol, count)| put("portless", protocol.0.to_string().into(), count));
        self.without_ports()
            .for_each(|(protocol, count)| put("without-ports", protocol.0.to_string().into(), count));
        self.unknown_link_types()
            .for_each(|(link_type, count)| put("link-type", link_type.0.to_string().into(), count));
        self.truncated().for_each(|(layer, count)| put("truncated", layer.name().into(), count));
        for (rule, count) in &self.malformed.counts {
            put("malformed", rule.clone(), *count);
        }
        self.resemblances().for_each(|(kind, port, count)| {
            put("resemblance", format!("{}:{port}", kind.name()).into(), count);
        });
        all
    }

    /// The counters that were written out so.
    ///
    /// # Errors
    ///
    /// Where one is not known, or they do not add up.
    pub(in crate::flow) fn restored(all: &[WrittenCounter]) -> Result<Counters, Damaged> {
        const UNKNOWN: Damaged = Damaged("a counter is not known");
        let mut counters = Counters::default();
        let number = |of: &str| of.parse::<u8>().map_err(|_| UNKNOWN);
        for WrittenCounter { what, of, count } in all {
            let count = *count;
            match &**what {
                "read" => counters.read = count,
                "passed" => counters.passed = count,
                "wild-time" => counters.wild_times = count,
                "reason" => {
                    let reason = Reason::ALL.into_iter().find(|reason| reason.name() == of).ok_or(UNKNOWN)?;
                    counters.reasons[reason as usize] = count;
                }
                "portless" => counters.portless[usize::from(number(of)?)] = count,
                "without-ports" => counters.without_ports[usize::from(number(of)?)] = count,
                "link-type" => {
                    counters.link_types.add(LinkType(of.parse().map_err(|_| UNKNOWN)?), count);
                }
                "truncated" => {
                    let layer = Layer::ALL.iter().find(|layer| layer.name() == of).ok_or(UNKNOWN)?;
                    counters.truncated.add(*layer, count);
                }
                "malformed" => counters.malformed.add(of.clone(), count),
                "resemblance" => {
                    let (kind, port) = of.split_once(':').ok_or(UNKNOWN)?;
                    let kind = kind.parse::<UdpTunnel>().map_err(|_| UNKNOWN)?;
                    counters.resemblances.add((kind, port.parse().map_err(|_| UNKNOWN)?), count);
                }
                _ => return Err(UNKNOWN),
            }
        }
        if counters.uncounted() > counters.read {
            return Err(Damaged("more packets are in no flow than were read"));
        }
        Ok(counters)
    }
}
