//! What an Ethernet frame carries, by IEEE's numbers.

/// The type of an Ethernet frame's payload: a number of IEEE's registry of
/// [EtherTypes](https://standards-oui.ieee.org/ethertype/eth.txt), of which IANA lists those for IP
/// (RFC 9542 appendix B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct EtherType(pub u16);

impl EtherType {
    /// IPv4 (RFC 894).
    pub const IPV4: EtherType = EtherType(0x0800);
    /// Address Resolution Protocol (RFC 826).
    pub const ARP: EtherType = EtherType(0x0806);
    /// Transparent Ethernet Bridging, an Ethernet frame (RFC 1701).
    pub const ETHERNET: EtherType = EtherType(0x6558);
    /// Customer VLAN tag (IEEE 802.1Q-2022 clause 9.5).
    pub const VLAN: EtherType = EtherType(0x8100);
    /// IPv6 (RFC 2464).
    pub const IPV6: EtherType = EtherType(0x86dd);
    /// Point-to-Point Protocol.
    pub const PPP: EtherType = EtherType(0x880b);
    /// MPLS (RFC 5332).
    pub const MPLS: EtherType = EtherType(0x8847);
    /// MPLS with a label that the upstream router assigned (RFC 5332).
    pub const MPLS_UPSTREAM: EtherType = EtherType(0x8848);
    /// PPP over Ethernet, session stage (RFC 2516 section 4).
    pub const PPPOE_SESSION: EtherType = EtherType(0x8864);
    /// Service VLAN tag (IEEE 802.1Q-2022 clause 9.5).
    pub const SERVICE_VLAN: EtherType = EtherType(0x88a8);
    /// Security tag (IEEE 802.1AE).
    pub const MACSEC: EtherType = EtherType(0x88e5);
    /// Backbone service instance tag (IEEE 802.1Q-2022 clause 9.5).
    pub const BACKBONE_SERVICE: EtherType = EtherType(0x88e7);
    /// Network Service Header (RFC 8300 section 10.1).
    pub const NSH: EtherType = EtherType(0x894f);
    /// Transparent Interconnection of Lots of Links (RFC 6325).
    pub const TRILL: EtherType = EtherType(0x22f3);
    /// ERSPAN type II in GRE (draft-foschiano-erspan).
    pub const ERSPAN_II: EtherType = EtherType(0x88be);
    /// ERSPAN type III in GRE (draft-foschiano-erspan).
    pub const ERSPAN_III: EtherType = EtherType(0x22eb);
    /// VLAN tag of before IEEE 802.1ad, still written by some switches.
    pub const VLAN_9100: EtherType = EtherType(0x9100);
    /// VLAN tag of before IEEE 802.1ad, still written by some switches.
    pub const VLAN_9200: EtherType = EtherType(0x9200);
    /// VLAN tag of before IEEE 802.1ad, still written by some switches.
    pub const VLAN_9300: EtherType = EtherType(0x9300);
    /// FabricPath of Cisco.
    pub const FABRICPATH: EtherType = EtherType(0x8903);
    /// Cisco MetaData, which holds a security group tag.
    pub const CISCO_META_DATA: EtherType = EtherType(0x8909);
    /// VN-Tag (IEEE 802.1BR, as Cisco wrote it before).
    pub const VN_TAG: EtherType = EtherType(0x8926);
    /// E-TAG (IEEE 802.1BR clause 11).
    pub const E_TAG: EtherType = EtherType(0x893f);
    /// Redundancy tag (IEEE 802.1CB clause 7.8).
    pub const REDUNDANCY: EtherType = EtherType(0xf1c1);
    /// High-availability Seamless Redundancy (IEC 62439-3).
    pub const HSR: EtherType = EtherType(0x892f);
    /// Tag of Marvell's switches that Linux writes (EtherType DSA).
    pub const MARVELL_DSA: EtherType = EtherType(0xdada);
    /// Web Cache Communication Protocol in GRE.
    pub const WCCP: EtherType = EtherType(0x883e);

    /// The EtherType that two octets in network byte order stand for.
    pub const fn from_octets(octets: [u8; 2]) -> EtherType {
        EtherType(u16::from_be_bytes(octets))
    }
}
