// SPDX-License-Identifier: Apache-2.0
//! A forked child: what it has of its parent's is refused, and it can start afresh.

mod common;

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use common::{Clock, Ledger, INTERVAL, MANUAL};
use lkstats::{Context, Error, Options, SignalOptions, TrackOptions};

/// One at a time, so that no thread of the other test's is in the middle of something.
static FORKING: Mutex<()> = Mutex::new(());

/// Forks; in the child None, in the parent what waits for it.
fn fork() -> Option<libc::pid_t> {
    // SAFETY: the child goes on with its only thread, and ends with Child.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    (pid > 0).then_some(pid)
}

/// The same by the bare system call: nobody's fork handlers run.
fn clone() -> Option<libc::pid_t> {
    // SAFETY: as in fork; without a stack of its own the child goes on with a copy of this one.
    let pid = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    assert!(pid >= 0);
    (pid > 0).then_some(pid as libc::pid_t)
}

/// The child's end: 0, or 1 where it panics. It returns to nothing of its parent's.
struct Child;

impl Drop for Child {
    fn drop(&mut self) {
        // SAFETY: ends the process.
        unsafe { libc::_exit(thread::panicking().into()) }
    }
}

fn ended_well(child: libc::pid_t) -> bool {
    let mut status = 0;
    // SAFETY: status can be written.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    status == 0
}

#[test]
fn a_child_counts_for_itself_only() {
    let _turn = FORKING.lock().unwrap_or_else(PoisonError::into_inner);
    // Given a server with a context of each kind, a batch that is out, and tracks that count
    let counted = Arc::new(());
    let held = Arc::clone(&counted);
    let called = Context::open_with(
        &Options {
            manual: false,
            ..MANUAL
        },
        move |_| {
            let _ = &held;
        },
    )
    .unwrap();
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();
    track.add_bytes(1, true).unwrap();
    let mut clock = Clock::default();
    clock.report(&context);
    let batch = context.try_next().unwrap().unwrap();

    // When it forks
    let Some(child) = fork() else {
        let _end = Child;
        // Then everything of the parent's is refused in the child, and nothing waits
        assert_eq!(track.add_bytes(1, true), Err(Error::Forked));
        assert_eq!(signal.add_messages(1, 1, false), Err(Error::Forked));
        assert_eq!(signal.reset(), Err(Error::Forked));
        assert_eq!(track.totals(), Err(Error::Forked));
        assert_eq!(track.stop(), Err(Error::Forked));
        assert_eq!(track.flush(INTERVAL), Err(Error::Forked));
        assert!(matches!(context.try_next(), Err(Error::Forked)));
        assert_eq!(
            context.track(&TrackOptions::default()).unwrap_err(),
            Error::Forked
        );
        assert_eq!(context.wait(None).unwrap_err().kind(), ErrorKind::Other);
        assert_eq!(context.close(INTERVAL), Err(Error::Forked));
        assert_eq!(batch.records().len(), 1, "still to be read");
        assert_eq!(batch.analytics_stats(), Err(Error::Forked));
        assert_eq!(batch.ack(), Err(Error::Forked));

        // and a context of its own counts, the parent's handles beside it
        let own = Context::open(&MANUAL).unwrap();
        let own_track = own.track(&TrackOptions::default()).unwrap();
        own_track.add_bytes(70, false).unwrap();
        assert_eq!(track.add_bytes(1, true), Err(Error::Forked));
        Clock::default().report(&own);
        let mut ledger = Ledger::default();
        ledger.take(&own);
        assert_eq!(ledger.total().recv_bytes, 70);
        own.close(Duration::ZERO).unwrap();

        // and letting go of everything does no harm, nor is what the consumer holds touched:
        // the parent's thread may have been in the middle of it
        drop((own_track, track, signal, context, called));
        assert_eq!(Arc::strong_count(&counted), 2);
        return;
    };
    assert!(ended_well(child));
}

#[test]
fn a_parent_goes_on_as_if_nothing_was() {
    let _turn = FORKING.lock().unwrap_or_else(PoisonError::into_inner);
    // Given a server that counts
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_bytes(1, true).unwrap();

    // When a child lets go of what it inherited
    let Some(child) = fork() else {
        let _end = Child;
        drop((track, context));
        return;
    };
    assert!(ended_well(child));

    // Then the parent has its own
    track.add_bytes(1, true).unwrap();
    assert_eq!(track.stop().unwrap().traffic.send_bytes, 2);
    Clock::default().report(&context);
    let mut ledger = Ledger::default();
    ledger.take(&context);
    assert_eq!(ledger.total().send_bytes, 2);
}

#[test]
fn a_child_that_nobody_was_told_of_adds_nothing_to_its_parents() {
    let _turn = FORKING.lock().unwrap_or_else(PoisonError::into_inner);
    // Given a track and a connection that have counted
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();
    track.add_bytes(1, true).unwrap();
    signal.add_bytes(2, false).unwrap();

    // When a child that was made by a bare clone, which has the parent's memory still, adds
    let Some(child) = clone() else {
        let _end = Child;
        for _ in 0..1000 {
            assert_eq!(track.add_bytes(1, true), Err(Error::Forked));
            assert_eq!(track.add_messages(1, 5, false), Err(Error::Forked));
            assert_eq!(signal.add_bytes(1, false), Err(Error::Forked));
        }
        drop((track, signal));
        return;
    };
    assert!(ended_well(child));

    // Then the parent has what it counted itself, and counts on
    track.add_bytes(1, true).unwrap();
    let (track, signal) = (track.totals().unwrap(), signal.totals().unwrap());
    assert_eq!((track.traffic.send_bytes, track.traffic.recv_bytes), (2, 0));
    assert_eq!(signal.traffic.recv_bytes, 2);
}
