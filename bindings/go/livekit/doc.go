// SPDX-License-Identifier: Apache-2.0

// Package livekit is what a LiveKit server has in the place of pkg/rtc/signalanddatastats.go: the same types, functions
// and methods, which count with lkstats. LiveKit's own telemetry and its observability reporter get what they had; beside
// it every window is in a journal, with whom it belongs to, and what a killed server had counted is reported by the next
// one. docs/livekit.md is the operator's guide; build.sh builds a server.
//
// # How it works
//
// There is one lkstats context in a process, opened when the first object is made. One goroutine runs its reporter, once
// a second and soon after something has ended, and hands each record to the object that it is of, which tells LiveKit;
// then the records are acknowledged. An add is the binding's: one atomic instruction, no allocation. What has to be there
// before a call returns, joined before a resolution does and the last report before Reset does, is brought about by the
// caller, who runs the same turn.
//
// A track begins to count in lkstats with its first message: until then it costs no place, and by then its participant's
// signal connection has said who that is. Where that is with another node, or there is none, the server is asked.
//
// # When lkstats is not to be had
//
// Where the library or its directories can't be used, or all of its places are taken, an object counts in Go alone. LiveKit
// is told all the same, and its log says so once; such traffic is in no journal, and a kill loses it. While a journal can't
// be written to, LiveKit's telemetry is told nothing; nothing is lost, and it is told all of it later.
//
// # Later servers
//
// From v1.13.6 on the server gives a function that answers the listener. The build tag livekit_listener_func selects that
// signature.
package livekit
