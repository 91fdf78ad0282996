// SPDX-License-Identifier: Apache-2.0
//! Data tracks: three threads add on them while another lets them come and go.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lkstats::{Channel, Error, MetricsFormat, TrackOptions};

use crate::host::{name, Add, Host, Seated, SEATS};
use crate::ledger::{Opening, DATA};
use crate::random::Random;

/// So many large adds between two folds, see `tests/soak/host_adds.c`.
const LARGE: i32 = 4;
const MANAGER: usize = 8;

impl Seated {
    fn allow_large(&self) {
        for allowed in &self.allowed {
            allowed.store(LARGE, Ordering::SeqCst);
        }
    }

    fn takes_large(&self, is_send: bool) -> bool {
        let allowed = &self.allowed[usize::from(is_send)];
        allowed.load(Ordering::SeqCst) > 0 && allowed.fetch_sub(1, Ordering::SeqCst) > 0
    }
}

fn add_one(host: &Host, random: &mut Random, seated: &Seated, thread: usize) {
    let mut add = Add {
        bytes: random.below(1500),
        messages: 1,
        is_send: random.one_in(2),
    };
    if random.one_in(64) {
        if seated.takes_large(add.is_send) {
            add.bytes = (1 << 32) + random.below(1 << 32);
            add.messages = random.below(1 << 23);
        } else {
            add.messages = random.below(64);
        }
    }
    let cell = host.ledger.account(seated.account).of(thread, add.is_send);
    if !host.book(cell, &add, thread, &seated.track) && !seated.retired.load(Ordering::SeqCst) {
        host.fail(&format!(
            "an add on account {} was refused, and nobody had stopped it",
            seated.account
        ));
    }
}

/// A thread: adds on whatever is in the seats.
pub fn add(host: &Host, thread: usize) -> ! {
    let mut random = host.random(thread);
    loop {
        match host.seat(random.below(SEATS as u64) as usize) {
            Some(seated) => {
                for _ in 0..random.below(100) {
                    add_one(host, &mut random, &seated, thread);
                }
            }
            None => random.pause(1000), // a small directory has no room for every seat
        }
    }
}

pub fn replace(host: &Host, seat: usize) {
    let opening = Opening {
        kind: DATA,
        life: host.life,
        connection: None,
        epoch: 1,
        thread: 0,
    };
    let Some(account) = host.ledger.open(&opening) else {
        return;
    };
    let options = TrackOptions {
        channel: if account % 2 == 0 {
            Channel::Data
        } else {
            Channel::DataTrack
        },
        room_sid: &name("RM_", account),
        room_name: &name("", account),
        participant_sid: &name("PA_", account),
        participant_identity: &name("", account),
        tenant: &format!("c{account}"),
        ..Default::default()
    };
    let Some(track) = host.expect("track", host.context.track(&options), &[]) else {
        return;
    };
    let seated = Arc::new(Seated {
        track,
        account,
        retired: AtomicBool::new(false),
        allowed: [AtomicI32::new(LARGE), AtomicI32::new(LARGE)],
    });
    let old = host.seats[seat]
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .replace(seated);
    if let Some(old) = old {
        old.retired.store(true, Ordering::SeqCst);
        host.expect("stop", old.track.stop(), &[]);
    }
}

/// Lets tracks come and go, with flushes in between.
pub fn manage(host: &Host) -> ! {
    let mut random = host.random(MANAGER);
    loop {
        let seat = random.below(SEATS as u64) as usize;
        match random.below(4) {
            0 => replace(host, seat),
            1 => {
                let result = host.context.flush(Duration::ZERO);
                host.expect("flush", result, &[Error::TimedOut]);
            }
            2 => {
                if let Some(seated) = host.seat(seat) {
                    let result = seated.track.flush(Duration::ZERO);
                    host.expect("flush of a track", result, &[Error::TimedOut]);
                }
            }
            _ => {
                // Folds all that has moved.
                let result = host.context.metrics(MetricsFormat::OpenMetrics);
                host.expect("metrics", result, &[]);
                for number in 0..SEATS {
                    if let Some(seated) = host.seat(number) {
                        seated.allow_large();
                    }
                }
            }
        }
        random.pause(500);
    }
}
