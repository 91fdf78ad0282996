// SPDX-License-Identifier: Apache-2.0
//! Sequences that did not come.

use alloc::vec::Vec;

use crate::{Record, Traffic};

/// How many gaps of an epoch are told apart.
///
/// One more, and the two with the fewest records between them become one: which records of those came is
/// forgotten. What comes in there later is [`Unsure`](crate::Verdict::Unsure), which to a store with one row a
/// key makes no difference, and what is missing is "at least" from then on. In the order of their keys no
/// record comes into a gap, so a second run over the store is exact.
pub const GAPS_MAX: usize = 8;

/// Sequences that did not come: from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Gap {
    /// The lowest of them.
    pub first: u32,
    /// The highest.
    pub last: u32,
    /// How many are missing, at least.
    pub missing: u32,
    /// Just that many are: not so where unsure records came, or a left may have come without traffic.
    pub exact: bool,
    /// It was several gaps: some of the sequences came.
    pub merged: bool,
    /// Running totals where it begins.
    pub before: Traffic,
    /// And ends: between them is its traffic, all of it missing unless it is merged.
    pub after: Traffic,
}

/// Gaps take the place of those in `range`.
pub(crate) fn put(
    list: &mut Vec<Gap>,
    range: core::ops::Range<usize>,
    gaps: impl IntoIterator<Item = Gap>,
) {
    list.splice(range, gaps);
    if list.len() <= GAPS_MAX {
        return;
    }
    let distance = |pair: &[Gap]| pair[1].first - pair[0].last;
    // The first of the least.
    let least = list
        .windows(2)
        .enumerate()
        .min_by_key(|(_, pair)| distance(pair))
        .map_or(0, |(number, _)| number);
    let other = list.remove(least + 1);
    let one = &mut list[least];
    one.last = other.last;
    one.after = other.after;
    one.missing += other.missing;
    one.exact &= other.exact;
    one.merged = true;
}

/// Sequences, maybe none, in which neither bound overflows.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub first: u64,
    pub last: u64,
    /// The last may be a left alone, without traffic.
    pub open: bool,
    pub before: Traffic,
    pub after: Traffic,
}

impl Run {
    /// How many of them have traffic for certain. joins: sequence 1 has none.
    fn windows(&self, joins: bool) -> u64 {
        self.last - self.first + 1 - u64::from(self.open) - u64::from(joins && self.first == 1)
    }

    /// Whether running totals can be those.
    pub fn is_possible(&self, joins: bool) -> bool {
        let equal = self.before == self.after;
        if self.first > self.last {
            equal
        } else if self.windows(joins) != 0 {
            self.before.at_most(&self.after) && !equal
        } else {
            equal || (self.open && self.before.at_most(&self.after))
        }
    }

    /// What is on either side of a record, if that has its place here.
    pub fn around(&self, record: &Record) -> Option<(Run, Run)> {
        let sequence = u64::from(record.key.sequence);
        let ahead = Run {
            last: sequence - 1,
            open: false,
            after: record.before(),
            ..*self
        };
        let behind = Run {
            first: sequence + 1,
            before: record.running,
            ..*self
        };
        let joins = record.joins();
        (sequence <= self.last && ahead.is_possible(joins) && behind.is_possible(joins))
            .then_some((ahead, behind))
    }

    /// It ends with a left that is without traffic.
    pub fn ends_alone(&self) -> bool {
        self.first <= self.last && self.open && self.before == self.after
    }

    /// The gap that it is when nothing of it came, if it is one.
    pub fn gap(mut self, joins: bool) -> Option<Gap> {
        if self.ends_alone() {
            self.open = false;
            self.last -= 1;
        }
        if self.first > self.last {
            return None;
        }
        // Else only that one can have had the traffic.
        let unknown = self.open && self.windows(joins) != 0;
        // Both are sequences.
        let (first, last) = (self.first as u32, self.last as u32);
        Some(Gap {
            first,
            last,
            missing: last - first + u32::from(!unknown),
            exact: !unknown,
            merged: false,
            before: self.before,
            after: self.after,
        })
    }
}
