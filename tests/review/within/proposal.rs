//! Which rows become rules, and for which clients.

use super::super::super::model::{Grade, Review, RowId};
use super::super::{Hook, WriteOptions, fixture};
use super::*;

fn sorted(review: &Review, approved_only: bool) -> (Vec<RowId>, Vec<(RowId, HeldBack)>, Vec<RowId>) {
    let options = WriteOptions { approved_only, hook: Hook::Forward };
    let Proposals { rules, held_back, not_seen } = proposals(review, options);
    (
        rules.into_iter().map(|rule| rule.row.row_id).collect(),
        held_back.into_iter().map(|(rule, why)| (rule.row.row_id, why)).collect(),
        not_seen.into_iter().map(|row| row.row_id).collect(),
    )
}

fn decided(decision: &str) -> Approval {
    Approval {
        row_id: RowId::default(),
        cells: vec![("decision".to_owned(), decision.to_owned())],
        ..Approval::default()
    }
}

#[test]
fn services_in_use_become_rules_and_people_decide_on_the_rest() {
    let mut review = fixture::review();
    review
        .rows
        .retain(|row| row.row_id == fixture::id(fixture::WEB) || row.row_id == fixture::id(fixture::SYSLOG));
    let (web, syslog) = (fixture::id(fixture::WEB), fixture::id(fixture::SYSLOG));
    let both = vec![syslog, web];
    review.kept.clear();
    for row in &mut review.rows {
        row.approval = None;
    }
    assert_eq!(sorted(&review, false), (vec![web], vec![(syslog, HeldBack::MayBe)], vec![]));
    let without = |row: &RowId| (*row, HeldBack::WithoutApproval);
    assert_eq!(sorted(&review, true), (vec![], both.iter().map(without).collect(), vec![]));
    for row in &mut review.rows {
        row.approval = Some(decided("approved"));
    }
    for approved_only in [false, true] {
        assert_eq!(sorted(&review, approved_only), (both.clone(), vec![], vec![]));
    }
    review.rows.iter_mut().for_each(|row| row.findings.push(FindingKind::ApprovalExpired));
    assert_eq!(sorted(&review, true).1, both.iter().map(without).collect::<Vec<_>>());
    assert_eq!(sorted(&review, false), (vec![web], vec![(syslog, HeldBack::MayBe)], vec![]));
    for row in &mut review.rows {
        row.approval = Some(decided("reject"));
    }
    let down = |row: &RowId| (*row, HeldBack::TurnedDown);
    assert_eq!(sorted(&review, false), (vec![], both.iter().map(down).collect(), vec![]));
}

#[test]
fn tries_groups_and_ports_that_were_handed_out_never_become_rules() {
    let mut review = fixture::review();
    review.rows.retain(|row| row.row_id == fixture::id(fixture::WEB));
    let web = fixture::id(fixture::WEB);
    for (kind, reason) in [
        (RowKind::DynamicData { control: RowId::default(), announced: false }, Some(HeldBack::DynamicData)),
        (RowKind::DynamicRange, Some(HeldBack::DynamicRange)),
        (RowKind::Group, None),
    ] {
        review.rows[0].kind = kind;
        review.rows[0].approval = Some(decided("approved"));
        let held_back = reason.map(|reason| (web, reason)).into_iter().collect();
        assert_eq!(sorted(&review, false), (vec![], held_back, vec![fixture::id(fixture::KEPT)]));
    }
    review.rows[0].kind = RowKind::Service;
    for grade in [Grade::NoReply, Grade::Refused, Grade::Unreachable] {
        review.rows[0].usage.grade = grade;
        assert_eq!(sorted(&review, false).0, Vec::<RowId>::new());
    }
}

#[test]
fn what_no_firewall_forwards_becomes_no_rule() {
    let mut review = fixture::review();
    review.rows.retain(|row| row.row_id == fixture::id(fixture::WEB));
    review.rows[0].approval = Some(decided("approved"));
    let mut of = |clients: &[&str], server: &str, hook| {
        let row = &mut review.rows[0];
        row.service.server = server.parse().expect("an address");
        row.service.clients.networks = clients.iter().map(|net| net.parse().expect("a network")).collect();
        let Proposals { rules, held_back, .. } =
            proposals(&review, WriteOptions { approved_only: false, hook });
        let clients =
            rules.iter().flat_map(|rule| &rule.clients).map(ToString::to_string).collect::<Vec<_>>();
        (clients.join(" "), held_back.first().map(|(_, why)| *why))
    };
    let none = (String::new(), Some(HeldBack::NotForwarded));
    for (client, server) in [
        ("127.0.0.1/32", "127.0.0.1"),
        ("::1/128", "::1"),
        ("192.0.2.1/32", "127.0.0.1"),
        ("192.0.2.1/32", "192.0.2.1"),
    ] {
        assert_eq!(of(&[client], server, Hook::Forward), none, "{client} {server}");
        assert_eq!(of(&[client], server, Hook::Input), none, "{client} {server}");
    }
    for (client, server) in [
        ("fe80::1/128", "fe80::2"),
        ("169.254.1.1/32", "169.254.1.2"),
        ("fe80::1/128", "2001:db8::1"),
        ("192.0.2.1/32", "169.254.169.254"),
    ] {
        assert_eq!(of(&[client], server, Hook::Forward), none, "{client} {server}");
        assert_eq!(of(&[client], server, Hook::Input), (client.to_owned(), None), "{client} {server}");
    }
    // Of several clients, those that can come.
    let clients = ["192.0.2.1/32", "192.0.2.9/32", "169.254.1.1/32"];
    assert_eq!(of(&clients, "192.0.2.9", Hook::Forward), ("192.0.2.1/32".to_owned(), None));
    // A network that holds the server has others in it, too.
    assert_eq!(of(&["192.0.2.0/24"], "192.0.2.9", Hook::Forward), ("192.0.2.0/24".to_owned(), None));
}

#[test]
fn clients_do_not_overlap_and_are_of_the_servers_family() {
    let mut review = fixture::review();
    review.rows.retain(|row| row.row_id == fixture::id(fixture::WEB));
    let of = |review: &Review| {
        disjoint(&review.rows[0], &review.rows[0].service.clients.networks)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    review.rows[0].service.clients.networks =
        ["10.0.1.9/24", "10.0.1.7/32", "fd00::1/128", "10.0.0.1/32", "10.0.1.0/25"]
            .iter()
            .map(|network| network.parse().expect("a network"))
            .collect();
    assert_eq!(of(&review), ["10.0.0.1/32", "10.0.1.0/24"]);
    review.rows[0].service.clients.networks.retain(|network| network.addr().is_ipv6());
    assert_eq!(sorted(&review, false).1, [(fixture::id(fixture::WEB), HeldBack::NoClient)]);
}
