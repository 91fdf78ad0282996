// SPDX-License-Identifier: Apache-2.0
//! What all threads of the host share.

use std::fs::File;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lkstats::{Context, Error};

use crate::ledger::{Cell, Ledger};
use crate::random::Random;

pub const SEATS: usize = 12;

/// One that several threads add on.
pub struct Seated {
    pub track: lkstats::Track,
    pub account: u32,
    /// It is about to be stopped: adds may be refused from here on.
    pub retired: AtomicBool,
    /// Large adds that may be made before the next fold, each direction.
    pub allowed: [AtomicI32; 2],
}

pub struct Host {
    pub context: Context,
    pub ledger: Ledger,
    /// `None`: the journal is the receiver.
    pub rows: Option<File>,
    pub life: u32,
    pub seed: u64,
    /// The directory of the counters may be full.
    pub small: bool,
    pub seats: Vec<Mutex<Option<Arc<Seated>>>>,
}

/// Says it in the ledger, and ends the process.
pub fn fail(ledger: &Ledger, life: u32, text: &str) -> ! {
    eprintln!("life {life}: {text}");
    ledger.fail(text);
    process::exit(1)
}

impl Host {
    pub fn fail(&self, text: &str) -> ! {
        fail(&self.ledger, self.life, text)
    }

    pub fn random(&self, whose: usize) -> Random {
        Random::new(self.seed, whose)
    }

    /// Fails unless it went well or the error is one of those. `None` after such an error.
    pub fn expect<T>(
        &self,
        call: &str,
        result: lkstats::Result<T>,
        allowed: &[Error],
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) if allowed.contains(&error) => None,
            Err(Error::NoMemory) if self.small => None,
            Err(error) => self.fail(&format!("{call}: {error}")),
        }
    }

    pub fn seat(&self, number: usize) -> Option<Arc<Seated>> {
        self.seats[number]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// One add, with the ledger before and after. Whether it was taken.
    pub fn book(&self, cell: &Cell, add: &Add, lane: usize, counts: impl Counts) -> bool {
        cell.intend(add.bytes, add.messages);
        let result = if add.messages == 1 {
            counts.bytes(add)
        } else {
            counts.messages(add)
        };
        if result.is_ok() {
            cell.confirm();
            self.ledger.progress(lane);
            return true;
        }
        cell.refuse();
        self.expect("an add", result, &[Error::Closed, Error::Stale]);
        false
    }
}

pub struct Add {
    pub bytes: u64,
    pub messages: u64,
    pub is_send: bool,
}

/// A data track or a signal connection.
pub trait Counts {
    fn bytes(&self, add: &Add) -> lkstats::Result<()>;
    fn messages(&self, add: &Add) -> lkstats::Result<()>;
}

impl Counts for &lkstats::Track {
    fn bytes(&self, add: &Add) -> lkstats::Result<()> {
        self.add_bytes(add.bytes, add.is_send)
    }
    fn messages(&self, add: &Add) -> lkstats::Result<()> {
        self.add_messages(add.bytes, add.messages, add.is_send)
    }
}

impl Counts for &lkstats::Signal {
    fn bytes(&self, add: &Add) -> lkstats::Result<()> {
        self.add_bytes(add.bytes, add.is_send)
    }
    fn messages(&self, add: &Add) -> lkstats::Result<()> {
        self.add_messages(add.bytes, add.messages, add.is_send)
    }
}

/// Who an account is of, as `tests/soak/row.h` has it.
pub fn name(prefix: &str, account: u32) -> String {
    let more = if account % 5 == 0 { 150 } else { account % 16 } as usize;
    format!("{prefix}a{account}-{}", "x".repeat(more))
}

/// How far a field of an account has come.
pub fn load(field: &AtomicU32) -> u32 {
    field.load(Ordering::Relaxed)
}
