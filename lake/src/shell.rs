//! SQL line by line on a terminal, with a history and completion.

use std::path::PathBuf;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use portscribe::report::{flows, packets};

use crate::engine::Engine;
use crate::failure::{Failure, say};
use crate::registry_choice::note;
use crate::show::Target;
use crate::sql::Asking;

const PROMPT: &str = "portscribe> ";
/// Lines of the history.
const MOST_LINES: usize = 1000;

/// Words that begin and join the parts of queries.
const WORDS: [&str; 32] = [
    "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "COPY", "CREATE", "DESC", "DESCRIBE", "DISTINCT", "EXCLUDE",
    "EXPLAIN", "FROM", "GROUP", "HAVING", "IN", "IS", "JOIN", "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "ON",
    "OR", "ORDER", "SELECT", "SET", "SHOW", "UNION", "WHERE",
];

const HELP: &str = "\
A statement ends with a semicolon, and may take several lines. Tab completes, the arrow keys go through the history.
Tables: flows('NAME', ...), packets('NAME', ...), parquet('NAME', ...), registry(), services(). SHOW ALL lists settings.
\\h  this text    \\q  leave, as does Ctrl-D    Ctrl-C  ends a query, or clears the line";

/// Asks until there is no more.
pub(crate) fn run(asking: &Asking, is_quiet: bool) -> Result<(), Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::failed(format_args!("the terminal cannot be read: {error}"));
    let config = Config::builder()
        .max_history_size(MOST_LINES)
        .and_then(|config| config.history_ignore_dups(true))
        .map_err(|error| failed(&error))?
        .completion_type(CompletionType::List)
        .build();
    let mut editor: Editor<Complete, FileHistory> =
        Editor::with_config(config).map_err(|error| failed(&error))?;
    editor.set_helper(Some(Complete::new(&asking.engine)));
    let history = history();
    if let Some(file) = &history {
        // There is none the first time.
        let _ = editor.load_history(file);
    }
    if !is_quiet {
        say(&format!("{}\n\\h for help, \\q to leave.", note(asking.registry)));
    }
    loop {
        match editor.readline(PROMPT) {
            Ok(text) if matches!(text.trim(), "\\q" | "exit" | "quit") => break,
            Ok(text) if text.trim() == "\\h" => say(HELP),
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => {
                // What cannot be kept is forgotten.
                let _ = editor.add_history_entry(text.trim());
                match answer(asking, &text) {
                    Ok(()) | Err(Failure::BrokenPipe) => {}
                    Err(failure) => say(&format!("error: {failure}")),
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(failed(&error)),
        }
    }
    if let Some(file) = &history {
        let _ = editor.save_history(file);
    }
    Ok(())
}

/// Runs what was typed, until it is interrupted.
fn answer(asking: &Asking, text: &str) -> Result<(), Failure> {
    for statement in Engine::statements(text)? {
        asking.told.begin();
        let answered = async {
            let mut target = Target::open(None)?;
            if let Some(answer) = asking.engine.run(statement).await? {
                asking.show(answer, &mut target).await?;
            }
            target.finish()
        };
        asking.runtime.block_on(async {
            tokio::select! {
                done = answered => done,
                _ = tokio::signal::ctrl_c() => Err(Failure::failed("interrupted")),
            }
        })?;
    }
    Ok(())
}

/// Where the history is kept, for this user alone.
fn history() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state =
        folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local").join("state")))?;
    let own = state.join("portscribe");
    std::fs::create_dir_all(&own).ok()?;
    Some(own.join("sql-history"))
}

/// Completes words of SQL, names of functions, columns and settings, and of files within quotes.
struct Complete {
    names: Vec<String>,
    files: FilenameCompleter,
}

impl Complete {
    fn new(engine: &Engine) -> Complete {
        let columns = flows::COLUMNS.iter().chain(packets::COLUMNS).map(|column| column.name.to_owned());
        let words = WORDS.iter().map(|&word| word.to_owned());
        let mut names: Vec<String> = engine.names().into_iter().chain(columns).chain(words).collect();
        names.sort_unstable();
        names.dedup();
        Complete { names, files: FilenameCompleter::new() }
    }

    /// The names that begin as the word before the cursor, and where that begins.
    fn names(&self, line: &str) -> (usize, Vec<String>) {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let start =
            line.rfind(|c| !is_part(c)).map_or(0, |n| n + line[n..].chars().next().map_or(0, char::len_utf8));
        let word = line[start..].to_lowercase();
        let fitting = |name: &&String| !word.is_empty() && name.to_lowercase().starts_with(&word);
        (start, self.names.iter().filter(fitting).cloned().collect())
    }
}

impl Completer for Complete {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = &line[..at];
        // An odd quote is open.
        if before.matches('\'').count() % 2 == 1 {
            return self.files.complete(line, at, context);
        }
        let (start, names) = self.names(before);
        Ok((start, names.into_iter().map(|name| Pair { display: name.clone(), replacement: name }).collect()))
    }
}

impl Validator for Complete {
    /// A statement goes on until its semicolon.
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let text = context.input().trim();
        let is_whole = text.is_empty()
            || text.starts_with('\\')
            || matches!(text, "exit" | "quit")
            || text.ends_with(';');
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Complete {
    type Hint = String;
}

impl Highlighter for Complete {}

impl Helper for Complete {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_so_complete_a_word() {
        let names = ["server_port", "service(", "SELECT", "portscribe.layers"].map(str::to_owned).to_vec();
        let complete = Complete { names, files: FilenameCompleter::new() };
        assert_eq!(complete.names("SELECT serv"), (7, vec!["server_port".into(), "service(".into()]));
        assert_eq!(complete.names("sel"), (0, vec!["SELECT".into()]));
        assert_eq!(complete.names("SET portscribe.l"), (4, vec!["portscribe.layers".into()]));
        assert_eq!(complete.names("SELECT "), (7, vec![]));
    }
}
