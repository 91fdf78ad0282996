// SPDX-License-Identifier: Apache-2.0
//! The descriptor is readable exactly when there is something to take, or the end to be told.

mod common;

use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use common::{Clock, INTERVAL, MANUAL};
use lkstats::{Context, Error, TrackOptions};

fn readable(fd: BorrowedFd<'_>) -> bool {
    let mut due = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one pollfd, which can be written.
    let ready = unsafe { libc::poll(&mut due, 1, 0) };
    assert!(ready >= 0 && due.revents & !libc::POLLIN == 0, "{due:?}");
    ready == 1
}

#[test]
fn the_descriptor_is_readable_while_there_is_a_batch() {
    // Given a context that nothing moved in
    let context = Context::open(&MANUAL).unwrap();
    let is_readable = || {
        let readable = readable(context.as_fd());
        assert_eq!(context.wait(Some(Duration::ZERO)).unwrap(), readable);
        readable
    };
    let track = context.track(&TrackOptions::default()).unwrap();
    let mut clock = Clock::default();
    clock.report(&context);
    assert!(!is_readable());

    // When something did, it is; when it is taken, it is not
    track.add_bytes(1, true).unwrap();
    assert!(!is_readable(), "nothing is reported yet");
    clock.report(&context);
    assert!(is_readable());
    let batch = context.try_next().unwrap().unwrap();
    assert!(context.try_next().unwrap().is_none());
    assert!(!is_readable());

    // When it is given back, it is again; when it is acknowledged, it never is
    batch.nack().unwrap();
    assert!(is_readable());
    context.try_next().unwrap().unwrap().ack().unwrap();
    assert!(context.try_next().unwrap().is_none());
    clock.report(&context);
    assert!(!is_readable());

    // and at the end it stays so
    context.close(Duration::ZERO).unwrap();
    assert!(is_readable());
    assert!(matches!(context.try_next(), Err(Error::Eof)));
    assert!(is_readable());
}

#[test]
fn a_copy_of_the_descriptor_hears_of_the_end() {
    // Given a copy, as an async runtime keeps it
    let context = Context::open(&MANUAL).unwrap();
    let copy = context.as_fd().try_clone_to_owned().unwrap();
    assert!(!readable(copy.as_fd()));

    // When the context is gone
    drop(context);

    // Then whoever waits is woken
    assert!(readable(copy.as_fd()));
}

#[test]
fn who_waits_is_woken_by_a_report() {
    // Given a thread that waits
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let (sender, woken) = channel();
    thread::scope(|threads| {
        threads.spawn(|| {
            let ready = context.wait(Some(INTERVAL * 600)).unwrap();
            sender
                .send((ready, context.try_next().unwrap().is_some()))
                .unwrap();
        });

        // When something is reported
        assert!(woken.try_recv().is_err());
        track.add_bytes(1, true).unwrap();
        Clock::default().report(&context);

        // Then it has it
        assert_eq!(woken.recv(), Ok((true, true)));
    });
}

#[test]
fn there_is_nothing_to_wait_for_where_a_consumer_is_called() {
    // Given a context that calls its consumer
    let context = Context::open_with(&MANUAL, |_| Err(())).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_bytes(1, true).unwrap();
    Clock::default().report(&context);

    // Then its descriptor says nothing, and a wait does not hang
    assert!(!readable(context.as_fd()));
    assert_eq!(
        context.wait(None).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    assert!(matches!(context.try_next(), Err(Error::Invalid)));
    assert_eq!(context.abandon().unwrap().tracks, 1);
}
