//! Whose results are, who may read them, and what they take the place of.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use crate::support::{portscribe, stderr};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o7777
}

/// Runs a command that writes `out`.
fn write(command: &str, out: &Path) -> (Option<i32>, String) {
    let output = portscribe([
        command.as_ref(),
        "samples/http.pcap".as_ref(),
        "-q".as_ref(),
        "-o".as_ref(),
        out.as_os_str(),
    ]);
    (output.status.code(), stderr(&output))
}

fn done() -> (Option<i32>, String) {
    (Some(0), String::new())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_that_is_there_keeps_its_permissions_owner_and_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.csv");
    assert_eq!(write("flows", &out), done());
    let content = fs::read(&out).expect("a result");
    let usual = mode(&out);

    fs::write(&out, vec![b'x'; 100_000]).expect("a file");
    fs::set_permissions(&out, Permissions::from_mode(0o600)).expect("mine");
    // Root can show that the owner stays, too.
    let gave_away = chown(&out, Some(12_345), Some(12_346)).is_ok();
    assert_eq!(write("flows", &out), done());
    assert_eq!((mode(&out), fs::read(&out).expect("a result")), (0o600, content.clone()));
    if gave_away {
        let about = fs::metadata(&out).expect("a file");
        assert_eq!((about.uid(), about.gid()), (12_345, 12_346));
    }

    let other = folder.path().join("other.csv");
    fs::hard_link(&out, &other).expect("a second name");
    fs::write(&other, vec![b'x'; 100_000]).expect("a file");
    assert_eq!(write("flows", &out), done());
    assert_eq!(fs::read(&other).expect("a result"), content);

    let link = folder.path().join("link.csv");
    let target = folder.path().join("target.csv");
    symlink("target.csv", &link).expect("a link");
    assert_eq!(write("flows", &link), done());
    assert_eq!((fs::read(&target).expect("a result"), mode(&target)), (content.clone(), usual));
    assert_eq!(write("flows", &link), done());
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(fs::read(&target).expect("a result"), content);
    assert_eq!(names(folder.path()), ["link.csv", "other.csv", "out.csv", "target.csv"]);
}

#[test]
fn what_a_capture_holds_is_not_for_everyone_in_a_shared_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    for (shared, command, expected) in [
        (0o1777, "annotate", Some(0o600)),
        (0o777, "annotate", Some(0o600)),
        (0o700, "annotate", None),
        (0o1777, "flows", None),
    ] {
        fs::set_permissions(folder.path(), Permissions::from_mode(shared)).expect("mine");
        let (out, usual) = (folder.path().join("out"), folder.path().join("usual"));
        assert_eq!(write(command, &out), done());
        fs::write(&usual, "").expect("a file");
        assert_eq!(mode(&out), expected.unwrap_or(mode(&usual)), "{command} {shared:o}");
        fs::remove_file(&out).expect("a file");

        if command == "annotate" {
            let arguments =
                ["annotate", "samples/http.pcap", "-q", "--split-by", "service", "-o"].map(OsStr::new);
            let output = portscribe(arguments.iter().copied().chain([folder.path().as_os_str()]));
            assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
            let part = folder.path().join("http.pcapng");
            assert_eq!(mode(&part), expected.unwrap_or(mode(&usual)), "{shared:o}");
        }
    }
}

#[test]
fn a_link_of_somebody_else_in_a_shared_folder_is_not_followed() {
    let protected = fs::read_to_string("/proc/sys/fs/protected_symlinks").unwrap_or_default();
    let folder = tempfile::tempdir().expect("a folder");
    let shared = folder.path().join("shared");
    fs::create_dir(&shared).expect("a folder");
    fs::set_permissions(&shared, Permissions::from_mode(0o1777)).expect("mine");
    let victim = folder.path().join("victim");
    fs::write(&victim, "precious").expect("a file");
    let link = shared.join("out.csv");
    symlink(&victim, &link).expect("a link");
    if protected.trim() != "1" || std::os::unix::fs::lchown(&link, Some(12_345), Some(12_345)).is_err() {
        crate::support::skipped("the system follows such links, or none can be made");
        return;
    }
    let expected = format!(
        "portscribe: error: {}: cannot be created: Permission denied (os error 13)\n",
        link.display()
    );
    assert_eq!(write("flows", &link), (Some(4), expected));
    assert_eq!(fs::read_to_string(&victim).expect("a file"), "precious");
}

#[test]
fn messages_name_the_file_that_was_asked_for() {
    let folder = Path::new("/proc/self");
    let out = folder.join("out.csv");
    let (status, said) = write("flows", &out);
    assert_eq!(status, Some(4));
    assert!(said.starts_with("portscribe: error: /proc/self/out.csv: cannot be created: "), "{said}");
    assert!(!said.contains(".portscribe-"), "{said}");
}
