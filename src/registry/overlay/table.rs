//! Overlays in TOML.
//!
//! ```toml
//! [[service]]
//! name = "ledger"                 # what it is called here
//! port = 8443                     # or "9000-9010", or a list of both
//! transport = "tcp"               # or a list; all where it is left out
//! host = "192.0.2.0/24"           # or an address, or a list; everywhere where it is left out
//! description = "The ledger's web front end"
//! source = "https://wiki.example/ledger"
//! ```

use serde::Deserialize;
use toml::{Spanned, Value};

use super::{HOST, LocalService, PassedOver, host};
use crate::Transport;
use crate::foreign::Foreign;
use crate::registry::image;
use crate::registry::read::{Error, Fault, error_at, excerpt};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    service: Vec<Spanned<Service>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    name: Spanned<String>,
    port: Spanned<Value>,
    transport: Option<Spanned<Value>>,
    host: Option<Spanned<Value>>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    source: String,
}

pub(super) fn read(text: &str, lenient: bool) -> Result<(Vec<LocalService>, PassedOver), Error> {
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        error_at(text, at, Fault::Toml(error.message().to_owned()))
    })?;
    let mut entries = Vec::new();
    let mut passed_over = Vec::new();
    for service in file.service {
        match entry(text, service.into_inner()) {
            Ok(entry) => entries.push(entry),
            Err(error) if lenient => passed_over.push(error),
            Err(error) => return Err(error),
        }
    }
    Ok((entries, passed_over))
}

fn entry(text: &str, service: Service) -> Result<LocalService, Error> {
    if service.name.get_ref().trim().is_empty() {
        let fault = Fault::Key { key: "name", found: "nothing".into(), expected: "a name" };
        return Err(error_at(text, service.name.span().start, fault));
    }
    let ports =
        each(text, "port", &service.port, "a port or a range of ports \"LOW-HIGH\"", |value| match value {
            Value::Integer(port) => u16::try_from(*port).ok().map(|port| (port, port)),
            Value::String(ports) => image::port_range(ports).ok().flatten(),
            _ => None,
        })?;
    let transports = match &service.transport {
        None => Vec::new(),
        Some(value) => each(text, "transport", value, "tcp, udp, sctp, dccp or udplite", |value| {
            value.as_str()?.parse::<Transport>().ok()
        })?,
    };
    let hosts = match &service.host {
        None => Vec::new(),
        Some(value) => each(text, "host", value, HOST, |value| host(value.as_str()?))?,
    };
    Ok(LocalService {
        name: Foreign::new(service.name.into_inner()),
        ports,
        transports,
        hosts,
        description: Foreign::new(service.description),
        source: Foreign::new(service.source),
    })
}

/// The values of a key that takes one or a list.
fn each<T>(
    text: &str,
    key: &'static str,
    value: &Spanned<Value>,
    expected: &'static str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let all = match value.get_ref() {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let fault = |found: String| {
        error_at(text, value.span().start, Fault::Key { key, found: excerpt(&found), expected })
    };
    if all.is_empty() {
        return Err(fault("an empty list".into()));
    }
    all.iter()
        .map(|value| {
            read(value).ok_or_else(|| {
                fault(match value {
                    Value::String(text) => text.clone(),
                    Value::Integer(number) => number.to_string(),
                    other => other.type_str().to_owned(),
                })
            })
        })
        .collect()
}
