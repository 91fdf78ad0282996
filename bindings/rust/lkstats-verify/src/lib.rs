// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs, missing_debug_implementations)]

extern crate alloc;

mod epoch;
mod gap;
mod record;
mod traffic;
mod verdict;

pub use epoch::{Epoch, Missing};
pub use gap::{Gap, GAPS_MAX};
pub use record::{EpochKey, Key, Kind, Record};
pub use traffic::Traffic;
pub use verdict::{Verdict, Why};
