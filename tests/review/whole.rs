//! The command `review`, from captures, rules and worksheets to files and exit status.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::made::Made;
use crate::support::review::{
    RULES, TRUNK, USERS, ZONES, approve, findings, folder, is, kind, kinds, nft, office, port, review, rule,
    run, subjects, to, worksheet, write_worksheet,
};
use serde_json::Value as Json;

/// The columns that people fill in.
const HUMAN: usize = 34;

/// Compares with a file of `tests/expected`; `BLESS=1` writes it anew.
#[track_caller]
fn expect(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, made).expect("an expectation");
    }
    assert_eq!(made, fs::read_to_string(&path).unwrap_or_default(), "{name}");
}

#[test]
fn people_are_told_coverage_rows_findings_files_and_the_note() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let (status, text, said) = run(&[&office()[..], &["--out", path]].concat());
    assert_eq!((status, said.as_str()), (0, ""));
    let edition = portscribe::registry::Registry::bundled().edition().expect("a date").to_owned();
    expect("review.txt", &text.replace(path, "OUT").replace(&edition, "EDITION"));
    let sheet = fs::read_to_string(out.path().join("worksheet.csv")).expect("a worksheet");
    expect("review-worksheet.csv", &sheet.replace("\r\n", "\n"));
    let files: BTreeSet<String> = fs::read_dir(out.path())
        .expect("files")
        .map(|file| file.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    assert_eq!(files, ["review.html", "review.json", "worksheet.csv"].map(str::to_owned).into());
}

#[test]
fn findings_say_why_and_what_to_do() {
    let out = folder();
    let review = review(out.path(), &office());
    expect(
        "review-findings.json",
        &(serde_json::to_string_pretty(&review["findings"]).expect("JSON") + "\n"),
    );
}

#[test]
fn json_is_on_standard_output_as_in_the_folder_and_fits_the_schema() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let (_, json, _) = run(&[&office()[..], &["--out", path, "--format", "json"]].concat());
    assert_eq!(json, fs::read_to_string(out.path().join("review.json")).expect("a review"));
    let review: Json = serde_json::from_str(&json).expect("JSON");
    assert_eq!(review["note"], portscribe::registry::NOTE);
    assert_eq!(review["version"], 1);

    let python = |code: &str| {
        Command::new("python3")
            .args(["-c", code, "docs/review.schema.json"])
            .arg(out.path().join("review.json"))
            .output()
    };
    if !python("import jsonschema").is_ok_and(|output| output.status.success()) {
        crate::support::skipped("python3 has no jsonschema");
        return;
    }
    let check = "import json, sys, jsonschema as j; schema, review = (json.load(open(f)) for f in sys.argv[1:]); \
                 j.validate(review, schema, cls=j.Draft202012Validator); \
                 review['edges'][0]['ports'] = 80; \
                 sys.exit(j.Draft202012Validator(schema).is_valid(review))";
    let output = python(check).expect("python3");
    assert!(output.status.success(), "{}", crate::support::stderr(&output));
}

#[test]
fn every_run_writes_the_same_octets() {
    let all = ["--write", "worksheet,json,html,nft,aerleon,oscal"];
    let [one, two] = [(); 2].map(|()| {
        let out = folder();
        review(out.path(), &[&office()[..], &all].concat());
        let mut files = BTreeMap::new();
        let mut folders = vec![out.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("files") {
                let path = entry.expect("a file").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(out.path()).expect("below").to_owned();
                    files.insert(name, fs::read(path).expect("a file"));
                }
            }
        }
        files
    });
    assert!(one == two);
    let names: Vec<&str> = one.keys().filter_map(|name| name.to_str()).collect();
    assert_eq!(
        names,
        [
            "aerleon/def/portscribe_networks.yaml",
            "aerleon/def/portscribe_services.yaml",
            "aerleon/pol/iptables4.yaml",
            "aerleon/pol/iptables6.yaml",
            "aerleon/pol/nftables.yaml",
            "aerleon/pol/routers4.yaml",
            "aerleon/pol/routers6.yaml",
            "aerleon/pol/zones.yaml",
            "oscal-component-definition.json",
            "review.html",
            "review.json",
            "review.nft",
            "worksheet.csv",
        ]
    );
}

#[test]
fn packets_before_the_first_answer_are_the_kernels_counters() {
    let out = folder();
    let review = review(out.path(), &office());
    let mut kernel = 0;
    let mut compared = 0;
    for rule in review["rules"].as_array().expect("rules") {
        let (text, counted) = (rule["text"].as_str().expect("a text"), &rule["kernel_packets"]);
        kernel += counted.as_u64().unwrap_or(0);
        // Rules by state judge no new flow, and the policy has no counter.
        if !text.starts_with("ct state") && !counted.is_null() {
            assert_eq!(&rule["flows"]["packets_before_reply"], counted, "{text}");
            compared += 1;
        }
    }
    assert_eq!((compared, kernel), (15, 254));
}

#[test]
fn a_worksheet_comes_back_with_every_cell_that_people_wrote() {
    let first = folder();
    review(first.path(), &office());
    let (mut headings, mut rows) = worksheet(&first.path().join("worksheet.csv"));
    approve(&headings, &mut rows);
    headings.push("Kostenstelle".into());
    let hard = ["=1+1", "'=1", " a \"b\";c,\r\nd\n", "-", "ü\u{202e}", "", "\t", "+49 30"];
    for (n, row) in rows.iter_mut().enumerate() {
        let notes = headings.iter().position(|heading| heading == "notes").expect("a column");
        hard[n % hard.len()].clone_into(&mut row[notes]);
        row.push(format!("{}", 4711 + n));
    }
    // As a spreadsheet writes it: a byte order mark and semicolons.
    let filled = first.path().join("filled.csv");
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&headings).expect("headings");
    for row in &rows {
        writer.write_record(row).expect("a row");
    }
    let octets = [&b"\xef\xbb\xbf"[..], &writer.into_inner().expect("octets")].concat();
    fs::write(&filled, octets).expect("a worksheet");

    let second = folder();
    let approved = filled.to_str().expect("a path");
    let review_2 = review(second.path(), &[&office()[..], &["--approved", approved]].concat());
    let (headings_2, rows_2) = worksheet(&second.path().join("worksheet.csv"));
    assert_eq!(headings_2, headings);
    let people = |rows: &[Vec<String>]| -> BTreeMap<String, Vec<String>> {
        rows.iter().map(|row| (row[0].clone(), row[HUMAN..].to_vec())).collect()
    };
    assert_eq!(people(&rows_2), people(&rows));
    for id in ["FR101", "FR102", "FR103", "FR208", "FR501", "FR502", "FR503"] {
        assert_eq!(subjects(&review_2, id), Vec::<String>::new(), "{id}");
    }
    let statuses: BTreeSet<&str> = rows_2.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(
        statuses,
        ["approved-configured", "approved-only", "observed-approved-configured", "tried"].into()
    );

    // The worksheet that a review read may be the one that it writes.
    let own = second.path().join("worksheet.csv");
    let third =
        review(second.path(), &[&office()[..], &["--approved", own.to_str().expect("a path")]].concat());
    assert_eq!(findings(&third), findings(&review_2));
    assert_eq!(worksheet(&own), (headings_2, rows_2));
}

#[test]
fn a_service_without_a_row_is_not_approved() {
    let out = folder();
    review(out.path(), &office());
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    let telnet = rows.iter().position(|row| row[9] == "23").expect("telnet");
    let gone = rows.remove(telnet);
    write_worksheet(&sheet, &headings, &rows);
    let approved = ["--approved", sheet.to_str().expect("a path")];
    let review = review(out.path(), &[&office()[..], &approved].concat());
    assert_eq!(subjects(&review, "FR101"), [gone[0].as_str()]);
    assert_eq!(subjects(&review, "FR501"), [gone[0].as_str()]);
}

#[test]
fn approvals_end_lack_cells_and_are_turned_down() {
    let out = folder();
    review(out.path(), &office());
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    let column = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let row_of = |port: &str| rows.iter().position(|row| row[2] == "users" && row[9] == port).expect("a row");
    let (ssh, telnet, http, dns) = (row_of("22"), row_of("23"), row_of("80"), row_of("53"));
    rows[ssh][column("expires_on")] = "2026-11-21".into();
    rows[telnet][column("decision")] = "Remove".into();
    rows[http][column("business_need")] = " ".into();
    rows[dns][column("decision")] = "ask Bob".into();
    write_worksheet(&sheet, &headings, &rows);
    let approved = ["--approved", sheet.to_str().expect("a path")];
    // The capture is of 22 November.
    let now = review(out.path(), &[&office()[..], &approved].concat());
    assert_eq!(subjects(&now, "FR102"), [rows[ssh][0].as_str()]);
    // `ask Bob` decides nothing.
    assert_eq!(subjects(&now, "FR103"), [rows[dns][0].as_str(), rows[http][0].as_str()]);
    let mut unapproved = subjects(&now, "FR101");
    unapproved.sort();
    let mut expected = [rows[telnet][0].clone(), rows[dns][0].clone()];
    expected.sort();
    assert_eq!(unapproved, expected);
    let before = review(out.path(), &[&office()[..], &approved, &["--as-of", "2026-11-21"]].concat());
    assert_eq!(subjects(&before, "FR102"), Vec::<String>::new());
    assert_eq!(before["as_of"], "2026-11-21");
}

#[test]
fn rows_that_come_go_or_grow_are_told_and_none_is_lost() {
    let out = folder();
    let with = |capture: &'static str| vec![capture, "--zones", ZONES, "--rules", RULES];
    review(out.path(), &with(USERS));
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    let web = rows.iter().position(|row| row[2] == "users" && row[9] == "80").expect("a row");
    assert_eq!(rows[web][3], "192.0.2.10 192.0.2.11 192.0.2.12");
    rows[web][3] = "192.0.2.10/31".into();
    write_worksheet(&sheet, &headings, &rows);
    let approved = ["--approved", sheet.to_str().expect("a path")];

    let grown = review(out.path(), &[&with(USERS)[..], &approved].concat());
    assert_eq!(subjects(&grown, "FR503"), [rows[web][0].as_str()]);
    assert_eq!(
        findings(&grown).iter().find(|one| one[1] == "FR503").map(|one| one[3].as_str()),
        Some(
            "80/tcp (registered as http; speaks HTTP) at 198.51.100.20 from users has new clients: 192.0.2.12"
        )
    );

    // Another capture: all rows of users have gone, and stay; those of the branch are new.
    let other = review(out.path(), &[&with(TRUNK)[..], &approved].concat());
    assert!(subjects(&other, "FR501").len() >= 4);
    let (_, rows_2) = worksheet(&sheet);
    let status: BTreeMap<&str, &[String]> = rows_2.iter().map(|row| (row[0].as_str(), &row[..])).collect();
    for row in &rows {
        let now = status.get(row[0].as_str()).unwrap_or_else(|| panic!("{row:?}"));
        assert_eq!(now[HUMAN..], row[HUMAN..]);
    }
    assert_eq!(status[rows[web][0].as_str()][1], "approved-configured");
    assert_eq!(status[rows[web][0].as_str()][3], "192.0.2.10 192.0.2.11 192.0.2.12");
    assert!(subjects(&other, "FR502").contains(&rows[web][0]));
    let not_seen = "80/tcp (registered as http) at 198.51.100.20 from users of the last worksheet: not seen in 4.6 s of \
                    capture (0.0001 % of the 42-day window)";
    assert!(findings(&other).iter().any(|one| one[1] == "FR502" && one[3] == not_seen));
}

#[test]
fn a_worksheet_that_people_wrote_in_is_not_written_over() {
    let out = folder();
    review(out.path(), &office());
    // Nobody wrote in it: nothing is lost.
    review(out.path(), &office());
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows[..1]);
    write_worksheet(&sheet, &headings, &rows);
    let before = fs::read(&sheet).expect("a worksheet");
    let path = out.path().to_str().expect("a path");
    let (status, text, said) = run(&[&office()[..], &["--out", path]].concat());
    assert_eq!((status, text.as_str()), (2, ""));
    let message = format!(
        "portscribe: error: {}: holds what people wrote; give it with --approved to carry it over, or name another \
         folder with --out\n",
        sheet.display()
    );
    assert_eq!(said, message);
    assert_eq!(fs::read(&sheet).expect("a worksheet"), before);
    // What is not written is not in the way.
    review(out.path(), &[&office()[..], &["--write", "json"]].concat());
    assert_eq!(fs::read(&sheet).expect("a worksheet"), before);
}

#[test]
fn a_review_of_every_night_writes_over_what_it_wrote_the_night_before_and_nothing_else() {
    let (day, night) = (folder(), folder());
    review(day.path(), &office());
    let approved = day.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&approved);
    approve(&headings, &mut rows);
    write_worksheet(&approved, &headings, &rows);
    let with = ["--approved", approved.to_str().expect("a path")];
    let command = [&office()[..], &with].concat();
    let first = review(night.path(), &command);
    assert_eq!(review(night.path(), &command), first);
    // People go on writing in theirs: the copy is the last night's, and follows.
    let owner = headings.iter().position(|heading| heading == "owner").expect("a column");
    rows[0][owner] = "Grete".into();
    write_worksheet(&approved, &headings, &rows);
    review(night.path(), &command);
    let copy = night.path().join("worksheet.csv");
    let (_, mut copied) = worksheet(&copy);
    let row = copied.iter().position(|row| row[0] == rows[0][0]).expect("the row");
    assert_eq!(copied[row][owner], "Grete");

    // Somebody wrote in the copy: it stays.
    copied[row][owner] = "Hedy".into();
    write_worksheet(&copy, &headings, &copied);
    let before = fs::read(&copy).expect("a worksheet");
    let path = night.path().to_str().expect("a path");
    let (status, _, said) = run(&[&command[..], &["--out", path]].concat());
    assert_eq!(status, 2);
    assert_eq!(
        said,
        format!(
            "portscribe: error: {}: holds what people wrote, and {} does not hold all of it; give it with --approved \
             to carry it over, or name another folder with --out\n",
            copy.display(),
            approved.display()
        )
    );
    assert_eq!(fs::read(&copy).expect("a worksheet"), before);
    // Once all of it stands in theirs, too, nothing is lost any more.
    rows[0][owner] = "Hedy".into();
    write_worksheet(&approved, &headings, &rows);
    review(night.path(), &command);
    // Without the worksheet it came from, even an untouched copy stays.
    let (status, ..) = run(&[&office()[..], &["--out", path]].concat());
    assert_eq!(status, 2);
}

#[test]
fn a_review_names_its_program_and_the_hashes_of_what_it_read_and_wrote() {
    use sha2::{Digest, Sha256};

    let sha256 = |path: &Path| -> String {
        let digest = Sha256::digest(fs::read(path).expect("a file"));
        digest.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().concat()
    };
    let out = folder();
    let sheet = "samples/review/worksheet.csv";
    let review = review(out.path(), &[&office()[..], &["--approved", sheet]].concat());
    assert_eq!(review["made_by"], concat!("portscribe ", env!("CARGO_PKG_VERSION")));
    assert_eq!(review["rulesets"][0]["sha256"], sha256(Path::new(RULES)));
    assert_eq!(review["approved_sha256"], sha256(Path::new(sheet)));
    assert_eq!(review["worksheet_sha256"], sha256(&out.path().join("worksheet.csv")));
}

#[test]
fn a_security_group_is_not_called_wide_for_the_servers_it_does_not_name() {
    let out = folder();
    let rules = out.path().join("groups.json");
    let rule = |id: &str, ports: &str| {
        format!(
            r#"{{"SecurityGroupRuleId":"{id}","GroupId":"sg-a","IsEgress":false,"IpProtocol":"tcp",{ports},"CidrIpv4":"192.0.2.0/24"}}"#
        )
    };
    let (ssh, low) =
        (rule("sgr-1", r#""FromPort":22,"ToPort":22"#), rule("sgr-2", r#""FromPort":80,"ToPort":89"#));
    fs::write(&rules, format!(r#"{{"SecurityGroupRules":[{ssh},{low}]}}"#)).expect("rules");
    let path = rules.to_str().expect("a path");
    let review = review(out.path(), &[USERS, "--zones", ZONES, "--rules", path]);
    let wide: Vec<String> =
        findings(&review).into_iter().filter(|one| one[1] == "FR203").map(|one| one[3].clone()).collect();
    assert_eq!(
        wide,
        [
            "sgr-2: wider than its use (of 10 ports, in use: 80/tcp; of 256 clients, seen: 192.0.2.10, 192.0.2.11, \
             192.0.2.12)",
            "sgr-1: wider than its use (of 256 clients, seen: 192.0.2.10, 192.0.2.11)",
        ]
    );
    let scope = |cell: &str| review["rules"][0]["scope"][cell].as_str().map(str::to_owned);
    assert_eq!(scope("sources").as_deref(), Some("192.0.2.0/24"));
    assert_eq!(scope("destination").as_deref(), Some(""));
}

#[test]
fn a_small_window_makes_no_coverage_good_and_the_day_of_approvals_is_said() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let sheet = ["--approved", "samples/review/worksheet.csv"];
    let command = [&office()[..], &sheet, &["--out", path, "--window", "4s"]].concat();
    let (status, text, _) = run(&command);
    assert_eq!(status, 0);
    assert!(text.starts_with("Covered: 4.9 s of capture (100 % of the 4-second window)"), "{text}");
    assert!(text.contains("\nChance that a job ran in it: hourly 0.1 %, daily "), "{text}");
    assert!(text.contains("\nApprovals: samples/review/worksheet.csv, as of 2026-11-22.\n"), "{text}");
    let json = fs::read(out.path().join("review.json")).expect("a review");
    let review: Json = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(subjects(&review, "FR401"), [""]);
    let (_, text, _) = run(&[&command[..], &["--as-of", "2027-11-22"]].concat());
    assert!(text.contains("\nApprovals: samples/review/worksheet.csv, as of 2027-11-22.\n"), "{text}");
}

#[test]
fn help_shows_an_example_with_a_chain_and_the_exit_statuses() {
    let (status, help, _) = run(&["--help"]);
    assert_eq!(status, 0);
    for text in [
        "worksheet (CSV), xlsx (the worksheet as a workbook), json, html, nft,",
        "--rules fw.json --chain inet/fw/forward \\\n      --iface eth1=users --out review\n",
        "\nExit status:\n  0  done\n  1  done, and --fail-on or --require-coverage was met; every file is written, and captures that\n",
        "\n  4  failed: the message names the file, the place and what to do\n",
    ] {
        assert!(help.contains(text), "{text}: {help}");
    }
}

#[test]
fn the_exit_status_answers_what_was_asked() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let status = |more: &[&str]| run(&[&office()[..], &["--out", path], more].concat()).0;
    assert_eq!(status(&["--fail-on", "high"]), 1);
    assert!(out.path().join("review.json").exists());
    assert_eq!(status(&["--require-coverage", "7d"]), 1);
    assert_eq!(status(&["--require-coverage", "4s"]), 0);
    // Without rules, zones and approvals nothing is high.
    let alone = |more: &[&str]| run(&[&[USERS, "--out", path], more].concat()).0;
    assert_eq!(alone(&["--fail-on", "high"]), 0);
    assert_eq!(alone(&["--fail-on", "info"]), 1);
}

#[test]
fn what_is_wrong_is_said_before_anything_is_written() {
    let out = folder();
    let path = out.path().join("not-made");
    let file = |name: &str, text: &str| -> PathBuf {
        let path = out.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let sheet = file("sheet.csv", "row_id,expires_on\n0123456789ab,1/2/2027\n");
    let no_rules = file("rules.txt", "permit ip any any\n");
    let zones = file("zones.csv", "zone,cidr,trust\na,192.0.2.0/24,internal\nb,192.0.2.0/24,dmz\n");
    let text = |path: &Path| path.to_str().expect("a path").to_owned();
    let (sheet, no_rules, zones) = (text(&sheet), text(&no_rules), text(&zones));
    for (arguments, status, message) in [
        (
            vec!["--approved", &sheet],
            4,
            format!(
                "error: {sheet}:2: column expires_on: invalid date `1/2/2027`; use YYYY-MM-DD, such as 2027-01-31"
            ),
        ),
        (
            vec!["--rules", &no_rules],
            4,
            format!(
                "error: {no_rules}: is in no known format; give what `nft -j list ruleset`, `iptables-save -c` or `aws \
                 ec2 describe-security-group-rules` prints, or say with --rules-format which it is"
            ),
        ),
        (
            vec!["--rules", RULES, "--iface", "eth0=lan"],
            2,
            "error: --iface eth0=lan: unknown zone `lan`; the zones are".to_owned(),
        ),
        (
            vec!["--rules", RULES, "--chain", "input"],
            2,
            format!("error: {RULES}: no base chain is called `input`; there are: inet/fw/forward\n"),
        ),
        (vec!["--zones", &zones], 4, format!("error: {zones}, line 3: ")),
        (
            vec!["--format", "csv"],
            2,
            "error: invalid value 'csv' for '--format <FORMAT>'\n  [possible values: table, json]".to_owned(),
        ),
        (vec!["--rules", "-", "-"], 2, "error: standard input (-) can be read only once".to_owned()),
        (vec!["--chain", "forward"], 2, "error: the following required arguments".to_owned()),
    ] {
        let out = path.to_str().expect("a path");
        let (code, stdout, said) = run(&[&[USERS, "--out", out], &arguments[..]].concat());
        assert_eq!((code, stdout.as_str()), (status, ""), "{arguments:?}: {said}");
        let said = said.strip_prefix("portscribe: ").unwrap_or(&said);
        assert!(said.starts_with(&message), "{arguments:?}: {said}");
        assert!(!path.exists(), "{arguments:?}");
    }
}

#[test]
fn a_damaged_capture_is_reviewed_as_far_as_it_goes() {
    let out = folder();
    let whole = fs::read(USERS).expect("a sample");
    let cut = out.path().join("cut.pcap");
    fs::write(&cut, &whole[..whole.len() - 7]).expect("a capture");
    let path = out.path().to_str().expect("a path");
    let (status, _, _) = run(&[cut.to_str().expect("a path"), "--out", path]);
    assert_eq!(status, 3);
    let review: Json =
        serde_json::from_slice(&fs::read(out.path().join("review.json")).expect("a review")).expect("JSON");
    assert_eq!(subjects(&review, "FR404"), [""]);
}

/// What the laboratory of another study recorded: rules with the kernel's counters.
fn laboratory() -> Option<PathBuf> {
    let folder = crate::support::shared()?.join("firewall/lab/out");
    if !folder.is_dir() {
        crate::support::skipped("recordings of a firewall are missing");
        return None;
    }
    Some(folder)
}

#[test]
fn the_laboratory_run_has_these_findings() {
    let Some(laboratory) = laboratory() else { return };
    let file = |name: &str| laboratory.join(name).to_str().expect("a path").to_owned();
    let out = folder();
    let (capture, rules) = (file("f0.pcap"), file("before.json"));
    let review = review(out.path(), &[&capture, "--rules", &rules, "--vantage", "outside"]);
    let found: Vec<(String, String, String)> = findings(&review)
        .into_iter()
        .map(|[severity, id, subject, _]| {
            // Rows by what they are about.
            let edge = review["edges"]
                .as_array()
                .and_then(|edges| edges.iter().find(|edge| edge["row_id"] == subject));
            let rule = review["rules"]
                .as_array()
                .and_then(|rules| rules.iter().find(|rule| rule["reference"] == subject));
            let scan = review["scans"]
                .as_array()
                .and_then(|scans| scans.iter().find(|scan| scan["row_id"] == subject));
            if let Some(scan) = scan {
                return (severity, id, scan["client"].as_str().unwrap_or("").to_owned());
            }
            let subject = match (edge, rule) {
                (Some(edge), _) => {
                    format!("{}/{}", edge["ports"]["first"], edge["transport"].as_str().unwrap_or(""))
                }
                (_, Some(rule)) => {
                    rule["comment"].as_str().and_then(|text| text.split(' ').next()).unwrap_or("").into()
                }
                _ => subject,
            };
            (severity, id, subject)
        })
        .collect();
    let found: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|(severity, id, subject)| (severity.as_str(), id.as_str(), subject.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            // Their payload shows HTTP.
            ("medium", "FR110", "80/tcp"),
            ("medium", "FR110", "8080/tcp"),
            ("medium", "FR202", "R8"),
            ("medium", "FR203", "R1"),
            ("medium", "FR203", "R4"),
            ("medium", "FR210", "R1"),
            ("medium", "FR210", "R4"),
            ("medium", "FR210", "R7"),
            ("low", "FR110", "23/tcp"),
            // One server of a /24, and one transport of two.
            ("low", "FR203", "R2"),
            ("low", "FR203", "R3"),
            ("low", "FR207", "R5"),
            ("low", "FR302", "8443/tcp"),
            ("low", "FR302", "123/udp"),
            ("info", "FR118", "10.77.1.66"),
            ("info", "FR201", "R6"),
            ("info", "FR201", "R9"),
            // One client of a /64.
            ("info", "FR203", "R7"),
            ("info", "FR209", "R9"),
            ("info", "FR401", ""),
            ("info", "FR402", ""),
        ]
    );
    let title = |id: &str| findings(&review).into_iter().find(|one| one[1] == id).map(|one| one[3].clone());
    assert_eq!(
        title("FR302").as_deref(),
        Some(
            "8443/tcp (registered as pcsync-https) at 10.77.2.10 from private-10 is asked for and denied (1 try, 3 SYNs)"
        )
    );
    // Without the place of the sensor, what is denied is no more than noted.
    let unknown = self::review(out.path(), &[&capture, "--rules", &rules]);
    let denied: Vec<_> =
        findings(&unknown).into_iter().filter(|one| one[1] == "FR302").map(|one| one[0].clone()).collect();
    assert_eq!(denied, ["info", "info"]);
}

#[test]
fn the_laboratory_run_counts_as_its_kernel_did() {
    let Some(laboratory) = laboratory() else { return };
    let file = |name: &str| laboratory.join(name).to_str().expect("a path").to_owned();
    let out = folder();
    let review = review(out.path(), &[&file("f0.pcap"), "--rules", &file("after.json")]);
    let rules = review["rules"].as_array().expect("rules");
    let mut counted = Vec::new();
    for rule in rules {
        let Some(name) = rule["comment"].as_str().and_then(|text| text.split(' ').next()) else { continue };
        counted.push((name, rule["kernel_packets"].as_u64(), rule["flows"]["packets_before_reply"].as_u64()));
    }
    // Two rules by state (R0 and R0b) see no new flow; the policy counts nothing.
    let expected = [
        ("R1", 10),
        ("R2", 1),
        ("R3", 3),
        ("R4", 17),
        ("R5", 0),
        ("R6", 0),
        ("R7", 1),
        ("R8", 1),
        ("R9", 0),
        ("R10", 19),
    ];
    let by_name: Vec<_> = counted
        .iter()
        .filter(|(name, kernel, _)| kernel.is_some() && !["R0", "R0b"].contains(name))
        .copied()
        .collect();
    assert_eq!(by_name, expected.map(|(name, n)| (name, Some(n), Some(n))));
    let kernel: u64 = counted.iter().filter_map(|&(_, kernel, _)| kernel).sum();
    assert_eq!(kernel, 192);
    // The same packets in flows; the firewall counts the one ICMP error as an answer, which is in no flow.
    let sum = |key: &str| -> u64 {
        review["edges"]
            .as_array()
            .expect("edges")
            .iter()
            .map(|edge| edge[key].as_u64().expect("a number"))
            .sum()
    };
    assert_eq!((sum("packets") + 1, sum("bytes") + 66), (192, 10_791));
    // Flows are not packets: the last rule dropped 19 packets of 17 flows.
    let last = rules.iter().find(|rule| rule["comment"] == "R10 default drop").expect("R10");
    assert_eq!(last["flows"]["definite"], 17);
}

#[test]
fn a_look_at_payloads_confirms_or_takes_back_what_ports_suggest() {
    let out = folder();
    let tags = |review: &Json, port: u64| -> BTreeSet<(String, bool)> {
        let edges = review["edges"].as_array().expect("edges");
        let at_port = edges.iter().filter(|edge| edge["ports"]["first"] == port);
        let tags = at_port.flat_map(|edge| edge["tags"].as_array().expect("tags"));
        tags.map(|tag| (tag["tag"].as_str().expect("a tag").to_owned(), tag["waived"] != "")).collect()
    };
    let severity = |review: &Json, id: &str| {
        findings(review).into_iter().find(|one| one[1] == id).map(|one| one[0].clone())
    };

    let plain = review(out.path(), &["samples/http.pcap", "--no-payload"]);
    assert_eq!(severity(&plain, "FR110").as_deref(), Some("low"));
    let peeked = review(out.path(), &["samples/http.pcap"]);
    assert_eq!(severity(&peeked, "FR110").as_deref(), Some("medium"));
    let web = peeked["edges"]
        .as_array()
        .expect("edges")
        .iter()
        .find(|edge| edge["ports"]["first"] == 80)
        .expect("a row");
    assert_eq!((&web["name_basis"], &web["spoken"]), (&"payload".into(), &serde_json::json!(["HTTP"])));
    let (headings, rows) = worksheet(&out.path().join("worksheet.csv"));
    let note = headings.iter().position(|heading| heading == "registry_note").expect("a column");
    assert!(rows.iter().any(|row| row[9] == "80" && row[note].ends_with("; payload shows HTTP")));

    let ssh = review(out.path(), &["samples/ssh.pcap"]);
    assert_eq!(subjects(&ssh, "FR110"), Vec::<String>::new());
    let snmp = review(out.path(), &["samples/snmp.pcap"]);
    assert!(tags(&snmp, 161).contains(&("obsolete-version".into(), false)));
}

#[test]
fn rules_that_are_too_open_covered_or_undocumented_are_told_without_traffic() {
    let out = folder();
    let rules = [
        (
            rule(&[to("198.51.100.20"), port(serde_json::json!({ "range": [1, 1024] }))], "accept"),
            "low ports",
        ),
        (rule(&[to("198.51.100.20"), port(23)], "drop"), "no telnet"),
        (rule(&[to("198.51.100.20"), port(25)], "accept"), ""),
        (rule(&[to("198.51.100.30"), port(8080)], "accept"), ""),
        (rule(&[], "accept"), "for now"),
    ];
    let file = nft(out.path(), "accept", &rules);
    let wanted = ["FR204", "FR205", "FR206", "FR207", "FR208"];
    let open = review(out.path(), &["samples/http.pcap", "--rules", &file]);
    assert_eq!(
        kinds(&open, &wanted),
        [
            kind("FR204", "high", "inet/fw/forward#6"),
            kind("FR206", "medium", "inet/fw/forward#3"),
            kind("FR207", "low", "inet/fw/forward#4"),
            kind("FR208", "low", "inet/fw/forward#4"),
            kind("FR208", "low", "inet/fw/forward#5"),
        ]
    );
    // Without the rule that takes all, the policy lets the rest through; one that drops does not.
    let file = nft(out.path(), "accept", &rules[..1]);
    let policy = review(out.path(), &["samples/http.pcap", "--rules", &file]);
    assert_eq!(kinds(&policy, &wanted), [kind("FR205", "high", "inet/fw/forward#policy")]);
    let file = nft(out.path(), "drop", &rules[..1]);
    let policy = review(out.path(), &["samples/http.pcap", "--rules", &file]);
    assert_eq!(kinds(&policy, &wanted), []);
}

#[test]
fn interfaces_are_judged_by_the_zones_behind_them() {
    let out = folder();
    let name = |key: &str, name: &str| is(&serde_json::json!({ "meta": { "key": key } }), name);
    let file = nft(
        out.path(),
        "drop",
        &[(rule(&[name("iifname", "lan0"), name("oifname", "dmz0"), port(80)], "accept"), "web")],
    );
    let zones = ["samples/http.pcap", "--zones", ZONES, "--rules", &file];
    let row = |review: &Json| {
        let edges = review["edges"].as_array().expect("edges").clone();
        let edge = edges.into_iter().find(|edge| edge["server"] == "198.51.100.20").expect("a row");
        (edge["status"].clone(), edge["row_id"].as_str().expect("an identifier").to_owned())
    };
    // Nobody said where the interfaces lead: either rule may judge.
    let unknown = review(out.path(), &zones);
    let (status, id) = row(&unknown);
    assert_eq!(status, "observed-unjudged");
    assert!(subjects(&unknown, "FR303").contains(&id));
    let ways =
        |lan: &str, dmz: &str| review(out.path(), &[&zones[..], &["--iface", lan, "--iface", dmz]].concat());
    let right = ways("lan0=users", "dmz0=servers");
    assert_eq!(row(&right).0, "observed-configured");
    assert_eq!(subjects(&right, "FR303"), Vec::<String>::new());
    // The other way round the rule does not match, and what is in use is denied.
    let wrong = ways("lan0=servers", "dmz0=users");
    assert_eq!(row(&wrong).0, "observed-only");
    assert!(kinds(&wrong, &["FR301"]).contains(&kind("FR301", "high", &id)));
    // With both zones behind one interface, one of its names matches and the other does not.
    let both = review(
        out.path(),
        &[&zones[..], &["--iface", "lan0=users", "--iface", "lan1=users", "--iface", "dmz0=servers"]]
            .concat(),
    );
    assert!(subjects(&both, "FR303").contains(&id));
}

#[test]
fn within_a_zone_traffic_may_go_past_the_firewall() {
    let out = folder();
    let file = nft(out.path(), "drop", &[]);
    let review = review(out.path(), &["samples/http.pcap", "--rules", &file]);
    let severities: BTreeSet<String> =
        kinds(&review, &["FR301"]).into_iter().map(|(_, severity, _)| severity).collect();
    assert_eq!(severities, ["info".to_owned()].into());
}

#[test]
fn the_registry_and_the_outside_have_their_findings() {
    let out = folder();
    let zones = out.path().join("zones.csv");
    fs::write(&zones, "zone,cidr,comment,trust\nlan,198.51.100.0/24,,internal\nlan,2001:db8:2::/64,,internal\nnet,192.0.2.0/24,,external\nnet,2001:db8:1::/64,,external\n").expect("zones");
    let zones = ["--zones", zones.to_str().expect("a path")];
    let with = |capture: &'static str| review(out.path(), &[&[capture][..], &zones].concat());
    let of = |review: &Json, id: &str| -> Vec<(String, String)> {
        findings(review)
            .into_iter()
            .filter(|one| one[1] == id)
            .map(|[severity, _, _, title]| (severity, title))
            .collect()
    };
    let told = |severity: &str, title: &str| (severity.to_owned(), title.to_owned());

    let unassigned = with("samples/unauthorized-use.pcap");
    assert!(of(&unassigned, "FR114").contains(&told(
        "low",
        "44515/tcp at 198.51.100.20 is in use, and in the registry it is unassigned"
    )));
    assert_eq!(of(&unassigned, "FR115")[0], told("low", "The registry notes unauthorized use of 44515/tcp"));
    assert!(of(&unassigned, "FR111").iter().all(|(severity, _)| severity == "high"));

    let dns = with("samples/dns.pcapng");
    assert_eq!(
        of(&dns, "FR112")[0],
        told(
            "high",
            "53/udp (registered as domain; speaks DNS) at 198.51.100.20 answers clients of net and can amplify"
        )
    );

    let tftp = with("samples/tftp.pcap");
    let data = of(&tftp, "FR116");
    assert!(
        data[0].1.starts_with(
            "69/udp (registered as tftp; speaks TFTP) at 198.51.100.20 from net uses further ports: "
        ),
        "{data:?}"
    );
    // No port that was handed out is a row of its own.
    let (_, rows) = worksheet(&out.path().join("worksheet.csv"));
    let ports: BTreeSet<&str> = rows.iter().map(|row| row[9].as_str()).collect();
    assert_eq!(ports, ["69"].into());

    let groups = with("samples/multicast.pcap");
    assert_eq!(of(&groups, "FR117").len(), 1);
    assert!(
        groups["edges"]
            .as_array()
            .expect("edges")
            .iter()
            .filter(|edge| edge["kind"] == "group")
            .all(|edge| edge["status"] == "listed-apart")
    );
}

#[test]
fn translation_that_cannot_be_told_is_said() {
    let out = folder();
    let file = nft(out.path(), "drop", &[(rule(&[port(80)], "accept"), "web")]);
    let mut rules: Json = serde_json::from_slice(&fs::read(&file).expect("rules")).expect("JSON");
    let objects = rules["nftables"].as_array_mut().expect("objects");
    objects.push(serde_json::json!({ "chain": {
        "family": "inet", "table": "fw", "name": "pre", "handle": 20, "type": "nat", "hook": "prerouting", "prio": -100,
        "policy": "accept",
    } }));
    let mark = is(&serde_json::json!({ "meta": { "key": "mark" } }), 7);
    objects.push(serde_json::json!({ "rule": {
        "family": "inet", "table": "fw", "chain": "pre", "handle": 21,
        "expr": [mark, { "dnat": { "family": "ip", "addr": "198.51.100.99" } }],
    } }));
    fs::write(&file, rules.to_string()).expect("rules");
    let review = review(out.path(), &["samples/http.pcap", "--rules", &file]);
    assert_eq!(kinds(&review, &["FR403"]), [kind("FR403", "info", "")]);
}

#[test]
fn a_clock_that_goes_back_cuts_coverage() {
    let out = folder();
    let mut octets = fs::read("samples/http.pcap").expect("a sample");
    // The last record's time, a day earlier: a pcap file of 24 octets of head, then records of 16.
    let (mut at, mut last) = (24, 24);
    while at + 16 <= octets.len() {
        last = at;
        let length = u32::from_le_bytes(octets[at + 8..at + 12].try_into().expect("four octets"));
        at += 16 + length as usize;
    }
    let seconds = u32::from_le_bytes(octets[last..last + 4].try_into().expect("four octets")) - 86_400;
    octets[last..last + 4].copy_from_slice(&seconds.to_le_bytes());
    let capture = out.path().join("clock.pcap");
    fs::write(&capture, octets).expect("a capture");
    let review = review(out.path(), &[capture.to_str().expect("a path")]);
    assert_eq!(kinds(&review, &["FR405"]), [kind("FR405", "info", "")]);
    assert_eq!(review["coverage"]["cuts"][0]["reason"], "clock-jump");
}

/// The lines of the summary that count rows.
fn row_lines(out: &Path, arguments: &[&str]) -> Vec<String> {
    let (status, text, said) = run(&[arguments, &["--out", out.to_str().expect("a path")]].concat());
    assert_eq!((status, said.as_str()), (0, ""), "{arguments:?}");
    let lines = text
        .lines()
        .skip_while(|line| *line != "Rows by the decision they need:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn what_may_be_in_use_is_called_perhaps_in_use() {
    let out = folder();
    assert_eq!(
        row_lines(out.path(), &["samples/scan.pcap"]),
        [
            "Approve or reject:",
            "4 observed-unjudged It is in use and nobody has approved it, and whether a rule allows it is not known.",
            "3 of them perhaps in use",
            "Nothing:",
            "11 tried Somebody tried to reach it, but it was not seen in use.",
        ]
    );
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(page.contains("http 80/tcp (perhaps)"), "{page}");
    let review = review(out.path(), &["samples/scan.pcap"]);
    let edges = review["edges"].as_array().expect("edges");
    let http = edges.iter().find(|edge| edge["ports"]["first"] == 80).expect("a row");
    assert_eq!(http["grade"], "half-open");
    let title = findings(&review).into_iter().find(|one| one[1] == "FR110").map(|[.., title]| title);
    let server = http["server"].as_str().expect("an address");
    assert_eq!(
        title.expect("a finding"),
        format!(
            "80/tcp (registered as http) at {server} from documentation is perhaps in use and on the list of insecure \
             services"
        )
    );
}

#[test]
fn what_rules_do_not_judge_is_not_called_denied() {
    let out = folder();
    let of = |review: &Json, key: &str| -> BTreeSet<String> {
        let edges = review["edges"].as_array().expect("edges");
        edges.iter().map(|edge| format!("{} {}", edge["family"], edge[key]).replace('"', "")).collect()
    };
    // No ruleset.
    let none = review(out.path(), &[USERS]);
    assert_eq!(of(&none, "configured"), ["ipv4 not-judged", "ipv6 not-judged"].map(str::to_owned).into());
    // Rules of one family.
    let file = out.path().join("rules.save");
    fs::write(&file, "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n")
        .expect("rules");
    let one = [USERS, "--rules", file.to_str().expect("a path")];
    let judged = review(out.path(), &one);
    assert_eq!(
        of(&judged, "configured"),
        ["ipv4 no", "ipv4 yes", "ipv6 not-judged"].map(str::to_owned).into()
    );
    let (headings, rows) = worksheet(&out.path().join("worksheet.csv"));
    let column = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let verdicts: BTreeSet<(&str, &str)> =
        rows.iter().map(|row| (row[column("family")].as_str(), row[column("verdict")].as_str())).collect();
    assert_eq!(verdicts, [("ipv4", "accept"), ("ipv4", "drop"), ("ipv6", "not-judged")].into());
    let lines = row_lines(out.path(), &one);
    assert!(lines.iter().any(|line| line.ends_with("not judged by the rules given")), "{lines:?}");
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(page.contains("<dd>do not judge it</dd>"));
    // Rules of which it cannot be told which one judges.
    let mark = is(&serde_json::json!({ "meta": { "key": "mark" } }), 7);
    let file = nft(out.path(), "drop", &[(rule(&[mark], "accept"), "marked")]);
    let unclear = review(out.path(), &["samples/http.pcap", "--rules", &file]);
    assert_eq!(of(&unclear, "configured"), ["ipv4 ambiguous", "ipv6 ambiguous"].map(str::to_owned).into());
    let (_, rows) = worksheet(&out.path().join("worksheet.csv"));
    let verdicts: BTreeSet<&str> = rows.iter().map(|row| row[column("verdict")].as_str()).collect();
    assert_eq!(verdicts, ["accept", "accept ambiguous drop"].into());
    assert_eq!(
        row_lines(out.path(), &["samples/http.pcap", "--rules", &file])[..3],
        [
            "Approve or reject:",
            "2 observed-unjudged It is in use and nobody has approved it, and whether a rule allows it is not known.",
            "all left open by the rules",
        ]
    );
}

#[test]
fn an_approval_that_has_expired_is_not_counted_with_those_that_hold() {
    let out = folder();
    review(out.path(), &office());
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    let expires = headings.iter().position(|heading| heading == "expires_on").expect("a column");
    let ssh = rows.iter().position(|row| row[9] == "22").expect("a row");
    rows[ssh][expires] = "2026-11-21".into();
    write_worksheet(&sheet, &headings, &rows);
    let lines =
        row_lines(out.path(), &[&office()[..], &["--approved", sheet.to_str().expect("a path")]].concat());
    let anew = [
        "Approve anew:",
        "1 observed-approved-configured It is in use, people approved it, and a rule allows it.",
        "approved until a day that has passed",
    ];
    assert!(lines.windows(3).any(|three| three == anew), "{lines:?}");
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(page.contains("<td class=\"number\">1</td><th scope=\"row\">Approve anew</th>"));
}

#[test]
fn a_rule_that_was_hit_is_not_called_not_seen() {
    let out = folder();
    let lines = row_lines(out.path(), &office());
    let of_rules = [
        "4 config-only A rule allows it, but it was not seen in use and nobody has approved it.",
        "1 of them tried and not in use",
    ];
    assert!(lines.windows(2).any(|two| two == of_rules), "{lines:?}");
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(of_rules[1..].iter().all(|words| page.contains(words)));
    assert!(!page.contains("removal"));
}

#[test]
fn a_suggestion_for_what_was_turned_down_is_not_to_approve_it() {
    let out = folder();
    review(out.path(), &office());
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    let decision = headings.iter().position(|heading| heading == "decision").expect("a column");
    let telnet = rows.iter().position(|row| row[9] == "23").expect("a row");
    rows[telnet][decision] = "remove".into();
    write_worksheet(&sheet, &headings, &rows);
    let review =
        review(out.path(), &[&office()[..], &["--approved", sheet.to_str().expect("a path")]].concat());
    let all = review["findings"].as_array().expect("findings");
    let finding = all.iter().find(|one| one["id"] == "FR101" && one["subject"] == rows[telnet][0].as_str());
    assert_eq!(
        finding.expect("a finding")["suggestion"],
        "Find out who uses it still, and whether the decision has been carried out."
    );
}

#[test]
fn the_reason_for_status_1_is_said() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let ends = |more: &[&str]| {
        let (status, _, said) = run(&[&office()[..], &["--out", path, "--quiet"], more].concat());
        (status, said)
    };
    assert_eq!(
        ends(&["--fail-on", "high"]),
        (
            1,
            "portscribe: status 1: 10 findings of severity high or more (--fail-on): FR110, FR111\n"
                .to_owned()
        )
    );
    assert_eq!(
        ends(&["--require-coverage", "7d"]),
        (
            1,
            "portscribe: status 1: less was covered than --require-coverage asks: 4.9 s of capture (0.0001 % of the \
             42-day window)\n"
                .to_owned()
        )
    );
}

#[test]
fn what_the_last_worksheet_does_not_have_or_has_alone_ends_with_status_1_when_asked() {
    let out = folder();
    let path = |name: &str| out.path().join(name).to_str().expect("a path").to_owned();
    let capture = |name: &str, made: &Made| {
        fs::write(out.path().join(name), made.capture()).expect("a capture");
        path(name)
    };
    let (ssh, web) = (("10.0.1.2", 22), ("10.0.1.2", 80));
    let mut made = Made::default();
    made.connection(1, ("10.0.0.8", 40_000), ssh);
    let first = capture("first.pcap", &made);
    made.connection(2, ("10.0.0.9", 40_000), ssh);
    let grown = capture("grown.pcap", &made);
    let mut made = Made::default();
    made.connection(1, ("10.0.0.8", 40_000), web);
    let other = capture("other.pcap", &made);
    let folder = path("review");
    run(&[&first, "--out", &folder]);
    let sheet = path("review/worksheet.csv");
    let ends = |capture: &str, fail_on: &str| {
        let folder = path("next");
        let (status, _, said) =
            run(&[capture, "--approved", &sheet, "--out", &folder, "--quiet", "--fail-on", fail_on]);
        (status, said)
    };
    let all = "new-service,new-client,gone";
    let said = |lines: &[&str]| {
        let line = |line: &&str| format!("portscribe: status 1: {line}\n");
        (1, lines.iter().map(line).collect::<String>())
    };
    assert_eq!(ends(&first, all), (0, String::new()));
    assert_eq!(ends(&grown, "new-service,gone"), (0, String::new()));
    assert_eq!(ends(&grown, all), said(&["1 finding of new-client (--fail-on): FR503"]));
    assert_eq!(
        ends(&other, "new-service,new-client,gone,high"),
        said(&[
            "1 finding of new-service (--fail-on): FR501",
            "1 finding of new-client (--fail-on): FR501",
            "1 finding of gone (--fail-on): FR502",
            "1 finding of severity high or more (--fail-on): FR101",
        ])
    );
    let (status, _, said) = run(&[&first, "--out", &folder, "--fail-on", "info,gone"]);
    assert_eq!(
        (status, said.as_str()),
        (
            2,
            "portscribe: error: --fail-on gone: nothing to compare with; name the last worksheet with --approved\n"
        )
    );
}

#[test]
fn captures_that_cannot_be_read_are_in_the_review_and_do_not_hide_what_was_asked() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let (status, text, said) = run(&[USERS, "nope.pcap", "--out", path]);
    let nope = "nope.pcap: cannot be opened: No such file or directory (os error 2)";
    assert_eq!((status, said), (3, format!("portscribe: {nope}\n")));
    assert!(text.contains(&format!("\n  not read: {nope}\n")), "{text}");
    let file = |name: &str| fs::read_to_string(out.path().join(name)).expect("a file");
    let review: Json = serde_json::from_str(&file("review.json")).expect("JSON");
    assert_eq!(
        review["coverage"]["not_read"],
        serde_json::json!([{
            "name": "nope.pcap",
            "why": "cannot be opened: No such file or directory (os error 2)",
        }])
    );
    assert!(file("review.html").contains("<code>nope.pcap</code>: cannot be opened"));
    let title = findings(&review).into_iter().find(|one| one[1] == "FR404").map(|[.., title]| title);
    assert_eq!(title.as_deref(), Some("The captures are not whole: 1 capture that could not be read"));
    let (status, _, said) = run(&[USERS, "nope.pcap", "--out", path, "--fail-on", "info"]);
    assert_eq!(status, 1);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[1].starts_with("portscribe: status 1: "), "{said}");
    assert_eq!(
        lines[2],
        "portscribe: and not all captures could be read to their ends, which alone is status 3"
    );
}

#[test]
fn rules_of_one_firewall_are_taken_and_those_of_two_refused() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let save = |name: &str, tool: &str, chain: &str| -> String {
        let path = out.path().join(name);
        let text = format!(
            "# Generated by {tool}\n*filter\n:{chain} DROP [0:0]\n-A {chain} -p tcp -j ACCEPT\nCOMMIT\n"
        );
        fs::write(&path, text).expect("rules");
        path.to_str().expect("a path").to_owned()
    };
    let (four, six) =
        (save("4.save", "iptables-save", "FORWARD"), save("6.save", "ip6tables-save", "FORWARD"));
    // Both judge, and each says by which chain.
    let (status, text, said) = run(&[USERS, "--rules", &four, "--rules", &six, "--out", path]);
    assert_eq!((status, said.as_str()), (0, ""));
    assert!(
        text.contains(&format!("{four} (iptables-save, 1 rule), judged by ip/filter/FORWARD.\n")),
        "{text}"
    );
    assert!(
        text.contains(&format!("{six} (iptables-save, 1 rule), judged by ip6/filter/FORWARD.\n")),
        "{text}"
    );
    // Two firewalls.
    let (status, text, said) =
        run(&[USERS, "--rules", RULES, "--rules", &four, "--chain", "forward", "--out", path]);
    assert_eq!((status, text.as_str()), (2, ""));
    assert_eq!(
        said,
        format!(
            "portscribe: error: {four}: no flow would be judged by its rules, since inet/fw/forward judges; its base \
             chains are: ip/filter/FORWARD. A review is of one firewall: give its rules alone, or name a chain of each \
             file with --chain, one for IPv4 and one for IPv6\n"
        )
    );
    // Two tables of one firewall.
    let (status, text, said) = run(&[USERS, "--rules", RULES, "--rules", &four, "--out", path]);
    assert_eq!((status, said.as_str()), (0, ""));
    assert!(
        text.contains(&format!("{four} (iptables-save, 1 rule), judged by ip/filter/FORWARD.\n")),
        "{text}"
    );
    // Twice the chains of one name.
    let (status, _, said) = run(&[USERS, "--rules", &four, "--rules", &four, "--out", path]);
    assert_eq!(status, 2);
    assert!(said.contains("several chains could be meant: ip/filter/FORWARD, ip/filter/FORWARD; name one of them with --chain, and give the rules of one firewall alone\n"), "{said}");
    // A name for each family.
    let input = save("6in.save", "ip6tables-save", "INPUT");
    let (status, text, said) = run(&[
        USERS,
        "--rules",
        &four,
        "--rules",
        &input,
        "--chain",
        "ip/filter/FORWARD",
        "--chain",
        "ip6/filter/INPUT",
        "--out",
        path,
    ]);
    assert_eq!((status, said.as_str()), (0, ""));
    assert!(text.contains("judged by ip6/filter/INPUT.\n"), "{text}");
}

#[test]
fn a_bridge_beside_a_host_is_not_picked_silently() {
    let out = folder();
    let file = nft(out.path(), "drop", &[]);
    let mut rules: Json = serde_json::from_slice(&fs::read(&file).expect("rules")).expect("JSON");
    let chain = |family: &str, hook: &str| {
        serde_json::json!({ "chain": {
            "family": family, "table": "t", "name": hook, "handle": 1, "type": "filter", "hook": hook, "prio": 0,
            "policy": "drop",
        } })
    };
    rules["nftables"] = serde_json::json!([chain("bridge", "forward"), chain("inet", "input")]);
    fs::write(&file, rules.to_string()).expect("rules");
    let path = out.path().to_str().expect("a path");
    let (status, _, said) = run(&[USERS, "--rules", &file, "--out", path]);
    assert_eq!(
        (status, said),
        (
            2,
            format!(
                "portscribe: error: {file}: several chains could be meant: bridge/t/forward, inet/t/input; name one of \
                 them with --chain\n"
            )
        )
    );
    let json = review(out.path(), &[USERS, "--rules", &file, "--chain", "bridge/t/forward"]);
    assert_eq!(json["rulesets"][0]["chain"], "bridge/t/forward");
    rules["nftables"] = serde_json::json!([chain("bridge", "forward")]);
    fs::write(&file, rules.to_string()).expect("rules");
    let json = review(out.path(), &[USERS, "--rules", &file]);
    assert_eq!(json["rulesets"][0]["chain"], "bridge/t/forward");
}

#[test]
fn messages_say_what_to_give_instead() {
    let out = folder();
    let file = |name: &str, text: &str| {
        let path = out.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let (empty, none) = (file("empty.json", "\n"), file("none.json", "{\"nftables\":[]}"));
    let missing = out.path().join("missing.csv");
    let missing = missing.to_str().expect("a path");
    let path = out.path().to_str().expect("a path");
    for (arguments, status, message) in [
        (
            vec!["--rules", &empty, "--out", path],
            4,
            format!(
                "{empty}: is empty; the commands that print rules need the rights of root, and say so on standard error"
            ),
        ),
        (
            vec!["--rules", &none, "--out", path],
            2,
            format!(
                "{none}: the ruleset has no base chain that filters forwarded or incoming packets; there is none at all, \
                 as in the rules of a host whose tables are empty or not loaded"
            ),
        ),
        (
            vec!["--approved", missing, "--out", path],
            4,
            format!(
                "{missing}: cannot be read: No such file or directory (os error 2); name the worksheet that the last \
                 review wrote, or leave --approved out of the first one"
            ),
        ),
        (
            vec!["--out", &none],
            2,
            format!("--out {none}: is a file; name a folder, which is made where it is not there"),
        ),
    ] {
        let (code, text, said) = run(&[&[USERS], &arguments[..]].concat());
        assert_eq!((code, text.as_str(), said), (status, "", format!("portscribe: error: {message}\n")));
    }
}

#[test]
fn packets_outside_of_the_time_asked_for_are_not_counted() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let (status, text, _) = run(&["samples/http.pcap", "--out", path, "--since", "2099-01-01"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(status, 0);
    let json: Json =
        serde_json::from_slice(&fs::read(out.path().join("review.json")).expect("a review")).expect("JSON");
    let left_out = &json["coverage"]["left_out"];
    assert_eq!(left_out, &json["coverage"]["inputs"][0]["packets"]);
    assert_eq!(
        lines[0],
        format!(
            "Covered: 0 s of capture (0 % of the 42-day window); 0 packets ({left_out} more outside of --since and \
             --until)."
        )
    );
    assert!(lines.contains(&"No rows: every packet lies outside of --since and --until."), "{text}");
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(page.contains(&format!("<dt>packets left out by --since and --until</dt><dd>{left_out}</dd>")));
}

#[test]
fn zones_that_nothing_lies_in_are_told() {
    let out = folder();
    let zones = out.path().join("zones.csv");
    fs::write(&zones, "zone,cidr,trust\nlan,10.99.0.0/16,internal\n").expect("zones");
    let json = review(out.path(), &[USERS, "--zones", zones.to_str().expect("a path")]);
    assert_eq!(kinds(&json, &["FR406"]), [kind("FR406", "medium", "")]);
    let json = review(out.path(), &[USERS, "--zones", ZONES]);
    assert_eq!(kinds(&json, &["FR406"]), []);
}

#[test]
fn zones_are_read_with_semicolons_and_another_file_is_not_printed_whole() {
    let out = folder();
    let zones = out.path().join("zones.csv");
    fs::write(&zones, "zone;cidr;comment;trust\nlan;192.0.2.0/24;desks, first floor;internal\n")
        .expect("zones");
    let json = review(out.path(), &[USERS, "--zones", zones.to_str().expect("a path")]);
    let lan = &json["zones"].as_array().expect("zones").iter().find(|zone| zone["name"] == "lan");
    assert_eq!(lan.expect("a zone")["comment"], "desks, first floor");
    let (status, _, said) = run(&[USERS, "--zones", RULES, "--out", out.path().to_str().expect("a path")]);
    assert_eq!(status, 4);
    assert_eq!(
        said,
        format!(
            "portscribe: error: {RULES}, line 1: the columns are `{{\"nftables\": [{{\"metainfo\": {{\"version\": \
             \"1.0.6\",\"release_name …`; write `zone,cidr,comment,trust` as the first line\n"
        )
    );
}

#[test]
fn what_a_capture_does_not_say_of_drops_is_not_known() {
    let out = folder();
    let page = || fs::read_to_string(out.path().join("review.html")).expect("a page");
    let json = review(out.path(), &[USERS]);
    assert_eq!(json["coverage"]["dropped"], Json::Null);
    assert!(page().contains("<dt>packets the capture dropped</dt><dd>not known</dd>"));
    // Written by a program that counts drops.
    let json = review(out.path(), &[USERS, "samples/wireguard.pcapng"]);
    assert_eq!(json["coverage"]["dropped"], 0);
    let inputs = json["coverage"]["inputs"].as_array().expect("inputs");
    let dropped: BTreeMap<&str, &Json> =
        inputs.iter().map(|input| (input["name"].as_str().expect("a name"), &input["dropped"])).collect();
    assert_eq!(dropped, [(USERS, &Json::Null), ("samples/wireguard.pcapng", &Json::from(0))].into());
    assert!(page().contains("<dt>packets the capture dropped</dt><dd>0 in 1 of 2 captures</dd>"));
}

#[test]
fn the_same_capture_under_two_names_is_told() {
    let out = folder();
    let captures = out.path().join("captures");
    fs::create_dir(&captures).expect("a folder");
    for name in ["a.pcap", "b.pcap"] {
        fs::copy("samples/http.pcap", captures.join(name)).expect("a copy");
    }
    let folder = captures.to_str().expect("a path");
    let (status, text, said) = run(&[folder, "--out", out.path().to_str().expect("a path")]);
    assert_eq!(status, 0);
    assert_eq!(
        said,
        format!(
            "portscribe: {folder}/b.pcap holds the same packets as {folder}/a.pcap, and they count twice: leave one of the \
             two out.\n"
        )
    );
    let told = format!(
        "  counted more than once, since they hold the same packets: {folder}/a.pcap, {folder}/b.pcap\n"
    );
    assert!(text.contains(&told), "{text}");
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(page.contains("<strong>Counted more than once: </strong>"));
}
