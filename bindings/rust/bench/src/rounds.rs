// SPDX-License-Identifier: Apache-2.0
//! Measures two things turn by turn, so that whatever else the machine does meets both.

use std::sync::Barrier;
use std::thread;

use crate::line::Line;
use crate::processor;

const ROUNDS: usize = 25;

/// Of a side in a round.
const SECONDS: f64 = 0.02;

/// Does its work so many times.
pub trait Side: Sync {
    fn run(&self, passes: u64);
    /// How often it was done so far, where somebody has counted.
    fn counted(&self) -> Option<u64> {
        None
    }
}

/// Fails when an add was refused: it is quick, and not what is to be measured.
pub fn measure(
    what: &'static str,
    target: Option<f64>,
    threads: usize,
    ours: &dyn Side,
    limit: &dyn Side,
) -> Result<Line, String> {
    let mut line = Line {
        what,
        target,
        ours: Vec::new(),
        limit: Vec::new(),
    };
    let (ours_passes, limit_passes) = (calibrate(threads, ours), calibrate(threads, limit));
    for _ in 0..ROUNDS {
        line.ours
            .push(round(threads, ours, ours_passes).map_err(|why| format!("{what}: {why}"))?);
        line.limit
            .push(round(threads, limit, limit_passes).map_err(|why| format!("{what}: {why}"))?);
    }
    Ok(line)
}

/// As many passes as take long enough.
fn calibrate(threads: usize, side: &dyn Side) -> u64 {
    let mut passes = 1000;
    loop {
        let seconds = run(threads, side, passes) / threads as f64;
        if seconds >= SECONDS / 2.0 {
            return (passes as f64 * SECONDS / seconds) as u64;
        }
        passes *= 2;
    }
}

fn round(threads: usize, side: &dyn Side, passes: u64) -> Result<f64, &'static str> {
    let before = side.counted();
    let seconds = run(threads, side, passes);
    let all = passes * threads as u64;
    if side
        .counted()
        .zip(before)
        .is_some_and(|(now, before)| now - before != all)
    {
        return Err("not every add was counted");
    }
    Ok(seconds * 1e9 / all as f64)
}

/// The processor time that it takes on all threads together.
fn run(threads: usize, side: &dyn Side, passes: u64) -> f64 {
    if threads == 1 {
        let start = processor::thread_seconds();
        side.run(passes);
        return processor::thread_seconds() - start;
    }
    let start = Barrier::new(threads);
    let one = &|number| {
        processor::pin(number);
        start.wait();
        let start = processor::thread_seconds();
        side.run(passes);
        processor::thread_seconds() - start
    };
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || one(number)))
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().expect("a loop does not panic"))
            .sum()
    })
}
