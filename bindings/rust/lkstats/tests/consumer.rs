// SPDX-License-Identifier: Apache-2.0
//! Whoever takes reports has each of them until it is acknowledged, whatever becomes of the
//! consumer.

mod common;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use common::{keys, Clock, Ledger, MANUAL};
use lkstats::{
    Channel, Context, Error, Options, Participant, RecordKind, Room, SignalOptions, TrackOptions,
};

/// A context with the reports of that many tracks, one byte sent each.
fn with_reports(tracks: u32) -> Context {
    let context = Context::open(&MANUAL).unwrap();
    for _ in 0..tracks {
        let track = context.track(&TrackOptions::default()).unwrap();
        track.add_bytes(1, true).unwrap();
    }
    Clock::default().report(&context);
    context
}

#[test]
fn a_record_says_all_that_was_given() {
    // Given a track with everything that there is
    let context = Context::open(&MANUAL).unwrap();
    let track = context
        .track(&TrackOptions {
            channel: Channel::DataTrack,
            participant_kind: 4,
            kind_details: &[7, -1],
            country: "NL",
            room_sid: "RM_1",
            room_name: "átrium",
            participant_sid: "PA_1",
            participant_identity: "ana",
            track_id: "TR_1",
            tenant: "acme",
        })
        .unwrap();
    track.add_bytes(1200, false).unwrap();
    let mut clock = Clock::default();
    clock.report(&context);

    // Then its record has all of it, and when it was
    let batch = context.try_next().unwrap().unwrap();
    assert_eq!((batch.node(), batch.analytics_key()), ("ND_1", "key"));
    assert_eq!(batch.records().len(), 1);
    let record = batch.records().next().unwrap();
    assert_eq!(record.channel(), Channel::DataTrack);
    assert_eq!(record.participant_kind(), 4);
    assert_eq!(record.kind_details(), [7, -1]);
    assert_eq!((record.country(), record.tenant()), ("NL", "acme"));
    assert_eq!((record.room_sid(), record.room_name()), ("RM_1", "átrium"));
    assert_eq!(
        (record.participant_sid(), record.participant_identity()),
        ("PA_1", "ana")
    );
    assert_eq!(record.track_id(), "TR_1");
    assert!(!record.unattributed());
    let key = record.key();
    assert_eq!(
        (key.epoch, key.sequence, key.kind),
        (1, 1, RecordKind::Traffic)
    );
    assert_eq!(record.window().recv_bytes, 1200);
    assert_eq!(record.window(), record.running());
    assert!(record.end().monotonic > record.start().monotonic);
    assert_eq!(
        record.end().monotonic,
        record
            .end()
            .wall
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
    );

    // And the serialized form names it too, the same each time
    let stats = batch.analytics_stats().unwrap();
    assert!(stats.windows(4).any(|bytes| bytes == b"RM_1"));
    assert_eq!(stats, batch.analytics_stats().unwrap());
    batch.ack().unwrap();
}

#[test]
fn a_consumer_that_panics_gives_its_batch_back() {
    // Given reports of three tracks
    let context = with_reports(3);

    // When the consumer panics over them
    let mut seen = Vec::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let batch = context.try_next().unwrap().unwrap();
        seen.extend(batch.records().map(|record| record.key()));
        panic!("the consumer's own");
    }));

    // Then they are there again, under the same keys
    assert!(panicked.is_err());
    assert_eq!(seen.len(), 3);
    assert_eq!(keys(&context), seen);
}

#[test]
fn a_batch_that_is_dropped_or_given_back_comes_again() {
    let context = with_reports(2);
    let first = keys(&context); // which drops it
    let batch = context.try_next().unwrap().unwrap();
    assert!(context.try_next().unwrap().is_none(), "all is out");
    batch.nack().unwrap();
    assert_eq!(keys(&context), first);
}

#[test]
fn what_is_acknowledged_never_comes_again() {
    // Given reports that were acknowledged
    let mut context = with_reports(2);
    let mut ledger = Ledger::default();
    ledger.take(&context);
    assert_eq!(ledger.windows.len(), 2);

    // When all that is not is asked for
    context.redeliver().unwrap();

    // Then there is nothing
    assert!(context.try_next().unwrap().is_none());
}

#[test]
fn a_batch_that_was_leaked_can_be_had_again() {
    // Given a batch that nobody has any more
    let mut context = with_reports(2);
    let batch = context.try_next().unwrap().unwrap();
    let seen: Vec<_> = batch.records().map(|record| record.key()).collect();
    std::mem::forget(batch);
    assert!(context.try_next().unwrap().is_none());

    // When it is asked for
    context.redeliver().unwrap();

    // Then it comes, under the same keys
    assert_eq!(keys(&context), seen);
}

#[test]
fn a_batch_is_answered_by_any_thread() {
    let context = with_reports(2);
    let batch = context.try_next().unwrap().unwrap();
    thread::scope(|threads| {
        threads.spawn(move || batch.ack().unwrap());
    });
    assert!(context.try_next().unwrap().is_none());
}

#[test]
fn two_consumers_share_the_reports() {
    // Given two threads that take, one of which gives back what it takes first
    let context = Context::open(&MANUAL).unwrap();
    let barrier = Barrier::new(3);
    let consume = |refuse: bool| {
        let mut ledger = Ledger::default();
        let mut refuse = refuse;
        barrier.wait();
        while context.wait(None).unwrap() {
            match context.try_next() {
                Ok(Some(batch)) if refuse => {
                    refuse = false;
                    batch.nack().unwrap();
                }
                Ok(Some(batch)) => {
                    batch.records().for_each(|record| ledger.enter(record));
                    batch.ack().unwrap();
                }
                Ok(None) => {}
                Err(error) => {
                    assert_eq!(error, Error::Eof);
                    break;
                }
            }
        }
        ledger
    };
    let (one, two) = thread::scope(|threads| {
        let one = threads.spawn(|| consume(true));
        let two = threads.spawn(|| consume(false));
        barrier.wait();

        // When a thousand tracks come and go, forty at a time
        let mut clock = Clock::default();
        for _ in 0..25 {
            for _ in 0..40 {
                loop {
                    match context.track(&TrackOptions::default()) {
                        Ok(track) => break track.add_bytes(3, false).unwrap(),
                        Err(error) => assert_eq!(error, Error::Full),
                    }
                    clock.tick(&context);
                }
            }
            clock.tick(&context);
        }
        assert_eq!(context.close(Duration::from_secs(600)), Ok(()));
        (one.join().unwrap(), two.join().unwrap())
    });

    // Then one of them has each report, and together they have all
    assert!(one.windows.keys().all(|key| !two.windows.contains_key(key)));
    assert_eq!(one.windows.len() + two.windows.len(), 1000);
    assert_eq!(one.total().recv_bytes + two.total().recv_bytes, 3000);
}

#[test]
fn the_iterator_says_when_there_is_no_more_to_come() {
    // Given a context with one report
    let context = with_reports(1);
    let mut batches = context.batches();
    batches.next().unwrap().unwrap().ack().unwrap();
    assert!(batches.next().is_none());
    assert!(!batches.ended(), "there is nothing now");

    // When it is closed
    context.close(Duration::ZERO).unwrap();

    // Then the next one says so, and the call that it is made of
    let mut batches = context.batches();
    assert!(batches.next().is_none());
    assert!(batches.ended());
    assert!(matches!(context.try_next(), Err(Error::Eof)));
}

#[test]
fn the_iterator_is_over_after_an_error() {
    // Given a context that has nothing to take
    let context = Context::open_with(&MANUAL, |_| ()).unwrap();
    let mut batches = context.batches();

    // Then it says so once, not for ever
    assert!(matches!(batches.next(), Some(Err(Error::Invalid))));
    assert!(batches.next().is_none());
}

#[test]
fn a_connection_that_nobody_resolved_is_reported_as_such() {
    // Given a connection whose participant is known, and its room is not
    let context = Context::open(&MANUAL).unwrap();
    let signal = context
        .signal(&SignalOptions {
            country: "NL",
            tenant: "acme",
        })
        .unwrap();
    signal
        .resolve_participant(&Participant {
            sid: "PA_1",
            ..Default::default()
        })
        .unwrap();
    signal.add_bytes(12, false).unwrap();
    signal.stop().unwrap();

    // When nobody says it in time
    let mut clock = Clock::default();
    for _ in 0..8 {
        clock.tick(&context);
    }

    // Then its traffic is reported, with what is known
    let batch = context.try_next().unwrap().unwrap();
    let record = batch.records().next().unwrap();
    assert!(record.unattributed());
    assert_eq!(record.channel(), Channel::Signal);
    assert_eq!((record.track_id(), record.room_sid()), ("TR_SGPA_1", ""));
    assert_eq!((record.country(), record.tenant()), ("NL", "acme"));
    assert_eq!(record.window().recv_bytes, 12);
    assert_eq!(
        signal.resolve_room(&Room {
            sid: "RM_1",
            ..Default::default()
        }),
        Err(Error::Closed),
        "now it is too late"
    );
}

#[test]
fn the_nearest_tenant_pays() {
    // Given a connection that says who pays, as its room and its participant do, or do not
    let context = Context::open(&MANUAL).unwrap();
    let mut clock = Clock::default();
    let cases = [
        ("room", "participant", "participant"),
        ("room", "", "room"),
        ("", "participant", "participant"),
        ("", "", "connection"),
    ];
    let signal = context
        .signal(&SignalOptions {
            tenant: "connection",
            ..Default::default()
        })
        .unwrap();
    for (room, participant, nearest) in cases {
        signal
            .resolve_room(&Room {
                sid: "RM_1",
                tenant: room,
                ..Default::default()
            })
            .unwrap();
        signal
            .resolve_participant(&Participant {
                sid: "PA_1",
                tenant: participant,
                ..Default::default()
            })
            .unwrap();
        signal.add_bytes(12, false).unwrap();

        // When each is an epoch
        signal.reset().unwrap();
        let mut seen = 0;
        for _ in 0..4 {
            clock.tick(&context);
            while let Some(batch) = context.try_next().unwrap() {
                for record in batch.records() {
                    // Then each of its records has the nearest
                    assert_eq!(record.tenant(), nearest);
                    seen += 1;
                }
                batch.ack().unwrap();
            }
        }
        assert_eq!(seen, 3, "joined, traffic and left");
    }
}

#[test]
fn metrics_are_exact_at_the_instant_of_the_call() {
    // Given a context that nobody takes reports of
    let context = Context::open(&Options {
        no_reports: true,
        ..MANUAL
    })
    .unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_bytes(1 << 30, true).unwrap();

    // Then both texts have it
    for format in [
        lkstats::MetricsFormat::OpenMetrics,
        lkstats::MetricsFormat::Prometheus,
    ] {
        let text = context.metrics(format).unwrap();
        let line = r#"lkstats_bytes_total{channel="data",direction="send"} 1073741824"#;
        assert!(text.lines().any(|has| has == line), "{text}");
    }
    Clock::default().report(&context);
    assert!(
        context.try_next().unwrap().is_none(),
        "there is no report of it"
    );
}
