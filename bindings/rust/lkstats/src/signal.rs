// SPDX-License-Identifier: Apache-2.0
//! Signal connections.

use std::time::Duration;

use crate::counter::Counter;
use crate::{abi, Participant, Result, Room, Totals};

/// Counts one signal connection, from the first byte on, before anybody knows whose it is. Dropped,
/// it stops.
///
/// Its identity comes in two parts, in either order: the room and the participant. When both are
/// known its epoch says joined, reports its traffic, all since the epoch's start included, and when
/// it ends says left. Stopped before that, it waits for six report intervals; then its traffic is
/// reported as unattributed.
#[derive(Debug)]
#[must_use = "a signal connection that is dropped is stopped"]
pub struct Signal {
    counter: Counter,
}

impl Signal {
    pub(crate) fn new(handle: u64) -> Signal {
        Signal {
            counter: Counter::new(handle),
        }
    }

    /// Says which room the present epoch is in.
    ///
    /// Fails with [`Resolved`](crate::Error::Resolved): known already, nothing changed;
    /// [`Invalid`](crate::Error::Invalid): no sid; [`Closed`](crate::Error::Closed): stopped for
    /// six intervals; for a long name also [`Full`](crate::Error::Full),
    /// [`NoMemory`](crate::Error::NoMemory), [`NoFile`](crate::Error::NoFile).
    pub fn resolve_room(&self, room: &Room<'_>) -> Result<()> {
        abi::resolve_room(self.counter.handle(), room)
    }

    /// Says who the present epoch is of. Fails like [`Signal::resolve_room`].
    pub fn resolve_participant(&self, participant: &Participant<'_>) -> Result<()> {
        abi::resolve_participant(self.counter.handle(), participant)
    }

    /// Ends the present epoch and begins the next, of which neither room nor participant is known,
    /// while other threads go on adding: each byte is in exactly one of the two. A room move is a
    /// reset and two resolutions. It never waits. Where not both were known it forgets what was:
    /// the traffic so far belongs to whoever is resolved next.
    ///
    /// Fails with [`Full`](crate::Error::Full): too many epochs wait for their acknowledgement,
    /// nothing changed; [`Closed`](crate::Error::Closed): stopped.
    pub fn reset(&self) -> Result<()> {
        abi::reset(self.counter.handle())
    }

    /// As [`Track::add_bytes`](crate::Track::add_bytes).
    #[inline]
    pub fn add_bytes(&self, bytes: u64, is_send: bool) -> Result<()> {
        self.counter.add(bytes, 1, is_send)
    }

    /// As [`Track::add_messages`](crate::Track::add_messages).
    #[inline]
    pub fn add_messages(&self, bytes: u64, messages: u64, is_send: bool) -> Result<()> {
        self.counter.add(bytes, messages, is_send)
    }

    /// As [`Track::totals`](crate::Track::totals), over all epochs.
    pub fn totals(&self) -> Result<Totals> {
        self.counter.totals()
    }

    /// As [`Track::stop`](crate::Track::stop). The last report of a connection that nobody resolved
    /// waits for that.
    pub fn stop(&self) -> Result<Totals> {
        self.counter.stop()
    }

    /// As [`Track::flush`](crate::Track::flush), earlier epochs included. What the connection has
    /// while its room or participant is not known is not owed yet.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.counter.flush(timeout)
    }
}
