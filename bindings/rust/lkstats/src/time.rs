// SPDX-License-Identifier: Apache-2.0
//! Instants on two clocks, and Rust's durations in the library's units.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lkstats_sys as sys;

use crate::{Error, Result};

/// The same instant on two clocks: one that measures, and one that may be set while the server
/// runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Time {
    /// CLOCK_MONOTONIC; in a manual context what [`Context::run_once`](crate::Context::run_once)
    /// was given.
    pub monotonic: Duration,
    /// CLOCK_REALTIME, likewise.
    pub wall: SystemTime,
}

impl From<sys::lkstats_time_t> for Time {
    fn from(raw: sys::lkstats_time_t) -> Time {
        let since = Duration::from_nanos(raw.wall_ns.unsigned_abs());
        Time {
            monotonic: Duration::from_nanos(raw.monotonic_ns.max(0).unsigned_abs()),
            wall: if raw.wall_ns < 0 {
                UNIX_EPOCH - since
            } else {
                UNIX_EPOCH + since
            },
        }
    }
}

/// 292 years at most, like every figure in nanoseconds.
pub(crate) fn nanoseconds(duration: Duration) -> Result<i64> {
    i64::try_from(duration.as_nanos()).map_err(|_| Error::Invalid)
}

/// Since 1970, and negative before it.
pub(crate) fn wall_nanoseconds(wall: SystemTime) -> Result<i64> {
    match wall.duration_since(UNIX_EPOCH) {
        Ok(since) => nanoseconds(since),
        Err(before) => nanoseconds(before.duration()).map(|ns| -ns),
    }
}

/// Rounded up, so that a wait is never shorter than was asked for; the longest there is for more
/// than that.
pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}
