#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh BUILD_DIR [SECONDS [RELAY...]]: starts the relay with lkstats on a free port of the loopback, drives it with
# clients that know nothing of lkstats, and holds their counts against the sums of the reports. RELAY is the command of
# another relay of the same kind, in another language; the one in C is the default.
set -euo pipefail

build=${1:?usage: demo.sh BUILD_DIR [SECONDS [RELAY...]]}
seconds=${2:-15}
[[ $seconds =~ ^[1-9][0-9]{0,3}$ ]] || { echo "demo.sh: SECONDS is a number from 1 to 9999, not '$seconds'" >&2; exit 2; }
programs=$build/bindings/c/examples/demo
relay_command=("${@:3}")
((${#relay_command[@]})) || relay_command=("$programs/relay" --library "$build/src/liblkstats.so")
work=$(mktemp -d)
relay= clients= display=

clean_up() {
    for process in $clients $relay $display; do
        { kill -KILL "$process" && wait "$process"; } 2>/dev/null || true
    done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkfifo "$work/output"
"${relay_command[@]}" --interval-ms $((seconds * 200)) --ledger "$work/reports" >"$work/output" &
relay=$!
exec 3<"$work/output"
if ! read -r -t 20 hello <&3; then
    echo "The relay did not start; what it says is above." >&2
    exit 1
fi
port=$(sed -n 's/.*listening on port \([0-9]*\) .*/\1/p' <<<"$hello")
echo "$hello"
cat <&3 &
display=$!

echo "Clients in a process of their own talk for $seconds seconds; what lkstats reports shows as it comes."
"$programs/clients" --port "$port" --seconds "$seconds" --ledger "$work/clients" 3<&- &
clients=$!
wait "$clients"
clients=

exec 4<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /metrics HTTP/1.0\r\n\r\n' >&4
cat <&4 >"$work/metrics"
exec 4<&-
echo "The clients are gone. What http://127.0.0.1:$port/metrics has of them:"
if ! grep -E '^lkstats_(bytes|messages)_total.* [1-9]' "$work/metrics"; then
    cat "$work/metrics" >&2
    echo "Nothing is counted there." >&2
    exit 1
fi

echo "The relay ends, which brings the last reports."
kill -TERM "$relay"
status=0
wait "$relay" || status=$?
relay=
wait "$display"
display=
if [ "$status" -ne 0 ]; then
    echo "The relay ended with status $status; what it says is above." >&2
    exit 1
fi

echo
echo "What the clients counted themselves, and the sums of the reports:"
"$programs/compare" "$work/clients" "$work/reports"
