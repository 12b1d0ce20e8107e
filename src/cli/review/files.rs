//! The folder that a review writes into.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::args::{Review as Command, Written};
use super::super::output::Target;
use super::super::result_file::Readers;
use super::{Failure, input, inputs};
use crate::capture;
use crate::report::Format;
use crate::review::approved::Worksheet;
use crate::review::write::{self, WriteOptions};
use crate::review::{Review, write_json};

const WORKSHEET: &str = "worksheet.csv";
const WORKBOOK: &str = "worksheet.xlsx";
const JSON: &str = "review.json";
const HTML: &str = "review.html";
const NFT: &str = "review.nft";
const AERLEON: &str = "aerleon";
const OSCAL: &str = "oscal-component-definition.json";
const PARQUET: &str = "worksheet.parquet";
const ARROW: &str = "worksheet.arrow";

/// The folder, which is there.
pub(super) struct Folder<'a> {
    path: &'a Path,
}

impl<'a> Folder<'a> {
    /// Makes the folder where it is not there. A worksheet in it that people wrote in is not written
    /// over, unless it is the one that is read, or all that people wrote is in that one; the `others` that are
    /// read are never.
    pub(super) fn open<'p>(
        command: &'a Command,
        read: &[Worksheet],
        others: impl IntoIterator<Item = &'p PathBuf>,
    ) -> Result<Folder<'a>, Failure> {
        let path = command.out.as_path();
        let results = command.write.iter().flat_map(|&written| there_of(written, path));
        input::refuse_results(results, others, (input::READ_BY_IT, "Name another folder with --out"))?;
        let sheets = [(Written::Worksheet, WORKSHEET), (Written::Xlsx, WORKBOOK)];
        let sheets = sheets.iter().filter(|(what, _)| command.write.contains(what));
        let mut there = sheets.map(|(_, name)| path.join(name)).filter(|sheet| sheet.exists());
        if let Some(sheet) = there.find(|sheet| !may_be_replaced(sheet, command, read)) {
            let names: Vec<String> = read.iter().map(Worksheet::names).collect();
            return Err(Failure::Usage(format!(
                "{}: holds what people wrote{}; give it with --approved to carry it over, or name another folder \
                 with --out",
                sheet.display(),
                match names.as_slice() {
                    [] => String::new(),
                    [one] => format!(", and {one} does not hold all of it"),
                    several => format!(", and {} do not hold all of it", several.join(", ")),
                },
            )));
        }
        if path.exists() && !path.is_dir() {
            return Err(Failure::Usage(format!(
                "--out {}: is a file; name a folder, which is made where it is not there",
                path.display()
            )));
        }
        fs::create_dir_all(path).map_err(|error| failed(path, &error))?;
        Ok(Folder { path })
    }

    /// Writes the files; they get their names when all are complete. Gives their names.
    pub(super) fn write(
        &self,
        review: &Review,
        what: &[Written],
        approved_only: bool,
    ) -> Result<Vec<PathBuf>, Failure> {
        let options = WriteOptions { approved_only, ..WriteOptions::of(review) };
        let mut files = Vec::new();
        let mut add = |name: &str, write: &dyn Fn(&mut Target) -> io::Result<()>| -> Result<(), Failure> {
            let path = self.path.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
            }
            let mut target = Target::open(Some(&path), Readers::Guarded)?;
            write(&mut target).map_err(|error| target.failure(&error))?;
            files.push((path, target));
            Ok(())
        };
        let all = [
            Written::Worksheet,
            Written::Xlsx,
            Written::Json,
            Written::Html,
            Written::Nft,
            Written::Aerleon,
            Written::Oscal,
            Written::Parquet,
            Written::Arrow,
        ];
        for one in all.into_iter().filter(|one| what.contains(one)) {
            match one {
                Written::Worksheet => add(WORKSHEET, &|out| write::worksheet(review, out))?,
                Written::Xlsx => add(WORKBOOK, &|out| write::xlsx(review, out))?,
                Written::Json => add(JSON, &|out| write_json(review, out))?,
                Written::Html => add(HTML, &|out| write::html(review, out))?,
                Written::Nft => add(NFT, &|out| write::nft(review, options, out))?,
                Written::Aerleon => {
                    for file in write::aerleon(review, options) {
                        add(&format!("{AERLEON}/{}", file.path), &|out| {
                            out.write_all(file.content.as_bytes())
                        })?;
                    }
                }
                Written::Oscal => {
                    add(OSCAL, &|out| write::oscal(review, options, out))?;
                }
                Written::Parquet => add(PARQUET, &|out| write::typed(review, Format::Parquet, out))?,
                Written::Arrow => add(ARROW, &|out| write::typed(review, Format::Arrow, out))?,
            }
        }
        let mut names = Vec::new();
        for (path, target) in files {
            target.finish()?;
            names.push(path);
        }
        Ok(names)
    }
}

/// The files of an output that are there already; those that take their names from the traffic are all in one folder.
fn there_of(written: Written, folder: &Path) -> Vec<PathBuf> {
    let name = match written {
        Written::Worksheet => WORKSHEET,
        Written::Xlsx => WORKBOOK,
        Written::Json => JSON,
        Written::Html => HTML,
        Written::Nft => NFT,
        Written::Oscal => OSCAL,
        Written::Parquet => PARQUET,
        Written::Arrow => ARROW,
        Written::Aerleon => {
            return capture::list_folder(&folder.join(AERLEON), true)
                .map_or_else(|_| Vec::new(), |all| all.files);
        }
    };
    vec![folder.join(name)]
}

/// Whether nothing that people wrote is lost with a worksheet.
fn may_be_replaced(sheet: &Path, command: &Command, read: &[Worksheet]) -> bool {
    if command.approved.iter().any(|path| path.canonicalize().ok() == sheet.canonicalize().ok()) {
        return true;
    }
    let Ok(old) = inputs::worksheet(sheet, command.dates.unwrap_or_default()) else { return false };
    let old = old.with_zones(&command.rename_zone);
    old.rows.iter().all(|row| row.approval.is_empty())
        || read.iter().any(|one| one.holds_all_of(&old))
        || Worksheet::joined(read)
            .is_some_and(|read| read.holds_all_of(&old) || is_as_written(sheet, &old, &read.names()))
}

/// Whether a worksheet is as the last review wrote it, from a worksheet of this name: whatever
/// people wrote then is theirs to change there.
fn is_as_written(sheet: &Path, old: &Worksheet, approved: &str) -> bool {
    let last = input::text(&sheet.with_file_name(JSON)).ok();
    let last: Option<serde_json::Value> = last.and_then(|json| serde_json::from_slice(&json).ok());
    last.is_some_and(|last| {
        last["worksheet_sha256"] == old.as_csv.to_string() && last["approved"] == approved
    })
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format_args!("{}: cannot be made: {error}", path.display()))
}
