//! The signs that the beginning of a payload can bear.

use serde::{Deserialize, Serialize};

use super::Spoken;

/// What a payload was recognized by: a protocol, or words that several protocols share, and often
/// which side says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Sign {
    /// An identification string of SSH version 2.
    Ssh = 1,
    /// An identification string of SSH version 1 alone.
    Ssh1,
    /// TLS: a ClientHello.
    ClientHello,
    /// TLS: a ServerHello.
    ServerHello,
    /// A long header of QUIC.
    Quic,
    /// A request of HTTP.
    HttpRequest,
    /// A status line of HTTP.
    HttpStatus,
    /// SMB version 1: the client's first request.
    Smb1Negotiate,
    /// SMB version 1: a reply.
    Smb1Reply,
    /// SMB version 1: another message.
    Smb1,
    /// SMB version 2 or 3: a request.
    Smb2Request,
    /// SMB version 2 or 3: a response.
    Smb2Response,
    /// SMB version 2 or 3: an encrypted message, or one that was not captured whole.
    Smb2,
    /// SNMP version 1: a request or a trap.
    SnmpV1Request,
    /// SNMP version 1: a response.
    SnmpV1Response,
    /// SNMP version 1: a message that was not captured whole.
    SnmpV1,
    /// SNMP version 2c: a request, a notification or an inform request.
    SnmpV2cRequest,
    /// SNMP version 2c: a response.
    SnmpV2cResponse,
    /// SNMP version 2c: a message that was not captured whole.
    SnmpV2c,
    /// A message of SNMP version 3.
    SnmpV3,
    /// "220", of an FTP or SMTP server.
    Greeting,
    /// "USER", of an FTP or POP3 client.
    User,
    /// FTP: the client asks for TLS.
    FtpAuthTls,
    /// A negotiation of Telnet.
    Telnet,
    /// The version of VNC.
    Vnc,
    /// Remote Desktop: the client's connection request.
    RdpRequest,
    /// Remote Desktop: the server's answer.
    RdpConfirm,
    /// SMTP: the client's "EHLO" or "HELO".
    SmtpHello,
    /// POP3: the server's "+OK".
    Pop3Greeting,
    /// IMAP: the server's "* OK".
    ImapGreeting,
}

/// Who sends what bears a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A client alone sends it.
    Client,
    /// A server alone sends it.
    Server,
}

impl Sign {
    /// The protocol, where one alone has this sign.
    pub const fn spoken(self) -> Option<Spoken> {
        Some(match self {
            Sign::Ssh => Spoken::Ssh,
            Sign::Ssh1 => Spoken::Ssh1,
            Sign::ClientHello | Sign::ServerHello => Spoken::Tls,
            Sign::Quic => Spoken::Quic,
            Sign::HttpRequest | Sign::HttpStatus => Spoken::Http,
            Sign::Smb1Negotiate | Sign::Smb1Reply | Sign::Smb1 => Spoken::Smb1,
            Sign::Smb2Request | Sign::Smb2Response | Sign::Smb2 => Spoken::Smb2,
            Sign::SnmpV1Request | Sign::SnmpV1Response | Sign::SnmpV1 => Spoken::SnmpV1,
            Sign::SnmpV2cRequest | Sign::SnmpV2cResponse | Sign::SnmpV2c => Spoken::SnmpV2c,
            Sign::SnmpV3 => Spoken::SnmpV3,
            Sign::Greeting | Sign::User => return None,
            Sign::FtpAuthTls => Spoken::FtpTls,
            Sign::Telnet => Spoken::Telnet,
            Sign::Vnc => Spoken::Vnc,
            Sign::RdpRequest | Sign::RdpConfirm => Spoken::Rdp,
            Sign::SmtpHello => Spoken::Smtp,
            Sign::Pop3Greeting => Spoken::Pop3,
            Sign::ImapGreeting => Spoken::Imap,
        })
    }

    /// Who sends it, where that is unmistakable.
    pub const fn role(self) -> Option<Role> {
        match self {
            Sign::ClientHello
            | Sign::HttpRequest
            | Sign::Smb1Negotiate
            | Sign::Smb2Request
            | Sign::SnmpV1Request
            | Sign::SnmpV2cRequest
            | Sign::User
            | Sign::FtpAuthTls
            | Sign::RdpRequest
            | Sign::SmtpHello => Some(Role::Client),
            Sign::ServerHello
            | Sign::HttpStatus
            | Sign::Smb1Reply
            | Sign::Smb2Response
            | Sign::SnmpV1Response
            | Sign::SnmpV2cResponse
            | Sign::Greeting
            | Sign::RdpConfirm
            | Sign::Pop3Greeting
            | Sign::ImapGreeting => Some(Role::Server),
            Sign::Ssh
            | Sign::Ssh1
            | Sign::Quic
            | Sign::Smb1
            | Sign::Smb2
            | Sign::SnmpV1
            | Sign::SnmpV2c
            | Sign::SnmpV3
            | Sign::Telnet
            | Sign::Vnc => None,
        }
    }
}
