// SPDX-License-Identifier: Apache-2.0
//! Signal connections, each with one thread that adds on it, says whose it is, resets and stops it: so each add is of
//! one epoch for sure, and each epoch has an account.

use std::sync::atomic::Ordering;
use std::thread;

use lkstats::{Error, Participant, Room, Signal, SignalOptions};

use crate::host::{load, name, Add, Host};
use crate::ledger::{Opening, OWNED, RESOLUTION_BEGAN, RESOLVED};
use crate::random::Random;

struct Owned<'a> {
    host: &'a Host,
    random: &'a mut Random,
    signal: Signal,
    account: u32,
    thread: usize,
}

impl Owned<'_> {
    fn add_some(&mut self) {
        for _ in 0..self.random.below(60) {
            let add = Add {
                bytes: self.random.below(1500),
                messages: self.random.below(4),
                is_send: self.random.one_in(2),
            };
            let cell = self.host.ledger.account(self.account).of(0, add.is_send);
            if !self.host.book(cell, &add, self.thread, &self.signal) {
                self.host.fail(&format!(
                    "an add on account {} was refused, and nobody had stopped it",
                    self.account
                ));
            }
        }
    }

    fn resolve_room(&self) -> bool {
        let (sid, name) = (name("RM_", self.account), name("", self.account));
        let room = Room {
            sid: &sid,
            name: &name,
            ..Room::default()
        };
        let result = self.signal.resolve_room(&room);
        self.host.expect("resolve_room", result, &[]).is_some()
    }

    fn resolve_participant(&self) -> bool {
        let (sid, identity) = (name("PA_", self.account), name("", self.account));
        let participant = Participant {
            sid: &sid,
            identity: &identity,
            ..Default::default()
        };
        let result = self.signal.resolve_participant(&participant);
        self.host
            .expect("resolve_participant", result, &[])
            .is_some()
    }

    /// In either order, with adds in between.
    fn resolve(&mut self) -> bool {
        let account = self.host.ledger.account(self.account);
        let room_first = self.random.one_in(2);
        account.resolution.store(RESOLUTION_BEGAN, Ordering::SeqCst);
        let mut known = !room_first || self.resolve_room();
        self.add_some();
        known = self.resolve_participant() && known;
        self.add_some();
        known = (room_first || self.resolve_room()) && known;
        if known {
            account.resolution.store(RESOLVED, Ordering::SeqCst);
        }
        known
    }

    /// Ends the epoch; `false`: it goes on.
    fn next_epoch(&mut self) -> bool {
        let before = self.host.ledger.account(self.account);
        let opening = Opening {
            kind: OWNED,
            life: self.host.life,
            connection: Some(load(&before.connection)),
            epoch: load(&before.epoch) + 1,
            thread: self.thread,
        };
        let Some(account) = self.host.ledger.open(&opening) else {
            return false;
        };
        let result = self.signal.reset();
        if self.host.expect("reset", result, &[Error::Full]).is_none() {
            return false;
        }
        self.account = account;
        true
    }

    fn live(mut self) {
        loop {
            self.add_some();
            if self.random.one_in(5) || !self.resolve() {
                break; // nobody will know
            }
            self.add_some();
            if self.random.one_in(4) || !self.next_epoch() {
                break;
            }
        }
        self.add_some();
        self.host.expect("stop", self.signal.stop(), &[]);
    }
}

/// A thread: one connection after the other.
pub fn own(host: &Host, thread: usize) -> ! {
    let mut random = host.random(thread);
    loop {
        let opening = Opening {
            kind: OWNED,
            life: host.life,
            connection: None,
            epoch: 1,
            thread,
        };
        let Some(account) = host.ledger.open(&opening) else {
            loop {
                thread::park();
            }
        };
        let options = SignalOptions {
            tenant: &format!("c{account}"),
            ..Default::default()
        };
        if let Some(signal) = host.expect("signal", host.context.signal(&options), &[]) {
            let owned = Owned {
                host,
                random: &mut random,
                signal,
                account,
                thread,
            };
            owned.live();
        }
        random.pause(200);
    }
}
