// SPDX-License-Identifier: Apache-2.0
//! What the library reports, proved.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use lkstats::{Context, Options, Participant, Room, SignalOptions, TrackOptions};
use lkstats_verify::{Epoch, EpochKey, Key, Kind, Record, Traffic, Verdict};

fn traffic(from: lkstats::Traffic) -> Traffic {
    Traffic {
        send_bytes: from.send_bytes,
        send_messages: from.send_messages,
        recv_bytes: from.recv_bytes,
        recv_messages: from.recv_messages,
    }
}

fn record(from: lkstats::Record<'_>) -> Record {
    let key = from.key();
    Record {
        key: Key {
            epoch: EpochKey {
                context: key.context,
                slot: key.slot,
                tag: key.tag,
                epoch: key.epoch,
            },
            sequence: key.sequence,
            kind: Kind(key.kind.into()),
        },
        window: traffic(from.window()),
        running: traffic(from.running()),
        signal: from.channel() == lkstats::Channel::Signal,
        unattributed: from.unattributed(),
    }
}

/// What a track and a connection of two epochs report, batches given back now and then.
fn reported() -> Vec<Record> {
    let context = Context::open(&Options {
        manual: true,
        ..Options::default()
    })
    .unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let signal = context.signal(&SignalOptions::default()).unwrap();
    let mut records = Vec::new();
    let mut take = |every: usize| {
        for (number, batch) in context.batches().enumerate() {
            let batch = batch.unwrap();
            records.extend(batch.records().map(record));
            if number % every == 0 && number < 2 {
                batch.nack().unwrap();
            } else {
                batch.ack().unwrap();
            }
        }
    };
    for tick in 1..=8 {
        if tick == 1 || tick == 5 {
            if tick == 5 {
                signal.reset().unwrap();
            }
            signal
                .resolve_room(&Room {
                    sid: "RM_1",
                    name: "atrium",
                    ..Room::default()
                })
                .unwrap();
            let ana = Participant {
                sid: "PA_1",
                ..Participant::default()
            };
            signal.resolve_participant(&ana).unwrap();
        }
        track.add_bytes(tick, true).unwrap();
        signal.add_bytes(tick, false).unwrap();
        let now = Duration::from_secs(5 * tick);
        context.run_once(now, UNIX_EPOCH + now).unwrap();
        take(2);
    }
    drop((track, signal));
    while context.close(Duration::ZERO).is_err() {
        take(usize::MAX);
    }
    records
}

#[test]
fn what_the_library_reports_is_proved_complete() {
    let mut epochs: BTreeMap<EpochKey, Epoch> = BTreeMap::new();
    for record in reported() {
        let epoch = epochs.entry(record.key.epoch).or_default();
        let verdict = epoch.take(&record);
        assert!(
            matches!(verdict, Verdict::Next | Verdict::Duplicate),
            "{verdict} {record:?}"
        );
    }
    assert_eq!(epochs.len(), 3);
    let mut former: Option<&Epoch> = None;
    for (key, epoch) in &epochs {
        assert!(epoch.is_complete(), "{epoch:?}");
        assert!(epoch.follows(former.filter(|_| key.epoch > 1)), "{epoch:?}");
        former = Some(epoch);
    }
}

#[test]
fn a_record_that_is_lost_is_missed_with_all_its_traffic() {
    let records = reported();
    for lost in &records {
        let mut epoch = Epoch::default();
        for record in &records {
            if record.key.epoch == lost.key.epoch && record.key != lost.key {
                epoch.take(record);
            }
        }
        assert!(!lost.signal || !epoch.is_complete(), "{lost:?}");
        if lost.key.sequence < epoch.newest() {
            assert!(
                epoch.missing().sequences == 1 && !epoch.is_gapless(),
                "{lost:?}"
            );
            assert_eq!(epoch.missing().traffic, lost.window);
        }
        assert_ne!(epoch.take(lost), Verdict::Duplicate);
        assert!(epoch.is_complete(), "{lost:?}");
    }
}
