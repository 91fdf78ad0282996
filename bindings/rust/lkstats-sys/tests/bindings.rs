// SPDX-License-Identifier: Apache-2.0
//! src/bindings.rs is what bindgen makes of the two headers, to the byte.

use std::panic::catch_unwind;
use std::path::Path;

const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");
const HEADER: &str = "// SPDX-License-Identifier: Apache-2.0
// What bindgen 0.72.1 makes of lkstats.h and lkstats_slab.h; tests/bindings.rs compares. Don't edit.";

/// Types, constants and the table. No function: the one symbol stands in lib.rs, the inline add in crate lkstats.
fn generate(include: &Path) -> String {
    bindgen::builder()
        .header(include.join("lkstats_slab.h").display().to_string())
        .clang_arg(format!("-I{}", include.display()))
        .allowlist_item("(lkstats|LKSTATS)_.*")
        .ignore_functions()
        .use_core()
        .derive_default(true)
        .default_macro_constant_type(bindgen::MacroTypeVariation::Unsigned)
        .translate_enum_integer_types(true)
        .disable_header_comment()
        .raw_line(HEADER)
        .rust_target(RUST_VERSION.parse().expect("a version of Rust"))
        .generate()
        .expect("bindgen reads the headers")
        .to_string()
}

#[test]
fn the_bindings_are_those_of_the_headers() {
    // Given the headers of the repository; a packaged crate has none, and its bindings can't be edited there.
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../include");
    if !include.is_dir() {
        return;
    }

    // When they are read afresh
    let Ok(fresh) = catch_unwind(|| generate(&include)) else {
        panic!(
            "bindgen needs libclang, and rustfmt: install Debian's libclang1-14 or a newer one, or \
             name its folder in LIBCLANG_PATH"
        );
    };

    // Then it is what is committed
    if fresh != include_str!("../src/bindings.rs") {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bindings.rs");
        std::fs::write(&kept, fresh).expect("the target folder can be written");
        panic!(
            "the headers have changed: look at {0}, then copy it to src/bindings.rs",
            kept.display()
        );
    }
}
