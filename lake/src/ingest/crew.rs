//! Work that is done side by side, and told of in its order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use tokio::runtime::Handle;

/// Does something with each of all, on so many threads, and hands on what comes of it, in their order.
pub(super) fn side_by_side<T: Sync, R: Send>(
    all: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(R),
) {
    let next = AtomicUsize::new(0);
    let (to, from) = sync_channel::<(usize, R)>(threads);
    let runtime = Handle::current();
    thread::scope(|scope| {
        for _ in 0..threads.min(all.len()) {
            let to = to.clone();
            let (next, work, runtime) = (&next, &work, &runtime);
            scope.spawn(move || {
                // Stores are read by the runtime.
                let _in_runtime = runtime.enter();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(n) else { return };
                    if to.send((n, work(one))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to);
        let mut early = BTreeMap::new();
        let mut place = 0;
        for (n, result) in from {
            early.insert(n, result);
            while let Some(result) = early.remove(&place) {
                done(result);
                place += 1;
            }
        }
    });
}
