//! How often each basis found the server: apart for each corpus, each transport and each half of the
//! captures.

#![allow(clippy::print_stdout, reason = "the figures are printed")]

use std::collections::BTreeMap;

use portscribe::Transport;
use portscribe::flow::{Basis, Confidence, Side, Votes};

/// Groups with fewer flows are printed and prove nothing: of 50, one that is wrong is 2 %.
pub const LEAST: u64 = 50;
/// What each confidence promises, in percent.
const PROMISES: [(Confidence, u64); 2] = [(Confidence::High, 99), (Confidence::Medium, 97)];
/// An order of two bases is judged where they disagreed this often.
const LEAST_PAIRS: u64 = 20;

/// The flows that are counted together: corpus, transport, half.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    pub corpus: String,
    pub transport: &'static str,
    /// Whether of the half that the order was chosen by, or of that which proves it.
    pub half: Half,
}

/// Halves of the captures, which change places with each capture in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    Chosen,
    Proved,
}

#[derive(Default)]
pub struct Count {
    /// Of each basis, asked alone: right, wrong, silent.
    alone: [[u64; 3]; Basis::ALL.len()],
    /// Of each basis, where it decided: right, wrong.
    pub decided: [[u64; 2]; Basis::ALL.len()],
    /// Of each basis that decided and another that disagreed: how often the first was right, and the second.
    pairs: BTreeMap<(Basis, Basis), [u64; 2]>,
}

impl Count {
    pub fn add(&mut self, votes: &Votes, is_right: impl Fn(Side) -> bool) {
        for basis in Basis::ALL {
            let answer = match votes.get(basis) {
                Some(side) if is_right(side) => 0,
                Some(_) => 1,
                None => 2,
            };
            self.alone[basis as usize][answer] += 1;
        }
        let direction = votes.decide();
        for other in Basis::ALL {
            if votes.get(other).is_some_and(|side| side != direction.server) {
                let pair = self.pairs.entry((direction.basis, other)).or_default();
                pair[usize::from(!is_right(direction.server))] += 1;
            }
        }
        self.decided[direction.basis as usize][usize::from(!is_right(direction.server))] += 1;
    }

    fn merge(&mut self, other: &Count) {
        for (count, more) in self.alone.iter_mut().flatten().zip(other.alone.iter().flatten()) {
            *count += more;
        }
        for (count, more) in self.decided.iter_mut().flatten().zip(other.decided.iter().flatten()) {
            *count += more;
        }
        for (pair, more) in &other.pairs {
            let count = self.pairs.entry(*pair).or_default();
            *count = [count[0] + more[0], count[1] + more[1]];
        }
    }

    /// Right, and all, of the flows decided with a confidence.
    pub fn of(&self, confidence: Option<Confidence>) -> [u64; 2] {
        let asked = |basis: &Basis| confidence.is_none_or(|wanted| basis.confidence() == wanted);
        Basis::ALL.into_iter().filter(asked).fold([0, 0], |[right, all], basis| {
            let [more, wrong] = self.decided[basis as usize];
            [right + more, all + more + wrong]
        })
    }
}

#[derive(Default)]
pub struct Tally {
    counts: BTreeMap<Group, Count>,
    pub wrong: Vec<String>,
}

impl Tally {
    pub fn group(&mut self, corpus: &str, transport: Transport, half: Half) -> &mut Count {
        let group = Group { corpus: corpus.to_owned(), transport: transport.name(), half };
        self.counts.entry(group).or_default()
    }

    pub fn merge(&mut self, other: Tally) {
        for (group, count) in other.counts {
            self.counts.entry(group).or_default().merge(&count);
        }
    }

    /// The counts of all groups that `wanted` holds for.
    pub fn sum(&self, wanted: impl Fn(&Group) -> bool) -> Count {
        let mut sum = Count::default();
        self.counts.iter().filter(|(group, _)| wanted(group)).for_each(|(_, count)| sum.merge(count));
        sum
    }

    /// Corpora and transports, each with its counts in both halves.
    fn by_corpus(&self) -> BTreeMap<(String, &'static str), Count> {
        let mut all: BTreeMap<_, Count> = BTreeMap::new();
        for (group, count) in &self.counts {
            all.entry((group.corpus.clone(), group.transport)).or_default().merge(count);
        }
        all
    }

    pub fn print(&self, what: &str) {
        println!("\n{what}: basis by corpus and transport, right/wrong");
        for ((corpus, transport), count) in self.by_corpus() {
            for basis in Basis::ALL {
                let [right, wrong] = count.decided[basis as usize];
                if right + wrong > 0 {
                    println!(
                        "{corpus:12} {transport:7} {basis:13} {:7} {right:7} {wrong:5} {:>9}",
                        basis.confidence(),
                        percent(right, right + wrong)
                    );
                }
            }
        }
        let all = self.sum(|_| true);
        println!("{:14} {:>30}   {:>24}", "", "asked alone: right/wrong/silent", "decided: right/wrong");
        for basis in Basis::ALL {
            let [right, wrong, silent] = all.alone[basis as usize];
            let [d_right, d_wrong] = all.decided[basis as usize];
            println!(
                "{:14} {right:8} {wrong:6} {silent:8} {:>9}   {d_right:8} {d_wrong:6} {:>9}",
                basis.name(),
                percent(right, right + wrong),
                percent(d_right, d_right + d_wrong),
            );
        }
        for ((a, b), [first, second]) in &all.pairs {
            println!("  {a} decided against {b}: right {first}, wrong {second}");
        }
        for half in [None, Some(Half::Chosen), Some(Half::Proved)] {
            let count = self.sum(|group| half.is_none_or(|half| group.half == half));
            for confidence in [None, Some(Confidence::High), Some(Confidence::Medium), Some(Confidence::Low)]
            {
                let [right, of] = count.of(confidence);
                let (half, confidence) = (
                    half.map_or("both halves".to_owned(), |half| format!("{half:?}")),
                    confidence.map_or("all", Confidence::name),
                );
                println!("{half:12} {confidence:8} {right} of {of} right, {}", percent(right, of));
            }
        }
        if std::env::var_os("SHOW_WRONG").is_some() {
            self.wrong.iter().for_each(|line| println!("wrong: {line}"));
        }
    }

    /// Fails where a confidence promises more than a half, a corpus or a transport holds.
    pub fn hold(&self) {
        let kept = |what: &str, count: &Count| {
            for (confidence, least) in PROMISES {
                let [right, all] = count.of(Some(confidence));
                assert!(
                    all < LEAST || right * 100 >= all * least,
                    "{what}: {right} of {all} with confidence {confidence} are right"
                );
            }
        };
        for half in [Half::Chosen, Half::Proved] {
            let count = self.sum(|group| group.half == half);
            kept(&format!("{half:?}"), &count);
        }
        let [right, all] = self.sum(|_| true).of(None);
        assert!(right * 100 >= all * 97, "{right} of {all} are right");
        for ((corpus, transport), count) in self.by_corpus() {
            kept(&format!("{corpus} {transport}"), &count);
            for basis in Basis::ALL {
                let [right, wrong] = count.decided[basis as usize];
                let promised = PROMISES.iter().find(|(confidence, _)| *confidence == basis.confidence());
                assert!(
                    right + wrong < LEAST
                        || promised.is_none_or(|(_, least)| right * 100 >= (right + wrong) * least),
                    "{corpus} {transport}: {basis} was right {right} times and wrong {wrong} times"
                );
            }
        }
    }

    /// Fails where two bases stand in another order than that in which they are right where they disagree, in
    /// either half.
    pub fn hold_order(&self) {
        for half in [Half::Chosen, Half::Proved] {
            for ((a, b), [first, second]) in &self.sum(|group| group.half == half).pairs {
                assert!(
                    first + second < LEAST_PAIRS || first >= second,
                    "{half:?}: {a} comes before {b}, and was right {first} times where {b} was {second} times"
                );
            }
        }
    }
}

pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".into() } else { format!("{:.2} %", 100.0 * part as f64 / whole as f64) }
}
