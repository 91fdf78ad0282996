// SPDX-License-Identifier: Apache-2.0
//! What the proof needs of a record.

use crate::Traffic;

/// What a record says: the number that it has in `lkstats.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u32);

impl Kind {
    /// One window of one track.
    pub const TRAFFIC: Kind = Kind(1);
    /// A signal connection's epoch has both room and participant.
    pub const JOINED: Kind = Kind(2);
    /// It is over.
    pub const LEFT: Kind = Kind(3);
}

/// Names one epoch of one handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochKey {
    /// A uuid.
    pub context: [u8; 16],
    /// Where it is counted.
    pub slot: u32,
    /// Which of those that were counted there.
    pub tag: u32,
    /// Of the handle: 1, 2, 3 ...; 1 for a data track.
    pub epoch: u32,
}

/// Names one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Of which epoch.
    pub epoch: EpochKey,
    /// Of the epoch: 1, 2, 3 ...
    pub sequence: u32,
    /// What it says.
    pub kind: Kind,
}

/// What the proof needs of a record: of one of the library's, or of a row of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Names it.
    pub key: Key,
    /// What was counted in it.
    pub window: Traffic,
    /// What was counted since the epoch's start, this window included.
    pub running: Traffic,
    /// It is of a signal connection: its channel says so.
    pub signal: bool,
    /// It is of one that was never resolved.
    pub unattributed: bool,
}

impl Record {
    /// What the running totals were when the window began.
    pub(crate) fn before(&self) -> Traffic {
        self.running.less(self.window)
    }

    /// Its epoch begins with joined.
    pub(crate) fn joins(&self) -> bool {
        self.signal && !self.unattributed
    }

    /// Whether there can be such a record at all.
    pub(crate) fn is_well_formed(&self) -> bool {
        let Key {
            epoch,
            sequence,
            kind,
        } = self.key;
        if epoch.epoch == 0 || sequence == 0 || !self.window.at_most(&self.running) {
            return false;
        }
        if self.window.is_none() == (kind == Kind::TRAFFIC) {
            return false;
        }
        match kind {
            Kind::TRAFFIC if !self.signal => epoch.epoch == 1 && !self.unattributed,
            Kind::TRAFFIC if self.unattributed => sequence == 1,
            Kind::JOINED if self.joins() => sequence == 1 && self.running.is_none(),
            Kind::TRAFFIC | Kind::LEFT if self.joins() => sequence >= 2,
            _ => false,
        }
    }
}
