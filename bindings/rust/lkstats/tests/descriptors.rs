// SPDX-License-Identifier: Apache-2.0
//! Contexts come and go and leave no descriptor. Alone in its file: it counts the process's.

mod common;

use common::MANUAL;
use lkstats::{Context, Options, TrackOptions};

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("proc is there")
        .count()
}

fn one_comes_and_goes(manual: bool, called: bool) {
    let options = Options { manual, ..MANUAL };
    let context = if called {
        Context::open_with(&options, |_| ())
    } else {
        Context::open(&options)
    };
    let _outlives = context.unwrap().track(&TrackOptions::default()).unwrap();
}

#[test]
fn contexts_come_and_go_and_leave_no_descriptor() {
    // Given what the first has left for good: two of libuv's
    one_comes_and_goes(false, false);
    let before = descriptors();

    // When more of each kind do than can be open at a time
    for turn in 0..80 {
        one_comes_and_goes(turn % 2 == 0, turn % 3 == 0);
    }

    // Then there are as many as before
    assert_eq!(descriptors(), before);
}
