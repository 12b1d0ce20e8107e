//! Settings for what packets do not say of themselves.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::capture::LinkType;

/// Settings for decoding: ports of tunnels, link types for private use, ESP without encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeOptions {
    ports: Vec<(u16, UdpTunnel)>,
    /// One bit for each remainder of a port modulo [`FILTER_BITS`], set where one of `ports` has it.
    /// Two reads of one cache line rule out most packets.
    filter: [u64; FILTER_BITS / 64],
    users: [Option<LinkType>; LinkType::USERS],
    esp_null: bool,
    headers_alone: bool,
}

const FILTER_BITS: usize = 512;

/// Declares the tunnels over UDP: name on the command line, registered ports, description.
macro_rules! tunnels {
    ($($kind:ident $name:literal [$($port:literal)*] $doc:literal;)*) => {
        /// Tunnel over UDP, a protocol that carries packets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum UdpTunnel {
            $(#[doc = $doc] $kind,)*
        }

        impl UdpTunnel {
            /// Every kind.
            pub const ALL: &[UdpTunnel] = &[$(UdpTunnel::$kind,)*];

            /// Word on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(UdpTunnel::$kind => $name,)* }
            }

            /// Ports that IANA has registered for it or that are in common use.
            pub const fn ports(self) -> &'static [u16] {
                match self { $(UdpTunnel::$kind => &[$($port),*],)* }
            }
        }
    };
}

tunnels! {
    Vxlan "vxlan" [4789] "VXLAN (RFC 7348).";
    VxlanGpe "vxlan-gpe" [4790] "VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe).";
    Geneve "geneve" [6081] "Geneve (RFC 8926).";
    Gue "gue" [6080] "Generic UDP Encapsulation (draft-ietf-intarea-gue).";
    Fou "fou" [] "An IP protocol directly in UDP; no port is registered.";
    Gre "gre" [4754] "GRE in UDP (RFC 8086).";
    Mpls "mpls" [6635] "MPLS in UDP (RFC 7510).";
    Gtp "gtp" [2152 3386] "GTP-U (3GPP TS 29.281), and version 0 (TS 09.60).";
    L2tp "l2tp" [1701] "L2TP versions 2 and 3 (RFC 2661, RFC 3931).";
    Teredo "teredo" [3544] "Teredo (RFC 4380).";
    Capwap "capwap" [5247] "CAPWAP data (RFC 5415).";
    Ayiya "ayiya" [5072] "AYIYA.";
    Lisp "lisp" [4341] "LISP data (RFC 9300).";
    LispControl "lisp-control" [4342] "LISP control (RFC 9301).";
    Tzsp "tzsp" [37008] "TaZmen Sniffer Protocol.";
    Sctp "sctp" [9899] "SCTP in UDP (RFC 6951).";
    Dccp "dccp" [6511] "DCCP in UDP (RFC 6773).";
    Esp "esp" [4500] "ESP in UDP (RFC 3948).";
}

impl fmt::Display for UdpTunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that does not name a tunnel over UDP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown tunnel over UDP `{0}`; use one of {known}", known = known())]
pub struct UnknownTunnel(pub String);

fn known() -> String {
    let names: Vec<_> = UdpTunnel::ALL.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

impl FromStr for UdpTunnel {
    type Err = UnknownTunnel;

    fn from_str(text: &str) -> Result<UdpTunnel, UnknownTunnel> {
        let kind = UdpTunnel::ALL.iter().copied().find(|kind| kind.name() == text);
        kind.ok_or_else(|| UnknownTunnel(text.to_owned()))
    }
}

impl Serialize for UdpTunnel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Default for DecodeOptions {
    fn default() -> DecodeOptions {
        let mut options = DecodeOptions {
            ports: Vec::new(),
            filter: [0; FILTER_BITS / 64],
            users: [None; LinkType::USERS],
            esp_null: false,
            headers_alone: false,
        };
        for &kind in UdpTunnel::ALL {
            for &port in kind.ports() {
                options.add_tunnel(kind, port);
            }
        }
        options
    }
}

impl DecodeOptions {
    /// Sets the tunnel on a UDP port, in place of any other.
    pub fn add_tunnel(&mut self, kind: UdpTunnel, port: u16) {
        match self.ports.iter_mut().find(|(known, _)| *known == port) {
            Some((_, known)) => *known = kind,
            None => self.ports.push((port, kind)),
        }
        let bit = usize::from(port) % FILTER_BITS;
        self.filter[bit / 64] |= 1 << (bit % 64);
    }

    /// Decodes packets of a link type for private use as another type; `false` where `user` is not
    /// for private use.
    pub fn set_user(&mut self, user: LinkType, link_type: LinkType) -> bool {
        match user.user() {
            Some(n) => {
                self.users[n] = Some(link_type);
                true
            }
            None => false,
        }
    }

    /// The ports of tunnels, in the order of their numbers.
    pub fn tunnels(&self) -> Vec<(u16, UdpTunnel)> {
        let mut all = self.ports.clone();
        all.sort_by_key(|(port, _)| *port);
        all
    }

    /// The link types for private use that are decoded as others.
    pub fn users(&self) -> impl Iterator<Item = (LinkType, LinkType)> {
        let numbers = LinkType::USER0.0..;
        numbers.zip(&self.users).filter_map(|(number, user)| Some((LinkType(number), (*user)?)))
    }

    /// Whether ESP is decoded as having NULL encryption, and whether payload is taken for not captured.
    pub fn switches(&self) -> (bool, bool) {
        (self.esp_null, self.headers_alone)
    }

    /// Sets whether ESP is decoded as having NULL encryption (RFC 2410).
    pub fn set_esp_null(&mut self, is_null: bool) {
        self.esp_null = is_null;
    }

    /// Sets whether payload is taken for not captured from the end of the last header on.
    pub fn set_headers_alone(&mut self, is_alone: bool) {
        self.headers_alone = is_alone;
    }

    /// Whether payload is taken for not captured.
    #[inline]
    pub(super) fn is_headers_alone(&self) -> bool {
        self.headers_alone
    }

    /// Whether ESP is decoded as having NULL encryption.
    pub(super) fn is_esp_null(&self) -> bool {
        self.esp_null
    }

    /// Link type that packets of a link type for private use are decoded as.
    pub(super) fn user(&self, user: LinkType) -> Option<LinkType> {
        self.users[user.user()?]
    }

    /// Whether a port can be that of a tunnel.
    #[inline]
    pub(super) fn may_be_tunnel(&self, port: u16) -> bool {
        let bit = usize::from(port) % FILTER_BITS;
        self.filter[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// The tunnel on a port.
    pub(super) fn tunnel(&self, port: u16) -> Option<UdpTunnel> {
        self.ports.iter().find(|(known, _)| *known == port).map(|&(_, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_lets_every_port_of_a_tunnel_pass() {
        let mut options = DecodeOptions::default();
        options.add_tunnel(UdpTunnel::Vxlan, 8472);
        let known = (0..=u16::MAX).filter(|&port| options.tunnel(port).is_some());
        assert!(known.clone().all(|port| options.may_be_tunnel(port)));
        assert_eq!(known.count(), 19);
        assert!(!options.may_be_tunnel(53) && !options.may_be_tunnel(443));
    }

    #[test]
    fn a_port_has_one_tunnel_the_last_that_was_given() {
        let mut options = DecodeOptions::default();
        options.add_tunnel(UdpTunnel::Geneve, 4789);
        assert_eq!(options.tunnel(4789), Some(UdpTunnel::Geneve));
    }

    #[test]
    fn names_are_read_back() {
        for &kind in UdpTunnel::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!("vlan".parse::<UdpTunnel>().is_err());
    }
}
