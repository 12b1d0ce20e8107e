//! What a review reads besides captures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::args::Review as Command;
use super::{Failure, input};
use crate::capture;
use crate::review::approved::Worksheet;
use crate::review::zones::Zones;
use crate::review::{
    CountedTime, Counters, DateOrder, InsecureList, NotRead, ReadFile, RuleLeftOut, Rules, RulesetFacts,
    Sha256,
};
use crate::rules::{self, Ruleset};
use crate::traffic::Traffic;

const STANDARD_INPUT: &str = "-";

/// Standard input holds one thing.
pub(super) fn refuse_double_standard_input(command: &Command) -> Result<(), Failure> {
    let named = command.reading.captures.iter().chain(&command.rules).chain(&command.rules_after);
    let named = named.chain(&command.conntrack).chain(&command.ipset);
    if named.filter(|path| *path == Path::new(STANDARD_INPUT)).count() > 1 {
        return Err(Failure::Usage("standard input (-) can be read only once".into()));
    }
    Ok(())
}

pub(super) fn zones(path: Option<&Path>) -> Result<Zones, Failure> {
    path.map_or_else(|| Ok(Zones::builtin()), |path| Zones::read_file(path).map_err(Failure::failed))
}

pub(super) fn insecure(paths: &[std::path::PathBuf]) -> Result<InsecureList, Failure> {
    let mut list = InsecureList::bundled();
    for path in paths {
        list.add(&path.display().to_string(), &input::text(path)?).map_err(Failure::failed)?;
    }
    Ok(list)
}

/// The worksheets, with the names that zones have now.
pub(super) fn worksheets(command: &Command, zones: &Zones) -> Result<Vec<Worksheet>, Failure> {
    check_renamed(&command.rename_zone, zones)?;
    let dates = command.dates.unwrap_or_default();
    let read = |path: &PathBuf| Ok(worksheet(path, dates)?.with_zones(&command.rename_zone));
    command.approved.iter().map(read).collect()
}

/// A zone that is there still has not been renamed: its approvals would move to another one.
fn check_renamed(renamed: &[(String, String)], zones: &Zones) -> Result<(), Failure> {
    for (n, (old, new)) in renamed.iter().enumerate() {
        let wrong = |what: &str| Err(Failure::Usage(format!("--rename-zone {old}={new}: {what}")));
        if zones.trust_of(old).is_some() {
            return wrong(&format!("`{old}` is still a zone of --zones; its approvals stay with it"));
        }
        if zones.trust_of(new).is_none() {
            return wrong(&unknown_zone(new, zones));
        }
        if renamed[..n].iter().any(|(one, _)| one == old) {
            return wrong(&format!("`{old}` is given two names"));
        }
    }
    Ok(())
}

pub(super) fn worksheet(path: &Path, dates: DateOrder) -> Result<Worksheet, Failure> {
    let bytes = input::text(path).map_err(|failure| match failure {
        Failure::Failed(message) if !path.exists() => Failure::Failed(format!(
            "{message}; name the worksheet that the last review wrote, or leave --approved out of the first one"
        )),
        failure => failure,
    })?;
    Worksheet::read(&path.display().to_string(), &bytes, dates).map_err(Failure::failed)
}

/// One file of rules, as far as choosing among several goes.
struct RulesFile {
    facts: RulesetFacts,
    base_chains: Vec<String>,
}

/// The rules of all files together, and the chains that judge.
pub(super) fn rules(command: &Command) -> Result<Option<Rules>, Failure> {
    if command.rules.is_empty() {
        return Ok(None);
    }
    let mut options = rules::ReadOptions::default();
    for (id, networks) in &command.group {
        options.groups.entry(id.clone()).or_default().extend(&networks.0);
    }
    let ipsets = ipsets(&command.ipset, &mut options.ipsets)?;
    let (mut ruleset, mut files) = (Ruleset::default(), Vec::new());
    if command.rules_after.len() > command.rules.len() {
        return Err(Failure::Usage(format!(
            "--rules-after {}: there is no --rules that it is the later print of",
            command.rules_after[command.rules.len()].display()
        )));
    }
    for (n, path) in command.rules.iter().enumerate() {
        let (mut file, mut one) = rules_file(path, command.rules_format, &options)?;
        count(command, command.rules_after.get(n), &options, &mut file.facts, &mut one)?;
        files.push(file);
        ruleset.extend(one);
    }
    check_groups(command, &ruleset)?;
    check_ipsets(&ipsets, &options.ipsets, &ruleset)?;
    for file in files.iter_mut().filter(|file| file.facts.format == rules::RulesetFormat::IptablesSave) {
        file.facts.ipsets.clone_from(&ipsets);
    }
    let names: Vec<&str> = command.chain.iter().map(String::as_str).collect();
    let chosen = ruleset.choose_all(&names).map_err(|error| {
        let files: Vec<&str> = files.iter().map(|file| file.facts.name.as_str()).collect();
        let how = match error {
            rules::ChoiceError::Several { .. } if files.len() > 1 => {
                " with --chain, and give the rules of one firewall alone"
            }
            rules::ChoiceError::Several { .. } => " with --chain",
            _ => "",
        };
        Failure::Usage(format!("{}: {error}{how}", files.join(", ")))
    })?;
    let chosen = chosen.with_own(&command.own);
    for RulesFile { facts, base_chains } in &mut files {
        let own: Vec<&str> =
            chosen.names().iter().filter(|name| base_chains.contains(name)).map(String::as_str).collect();
        facts.chain = own.join(" ");
        let left_out = chosen.left_out().iter().filter(|name| base_chains.contains(name));
        facts.left_out = left_out.cloned().collect();
        let unknown = ruleset.groups().filter(|group| !group.is_known && own.contains(&group.chain.as_str()));
        let (own_groups, far_groups): (Vec<_>, Vec<_>) = unknown.partition(|group| group.guarded);
        facts.unknown_members = own_groups.first().map(|group| group.direction);
        let left_out = ruleset.left_out().iter().filter(|rule| own.contains(&rule.chain.as_str()));
        facts.rules_left_out = left_out.map(RuleLeftOut::from).collect();
        facts.groups_unknown = far_groups.into_iter().map(|group| group.id.clone()).collect();
    }
    if let Some(idle) = files.iter().find(|file| file.facts.chain.is_empty()) {
        return Err(Failure::Usage(format!(
            "{}: no flow would be judged by its rules, since {} judges; its base chains are: {}. A review is of one \
             firewall: give its rules alone, or name a chain of each file with --chain, one for IPv4 and one for IPv6",
            idle.facts.name,
            chosen.names().join(" "),
            if idle.base_chains.is_empty() { "none".to_owned() } else { idle.base_chains.join(", ") }
        )));
    }
    let facts = files.into_iter().map(|file| file.facts).collect();
    let counters = match command.counters_since {
        Some(since) => Counters::Since(since),
        None if command.rules_after.is_empty() => Counters::Unknown,
        None => Counters::BeforeCaptures,
    };
    Ok(Some(Rules { ruleset, chosen, facts, counters }))
}

/// Takes what the kernel counted in the time of the captures: up to the later print of the rules, or since
/// the counters stood at zero.
fn count(
    command: &Command,
    later: Option<&PathBuf>,
    options: &rules::ReadOptions,
    facts: &mut RulesetFacts,
    ruleset: &mut Ruleset,
) -> Result<(), Failure> {
    let since = command.counters_since;
    let later = match later {
        Some(path) => {
            let (file, rules) = rules_file(path, command.rules_format, options)?;
            let RulesetFacts { name, sha256, .. } = file.facts;
            ruleset
                .count_until(&rules)
                .map_err(|error| Failure::Usage(format!("{} and {name}: {error}", facts.name)))?;
            Some(ReadFile { name, sha256 })
        }
        None if since.is_some() => {
            ruleset.count_from_zero();
            None
        }
        None => return Ok(()),
    };
    facts.counted = Some(CountedTime { since, later });
    Ok(())
}

/// The sets that rules may name, and the files they come from.
fn ipsets(paths: &[PathBuf], all: &mut rules::Ipsets) -> Result<Vec<ReadFile>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let bytes = input::text(path)?;
        let name = name_of(path);
        let sets = rules::Ipsets::read(&String::from_utf8_lossy(&bytes)).map_err(|line| {
            Failure::failed(format_args!(
                "{name}:{line}: not a set or an element; give what `ipset save` prints"
            ))
        })?;
        all.extend(sets);
        files.push(ReadFile { name, sha256: Sha256::of(&bytes) });
    }
    Ok(files)
}

/// Sets that no rule names would never be asked for.
fn check_ipsets(files: &[ReadFile], sets: &rules::Ipsets, ruleset: &Ruleset) -> Result<(), Failure> {
    let is_named = |rule: &rules::Rule| {
        rule.listed.iter().any(|set| set.starts_with("ipset "))
            || rule.text.raw().contains("--match-set")
                && sets.names().any(|name| rule.text.raw().contains(name))
    };
    if files.is_empty() || ruleset.rules().iter().any(is_named) {
        return Ok(());
    }
    let files: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    Err(Failure::Usage(format!(
        "--ipset {}: no rule of iptables (`-m set --match-set NAME`) names one of its sets",
        files.join(", ")
    )))
}

/// A file as it is named in what is written.
fn name_of(path: &Path) -> String {
    if path == Path::new(STANDARD_INPUT) { "standard-input".to_owned() } else { path.display().to_string() }
}

/// A group that no rule names would never be asked for.
fn check_groups(command: &Command, ruleset: &Ruleset) -> Result<(), Failure> {
    let ids: BTreeSet<&str> = ruleset.groups().map(|group| group.id.as_str()).collect();
    let Some((id, _)) = command.group.iter().find(|(id, _)| !ids.contains(id.as_str())) else {
        return Ok(());
    };
    let there_are = if ids.is_empty() {
        "only AWS's rules have groups".to_owned()
    } else {
        format!("the groups are {}", ids.into_iter().collect::<Vec<_>>().join(", "))
    };
    Err(Failure::Usage(format!("--group {id}: no rule names it; {there_are}")))
}

fn rules_file(
    path: &Path,
    format: Option<rules::RulesetFormat>,
    options: &rules::ReadOptions,
) -> Result<(RulesFile, Ruleset), Failure> {
    let bytes = input::text(path)?;
    let name = name_of(path);
    if bytes.trim_ascii().is_empty() {
        return Err(Failure::failed(format_args!(
            "{name}: is empty; the commands that print rules need the rights of root, and say so on standard error"
        )));
    }
    let Some(format) = format.or_else(|| rules::RulesetFormat::detect(&bytes)) else {
        return Err(Failure::failed(format_args!(
            "{name}: is in no known format; give what `nft -j list ruleset`, `iptables-save -c` or `aws ec2 \
             describe-security-group-rules` prints, or say with --rules-format which it is"
        )));
    };
    let one = Ruleset::read(&bytes, format, &name, options)
        .map_err(|error| Failure::Failed(super::super::with_causes(&error)))?;
    let facts = RulesetFacts {
        name,
        sha256: Sha256::of(&bytes),
        format,
        chain: String::new(),
        left_out: Vec::new(),
        ipsets: Vec::new(),
        rules: one.rules().iter().filter(|rule| !rule.policy).count(),
        unknown_members: None,
        groups_unknown: Vec::new(),
        rules_left_out: Vec::new(),
        counted: None,
    };
    let base_chains = one.base_chains().into_iter().map(|base| base.name).collect();
    Ok((RulesFile { facts, base_chains }, one))
}

/// The connections that a firewall knew.
pub(super) fn connections(paths: &[PathBuf]) -> Result<Vec<rules::Connection>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let bytes = input::text(path)?;
        let read = rules::Connection::read(&String::from_utf8_lossy(&bytes)).map_err(|line| {
            Failure::failed(format_args!(
                "{}:{line}: not a connection; give what `conntrack -L` prints",
                path.display()
            ))
        })?;
        all.extend(read);
    }
    Ok(all)
}

/// An interface with a zone that nobody drew would never be asked for.
pub(super) fn check_interfaces(interfaces: &[(String, String)], zones: &Zones) -> Result<(), Failure> {
    let Some((interface, zone)) = interfaces.iter().find(|(_, zone)| zones.trust_of(zone).is_none()) else {
        return Ok(());
    };
    Err(Failure::Usage(format!("--iface {interface}={zone}: {}", unknown_zone(zone, zones))))
}

fn unknown_zone(zone: &str, zones: &Zones) -> String {
    format!("unknown zone `{zone}`; the zones are {}", names_of(zones))
}

fn names_of(zones: &Zones) -> String {
    let mut names: Vec<&str> = zones.networks().iter().map(|zone| zone.name.as_str()).collect();
    names.extend(zones.interfaces().map(|zone| zone.name.as_str()));
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// The captures of which nothing could be read; those that are damaged say so themselves.
pub(super) fn not_read(traffic: &Traffic, faults: &[capture::Error]) -> Vec<NotRead> {
    let is_read = |name: &str| traffic.captures().iter().any(|capture| capture.name == name);
    let of = |error: &capture::Error| NotRead { name: error.capture.clone(), why: error.fault.with_cause() };
    faults.iter().filter(|error| !is_read(&error.capture)).map(of).collect()
}
