// SPDX-License-Identifier: Apache-2.0
//! What somebody should look at.

use std::fmt;
use std::sync::Arc;

use lkstats_sys as sys;

#[allow(unused_imports)] // of the docs
use crate::{Context, Options};

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogLevel {
    /// Something was damaged, or is lost to the library.
    Error,
    /// Nothing is lost, but somebody should look: a full disk, a slow directory.
    Warning,
    /// A dead context was recovered, or writing goes on again.
    Info,
    /// One of a newer library. Made from its number only.
    #[non_exhaustive]
    Other(i32),
}

impl From<i32> for LogLevel {
    fn from(raw: i32) -> LogLevel {
        match u32::try_from(raw) {
            Ok(sys::LKSTATS_LOG_ERROR) => LogLevel::Error,
            Ok(sys::LKSTATS_LOG_WARNING) => LogLevel::Warning,
            Ok(sys::LKSTATS_LOG_INFO) => LogLevel::Info,
            _ => LogLevel::Other(raw),
        }
    }
}

type Told = dyn Fn(LogLevel, &str) + Send + Sync;

/// Whom a context tells what somebody should look at: [`Options::log`]. A state is told when it begins
/// and when it ends, not over and over.
///
/// It is called on whichever thread found out, the library's own included, several at once, before
/// [`Context::open`] has returned too. It may call anything but [`run_once`](Context::run_once),
/// [`flush`](Context::flush) and [`close`](Context::close) of its own context, which answer
/// [`Reentrant`](crate::Error::Reentrant), and the flush of a track of it, which would wait for itself. A
/// panic goes no further than the line. After a [`close`](Context::close) that returned `Ok` it is not
/// called any more.
///
/// ```
/// let log = lkstats::Log::new(|level, line| eprintln!("lkstats: {level:?}: {line}"));
/// let options = lkstats::Options { slab_dir: "/run/media-server", log: Some(&log), ..Default::default() };
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct Log(Arc<Told>);

impl Log {
    /// One that calls `told` with each line.
    pub fn new(told: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Log {
        Log(Arc::new(told))
    }

    pub(crate) fn tell(&self, level: LogLevel, line: &str) {
        (self.0)(level, line);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}
