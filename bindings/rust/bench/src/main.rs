// SPDX-License-Identifier: Apache-2.0
//! `lkstats-bench [--json]`: measures the add from Rust beside what it could cost at best, both in the same run,
//! and shows one line each. Exits with 0 whatever the figures are.

mod inline;
mod line;
mod message;
mod processor;
mod rounds;
mod sides;
mod table;

use std::ffi::CString;
use std::process::ExitCode;

use lkstats::{Context, Options, TrackOptions};

use crate::inline::InlineC;
use crate::line::Line;
use crate::rounds::measure;
use crate::sides::{Bare, Rust};

#[cfg(not(feature = "dlopen"))]
const USAGE: &str = "usage: lkstats-bench [--json]";
#[cfg(feature = "dlopen")]
const USAGE: &str = "usage: lkstats-bench --library LIBLKSTATS.SO [--json]";

/// What one that is linked finds again by.
const SONAME: &str = "liblkstats.so.0";

struct Wanted {
    json: bool,
    library: Option<String>,
}

fn main() -> ExitCode {
    let Some(wanted) = parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("lkstats-bench: {why}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: impl IntoIterator<Item = String>) -> Option<Wanted> {
    let mut wanted = Wanted {
        json: false,
        library: None,
    };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => wanted.json = true,
            "--library" if cfg!(feature = "dlopen") => wanted.library = Some(arguments.next()?),
            _ => return None,
        }
    }
    (wanted.library.is_some() == cfg!(feature = "dlopen")).then_some(wanted)
}

fn run(wanted: &Wanted) -> Result<(), String> {
    let mut lines = Vec::new();
    if !wanted.json {
        table::print_head();
    }
    measure_adds(wanted.library.as_deref(), &mut |line| {
        if !wanted.json {
            table::print_row(&line);
        }
        lines.push(line);
    })?;
    if wanted.json {
        table::print_json(&lines);
    }
    Ok(())
}

fn measure_adds(library: Option<&str>, finished: &mut dyn FnMut(Line)) -> Result<(), String> {
    #[cfg(feature = "dlopen")]
    lkstats::load(library.unwrap_or(SONAME)).map_err(|error| error.to_string())?;
    let options = Options {
        manual: true,
        ..Options::default()
    };
    let context = Context::open(&options).map_err(|error| error.to_string())?;
    let track = context
        .track(&TrackOptions::default())
        .map_err(|error| error.to_string())?;
    let ours = Rust(&track);
    let name = CString::new(library.unwrap_or(SONAME)).map_err(|error| error.to_string())?;
    let inline = InlineC::open(&name)?;
    let bare = Bare::default();

    finished(measure(
        "Rust add / inline C",
        Some(1.1),
        1,
        &ours,
        &inline,
    )?);
    finished(measure("Rust add / bare AtomicU64", None, 1, &ours, &bare)?);
    finished(measure(
        "Rust, two threads, one track / bare AtomicU64",
        None,
        2,
        &ours,
        &bare,
    )?);
    Ok(())
}
