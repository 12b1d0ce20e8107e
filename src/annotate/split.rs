//! One file for each service, flag or flow, in a folder.
//!
//! Each file is whole: it holds the section headers, interfaces and other blocks that stand around
//! its packets in the capture, in their order. A section of which a file holds no packet is left
//! out of it.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Sink;
use crate::flow::Folded;
use crate::foreign;
use crate::traffic::LabelledFlow;

/// How much is gathered for all files together before it is written.
const GATHERED: usize = 64 << 20;

/// What a capture is split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitBy {
    /// The registered name; `no-service-STATUS` where there is none.
    Service,
    /// Each flag, so that a packet is in several files where its flow has several flags; `no-flag`
    /// where there is none.
    Flag,
    /// Each flow: `flow-NUMBER`.
    Flow,
}

impl SplitBy {
    /// Every choice.
    pub const ALL: [SplitBy; 3] = [SplitBy::Service, SplitBy::Flag, SplitBy::Flow];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            SplitBy::Service => "service",
            SplitBy::Flag => "flag",
            SplitBy::Flow => "flow",
        }
    }
}

/// Writes packets to files by what their flows have in common. Packets in no flow go to `no-flow`.
pub struct Split {
    by: SplitBy,
    folder: PathBuf,
    /// Where files grow until all are complete.
    growing: TempDir,
    /// Whether only their owner may read the files.
    is_guarded: bool,
    by_key: HashMap<String, usize>,
    files: Vec<Part>,
    /// The files of all flows one after another, and where those of each flow end.
    files_of: Vec<usize>,
    ends: Vec<usize>,
    /// What the current section holds beside packets.
    around: Vec<u8>,
    section: u64,
    /// The files that hold something of the current section.
    active: Vec<usize>,
    block: Vec<u8>,
    gathered: usize,
}

/// One of the files.
struct Part {
    name: String,
    gathered: Vec<u8>,
    /// The last section that it holds something of, from 1; 0 for none.
    section: u64,
    /// How much of what is around the packets it holds already.
    around: usize,
}

impl Split {
    /// Splits into `folder`, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made, or nothing can be made in it.
    pub fn new(by: SplitBy, folder: &Path) -> io::Result<Split> {
        fs::create_dir_all(folder)?;
        Ok(Split {
            by,
            folder: folder.to_owned(),
            growing: tempfile::Builder::new().prefix(".portscribe-").tempdir_in(folder)?,
            is_guarded: false,
            by_key: HashMap::new(),
            files: Vec::new(),
            files_of: Vec::new(),
            ends: Vec::new(),
            around: Vec::new(),
            section: 0,
            active: Vec::new(),
            block: Vec::new(),
            gathered: 0,
        })
    }

    /// Has only their owner read the files, on systems that know such.
    #[must_use]
    pub fn guarded(self, is_guarded: bool) -> Split {
        Split { is_guarded, ..self }
    }

    /// Completes the files and gives them their names; says how many there are.
    ///
    /// # Errors
    ///
    /// When a file cannot be written or named.
    pub fn finish(mut self) -> io::Result<usize> {
        self.end_section();
        self.write()?;
        // Of flows that are not selected nothing was written.
        let written: Vec<&Part> = self.files.iter().filter(|file| file.section > 0).collect();
        for file in &written {
            fs::rename(self.growing.path().join(&file.name), self.folder.join(&file.name))?;
        }
        Ok(written.len())
    }

    /// The file of a key.
    fn file(&mut self, key: &str) -> usize {
        if let Some(&file) = self.by_key.get(key) {
            return file;
        }
        let mut name = foreign::file_name(key);
        let is_taken = |name: &str, files: &[Part]| {
            files
                .iter()
                .any(|file| file.name.strip_suffix(EXTENSION).is_some_and(|it| it.eq_ignore_ascii_case(name)))
        };
        // Flows are told by their numbers; looking through them all would take long.
        if self.by != SplitBy::Flow {
            let stem = name.clone();
            let mut n = 2;
            while is_taken(&name, &self.files) {
                name = format!("{stem}-{n}");
                n += 1;
            }
        }
        self.files.push(Part { name: name + EXTENSION, gathered: Vec::new(), section: 0, around: 0 });
        self.by_key.insert(key.to_owned(), self.files.len() - 1);
        self.files.len() - 1
    }

    /// Where the files of a flow stand in `files_of`.
    fn places(&self, one: &Folded) -> Range<usize> {
        let end = |flow: Option<usize>| flow.and_then(|flow| self.ends.get(flow)).copied().unwrap_or(0);
        end(one.flow.checked_sub(1))..end(Some(one.flow))
    }

    /// Writes the current block to a file, after what precedes it in its section.
    fn put(&mut self, number: usize) {
        let file = &mut self.files[number];
        if file.section != self.section {
            file.section = self.section;
            file.around = 0;
            self.active.push(number);
        }
        let before = file.gathered.len();
        file.gathered.extend_from_slice(&self.around[file.around..]);
        file.around = self.around.len();
        file.gathered.extend_from_slice(&self.block);
        self.gathered += file.gathered.len() - before;
    }

    /// Gives what follows the last packets of a section to every file that has some of it.
    fn end_section(&mut self) {
        for number in self.active.drain(..) {
            let file = &mut self.files[number];
            file.gathered.extend_from_slice(&self.around[file.around..]);
            self.gathered += self.around.len() - file.around;
        }
    }

    /// Writes what has been gathered. Only one file is open at a time, however many there are.
    fn write(&mut self) -> io::Result<()> {
        let mut how = OpenOptions::new();
        how.create(true).append(true);
        #[cfg(unix)]
        if self.is_guarded {
            std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        }
        for file in self.files.iter_mut().filter(|file| !file.gathered.is_empty()) {
            let path = self.growing.path().join(&file.name);
            let mut out = how.open(path)?;
            out.write_all(&file.gathered)?;
            file.gathered = Vec::new();
        }
        self.gathered = 0;
        Ok(())
    }
}

const EXTENSION: &str = ".pcapng";

impl Sink for Split {
    fn flow(&mut self, row: &LabelledFlow) {
        match self.by {
            SplitBy::Service => {
                let file = match row.label.service() {
                    Some(name) => self.file(name),
                    None => self.file(&format!("no-service-{}", row.label.status_name())),
                };
                self.files_of.push(file);
            }
            SplitBy::Flag if row.label.flags.is_empty() => {
                let file = self.file("no-flag");
                self.files_of.push(file);
            }
            SplitBy::Flag => {
                for flag in row.label.flags.names() {
                    let file = self.file(flag);
                    self.files_of.push(file);
                }
            }
            SplitBy::Flow => {
                let file = self.file(&format!("flow-{}", row.number));
                self.files_of.push(file);
            }
        }
        self.ends.push(self.files_of.len());
    }

    fn section(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.end_section();
        self.section += 1;
        self.around.clear();
        append(&mut self.around);
        Ok(())
    }

    fn block(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        append(&mut self.around);
        Ok(())
    }

    fn packet(&mut self, flows: &[Folded], append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.block.clear();
        append(&mut self.block);
        if flows.is_empty() {
            let file = self.file("no-flow");
            self.put(file);
        }
        for (n, one) in flows.iter().enumerate() {
            for place in self.places(one) {
                let number = self.files_of[place];
                // A packet of two flows that share a file is in it once.
                let is_in =
                    flows[..n].iter().any(|other| self.files_of[self.places(other)].contains(&number));
                if !is_in {
                    self.put(number);
                }
            }
        }
        if self.gathered >= GATHERED { self.write() } else { Ok(()) }
    }
}
