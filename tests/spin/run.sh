#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [quick|full]: walks every interleaving of the model in protocol.pml, within bounds, and shows that each seeded
# mistake is caught. A line for each, "ok ..." or "not ok ...". quick: some seconds; full: ten minutes, 3 GB.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bounds=${1:-quick}
case $bounds in
quick) flags=(-O1) ;;
full) flags=(-O2) ;;
*)
    sed -n '3,4s/^# //p' "$0" >&2
    exit 2
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# build NAME FLAG...: a verifier.
build() {
    spin -a "${@:2}" "$here/protocol.pml" >spin.log || {
        cat spin.log
        exit 1
    }
    gcc "${flags[@]}" -DSAFETY -DCOLLAPSE -DVECTORSZ=512 -DMEMLIM=6000 -w -o "$1" pan.c
}

# search VERIFIER BOUND=N...: what it says is in log. Bounds that are not given are 0.
search() {
    env -i KILLS=0 ADDS_SENT=1 ADDS_RECEIVED=0 RESETS=1 FORGETS=0 FOLDS=0 STRANGERS=0 APART=0 "${@:2}" \
        "./$1" -n -m10000 -w"${hash:-22}" >log 2>&1 || true
}
seen() { sed -n "s/$1/\\1/p" log; }

# holds VERIFIER BOUND=N...: no interleaving breaks a promise, and all of them were walked.
holds() {
    search "$@"
    local states seconds
    states=$(seen '^ *\([0-9.e+]*\) states, stored.*')
    seconds=$(seen '^pan: elapsed time \([0-9.e+]*\) seconds.*')
    if grep -q 'errors: 0$' log && ! grep -qE 'max search depth too small|search not completed|reached -DMEMLIM' log; then
        echo "ok protocol: ${*:2}: $states states, $seconds s"
    else
        echo "not ok protocol: ${*:2}"
        grep -vE '^(Depth|$)' log | head -n 20
        failed=1
    fi
}

# caught NUMBER WHAT BOUND=N...
caught() {
    search pan MISTAKE="$1" "${@:3}"
    if grep -qE '^pan:1: (assertion violated|invalid end state)' log; then
        echo "ok mistake: $1 ($2) is caught"
    else
        echo "not ok mistake: $1 ($2) is not caught"
        grep -vE '^(Depth|$)' log | head -n 20
        failed=1
    fi
}

build pan
if [[ $bounds == quick ]]; then
    holds pan KILLS=2
    holds pan KILLS=1 ADDS_RECEIVED=1 FORGETS=1 STRANGERS=1
    holds pan KILLS=1 STRANGERS=1 APART=1
    holds pan ADDS_SENT=2 ADDS_RECEIVED=1 STRANGERS=1
else
    build pan4 -DREPORTS=4
    hash=26
    holds pan KILLS=2 ADDS_SENT=2 ADDS_RECEIVED=1 STRANGERS=1
    holds pan KILLS=2 ADDS_RECEIVED=1 FOLDS=1
    holds pan KILLS=2 STRANGERS=1 APART=1
    holds pan KILLS=1 ADDS_SENT=2 ADDS_RECEIVED=1 FORGETS=1 STRANGERS=1
    holds pan ADDS_RECEIVED=1 FORGETS=1 STRANGERS=1 APART=1
    holds pan4 KILLS=2 ADDS_SENT=2 ADDS_RECEIVED=1
    hash=22
fi

caught 1 'a record is linked before it is written' KILLS=1 STRANGERS=1
caught 2 "a reset's base comes from a second read" STRANGERS=1
caught 3 'a snapshot is published before its content' KILLS=1 STRANGERS=1
caught 4 'an acknowledgement is matched by its slot alone' STRANGERS=1
caught 5 'no epoch in the key' STRANGERS=1
caught 6 'a record is freed before its left is acknowledged' STRANGERS=1
caught 7 'recovery makes a frozen window anew' KILLS=1 ADDS_SENT=2
caught 8 'no quarantine' STRANGERS=1
caught 9 "a recovery ignores the other's lock" KILLS=1 STRANGERS=1
caught 10 'left is said while the epoch goes on' KILLS=1 STRANGERS=1
caught 11 'a word is closed before its final is written' KILLS=1 STRANGERS=1
caught 12 'a record is freed while its successor names it' KILLS=1 STRANGERS=1 APART=1
caught 13 'recovery writes a slot back before its record' KILLS=2
caught 14 'the newest epoch is reported, whatever those before it owe' STRANGERS=1
caught 15 'recovery does not look whether the owner lives' STRANGERS=1
caught 16 'a part of an identity is known before it is written' KILLS=1 STRANGERS=1
caught 17 'recovery writes what a window holds, and then that it counts' KILLS=2
caught 18 'no sequence in the key' STRANGERS=1
caught 19 'a word is closed without a look whether it moved' STRANGERS=1
caught 20 'a pending report is frozen again' STRANGERS=1
caught 21 'a joined hides totals that were written down' STRANGERS=1
exit "$failed"
