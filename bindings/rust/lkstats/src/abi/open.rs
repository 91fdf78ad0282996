// SPDX-License-Identifier: Apache-2.0
//! A context's token and its consumer, from open to the end.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lkstats_sys as sys;

use super::batch::Batch;
use super::call::{call, count, size, written};
use super::out::Out;
use super::sink::{on_batch, on_log, Consumer, Sink};
use super::text::lend;
use crate::time::milliseconds;
use crate::{Error, Options, Residue, Result, SignalOptions, TrackOptions};

/// What the library knows a context by. It points to nothing, and is looked up with each call.
#[derive(Clone, Copy)]
struct Token(*mut sys::lkstats_t);

// SAFETY: a number; contexts may be used from any thread.
unsafe impl Send for Token {}
// SAFETY: as above.
unsafe impl Sync for Token {}

/// An open context. Dropped, it is closed: see [`crate::Context`].
pub(crate) struct Open {
    token: Token,
    /// What the library calls: a consumer, a log, or both.
    sink: Option<Sink>,
    /// The library calls a consumer, so nobody takes batches.
    pushes: bool,
    /// How long a drop waits, or ABANDON where only the host could acknowledge.
    grace_ms: i64,
    /// Of batches that a close does not wait for.
    out: Option<Out>,
    /// A close has returned OK, and what was called is freed.
    over: AtomicBool,
}

/// For the last reports of a context that is dropped.
const GRACE_MS: i64 = 1000;
const ABANDON: i64 = sys::LKSTATS_ABANDON as i64;

impl Open {
    pub(crate) fn pull(options: &Options<'_>) -> Result<Open> {
        Open::new(options, None)
    }

    pub(crate) fn push(options: &Options<'_>, consumer: Consumer) -> Result<Open> {
        Open::new(options, Some(consumer))
    }

    fn new(options: &Options<'_>, consumer: Option<Consumer>) -> Result<Open> {
        let pushes = consumer.is_some();
        let writes = !options.journal_dir.is_empty();
        let ends_early = !pushes && (writes || !options.slab_dir.is_empty());
        let sink = Sink::new(consumer, options.log);
        match open(options, sink, pushes) {
            Ok(token) => Ok(Open {
                token,
                sink,
                pushes,
                grace_ms: if pushes || writes { GRACE_MS } else { ABANDON },
                out: ends_early.then(Out::default),
                over: AtomicBool::new(false),
            }),
            Err(error) => {
                if let Some(sink) = sink {
                    // SAFETY: there is no context that could call it.
                    unsafe { sink.free() };
                }
                Err(error)
            }
        }
    }

    /// A descriptor of the host's own, which stays when the context is closed. One that is never
    /// readable with on_batch: a socket without a name, which nobody can send to.
    pub(crate) fn event(&self) -> Result<OwnedFd> {
        let of_system = |error: std::io::Error| match error.raw_os_error() {
            Some(EMFILE | ENFILE) => Error::NoFile,
            _ => Error::System,
        };
        if self.pushes {
            // The copy is at least 3, like every descriptor of the library's.
            return UnixDatagram::unbound()
                .and_then(|socket| OwnedFd::from(socket).try_clone())
                .map_err(of_system);
        }
        let mut fd = -1;
        // SAFETY: fd can be written.
        unsafe { call!(event_fd(self.token.0, &mut fd)) }?;
        // SAFETY: open until the context is closed, which nobody has it yet to do.
        unsafe { BorrowedFd::borrow_raw(fd) }
            .try_clone_to_owned()
            .map_err(of_system)
    }

    /// Whether the library's descriptor is there.
    pub(crate) fn event_status(&self) -> Result<()> {
        let mut fd = -1;
        // SAFETY: fd can be written.
        unsafe { call!(event_fd(self.token.0, &mut fd)) }
    }

    /// Whatever waits for the library would not end in a call of the log.
    fn may_wait(&self) -> Result<()> {
        match self.sink {
            Some(sink) if sink.is_telling() => Err(Error::Reentrant),
            _ => Ok(()),
        }
    }

    pub(crate) fn run_once(&self, monotonic_ns: i64, wall_ns: i64) -> Result<()> {
        self.may_wait()?;
        // SAFETY: numbers.
        unsafe { call!(run_once(self.token.0, monotonic_ns, wall_ns)) }
    }

    pub(crate) fn track(&self, options: &TrackOptions<'_>) -> Result<u64> {
        let raw = sys::lkstats_track_options_t {
            struct_size: size::<sys::lkstats_track_options_t>(),
            channel: options.channel.into(),
            participant_kind: options.participant_kind,
            kind_details_count: count(options.kind_details)?,
            kind_details: options.kind_details.as_ptr(),
            country: lend(options.country),
            room_sid: lend(options.room_sid),
            room_name: lend(options.room_name),
            participant_sid: lend(options.participant_sid),
            participant_identity: lend(options.participant_identity),
            track_id: lend(options.track_id),
            tenant: lend(options.tenant),
        };
        let mut track = 0;
        // SAFETY: raw and what it points to live as long as the call, which copies them; track can
        // be written.
        unsafe { call!(track_new(self.token.0, &raw, &mut track)) }.map(|()| track)
    }

    pub(crate) fn signal(&self, options: &SignalOptions<'_>) -> Result<u64> {
        let raw = sys::lkstats_signal_options_t {
            struct_size: size::<sys::lkstats_signal_options_t>(),
            reserved: 0,
            country: lend(options.country),
            tenant: lend(options.tenant),
        };
        let mut signal = 0;
        // SAFETY: as in track.
        unsafe { call!(signal_new(self.token.0, &raw, &mut signal)) }.map(|()| signal)
    }

    pub(crate) fn flush(&self, timeout_ms: i64) -> Result<()> {
        self.may_wait()?;
        // SAFETY: numbers.
        unsafe { call!(flush(self.token.0, timeout_ms)) }
    }

    pub(crate) fn next(&self) -> Result<Option<Batch<'_>>> {
        let place = match &self.out {
            Some(out) => match out.begin(|| self.event_status().is_err()) {
                None => return Ok(None),
                place => place,
            },
            None => None,
        };
        let mut raw = sys::lkstats_batch_t {
            struct_size: size::<sys::lkstats_batch_t>(),
            ..Default::default()
        };
        // SAFETY: raw can be written and says how long it is.
        match unsafe { call!(next(self.token.0, &mut raw)) } {
            Ok(()) => Batch::new(raw, place).map(Some),
            Err(Error::Again) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Exclusive: the batches that it delivers anew pull the memory from those that are out.
    pub(crate) fn redeliver(&mut self) -> Result<()> {
        // SAFETY: a number.
        unsafe { call!(redeliver(self.token.0)) }
    }

    pub(crate) fn metrics(&self, format: u32) -> Result<String> {
        // SAFETY: written says where and how much may be written.
        written(8192, |buffer, capacity, need| unsafe {
            call!(metrics(self.token.0, format, buffer, capacity, need))
        })
    }

    /// With what is left over, where the library says so. Waits, so it can't pull the memory from a
    /// batch that is out: that is not acknowledged, or else it is counted.
    pub(crate) fn close(&self, timeout_ms: i64) -> (Result<()>, Option<Residue>) {
        debug_assert!(timeout_ms >= 0);
        match &self.out {
            Some(out) => self.close_when_none_is(out, timeout_ms),
            None => self.end(timeout_ms),
        }
    }

    fn close_when_none_is(&self, out: &Out, timeout_ms: i64) -> (Result<()>, Option<Residue>) {
        let deadline = Instant::now().checked_add(Duration::from_millis(timeout_ms as u64));
        let mut residue = None;
        loop {
            let tried = out.end(|| self.end(0));
            let batch_is_out = tried.is_none();
            if let Some((status, left)) = tried {
                residue = left;
                if status != Err(Error::TimedOut) {
                    return (status, residue);
                }
            }
            let left = deadline.map_or(Duration::MAX, |at| {
                at.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return (Err(Error::TimedOut), residue);
            }
            // Others take and answer meanwhile. What is acknowledged to the last may take a moment
            // more to end.
            if batch_is_out || self.flush(milliseconds(left)) != Err(Error::TimedOut) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// By value: no batch is out.
    pub(crate) fn abandon(self) -> Result<Residue> {
        match self.end(ABANDON) {
            (Ok(()), residue) => Ok(residue.unwrap_or_default()),
            // Given up, but on_batch has not returned: the rest is done when it has.
            (Err(Error::TimedOut), residue) => {
                close_later(self.token, self.sink, GRACE_MS);
                std::mem::forget(self);
                Ok(residue.unwrap_or_default())
            }
            (Err(error), _) => Err(error),
        }
    }

    fn end(&self, timeout_ms: i64) -> (Result<()>, Option<Residue>) {
        if let Err(error) = self.may_wait() {
            return (Err(error), None);
        }
        let (status, residue) = close(self.token, timeout_ms);
        if status.is_ok() {
            self.free_called();
        }
        (status, residue)
    }

    /// After a close that has returned OK.
    fn free_called(&self) {
        if self.over.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(sink) = self.sink {
            // SAFETY: neither on_batch nor on_log is running or ever will again; over is set once.
            unsafe { sink.free() };
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if *self.over.get_mut() {
            return;
        }
        let mut status = self.end(self.grace_ms).0;
        if status == Err(Error::TimedOut) {
            status = self.end(ABANDON).0;
        }
        if let Err(Error::Reentrant | Error::TimedOut) = status {
            close_later(self.token, self.sink, self.grace_ms);
        }
        // Any other error: a parent's, or whose end is not known. What is called may be in use, so it
        // stays.
    }
}

/// Closes a context whose on_batch or log has not returned: this is in it, or it is stuck. Where no
/// thread can be had, context and closures stay for good.
fn close_later(token: Token, sink: Option<Sink>, grace_ms: i64) {
    let _ = thread::Builder::new()
        .name("lkstats-close".into())
        .spawn(move || {
            let (token, sink) = (token, sink); // whole, so that they are Send
            let mut status = Err(Error::TimedOut);
            for timeout_ms in [grace_ms, ABANDON, i64::MAX] {
                if status == Err(Error::TimedOut) {
                    status = close(token, timeout_ms).0;
                }
            }
            if let (Ok(()), Some(sink)) = (status, sink) {
                // SAFETY: neither is called again, and the Open that could free them is gone.
                unsafe { sink.free() };
            }
        });
}

fn close(token: Token, timeout_ms: i64) -> (Result<()>, Option<Residue>) {
    let mut residue = sys::lkstats_residue_t {
        struct_size: size::<sys::lkstats_residue_t>(),
        ..Default::default()
    };
    // SAFETY: residue can be written and says how long it is. Whoever calls this with ABANDON has
    // seen to it that no batch is out.
    let status = unsafe { call!(close(token.0, timeout_ms, &mut residue)) };
    let filled = matches!(status, Ok(()) | Err(Error::TimedOut));
    (status, filled.then(|| residue.into()))
}

fn open(options: &Options<'_>, sink: Option<Sink>, pushes: bool) -> Result<Token> {
    let flag = |set: bool, flag: u32| if set { flag } else { 0 };
    let raw = sys::lkstats_options_t {
        struct_size: size::<sys::lkstats_options_t>(),
        flags: flag(options.manual, sys::LKSTATS_NO_THREAD)
            | flag(options.preallocate, sys::LKSTATS_PREALLOCATE)
            | flag(options.no_reports, sys::LKSTATS_NO_REPORTS)
            | flag(options.journal_sync, sys::LKSTATS_JOURNAL_SYNC),
        report_interval_ms: milliseconds(options.report_interval)
            .try_into()
            .map_err(|_| Error::Invalid)?,
        max_tracks: options.max_tracks,
        node: lend(options.node),
        analytics_key: lend(options.analytics_key),
        on_batch: pushes.then_some(on_batch),
        user_data: sink.map_or(0, Sink::user_data),
        slab_dir: lend(options.slab_dir),
        journal_dir: lend(options.journal_dir),
        journal_segment_bytes: options.journal_segment_bytes,
        journal_keep_bytes: options.journal_keep_bytes,
        journal_keep_segments: options.journal_keep_segments,
        journal_segment_age_ms: milliseconds(options.journal_segment_age)
            .try_into()
            .map_err(|_| Error::Invalid)?,
        on_log: options.log.is_some().then_some(on_log),
    };
    let mut token = ptr::null_mut();
    // SAFETY: raw and its strings live as long as the call, which copies them; a sink is freed when
    // on_batch and on_log are over.
    unsafe { call!(open(&raw, &mut token)) }.map(|()| Token(token))
}

const EMFILE: i32 = 24;
const ENFILE: i32 = 23;
