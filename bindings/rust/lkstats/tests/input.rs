// SPDX-License-Identifier: Apache-2.0
//! Bad input is refused, says so, and leaves nothing behind.

mod common;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::{Clock, Ledger, INTERVAL, MANUAL};
use lkstats::{
    track_id_for_participant, Channel, Context, Error, Options, Participant, Room, SignalOptions,
    TrackOptions,
};

/// As long as a string may be, and a byte longer.
fn long() -> (String, String) {
    ("é".repeat(128), "é".repeat(128) + "x")
}

#[test]
fn all_defaults_open_a_context() {
    // Given nothing at all
    let context = Context::open(&Options::default()).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();

    // Then it counts
    track.add_bytes(1, true).unwrap();
    assert_eq!(context.abandon().unwrap().traffic.send_bytes, 1);
}

#[test]
fn options_outside_their_range_are_refused() {
    let (fits, exceeds) = long();
    for bad in [
        Options {
            node: &exceeds,
            ..MANUAL
        },
        Options {
            node: "N\0",
            ..MANUAL
        },
        Options {
            analytics_key: &exceeds,
            ..MANUAL
        },
        Options {
            report_interval: Duration::from_millis(99),
            ..MANUAL
        },
        Options {
            report_interval: Duration::from_nanos(1),
            ..MANUAL
        },
        Options {
            report_interval: Duration::from_secs(3601),
            ..MANUAL
        },
        Options {
            report_interval: Duration::MAX,
            ..MANUAL
        },
        Options {
            max_tracks: (1 << 24) + 1,
            ..MANUAL
        },
        Options {
            max_tracks: 0,
            preallocate: true,
            ..MANUAL
        },
    ] {
        assert_eq!(Context::open(&bad).unwrap_err(), Error::Invalid, "{bad:?}");
    }
    let no_reports = Options {
        no_reports: true,
        ..MANUAL
    };
    assert_eq!(
        Context::open_with(&no_reports, |_| ()).unwrap_err(),
        Error::Invalid
    );
    let opened = Context::open(&Options {
        node: &fits,
        preallocate: true,
        ..MANUAL
    });
    assert!(opened.is_ok());
}

#[test]
fn a_track_with_a_bad_string_is_not_made() {
    // Given strings that are too long, or have a NUL, in each place
    let context = Context::open(&MANUAL).unwrap();
    let (fits, exceeds) = long();
    let details = [1; 33];
    let none = TrackOptions::default();
    for bad in [exceeds.as_str(), "a\0b", "\0"] {
        for options in [
            TrackOptions {
                country: bad,
                ..none
            },
            TrackOptions {
                room_sid: bad,
                ..none
            },
            TrackOptions {
                room_name: bad,
                ..none
            },
            TrackOptions {
                participant_sid: bad,
                ..none
            },
            TrackOptions {
                participant_identity: bad,
                ..none
            },
            TrackOptions {
                track_id: bad,
                ..none
            },
            TrackOptions {
                tenant: bad,
                ..none
            },
            TrackOptions {
                kind_details: &details,
                ..none
            },
            TrackOptions {
                channel: Channel::Signal,
                ..none
            },
            TrackOptions {
                channel: Channel::from(7),
                ..none
            },
        ] {
            // Then each is refused
            assert_eq!(
                context.track(&options).unwrap_err(),
                Error::Invalid,
                "{options:?}"
            );
        }
        for options in [
            SignalOptions {
                country: bad,
                tenant: "",
            },
            SignalOptions {
                country: "",
                tenant: bad,
            },
        ] {
            assert_eq!(
                context.signal(&options).unwrap_err(),
                Error::Invalid,
                "{options:?}"
            );
        }
    }

    // and the largest that fit are not, nor is any of their bytes lost
    let track = context
        .track(&TrackOptions {
            room_name: &fits,
            kind_details: &details[1..],
            ..none
        })
        .unwrap();
    track.add_bytes(1, true).unwrap();
    Clock::default().report(&context);
    let batch = context.try_next().unwrap().unwrap();
    let records: Vec<_> = batch.records().collect();
    assert_eq!(records.len(), 1);
    assert_eq!(
        (records[0].room_name(), records[0].kind_details()),
        (fits.as_str(), &details[1..])
    );
}

#[test]
fn a_bad_resolution_leaves_the_connection_as_it_was() {
    // Given a connection
    let context = Context::open(&MANUAL).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();
    let (_, exceeds) = long();

    // When what is said of it is malformed
    for bad in ["", exceeds.as_str(), "a\0b"] {
        assert_eq!(
            signal.resolve_room(&Room {
                sid: bad,
                ..Default::default()
            }),
            Err(Error::Invalid)
        );
        let participant = Participant {
            sid: bad,
            ..Default::default()
        };
        assert_eq!(
            signal.resolve_participant(&participant),
            Err(Error::Invalid)
        );
    }
    for bad in [exceeds.as_str(), "a\0b"] {
        let room = Room {
            sid: "RM",
            tenant: bad,
            ..Default::default()
        };
        assert_eq!(signal.resolve_room(&room), Err(Error::Invalid));
        let participant = Participant {
            sid: "PA",
            tenant: bad,
            ..Default::default()
        };
        assert_eq!(
            signal.resolve_participant(&participant),
            Err(Error::Invalid)
        );
    }
    let participant = Participant {
        sid: "PA",
        kind_details: &[0; 33],
        ..Default::default()
    };
    assert_eq!(
        signal.resolve_participant(&participant),
        Err(Error::Invalid)
    );

    // Then it can still be said, once
    let room = Room {
        sid: "RM_1",
        ..Default::default()
    };
    assert_eq!(signal.resolve_room(&room), Ok(()));
    assert_eq!(signal.resolve_room(&room), Err(Error::Resolved));
}

#[test]
fn time_goes_forward_within_its_range() {
    let context = Context::open(&MANUAL).unwrap();
    context.run_once(INTERVAL * 2, UNIX_EPOCH).unwrap();
    let before_1970 = UNIX_EPOCH - Duration::from_nanos(1);
    context.run_once(INTERVAL * 2, before_1970).unwrap();
    let far = Duration::from_secs(1 << 34);
    for (monotonic, wall) in [
        (INTERVAL, UNIX_EPOCH), // back
        (far, UNIX_EPOCH),
        (Duration::MAX, UNIX_EPOCH),
        (INTERVAL * 3, UNIX_EPOCH + far),
        (INTERVAL * 3, UNIX_EPOCH - far),
    ] {
        assert_eq!(
            context.run_once(monotonic, wall),
            Err(Error::Invalid),
            "{monotonic:?} {wall:?}"
        );
    }

    // A record made then has what was given
    let track = context.track(&TrackOptions::default()).unwrap();
    track.add_bytes(1, true).unwrap();
    track.stop().unwrap();
    context.run_once(INTERVAL * 2, before_1970).unwrap();
    let batch = context.try_next().unwrap().unwrap();
    let end = batch.records().next().unwrap().end();
    assert_eq!((end.monotonic, end.wall), (INTERVAL * 2, before_1970));
}

#[test]
fn a_context_with_a_thread_has_its_own_time() {
    let context = Context::open(&Options {
        manual: false,
        ..MANUAL
    })
    .unwrap();
    assert_eq!(
        context.run_once(INTERVAL, SystemTime::now()),
        Err(Error::Invalid)
    );
}

#[test]
fn the_longest_timeout_is_no_overflow() {
    let context = Context::open(&MANUAL).unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    assert_eq!(track.flush(Duration::MAX), Ok(()));
    assert_eq!(context.flush(Duration::MAX), Ok(()));
    Ledger::default().take(&context);
    assert!(context.close(Duration::MAX).is_ok());
}

#[test]
fn a_track_id_is_made_of_the_participants_sid() {
    let long = "x".repeat(1000);
    assert_eq!(
        track_id_for_participant(Channel::Data, "PA_1"),
        Ok("TR_DTPA_1".into())
    );
    assert_eq!(
        track_id_for_participant(Channel::Signal, ""),
        Ok("TR_SG".into())
    );
    assert_eq!(
        track_id_for_participant(Channel::Data, &long),
        Ok(format!("TR_DT{long}"))
    );
    assert_eq!(
        track_id_for_participant(Channel::DataTrack, "PA_1"),
        Err(Error::Invalid)
    );
    assert_eq!(
        track_id_for_participant(Channel::from(-9), "PA_1"),
        Err(Error::Invalid)
    );
}
