// SPDX-License-Identifier: Apache-2.0
//! Batches that are out of a context whose close would not wait for them: what acknowledges is its
//! journal, or they are a dead context's. Their memory ends with the context, so in Rust it does wait.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many there are, and the highest bit while a close may end.
#[derive(Default)]
pub(super) struct Out(AtomicUsize);

const ENDING: usize = 1 << (usize::BITS - 1);

thread_local! {
    /// Whose close this thread is in: a log's call may ask for a batch there.
    static ENDED_HERE: Cell<*const Out> = const { Cell::new(ptr::null()) };
}

/// One that is out, or is being asked for.
pub(super) struct Place<'a>(&'a Out);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0 .0.fetch_sub(1, Ordering::Release);
    }
}

impl Out {
    /// Before a batch is asked for. None: there is none to be had, since this is within the close.
    /// It waits for the close of another thread to try; gone says that there is no context any more,
    /// in a forked child for one, whose parent was at it.
    pub(super) fn begin(&self, gone: impl Fn() -> bool) -> Option<Place<'_>> {
        loop {
            let before = self.0.fetch_add(1, Ordering::Acquire);
            let place = Place(self);
            if before & ENDING == 0 || gone() {
                return Some(place);
            }
            drop(place);
            if ENDED_HERE.get() == ptr::from_ref(self) {
                return None;
            }
            thread::yield_now();
        }
    }

    /// Does it while none is out and none can be had. None: one is out.
    pub(super) fn end<T>(&self, close: impl FnOnce() -> T) -> Option<T> {
        self.0
            .compare_exchange(0, ENDING, Ordering::Acquire, Ordering::Relaxed)
            .ok()?;
        let outer = ENDED_HERE.replace(self);
        let closed = close();
        ENDED_HERE.set(outer);
        self.0.fetch_and(!ENDING, Ordering::Release);
        Some(closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn nothing_ends_while_something_is_out() {
        let out = Out::default();
        let place = out.begin(|| false);
        let another = out.begin(|| false);
        assert!(out.end(|| ()).is_none());
        drop(place);
        assert!(out.end(|| ()).is_none());
        drop(another);
        assert_eq!(out.end(|| 7), Some(7));
        assert_eq!(out.end(|| 8), Some(8), "it may be tried again");
    }

    #[test]
    fn nothing_begins_while_it_ends() {
        // Given a thread that asks while another ends
        let out = Out::default();
        let (sender, begun) = channel();
        thread::scope(|threads| {
            out.end(|| {
                let (asking, asked) = channel();
                threads.spawn({
                    let (out, sender) = (&out, sender.clone());
                    move || {
                        asking.send(()).unwrap();
                        let place = out.begin(|| false);
                        sender.send(place.is_some()).unwrap();
                    }
                });
                asked.recv().unwrap();
                // Then it waits, and the one that ends is told that there is nothing
                assert!(out.begin(|| false).is_none());
                assert!(out.end(|| ()).is_none(), "nor is there another end");
                assert!(begun.try_recv().is_err());
            })
            .unwrap();
            // until that is over
            assert!(begun.recv().unwrap());
        });
        assert!(out.end(|| ()).is_some());
    }

    #[test]
    fn nobody_waits_for_what_is_gone() {
        // Given a copy of a parent's memory, in which a close was under way
        let out = Out(AtomicUsize::new(ENDING));
        assert!(out.begin(|| true).is_some());
    }
}
