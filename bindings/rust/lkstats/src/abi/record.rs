// SPDX-License-Identifier: Apache-2.0
//! A record, read where the library has it.

use std::fmt;

use lkstats_sys as sys;

use super::text::{borrow, items};
use crate::{Channel, Key, Time, Traffic};

/// One window of one track, or one event of a signal connection. Borrowed from the batch, nothing
/// is copied.
///
/// Strings are UTF-8, since only such go in; were one not, it would end where it stops being so.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    raw: &'a sys::lkstats_record_t,
}

// SAFETY: a record and what it points to is constant as long as 'a.
unsafe impl Send for Record<'_> {}
// SAFETY: as above.
unsafe impl Sync for Record<'_> {}

impl<'a> Record<'a> {
    /// # Safety
    ///
    /// What the record points to stays readable and unchanged as long as `'a`.
    pub(super) unsafe fn new(raw: &'a sys::lkstats_record_t) -> Record<'a> {
        Record { raw }
    }

    fn text(&self, text: &sys::lkstats_string_t) -> &'a str {
        // SAFETY: new was promised it.
        unsafe { borrow(text) }
    }

    /// Names this record for good.
    pub fn key(&self) -> Key {
        self.raw.key.into()
    }

    /// Where the window begins: at the previous one's end, or the epoch's start. Of a left: the
    /// epoch's end.
    pub fn start(&self) -> Time {
        self.raw.start.into()
    }

    /// Where the window ends. Of a joined: when it was seen that both are known. Of a left: the
    /// epoch's end.
    pub fn end(&self) -> Time {
        self.raw.end.into()
    }

    /// What was counted in the window.
    pub fn window(&self) -> Traffic {
        self.raw.window.into()
    }

    /// What was counted since the epoch's start, this window included: a consumer that has them all
    /// finds it equal to the sum of the windows.
    pub fn running(&self) -> Traffic {
        self.raw.running.into()
    }

    /// Of the participant.
    pub fn country(&self) -> &'a str {
        self.text(&self.raw.country)
    }

    /// Of the room.
    pub fn room_sid(&self) -> &'a str {
        self.text(&self.raw.room_sid)
    }

    /// Of the room.
    pub fn room_name(&self) -> &'a str {
        self.text(&self.raw.room_name)
    }

    /// Of the participant.
    pub fn participant_sid(&self) -> &'a str {
        self.text(&self.raw.participant_sid)
    }

    /// Of the participant.
    pub fn participant_identity(&self) -> &'a str {
        self.text(&self.raw.participant_identity)
    }

    /// As given, or made from the participant's sid.
    pub fn track_id(&self) -> &'a str {
        self.text(&self.raw.track_id)
    }

    /// Whoever pays.
    pub fn tenant(&self) -> &'a str {
        self.text(&self.raw.tenant)
    }

    /// livekit.ParticipantInfo.KindDetail.
    pub fn kind_details(&self) -> &'a [i32] {
        // SAFETY: new was promised it.
        unsafe { items(self.raw.kind_details, self.raw.kind_details_count.into()) }
    }

    /// livekit.ParticipantInfo.Kind.
    pub fn participant_kind(&self) -> i32 {
        self.raw.participant_kind
    }

    /// What the track carries.
    pub fn channel(&self) -> Channel {
        self.raw.channel.into()
    }

    /// Whether it is a signal connection's that was never resolved; its identity is there as far as
    /// it is known.
    pub fn unattributed(&self) -> bool {
        self.raw.flags & sys::LKSTATS_UNATTRIBUTED != 0
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key())
            .field("start", &self.start())
            .field("end", &self.end())
            .field("window", &self.window())
            .field("running", &self.running())
            .field("country", &self.country())
            .field("room_sid", &self.room_sid())
            .field("room_name", &self.room_name())
            .field("participant_sid", &self.participant_sid())
            .field("participant_identity", &self.participant_identity())
            .field("track_id", &self.track_id())
            .field("tenant", &self.tenant())
            .field("kind_details", &self.kind_details())
            .field("participant_kind", &self.participant_kind())
            .field("channel", &self.channel())
            .field("unattributed", &self.unattributed())
            .finish()
    }
}
