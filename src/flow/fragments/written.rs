//! Datagrams whose fragments are waited for, written out.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Datagram, DatagramKey, Fragments, MAX_DATAGRAMS, Met};
use crate::capture::NO_TIME;
use crate::flow::{Contexts, Damaged};

/// What is known of one datagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenDatagram {
    /// The tags and tunnels that are part of what makes its fragments belong together.
    pub context: String,
    /// Its source.
    pub source: IpAddr,
    /// Its destination.
    pub destination: IpAddr,
    /// Its protocol.
    pub protocol: u8,
    /// Its identification.
    pub identification: u32,
    /// Its place among those that are followed, the one that was used last behind all others; `None` where it was
    /// forgotten for others.
    used: Option<u32>,
    /// Time of the first fragment of all; the lowest number where that has none.
    start: i64,
    state: Datagram,
}

impl Fragments {
    /// What is known of the datagrams: of those that may go on others first, in the order in which they were met, then
    /// of the others in the order in which they were used.
    pub(in crate::flow) fn write_out(&self, contexts: &Contexts) -> Vec<WrittenDatagram> {
        let written = |key: &DatagramKey, used: Option<u32>, state: &Datagram| WrittenDatagram {
            context: contexts.stack_text(key.context),
            source: key.source,
            destination: key.destination,
            protocol: key.protocol,
            identification: key.identification,
            used,
            start: self.start,
            state: state.clone(),
        };
        let forgotten = self.met.iter().flatten().zip(0..).filter_map(|(met, number)| {
            let state = met.datagram.as_deref()?;
            Some((Some(number), written(&met.key, None, state)))
        });
        let followed = (0..)
            .zip(self.datagrams.iter())
            .map(|(used, (key, state))| (state.met, written(key, Some(used), state)));
        let mut all: Vec<(Option<u32>, WrittenDatagram)> = forgotten.chain(followed).collect();
        all.sort_by_key(|(met, one)| (met.is_none(), *met, one.used));
        all.into_iter().map(|(_, one)| one).collect()
    }

    /// The datagrams that were written out so, in a table that follows another and has so many flows.
    ///
    /// # Errors
    ///
    /// Where they cannot be of one table.
    pub(in crate::flow) fn restored(
        all: Vec<WrittenDatagram>,
        flows: usize,
        contexts: &mut Contexts,
    ) -> Result<Fragments, Damaged> {
        const DAMAGED: Damaged = Damaged("fragments are not those of one capture");
        let mut fragments = Fragments::new(true);
        let (mut met, mut followed) = (Vec::new(), Vec::new());
        for one in all {
            let context = contexts.intern_text(&one.context).ok_or(Damaged::CONTEXT)?;
            let WrittenDatagram { source, destination, protocol, identification, used, start, state, .. } =
                one;
            let key = DatagramKey { source, destination, protocol, identification, context };
            if fragments.start == NO_TIME {
                fragments.start = start;
            }
            let before = state.before.as_ref().and_then(|before| before.head);
            if [state.head, before].into_iter().flatten().any(|head| head.flow as usize >= flows) {
                return Err(DAMAGED);
            }
            if let Some(number) = state.met {
                if number as usize != met.len() {
                    return Err(DAMAGED);
                }
                let forgotten = used.is_none().then(|| Box::new(state.clone()));
                met.push(Met { key, datagram: forgotten });
            }
            match used {
                Some(used) => followed.push((used, key, state)),
                None if state.met.is_some() => {}
                None => return Err(DAMAGED),
            }
        }
        if met.len() > MAX_DATAGRAMS || followed.len() > MAX_DATAGRAMS {
            return Err(DAMAGED);
        }
        followed.sort_by_key(|(used, ..)| *used);
        for (_, key, state) in followed {
            let mut is_new = false;
            let new = || {
                is_new = true;
                state
            };
            fragments.datagrams.use_or_insert(key, new, |_| {});
            if !is_new {
                return Err(DAMAGED);
            }
        }
        fragments.met = Some(met);
        Ok(fragments)
    }
}
