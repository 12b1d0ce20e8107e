//! Signals that ask the program to end: what was read until then is reported. A second one ends it at
//! once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a signal that has come asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The end of what is being read: SIGINT, as Ctrl-C sends it to all programs of a pipe.
    End,
    /// The end of the program: SIGTERM, SIGHUP.
    Stop,
}

#[cfg(unix)]
mod caught {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, OnceLock};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    use super::Asked;

    pub(super) struct Caught {
        pub(super) stop: Arc<AtomicBool>,
        number: Arc<AtomicUsize>,
        /// Can be read once a signal has come.
        wake: UnixStream,
    }

    static CAUGHT: OnceLock<Caught> = OnceLock::new();

    pub(super) fn catch() -> io::Result<()> {
        let (wake, write) = UnixStream::pair()?;
        let caught =
            Caught { stop: Arc::new(AtomicBool::new(false)), number: Arc::new(AtomicUsize::new(0)), wake };
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)) {
            // In this order: the first one does not see itself.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&caught.stop))?;
            flag::register_usize(signal, Arc::clone(&caught.number), signal.unsigned_abs() as usize)?;
            flag::register(signal, Arc::clone(&caught.stop))?;
            low_level::pipe::register(signal, write.try_clone()?)?;
        }
        // Nobody else sets it.
        let _ = CAUGHT.set(caught);
        Ok(())
    }

    /// Whether whoever started the program has it ignore a signal, as `nohup` does.
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }

    pub(super) fn caught() -> Option<&'static Caught> {
        CAUGHT.get()
    }

    impl Caught {
        pub(super) fn asked(&self) -> Option<Asked> {
            match i32::try_from(self.number.load(Ordering::SeqCst)).unwrap_or_default() {
                0 => None,
                SIGINT => Some(Asked::End),
                _ => Some(Asked::Stop),
            }
        }
    }

    pub(in super::super) fn wake() -> Option<BorrowedFd<'static>> {
        caught().map(|caught| caught.wake.as_fd())
    }
}

#[cfg(unix)]
pub(super) use caught::wake;

/// Has the signals set what can be asked below. Without it, and on systems that have none, they end
/// the program.
pub(super) fn catch() {
    #[cfg(unix)]
    // Where they cannot be caught, they end the program as they always did.
    let _ = caught::catch();
}

/// What was asked for.
pub(super) fn asked() -> Option<Asked> {
    #[cfg(unix)]
    {
        caught::caught()?.asked()
    }
    #[cfg(not(unix))]
    {
        None
    }
}

/// Is set when a signal comes.
pub(super) fn stop() -> Option<Arc<AtomicBool>> {
    #[cfg(unix)]
    {
        caught::caught().map(|caught| Arc::clone(&caught.stop))
    }
    #[cfg(not(unix))]
    {
        None
    }
}
