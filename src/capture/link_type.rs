//! Link-layer header types, by the numbers of the LINKTYPE registry.

use std::fmt;
use std::str::FromStr;

use pcap_file::DataLink;
use serde::{Serialize, Serializer};

/// Link type of packets: a number of the registry of
/// [`LINKTYPE_` values](https://www.tcpdump.org/linktypes.html). Serialized as the name that is displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback, with the address family in the byte order of the capturing host.
    pub const NULL: LinkType = LinkType(0);
    /// Ethernet.
    pub const ETHERNET: LinkType = LinkType(1);
    /// Token Ring.
    pub const IEEE802_5: LinkType = LinkType(6);
    /// ARCNET, as BSD writes it.
    pub const ARCNET_BSD: LinkType = LinkType(7);
    /// Serial Line IP.
    pub const SLIP: LinkType = LinkType(8);
    /// PPP, with or without its HDLC framing.
    pub const PPP: LinkType = LinkType(9);
    /// FDDI.
    pub const FDDI: LinkType = LinkType(10);
    /// Raw IP, under its number on most BSD systems.
    pub const DLT_RAW: LinkType = LinkType(12);
    /// Raw IP, under its number on OpenBSD.
    pub const DLT_RAW_OPENBSD: LinkType = LinkType(14);
    /// PPP in HDLC-like framing (RFC 1662).
    pub const PPP_HDLC: LinkType = LinkType(50);
    /// PPP over Ethernet, from its session header on.
    pub const PPP_ETHER: LinkType = LinkType(51);
    /// ATM with multiprotocol encapsulation (RFC 2684).
    pub const ATM_RFC1483: LinkType = LinkType(100);
    /// Raw IP.
    pub const RAW: LinkType = LinkType(101);
    /// Serial Line IP, as BSD/OS writes it.
    pub const SLIP_BSDOS: LinkType = LinkType(102);
    /// Cisco HDLC.
    pub const C_HDLC: LinkType = LinkType(104);
    /// 802.11 frames.
    pub const IEEE802_11: LinkType = LinkType(105);
    /// Classical IP over ATM, as Linux writes it.
    pub const ATM_CLIP: LinkType = LinkType(106);
    /// Frame Relay.
    pub const FRELAY: LinkType = LinkType(107);
    /// OpenBSD loopback, with the address family in network byte order.
    pub const LOOP: LinkType = LinkType(108);
    /// IPsec interface of OpenBSD.
    pub const ENC: LinkType = LinkType(109);
    /// Linux "cooked" capture.
    pub const LINUX_SLL: LinkType = LinkType(113);
    /// Packet filter log of OpenBSD.
    pub const PFLOG: LinkType = LinkType(117);
    /// 802.11 frames after a Prism header.
    pub const IEEE802_11_PRISM: LinkType = LinkType(119);
    /// IP over Fibre Channel (RFC 2625).
    pub const IP_OVER_FC: LinkType = LinkType(122);
    /// ATM with SunATM's header.
    pub const SUNATM: LinkType = LinkType(123);
    /// 802.11 frames after a radiotap header.
    pub const IEEE802_11_RADIOTAP: LinkType = LinkType(127);
    /// TaZmen Sniffer Protocol.
    pub const TZSP: LinkType = LinkType(128);
    /// ARCNET, as Linux writes it.
    pub const ARCNET_LINUX: LinkType = LinkType(129);
    /// Juniper's ATM2 encapsulation.
    pub const JUNIPER_ATM2: LinkType = LinkType(135);
    /// Juniper's ATM1 encapsulation.
    pub const JUNIPER_ATM1: LinkType = LinkType(137);
    /// IP over FireWire (RFC 2734).
    pub const APPLE_IP_OVER_IEEE1394: LinkType = LinkType(138);
    /// The first of sixteen numbers for private use.
    pub const USER0: LinkType = LinkType(147);
    /// `LINKTYPE_USER2`
    pub const USER2: LinkType = LinkType(149);
    /// 802.11 frames after an AVS header.
    pub const IEEE802_11_AVS: LinkType = LinkType(163);
    /// PPP after a direction octet, as pppd writes it.
    pub const PPP_PPPD: LinkType = LinkType(166);
    /// Juniper's PPPoE encapsulation.
    pub const JUNIPER_PPPOE: LinkType = LinkType(167);
    /// Juniper's PPPoE over ATM encapsulation.
    pub const JUNIPER_PPPOE_ATM: LinkType = LinkType(168);
    /// Juniper's Ethernet encapsulation.
    pub const JUNIPER_ETHER: LinkType = LinkType(178);
    /// Juniper's PPP encapsulation.
    pub const JUNIPER_PPP: LinkType = LinkType(179);
    /// Juniper's Frame Relay encapsulation.
    pub const JUNIPER_FRELAY: LinkType = LinkType(180);
    /// Juniper's Cisco HDLC encapsulation.
    pub const JUNIPER_CHDLC: LinkType = LinkType(181);
    /// Per-Packet Information.
    pub const PPI: LinkType = LinkType(192);
    /// IEEE 802.15.4 frames with their frame check sequence.
    pub const IEEE802_15_4_WITHFCS: LinkType = LinkType(195);
    /// PPP after a direction octet.
    pub const PPP_WITH_DIR: LinkType = LinkType(204);
    /// Cisco HDLC after a direction octet.
    pub const C_HDLC_WITH_DIR: LinkType = LinkType(205);
    /// Frame Relay after a direction octet.
    pub const FRELAY_WITH_DIR: LinkType = LinkType(206);
    /// IEEE 802.15.4 frames after their physical header.
    pub const IEEE802_15_4_NONASK_PHY: LinkType = LinkType(215);
    /// MPLS label stacks.
    pub const MPLS: LinkType = LinkType(219);
    /// Solaris IP observability.
    pub const IPNET: LinkType = LinkType(226);
    /// IPv4 without a link layer.
    pub const IPV4: LinkType = LinkType(228);
    /// IPv6 without a link layer.
    pub const IPV6: LinkType = LinkType(229);
    /// IEEE 802.15.4 frames without their frame check sequence.
    pub const IEEE802_15_4_NOFCS: LinkType = LinkType(230);
    /// Linux netfilter log messages.
    pub const NFLOG: LinkType = LinkType(239);
    /// IP over InfiniBand.
    pub const IPOIB: LinkType = LinkType(242);
    /// Protocol data units exported by Wireshark.
    pub const WIRESHARK_UPPER_PDU: LinkType = LinkType(252);
    /// Packet tap of Apple systems.
    pub const PKTAP: LinkType = LinkType(258);
    /// Linux "cooked" capture, version 2.
    pub const LINUX_SLL2: LinkType = LinkType(276);
    /// Ethernet with Broadcom's switch tag after the addresses.
    pub const DSA_TAG_BRCM: LinkType = LinkType(281);
    /// Ethernet after Broadcom's switch tag.
    pub const DSA_TAG_BRCM_PREPEND: LinkType = LinkType(282);
    /// IEEE 802.15.4 frames after a header of fields.
    pub const IEEE802_15_4_TAP: LinkType = LinkType(283);
    /// Ethernet with Marvell's switch tag.
    pub const DSA_TAG_DSA: LinkType = LinkType(284);
    /// Ethernet with Marvell's switch tag after an EtherType.
    pub const DSA_TAG_EDSA: LinkType = LinkType(285);

    /// Count of the numbers for private use (`LINKTYPE_USER0` to `LINKTYPE_USER15`).
    pub const USERS: usize = 16;

    /// Place among the numbers for private use, from 0; `None` for other numbers.
    pub fn user(self) -> Option<usize> {
        let n = usize::from(self.0.checked_sub(LinkType::USER0.0)?);
        (n < LinkType::USERS).then_some(n)
    }

    /// Whether this is one of Juniper's encapsulations.
    pub const fn is_juniper(self) -> bool {
        matches!(self.0, 130..=137 | 164 | 167 | 168 | 174 | 178..=181 | 183 | 194 | 200 | 232..=234 | 238)
    }

    /// Whether packets of this type cannot hold IP: buses, radio links of devices, telephone
    /// signalling, sockets between a host and its guests.
    pub const fn carries_no_ip(self) -> bool {
        // Bluetooth, USB, CAN, LIN, FlexRay, I2C and other buses; SS7 (MTP2, MTP3, SCCP); infrared;
        // D-Bus, netlink, systemd's journal, vsock; NFC; Z-Wave; display and television streams.
        matches!(
            self.0,
            139..=142 | 144 | 165 | 184..=187 | 189 | 190 | 199 | 201 | 209..=212 | 216 | 220 | 227 | 231
                | 235 | 243 | 245 | 249 | 251 | 253..=255 | 257 | 261 | 262 | 271 | 272 | 275 | 278 | 280
                | 288 | 292..=295
        )
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DataLink::from(u32::from(self.0)) {
            DataLink::Unknown(_) => write!(f, "link type {}", self.0),
            known => write!(f, "LINKTYPE_{known:?}"),
        }
    }
}

impl Serialize for LinkType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that does not name a link type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown link type `{0}`; use a name of the LINKTYPE registry or a number")]
pub struct UnknownLinkType(pub String);

impl FromStr for LinkType {
    type Err = UnknownLinkType;

    /// Reads a name of the registry in any letter case, with or without the prefix `LINKTYPE_` or
    /// `DLT_`, or a number.
    fn from_str(text: &str) -> Result<LinkType, UnknownLinkType> {
        let name = text.to_ascii_uppercase();
        let name = name.strip_prefix("LINKTYPE_").or_else(|| name.strip_prefix("DLT_")).unwrap_or(&name);
        if let Ok(number) = name.parse() {
            return Ok(LinkType(number));
        }
        if let Some(Ok(n)) = name.strip_prefix("USER").map(str::parse::<u16>)
            && usize::from(n) < LinkType::USERS
        {
            return Ok(LinkType(LinkType::USER0.0 + n));
        }
        (0..LAST_NAMED)
            .map(LinkType)
            .find(|link_type| link_type.to_string().strip_prefix("LINKTYPE_") == Some(name))
            .ok_or_else(|| UnknownLinkType(text.to_owned()))
    }
}

/// End of the numbers that have a name.
const LAST_NAMED: u16 = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_registry() {
        assert_eq!(LinkType::ETHERNET.to_string(), "LINKTYPE_ETHERNET");
        assert_eq!(LinkType::LINUX_SLL2.to_string(), "LINKTYPE_LINUX_SLL2");
        assert_eq!(LinkType(9999).to_string(), "link type 9999");
    }

    #[test]
    fn names_and_numbers_are_read() {
        for text in ["PKTAP", "pktap", "LINKTYPE_PKTAP", "DLT_PKTAP", "258"] {
            assert_eq!(text.parse(), Ok(LinkType::PKTAP), "{text}");
        }
        assert_eq!("USER2".parse(), Ok(LinkType(149)));
        assert_eq!("USER15".parse::<LinkType>().map(LinkType::user), Ok(Some(15)));
        assert!("USER16".parse::<LinkType>().is_err());
        assert!("wifi".parse::<LinkType>().is_err());
    }
}
