//! The hash of a capture, made while the capture is read.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, channel};

use sha2::{Digest as _, Sha256};

/// Octets that are read at a time behind what the reader of the capture needs.
const CHUNK: usize = 1 << 16;

/// A stream whose octets are hashed as they are read. When nobody needs more of it, the rest is read and hashed.
pub(super) struct Hashing<R: Read> {
    stream: R,
    hash: Sha256,
    length: u64,
    /// Lengths of other contents with their hashes, the shortest first: this may be one of them with more behind it.
    beginnings: Vec<(u64, String)>,
    begins_as: Option<String>,
    failed: bool,
    to: Sender<Content>,
}

/// What a stream held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// Its SHA-256 in hexadecimal digits.
    pub(super) sha256: String,
    pub(super) length: u64,
    /// The hash of the longest of the contents that it begins with, and is longer than.
    pub(super) begins_as: Option<String>,
    /// Whether it was read to its end.
    pub(super) is_whole: bool,
}

impl<R: Read> Hashing<R> {
    /// The stream, and what says its content when the stream is dropped.
    pub(super) fn of(stream: R, mut beginnings: Vec<(u64, String)>) -> (Hashing<R>, Receiver<Content>) {
        let (to, content) = channel();
        beginnings.sort_unstable();
        let hash = Sha256::new();
        (Hashing { stream, hash, length: 0, beginnings, begins_as: None, failed: false, to }, content)
    }

    fn add(&mut self, mut octets: &[u8]) {
        while let Some((length, _)) = self.beginnings.first()
            && let Ok(until) = usize::try_from(length - self.length)
            && until < octets.len()
        {
            self.hash.update(&octets[..until]);
            self.length += until as u64;
            octets = &octets[until..];
            let (_, hash) = self.beginnings.remove(0);
            if digits(&self.hash) == hash {
                self.begins_as = Some(hash);
            }
        }
        self.hash.update(octets);
        self.length += octets.len() as u64;
    }
}

fn digits(hash: &Sha256) -> String {
    hash.clone().finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.stream.read(out) {
            Ok(n) => {
                self.add(&out[..n]);
                Ok(n)
            }
            Err(error) => {
                self.failed |= error.kind() != io::ErrorKind::Interrupted;
                Err(error)
            }
        }
    }
}

impl<R: Read> Drop for Hashing<R> {
    fn drop(&mut self) {
        let mut rest = vec![0; CHUNK];
        while !self.failed {
            match self.read(&mut rest) {
                Ok(0) => break,
                Ok(_) | Err(_) => {}
            }
        }
        let content = Content {
            sha256: digits(&self.hash),
            length: self.length,
            begins_as: self.begins_as.take(),
            is_whole: !self.failed,
        };
        // Whoever asked may have given up.
        let _ = self.to.send(content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `abc`, as FIPS 180-2 has it.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn all_of_a_stream_is_hashed_however_much_of_it_is_read() {
        for read in 0..4 {
            let (mut stream, content) = Hashing::of(&b"abc"[..], vec![(3, ABC.to_owned())]);
            stream.read_exact(&mut vec![0; read]).expect("octets");
            drop(stream);
            let expected = Content { sha256: ABC.to_owned(), length: 3, begins_as: None, is_whole: true };
            assert_eq!(content.recv(), Ok(expected));
        }
    }

    #[test]
    fn a_content_with_more_behind_it_is_known() {
        for (text, begins) in [("abcd", true), ("abc", false), ("abdc", false), ("ab", false)] {
            let (stream, content) =
                Hashing::of(text.as_bytes(), vec![(3, ABC.to_owned()), (1, "0".to_owned())]);
            drop(stream);
            assert_eq!(content.recv().expect("a content").begins_as.is_some(), begins, "{text}");
        }
    }
}
