// SPDX-License-Identifier: Apache-2.0
//! Libraries that are not the one this crate was built for: older, newer, with longer records.

use std::ffi::CStr;
use std::mem::size_of;
use std::path::Path;

use lkstats_sys as sys;

use super::batch::Reports;
use super::call::{call, written};
use super::find::check;
use super::library::library;
use super::slot::NOWHERE;
use super::text::lend;
use crate::counter::Counter;
use crate::{Context, Error, Options, TrackOptions};

type Status = sys::lkstats_status_t;

/// The table in use, with another size or layout.
fn changed(change: impl FnOnce(&mut sys::lkstats_api_t)) -> *const sys::lkstats_api_t {
    let mut table = *library().unwrap().api;
    change(&mut table);
    Box::leak(Box::new(table))
}

/// # Safety
///
/// The table's place can be written.
unsafe extern "C" fn of_an_older_release(_: u32, table: *mut *const sys::lkstats_api_t) -> Status {
    let older = changed(|table| {
        table.struct_size = (size_of::<sys::lkstats_api_t>() - 8) as u32;
        table.version = 9;
        table.metrics = None; // behind its end
    });
    // SAFETY: as the caller promised.
    unsafe { table.write(older) };
    sys::LKSTATS_OK
}

/// # Safety
///
/// None: it touches nothing.
unsafe extern "C" fn of_another_table(_: u32, _: *mut *const sys::lkstats_api_t) -> Status {
    sys::LKSTATS_ELAYOUT
}

/// # Safety
///
/// None: it touches nothing.
unsafe extern "C" fn of_another_layout(_: u32, _: *mut sys::lkstats_slab_t) -> Status {
    sys::LKSTATS_ELAYOUT
}

/// # Safety
///
/// The table's place can be written.
unsafe extern "C" fn with_another_layout(_: u32, table: *mut *const sys::lkstats_api_t) -> Status {
    let other = changed(|table| table.slab_attach = Some(of_another_layout));
    // SAFETY: as the caller promised.
    unsafe { table.write(other) };
    sys::LKSTATS_OK
}

#[test]
fn an_older_library_is_refused_by_both_versions() {
    let why = check(of_an_older_release, Path::new("liblkstats.so.0"))
        .err()
        .unwrap()
        .to_string();
    assert!(why.contains("liblkstats.so.0 is lkstats 0.0.9"), "{why}");
    assert!(why.contains(env!("CARGO_PKG_VERSION")), "{why}");
}

#[test]
fn a_library_with_another_table_is_refused() {
    let why = check(of_another_table, Path::new("liblkstats.so.0"))
        .err()
        .unwrap()
        .to_string();
    assert!(why.contains("no function table of version 1"), "{why}");
}

#[test]
fn a_library_with_another_layout_is_taken_and_called() {
    // Given one whose slots look different
    let library = check(with_another_layout, Path::new("liblkstats.so.0"))
        .ok()
        .unwrap();
    assert!(library.slab.is_none());

    // When a track has no slot for that
    let context = Context::open(&Options {
        manual: true,
        ..Options::default()
    })
    .unwrap();
    let track = context.track(&TrackOptions::default()).unwrap();
    let counter = Counter::at(track.counter.handle(), &NOWHERE);
    counter.add(1200, 1, true).unwrap();
    counter.add(u64::MAX, 1, true).unwrap_err();
    track.add_bytes(3, true).unwrap();

    // Then its adds are in the same figures
    let totals = counter.totals().unwrap().traffic;
    assert_eq!((totals.send_bytes, totals.send_messages), (1203, 2));
    assert_eq!(counter.stop().unwrap().traffic, totals);
    assert_eq!(counter.add(1, 1, true), Err(Error::Closed));
}

#[test]
fn statuses_are_called_and_explained_as_the_library_does() {
    let api = library().unwrap().api;
    for error in (1..=18).filter_map(|n| Error::from_status(-n)) {
        // SAFETY: both answer static strings.
        let (name, text) = unsafe {
            (
                CStr::from_ptr(api.status_name.unwrap()(error.status())),
                CStr::from_ptr(api.strerror.unwrap()(error.status())),
            )
        };
        assert_eq!(error.name(), name.to_str().unwrap());
        let said = error.to_string();
        assert!(
            said.starts_with(&format!("lkstats: {}", text.to_str().unwrap())),
            "{said}"
        );
    }
}

/// Two records of a library whose records have a tail that this crate does not know.
fn longer_records(names: [&str; 2], step: usize) -> (Vec<u64>, sys::lkstats_batch_t) {
    let mut memory = vec![u64::MAX; step / 8 * names.len()];
    for (index, name) in names.into_iter().enumerate() {
        let record = sys::lkstats_record_t {
            room_name: lend(name),
            ..Default::default()
        };
        // SAFETY: as many words as a record has, at a word's alignment, are there.
        unsafe {
            memory
                .as_mut_ptr()
                .add(index * step / 8)
                .cast::<sys::lkstats_record_t>()
                .write(record)
        };
    }
    let batch = sys::lkstats_batch_t {
        record_size: step as u32,
        record_count: 2,
        records: memory.as_ptr().cast(),
        ..Default::default()
    };
    (memory, batch)
}

#[test]
fn longer_records_of_a_newer_library_are_stepped_over() {
    let step = size_of::<sys::lkstats_record_t>() + 16;
    let (_memory, batch) = longer_records(["atrium", "library"], step);
    let reports = Reports::new(batch).unwrap();
    let mut records = reports.records();
    assert_eq!(records.len(), 2);
    let names: Vec<_> = records.by_ref().map(|record| record.room_name()).collect();
    assert_eq!(names, ["atrium", "library"]);
    assert!(records.next().is_none());
}

#[test]
fn shorter_records_are_refused() {
    for step in [
        0,
        size_of::<sys::lkstats_record_t>() - 8,
        size_of::<sys::lkstats_record_t>() + 4,
    ] {
        let raw = sys::lkstats_batch_t {
            record_size: step as u32,
            ..Default::default()
        };
        assert_eq!(Reports::new(raw).err(), Some(Error::Layout));
    }
}

#[test]
fn a_string_that_is_not_utf8_ends_where_it_stops_being_so() {
    // Given what no library of this release hands out
    let step = size_of::<sys::lkstats_record_t>();
    let (mut memory, batch) = longer_records(["atrium", ""], step);
    let bytes = b"atri\xff";
    // SAFETY: the first of the two records.
    let record = unsafe { &mut *memory.as_mut_ptr().cast::<sys::lkstats_record_t>() };
    record.room_name = sys::lkstats_string_t {
        data: bytes.as_ptr().cast(),
        size: 5,
    };

    // Then it costs the rest of the string, and nothing else
    let reports = Reports::new(batch).unwrap();
    assert_eq!(reports.records().next().unwrap().room_name(), "atri");
}

#[test]
fn a_buffer_grows_until_the_text_fits() {
    let mut calls = 0;
    // SAFETY: written says where and how much may be written.
    let text = written(3, |buffer, capacity, need| unsafe {
        calls += 1;
        call!(track_id_for_participant(
            1,
            lend("PA_1"),
            buffer,
            capacity,
            need
        ))
    });
    assert_eq!((text, calls), (Ok("TR_DTPA_1".into()), 2));
}
