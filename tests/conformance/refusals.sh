#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# refusals.sh FAKES_DIR WORK_DIR -- NAME COMMAND... [-- NAME COMMAND...]...
# A library that cannot be used: each host says so in one sentence on standard error, writes no transcript, and ends with
# exit status 3. One that loads (a word of its command is @) is given each of them as its library; one that is linked has
# the older and the newer release preloaded. A sentence about an older release names it, 0.0.9.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=hosts.sh
source "$here/hosts.sh"

usage() {
    sed -n '3,6s/^# //p' "$0" >&2
    exit 2
}

(($# >= 5)) || usage
fakes=$(realpath "$1") work=$2
shift 2
read_hosts "$@" || usage
mkdir -p "$work"
: >"$work/no_library.so"

failed=0
# refuse NUMBER WHAT LIBRARY [WORD]: a sentence has to have WORD in it.
refuse() {
    local host=${names[$1]} what=$2 status=0 why='' said=$work/refusal.${names[$1]}.$2
    run_host "$1" "$3" "$3" "$here/scripts/api.txt" >"$said.out" 2>"$said.err" || status=$?
    if ((status != 3)); then
        why="its exit status is $status"
    elif [[ -s $said.out ]]; then
        why="it wrote a transcript"
    elif [[ $(wc -l <"$said.err") -ne 1 || $(wc -c <"$said.err") -lt 20 ]]; then
        why="that is not one sentence"
    elif [[ -n ${4:-} ]] && ! grep -qF -- "$4" "$said.err"; then
        why="it does not say $4"
    fi
    if [[ -z $why ]]; then
        echo "ok $host: refuses $what"
    else
        echo "not ok $host: refuses $what: $why"
        head -n 5 "$said.err" | sed 's/^/  /'
        failed=$((failed + 1))
    fi
}

for i in "${!names[@]}"; do
    if is_loaded "$i"; then
        refuse "$i" absent "$work/there_is_none.so" there_is_none.so
        refuse "$i" folder "$work"
        refuse "$i" garbage "$work/no_library.so" no_library.so
        refuse "$i" stranger "$fakes/stranger.so"
    fi
    refuse "$i" older "$fakes/older.so" 0.0.9
    refuse "$i" newer "$fakes/newer.so"
done
((failed == 0))
