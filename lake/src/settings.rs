//! How captures are read: what `SET portscribe.NAME = VALUE` says.

use std::num::NonZeroUsize;
use std::thread;

use portscribe::capture::Timestamp;
use portscribe::evidence::{NameSource, NameSources};
use portscribe::flow::{FlowOptions, LayerChoice, ProtocolChoice};
use portscribe::traffic::ReadSettings;

/// How captures are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) read: ReadSettings,
    threads: Option<NonZeroUsize>,
    flows_in_memory: Option<NonZeroUsize>,
}

/// How many flows are in memory unless set otherwise, as the options of `portscribe` have it.
const MOST_FLOWS: usize = 5_000_000;

/// A setting: its name, and what it is about.
type Entry = (&'static str, &'static str);

/// Every setting.
const ENTRIES: [Entry; 8] = [
    ("layers", "which headers count where traffic is tunnelled: inner, outer, all"),
    ("protocols", "which protocols are in flows: ports, all"),
    ("payload", "whether the first payloads of flows are looked at: true, false"),
    ("names", "where names of hosts are from: sources with commas between them, all, none"),
    ("since", "packets before this time do not count"),
    ("until", "packets at this time and after do not count"),
    ("threads", "how many threads read a capture; empty for as many as there are processors"),
    ("flows_in_memory", "how many flows are in memory at most: the rest is in temporary files"),
];

impl Settings {
    /// Sets a setting. An empty value is the one that it has without being set.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let flow = &mut self.read.flow;
        let usual = FlowOptions::default();
        let is_usual = value.is_empty();
        let known = |words: &[&str]| {
            format!("unknown value `{value}` of portscribe.{name}; use {}", words.join(", "))
        };
        let time =
            || (!is_usual).then(|| value.parse::<Timestamp>()).transpose().map_err(|error| error.to_string());
        let number = || {
            let number = (!is_usual).then(|| value.parse::<NonZeroUsize>()).transpose();
            number.map_err(|_| known(&["a number from 1"]))
        };
        match name {
            "layers" if is_usual => flow.layers = usual.layers,
            "layers" => {
                let choice = LayerChoice::ALL.into_iter().find(|choice| choice.name() == value);
                flow.layers = choice.ok_or_else(|| known(&LayerChoice::ALL.map(LayerChoice::name)))?;
            }
            "protocols" if is_usual => flow.protocols = usual.protocols,
            "protocols" => {
                let choice = ProtocolChoice::ALL.into_iter().find(|choice| choice.name() == value);
                flow.protocols =
                    choice.ok_or_else(|| known(&ProtocolChoice::ALL.map(ProtocolChoice::name)))?;
            }
            "payload" if is_usual => flow.payload = usual.payload,
            "payload" => flow.payload = value.parse().map_err(|_| known(&["true", "false"]))?,
            "names" if is_usual || value == "none" => flow.names = NameSources::NONE,
            "names" if value == "all" => flow.names = NameSources::OF_CAPTURES,
            "names" => {
                let sources = || NameSource::ALL.into_iter().filter(|one| NameSources::OF_CAPTURES.has(*one));
                let source = |word: &str| sources().find(|source| source.name() == word.trim());
                let named: Option<NameSources> = value.split(',').map(source).collect();
                let words: Vec<&str> = sources().map(NameSource::name).chain(["all", "none"]).collect();
                flow.names = named.ok_or_else(|| known(&words))?;
            }
            "since" => flow.since = time()?,
            "until" => flow.until = time()?,
            "threads" => self.threads = number()?,
            "flows_in_memory" => self.flows_in_memory = number()?,
            _ => {
                let names = ENTRIES.map(|(name, _)| name).join(", ");
                return Err(format!("unknown setting portscribe.{name}; there are {names}"));
            }
        }
        Ok(())
    }

    /// Every setting with its value, empty for none, and what it is about.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'static str, String, &'static str)> {
        let flow = &self.read.flow;
        let time = |time: Option<Timestamp>| time.map_or(String::new(), |time| time.to_string());
        let names: Vec<&str> =
            NameSource::ALL.into_iter().filter(|one| flow.names.has(*one)).map(NameSource::name).collect();
        let values = [
            flow.layers.name().to_owned(),
            flow.protocols.name().to_owned(),
            flow.payload.to_string(),
            if names.is_empty() { "none".to_owned() } else { names.join(",") },
            time(flow.since),
            time(flow.until),
            self.threads.map_or(String::new(), |threads| threads.to_string()),
            self.flows_in_memory().to_string(),
        ];
        ENTRIES.into_iter().zip(values).map(|((name, about), value)| (name, value, about))
    }

    /// How many threads read a capture.
    pub(crate) fn threads(&self) -> usize {
        self.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }

    /// How many flows are in memory at most.
    pub(crate) fn flows_in_memory(&self) -> usize {
        self.flows_in_memory.map_or(MOST_FLOWS, NonZeroUsize::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_the_values_that_they_are_given_and_refuse_others() {
        let mut settings = Settings::default();
        let values = |settings: &Settings| {
            settings.entries().map(|(name, value, _)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            values(&settings),
            "layers=inner protocols=ports payload=true names=none since= until= threads= flows_in_memory=5000000"
        );
        for (name, value) in [
            ("layers", "all"),
            ("protocols", "all"),
            ("payload", "false"),
            ("names", "dns, sni"),
            ("since", "2026-11-22"),
            ("threads", "3"),
            ("flows_in_memory", "7"),
        ] {
            settings.set(name, value).expect(name);
        }
        assert_eq!(
            values(&settings),
            "layers=all protocols=all payload=false names=sni,dns since=2026-11-22T00:00:00.000000000Z until= threads=3 \
             flows_in_memory=7"
        );
        for (name, _) in ENTRIES {
            settings.set(name, "").expect(name);
        }
        assert_eq!(values(&settings), values(&Settings::default()));
        let error = |name: &str, value: &str| Settings::default().set(name, value).expect_err("an error");
        assert_eq!(
            error("layers", "deep"),
            "unknown value `deep` of portscribe.layers; use inner, outer, all"
        );
        assert_eq!(
            error("names", "dns,hosts"),
            "unknown value `dns,hosts` of portscribe.names; use sni, host, dns, dhcp, nrb, all, none"
        );
        assert_eq!(error("threads", "0"), "unknown value `0` of portscribe.threads; use a number from 1");
        assert_eq!(
            error("layer", "all"),
            "unknown setting portscribe.layer; there are layers, protocols, payload, names, since, until, threads, \
             flows_in_memory"
        );
    }
}
