//! How rulesets are written.

use std::fmt;

use serde::{Serialize, Serializer};

/// How a ruleset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RulesetFormat {
    /// What `nft -j list ruleset` prints.
    NftJson,
    /// What `nft list ruleset` prints, with handles (`nft -a`) or without.
    Nft,
    /// What `iptables-save -c` or `ip6tables-save -c` prints, one output or several in a row.
    IptablesSave,
    /// What `aws ec2 describe-security-group-rules` or `describe-security-groups` prints.
    Aws,
}

impl RulesetFormat {
    /// Every format.
    pub const ALL: [RulesetFormat; 4] =
        [RulesetFormat::NftJson, RulesetFormat::Nft, RulesetFormat::IptablesSave, RulesetFormat::Aws];

    /// The format that a file shows; none where it shows no known one.
    pub fn detect(bytes: &[u8]) -> Option<RulesetFormat> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('{') {
            let holds = |key: &str| text.contains(&format!("\"{key}\""));
            return if holds("nftables") {
                Some(RulesetFormat::NftJson)
            } else if holds("SecurityGroupRules") || holds("SecurityGroups") {
                Some(RulesetFormat::Aws)
            } else {
                None
            };
        }
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let first = lines.next()?;
        if first.starts_with("table ") || first == "flush ruleset" {
            return Some(RulesetFormat::Nft);
        }
        first.starts_with('*').then_some(RulesetFormat::IptablesSave)
    }

    /// The word for it in options and messages: `nft-json`, `iptables-save`, `aws-sgr`.
    pub const fn name(self) -> &'static str {
        match self {
            RulesetFormat::NftJson => "nft-json",
            RulesetFormat::Nft => "nft",
            RulesetFormat::IptablesSave => "iptables-save",
            RulesetFormat::Aws => "aws-sgr",
        }
    }
}

impl fmt::Display for RulesetFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for RulesetFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
