// SPDX-License-Identifier: Apache-2.0
//! Figures: what was counted.

use std::iter::Sum;
use std::ops::AddAssign;

use lkstats_sys as sys;

use crate::Time;

/// Bytes and messages of both directions. Sent is what LiveKit calls DOWNSTREAM, received is
/// UPSTREAM. An add is in all figures or in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Traffic {
    /// Bytes sent.
    pub send_bytes: u64,
    /// Messages sent.
    pub send_messages: u64,
    /// Bytes received.
    pub recv_bytes: u64,
    /// Messages received.
    pub recv_messages: u64,
}

impl From<sys::lkstats_traffic_t> for Traffic {
    fn from(raw: sys::lkstats_traffic_t) -> Traffic {
        Traffic {
            send_bytes: raw.send_bytes,
            send_messages: raw.send_messages,
            recv_bytes: raw.recv_bytes,
            recv_messages: raw.recv_messages,
        }
    }
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, more: Traffic) {
        self.send_bytes += more.send_bytes;
        self.send_messages += more.send_messages;
        self.recv_bytes += more.recv_bytes;
        self.recv_messages += more.recv_messages;
    }
}

impl Sum for Traffic {
    fn sum<I: Iterator<Item = Traffic>>(windows: I) -> Traffic {
        windows.fold(Traffic::default(), |mut sum, window| {
            sum += window;
            sum
        })
    }
}

impl<'a> Sum<&'a Traffic> for Traffic {
    fn sum<I: Iterator<Item = &'a Traffic>>(windows: I) -> Traffic {
        windows.copied().sum()
    }
}

/// What was counted since a track was made, over all epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// When the words were read.
    pub at: Time,
    /// Since the track was made.
    pub traffic: Traffic,
}

impl From<sys::lkstats_totals_t> for Totals {
    fn from(raw: sys::lkstats_totals_t) -> Totals {
        Totals {
            at: raw.at.into(),
            traffic: raw.traffic.into(),
        }
    }
}

/// What was counted and is not acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Residue {
    /// Tracks that something is owed of.
    pub tracks: u64,
    /// The sum of what is owed.
    pub traffic: Traffic,
}

impl From<sys::lkstats_residue_t> for Residue {
    fn from(raw: sys::lkstats_residue_t) -> Residue {
        Residue {
            tracks: raw.tracks,
            traffic: raw.traffic.into(),
        }
    }
}
