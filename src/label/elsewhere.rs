//! For which other transports a port is registered.

use std::fmt;

use crate::net::Transport;
use crate::registry::Answer;

/// For which other transports a port is registered, and as what. In words:
/// `registered as ceph for tcp`; empty where it is for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere<'r>(Vec<(Option<&'r str>, Transport)>);

impl<'r> Elsewhere<'r> {
    /// The registrations of the port that `answer` is about for other transports.
    pub(super) fn of(answer: &Answer<'r>) -> Elsewhere<'r> {
        Elsewhere(answer.other_transports().map(|other| (other.service(), other.transport())).collect())
    }

    /// Whether the port is registered for no other transport.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, where there are names, with their transports.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&'r str>, Transport)> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, &(name, transport)) in self.0.iter().enumerate() {
            let is_named = self.0.iter().take(n).any(|&(earlier, _)| earlier == name);
            let name = name.unwrap_or("(no name)");
            match n {
                0 => write!(f, "registered as {name} for {transport}")?,
                _ if is_named => write!(f, " and {transport}")?,
                _ => write!(f, ", as {name} for {transport}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_transports_are_named_once_for_each_name() {
        let elsewhere = Elsewhere(vec![
            (Some("ceph"), Transport::Tcp),
            (Some("ceph"), Transport::Sctp),
            (None, Transport::Dccp),
        ]);
        assert_eq!(elsewhere.to_string(), "registered as ceph for tcp and sctp, as (no name) for dccp");
    }
}
