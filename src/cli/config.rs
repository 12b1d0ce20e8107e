//! A configuration file: options that commands have without their being typed.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command, CommandFactory};
use toml::Value;

use super::args::Args;
use super::registry_choice;
use super::{Failure, output, pager};
use crate::foreign::Lines;
use crate::text::{self, nearest};

/// Names the file, or none where it is empty.
const VARIABLE: &str = "PORTSCRIBE_CONFIG";
/// No configuration is as large as this.
const MOST: u64 = 1 << 20;
/// Commands that take no settings: what they print is the same for everybody, or is another program's.
const WITHOUT: [&str; 8] = ["columns", "completions", "config", "help", "man", "schema", "sql", "where"];
/// Options that are about one run.
const OF_ONE_RUN: [&str; 5] = ["output", "out", "help", "version", "dry-run"];
/// Values of options for files that name no file.
const WORDS: [&str; 4] = ["-", "bundled", "common", "in-use"];

/// Where the file is looked for.
struct Place {
    path: PathBuf,
    /// What says so.
    by: &'static str,
}

/// An option that the file gives.
#[derive(Clone, Debug, PartialEq)]
struct Setting {
    /// The words of the command; none for every command that has the option.
    command: Vec<String>,
    option: String,
    arguments: Vec<OsString>,
}

fn place() -> Option<Place> {
    if let Some(path) = std::env::var_os(VARIABLE) {
        return (!path.is_empty()).then(|| Place { path: path.into(), by: VARIABLE });
    }
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let (folder, by) = folder("XDG_CONFIG_HOME")
        .map(|folder| (folder, "XDG_CONFIG_HOME"))
        .or_else(|| folder("HOME").map(|home| (home.join(".config"), "HOME")))
        .or_else(|| folder("APPDATA").map(|folder| (folder, "APPDATA")))?;
    Some(Place { path: folder.join("portscribe").join("config.toml"), by })
}

/// The settings of the file; `None` where there is no file.
fn read(place: &Place) -> Result<Option<Vec<Setting>>, Failure> {
    let name = place.path.display();
    let bytes = match File::open(&place.path).and_then(|file| text::whole(file, MOST)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound && place.by != VARIABLE => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            return Err(Failure::failed(format_args!("{name}: {error}; name the right file")));
        }
        Err(error) => return Err(Failure::failed(format_args!("{name}: cannot be read: {error}"))),
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        Failure::Usage(format!("{name}: invalid UTF-8 at byte {}", error.utf8_error().valid_up_to()))
    })?;
    settings_of(&text, place.path.parent().unwrap_or(Path::new("")))
        .map(Some)
        .map_err(|message| Failure::Usage(format!("{name}: {message}")))
}

/// The settings that the text of a file in this folder holds.
fn settings_of(text: &str, folder: &Path) -> Result<Vec<Setting>, String> {
    let table: toml::Table =
        toml::from_str(text).map_err(|error| error.to_string().trim_end().replace('\n', " "))?;
    let mut settings = Vec::new();
    collect(&table, &Args::command(), &mut Vec::new(), folder, &mut settings)?;
    Ok(settings)
}

/// How many options a configuration file gives, for those who try it with any text.
///
/// # Errors
///
/// Where the program refuses the file.
pub fn configured(text: &str) -> Result<usize, String> {
    settings_of(text, Path::new("")).map(|settings| settings.len())
}

/// Collects the settings of a table, which is that of a command or of all.
fn collect(
    table: &toml::Table,
    command: &Command,
    words: &mut Vec<String>,
    folder: &Path,
    settings: &mut Vec<Setting>,
) -> Result<(), String> {
    for (key, value) in table {
        if let Value::Table(inner) = value {
            let below = command.find_subcommand(key).filter(|below| takes_settings(below));
            let below = below.ok_or_else(|| {
                let names =
                    command.get_subcommands().filter(|one| takes_settings(one)).map(Command::get_name);
                unknown("command", key, &nearest(key, names))
            })?;
            words.push(key.clone());
            collect(inner, below, words, folder, settings)?;
            words.pop();
            continue;
        }
        let arg = if words.is_empty() { of_any(command, key) } else { option(command, key) };
        let arg = arg.ok_or_else(|| {
            let all: Vec<&Command> =
                if words.is_empty() { command.get_subcommands().collect() } else { vec![command] };
            let names = all.iter().flat_map(|one| one.get_arguments()).filter_map(Arg::get_long);
            let mut near = nearest(key, names);
            near.sort_unstable();
            near.dedup();
            unknown("option", key, &near)
        })?;
        if OF_ONE_RUN.contains(&key.as_str()) {
            return Err(format!("--{key} is for the command line alone"));
        }
        let arguments = arguments(arg, key, value, folder)?;
        settings.push(Setting { command: words.clone(), option: key.clone(), arguments });
    }
    Ok(())
}

fn takes_settings(command: &Command) -> bool {
    !WITHOUT.contains(&command.get_name()) && !command.is_hide_set()
}

fn unknown(what: &str, key: &str, near: &[&str]) -> String {
    match near {
        [] => {
            format!("unknown {what} `{key}`; options are named as on the command line, commands are tables")
        }
        near => format!("unknown {what} `{key}`; did you mean {}?", near.join(" or ")),
    }
}

/// An option of a command by its long name.
fn option<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    command.get_arguments().find(|arg| arg.get_long() == Some(name) && !arg.is_hide_set())
}

/// An option of any command.
fn of_any<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let mut below = command.get_subcommands().filter(|one| takes_settings(one));
    below.find_map(|below| option(below, name).or_else(|| of_any(below, name)))
}

/// The words of the command line that a value stands for.
fn arguments(arg: &Arg, key: &str, value: &Value, folder: &Path) -> Result<Vec<OsString>, String> {
    let takes_value = arg.get_action().takes_values();
    let with = |text: &str| {
        let is_file = arg.get_value_names().is_some_and(|names| {
            names.iter().any(|name| matches!(name.as_str(), "FILE" | "DIR" | "FOLDER" | "KEYFILE"))
        });
        let mut argument = OsString::from(format!("--{key}="));
        if is_file && !WORDS.contains(&text) {
            argument.push(folder.join(text));
        } else {
            argument.push(text);
        }
        argument
    };
    match value {
        Value::Boolean(is_set)
            if !takes_value || arg.get_num_args().is_some_and(|range| range.min_values() == 0) =>
        {
            Ok(if *is_set { vec![OsString::from(format!("--{key}"))] } else { Vec::new() })
        }
        _ if !takes_value => Err(format!("--{key} takes no value: use true or false")),
        Value::String(text) => Ok(vec![with(text)]),
        Value::Integer(number) => Ok(vec![with(&number.to_string())]),
        Value::Float(number) => Ok(vec![with(&number.to_string())]),
        Value::Datetime(time) => Ok(vec![with(&time.to_string())]),
        Value::Array(values) if matches!(arg.get_action(), ArgAction::Append) => {
            let each = values.iter().map(|value| match value {
                Value::Array(_) | Value::Table(_) => Err(format!("--{key}: a value is a list")),
                value => arguments(arg, key, value, folder),
            });
            Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
        }
        _ => Err(format!("--{key} takes one value")),
    }
}

/// The command line with what the configuration file adds, and that file's name where it adds something. What is typed
/// comes before what is in the file; what is there for a command, before what is there for all.
pub(super) fn completed(typed: Vec<OsString>) -> Result<(Vec<OsString>, Option<String>), Failure> {
    let asks_for_help = |word: &OsString| ["-h", "--help", "-V", "--version"].iter().any(|one| word == *one);
    let Some(place) = place().filter(|_| !typed.iter().any(asks_for_help)) else { return Ok((typed, None)) };
    if typed.get(1).and_then(|word| word.to_str()).is_none_or(|word| WITHOUT.contains(&word)) {
        return Ok((typed, None));
    }
    let Some(settings) = read(&place)? else { return Ok((typed, None)) };
    let program = Args::command();
    let added = added(&typed, &program, &settings);
    if added.1.is_empty() {
        return Ok((typed, None));
    }
    let (at, added) = added;
    let mut completed = typed;
    completed.splice(at..at, added);
    Ok((completed, Some(place.path.display().to_string())))
}

/// What is added to a command line, and where.
fn added(typed: &[OsString], program: &Command, settings: &[Setting]) -> (usize, Vec<OsString>) {
    let (mut command, mut words) = (program, Vec::new());
    while let Some(word) = typed.get(1 + words.len()).and_then(|word| word.to_str())
        && let Some(below) = command.find_subcommand(word)
    {
        command = below;
        words.push(below.get_name().to_owned());
    }
    let at = 1 + words.len();
    if words.is_empty() {
        return (at, Vec::new());
    }
    let given: Vec<&Arg> = command.get_arguments().filter(|arg| is_given(arg, &typed[at..])).collect();
    let excludes = |one: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|conflict| conflict.get_id() == other.get_id())
    };
    let is_free = |setting: &&Setting| {
        option(command, &setting.option).is_some_and(|arg| {
            !given
                .iter()
                .any(|given| given.get_id() == arg.get_id() || excludes(given, arg) || excludes(arg, given))
        })
    };
    let of_command = |setting: &&Setting| setting.command == words;
    let own: Vec<&Setting> = settings.iter().filter(of_command).collect();
    let of_all = settings
        .iter()
        .filter(|setting| setting.command.is_empty() && !own.iter().any(|one| one.option == setting.option));
    let added =
        of_all.chain(own.iter().copied()).filter(is_free).flat_map(|setting| setting.arguments.clone());
    (at, added.collect())
}

/// Whether an option stands on the command line, by its long or its short name.
fn is_given(arg: &Arg, typed: &[OsString]) -> bool {
    let before_end = typed.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str());
    before_end.into_iter().any(|word| match word.strip_prefix("--") {
        Some(long) => arg.get_long() == long.split('=').next(),
        None => match (word.strip_prefix('-'), arg.get_short()) {
            // Several short ones may stand together; the value of one may look like another.
            (Some(letters), Some(short)) => letters.contains(short),
            _ => false,
        },
    })
}

/// Prints what is in force, and what says so.
pub(super) fn print() -> Result<(), Failure> {
    let mut out = Lines::new(io::stdout().lock());
    match place() {
        None => {
            out.line(format_args!("no configuration file: {VARIABLE} is empty, or there is no home folder"))?;
        }
        Some(place) => {
            let name = place.path.display();
            match read(&place)? {
                None => {
                    out.line(format_args!("no configuration file: {name} does not exist (by {})", place.by))?;
                }
                Some(settings) => {
                    out.line(format_args!("settings: {name} (by {})", place.by))?;
                    for Setting { command, option, arguments } in &settings {
                        let command =
                            if command.is_empty() { "all commands".to_owned() } else { command.join(" ") };
                        let arguments: Vec<_> = arguments.iter().map(|one| one.to_string_lossy()).collect();
                        let shown = if arguments.is_empty() {
                            format!("--{option} not")
                        } else {
                            arguments.join(" ")
                        };
                        out.line(format_args!("  {command}: {shown}"))?;
                    }
                }
            }
        }
    }
    let registry = registry_choice::registry_in_use()?;
    out.line(format_args!("registry: {}, from {}", output::edition(&registry), registry.source()))?;
    for name in [
        VARIABLE,
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "NO_COLOR",
        "COLUMNS",
        "TMPDIR",
        "TZ",
        pager::VARIABLE,
        "PAGER",
    ] {
        if let Some(value) = std::env::var_os(name) {
            out.line(format_args!("environment: {name}={}", value.to_string_lossy()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Vec<Setting>, String> {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        let mut settings = Vec::new();
        collect(&table, &Args::command(), &mut Vec::new(), Path::new("/etc"), &mut settings)?;
        Ok(settings)
    }

    fn line(text: &str, typed: &str) -> String {
        let typed: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
        let (at, added) = added(&typed, &Args::command(), &settings(text).expect("settings"));
        let mut all = typed;
        all.splice(at..at, added);
        all.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn settings_stand_between_the_command_and_what_is_typed() {
        let text = "quiet = true\noverlay = ['common', 'site.toml']\n[flows]\ntop = 20\ncolumns = ['client', 'port']\n\
                    [registry.list]\nquiet = false\n";
        for (typed, expected) in [
            (
                "portscribe flows a.pcap",
                "portscribe flows --overlay=common --overlay=/etc/site.toml --quiet --columns=client --columns=port \
                 --top=20 a.pcap",
            ),
            (
                "portscribe flows a.pcap --head 3 -q --overlay mine.toml",
                "portscribe flows --columns=client --columns=port a.pcap --head 3 -q --overlay mine.toml",
            ),
            (
                "portscribe registry list",
                "portscribe registry list --overlay=common --overlay=/etc/site.toml",
            ),
            ("portscribe", "portscribe"),
            ("portscribe x", "portscribe x"),
        ] {
            assert_eq!(line(text, typed), expected);
        }
    }

    #[test]
    fn what_is_no_setting_is_told() {
        for (text, message) in [
            ("[flow]\ntop = 1", "unknown command `flow`; did you mean flows?"),
            ("[flows]\ntopp = 1", "unknown option `topp`; did you mean top?"),
            (
                "qwertyuiop = 1",
                "unknown option `qwertyuiop`; options are named as on the command line, commands are tables",
            ),
            ("output = 'x.csv'", "--output is for the command line alone"),
            ("quiet = 'yes'", "--quiet takes no value: use true or false"),
            ("[flows]\ntop = [1, 2]", "--top takes one value"),
            ("[help]\nx = 1", "unknown command `help`"),
        ] {
            let found = settings(text).expect_err(text);
            assert!(found.starts_with(message), "{found}");
        }
    }
}
