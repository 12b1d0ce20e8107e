//! The protocols that a first payload can show.

/// Defines the protocols: a variant each, with the name that people know it by.
macro_rules! protocols {
    ($($(#[$about:meta])* $protocol:ident, $name:literal;)*) => {
        /// A protocol, as its first octets show it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum Spoken {
            $($(#[$about])* $protocol,)*
        }

        impl Spoken {
            /// Every protocol that is recognized.
            pub const ALL: [Spoken; [$(Spoken::$protocol),*].len()] = [$(Spoken::$protocol),*];

            /// The name that people know it by.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Spoken::$protocol => $name,)*
                }
            }
        }
    };
}

protocols! {
    /// SSH version 2 (RFC 4253 section 4.2; 1.99 offers 2 as well, section 5.1).
    Ssh, "SSH 2";
    /// SSH version 1 alone.
    Ssh1, "SSH 1";
    /// TLS (RFC 8446 section 5.1), and the hello of SSL 2 that older clients begin with.
    Tls, "TLS";
    /// DTLS (RFC 9147 section 4, RFC 6347 section 4.1).
    Dtls, "DTLS";
    /// QUIC (RFC 9000 section 17.2, RFC 9369), its drafts and Google's before it, which is encrypted.
    Quic, "QUIC";
    /// HTTP in the clear (RFC 9112 section 2.1).
    Http, "HTTP";
    /// HTTP/2 in the clear (RFC 9113 section 3.4).
    Http2, "HTTP/2";
    /// gRPC over HTTP/2 in the clear.
    Grpc, "gRPC";
    /// WebSocket in the clear, as HTTP's headers agree on it (RFC 6455 section 4).
    WebSocket, "WebSocket";
    /// SMB version 1 ([MS-CIFS] section 2.2.3.1).
    Smb1, "SMB 1";
    /// SMB version 2 or 3 ([MS-SMB2] section 2.2.1).
    Smb2, "SMB 2 or 3";
    /// A session request of NetBIOS, or its answer (RFC 1002 section 4.3).
    NetbiosSession, "NetBIOS session";
    /// NetBIOS name service (RFC 1002 section 4.2).
    NetbiosName, "NBNS";
    /// NetBIOS datagram service (RFC 1002 section 4.4).
    NetbiosDatagram, "NBDGM";
    /// SNMP version 1 (RFC 1157 section 4).
    SnmpV1, "SNMP v1";
    /// SNMP version 2c (RFC 1901 section 3).
    SnmpV2c, "SNMP v2c";
    /// SNMP version 3 (RFC 3412 section 6).
    SnmpV3, "SNMP v3";
    /// FTP without TLS, as far as it was looked at (RFC 959).
    Ftp, "FTP";
    /// FTP of which the client asked for TLS (RFC 4217 section 4).
    FtpTls, "FTP with TLS";
    /// TFTP (RFC 1350 section 5).
    Tftp, "TFTP";
    /// Telnet's negotiation (RFC 854).
    Telnet, "Telnet";
    /// rlogin (RFC 1282).
    Rlogin, "rlogin";
    /// The remote shell, or rexec, which begins as it does (rshd(8), rexecd(8)).
    Rsh, "rsh";
    /// VNC (RFC 6143 section 7.1.1).
    Vnc, "VNC";
    /// Remote Desktop: an X.224 connection request or confirm ([MS-RDPBCGR] section 2.2.1), or an opening over UDP
    /// ([MS-RDPEUDP] section 2.2.2.5).
    Rdp, "RDP";
    /// The X Window System, version 11 (X Window System Protocol, section 8).
    X11, "X11";
    /// SMTP (RFC 5321 section 4.1.1.1).
    Smtp, "SMTP";
    /// POP3 (RFC 1939 section 4).
    Pop3, "POP3";
    /// IMAP (RFC 9051 section 7.1).
    Imap, "IMAP";
    /// NNTP (RFC 3977 section 5).
    Nntp, "NNTP";
    /// IRC (RFC 2812 section 3).
    Irc, "IRC";
    /// XMPP (RFC 6120 section 4.7).
    Xmpp, "XMPP";
    /// DNS (RFC 1035 section 4).
    Dns, "DNS";
    /// Multicast DNS (RFC 6762 section 18).
    Mdns, "mDNS";
    /// LLMNR (RFC 4795 section 2.1).
    Llmnr, "LLMNR";
    /// DHCP and BOOTP (RFC 2131 section 2).
    Dhcp, "DHCP";
    /// DHCPv6 (RFC 8415 section 8).
    Dhcpv6, "DHCPv6";
    /// NTP (RFC 5905 section 7.3).
    Ntp, "NTP";
    /// PTP (IEEE 1588 section 13.3).
    Ptp, "PTP";
    /// syslog (RFC 5424 section 6, RFC 3164 section 4.1).
    Syslog, "syslog";
    /// RADIUS (RFC 2865 section 3).
    Radius, "RADIUS";
    /// TACACS+ (RFC 8907 section 4.1).
    Tacacs, "TACACS+";
    /// Diameter (RFC 6733 section 3).
    Diameter, "Diameter";
    /// Kerberos (RFC 4120 section 5).
    Kerberos, "Kerberos";
    /// LDAP (RFC 4511 section 4).
    Ldap, "LDAP";
    /// ONC RPC (RFC 5531 section 9).
    OncRpc, "ONC RPC";
    /// NFS over ONC RPC (RFC 8881 section 2.2).
    Nfs, "NFS";
    /// DCE RPC (The Open Group C706, chapter 12).
    DceRpc, "DCE RPC";
    /// AFS over Rx.
    Afs, "AFS";
    /// SIP (RFC 3261 section 7).
    Sip, "SIP";
    /// RTSP (RFC 7826 section 5).
    Rtsp, "RTSP";
    /// H.225 call signalling (ITU-T H.225.0 section 7, in TPKT).
    H225, "H.225";
    /// MGCP (RFC 3435 section 3.2).
    Mgcp, "MGCP";
    /// Skinny Client Control Protocol.
    Sccp, "SCCP";
    /// RTP (RFC 3550 section 5.1).
    Rtp, "RTP";
    /// RTCP (RFC 3550 section 6.4).
    Rtcp, "RTCP";
    /// STUN and TURN (RFC 8489 section 5).
    Stun, "STUN";
    /// MySQL and MariaDB: the server's handshake.
    Mysql, "MySQL";
    /// PostgreSQL: the client's startup message.
    Postgresql, "PostgreSQL";
    /// SQL Server and Sybase ([MS-TDS] section 2.2.3).
    Tds, "TDS";
    /// Oracle's Transparent Network Substrate.
    Tns, "Oracle TNS";
    /// DRDA, as Db2 and Derby speak it (The Open Group DRDA volume 3).
    Drda, "DRDA";
    /// MongoDB's wire protocol.
    Mongodb, "MongoDB";
    /// Redis (RESP).
    Redis, "Redis";
    /// Memcached, text and binary.
    Memcached, "Memcached";
    /// Cassandra's native protocol.
    Cassandra, "Cassandra";
    /// Kafka: a client's first requests.
    Kafka, "Kafka";
    /// ZooKeeper: the client's connect request, and its four-letter words.
    Zookeeper, "ZooKeeper";
    /// AMQP (OASIS AMQP 1.0 section 2.2; AMQP 0-9-1 section 4.2.2).
    Amqp, "AMQP";
    /// MQTT (OASIS MQTT 5.0 section 3.1).
    Mqtt, "MQTT";
    /// CoAP (RFC 7252 section 3).
    Coap, "CoAP";
    /// NATS.
    Nats, "NATS";
    /// STOMP.
    Stomp, "STOMP";
    /// BitTorrent between peers, also over uTP, and its trackers by UDP (BEP 3, 15, 29).
    Bittorrent, "BitTorrent";
    /// BitTorrent's distributed table (BEP 5).
    BittorrentDht, "BitTorrent DHT";
    /// Bitcoin between peers.
    Bitcoin, "Bitcoin";
    /// Minecraft, Java edition: the client's handshake.
    Minecraft, "Minecraft";
    /// WireGuard: a handshake, or data of a length that it has.
    Wireguard, "WireGuard";
    /// OpenVPN: the resets that begin a session.
    OpenVpn, "OpenVPN";
    /// IKE (RFC 7296 section 3.1; RFC 2408 section 3.1).
    Ike, "IKE";
    /// ESP in UDP, by its first sequence numbers (RFC 3948 section 2.1).
    EspInUdp, "ESP in UDP";
    /// L2TP's control connection (RFC 2661 section 3.1).
    L2tp, "L2TP";
    /// PPTP's control connection (RFC 2637 section 2).
    Pptp, "PPTP";
    /// VXLAN (RFC 7348 section 5).
    Vxlan, "VXLAN";
    /// Geneve (RFC 8926 section 3.4).
    Geneve, "Geneve";
    /// Teredo (RFC 4380 section 5.1.1).
    Teredo, "Teredo";
    /// AYIYA.
    Ayiya, "AYIYA";
    /// GTP version 1, user plane (3GPP TS 29.281 section 5).
    GtpU, "GTP-U";
    /// GTP, control plane (3GPP TS 29.060, TS 29.274).
    GtpC, "GTP-C";
    /// PFCP (3GPP TS 29.244 section 7.2).
    Pfcp, "PFCP";
    /// M3UA (RFC 4666 section 1.4).
    M3ua, "M3UA";
    /// M2PA (RFC 4165 section 2).
    M2pa, "M2PA";
    /// SUA (RFC 3868 section 3).
    Sua, "SUA";
    /// S1AP (3GPP TS 36.412).
    S1ap, "S1AP";
    /// X2AP (3GPP TS 36.422).
    X2ap, "X2AP";
    /// NGAP (3GPP TS 38.412).
    Ngap, "NGAP";
    /// XnAP (3GPP TS 38.422).
    Xnap, "XnAP";
    /// SGsAP (3GPP TS 29.118).
    Sgsap, "SGsAP";
    /// BGP (RFC 4271 section 4.1).
    Bgp, "BGP";
    /// LDP (RFC 5036 section 3.1).
    Ldp, "LDP";
    /// MSDP (RFC 3618 section 12).
    Msdp, "MSDP";
    /// BFD (RFC 5880 section 4.1).
    Bfd, "BFD";
    /// HSRP (RFC 2281 section 5).
    Hsrp, "HSRP";
    /// RIP (RFC 2453 section 4) and RIPng (RFC 2080 section 2.1).
    Rip, "RIP";
    /// IPFIX (RFC 7011 section 3.1).
    Ipfix, "IPFIX";
    /// NetFlow version 5.
    Netflow5, "NetFlow 5";
    /// NetFlow version 9 (RFC 3954 section 5.1).
    Netflow9, "NetFlow 9";
    /// sFlow version 5.
    Sflow, "sFlow";
    /// Modbus/TCP (Modbus Messaging on TCP/IP, section 3.1.3).
    Modbus, "Modbus/TCP";
    /// DNP3 (IEEE 1815 section 9.2).
    Dnp3, "DNP3";
    /// S7 communication over ISO-on-TCP.
    S7, "S7";
    /// MMS, as IEC 61850 uses it: a session over ISO-on-TCP (ISO 9506).
    Mms, "MMS";
    /// ISO transport over TCP, whose content is not known (RFC 1006).
    IsoTsap, "ISO-on-TCP";
    /// IEC 60870-5-104 (section 5).
    Iec104, "IEC 104";
    /// BACnet/IP (ANSI/ASHRAE 135, annex J).
    Bacnet, "BACnet/IP";
    /// EtherNet/IP with CIP (ODVA, volume 2, section 2-3).
    Enip, "EtherNet/IP";
    /// OPC UA (OPC 10000-6 section 7.1.2).
    OpcUa, "OPC UA";
    /// PROFINET's context manager, by its DCE RPC interface (IEC 61158-6-10).
    Profinet, "PROFINET";
    /// KNXnet/IP (ISO 22510).
    Knx, "KNXnet/IP";
    /// SSDP (UPnP Device Architecture, section 1).
    Ssdp, "SSDP";
    /// SOCKS version 4.
    Socks4, "SOCKS 4";
    /// SOCKS version 5 (RFC 1928 section 3).
    Socks5, "SOCKS 5";
    /// rsync's daemon protocol.
    Rsync, "rsync";
    /// Git's daemon protocol.
    Git, "Git";
}

impl std::fmt::Display for Spoken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Spoken {
    type Err = UnknownProtocol;

    /// The name in any letter case, also with `-` for its spaces: `ssh-2`.
    fn from_str(text: &str) -> Result<Spoken, UnknownProtocol> {
        let is_named = |spoken: &&Spoken| {
            let name = spoken.name();
            name.eq_ignore_ascii_case(text) || name.replace(' ', "-").eq_ignore_ascii_case(text)
        };
        Spoken::ALL.iter().find(is_named).copied().ok_or(UnknownProtocol)
    }
}

/// A word that names no protocol which payload can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown protocol")]
pub struct UnknownProtocol;
