//! Named pipes as captures and as results, and results that are links.
#![cfg(unix)]

use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::support::{has_program, portscribe, sample, stderr, stdout};

fn named_pipe(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    path
}

#[test]
fn a_capture_from_a_named_pipe_is_read_as_often_as_it_is_needed() {
    if !has_program("mkfifo") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let capture = sample("ssh.pcap");
    for command in ["flows", "packets", "summary"] {
        let pipe = named_pipe(folder.path(), command);
        let path = pipe.to_str().expect("UTF-8");
        let writer = thread::spawn({
            let (pipe, bytes) = (pipe.clone(), std::fs::read(&capture).expect("a sample"));
            move || std::fs::write(pipe, bytes)
        });
        let through = portscribe([command, "-f", "csv", "-q", path]);
        writer.join().expect("a thread").expect("all was taken");
        let whole = portscribe([command, "-f", "csv", "-q", capture.to_str().expect("UTF-8")]);
        assert_eq!((through.status.code(), stderr(&through).as_str()), (Some(0), ""), "{command}");
        assert_eq!(
            stdout(&through).replace(path, capture.to_str().expect("UTF-8")),
            stdout(&whole),
            "{command}"
        );
    }
}

#[test]
fn a_result_goes_through_a_named_pipe_and_leaves_it_there() {
    if !has_program("mkfifo") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = named_pipe(folder.path(), "result");
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe)
    });
    let run = portscribe(["lookup", "443/tcp", "-f", "csv", "-q", "-o", pipe.to_str().expect("UTF-8")]);
    assert_eq!((run.status.code(), stderr(&run).as_str()), (Some(0), ""));
    let through = reader.join().expect("a thread").expect("a result");
    assert_eq!(through, stdout(&portscribe(["lookup", "443/tcp", "-f", "csv", "-q"])));
    assert!(pipe.symlink_metadata().expect("still there").file_type().is_fifo());
}

#[test]
fn a_link_stays_a_link_to_the_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let (link, file) = (folder.path().join("link"), folder.path().join("file"));
    std::fs::write(&file, "before").expect("a file");
    symlink("file", &link).expect("a link");
    let run = portscribe(["lookup", "443/tcp", "-f", "csv", "-q", "-o", link.to_str().expect("UTF-8")]);
    assert_eq!((run.status.code(), stderr(&run).as_str()), (Some(0), ""));
    assert!(link.symlink_metadata().expect("still there").is_symlink());
    let held = std::fs::read_to_string(&file).expect("a result");
    assert_eq!(held, stdout(&portscribe(["lookup", "443/tcp", "-f", "csv", "-q"])));
}

#[test]
fn a_folder_is_no_place_for_a_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let run = portscribe(["lookup", "443/tcp", "-o", path]);
    assert_eq!(run.status.code(), Some(4));
    assert_eq!(stderr(&run), format!("portscribe: error: {path}: cannot be written: it is a folder\n"));
}
