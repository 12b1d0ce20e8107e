//! Whose names there are.

use std::fmt;

use super::name::Name;
use super::{ecs, eve, ipfix, ocsf, zeek};
use crate::report::Format;

/// Whose names the columns of `flows` have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Elastic Common Schema.
    Ecs,
    /// Open Cybersecurity Schema Framework, class Network Activity.
    Ocsf,
    /// Zeek's `conn.log`.
    Zeek,
    /// Suricata's EVE, event type `flow`.
    Eve,
    /// IPFIX information elements.
    Ipfix,
}

impl Schema {
    /// Every schema.
    pub const ALL: [Schema; 5] = [Schema::Ecs, Schema::Ocsf, Schema::Zeek, Schema::Eve, Schema::Ipfix];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Schema::Ecs => "ecs",
            Schema::Ocsf => "ocsf",
            Schema::Zeek => "zeek",
            Schema::Eve => "eve",
            Schema::Ipfix => "ipfix",
        }
    }

    /// What it is.
    pub const fn about(self) -> &'static str {
        match self {
            Schema::Ecs => "Elastic Common Schema 8",
            Schema::Ocsf => "Open Cybersecurity Schema Framework 1.1, class Network Activity (4001)",
            Schema::Zeek => "Zeek's conn.log",
            Schema::Eve => "Suricata's EVE, event type flow",
            Schema::Ipfix => "IPFIX information elements, biflows as in RFC 5103",
        }
    }

    /// Whether the results of a format can have its names.
    pub const fn is_for(self, format: Format) -> bool {
        match format {
            Format::Csv | Format::Ndjson | Format::Parquet | Format::Arrow => true,
            Format::Tsv => matches!(self, Schema::Zeek),
            _ => false,
        }
    }

    /// Whether a point in a name leads into an object.
    pub(in crate::report) const fn nests(self) -> bool {
        matches!(self, Schema::Ecs | Schema::Ocsf | Schema::Eve)
    }

    /// The names, in their order.
    pub(super) const fn names(self) -> &'static [Name] {
        match self {
            Schema::Ecs => ecs::NAMES,
            Schema::Ocsf => ocsf::NAMES,
            Schema::Zeek => zeek::NAMES,
            Schema::Eve => eve::NAMES,
            Schema::Ipfix => ipfix::NAMES,
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
