// SPDX-License-Identifier: Apache-2.0
//! A server in virtual time, and its consumer.
#![allow(dead_code)] // each test takes what it needs

pub mod folder;

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use lkstats::{Context, Key, Options, Record, RecordKind, Traffic};

/// One interval of `manual`.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// What a manual context with reports each second is opened with.
pub const MANUAL: Options<'static> = Options {
    node: "ND_1",
    analytics_key: "key",
    report_interval: INTERVAL,
    max_tracks: 64,
    preallocate: false,
    no_reports: false,
    manual: true,
    slab_dir: "",
    journal_dir: "",
    journal_segment_bytes: 0,
    journal_keep_bytes: 0,
    journal_keep_segments: 0,
    journal_segment_age: Duration::ZERO,
    journal_sync: false,
    log: None,
};

/// A clock that goes on by intervals.
#[derive(Default)]
pub struct Clock {
    now: Duration,
}

impl Clock {
    /// The work of one more interval.
    pub fn tick(&mut self, context: &Context) {
        self.now += INTERVAL;
        context
            .run_once(self.now, UNIX_EPOCH + self.now)
            .expect("a manual context runs");
    }

    /// Enough of them that everything that moved is reported.
    pub fn report(&mut self, context: &Context) {
        for _ in 0..3 {
            self.tick(context);
        }
    }
}

/// What a consumer has: each record once, by its key.
#[derive(Default)]
pub struct Ledger {
    pub windows: BTreeMap<Key, Traffic>,
    pub running: BTreeMap<Key, Traffic>,
    pub rooms: BTreeMap<u32, String>,
}

impl Ledger {
    pub fn enter(&mut self, record: Record<'_>) {
        let known = self.windows.insert(record.key(), record.window());
        assert!(
            known.is_none(),
            "acknowledged and delivered again: {record:?}"
        );
        self.running.insert(record.key(), record.running());
        self.rooms
            .insert(record.key().epoch, record.room_sid().to_owned());
    }

    /// Takes and acknowledges whatever is there; whether nothing will come any more.
    pub fn take(&mut self, context: &Context) -> bool {
        let mut batches = context.batches();
        for batch in &mut batches {
            let batch = batch.expect("a batch");
            batch.records().for_each(|record| self.enter(record));
            batch.ack().expect("an answer counts");
        }
        batches.ended()
    }

    pub fn total(&self) -> Traffic {
        self.windows.values().sum()
    }

    pub fn count(&self, kind: RecordKind) -> usize {
        self.windows.keys().filter(|key| key.kind == kind).count()
    }
}

/// The keys that the next batch has, which is given back.
pub fn keys(context: &Context) -> Vec<Key> {
    let batch = context
        .try_next()
        .expect("the context is open")
        .expect("a batch is there");
    batch.records().map(|record| record.key()).collect()
}
