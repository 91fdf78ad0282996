// SPDX-License-Identifier: Apache-2.0
//! A context: where a server's tracks are made and its reports come out.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::abi::{self, Open};
use crate::time::{milliseconds, nanoseconds, wall_nanoseconds};
use crate::{
    Answer, Batch, Batches, Error, MetricsFormat, Options, Reports, Residue, Result, Signal,
    SignalOptions, Track, TrackOptions,
};

/// One set of counters, one reporter, one acknowledging consumer. A server has one, usually in an
/// [`Arc`](std::sync::Arc); all calls may be made from any thread.
///
/// The consumer takes batches ([`Context::open`], then [`batches`](Context::batches)), or is called
/// with them ([`Context::open_with`]).
///
/// Dropped, a context that calls its consumer or has a journal closes, with up to one second for the
/// last reports, and gives up what is not acknowledged then. One whose batches are taken gives it up
/// at once, since nobody could take it any more: [`close`](Context::close) it first. Dropped in its own
/// `on_batch` or log, it is closed by a thread of its own as soon as that has returned. With
/// [`slab_dir`](Options::slab_dir) that is the same: what the next context finds there is what a process
/// leaves that ends without dropping its contexts.
#[must_use = "a context that is dropped is closed"]
pub struct Context {
    open: Open,
    event: OwnedFd,
    residue: Mutex<Residue>,
}

impl Context {
    /// Opens a context whose reports are taken with [`batches`](Context::batches) or
    /// [`try_next`](Context::try_next).
    ///
    /// Fails with [`Unavailable`](Error::Unavailable): no library, or an unfit one;
    /// [`Invalid`](Error::Invalid); [`Dir`](Error::Dir): `slab_dir` or `journal_dir`;
    /// [`NoFile`](Error::NoFile): fewer than thirteen descriptors are free;
    /// [`NoMemory`](Error::NoMemory): also when `slab_dir` is full; [`NoThread`](Error::NoThread); [`Full`](Error::Full):
    /// 64 are open, or other contexts have the tracks that `preallocate` asks for;
    /// [`System`](Error::System).
    pub fn open(options: &Options<'_>) -> Result<Context> {
        Context::around(Open::pull(options)?)
    }

    /// Opens a context that calls `on_batch` with its reports. What it returns is an [`Answer`]:
    /// nothing, and `Ok`, acknowledge them; `Err` and a panic give them back, to come again after
    /// an interval, or a second where that is shorter.
    ///
    /// It is called on the library's thread, in a manual context on the one that is in
    /// [`run_once`](Context::run_once), [`flush`](Context::flush), [`close`](Context::close) or a
    /// flush of a track; one call at a time, which should be short: while it runs nothing is
    /// folded. It may call anything but those four with its own context, which answer
    /// [`Reentrant`](Error::Reentrant).
    ///
    /// It lives until no call can come any more, and is dropped by the [`close`](Context::close)
    /// that returns `Ok`, or with the context. One that holds an [`Arc`](std::sync::Arc) of its own
    /// context is a cycle, which only a close ends: hold a [`Weak`](std::sync::Weak).
    ///
    /// Fails as [`open`](Context::open) does.
    pub fn open_with<F, A>(options: &Options<'_>, on_batch: F) -> Result<Context>
    where
        F: Fn(&Reports) -> A + Send + Sync + 'static,
        A: Answer,
    {
        Context::around(Open::push(
            options,
            Box::new(move |reports| on_batch(reports).taken()),
        )?)
    }

    fn around(open: Open) -> Result<Context> {
        let event = open.event()?;
        Ok(Context {
            open,
            event,
            residue: Mutex::default(),
        })
    }

    /// Does all the reporting work that is due at that instant, in a manual context. The instants
    /// given here are its only clocks. Call it at least once a second.
    ///
    /// Fails with [`Invalid`](Error::Invalid): the context has a thread, or `monotonic` is below an
    /// earlier call's; [`Reentrant`](Error::Reentrant).
    pub fn run_once(&self, monotonic: Duration, wall: SystemTime) -> Result<()> {
        self.open
            .run_once(nanoseconds(monotonic)?, wall_nanoseconds(wall)?)
    }

    /// Starts to count a data track.
    ///
    /// Fails with [`Invalid`](Error::Invalid); [`Full`](Error::Full): `max_tracks` are in use;
    /// [`Closed`](Error::Closed); where memory has to grow for it, also
    /// [`NoMemory`](Error::NoMemory), [`NoFile`](Error::NoFile), [`System`](Error::System).
    pub fn track(&self, options: &TrackOptions<'_>) -> Result<Track> {
        self.open.track(options).map(Track::new)
    }

    /// Starts to count a signal connection. Fails as [`track`](Context::track) does.
    pub fn signal(&self, options: &SignalOptions<'_>) -> Result<Signal> {
        self.open.signal(options).map(Signal::new)
    }

    /// Freezes what every track owes, and waits until everything that was counted before the call
    /// is acknowledged. The consumer is another thread, or, with a timeout of zero, the caller
    /// afterwards.
    ///
    /// Fails with [`TimedOut`](Error::TimedOut): frozen and delivered as far as could be, not all
    /// acknowledged; [`Closed`](Error::Closed); [`NoMemory`](Error::NoMemory);
    /// [`Reentrant`](Error::Reentrant).
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.open.flush(milliseconds(timeout))
    }

    /// The batches that are there now. The iterator is over when there is none;
    /// [`wait`](Context::wait) for more. After an error it is over too. A batch that is given back
    /// is there again at once: leave the loop with it.
    pub fn batches(&self) -> Batches<'_> {
        Batches::new(self)
    }

    /// The next batch, or `None` when there is none now. Never blocks. Several may be out at a
    /// time.
    ///
    /// Fails with [`Eof`](Error::Eof): closed, and nothing is owed; [`NoMemory`](Error::NoMemory);
    /// [`Invalid`](Error::Invalid): the context has `on_batch`.
    pub fn try_next(&self) -> Result<Option<Batch<'_>>> {
        self.open.next()
    }

    /// Waits until [`try_next`](Context::try_next) has something to say, the end included: `true`;
    /// or until the time is over: `false`. `None` waits for ever. Blocks this thread; an async
    /// runtime waits on the descriptor instead, see [`as_fd`](Context::as_fd).
    ///
    /// Fails where [`try_next`](Context::try_next) never would have anything: with `on_batch`, and
    /// in a forked child.
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<bool> {
        match self.open.event_status() {
            Ok(()) => abi::wait(self.event.as_fd(), timeout),
            Err(Error::Closed) => Ok(true),
            Err(Error::Invalid) => Err(io::Error::new(io::ErrorKind::InvalidInput, Error::Invalid)),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Delivers again whatever is not acknowledged, for a consumer that has forgotten what it took.
    /// Exclusive: no [`Batch`] is out that the new ones could pull the memory from.
    pub fn redeliver(&mut self) -> Result<()> {
        self.open.redeliver()
    }

    /// What a metrics endpoint of the host's would answer: some five thousand bytes, whatever the
    /// number of tracks, exact at the instant of the call. Walks over all tracks, a few
    /// milliseconds for a million.
    pub fn metrics(&self, format: MetricsFormat) -> Result<String> {
        self.open.metrics(format.raw())
    }

    /// Closes the context: refuses new tracks, stops every track, freezes the last reports, and
    /// waits at most that long for their acknowledgement. Other threads take and acknowledge them
    /// meanwhile, or the caller does after a [`TimedOut`](Error::TimedOut), and then calls again.
    /// It can't end while a [`Batch`] is out: that is not acknowledged, and where a journal is what
    /// acknowledges it waits for the answer all the same.
    ///
    /// `Ok`: everything that was counted is acknowledged, and the context is closed.
    ///
    /// Fails with [`TimedOut`](Error::TimedOut): not everything is, and
    /// [`residue`](Context::residue) says how much is not; [`Closed`](Error::Closed): another call
    /// has closed it; [`Reentrant`](Error::Reentrant): in its own `on_batch` or log.
    pub fn close(&self, timeout: Duration) -> Result<()> {
        let (status, residue) = self.open.close(milliseconds(timeout));
        if let Some(residue) = residue {
            *self.residue.lock().unwrap_or_else(PoisonError::into_inner) = residue;
        }
        status
    }

    /// What was not acknowledged when the last [`close`](Context::close) returned; zero before it.
    pub fn residue(&self) -> Residue {
        *self.residue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the context without waiting: what is not acknowledged is given up, and returned. By
    /// value: no [`Batch`] is out that would lose its memory. Out of an
    /// [`Arc`](std::sync::Arc) it is had with [`Arc::into_inner`](std::sync::Arc::into_inner), by
    /// whoever lets go last.
    ///
    /// Fails with [`Closed`](Error::Closed): it was closed before; [`Reentrant`](Error::Reentrant):
    /// in its own `on_batch`; then it is closed as if it had been dropped there.
    pub fn abandon(self) -> Result<Residue> {
        self.open.abandon()
    }
}

/// The event descriptor: readable while [`Context::try_next`] has something to say (and, after a
/// redelivery, once for nothing). Wait for it with poll, epoll or tokio's `AsyncFd`, edge-triggered
/// too if batches are taken until there is none. Never read it. It stays valid as long as the
/// context value, closed or not. With `on_batch` it is never readable.
impl AsFd for Context {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

/// The same descriptor, for runtimes that ask for a number.
impl AsRawFd for Context {
    fn as_raw_fd(&self) -> RawFd {
        self.event.as_raw_fd()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}
