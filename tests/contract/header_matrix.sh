#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# header_matrix.sh INCLUDE_DIR [LOADER_DIR]: every header compiles without a warning in every language a host may use,
# twice in one file and in two files of one program, and a program that loads the library refers to none of its
# symbols. Ends with 77 when a compiler is missing and the others were content.
set -euo pipefail

include=$1
loader=${2:-$include/../bindings/c}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
strict=(-pedantic -Wall -Wextra -Wpadded -Wshadow -Wconversion -Werror -O2 -I "$include" -I "$loader")

# The slab header alone has to do, and both twice.
cat >"$work/host.c" <<'HOST'
#include <lkstats_slab.h>

#include <lkstats.h>
#include <lkstats_journal.h>
#include <lkstats_journal.h>
#include <lkstats_slab.h>
#include <lkstats_verify.h>
#include <lkstats_verify.h>

lkstats_status_t count_one(const lkstats_slab_t *slab, lkstats_track_t track);
lkstats_status_t count_one(const lkstats_slab_t *slab, lkstats_track_t track) {
    return lkstats_slab_add(slab, track, 1, 1, 1);
}

lkstats_status_t take(uint64_t user_data, const lkstats_batch_t *batch);
lkstats_status_t take(uint64_t user_data, const lkstats_batch_t *batch) {
    return user_data != 0 && lkstats_batch_record(batch, 0)->flags != 0 ? LKSTATS_OK : LKSTATS_EAGAIN;
}

lkstats_verdict_t judge(lkstats_verify_t *state, const lkstats_record_t *record);
lkstats_verdict_t judge(lkstats_verify_t *state, const lkstats_record_t *record) {
    const lkstats_missing_t missing = lkstats_verify_missing(state);
    return lkstats_verify_complete(state) && missing.sequences == 0 ? LKSTATS_VERIFY_NEXT
                                                                    : lkstats_verify_take(state, record);
}

lkstats_on_batch_t consumer(void);
lkstats_on_batch_t consumer(void) { return take; }
HOST

# A program of two files that loads. The small array: a compiler may think of a sentence that is cut.
cat >"$work/loads.c" <<'HOST'
#include <lkstats_load.h>

#include <lkstats.h>
#include <lkstats_load.h>

const lkstats_api_t *other(void);
int main(void) {
    char error[8];
    return lkstats_load(NULL, error, sizeof error) == other();
}
HOST
cat >"$work/loads_too.c" <<'HOST'
#include <lkstats_load.h>

const lkstats_api_t *other(void);
const lkstats_api_t *other(void) { return lkstats_load("liblkstats.so.0", NULL, 0); }
HOST

# A program of two files that owns.
cat >"$work/owns.cpp" <<'HOST'
#include <lkstats.hpp>

#include <lkstats.h>
#include <lkstats.hpp>

lkstats::Status other(const lkstats::Context &context, lkstats::Track &track);

static lkstats::Status take(uint64_t user_data, const lkstats_batch_t *batch) {
    uint64_t bytes = user_data;
    for (const lkstats::Record &record : lkstats::records(*batch))
        bytes += record.window.send_bytes;
    return bytes != 0 ? LKSTATS_OK : LKSTATS_EAGAIN;
}

int main() {
#if defined(LKSTATS_LOADED)
    char error[8];
    if (!lkstats::load(nullptr, error, sizeof error))
        return 1;
#endif
    lkstats::Options options;
    options.on_batch = take;
    lkstats::Context context(options);
    lkstats::Track track = context.track({});
    lkstats::Signal signal = context.signal();
    signal.resolve_room({"RM_1", "atrium"});
    signal.resolve_participant({"PA_1"});
    signal.add_bytes(1, true);
    return other(context, track);
}
HOST
cat >"$work/owns_too.cpp" <<'HOST'
#include <lkstats.hpp>

lkstats::Status other(const lkstats::Context &context, lkstats::Track &track);
lkstats::Status other(const lkstats::Context &context, lkstats::Track &track) {
    lkstats::TrackOptions options;
    options.participant_sid = "PA_1";
    track = context.track(options);
    track.add_messages(1200, 2, false);
    uint64_t bytes = 0;
    while (lkstats::Batch batch = context.next()) {
        for (const lkstats::Record &record : batch)
            bytes += record.window.send_bytes + lkstats::view(record.participant_sid).size();
        batch.ack();
    }
    return bytes == 0 ? context.close(0) : lkstats::name(track.stop())[0];
}
HOST
# Stands for the library: the one symbol that a linked C++ host refers to.
cat >"$work/library.c" <<'HOST'
#include <lkstats.h>

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
    *api = 0;
    return version == 0 ? LKSTATS_OK : LKSTATS_ELAYOUT;
}
HOST
for file in host loads loads_too; do cp "$work/$file.c" "$work/$file.cpp"; done

missing=
failed=0
known() { # COMPILER
    command -v "$1" >/dev/null && return 0
    [[ " $missing " == *" $1 "* ]] || missing+=" $1"
    return 1
}
# What a compiler does not know yet it need not compile.
speaks() { # COMPILER STANDARD LANGUAGE
    "$1" "-std=$2" -x "$3" -fsyntax-only /dev/null 2>/dev/null
}
try() { # NAME COMMAND...
    local name=$1
    shift
    if "$@"; then
        echo "ok      $name"
    else
        echo "refused $name"
        failed=1
    fi
}
compile() { # COMPILER SOURCE STANDARD...
    local compiler=$1 source=$2 standard
    shift 2
    known "$compiler" || return 0
    for standard; do
        try "$compiler -std=$standard $source" "$compiler" "-std=$standard" "${strict[@]}" -c -o "$work/host.o" \
            "$work/$source"
    done
}
# Nothing but these files and the C library: what they refer to is all there.
link() { # COMPILER STANDARD LANGUAGE FIRST SECOND OPTION...
    local compiler=$1 standard=$2 language=$3 first=$4 second=$5
    shift 5
    known "$compiler" && speaks "$compiler" "$standard" "$language" || return 0
    try "$compiler -std=$standard $first $*" "$compiler" "-std=$standard" "${strict[@]}" -o "$work/program" \
        "$work/$first" "$work/$second" "$@" -ldl
}

compile gcc host.c c99 c11 c17
compile clang host.c c99 c11 c17
compile g++ host.cpp c++11 c++17 c++20
compile clang++ host.cpp c++11 c++17 c++20
for compiler in gcc clang; do
    for standard in c99 c11 c17; do link $compiler $standard c loads.c loads_too.c; done
done
try 'library' cc "${strict[@]}" -c -o "$work/library.o" "$work/library.c"
for compiler in g++ clang++; do
    for standard in c++11 c++17 c++20; do link $compiler $standard c++ loads.cpp loads_too.cpp; done
    for standard in c++17 c++20 c++2b; do
        for plain in '' '-fno-exceptions -fno-rtti'; do
            # shellcheck disable=SC2086 # none or two words
            link $compiler $standard c++ owns.cpp owns_too.cpp $plain "$work/library.o"
            # shellcheck disable=SC2086
            link $compiler $standard c++ owns.cpp owns_too.cpp $plain -DLKSTATS_LOADED
        done
    done
done
# What only some hosts ask for. The C headers have casts of C, so they are a system's here.
mkdir "$work/system" "$work/owners"
cp "$include"/lkstats.h "$include"/lkstats_slab.h "$loader"/lkstats_load.h "$work/system"
cp "$include"/lkstats.hpp "$include"/lkstats_inline.hpp "$work/owners"
fussy=(-std=c++17 -Wall -Wextra -Werror -Wold-style-cast -Wzero-as-null-pointer-constant -Wsign-conversion
    -fsyntax-only -isystem "$work/system" -I "$work/owners" "$work/owns.cpp")
for how in -ULKSTATS_LOADED -DLKSTATS_LOADED; do
    ! known g++ || try "g++ fussy $how" g++ "${fussy[@]}" -Wuseless-cast "$how"
    ! known clang++ || try "clang++ fussy $how" clang++ "${fussy[@]}" -Wcomma "$how"
done

# An object of a file that is linked with the library means nothing to one that loads it.
mixed() { # COMPILER
    "$1" -std=c++17 "${strict[@]}" -DLKSTATS_LOADED -c -o "$work/loaded.o" "$work/owns_too.cpp" || return 1
    ! "$1" -std=c++17 "${strict[@]}" -o "$work/program" "$work/owns.cpp" "$work/loaded.o" "$work/library.o" -ldl \
        2>"$work/said" && grep -q 'undefined.*other' "$work/said"
}
for compiler in g++ clang++; do
    ! known $compiler || try "$compiler mixed" mixed $compiler
done

if [[ $failed != 0 ]]; then
    exit 1
fi
if [[ -n $missing ]]; then
    echo "not installed:$missing"
    exit 77
fi
