//! Tags and tunnels around a transport header.

use std::fmt;

/// A tag or tunnel around a transport header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Kind of the tag or tunnel.
    pub kind: StepKind,
    /// Number, such as VLAN identifier, VNI or key; 0 for kinds without one.
    pub id: u64,
}

impl Step {
    /// The part of the step that both directions of a flow share: without a number that each side of
    /// the tunnel chooses for itself; `None` for tags and labels that one direction may have and the
    /// other not.
    pub const fn of_both_directions(self) -> Option<Step> {
        match self.kind.id() {
            Id::Tag => None,
            // A key of GRE that is large enough is taken for a subnet's, whatever the other direction has.
            Id::PerDirection if matches!(self.kind, StepKind::Nvgre) => {
                Some(Step { kind: StepKind::Gre, id: 0 })
            }
            Id::PerDirection => Some(Step { kind: self.kind, id: 0 }),
            Id::None | Id::Shared => Some(self),
        }
    }
}

impl Step {
    /// The tag or tunnel that is displayed as a text; `None` for other texts.
    pub fn of_text(text: &str) -> Option<Step> {
        let (name, id) = text.split_once(':').map_or((text, None), |(name, id)| (name, Some(id)));
        let kind = StepKind::ALL.iter().copied().find(|kind| kind.name() == name)?;
        let id = match id {
            Some(id) if kind.has_id() => id.parse().ok()?,
            None if !kind.has_id() => 0,
            _ => return None,
        };
        Some(Step { kind, id })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if self.kind.has_id() { write!(f, ":{}", self.id) } else { Ok(()) }
    }
}

/// Meaning of the number of a kind.
///
/// Which of these the number of a network is, captures have to say: it should tell tenants with the same
/// addresses apart, and it splits a connection where each direction comes into the network of its receiver,
/// as between subnets that are routed before the tunnel (RFC 9135 section 4). Of 1,656 public captures with these tunnels,
/// those that have the same ends under several numbers, and what they are by TCP's sequence numbers:
///
/// | kind | captures | several numbers | they are |
/// |---|---|---|---|
/// | Geneve | 17 | 1 | one connection, the directions in 11 and 10 |
/// | VXLAN | 15 | 1 | two networks, each with both directions |
/// | NVGRE | 1 | 1 | one mirror, without a key there and with one back |
/// | ERSPAN | 10 | 0 | |
/// | GTP-U | 10 | | each side chooses its own by the standard |
#[derive(Clone, Copy, PartialEq, Eq)]
enum Id {
    /// The kind has no number.
    None,
    /// Both directions have one number.
    Shared,
    /// Each side of the tunnel chooses the number of the packets sent to it.
    PerDirection,
    /// The path chooses it, hop by hop: directions of one flow may differ in it, and one may have none.
    Tag,
}

/// Declares the kinds: name in outputs, what the number is, description.
macro_rules! kinds {
    ($($kind:ident $name:literal $id:ident $doc:literal;)*) => {
        /// Kind of a tag or tunnel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum StepKind {
            $(#[doc = $doc] $kind,)*
        }

        impl StepKind {
            /// All kinds.
            pub const ALL: &[StepKind] = &[$(StepKind::$kind,)*];

            /// Word in outputs.
            pub const fn name(self) -> &'static str {
                match self { $(StepKind::$kind => $name,)* }
            }

            const fn id(self) -> Id {
                match self { $(StepKind::$kind => Id::$id,)* }
            }
        }
    };
}

kinds! {
    Vlan "vlan" Tag "A VLAN tag (IEEE 802.1Q, 802.1ad), by its VLAN identifier.";
    Ip "ip" None "IP directly inside IP (RFC 2003, RFC 2473), IPv6 in IPv4 by configuration (RFC 4213).";
    SixToFour "6to4" None "IPv6 in IPv4 with 6to4 addresses (RFC 3056).";
    Isatap "isatap" None "IPv6 in IPv4 with ISATAP interface identifiers (RFC 5214).";
    Teredo "teredo" None "IPv6 in UDP (RFC 4380).";
    Pbb "pbb" Shared "Provider Backbone Bridging (IEEE 802.1ah), by its I-SID.";
    Pppoe "pppoe" Shared "PPP over Ethernet (RFC 2516), by its SESSION_ID.";
    Mpls "mpls" Tag "A stack of MPLS labels (RFC 3032), by the one at its bottom.";
    Nsh "nsh" Tag "Network Service Header (RFC 8300), by its Service Path Identifier.";
    Gre "gre" PerDirection "GRE (RFC 2784), by its key (RFC 2890) or 0.";
    Nvgre "nvgre" PerDirection "NVGRE (RFC 7637), by its Virtual Subnet ID.";
    Pptp "pptp" PerDirection "PPTP's GRE (RFC 2637), by its call identifier.";
    Erspan "erspan" PerDirection "ERSPAN I to III, by its session identifier; 0 for type I.";
    EtherIp "etherip" None "Ethernet in IP (RFC 3378).";
    Ethernet "ethernet" None "Ethernet in IPv6 (RFC 8986 section 4.9).";
    PimRegister "pim-register" None "A multicast packet in a PIM Register message (RFC 7761 section 4.9.3).";
    L2tp "l2tp" PerDirection "L2TP versions 2 and 3 (RFC 2661, RFC 3931), by its session identifier.";
    Vxlan "vxlan" Shared "VXLAN (RFC 7348), by its VNI.";
    VxlanGpe "vxlan-gpe" Shared "VXLAN-GPE, by its VNI.";
    Geneve "geneve" PerDirection "Geneve (RFC 8926), by its VNI.";
    Gue "gue" None "Generic UDP Encapsulation.";
    Fou "fou" None "An IP protocol directly in UDP.";
    GreUdp "gre-udp" None "GRE in UDP (RFC 8086).";
    MplsUdp "mpls-udp" None "MPLS in UDP (RFC 7510).";
    Gtp "gtp" PerDirection "GTP-U (3GPP TS 29.281), by its TEID.";
    Capwap "capwap" None "CAPWAP data (RFC 5415).";
    Ayiya "ayiya" None "AYIYA (draft-massar-v6ops-ayiya-02).";
    Lisp "lisp" Shared "LISP (RFC 9300), by its instance identifier or 0.";
    Tzsp "tzsp" None "TaZmen Sniffer Protocol.";
    SctpUdp "sctp-udp" None "SCTP in UDP (RFC 6951).";
    DccpUdp "dccp-udp" None "DCCP in UDP (RFC 6773).";
    Esp "esp" PerDirection "ESP with NULL encryption (RFC 2410), by its SPI.";
}

impl StepKind {
    /// Whether tags or tunnels of this kind have a number.
    pub const fn has_id(self) -> bool {
        !matches!(self.id(), Id::None)
    }

    /// Whether the number tells flows apart: both directions of one flow have it. Other numbers are
    /// shown, and are not part of a flow's key.
    pub const fn has_shared_id(self) -> bool {
        matches!(self.id(), Id::Shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_show_their_number_where_they_have_one() {
        assert_eq!(Step { kind: StepKind::Vlan, id: 7 }.to_string(), "vlan:7");
        assert_eq!(Step { kind: StepKind::Vxlan, id: 0 }.to_string(), "vxlan:0");
        assert_eq!(Step { kind: StepKind::Ip, id: 0 }.to_string(), "ip");
    }

    #[test]
    fn a_number_that_each_side_chooses_is_no_part_of_the_key() {
        let step = |kind| Step { kind, id: 9 }.of_both_directions().map(|step| step.id);
        assert_eq!(
            [StepKind::Gtp, StepKind::Geneve, StepKind::Vxlan, StepKind::Vlan].map(step),
            [Some(0), Some(0), Some(9), None],
        );
        let gre = Some(Step { kind: StepKind::Gre, id: 0 });
        assert_eq!(Step { kind: StepKind::Nvgre, id: 9 }.of_both_directions(), gre);
    }
}
