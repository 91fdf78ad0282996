// SPDX-License-Identifier: Apache-2.0
//! What ends, and what is asked afterwards.

mod common;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use common::{Clock, Ledger, INTERVAL, MANUAL};
use lkstats::{
    Context, Error, MetricsFormat, Participant, Residue, Room, SignalOptions, TrackOptions, Traffic,
};

/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_second_stop_is_the_same_stop() {
    // Given a track that is stopped
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_messages(100, 2, true).unwrap();
    let totals = track.stop().unwrap();
    assert_eq!(
        (totals.traffic.send_bytes, totals.traffic.send_messages),
        (100, 2)
    );

    // Then it takes no more, and stops as often as one likes
    assert_eq!(track.add_bytes(1, true), Err(Error::Closed));
    assert_eq!(track.stop().unwrap().traffic, totals.traffic);
    assert_eq!(track.totals().unwrap().traffic, totals.traffic);

    // until nothing of it is owed
    Clock::default().report(&context);
    Ledger::default().take(&context);
    assert_eq!(track.stop(), Err(Error::Stale));
    assert_eq!(track.flush(LONG), Err(Error::Stale));
    assert!(matches!(
        track.add_bytes(1, true),
        Err(Error::Closed | Error::Stale)
    ));
}

#[test]
fn a_track_that_is_dropped_stops() {
    // Given a context with place for one track
    let context = Context::open(&lkstats::Options {
        max_tracks: 1,
        ..MANUAL
    })
    .unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    assert_eq!(
        context.track(&TrackOptions::default()).unwrap_err(),
        Error::Full
    );

    // When it is dropped, having counted nothing
    drop(track);

    // Then there is place for another one, once the slot has rested
    let mut clock = Clock::default();
    (0..20).for_each(|_| clock.tick(&context));
    assert!(context.track(&TrackOptions::default()).is_ok());
}

#[test]
fn a_connection_that_is_dropped_leaves() {
    // Given a connection that has joined
    let context = Context::open(&MANUAL).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();
    signal
        .resolve_room(&Room {
            sid: "RM_1",
            ..Default::default()
        })
        .unwrap();
    signal
        .resolve_participant(&Participant {
            sid: "PA_1",
            ..Default::default()
        })
        .unwrap();

    // When it is dropped
    drop(signal);

    // Then it says so
    let (mut clock, mut ledger) = (Clock::default(), Ledger::default());
    for _ in 0..2 {
        clock.report(&context);
        ledger.take(&context);
    }
    let kinds: Vec<_> = ledger.windows.keys().map(|key| key.kind).collect();
    assert_eq!(
        kinds,
        [lkstats::RecordKind::Joined, lkstats::RecordKind::Left]
    );
}

#[test]
fn a_close_waits_for_the_last_acknowledgement() {
    // Given a track that moved, and a consumer in another thread
    let context = Arc::new(Context::open(&MANUAL).unwrap());
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_bytes(9, true).unwrap();
    let consumer = thread::spawn({
        let context = Arc::clone(&context);
        move || {
            let mut ledger = Ledger::default();
            while context.wait(None).unwrap() {
                if ledger.take(&context) {
                    break;
                }
            }
            ledger.total()
        }
    });

    // When it is closed
    assert_eq!(context.close(LONG), Ok(()));

    // Then the consumer has had everything
    assert_eq!(
        consumer.join().unwrap(),
        Traffic {
            send_bytes: 9,
            send_messages: 1,
            ..Default::default()
        }
    );
    assert_eq!(context.residue(), Residue::default());
}

#[test]
fn a_close_says_what_is_left_and_can_go_on() {
    // Given two tracks that moved
    let context = Context::open(&MANUAL).unwrap();
    let tracks = [(); 2].map(|()| context.track(&TrackOptions::default()).unwrap());
    tracks
        .iter()
        .for_each(|track| track.add_bytes(4, false).unwrap());
    assert_eq!(context.residue(), Residue::default());

    // When it is closed with nobody there to acknowledge
    assert_eq!(context.close(Duration::ZERO), Err(Error::TimedOut));

    // Then it says so, takes no more, and still hands out
    let traffic = Traffic {
        recv_bytes: 8,
        recv_messages: 2,
        ..Default::default()
    };
    let left = context.residue();
    assert_eq!((left.tracks, left.traffic), (2, traffic));
    assert_eq!(
        context.track(&TrackOptions::default()).unwrap_err(),
        Error::Closed
    );
    assert_eq!(tracks[0].add_bytes(1, true), Err(Error::Closed));
    let batch = context.try_next().unwrap().unwrap();

    // It does not end while a batch is out
    assert_eq!(context.close(Duration::ZERO), Err(Error::TimedOut));
    assert_eq!(
        batch
            .records()
            .map(|record| record.window().recv_bytes)
            .sum::<u64>(),
        8
    );
    batch.ack().unwrap();
    assert_eq!(context.close(Duration::ZERO), Ok(()));
    assert_eq!(context.residue(), Residue::default());
}

#[test]
fn giving_up_says_how_much() {
    // Given a track that moved
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_messages(70, 3, true).unwrap();

    // When the context is given up
    let left = context.abandon().unwrap();

    // Then that is what is lost
    let traffic = Traffic {
        send_bytes: 70,
        send_messages: 3,
        ..Default::default()
    };
    assert_eq!((left.tracks, left.traffic), (1, traffic));
    assert_eq!(track.add_bytes(1, true), Err(Error::Closed));
}

#[test]
fn whatever_is_asked_after_the_end_says_closed() {
    // Given a context that is closed, and what was made of it
    let mut context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();
    assert_eq!(context.close(Duration::ZERO), Ok(()));

    // Then each call says so
    let room = Room {
        sid: "RM_1",
        ..Default::default()
    };
    let participant = Participant {
        sid: "PA_1",
        ..Default::default()
    };
    for answer in [
        track.add_bytes(1, true),
        track.add_messages(1, 1, false),
        track.flush(LONG),
        track.stop().map(drop),
        track.totals().map(drop),
        signal.add_bytes(1, true),
        signal.resolve_room(&room),
        signal.resolve_participant(&participant),
        signal.reset(),
        signal.stop().map(drop),
        context.run_once(INTERVAL, UNIX_EPOCH),
        context.track(&TrackOptions::default()).map(drop),
        context.signal(&SignalOptions::default()).map(drop),
        context.flush(LONG),
        context.metrics(MetricsFormat::Prometheus).map(drop),
        context.redeliver(),
        context.close(LONG),
    ] {
        assert_eq!(answer, Err(Error::Closed));
    }
    assert!(matches!(context.try_next(), Err(Error::Eof)));
    assert!(context.wait(None).unwrap(), "nothing to wait for");
    assert_eq!(context.abandon(), Err(Error::Closed));
}

#[test]
fn tracks_outlive_their_context() {
    // Given a track whose context is gone, and another context that counts
    let gone = Context::open(&MANUAL).unwrap();
    let track = gone.track(&TrackOptions::default()).unwrap();
    drop(gone);
    let context = Context::open(&MANUAL).unwrap();
    let own = context.track(&TrackOptions::default()).unwrap();
    own.add_bytes(2, true).unwrap();

    // Then it is closed, and credits nobody else
    assert_eq!(track.add_bytes(1000, true), Err(Error::Closed));
    drop(track);
    assert_eq!(own.totals().unwrap().traffic.send_bytes, 2);
    assert_eq!(context.abandon().unwrap().traffic.send_bytes, 2);
}

#[test]
fn two_threads_that_close_end_it_once() {
    for _ in 0..50 {
        let context = Context::open(&MANUAL).unwrap();
        let answers = thread::scope(|threads| {
            let one = threads.spawn(|| context.close(LONG));
            let two = threads.spawn(|| context.close(LONG));
            [one.join().unwrap(), two.join().unwrap()]
        });
        assert!(answers.contains(&Ok(())), "{answers:?}");
        assert!(answers.contains(&Err(Error::Closed)), "{answers:?}");
    }
}
