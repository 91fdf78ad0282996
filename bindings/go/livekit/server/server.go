// SPDX-License-Identifier: Apache-2.0

// Package server is nothing to import: its module says which livekit-server build.sh builds, with which versions of what
// that needs, and it names the package that the overlay brings in, so that go mod vendor has it too.
package server

import _ "github.com/lkstats/lkstats/bindings/go/livekit"
