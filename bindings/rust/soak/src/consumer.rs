// SPDX-License-Identifier: Apache-2.0
//! The receiver: stores rows, then acknowledges. Now and then it refuses, or stores and refuses.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

use lkstats::{Record, Time, Traffic};

use crate::host::Host;

const ROW_SIZE: usize = 256;
const ROW_END: u32 = 0x2177_6f72;
/// Not a record: the batch of that number was acknowledged.
const ROW_ACK: u32 = 0x216b_6361;
const NAME: usize = 24;
const NUMBER: usize = 9;

/// FNV-1a over each text and a zero.
fn sum(texts: [&str; 4]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for text in texts {
        for byte in text.bytes().chain([0]) {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    sum
}

fn put_text(row: &mut Vec<u8>, text: &str) {
    let mut field = [0; NAME];
    let size = text.len().min(NAME - 1);
    field[..size].copy_from_slice(&text.as_bytes()[..size]);
    row.extend(field);
}

fn put_time(row: &mut Vec<u8>, time: Time) {
    let wall = time.wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    for since in [time.monotonic, wall] {
        row.extend((since.as_nanos() as i64).to_ne_bytes());
    }
}

fn put_traffic(row: &mut Vec<u8>, traffic: Traffic) {
    for figure in [
        traffic.send_bytes,
        traffic.send_messages,
        traffic.recv_bytes,
        traffic.recv_messages,
    ] {
        row.extend(figure.to_ne_bytes());
    }
}

fn put_end(rows: &mut Vec<u8>, last: u32, number: u32) {
    rows.extend(last.to_ne_bytes());
    rows.extend(number.to_ne_bytes());
}

/// What `tests/soak/row.h` describes.
fn put(rows: &mut Vec<u8>, record: &Record<'_>, node: &str, number: u32) {
    let key = record.key();
    rows.extend(key.context);
    for number in [
        key.slot,
        key.tag,
        key.epoch,
        key.sequence,
        key.kind.into(),
        0,
    ] {
        rows.extend(number.to_ne_bytes());
    }
    put_time(rows, record.start());
    put_time(rows, record.end());
    put_traffic(rows, record.window());
    put_traffic(rows, record.running());
    rows.extend(u32::from(record.unattributed()).to_ne_bytes());
    rows.extend(i32::from(record.channel()).to_ne_bytes());
    let texts = [
        record.room_sid(),
        record.room_name(),
        record.participant_sid(),
        record.participant_identity(),
    ];
    rows.extend(sum(texts).to_ne_bytes());
    put_text(rows, record.participant_identity());
    put_text(rows, record.room_name());
    put_text(rows, record.tenant());
    put_text(rows, node);
    put_end(rows, ROW_END, number);
}

/// In one write: a kill can cut the last one short, then what it says is not acknowledged.
fn write(host: &Host, mut to: &File, rows: &[u8]) {
    if let Err(error) = to.write_all(rows) {
        host.fail(&format!("rows: {error}"));
    }
}

fn store(host: &Host, to: &File, batch: &lkstats::Batch<'_>, number: u32) {
    let mut rows = Vec::new();
    for record in batch.records() {
        put(&mut rows, &record, batch.node(), number);
    }
    write(host, to, &rows);
}

fn acknowledge(host: &Host, to: &File, batch: lkstats::Batch<'_>, number: u32) {
    host.expect("ack", batch.ack(), &[]);
    let mut row = vec![0; ROW_SIZE - 8];
    put_end(&mut row, ROW_ACK, number);
    write(host, to, &row);
}

/// A thread.
pub fn consume(host: &Host, rows: &File) -> ! {
    let mut random = host.random(NUMBER);
    let mut number = 0;
    loop {
        if let Err(error) = host.context.wait(Some(Duration::from_millis(20))) {
            host.fail(&format!("wait: {error}"));
        }
        let next = host.expect("try_next", host.context.try_next(), &[]);
        let Some(batch) = next.flatten() else {
            continue;
        };
        let refuses = random.one_in(10);
        if !refuses {
            number += 1;
            store(host, rows, &batch, number);
        }
        if refuses || random.one_in(20) {
            host.expect("nack", batch.nack(), &[]);
        } else {
            acknowledge(host, rows, batch, number);
        }
    }
}
