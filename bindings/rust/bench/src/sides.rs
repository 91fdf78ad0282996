// SPDX-License-Identifier: Apache-2.0
//! What is measured: the same loop around each.

use std::arch::asm;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use lkstats::Track;

use crate::inline::InlineC;
use crate::message::Message;
use crate::rounds::Side;

/// The add as a Rust host has it.
pub struct Rust<'a>(pub &'a Track);

/// The one instruction that it cannot do without, on a cache line of its own.
#[derive(Default)]
#[repr(align(64))]
pub struct Bare(AtomicU64);

impl Side for Rust<'_> {
    fn run(&self, passes: u64) {
        let message = Message::default();
        let message = black_box(&message);
        for _ in 0..passes {
            let result = self.0.add_bytes(message.bytes, message.is_send != 0);
            // SAFETY: compiles only if it has the size of a register's half; then all of it is a number.
            keep(unsafe { std::mem::transmute::<lkstats::Result<()>, u32>(result) }.into());
        }
    }

    fn counted(&self) -> Option<u64> {
        self.0
            .totals()
            .ok()
            .map(|totals| totals.traffic.send_messages)
    }
}

impl Side for Bare {
    fn run(&self, passes: u64) {
        let message = Message::default();
        let message = black_box(&message);
        for _ in 0..passes {
            keep(self.0.fetch_add(message.bytes, Ordering::Relaxed));
        }
    }
}

impl Side for InlineC {
    fn run(&self, passes: u64) {
        self.add(&Message::default(), passes);
    }

    fn counted(&self) -> Option<u64> {
        Some(self.messages())
    }
}

/// `black_box` without its store, which would be what is measured: a locked instruction waits for it. The value is
/// used, and whatever memory holds may be another.
#[inline(always)]
fn keep(value: u64) {
    // SAFETY: it does nothing.
    unsafe { asm!("/* {0} */", in(reg) value, options(nostack, preserves_flags)) };
}
