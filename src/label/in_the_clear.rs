//! What a flow sends in the clear: as its payload shows, or else as the registered service is specified.

use super::Agreement;
use crate::evidence::{Login, Observed};
use crate::services::{self, InTheClear, Sends};

/// What says that something is sent in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClearBy {
    /// The protocol that the payload shows.
    Payload,
    /// The service that is registered for the server's port: no payload says more.
    Registration,
}

impl ClearBy {
    /// Every value.
    pub const ALL: [ClearBy; 2] = [ClearBy::Payload, ClearBy::Registration];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            ClearBy::Payload => "payload",
            ClearBy::Registration => "registration",
        }
    }

    /// What the word means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            ClearBy::Payload => "the protocol that the payload shows is specified so",
            ClearBy::Registration => {
                "the service registered for the server's port is specified so, and the payload says nothing of it"
            }
        }
    }
}

/// What a flow sends in the clear, and what says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clear {
    /// What says so.
    pub by: ClearBy,
    /// What the protocol or the service sends, as it is specified.
    pub specified: &'static InTheClear,
    /// Whether TLS was seen to begin: nothing is in the clear but what went before.
    pub is_upgraded: bool,
    /// Whether the client was seen to log in without sending its password in the clear.
    pub is_proven: bool,
}

impl Clear {
    /// What is sent, as far as it is known: by the protocol that was seen, where one was. A protocol of which that
    /// is not known leaves it to the registered service that it confirms.
    pub(super) fn of(
        observed: Option<Observed>,
        agreement: Option<Agreement>,
        registered: impl FnOnce() -> Option<&'static InTheClear>,
    ) -> Option<Clear> {
        let by_registration = || {
            let specified = registered()?;
            Some(Clear { by: ClearBy::Registration, specified, is_upgraded: false, is_proven: false })
        };
        let Some(Observed { spoken, is_upgraded, login, .. }) = observed else { return by_registration() };
        match services::sent_in_the_clear(spoken) {
            Some(specified) => {
                let is_proven = login == Some(Login::ByProof);
                Some(Clear { by: ClearBy::Payload, specified, is_upgraded, is_proven })
            }
            None if agreement == Some(Agreement::Confirms) => by_registration(),
            None => None,
        }
    }

    /// What is sent in the clear beyond what sets up encryption.
    pub const fn sends(&self) -> Sends {
        match self.specified.sends {
            _ if self.is_upgraded => Sends::Nothing,
            Sends::CredentialsAndContent if self.is_proven => Sends::Content,
            sends => sends,
        }
    }

    /// What is specified, for the way in which the client logs in.
    pub const fn statement(&self) -> InTheClear {
        InTheClear { sends: self.sends(), ..*self.specified }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{By, Spoken};

    #[test]
    fn what_was_seen_comes_before_what_is_registered() {
        let telnet = services::in_the_clear("telnet");
        let seen = |spoken, is_upgraded| {
            Some(Observed {
                spoken,
                by: By::Both,
                asks_for_tls: is_upgraded,
                is_upgraded,
                version: None,
                alpn: None,
                login: None,
            })
        };
        let of = |observed, agreement, registered| {
            Clear::of(observed, agreement, || registered).map(|clear| (clear.by, clear.sends()))
        };
        let contradicts = Some(Agreement::Contradicts);
        for (observed, agreement, registered, expected) in [
            (
                None,
                Some(Agreement::Silent),
                telnet,
                Some((ClearBy::Registration, Sends::CredentialsAndContent)),
            ),
            (None, None, telnet, Some((ClearBy::Registration, Sends::CredentialsAndContent))),
            (None, None, None, None),
            (seen(Spoken::Tls, false), contradicts, telnet, Some((ClearBy::Payload, Sends::Nothing))),
            (
                seen(Spoken::Http, false),
                contradicts,
                services::in_the_clear("https"),
                Some((ClearBy::Payload, Sends::Content)),
            ),
            (seen(Spoken::Smtp, false), None, None, Some((ClearBy::Payload, Sends::CredentialsAndContent))),
            (seen(Spoken::Smtp, true), None, None, Some((ClearBy::Payload, Sends::Nothing))),
            // It is not known what Kerberos sends; nor is it telnet.
            (seen(Spoken::Kerberos, false), contradicts, telnet, None),
            (
                seen(Spoken::Stun, false),
                Some(Agreement::Confirms),
                services::in_the_clear("sip"),
                Some((ClearBy::Registration, Sends::Content)),
            ),
        ] {
            assert_eq!(of(observed, agreement, registered), expected, "{observed:?} {agreement:?}");
        }
    }
}
