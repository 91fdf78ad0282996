// SPDX-License-Identifier: Apache-2.0
//! The inlined add: what lkstats_slab_add of lkstats_slab.h does, in Rust.

use std::mem::{offset_of, size_of};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use lkstats_sys as sys;

use super::call;
use super::library::library;
use crate::Result;

#[cfg(test)]
mod tests;

/// The cache line that counts a track.
#[repr(C)]
struct Slot {
    /// Tag and state.
    live: AtomicU64,
    word: [AtomicU64; 2],
    carry: [AtomicU64; 2],
    /// The library's own.
    rest: [AtomicU64; 3],
}

/// Where the slots are. All 0 in a child that has no context of its own.
#[repr(C)]
pub(crate) struct Anchor {
    limit: AtomicU64,
    slots: AtomicPtr<Slot>,
}

const _: () = {
    assert!(size_of::<Slot>() == size_of::<sys::lkstats_slab_slot_t>());
    assert!(offset_of!(Slot, live) == offset_of!(sys::lkstats_slab_slot_t, state));
    assert!(offset_of!(Slot, live) + 4 == offset_of!(sys::lkstats_slab_slot_t, tag));
    assert!(offset_of!(Slot, word) == offset_of!(sys::lkstats_slab_slot_t, word));
    assert!(offset_of!(Slot, carry) == offset_of!(sys::lkstats_slab_slot_t, carry));
    assert!(size_of::<Anchor>() == size_of::<sys::lkstats_slab_anchor_t>());
    assert!(offset_of!(Anchor, limit) == offset_of!(sys::lkstats_slab_anchor_t, limit));
    assert!(offset_of!(Anchor, slots) == offset_of!(sys::lkstats_slab_anchor_t, slots));
    assert!(sys::LKSTATS_SLAB_SEND == 0 && sys::LKSTATS_SLAB_RECV == 1);
};

const BYTE_BITS: u32 = sys::LKSTATS_SLAB_BYTE_BITS;
const MESSAGE_BITS: u32 = sys::LKSTATS_SLAB_MESSAGE_BITS;
const LIVE: u64 = sys::LKSTATS_SLAB_LIVE as u64;
const FALLS: u64 = 1 << BYTE_BITS | 1 << 63;
const CLOSED: u64 = 1;

/// For a library whose slots look different: every add takes the call.
pub(super) static NOWHERE: Anchor = Anchor {
    limit: AtomicU64::new(0),
    slots: AtomicPtr::new(ptr::null_mut()),
};

impl Anchor {
    /// The library's, or `NOWHERE`.
    pub(crate) fn of_library() -> &'static Anchor {
        let slab = library().ok().and_then(|library| library.slab.as_ref());
        // SAFETY: lkstats_slab_attach filled it: the anchor lives as long as the process, and is
        // written atomically where other threads can see it.
        slab.map_or(&NOWHERE, |slab| unsafe { &*slab.anchor.cast::<Anchor>() })
    }

    /// Counts. Whatever is not on the straight way leaves it with one jump, so that the straight
    /// way saves no register.
    #[inline(always)]
    pub(crate) fn add(&self, handle: u64, bytes: u64, messages: u64, is_send: bool) -> Result<()> {
        if bytes >> (BYTE_BITS - 1) | messages >> (MESSAGE_BITS - 1) != 0 {
            return call::add(handle, bytes, messages, is_send);
        }
        // Looked at each time: in a child, however it was made, it is 0, and the slots may still be
        // the parent's. The eight zero bits of a handle are above every limit.
        let index = handle & 0xffff_ffff;
        if index >= self.limit.load(Ordering::Acquire) {
            return call::add(handle, bytes, messages, is_send);
        }
        // SAFETY: slots is stored before limit, and the slot of an index below it can be read as
        // long as the process lives, whatever becomes of track and context. It is written only
        // while it is live with this handle's tag, and then its memory can be; a slot that stops
        // being live stays writable.
        let slot = unsafe { &*self.slots.load(Ordering::Relaxed).add(index as usize) };
        slot.add(handle, bytes, messages, is_send)
    }
}

impl Slot {
    #[inline(always)]
    fn add(&self, handle: u64, bytes: u64, messages: u64, is_send: bool) -> Result<()> {
        if self.live.load(Ordering::Relaxed) != handle.wrapping_add(LIVE) {
            return call::add(handle, bytes, messages, is_send);
        }
        let increment = increment(bytes, messages);
        let old = self.word[direction(is_send)].fetch_add(increment, Ordering::Relaxed);
        // A bit that rose is told from one that fell on the rare path.
        if (old ^ old.wrapping_add(increment)) & FALLS != 0 || old & CLOSED != 0 {
            return self.added(old, handle, bytes, messages, is_send);
        }
        Ok(())
    }

    /// What is left to do where a field may have carried, or the word is closed.
    #[cold]
    #[inline(never)]
    fn added(&self, old: u64, handle: u64, bytes: u64, messages: u64, is_send: bool) -> Result<()> {
        if old & CLOSED != 0 {
            // Stopped in between: this one does not count, and the call says so.
            return call::add(handle, bytes, messages, is_send);
        }
        let fallen = old & !old.wrapping_add(increment(bytes, messages)) & FALLS;
        if fallen != 0 {
            let carry = (fallen >> BYTE_BITS & 1) + (fallen >> 63 << 32);
            self.carry[direction(is_send)].fetch_add(carry, Ordering::Release);
        }
        Ok(())
    }
}

fn increment(bytes: u64, messages: u64) -> u64 {
    (messages << (BYTE_BITS + 1)) + (bytes << 1)
}

fn direction(is_send: bool) -> usize {
    usize::from(!is_send)
}
