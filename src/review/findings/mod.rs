//! What a reviewer should look at.
//!
//! | numbers | about |
//! |---|---|
//! | FR101–FR119 | services that were seen: approvals, weak services, exposure, the registry |
//! | FR201–FR212 | rules |
//! | FR301–FR303 | services and rules that do not fit together |
//! | FR401–FR407 | what the captures cannot show |
//! | FR501–FR504 | what changed since the last worksheet |

mod approvals;
mod changes;
mod counters;
mod facts;
mod fit;
mod limits;
mod rules;
mod said;
mod services;
mod subject;
mod width;

pub(super) use facts::Facts;
use said::Said;

use super::model::Finding;

/// Every finding, most severe first, then by identifier and in the order of rows and rules.
pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let mut all = Vec::new();
    approvals::find(facts, &mut all);
    services::find(facts, &mut all);
    rules::find(facts, &mut all);
    fit::find(facts, &mut all);
    limits::find(facts, &mut all);
    changes::find(facts, &mut all);
    // Stable: within one kind the order of rows and rules stays.
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.kind.cmp(&b.kind)));
    all
}
