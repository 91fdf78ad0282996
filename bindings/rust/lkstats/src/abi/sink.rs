// SPDX-License-Identifier: Apache-2.0
//! A host's closures as the library's on_batch and on_log.

use std::cell::Cell;
use std::ffi::c_char;
use std::mem::{forget, size_of};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

use lkstats_sys as sys;

use super::batch::Reports;
use super::text::borrow;
use crate::Log;

/// Takes reports; true acknowledges them.
pub(crate) type Consumer = Box<dyn Fn(&Reports) -> bool + Send + Sync>;

/// What the library may call.
struct Called {
    consumer: Option<Consumer>,
    log: Option<Log>,
}

/// Where closures lie while the library may call them. Freed by `free` only; a copy of it that is
/// dropped leaves them there.
#[derive(Clone, Copy)]
pub(super) struct Sink(*mut Called);

// SAFETY: the closures are Send and Sync.
unsafe impl Send for Sink {}
// SAFETY: as above.
unsafe impl Sync for Sink {}

thread_local! {
    /// Whose log this thread is in.
    static TELLING: Cell<*mut Called> = const { Cell::new(ptr::null_mut()) };
}

impl Sink {
    /// None where there is nothing to call.
    pub(super) fn new(consumer: Option<Consumer>, log: Option<&Log>) -> Option<Sink> {
        if consumer.is_none() && log.is_none() {
            return None;
        }
        let log = log.cloned();
        Some(Sink(Box::into_raw(Box::new(Called { consumer, log }))))
    }

    /// What the library hands to `on_batch` and `on_log`.
    pub(super) fn user_data(self) -> u64 {
        self.0 as usize as u64
    }

    /// Whether this thread is in a call of its log, where waiting for the library would not end.
    pub(super) fn is_telling(self) -> bool {
        TELLING.get() == self.0
    }

    /// # Safety
    ///
    /// Once, and after the last call of `on_batch` and `on_log` with it.
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
    let taken = contained(|| {
        // SAFETY: user_data is a sink's that is not freed as long as this can be called; the
        // library's batch can be read as far as it says.
        let (called, raw) = unsafe { (&*(user_data as usize as *const Called), copy(batch)) };
        match (&called.consumer, Reports::new(raw)) {
            (Some(consumer), Ok(reports)) => consumer(&reports),
            _ => false,
        }
    });
    match taken {
        Some(true) => sys::LKSTATS_OK,
        Some(false) => sys::LKSTATS_EAGAIN,
        None => sys::LKSTATS_EINTERNAL,
    }
}

/// Unwinds nowhere either.
pub(super) extern "C" fn on_log(user_data: u64, level: i32, message: *const c_char, size: u64) {
    let sink = user_data as usize as *mut Called;
    let outer = TELLING.replace(sink);
    contained(|| {
        // SAFETY: as in on_batch; the line can be read until this returns.
        let (called, line) = unsafe {
            let line = sys::lkstats_string_t {
                data: message,
                size,
            };
            (&*sink, borrow(&line))
        };
        if let Some(log) = &called.log {
            log.tell(level.into(), line);
        }
    });
    TELLING.set(outer);
}

/// None: it panicked.
fn contained<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call))
        .map_err(|payload| {
            // What was thrown may throw when it is dropped.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                forget(again);
            }
        })
        .ok()
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
