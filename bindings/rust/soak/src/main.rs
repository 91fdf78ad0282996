// SPDX-License-Identifier: Apache-2.0
//! The Rust host of the soak (tests/soak): it opens a context with `slab_dir`, which recovers what the host before it left,
//! and counts, makes, resolves, resets and stops until it is killed. Whatever it may not see ends it with a message in the
//! ledger.

mod consumer;
mod host;
mod ledger;
mod random;
mod signals;
mod tracks;

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::process::exit;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use lkstats::{Context, Error, Log, LogLevel, Options};

use host::{fail, Host, SEATS};
use ledger::{Ledger, ADDERS};

const OWNERS: usize = 2;
const USAGE: &str =
    "usage: lkstats-soak --ledger FILE --slab DIR [--journal DIR | --rows FILE] --seed N \
                     --life N [--small]";

/// Words that begin with two dashes and what follows each; "small" stands alone.
fn words() -> Option<HashMap<String, String>> {
    let mut all = HashMap::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let word = word.strip_prefix("--")?.to_owned();
        let value = if word == "small" {
            String::new()
        } else {
            words.next()?
        };
        all.insert(word, value);
    }
    Some(all)
}

fn open(words: &HashMap<String, String>) -> Option<Host> {
    let text = |word: &str| words.get(word).map(String::as_str).unwrap_or_default();
    let life: u32 = text("life").parse().ok()?;
    let seed = text("seed").parse().ok()?;
    let ledger = Ledger::map(text("ledger"))
        .inspect_err(|error| eprintln!("{}: {error}", text("ledger")))
        .ok()?;
    let log = Log::new(move |level, line| {
        if level == LogLevel::Error {
            fail(&ledger, life, &format!("log: {line}"));
        }
        eprintln!("life {life}: log {level:?}: {line}");
    });
    let rows = match text("rows") {
        "" => None,
        path => Some(
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .unwrap_or_else(|error| fail(&ledger, life, &format!("{path}: {error}"))),
        ),
    };
    let options = Options {
        node: &format!("n{life}"),
        analytics_key: &format!("k{life}"),
        report_interval: Duration::from_millis(100),
        slab_dir: text("slab"),
        journal_dir: text("journal"),
        journal_segment_bytes: if rows.is_none() { 64 << 10 } else { 0 },
        log: Some(&log),
        ..Default::default()
    };
    let small = words.contains_key("small");
    let context = match Context::open(&options) {
        Ok(context) => context,
        Err(Error::NoMemory) if small => loop {
            thread::park();
        },
        Err(error) => fail(&ledger, life, &format!("open: {error}")),
    };
    Some(Host {
        context,
        ledger,
        rows,
        life,
        seed,
        small,
        seats: (0..SEATS).map(|_| Mutex::default()).collect(),
    })
}

fn main() {
    let Some(host) = words().and_then(|words| open(&words)) else {
        eprintln!("{USAGE}");
        exit(2);
    };
    for seat in 0..SEATS {
        tracks::replace(&host, seat);
    }
    let host = &host;
    thread::scope(|scope| {
        for number in 0..ADDERS {
            scope.spawn(move || tracks::add(host, number));
        }
        for number in 0..OWNERS {
            scope.spawn(move || signals::own(host, ADDERS + number));
        }
        if let Some(rows) = &host.rows {
            scope.spawn(move || consumer::consume(host, rows));
        }
        tracks::manage(host)
    });
}
