//! The protocols that a first payload can show.

/// A protocol, as its first octets show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Spoken {
    /// SSH version 2 (RFC 4253 section 4.2; 1.99 offers 2 as well, section 5.1).
    Ssh = 1,
    /// SSH version 1 alone.
    Ssh1,
    /// TLS: a ClientHello or ServerHello (RFC 8446 section 4.1, in a record of section 5.1).
    Tls,
    /// QUIC version 1 or 2 (RFC 9000 section 17.2, RFC 9369), which is encrypted.
    Quic,
    /// HTTP in the clear (RFC 9112 section 2.1; the preface of RFC 9113 section 3.4).
    Http,
    /// SMB version 1 ([MS-CIFS] section 2.2.3.1).
    Smb1,
    /// SMB version 2 or 3 ([MS-SMB2] section 2.2.1).
    Smb2,
    /// SNMP version 1 (RFC 1157 section 4).
    SnmpV1,
    /// SNMP version 2c (RFC 1901 section 3).
    SnmpV2c,
    /// SNMP version 3 (RFC 3412 section 6).
    SnmpV3,
    /// FTP without TLS, as far as it was looked at (RFC 959).
    Ftp,
    /// FTP of which the client asked for TLS (RFC 4217 section 4).
    FtpTls,
    /// Telnet's negotiation (RFC 854).
    Telnet,
    /// VNC (RFC 6143 section 7.1.1).
    Vnc,
    /// Remote Desktop: an X.224 connection request or confirm ([MS-RDPBCGR] section 2.2.1).
    Rdp,
    /// SMTP (RFC 5321 section 4.1.1.1).
    Smtp,
    /// POP3 (RFC 1939 section 4).
    Pop3,
    /// IMAP (RFC 9051 section 7.1).
    Imap,
}

impl Spoken {
    /// Every protocol that is recognized.
    pub const ALL: [Spoken; 18] = [
        Spoken::Ssh,
        Spoken::Ssh1,
        Spoken::Tls,
        Spoken::Quic,
        Spoken::Http,
        Spoken::Smb1,
        Spoken::Smb2,
        Spoken::SnmpV1,
        Spoken::SnmpV2c,
        Spoken::SnmpV3,
        Spoken::Ftp,
        Spoken::FtpTls,
        Spoken::Telnet,
        Spoken::Vnc,
        Spoken::Rdp,
        Spoken::Smtp,
        Spoken::Pop3,
        Spoken::Imap,
    ];

    /// The name that people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Spoken::Ssh => "SSH 2",
            Spoken::Ssh1 => "SSH 1",
            Spoken::Tls => "TLS",
            Spoken::Quic => "QUIC",
            Spoken::Http => "HTTP",
            Spoken::Smb1 => "SMB 1",
            Spoken::Smb2 => "SMB 2 or 3",
            Spoken::SnmpV1 => "SNMP v1",
            Spoken::SnmpV2c => "SNMP v2c",
            Spoken::SnmpV3 => "SNMP v3",
            Spoken::Ftp => "FTP",
            Spoken::FtpTls => "FTP with TLS",
            Spoken::Telnet => "Telnet",
            Spoken::Vnc => "VNC",
            Spoken::Rdp => "RDP",
            Spoken::Smtp => "SMTP",
            Spoken::Pop3 => "POP3",
            Spoken::Imap => "IMAP",
        }
    }
}
