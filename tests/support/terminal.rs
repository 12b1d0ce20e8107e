//! Pseudo-terminals to run programs on.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A pseudo-terminal.
pub struct Terminal {
    master: File,
    end: OwnedFd,
}

impl Terminal {
    /// One of these columns and lines.
    pub fn of(columns: u16, lines: u16) -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&master).expect("granted");
        unlockpt(&master).expect("unlocked");
        tcsetwinsize(&master, Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })
            .expect("sized");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let end = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("the other end");
        Terminal { master: File::from(master), end }
    }

    /// What a program writes to.
    pub fn handle(&self) -> Stdio {
        Stdio::from(self.end.try_clone().expect("a handle"))
    }

    /// Starts a command that writes to handles of the terminal, and takes all that it shows until it ends.
    pub fn run(self, mut command: Command) -> (Child, String) {
        let child = command.spawn().expect("the program runs");
        drop(command);
        drop(self.end);
        // The last writer to the other end gone, reading fails.
        let (mut out, mut part, mut master) = (Vec::new(), [0; 4096], self.master);
        while let Ok(read) = master.read(&mut part) {
            out.extend_from_slice(&part[..read]);
        }
        (child, String::from_utf8(out).expect("UTF-8").replace("\r\n", "\n"))
    }
}
