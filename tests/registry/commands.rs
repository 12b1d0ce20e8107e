//! `lookup` and `registry list`, `search`, `info`, `check`, `diff`, as they are typed.

use std::fs;

use crate::support::{portscribe, stderr, stdout};

fn lines(args: &[&str]) -> Vec<String> {
    let output = portscribe(args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output).lines().skip(1).map(str::to_owned).collect()
}

const NOTE: &str = "IANA registry of 2026-09-12. A registration does not make traffic legitimate, nor does it prove \
                    that the traffic is that service; IANA says so in the registry itself.";

#[test]
fn a_registered_port_shows_everything_about_it_and_as_of_when() {
    let output = portscribe(["lookup", "4739/sctp", "-f", "table"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stdout(&output),
        format!(
            "4739/sctp  registered as ipfix  (user port)
  side by side      tcp=ipfix udp=ipfix sctp=ipfix dccp=other-transport
  description       IP Flow Info Export
  assignee          [Nevil_Brownlee]
  contact           [Nevil_Brownlee]
                    Nevil Brownlee, mailto:n.brownlee&auckland.ac.nz, 2006-10
  registered        2006-01
  as of             2024-03-18 (assignee, contact, dates, notes)

{NOTE}
"
        )
    );
}

#[test]
fn an_unassigned_port_shows_its_neighbours_and_unauthorized_use() {
    let output = portscribe(["lookup", "44515/tcp", "-f", "table"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stdout(&output),
        format!(
            "44515/tcp  unassigned  (user port)
  side by side      tcp=unassigned udp=unassigned sctp=unassigned dccp=unassigned
  unassigned        44446-44543
  below it          44445 acronis-backup
  above it          44544 reserved
  unauthorized use  Known UNAUTHORIZED USE: Ports 44515 & 44516
  description       Unassigned
  range of ports    44446-44543
  as of             2026-05-11 (assignee, contact, dates, notes)

{NOTE}
"
        )
    );
}

#[test]
fn names_are_found_in_any_case_with_their_aliases_and_what_a_port_once_was() {
    let cells = |query: &str| {
        let output = portscribe(["lookup", query, "-f", "csv", "-q"]);
        assert_eq!(output.status.code(), Some(0), "{query}");
        let text = stdout(&output);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader
            .records()
            .map(|row| {
                let row = row.expect("a row");
                [1, 2, 4, 5, 6].map(|column| row[column].to_owned()).join("|")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        cells("IPFIX"),
        ["4739|tcp|registered|ipfix|", "4739|udp|registered|ipfix|", "4739|sctp|registered|ipfix|"]
    );
    assert_eq!(cells("www/tcp"), ["80|tcp|registered|www|http www-http"]);
    assert_eq!(cells("netstat"), ["15|tcp|unassigned||"]);
    assert_eq!(cells("udp/53"), ["53|udp|registered|domain|"]);
    assert_eq!(cells("netconfsoapbeep"), ["||registered|netconfsoapbeep|"]);
    assert_eq!(cells("6062-6063/tcp"), ["6062|tcp|registered|x11|", "6063|tcp|registered|x11|"]);
}

#[test]
fn what_is_not_found_ends_with_1_and_the_nearest_spellings() {
    let output = portscribe(["lookup", "htpps", "-q", "-f", "csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "portscribe: no service is registered under the name `htpps`; the nearest name is https\n"
    );
    let output = portscribe(["lookup", "httpd", "-q", "-f", "csv"]);
    assert_eq!(
        stderr(&output),
        "portscribe: no service is registered under the name `httpd`; the nearest names are http, https, httpx\n"
    );
    let output = portscribe(["lookup", "--search", "no such words anywhere", "-q", "-f", "csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "portscribe: no row of the registry has all of the words `no such words anywhere`\n"
    );
}

#[test]
fn a_search_that_finds_nothing_ends_with_1_and_says_what_was_asked() {
    let asked = |args: &[&str]| {
        let output = portscribe([&["registry"][..], args, &["-q", "-f", "csv"]].concat());
        (output.status.code(), stdout(&output).lines().count(), stderr(&output))
    };
    let said = |text: &str| format!("portscribe: no row of the IANA registry of 2026-09-12 {text}\n");
    assert_eq!(
        asked(&["search", "NoSuchWord"]),
        (Some(1), 1, said("has the word `NoSuchWord` in any of its columns"))
    );
    assert_eq!(
        asked(&["search", "htpps"]),
        (Some(1), 1, said("has the word `htpps` in any of its columns; the nearest name is https"))
    );
    assert_eq!(
        asked(&["search", "flow info export", "--port", "80"]),
        (
            Some(1),
            1,
            said(
                "has all of the words `flow info export` in any of its columns and passes all filters; fewer words find more"
            )
        )
    );
    // A list may be empty.
    assert_eq!(asked(&["list", "--name", "no-such-name"]), (Some(0), 1, String::new()));
    let list = portscribe(["registry", "list", "--name", "no-such-name", "-f", "table"]);
    assert_eq!(stderr(&list), said("passes all filters"));
    for args in [&["registry", "search", " "][..], &["lookup", "--search", ""]] {
        let output = portscribe(args);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("expected a word to search for"), "{}", stderr(&output));
    }
}

#[test]
fn rows_are_listed_by_every_filter() {
    let listed = |args: &[&str]| lines(&[&["registry", "list", "-f", "csv", "-q"][..], args].concat());
    assert_eq!(
        listed(&["--port", "4711", "--transport", "sctp"]),
        [
            "trinity-dist,4711,sctp,Trinity Trust Network Node Communication,[P3KI_GmbH],[Gregor_Jehle],2017-01-12,,,,,"
        ]
    );
    assert_eq!(
        listed(&["--name", "PKIXREP"]),
        ["pkixrep,,,Public Key Infrastructure Repository Locator Service,,,,,[RFC4386],,,"]
    );
    assert_eq!(
        listed(&["--where", "contact=mcdonell", "--port", "44321-44323", "--changed-since", "2025-09-29"]),
        [
            "pmcd,44321,tcp,PCP server (pmcd),[Performance_Co-Pilot_PCP_Project],[Ken_McDonell],2010-12-20,2025-09-29,,,,",
            "pmcd,44321,udp,PCP server (pmcd),[Performance_Co-Pilot_PCP_Project],[Ken_McDonell],2010-12-20,2025-09-29,,,,",
        ]
    );
    assert_eq!(
        listed(&[
            "--status",
            "unassigned",
            "--range",
            "user",
            "--port",
            "43442-44123",
            "--where",
            "transport_protocol="
        ]),
        [",43442-44122,,Unassigned,,,,,,,,"]
    );
    assert_eq!(
        lines(&["registry", "search", "PCP", "proxy", "--transport", "udp", "-f", "csv", "-q"]),
        [
            "pmproxy,44322,udp,PCP proxy (pmproxy),[Performance_Co-Pilot_PCP_Project],[Ken_McDonell],2003-07,2025-09-26,,,,"
        ]
    );
    let wrong = portscribe(["registry", "list", "--where", "color=red"]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = portscribe(["registry", "list", "--port", "1", "-f", "csv"]);
    assert!(stderr(&said).contains("stand at 2015-07-30 in most rows"), "{}", stderr(&said));
}

#[test]
fn info_counts_every_port_once_for_each_transport() {
    let output = portscribe(["registry", "info", "-f", "json"]);
    let info: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&info["rows"], &info["contacts"]), (&14535.into(), &44.into()));
    assert_eq!(info["experts"].as_str().map(|text| text.starts_with("TCP/UDP: Joe Touch")), Some(true));
    for transport in ["tcp", "udp", "sctp", "dccp"] {
        let sum = |counts: &serde_json::Value| -> u64 {
            counts.as_object().expect("counts").values().map(|count| count.as_u64().expect("a number")).sum()
        };
        assert_eq!(sum(&info["ports"][transport]), 65536);
        for (range, ports) in [("system", 1024), ("user", 48128), ("dynamic", 16384)] {
            assert_eq!(sum(&info["ports_by_range"][transport][range]), ports);
        }
    }
    assert_eq!(
        info["free_on_every_transport"],
        serde_json::json!({ "system": 282, "user": 42439, "dynamic": 0 })
    );
}

#[test]
fn a_check_names_the_row_and_the_rule() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let text = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,\
                Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n\
                good,5,tcp,,,,,,,,,\n\
                a_name_that_is_long,4,tcp,,,,,,,,,\n\
                ,6-9,tcp,Unassigned,,,,,,,,\n\
                914,8,tcp,,,,2001-13,,,,,\n\
                good,10,tcp,,,,,,,,,\n\
                good,10,tcp,,,,,,,,,\n\
                a--b,50000,udp,,,,,,,,,\n";
    fs::write(file.path(), text).expect("written");
    let path = file.path().to_str().expect("UTF-8");
    let output = portscribe(["registry", "check", path, "-f", "csv", "-q"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        "row,line,rule,service_name,port_number,transport_protocol,message\n\
         2,3,name-length,a_name_that_is_long,4,tcp,19 characters; a service name has 15 at most\n\
         2,3,name-characters,a_name_that_is_long,4,tcp,\"`_` is neither a letter, a digit nor a hyphen\"\n\
         2,3,order,a_name_that_is_long,4,tcp,port 4 follows port 5\n\
         4,5,name-letter,914,8,tcp,a service name has at least one letter\n\
         4,5,overlap,914,8,tcp,ports 6-9 of row 3 overlap it\n\
         4,5,date,914,8,tcp,invalid date `2001-13`\n\
         5,6,several-ports,good,10,tcp,the name has port 5 as well\n\
         6,7,duplicate,good,10,tcp,row 5 says the same\n\
         7,8,name-hyphens,a--b,50000,udp,\"a hyphen is first, last or next to another hyphen\"\n\
         7,8,dynamic-assigned,a--b,50000,udp,ports from 49152 on are never assigned\n"
    );
    let same = portscribe(["registry", "diff", "bundled", "in-use", "-q", "-f", "csv"]);
    assert_eq!(
        (same.status.code(), stdout(&same).as_str()),
        (Some(0), "change,port,transport,service_name,column,old,new\n")
    );
}
