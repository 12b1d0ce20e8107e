//! Flows and bytes by status, by range, and by service. The bars stand in the tables that they show.

use maud::{Markup, html};

use super::super::overview::{Amount, Overview, percent, share};
use super::super::summary::Total;
use super::mark::{Conditions, mark};
use super::words::{bytes, grouped};
use crate::label::PORTLESS;
use crate::net::PortRange;
use crate::registry::Status;

/// Services with a bar of their own.
const MOST_SERVICES: usize = 25;

pub(super) fn section(overview: &Overview, services: &[Total]) -> Markup {
    let all = overview.all();
    html! {
        section #amounts {
            h2 { "Status, ranges and services" }
            @if all.flows == 0 {
                p { "There are no flows." }
            } @else {
            div.beside {
                (table("By status of the server's port", "status", all, overview.statuses().map(|(status, amount)| {
                    let name = status.map_or(PORTLESS, Status::name);
                    (Conditions::status(name), name, amount)
                })))
                (table("By range of the server's port (RFC 6335)", "range", all, overview.ranges().map(|(range, amount)| {
                    (Conditions::range(range), range.map_or(PORTLESS, PortRange::name), amount)
                })))
            }
            h3 { "Services" }
            (of_services(services, all))
            }
        }
    }
}

fn table<'a>(
    caption: &str,
    heading: &str,
    all: Amount,
    rows: impl Iterator<Item = (Conditions, &'a str, Amount)>,
) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr { th scope="col" { (heading) } th scope="col" { "flows" } th scope="col" { "bytes" } th scope="col" { "of bytes" } } }
            tbody {
                @for (conditions, name, amount) in rows {
                    tr {
                        th scope="row" { (mark(&conditions, &format!("{heading} {name}"), name)) }
                        td.number { (grouped(amount.flows)) }
                        td.number title=(grouped(amount.bytes)) { (bytes(amount.bytes)) }
                        (bar(amount.bytes, all.bytes))
                    }
                }
            }
        }
    }
}

/// A share, and below it a bar that is as long.
fn bar(part: u64, all: u64) -> Markup {
    let share = share(part, all);
    let width = share * 100.0;
    html! {
        td.number.bar data-head="of bytes" {
            (percent(share))
            span style=(format!("--share: {width:.2}%")) {}
        }
    }
}

fn of_services(services: &[Total], all: Amount) -> Markup {
    let (shown, others) = services.split_at(services.len().min(MOST_SERVICES));
    let sum = |of: &dyn Fn(&Total) -> u64| others.iter().map(of).sum::<u64>();
    let (of_bytes, all_bytes) = (sum(&|row| row.bytes()), all.bytes);
    html! {
        table.stack {
            caption {
                "The name registered for the server's port and transport, which does not prove that the traffic is that service"
            }
            thead {
                tr {
                    th scope="col" { "port" } th scope="col" { "registered as" } th scope="col" { "flows" }
                    th scope="col" { "packets" } th scope="col" { "bytes" } th scope="col" { "of bytes" }
                }
            }
            tbody {
                @for row in shown {
                    @let (port, name) = row.in_brief();
                    tr {
                        th scope="row" {
                            @match row.first_key().and_then(Conditions::service) {
                                Some(conditions) => (mark(&conditions, &format!("{port} {name}"), &port)),
                                None => (port),
                            }
                        }
                        td data-head="registered as" { (name) }
                        td.number data-head="flows" { (grouped(row.flows())) }
                        td.number data-head="packets" { (grouped(row.packets())) }
                        td.number data-head="bytes" title=(grouped(row.bytes())) { (bytes(row.bytes())) }
                        (bar(row.bytes(), all.bytes))
                    }
                }
                @if !others.is_empty() {
                    tr {
                        th scope="row" { (grouped(others.len() as u64)) " others" }
                        td data-head="registered as" { "" }
                        td.number data-head="flows" { (grouped(sum(&|row| row.flows()))) }
                        td.number data-head="packets" { (grouped(sum(&|row| row.packets()))) }
                        td.number data-head="bytes" title=(grouped(of_bytes)) { (bytes(of_bytes)) }
                        (bar(of_bytes, all_bytes))
                    }
                }
            }
        }
    }
}
