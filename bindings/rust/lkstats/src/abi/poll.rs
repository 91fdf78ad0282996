// SPDX-License-Identifier: Apache-2.0
//! Waiting for a descriptor.

use std::ffi::{c_int, c_short, c_ulong};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use crate::time::milliseconds;

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

const POLLIN: c_short = 1;

extern "C" {
    fn poll(fds: *mut PollFd, count: c_ulong, timeout_ms: c_int) -> c_int;
}

/// Whether the descriptor became readable in that time; a signal's interruption does not end it.
pub(crate) fn wait(fd: BorrowedFd<'_>, timeout: Option<Duration>) -> io::Result<bool> {
    // A deadline that no clock can show is none.
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout_ms = left.map_or(-1, |left| {
            c_int::try_from(milliseconds(left)).unwrap_or(c_int::MAX)
        });
        let mut due = PollFd {
            fd: fd.as_raw_fd(),
            events: POLLIN,
            revents: 0,
        };
        // SAFETY: one pollfd, which can be written.
        match unsafe { poll(&mut due, 1, timeout_ms) } {
            0 if timeout_ms < c_int::MAX => return Ok(false),
            0 => continue,
            count if count > 0 => return Ok(true),
            _ => {}
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
