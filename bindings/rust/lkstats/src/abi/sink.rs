// SPDX-License-Identifier: Apache-2.0
//! A host's closure as the library's on_batch.

use std::mem::{forget, size_of};
use std::panic::{catch_unwind, AssertUnwindSafe};

use lkstats_sys as sys;

use super::batch::Reports;

/// Takes reports; true acknowledges them.
pub(crate) type Consumer = Box<dyn Fn(&Reports) -> bool + Send + Sync>;

/// Where a consumer lies while the library may call it. Freed by `free` only; a copy of it that is
/// dropped leaves it there.
#[derive(Clone, Copy)]
pub(super) struct Sink(*mut Consumer);

// SAFETY: the closure is Send and Sync.
unsafe impl Send for Sink {}
// SAFETY: as above.
unsafe impl Sync for Sink {}

impl Sink {
    pub(super) fn new(consumer: Consumer) -> Sink {
        Sink(Box::into_raw(Box::new(consumer)))
    }

    /// What the library hands to `on_batch`.
    pub(super) fn user_data(self) -> u64 {
        self.0 as usize as u64
    }

    /// # Safety
    ///
    /// Once, and after the last call of `on_batch` with it.
    pub(super) unsafe fn free(self) {
        // SAFETY: new made it; as the caller promised, nobody has it any more.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

/// Unwinds nowhere: a consumer that panics gives the batch back, and so does one that says Err.
pub(super) extern "C" fn on_batch(
    user_data: u64,
    batch: *const sys::lkstats_batch,
) -> sys::lkstats_status_t {
    let called = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: user_data is a sink's that is not freed as long as this can be called; the
        // library's batch can be read as far as it says.
        let (consumer, raw) = unsafe { (&*(user_data as usize as *const Consumer), copy(batch)) };
        Reports::new(raw).is_ok_and(|reports| consumer(&reports))
    }));
    match called {
        Ok(true) => sys::LKSTATS_OK,
        Ok(false) => sys::LKSTATS_EAGAIN,
        Err(payload) => {
            // What was thrown may throw when it is dropped.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                forget(again);
            }
            sys::LKSTATS_EINTERNAL
        }
    }
}

/// As much of a batch as both sides know.
///
/// # Safety
///
/// The batch can be read as far as its struct_size says.
unsafe fn copy(batch: *const sys::lkstats_batch) -> sys::lkstats_batch_t {
    let mut raw = sys::lkstats_batch_t::default();
    // SAFETY: both are as long as the smaller of the two sizes.
    unsafe {
        let size = size_of::<sys::lkstats_batch_t>().min((*batch).struct_size as usize);
        std::ptr::copy_nonoverlapping(batch.cast::<u8>(), (&raw mut raw).cast::<u8>(), size);
    }
    raw.struct_size = super::call::size::<sys::lkstats_batch_t>();
    raw
}
