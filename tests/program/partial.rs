//! `flows --partial` and `merge`: captures that are read apart come together as one run would have read them.

use std::fs;
use std::io::Cursor;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portscribe::Transport;
use portscribe::capture::CaptureReader;
use portscribe::evidence::NameSources;
use portscribe::flow::FlowOptions;
use portscribe::partial::{PartialState, TableFormat, VERSION, page};
use portscribe::registry::Registry;
use portscribe::report::flows::values;
use portscribe::traffic::{Fold, ReadSettings, Reading, Traffic};

use crate::support::{
    Random, captures_below, packet, portscribe, sample, sample_captures, shared, stderr, stdout,
};

/// Runs the program: its status and what it prints.
fn run(words: &[&str], files: &[PathBuf], more: &[&str]) -> (Option<i32>, Vec<u8>, String) {
    let all = words.iter().map(PathBuf::from).chain(files.iter().cloned());
    let output = portscribe(all.chain(more.iter().map(PathBuf::from)));
    (output.status.code(), output.stdout.clone(), stderr(&output))
}

/// The tables of captures that are read in groups.
fn tables(groups: &[Vec<PathBuf>], folder: &Path, options: &[&str], random: &mut Random) -> Vec<PathBuf> {
    let table = |(number, group): (usize, &Vec<PathBuf>)| {
        let format = TableFormat::ALL[random.below(2) as usize];
        let path = folder.join(format!("{number}.{}", format.name()));
        let name = path.to_str().expect("UTF-8");
        let (status, _, said) = run(&["flows", "--partial", "-q"], group, &[options, &["-o", name]].concat());
        assert!(path.exists(), "{group:?}: {status:?} {said}");
        path
    };
    groups.iter().enumerate().map(table).collect()
}

/// Merges tables of a random choice into one, until there are few.
fn grouped(mut tables: Vec<PathBuf>, folder: &Path, random: &mut Random) -> Vec<PathBuf> {
    let mut number = 0;
    while tables.len() > 3 {
        let count = 2 + random.below(tables.len() as u64 - 2) as usize;
        let group: Vec<PathBuf> =
            (0..count).map(|_| tables.swap_remove(random.below(tables.len() as u64) as usize)).collect();
        let format = TableFormat::ALL[random.below(2) as usize];
        let path = folder.join(format!("merged-{number}.{}", format.name()));
        number += 1;
        let name = path.to_str().expect("UTF-8");
        let (status, _, said) = run(&["merge", "--partial", "-q"], &group, &["-o", name]);
        assert!(path.exists(), "{status:?} {said}");
        tables.push(path);
    }
    tables
}

/// One run says what the tables of groups of the captures say, in any grouping and order.
fn hold(captures: &[PathBuf], groups: &[Vec<PathBuf>], options: &[&str], seed: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(seed);
    let tables = tables(groups, folder.path(), options, &mut random);
    let tables = grouped(tables, folder.path(), &mut random);
    for format in ["csv", "json"] {
        let (status, whole, _) = run(&["flows", "-q", "--format", format], captures, options);
        let (merged_status, merged, said) = run(&["merge", "-q", "--format", format], &tables, &[]);
        let what = || format!("{} and {} more, {options:?}", captures[0].display(), captures.len() - 1);
        assert_eq!(merged_status, status, "{}: {said}", what());
        assert!(merged == whole, "{} as {format} is not what one run says", what());
    }
}

/// The captures in so many groups, each of random ones.
fn in_groups(captures: &[PathBuf], count: usize, random: &mut Random) -> Vec<Vec<PathBuf>> {
    let mut groups = vec![Vec::new(); count];
    for capture in captures {
        groups[random.below(count as u64) as usize].push(capture.clone());
    }
    groups.retain(|group| !group.is_empty());
    groups
}

const OPTIONS: [&[&str]; 3] =
    [&[], &["--names", "--protocols", "all"], &["--layers", "all", "--separate-vlans", "--copies", "drop"]];

#[test]
fn each_sample_alone() {
    for (capture, options) in sample_captures().into_iter().zip(OPTIONS.into_iter().cycle()) {
        hold(std::slice::from_ref(&capture), &[vec![capture.clone()]], options, 1);
    }
}

#[test]
fn all_samples_as_one_traffic() {
    let captures = sample_captures();
    for (seed, options) in (1..).zip(OPTIONS) {
        let each: Vec<_> = captures.iter().map(|capture| vec![capture.clone()]).collect();
        hold(&captures, &each, options, seed);
        for count in [1, 2, 7] {
            hold(&captures, &in_groups(&captures, count, &mut Random(seed)), options, seed);
        }
    }
}

#[test]
fn folders_of_captures_as_one_traffic() {
    let Some(shared) = shared() else { return };
    for (seed, folder) in (1..).zip(fs::read_dir(shared.join("captures")).expect("a folder")) {
        let captures = captures_below(&folder.expect("an entry").path());
        for (options, count) in OPTIONS.into_iter().zip([1, 2, 9]) {
            hold(&captures, &in_groups(&captures, count, &mut Random(seed)), options, seed);
        }
    }
}

/// The records of a little-endian pcap of Ethernet with microseconds; nothing of others.
fn records(path: &Path) -> Vec<([u8; 8], Vec<u8>)> {
    let bytes = fs::read(path).expect("a capture");
    let Some((header, mut rest)) = bytes.split_at_checked(24) else { return Vec::new() };
    if header[..4] != [0xd4, 0xc3, 0xb2, 0xa1] || header[20..24] != [1, 0, 0, 0] {
        return Vec::new();
    }
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four octets"));
    let mut all = Vec::new();
    while let Some((head, after)) = rest.split_at_checked(16) {
        let (octets, next) = after.split_at(number(&head[8..12]) as usize);
        let time = (u64::from(number(&head[..4])) << 32 | u64::from(number(&head[4..8]))).to_be_bytes();
        all.push((time, [head, octets].concat()));
        rest = next;
    }
    all
}

/// Records as captures, cut into so many.
fn cut(header: &[u8], records: &[Vec<u8>], count: usize, folder: &Path) -> Vec<PathBuf> {
    let each = records.len().div_ceil(count).max(1);
    let write = |(number, part): (usize, &[Vec<u8>])| {
        let path = folder.join(format!("{number:02}.pcap"));
        fs::write(&path, [header.to_vec(), part.concat()].concat()).expect("a capture");
        path
    };
    records.chunks(each).enumerate().map(write).collect()
}

/// Samples were recorded side by side: put together, they are one traffic, whose fragments, associations and flows go
/// on from each of its pieces to the next.
#[test]
fn a_capture_in_forty_pieces() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut all: Vec<_> = sample_captures().iter().flat_map(|path| records(path)).collect();
    all.sort();
    assert!(all.len() > 1000, "{} packets", all.len());
    let header = fs::read(sample("fragments.pcap")).expect("a capture")[..24].to_vec();
    let all: Vec<Vec<u8>> = all.into_iter().map(|(_, record)| record).collect();
    let captures = cut(&header, &all, 40, folder.path());
    assert_eq!(captures.len(), 40);
    for (seed, options) in (1..).zip(OPTIONS) {
        let each: Vec<_> = captures.iter().map(|capture| vec![capture.clone()]).collect();
        hold(&captures, &each, options, seed);
        hold(&captures, &in_groups(&captures, 5, &mut Random(seed)), options, seed);
    }
    // Each packet a capture of its own.
    for name in ["fragments.pcap", "sctp-paths.pcap", "ftp-active.pcap"] {
        let below = folder.path().join(name);
        fs::create_dir(&below).expect("a folder");
        let all: Vec<Vec<u8>> = records(&sample(name)).into_iter().map(|(_, record)| record).collect();
        assert!(!all.is_empty(), "{name}");
        let captures = cut(&header, &all, all.len(), &below);
        hold(&captures, &in_groups(&captures, 6, &mut Random(9)), &["--names"], 9);
    }
}

/// The same captures are the same octets, from run to run, for every number of threads, and however they came together.
#[test]
fn tables_are_the_same_from_run_to_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let captures = sample_captures();
    for format in TableFormat::ALL {
        let path = |name: &str| folder.path().join(format!("{name}.{}", format.name()));
        let write = |name: &str, words: &[&str], files: &[PathBuf], more: &[&str]| {
            let path = path(name);
            let (_, _, said) =
                run(words, files, &[more, &["-q", "-o", path.to_str().expect("UTF-8")]].concat());
            fs::read(&path).unwrap_or_else(|error| panic!("{error}: {said}"))
        };
        let flows = &["flows", "--partial", "--names"];
        let whole = write("whole", flows, &captures, &[]);
        for threads in ["1", "2", "7"] {
            assert!(
                write("again", flows, &captures, &["--threads", threads]) == whole,
                "{threads} threads, {format:?}"
            );
        }
        let mut random = Random(3);
        let groups = in_groups(&captures, 6, &mut random);
        let tables = tables(&groups, folder.path(), &["--names"], &mut random);
        assert!(write("merged", &["merge", "--partial"], &tables, &[]) == whole, "{format:?}");
        let (status, octets, said) = run(flows, &captures, &["-q", "--format", "csv"]);
        assert_eq!((status, octets), (Some(2), Vec::new()), "{said}");
    }
}

#[test]
fn what_was_read_in_another_way_is_not_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = |name: &str, capture: &str, options: &[&str]| {
        let path = folder.path().join(name);
        let name = path.to_str().expect("UTF-8");
        let (status, _, said) =
            run(&["flows", "--partial"], &[sample(capture)], &[options, &["-o", name]].concat());
        assert_eq!(status, Some(0), "{said}");
        path
    };
    let usual = table("usual.arrow", "http.pcap", &[]);
    for (options, said) in [
        (&["--layers", "outer"][..], "layers: \"inner\", and \"outer\""),
        (&["--idle-timeout", "tcp=5"], "connection_timeout: 300000000000, and 5000000000"),
        (&["--no-payload"], "payload: true, and false"),
        (&["--names=dns"], "names: [], and [\"dns\"]"),
        (&["--since", "2020-01-01"], "since: null, and \"2020-01-01T00:00:00.000000000Z\""),
    ] {
        let other = table("other.parquet", "dns.pcapng", options);
        let (status, out, error) = run(&["merge"], &[usual.clone(), other.clone()], &[]);
        assert_eq!((status, out.as_slice()), (Some(4), &b""[..]));
        assert_eq!(
            error,
            format!(
                "portscribe: error: {}: it was made with other settings ({said}); make all tables with the same options \
                 of `portscribe flows --partial`\n",
                other.display()
            )
        );
    }
}

#[test]
fn what_is_no_table_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, octets).expect("a file");
        path
    };
    let mut whole = Vec::new();
    for format in TableFormat::ALL {
        let path = folder.path().join(format!("whole.{}", format.name()));
        let (status, ..) = run(
            &["flows", "--partial", "-q"],
            &[sample("http.pcap")],
            &["-o", path.to_str().expect("UTF-8")],
        );
        assert_eq!(status, Some(0));
        whole.push(fs::read(path).expect("a table"));
    }
    let said = |path: &Path| {
        let (status, out, said) = run(&["merge", "-f", "csv"], &[path.to_owned()], &[]);
        assert_eq!((status, out.as_slice()), (Some(4), &b""[..]), "{said}");
        let said = said.strip_prefix(&format!("portscribe: error: {}: ", path.display())).map(str::to_owned);
        said.expect("the name of the file")
    };
    assert_eq!(said(&file("x.arrow", b"flow,capture\n")), "it is neither an Arrow file nor Parquet\n");
    assert_eq!(said(&file("x.arrow", b"")), "it is neither an Arrow file nor Parquet\n");
    assert_eq!(
        said(&folder.path().join("no-such")),
        "it cannot be read: No such file or directory (os error 2)\n"
    );
    // Damaged anywhere, and cut anywhere: never a panic, and never another result.
    let mut random = Random(5);
    for octets in &whole {
        for _ in 0..40 {
            let cut = random.below(octets.len() as u64) as usize;
            let path = file("cut", &octets[..cut]);
            assert!(!said(&path).contains("panicked"));
            let mut damaged = octets.clone();
            damaged[cut] ^= 1 << random.below(8);
            let path = file("damaged", &damaged);
            let (status, _, said) = run(&["merge", "-q", "-f", "csv"], &[path], &[]);
            assert!(matches!(status, Some(0 | 3 | 4)) && !said.contains("panicked"), "{status:?} {said}");
        }
    }
}

#[test]
fn a_capture_that_cannot_be_read_is_told_of_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let missing = path("missing.pcap");
    let cut = path("cut.pcap");
    let whole = fs::read(sample("http.pcap")).expect("a capture");
    fs::write(&cut, &whole[..whole.len() - 5]).expect("a capture");
    let table = |name: &str, captures: &[PathBuf]| {
        let table = path(name);
        let (status, _, said) =
            run(&["flows", "--partial"], captures, &["-o", table.to_str().expect("UTF-8")]);
        (table, status, said)
    };
    let (alone, status, said) = table("alone.arrow", std::slice::from_ref(&missing));
    let lost = format!("portscribe: {}: cannot be opened: No such file", missing.display());
    assert_eq!(status, Some(4));
    assert!(
        said.starts_with(&lost) && said.ends_with("portscribe: error: nothing could be read\n"),
        "{said}"
    );
    let (part, status, said) = table("part.arrow", std::slice::from_ref(&cut));
    assert_eq!(status, Some(3), "{said}");
    let (good, status, said) = table("good.parquet", &[sample("dns.pcapng")]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    // Nothing is a result of no flows.
    let (status, out, again) = run(&["merge", "-f", "csv"], std::slice::from_ref(&alone), &[]);
    assert_eq!((status, out.as_slice()), (Some(4), &b""[..]), "{again}");
    assert!(again.starts_with(&lost) && again.ends_with("portscribe: error: nothing could be read\n"));
    let captures = [missing.clone(), cut.clone(), sample("dns.pcapng")];
    let tables = [good, alone, part];
    for format in ["csv", "json"] {
        let (status, out, said) = run(&["flows", "-f", format], &captures, &[]);
        let (merged_status, merged, merged_said) = run(&["merge", "-f", format], &tables, &[]);
        assert_eq!((status, merged_status), (Some(3), Some(3)));
        assert!(out == merged);
        let mut lines: Vec<&str> = said.lines().collect();
        let mut merged_lines: Vec<&str> = merged_said.lines().collect();
        lines.sort_unstable();
        merged_lines.sort_unstable();
        assert_eq!(merged_lines, lines);
    }
}

#[test]
fn options_that_are_of_the_other_command_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("t.arrow");
    let name = table.to_str().expect("UTF-8");
    let capture = sample("http.pcap");
    let capture = capture.to_str().expect("UTF-8");
    let refused = |words: &[&str]| {
        let output = portscribe(words);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{words:?}");
        stderr(&output)
    };
    for option in [
        &["--port", "80"][..],
        &["--columns", "client"],
        &["--order", "end"],
        &["--flows-in-memory", "9"],
        &["--scans"],
        &["--fail-if-empty"],
    ] {
        let said = refused(&[&["flows", "--partial", capture, "-o", name][..], option].concat());
        assert!(said.starts_with("portscribe: error: --partial writes all that is known, and "), "{said}");
        assert!(!table.exists());
    }
    let said = refused(&["flows", "--partial", capture, "-o", "t.arrow.gz"]);
    assert_eq!(said, "portscribe: error: tables are compressed within: leave .gz out\n");
    assert!(portscribe(["flows", "--partial", "-q", capture, "-o", name]).status.success());
    for option in ["--since", "--until"] {
        let said = refused(&["merge", name, option, "2026-01-01"]);
        assert!(said.contains("cut packets, of which a table has none"), "{said}");
    }
    let said = refused(&["merge", "--partial", name, "-o", name]);
    assert!(said.contains("is one of the tables; the result would take its place"), "{said}");
    let said = refused(&["merge", name, "--columns", "server_name"]);
    assert!(said.contains("--names to `portscribe flows --partial`"), "{said}");
    let output = portscribe(["merge", name, "--status", "portless"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains("without --protocols all"), "{}", stderr(&output));
}

/// Runs `merge` with a table as its standard input.
fn merged_from(table: &Path, words: &[&str]) -> Output {
    let input = fs::File::open(table).expect("a table");
    let mut command = Command::new(env!("CARGO_BIN_EXE_portscribe"));
    command
        .arg("merge")
        .args(words)
        .env("PORTSCRIBE_CONFIG", "")
        .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.stdin(input).output().expect("the program runs")
}

#[test]
fn a_table_comes_by_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let captures = [sample("http.pcap"), sample("dns.pcapng")];
    let expected = portscribe(["flows", "-q"].map(PathBuf::from).into_iter().chain(captures.clone()));
    for format in TableFormat::ALL {
        let [one, other] =
            ["one", "other"].map(|name| folder.path().join(format!("{name}.{}", format.name())));
        for (capture, table) in captures.iter().zip([&one, &other]) {
            let name = table.to_str().expect("UTF-8");
            assert_eq!(
                run(&["flows", "--partial", "-q"], std::slice::from_ref(capture), &["-o", name]).0,
                Some(0)
            );
        }
        let output = merged_from(&one, &["-q", "-", other.to_str().expect("UTF-8")]);
        assert_eq!(stderr(&output), "");
        assert_eq!(output.stdout, expected.stdout);
        let output = merged_from(&one, &["-q", "--partial", "-", "-o", "-"]);
        assert_eq!(stderr(&output), "");
        assert!(!output.stdout.is_empty());
    }
    let output = merged_from(&captures[0], &["-"]);
    assert_eq!(stderr(&output), "portscribe: error: -: it is neither an Arrow file nor Parquet\n");
    let output = merged_from(&captures[0], &["-", "-"]);
    assert_eq!(stderr(&output), "portscribe: error: standard input holds one table: name - once\n");
    assert_eq!(output.status.code(), Some(2));
}

/// Without payload in the tables, `merge --anonymize` says what `flows --anonymize` does.
#[test]
fn merged_flows_are_anonymized() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (key, table) = (path("key"), path("t.arrow"));
    fs::write(&key, "0123456789abcdef".repeat(4)).expect("a key");
    #[cfg(unix)]
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("rights");
    for capture in sample_captures() {
        let made = run(
            &["flows", "--partial", "-q", "--no-payload"],
            std::slice::from_ref(&capture),
            &["-o", &table],
        );
        assert_eq!(made.0, Some(0), "{}", made.2);
        for format in ["csv", "json"] {
            let options = ["-q", "--format", format, "--anonymize", &key];
            let (_, expected, _) = run(&["flows", "--no-payload"], std::slice::from_ref(&capture), &options);
            let (status, merged, said) = run(&["merge", &table], &[], &options);
            assert_eq!((status, said.as_str()), (Some(0), ""));
            assert!(merged == expected, "{} as {format}", capture.display());
        }
    }
    for options in [&[][..], &["--no-payload", "--names=nrb"]] {
        let made =
            run(&["flows", "--partial", "-q"], &[sample("http.pcap")], &[options, &["-o", &table]].concat());
        assert_eq!(made.0, Some(0), "{}", made.2);
        let (status, out, said) = run(&["merge", &table, "--anonymize", &key], &[], &[]);
        assert_eq!((status, out.as_slice()), (Some(4), &b""[..]));
        assert!(said.contains("which --anonymize leaves out: make them with"), "{said}");
    }
    let (status, _, said) =
        run(&["merge", "--partial", &table, "--anonymize", &key, "-o", &path("u.arrow")], &[], &[]);
    assert_eq!(status, Some(2), "{said}");
}

/// A table of this version that was written once is read as long as there is the version; `src/partial/shapes.rs` says
/// when there must be another. BLESS=1 writes one where it is missing.
#[test]
fn a_table_of_this_version_is_read() {
    let names =
        ["fragments.pcap", "ftp-active.pcap", "https.pcap", "sctp-paths.pcap", "two-interfaces.pcapng"];
    let kept = format!("tests/expected/partial-{VERSION}.arrow");
    let captures: Vec<PathBuf> = names.map(|name| Path::new("samples").join(name)).into();
    let read = ["--names", "--protocols", "all"];
    if std::env::var_os("BLESS").is_some() && !Path::new(&kept).exists() {
        assert_eq!(run(&["flows", "--partial", "-q", "-o", &kept], &captures, &read).0, Some(0));
    }
    for format in ["csv", "json"] {
        let (_, expected, _) = run(&["flows", "-q", "--format", format], &captures, &read);
        let (status, merged, said) = run(&["merge", "-q", "--format", format, &kept], &[], &[]);
        assert_eq!((status, said.as_str()), (Some(0), ""));
        assert!(merged == expected, "{kept} as {format}");
    }
}

/// A capture of raw IP in memory.
fn capture_of(packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let numbers = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let mut octets = numbers(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    for (seconds, packet) in packets {
        octets.extend(numbers(&[1_700_000_000 + seconds, 0, packet.len() as u32, packet.len() as u32]));
        octets.extend(packet);
    }
    octets
}

fn said(traffic: &Traffic) -> Vec<String> {
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    let row = |row: portscribe::traffic::LabelledFlow| {
        format!("{:?}", values(&row, traffic.place(row.flow.first_packet())))
    };
    let mut all: Vec<String> = labelled.rows().map(row).collect();
    all.push(format!("{:?}", traffic.counters()));
    all
}

/// A packet of SCTP between hosts with two addresses each.
fn sctp(from_client: bool, paths: [u64; 2], tag: u32, chunk: &[u8]) -> Vec<u8> {
    let (source, destination) = if from_client { (1, 2) } else { (2, 1) };
    let ports: [u16; 2] = if from_client { [5000, 36_412] } else { [36_412, 5000] };
    let header = [&ports.map(u16::to_be_bytes).concat()[..], &tag.to_be_bytes(), &[0; 4]].concat();
    let payload = [&header[..], chunk].concat();
    let [source, destination] =
        [(source, paths[0]), (destination, paths[1])].map(|(host, path)| address_of(host, path));
    packet::ip(source, destination, Transport::Sctp.ip_protocol(), &payload)
}

fn address_of(host: u64, path: u64) -> IpAddr {
    IpAddr::from([192, 0, 2, (10 * host + path) as u8])
}

/// INIT or INIT ACK of a host, which names both of its addresses.
fn init(kind: u8, host: u64, tag: u32) -> Vec<u8> {
    let mut chunk = vec![kind, 0, 0, 36];
    chunk.extend(tag.to_be_bytes());
    chunk.extend([0, 0, 16, 0, 0, 1, 0, 1, 0, 0, 0, 1]);
    for path in 0..2 {
        let IpAddr::V4(address) = address_of(host, path) else { unreachable!("IPv4") };
        chunk.extend([0, 5, 0, 8]);
        chunk.extend(address.octets());
    }
    chunk
}

/// Associations of hosts with two addresses each, whose paths fall silent for longer than a flow lasts while others
/// go on: cut anywhere, they are what they are in one piece.
#[test]
fn paths_across_an_idle_cut() {
    let data = [0, 3, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4];
    let heartbeat = [4, 0, 0, 4];
    let settings = ReadSettings {
        flow: FlowOptions { names: NameSources::NONE, ..FlowOptions::default() },
        ..ReadSettings::default()
    };
    let mut random = Random(8);
    for round in 0..2000 {
        let (mut seconds, mut tag) = (0, 0);
        let mut packets = Vec::new();
        for n in 0..4 + random.below(20) {
            seconds += [0, 1, 100, 250, 299, 301, 400][random.below(7) as usize];
            let [one, other] = [random.below(2), random.below(2)];
            if n == 0 || random.below(10) == 0 {
                tag += 1;
                packets.push((seconds, sctp(true, [one, other], 0, &init(1, 1, tag))));
                packets.push((seconds, sctp(false, [other, one], tag, &init(2, 2, tag + 100))));
                continue;
            }
            let chunk: &[u8] = if random.below(2) == 0 { &data } else { &heartbeat };
            packets.push((seconds, sctp(random.below(2) == 0, [one, other], tag, chunk)));
        }
        let cuts = 1 + random.below(4) as usize;
        let each = packets.len().div_ceil(cuts).max(1);
        let captures: Vec<Vec<u8>> = packets.chunks(each).map(capture_of).collect();
        let reader = |n: usize, octets: &Vec<u8>| {
            CaptureReader::from_stream(&format!("{n}"), Cursor::new(octets.clone())).expect("a capture")
        };
        let mut whole = Reading::new(settings.clone());
        let mut apart = PartialState::new(settings.clone());
        for (n, octets) in captures.iter().enumerate() {
            whole.read(reader(n, octets), |_| {}).expect("a capture");
            let mut one = PartialState::new(settings.clone());
            one.read(reader(n, octets), |_| {}).expect("a capture");
            apart.merge(one).expect("the same settings");
        }
        let merged = said(&apart.into_reading(Fold).expect("a state").finish());
        for (merged, whole) in merged.iter().zip(said(&whole.finish())) {
            assert_eq!(*merged, whole, "round {round}, {} packets in {cuts}", packets.len());
        }
    }
}

#[test]
fn the_page_on_partial_flows_has_all_parts_and_columns() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/partial.md");
    let text = fs::read_to_string(&path).expect("docs/partial.md");
    let (begin, end) = ("<!-- table -->\n", "<!-- end of table -->\n");
    let (before, rest) = text.split_once(begin).expect("the beginning");
    let (_, after) = rest.split_once(end).expect("the end");
    let made = format!("{before}{begin}{}{end}{after}", page());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &made).expect("docs/partial.md");
    }
    assert!(made == text, "docs/partial.md is out of date: run this test with BLESS=1");
}
