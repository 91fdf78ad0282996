// SPDX-License-Identifier: Apache-2.0
//! Calls on tracks and signal connections. A name that is none's answers LKSTATS_ESTALE.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use lkstats::{
    Channel, Context, Error, Participant, Room, Signal, SignalOptions, Totals, Track, TrackOptions,
};

use crate::host::{answer, answer_line, text, Done};
use crate::script::{Line, Result};
use crate::transcript::{Figures, Instant};

/// Dropping a handle stops it, so those of a story live until its end.
#[derive(Default)]
pub struct Handles<'a>(HashMap<&'a str, Handle>);

enum Handle {
    Track(Track),
    Signal(Signal),
}

impl<'a> Handles<'a> {
    /// Makes the call, and says whether the command is one of these.
    pub fn run(
        &mut self,
        command: &str,
        line: &mut Line<'a>,
        out: &mut dyn Write,
        context: Option<&Context>,
    ) -> std::result::Result<bool, crate::host::Failure> {
        let done = match command {
            "track" => self.make(line, context, track)?,
            "signal" => self.make(line, context, signal)?,
            "room" => self.room(line)?,
            "participant" => self.participant(line)?,
            "reset" => self.reset(line)?,
            "bytes" => self.add_bytes(line)?,
            "add" => self.add_messages(line)?,
            "flush" => self.flush(line, context)?,
            "totals" => return self.tell_totals(line, out, Handle::totals).map(|()| true),
            "stop" => return self.tell_totals(line, out, Handle::stop).map(|()| true),
            _ => return Ok(false),
        };
        answer_line(out, line.number, &done)?;
        Ok(true)
    }

    fn make(
        &mut self,
        line: &mut Line<'a>,
        context: Option<&Context>,
        how: fn(&mut Line<'a>, lkstats::Result<&Context>) -> Result<lkstats::Result<Handle>>,
    ) -> Result<lkstats::Result<()>> {
        let name = line.word()?;
        let made = how(line, context.ok_or(Error::Stale))?;
        Ok(made.map(|handle| {
            self.0.insert(name, handle);
        }))
    }

    fn get(&self, line: &mut Line<'a>) -> Result<lkstats::Result<&Handle>> {
        Ok(self.0.get(line.word()?).ok_or(Error::Stale))
    }

    fn room(&self, line: &mut Line<'a>) -> Result<lkstats::Result<()>> {
        let handle = self.get(line)?;
        let (sid, name, tenant) = (line.string()?, line.string()?, line.string()?);
        line.end()?;
        Ok(handle.and_then(Handle::signal).and_then(|signal| {
            signal.resolve_room(&Room {
                sid: text(&sid)?,
                name: text(&name)?,
                tenant: text(&tenant)?,
            })
        }))
    }

    fn participant(&self, line: &mut Line<'a>) -> Result<lkstats::Result<()>> {
        let handle = self.get(line)?;
        let (sid, identity, kind, details, tenant) = (
            line.string()?,
            line.string()?,
            line.number()?,
            line.details()?,
            line.string()?,
        );
        line.end()?;
        Ok(handle.and_then(Handle::signal).and_then(|signal| {
            signal.resolve_participant(&Participant {
                sid: text(&sid)?,
                identity: text(&identity)?,
                kind,
                kind_details: &details,
                tenant: text(&tenant)?,
            })
        }))
    }

    fn reset(&self, line: &mut Line<'a>) -> Result<lkstats::Result<()>> {
        let handle = self.get(line)?;
        line.end()?;
        Ok(handle.and_then(Handle::signal).and_then(Signal::reset))
    }

    fn add_bytes(&self, line: &mut Line<'a>) -> Result<lkstats::Result<()>> {
        let handle = self.get(line)?;
        let (bytes, is_send) = (line.number()?, line.flag()?);
        line.end()?;
        Ok(handle.and_then(|handle| match handle {
            Handle::Track(track) => track.add_bytes(bytes, is_send),
            Handle::Signal(signal) => signal.add_bytes(bytes, is_send),
        }))
    }

    fn add_messages(&self, line: &mut Line<'a>) -> Result<lkstats::Result<()>> {
        let handle = self.get(line)?;
        let (bytes, messages, is_send) = (line.number()?, line.number()?, line.flag()?);
        line.end()?;
        Ok(handle.and_then(|handle| match handle {
            Handle::Track(track) => track.add_messages(bytes, messages, is_send),
            Handle::Signal(signal) => signal.add_messages(bytes, messages, is_send),
        }))
    }

    /// Of a handle or, with `*`, of the context.
    fn flush(&self, line: &mut Line<'a>, context: Option<&Context>) -> Result<lkstats::Result<()>> {
        let name = line.word()?;
        line.end()?;
        Ok(match (name, self.0.get(name)) {
            ("*", _) => context
                .ok_or(Error::Stale)
                .and_then(|context| context.flush(Duration::ZERO)),
            (_, Some(Handle::Track(track))) => track.flush(Duration::ZERO),
            (_, Some(Handle::Signal(signal))) => signal.flush(Duration::ZERO),
            (_, None) => Err(Error::Stale),
        })
    }

    fn tell_totals(
        &self,
        line: &mut Line<'a>,
        out: &mut dyn Write,
        call: fn(&Handle) -> lkstats::Result<Totals>,
    ) -> Done {
        let handle = self.get(line)?;
        line.end()?;
        let totals = handle.and_then(call);
        answer(out, line.number, &totals)?;
        if let Ok(totals) = totals {
            write!(
                out,
                " {} at={}",
                Figures(&totals.traffic),
                Instant(&totals.at)
            )?;
        }
        writeln!(out)?;
        Ok(())
    }
}

impl Handle {
    /// What no type of the binding's can be asked for is refused as the library refuses it.
    fn signal(&self) -> lkstats::Result<&Signal> {
        match self {
            Self::Signal(signal) => Ok(signal),
            Self::Track(_) => Err(Error::Invalid),
        }
    }

    fn totals(&self) -> lkstats::Result<Totals> {
        match self {
            Self::Track(track) => track.totals(),
            Self::Signal(signal) => signal.totals(),
        }
    }

    fn stop(&self) -> lkstats::Result<Totals> {
        match self {
            Self::Track(track) => track.stop(),
            Self::Signal(signal) => signal.stop(),
        }
    }
}

fn track(
    line: &mut Line<'_>,
    context: lkstats::Result<&Context>,
) -> Result<lkstats::Result<Handle>> {
    let channel = Channel::from(line.number::<i32>()?);
    let (participant_kind, kind_details) = (line.number()?, line.details()?);
    let (country, room_sid, room_name) = (line.string()?, line.string()?, line.string()?);
    let (participant_sid, participant_identity) = (line.string()?, line.string()?);
    let (track_id, tenant) = (line.string()?, line.string()?);
    line.end()?;
    Ok(context.and_then(|context| {
        let options = TrackOptions {
            channel,
            participant_kind,
            kind_details: &kind_details,
            country: text(&country)?,
            room_sid: text(&room_sid)?,
            room_name: text(&room_name)?,
            participant_sid: text(&participant_sid)?,
            participant_identity: text(&participant_identity)?,
            track_id: text(&track_id)?,
            tenant: text(&tenant)?,
        };
        context.track(&options).map(Handle::Track)
    }))
}

fn signal(
    line: &mut Line<'_>,
    context: lkstats::Result<&Context>,
) -> Result<lkstats::Result<Handle>> {
    let (country, tenant) = (line.string()?, line.string()?);
    line.end()?;
    Ok(context.and_then(|context| {
        let options = SignalOptions {
            country: text(&country)?,
            tenant: text(&tenant)?,
        };
        context.signal(&options).map(Handle::Signal)
    }))
}
