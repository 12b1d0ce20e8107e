//! Turns the bundled edition of the registry (IANA's CSV layout) into the image that the program
//! looks ports up in, and what is known of services into tables of constants, so that nothing is
//! parsed at start-up.

#[allow(dead_code, missing_docs, clippy::pedantic)]
#[path = "src/registry/image.rs"]
mod image;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
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

    println!("cargo::rerun-if-changed={SERVICES}");
    fs::write(out.join("services.rs"), services(&read(Path::new(SERVICES))?)?)?;
    Ok(())
}

const SERVICES: &str = "src/services/services.csv";

/// The constants of `src/services/mod.rs`: a table for each kind of statement, in the order of the
/// file, and two that are searched by the registered name.
fn services(table: &[Vec<String>]) -> Result<String, Box<dyn Error>> {
    const COLUMNS: [&str; 10] = [
        "service",
        "registered_as",
        "proto",
        "ports",
        "fact",
        "value",
        "why",
        "alternative",
        "source",
        "source_date",
    ];
    let Some((_, rows)) = table.split_first().filter(|(headings, _)| **headings == COLUMNS) else {
        return Err(format!("{SERVICES}: the columns are not {}", COLUMNS.join(",")).into());
    };
    // The words of the column `value` are checked by the compiler: they become names of variants.
    let variant = |word: &str| -> String {
        word.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect()
    };
    let mut insecure = Vec::new();
    let mut plain: [(&str, &str, Vec<String>); 4] = [
        ("administration", "ADMINISTRATION", Vec::new()),
        ("hands-out-ports", "HANDS_OUT_PORTS", Vec::new()),
        ("one-way", "ONE_WAY", Vec::new()),
        ("stable", "STABLE", Vec::new()),
    ];
    let (mut begins, mut usual, mut clear) = (Vec::new(), Vec::new(), Vec::new());
    // By protocol: the registered names of the services that begin with it; and what a row says of it.
    let mut services_of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut clear_by_protocol: BTreeMap<String, String> = BTreeMap::new();
    for (line, cells) in rows.iter().enumerate().map(|(n, cells)| (n + 2, cells)) {
        let [service, registered, transports, ports, kind, value, why, alternative, source, date] =
            cells.as_slice()
        else {
            return Err(format!("{SERVICES}:{line}: not {} cells", COLUMNS.len()).into());
        };
        let registered = if registered.is_empty() { service } else { registered };
        let mut fact = format!("Fact {{ service: {service:?}, registered_as: {registered:?}, transports: &[");
        for word in transports.split_whitespace() {
            write!(fact, "Transport::{}, ", variant(word))?;
        }
        fact += "], ports: &[";
        for word in ports.split_whitespace() {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            let (first, last) = (first.parse::<u16>()?, last.parse::<u16>()?);
            write!(fact, "Ports {{ first: {first}, last: {last} }}, ")?;
        }
        write!(
            fact,
            "], why: {why:?}, alternative: {alternative:?}, source: {source:?}, source_date: {date:?} }}"
        )?;
        let protocols = || {
            value
                .split_whitespace()
                .map(|word| format!("Spoken::{}", variant(word)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match kind.as_str() {
            "begins-with" => {
                for word in value.split_whitespace() {
                    services_of.entry(variant(word)).or_default().push(registered.clone());
                }
                begins.push((registered.clone(), format!("({registered:?}, &[{}], {fact})", protocols())));
            }
            "usual-port" => usual.push(format!("(&[{}], {fact})", protocols())),
            "in-the-clear" => {
                let (protocols, said) = value.split_once(": ").unwrap_or(("", value));
                let (sends, until) = said.split_once(' ').unwrap_or((said, "always"));
                let (sends, until) = (variant(sends), variant(until));
                let item =
                    format!("InTheClear {{ sends: Sends::{sends}, until: Until::{until}, fact: {fact} }}");
                for word in protocols.split_whitespace() {
                    if clear_by_protocol.insert(variant(word), item.clone()).is_some() {
                        return Err(format!("{SERVICES}:{line}: {word} is said twice").into());
                    }
                }
                if protocols.is_empty() {
                    clear.push((registered.clone(), said.to_owned(), item));
                }
            }
            word => {
                if let Some((_, _, facts)) = plain.iter_mut().find(|(name, _, _)| *name == word) {
                    facts.push(fact);
                    continue;
                }
                insecure.push(format!("Insecure {{ tag: Tag::{}, fact: {fact} }}", variant(word)));
            }
        }
    }
    begins.sort();
    clear.sort();
    let mut text = String::new();
    let mut table = |doc: &str, name: &str, of: &str, items: Vec<String>| {
        let visible = if doc.is_empty() { "" } else { "pub " };
        let doc = if doc.is_empty() { String::new() } else { format!("/// {doc}\n") };
        writeln!(text, "{doc}{visible}static {name}: [{of}; {}] = [{}];", items.len(), items.join(",\n"))
    };
    table(
        "What standards and advisories call insecure, in the order of ports.",
        "INSECURE",
        "Insecure",
        insecure,
    )?;
    let docs = [
        "Services that give control of a host, beside those of [`INSECURE`] that do.",
        "Services that hand out the ports of other connections.",
        "Services that expect no answer, so that one way is how they look in use.",
        "Services that stay on their port among those that programs of ONC RPC are given.",
    ];
    for ((_, name, facts), doc) in plain.into_iter().zip(docs) {
        table(doc, name, "Fact", facts)?;
    }
    let begins = begins.into_iter().map(|(_, item)| item).collect();
    table("", "BEGINS_WITH", "(&str, &[Spoken], Fact)", begins)?;
    table("", "USUAL_PORT", "(&[Spoken], Fact)", usual)?;
    // A protocol sends what the services send that begin with it, where all of them are known to send the same.
    for (protocol, names) in services_of {
        let said = |name: &String| clear.iter().find(|(known, ..)| known == name).map(|(_, said, _)| said);
        if let Some((first, rest)) = names.split_first()
            && let Some(of_first) = said(first)
            && rest.iter().all(|name| said(name) == Some(of_first))
            && let Some((.., item)) = clear.iter().find(|(known, ..)| known == first)
        {
            clear_by_protocol.entry(protocol).or_insert_with(|| item.clone());
        }
    }
    let mut arms: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (protocol, item) in clear_by_protocol {
        arms.entry(item).or_default().push(format!("Spoken::{protocol}"));
    }
    let mut by_protocol = String::new();
    for (item, protocols) in arms {
        writeln!(by_protocol, "        {} => Some(&const {{ {item} }}),", protocols.join(" | "))?;
    }
    let clear = clear.into_iter().map(|(name, _, item)| format!("({name:?}, {item})")).collect();
    table("", "IN_THE_CLEAR", "(&str, InTheClear)", clear)?;
    writeln!(
        text,
        "const fn clear_of(spoken: Spoken) -> Option<&'static InTheClear> {{\n    match spoken {{\n{by_protocol}        \
         _ => None,\n    }}\n}}"
    )?;
    Ok(text)
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
