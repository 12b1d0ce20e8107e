//! Names of hosts, written out.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::answers::Answer;
use super::hellos::{Loose, LooseSegment, Piece, Started};
use super::{HostNames, Leased};
use crate::evidence::NameSource;
use crate::flow::{Contexts, Damaged, WrittenKey};
use crate::text::{from_hexadecimal, hexadecimal};

/// One thing that is known of names. Packets are told by their numbers, from 0; octets are hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WrittenName {
    /// A packet says that an address has a name.
    Answer {
        /// The tunnels around it.
        context: String,
        /// The address.
        address: IpAddr,
        /// The host that it was said to, where it is one.
        to: Option<IpAddr>,
        /// The packet.
        packet: u64,
        /// The name.
        name: String,
        /// Who says so.
        by: String,
    },
    /// A client named its server.
    Server {
        /// From the client to the server.
        #[serde(flatten)]
        key: WrittenKey,
        /// The packet.
        packet: u64,
        /// The name.
        name: String,
        /// How it named it.
        by: String,
        /// The first packet of the flow.
        begun: u64,
    },
    /// A ClientHello that is not whole.
    Hello {
        /// From the client to the server.
        #[serde(flatten)]
        key: WrittenKey,
        /// The connection of QUIC.
        connection: Option<WrittenConnection>,
        /// Its first packet.
        packet: u64,
        /// The sequence number of its first octet.
        begin: u32,
        /// What has come of it.
        pieces: Vec<WrittenPiece>,
    },
    /// The newest connection of QUIC that a sender waits in.
    Connection {
        /// From the client to the server.
        #[serde(flatten)]
        key: WrittenKey,
        /// The connection.
        connection: WrittenConnection,
    },
    /// Segments whose ClientHello may have begun before.
    Loose {
        /// From the client to the server.
        #[serde(flatten)]
        key: WrittenKey,
        /// Whether a ClientHello has begun since.
        is_over: bool,
        /// The segments.
        pieces: Vec<WrittenPiece>,
    },
    /// The newest name of a client of DHCP.
    Client {
        /// The tunnels around it.
        context: String,
        /// What the client is known by.
        hardware: String,
        /// The name.
        name: String,
    },
    /// An address of a client of DHCP whose name may have come before.
    Lease {
        /// The tunnels around it.
        context: String,
        /// What the client is known by.
        hardware: String,
        /// The address.
        address: IpAddr,
        /// The packet that says so.
        packet: u64,
    },
    /// A name in a block of the capture.
    Resolved {
        /// The address.
        address: IpAddr,
        /// The name.
        name: String,
    },
    /// There was no room for all.
    Full,
}

/// A connection of QUIC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenConnection {
    /// The destination's identifier of the connection.
    id: String,
    /// How many octets of it count.
    length: u8,
}

/// Octets of a ClientHello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenPiece {
    /// The packet, of loose segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    packet: Option<u64>,
    /// Where the octets are: in QUIC in the handshake, in TCP the sequence number.
    at: u32,
    octets: String,
}

const DAMAGED: Damaged = Damaged("what is known of names is not that of one capture");

fn octets(text: &str) -> Result<Vec<u8>, Damaged> {
    from_hexadecimal(text).ok_or(DAMAGED)
}

fn octets_of<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH], Damaged> {
    octets(text)?.try_into().map_err(|_| DAMAGED)
}

fn source_of(text: &str) -> Result<NameSource, Damaged> {
    text.parse().map_err(|_| DAMAGED)
}

impl WrittenConnection {
    fn of((id, length): &([u8; 20], u8)) -> WrittenConnection {
        WrittenConnection { id: hexadecimal(id), length: *length }
    }

    fn restored(&self) -> Result<([u8; 20], u8), Damaged> {
        let id = octets_of(&self.id)?;
        if usize::from(self.length) > id.len() { Err(DAMAGED) } else { Ok((id, self.length)) }
    }
}

impl WrittenPiece {
    fn of(packet: Option<u64>, piece: &Piece) -> WrittenPiece {
        WrittenPiece { packet, at: piece.at, octets: hexadecimal(&piece.octets) }
    }

    fn restored(&self) -> Result<Piece, Damaged> {
        Ok(Piece { at: self.at, octets: octets(&self.octets)?.into() })
    }
}

impl HostNames {
    /// All that is known, the same for the same packets.
    pub(in crate::flow) fn write_out(&self, contexts: &Contexts) -> Vec<WrittenName> {
        let key = |from: &crate::flow::FlowKey| WrittenKey::of(from, contexts);
        let text = |name| self.text(name).raw().to_owned();
        let mut all: Vec<WrittenName> = self
            .answers
            .all()
            .iter()
            .map(|one| WrittenName::Answer {
                context: contexts.stack_text(one.context),
                address: one.address,
                to: one.to,
                packet: one.packet,
                name: text(one.name),
                by: one.source.name().to_owned(),
            })
            .collect();
        all.extend(self.servers.iter().map(|(from, packet, (name, source, begun))| WrittenName::Server {
            key: key(from),
            packet,
            name: text(name),
            by: source.name().to_owned(),
            begun,
        }));
        let mut hellos: Vec<_> = self
            .hellos
            .started
            .iter()
            .map(|((from, connection), started)| (started.packet, key(&from.key()), *connection, started))
            .collect();
        hellos.sort_by(|one, other| (one.0, &one.1, one.2).cmp(&(other.0, &other.1, other.2)));
        all.extend(hellos.into_iter().map(|(packet, key, connection, started)| WrittenName::Hello {
            key,
            connection: connection.as_ref().map(WrittenConnection::of),
            packet,
            begin: started.begin,
            pieces: started.pieces.iter().map(|piece| WrittenPiece::of(None, piece)).collect(),
        }));
        let mut connections: Vec<_> =
            self.hellos.connections.iter().map(|(from, connection)| (key(&from.key()), connection)).collect();
        connections.sort();
        all.extend(connections.into_iter().map(|(key, connection)| WrittenName::Connection {
            key,
            connection: WrittenConnection::of(connection),
        }));
        let mut loose: Vec<_> =
            self.hellos.loose.iter().map(|(from, loose)| (key(&from.key()), loose)).collect();
        loose.sort_by(|one, other| one.0.cmp(&other.0));
        all.extend(loose.into_iter().map(|(key, loose)| WrittenName::Loose {
            key,
            is_over: loose.is_over,
            pieces: loose.segments.iter().map(|one| WrittenPiece::of(Some(one.packet), &one.piece)).collect(),
        }));
        let mut clients: Vec<_> = self
            .clients
            .iter()
            .map(|((context, hardware), name)| (contexts.stack_text(*context), hexadecimal(hardware), *name))
            .map(|(context, hardware, name)| (context, hardware, text(name)))
            .collect();
        clients.sort();
        all.extend(clients.into_iter().map(|(context, hardware, name)| WrittenName::Client {
            context,
            hardware,
            name,
        }));
        all.extend(self.leases.iter().flatten().map(|one| WrittenName::Lease {
            context: contexts.stack_text(one.context),
            hardware: hexadecimal(&one.hardware),
            address: one.address,
            packet: one.packet,
        }));
        let mut resolved: Vec<_> = self.resolved.iter().collect();
        resolved.sort_by_key(|(address, _)| **address);
        all.extend(
            resolved.into_iter().map(|(&address, &name)| WrittenName::Resolved { address, name: text(name) }),
        );
        all.extend(self.is_full.then_some(WrittenName::Full));
        all
    }

    /// Takes in what was written out of a table that follows another.
    pub(in crate::flow) fn restore(
        &mut self,
        all: Vec<WrittenName>,
        contexts: &mut Contexts,
    ) -> Result<(), Damaged> {
        let context_of =
            |text: &str, contexts: &mut Contexts| contexts.intern_text(text).ok_or(Damaged::CONTEXT);
        for one in all {
            match one {
                WrittenName::Answer { context, address, to, packet, name, by } => {
                    let context = context_of(&context, contexts)?;
                    let (name, source) = (self.intern(&name).ok_or(DAMAGED)?, source_of(&by)?);
                    self.answer(Answer { context, address, to, packet, name, source });
                }
                WrittenName::Server { key, packet, name, by, begun } => {
                    let name = (self.intern(&name).ok_or(DAMAGED)?, source_of(&by)?, begun);
                    self.note_server(key.restored(contexts)?, packet, name);
                }
                WrittenName::Hello { key, connection, packet, begin, pieces } => {
                    let connection = connection.map(|one| one.restored()).transpose()?;
                    let from = key.restored(contexts)?.directed();
                    let pieces: Vec<Piece> =
                        pieces.iter().map(WrittenPiece::restored).collect::<Result<_, _>>()?;
                    self.hellos.put((from, connection), Started { packet, begin, pieces });
                }
                WrittenName::Connection { key, connection } => {
                    let from = key.restored(contexts)?.directed();
                    self.hellos.connections.insert(from, connection.restored()?);
                }
                WrittenName::Loose { key, is_over, pieces } => {
                    let from = key.restored(contexts)?.directed();
                    let segment = |one: &WrittenPiece| {
                        let packet = one.packet.ok_or(DAMAGED)?;
                        Ok(LooseSegment { packet, piece: one.restored()? })
                    };
                    let segments = pieces.iter().map(segment).collect::<Result<_, Damaged>>()?;
                    self.hellos.loose.insert(from, Loose { segments, is_over });
                }
                WrittenName::Client { context, hardware, name } => {
                    let name = self.intern(&name).ok_or(DAMAGED)?;
                    self.clients.insert((context_of(&context, contexts)?, octets_of(&hardware)?), name);
                }
                WrittenName::Lease { context, hardware, address, packet } => {
                    let context = context_of(&context, contexts)?;
                    let lease = Leased { context, hardware: octets_of(&hardware)?, address, packet };
                    self.leases.get_or_insert_default().push(lease);
                }
                WrittenName::Resolved { address, name } => {
                    let name = self.intern(&name).ok_or(DAMAGED)?;
                    self.resolved.insert(address, name);
                }
                WrittenName::Full => self.is_full = true,
            }
        }
        Ok(())
    }
}
