//! How captures were read, as text with a hash: another program can read others in the same way, and tables that were
//! read in other ways are told apart.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::capture::{LinkType, Timestamp, nanoseconds};
use crate::decode::{DecodeOptions, UdpTunnel};
use crate::evidence::{NameSource, NameSources};
use crate::flow::{Damaged, Ephemeral, FlowOptions, LayerChoice, ProtocolChoice};
use crate::text::hexadecimal;
use crate::traffic::{CopyChoice, ReadSettings};

/// [`ReadSettings`] without what labels alone depend on: a hosts file is given to who labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSettings {
    layers: String,
    protocols: String,
    /// Nanoseconds.
    connection_timeout: i64,
    datagram_timeout: i64,
    separate_vlans: bool,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    payload: bool,
    names: Vec<String>,
    copies: String,
    max_gap: i64,
    ephemeral: Vec<(u16, u16)>,
    tunnels: Vec<(u16, String)>,
    link_types: Vec<(u16, u16)>,
    esp_null: bool,
    headers_alone: bool,
}

const DAMAGED: Damaged = Damaged("the settings are not known");

/// One of all values, by its word.
fn called<T: Copy>(
    all: impl IntoIterator<Item = T>,
    name: fn(T) -> &'static str,
    word: &str,
) -> Result<T, Damaged> {
    all.into_iter().find(|one| name(*one) == word).ok_or(DAMAGED)
}

impl WrittenSettings {
    fn of(settings: &ReadSettings) -> WrittenSettings {
        let ReadSettings { decode, flow, ephemeral, max_gap, copies, hosts: _ } = settings;
        let (esp_null, headers_alone) = decode.switches();
        let names = NameSource::ALL.into_iter().filter(|source| flow.names.has(*source));
        WrittenSettings {
            layers: flow.layers.name().to_owned(),
            protocols: flow.protocols.name().to_owned(),
            connection_timeout: nanoseconds(flow.connection_timeout),
            datagram_timeout: nanoseconds(flow.datagram_timeout),
            separate_vlans: flow.separate_vlans,
            since: flow.since,
            until: flow.until,
            payload: flow.payload,
            names: names.map(|source| source.name().to_owned()).collect(),
            copies: copies.name().to_owned(),
            max_gap: nanoseconds(*max_gap),
            ephemeral: ephemeral.ranges().iter().map(|range| (*range.start(), *range.end())).collect(),
            tunnels: decode
                .tunnels()
                .into_iter()
                .map(|(port, kind)| (port, kind.name().to_owned()))
                .collect(),
            link_types: decode.users().map(|(user, link_type)| (user.0, link_type.0)).collect(),
            esp_null,
            headers_alone,
        }
    }

    fn restored(&self) -> Result<ReadSettings, Damaged> {
        let span =
            |nanoseconds: i64| u64::try_from(nanoseconds).map(Duration::from_nanos).map_err(|_| DAMAGED);
        let mut decode = DecodeOptions::default();
        for (port, kind) in &self.tunnels {
            decode.add_tunnel(called(UdpTunnel::ALL.iter().copied(), UdpTunnel::name, kind)?, *port);
        }
        for &(user, link_type) in &self.link_types {
            decode.set_user(LinkType(user), LinkType(link_type));
        }
        decode.set_esp_null(self.esp_null);
        decode.set_headers_alone(self.headers_alone);
        let names: NameSources = self
            .names
            .iter()
            .map(|name| called(NameSource::ALL, NameSource::name, name))
            .collect::<Result<_, _>>()?;
        let flow = FlowOptions {
            layers: called(LayerChoice::ALL, LayerChoice::name, &self.layers)?,
            protocols: called(ProtocolChoice::ALL, ProtocolChoice::name, &self.protocols)?,
            connection_timeout: span(self.connection_timeout)?,
            datagram_timeout: span(self.datagram_timeout)?,
            separate_vlans: self.separate_vlans,
            since: self.since,
            until: self.until,
            payload: self.payload,
            names,
        };
        Ok(ReadSettings {
            decode,
            flow,
            ephemeral: Ephemeral::new(self.ephemeral.iter().map(|&(low, high)| low..=high).collect()),
            max_gap: span(self.max_gap)?,
            copies: called(CopyChoice::ALL, CopyChoice::name, &self.copies)?,
            hosts: None,
        })
    }
}

/// Settings as text, the same for the same settings.
pub fn settings_text(settings: &ReadSettings) -> String {
    // What holds text and numbers alone can be written.
    serde_json::to_string(&WrittenSettings::of(settings)).unwrap_or_default()
}

/// The settings of a text.
///
/// # Errors
///
/// Where it is not one of [`settings_text`].
pub fn settings_of(text: &str) -> Result<ReadSettings, Damaged> {
    serde_json::from_str::<WrittenSettings>(text).map_err(|_| DAMAGED)?.restored()
}

/// The SHA-256 of a text, in hexadecimal digits.
pub fn hash(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

/// The first setting in which two texts differ, with both values; nothing where they are the same.
pub(super) fn difference(one: &str, other: &str) -> Option<String> {
    let parsed = |text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok();
    let (one, other) = (parsed(one)?, parsed(other)?);
    let differing = one.iter().find(|(key, value)| other.get(*key) != Some(value));
    differing.map(|(key, value)| {
        let value_there = other.get(key).map_or("nothing".to_owned(), ToString::to_string);
        format!("{key}: {value}, and {value_there}")
    })
}
