#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# soak.sh BUILD KILLS [SEED] [NAME=HOST...]: kills hosts at random, BUILD's in C and those that are named, and holds what
# was received against the ledger. Then one scenario is killed at its points: at some of them; with 1,000 kills or more
# at all; from 10,000 on what recovers it at each of its own as well. Lines begin with "ok " and "not ok ". What a failure
# leaves is kept in BUILD/soak-failed. SEED: a number, or empty for a new one.
#
# Everything happens on a tmpfs in a mount namespace of its own, so nothing is left but an empty folder, whatever is killed. Who may not
# make one uses /dev/shm, without full disks.
set -euo pipefail

if (($# < 2)); then
    sed -n '3,6s/^# //p' "$0" >&2
    exit 2
fi
build=$(realpath "$1") kills=$2 seed=${3:-$((RANDOM * 32768 + RANDOM))}
shift $(($# < 3 ? $# : 3))

if [[ -z ${SOAK_ISOLATED:-} ]]; then
    for isolation in "unshare --mount" "unshare --user --map-root-user --mount"; do
        if $isolation mount -t tmpfs none /mnt 2>/dev/null; then
            SOAK_ISOLATED=yes exec $isolation "$0" "$build" "$kills" "$seed" "$@"
        fi
    done
fi

place=$(mktemp -d /dev/shm/lkstats-soak.XXXXXX)
trap 'umount -l "$place" 2>/dev/null; rm -rf "$place"' EXIT
if [[ -n ${SOAK_ISOLATED:-} ]]; then
    mount -t tmpfs -o mode=700 soak "$place"
else
    echo "full disks are left out: no tmpfs can be mounted here"
fi

mkdir "$place/random" "$place/points"
programs=$build/tests/soak
hosts=(--host "C=$programs/soak_host")
for host; do
    hosts+=(--host "$host")
done

status=0
keep() {
    status=1
    echo "seed $seed: what is left is in $build/soak-failed/$1"
    mkdir -p "$build/soak-failed"
    rm -rf "$build/soak-failed/$1"
    cp -a "$place/$1/phase" "$build/soak-failed/$1" || true
}
"$programs/soak" --place "$place/random" --kills "$kills" --seed "$seed" "${hosts[@]}" || keep random
# Each point and each of its recovery's take half an hour, each point a few seconds.
if ((kills >= 10000)); then
    points=(--pairs)
elif ((kills >= 1000)); then
    points=()
else
    points=(--every 16)
fi
"$programs/soak_points" --place "$place/points" --seed "$seed" "${points[@]}" || keep points
exit "$status"
