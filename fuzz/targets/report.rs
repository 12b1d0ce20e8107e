//! A capture, of whatever kind, from its bytes to rows of flows and packets, and to totals.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use portscribe::registry::Registry;
use portscribe::report::summary::{By, Summary};
use portscribe::report::{Format, Head, RowWriter, Rows, flows};

fuzz_target!(|bytes: &[u8]| {
    let Some(traffic) = support::traffic(bytes) else { return };
    let registry = Registry::bundled();
    support::label(&traffic, &registry);
    let head = Head::of_traffic(&registry, traffic.log());
    let labelled = traffic.label(&registry);
    for format in [Format::Csv, Format::Json, Format::Markdown] {
        let mut rows = RowWriter::new(format, Vec::new(), flows::COLUMNS, &head).expect("memory");
        let mut summary = Summary::new(&[By::default()]);
        for row in labelled.rows() {
            rows.row(&flows::values(&row, traffic.place(row.flow.first_packet()))).expect("memory");
            summary.add(&row);
        }
        rows.finish().expect("memory");
        summary.finish().expect("memory");
    }
});
