//! `portscribe-lake sql`

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use portscribe::registry::Registry;
use portscribe::report::{Format, Style};
use tokio::runtime::{Builder, Runtime};

use crate::args::Sql;
use crate::engine::{Answer, Engine, Statement};
use crate::failure::{Failure, Told, ended, say};
use crate::registry_choice::{self, note};
use crate::shell;
use crate::show::{self, Manner, Target, format_of};

/// The name of standard input on the command line.
const STANDARD_INPUT: &str = "-";

pub(crate) fn run(command: &Sql) -> ExitCode {
    let told = Arc::new(Told::new(command.quiet));
    let done = ask(command, &told);
    ended(done, &told)
}

fn ask(command: &Sql, told: &Arc<Told>) -> Result<(), Failure> {
    let output = command.output.as_deref().filter(|path| *path != Path::new(STANDARD_INPUT));
    let is_asked_here = command.command.is_empty() && command.file.is_empty() && io::stdin().is_terminal();
    let manner = manner(command, output, is_asked_here)?;
    let registry = Arc::new(registry_choice::registry(command.registry.as_deref(), &command.overlay)?);
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format_args!("no thread can be started: {error}")))?;
    let asking = Asking { engine: Engine::new(&registry, told)?, registry: &registry, told, manner, runtime };
    if is_asked_here && output.is_none() {
        return shell::run(&asking, command.quiet);
    }
    let mut statements = Vec::new();
    for text in texts(command)? {
        statements.extend(Engine::statements(&text)?);
    }
    if statements.is_empty() {
        return Err(Failure::Usage("no SQL is given: use --command, --file, or standard input".into()));
    }
    asking.all(statements, output)?;
    // Tables end with it, JSON holds it.
    if !command.quiet && !manner.format.carries_the_note() {
        say(&note(&registry));
    }
    Ok(())
}

/// All that is to be run.
fn texts(command: &Sql) -> Result<Vec<String>, Failure> {
    let mut texts = command.command.clone();
    let standard_input = [Path::new(STANDARD_INPUT).to_owned()];
    let files = if texts.is_empty() && command.file.is_empty() { &standard_input[..] } else { &command.file };
    for path in files {
        let mut text = String::new();
        let read = if path == Path::new(STANDARD_INPUT) {
            io::stdin().read_to_string(&mut text).map(drop)
        } else {
            std::fs::read_to_string(path).map(|all| text = all)
        };
        read.map_err(|error| Failure::failed(format_args!("{}: cannot be read: {error}", path.display())))?;
        texts.push(text);
    }
    Ok(texts)
}

/// How results are written.
fn manner(command: &Sql, output: Option<&Path>, is_asked_here: bool) -> Result<Manner, Failure> {
    let is_terminal = output.is_none() && io::stdout().is_terminal();
    if let Some(path) = output {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if ["gz", "zst"].contains(&ending) {
            return Err(Failure::Usage(format!(
                "{}: results of SQL are not compressed: leave .{ending} out; Parquet and Arrow are compressed within",
                path.display()
            )));
        }
    }
    let usual = if is_terminal { Format::Table } else { Format::Csv };
    let format = command.format.or_else(|| output.and_then(format_of)).unwrap_or(usual);
    if format.is_binary() && is_terminal {
        return Err(Failure::Usage(format!(
            "--format {} is not for a terminal: name a file with --output, or a program behind a pipe",
            format.name()
        )));
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let color = is_terminal && set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb");
    let width = is_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
    Ok(Manner { format, style: Style { width, color }, has_note: !command.quiet && !is_asked_here })
}

/// What runs statements and shows their results.
pub(crate) struct Asking<'r> {
    pub(crate) engine: Engine,
    pub(crate) registry: &'r Registry,
    pub(crate) told: &'r Told,
    pub(crate) manner: Manner,
    pub(crate) runtime: Runtime,
}

impl Asking<'_> {
    /// Runs statements one after the other, to the first that fails.
    fn all(&self, statements: Vec<Statement>, output: Option<&Path>) -> Result<(), Failure> {
        // A file, and a format that is none of text, have one result.
        let is_one = output.is_some() || self.manner.format.is_binary();
        let mut target = Target::open(output)?;
        let mut results = 0;
        for statement in statements {
            self.told.begin();
            let Some(answer) = self.runtime.block_on(self.engine.run(statement))? else { continue };
            if results > 0 && is_one {
                return Err(Failure::Usage(format!(
                    "{} takes the result of one query, and there are several",
                    if output.is_some() { "--output" } else { "this format" }
                )));
            }
            if results > 0 {
                writeln!(target).map_err(|error| Failure::of_result(&error))?;
            }
            results += 1;
            self.runtime.block_on(self.show(answer, &mut target))?;
        }
        if results == 0 && output.is_some() {
            return Err(Failure::Usage("no query has a result for --output".into()));
        }
        target.finish()
    }

    /// Writes a result.
    pub(crate) async fn show(&self, mut answer: Answer, target: &mut Target) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::of_result(&error);
        // Nothing is written before there is something: what fails at once leaves no heading.
        let mut next = answer.next().await.transpose()?;
        let mut result =
            show::Result::begin(self.manner, target, &answer.schema, self.registry).map_err(failed)?;
        while let Some(batch) = next {
            result.batch(&batch).map_err(failed)?;
            next = answer.next().await.transpose()?;
        }
        result.finish().map_err(failed)
    }
}
