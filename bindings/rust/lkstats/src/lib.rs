// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![deny(missing_docs, missing_debug_implementations, unsafe_code)]

#[cfg(not(target_os = "linux"))]
compile_error!(
    "lkstats runs on Linux only: it counts in shared memory that Linux makes (memfd, eventfd)"
);

#[allow(unsafe_code)] // nowhere else
mod abi;
mod answer;
mod batches;
mod context;
mod counter;
mod error;
mod log;
mod metrics;
mod options;
mod record;
mod signal;
mod time;
mod track;
mod traffic;

#[cfg(feature = "dlopen")]
pub use abi::load;
pub use abi::{version, Batch, Record, Records, Reports};
pub use answer::Answer;
pub use batches::Batches;
pub use context::Context;
pub use error::{Error, LoadError, Result};
pub use log::{Log, LogLevel};
pub use metrics::MetricsFormat;
pub use options::{Channel, Options, Participant, Room, SignalOptions, TrackOptions};
pub use record::{Key, RecordKind};
pub use signal::Signal;
pub use time::Time;
pub use track::{track_id_for_participant, Track};
pub use traffic::{Residue, Totals, Traffic};

/// What only the library makes may get more fields:
///
/// ```compile_fail,E0639
/// fn key(kind: lkstats::RecordKind) -> lkstats::Key {
///     lkstats::Key { context: [0; 16], slot: 0, tag: 1, epoch: 1, sequence: 1, kind }
/// }
/// ```
///
/// ```compile_fail,E0639
/// fn time(wall: std::time::SystemTime) -> lkstats::Time {
///     lkstats::Time { monotonic: std::time::Duration::ZERO, wall }
/// }
/// ```
///
/// ```compile_fail,E0639
/// fn totals(at: lkstats::Time) -> lkstats::Totals {
///     lkstats::Totals { at, traffic: Default::default() }
/// }
/// ```
///
/// ```compile_fail,E0639
/// fn residue() -> lkstats::Residue {
///     lkstats::Residue { tracks: 0, traffic: Default::default() }
/// }
/// ```
#[cfg(doctest)]
struct MadeByTheLibrary;
