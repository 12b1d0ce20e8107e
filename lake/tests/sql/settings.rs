//! Settings of how captures are read.

use portscribe::evidence::NameSources;
use portscribe::flow::LayerChoice;
use portscribe::report::Format;
use portscribe::traffic::ReadSettings;

use crate::support::{answer, flows_of, refused, samples};

#[test]
fn captures_are_read_as_it_is_set() {
    let mut settings = ReadSettings::default();
    settings.flow.layers = LayerChoice::All;
    let expected =
        String::from_utf8(flows_of(&samples(&["vxlan.pcap"]), &settings, Format::Csv)).expect("UTF-8");
    let sql = "SELECT * FROM flows('samples/vxlan.pcap') ORDER BY flow";
    assert_eq!(answer(&format!("SET portscribe.layers = 'all'; {sql}")), expected);
    assert_ne!(answer(sql), expected);

    let mut settings = ReadSettings::default();
    settings.flow.names = NameSources::OF_CAPTURES;
    let expected =
        String::from_utf8(flows_of(&samples(&["https.pcap"]), &settings, Format::Csv)).expect("UTF-8");
    let sql = "SELECT * FROM flows('samples/https.pcap') ORDER BY flow";
    assert_eq!(answer(&format!("SET portscribe.names = 'all'; {sql}")), expected);

    let mut settings = ReadSettings::default();
    settings.flow.since = "2026-11-22T05:12:10.560Z".parse().ok();
    settings.flow.until = "2026-11-22T05:12:10.590Z".parse().ok();
    let expected =
        String::from_utf8(flows_of(&samples(&["http.pcap"]), &settings, Format::Csv)).expect("UTF-8");
    assert_eq!(
        answer(
            "SET portscribe.since = '2026-11-22T05:12:10.560Z'; SET portscribe.until = '2026-11-22T05:12:10.590Z'; \
             SELECT * FROM flows('samples/http.pcap') ORDER BY flow"
        ),
        expected
    );
    assert!(expected.lines().count() > 1);
}

#[test]
fn results_do_not_depend_on_threads_and_memory() {
    let sql = "SELECT * FROM flows('samples/*.pcap') ORDER BY flow";
    let usual = answer(sql);
    assert_eq!(
        answer(&format!("SET portscribe.threads = 1; SET portscribe.flows_in_memory = 16; {sql}")),
        usual
    );
}

#[test]
fn settings_are_listed_and_wrong_ones_told() {
    assert_eq!(answer("SHOW portscribe.layers"), "name,value\nportscribe.layers,inner\n");
    let (status, said) = refused("SET portscribe.layers = 'deep'");
    assert_eq!(status, 2);
    assert!(said.contains("unknown value `deep` of portscribe.layers; use inner, outer, all"), "{said}");
    let (status, said) = refused("SET portscribe.depth = 3");
    assert_eq!(status, 2);
    assert!(said.contains("unknown setting portscribe.depth; there are layers, protocols"), "{said}");
}
