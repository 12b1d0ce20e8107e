//! Finding rows by words, names by their nearest spelling, and what lies beside a free port.

use super::{Answer, Column, Kind, Registry, Row, Status};
use crate::text::steps_between;

impl Registry {
    /// The rows that contain all of `words`, in any column and any letter case, in
    /// registry order.
    ///
    /// ```
    /// use portscribe::registry::Registry;
    ///
    /// let registry = Registry::bundled();
    /// let names: Vec<_> = registry.search("flow info export").map(|row| row.service_name()).collect();
    /// assert_eq!(names, ["ipfix", "ipfix", "ipfix"]);
    /// ```
    pub fn search(&self, words: &str) -> impl Iterator<Item = Row<'_>> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        self.rows().filter(move |row| {
            if words.is_empty() {
                return false;
            }
            let cells = row.cells().map(str::to_lowercase);
            words.iter().all(|word| cells.iter().any(|cell| cell.contains(word.as_str())))
        })
    }

    /// The rows that name `name` as what their port once was, as `Unassigned [was netstat]` or
    /// `previously compressnet` do.
    pub fn formerly<'r>(&'r self, name: &str) -> impl Iterator<Item = Row<'r>> {
        let name = name.to_ascii_lowercase();
        self.rows().filter(move |row| {
            row.kind() != Kind::Registered
                && [row.description(), row.cell(Column::AssignmentNotes)].iter().any(|text| {
                    let text = text.to_ascii_lowercase();
                    ["was ", "previously ", "formerly "].iter().any(|before| {
                        text.match_indices(before).any(|(at, _)| {
                            let rest = text[at + before.len()..].trim_start_matches(['"', '\'', '[']);
                            rest.strip_prefix(name.as_str()).is_some_and(|after| {
                                !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
                            })
                        })
                    })
                })
        })
    }

    /// Registered names that are spelled most like `name`: the nearest first, five at most.
    ///
    /// ```
    /// use portscribe::registry::Registry;
    ///
    /// assert_eq!(Registry::bundled().nearest("htpps")[0], "https");
    /// ```
    pub fn nearest(&self, name: &str) -> Vec<&str> {
        let wanted: Vec<char> = name.to_lowercase().chars().take(64).collect();
        // A third of the letters may differ, else most short names would be near each other.
        let limit = (wanted.len() / 3).clamp(1, 4);
        let mut near: Vec<(usize, &str)> = Vec::new();
        for row in self.rows() {
            let other = row.service_name();
            if other.is_empty() || other.len().abs_diff(name.len()) > limit {
                continue;
            }
            let letters: Vec<char> = other.to_lowercase().chars().collect();
            let steps = steps_between(&wanted, &letters);
            if steps <= limit {
                near.push((steps, other));
            }
        }
        near.sort_unstable();
        near.dedup_by_key(|(_, name)| name.to_ascii_lowercase());
        near.truncate(5);
        near.into_iter().map(|(_, name)| name).collect()
    }
}

/// What lies around a port that is free on its transport.
#[derive(Clone, Copy, Debug)]
pub struct Neighbours<'r> {
    /// The lowest port of the free stretch.
    pub low: u16,
    /// The highest port of the free stretch.
    pub high: u16,
    /// What the registry says of the port below, where there is one.
    pub below: Option<Answer<'r>>,
    /// What the registry says of the port above, where there is one.
    pub above: Option<Answer<'r>>,
}

impl<'r> Answer<'r> {
    /// The stretch of unassigned ports around this one on its transport, and its neighbours;
    /// `None` where the port is not unassigned.
    ///
    /// ```
    /// use portscribe::Transport;
    /// use portscribe::registry::Registry;
    ///
    /// let registry = Registry::bundled();
    /// let free = registry.port(Transport::Tcp, 43500).neighbours().unwrap();
    /// assert_eq!((free.low, free.high), (43442, 44122));
    /// assert_eq!(free.below.unwrap().service(), Some("ciscocsdb"));
    /// ```
    pub fn neighbours(self) -> Option<Neighbours<'r>> {
        let free = |port: u16| {
            let answer = self.registry().port(self.transport(), port);
            answer.status() == Status::Unassigned
        };
        if !free(self.port()) {
            return None;
        }
        let (mut low, mut high) = (self.port(), self.port());
        while low > 0 && free(low - 1) {
            low -= 1;
        }
        while high < u16::MAX && free(high + 1) {
            high += 1;
        }
        let at = |port: Option<u16>| port.map(|port| self.registry().port(self.transport(), port));
        Some(Neighbours { low, high, below: at(low.checked_sub(1)), above: at(high.checked_add(1)) })
    }
}
