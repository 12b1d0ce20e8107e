//! Rights that the program gives up before it reads captures, so that one which finds a fault in a reader
//! gets little by it.
//!
//! Landlock takes the files away that are not named below, TCP, and signals to other processes; seccomp takes
//! away all calls of the system that reading and writing do not need: sockets, other processes, tracing. Both
//! are given up for good. A system that has one of them has that one.

#![cfg_attr(
    not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))),
    allow(dead_code, reason = "nothing is given up on other systems")
)]

use std::path::{Path, PathBuf};

use super::args::Reading;

/// Gives up all rights but those to what stays open, unless the options say not to.
pub(super) fn confine(reading: &Reading, open: &Open) {
    confine_unless(reading.no_sandbox, open);
}

/// Gives up all rights but those to what stays open, unless that is not wanted.
pub(super) fn confine_unless(is_unwanted: bool, open: &Open) {
    if !is_unwanted {
        give_up(Some(open));
    }
}

/// Gives up the rights of a thread that opens nothing: those to files are each thread's own.
pub(super) fn open_nothing() {
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = files::give_up(None);
}

/// What stays open.
#[derive(Debug, Default)]
pub(super) struct Open<'a> {
    /// Files that are read by their names.
    pub(super) read: Vec<PathBuf>,
    /// The result, which is open and gets its name at the end.
    pub(super) result: Option<&'a Path>,
    /// A folder that results are written into.
    pub(super) folder: Option<&'a Path>,
}

/// What has been given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InForce {
    /// How much of Landlock the system has.
    pub(super) landlock: Extent,
    pub(super) seccomp: bool,
}

/// How much of what was asked for a system does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    All,
    Some,
    Nothing,
}

impl std::fmt::Display for InForce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let landlock = match self.landlock {
            Extent::All => Some("Landlock (files, TCP, signals to others)"),
            Extent::Some => Some("Landlock (in part: this kernel does not have all of it)"),
            Extent::Nothing => None,
        };
        let seccomp = self.seccomp.then_some("seccomp (sockets, processes)");
        match (landlock, seccomp) {
            (Some(landlock), Some(seccomp)) => write!(f, "{landlock}, {seccomp}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(one),
            (None, None) => f.write_str("none on this system"),
        }
    }
}

/// Gives up all rights but those to what stays open: those to files of this thread and of those that it
/// starts, those to calls of all threads.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn give_up(open: Option<&Open>) -> InForce {
    InForce { landlock: files::give_up(open).unwrap_or(Extent::Nothing), seccomp: calls::give_up().is_ok() }
}

/// Does nothing: what this system has for the purpose is not used.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn give_up(_: Option<&Open>) -> InForce {
    InForce { landlock: Extent::Nothing, seccomp: false }
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod files {
    use std::path::Path;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
        RulesetStatus, Scope, path_beneath_rules,
    };

    use super::{Extent, Open};
    use crate::cli::result_file::ResultFile;

    /// The newest version that is asked for; older kernels do less of it.
    const VERSION: ABI = ABI::V6;

    pub(super) fn give_up(open: Option<&Open>) -> Result<Extent, RulesetError> {
        let reading = AccessFs::ReadFile | AccessFs::ReadDir;
        let temporary = AccessFs::ReadFile
            | AccessFs::WriteFile
            | AccessFs::Truncate
            | AccessFs::MakeReg
            | AccessFs::RemoveFile;
        // The result is open already: it gets its name, or takes the place of another file.
        let naming = AccessFs::MakeReg | AccessFs::RemoveFile;
        let folder = temporary | reading | AccessFs::MakeDir | AccessFs::RemoveDir | AccessFs::Refer;
        let mut rules = Ruleset::default()
            .handle_access(AccessFs::from_all(VERSION))?
            .handle_access(AccessNet::from_all(VERSION))?
            .scope(Scope::from_all(VERSION))?
            .create()?;
        // Names of files that are not there, or that no rule can be for, are passed over.
        let mut allow = |path: &Path, rights: BitFlags<AccessFs>| {
            let _ = (&mut rules).add_rules(path_beneath_rules([path], rights));
        };
        if let Some(open) = open {
            for path in &open.read {
                allow(path, AccessFs::ReadFile.into());
            }
            allow(&std::env::temp_dir(), temporary);
            if let Some(result) = open.result.filter(|path| *path != Path::new("-")) {
                let place = result.canonicalize().unwrap_or_else(|_| result.to_owned());
                allow(ResultFile::folder(&place), naming);
            }
            if let Some(path) = open.folder {
                allow(path, folder);
                // What is a link there leads to a file that is written to.
                for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
                    if entry.file_type().is_ok_and(|kind| kind.is_symlink())
                        && let Ok(place) = entry.path().canonicalize()
                    {
                        allow(ResultFile::folder(&place), temporary);
                    }
                }
            }
        }
        Ok(match rules.restrict_self()?.ruleset {
            RulesetStatus::FullyEnforced => Extent::All,
            RulesetStatus::PartiallyEnforced => Extent::Some,
            RulesetStatus::NotEnforced => Extent::Nothing,
        })
    }
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod calls {
    use std::collections::BTreeMap;

    use seccompiler::SeccompCmpArgLen::{Dword, Qword};
    use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
    use seccompiler::{
        BackendError, BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
        apply_filter_all_threads, sock_filter,
    };

    /// Calls that are allowed whatever they are given.
    const ALLOWED: &[i64] = &[
        // Files that are open or may be opened.
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_preadv,
        libc::SYS_preadv2,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_pwrite64,
        libc::SYS_pwritev,
        libc::SYS_pwritev2,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_close_range,
        libc::SYS_openat,
        libc::SYS_dup,
        libc::SYS_dup3,
        libc::SYS_fcntl,
        libc::SYS_flock,
        libc::SYS_fstat,
        libc::SYS_newfstatat,
        libc::SYS_statx,
        libc::SYS_statfs,
        libc::SYS_fstatfs,
        libc::SYS_faccessat,
        libc::SYS_faccessat2,
        libc::SYS_readlinkat,
        libc::SYS_getdents64,
        libc::SYS_getcwd,
        libc::SYS_fadvise64,
        libc::SYS_copy_file_range,
        libc::SYS_sendfile,
        libc::SYS_splice,
        libc::SYS_ppoll,
        libc::SYS_pselect6,
        // Results.
        libc::SYS_ftruncate,
        libc::SYS_fallocate,
        libc::SYS_fsync,
        libc::SYS_fdatasync,
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        libc::SYS_fchown,
        libc::SYS_linkat,
        libc::SYS_unlinkat,
        libc::SYS_renameat,
        libc::SYS_renameat2,
        libc::SYS_mkdirat,
        libc::SYS_umask,
        // Memory and threads.
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_membarrier,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_getuid,
        libc::SYS_geteuid,
        libc::SYS_getgid,
        libc::SYS_getegid,
        // Giving up more, as another thread may do at the same time.
        libc::SYS_landlock_create_ruleset,
        libc::SYS_landlock_restrict_self,
        libc::SYS_exit,
        libc::SYS_exit_group,
        // A pager that was started before is waited for.
        libc::SYS_wait4,
        libc::SYS_waitid,
        libc::SYS_restart_syscall,
        // Signals that come.
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        // Time, chance, and what the system is.
        libc::SYS_clock_gettime,
        libc::SYS_clock_getres,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        libc::SYS_uname,
        libc::SYS_sysinfo,
        libc::SYS_getrusage,
        libc::SYS_getrlimit,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_stat,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_lstat,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_access,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_readlink,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_dup2,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_mkdir,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_rmdir,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_link,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_unlink,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_rename,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_time,
    ];

    /// What is asked of terminals and handles: TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX.
    const CONTROLS: [u64; 6] = [0x5401, 0x802c_542a, 0x5413, 0x541b, 0x5421, 0x5451];

    /// Calls other than those fail as if the system did not have them: the C library falls back to older ones
    /// then, from `clone3` to `clone`, which shows its flags.
    pub(super) fn give_up() -> Result<(), seccompiler::Error> {
        let (pid, none) = (u64::from(std::process::id()), 0);
        let executable = libc::PROT_EXEC as u64;
        let thread = libc::CLONE_THREAD as u64;
        let conditional = [
            // Threads, and no processes.
            (libc::SYS_clone, vec![rule(0, MaskedEq(thread), thread, true)?]),
            // No memory that can be run.
            (libc::SYS_mmap, vec![rule(2, MaskedEq(executable), none, true)?]),
            (libc::SYS_mprotect, vec![rule(2, MaskedEq(executable), none, true)?]),
            // To itself, as a second signal and an abort are sent.
            (libc::SYS_tgkill, vec![rule(0, Eq, pid, false)?]),
            (libc::SYS_kill, vec![rule(0, Eq, pid, false)?]),
            // What signals write to a connected pair, without an address.
            (libc::SYS_sendto, vec![rule(4, Eq, none, true)?]),
            // Names of threads, and that no program gets more rights.
            (
                libc::SYS_prctl,
                vec![
                    rule(0, Eq, libc::PR_SET_NAME as u64, false)?,
                    rule(0, Eq, libc::PR_SET_NO_NEW_PRIVS as u64, false)?,
                ],
            ),
            // The size of the stack, and of this process alone.
            (libc::SYS_prlimit64, vec![rule(0, Eq, none, false)?, rule(0, Eq, pid, false)?]),
            (
                libc::SYS_ioctl,
                CONTROLS.into_iter().map(|control| rule(1, Eq, control, false)).collect::<Result<_, _>>()?,
            ),
        ];
        let mut program: BpfProgram = SeccompFilter::new(
            BTreeMap::from(conditional),
            SeccompAction::Errno(libc::ENOSYS as u32),
            SeccompAction::Allow,
            TargetArch::try_from(std::env::consts::ARCH)?,
        )?
        .try_into()?;
        // Behind the check of the architecture and the load of the call's number.
        program.splice(PROLOGUE..PROLOGUE, search(&ranges(ALLOWED)));
        apply_filter_all_threads(&program)
    }

    /// Instructions before the first comparison with a call's number: load and compare the architecture, end the
    /// process, load the number.
    const PROLOGUE: usize = 4;

    /// Numbers in order, those without a gap as one range.
    fn ranges(numbers: &[i64]) -> Vec<(u32, u32)> {
        let mut numbers: Vec<u32> = numbers.iter().map(|&number| number as u32).collect();
        numbers.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, last)) if number - *last <= 1 => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        ranges
    }

    /// Instructions that allow a call whose number is in a range, and go on behind their end with any other.
    ///
    /// The kernel runs a filter for every number when it takes it: a list that is gone through from its front takes
    /// half a millisecond then, and some of each call.
    fn search(ranges: &[(u32, u32)]) -> BpfProgram {
        let compare = |with: u32, number: u32, jt: u8, jf: u8| sock_filter {
            code: (libc::BPF_JMP | with | libc::BPF_K) as u16,
            jt,
            jf,
            k: number,
        };
        let skip = |instructions: usize| sock_filter {
            code: (libc::BPF_JMP | libc::BPF_JA) as u16,
            jt: 0,
            jf: 0,
            k: instructions as u32,
        };
        let allow = sock_filter {
            code: (libc::BPF_RET | libc::BPF_K) as u16,
            jt: 0,
            jf: 0,
            k: libc::SECCOMP_RET_ALLOW,
        };
        match *ranges {
            [] => Vec::new(),
            [(first, last)] => {
                vec![compare(libc::BPF_JGE, first, 0, 2), compare(libc::BPF_JGT, last, 1, 0), allow]
            }
            _ => {
                let (below, above) = ranges.split_at(ranges.len() / 2);
                let (lower, upper) = (search(below), search(above));
                let mut program = vec![compare(libc::BPF_JGE, above[0].0, 0, 1), skip(lower.len() + 1)];
                program.extend(lower);
                program.push(skip(upper.len()));
                program.extend(upper);
                program
            }
        }
    }

    fn rule(
        argument: u8,
        compares: seccompiler::SeccompCmpOp,
        with: u64,
        is_long: bool,
    ) -> Result<SeccompRule, BackendError> {
        let length = if is_long { Qword } else { Dword };
        SeccompRule::new(vec![SeccompCondition::new(argument, length, compares, with)?])
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// Whether the instructions allow a call, and how many of them are run.
        fn run(program: &[sock_filter], number: u32) -> (bool, usize) {
            let (mut at, mut steps) = (0, 0);
            while let Some(&sock_filter { code, jt, jf, k }) = program.get(at) {
                steps += 1;
                at += 1;
                let code = u32::from(code);
                let jump = |is_so: bool| usize::from(if is_so { jt } else { jf });
                at += match code & !libc::BPF_JMP {
                    libc::BPF_JGE => jump(number >= k),
                    libc::BPF_JGT => jump(number > k),
                    libc::BPF_JA => k as usize,
                    _ => {
                        assert_eq!((code, k), (libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
                        return (true, steps);
                    }
                };
            }
            assert_eq!(at, program.len(), "no jump leads beyond the end");
            (false, steps)
        }

        #[test]
        fn the_search_allows_what_is_listed_and_nothing_else() {
            let program = search(&ranges(ALLOWED));
            let mut most = 0;
            for number in (0..1000).chain([u32::MAX - 1, u32::MAX]) {
                let (is_allowed, steps) = run(&program, number);
                assert_eq!(is_allowed, ALLOWED.contains(&i64::from(number)), "{number}");
                most = most.max(steps);
            }
            assert!(most <= 24, "{most} instructions for a call");
            assert!(search(&[]).is_empty());
        }
    }
}
