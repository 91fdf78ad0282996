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
# With the sources that are in the cache by now: what a registry would be given builds. Cargo keeps what it unpacked, and what it
# built from that, under the target directory's path and the version: without a directory of its own an older source of the same
# version would be built here.
packages=$(mktemp -d)
trap 'rm -rf "$packages" "${CARGO_HOME:-$HOME/.cargo}"/registry/src/-*/lkstats-sys-*' EXIT
cargo package --offline --locked --allow-dirty --target-dir "$packages" -p lkstats-sys -p lkstats
