// SPDX-License-Identifier: Apache-2.0
//! What the types promise to the compiler, and errors to their readers.
#![deny(unfulfilled_lint_expectations)]

use std::collections::HashSet;
use std::error;
use std::mem::size_of;

use lkstats::{
    Batch, Batches, Channel, Context, Error, Key, LoadError, Record, RecordKind, Records, Reports,
    Residue, Result, Signal, Time, Totals, Track, Traffic,
};

#[test]
fn what_a_server_shares_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Context>();
    shared::<Track>();
    shared::<Signal>();
    shared::<Records<'static>>();
    shared::<Record<'static>>();
    shared::<Batches<'static>>();
    shared::<(Key, Traffic, Totals, Residue, Time, Error, LoadError)>();
    // Read by one thread at a time, whichever that is.
    sent::<Batch<'static>>();
    sent::<Reports>();
}

#[test]
fn the_result_of_an_add_is_one_register() {
    assert_eq!(size_of::<Result<()>>(), 4);
    assert_eq!(size_of::<Track>(), 16);
    assert_eq!(size_of::<Option<Track>>(), 16);
}

#[test]
fn each_status_has_its_error_and_each_error_its_status() {
    // Given all statuses that there are
    let errors: Vec<Error> = (1..=18).map(|n| Error::from_status(-n).unwrap()).collect();

    // Then each is an error of its own, with a name and a text of its own
    let names: HashSet<_> = errors.iter().map(|error| error.name()).collect();
    let texts: HashSet<_> = errors.iter().map(|error| error.to_string()).collect();
    assert_eq!((names.len(), texts.len()), (18, 18));
    assert_eq!(
        format!("{:?}", errors[3]),
        errors[3].to_string(),
        "what main prints"
    );
    for (error, status) in errors.iter().zip(1..) {
        assert_eq!(error.status(), -status);
        assert!(error.name().starts_with("LKSTATS_E"));
        assert!(
            error.to_string().ends_with(&format!("({})", error.name())),
            "{error}"
        );
    }
    assert_eq!(errors[3], Error::Full);

    // and what is no error, or one of later, is that
    assert_eq!(Error::from_status(0), None);
    assert_eq!(Error::from_status(1), None);
    assert_eq!(Error::from_status(-19), Some(Error::Unknown));
    assert_eq!(Error::from_status(-100), Some(Error::Unknown));
    assert_eq!(Error::Unknown.name(), "LKSTATS_UNKNOWN");
    let _: &dyn error::Error = &errors[0];
}

#[test]
fn numbers_of_a_newer_library_are_kept() {
    assert_eq!(Channel::from(2), Channel::DataTrack);
    assert_eq!(RecordKind::from(3), RecordKind::Left);
    for number in 0..9 {
        assert_eq!(i32::from(Channel::from(-number)), -number);
        assert_eq!(i32::from(Channel::from(number)), number);
        assert_eq!(u32::from(RecordKind::from(number as u32)), number as u32);
    }
    assert_ne!(Channel::from(-4), Channel::from(-5));
    assert_ne!(RecordKind::from(9), RecordKind::from(8));
}

#[test]
fn traffic_adds_up() {
    let figures = |n| Traffic {
        send_bytes: n,
        send_messages: 2 * n,
        recv_bytes: 3 * n,
        recv_messages: 4 * n,
    };
    let mut sum = figures(1);
    sum += figures(10);
    assert_eq!(sum, figures(11));
    let windows = [figures(1), figures(10), figures(100)];
    assert_eq!(windows.iter().sum::<Traffic>(), figures(111));
    assert_eq!(windows.into_iter().sum::<Traffic>(), figures(111));
    assert_eq!([].iter().sum::<Traffic>(), Traffic::default());
}

#[test]
fn what_ends_when_it_is_dropped_has_to_be_kept() {
    // The compiler refuses this file where one of these says nothing about a value that is not used.
    fn made<T>() -> Option<T> {
        None
    }
    fn unused() -> Option<()> {
        #[expect(unused_must_use)]
        made::<Context>()?;
        #[expect(unused_must_use)]
        made::<Track>()?;
        #[expect(unused_must_use)]
        made::<Signal>()?;
        #[expect(unused_must_use)]
        made::<Batch<'_>>()?;
        #[expect(unused_must_use)]
        made::<Batches<'_>>()?;
        Some(())
    }
    assert_eq!(unused(), None);
}

#[test]
fn a_full_library_says_what_makes_room() {
    let said = Error::Full.to_string();
    assert!(said.contains("max_tracks"), "{said}");
    assert!(said.contains("close another context, 64"), "{said}");
}
