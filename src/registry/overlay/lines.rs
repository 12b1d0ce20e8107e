//! Overlays with a line a port: `/etc/services` and Nmap's services.

use super::{LocalService, PassedOver};
use crate::Transport;
use crate::foreign::Foreign;
use crate::registry::image;
use crate::registry::read::{Error, Fault, error_at, excerpt};

/// Whether a line is `name port/transport …`.
pub(super) fn is_service(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some() && words.next().is_some_and(|word| ports(word).is_some())
}

fn ports(word: &str) -> Option<((u16, u16), &str)> {
    let (ports, transport) = word.split_once('/')?;
    Some((image::port_range(ports).ok().flatten()?, transport))
}

pub(super) fn read(text: &str, lenient: bool) -> Result<(Vec<LocalService>, PassedOver), Error> {
    let mut entries: Vec<LocalService> = Vec::new();
    let mut passed_over = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let (content, comment) = line.split_once('#').unwrap_or((line, ""));
        let mut words = content.trim_start_matches('\u{feff}').split_whitespace();
        let Some(name) = words.next() else { continue };
        let place = words.next().unwrap_or_default();
        let fault = |found: &str| {
            // The word stands in the line, and the place of the line is at hand.
            let column = content.find(found).unwrap_or_default();
            let fault = Fault::Service { found: excerpt(found) };
            error_at(text, at + column, fault)
        };
        let Some((ports, transport)) = ports(place) else {
            let error = fault(if place.is_empty() { name } else { place });
            if !lenient {
                return Err(error);
            }
            passed_over.push(error);
            continue;
        };
        let Ok(transport) = transport.parse::<Transport>() else {
            // AppleTalk's and others' stand in many a system's file; no flow here can have them.
            passed_over.push(fault(place));
            continue;
        };
        let mut entry = LocalService {
            name: Foreign::new(name.to_owned()),
            ports: vec![ports],
            transports: vec![transport],
            description: Foreign::new(comment.trim().to_owned()),
            ..LocalService::default()
        };
        // Nmap has a frequency where others have aliases.
        let aliases: Vec<&str> = words.filter(|word| word.parse::<f64>().is_err()).collect();
        entries.push(entry.clone());
        for alias in aliases {
            entry.name = Foreign::new(alias.to_owned());
            entries.push(entry.clone());
        }
    }
    Ok((entries, passed_over))
}
