//! Where names of hosts are from.

/// Where the name of a host is from. Of several, the first in this order is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NameSource {
    /// A hosts file that the user gives.
    File,
    /// The server that the client names in its TLS, DTLS or QUIC handshake (RFC 6066 section 3).
    Sni,
    /// The header `Host` of HTTP/1 (RFC 9112 section 3.2).
    Host,
    /// An answer of DNS, mDNS, LLMNR or the NetBIOS name service.
    Dns,
    /// A host name in DHCP (RFC 2132 section 3.14, RFC 4702).
    Dhcp,
    /// A Name Resolution Block of a pcapng file (draft-ietf-opsawg-pcapng section 4.5).
    Nrb,
}

impl NameSource {
    /// Every source, the one that is preferred first.
    pub const ALL: [NameSource; 6] = [
        NameSource::File,
        NameSource::Sni,
        NameSource::Host,
        NameSource::Dns,
        NameSource::Dhcp,
        NameSource::Nrb,
    ];

    /// The word that outputs and options use.
    pub const fn name(self) -> &'static str {
        match self {
            NameSource::File => "file",
            NameSource::Sni => "sni",
            NameSource::Host => "host",
            NameSource::Dns => "dns",
            NameSource::Dhcp => "dhcp",
            NameSource::Nrb => "nrb",
        }
    }

    /// What the word means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            NameSource::File => "the hosts file that was given",
            NameSource::Sni => "the client named the server so in its TLS or QUIC handshake",
            NameSource::Host => "the client named the server so in a request of HTTP",
            NameSource::Dns => "the newest answer of DNS, mDNS, LLMNR or NBNS before the flow",
            NameSource::Dhcp => "the newest host name in DHCP before the flow",
            NameSource::Nrb => "a name resolution block of the capture",
        }
    }
}

impl std::fmt::Display for NameSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for NameSource {
    type Err = UnknownNameSource;

    fn from_str(text: &str) -> Result<NameSource, UnknownNameSource> {
        NameSource::ALL.into_iter().find(|source| source.name() == text).ok_or(UnknownNameSource)
    }
}

/// A word that is no source of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown source of names")]
pub struct UnknownNameSource;

/// The sources in a capture that names of hosts are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameSources(u8);

impl NameSources {
    /// No source: no name is looked for.
    pub const NONE: NameSources = NameSources(0);

    /// All that a capture holds: every source but a hosts file.
    pub const OF_CAPTURES: NameSources = NameSources::NONE
        .with(NameSource::Sni)
        .with(NameSource::Host)
        .with(NameSource::Dns)
        .with(NameSource::Dhcp)
        .with(NameSource::Nrb);

    /// These sources and one more.
    #[must_use]
    pub const fn with(self, source: NameSource) -> NameSources {
        NameSources(self.0 | 1 << source as u8)
    }

    /// Whether a source is among them.
    #[inline]
    pub const fn has(self, source: NameSource) -> bool {
        self.0 & 1 << source as u8 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether any of them is in the payload of packets.
    pub const fn asks_for_payload(self) -> bool {
        self.0 & !(1 << NameSource::File as u8 | 1 << NameSource::Nrb as u8) != 0
    }
}

impl FromIterator<NameSource> for NameSources {
    fn from_iter<I: IntoIterator<Item = NameSource>>(sources: I) -> NameSources {
        sources.into_iter().fold(NameSources::NONE, NameSources::with)
    }
}
