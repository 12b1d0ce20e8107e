//! Signals that ask the program to end: what was read until then is reported. A second one ends it at
//! once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a signal that has come asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The end of what is being read: SIGINT, as Ctrl-C sends it to all programs of a pipe, and SIGTERM.
    End,
    /// The end of the program: SIGHUP, where the terminal has gone.
    Stop,
}

#[cfg(unix)]
mod caught {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, OnceLock};
    use std::thread;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    use super::Asked;

    pub(super) struct Caught {
        pub(super) stop: Arc<AtomicBool>,
        number: Arc<AtomicUsize>,
        /// Can be read once a signal has come.
        wake: UnixStream,
        /// Whether the next signal ends the program.
        armed: Arc<AtomicBool>,
        /// Whether signals are for another program that has the terminal.
        is_left: AtomicBool,
    }

    /// How long after the first a signal is still the same: `timeout` sends it to the program and to its
    /// group, and of a terminal that goes away both the system and the shell tell.
    const SAME: Duration = Duration::from_millis(250);

    static CAUGHT: OnceLock<Caught> = OnceLock::new();

    pub(super) fn catch(first: fn()) -> io::Result<()> {
        let (wake, write) = UnixStream::pair()?;
        let caught = Caught {
            stop: Arc::new(AtomicBool::new(false)),
            number: Arc::new(AtomicUsize::new(0)),
            wake,
            armed: Arc::new(AtomicBool::new(false)),
            is_left: AtomicBool::new(false),
        };
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)) {
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&caught.armed))?;
            flag::register_usize(signal, Arc::clone(&caught.number), signal.unsigned_abs() as usize)?;
            flag::register(signal, Arc::clone(&caught.stop))?;
            low_level::pipe::register(signal, write.try_clone()?)?;
        }
        let caught = CAUGHT.get_or_init(|| caught);
        let arming = thread::Builder::new().name("signals".into()).spawn(move || {
            first();
            caught.arm();
        });
        if arming.is_err() {
            caught.armed.store(true, Ordering::SeqCst);
        }
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
        /// Waits for the first signal, and has the next one end the program.
        fn arm(&self) {
            let mut ready = [PollFd::new(&self.wake, PollFlags::IN)];
            while poll(&mut ready, None) == Err(Errno::INTR) {}
            thread::sleep(SAME);
            self.armed.store(!self.is_left.load(Ordering::SeqCst), Ordering::SeqCst);
        }

        /// Has no signal end the program any more.
        pub(super) fn leave(&self) {
            self.is_left.store(true, Ordering::SeqCst);
            self.armed.store(false, Ordering::SeqCst);
        }

        pub(super) fn asked(&self) -> Option<Asked> {
            match i32::try_from(self.number.load(Ordering::SeqCst)).unwrap_or_default() {
                0 => None,
                SIGINT | SIGTERM => Some(Asked::End),
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
/// the program. A thread waits for them, which does what is asked for first.
pub(super) fn catch(first: fn()) {
    #[cfg(unix)]
    // Where they cannot be caught, they end the program as they always did.
    let _ = caught::catch(first);
    #[cfg(not(unix))]
    let _ = first;
}

/// Has no signal end the program any more: another one has the terminal, and is waited for.
pub(super) fn leave_to_others() {
    #[cfg(unix)]
    if let Some(caught) = caught::caught() {
        caught.leave();
    }
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
