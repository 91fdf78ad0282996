// SPDX-License-Identifier: Apache-2.0
//! Every add that was taken is in exactly one window, and no other is in any.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use common::{Clock, Ledger, MANUAL};
use lkstats::{
    Context, Error, Participant, RecordKind, Room, SignalOptions, TrackOptions, Traffic,
};

/// Adds until it is refused as closed; how many were taken.
fn add_until_closed(add: impl Fn() -> lkstats::Result<()>, taken: &AtomicU64) {
    loop {
        match add() {
            Ok(()) => taken.fetch_add(1, Ordering::Relaxed),
            Err(error) => {
                assert_eq!(error, Error::Closed);
                return;
            }
        };
    }
}

/// Returns when that many more adds were taken.
fn let_adds_come(taken: &AtomicU64, count: u64) {
    let from = taken.load(Ordering::Relaxed);
    while taken.load(Ordering::Relaxed) < from + count {
        thread::yield_now();
    }
}

#[test]
fn a_stop_decides_for_each_add_whether_it_counts() {
    // Given four threads that add on one track, two of them what was received
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let (sent, received) = (AtomicU64::new(0), AtomicU64::new(0));
    let (mut clock, mut ledger) = (Clock::default(), Ledger::default());
    let totals = thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| add_until_closed(|| track.add_bytes(1200, true), &sent));
            threads.spawn(|| add_until_closed(|| track.add_messages(90, 3, false), &received));
        }
        for _ in 0..10 {
            let_adds_come(&sent, 1000);
            let_adds_come(&received, 1000);
            clock.tick(&context);
            ledger.take(&context);
        }

        // When it is stopped in the middle of it
        track.stop().unwrap()
    });

    // Then the adds that were taken are what it had, and what was reported
    let (sent, received) = (sent.into_inner(), received.into_inner());
    assert_eq!(
        totals.traffic,
        Traffic {
            send_bytes: sent * 1200,
            send_messages: sent,
            recv_bytes: received * 90,
            recv_messages: received * 3,
        }
    );
    clock.report(&context);
    ledger.take(&context);
    assert_eq!(ledger.total(), totals.traffic);
    assert!(ledger.windows.len() > 5, "it was reported while it went on");
}

#[test]
fn a_reset_puts_each_add_into_one_of_two_epochs() {
    const MOVES: u32 = 40;
    // Given three threads that add on a signal connection
    let context = Context::open(&MANUAL).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();
    let taken = AtomicU64::new(0);
    let (mut clock, mut ledger) = (Clock::default(), Ledger::default());
    thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| add_until_closed(|| signal.add_bytes(7, false), &taken));
        }

        // When it moves from room to room meanwhile
        for room in 1..=MOVES {
            let sid = format!("RM_{room}");
            signal
                .resolve_room(&Room {
                    sid: &sid,
                    ..Default::default()
                })
                .unwrap();
            signal
                .resolve_participant(&Participant {
                    sid: "PA",
                    ..Default::default()
                })
                .unwrap();
            for _ in 0..3 {
                let_adds_come(&taken, 200);
                clock.tick(&context);
                ledger.take(&context);
            }
            if room < MOVES {
                signal.reset().unwrap();
            }
        }
        signal.stop().unwrap();
    });
    for _ in 0..MOVES {
        clock.report(&context);
        ledger.take(&context);
    }

    // Then each epoch said joined and left, of its room, and together they have each add once
    assert_eq!(ledger.count(RecordKind::Joined), MOVES as usize);
    assert_eq!(ledger.count(RecordKind::Left), MOVES as usize);
    for epoch in 1..=MOVES {
        assert_eq!(ledger.rooms[&epoch], format!("RM_{epoch}"));
    }
    let taken = taken.into_inner();
    let expected = Traffic {
        recv_bytes: taken * 7,
        recv_messages: taken,
        ..Traffic::default()
    };
    assert_eq!(ledger.total(), expected);
    assert_eq!(
        signal.totals(),
        Err(Error::Stale),
        "nothing of it is owed any more"
    );
}

#[test]
fn running_totals_are_the_sum_of_the_windows() {
    // Given a track that is reported again and again
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let (mut clock, mut ledger) = (Clock::default(), Ledger::default());
    for size in 1..10 {
        track.add_bytes(size, size % 2 == 0).unwrap();
        clock.tick(&context);
        ledger.take(&context);
    }
    track.stop().unwrap();
    clock.report(&context);
    ledger.take(&context);

    // Then what a consumer adds up is what each record says
    let mut sum = Traffic::default();
    for (key, window) in &ledger.windows {
        sum += *window;
        assert_eq!(ledger.running[key], sum, "{key:?}");
    }
    assert_eq!((sum.send_bytes, sum.recv_bytes), (20, 25));
}

#[test]
fn bytes_and_messages_carry_past_their_fields() {
    const LARGEST: u64 = (1 << 35) - 1;
    const MOST: u64 = (1 << 26) - 1;
    // Given adds of the largest size, in runs that pass both fields between two folds
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let (mut clock, mut ledger) = (Clock::default(), Ledger::default());
    let (runs, run) = (6, 7);
    for _ in 0..runs {
        for _ in 0..run {
            track.add_messages(LARGEST, MOST, true).unwrap();
            track.add_messages(LARGEST, MOST, false).unwrap();
        }
        clock.tick(&context);
        ledger.take(&context);
    }

    // Then nothing is missing, in totals and reports
    let (bytes, messages) = (runs * run * LARGEST, runs * run * MOST);
    assert!(run * LARGEST > 3 << 36 && run * MOST > 3 << 27);
    let expected = Traffic {
        send_bytes: bytes,
        send_messages: messages,
        recv_bytes: bytes,
        recv_messages: messages,
    };
    assert_eq!(track.stop().unwrap().traffic, expected);
    clock.report(&context);
    ledger.take(&context);
    assert_eq!(ledger.total(), expected);
}

#[test]
fn an_add_that_is_too_large_counts_nothing() {
    // Given a track and a signal connection
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();

    // When adds are out of range, by one and by all there is
    for bytes in [1 << 35, u64::MAX] {
        assert_eq!(track.add_bytes(bytes, true), Err(Error::Invalid));
        assert_eq!(signal.add_bytes(bytes, false), Err(Error::Invalid));
    }
    for messages in [1 << 26, u64::MAX] {
        assert_eq!(track.add_messages(0, messages, true), Err(Error::Invalid));
        assert_eq!(signal.add_messages(0, messages, false), Err(Error::Invalid));
    }

    // Then nothing was counted
    assert_eq!(track.totals().unwrap().traffic, Traffic::default());
    assert_eq!(signal.totals().unwrap().traffic, Traffic::default());
}

#[test]
fn bytes_count_without_messages_and_messages_without_bytes() {
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_messages(5, 0, true).unwrap();
    track.add_messages(0, 6, true).unwrap();
    track.add_bytes(0, false).unwrap();
    assert_eq!(
        track.totals().unwrap().traffic,
        Traffic {
            send_bytes: 5,
            send_messages: 6,
            recv_bytes: 0,
            recv_messages: 1
        }
    );
}

#[test]
fn a_flush_freezes_what_one_track_owes() {
    // Given two tracks that moved
    let context = Context::open(&MANUAL).unwrap();
    let tracks = [(); 2].map(|()| context.track(&TrackOptions::default()).unwrap());
    tracks
        .iter()
        .for_each(|track| track.add_bytes(1, true).unwrap());

    // When one is flushed, nobody consuming meanwhile
    assert_eq!(tracks[0].flush(Duration::ZERO), Err(Error::TimedOut));

    // Then its report is there, without a tick, and the other's is not
    let mut ledger = Ledger::default();
    ledger.take(&context);
    assert_eq!(ledger.total().send_bytes, 1);
    assert_eq!(tracks[0].flush(Duration::ZERO), Ok(()));
    assert_eq!(context.flush(Duration::ZERO), Err(Error::TimedOut));
    ledger.take(&context);
    assert_eq!(ledger.total().send_bytes, 2);
    assert_eq!(context.flush(Duration::ZERO), Ok(()));
}
