#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# container_server.sh ENTRY... -- VARIABLE=VALUE...: container.sh's second half, in a network of its own: the server of the
# image in $root runs as $user, is asked, is killed, and its heir reports what it had counted.
set -euo pipefail

entry=() variables=()
for word; do
    if [[ ${parted:-} ]]; then variables+=("$word"); elif [[ $word == -- ]]; then parted=1; else entry+=("$word"); fi
done
log=$root.log
fail() {
    tail -n 20 "$log" | cut -c 1-300 >&2
    printf 'not ok container: %s\n' "$*" >&2
    exit 1
}

ip link set lo up
# What docs/livekit.md has an operator do: a folder in memory, and a volume, both the image's user's.
mount -t tmpfs -o "mode=0700,uid=${user%:*},gid=${user#*:},size=64m" none "$root/run/lkstats"

config='{keys: {devkey: a-secret-of-at-least-32-characters}, prometheus: {port: 6789}, rtc: {node_ip: 127.0.0.1, udp_port: 7882}}'
in_image=(chroot "--userspec=$user" "$root" env -i "${variables[@]}")

answers() {
    kill -0 "$server" 2>/dev/null || fail "the server did not start"
    [[ $(curl -s http://127.0.0.1:7880/) == OK ]]
}

start() {
    "${in_image[@]}" "${entry[@]}" --config-body "$config" >>"$log" 2>&1 &
    server=$! # each of them becomes the next
    trap 'kill -9 "$server" $(jobs -p) 2>/dev/null || true' EXIT
    await "the server does not answer" answers
}

# await WHAT COMMAND...: until the command is content, half a minute at most.
await() {
    local what=$1 try
    shift
    for ((try = 0; try < 300; try++)); do
        ! "$@" || return 0
        sleep 0.1
    done
    fail "$what"
}

# A signal connection, without a client: the server says who is in the room, and hears nothing. It stays.
join() {
    local token
    token=$("${in_image[@]}" "${entry[@]}" --config-body "$config" create-join-token --room "$1" --identity "$2" |
        sed -n 's/^Token: *//p')
    rm -f "$root.answer"
    timeout 60 curl -s -N --http1.1 -o "$root.answer" -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
        -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: bGtzdGF0cyBoYXMgaXQhIQ==' \
        "http://127.0.0.1:7880/rtc?access_token=$token&protocol=16" &
    await "$2 was not let in" test -s "$root.answer"
}

# in_segments NUMBER IDENTITY: so many segments of the journal know of them.
in_segments() { [[ $(grep -als "$2" "$root"/var/lib/lkstats/lkstats-*.journal | wc -l) == "$1" ]]; }
counted() {
    curl -s http://127.0.0.1:6789/metrics | grep -E '^lkstats_bytes_total\{channel="signal",direction="send"\} [1-9]' >/dev/null
}

: >"$log"
start
join atrium listener-ana
await "LiveKit's metrics have nothing of lkstats" counted
await "the journal does not know ana" in_segments 1 listener-ana
kill -9 "$server" # in the middle of her connection
wait "$server" 2>/dev/null || true
start
join garden listener-eva
await "what the killed server had counted is not reported by its heir" in_segments 2 listener-ana
await "the heir does not report" in_segments 1 listener-eva
[[ $(stat -c %u "$root"/var/lib/lkstats/*.journal | sort -u) == "${user%:*}" ]] || fail "the server does not run as $user"
kill -9 "$server"
