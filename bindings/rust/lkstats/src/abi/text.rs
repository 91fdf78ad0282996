// SPDX-License-Identifier: Apache-2.0
//! Strings and lists on their way in and out.

use std::slice;
use std::str;

use lkstats_sys as sys;

pub(super) fn lend(text: &str) -> sys::lkstats_string_t {
    sys::lkstats_string_t {
        data: text.as_ptr().cast(),
        size: text.len() as u64,
    }
}

/// The string, up to where it is not UTF-8: the library has checked it on its way in, this makes
/// sure of it.
///
/// # Safety
///
/// What the string points to stays readable and unchanged as long as `'a`.
pub(super) unsafe fn borrow<'a>(text: &sys::lkstats_string_t) -> &'a str {
    // SAFETY: as the caller promised.
    let bytes: &'a [u8] = unsafe { items(text.data.cast(), text.size) };
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// # Safety
///
/// Where count is not 0, as many items at data stay readable and unchanged as long as `'a`.
pub(super) unsafe fn items<'a, T>(data: *const T, count: u64) -> &'a [T] {
    if data.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: as the caller promised; the library aligns what it hands out.
    unsafe { slice::from_raw_parts(data, count as usize) }
}
