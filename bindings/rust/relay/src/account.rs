// SPDX-License-Identifier: Apache-2.0
//! How one connection is counted: its text messages are a signal connection of lkstats, its binary messages are
//! the participant's data channel.
//!
//! A failure to count is said on stderr and survived: people go on talking.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use lkstats::{Channel, Context, Participant, Room, Signal, SignalOptions, Track, TrackOptions};
use tokio_tungstenite::tungstenite::Message;

/// What all accounts share.
pub struct Accounting {
    context: Arc<Context>,
    /// Of somebody in a room, so far.
    stays: AtomicU64,
}

/// Dropped, both handles stop counting, and what they have is reported.
pub struct Account<'a> {
    accounting: &'a Accounting,
    signal: Option<Signal>,
    /// `None` until it is known who this is.
    track: Option<Track>,
    participant: String,
}

impl Accounting {
    pub fn new(context: Arc<Context>) -> Self {
        Self {
            context,
            stays: AtomicU64::new(0),
        }
    }

    /// Counts from the first message on, before anybody knows whose it is.
    pub fn open(&self) -> Account<'_> {
        let signal = survive(
            "a signal connection is not counted",
            self.context.signal(&SignalOptions::default()),
        );
        Account {
            accounting: self,
            signal,
            track: None,
            participant: String::new(),
        }
    }
}

impl Account<'_> {
    pub fn join(&mut self, room: &str, participant: &str) {
        participant.clone_into(&mut self.participant);
        self.enter(room);
    }

    /// What was counted so far stays with the old room.
    pub fn change_room(&mut self, room: &str) {
        if let Some(signal) = &self.signal {
            survive("a move is not seen, the old room counts on", signal.reset());
        }
        self.enter(room);
    }

    pub fn received(&self, message: &Message) {
        self.add(message, false);
    }

    pub fn sent(&self, message: &Message) {
        self.add(message, true);
    }

    fn add(&self, message: &Message, is_send: bool) {
        let bytes = message.len() as u64;
        let added = if message.is_text() {
            self.signal
                .as_ref()
                .map(|signal| signal.add_bytes(bytes, is_send))
        } else {
            self.track
                .as_ref()
                .map(|track| track.add_bytes(bytes, is_send))
        };
        survive("a message is not counted", added.unwrap_or(Ok(())));
    }

    /// A participant that comes back, comes twice, or moves, is another participant to LiveKit: the sid says
    /// which stay it is, the identity who.
    fn enter(&mut self, room: &str) {
        let Accounting { context, stays } = self.accounting;
        let room_sid = format!("RM_{room}");
        let participant_sid = format!(
            "PA_{}_{}",
            self.participant,
            stays.fetch_add(1, Ordering::Relaxed) + 1
        );
        if let Some(signal) = &self.signal {
            let room = Room {
                sid: &room_sid,
                name: room,
                ..Room::default()
            };
            let participant = Participant {
                sid: &participant_sid,
                identity: &self.participant,
                ..Participant::default()
            };
            survive("a room is not resolved", signal.resolve_room(&room));
            survive(
                "a participant is not resolved",
                signal.resolve_participant(&participant),
            );
        }
        let data = TrackOptions {
            channel: Channel::Data,
            room_sid: &room_sid,
            room_name: room,
            participant_sid: &participant_sid,
            participant_identity: &self.participant,
            ..TrackOptions::default()
        };
        // A track that was there is dropped, and so stopped.
        self.track = survive("a track is not counted", context.track(&data));
    }
}

fn survive<T>(what: &str, result: lkstats::Result<T>) -> Option<T> {
    result
        .map_err(|error| eprintln!("relay: {what}: {error}"))
        .ok()
}
