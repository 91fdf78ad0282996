#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the Rust crates have to pass, with lkstats installed where pkg-config and the loader find it.
set -euo pipefail
cd "$(dirname "$0")"

if cargo fmt --version >/dev/null 2>&1; then
    cargo fmt --all --check
fi
cargo clippy --workspace --all-targets --locked -- -D warnings
cargo test --workspace --locked
cargo test --locked -p lkstats --features dlopen
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked -p lkstats-sys -p lkstats
# With the sources that are in the cache by now: what a registry would be given builds.
cargo package --offline --locked --allow-dirty -p lkstats-sys -p lkstats
