//! Standard input and named pipes as streams of captures.

use std::fs::File;
use std::io::{self, Read};

use crate::capture::Gather;

/// Standard input, as much at a time as comes without being waited for.
///
/// # Errors
///
/// When the system has no further handle for it.
pub(super) fn stream() -> io::Result<impl Read + Send + 'static> {
    widen();
    Ok(Gather::new(ends::by_signal(handle()?), has_more))
}

/// Whether standard input is a pipe or a terminal, which may give more at any time, and no file.
pub(super) fn is_stream() -> bool {
    #[cfg(unix)]
    return handle().and_then(|handle| handle.metadata()).is_ok_and(|about| !about.is_file());
    #[cfg(not(unix))]
    true
}

/// A named pipe.
pub(super) fn named_pipe(pipe: File) -> impl Read + Send + 'static {
    ends::by_signal(pipe)
}

#[cfg(unix)]
fn handle() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(not(unix))]
fn handle() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

/// Streams that a signal ends: who waits for a capture that is being made asks for its end with Ctrl-C.
#[cfg(unix)]
mod ends {
    use std::fs::File;
    use std::io::{self, Read};
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::super::signals::{self, Asked};

    /// How long what is still coming is read: the program at the other end has been asked to end, too,
    /// and writes what it has left.
    const REST: Duration = Duration::from_secs(1);

    struct Ends {
        stream: File,
        /// When reading ends; `None` while no signal has come.
        until: Option<Instant>,
        /// Whether its end is known without a signal: it is a file.
        has_end: bool,
    }

    pub(super) fn by_signal(stream: File) -> impl Read + Send + 'static {
        let has_end = stream.metadata().is_ok_and(|about| about.is_file());
        Ends { stream, until: None, has_end }
    }

    impl Ends {
        /// Waits for octets, or for the end of the stream; `false` where a signal has ended it.
        fn wait(&mut self) -> io::Result<bool> {
            let Some(wake) = signals::wake() else { return Ok(true) };
            if self.has_end {
                return Ok(signals::asked().is_none());
            }
            while self.until.is_none() {
                let mut ready = [PollFd::new(&self.stream, PollFlags::IN), PollFd::new(&wake, PollFlags::IN)];
                match poll(&mut ready, None) {
                    Ok(_) if ready[1].revents().is_empty() => return Ok(true),
                    Ok(_) => self.until = Some(Instant::now() + REST),
                    Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let left = self.until.map_or(REST, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(false);
            }
            let timeout = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or_default(),
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            let mut ready = [PollFd::new(&self.stream, PollFlags::IN)];
            loop {
                match poll(&mut ready, Some(&timeout)) {
                    Ok(ready) => return Ok(ready > 0),
                    Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    impl Read for Ends {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            if self.wait()? {
                return self.stream.read(bytes);
            }
            match signals::asked() {
                Some(Asked::End) if !self.has_end => Ok(0),
                _ => Err(io::Error::other("interrupted; what came before is reported")),
            }
        }
    }
}

#[cfg(not(unix))]
mod ends {
    use std::io::Read;

    pub(super) fn by_signal(stream: impl Read + Send + 'static) -> impl Read + Send + 'static {
        stream
    }
}

/// Makes a pipe hold more: the one at its other end is woken less often.
#[cfg(target_os = "linux")]
fn widen() {
    /// Four times the usual: with more, both ends leave each other's cache.
    const SIZE: usize = 256 * 1024;
    // What is not a pipe, or not allowed to be larger, works as it is.
    let _ = rustix::pipe::fcntl_setpipe_size(io::stdin(), SIZE);
}

#[cfg(not(target_os = "linux"))]
fn widen() {}

/// Whether there is more to read within a moment that nobody who looks at a live capture notices.
#[cfg(unix)]
fn has_more() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    let stdin = io::stdin();
    poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&MOMENT)).is_ok_and(|ready| ready > 0)
}

#[cfg(not(unix))]
fn has_more() -> bool {
    false
}
