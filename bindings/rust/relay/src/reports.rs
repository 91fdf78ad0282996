// SPDX-License-Identifier: Apache-2.0
//! The consumer of lkstats' reports: prints each as it comes, sums them up, acknowledges them.

use std::sync::Arc;

use lkstats::{Batch, Channel, Context, Error, Record, RecordKind};
use tokio::io::unix::AsyncFd;
use tokio::io::Interest;

use crate::ledger::{Ledger, Name};
use crate::table;

/// A consumer that fails now and then gets the same reports again and counts them once: every so many batches
/// one is given back unread.
const GIVE_BACK_EVERY: u64 = 5;

#[derive(Default)]
pub struct Reports {
    pub sums: Ledger,
    pub batches: u64,
    pub records: u64,
    pub given_back: u64,
}

/// Takes reports until the context is closed and nothing is owed any more. No thread waits for them.
pub async fn consume(
    context: Arc<Context>,
) -> Result<Reports, Box<dyn std::error::Error + Send + Sync>> {
    let mut reports = Reports::default();
    // SAFETY: a context has the same descriptor, and has it open, for as long as it lives, closed or not.
    let event = unsafe { AsyncFd::register_with_interest(context.clone(), Interest::READABLE)? };
    loop {
        match context.try_next() {
            Ok(Some(batch)) => reports.take(batch)?,
            Ok(None) => event.readable().await?.clear_ready(),
            Err(Error::Eof) => return Ok(reports),
            Err(error) => return Err(error.into()),
        }
    }
}

impl Reports {
    /// Reads a batch and answers it. Were this to fail or to panic before the answer, the batch would be given
    /// back when it is dropped.
    fn take(&mut self, batch: Batch<'_>) -> lkstats::Result<()> {
        self.batches += 1;
        if self.batches % GIVE_BACK_EVERY == 0 {
            self.given_back += 1;
            return batch.nack();
        }
        for record in batch.records() {
            self.read(&record);
        }
        batch.ack()
    }

    fn read(&mut self, record: &Record<'_>) {
        let name = Name {
            room: name_of(record, record.room_name()),
            participant: name_of(record, record.participant_identity()),
            channel: channel_text(record.channel()),
        };
        table::print(&name, record);
        let row = self.sums.row(name);
        row.traffic += record.window();
        row.joined += u64::from(record.key().kind == RecordKind::Joined);
        row.left += u64::from(record.key().kind == RecordKind::Left);
        self.records += 1;
    }
}

fn name_of(record: &Record<'_>, name: &str) -> String {
    if name.is_empty() && record.unattributed() {
        "(unknown)"
    } else {
        name
    }
    .to_owned()
}

fn channel_text(channel: Channel) -> &'static str {
    match channel {
        Channel::Signal => "signal",
        Channel::DataTrack => "track",
        _ => "data",
    }
}
