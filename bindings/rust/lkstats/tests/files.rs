// SPDX-License-Identifier: Apache-2.0
//! Counters that survive their process, and a journal that acknowledges.

mod common;

use std::env;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use common::folder::Folder;
use common::{Clock, INTERVAL, MANUAL};
use lkstats::{Context, Error, Options, RecordKind, TrackOptions, Traffic};

/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(600);

fn count(context: &Context, participant_sid: &str, bytes: u64) {
    let track = context
        .track(&TrackOptions {
            participant_sid,
            ..Default::default()
        })
        .unwrap();
    track.add_bytes(bytes, true).unwrap();
}

#[test]
fn a_directory_that_will_not_do_is_refused() {
    let folder = Folder::new();
    let missing = folder.path().to_owned() + "/missing";
    let shared = Folder::new();
    shared.let_everybody_write();
    for path in ["/dev/null", &missing, shared.path()] {
        for options in [
            Options {
                slab_dir: path,
                ..MANUAL
            },
            Options {
                journal_dir: path,
                ..MANUAL
            },
        ] {
            assert_eq!(
                Context::open(&options).unwrap_err(),
                Error::Dir,
                "{options:?}"
            );
        }
    }
}

#[test]
fn a_journal_that_makes_no_sense_is_refused() {
    let folder = Folder::new();
    let journal = Options {
        journal_dir: folder.path(),
        ..MANUAL
    };
    for bad in [
        Options {
            journal_segment_bytes: (1 << 16) - 1,
            ..journal
        },
        Options {
            journal_segment_bytes: (1 << 30) + 1,
            ..journal
        },
        Options {
            journal_segment_age: Duration::from_millis(999),
            ..journal
        },
        Options {
            journal_segment_age: Duration::MAX,
            ..journal
        },
        Options {
            no_reports: true,
            ..journal
        },
        Options {
            journal_sync: true,
            ..MANUAL
        },
        Options {
            journal_keep_segments: 1,
            ..MANUAL
        },
        Options {
            journal_dir: "/tmp\0",
            ..MANUAL
        },
        Options {
            slab_dir: "/tmp\0",
            ..MANUAL
        },
    ] {
        assert_eq!(Context::open(&bad).unwrap_err(), Error::Invalid, "{bad:?}");
    }
    assert_eq!(folder.files(), 0);
}

#[test]
fn old_segments_go_by_count_or_by_size() {
    // Given ten windows, each in a segment of its own
    let segments = |options: Options<'_>| {
        let folder = Folder::new();
        let context = Context::open(&Options {
            journal_dir: folder.path(),
            journal_segment_age: Duration::from_secs(1),
            journal_sync: true,
            ..options
        })
        .unwrap();
        let mut clock = Clock::default();
        for _ in 0..10 {
            count(&context, "PA_1", 1);
            clock.report(&context);
        }
        folder.files()
    };

    // Then there are those that are to be kept, and the one that is written to
    assert_eq!(segments(MANUAL), 10);
    assert_eq!(
        segments(Options {
            journal_keep_segments: 3,
            ..MANUAL
        }),
        3
    );
    assert_eq!(
        segments(Options {
            journal_keep_bytes: 1,
            ..MANUAL
        }),
        1
    );
}

#[test]
fn a_journal_has_all_when_its_context_ends() {
    // Given a context that is closed, or dropped, or has a consumer that refuses everything
    for (manual, close, refuse) in [
        (true, true, false),
        (false, true, false),
        (true, false, false),
        (false, false, false),
        (true, true, true),
        (false, false, true),
    ] {
        let folder = Folder::new();
        let options = Options {
            manual,
            journal_dir: folder.path(),
            ..MANUAL
        };
        let context = if refuse {
            Context::open_with(&options, |_| Err::<(), ()>(()))
        } else {
            Context::open(&options)
        }
        .unwrap();
        count(&context, "PA_written", 5);
        if close {
            assert_eq!(context.close(LONG), Ok(()));
            assert_eq!(context.residue(), Default::default());
        }
        drop(context);

        // Then everything is written
        assert_eq!(folder.files(), 1);
        assert!(folder.has("PA_written"), "{manual} {close} {refuse}");
    }
}

#[test]
fn what_is_taken_beside_a_journal_comes_once() {
    // Given a report that is written
    let folder = Folder::new();
    let context = Context::open(&Options {
        journal_dir: folder.path(),
        ..MANUAL
    })
    .unwrap();
    count(&context, "PA_beside", 5);
    let mut clock = Clock::default();
    clock.report(&context);
    assert!(folder.has("PA_beside"));

    // When it is taken, and given back
    let batch = context.try_next().unwrap().unwrap();
    let windows: Vec<_> = batch.records().map(|record| record.window()).collect();
    assert_eq!(windows.len(), 1);
    assert_eq!(windows[0].send_bytes, 5);
    batch.nack().unwrap();

    // Then it does not come again: nothing is owed
    assert_eq!(context.flush(LONG), Ok(()));
    clock.report(&context);
    assert!(context.try_next().unwrap().is_none());
}

#[test]
fn a_close_beside_a_journal_waits_for_the_batches_that_are_out() {
    let folder = Folder::new();
    for manual in [true, false] {
        let context = Context::open(&Options {
            manual,
            journal_dir: folder.path(),
            ..MANUAL
        })
        .unwrap();
        count(&context, "PA_out", 5);
        assert_eq!(context.flush(LONG), Ok(()));

        // Given a batch that is out, and written
        let batch = context.try_next().unwrap().unwrap();

        // When the context is closed, then that waits, as long as it is told to
        assert_eq!(context.close(Duration::ZERO), Err(Error::TimedOut));
        assert_eq!(context.close(INTERVAL / 100), Err(Error::TimedOut));
        thread::scope(|threads| {
            let close = threads.spawn(|| context.close(LONG));
            let record = batch.records().next().unwrap();
            assert_eq!(
                (record.participant_sid(), record.window().send_bytes),
                ("PA_out", 5)
            );
            batch.ack().unwrap();
            assert_eq!(close.join().unwrap(), Ok(()));
        });
        assert!(matches!(context.try_next(), Err(Error::Eof)));
    }
}

#[test]
fn closes_and_consumers_beside_a_journal_meet_at_every_moment() {
    let folder = Folder::new();
    for _ in 0..50 {
        // Given threads that take what a journal has, and drop it unanswered
        let context = Context::open(&Options {
            manual: false,
            report_interval: Duration::from_millis(100),
            journal_dir: folder.path(),
            ..MANUAL
        })
        .unwrap();
        count(&context, "PA_met", 5);
        thread::scope(|threads| {
            let takers = [(); 2].map(|()| {
                threads.spawn(|| {
                    let mut taken = 0;
                    loop {
                        match context.try_next() {
                            Ok(Some(batch)) => {
                                for record in batch.records() {
                                    assert_eq!(record.participant_sid(), "PA_met");
                                    taken += record.window().send_bytes;
                                }
                            }
                            Ok(None) => thread::yield_now(),
                            Err(error) => break assert_eq!(error, Error::Eof),
                        }
                    }
                    taken
                })
            });
            // When it closes
            assert_eq!(context.close(LONG), Ok(()));

            // Then nobody has anything twice
            let taken: u64 = takers.map(|taker| taker.join().unwrap()).iter().sum();
            assert!(taken == 5 || taken == 0, "{taken}");
        });
    }
}

const LEAVE: &str = "LKSTATS_TEST_LEAVE";
const HOW: &str = "LKSTATS_TEST_HOW";

/// Has another process count in a folder, and end as no process should.
fn leave_something(folder: &Folder, how: &str) {
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_process_that_ends_without_a_close"])
        .env(LEAVE, folder.path())
        .env(HOW, how)
        .output()
        .unwrap()
        .status;
    assert_eq!(status.success(), how == "exit", "{status}");
    assert_ne!(folder.files(), 0, "something is left");
}

#[test]
fn a_process_that_ends_without_a_close() {
    let Ok(path) = env::var(LEAVE) else {
        return; // for the others
    };
    let context = Context::open(&Options {
        node: "node-before",
        analytics_key: "key-before",
        slab_dir: &path,
        ..MANUAL
    })
    .unwrap();
    let track = context
        .track(&TrackOptions {
            participant_sid: "PA_left",
            ..Default::default()
        })
        .unwrap();
    track.add_messages(700, 7, false).unwrap();
    if env::var(HOW).unwrap() == "exit" {
        process::exit(0);
    }
    // SAFETY: ends the process.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
}

#[test]
fn the_next_context_reports_what_a_process_left() {
    for how in ["exit", "kill"] {
        // Given what a process has left
        let folder = Folder::new();
        leave_something(&folder, how);

        // When the next one opens there, and counts
        let context = Context::open(&Options {
            slab_dir: folder.path(),
            ..MANUAL
        })
        .unwrap();
        let mut clock = Clock::default();
        clock.tick(&context);
        count(&context, "PA_own", 1);
        clock.report(&context);

        // Then its first batch is what was left, under the name of who left it
        let batch = context.try_next().unwrap().unwrap();
        assert_eq!(
            (batch.recovered(), batch.node(), batch.analytics_key()),
            (true, "node-before", "key-before")
        );
        assert_eq!(batch.records().len(), 1);
        let left = batch.records().next().unwrap();
        let dead = left.key().context;
        assert_eq!(
            (left.key().kind, left.participant_sid()),
            (RecordKind::Traffic, "PA_left")
        );
        assert_eq!(
            left.window(),
            Traffic {
                recv_bytes: 700,
                recv_messages: 7,
                ..Default::default()
            }
        );
        // It is there as long as somebody may read it
        let own = context.try_next().unwrap().unwrap();
        assert_eq!((own.recovered(), own.node()), (false, "ND_1"));
        assert!(own
            .records()
            .all(|record| record.key().context != dead && record.participant_sid() == "PA_own"));
        own.ack().unwrap();
        assert_eq!(context.close(Duration::ZERO), Err(Error::TimedOut));
        assert_eq!(left.participant_sid(), "PA_left");
        batch.ack().unwrap();
        assert_eq!(context.close(LONG), Ok(()));
        assert_eq!(folder.files(), 0);
    }
}

#[test]
fn what_nobody_acknowledges_is_left_for_the_next() {
    // Given what a process has left, which the next one takes and does not acknowledge
    let folder = Folder::new();
    leave_something(&folder, "kill");
    let options = Options {
        slab_dir: folder.path(),
        ..MANUAL
    };
    let keys = |context: &Context| {
        Clock::default().tick(context);
        common::keys(context)
    };
    let context = Context::open(&options).unwrap();
    let before = keys(&context);
    drop(context);

    // Then the one after it has the same
    let context = Context::open(&options).unwrap();
    assert_eq!(keys(&context), before);
    context.try_next().unwrap().unwrap().ack().unwrap();
    assert_eq!(context.close(LONG), Ok(()));
    assert_eq!(folder.files(), 0);
}
