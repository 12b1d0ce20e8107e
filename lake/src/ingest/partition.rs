//! The files of a window, by Hive's names: `day=2026-11-22/flows.parquet`, or `day=2026-11-22/hour=05/flows.parquet`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tempfile::TempPath;

use super::folder::{Folder, failed, put_if_other};
use super::folding::Part;
use super::window::Window;
use crate::args::By;
use crate::failure::Failure;

const FILE: &str = "flows.parquet";

/// Puts the files of a window in place of those that are there; those that are the same are left as they are. How many were put.
pub(super) fn replace(
    folder: &Folder,
    by: By,
    window: Window,
    mut files: BTreeMap<Part, TempPath>,
) -> Result<usize, Failure> {
    let day = folder.path.join(format!("day={window}"));
    let parts: Vec<Part> = match by {
        By::Day => vec![None],
        By::Hour => (0..24).map(Some).collect(),
    };
    let mut put = 0;
    for part in parts {
        let place: PathBuf = match part {
            None => day.clone(),
            Some(hour) => day.join(format!("hour={hour:02}")),
        };
        let path = place.join(FILE);
        match files.remove(&part) {
            Some(begun) => {
                fs::create_dir_all(&place).map_err(|error| failed(&place, &error))?;
                put += usize::from(put_if_other(begun, &path)?);
            }
            // It has no rows any more: a capture that goes on another may have another beginning.
            None if path.exists() => {
                fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
                put += 1;
            }
            None => {}
        }
    }
    Ok(put)
}
