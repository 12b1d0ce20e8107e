//! Connections whose flows have left the table: another part may still come.

use std::collections::{HashMap, VecDeque};

use super::key::Kind;
use super::{Flow, Side};
use crate::net::End;

/// How many are kept, the newest: some 30 megabytes. Later parts of older ones are connections of
/// their own.
const MOST: usize = 1 << 18;

/// The newest flow of each of the connections that have left.
#[derive(Clone, Default)]
pub(super) struct LeftConnections {
    newest: HashMap<Ends, Left, foldhash::fast::RandomState>,
    order: VecDeque<Ends>,
}

/// The ends of a connection, the lower first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Ends {
    both: [End; 2],
    kind: Kind,
}

#[derive(Clone, Copy)]
struct Left {
    connection: u64,
    /// The number of its first flow.
    number: u64,
    /// Who opened it.
    client: Option<End>,
}

impl Ends {
    fn of(flow: &Flow) -> Ends {
        let mut both = [flow.key.own_end(0), flow.key.own_end(1)];
        both.sort_unstable();
        Ends { both, kind: flow.key.kind }
    }
}

impl LeftConnections {
    /// Keeps what later parts need to know of the flow with a number. Returns the number of the first
    /// flow of its connection.
    pub(super) fn push(&mut self, number: u64, flow: &Flow) -> u64 {
        let (ends, connection) = (Ends::of(flow), flow.connection());
        let client = flow.opened_by().or(flow.opened_before_by()).map(|side| flow.key.own_end(side as usize));
        let known = self.newest.get(&ends).filter(|left| left.connection == connection);
        let number = known.map_or(number, |left| left.number);
        if self.newest.insert(ends, Left { connection, number, client }).is_some() {
            return number;
        }
        self.order.push_back(ends);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.newest.remove(&oldest);
        }
        number
    }

    /// Makes a flow that begins without an opening a part of the connection of its ends.
    #[inline]
    pub(super) fn continue_in(&self, flow: &mut Flow) {
        if !self.newest.is_empty()
            && let Some(left) = self.newest.get(&Ends::of(flow))
        {
            let client =
                Side::BOTH.into_iter().find(|&side| Some(flow.key.own_end(side as usize)) == left.client);
            flow.continue_as(left.connection, client);
        }
    }
}
