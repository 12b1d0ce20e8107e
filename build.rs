//! Turns the bundled edition of the registry (IANA's CSV layout) into the image that the program
//! looks ports up in, so that nothing is parsed at start-up.

#[allow(dead_code, missing_docs, clippy::pedantic)]
#[path = "src/registry/image.rs"]
mod image;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("src/registry/snapshot");
    for name in ["service-names-port-numbers.csv", "provenance.csv", "contacts.csv", "edition.toml"] {
        println!("cargo::rerun-if-changed={}", folder.join(name).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/registry/image.rs");

    let table = read(&folder.join("service-names-port-numbers.csv"))?;
    if table.first().map(Vec::as_slice)
        != Some(image::Column::ALL.map(|column| column.name().to_owned()).as_slice())
    {
        return Err("the bundled registry has not IANA's twelve columns".into());
    }
    let provenance = read(&folder.join("provenance.csv"))?;
    if provenance.len() != table.len() {
        return Err("provenance.csv has not one line for each row of the registry".into());
    }
    let mut rows = Vec::with_capacity(table.len());
    for (number, (cells, from)) in table.into_iter().zip(provenance).enumerate().skip(1) {
        if cells[..3] != from[..3] {
            return Err(format!("row {number}: provenance.csv speaks of another row").into());
        }
        let cells = <[String; 12]>::try_from(cells).map_err(|_| format!("row {number}: not twelve cells"))?;
        let [.., names_as_of, details_as_of] = <[String; 5]>::try_from(from)
            .map_err(|_| format!("row {number}: provenance.csv has not five cells"))?;
        rows.push(image::SourceRow { cells, names_as_of, details_as_of });
    }

    let about = fs::read_to_string(folder.join("edition.toml"))?;
    let value = |key: &str| -> Result<String, Box<dyn Error>> {
        about
            .lines()
            .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))
            .map(|text| text.trim().trim_matches('"').to_owned())
            .ok_or_else(|| format!("edition.toml has no `{key}`").into())
    };
    let edition = image::Edition {
        edition: value("edition")?,
        source: value("source")?,
        details_as_of: value("details_as_of")?,
        title: value("title")?,
        ..page_head(&fs::read_to_string(folder.join("seeds/registry-page-2024-03-18.txt"))?)?
    };
    let contacts = read(&folder.join("contacts.csv"))?
        .into_iter()
        .skip(1)
        .map(|cells| image::SourceContact::try_from(cells).map_err(|_| "a contact has not five cells"))
        .collect::<Result<Vec<_>, _>>()?;
    let bytes = image::build(&rows, &contacts, &edition)
        .map_err(|bad| format!("row {}: {} is not {}", bad.row + 1, bad.column.name(), bad.expected))?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo gives no OUT_DIR")?);
    fs::write(out.join("registry.image"), bytes)?;
    Ok(())
}

/// The registry's own note, its experts and its reference, which only the printed pages have.
fn page_head(page: &str) -> Result<image::Edition, Box<dyn Error>> {
    let between = |from: &str, to: &str| -> Result<String, Box<dyn Error>> {
        let (_, rest) = page.split_once(from).ok_or_else(|| format!("the page has no `{from}`"))?;
        let (text, _) = rest.split_once(to).ok_or_else(|| format!("the page has no `{to}`"))?;
        Ok(text.trim().to_owned())
    };
    Ok(image::Edition {
        experts: between("\nExpert(s)\n", "\nReference\n")?,
        reference: between("\nReference\n", "\nNote\n")?,
        note: between("\nNote\n", "\nRequest an Assignment\n")?,
        ..image::Edition::default()
    })
}

fn read(path: &Path) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path)?;
    reader.records().map(|record| Ok(record?.iter().map(str::to_owned).collect())).collect()
}
