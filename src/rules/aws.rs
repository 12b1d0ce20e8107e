//! Security groups of AWS, as `aws ec2 describe-security-group-rules` and
//! `aws ec2 describe-security-groups` print them. Rules only allow, and have no order; what none
//! allows is dropped. Answers to what was allowed pass without a rule.

use std::collections::{BTreeMap, HashMap};

use ipnet::IpNet;
use serde_json::Value;

use super::chain::{BaseChain, Chain};
use super::conditions::Conditions;
use super::error::NotARuleset;
use super::hook::{ChainHook, ChainKind, GroupDirection, TableFamily};
use super::names;
use super::ranges::Ranges;
use super::rule::{Action, Rule, RuleId};
use super::ruleset::{GroupUse, LeftOut, Ruleset};
use super::space::Dimension;
use super::verdict::RuleVerdict;
use crate::foreign::Foreign;
use crate::net::{Family, Protocol, Transport, number_in};

/// Networks by the id of a group or of a prefix list.
type Groups = BTreeMap<String, Vec<IpNet>>;

/// Reads either output.
pub(super) fn read(bytes: &[u8], groups: &Groups) -> Result<Ruleset, NotARuleset> {
    let file: Value = serde_json::from_slice(bytes)?;
    let mut reader =
        AwsReader { ruleset: Ruleset::default(), chains: HashMap::new(), guarded: Vec::new(), groups };
    if let Some(rules) = file["SecurityGroupRules"].as_array() {
        for rule in rules {
            reader.flat(rule);
        }
    } else if let Some(groups) = file["SecurityGroups"].as_array() {
        for group in groups {
            reader.group(group);
        }
    } else {
        return Err(NotARuleset::NoSecurityGroups);
    }
    for (place, own) in reader.guarded.iter().enumerate() {
        reader.ruleset.add_policy(place, RuleVerdict::Drop, None);
        if let (Some(members), Some(policy)) = (groups.get(&own.id), reader.ruleset.rules.last_mut()) {
            let mut conditions = Conditions::new(&Family::ALL);
            limit_networks(own.near_end(), members, &mut conditions);
            policy.matcher = conditions.matcher(Action::Drop);
        }
    }
    Ok(reader.ruleset)
}

struct AwsReader<'a> {
    ruleset: Ruleset,
    /// The chains by name.
    chains: HashMap<String, usize>,
    /// Whom each chain is for, in the order of the chains.
    guarded: Vec<Guarded>,
    groups: &'a Groups,
}

/// Whom a chain is for: what goes to the members of a group, or comes from them.
struct Guarded {
    id: String,
    direction: GroupDirection,
}

impl Guarded {
    fn near_end(&self) -> Dimension {
        match self.direction {
            GroupDirection::Ingress => Dimension::Destination,
            GroupDirection::Egress => Dimension::Source,
        }
    }

    fn far_end(&self) -> Dimension {
        match self.direction {
            GroupDirection::Ingress => Dimension::Source,
            GroupDirection::Egress => Dimension::Destination,
        }
    }
}

/// Who a rule lets in, or where it lets out.
enum Peer<'a> {
    Network(&'a str),
    /// A security group or a prefix list.
    Group(&'a str),
}

fn text<'a>(object: &'a Value, member: &str) -> &'a str {
    object[member].as_str().unwrap_or_default()
}

impl AwsReader<'_> {
    /// One rule as `describe-security-group-rules` prints it.
    fn flat(&mut self, rule: &Value) {
        let group = text(rule, "GroupId");
        let referenced = text(&rule["ReferencedGroupInfo"], "GroupId");
        let peer = match (rule["CidrIpv4"].as_str(), rule["CidrIpv6"].as_str(), rule["PrefixListId"].as_str())
        {
            (Some(network), _, _) | (_, Some(network), _) => Peer::Network(network),
            (_, _, Some(list)) => Peer::Group(list),
            _ => Peer::Group(referenced),
        };
        let direction =
            if rule["IsEgress"] == true { GroupDirection::Egress } else { GroupDirection::Ingress };
        let id = match text(rule, "SecurityGroupRuleId") {
            "" => format!("{group}#{}", self.ruleset.rules.len() + 1),
            id => id.to_owned(),
        };
        self.rule(id, group, direction, rule, &peer, text(rule, "Description"));
    }

    /// One group as `describe-security-groups` prints it.
    fn group(&mut self, group: &Value) {
        let id = text(group, "GroupId");
        for (direction, member) in
            [(GroupDirection::Ingress, "IpPermissions"), (GroupDirection::Egress, "IpPermissionsEgress")]
        {
            self.chain(id, direction);
            let mut number = 0;
            for permission in group[member].as_array().into_iter().flatten() {
                let lists = [
                    ("IpRanges", "CidrIp"),
                    ("Ipv6Ranges", "CidrIpv6"),
                    ("UserIdGroupPairs", "GroupId"),
                    ("PrefixListIds", "PrefixListId"),
                ];
                for (list, member) in lists {
                    for entry in permission[list].as_array().into_iter().flatten() {
                        let to = text(entry, member);
                        let peer =
                            if member.starts_with("Cidr") { Peer::Network(to) } else { Peer::Group(to) };
                        number += 1;
                        let reference = format!("{id}/{}#{number}", direction.name());
                        self.rule(reference, id, direction, permission, &peer, text(entry, "Description"));
                    }
                }
            }
        }
    }

    fn chain(&mut self, group: &str, direction: GroupDirection) -> usize {
        let name = format!("{group}/{}", direction.name());
        let chains = &mut self.ruleset.chains;
        *self.chains.entry(name).or_insert_with_key(|name| {
            let mut chain = Chain::new(name.clone(), &TableFamily::Inet);
            chain.unordered = true;
            chain.base = Some(BaseChain {
                name: name.clone(),
                kind: ChainKind::SecurityGroup,
                hook: match direction {
                    GroupDirection::Ingress => ChainHook::Input,
                    GroupDirection::Egress => ChainHook::Output,
                },
                priority: 0,
                policy: RuleId(0),
            });
            chains.push(chain);
            self.guarded.push(Guarded { id: group.to_owned(), direction });
            self.ruleset.groups.insert(GroupUse {
                chain: name.clone(),
                id: group.to_owned(),
                guarded: true,
                direction,
                is_known: self.groups.contains_key(group),
            });
            chains.len() - 1
        })
    }

    fn rule(
        &mut self,
        reference: String,
        group: &str,
        direction: GroupDirection,
        rule: &Value,
        peer: &Peer<'_>,
        comment: &str,
    ) {
        let place = self.chain(group, direction);
        let mut conditions = Conditions::new(&Family::ALL);
        let guarded = &self.guarded[place];
        let networks: Option<Vec<IpNet>> = match peer {
            Peer::Network(network) => network.parse().ok().map(|network| vec![network]),
            Peer::Group(id) => self.groups.get(*id).cloned(),
        };
        if let Peer::Group(id) = *peer {
            self.ruleset.groups.insert(GroupUse {
                chain: self.ruleset.chains[place].name.clone(),
                id: id.to_owned(),
                guarded: false,
                direction,
                is_known: networks.is_some(),
            });
        }
        let peer_group = match peer {
            Peer::Group(id) => Some((*id).to_owned()),
            Peer::Network(_) => None,
        };
        let (Peer::Network(peer) | Peer::Group(peer)) = peer;
        match networks {
            Some(networks) => limit_networks(guarded.far_end(), &networks, &mut conditions),
            None => conditions.undecided(format!("whether {peer} holds the address")),
        }
        let protocol = text(rule, "IpProtocol");
        let [from, to] = ["FromPort", "ToPort"].map(|member| rule[member].as_i64());
        let ports = match (from, to) {
            (Some(from), Some(to)) if from == to => format!(" {from}"),
            (Some(from), Some(to)) => format!(" {from}-{to}"),
            _ => String::new(),
        };
        if protocol != "-1" {
            match names::protocol(protocol) {
                Some(protocol) => limit_protocol(protocol, from, to, &mut conditions),
                None => conditions.undecided(format!("protocol {protocol}")),
            }
        }
        let could = conditions.families();
        if let Some(members) = self.groups.get(group) {
            limit_networks(guarded.near_end(), members, &mut conditions);
        }
        let judges = conditions.families();
        let words = if protocol == "-1" { "all".to_owned() } else { format!("{protocol}{ports}") };
        let towards = match direction {
            GroupDirection::Ingress => "from",
            GroupDirection::Egress => "to",
        };
        let text = Foreign::new(format!("allow {words} {towards} {peer}"));
        let chain = &mut self.ruleset.chains[place];
        for family in could.into_iter().filter(|family| !judges.contains(family)) {
            self.ruleset.left_out.push(LeftOut {
                chain: chain.name.clone(),
                rule: reference.clone(),
                text: text.clone(),
                group: group.to_owned(),
                family,
                whole: judges.is_empty(),
            });
        }
        chain.rules.push(RuleId(self.ruleset.rules.len()));
        self.ruleset.rules.push(Rule {
            reference,
            chain: chain.name.clone(),
            text,
            comment: Foreign::new(comment.to_owned()),
            verdict: RuleVerdict::Accept,
            state: conditions.state(),
            undecided: conditions.undecided.clone(),
            kernel_packets: None,
            kernel_bytes: None,
            counted: None,
            shared_packets: None,
            listed: Vec::new(),
            family: conditions.family(),
            logs: false,
            policy: false,
            from_iptables: false,
            peer_group,
            matcher: conditions.matcher(Action::Accept),
        });
    }
}

fn limit_networks(end: Dimension, networks: &[IpNet], conditions: &mut Conditions) {
    let of = |family: Family| {
        let ranges = networks.iter().filter_map(|network| {
            Some((number_in(family, network.network())?, number_in(family, network.broadcast())?))
        });
        Ranges::new(ranges.collect())
    };
    for family in Family::ALL {
        conditions.limit_in(family, end, &of(family));
    }
}

/// Ports of transports that have them; of ICMP type and code stand in their places, -1 for any.
fn limit_protocol(protocol: Protocol, from: Option<i64>, to: Option<i64>, conditions: &mut Conditions) {
    conditions.protocol(protocol);
    match (protocol, from, to) {
        (Protocol::ICMP | Protocol::ICMPV6, Some(kind @ 0..=255), code) => {
            let first = u128::from(kind.unsigned_abs()) << 8;
            let range = match code {
                Some(code @ 0..=255) => {
                    (first | u128::from(code.unsigned_abs()), first | u128::from(code.unsigned_abs()))
                }
                _ => (first, first | 0xff),
            };
            conditions.limit(Dimension::Icmp, &Ranges::new(vec![range]));
        }
        (_, Some(from @ 0..=65_535), Some(to @ 0..=65_535))
            if Transport::ALL.into_iter().any(|transport| Protocol::from(transport) == protocol) =>
        {
            let range = (from.unsigned_abs().into(), to.unsigned_abs().into());
            conditions.limit(Dimension::DestinationPort, &Ranges::new(vec![range]));
        }
        _ => {}
    }
}
