//! ClientHellos in several packets: what has come of them is kept until the server's name is there.
//!
//! Octets of a payload are kept here alone, only where names are asked for, and no longer than needed.

use std::collections::HashMap;

use super::super::key::Directed;
use crate::evidence::{Hello, handshake, server_name};

/// How many packets of one are looked at.
const MOST_PACKETS: usize = 4;
/// How many pieces of one in QUIC are looked at: clients cut them into many, and mix these.
const MOST_PIECES: usize = 64;
/// How many octets of one are looked at.
const LONGEST: u32 = 16 * 1024;
/// How many octets of one packet are kept.
const MOST_OCTETS: usize = 4096;
/// How many octets are kept in all.
const MOST_IN_ALL: usize = 16 << 20;

/// Which ClientHello a piece is of: who sends it to whom, and of QUIC also the connection.
pub(super) type HelloKey = (Directed, Option<([u8; 20], u8)>);

/// Octets of a ClientHello.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Where they are: in QUIC in the handshake, in TCP the sequence number.
    pub(super) at: u32,
    pub(super) octets: Box<[u8]>,
}

/// What has come of a ClientHello.
#[derive(Clone, Debug, Default)]
pub(super) struct Started {
    /// The number of its first packet.
    pub(super) packet: u64,
    /// The sequence number of its first octet; of QUIC 0.
    pub(super) begin: u32,
    pub(super) pieces: Vec<Piece>,
}

/// What is known after a piece has come.
pub(super) enum Outcome {
    /// `name` holds the server's name.
    Name,
    /// The ClientHello is not whole, or names none.
    Nothing,
    /// There was no room for it.
    Full,
}

/// Segments whose ClientHello may have begun in an earlier table.
#[derive(Clone, Debug, Default)]
pub(super) struct Loose {
    pub(super) segments: Vec<LooseSegment>,
    /// Whether a ClientHello has begun since.
    pub(super) is_over: bool,
}

#[derive(Clone, Debug)]
pub(super) struct LooseSegment {
    pub(super) packet: u64,
    pub(super) piece: Piece,
}

/// ClientHellos that are not whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Hellos {
    pub(super) started: HashMap<HelloKey, Started, foldhash::fast::RandomState>,
    pub(super) loose: HashMap<Directed, Loose, foldhash::fast::RandomState>,
    /// The newest connection of QUIC of each sender that is waiting.
    pub(super) connections: HashMap<Directed, ([u8; 20], u8), foldhash::fast::RandomState>,
    octets: usize,
    room: Vec<u8>,
    handshake: Vec<u8>,
}

/// A loose segment of a table whose packets follow.
pub(super) struct Moved {
    pub(super) from: Directed,
    pub(super) packet: u64,
    pub(super) at: u32,
    pub(super) octets: Box<[u8]>,
}

impl Hellos {
    /// Whether segments that begin otherwise may be parts of a ClientHello.
    pub(super) fn is_waiting(&self) -> bool {
        !self.started.is_empty()
    }

    /// Begins a ClientHello in a segment. `name` gets the server's name.
    pub(super) fn begin(
        &mut self,
        from: Directed,
        packet: u64,
        at: u32,
        segment: &[u8],
        name: &mut Vec<u8>,
    ) -> Outcome {
        let key = (from, None);
        self.forget(&key);
        if let Some(loose) = self.loose.get_mut(&from) {
            loose.is_over = true;
        }
        self.add(key, packet, at, at, segment, name)
    }

    /// Adds a segment to the ClientHello of its sender that is waiting.
    pub(super) fn go_on(
        &mut self,
        from: Directed,
        packet: u64,
        at: u32,
        segment: &[u8],
        name: &mut Vec<u8>,
    ) -> Outcome {
        let key = (from, None);
        match self.started.get(&key) {
            Some(started) => self.add(key, packet, started.begin, at, segment, name),
            None => Outcome::Nothing,
        }
    }

    /// Whether a ClientHello of this sender is waiting.
    pub(super) fn waits_for(&self, from: Directed) -> bool {
        self.started.contains_key(&(from, None))
    }

    /// The connection of QUIC of a sender that waits for more.
    #[cfg(feature = "quic")]
    pub(super) fn connection_of(&self, from: Directed) -> Option<([u8; 20], u8)> {
        self.connections.get(&from).copied()
    }

    /// Adds a piece of a handshake in QUIC.
    #[cfg(feature = "quic")]
    pub(super) fn piece(
        &mut self,
        key: HelloKey,
        packet: u64,
        at: u32,
        octets: &[u8],
        name: &mut Vec<u8>,
    ) -> Outcome {
        self.add(key, packet, 0, at, octets, name)
    }

    fn add(
        &mut self,
        key: HelloKey,
        packet: u64,
        begin: u32,
        at: u32,
        octets: &[u8],
        name: &mut Vec<u8>,
    ) -> Outcome {
        let is_quic = key.1.is_some();
        if at.wrapping_sub(begin) >= LONGEST {
            return Outcome::Nothing;
        }
        let octets = &octets[..octets.len().min(MOST_OCTETS)];
        // Most come whole.
        if at == begin && !self.started.contains_key(&key) {
            self.room.clear();
            self.room.extend_from_slice(octets);
        } else {
            let started =
                self.started.entry(key).or_insert_with(|| Started { packet, begin, pieces: Vec::new() });
            if started.pieces.len() >= if is_quic { MOST_PIECES } else { MOST_PACKETS } {
                self.forget(&key);
                return Outcome::Nothing;
            }
            started.pieces.push(Piece { at, octets: octets.into() });
            self.octets += octets.len();
            started.put_together(&mut self.room);
        }
        let found = if is_quic {
            server_name(&self.room)
        } else {
            self.handshake.clear();
            let goes_on = handshake(&self.room, &mut self.handshake);
            match server_name(&self.handshake) {
                Hello::More if !goes_on => Hello::Nothing,
                found => found,
            }
        };
        let outcome = match found {
            Hello::Name(found) => {
                name.clear();
                name.extend_from_slice(found);
                Outcome::Name
            }
            Hello::Nothing => Outcome::Nothing,
            Hello::More => {
                let is_kept = self.started.contains_key(&key);
                if self.octets > MOST_IN_ALL {
                    self.forget(&key);
                    return Outcome::Full;
                }
                if let Some(connection) = key.1 {
                    self.connections.insert(key.0, connection);
                }
                if !is_kept {
                    self.octets += octets.len();
                    let pieces = vec![Piece { at, octets: octets.into() }];
                    self.started.insert(key, Started { packet, begin, pieces });
                }
                return Outcome::Nothing;
            }
        };
        self.forget(&key);
        outcome
    }

    fn forget(&mut self, key: &HelloKey) {
        if !self.started.is_empty()
            && let Some(started) = self.started.remove(key)
        {
            if key.1.is_some() {
                self.connections.remove(&key.0);
            }
            self.octets -= started.pieces.iter().map(|piece| piece.octets.len()).sum::<usize>();
        }
    }

    /// Puts back what has come of a ClientHello.
    pub(super) fn put(&mut self, key: HelloKey, started: Started) {
        self.octets += started.pieces.iter().map(|piece| piece.octets.len()).sum::<usize>();
        self.started.insert(key, started);
    }

    /// Keeps a segment whose ClientHello may have begun in an earlier table.
    pub(super) fn push_loose(&mut self, from: Directed, packet: u64, at: u32, segment: &[u8]) {
        let loose = self.loose.entry(from).or_default();
        if !loose.is_over && loose.segments.len() < MOST_PACKETS {
            let octets = segment[..segment.len().min(MOST_OCTETS)].into();
            loose.segments.push(LooseSegment { packet, piece: Piece { at, octets } });
        }
    }

    /// Takes out the loose segments, in the order of packets.
    pub(super) fn take_loose(&mut self, offset: u64, moved: impl Fn(Directed) -> Directed) -> Vec<Moved> {
        let of_one = |(from, loose): (Directed, Loose)| {
            let from = moved(from);
            loose.segments.into_iter().map(move |LooseSegment { packet, piece }| Moved {
                from,
                packet: packet + offset,
                at: piece.at,
                octets: piece.octets,
            })
        };
        let mut all: Vec<Moved> = std::mem::take(&mut self.loose).into_iter().flat_map(of_one).collect();
        all.sort_by_key(|segment| segment.packet);
        all
    }

    /// Adds the ClientHellos of a table whose packets follow that have begun in it, and the pieces of QUIC that go on
    /// one here. `tell` gets the names that are whole then.
    pub(super) fn merge(
        &mut self,
        later: Hellos,
        offset: u64,
        moved: impl Fn(Directed) -> Directed,
        mut tell: impl FnMut(Directed, u64, Result<&[u8], ()>),
    ) {
        let mut started: Vec<(HelloKey, Started)> = later.started.into_iter().collect();
        started.sort_by_key(|(_, started)| started.packet);
        let mut name = Vec::new();
        for ((from, connection), started) in started {
            let key = (moved(from), connection);
            if connection.is_none() {
                self.forget(&key);
            }
            let packet = started.packet + offset;
            for piece in started.pieces {
                match self.add(key, packet, started.begin, piece.at, &piece.octets, &mut name) {
                    Outcome::Name => tell(key.0, packet, Ok(&name)),
                    Outcome::Full => tell(key.0, packet, Err(())),
                    Outcome::Nothing => {}
                }
            }
        }
    }
}

impl Started {
    /// The octets from the first on, as far as there is no gap.
    fn put_together(&mut self, out: &mut Vec<u8>) {
        out.clear();
        self.pieces.sort_by_key(|piece| piece.at.wrapping_sub(self.begin));
        for piece in &self.pieces {
            let at = piece.at.wrapping_sub(self.begin) as usize;
            if at > out.len() {
                return;
            }
            let known = out.len() - at;
            out.extend_from_slice(piece.octets.get(known..).unwrap_or_default());
        }
    }
}
