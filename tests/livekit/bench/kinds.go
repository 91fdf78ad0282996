// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/livekit/livekit-server/pkg/rtc"
	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go/livekit"
)

// What a server has at hand when it counts. Read anew in each pass: nothing of it is a constant.
var message = struct {
	bytes  uint64
	isSend bool
}{1200, true}

// kind is one of the two implementations: LiveKit's own, as its module has it, and the drop-in.
type kind int

const (
	lkstatsKind kind = iota
	stockKind
)

var kinds = [...]kind{lkstatsKind, stockKind}

func (k kind) String() string { return [...]string{"lkstats", "stock"}[k] }

// pair is a figure of each kind.
type pair [len(kinds)]float64

// inTurn measures each kind once. Which is first changes with the round: neither has the warmer machine.
func inTurn(round int, measure func(kind) float64) (figures pair) {
	for i := range kinds {
		k := kinds[(i+round)%len(kinds)]
		figures[k] = measure(k)
	}
	return figures
}

// object is a BytesTrackStats. Its loop is inside: between two adds there is nothing but the loop.
type object interface {
	add(messages int)
	sent() uint32
	Stop()
}

type ownObject struct{ *lkstats.BytesTrackStats }
type stockObject struct{ *rtc.BytesTrackStats }

func (o ownObject) add(messages int) {
	stats := o.BytesTrackStats
	for range messages {
		stats.AddBytes(message.bytes, message.isSend)
	}
}

func (o stockObject) add(messages int) {
	stats := o.BytesTrackStats
	for range messages {
		stats.AddBytes(message.bytes, message.isSend)
	}
}

func (o ownObject) sent() uint32   { return o.GetTrafficTotals().SendMessages }
func (o stockObject) sent() uint32 { return o.GetTrafficTotals().SendMessages }

// Both have what the open-source server gives: a reporter that does nothing; and a listener that nobody is behind.
var (
	listener types.ParticipantTelemetryListener = types.NullParticipantTelemetryListener{}
	reporter roomobs.ParticipantSessionReporter = roomobs.NewNoopParticipantSessionReporter()
)

func (k kind) start(who identity) object {
	const country, standard = "", livekit.ParticipantInfo_STANDARD
	if k == stockKind {
		return stockObject{rtc.NewBytesTrackStats(country, who.track, who.participant, standard, nil, listener, reporter)}
	}
	return ownObject{lkstats.NewBytesTrackStats(country, who.track, who.participant, standard, nil, listener, reporter)}
}
