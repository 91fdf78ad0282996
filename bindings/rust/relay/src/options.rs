// SPDX-License-Identifier: Apache-2.0
//! The command line.

use std::path::PathBuf;
use std::time::Duration;

#[cfg(not(feature = "dlopen"))]
pub const USAGE: &str = "usage: lkstats-relay [--port N] [--interval-ms N] [--ledger FILE]";
#[cfg(feature = "dlopen")]
pub const USAGE: &str =
    "usage: lkstats-relay --library LIBLKSTATS.SO [--port N] [--interval-ms N] [--ledger FILE]";

#[derive(Default)]
pub struct Options {
    /// 0: any that is free.
    pub port: u16,
    /// Zero: lkstats' default.
    pub interval: Duration,
    /// Where the sums of the reports go in the end.
    pub ledger: Option<PathBuf>,
    #[cfg(feature = "dlopen")]
    pub library: PathBuf,
}

impl Options {
    /// `None`: they are not as `USAGE` says.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let value = arguments.next()?;
            match name.as_str() {
                "--port" => options.port = value.parse().ok()?,
                "--interval-ms" => options.interval = Duration::from_millis(value.parse().ok()?),
                "--ledger" => options.ledger = Some(value.into()),
                #[cfg(feature = "dlopen")]
                "--library" => options.library = value.into(),
                _ => return None,
            }
        }
        #[cfg(feature = "dlopen")]
        if options.library.as_os_str().is_empty() {
            return None;
        }
        Some(options)
    }
}
