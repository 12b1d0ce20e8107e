//! What `-h` shows: the options that most people ask for, and three examples, on one screen. `--help` has all.

use clap::{Arg, Command, CommandFactory};

use super::args::Args;
use super::help_text;

/// An option, and its help in a few words.
type Shown = (&'static str, &'static str);

const FORMAT: Shown = ("format", "table (on a terminal), csv (else), tsv, json, ndjson, md");
const OUTPUT: Shown = ("output", "Write to FILE: week.csv, week.json.gz …");
const QUIET: Shown = ("quiet", "Print only errors to standard error");
const CAPTURES: Shown = ("captures", "Files (pcap, pcapng, gzip, zstd), folders, or - (stdin)");
const OVERLAY: Shown = ("overlay", "Local names beside the registered ones");
const WHERE: Shown = ("wheres", "Flows that meet a condition: see `help where`");
const PORT: Shown = ("port", "Port of either end: 443, 80,8080, http, '!53'");
const HOST: Shown = ("host", "Address or network of either end");
const SERVER: Shown = ("server", "Address or network of the server");
const STATUS: Shown = ("status", "Status in the registry: unassigned, dynamic …");
const TOP: Shown = ("top", "Show the N rows with the most bytes");
const COLUMNS: Shown = ("columns", "Columns to show, by their names in CSV");
const FLAG: Shown = ("flag", "Flag of the flow: see `explain flag`");
const SINCE: Shown = ("since", "Packets at or after TIME");
const UNTIL: Shown = ("until", "Packets before TIME");
const PROTOCOLS: Shown = ("protocols", "all: also ICMP, ESP and others without ports");
const ANONYMIZE: Shown = ("anonymize", "Replace addresses and names by a secret");

/// What is shown of each command: options in their order, and examples.
const COMMANDS: &[(&str, &[Shown], &str)] = &[
    (
        "flows",
        &[
            CAPTURES, FORMAT, OUTPUT, WHERE, PORT, HOST, SERVER, STATUS, FLAG, SINCE, UNTIL, TOP, COLUMNS,
            PROTOCOLS, OVERLAY, QUIET,
        ],
        "portscribe flows week.pcapng\n  \
         portscribe flows captures/ --where 'port = 8443 and bytes > 1M' -o odd.csv\n  \
         tcpdump -U -w - | portscribe flows - --order end -f csv",
    ),
    (
        "packets",
        &[CAPTURES, FORMAT, OUTPUT, WHERE, PORT, HOST, SERVER, STATUS, FLAG, SINCE, UNTIL, OVERLAY, QUIET],
        "portscribe packets week.pcapng --port 53 --since 2026-11-27T10:00:00Z\n  \
         portscribe packets week.pcapng --flag one-way -o one-way.csv.gz\n  \
         tcpdump -U -w - | portscribe packets - -f ndjson",
    ),
    (
        "summary",
        &[
            CAPTURES,
            ("by", "Total by KEY or KEY,KEY: service, server, pair, hour …"),
            ("all", "All that catches the eye, and all services"),
            FORMAT,
            OUTPUT,
            WHERE,
            PORT,
            HOST,
            SERVER,
            STATUS,
            SINCE,
            UNTIL,
            TOP,
            PROTOCOLS,
            QUIET,
        ],
        "portscribe summary week.pcapng\n  \
         portscribe summary week.pcapng --by server --host 10.0.0.0/8\n  \
         portscribe summary captures/ --by client --top 10 -o clients.json",
    ),
    (
        "explain",
        &[
            ("captures", "Captures, then ADDRESS:PORT; or a kind, and a word"),
            ("flow", "Number of the flow, as `flows` has it"),
            ("community_id", "Community ID of the flow"),
            ("packets", "List the first N packets of the flow"),
            FORMAT,
            OUTPUT,
            SINCE,
            UNTIL,
            OVERLAY,
            QUIET,
        ],
        "portscribe explain week.pcapng --flow 7\n  \
         portscribe explain week.pcapng 192.0.2.7:8443\n  \
         portscribe explain flag one-way",
    ),
    (
        "diff",
        &[
            ("captures", "Captures, folders, or saved results of `flows` or `summary`"),
            ("baseline", "Compare with everything in FOLDER"),
            ("factor", "Changes by this factor or more [default: 10]"),
            ("fail_on", "Status 1 on new-service, new-server, gone …"),
            FORMAT,
            OUTPUT,
            WHERE,
            PORT,
            HOST,
            PROTOCOLS,
            QUIET,
        ],
        "portscribe diff monday.pcap tuesday.pcap\n  \
         portscribe diff --baseline captures/ today.pcap\n  \
         portscribe diff monday.csv tuesday.pcap --fail-on new-service,new-server",
    ),
    (
        "report",
        &[
            CAPTURES,
            ("output", "File to write: week.html, week.html.gz"),
            ("names", "Show names of hosts: DNS, SNI, DHCP …"),
            ("anonymize", "Replace addresses by the key in KEYFILE"),
            WHERE,
            PORT,
            HOST,
            SERVER,
            STATUS,
            SINCE,
            UNTIL,
            PROTOCOLS,
            QUIET,
        ],
        "portscribe report week.pcapng -o week.html\n  \
         portscribe report monday/ --names -o monday.html\n  \
         portscribe report week.pcapng --where 'status = unassigned' -o odd.html",
    ),
    (
        "annotate",
        &[
            CAPTURES,
            ("output", "File to write: week.pcapng, week.pcapng.gz"),
            ("comments", "Packets to comment: first, all or flagged"),
            ("split_by", "One file per service, flag or flow"),
            ("wireshark_profile", "Write a Wireshark profile to DIR"),
            ANONYMIZE,
            WHERE,
            PORT,
            HOST,
            STATUS,
            FLAG,
            OVERLAY,
            QUIET,
        ],
        "portscribe annotate week.pcapng -o labelled.pcapng\n  \
         portscribe annotate week.pcapng -o odd.pcapng --status unassigned,dynamic\n  \
         portscribe annotate week.pcapng -o shared.pcapng.gz --anonymize key",
    ),
    (
        "review",
        &[
            CAPTURES,
            ("out", "Folder of the results; created if missing"),
            ("write", "worksheet, xlsx, json, html, nft, aerleon, oscal"),
            ("zones", "Named networks: CSV with zone, cidr, trust"),
            ("approved", "Worksheet of the last review, filled in"),
            ("rules", "Ruleset: of nft -j, iptables-save -c, or AWS"),
            ("rules_after", "The same after the last packet, with counters"),
            ("own", "All addresses of the firewall"),
            ("fail_on", "Status 1 on a finding of this severity or more"),
            SINCE,
            UNTIL,
            QUIET,
        ],
        "portscribe review week.pcapng --out review\n  \
         portscribe review week.pcapng --zones zones.csv --rules fw.json --out review\n  \
         portscribe review week.pcapng --approved review/worksheet.csv --out review",
    ),
    (
        "lookup",
        &[
            ("queries", "443, 443/tcp, 6000-6010, or a service name"),
            ("search", "Rows that contain all of these words"),
            FORMAT,
            OUTPUT,
            OVERLAY,
            QUIET,
        ],
        "portscribe lookup 8443\n  \
         portscribe lookup 443/tcp ipfix\n  \
         portscribe lookup --search 'unauthorized use'",
    ),
];

const PROGRAM_EXAMPLES: &str = "\
Examples:
  portscribe summary week.pcapng
  portscribe flows week.pcapng --status unassigned,dynamic
  portscribe explain week.pcapng --flow 7

`portscribe COMMAND -h` shows the usual options of a command, `--help` all.
A registration does not make traffic legitimate, nor does it prove that the traffic is that service.";

/// The program, whose help is short.
pub(super) fn command() -> Command {
    let program = Args::command().after_help(PROGRAM_EXAMPLES);
    let program = COMMANDS.iter().fold(program, |program, &(name, shown, examples)| {
        program.mut_subcommand(name, |command| short(command, name, shown, examples))
    });
    // One screen has no room for what few need.
    let program = ["merge", "sql"]
        .into_iter()
        .fold(program, |program, name| program.mut_subcommand(name, |command| command.hide(true)));
    help_text::laid_out(program, help_text::width())
}

fn short(command: Command, name: &str, shown: &[Shown], examples: &str) -> Command {
    let command = command.mut_args(|arg| match shown.iter().position(|(id, _)| *id == arg.get_id()) {
        Some(at) => in_few_words(arg, at, shown[at].1),
        None => arg.hide(true),
    });
    command.after_help(format!(
        "Examples:\n  {examples}\n\n\
         All options: portscribe {name} --help. Manual page: portscribe man {name}.\n\
         A registration does not prove that the traffic is that service."
    ))
}

fn in_few_words(arg: Arg, at: usize, help: &'static str) -> Arg {
    let arg = if arg.is_positional() { arg } else { arg.help_heading(None::<&str>).display_order(at) };
    let takes_values = arg.get_action().takes_values();
    let arg = if takes_values { arg.hide_possible_values(true).hide_default_value(true) } else { arg };
    arg.help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_exists() {
        let program = Args::command();
        for (name, shown, _) in COMMANDS {
            let command = program.find_subcommand(name).expect("a command");
            for (id, _) in *shown {
                assert!(command.get_arguments().any(|arg| arg.get_id() == id), "{name} {id}");
            }
        }
    }
}
