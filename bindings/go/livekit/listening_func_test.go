// SPDX-License-Identifier: Apache-2.0

//go:build livekit_listener_func

package livekit

import (
	"testing"

	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// What this is compiled with, and what a listener is then: Listener is that type, and none of its own.
const (
	theTag           = "livekit_listener_func"
	listenerOfTheTag = "func() types.ParticipantTelemetryListener"
)

// The signature of v1.13.6.
var _ func(string, livekit.TrackID, livekit.ParticipantID, livekit.ParticipantInfo_Kind, []livekit.ParticipantInfo_KindDetail,
	func() types.ParticipantTelemetryListener, roomobs.ParticipantSessionReporter) *BytesTrackStats = NewBytesTrackStats

// listening is a listener as a server from v1.13.6 on gives it.
func listening(to types.ParticipantTelemetryListener) Listener {
	return func() types.ParticipantTelemetryListener { return to }
}

// Given a participant that moves to another room, whose listener is another one, when windows end before, while there is no
// listener, and after, then each is told to whoever is asked for at that time, and to nobody in between.
func TestAWindowIsToldToWhoeverListensWhenItEnds(t *testing.T) {
	serveBoth(t, func(h host) {
		before, after := newWitness(), newWitness()
		var now types.ParticipantTelemetryListener = &before.listener
		track := h.newTrackStats("de", "DTR_PA_ana", "PA_ana", 0, nil, func() types.ParticipantTelemetryListener { return now },
			roomobs.NewNoopParticipantSessionReporter())

		track.AddBytes(1, true)
		h.windows()
		now = nil
		track.AddBytes(2, true)
		h.windows()
		now = &after.listener
		track.AddBytes(4, true)
		track.Stop()
		h.windows()

		before.mustHaveTold(t, "before the move", event{what: "sent", participant: "PA_ana", track: "DTR_PA_ana", country: "de", bytes: 1, messages: 1})
		after.mustHaveTold(t, "after it", event{what: "sent", participant: "PA_ana", track: "DTR_PA_ana", country: "de", bytes: 4, messages: 1})
		mustTotal(t, track, lkstats.Traffic{SendBytes: 7, SendMessages: 3})
	})
}
