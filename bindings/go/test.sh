#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the Go binding has to pass, with lkstats installed where pkg-config and the loader find it.
set -euo pipefail
cd "$(dirname "$0")"

formatter=$(go env GOROOT)/bin/gofmt
if [[ -x $formatter ]]; then
    unformatted=$("$formatter" -l .)
    [[ -z $unformatted ]] || { echo "not ok gofmt: $unformatted"; exit 1; }
fi
go vet ./...
go vet -tags lkstats_dlopen ./...
(cd examples/relay && go vet ./... && go vet -tags lkstats_dlopen ./... && go test -count=1 -v -race ./...)
# What has no library still compiles.
for system in darwin windows; do
    CGO_ENABLED=0 GOOS=$system go vet .
done

go test -count=1 -v ./...
go test -count=1 -v -race ./...
go test -count=1 -v -tags lkstats_dlopen ./...
CGO_ENABLED=0 go test -count=1 -v .
