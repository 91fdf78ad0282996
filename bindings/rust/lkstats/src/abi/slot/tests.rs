// SPDX-License-Identifier: Apache-2.0
//! The add on slots that are made by hand, in the states that a race brings once in a long while.

use super::*;
use crate::Error;

/// Nobody's: a call with it says that it is stale, so that is how an add shows that it took the call.
const HANDLE: u64 = 0;
const CALLED: Result<()> = Err(Error::Stale);

/// Of both fields of a word.
const ALL_BYTES: u64 = (1 << BYTE_BITS) - 1;
const ALL_MESSAGES: u64 = (1 << MESSAGE_BITS) - 1;

fn word(bytes: u64, messages: u64) -> u64 {
    messages << (BYTE_BITS + 1) | bytes << 1
}

/// A live slot with these words, send first.
fn slot(words: [u64; 2]) -> Slot {
    Slot {
        live: AtomicU64::new(HANDLE + LIVE),
        word: words.map(AtomicU64::new),
        carry: Default::default(),
        rest: Default::default(),
    }
}

fn read(fields: &[AtomicU64; 2]) -> [u64; 2] {
    [0, 1].map(|direction| fields[direction].load(Ordering::Relaxed))
}

/// In the order of the slot's, where the other direction has something else.
fn of(is_send: bool, this: u64, other: u64) -> [u64; 2] {
    if is_send {
        [this, other]
    } else {
        [other, this]
    }
}

#[test]
fn an_add_on_a_word_that_was_closed_meanwhile_takes_the_call_and_posts_nothing() {
    for is_send in [true, false] {
        // Given a slot that still reads live, whose word a stop has closed: with room, and such that
        // both fields would carry
        for before in [word(0, 0), word(ALL_BYTES, ALL_MESSAGES)] {
            let slot = slot(of(is_send, before | CLOSED, 0));

            // Then an add is what the call says, and no carry is posted
            assert_eq!(slot.add(HANDLE, 1, 1, is_send), CALLED, "{before:#x}");
            assert_eq!(read(&slot.carry), [0, 0]);
        }
    }
}

#[test]
fn whatever_carries_out_of_a_field_is_posted_once_on_its_direction() {
    const BYTES: u64 = 1;
    const MESSAGES: u64 = 1 << 32;
    for is_send in [true, false] {
        for (before, (bytes, messages), after, carry) in [
            // nothing carries, also where the highest bit of a field rises
            ((0, 0), (5, 1), (5, 1), 0),
            ((ALL_BYTES >> 1, 0), (1, 0), (ALL_BYTES / 2 + 1, 0), 0),
            ((0, ALL_MESSAGES >> 1), (0, 1), (0, ALL_MESSAGES / 2 + 1), 0),
            // the bytes do, into the messages; the messages do; both do, one by the other
            ((ALL_BYTES, 0), (3, 1), (2, 2), BYTES),
            ((0, ALL_MESSAGES), (7, 2), (7, 1), MESSAGES),
            ((ALL_BYTES, ALL_MESSAGES), (1, 0), (0, 0), BYTES + MESSAGES),
            ((ALL_BYTES, ALL_MESSAGES), (1, 1), (0, 1), BYTES + MESSAGES),
        ] {
            // Given a word, and another one of the other direction that is about to carry
            let untouched = word(ALL_BYTES, ALL_MESSAGES);
            let slot = slot(of(is_send, word(before.0, before.1), untouched));

            // When something is added
            assert_eq!(slot.add(HANDLE, bytes, messages, is_send), Ok(()));

            // Then it is in that word, and what carried is on that direction's carry
            let word = word(after.0, after.1);
            assert_eq!(read(&slot.word), of(is_send, word, untouched), "{before:?}");
            assert_eq!(read(&slot.carry), of(is_send, carry, 0), "{before:?}");
        }
    }
}

#[test]
fn a_slot_that_is_not_this_tracks_is_not_touched() {
    for live in [
        0,
        HANDLE + LIVE + 1,
        HANDLE + (1 << 32) + LIVE,
        HANDLE + 2 * LIVE,
    ] {
        let slot = slot([0, 0]);
        slot.live.store(live, Ordering::Relaxed);
        assert_eq!(slot.add(HANDLE, 1, 1, true), CALLED, "{live:#x}");
        assert_eq!(read(&slot.word), [0, 0]);
    }
}

#[test]
fn an_anchor_that_was_wiped_leads_to_no_slot() {
    // Given an anchor that leads to a slot
    let slot = slot([0, 0]);
    let anchor = Anchor {
        limit: AtomicU64::new(1),
        slots: AtomicPtr::new((&raw const slot).cast_mut()),
    };
    assert_eq!(anchor.add(HANDLE, 1, 1, true), Ok(()));

    // When its limit is gone, as in a child
    anchor.limit.store(0, Ordering::Relaxed);

    // Then the slot that is still there gets nothing
    assert_eq!(anchor.add(HANDLE, 1, 1, true), CALLED);
    assert_eq!(read(&slot.word), [word(1, 1), 0]);
}

#[test]
fn adds_that_are_too_large_for_a_field_take_the_call() {
    let slot = slot([0, 0]);
    let anchor = Anchor {
        limit: AtomicU64::new(1),
        slots: AtomicPtr::new((&raw const slot).cast_mut()),
    };
    for (bytes, messages) in [(1 << (BYTE_BITS - 1), 1), (1, 1 << (MESSAGE_BITS - 1))] {
        assert!(anchor.add(HANDLE, bytes, messages, false).is_err());
    }
    assert_eq!(read(&slot.word), [0, 0]);
}
