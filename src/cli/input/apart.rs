//! Captures that are read each alone, to be put together later.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{Source, Sources, interrupted, say, show, signals};
use crate::partial::PartialState;
use crate::traffic::ReadSettings;

impl Sources {
    /// Reads every capture alone, several at once. What is wrong with any of them is said in their order, and stands in
    /// the state.
    pub(in crate::cli) fn read_apart(&self, settings: &ReadSettings) -> PartialState {
        let next = AtomicUsize::new(0);
        let one = |source: &Source, number: usize| {
            let mut state = PartialState::new(settings.clone());
            if number > 0 && signals::asked().is_some() {
                let fault = interrupted(&source.name());
                state.note_unopened(&fault);
                return (state, Some(fault));
            }
            let end = match self.open(source, signals::stop()) {
                Ok(reader) => {
                    let bar = self.bar(reader.name(), reader.length());
                    let end = state.read(reader, |progress| show(&bar, progress));
                    bar.finish_and_clear();
                    end
                }
                Err(error) => {
                    state.note_unopened(&error);
                    Err(error)
                }
            };
            (state, end.err())
        };
        let mut all: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads.clamp(1, self.list.len()))
                .map(|_| {
                    scope.spawn(|| {
                        let mut read = Vec::new();
                        while let number = next.fetch_add(1, Ordering::Relaxed)
                            && let Some(source) = self.list.get(number)
                        {
                            read.push((number, one(source, number)));
                        }
                        read
                    })
                })
                .collect();
            let joined =
                threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            joined.flatten().collect()
        });
        all.sort_by_key(|(number, _)| *number);
        let mut whole = PartialState::new(settings.clone());
        for (_, (state, fault)) in all {
            if let Some(fault) = fault {
                say(format_args!("{}", fault.with_cause()));
            }
            // All have the same settings.
            let _ = whole.merge(state);
        }
        whole
    }
}
