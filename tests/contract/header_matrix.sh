#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# header_matrix.sh INCLUDE_DIR: both headers compile without a warning in every language a host may use.
# Ends with 77 when a compiler is missing and the others were content.
set -euo pipefail

include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-pedantic -Wall -Wextra -Wpadded -Wshadow -Wconversion -Werror -I "$include" -c -o "$work/host.o")

# The slab header alone has to do, and both twice.
cat >"$work/host.c" <<'HOST'
#include <lkstats_slab.h>

#include <lkstats.h>
#include <lkstats_slab.h>

lkstats_status_t count_one(const lkstats_slab_t *slab, lkstats_track_t track);
lkstats_status_t count_one(const lkstats_slab_t *slab, lkstats_track_t track) {
    return lkstats_slab_add(slab, track, 1, 1, 1);
}

lkstats_status_t take(uint64_t user_data, const lkstats_batch_t *batch);
lkstats_status_t take(uint64_t user_data, const lkstats_batch_t *batch) {
    return user_data != 0 && batch->record_count != 0 ? LKSTATS_OK : LKSTATS_EAGAIN;
}

lkstats_on_batch_t consumer(void);
lkstats_on_batch_t consumer(void) { return take; }
HOST
cp "$work/host.c" "$work/host.cpp"

missing=
failed=0
compile() { # COMPILER SOURCE STANDARD...
    local compiler=$1 source=$2 standard
    shift 2
    if ! command -v "$compiler" >/dev/null; then
        missing+=" $compiler"
        return
    fi
    for standard; do
        if "$compiler" "-std=$standard" "${flags[@]}" "$work/$source"; then
            echo "ok      $compiler -std=$standard"
        else
            echo "refused $compiler -std=$standard"
            failed=1
        fi
    done
}

compile gcc host.c c99 c11 c17
compile clang host.c c99 c11 c17
compile g++ host.cpp c++11 c++17 c++20
compile clang++ host.cpp c++11 c++17 c++20

if [[ $failed != 0 ]]; then
    exit 1
fi
if [[ -n $missing ]]; then
    echo "not installed:$missing"
    exit 77
fi
