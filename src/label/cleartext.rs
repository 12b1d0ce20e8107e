//! Services that send credentials or content in the clear, by their registered names.
//!
//! The list is short on purpose: protocols that as specified begin without encryption, with the
//! document that says so. Some can be protected afterwards (STARTTLS); the registered name does
//! not tell whether they are.

/// A service whose traffic can be read by everybody on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleartext {
    /// The registered service name.
    pub service: &'static str,
    /// What is sent in the clear, to stand behind the name.
    pub why: &'static str,
    /// Where that is specified.
    pub source: &'static str,
}

const fn entry(service: &'static str, why: &'static str, source: &'static str) -> Cleartext {
    Cleartext { service, why, source }
}

const BOTH: &str = "sends credentials and content in the clear";
const CONTENT: &str = "sends its content in the clear";
const UNLESS_UPGRADED: &str = "sends credentials and content in the clear until it is upgraded to TLS";

/// Every such service that is known here, in the order of names, by which they are found.
pub const CLEARTEXT: &[Cleartext] = &[
    entry("amqp", BOTH, "AMQP 0-9-1 section 4.2; TLS has a port of its own, 5671"),
    entry("bootps", CONTENT, "RFC 2131"),
    entry("exec", BOTH, "rexecd(8)"),
    entry("finger", CONTENT, "RFC 1288 section 3"),
    entry("ftp", UNLESS_UPGRADED, "RFC 959, RFC 4217"),
    entry("ftp-data", CONTENT, "RFC 959 section 3"),
    entry("gopher", CONTENT, "RFC 1436"),
    entry("http", BOTH, "RFC 9110 section 17.1"),
    entry("http-alt", BOTH, "RFC 9110 section 17.1"),
    entry("imap", UNLESS_UPGRADED, "RFC 9051 section 11"),
    entry("irc", BOTH, "RFC 2812"),
    entry("ircu", BOTH, "RFC 2812"),
    entry("ldap", UNLESS_UPGRADED, "RFC 4513 section 3"),
    entry("login", BOTH, "RFC 1282"),
    entry("memcache", CONTENT, "memcached protocol.txt"),
    entry("mqtt", BOTH, "MQTT 5.0 section 5.4"),
    entry("netbios-ssn", CONTENT, "RFC 1001"),
    entry("nfs", CONTENT, "RFC 1813, RFC 7530 section 3"),
    entry("nntp", UNLESS_UPGRADED, "RFC 3977 section 12, RFC 4642"),
    entry("pop3", UNLESS_UPGRADED, "RFC 1939, RFC 2595"),
    entry("postgresql", UNLESS_UPGRADED, "PostgreSQL frontend/backend protocol, SSLRequest"),
    entry("redis", BOTH, "Redis serialization protocol"),
    entry("rfb", CONTENT, "RFC 6143 section 8"),
    entry("rsync", CONTENT, "rsyncd.conf(5)"),
    entry("shell", BOTH, "rshd(8)"),
    entry("sip", CONTENT, "RFC 3261 section 26"),
    entry("smtp", UNLESS_UPGRADED, "RFC 5321 section 7, RFC 3207"),
    entry("snmp", "sends communities (SNMPv1, SNMPv2c) and content in the clear", "RFC 3584 section 5"),
    entry("snmptrap", "sends communities (SNMPv1, SNMPv2c) and content in the clear", "RFC 3584 section 5"),
    entry("syslog", CONTENT, "RFC 5424 section 8, RFC 5426"),
    entry("telnet", BOTH, "RFC 854"),
    entry("tftp", CONTENT, "RFC 1350"),
    entry("x11", BOTH, "X Window System Protocol, connection setup"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_in_the_order_of_their_names() {
        assert!(CLEARTEXT.is_sorted_by(|a, b| a.service < b.service));
    }
}
