// SPDX-License-Identifier: Apache-2.0
//! What is given to the library. Zero and empty are the defaults everywhere.
//!
//! Strings are at most 256 bytes without NUL and copied before the call returns; others are
//! [`Error::Invalid`].

use std::time::Duration;

use lkstats_sys as sys;

#[allow(unused_imports)] // of the docs
use crate::{Context, Error, Log, Signal};

/// How a context is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The id of this server, AnalyticsStat.node.
    pub node: &'a str,
    /// AnalyticsStat.analytics_key.
    pub analytics_key: &'a str,
    /// How often each track is reported, 100 ms to an hour, in whole milliseconds; LiveKit's five
    /// seconds where zero.
    pub report_interval: Duration,
    /// How many tracks, stopped ones included until they are acknowledged and their slot has
    /// rested; 2^24 where zero.
    pub max_tracks: u32,
    /// Take the memory for all of `max_tracks`, which then has to be given, at once.
    pub preallocate: bool,
    /// Count, and show it in [`Context::metrics`]; there is no consumer and no report.
    pub no_reports: bool,
    /// No thread and no clock but what [`Context::run_once`] is called with, once a second at
    /// least.
    pub manual: bool,
    /// A directory for the counters, best in memory (/dev/shm, /run): a process that dies leaves them
    /// there, and the next context that is opened with the same directory by the same user reports what
    /// was left, before its own reports: in batches with the dead context's `node`, under the dead
    /// context's keys. It belongs to this user or to root, and nobody else may write to it unless it has
    /// the sticky bit. Where empty, counters go with the process.
    pub slab_dir: &'a str,
    /// A directory that reports are written to, in segments "lkstats-\<uuid\>-\<number\>.journal"; several
    /// processes may share it. Then a full write is the acknowledgement. `on_batch` or the calls that take
    /// batches may be used beside it: each record comes once, after it is in the journal, the answers
    /// change nothing, and whoever takes too slowly misses some. Not with `no_reports`.
    pub journal_dir: &'a str,
    /// How large a segment gets, 64 KiB to 1 GiB; 64 MiB where zero.
    pub journal_segment_bytes: u64,
    /// How much all segments in the directory may have: beyond it the oldest are removed, but none that a
    /// living process writes to. No limit where zero.
    pub journal_keep_bytes: u64,
    /// The same as a number of segments.
    pub journal_keep_segments: u32,
    /// How long a segment is written to, a second to a week, in whole milliseconds; an hour where zero.
    pub journal_segment_age: Duration,
    /// A report is on the disk (fdatasync) before it counts as acknowledged.
    pub journal_sync: bool,
    /// Whom to tell what somebody should look at.
    pub log: Option<&'a Log>,
}

/// What a track carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// A participant's data channels.
    #[default]
    Data,
    /// A published data track, or one subscriber of it.
    DataTrack,
    /// A signal connection.
    Signal,
    /// One of a newer library. Made from its number only, so that it is none of the above:
    ///
    /// ```compile_fail,E0603
    /// let data = lkstats::Channel::Other(1);
    /// ```
    #[non_exhaustive]
    Other(i32),
}

/// The number that it has in `lkstats.h`.
impl From<Channel> for i32 {
    fn from(channel: Channel) -> i32 {
        match channel {
            Channel::Data => sys::LKSTATS_CHANNEL_DATA as i32,
            Channel::DataTrack => sys::LKSTATS_CHANNEL_DATA_TRACK as i32,
            Channel::Signal => sys::LKSTATS_CHANNEL_SIGNAL as i32,
            Channel::Other(raw) => raw,
        }
    }
}

impl From<i32> for Channel {
    fn from(raw: i32) -> Channel {
        match u32::try_from(raw) {
            Ok(sys::LKSTATS_CHANNEL_DATA) => Channel::Data,
            Ok(sys::LKSTATS_CHANNEL_DATA_TRACK) => Channel::DataTrack,
            Ok(sys::LKSTATS_CHANNEL_SIGNAL) => Channel::Signal,
            _ => Channel::Other(raw),
        }
    }
}

/// Whose a data track is.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrackOptions<'a> {
    /// [`Channel::Data`] or [`Channel::DataTrack`].
    pub channel: Channel,
    /// livekit.ParticipantInfo.Kind; any number.
    pub participant_kind: i32,
    /// livekit.ParticipantInfo.KindDetail; any numbers, at most 32.
    pub kind_details: &'a [i32],
    /// Of the participant.
    pub country: &'a str,
    /// Of the room.
    pub room_sid: &'a str,
    /// Of the room.
    pub room_name: &'a str,
    /// Of the participant.
    pub participant_sid: &'a str,
    /// Of the participant.
    pub participant_identity: &'a str,
    /// Where empty: "TR_DT" and the participant's sid, or empty where that is empty too.
    pub track_id: &'a str,
    /// Whoever pays; opaque to the library.
    pub tenant: &'a str,
}

/// What is known of a signal connection from the start, and stays with it in all its epochs.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignalOptions<'a> {
    /// Of the participant.
    pub country: &'a str,
    /// Whoever pays where neither [`Participant`] nor [`Room`] says; opaque to the library.
    pub tenant: &'a str,
}

/// Where a signal connection's epoch is: [`Signal::resolve_room`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Room<'a> {
    /// Not empty.
    pub sid: &'a str,
    /// What users call it.
    pub name: &'a str,
    /// Whoever pays in this epoch; empty: as [`SignalOptions`] says.
    pub tenant: &'a str,
}

/// Who a signal connection's epoch is of: [`Signal::resolve_participant`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Participant<'a> {
    /// Not empty; the track id of the reports is "TR_SG" and this.
    pub sid: &'a str,
    /// What the application calls them.
    pub identity: &'a str,
    /// livekit.ParticipantInfo.Kind; any number.
    pub kind: i32,
    /// livekit.ParticipantInfo.KindDetail; any numbers, at most 32.
    pub kind_details: &'a [i32],
    /// Whoever pays in this epoch; empty: as [`Room`] or [`SignalOptions`] says.
    pub tenant: &'a str,
}
