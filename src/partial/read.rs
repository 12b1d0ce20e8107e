//! A state from its rows.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::row::Row;
use super::rows::{VERSION, part, side_word};
use super::settings::{hash, settings_of};
use super::{Entry, PartialState};
use crate::capture::Timestamp;
use crate::flow::{Damaged, Side, WrittenCounter, WrittenFlow, WrittenKey, WrittenTable};
use crate::traffic::{WrittenCapture, WrittenFacts};

/// Why rows are not those of a state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// The first row is missing: it is no such table.
    #[error("not a table of partial flows: no row holds its version")]
    NoVersion,
    /// The table has another version than this program writes.
    #[error("it is a table of version {0}, and this program reads version {VERSION}: make it anew")]
    OtherVersion(u16),
    /// Rows are missing.
    #[error("it is damaged: {0} rows of {1} are missing, or there are too many")]
    Missing(u64, String),
    /// A row is wrong.
    #[error("it is damaged: {}{part}{}: {what}", capture.map_or(String::new(), |n| format!("capture {n}, ")),
        number.map_or(String::new(), |n| format!(" {n}")))]
    Row {
        /// The number of its capture.
        capture: Option<u32>,
        /// Its part.
        part: String,
        /// Its place.
        number: Option<u64>,
        /// What is wrong with it.
        what: Damaged,
    },
}

/// More than any capture holds: sums of such numbers are numbers.
const MOST: u64 = 1 << 56;

const INCOMPLETE: Damaged = Damaged("a value is missing, or not one of its column");

/// Rows of one part with their places.
type Placed<T> = Vec<(u64, T)>;

/// What has come of a capture.
#[derive(Default)]
struct Building {
    own: Option<(String, Option<Timestamp>, WrittenFacts, u64)>,
    unopened: Option<(String, String)>,
    rows: u64,
    counters: Placed<WrittenCounter>,
    flows: Placed<WrittenFlow>,
    marks: Placed<(WrittenKey, u16)>,
    paths: Placed<WrittenKey>,
    announced: Placed<(WrittenKey, u64, crate::evidence::Announced)>,
    datagrams: Placed<crate::flow::WrittenDatagram>,
    names: Placed<crate::flow::WrittenName>,
}

/// A state that is put together from its rows, in whatever order they come.
#[derive(Default)]
pub(super) struct Builder {
    settings: Option<String>,
    captures: BTreeMap<u32, Building>,
}

fn json<T: DeserializeOwned>(text: Option<impl AsRef<str>>) -> Result<T, Damaged> {
    let text = text.ok_or(INCOMPLETE)?;
    serde_json::from_str(text.as_ref()).map_err(|_| INCOMPLETE)
}

fn side(word: Option<&str>) -> Result<Option<Side>, Damaged> {
    match word {
        None => Ok(None),
        Some(word) => {
            Side::BOTH.into_iter().find(|side| side_word(*side) == word).map(Some).ok_or(INCOMPLETE)
        }
    }
}

fn bounded(number: Option<u64>) -> Result<u64, Damaged> {
    number.filter(|number| *number < MOST).ok_or(INCOMPLETE)
}

/// The number of a packet from 0.
fn packet(frame: Option<u64>) -> Result<u64, Damaged> {
    bounded(frame)?.checked_sub(1).ok_or(INCOMPLETE)
}

fn key(row: &mut Row) -> Result<WrittenKey, Damaged> {
    let address = |text: &Option<std::borrow::Cow<str>>| text.as_ref()?.parse().ok();
    let protocol = row.protocol.take().ok_or(INCOMPLETE)?;
    Ok(WrittenKey {
        context: row.context.take().ok_or(INCOMPLETE)?.into_owned(),
        protocol,
        source: address(&row.first_address).ok_or(INCOMPLETE)?,
        source_port: row.first_port.ok_or(INCOMPLETE)?,
        destination: address(&row.second_address).ok_or(INCOMPLETE)?,
        destination_port: row.second_port.ok_or(INCOMPLETE)?,
    })
}

fn flow(row: &mut Row) -> Result<WrittenFlow, Damaged> {
    let first_packet = packet(row.frame)?;
    let connection = match row.connection_frame {
        Some(_) => packet(row.connection_frame)?,
        None => first_packet,
    };
    let shown = |text: Option<std::borrow::Cow<str>>| text.map(|text| json(Some(text))).transpose();
    let beginning =
        |text: &Option<std::borrow::Cow<str>>| text.as_deref().map(|text| json(Some(text))).transpose();
    Ok(WrittenFlow {
        key: key(row)?,
        first_packet,
        connection,
        opened_before: side(row.opened_before.as_deref())?,
        first_time: row.first_time,
        last_time: row.last_time,
        previous_time: row.previous_time,
        packets: [bounded(row.first_packets)?, bounded(row.second_packets)?],
        bytes: [bounded(row.first_bytes)?, bounded(row.second_bytes)?],
        service_code: row.service_code,
        has_untimed: row.has_untimed.ok_or(INCOMPLETE)?,
        opened_by: side(row.opened_by.as_deref())?,
        opening_number: row.opening_number.ok_or(INCOMPLETE)?,
        peer_opening: row.peer_opening.ok_or(INCOMPLETE)?,
        reset: row.reset.ok_or(INCOMPLETE)?,
        seen: [row.first_seen.ok_or(INCOMPLETE)?, row.second_seen.ok_or(INCOMPLETE)?],
        before_reply: row.before_reply.ok_or(INCOMPLETE)?,
        fragments: row.fragments.ok_or(INCOMPLETE)?,
        signs: [json(row.first_signs.as_deref())?, json(row.second_signs.as_deref())?],
        beginnings: [beginning(&row.first_beginning)?, beginning(&row.second_beginning)?],
        shown: [shown(row.first_shown.take())?, shown(row.second_shown.take())?],
    })
}

/// Rows in their order; where some are missing, one of them at least is.
fn in_order<T>(mut rows: Placed<T>) -> Result<Vec<T>, u64> {
    rows.sort_by_key(|(place, _)| *place);
    let is_whole = rows.iter().zip(0..).all(|((place, _), expected)| *place == expected);
    if is_whole { Ok(rows.into_iter().map(|(_, row)| row).collect()) } else { Err(1) }
}

impl Building {
    fn push(&mut self, mut row: Row) -> Result<(), Damaged> {
        let place = bounded(row.number)?;
        let part = row.part.take().ok_or(INCOMPLETE)?;
        let name = |row: &mut Row| row.name.take().map(std::borrow::Cow::into_owned).ok_or(INCOMPLETE);
        match &*part {
            part::CAPTURE => {
                let begins = row.begins.map(Timestamp::from_nanoseconds);
                let facts = json(row.detail.as_deref())?;
                self.own = Some((name(&mut row)?, begins, facts, bounded(row.count)?));
                return Ok(());
            }
            part::UNOPENED => {
                self.unopened = Some((name(&mut row)?, json(row.detail.as_deref())?));
                return Ok(());
            }
            part::COUNTER => {
                let counter = WrittenCounter {
                    what: row.what.take().ok_or(INCOMPLETE)?,
                    of: row.kind.take().ok_or(INCOMPLETE)?,
                    count: bounded(row.count)?,
                };
                self.counters.push((place, counter));
            }
            part::FLOW => self.flows.push((place, flow(&mut row)?)),
            part::MARK => {
                self.marks.push((place, (key(&mut row)?, row.first_seen.ok_or(INCOMPLETE)?)));
            }
            part::PATH => self.paths.push((place, key(&mut row)?)),
            part::ANNOUNCED => {
                let end = json(row.detail.as_deref())?;
                self.announced.push((place, (key(&mut row)?, packet(row.frame)?, end)));
            }
            part::DATAGRAM => self.datagrams.push((place, json(row.detail.as_deref())?)),
            part::NAME => self.names.push((place, json(row.detail.as_deref())?)),
            _ => return Err(Damaged("a part that this version does not have")),
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(self, number: u32) -> Result<Entry, RowsError> {
        if let Some((name, fault)) = self.unopened {
            return Ok(Entry::Unopened { name, fault });
        }
        let missing = |rows| RowsError::Missing(rows, format!("capture {number}"));
        let (name, begins, facts, count) = self.own.ok_or_else(|| missing(1))?;
        if self.rows != count {
            return Err(missing(self.rows.abs_diff(count)));
        }
        let table = WrittenTable {
            counters: in_order(self.counters).map_err(missing)?,
            flows: in_order(self.flows).map_err(missing)?,
            marks: in_order(self.marks).map_err(missing)?,
            paths: in_order(self.paths).map_err(missing)?,
            announced: in_order(self.announced).map_err(missing)?,
            datagrams: in_order(self.datagrams).map_err(missing)?,
            names: Some(in_order(self.names).map_err(missing)?),
        };
        Ok(Entry::Read(Box::new(WrittenCapture { name, begins, facts, table })))
    }
}

impl Builder {
    /// Takes in a row.
    pub(super) fn push(&mut self, row: Row) -> Result<(), RowsError> {
        let (capture, number) = (row.capture, row.number);
        let part = row.part.clone().unwrap_or_default().into_owned();
        let wrong = |what| RowsError::Row { capture, part: part.clone(), number, what };
        match capture {
            None if part == part::SETTINGS => {
                match row.version {
                    Some(VERSION) => {}
                    Some(version) => return Err(RowsError::OtherVersion(version)),
                    None => return Err(RowsError::NoVersion),
                }
                let text = row.detail.ok_or_else(|| wrong(INCOMPLETE))?.into_owned();
                if row.kind.as_deref() != Some(&hash(&text)) {
                    return Err(wrong(Damaged("the settings have another hash than the table says")));
                }
                self.settings = Some(text);
                Ok(())
            }
            Some(capture) => self.captures.entry(capture).or_default().push(row).map_err(wrong),
            None => Err(wrong(INCOMPLETE)),
        }
    }

    /// The state of all rows.
    pub(super) fn finish(self) -> Result<PartialState, RowsError> {
        let text = self.settings.ok_or(RowsError::NoVersion)?;
        let wrong =
            |what| RowsError::Row { capture: None, part: part::SETTINGS.to_owned(), number: None, what };
        let settings = settings_of(&text).map_err(wrong)?;
        let entries = self.captures.into_iter().map(|(number, one)| one.finish(number));
        Ok(PartialState { settings, entries: entries.collect::<Result<_, _>>()? })
    }
}
