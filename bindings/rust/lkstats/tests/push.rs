// SPDX-License-Identifier: Apache-2.0
//! A consumer that is called: what it returns is the answer, and it can't hurt the server.

mod common;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use common::{Clock, MANUAL};
use lkstats::{Context, Error, Key, Options, Reports, TrackOptions};

/// The shortest interval of a context with a thread of its own.
const THREADED: Options<'static> = Options {
    manual: false,
    report_interval: Duration::from_millis(100),
    ..MANUAL
};
/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(600);

fn keys(reports: &Reports) -> Vec<Key> {
    reports.records().map(|record| record.key()).collect()
}

/// One message received on a track of its own.
fn move_something(context: &Context) {
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_bytes(1, false).unwrap();
}

/// Says when it is dropped.
struct Farewell(Sender<()>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

fn farewell() -> (Farewell, Receiver<()>) {
    let (sender, receiver) = channel();
    (Farewell(sender), receiver)
}

#[test]
fn what_a_consumer_takes_does_not_come_again() {
    // Given one that returns nothing, and one that says Ok
    for result in [false, true] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let also = Arc::clone(&seen);
        let take = move |reports: &Reports| also.lock().unwrap().extend(keys(reports));
        let context = if result {
            Context::open_with(&MANUAL, move |reports| {
                take(reports);
                Ok::<(), ()>(())
            })
        } else {
            Context::open_with(&MANUAL, take)
        }
        .unwrap();

        // When something moved, once
        move_something(&context);
        let mut clock = Clock::default();
        (0..5).for_each(|_| clock.report(&context));

        // Then it was called with it, once
        assert_eq!(seen.lock().unwrap().len(), 1);
        assert_eq!(context.close(Duration::ZERO), Ok(()));
    }
}

#[test]
fn a_consumer_that_panics_or_refuses_is_called_again_with_the_same() {
    // Given one that panics, refuses, panics with something that panics when it is dropped, and
    // takes
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a payload's own");
        }
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let also = Arc::clone(&seen);
    let context = Context::open_with(&MANUAL, move |reports| {
        let mut seen = also.lock().unwrap();
        seen.push(keys(reports));
        let call = seen.len();
        drop(seen);
        match call {
            1 => panic!("the consumer's own"),
            2 => Err("not now"),
            3 => std::panic::panic_any(Bomb),
            _ => Ok(()),
        }
    })
    .unwrap();

    // When something moved, and time goes by
    move_something(&context);
    let mut clock = Clock::default();
    (0..10).for_each(|_| clock.report(&context));

    // Then it was called four times, with the same keys each time
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|keys| keys.len() == 1 && *keys == seen[0]));
}

#[test]
fn a_consumer_reads_all_that_a_batch_has() {
    let (sender, receiver) = channel();
    let context = Context::open_with(&MANUAL, move |reports| {
        let track_ids: Vec<_> = reports
            .records()
            .map(|record| record.track_id().to_owned())
            .collect();
        let stats = reports.analytics_stats().unwrap().to_vec();
        sender.send((reports.node().to_owned(), track_ids, stats))
    })
    .unwrap();
    let track = context
        .track(&TrackOptions {
            participant_sid: "PA_1",
            ..Default::default()
        })
        .unwrap();
    track.add_bytes(1, true).unwrap();
    Clock::default().report(&context);

    let (node, track_ids, stats) = receiver.try_recv().unwrap();
    assert_eq!(
        (node.as_str(), track_ids),
        ("ND_1", vec!["TR_DTPA_1".to_owned()])
    );
    assert!(stats.windows(4).any(|bytes| bytes == b"PA_1"));
}

#[test]
fn a_consumer_may_not_wait_for_itself() {
    // Given one that makes each of the calls that would
    let itself: Arc<OnceLock<Weak<Context>>> = Arc::default();
    let own = Arc::clone(&itself);
    let (sender, receiver) = channel();
    let (farewell, gone) = farewell();
    let context = Context::open_with(&MANUAL, move |_| {
        let _ = &farewell;
        let context = own.get().unwrap().upgrade().unwrap();
        let track = context.track(&TrackOptions::default()).unwrap(); // which it may
        sender
            .send([
                context.run_once(LONG, UNIX_EPOCH).unwrap_err(),
                context.flush(LONG).unwrap_err(),
                track.flush(LONG).unwrap_err(),
                context.close(LONG).unwrap_err(),
                context.close(Duration::ZERO).unwrap_err(),
            ])
            .unwrap();
    })
    .map(Arc::new)
    .unwrap();
    itself.set(Arc::downgrade(&context)).unwrap();

    // When it is called
    move_something(&context);
    Clock::default().report(&context);

    // Then each was refused, and everything goes on
    assert_eq!(receiver.try_recv().unwrap(), [Error::Reentrant; 5]);
    assert!(gone.try_recv().is_err(), "the consumer lives");
    assert_eq!(context.close(LONG), Ok(()));
    gone.try_recv().unwrap();
}

#[test]
fn a_context_that_is_dropped_in_its_own_call_is_closed_after_it() {
    // Given a context that only its consumer has, which takes what it is called with, or never does
    for (abandon, take) in [(false, true), (true, true), (false, false)] {
        let (farewell, gone) = farewell();
        let (sender, receiver) = channel();
        let kept: Arc<Mutex<Option<Context>>> = Arc::default();
        let own = Arc::clone(&kept);
        let context = Context::open_with(&THREADED, move |reports| {
            let _ = &farewell;
            // When it is let go in the call
            let dropped = own.lock().unwrap().take().map(|context| {
                if abandon {
                    assert_eq!(context.abandon(), Err(Error::Reentrant));
                } else {
                    drop(context);
                }
                reports
                    .records()
                    .map(|record| record.window().recv_bytes)
                    .sum::<u64>()
            });
            sender.send(dropped).unwrap();
            take.then_some(()).ok_or("not now")
        })
        .unwrap();
        let track = context.track(&TrackOptions::default()).unwrap();
        *kept.lock().unwrap() = Some(context);
        track.add_bytes(5, false).unwrap();

        // Then the call goes on as if nothing was, its reports stay readable
        assert_eq!(receiver.recv(), Ok(Some(5)));
        // and then the context is closed, and what the consumer held is gone
        gone.recv().unwrap();
        assert!(matches!(
            track.add_bytes(1, false),
            Err(Error::Closed | Error::Stale)
        ));
    }
}

#[test]
fn a_consumer_lives_until_no_call_can_come() {
    // Given a consumer that takes nothing, until it is told to
    let (farewell, gone) = farewell();
    let willing = Arc::new(AtomicBool::new(false));
    let also = Arc::clone(&willing);
    let context = Context::open_with(&MANUAL, move |_| {
        let _ = &farewell;
        also.load(Ordering::Relaxed).then_some(()).ok_or("not now")
    })
    .unwrap();
    move_something(&context);

    // Then a close that times out leaves it, since it can be called again
    assert_eq!(context.close(Duration::ZERO), Err(Error::TimedOut));
    assert_eq!(gone.try_recv(), Err(TryRecvError::Empty));
    willing.store(true, Ordering::Relaxed);

    // and the one that is the end drops it; there is nothing left to drop with the context
    assert_eq!(context.close(LONG), Ok(()));
    assert_eq!(gone.try_recv(), Ok(()));
    assert_eq!(context.close(LONG), Err(Error::Closed));
    drop(context);
    assert_eq!(gone.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn threads_that_close_drop_the_consumer_once() {
    for _ in 0..50 {
        // Given a context with a thread that has something to report
        let (farewell, gone) = farewell();
        let context = Context::open_with(&THREADED, move |_| {
            let _ = &farewell;
        })
        .map(Arc::new)
        .unwrap();
        move_something(&context);

        // When two threads close it, and a third lets go of it meanwhile
        let threads: Vec<_> = [true, true, false]
            .map(|close| {
                let context = Arc::clone(&context);
                thread::spawn(move || close.then(|| context.close(LONG)))
            })
            .into();
        drop(context);
        let answers: Vec<_> = threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap())
            .collect();

        // Then one has closed it, and what the consumer held is gone, once
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(gone.iter().count(), 1);
    }
}

#[test]
fn a_close_ends_a_consumer_that_keeps_its_own_context() {
    // Given a consumer that holds what holds it
    let itself: Arc<OnceLock<Arc<Context>>> = Arc::default();
    let own = Arc::clone(&itself);
    let context = Context::open_with(&MANUAL, move |_| {
        let _ = &own;
    })
    .map(Arc::new)
    .unwrap();
    itself.set(Arc::clone(&context)).unwrap();
    drop(itself);
    assert_eq!(Arc::strong_count(&context), 2);

    // When the context is closed
    context.close(LONG).unwrap();

    // Then its owner is the only one
    assert_eq!(Arc::strong_count(&context), 1);
}

#[test]
fn a_consumer_of_a_context_that_did_not_open_is_freed() {
    let (farewell, gone) = farewell();
    let options = Options {
        report_interval: Duration::from_millis(99),
        ..MANUAL
    };
    let refused = Context::open_with(&options, move |_| {
        let _ = &farewell;
    });
    assert_eq!(refused.unwrap_err(), Error::Invalid);
    gone.try_recv().unwrap();
}

#[test]
fn a_drop_hands_out_the_last_reports() {
    // Given a context that nothing was reported of yet
    let received = Arc::new(AtomicU32::new(0));
    let also = Arc::clone(&received);
    let context = Context::open_with(&MANUAL, move |reports| {
        let bytes = reports
            .records()
            .map(|record| record.window().recv_bytes as u32)
            .sum();
        also.fetch_add(bytes, Ordering::Relaxed);
    })
    .unwrap();
    move_something(&context);
    move_something(&context);

    // When it is dropped
    drop(context);

    // Then they were reported, and the consumer is gone
    assert_eq!(received.load(Ordering::Relaxed), 2);
    assert_eq!(Arc::strong_count(&received), 1);
}

#[test]
fn a_consumer_that_is_stuck_keeps_what_it_holds_until_it_returns() {
    // Given a consumer that does not return
    let (farewell, gone) = farewell();
    let (entered, called) = channel();
    let (release, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let context = Context::open_with(&THREADED, move |reports| {
        let _ = &farewell;
        entered.send(()).unwrap();
        let _ = wait.lock().unwrap().recv();
        assert_eq!(reports.records().count(), 1, "still to be read");
    })
    .unwrap();
    move_something(&context);
    called.recv().unwrap();

    // When the context is given up, twice over
    assert_eq!(context.close(Duration::ZERO), Err(Error::TimedOut));
    let left = context.abandon().unwrap();

    // Then that is said, the consumer still lives,
    assert_eq!((left.tracks, left.traffic.recv_bytes), (1, 1));
    assert!(gone.try_recv().is_err());
    // and it goes when it has returned
    drop(release);
    gone.recv().unwrap();
}

#[test]
fn a_stalled_consumer_loses_nothing() {
    // Given a consumer that refuses for a long time
    let (sender, receiver) = channel();
    let calls = AtomicU32::new(0);
    let context = Context::open_with(&MANUAL, move |reports| {
        if calls.fetch_add(1, Ordering::Relaxed) < 20 {
            return Err(());
        }
        let bytes: u64 = reports
            .records()
            .map(|record| record.window().send_bytes)
            .sum();
        sender.send(bytes).map_err(drop)
    })
    .unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();

    // When a server goes on counting
    let mut clock = Clock::default();
    for _ in 0..50 {
        track.add_bytes(10, true).unwrap();
        clock.tick(&context);
    }
    context.close(LONG).unwrap();
    drop(context);

    // Then all of it is reported in the end
    assert_eq!(receiver.iter().sum::<u64>(), 500);
}
