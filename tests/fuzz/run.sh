#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD SECONDS [TARGET...]: each target of the build "fuzz", two at a time: first its kept corpus, then so many seconds
# of new inputs. Lines begin with "ok " and "not ok "; what fails, and the input that it failed with, is kept in
# BUILD/fuzz-failed. With FUZZ_GROWN=FOLDER in the environment what was found on the way is kept there, by target.
set -euo pipefail

if (($# < 2)); then
    sed -n '3,5s/^# //p' "$0" >&2
    exit 2
fi
here=$(realpath "$(dirname "$0")") build=$(realpath "$1") seconds=$2
shift 2
targets=("$@")
(($#)) || targets=(calls slab slab_files journal options)

place=$(mktemp -d "$([[ -w /dev/shm ]] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/lkstats-fuzz.XXXXXX")
trap 'rm -rf "$place"' EXIT
failed=$build/fuzz-failed

# As long as an input is useful.
longest() {
    case $1 in
    calls) echo 600 ;;
    slab | slab_files) echo 200 ;;
    journal) echo 2000 ;;
    *) echo 400 ;;
    esac
}

# fuzz TARGET
fuzz() {
    local target=$1 begin=$SECONDS status=0 inputs
    local grown=${FUZZ_GROWN:-$place/grown}/$target log=$place/$target.log
    mkdir -p "$grown" "$place/$target" "$failed"
    local limit=(-max_total_time="$seconds")
    ((seconds)) || limit=(-runs=0)
    FUZZ_PLACE=$place/$target "$build/tests/fuzz/fuzz_$target" "${limit[@]}" -max_len="$(longest "$target")" \
        -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$failed/$target-" \
        "$grown" "$here/corpus/$target" >"$log" 2>&1 || status=$?
    inputs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
    if ((status == 0)) && ((${inputs:-0} > 0)); then
        echo "ok fuzz_$target: $inputs inputs, $((SECONDS - begin)) s"
        return 0
    fi
    cp "$log" "$failed/$target.log"
    echo "not ok fuzz_$target: $failed/$target.log"
    grep -aE '^broken promise|ERROR: |runtime error|SUMMARY|Test unit written' "$log" | sed 's/^/# /' || true
    return 1
}

status=0 running=0
for target in "${targets[@]}"; do
    if ((running == 2)); then
        wait -n || status=1
        running=1
    fi
    fuzz "$target" &
    running=$((running + 1))
done
for ((; running > 0; running--)); do
    wait -n || status=1
done
exit "$status"
