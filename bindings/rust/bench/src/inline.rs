// SPDX-License-Identifier: Apache-2.0
//! The C side: see inline.c.

use std::ffi::CStr;

use crate::message::Message;

extern "C" {
    fn bench_open(library: *const libc::c_char) -> i32;
    fn bench_messages() -> u64;
    fn bench_add(message: *const Message, passes: u64);
}

/// One in the process.
pub struct InlineC(());

impl InlineC {
    pub fn open(library: &CStr) -> Result<Self, String> {
        // SAFETY: a string with its terminator; called once, before the others.
        match unsafe { bench_open(library.as_ptr()) } {
            0 => Ok(Self(())),
            status => Err(format!("the C side does not open: status {status}")),
        }
    }

    pub fn messages(&self) -> u64 {
        // SAFETY: bench_open has succeeded.
        unsafe { bench_messages() }
    }

    pub fn add(&self, message: &Message, passes: u64) {
        // SAFETY: bench_open has succeeded; the message has C's layout and is there until it returns.
        unsafe { bench_add(message, passes) }
    }
}
