// SPDX-License-Identifier: Apache-2.0
//! `lkstats-conformance [--library PATH] SCRIPT`: makes the calls of a script in Rust, and writes what they
//! answered.

mod batches;
mod handles;
mod host;
mod layout;
mod script;
mod transcript;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use crate::host::{Failure, Host};
use crate::script::NotUnderstood;

#[cfg(not(feature = "dlopen"))]
const USAGE: &str = "usage: lkstats-conformance SCRIPT";
#[cfg(feature = "dlopen")]
const USAGE: &str = "usage: lkstats-conformance --library PATH SCRIPT";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (library, path) = match words[..] {
        [path] if !cfg!(feature = "dlopen") => (None, path),
        ["--library", library, path] if cfg!(feature = "dlopen") => (Some(library), path),
        _ => return end(2, USAGE),
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return end(2, &format!("{path}: {error}")),
    };
    if let Err(why) = usable(library) {
        return end(3, &why);
    }
    match run(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Script(NotUnderstood { line, why })) => {
            end(2, &format!("{path}:{line}: {why}"))
        }
        Err(Failure::Output(error)) => {
            end(1, &format!("the transcript cannot be written: {error}"))
        }
    }
}

fn run(text: &str) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let done = Host::new(text, &mut out).run();
    out.flush()?;
    done
}

/// Says in one sentence why the library cannot be used.
fn usable(library: Option<&str>) -> Result<(), String> {
    #[cfg(feature = "dlopen")]
    if let Some(path) = library {
        lkstats::load(path).map_err(|error| error.to_string())?;
    }
    let _ = library;
    lkstats::version()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn end(status: u8, why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(status)
}
