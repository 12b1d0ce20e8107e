//! What somebody may have meant by a command line that is wrong.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;

use clap::CommandFactory;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Args;
use crate::foreign;
use crate::report::lookup::Query;

/// Words that people take for commands, and what does that.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["analyse", "analyze", "count", "info", "stat", "statistics", "stats", "total", "totals"], "summary"),
    (&["anonymise", "anonymize", "scrub"], "annotate --anonymize KEYFILE"),
    (&["html", "page"], "report"),
    (&["audit", "firewall", "rules"], "review"),
    (&["capture", "live", "sniff", "watch"], "flows - --order end -f csv` behind `tcpdump -U -w - |"),
    (&["changes", "compare", "delta"], "diff"),
    (&["comment", "convert", "label", "tag"], "annotate"),
    (&["completion"], "completions"),
    (&["connections", "conversations", "list", "ls", "open", "read", "sessions", "show", "streams"], "flows"),
    (&["configuration", "preferences", "settings"], "config"),
    (&["describe", "glossary", "why"], "explain"),
    (&["filter", "grep", "query", "select"], "flows CAPTURE --where EXPRESSION"),
    (&["find", "port", "ports", "service", "services", "whatis"], "lookup"),
    (&["headers", "dump"], "packets"),
    (&["import"], "registry import"),
    (&["manual", "manpage"], "man"),
    (&["search"], "lookup --search WORDS"),
    (&["top"], "summary CAPTURE --by client --top 10"),
    (&["update"], "registry update"),
    (&["version"], "--version"),
];

/// Words that people take for options, and what does that.
const OPTIONS: &[(&[&str], &str)] = &[
    (&["--after", "--begin", "--from", "--start", "--start-time"], "--since TIME"),
    (&["--before", "--end", "--end-time", "--to"], "--until TIME"),
    (&["--address", "--addr", "--ip", "--net", "--network"], "--host CIDR"),
    (&["--colour"], "--color WHEN"),
    (&["--date", "--day", "--when"], "--since TIME and --until TIME"),
    (&["--follow", "--live", "--watch"], "tcpdump -U -w - | portscribe flows - --order end --format csv"),
    (
        &["-i"],
        "another program to capture: tcpdump -i eth0 -U -w - | portscribe flows - --order end --format csv",
    ),
    (&["-A", "-z"], "--by KEY, of `summary`"),
    (&["-c"], "--head N for rows, or --until TIME"),
    (&["-s"], "--by KEY, of `summary`, or --sort KEY:desc"),
    (&["-T", "-e"], "--format FORMAT, and --columns A,B"),
    (&["-Y", "-R"], "--where EXPRESSION (see `portscribe help where`)"),
    (
        &["--condition", "--expression", "--filter", "--match", "--query", "--select"],
        "--where EXPRESSION (see `portscribe help where`)",
    ),
    (&["--csv"], "--format csv"),
    (&["--destination", "--dst", "--dst-host"], "--server CIDR"),
    (&["--dport", "--dst-port"], "--server-port PORT"),
    (&["--exclude"], "'!VALUE' behind an option, such as --port '!53', or --where 'not …'"),
    (&["--fields", "--field", "--cols"], "--columns A,B"),
    (
        &["--file", "--in", "--infile", "--input", "--pcap", "--read", "-r"],
        "the capture's name without an option",
    ),
    (&["--group", "--group-by", "--key"], "--by KEY, of `summary`"),
    (&["--json"], "--format json"),
    (&["--limit", "--lines", "--max", "-n"], "--head N, or --top N for the rows with the most bytes"),
    (&["--markdown", "--md"], "--format markdown"),
    (&["--ndjson", "--jsonl"], "--format ndjson"),
    (&["--no-color", "--no-colour"], "--color never"),
    (&["--order-by", "--sort-by"], "--sort KEY"),
    (&["--out", "--outfile", "--write", "-w"], "--output FILE"),
    (&["--proto"], "--transport TRANSPORT, or --protocol PROTOCOL"),
    (&["--pager"], "--paging WHEN; PORTSCRIBE_PAGER names the pager"),
    (&["--localtime", "--local-time", "--timezone", "--tz"], "--time local, with TZ for another time zone"),
    (&["--epoch", "--relative", "--utc"], "--time FORM"),
    (&["--resolve", "--dns", "--hostnames", "--host-names"], "--names"),
    (&["--silent"], "--quiet"),
    (&["--source", "--src", "--src-host"], "--client CIDR"),
    (&["--tsv"], "--format tsv"),
];

/// Adds to an error what may have been meant.
pub(super) fn add(mut error: clap::Error) -> clap::Error {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let command = arguments.first().and_then(|word| word.to_str()).unwrap_or_default().to_owned();
    let text = |error: &clap::Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let tips = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            text(&error, ContextKind::InvalidSubcommand).map(|word| for_command(&word))
        }
        ErrorKind::UnknownArgument => {
            text(&error, ContextKind::InvalidArg).map(|word| for_option(&word, &command))
        }
        ErrorKind::MissingRequiredArgument => match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::Strings(missing)) => Some(for_missing(missing, &command)),
            _ => None,
        },
        _ => None,
    };
    if error.kind() == ErrorKind::UnknownArgument {
        // That a value may begin with a hyphen is what nobody meant.
        error.remove(ContextKind::Suggested);
    }
    let tips = tips.unwrap_or_default();
    if !tips.is_empty() {
        // Words that are only spelled alike would lead away from it.
        error.remove(ContextKind::SuggestedSubcommand);
        error.remove(ContextKind::SuggestedArg);
        if error.kind() == ErrorKind::UnknownArgument {
            error.remove(ContextKind::Usage);
        }
        let tips = tips.into_iter().map(StyledStr::from).collect();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

fn for_command(word: &str) -> Vec<String> {
    let shown = foreign::line(word);
    if Path::new(word).exists() || word == "-" {
        let what = match word {
            "-" => "standard input",
            _ if Path::new(word).is_dir() => "a folder",
            _ => "a file",
        };
        return vec![format!(
            "`{shown}` is {what}: `portscribe summary {shown}` says what is in it, `portscribe flows {shown}` lists its \
             flows"
        )];
    }
    let known = COMMANDS.iter().find(|(words, _)| words.iter().any(|one| one.eq_ignore_ascii_case(word)));
    if let Some((_, instead)) = known {
        return vec![format!("`portscribe {instead}` does that")];
    }
    if word.contains('.') && [".pcap", ".pcapng", ".cap"].iter().any(|ending| word.contains(ending)) {
        return vec![format!(
            "there is no file `{shown}`; captures stand behind a command: `portscribe summary CAPTURE`"
        )];
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) && word.parse::<Query>().is_ok() {
        return vec![format!("`portscribe lookup {shown}` asks the registry")];
    }
    Vec::new()
}

fn for_option(word: &str, command: &str) -> Vec<String> {
    let name = word.split('=').next().unwrap_or(word);
    if let Some((_, instead)) = OPTIONS.iter().find(|(words, _)| words.contains(&name)) {
        return vec![format!("use {instead}")];
    }
    let Some(long) = name.strip_prefix("--") else { return Vec::new() };
    let program = Args::command();
    let having: Vec<String> = program
        .get_subcommands()
        .filter(|one| !one.is_hide_set() && one.get_name() != command)
        .filter(|one| one.get_arguments().any(|arg| !arg.is_hide_set() && arg.get_long() == Some(long)))
        .map(|one| format!("`{}`", one.get_name()))
        .collect();
    match having.as_slice() {
        [] => Vec::new(),
        _ if program.find_subcommand(command).is_some() => {
            vec![format!("`{name}` is an option of {}, not of `{command}`", having.join(", "))]
        }
        _ => vec![format!("`{name}` stands behind the command: it is an option of {}", having.join(", "))],
    }
}

fn for_missing(missing: &[String], command: &str) -> Vec<String> {
    if !missing.iter().any(|one| one.contains("CAPTURE")) {
        return Vec::new();
    }
    if std::io::stdin().is_terminal() {
        return vec![format!(
            "name a file, a folder, or `-` for what comes through a pipe: portscribe {command} week.pcapng"
        )];
    }
    let more = if command == "flows" { " --order end -f csv" } else { "" };
    vec![format!("`-` reads what comes through a pipe: tcpdump -U -w - | portscribe {command} -{more}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_advised_exists() {
        let program = Args::command();
        for (words, instead) in COMMANDS {
            let first = instead.split([' ', '`']).next().unwrap_or_default();
            assert!(first.starts_with("--") || program.find_subcommand(first).is_some(), "{first}");
            for word in *words {
                assert!(program.find_subcommand(word).is_none(), "{word}");
            }
        }
        let longs: Vec<String> = program
            .get_subcommands()
            .flat_map(|one| {
                one.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        for (_, instead) in OPTIONS {
            for word in instead.split([' ', ',']).filter_map(|word| word.strip_prefix("--")) {
                assert!(longs.iter().any(|long| long == word), "{word}");
            }
        }
    }
}
