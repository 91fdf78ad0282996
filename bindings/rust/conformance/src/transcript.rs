// SPDX-License-Identifier: Apache-2.0
//! How a transcript writes what a call handed out; the suite's README.md has the format.

use std::fmt::{self, Display, Formatter};
use std::time::UNIX_EPOCH;

use lkstats::{Time, Traffic};

use crate::script::is_plain;

/// As the script writes it: `=` and the bytes.
pub struct Text<'a>(pub &'a [u8]);

impl Display for Text<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str("=")?;
        for &byte in self.0 {
            if is_plain(byte) {
                write!(out, "{}", char::from(byte))?;
            } else {
                write!(out, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

pub struct Figures<'a>(pub &'a Traffic);

impl Display for Figures<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Traffic {
            send_bytes,
            send_messages,
            recv_bytes,
            recv_messages,
        } = self.0;
        write!(
            out,
            "{send_bytes},{send_messages},{recv_bytes},{recv_messages}"
        )
    }
}

pub struct Instant<'a>(pub &'a Time);

impl Display for Instant<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let wall = match self.0.wall.duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_nanos() as i128,
            Err(before) => -(before.duration().as_nanos() as i128),
        };
        write!(out, "{},{wall}", self.0.monotonic.as_nanos())
    }
}

/// FNV-1a. The ids of stats are another context's each time, so they count as zeros: `AS_` and twelve letters.
pub struct Hash<'a>(pub &'a [u8]);

impl Display for Hash<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let mut hash: u64 = 14_695_981_039_346_656_037;
        let mut id = 0;
        for (i, &byte) in self.0.iter().enumerate() {
            let counted = if id > 0 { b'0' } else { byte };
            hash = (hash ^ u64::from(counted)).wrapping_mul(1_099_511_628_211);
            if id > 0 {
                id -= 1;
            } else if self.0[..=i].ends_with(b"AS_") {
                id = 12;
            }
        }
        write!(out, "{hash:016x}")
    }
}

pub struct Details<'a>(pub &'a [i32]);

impl Display for Details<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(i32::to_string).collect();
        out.write_str(
            if numbers.is_empty() {
                "-".into()
            } else {
                numbers.join(",")
            }
            .as_str(),
        )
    }
}
