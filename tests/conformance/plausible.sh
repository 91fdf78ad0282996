#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# plausible.sh TRANSCRIPT WHAT=COUNT...: a transcript that others are held against has at least so many of each: records
# (traffic, joined, left, unattributed), contexts that were closed (closed), and statuses by their name.
set -euo pipefail

transcript=${1:?usage: plausible.sh TRANSCRIPT WHAT=COUNT...}
shift
failed=0
for wanted in "$@"; do
    case ${wanted%=*} in
    traffic | joined | left) pattern="^  record ${wanted%=*} " ;;
    unattributed) pattern='^  record traffic .* flags=1 ' ;;
    closed) pattern='^[0-9]+: LKSTATS_OK tracks=' ;;
    LKSTATS_*) pattern="^[0-9]+: ${wanted%=*}( |\$)" ;;
    *)
        echo "what is ${wanted%=*}?" >&2
        exit 2
        ;;
    esac
    count=$(grep -cE "$pattern" "$transcript" || true)
    if ((count < ${wanted#*=})); then
        echo "$transcript: $count of ${wanted%=*}, ${wanted#*=} are wanted"
        failed=1
    fi
done
exit "$failed"
