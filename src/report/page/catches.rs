//! What catches the eye, each with its flows.

use maud::{Markup, html};

use super::super::overview::{CatchKind, Overview};
use super::made::Made;
use super::mark::{Conditions, mark};
use super::words::grouped;

pub(super) fn section(overview: &Overview, made: Made) -> Markup {
    let all = overview.catches();
    html! {
        section #eye {
            h2 { "What catches the eye" }
            @if overview.all().flows == 0 {
                p { "There are no flows, so that nothing was looked at." }
            } @else if all.is_empty() {
                p {
                    "Nothing was found of what is looked for: flags to be looked at, refusals, scans. That does not make \
                     the traffic legitimate."
                }
            } @else {
                p { "What should be looked at first stands first. None of it says that something is wrong." }
                table.stack {
                    thead { tr { th scope="col" { "flows" } th scope="col" { "what" } th scope="col" { "option" } } }
                    tbody {
                        @for one in &all {
                            @let (option, value) = one.option();
                            tr {
                                td.number data-head="flows" { (grouped(one.flows)) }
                                td data-head="what" {
                                    @match &one.kind {
                                        CatchKind::Flag { flag, .. } => (mark(&Conditions::flag(*flag), flag.name(), &one.phrase())),
                                        CatchKind::Scan(scan) => {
                                            (mark(&Conditions::host(&scan.client.to_string()), &format!("host {}", scan.client), &format!("{}: {}", scan.client, one.phrase())))
                                        }
                                    }
                                }
                                td data-head="option" { code { "--" (option) " " (value) } }
                            }
                        }
                    }
                }
            }
            @if !all.is_empty() { p { "The options list the flows behind " code { (made.command) } "." } }
            @if overview.has_left_out_scans() {
                p { "There are too many different addresses and ports to look for scans among all of them." }
            }
        }
    }
}
