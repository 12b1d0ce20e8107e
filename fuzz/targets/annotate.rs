//! A capture is annotated, and read again: the same packets, whole.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use portscribe::annotate::{AnnotateOptions, Pass, Whole};
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

fuzz_target!(|bytes: &[u8]| {
    let (Some(reader), Some(mut again)) = (support::reader(bytes), support::reader(bytes)) else { return };
    let mut reading = Reading::new(ReadSettings::default());
    let _ = reading.read(reader, |_| {});
    let traffic = reading.finish();
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    let mut pass = Pass::new(&labelled, None, AnnotateOptions::default());
    let mut out = Whole::new(Vec::new());
    pass.capture(&mut again, &mut out).expect("the same capture");
    let undescribed = pass.report().undescribed;
    let Ok(annotated) = out.finish() else { unreachable!("memory") };
    if annotated.is_empty() {
        return;
    }
    let mut reader = support::reader(&annotated).expect("what was written");
    let mut packets = 0;
    while let Some(_) = reader.next().expect("what was written is whole") {
        packets += 1;
    }
    assert_eq!(packets + undescribed, traffic.counters().read());
});
