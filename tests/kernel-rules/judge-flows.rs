//! Judges flows by a ruleset and prints what became of them, for comparisons with what a kernel did.
//!
//!     judge-flows FORMAT CHAIN RULES...  < flows.csv     what each flow meets
//!     judge-flows FORMAT --rules RULES...                the rules and how well they were read
//!     judge-flows FORMAT --covered RULES...              the rules that earlier ones cover
//!
//! FORMAT is nft-json, nft, iptables-save or aws-sgr; CHAIN may be `-` for all in a packet's way. A line of
//! flows is `source,destination,protocol,a,b,in,out,fragment` with ports in `a` and `b`, or type and code
//! of ICMP; empty fields are not known. A line `,address,own` names an address of the firewall.

#![allow(clippy::print_stdout, reason = "its output")]

use std::error::Error;

use portscribe::Transport;
use portscribe::rules::{Content, NewFlow, ReadOptions, Ruleset, RulesetFormat};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, chain, files @ ..] = &arguments[..] else {
        return Err("usage: judge-flows FORMAT CHAIN|--rules|--covered RULES... < flows.csv".into());
    };
    let format = RulesetFormat::ALL
        .into_iter()
        .find(|known| known.name() == format)
        .ok_or("FORMAT is nft-json, nft, iptables-save or aws-sgr")?;
    let mut rules = Ruleset::default();
    for file in files {
        let name = file.rsplit('/').next().unwrap_or(file);
        rules.extend(Ruleset::read(&std::fs::read(file)?, format, name, &ReadOptions::default())?);
    }
    match chain.as_str() {
        "--rules" => {
            for rule in rules.rules() {
                println!(
                    "{}\t{}\t{:?}\t{:?}\t{}\t{}",
                    rule.reference,
                    rule.text.raw(),
                    rule.verdict,
                    rule.state,
                    rule.undecided.join(", "),
                    rule.kernel_packets.map_or(String::new(), |packets| packets.to_string())
                );
            }
        }
        "--covered" => {
            for covered in rules.covered() {
                let by: Vec<&str> = covered.by.iter().map(|id| rules.rule(*id).reference.as_str()).collect();
                let rule = &rules.rule(covered.rule).reference;
                println!("{rule}\t{}\t{}", by.join(" "), if covered.same_verdict { "same" } else { "other" });
            }
        }
        chain => judge(&rules, Some(chain).filter(|chain| *chain != "-"))?,
    }
    Ok(())
}

fn judge(rules: &Ruleset, chain: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(std::io::stdin());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let is_own = |row: &&csv::StringRecord| row.get(2) == Some("own");
    let own = rows.iter().filter(is_own).filter_map(|row| row.get(1)?.parse().ok());
    let chosen = rules.choose(chain)?.with_own(&own.collect::<Vec<_>>());
    for row in rows.iter().filter(|row| !is_own(row)) {
        let field = |n: usize| row.get(n).unwrap_or_default();
        let known = |n: usize| Some(field(n)).filter(|text| !text.is_empty());
        let content = match (field(2).parse::<Transport>(), field(2)) {
            (Ok(transport), _) => {
                Content::Ports { transport, source: field(3).parse()?, destination: field(4).parse()? }
            }
            (_, "icmp") => Content::Icmp { kind: field(3).parse()?, code: field(4).parse()? },
            (_, number) => Content::Other(number.parse()?),
        };
        let mut flow = NewFlow::new(field(0).parse()?, field(1).parse()?, content);
        flow.in_interface = known(5);
        flow.out_interface = known(6);
        flow.fragment = field(7) == "fragment";
        let judgement = rules.judge(&chosen, &flow);
        let ends: Vec<String> = judgement
            .ends
            .iter()
            .map(|end| format!("{}={:?}", rules.rule(end.rule).reference, end.verdict))
            .collect();
        let passed: Vec<String> = judgement
            .passed
            .iter()
            .chain(&judgement.accepted)
            .chain(&judgement.translated)
            .map(|passed| {
                let sure = if passed.certain { "certain" } else { "perhaps" };
                format!("{}={sure}", rules.rule(passed.rule).reference)
            })
            .collect();
        let asked = if judgement.unasked { "unasked" } else { "" };
        println!("{}\t{}\t{:?}\t{asked}", ends.join(" "), passed.join(" "), judgement.translation);
    }
    Ok(())
}
