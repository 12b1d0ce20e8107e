//! The folder that a review writes into.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::args::Written;
use super::super::output::Target;
use super::{Failure, inputs};
use crate::review::write::{self, WriteOptions};
use crate::review::{Review, worksheet, write_json};

const WORKSHEET: &str = "worksheet.csv";

/// The folder, which is there.
pub(super) struct Folder<'a> {
    path: &'a Path,
}

impl<'a> Folder<'a> {
    /// Makes the folder where it is not there. A worksheet in it that people wrote in, and that is
    /// not the one that is read, is not written over.
    pub(super) fn open(
        path: &'a Path,
        approved: Option<&Path>,
        what: &[Written],
    ) -> Result<Folder<'a>, Failure> {
        let worksheet = path.join(WORKSHEET);
        if what.contains(&Written::Worksheet) && worksheet.exists() {
            let real = worksheet.canonicalize().ok();
            let is_read = approved.is_some_and(|approved| approved.canonicalize().ok() == real);
            let is_empty = || {
                inputs::worksheet(&worksheet)
                    .is_ok_and(|sheet| sheet.rows.iter().all(|row| row.approval.is_empty()))
            };
            if !is_read && !is_empty() {
                return Err(Failure::Usage(format!(
                    "{}: holds what people wrote; give it with --approved to carry it over, or name another \
                     folder with --out",
                    worksheet.display()
                )));
            }
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
            let mut target = Target::open(Some(&path))?;
            write(&mut target).map_err(|error| target.failure(&error))?;
            files.push((path, target));
            Ok(())
        };
        let all = [
            Written::Worksheet,
            Written::Json,
            Written::Html,
            Written::Nft,
            Written::Aerleon,
            Written::Oscal,
        ];
        for one in all.into_iter().filter(|one| what.contains(one)) {
            match one {
                Written::Worksheet => add(WORKSHEET, &|out| worksheet::write(review, out))?,
                Written::Json => add("review.json", &|out| write_json(review, out))?,
                Written::Html => add("review.html", &|out| write::html(review, out))?,
                Written::Nft => add("review.nft", &|out| write::nft(review, options, out))?,
                Written::Aerleon => {
                    for file in write::aerleon(review, options) {
                        add(&format!("aerleon/{}", file.path), &|out| {
                            out.write_all(file.content.as_bytes())
                        })?;
                    }
                }
                Written::Oscal => {
                    add("oscal-component-definition.json", &|out| write::oscal(review, options, out))?;
                }
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

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format_args!("{}: cannot be made: {error}", path.display()))
}
