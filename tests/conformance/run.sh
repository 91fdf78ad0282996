#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [--library LIBRARY] [--preload FAKE] WORK_DIR SCRIPT... -- NAME COMMAND... [-- NAME COMMAND...]...
# Every host makes the calls of every script, and has to write what is expected, byte for byte: the file of that name in
# the folder "expected" beside the script's, or where there is none, what the first host wrote. A word @ in a command
# stands for LIBRARY; hosts without one are linked, and have FAKE preloaded. With a FAKE, which LIBRARY has to be too then,
# every host has to leave its witness. WORK_DIR keeps the transcripts.
# In a script %40DIR stands for a folder that each host finds as lay_out makes it; what lies in there afterwards is the end
# of the transcript.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=hosts.sh
source "$here/hosts.sh"

usage() {
    sed -n '3,9s/^# //p' "$0" >&2
    exit 2
}

library='' preload=''
while [[ ${1:-} == --?* ]]; do
    case $1 in
    --library) library=$(realpath "${2:?}") ;;
    --preload) preload=$(realpath "${2:?}") ;;
    *) usage ;;
    esac
    shift 2
done
(($# >= 4)) || usage
work=$1
shift
scripts=()
while (($#)) && [[ $1 != -- ]]; do
    scripts+=("$1")
    shift
done
((${#scripts[@]})) || usage
read_hosts "$@" || usage
mkdir -p "$work"

# first_difference EXPECTED TRANSCRIPT SCRIPT
first_difference() {
    awk -v transcript="$2" -v script="$3" '
        { more = (getline line < transcript) > 0 }
        !more || line != $0 { exit }
        { if (match($0, /^[0-9]+:/)) at = $0 + 0 }
        END {
            if (!more) line = "(nothing)"
            # Expected is at its end where the transcript has a line more.
            expected = NR && (!more || line != $0) ? $0 : "(nothing)"
            if (expected == "(nothing)" && (getline line < transcript) <= 0) line = "(nothing)"
            if (match(expected, /^[0-9]+:/)) at = expected + 0
            while (at && n < at && (getline call < script) > 0) n++
            if (at) print "  line " at " of the script: " call
            print "  expected " expected
            print "  is       " line
            count = split(expected, wanted, " ")
            split(line, found, " ")
            for (i = 1; i <= count && wanted[i] == found[i]; i++);
            if (i > 1) print "  namely   " wanted[i] " is " found[i]
        }' "$1"
}

# lay_out FOLDER: what scripts with files find.
lay_out() {
    mkdir -m 700 "$1" "$1"/{slab,journal}{1..6} "$1/shared" "$1/sticky"
    chmod 777 "$1/shared"
    chmod 1777 "$1/sticky"
    : >"$1/file"
}

# left_in FOLDER: the files that a host has made there. What is random in their names is not in the transcript.
left_in() {
    echo "left"
    (cd "$1" && find . -type f ! -path ./file -size +0 | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/; s|^\./|  |' |
        LC_ALL=C sort)
}

failed=0
for script in "${scripts[@]}"; do
    name=$(basename "$script" .txt)
    expected=$(dirname "$script")/../expected/$name.txt
    # What is written by hand is never held against a host.
    [[ -e $expected || $(dirname "$script") -ef $here/scripts ]] || expected=''
    for i in "${!names[@]}"; do
        host=${names[i]} status=0
        transcript=$work/$name.$host.txt witness=$work/$name.$host.witness
        rm -f "$witness"
        calls=$script
        if grep -q %40DIR "$script"; then
            # Its path is short, and nobody else may write there.
            folder=$(mktemp -d -p "$links")
            lay_out "$folder/files"
            calls=$folder/script.txt
            sed "s|%40DIR|${folder//\//%2F}%2Ffiles|g" "$script" >"$calls"
        fi
        LKSTATS_WITNESS=$witness run_host "$i" "$library" "$preload" "$calls" \
            >"$transcript" 2>"$transcript.err" || status=$?
        if [[ $calls != "$script" ]]; then
            [[ ! -s $transcript ]] || left_in "$folder/files" >>"$transcript"
            rm -rf "$folder"
        fi
        [[ -n $expected ]] || expected=$transcript
        if ((status != 0)); then
            echo "not ok $host: $name: its exit status is $status"
            tail -n 3 "$transcript.err" | sed 's/^/  /'
        elif [[ -n $preload && ! -s $witness ]]; then
            echo "not ok $host: $name: it did not come across the fake"
        elif [[ ! -s $transcript ]]; then
            echo "not ok $host: $name: it wrote nothing"
        elif [[ ! -s $expected ]]; then
            echo "not ok $host: $name: there is nothing to hold it against"
        elif ! cmp -s "$expected" "$transcript"; then
            echo "not ok $host: $name: it is not as expected"
            first_difference "$expected" "$transcript" "$script" | cut -c 1-1000
        else
            echo "ok $host: $name"
            continue
        fi
        failed=$((failed + 1))
    done
done
((failed == 0))
