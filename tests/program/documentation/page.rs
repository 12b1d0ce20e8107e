//! A page of documentation, taken apart into text and blocks of commands.

/// A page.
pub struct Page<'a> {
    /// Its lines and blocks, in their order.
    pub pieces: Vec<Piece<'a>>,
}

/// A part of a page.
pub enum Piece<'a> {
    /// A line that is no command.
    Text(&'a str),
    /// A block of commands.
    Block(Block<'a>),
}

/// A block of commands.
pub struct Block<'a> {
    /// The line that begins it.
    pub fence: &'a str,
    /// What a comment before it says.
    pub mark: Option<Mark>,
    /// Its commands.
    pub steps: Vec<Step<'a>>,
}

/// What is to be known of a block of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The commands are not run.
    NotRun,
    /// They write to a terminal.
    OnTerminal,
    /// They capture packets.
    InNamespace,
}

/// A command as the page has it, and the output that it shows.
pub struct Step<'a> {
    /// The lines that stand for the command, or a line that is none.
    pub lines: Vec<&'a str>,
    /// The command for the shell.
    pub command: Option<String>,
    /// The lines of output.
    pub output: Vec<&'a str>,
}

impl<'a> Page<'a> {
    /// Takes a page apart.
    pub fn of(text: &'a str) -> Page<'a> {
        let mut pieces = Vec::new();
        let mut lines = text.lines();
        let mut mark = None;
        while let Some(line) = lines.next() {
            if line == "```console" || line == "```sh" {
                let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
                let steps = if line == "```console" { examples(&body) } else { script(&body) };
                pieces.push(Piece::Block(Block { fence: line, mark, steps }));
            } else {
                pieces.push(Piece::Text(line));
                if line.starts_with("```") {
                    // What stands in it is no command.
                    for line in lines.by_ref() {
                        pieces.push(Piece::Text(line));
                        if line == "```" {
                            break;
                        }
                    }
                }
            }
            mark = Mark::of(line);
        }
        Page { pieces }
    }

    /// The blocks of commands.
    pub fn blocks(&self) -> impl Iterator<Item = &Block<'a>> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Block(block) => Some(block),
            Piece::Text(_) => None,
        })
    }
}

impl Block<'_> {
    /// Whether it shows what its commands print.
    pub fn is_console(&self) -> bool {
        self.fence == "```console"
    }
}

impl Mark {
    fn of(line: &str) -> Option<Mark> {
        let comment = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
        match comment {
            "on a terminal" => Some(Mark::OnTerminal),
            "in a namespace" => Some(Mark::InNamespace),
            // The tests of that package run them.
            "with lake" => Some(Mark::NotRun),
            // Arrow and Parquet are not in every build.
            "with tables" => (!cfg!(feature = "tables")).then_some(Mark::NotRun),
            _ => comment.starts_with("not run: ").then_some(Mark::NotRun),
        }
    }
}

impl Step<'_> {
    /// The output as the page shows it: where it ends in `…`, as many lines as before.
    pub fn as_shown(&self, output: &str) -> String {
        let lines: Vec<String> = output.lines().map(|line| format!("{line}\n")).collect();
        match self.output.split_last() {
            Some((&"…", before)) if before.len() < lines.len() => lines[..before.len()].concat() + "…\n",
            _ => lines.concat(),
        }
    }
}

/// How many of these lines are one command: those after a `\` go on.
fn length_of_command(lines: &[&str]) -> usize {
    lines.iter().take_while(|line| line.ends_with('\\')).count() + 1
}

/// Commands behind `$ `, each with its output.
fn examples<'a>(body: &[&'a str]) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    let mut rest = body;
    while let Some(first) = rest.first() {
        assert!(first.starts_with("$ "), "an example begins with its command: {first}");
        let (command, after) = rest.split_at(length_of_command(rest));
        let (output, after) = after.split_at(after.iter().take_while(|line| !line.starts_with("$ ")).count());
        let text = command.join("\n");
        let text = text.strip_prefix("$ ").unwrap_or(&text).to_owned();
        steps.push(Step { lines: command.to_vec(), command: Some(text), output: output.to_vec() });
        rest = after;
    }
    steps
}

/// Commands by themselves.
fn script<'a>(body: &[&'a str]) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    let mut rest = body;
    while let Some(first) = rest.first() {
        let is_command = !first.trim().is_empty() && !first.starts_with('#');
        let (lines, after) = rest.split_at(if is_command { length_of_command(rest) } else { 1 });
        let command = is_command.then(|| lines.join("\n"));
        steps.push(Step { lines: lines.to_vec(), command, output: Vec::new() });
        rest = after;
    }
    steps
}

#[test]
fn pages_are_taken_apart() {
    let page = "a\n<!-- on a terminal -->\n```console\n$ one \\\n  two\nout\n…\n$ three\n```\n```sh\n# four\nfive\n```\n";
    let page = Page::of(page);
    let blocks: Vec<_> = page.blocks().collect();
    assert_eq!(blocks.iter().map(|block| block.mark).collect::<Vec<_>>(), [Some(Mark::OnTerminal), None]);
    let commands: Vec<_> = blocks
        .iter()
        .flat_map(|block| &block.steps)
        .map(|step| (step.command.as_deref(), &step.output[..]))
        .collect();
    assert_eq!(
        commands,
        [(Some("one \\\n  two"), &["out", "…"][..]), (Some("three"), &[]), (None, &[]), (Some("five"), &[]),]
    );
    let step = &blocks[0].steps[0];
    assert_eq!(step.as_shown("x\ny\nz\n"), "x\n…\n");
    assert_eq!(step.as_shown("x\n"), "x\n");
}
