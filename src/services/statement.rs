//! All that is known of services, one statement after the other.

use super::{
    ADMINISTRATION, BEGINS_WITH, HANDS_OUT_PORTS, IN_THE_CLEAR, INSECURE, ONE_WAY, STABLE, USUAL_PORT,
};
use super::{Fact, InTheClear, Tag};
use crate::evidence::Spoken;
use crate::text::words;

/// What is said of services on the ports of a [`Fact`].
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// What it is about.
    pub subject: Subject,
    /// The ports, and who says so.
    pub fact: &'static Fact,
}

/// What a [`Statement`] is about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject {
    /// The service is called insecure.
    Insecure(Tag),
    /// It gives control of a host.
    Administration,
    /// It hands out the ports of other connections.
    HandsOutPorts,
    /// It expects no answer.
    OneWay,
    /// It stays on its port among those that programs of ONC RPC are given.
    Stable,
    /// What it sends in the clear.
    InTheClear(&'static InTheClear),
    /// The protocols that its payload begins with.
    BeginsWith(&'static [Spoken]),
    /// The protocols whose usual port it is.
    UsualPort(&'static [Spoken]),
}

impl Subject {
    /// The words of all subjects, as `services.csv` has them in its column `fact`.
    pub const WORDS: &'static [&'static str] = &{
        let tags: &[&str] = words!(Tag);
        let mut all = ["administration"; Tag::ALL.len() + 7];
        let mut n = 0;
        while n < tags.len() {
            all[n + 7] = tags[n];
            n += 1;
        }
        (all[1], all[2], all[3]) = ("hands-out-ports", "one-way", "stable");
        (all[4], all[5], all[6]) = ("in-the-clear", "begins-with", "usual-port");
        all
    };

    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Subject::Insecure(tag) => tag.name(),
            Subject::Administration => "administration",
            Subject::HandsOutPorts => "hands-out-ports",
            Subject::OneWay => "one-way",
            Subject::Stable => "stable",
            Subject::InTheClear(_) => "in-the-clear",
            Subject::BeginsWith(_) => "begins-with",
            Subject::UsualPort(_) => "usual-port",
        }
    }

    /// What is said of it in words, where the subject alone does not say all: what is sent in the clear, and until
    /// when; names of protocols.
    pub fn value(self) -> Vec<&'static str> {
        match self {
            Subject::InTheClear(clear) => vec![clear.sends.name(), clear.until.name()],
            Subject::BeginsWith(protocols) | Subject::UsualPort(protocols) => {
                protocols.iter().map(|spoken| spoken.name()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Every statement about ports.
///
/// ```
/// use portscribe::services::statements;
///
/// let telnet = statements().find(|one| one.fact.service == "telnet" && one.subject.name() == "in-the-clear");
/// assert_eq!(telnet.expect("telnet").subject.value(), ["credentials-and-content", "always"]);
/// ```
pub fn statements() -> impl Iterator<Item = Statement> {
    let of = |subject: Subject| move |fact: &'static Fact| Statement { subject, fact };
    let insecure =
        INSECURE.iter().map(|row| Statement { subject: Subject::Insecure(row.tag), fact: &row.fact });
    let clear = IN_THE_CLEAR
        .iter()
        .map(|(_, clear)| Statement { subject: Subject::InTheClear(clear), fact: &clear.fact });
    let begins = BEGINS_WITH
        .iter()
        .map(|(_, protocols, fact)| Statement { subject: Subject::BeginsWith(protocols), fact });
    let usual =
        USUAL_PORT.iter().map(|(protocols, fact)| Statement { subject: Subject::UsualPort(protocols), fact });
    insecure
        .chain(ADMINISTRATION.iter().map(of(Subject::Administration)))
        .chain(HANDS_OUT_PORTS.iter().map(of(Subject::HandsOutPorts)))
        .chain(ONE_WAY.iter().map(of(Subject::OneWay)))
        .chain(STABLE.iter().map(of(Subject::Stable)))
        .chain(clear)
        .chain(begins)
        .chain(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_has_its_word_and_the_statements_of_all_are_there() {
        let mut seen: Vec<&str> = statements().map(|one| one.subject.name()).collect();
        seen.sort_unstable();
        seen.dedup();
        let mut words = Subject::WORDS.to_vec();
        words.sort_unstable();
        assert_eq!(seen, words);
    }
}
