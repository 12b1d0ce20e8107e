//! The hash of a capture, made while the capture is read.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use blake3::Hasher;

/// Octets that are read at a time where nobody else needs them.
const CHUNK: usize = 256 * 1024;

/// A stream whose octets are hashed as they are read. When nobody needs more of it, the rest is read and hashed where the
/// content is asked for.
pub(super) struct Hashing<R: Read> {
    stream: R,
    hash: Hash,
    failed: bool,
    /// Whether all of it was read: then its content is known, whoever asks.
    ended: bool,
    /// Whether the content is asked for: no other is read to its end.
    is_wanted: Arc<AtomicBool>,
    to: Sender<Content>,
}

/// Says the content of a stream, when that is dropped.
pub(super) struct ContentOf {
    from: Receiver<Content>,
    is_wanted: Arc<AtomicBool>,
}

impl ContentOf {
    /// The content will be asked for: the stream is read to its end, whoever needs how much of it.
    pub(super) fn is_wanted(&self) {
        self.is_wanted.store(true, Ordering::Relaxed);
    }

    /// Waits for the content; none where it was not asked for before the stream was dropped, and not read to its end.
    pub(super) fn get(self) -> Option<Content> {
        self.from.recv().ok()
    }
}

/// What a stream held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// Its BLAKE3 hash in hexadecimal digits.
    pub(super) hash: String,
    pub(super) length: u64,
    /// The hash of the longest of the contents that it begins with, and is longer than.
    pub(super) begins_as: Option<String>,
    /// Whether it was read to its end.
    pub(super) is_whole: bool,
}

/// What is hashed.
struct Hash {
    so_far: Hasher,
    length: u64,
    /// Lengths of other contents with their hashes, the shortest first: this may be one of them with more behind it.
    beginnings: Vec<(u64, String)>,
    begins_as: Option<String>,
}

impl<R: Read> Hashing<R> {
    /// The stream, and what says its content when the stream is dropped. It may be one of the contents of these lengths and
    /// hashes with more behind it.
    pub(super) fn of(stream: R, mut beginnings: Vec<(u64, String)>) -> (Hashing<R>, ContentOf) {
        let (to, from) = channel();
        let is_wanted = Arc::new(AtomicBool::new(false));
        beginnings.sort_unstable();
        let hash = Hash { so_far: Hasher::new(), length: 0, beginnings, begins_as: None };
        let content = ContentOf { from, is_wanted: is_wanted.clone() };
        (Hashing { stream, hash, failed: false, ended: false, is_wanted, to }, content)
    }
}

/// The content of a stream that nobody else reads.
pub(super) fn content_of(stream: impl Read, beginnings: Vec<(u64, String)>) -> Option<Content> {
    let (stream, content) = Hashing::of(stream, beginnings);
    content.is_wanted();
    drop(stream);
    content.get()
}

impl Hash {
    fn add(&mut self, mut octets: &[u8]) {
        while let Some((length, _)) = self.beginnings.first()
            && let Ok(until) = usize::try_from(length - self.length)
            && until < octets.len()
        {
            self.so_far.update(&octets[..until]);
            self.length += until as u64;
            octets = &octets[until..];
            let (_, hash) = self.beginnings.remove(0);
            if self.digits() == hash {
                self.begins_as = Some(hash);
            }
        }
        self.so_far.update(octets);
        self.length += octets.len() as u64;
    }

    fn digits(&self) -> String {
        self.so_far.finalize().to_hex().to_string()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.stream.read(out) {
            Ok(n) => {
                self.hash.add(&out[..n]);
                self.ended |= n == 0 && !out.is_empty();
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
        if !self.ended && !self.is_wanted.load(Ordering::Relaxed) {
            return;
        }
        let mut rest = vec![0; CHUNK];
        while !self.failed && !self.ended {
            if let Ok(0) = self.read(&mut rest) {
                break;
            }
        }
        // Whoever asked may have given up.
        let _ = self.to.send(Content {
            hash: self.hash.digits(),
            length: self.hash.length,
            begins_as: self.hash.begins_as.take(),
            is_whole: !self.failed,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `abc`, as other programs have it (`b3sum`).
    const ABC: &str = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";

    #[test]
    fn all_of_a_stream_is_hashed_however_much_of_it_is_read() {
        for read in 0..4 {
            let (mut stream, content) = Hashing::of(&b"abc"[..], vec![(3, ABC.to_owned())]);
            stream.read_exact(&mut vec![0; read]).expect("octets");
            content.is_wanted();
            drop(stream);
            let expected = Content { hash: ABC.to_owned(), length: 3, begins_as: None, is_whole: true };
            assert_eq!(content.get(), Some(expected));
        }
    }

    #[test]
    fn a_content_with_more_behind_it_is_known() {
        for (text, begins) in [("abcd", true), ("abc", false), ("abdc", false), ("ab", false)] {
            let (stream, content) =
                Hashing::of(text.as_bytes(), vec![(3, ABC.to_owned()), (1, "0".to_owned())]);
            content.is_wanted();
            drop(stream);
            assert_eq!(content.get().expect("a content").begins_as.is_some(), begins, "{text}");
        }
    }
}
