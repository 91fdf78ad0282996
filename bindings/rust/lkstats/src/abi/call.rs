// SPDX-License-Identifier: Apache-2.0
//! Calls that need a handle or nothing.

use std::mem::size_of;

use lkstats_sys as sys;

use super::text::lend;
use crate::{Error, Participant, Result, Room, Totals};

/// Calls a function of the table, with arguments that are as the manual wants them. A function that
/// is not there, of a library that says it were, is a status.
macro_rules! call {
    ($name:ident($($argument:expr),* $(,)?)) => {
        $crate::abi::library::library().and_then(|library| {
            let status = match library.api.$name {
                Some(function) => function($($argument),*),
                None => lkstats_sys::LKSTATS_ELAYOUT,
            };
            $crate::abi::call::check(status)
        })
    };
}
pub(super) use call;

pub(super) fn check(status: sys::lkstats_status_t) -> Result<()> {
    match status {
        sys::LKSTATS_OK => Ok(()),
        other => Err(Error::from_status(other).unwrap_or(Error::Unknown)),
    }
}

/// The size that a struct says it has.
pub(super) fn size<T>() -> u32 {
    size_of::<T>() as u32
}

#[cold]
#[inline(never)]
pub(super) fn add(handle: u64, bytes: u64, messages: u64, is_send: bool) -> Result<()> {
    // SAFETY: numbers, which are looked up.
    unsafe { call!(add_messages(handle, bytes, messages, is_send.into())) }
}

pub(crate) fn totals(handle: u64) -> Result<Totals> {
    let mut totals = sys::lkstats_totals_t {
        struct_size: size::<sys::lkstats_totals_t>(),
        ..Default::default()
    };
    // SAFETY: totals can be written and says how long it is.
    unsafe { call!(track_totals(handle, &mut totals)) }.map(|()| totals.into())
}

pub(crate) fn stop(handle: u64) -> Result<Totals> {
    let mut totals = sys::lkstats_totals_t {
        struct_size: size::<sys::lkstats_totals_t>(),
        ..Default::default()
    };
    // SAFETY: totals can be written and says how long it is.
    unsafe { call!(track_stop(handle, &mut totals)) }.map(|()| totals.into())
}

pub(crate) fn track_flush(handle: u64, timeout_ms: i64) -> Result<()> {
    // SAFETY: numbers, which are looked up.
    unsafe { call!(track_flush(handle, timeout_ms)) }
}

pub(crate) fn resolve_room(handle: u64, room: &Room<'_>) -> Result<()> {
    let raw = sys::lkstats_room_t {
        struct_size: size::<sys::lkstats_room_t>(),
        reserved: 0,
        sid: lend(room.sid),
        name: lend(room.name),
        tenant: lend(room.tenant),
    };
    // SAFETY: raw and its strings live as long as the call, which copies them.
    unsafe { call!(signal_resolve_room(handle, &raw)) }
}

pub(crate) fn resolve_participant(handle: u64, participant: &Participant<'_>) -> Result<()> {
    let raw = sys::lkstats_participant_t {
        struct_size: size::<sys::lkstats_participant_t>(),
        kind: participant.kind,
        kind_details: participant.kind_details.as_ptr(),
        kind_details_count: count(participant.kind_details)?,
        reserved: 0,
        sid: lend(participant.sid),
        identity: lend(participant.identity),
        tenant: lend(participant.tenant),
    };
    // SAFETY: raw and what it points to live as long as the call, which copies them.
    unsafe { call!(signal_resolve_participant(handle, &raw)) }
}

pub(crate) fn reset(handle: u64) -> Result<()> {
    // SAFETY: a number, which is looked up.
    unsafe { call!(signal_reset(handle)) }
}

pub(super) fn count(kind_details: &[i32]) -> Result<u32> {
    kind_details.len().try_into().map_err(|_| Error::Invalid)
}

pub(crate) fn track_id_for_participant(channel: i32, participant_sid: &str) -> Result<String> {
    // SAFETY: written reads participant_sid only, and says where and how much may be written.
    written(participant_sid.len() + 5, |buffer, capacity, need| unsafe {
        call!(track_id_for_participant(
            channel,
            lend(participant_sid),
            buffer,
            capacity,
            need
        ))
    })
}

/// What a call writes into a buffer, which grows until it is large enough.
pub(super) fn written(
    guess: usize,
    mut call: impl FnMut(*mut std::ffi::c_char, u64, *mut u64) -> Result<()>,
) -> Result<String> {
    let mut bytes = vec![0u8; guess];
    loop {
        let mut need = 0;
        match call(bytes.as_mut_ptr().cast(), bytes.len() as u64, &mut need) {
            Ok(()) => {
                bytes.truncate(need as usize);
                return String::from_utf8(bytes).map_err(|_| Error::Internal);
            }
            Err(Error::Range) if need as usize > bytes.len() => bytes.resize(need as usize, 0),
            Err(error) => return Err(error),
        }
    }
}
