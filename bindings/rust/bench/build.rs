// SPDX-License-Identifier: Apache-2.0
fn main() {
    println!("cargo:rerun-if-changed=src/inline.c");
    println!("cargo:rerun-if-changed=../../../include");
    cc::Build::new()
        .file("src/inline.c")
        .include("../../../include")
        .opt_level(3)
        .std("c11")
        .compile("inline");
    println!("cargo:rustc-link-lib=dl");
}
