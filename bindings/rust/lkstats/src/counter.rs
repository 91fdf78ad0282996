// SPDX-License-Identifier: Apache-2.0
//! What tracks and signal connections share: a handle that counts.

use std::fmt;
use std::time::Duration;

use crate::abi::{self, Anchor};
use crate::time::milliseconds;
use crate::{Result, Totals};

/// A handle, and where it counts. Stops when it is dropped.
pub(crate) struct Counter {
    handle: u64,
    anchor: &'static Anchor,
}

impl Counter {
    pub(crate) fn new(handle: u64) -> Counter {
        Counter::at(handle, Anchor::of_library())
    }

    pub(crate) fn at(handle: u64, anchor: &'static Anchor) -> Counter {
        Counter { handle, anchor }
    }

    pub(crate) fn handle(&self) -> u64 {
        self.handle
    }

    #[inline]
    pub(crate) fn add(&self, bytes: u64, messages: u64, is_send: bool) -> Result<()> {
        self.anchor.add(self.handle, bytes, messages, is_send)
    }

    pub(crate) fn totals(&self) -> Result<Totals> {
        abi::totals(self.handle)
    }

    pub(crate) fn stop(&self) -> Result<Totals> {
        abi::stop(self.handle)
    }

    pub(crate) fn flush(&self, timeout: Duration) -> Result<()> {
        abi::track_flush(self.handle, milliseconds(timeout))
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        // Stopped or stale already, closed or a parent's: then there is nothing to stop.
        let _ = self.stop();
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.handle)
    }
}
