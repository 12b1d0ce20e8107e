//! Interfaces that packets were captured on.

use std::borrow::Cow;

use crate::foreign::Foreign;

/// What an interface is called: by a name, or by a number where nothing names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InterfaceName<'a> {
    /// A name, such as `eth0`.
    Name(Foreign<Cow<'a, str>>),
    /// A number: that of the capturing system, or that of the capture.
    Number(u32),
}

impl<'a> InterfaceName<'a> {
    /// A name that programs wrote, up to the first zero octet, which ends it where it does not fill its
    /// field; `None` for an empty one.
    pub(crate) fn of_octets(octets: &'a [u8]) -> Option<InterfaceName<'a>> {
        let name = octets.split(|&octet| octet == 0).next().unwrap_or_default();
        (!name.is_empty()).then(|| InterfaceName::Name(Foreign::new(String::from_utf8_lossy(name))))
    }

    /// The name without a borrow.
    pub fn into_owned(self) -> InterfaceName<'static> {
        match self {
            InterfaceName::Name(name) => InterfaceName::Name(Foreign::new(Cow::Owned(name.raw().to_owned()))),
            InterfaceName::Number(number) => InterfaceName::Number(number),
        }
    }

    /// The name as text.
    pub fn to_text(&self) -> Foreign<Cow<'_, str>> {
        Foreign::new(match self {
            InterfaceName::Name(name) => Cow::Borrowed(name.raw()),
            InterfaceName::Number(number) => Cow::Owned(number.to_string()),
        })
    }

    fn is_called(&self, wanted: &str) -> bool {
        match self {
            InterfaceName::Name(name) => *name == wanted,
            InterfaceName::Number(number) => wanted.parse() == Ok(*number),
        }
    }
}

/// The interface that a packet was captured on: what the capture calls it, and what a header that the
/// capturing system put before the packet calls it. A capture on all interfaces at once calls them
/// `any`, say, and its packets tell one from another.
///
/// As text it is `eth0`; the number where nothing names it; and `any#2` where the capture names
/// one interface, and the packet's header another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interface<'a> {
    capture: Option<InterfaceName<'a>>,
    header: Option<InterfaceName<'a>>,
}

impl<'a> Interface<'a> {
    /// The interface that a capture and a packet's header call so; `None` where neither calls it
    /// anything.
    pub fn new(
        capture: Option<InterfaceName<'a>>,
        header: Option<InterfaceName<'a>>,
    ) -> Option<Interface<'a>> {
        match (capture, header) {
            (None, None) => None,
            // The number in the capture says nothing that the header does not say better.
            (Some(InterfaceName::Number(_)), header @ Some(_)) => Some(Interface { capture: None, header }),
            (capture, header) if capture == header => Some(Interface { capture, header: None }),
            (capture, header) => Some(Interface { capture, header }),
        }
    }

    /// What the capture calls it, and what the packet's header does.
    pub(crate) fn names(&self) -> [Option<&InterfaceName<'a>>; 2] {
        [self.capture.as_ref(), self.header.as_ref()]
    }

    /// The interface without a borrow.
    pub fn into_owned(self) -> Interface<'static> {
        Interface {
            capture: self.capture.map(InterfaceName::into_owned),
            header: self.header.map(InterfaceName::into_owned),
        }
    }

    /// The first interface of a capture that names none.
    #[cfg(feature = "report")]
    pub(crate) const fn first() -> Interface<'static> {
        Interface { capture: Some(InterfaceName::Number(0)), header: None }
    }

    /// The interface with other names. Numbers stay.
    #[must_use]
    pub fn renamed(&self, rename: impl Fn(&str) -> String) -> Interface<'static> {
        let other = |name: &Option<InterfaceName>| match name.as_ref()? {
            InterfaceName::Name(name) => {
                Some(InterfaceName::Name(Foreign::new(Cow::Owned(rename(name.raw())))))
            }
            InterfaceName::Number(number) => Some(InterfaceName::Number(*number)),
        };
        Interface { capture: other(&self.capture), header: other(&self.header) }
    }

    /// The interface as text.
    pub fn to_text(&self) -> Foreign<Cow<'_, str>> {
        match (&self.capture, &self.header) {
            (Some(capture), Some(header)) => {
                let both = [capture.to_text(), header.to_text()];
                Foreign::new(Cow::Owned(both.each_ref().map(Foreign::raw).join("#")))
            }
            (Some(name), None) | (None, Some(name)) => name.to_text(),
            (None, None) => Foreign::new(Cow::Borrowed("")),
        }
    }

    /// Whether a user who writes `wanted` means this interface: what the capture calls it, what the
    /// packet's header calls it, or both as in its text.
    pub fn is_called(&self, wanted: &str) -> bool {
        let is_one = |name: &Option<InterfaceName>| name.as_ref().is_some_and(|name| name.is_called(wanted));
        is_one(&self.capture)
            || is_one(&self.header)
            || self.capture.is_some() && self.header.is_some() && self.to_text() == *wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<InterfaceName<'_>> {
        InterfaceName::of_octets(text.as_bytes())
    }

    #[test]
    fn what_capture_and_header_call_it() {
        use InterfaceName::Number;
        for (capture, header, shown, called, not) in [
            (name("eth0"), None, "eth0", &["eth0"][..], "eth"),
            (Some(Number(3)), None, "3", &["3"], "03x"),
            (None, Some(Number(2)), "2", &["2"], "3"),
            (Some(Number(0)), Some(Number(2)), "2", &["2"], "0"),
            (name("any"), Some(Number(2)), "any#2", &["any", "2", "any#2"], "an"),
            (name("en0"), name("en0"), "en0", &["en0"], "en0#en0"),
            (name("pktap"), name("en0\0\0"), "pktap#en0", &["pktap", "en0", "pktap#en0"], "#"),
        ] {
            let interface = Interface::new(capture, header).expect("one of them calls it something");
            assert!(called.iter().all(|called| interface.is_called(called)), "{shown}");
            assert!(!interface.is_called(not), "{shown}");
            assert_eq!(interface.clone().into_owned(), interface);
            assert_eq!(interface.to_text(), shown);
        }
        assert_eq!(Interface::new(None, name("\0en0")), None);
    }
}
