//! The command that was typed, as another command that reads the same captures and selects the same flows.

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory};

use super::args::Args;

/// Options of these commands that say how its result is written, which `flows` is to say for itself.
const OF_THE_RESULT: [&str; 12] = [
    "all",
    "by",
    "color",
    "fail_if_empty",
    "flows_in_memory",
    "format",
    "output",
    "paging",
    "progress",
    "quiet",
    "threads",
    "verbose",
];

/// What stands for captures that are too many to be named, or are to be hidden.
const CAPTURES: &str = "CAPTURE...";
/// As many captures are named at most.
const MOST_CAPTURES: usize = 3;

/// `portscribe flows` for the captures and the selection of the `summary` or `report` that was typed, and the names of
/// the options in it. `is_hidden` where nothing of what was typed may be shown.
pub(super) fn as_flows(is_hidden: bool) -> (String, Vec<String>) {
    let matches = Args::command().try_get_matches_from(std::env::args_os()).unwrap_or_default();
    let Some((typed @ ("summary" | "report"), matches)) = matches.subcommand() else {
        return (format!("portscribe flows {CAPTURES}"), Vec::new());
    };
    let (words, given) = words(typed, matches);
    let words = if is_hidden { CAPTURES.to_owned() } else { words.join(" ") };
    (format!("portscribe flows {words}"), given)
}

/// The captures and options of a command, and the names of the options.
fn words(typed: &str, matches: &ArgMatches) -> (Vec<String>, Vec<String>) {
    let command = Args::command();
    let options = command.find_subcommand(typed).into_iter().flat_map(clap::Command::get_arguments);
    let (mut captures, mut words, mut given) = (Vec::new(), Vec::new(), Vec::new());
    for option in options {
        let id = option.get_id().as_str();
        if OF_THE_RESULT.contains(&id) || matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let Ok(Some(values)) = matches.try_get_raw(id) else { continue };
        let values: Vec<String> = values.map(|value| word(&value.to_string_lossy())).collect();
        let Some(name) = option.get_long() else {
            captures = if values.len() > MOST_CAPTURES { vec![CAPTURES.to_owned()] } else { values };
            continue;
        };
        if option.is_require_equals_set() {
            words.push(format!("--{name}={}", values.join(",")));
        } else if option.get_action().takes_values() {
            words.extend(values.iter().map(|value| format!("--{name} {value}")));
        } else {
            words.push(format!("--{name}"));
        }
        given.push(name.to_owned());
    }
    captures.extend(words);
    (captures, given)
}

/// A word as a shell takes it.
fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:,=@%+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(typed: &[&str]) -> (String, String) {
        let typed = ["portscribe", "summary"].iter().chain(typed);
        let matches = Args::command().try_get_matches_from(typed).expect("a command");
        let (words, given) = words("summary", matches.subcommand_matches("summary").expect("summary"));
        (words.join(" "), given.join(" "))
    }

    #[test]
    fn captures_come_first_and_the_result_is_left_out() {
        assert_eq!(
            of(&["-f", "table", "--all", "a b.pcap", "c.pcap"]),
            ("'a b.pcap' c.pcap".into(), String::new())
        );
        assert_eq!(
            of(&["--port", "80", "x.pcap", "--port", "443", "--separate-vlans", "--quiet"]),
            ("x.pcap --separate-vlans --port 80 --port 443".into(), "separate-vlans port".into())
        );
        assert_eq!(of(&["--names=dns,sni", "x.pcap"]).0, "x.pcap --names=dns,sni");
        assert_eq!(of(&["it's.pcap"]).0, "'it'\\''s.pcap'");
        assert_eq!(of(&["a", "b", "c"]).0, "a b c");
        assert_eq!(of(&["a", "b", "c", "d", "--port", "80"]).0, "CAPTURE... --port 80");
    }
}
