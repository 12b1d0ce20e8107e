//! Names of one's own network, on top of the registry.
//!
//! An overlay says what a port is called here. It never hides what is registered: the two stand
//! beside each other, and no status and no flag ever comes from an overlay.

mod entry;
mod lines;
mod names;
#[cfg(feature = "formats")]
mod table;

use ipnet::IpNet;

use super::image::MOST_PORTS_COVERED;
use super::read::{self, Error, Fault, Further, MOST_BYTES, ReadOptions, error_at, excerpt};
use super::{Column, Kind};
use crate::foreign::Foreign;
pub use entry::PassedOver;
use entry::{HOST, host};
pub use names::{LocalService, Overlay};

/// Uses of ports that everyone meets and IANA does not list, or lists under another name.
#[cfg(feature = "formats")]
const COMMON: &str = include_str!("common.toml");

impl Overlay {
    /// The overlay that comes with the program, off unless asked for.
    ///
    /// ```
    /// use portscribe::registry::Overlay;
    /// use portscribe::Transport;
    ///
    /// let overlay = Overlay::common();
    /// assert_eq!(overlay.names(Transport::Udp, 51820, None), ["wireguard"]);
    /// ```
    #[cfg(feature = "formats")]
    pub fn common() -> Overlay {
        // A test reads it; were it damaged, nothing would be named.
        Overlay::read(COMMON.as_bytes(), false).map(|(overlay, _)| overlay).unwrap_or_default()
    }

    /// Reads an overlay: TOML, CSV in IANA's columns (optionally followed by a column `Host`:
    /// addresses and networks with spaces between), `/etc/services` or Nmap's services, told by
    /// content.
    ///
    #[cfg_attr(feature = "formats", doc = "```")]
    #[cfg_attr(not(feature = "formats"), doc = "```ignore")]
    /// use portscribe::registry::Overlay;
    /// use portscribe::Transport;
    ///
    /// let (overlay, _) = Overlay::read(b"
    ///     [[service]]
    ///     name = \"ledger\"
    ///     port = [8443, \"9000-9010\"]
    ///     transport = \"tcp\"
    ///     host = \"192.0.2.0/24\"
    /// ", false)?;
    /// let there = "192.0.2.7".parse().ok();
    /// assert_eq!(overlay.names(Transport::Tcp, 9005, there), ["ledger"]);
    /// assert!(overlay.names(Transport::Tcp, 9005, None).is_empty());
    /// # Ok::<(), portscribe::registry::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file is none of these, or an entry cannot be understood (unless `lenient`): with
    /// line and column.
    pub fn read(bytes: &[u8], lenient: bool) -> Result<(Overlay, PassedOver), Error> {
        let text = read::utf8(bytes, MOST_BYTES)?;
        let line = text
            .lines()
            .map(|line| line.trim_start_matches('\u{feff}').trim())
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .unwrap_or_default();
        let (entries, mut passed_over) =
            if line.starts_with("Service Name,") || line.starts_with("\"Service Name\",") {
                of_registry(text, lenient)?
            } else if lines::is_service(line) {
                lines::read(text, lenient)?
            } else if line.starts_with('[') || line.contains('=') || line.is_empty() {
                of_toml(text, lenient)?
            } else {
                let at = text.find(line).unwrap_or_default();
                return Err(error_at(text, at, Fault::UnknownOverlay { found: excerpt(line) }));
            };
        let mut overlay = Overlay::default();
        let mut covered = 0;
        for entry in entries {
            covered += entry.ports.iter().map(|&(low, high)| usize::from(high - low) + 1).sum::<usize>();
            if covered > MOST_PORTS_COVERED {
                return Err(error_at(text, text.len(), Fault::TooManyPorts));
            }
            overlay.add(entry);
        }
        passed_over.sort_by_key(Error::line);
        Ok((overlay, passed_over))
    }
}

#[cfg(feature = "formats")]
use table::read as of_toml;

#[cfg(not(feature = "formats"))]
fn of_toml(text: &str, _: bool) -> Result<(Vec<LocalService>, PassedOver), Error> {
    Err(error_at(text, 0, Fault::FormatLeftOut { format: "toml" }))
}

/// The names of a file in IANA's columns, and the hosts of a further one.
fn of_registry(text: &str, lenient: bool) -> Result<(Vec<LocalService>, PassedOver), Error> {
    let further = Further { name: "Host", read: &hosts };
    let (reading, hosts) =
        read::csv_with(text, &ReadOptions { lenient, ..ReadOptions::default() }, &further)?;
    let mut hosts = hosts.into_iter();
    let mut entries = Vec::new();
    let mut passed_over = reading.passed_over;
    for (row, &line) in reading.registry.rows().zip(&reading.lines) {
        let hosts = hosts.next().unwrap_or_default();
        match row.ports() {
            Some(ports) if row.kind() == Kind::Registered && !row.service_name().is_empty() => {
                entries.push(LocalService {
                    name: Foreign::new(row.service_name().to_owned()),
                    ports: vec![ports],
                    transports: row.transport().into_iter().collect(),
                    hosts,
                    description: Foreign::new(row.description().to_owned()),
                    source: Foreign::new(row.cell(Column::Reference).to_owned()),
                });
            }
            _ => passed_over.push(read::error_on(line, Fault::NoPort { found: excerpt(row.service_name()) })),
        }
    }
    Ok((entries, passed_over))
}

/// The addresses and networks of a cell; none for everywhere.
fn hosts(cell: &str) -> Result<Vec<IpNet>, Fault> {
    let fault = |found: &str| Fault::Cell { column: "Host", found: excerpt(found), expected: HOST };
    cell.split_whitespace().map(|word| host(word).ok_or_else(|| fault(word))).collect()
}
