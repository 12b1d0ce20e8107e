//! The hash of a capture, made while the capture is read, on a thread of its own.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha256};

/// Octets that are handed to the other thread at a time.
const CHUNK: usize = 256 * 1024;
/// How many such chunks may wait to be hashed: 4 MiB.
const MOST_CHUNKS: usize = 16;

/// A stream whose octets are hashed as they are read. When nobody needs more of it, the rest is read and hashed where the
/// content is asked for.
pub(super) struct Hashing<R: Read> {
    stream: R,
    /// What is not handed on yet.
    octets: Vec<u8>,
    failed: bool,
    /// Whether the content is asked for: no other is read to its end.
    is_wanted: Arc<AtomicBool>,
    to: SyncSender<Message>,
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

    /// Waits for the content; none where it was not asked for.
    pub(super) fn get(self) -> Option<Content> {
        self.from.recv().ok()
    }
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

enum Message {
    Octets(Vec<u8>),
    End { is_whole: bool },
}

/// What is hashed.
struct Hash {
    so_far: Sha256,
    length: u64,
    /// Lengths of other contents with their hashes, the shortest first: this may be one of them with more behind it.
    beginnings: Vec<(u64, String)>,
    begins_as: Option<String>,
}

impl<R: Read> Hashing<R> {
    /// The stream, and what says its content when the stream is dropped. It may be one of the contents of these lengths and
    /// hashes with more behind it.
    pub(super) fn of(stream: R, mut beginnings: Vec<(u64, String)>) -> io::Result<(Hashing<R>, ContentOf)> {
        let (done, from) = channel();
        let is_wanted = Arc::new(AtomicBool::new(false));
        let (to, octets) = sync_channel(MOST_CHUNKS);
        beginnings.sort_unstable();
        let hash = Hash { so_far: Sha256::new(), length: 0, beginnings, begins_as: None };
        thread::Builder::new().name("hash".to_owned()).spawn(move || hash.all(&octets, &done))?;
        let content = ContentOf { from, is_wanted: is_wanted.clone() };
        Ok((Hashing { stream, octets: Vec::with_capacity(CHUNK), failed: false, is_wanted, to }, content))
    }

    fn hand_on(&mut self) {
        let octets = std::mem::replace(&mut self.octets, Vec::with_capacity(CHUNK));
        // The other thread waits for the end.
        let _ = self.to.send(Message::Octets(octets));
    }
}

impl Hash {
    fn all(mut self, from: &Receiver<Message>, done: &Sender<Content>) {
        for message in from {
            match message {
                Message::Octets(octets) => self.add(&octets),
                Message::End { is_whole } => {
                    let (sha256, length) = (digits(&self.so_far), self.length);
                    // Whoever asked may have given up.
                    let _ = done.send(Content { sha256, length, begins_as: self.begins_as, is_whole });
                    return;
                }
            }
        }
    }

    fn add(&mut self, mut octets: &[u8]) {
        while let Some((length, _)) = self.beginnings.first()
            && let Ok(until) = usize::try_from(length - self.length)
            && until < octets.len()
        {
            self.so_far.update(&octets[..until]);
            self.length += until as u64;
            octets = &octets[until..];
            let (_, hash) = self.beginnings.remove(0);
            if digits(&self.so_far) == hash {
                self.begins_as = Some(hash);
            }
        }
        self.so_far.update(octets);
        self.length += octets.len() as u64;
    }
}

fn digits(hash: &Sha256) -> String {
    hexadecimal(&hash.clone().finalize())
}

/// Octets as hexadecimal digits.
pub(super) fn hexadecimal(octets: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(n.into(), 16).unwrap_or_default();
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]).collect()
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.stream.read(out) {
            Ok(n) => {
                self.octets.extend_from_slice(&out[..n]);
                if self.octets.len() >= CHUNK {
                    self.hand_on();
                }
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
        if !self.is_wanted.load(Ordering::Relaxed) {
            return;
        }
        let mut rest = vec![0; CHUNK];
        while !self.failed {
            if let Ok(0) = self.read(&mut rest) {
                break;
            }
        }
        self.hand_on();
        let _ = self.to.send(Message::End { is_whole: !self.failed });
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
            let (mut stream, content) =
                Hashing::of(&b"abc"[..], vec![(3, ABC.to_owned())]).expect("a thread");
            stream.read_exact(&mut vec![0; read]).expect("octets");
            content.is_wanted();
            drop(stream);
            let expected = Content { sha256: ABC.to_owned(), length: 3, begins_as: None, is_whole: true };
            assert_eq!(content.get(), Some(expected));
        }
    }

    #[test]
    fn a_content_with_more_behind_it_is_known() {
        for (text, begins) in [("abcd", true), ("abc", false), ("abdc", false), ("ab", false)] {
            let (stream, content) =
                Hashing::of(text.as_bytes(), vec![(3, ABC.to_owned()), (1, "0".to_owned())])
                    .expect("a thread");
            content.is_wanted();
            drop(stream);
            assert_eq!(content.get().expect("a content").begins_as.is_some(), begins, "{text}");
        }
    }
}
