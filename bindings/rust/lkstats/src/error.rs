// SPDX-License-Identifier: Apache-2.0
//! What can go wrong, and what to do about it.

use std::fmt;

use lkstats_sys as sys;

/// What every call of this crate answers with.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call was refused. A refused call had no effect.
///
/// It is a number, no larger than the C library's status, so that the result of an add fits a
/// register.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum Error {
    /// An argument is outside its range, or a string is malformed.
    Invalid = sys::LKSTATS_EINVAL,
    /// The track, connection or batch is no longer known: nothing of it is owed any more.
    Stale = sys::LKSTATS_ESTALE,
    /// The track is stopped, or its context is closed.
    Closed = sys::LKSTATS_ECLOSED,
    /// No place is free for one more track, epoch or context.
    Full = sys::LKSTATS_EFULL,
    /// Nothing to take now. No call of this crate answers it:
    /// [`Context::try_next`](crate::Context::try_next) says `None`.
    Again = sys::LKSTATS_EAGAIN,
    /// Nothing to take, and nothing will come: the context is closed.
    Eof = sys::LKSTATS_EOF,
    /// The time was over before everything was acknowledged.
    TimedOut = sys::LKSTATS_ETIMEDOUT,
    /// The context or track belongs to the process that this one was forked from.
    Forked = sys::LKSTATS_EFORKED,
    /// The library hands out records of another layout than this crate reads.
    Layout = sys::LKSTATS_ELAYOUT,
    /// Memory, address space or the file-size limit is exhausted.
    NoMemory = sys::LKSTATS_ENOMEM,
    /// Too few file descriptors are free.
    NoFile = sys::LKSTATS_ENOFILE,
    /// A thread could not be started.
    NoThread = sys::LKSTATS_ENOTHREAD,
    /// A buffer is too small. No call of this crate answers it.
    Range = sys::LKSTATS_ERANGE,
    /// The operating system refused a call that the library needs.
    System = sys::LKSTATS_ESYSTEM,
    /// A defect in the library.
    Internal = sys::LKSTATS_EINTERNAL,
    /// `on_batch`, or a log, may not make this call: it would wait for itself.
    Reentrant = sys::LKSTATS_EREENTRANT,
    /// This is known already: the first resolution counts.
    Resolved = sys::LKSTATS_ERESOLVED,
    /// `slab_dir` or `journal_dir` is not a directory, can't be written to, or others may replace files in
    /// it.
    Dir = sys::LKSTATS_EDIR,
    /// The library is not there, or is not one that this crate can use. Printed, it says which and
    /// what to do.
    Unavailable = -100,
    /// A status that this release of the crate has no name for.
    Unknown = -101,
}

impl Error {
    /// The error of a status of the C library; `None` for 0 and above, which are none.
    pub fn from_status(status: i32) -> Option<Error> {
        ALL.iter()
            .find(|error| **error as i32 == status)
            .copied()
            .or((status < 0).then_some(Error::Unknown))
    }

    /// The C library's status: -4 for [`Error::Full`]. [`Error::Unavailable`] is what a library of
    /// another layout is, -9; [`Error::Unknown`] is `i32::MIN`.
    pub fn status(self) -> i32 {
        match self {
            Error::Unavailable => sys::LKSTATS_ELAYOUT,
            Error::Unknown => i32::MIN,
            other => other as i32,
        }
    }

    /// The status by the name that it has in `lkstats.h`, "LKSTATS_EFULL".
    pub fn name(self) -> &'static str {
        match self {
            Error::Invalid => "LKSTATS_EINVAL",
            Error::Stale => "LKSTATS_ESTALE",
            Error::Closed => "LKSTATS_ECLOSED",
            Error::Full => "LKSTATS_EFULL",
            Error::Again => "LKSTATS_EAGAIN",
            Error::Eof => "LKSTATS_EOF",
            Error::TimedOut => "LKSTATS_ETIMEDOUT",
            Error::Forked => "LKSTATS_EFORKED",
            Error::Layout | Error::Unavailable => "LKSTATS_ELAYOUT",
            Error::NoMemory => "LKSTATS_ENOMEM",
            Error::NoFile => "LKSTATS_ENOFILE",
            Error::NoThread => "LKSTATS_ENOTHREAD",
            Error::Range => "LKSTATS_ERANGE",
            Error::System => "LKSTATS_ESYSTEM",
            Error::Internal => "LKSTATS_EINTERNAL",
            Error::Reentrant => "LKSTATS_EREENTRANT",
            Error::Resolved => "LKSTATS_ERESOLVED",
            Error::Dir => "LKSTATS_EDIR",
            Error::Unknown => "LKSTATS_UNKNOWN",
        }
    }
}

const ALL: [Error; 18] = [
    Error::Invalid,
    Error::Stale,
    Error::Closed,
    Error::Full,
    Error::Again,
    Error::Eof,
    Error::TimedOut,
    Error::Forked,
    Error::Layout,
    Error::NoMemory,
    Error::NoFile,
    Error::NoThread,
    Error::Range,
    Error::System,
    Error::Internal,
    Error::Reentrant,
    Error::Resolved,
    Error::Dir,
];

/// What the status says, and after the colon what to do.
fn advice(error: Error) -> &'static str {
    match error {
        Error::Invalid => {
            "an argument is outside its range, or a struct or string is malformed: strings are at \
             most 256 bytes without NUL, an add is below 2^35 bytes and 2^26 messages, a report \
             interval is 100 ms to an hour, a room and a participant have a sid, a journal's segment \
             has 64 KiB to 1 GiB and a second to a week"
        }
        Error::Stale => {
            "the handle, context or batch is not, or no longer, known: everything of it is \
             acknowledged, let it go"
        }
        Error::Closed => "the track is stopped or the context is closed: make a new one",
        Error::Full => {
            "no place is free for one more track or epoch; nothing changed: acknowledge batches, \
             or give a larger max_tracks; at an open, close another context, 64 may be open"
        }
        Error::Again => "nothing to take now; wait for the event descriptor",
        Error::Eof => "nothing to take, and nothing will come: the context is closed",
        Error::TimedOut => {
            "the time was over before everything was acknowledged: take and acknowledge the rest, \
             then call again"
        }
        Error::Forked => {
            "the handle or context belongs to the process that this one was forked from: open one \
             here"
        }
        Error::Layout => {
            "this library has another slab layout or function table than the one asked for: \
             install the release that this program was built for"
        }
        Error::NoMemory => {
            "memory, address space or the file-size limit is exhausted: raise it and call again"
        }
        Error::NoFile => {
            "too few free file descriptors: an open needs thirteen; raise the limit and call again"
        }
        Error::NoThread => "a thread could not be started: raise the limit and call again",
        Error::Range => "the buffer is too small; the size it needs was stored",
        Error::System => "the operating system refused a call that the library needs",
        Error::Internal => "a defect in the library; please report it",
        Error::Reentrant => {
            "on_batch may not make this call: it would wait for itself; make it from another \
             thread"
        }
        Error::Resolved => "this is known already: the first resolution counts; reset begins anew",
        Error::Dir => {
            "not a directory, not to be written to, or others may replace files in it: slab_dir and \
             journal_dir belong to this user or to root, and nobody else may write to them"
        }
        Error::Unavailable => "the library can't be used",
        Error::Unknown => "a status that this program is too old to know",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Error::Unavailable, Some(why)) = (self, crate::abi::why_unavailable()) {
            return fmt::Display::fmt(&why, f);
        }
        write!(f, "lkstats: {} ({})", advice(*self), self.name())
    }
}

/// The same sentence: it is what a main that returns an error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// Why the library can't be used, in a sentence that says what to do.
#[derive(Clone, PartialEq, Eq)]
pub struct LoadError {
    text: String,
}

impl LoadError {
    pub(crate) fn new(text: String) -> LoadError {
        LoadError { text }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lkstats: {}", self.text)
    }
}

/// The same sentence.
impl fmt::Debug for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for LoadError {}
