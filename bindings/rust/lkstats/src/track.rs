// SPDX-License-Identifier: Apache-2.0
//! Data tracks.

use std::time::Duration;

use crate::counter::Counter;
use crate::{abi, Channel, Result, Totals};

/// Counts one data track, or one participant's data channels. Dropped, it stops.
///
/// It does not borrow the [`Context`](crate::Context): closed or gone, its tracks answer
/// [`Error::Closed`](crate::Error::Closed).
#[derive(Debug)]
#[must_use = "a track that is dropped is stopped"]
pub struct Track {
    pub(crate) counter: Counter,
}

impl Track {
    pub(crate) fn new(handle: u64) -> Track {
        Track {
            counter: Counter::new(handle),
        }
    }

    /// Counts one message of that many bytes, below 2^35, sent or received. No lock, no allocation,
    /// no system call, no foreign call: one atomic instruction.
    ///
    /// Fails with [`Invalid`](crate::Error::Invalid), [`Closed`](crate::Error::Closed): the track
    /// is stopped, or [`Stale`](crate::Error::Stale), in a forked child
    /// [`Forked`](crate::Error::Forked). A refused add is in no report and in no total: a server
    /// may ignore the result.
    #[inline]
    pub fn add_bytes(&self, bytes: u64, is_send: bool) -> Result<()> {
        self.counter.add(bytes, 1, is_send)
    }

    /// Counts messages together, below 2^26 of them, `bytes` being their sum.
    ///
    /// Fewer than 2^36 bytes and 2^27 messages in one direction between two folds, of which there
    /// is one a second at least, are exact at every instant; past that the totals are, once the
    /// adds that were under way have returned.
    #[inline]
    pub fn add_messages(&self, bytes: u64, messages: u64, is_send: bool) -> Result<()> {
        self.counter.add(bytes, messages, is_send)
    }

    /// What was counted since the track was made. Of a stopped one: the final totals, until nothing
    /// of it is owed any more.
    pub fn totals(&self) -> Result<Totals> {
        self.counter.totals()
    }

    /// Stops the track and hands out its final totals. Adds that have returned `Ok` are in them,
    /// later ones are refused. The last report, if anything is owed, follows within 100 ms. A
    /// second stop is the same stop, as long as something is owed; then it is
    /// [`Stale`](crate::Error::Stale).
    pub fn stop(&self) -> Result<Totals> {
        self.counter.stop()
    }

    /// Freezes what this track owes and waits until everything that was counted before the call is
    /// acknowledged. The consumer is another thread, or, with a timeout of zero, the caller
    /// afterwards.
    ///
    /// Fails with [`TimedOut`](crate::Error::TimedOut): frozen, not all acknowledged;
    /// [`Reentrant`](crate::Error::Reentrant) in `on_batch`.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.counter.flush(timeout)
    }
}

/// "TR_DT" ([`Channel::Data`]) or "TR_SG" ([`Channel::Signal`]) and the participant's sid, of any
/// length. Other channels are [`Invalid`](crate::Error::Invalid).
pub fn track_id_for_participant(channel: Channel, participant_sid: &str) -> Result<String> {
    abi::track_id_for_participant(channel.into(), participant_sid)
}
