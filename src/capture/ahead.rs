//! Reading ahead: another thread fetches and decompresses a stream while its user works on the
//! octets before.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::compression::Break;

/// Number of buffers filled ahead of the one in use.
const AHEAD: usize = 4;

/// A stream of octets.
pub(super) type Stream = Box<dyn Read + Send>;

/// A stream that another thread reads into buffers.
pub(super) struct Ahead {
    filled: Receiver<io::Result<Filled>>,
    empty: Sender<Vec<u8>>,
    /// What came while somebody waited, and was not taken.
    come: Option<io::Result<Filled>>,
    /// The length of a buffer.
    length: usize,
}

/// A buffer with octets of the stream in `headroom..end`. The user may write before them.
pub(super) struct Filled {
    pub(super) bytes: Vec<u8>,
    pub(super) end: usize,
}

impl Ahead {
    /// Starts a thread that reads the stream sent to it, into buffers of `size` octets after a
    /// `headroom`. What one read of the stream gives is available at once, however short it is.
    ///
    /// # Errors
    ///
    /// When the operating system cannot start a thread.
    pub(super) fn start(size: usize, headroom: usize) -> io::Result<(Ahead, SyncSender<Stream>)> {
        let (give, given) = sync_channel::<Stream>(1);
        let (to_us, filled) = sync_channel(AHEAD);
        let (empty, to_fill) = channel();
        for _ in 0..=AHEAD {
            // The receiver exists, so that this does not fail.
            let _ = empty.send(vec![0; headroom + size]);
        }
        thread::Builder::new().name("read-ahead".into()).spawn(move || {
            if let Ok(stream) = given.recv() {
                fetch(stream, headroom, size, &to_fill, &to_us);
            }
        })?;
        Ok((Ahead { filled, empty, come: None, length: headroom + size }, give))
    }

    /// The next buffer; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Filled>> {
        self.come.take().or_else(|| self.filled.recv().ok()).transpose()
    }

    /// Waits until the next buffer or the end has come, no longer than `most`. Says how long that was.
    pub(super) fn wait(&mut self, most: Duration) -> Duration {
        if self.come.is_some() {
            return Duration::ZERO;
        }
        let begun = Instant::now();
        match self.filled.recv_timeout(most) {
            Ok(filled) => self.come = Some(filled),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Duration::ZERO,
        }
        begun.elapsed()
    }

    /// Gives back a buffer, or another one for it: one that has held a long record keeps no memory.
    pub(super) fn give_back(&self, mut bytes: Vec<u8>) {
        bytes.truncate(self.length);
        bytes.shrink_to(self.length);
        // After the end nobody receives it.
        let _ = self.empty.send(bytes);
    }
}

/// Reads until the end, until a fault, or until the receiver is dropped.
fn fetch(
    mut stream: Stream,
    headroom: usize,
    size: usize,
    to_fill: &Receiver<Vec<u8>>,
    filled: &SyncSender<io::Result<Filled>>,
) {
    while let Ok(mut bytes) = to_fill.recv() {
        // A buffer that comes back may be another, shorter one.
        bytes.resize(bytes.len().max(headroom + size), 0);
        let read = loop {
            match stream.read(&mut bytes[headroom..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let handed = match read {
            Ok(0) => return,
            Ok(n) => filled.send(Ok(Filled { bytes, end: headroom + n })),
            Err(error) if Break::is_one(&error) => filled.send(Err(error)),
            Err(error) => {
                // A dropped receiver needs no error.
                let _ = filled.send(Err(error));
                return;
            }
        };
        if handed.is_err() {
            return;
        }
    }
}
