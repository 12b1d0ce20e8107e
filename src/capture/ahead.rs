//! Reading ahead: a thread of its own fetches and decompresses a stream while what came before is
//! worked on.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// How many buffers are filled ahead of the one that is worked on.
const AHEAD: usize = 4;

/// The bytes of a stream.
pub(super) type Stream = Box<dyn Read + Send>;

/// A stream that another thread reads, buffer by buffer.
pub(super) struct Ahead {
    filled: Receiver<io::Result<Filled>>,
    empty: Sender<Vec<u8>>,
}

/// A buffer in which `headroom..end` was read; what lies before is free for the reader.
pub(super) struct Filled {
    pub(super) bytes: Vec<u8>,
    pub(super) end: usize,
}

impl Ahead {
    /// Starts a thread that reads the stream it is given through the sender, into buffers of
    /// `size` bytes behind a `headroom`. What the stream gives at a time is handed on at once,
    /// however little it is.
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub(super) fn start(size: usize, headroom: usize) -> io::Result<(Ahead, SyncSender<Stream>)> {
        let (give, given) = sync_channel::<Stream>(1);
        let (to_us, filled) = sync_channel(AHEAD);
        let (empty, to_fill) = channel();
        for _ in 0..=AHEAD {
            // The thread is not there yet; the channel is.
            let _ = empty.send(vec![0; headroom + size]);
        }
        thread::Builder::new().name("read-ahead".into()).spawn(move || {
            if let Ok(stream) = given.recv() {
                fetch(stream, headroom, size, &to_fill, &to_us);
            }
        })?;
        Ok((Ahead { filled, empty }, give))
    }

    /// The next buffer; `None` at the end.
    pub(super) fn next(&self) -> io::Result<Option<Filled>> {
        self.filled.recv().ok().transpose()
    }

    /// Gives back a buffer.
    pub(super) fn give_back(&self, bytes: Vec<u8>) {
        // Nobody waits for it behind the end.
        let _ = self.empty.send(bytes);
    }
}

/// Reads until the end, a fault, or nobody listens any more.
fn fetch(
    mut stream: Stream,
    headroom: usize,
    size: usize,
    to_fill: &Receiver<Vec<u8>>,
    filled: &SyncSender<io::Result<Filled>>,
) {
    while let Ok(mut bytes) = to_fill.recv() {
        // One that came back in exchange may be shorter.
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
            Err(error) => {
                // Whoever has gone needs no error.
                let _ = filled.send(Err(error));
                return;
            }
        };
        if handed.is_err() {
            return;
        }
    }
}
