//! `registry update`, `import` and `--rollback`, against a real HTTP server on this machine.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use portscribe::registry::{self, Registry, Target};

/// A server that answers each connection with the next of its answers, and keeps the heads of
/// the requests.
struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn answering(answers: impl IntoIterator<Item = Vec<u8>>) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let mut answers: VecDeque<Vec<u8>> = answers.into_iter().collect();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.expect("a connection");
                let mut head = String::new();
                let mut lines = BufReader::new(connection.try_clone().expect("a second handle"));
                while lines.read_line(&mut head).expect("a line") > 2 {}
                kept.lock().expect("no panic").push(head);
                // The last answer is given to whoever comes after.
                let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
                let _ = connection.write_all(&answer.expect("an answer"));
            }
        });
        Server { port, requests }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/registry.csv", self.port)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len())
            .into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn portscribe(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portscribe"));
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command.env("XDG_DATA_HOME", data).args(args).output().expect("the program runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// The bundled registry with one service more, as IANA's CSV.
fn next_edition() -> Vec<u8> {
    let mut csv = Vec::new();
    registry::export(&Registry::bundled(), Target::IanaCsv, &mut csv).expect("memory");
    csv.extend_from_slice(b"portscribe-test,43500,tcp,A service of this test,,,2026-10-01,,,,,\n");
    csv
}

fn service_at_43500(data: &Path) -> String {
    let output = portscribe(data, &["lookup", "43500/tcp", "-q", "-f", "csv"]);
    let line = stdout(&output).lines().nth(1).expect("a row").to_owned();
    line.split(',').nth(5).expect("a service cell").to_owned()
}

fn nothing_is_in_use(data: &Path) {
    assert_eq!(service_at_43500(data), "");
    assert!(!data.join("portscribe/registry/in-use.json").exists());
    let left = fs::read_dir(data.join("portscribe/registry")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "files left behind");
}

#[test]
fn an_update_is_checked_shown_and_taken_into_use_and_asked_for_once() {
    let data = tempfile::tempdir().expect("a folder");
    let marks = "ETag: \"a1\"\r\nLast-Modified: Thu, 01 Oct 2026 08:00:00 GMT\r\n";
    let server = Server::answering([
        answer("200 OK", marks, &next_edition()),
        b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\nETag: \"a1\"\r\n\r\n".to_vec(),
    ]);
    let url = server.url();

    let first = portscribe(data.path(), &["registry", "update", "--url", &url]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    let shown = stdout(&first);
    let head: Vec<&str> = shown.lines().take(6).collect();
    assert_eq!(
        head,
        [
            "from 2026-09-12 (14535 rows) to 2026-10-01 (14536 rows)"
                .replace("14535", &rows(0))
                .replace("14536", &rows(1)),
            "rows: 1 added, 0 removed, 0 changed".to_owned(),
            "ports: 1 registered, 0 no-longer-registered, 0 renamed, 0 status".to_owned(),
            String::new(),
            "ports that became registered".to_owned(),
            "  43500/tcp        (unassigned) -> portscribe-test".to_owned(),
        ]
    );
    assert!(
        stderr(&first).contains(&format!("in use now: edition 2026-10-01 from {url}")),
        "{}",
        stderr(&first)
    );
    assert_eq!(service_at_43500(data.path()), "portscribe-test");

    let second = portscribe(data.path(), &["registry", "update", "--url", &url]);
    assert_eq!(second.status.code(), Some(0), "{}", stderr(&second));
    assert_eq!(stdout(&second), "");
    assert_eq!(
        stderr(&second),
        format!(
            "portscribe: the server has nothing newer than the edition in use, edition 2026-10-01 from {url}\n"
        )
    );
    let asked = server.requests();
    assert_eq!(asked.len(), 2);
    let has = |request: &str, line: &str| request.lines().any(|l| l.eq_ignore_ascii_case(line));
    assert!(!asked[0].to_lowercase().contains("if-none-match"), "{}", asked[0]);
    assert!(has(&asked[1], "If-None-Match: \"a1\""), "{}", asked[1]);
    assert!(has(&asked[1], "If-Modified-Since: Thu, 01 Oct 2026 08:00:00 GMT"), "{}", asked[1]);

    let back = portscribe(data.path(), &["registry", "update", "--rollback"]);
    assert_eq!(back.status.code(), Some(0), "{}", stderr(&back));
    assert!(stderr(&back).starts_with("portscribe: in use now: edition 2026-09-12 from IANA's registry"));
    assert_eq!(service_at_43500(data.path()), "");
    let further = portscribe(data.path(), &["registry", "update", "--rollback"]);
    assert_eq!(further.status.code(), Some(4));
    assert_eq!(
        stderr(&further),
        "portscribe: error: there is nothing to go back to: the registry in use is the bundled one\n"
    );
}

fn rows(more: usize) -> String {
    (Registry::bundled().len() + more).to_string()
}

#[test]
fn a_dry_run_shows_and_changes_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::answering([answer("200 OK", "", &next_edition())]);
    let output = portscribe(data.path(), &["registry", "update", "--dry-run", "--url", &server.url()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("43500/tcp        (unassigned) -> portscribe-test"));
    nothing_is_in_use(data.path());
}

#[test]
fn whatever_goes_wrong_on_the_way_leaves_the_registry_in_use() {
    let csv = next_edition();
    let whole = csv.len();
    let mut cut =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {whole}\r\nConnection: close\r\n\r\n").into_bytes();
    cut.extend_from_slice(&csv[..1000]);
    let html = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Sign in to this network</p></body></html>";
    let mut large = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    large.resize(large.len() + (33 << 20), b'x');
    let part: Vec<u8> = csv.split_inclusive(|&byte| byte == b'\n').take(500).flatten().copied().collect();
    for (what, answer, message) in [
        (
            "404",
            answer("404 Not Found", "", b"no such page"),
            "expected status 200 or 304 from the server; found 404",
        ),
        (
            "500",
            answer("500 Internal Server Error", "", b""),
            "expected status 200 or 304 from the server; found 500",
        ),
        (
            "304 to nobody's question",
            b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec(),
            "expected status 200 or 304 from the server; found 304",
        ),
        ("a cut connection", cut, &format!("the connection was cut after 1000 of {whole} bytes")),
        (
            "a page",
            answer("200 OK", "", html),
            "line 1, column 107: expected IANA's column names, `Service Name, Port Number, …`; found ``",
        ),
        (
            "no CSV",
            answer("200 OK", "", b"hello\n"),
            "line 1, column 1: expected IANA's registry as CSV, XML, XHTML, plain text or a printed page; found `hello`",
        ),
        (
            "nothing",
            answer("200 OK", "", b""),
            "line 1, column 1: expected IANA's registry as CSV, XML, XHTML, plain text or a printed page; found ``",
        ),
        ("too much", large, "the answer is larger than 33554432 bytes; IANA's file has one million"),
        (
            "a part",
            answer("200 OK", "", &part),
            &format!(
                "has 433 rows, the registry in use {}; a part of a registry is not taken into use without --force",
                rows(0)
            ),
        ),
    ] {
        let data = tempfile::tempdir().expect("a folder");
        let server = Server::answering([answer]);
        let output = portscribe(data.path(), &["registry", "update", "--url", &server.url()]);
        assert_eq!(output.status.code(), Some(4), "{what}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{what}");
        let said = stderr(&output);
        let expected = format!("portscribe: error: {}: {message}", server.url());
        assert!(said.starts_with(&expected), "{what}:\n{said}\n{expected}");
        nothing_is_in_use(data.path());
    }
}

#[test]
fn a_redirect_is_followed_and_a_loop_of_them_is_not() {
    let data = tempfile::tempdir().expect("a folder");
    let to = |place: &str| answer("302 Found", &format!("Location: {place}\r\n"), b"");
    let server = Server::answering([to("/elsewhere"), answer("200 OK", "", &next_edition())]);
    let output = portscribe(data.path(), &["registry", "update", "--url", &server.url(), "-q"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(service_at_43500(data.path()), "portscribe-test");

    let data = tempfile::tempdir().expect("a folder");
    let server = Server::answering([to("/registry.csv")]);
    let output = portscribe(data.path(), &["registry", "update", "--url", &server.url()]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        stderr(&output),
        format!(
            "portscribe: error: {}: the server redirected more than 5 times; the registry in use is unchanged\n",
            server.url()
        )
    );
    nothing_is_in_use(data.path());
}

#[test]
fn a_redirect_to_an_address_without_protection_is_not_followed() {
    for location in [
        "http://registry.invalid/a.csv",
        "//registry.invalid/a.csv",
        "http://[::1]@registry.invalid/",
        "a.csv",
    ] {
        let data = tempfile::tempdir().expect("a folder");
        let server =
            Server::answering([answer("307 Temporary Redirect", &format!("Location: {location}\r\n"), b"")]);
        let output = portscribe(data.path(), &["registry", "update", "--url", &server.url()]);
        assert_eq!(output.status.code(), Some(4));
        assert_eq!(
            stderr(&output),
            format!(
                "portscribe: error: {}: the server redirected to `{location}`; expected an address with \
                 `https://`; the registry in use is unchanged\n",
                server.url()
            )
        );
        assert_eq!(server.requests().len(), 1);
        nothing_is_in_use(data.path());
    }
}

#[test]
fn a_server_that_says_nothing_is_left_after_the_time_given() {
    let data = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let start = std::time::Instant::now();
    let output = portscribe(data.path(), &["registry", "update", "--timeout", "1", "--url", &url]);
    assert_eq!(output.status.code(), Some(4));
    assert!(start.elapsed().as_secs() < 20);
    assert!(stderr(&output).contains("the connection failed: timeout"), "{}", stderr(&output));
    nothing_is_in_use(data.path());
}

#[test]
fn a_proxy_that_the_environment_names_is_asked() {
    let data = tempfile::tempdir().expect("a folder");
    let proxy = Server::answering([answer("502 Bad Gateway", "", b"")]);
    let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .env("XDG_DATA_HOME", data.path())
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env("ALL_PROXY", format!("http://127.0.0.1:{}", proxy.port))
        .args(["registry", "update", "--timeout", "5", "--url", "https://registry.invalid/registry.csv"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(4));
    let asked = proxy.requests();
    assert_eq!(asked.len(), 1, "{}", stderr(&output));
    assert!(asked[0].starts_with("CONNECT registry.invalid:443 HTTP/1.1\r\n"), "{}", asked[0]);
}

#[test]
fn a_name_before_the_host_is_not_the_host() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::answering([answer("200 OK", "", &next_edition())]);
    let url = format!("http://[::1]@registry.invalid:{}/", server.port);
    let output = portscribe(data.path(), &["registry", "update", "--url", &url]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(server.requests().is_empty());
}

#[test]
fn an_unprotected_address_is_refused_before_anything_is_sent() {
    let data = tempfile::tempdir().expect("a folder");
    let output = portscribe(data.path(), &["registry", "update", "--url", "http://registry.invalid/a.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "portscribe: error: expected an address that begins with `https://` (or `http://` on this machine); \
         found `http://registry.invalid/a.csv`\n"
    );
}

#[test]
fn an_imported_file_replaces_all_of_the_bundled_registry() {
    let data = tempfile::tempdir().expect("a folder");
    let file = data.path().join("edition.csv");
    fs::write(&file, next_edition()).expect("written");
    let file = file.to_str().expect("UTF-8");
    let output = portscribe(data.path(), &["registry", "import", file, "--edition", "2026-10-01"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(service_at_43500(data.path()), "portscribe-test");
    let info = portscribe(data.path(), &["registry", "info", "-f", "json"]);
    let info: serde_json::Value = serde_json::from_slice(&info.stdout).expect("JSON");
    assert_eq!(info["edition"], "2026-10-01");
    assert_eq!(info["details_as_of"], serde_json::Value::Null);
    assert_eq!(info["source"], fs::canonicalize(file).expect("a path").display().to_string());
    let noted = portscribe(data.path(), &["lookup", "443/tcp", "-f", "csv"]);
    assert!(stderr(&noted).starts_with("portscribe: IANA registry of 2026-10-01. "), "{}", stderr(&noted));
    let bundled = portscribe(data.path(), &["registry", "info", "-f", "json", "--registry", "bundled"]);
    let bundled: serde_json::Value = serde_json::from_slice(&bundled.stdout).expect("JSON");
    assert_eq!(bundled["edition"], "2026-09-12");

    // A damaged file says where it is and what to do.
    let kept: PathBuf = data.path().join("portscribe/registry/edition-1/registry");
    fs::write(&kept, "rubbish").expect("written");
    let damaged = portscribe(data.path(), &["lookup", "443/tcp"]);
    assert_eq!(damaged.status.code(), Some(4));
    assert_eq!(
        stderr(&damaged),
        format!(
            "portscribe: error: {}: the registry in use is damaged; go back with `portscribe registry update \
             --rollback`: line 1, column 1: expected IANA's registry as CSV, XML, XHTML, plain text or a \
             printed page; found `rubbish`\n",
            kept.display()
        )
    );
    let back = portscribe(data.path(), &["registry", "update", "--rollback"]);
    assert_eq!(back.status.code(), Some(0), "{}", stderr(&back));
    assert_eq!(service_at_43500(data.path()), "");
}

#[test]
fn a_full_disk_leaves_the_registry_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&disk)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        crate::support::skipped("a small disk cannot be mounted (this needs root)");
        return;
    }
    let file = folder.path().join("edition.csv");
    fs::write(&file, next_edition()).expect("written");
    let output = portscribe(&disk, &["registry", "import", file.to_str().expect("UTF-8")]);
    let (code, said) = (output.status.code(), stderr(&output));
    let after = service_at_43500(&disk);
    let left = fs::read_dir(disk.join("portscribe/registry")).map_or(0, Iterator::count);
    let unmounted = Command::new("umount").arg(&disk).status().is_ok_and(|status| status.success());
    assert!(unmounted);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("cannot be written; what was in use still is: No space left on device"), "{said}");
    assert_eq!(after, "");
    assert_eq!(left, 0, "files left behind");
}
