//! Standard input as a stream of captures: most often the end of a pipe.

use std::io::{self, Read};

use crate::capture::Gather;

/// Standard input, as much at a time as comes without being waited for.
pub(super) fn stream() -> impl Read + Send + 'static {
    widen();
    Gather::new(io::stdin(), has_more)
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
#[cfg(target_os = "linux")]
fn has_more() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    let stdin = io::stdin();
    poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&MOMENT)).is_ok_and(|ready| ready > 0)
}

#[cfg(not(target_os = "linux"))]
fn has_more() -> bool {
    false
}
