//! Why a file is not a ruleset.

use super::format::RulesetFormat;

/// A file that is not a ruleset of the format asked for. Single rules that are not understood are no
/// error: they are kept and called opaque.
#[derive(Debug, thiserror::Error)]
#[error("{name} is not a ruleset in the format {format}")]
#[non_exhaustive]
pub struct ReadError {
    /// The file, as it was named.
    pub name: String,
    /// The format that was asked for.
    pub format: RulesetFormat,
    /// What is wrong.
    #[source]
    pub cause: NotARuleset,
}

/// What a file lacks that should be a ruleset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotARuleset {
    /// It is not JSON.
    #[error("invalid JSON")]
    InvalidJson {
        /// The line of the fault, from 1.
        line: usize,
        /// Its column, from 1; 0 at the end of a line.
        column: usize,
        /// What the parser says.
        #[source]
        source: serde_json::Error,
    },
    /// JSON of another kind than `nft` prints.
    #[error("no list `nftables`; write it with `nft -j list ruleset`")]
    NoNftables,
    /// No table of nftables.
    #[error("no table (a line such as `table inet fw {{`); write it with `nft list ruleset`")]
    NoNftTable,
    /// Something in a text of nftables that `nft list ruleset` does not print.
    #[error("line {line}: `{found}` is not what `nft list ruleset` prints there")]
    NotListed {
        /// The line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// No table of iptables.
    #[error("no table (a line such as `*filter`); write it with `iptables-save -c`")]
    NoTable,
    /// JSON of another kind than `aws` prints.
    #[error(
        "neither `SecurityGroupRules` nor `SecurityGroups`; write it with `aws ec2 describe-security-group-rules`"
    )]
    NoSecurityGroups,
}

impl From<serde_json::Error> for NotARuleset {
    fn from(source: serde_json::Error) -> NotARuleset {
        NotARuleset::InvalidJson { line: source.line(), column: source.column(), source }
    }
}
