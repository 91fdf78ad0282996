// SPDX-License-Identifier: Apache-2.0
//! What names a record.

use lkstats_sys as sys;

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// One window of traffic.
    Traffic,
    /// A signal connection's epoch has both room and participant; no traffic.
    Joined,
    /// It is over, and this is its last record; no traffic.
    Left,
    /// One of a newer library. Made from its number only.
    #[non_exhaustive]
    Other(u32),
}

/// The number that it has in `lkstats.h`.
impl From<RecordKind> for u32 {
    fn from(kind: RecordKind) -> u32 {
        match kind {
            RecordKind::Traffic => sys::LKSTATS_RECORD_TRAFFIC,
            RecordKind::Joined => sys::LKSTATS_RECORD_JOINED,
            RecordKind::Left => sys::LKSTATS_RECORD_LEFT,
            RecordKind::Other(raw) => raw,
        }
    }
}

impl From<u32> for RecordKind {
    fn from(raw: u32) -> RecordKind {
        match raw {
            sys::LKSTATS_RECORD_TRAFFIC => RecordKind::Traffic,
            sys::LKSTATS_RECORD_JOINED => RecordKind::Joined,
            sys::LKSTATS_RECORD_LEFT => RecordKind::Left,
            other => RecordKind::Other(other),
        }
    }
}

/// Names one record for good: the same key always has the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Key {
    /// A uuid, new with each context; of a dead context's records, that one's.
    pub context: [u8; 16],
    /// Where the track is counted.
    pub slot: u32,
    /// Which of the tracks that were counted there.
    pub tag: u32,
    /// Of the track: 1, 2, 3 ...; 1 for a data track.
    pub epoch: u32,
    /// Of the epoch: 1, 2, 3 ... without a gap. A left has that of the traffic that came last,
    /// where that is of the same instant.
    pub sequence: u32,
    /// What the record says.
    pub kind: RecordKind,
}

impl From<sys::lkstats_key_t> for Key {
    fn from(raw: sys::lkstats_key_t) -> Key {
        Key {
            context: raw.context,
            slot: raw.slot,
            tag: raw.tag,
            epoch: raw.epoch,
            sequence: raw.sequence,
            kind: raw.kind.into(),
        }
    }
}
