// SPDX-License-Identifier: Apache-2.0
//! A log is told what somebody should look at, and can't hurt the server.

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::{channel, sync_channel, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, UNIX_EPOCH};

use common::folder::Folder;
use common::{Clock, Ledger, MANUAL};
use lkstats::{Context, Error, Log, LogLevel, MetricsFormat, Options, TrackOptions};

/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(600);
const UUID: &str = "01234567-89ab-4cde-8f01-23456789abcd";

/// A folder in which somebody has left what looks like counters and is none: the first turn of a
/// context says so.
fn damaged() -> Folder {
    let folder = Folder::new();
    let path = format!("{}/lkstats:{UUID}:dir", folder.path());
    let mut bytes = vec![0; 16384];
    bytes[..8].copy_from_slice(b"lkstats\0");
    bytes[8..12].copy_from_slice(&1_u32.to_ne_bytes()); // of this release
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    folder
}

type Lines = Arc<Mutex<Vec<(LogLevel, String)>>>;

/// A log, and the lines that it has been told.
fn kept() -> (Log, Lines) {
    let lines = Lines::default();
    let also = Arc::clone(&lines);
    let log = Log::new(move |level, line| also.lock().unwrap().push((level, line.to_owned())));
    (log, lines)
}

#[test]
fn what_is_damaged_is_told() {
    let folder = damaged();
    let (log, lines) = kept();
    let context = Context::open(&Options {
        slab_dir: folder.path(),
        log: Some(&log),
        ..MANUAL
    })
    .unwrap();
    Clock::default().report(&context);
    let errors: Vec<_> = lines
        .lock()
        .unwrap()
        .iter()
        .filter(|(level, _)| *level == LogLevel::Error)
        .map(|(_, line)| line.clone())
        .collect();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains(UUID), "{errors:?}");
}

#[test]
fn a_slab_on_a_disk_is_told_before_the_open_returns() {
    let folder = Folder::new();
    if folder.is_in_memory() {
        return; // temporary files are, here
    }
    let (log, lines) = kept();
    let options = Options {
        slab_dir: folder.path(),
        log: Some(&log),
        ..MANUAL
    };
    let _context = Context::open(&options).unwrap();
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].0, LogLevel::Warning);
    assert!(lines[0].1.contains(folder.path()), "{lines:?}");
}

#[test]
fn a_log_may_call_all_that_does_not_wait_for_it() {
    // Given one that makes every call
    let folder = damaged();
    let itself: Arc<OnceLock<Weak<Context>>> = Arc::default();
    let own = Arc::clone(&itself);
    let (sender, receiver) = channel();
    let log = Log::new(move |_, _| {
        let Some(context) = own.get() else {
            return; // still being opened
        };
        let context = context.upgrade().unwrap();
        let track = context.track(&TrackOptions::default()).unwrap();
        track.add_bytes(3, true).unwrap();
        track.stop().unwrap();
        assert!(context.try_next().unwrap().is_none());
        context.metrics(MetricsFormat::Prometheus).unwrap();
        sender
            .send([
                context.run_once(LONG, UNIX_EPOCH).unwrap_err(),
                context.flush(LONG).unwrap_err(),
                context.close(LONG).unwrap_err(),
                context.close(Duration::ZERO).unwrap_err(),
            ])
            .unwrap();
    });
    let context = Context::open(&Options {
        slab_dir: folder.path(),
        log: Some(&log),
        ..MANUAL
    })
    .map(Arc::new)
    .unwrap();
    itself.set(Arc::downgrade(&context)).unwrap();

    // When it is called
    let mut clock = Clock::default();
    clock.report(&context);

    // Then those that would wait for it are refused, and everything goes on
    assert_eq!(receiver.try_recv().unwrap(), [Error::Reentrant; 4]);
    clock.report(&context);
    let mut ledger = Ledger::default();
    ledger.take(&context);
    assert_eq!(ledger.total().send_bytes, 3);
    assert_eq!(context.close(LONG), Ok(()));
}

#[test]
fn a_log_that_panics_has_lost_a_line() {
    let folder = damaged();
    let log = Log::new(|_, line| panic!("the log's own: {line}"));
    let context = Context::open(&Options {
        slab_dir: folder.path(),
        log: Some(&log),
        ..MANUAL
    })
    .unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_bytes(3, true).unwrap();
    Clock::default().report(&context);
    let mut ledger = Ledger::default();
    ledger.take(&context);
    assert_eq!(ledger.total().send_bytes, 3);
}

#[test]
fn a_context_that_is_dropped_in_its_own_log_is_closed_after_it() {
    // Given a log that drops the only one who has the context, on the library's thread
    let folder = damaged();
    let (hand_over, context) = sync_channel::<Context>(1);
    let (farewell, gone) = channel::<()>();
    let context = Mutex::new(context);
    let log = Log::new(move |level, _| {
        let _ = &farewell;
        if level == LogLevel::Error {
            drop(context.lock().unwrap().recv().unwrap());
        }
    });
    let opened = Context::open(&Options {
        manual: false,
        slab_dir: folder.path(),
        log: Some(&log),
        ..MANUAL
    })
    .unwrap();
    drop(log);
    let track = opened.track(&TrackOptions::default()).unwrap();
    track.add_bytes(1, true).unwrap();

    // When it has it
    hand_over.send(opened).unwrap();

    // Then context and log end, in their own time
    assert_eq!(
        gone.recv_timeout(LONG / 20),
        Err(RecvTimeoutError::Disconnected),
        "nobody has the log any more"
    );
    assert_eq!(track.add_bytes(1, true), Err(Error::Closed));
}

#[test]
fn a_log_lives_until_its_context_is_closed() {
    // Given contexts that are closed, dropped, given up, or never opened
    let folder = Folder::new();
    let (held, count) = (Arc::new(()), Arc::strong_count);
    let also = Arc::clone(&held);
    let log = Log::new(move |_, _| drop(Arc::clone(&also)));
    let options = Options {
        slab_dir: folder.path(),
        log: Some(&log),
        ..MANUAL
    };
    let bad = Options {
        node: "\0",
        ..options
    };
    let open = || Context::open_with(&options, |_| ()).unwrap();
    drop(open());
    open().abandon().unwrap();
    open().close(LONG).unwrap();
    assert_eq!(Context::open(&bad).unwrap_err(), Error::Invalid);
    let closed = open();
    closed.close(LONG).unwrap();
    let still_open = open();
    drop(log);

    // Then only the one that is open has it still
    assert_eq!(count(&held), 2);
    drop(still_open);
    assert_eq!(count(&held), 1);
    drop(closed);
}
