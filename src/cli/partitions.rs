//! `flows --partition`: a folder of Parquet files by the day of the first packet, in the folders that Hive, Athena and
//! Spark take for columns: `region=eu-west-1/accountId=123456789012/eventDay=20261128`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Failure;
use super::output::Target;
use super::result_file::Readers;
use crate::report::{Columns, Format, Head, RowWriter, Rows, Schema, Value, flows};

/// The folder of flows without a time, as Hive names it.
const NO_DAY: &str = "__HIVE_DEFAULT_PARTITION__";
/// How many days are written at a time: flows come by their times, with few exceptions.
const MOST_OPEN: usize = 4;

/// What the files hold.
pub(super) struct Content {
    pub(super) schema: Option<Schema>,
    pub(super) columns: Columns,
    pub(super) head: Head,
    pub(super) by_time: bool,
}

/// Files of days, each of which appears when it is complete.
pub(super) struct Partitions {
    folder: PathBuf,
    name: String,
    content: Content,
    open: Vec<Day>,
    /// How many files each day has.
    parts: HashMap<String, u32>,
}

struct Day {
    name: String,
    rows: RowWriter<Shared>,
    target: Shared,
}

/// A file that rows are written to, and that is completed behind them.
#[derive(Clone)]
struct Shared(Rc<RefCell<Target>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

impl Partitions {
    /// The folders of these keys and values in a folder; files have this name and a number.
    pub(super) fn new(folder: &Path, keys: &[(String, String)], name: &str, content: Content) -> Partitions {
        let folder =
            keys.iter().fold(folder.to_owned(), |path, (key, value)| path.join(format!("{key}={value}")));
        let name = crate::foreign::file_name(name);
        Partitions { folder, name, content, open: Vec::new(), parts: HashMap::new() }
    }

    /// Writes a row of `flows` to the file of its day.
    pub(super) fn row(&mut self, values: &[Value]) -> io::Result<()> {
        let first_seen = flows::COLUMNS.iter().position(|field| field.name == "first_seen");
        let day = match first_seen.and_then(|place| values.get(place)) {
            Some(Value::Time(time)) => {
                time.date().map_or(NO_DAY.to_owned(), |date| date.strftime("%Y%m%d").to_string())
            }
            _ => NO_DAY.to_owned(),
        };
        let place = match self.open.iter().position(|one| one.name == day) {
            Some(place) => place,
            None => self.begin(day)?,
        };
        self.open[place].rows.row(values)
    }

    /// Begins a file of a day. Gives its place.
    fn begin(&mut self, day: String) -> io::Result<usize> {
        if self.open.len() == MOST_OPEN {
            self.open.remove(0).finish()?;
        }
        let folder = self.folder.join(format!("eventDay={day}"));
        fs::create_dir_all(&folder).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: cannot be made: {error}", folder.display()))
        })?;
        let part = self.parts.entry(day.clone()).or_default();
        *part += 1;
        let path = folder.join(format!("{}-{part}.parquet", self.name));
        let target = Target::open(Some(&path), Readers::Usual).map_err(plain)?;
        let target = Shared(Rc::new(RefCell::new(target)));
        let Content { schema, columns, head, by_time } = &self.content;
        let out = target.clone();
        let rows = match (schema, by_time) {
            (Some(schema), by_time) => RowWriter::of_schema(Format::Parquet, out, *schema, head, *by_time)?,
            (None, true) => RowWriter::by_time(Format::Parquet, out, columns.clone(), head)?,
            (None, false) => RowWriter::of(Format::Parquet, out, columns.clone(), head)?,
        };
        self.open.push(Day { name: day, rows, target });
        Ok(self.open.len() - 1)
    }

    /// Completes all files.
    pub(super) fn finish(self) -> io::Result<()> {
        self.open.into_iter().try_for_each(Day::finish)
    }
}

impl Day {
    fn finish(self) -> io::Result<()> {
        self.rows.finish()?;
        match Rc::into_inner(self.target.0) {
            Some(target) => target.into_inner().finish().map_err(plain),
            None => Err(io::Error::other("a file is still written to")),
        }
    }
}

/// A failure as those of writing rows are.
fn plain(failure: Failure) -> io::Error {
    match failure {
        Failure::Failed(why) | Failure::Usage(why) => io::Error::other(why),
        Failure::BrokenPipe => io::ErrorKind::BrokenPipe.into(),
        Failure::Something | Failure::Incomplete => io::Error::other("it could not be completed"),
    }
}
