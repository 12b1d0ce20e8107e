//! Who serves what to whom: networks or zones against services.

use std::collections::HashMap;

use maud::{Markup, html};

use super::super::overview::share;
use super::super::summary::{By, Key};
use super::mark::{Conditions, mark};
use super::places::{Place, Places};
use super::words::{bytes, grouped};
use crate::traffic::LabelledFlow;

/// Pairs of networks and services that are shown.
const MOST_PAIRS: usize = 30;
const MOST_SERVICES: usize = 8;
/// Pairs that are counted by themselves: a scan of the internet has more, of no use to anyone.
const MOST_COUNTED: usize = 100_000;

/// Bytes and flows of each service between networks.
pub(super) struct Networks<'a> {
    places: Places<'a>,
    pairs: HashMap<(Place<'a>, Place<'a>), HashMap<Key<'a>, Sum>>,
    /// Flows of pairs for which there was no room.
    left_out: Sum,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    flows: u64,
    bytes: u64,
}

impl Sum {
    fn add(&mut self, flows: u64, bytes: u64) {
        self.flows += flows;
        self.bytes += bytes;
    }
}

impl<'a> Networks<'a> {
    pub(super) fn between(places: Places<'a>) -> Networks<'a> {
        Networks { places, pairs: HashMap::new(), left_out: Sum::default() }
    }

    /// What the section is called.
    pub(super) fn title(&self) -> String {
        format!("Between {}s", self.places.word())
    }

    pub(super) fn add(&mut self, row: &LabelledFlow<'a>, bytes: u64) {
        let pair = (self.places.of(row.client().address), self.places.of(row.server().address));
        if self.pairs.len() >= MOST_COUNTED && !self.pairs.contains_key(&pair) {
            return self.left_out.add(1, bytes);
        }
        self.pairs.entry(pair).or_default().entry(Key::of(By::Service, row)).or_default().add(1, bytes);
    }

    /// Those with the most of `of`, and then in the order of `key`.
    fn first<T, K: Ord>(mut all: Vec<(T, Sum)>, most: usize, key: impl Fn(&T) -> K) -> Vec<(T, Sum)> {
        all.sort_by_cached_key(|(one, sum)| (std::cmp::Reverse(sum.bytes), key(one)));
        all.truncate(most);
        all
    }

    pub(super) fn section(&self, all: u64) -> Markup {
        let sum = |services: &HashMap<Key, Sum>| {
            services.values().fold(Sum::default(), |mut sum, one| {
                sum.add(one.flows, one.bytes);
                sum
            })
        };
        let pairs: Vec<(&(Place, Place), Sum)> =
            self.pairs.iter().map(|(pair, services)| (pair, sum(services))).collect();
        let pairs = Self::first(pairs, MOST_PAIRS, |pair| **pair);
        let mut by_service: HashMap<&Key, Sum> = HashMap::new();
        for (pair, _) in &pairs {
            for (key, one) in &self.pairs[*pair] {
                by_service.entry(key).or_default().add(one.flows, one.bytes);
            }
        }
        let services =
            Self::first(by_service.into_iter().collect(), MOST_SERVICES, |key| key.service_in_words());
        let more = self.pairs.len() - pairs.len();
        let places = format!("{}s", self.places.word());
        html! {
            section #networks {
                h2 { (self.title()) }
                p {
                    "Bytes from clients' " (places) " to servers' " (places) " and back, by what is registered for the server's \
                     port. " (self.places.about())
                }
                @if pairs.is_empty() {
                    p { "There are no flows." }
                } @else {
                    table.stack.matrix {
                        thead {
                            tr {
                                th scope="col" { "clients" } th scope="col" { "servers" }
                                @for (key, _) in &services { th scope="col" { (head(&key.service_in_words())) } }
                                th scope="col" { "others" } th scope="col" { "all" }
                            }
                        }
                        tbody {
                            @for (pair, of_pair) in &pairs {
                                @let (client, server) = (pair.0.to_string(), pair.1.to_string());
                                @let conditions = Conditions::between(self.places, &client, &server);
                                @let of = &self.pairs[*pair];
                                @let shown = services.iter().filter_map(|(key, _)| of.get(*key));
                                @let rest = of_pair.bytes - shown.map(|sum| sum.bytes).sum::<u64>();
                                tr {
                                    th.whole scope="row" { (broken(&client)) }
                                    td.whole data-head="servers" { (broken(&server)) }
                                    @for (key, _) in &services {
                                        (cell(of.get(*key), all, &key.service_in_words(), Conditions::service(key).map(|service| conditions.clone().and(service)), (&client, &server)))
                                    }
                                    td.number data-head="others" { @if rest > 0 { (bytes(rest)) } }
                                    td.number data-head="all" title=(grouped(of_pair.bytes)) {
                                        (mark(&conditions, &format!("{client} to {server}"), &bytes(of_pair.bytes)))
                                    }
                                }
                            }
                        }
                    }
                    @if more > 0 { p { (grouped(more as u64)) " more pairs of " (places) " have fewer bytes, and are in the table of flows." } }
                    @if self.left_out.flows > 0 {
                        p { (crate::text::count(self.left_out.flows, "flow")) " of still more pairs of " (places) " were not counted here." }
                    }
                }
            }
        }
    }
}

/// A service, which may go on in a new line before its transport.
fn head(service: &str) -> Markup {
    let (name, transport) = service.rsplit_once('/').unwrap_or((service, ""));
    html! { (name) @if !transport.is_empty() { wbr; "/" (transport) } }
}

/// A network, which may go on in a new line behind a colon.
fn broken(network: &str) -> Markup {
    html! {
        @for (n, part) in network.split_inclusive(':').enumerate() {
            @if n > 0 { wbr; }
            (part)
        }
    }
}

/// One service between two networks.
fn cell(
    sum: Option<&Sum>,
    all: u64,
    service: &str,
    conditions: Option<Conditions>,
    (client, server): (&str, &str),
) -> Markup {
    let share = sum.map_or(0.0, |sum| share(sum.bytes, all));
    html! {
        td.number.heat data-head=(service) style=(format!("--share: {:.1}%", share.sqrt() * 100.0)) {
            @if let Some(sum) = sum {
                @match conditions {
                    Some(conditions) => (mark(&conditions, &format!("{service}, {client} to {server}"), &bytes(sum.bytes))),
                    None => (bytes(sum.bytes)),
                }
            }
        }
    }
}
