//! What a service sends in the clear.

use std::fmt;

use super::fact::Fact;

/// What a service sends in the clear, as its specification has it. A service without this statement is
/// not known to send nothing in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InTheClear {
    /// What it sends.
    pub sends: Sends,
    /// Until when. The port does not tell whether it came to that.
    pub until: Until,
    /// The statement.
    pub fact: Fact,
}

/// What a service sends in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sends {
    /// Nothing beyond what sets up encryption.
    Nothing,
    /// Content, but no credentials of the protocol's own. Passwords may be part of the content, as those
    /// of web pages are.
    Content,
    /// Content, and credentials that the protocol itself asks for.
    CredentialsAndContent,
}

/// Until when a service sends in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// Always: no encryption is specified for it.
    Always,
    /// Until the connection is upgraded to TLS.
    UntilTls,
    /// Unless both ends are set up to encrypt, or agree to.
    UnlessAgreed,
}

impl Sends {
    /// Every value.
    pub const ALL: [Sends; 3] = [Sends::Nothing, Sends::Content, Sends::CredentialsAndContent];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Sends::Nothing => "nothing",
            Sends::Content => "content",
            Sends::CredentialsAndContent => "credentials-and-content",
        }
    }
}

impl Until {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Until::Always => "always",
            Until::UntilTls => "until-tls",
            Until::UnlessAgreed => "unless-agreed",
        }
    }
}

impl InTheClear {
    /// Whether passwords or other credentials of the protocol's own are sent in the clear.
    pub const fn has_credentials(&self) -> bool {
        matches!(self.sends, Sends::CredentialsAndContent)
    }
}

/// A clause to follow the name of the service.
impl fmt::Display for InTheClear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.sends {
            Sends::Nothing => "sends nothing in the clear",
            Sends::Content => "sends its content in the clear",
            Sends::CredentialsAndContent => "sends credentials and content in the clear",
        })?;
        f.write_str(match self.until {
            Until::Always => "",
            Until::UntilTls => " until it is upgraded to TLS",
            Until::UnlessAgreed => " unless both ends agree to encrypt",
        })
    }
}
