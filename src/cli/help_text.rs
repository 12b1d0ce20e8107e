//! Help as wide as the terminal: texts behind the options are written a paragraph a line, and laid out here.

use clap::Command;

use crate::report::wrapped;

/// The widest lines: longer ones are hard to follow.
const WIDEST: u16 = 100;
/// Narrower terminals break lines by themselves.
const NARROWEST: u16 = 40;
/// Programs that examples begin with.
const PROGRAMS: [&str; 4] = ["portscribe ", "tcpdump ", "dumpcap ", "ssh "];

/// How wide help is: as the terminal, or as `COLUMNS` says where there is none.
pub(super) fn width() -> u16 {
    let terminal = terminal_size::terminal_size().map(|(width, _)| width.0);
    let told = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(told).unwrap_or(WIDEST).clamp(NARROWEST, WIDEST)
}

/// A command and those below it with the texts behind their options laid out.
pub(super) fn laid_out(command: Command, width: u16) -> Command {
    let after = command.get_after_help().map(|text| lay_out(&text.to_string(), width));
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let command = command.term_width(width.into());
    let command = if let Some(after) = after { command.after_help(after) } else { command };
    names.iter().fold(command, |command, name| command.mut_subcommand(name, |below| laid_out(below, width)))
}

/// Lays out a text. A line that begins with a word and two blanks goes on below what follows them; an example goes on
/// in a further line as a shell reads it.
pub(super) fn lay_out(text: &str, width: u16) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        if indent > 0 && PROGRAMS.iter().any(|program| rest.starts_with(program)) {
            lines.extend(example(rest, indent, width.into()));
            continue;
        }
        let item = rest.find("  ").map(|end| (&rest[..end], rest[end..].trim_start()));
        match item {
            Some((name, about)) => {
                let before = line.len() - about.len();
                let first =
                    format!("{}{name}{}", " ".repeat(indent), " ".repeat(before - indent - name.len()));
                for (n, part) in hanging(about, before, width).into_iter().enumerate() {
                    let before = if n == 0 { first.clone() } else { " ".repeat(before) };
                    lines.push(format!("{before}{part}"));
                }
            }
            None => {
                for part in hanging(rest, indent, width) {
                    lines.push(format!("{}{part}", " ".repeat(indent)).trim_end().to_owned());
                }
            }
        }
    }
    lines.join("\n")
}

fn hanging(text: &str, before: usize, width: u16) -> Vec<String> {
    wrapped(text, Some(width.saturating_sub(before as u16).max(8)))
}

/// An example, broken between its words.
fn example(text: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    for word in with_their_values(&words_of_shell(text), width.saturating_sub(indent + 6)) {
        // A line that is not the last ends with ` \`.
        let is_first = line.trim_start().is_empty();
        if !is_first && line.len() + 1 + word.len() + 2 > width {
            lines.push(format!("{line} \\"));
            line = format!("{}{word}", " ".repeat(indent + 4));
        } else {
            if !is_first {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines.push(line);
    lines
}

/// Options and what follows them stay together, where both fit in a line.
fn with_their_values(words: &[&str], width: usize) -> Vec<String> {
    let mut together: Vec<String> = Vec::new();
    let mut is_option = false;
    for word in words {
        match together.last_mut() {
            Some(before) if is_option && !word.starts_with('-') && before.len() + 1 + word.len() <= width => {
                before.push(' ');
                before.push_str(word);
            }
            _ => together.push((*word).to_owned()),
        }
        is_option = word.starts_with("--");
    }
    together
}

/// The words of a command line; what stands in apostrophes is not taken apart.
fn words_of_shell(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut is_quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::{Args, EXIT_STATUS};

    #[test]
    fn texts_are_laid_out_for_the_width() {
        let text = "Examples:\n  portscribe flows week.pcapng --where 'port = 1 and bytes > 1' --top 5\n      \
                    the largest flows of one port\n\nExit status:\n  0  done, and nothing else is to be said of it";
        assert_eq!(lay_out(text, 100), text);
        assert_eq!(
            lay_out(text, 40),
            "Examples:\n  portscribe flows week.pcapng \\\n      --where 'port = 1 and bytes > 1' \\\n      --top 5\n      \
             the largest flows of one port\n\nExit status:\n  0  done, and nothing else is to be said of\n     it"
                .replace("is to be said of\n     it", "is to be\n     said of it")
        );
    }

    #[test]
    fn no_line_of_any_help_is_wider_than_the_terminal() {
        fn check(command: &mut Command, width: usize) {
            for help in [command.render_help(), command.render_long_help()] {
                let help = help.to_string();
                let usage = help
                    .split("Usage:")
                    .nth(1)
                    .and_then(|rest| rest.split("\n\n").next())
                    .unwrap_or_default();
                // An address of the web is one word.
                let is_wide = |line: &&str| line.chars().count() > width && !line.contains("https://");
                for line in help.lines().filter(is_wide) {
                    assert!(
                        usage.contains(line.trim_start_matches("Usage:")),
                        "{}: {line}",
                        command.get_name()
                    );
                }
            }
            for below in command.get_subcommands_mut() {
                check(below, width);
            }
        }
        for width in [60, 80, 100] {
            let mut program = laid_out(Args::command(), width);
            program.build();
            check(&mut program, width.into());
        }
        // What is laid out is not broken a second time: no line ends far before it must.
        assert!(lay_out(EXIT_STATUS, 80).lines().all(|line| line.chars().count() <= 80));
    }
}
