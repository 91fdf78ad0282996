// SPDX-License-Identifier: Apache-2.0
//! What is asked of an epoch beside its verdicts.

use lkstats_verify::{Epoch, EpochKey, Key, Kind, Record, Traffic, Verdict, Why};

fn record(epoch: u32, sequence: u32, kind: Kind, before: u64, after: u64) -> Record {
    let sent = |send_bytes| Traffic {
        send_bytes,
        ..Traffic::default()
    };
    Record {
        key: Key {
            epoch: EpochKey {
                epoch,
                ..EpochKey::default()
            },
            sequence,
            kind,
        },
        window: sent(after - before),
        running: sent(after),
        signal: true,
        unattributed: false,
    }
}

/// A connection's epoch of three records.
fn whole(epoch: u32) -> Epoch {
    let mut whole = Epoch::default();
    whole.take(&record(epoch, 1, Kind::JOINED, 0, 0));
    whole.take(&record(epoch, 2, Kind::TRAFFIC, 0, 9));
    whole.take(&record(epoch, 2, Kind::LEFT, 9, 9));
    assert!(whole.is_complete() && whole.is_over());
    whole
}

#[test]
fn an_epoch_follows_its_complete_predecessor_only() {
    let (first, second, third) = (whole(1), whole(2), whole(3));
    assert!(first.follows(None) && second.follows(Some(&first)) && third.follows(Some(&second)));

    let nothing = Epoch::default();
    let mut open = Epoch::default();
    open.take(&record(1, 1, Kind::JOINED, 0, 0));
    let mut doubtful = whole(1);
    doubtful.take(&record(1, 2, Kind::LEFT, 8, 8));
    let mut nobodys = Epoch::default();
    nobodys.take(&Record {
        unattributed: true,
        ..record(1, 1, Kind::TRAFFIC, 0, 9)
    });
    let mut stranger = Record {
        ..record(1, 1, Kind::JOINED, 0, 0)
    };
    stranger.key.epoch.tag = 1;
    let mut another = Epoch::default();
    another.take(&stranger);
    stranger.key = Key {
        sequence: 2,
        kind: Kind::LEFT,
        ..stranger.key
    };
    another.take(&stranger);
    assert!(another.is_complete() && nobodys.is_complete());
    for former in [
        &nothing, &open, &doubtful, &nobodys, &another, &second, &third,
    ] {
        assert!(!second.follows(Some(former)), "{former:?}");
    }
    assert!(!third.follows(Some(&first)) && !second.follows(None) && !nothing.follows(None));
    assert!(!whole(1).follows(Some(&whole(u32::MAX))));
}

#[test]
fn nothing_is_told_of_nothing() {
    let nothing = Epoch::default();
    assert!(!nothing.is_gapless() && !nothing.is_complete() && !nothing.is_over());
    assert_eq!(
        (nothing.key(), nothing.newest(), nothing.running()),
        (None, 0, Traffic::default())
    );
    assert_eq!(nothing.missing().sequences, 0);
    assert!(nothing.missing().exact && nothing.gaps().is_empty());
}

#[test]
fn a_contradiction_says_why_and_is_counted_unless_it_is_anothers() {
    let mut epoch = whole(1);
    let late = record(1, 3, Kind::TRAFFIC, 9, 10);
    assert_eq!(epoch.take(&late), Verdict::Contradiction(Why::Over));
    assert_eq!(epoch.contradictions(), 1);
    let others = record(2, 3, Kind::TRAFFIC, 9, 10);
    assert_eq!(epoch.take(&others), Verdict::Contradiction(Why::State));
    assert_eq!(epoch.contradictions(), 1);
    assert!(epoch.is_gapless() && !epoch.is_complete());
    assert_eq!((epoch.newest(), epoch.running().send_bytes), (2, 9));
    for why in [Why::Form, Why::State, Why::Content, Why::Totals, Why::Over] {
        assert!(why.to_string().contains(' '));
    }
}
