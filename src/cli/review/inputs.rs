//! What a review reads besides captures.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::super::args::Review as Command;
use super::Failure;
use crate::review::rules::{self, Ruleset};
use crate::review::worksheet::Worksheet;
use crate::review::zones::Zones;
use crate::review::{InsecureList, Rules, RulesetFacts, sha256};

/// No ruleset, worksheet or list is as large as this; a capture that is named by mistake may be.
const MOST_BYTES: u64 = 1 << 28;
const STANDARD_INPUT: &str = "-";

/// Standard input holds one thing.
pub(super) fn refuse_double_standard_input(command: &Command) -> Result<(), Failure> {
    let named = command.reading.captures.iter().chain(&command.rules);
    if named.filter(|path| *path == Path::new(STANDARD_INPUT)).count() > 1 {
        return Err(Failure::Usage("standard input (-) can be read only once".into()));
    }
    Ok(())
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed =
        |error: io::Error| Failure::failed(format_args!("{}: cannot be read: {error}", path.display()));
    let mut bytes = Vec::new();
    let source: Box<dyn Read> = if path == Path::new(STANDARD_INPUT) {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(failed)?)
    };
    source.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Failure::failed(format_args!(
            "{}: is larger than {} MiB; name the right file",
            path.display(),
            MOST_BYTES >> 20
        )));
    }
    Ok(bytes)
}

pub(super) fn zones(path: Option<&Path>) -> Result<Zones, Failure> {
    path.map_or_else(|| Ok(Zones::builtin()), |path| Zones::read_file(path).map_err(Failure::failed))
}

pub(super) fn insecure(paths: &[std::path::PathBuf]) -> Result<InsecureList, Failure> {
    let mut list = InsecureList::bundled();
    for path in paths {
        list.add(&path.display().to_string(), &bytes(path)?).map_err(Failure::failed)?;
    }
    Ok(list)
}

pub(super) fn worksheet(path: &Path) -> Result<Worksheet, Failure> {
    Worksheet::read(&path.display().to_string(), &bytes(path)?).map_err(Failure::failed)
}

/// The rules of all files together, and the chains that judge.
pub(super) fn rules(command: &Command) -> Result<Option<Rules>, Failure> {
    if command.rules.is_empty() {
        return Ok(None);
    }
    let (mut ruleset, mut facts) = (Ruleset::default(), Vec::new());
    for path in &command.rules {
        let bytes = bytes(path)?;
        let name = if path == Path::new(STANDARD_INPUT) {
            "standard-input".into()
        } else {
            path.display().to_string()
        };
        let Some(format) = command.rules_format.or_else(|| rules::Format::detect(&bytes)) else {
            return Err(Failure::failed(format_args!(
                "{name}: is in no known format; give what `nft -j list ruleset`, `iptables-save -c` or `aws ec2 \
                 describe-security-group-rules` prints, or say with --rules-format which it is"
            )));
        };
        let one =
            Ruleset::read(&bytes, format, &name, &rules::ReadOptions::default()).map_err(Failure::failed)?;
        facts.push((name, sha256(&bytes), format, one.rules().iter().filter(|rule| !rule.policy).count()));
        ruleset.extend(one);
    }
    let chosen = ruleset.choose(command.chain.as_deref()).map_err(|error| {
        let names: Vec<&str> = facts.iter().map(|(name, ..)| name.as_str()).collect();
        let how = if matches!(error, rules::ChoiceError::Several { .. }) { " with --chain" } else { "" };
        Failure::failed(format_args!("{}: {error}{how}", names.join(", ")))
    })?;
    let chain = chosen.names().join(" ");
    let facts = facts
        .into_iter()
        .map(|(name, sha256, format, rules)| RulesetFacts {
            name,
            sha256,
            format: format.name().to_owned(),
            chain: chain.clone(),
            rules,
        })
        .collect();
    Ok(Some(Rules { ruleset, chosen, facts }))
}

/// An interface with a zone that nobody drew would never be asked for.
pub(super) fn check_interfaces(interfaces: &[(String, String)], zones: &Zones) -> Result<(), Failure> {
    let Some((interface, zone)) = interfaces.iter().find(|(_, zone)| zones.trust_of(zone).is_none()) else {
        return Ok(());
    };
    let mut names: Vec<&str> = zones.networks().iter().map(|zone| zone.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    Err(Failure::Usage(format!(
        "--iface {interface}={zone}: there is no zone `{zone}`; the zones are {}",
        names.join(", ")
    )))
}
