// SPDX-License-Identifier: Apache-2.0
//! The reports as a person reads them.

use std::fmt::Display;
use std::io::Write;

use lkstats::{Record, RecordKind};

use crate::ledger::Name;

pub fn print_head() {
    line([
        "room",
        "participant",
        "channel",
        "direction",
        "bytes",
        "messages",
        "rate",
        "track",
    ]);
}

pub fn print(name: &Name, record: &Record<'_>) {
    let window = &record.window();
    match record.key().kind {
        RecordKind::Joined => print_event(name, record, "joined"),
        RecordKind::Left => print_event(name, record, "left"),
        _ => {
            print_window(name, record, "up", window.recv_bytes, window.recv_messages);
            print_window(
                name,
                record,
                "down",
                window.send_bytes,
                window.send_messages,
            );
        }
    }
}

fn print_event(name: &Name, record: &Record<'_>, event: &str) {
    line([
        &name.room,
        &name.participant,
        name.channel,
        event,
        "",
        "",
        "",
        record.track_id(),
    ]);
}

fn print_window(name: &Name, record: &Record<'_>, direction: &str, bytes: u64, messages: u64) {
    if bytes == 0 && messages == 0 {
        return;
    }
    let seconds = record
        .end()
        .monotonic
        .saturating_sub(record.start().monotonic)
        .as_secs_f64();
    let (counted, number, rate) = (
        bytes.to_string(),
        messages.to_string(),
        rate_text(bytes, seconds),
    );
    line([
        &name.room,
        &name.participant,
        name.channel,
        direction,
        &counted,
        &number,
        &rate,
        record.track_id(),
    ]);
}

/// Whoever reads them may go at any time; then they are not printed.
fn line<T: Display>([room, participant, channel, direction, bytes, messages, rate, track]: [T; 8]) {
    let _ = writeln!(
        std::io::stdout(),
        "{room:<10} {participant:<12} {channel:<7} {direction:<9} {bytes:>12} {messages:>9} {rate:>13}   {track}"
    );
}

fn rate_text(bytes: u64, seconds: f64) -> String {
    let mut rate = if seconds > 0.0 {
        bytes as f64 / seconds
    } else {
        0.0
    };
    for unit in ["B/s", "kB/s", "MB/s", "GB/s"] {
        if rate < 999.95 {
            return format!("{rate:.1} {unit}");
        }
        rate /= 1000.0;
    }
    format!("{rate:.1} TB/s")
}

#[cfg(test)]
mod tests {
    use super::rate_text;

    #[test]
    fn a_rate_has_three_digits_before_its_point_at_most() {
        assert_eq!(rate_text(0, 0.0), "0.0 B/s");
        assert_eq!(rate_text(1999, 2.0), "999.5 B/s");
        assert_eq!(rate_text(999_960, 1000.0), "1.0 kB/s");
        assert_eq!(rate_text(u64::MAX, 1e-3), "18446744073.7 TB/s");
    }
}
