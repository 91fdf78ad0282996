// SPDX-License-Identifier: Apache-2.0
//! Taking reports and answering them. A name that is no batch's answers LKSTATS_ESTALE, and an answer consumes its
//! batch, so that a second one does too.

use std::collections::HashMap;
use std::io::{self, Write};

use lkstats::{Batch, Context, Error, Record, RecordKind};

use crate::host::{answer, answer_line, Done};
use crate::script::Line;
use crate::transcript::{Details, Figures, Hash, Instant, Text};

type Batches<'a, 'c> = HashMap<&'a str, Batch<'c>>;

pub fn next<'a, 'c>(
    mut line: Line<'a>,
    out: &mut dyn Write,
    context: Option<&'c Context>,
    batches: &mut Batches<'a, 'c>,
) -> Done {
    let name = line.word()?;
    line.end()?;
    let next = context.ok_or(Error::Stale).and_then(Context::try_next);
    let next = next.and_then(|batch| batch.ok_or(Error::Again));
    answer(out, line.number, &next)?;
    let Ok(batch) = next else {
        writeln!(out)?;
        return Ok(());
    };
    let records = batch.records();
    let (node, key) = (
        Text(batch.node().as_bytes()),
        Text(batch.analytics_key().as_bytes()),
    );
    writeln!(out, " node={node} key={key} records={}", records.len())?;
    for record in records {
        tell_record(out, &record)?;
    }
    batches.insert(name, batch);
    Ok(())
}

pub fn stats(mut line: Line<'_>, out: &mut dyn Write, batches: &Batches<'_, '_>) -> Done {
    let batch = batches.get(line.word()?);
    line.end()?;
    let stats = batch
        .ok_or(Error::Stale)
        .and_then(|batch| batch.analytics_stats());
    answer(out, line.number, &stats)?;
    if let Ok(stats) = stats {
        write!(out, " size={} hash={}", stats.len(), Hash(stats))?;
    }
    writeln!(out)?;
    Ok(())
}

pub fn answer_batch<'c>(
    mut line: Line<'_>,
    out: &mut dyn Write,
    batches: &mut Batches<'_, 'c>,
    call: fn(Batch<'c>) -> lkstats::Result<()>,
) -> Done {
    let batch = batches.remove(line.word()?);
    line.end()?;
    answer_line(out, line.number, &batch.ok_or(Error::Stale).and_then(call))
}

fn tell_record(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    let kind = match record.key().kind {
        RecordKind::Joined => "joined",
        RecordKind::Traffic => "traffic",
        RecordKind::Left => "left",
        _ => "unknown",
    };
    write!(
        out,
        "  record {kind} epoch={} sequence={} channel={} flags={} start={} end={} window={} running={}",
        record.key().epoch,
        record.key().sequence,
        i32::from(record.channel()),
        u8::from(record.unattributed()),
        Instant(&record.start()),
        Instant(&record.end()),
        Figures(&record.window()),
        Figures(&record.running()),
    )?;
    let strings = [
        ("country", record.country()),
        ("room_sid", record.room_sid()),
        ("room_name", record.room_name()),
        ("participant_sid", record.participant_sid()),
        ("identity", record.participant_identity()),
        ("track_id", record.track_id()),
        ("tenant", record.tenant()),
    ];
    for (name, string) in strings {
        write!(out, " {name}={}", Text(string.as_bytes()))?;
    }
    writeln!(
        out,
        " kind={} details={}",
        record.participant_kind(),
        Details(record.kind_details())
    )
}
