// SPDX-License-Identifier: Apache-2.0
//! Finds the library that is linked; with the feature `dlopen` there is nothing to find.

use std::env::var_os;
use std::process::exit;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    if var_os("CARGO_FEATURE_DLOPEN").is_some() || var_os("DOCS_RS").is_some() {
        return;
    }
    if let Err(why) = pkg_config::Config::new()
        .atleast_version("0.1.0")
        .probe("lkstats")
    {
        eprintln!(
            "lkstats is not here to be linked.\n\
             Either install it (cmake --install, which brings lkstats.pc) and pkg-config; where the \
             prefix is not the system's, name its folder: PKG_CONFIG_PATH=<prefix>/lib/pkgconfig.\n\
             Or have it loaded at run time: --features dlopen, which needs nothing to build.\n\n{why}"
        );
        exit(1);
    }
}
