// SPDX-License-Identifier: Apache-2.0
//! A library that is loaded: what is not there, or is not it, says so, and another may be tried.
//! There is one library in a process, so the second test asks in a process of its own.
#![cfg(feature = "dlopen")]

use lkstats::{Context, Error, Options};

#[test]
fn what_is_not_the_library_is_refused_until_one_is() {
    let refused = |path: &str| lkstats::load(path).unwrap_err().to_string();

    // Given a path where nothing is: it says which and what to do
    let why = refused("/nowhere/liblkstats.so.0");
    assert!(
        why.contains("/nowhere/liblkstats.so.0: cannot open"),
        "{why}"
    );
    assert!(why.contains("install lkstats"), "{why}");

    // a file that is no library
    let why = refused(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    assert!(why.contains("Cargo.toml: "), "{why}");

    // a path that no file has
    let why = refused("lib\0lkstats");
    assert!(why.contains("install lkstats"), "{why}");

    // and a library that is another one
    let why = refused("libc.so.6");
    assert!(why.contains("libc.so.6 is not lkstats"), "{why}");

    // When the right one is named
    lkstats::load("liblkstats.so.0").unwrap();

    // Then it is in use, and no other may be
    assert_eq!(lkstats::version().unwrap(), env!("CARGO_PKG_VERSION"));
    lkstats::load("liblkstats.so.0").unwrap();
    let why = refused("/nowhere/liblkstats.so.0");
    assert!(why.contains("liblkstats.so.0 is in use already"), "{why}");
    drop(Context::open(&Options::default()).unwrap());
}

/// Without a library: in a process of its own, whose loader finds a file that is none.
#[test]
fn without_a_library_an_open_says_what_is_missing() {
    const INSIDE: &str = "LKSTATS_TEST_WITHOUT_A_LIBRARY";
    if std::env::var_os(INSIDE).is_some() {
        let error = Context::open(&Options::default()).unwrap_err();
        assert_eq!(error, Error::Unavailable);
        assert_eq!(lkstats::version(), Err(Error::Unavailable));
        let why = error.to_string();
        assert!(
            why.contains("liblkstats.so.0: ") && why.contains("install lkstats"),
            "{why}"
        );
        return;
    }

    // Given a folder in which the library is a text
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("without");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("liblkstats.so.0"), "a text").unwrap();

    // When a process looks for it there, then it goes as above
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "without_a_library_an_open_says_what_is_missing"])
        .env(INSIDE, "1")
        .env("LD_LIBRARY_PATH", &folder)
        .status()
        .unwrap();
    assert!(status.success());
}
