//! Names that Aerleon takes.

use super::super::super::super::model::{Judged, Row};
use super::super::super::fixture;
use super::*;
use crate::net::{Ports, Transport};
use crate::registry::Registry;

fn web() -> Judged<Row> {
    let web = |row: &Judged<Row>| row.row_id == fixture::id(fixture::WEB);
    fixture::review().rows.into_iter().find(web).expect("the row of the web server")
}

#[test]
fn every_registered_name_makes_good_tokens_and_terms() {
    let mut row = web();
    let registry = Registry::bundled();
    let offer = Offer::Ports { transport: Transport::UdpLite, ports: Ports { first: 10_000, last: 65_535 } };
    for registered in registry.rows() {
        row.service.registry.service = registered.service_name().to_owned();
        let term = term(&row, "re-");
        let token = service_token(&service(&row), offer);
        assert!(term.len() <= MOST_TERM, "{term}");
        assert!(term.starts_with("re-") && term.ends_with(fixture::WEB), "{term}");
        assert!(token.len() <= 63 && token.ends_with("_UDPLITE_10000_65535"), "{token}");
        for name in [&term[3..], &token] {
            assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{name}");
        }
    }
}

#[test]
fn names_tell_what_they_stand_for() {
    let mut row = web();
    assert_eq!(service_token("http", Offer::port(Transport::Tcp, 80)), "HTTP_TCP_80");
    assert_eq!(service_token("914c/g", Offer::port(Transport::Tcp, 211)), "SVC_914C_G_TCP_211");
    assert_eq!(
        service_token("", Offer::Ports { transport: Transport::Sctp, ports: Ports { first: 5, last: 9 } }),
        "SVC__SCTP_5_9"
    );
    assert_eq!(
        (term(&row, ""), term(&row, "re-")),
        ("http-ra00000000001".into(), "re-http-ra00000000001".into())
    );
    row.service.registry.service = "3com-amp3 \"\n".into();
    assert_eq!(term(&row, ""), "s-3com-amp-ra00000000001");
    assert_eq!(server_token(&row), "HOST_10_77_2_10");
    row.service.server = "fd77:2::10".parse().expect("an address");
    assert_eq!(server_token(&row), "HOST_FD77_2__10");
}

#[test]
fn zones_that_fold_to_the_same_name_stay_apart() {
    let mut tokens = Tokens::of(&[]);
    let long = "z".repeat(40);
    let longer = format!("{long}y");
    for zone in ["a b", "a\"b", "7", "", &long, &longer, "a b"] {
        tokens.add_zone(zone);
    }
    let names: Vec<&str> = ["a b", "a\"b", "7", "", &long, &longer].map(|zone| tokens.zone(zone)).to_vec();
    let (thirty_one, shorter) = ("z".repeat(31), format!("{}-2", "z".repeat(29)));
    assert_eq!(names, ["a-b", "a-b-2", "zone-7", "zone-", &thirty_one, &shorter]);
}
