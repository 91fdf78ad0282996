#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test.sh GOLDEN_TEST: what the drop-in for LiveKit's server has to pass, with lkstats installed where pkg-config and the
# loader find it. GOLDEN_TEST is the program of that name of the library's own tests, or their build directory.
set -euo pipefail

if (($# != 1)) || [[ ! -e $1 ]]; then
    printf 'usage: test.sh GOLDEN_TEST\n' >&2
    exit 2
fi
LKSTATS_GOLDEN=$(realpath "$1")
export LKSTATS_GOLDEN
cd "$(dirname "$0")"

formatter=$(go env GOROOT)/bin/gofmt
if [[ -x $formatter ]]; then
    unformatted=$("$formatter" -l .)
    [[ -z $unformatted ]] || { echo "not ok gofmt: $unformatted"; exit 1; }
fi
go vet ./...
go vet -tags livekit_listener_func ./...

go test -count=1 -v ./...
go test -count=1 -v -race ./...
go test -count=1 -v -tags livekit_listener_func -run 'Listen|Overlay' .
