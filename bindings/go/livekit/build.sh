#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh [--stock] OUTPUT: builds livekit-server v1.13.5 on lkstats, which has to be installed where pkg-config finds it.
# --stock: the same server as LiveKit has it. The sources are vendored with Go's own command, beside the tree; one file of
# them is replaced, nothing is changed. Needs Go 1.26.
set -euo pipefail

usage="usage: build.sh [--stock] OUTPUT"
overlay=yes
if [[ ${1:-} == --stock ]]; then
    overlay=no
    shift
fi
if (($# != 1)) || [[ -z $1 || $1 == -* ]]; then
    printf '%s\n' "$usage" >&2
    exit 2
fi

here=$(cd "$(dirname "$0")" && pwd)
output=$(realpath -m "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here"/server/{go.mod,go.sum,server.go} "$work"
cd "$work"
export GOWORK=off # a workspace that somebody has says nothing of this build
go mod edit -replace="github.com/lkstats/lkstats/bindings/go=$(dirname "$here")" \
    -replace="github.com/lkstats/lkstats/bindings/go/livekit=$here"
go mod vendor

file=vendor/github.com/livekit/livekit-server/pkg/rtc/signalanddatastats.go
[[ -f $file ]] || { printf '%s\n' "livekit-server has no $file" >&2; exit 1; }
options=()
if [[ $overlay == yes ]]; then
    cp "$here/_rtc/signalanddatastats.go" replacement.go
    printf '{"Replace": {"%s": "replacement.go"}}\n' "$file" >overlay.json
    options=(-overlay overlay.json)
fi
# With -trimpath the same sources are the same build, wherever they lie: Go's cache has what was built before.
go build -mod=vendor -trimpath "${options[@]}" -o "$output" github.com/livekit/livekit-server/cmd/server
