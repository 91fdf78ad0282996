// SPDX-License-Identifier: Apache-2.0
//! The set of sequences that all languages are told, with what they have to say.

use lkstats_verify::{Epoch, EpochKey, Key, Kind, Record, Traffic, Verdict, Why};

/// The numbers of a field: they are always in the same places.
fn numbers(line: &str, field: &str) -> Vec<u64> {
    let from = line
        .find(&format!("\"{field}\":"))
        .expect("the field is there")
        + field.len()
        + 3;
    let rest = line[from..].trim_start_matches('[');
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != ',')
        .unwrap_or(rest.len());
    (rest[..end].trim_end_matches(',').split(','))
        .map(|number| number.parse().expect("a number"))
        .collect()
}

fn traffic(figures: &[u64]) -> Traffic {
    Traffic {
        send_bytes: figures[0],
        send_messages: figures[1],
        recv_bytes: figures[2],
        recv_messages: figures[3],
    }
}

fn record(line: &str) -> Record {
    let key: Vec<u32> = (numbers(line, "take").iter())
        .map(|number| u32::try_from(*number).unwrap())
        .collect();
    let mut context = [0; 16];
    context[0] = u8::try_from(key[0]).unwrap();
    Record {
        key: Key {
            epoch: EpochKey {
                context,
                slot: key[1],
                tag: key[2],
                epoch: key[3],
            },
            sequence: key[4],
            kind: Kind(key[5]),
        },
        window: traffic(&numbers(line, "window")),
        running: traffic(&numbers(line, "running")),
        signal: numbers(line, "signal") == [1],
        unattributed: numbers(line, "unattributed") == [1],
    }
}

/// From its verdict on, the line that would stand there.
fn said(epoch: &Epoch, verdict: Verdict, why: &str) -> String {
    let holes: Vec<String> = (epoch.gaps().iter())
        .map(|gap| {
            let merged = if gap.merged { "+" } else { "" };
            let least = if gap.exact { "" } else { "~" };
            format!("{}-{}{merged}{least}", gap.first, gap.last)
        })
        .collect();
    let holes = if holes.is_empty() {
        "none".into()
    } else {
        holes.join(" ")
    };
    let (missing, exact) = (epoch.missing(), u32::from(epoch.missing().exact));
    let t = missing.traffic;
    format!(
        "\"verdict\":\"{verdict}\",\"why\":\"{why}\",\"missing\":[{},{exact},{},{},{},{}],\
         \"holes\":\"{holes}\",\"gapless\":{},\"complete\":{}}}",
        missing.sequences,
        t.send_bytes,
        t.send_messages,
        t.recv_bytes,
        t.recv_messages,
        u32::from(epoch.is_gapless()),
        u32::from(epoch.is_complete())
    )
}

#[test]
fn every_record_of_the_shared_sequences_is_judged_as_it_says() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/data/verify.jsonl"
    );
    let (mut epoch, mut why, mut count) = (Epoch::default(), "nothing", 0);
    for line in std::fs::read_to_string(path).unwrap().lines() {
        if line.starts_with("{\"story\":") {
            (epoch, why) = (Epoch::default(), "nothing");
            continue;
        }
        let verdict = epoch.take(&record(line));
        if let Verdict::Contradiction(reason) = verdict {
            why = match reason {
                Why::Form => "form",
                Why::State => "state",
                Why::Content => "content",
                Why::Totals => "totals",
                Why::Over => "over",
            };
        }
        let expected = &line[line.find("\"verdict\":").unwrap()..];
        assert_eq!(said(&epoch, verdict, why), expected, "{line}");
        count += 1;
    }
    assert!(count > 300);
}
