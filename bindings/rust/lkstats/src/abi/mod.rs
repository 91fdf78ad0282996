// SPDX-License-Identifier: Apache-2.0
//! All that is unsafe: the library's table, its memory, and the two ways in which reports come out
//! of it.
//!
//! What this module hands out can't be misused by safe code. Tokens and handles are looked up by
//! the library, never followed, so any number will do for one; memory is another matter, and each
//! place that touches some says why it may.

mod batch;
mod call;
mod find;
mod library;
mod open;
mod out;
mod poll;
mod record;
mod sink;
mod slot;
#[cfg(test)]
mod tests;
mod text;

pub use batch::{Batch, Records, Reports};
pub(crate) use call::{
    reset, resolve_participant, resolve_room, stop, totals, track_flush, track_id_for_participant,
};
#[cfg(feature = "dlopen")]
pub use library::load;
pub use library::version;
pub(crate) use library::why_unavailable;
pub(crate) use open::Open;
pub(crate) use poll::wait;
pub use record::Record;
pub(crate) use slot::Anchor;
